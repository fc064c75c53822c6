#include <string.h>

#include "dsl/ast_build.h"

void ast_set_clause(struct parser *p, struct ast_clauses *clauses, struct clause clause) {
    char *place = (char *)clauses + clause.offset;
    size_t size = clause.node ? sizeof clause.node : sizeof clause.span;
    ast_once(p, ast_is_said(place, size), clause.span);
    memcpy(place, clause.node ? (const void *)&clause.node : (const void *)&clause.span, size);
}

/* --- stages --- */

struct ast_stage *ast_stage(struct parser *p, enum ast_stage_kind kind, struct span word) {
    struct ast_stage stage = { .kind = kind, .span = word, .word = word };
    return ast_keep(p, &stage, sizeof stage);
}

struct ast_stage *ast_items_stage(struct parser *p, enum ast_stage_kind kind, struct span word,
                                  struct ast_items items) {
    struct ast_stage *stage = ast_stage(p, kind, word);
    stage->items = items;
    return stage;
}

struct ast_stage *ast_explode(struct parser *p, struct span word, struct ast_name name,
                              struct ast_expr *list) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_EXPLODE, word);
    stage->explode.name = name;
    stage->explode.list = list;
    return stage;
}

struct ast_stage *ast_time(struct parser *p, struct span word, struct ast_expr *expr,
                           struct ast_watermark *watermark) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_TIME, word);
    stage->time.expr = expr;
    stage->time.watermark = watermark;
    return stage;
}

struct ast_stage *ast_grouping(struct parser *p, enum ast_stage_kind kind, struct span word,
                               struct ast_items items, struct ast_keep *keep) {
    struct ast_stage *stage = ast_stage(p, kind, word);
    stage->aggregate.items = items;
    stage->aggregate.keep = keep;
    return stage;
}

struct ast_stage *ast_pick(struct parser *p, enum ast_stage_kind kind, struct span word,
                           struct ast_orders by, struct ast_expr *delete_when,
                           struct ast_keep *keep) {
    struct ast_stage *stage = ast_stage(p, kind, word);
    stage->pick.by = by;
    stage->pick.delete_when = delete_when;
    stage->pick.keep = keep;
    return stage;
}

/* The unit of `over N rows`, which has no extent if it was left out. */
enum ast_over_kind ast_over_unit(struct span rows) {
    return rows.end > rows.start ? AST_OVER_ROWS : AST_OVER_TIME;
}

struct ast_stage *ast_over(struct parser *p, struct span word, enum ast_over_kind kind,
                           struct ast_const *size, struct ast_items items) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_OVER, word);
    stage->over.kind = kind;
    stage->over.size = size;
    stage->over.items = items;
    return stage;
}

struct ast_stage *ast_hold(struct parser *p, struct span word, struct ast_expr *until,
                           struct ast_late late) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_HOLD, word);
    stage->hold.until = until;
    stage->hold.late = late;
    return stage;
}

struct ast_stage *ast_join(struct parser *p, struct span word, enum ast_join_kind kind,
                           struct ast_operand right, struct ast_expr *on) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_JOIN, word);
    stage->join.kind = kind;
    stage->join.right = right;
    stage->join.on = on;
    return stage;
}

struct ast_stage *ast_lookup(struct parser *p, struct span word, bool left, struct ast_name table,
                             struct ast_name alias, struct ast_expr *on) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_LOOKUP, word);
    stage->lookup.left = left;
    stage->lookup.table = table;
    stage->lookup.alias = alias;
    stage->lookup.on = on;
    return stage;
}

struct ast_stage *ast_match_stage(struct parser *p, struct span word, struct ast_match *match,
                                  struct ast_steps steps, struct ast_items items) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_MATCH, word);
    stage->match = match;
    match->steps = steps;
    match->items = items;
    return stage;
}

struct ast_stage *ast_on(struct parser *p, struct span word, enum ast_place place,
                         struct ast_const *number) {
    struct ast_stage *stage = ast_stage(p, AST_STAGE_ON, word);
    stage->on.place = place;
    stage->on.number = number;
    return stage;
}

/* --- match and process --- */

struct ast_step ast_repeat(u64 min, u64 max) {
    return (struct ast_step){ .repeat_min = min, .repeat_max = max };
}

struct ast_step ast_not_step(struct span span, struct ast_name name, struct ast_expr *where) {
    struct ast_step step = ast_repeat(1, 1);
    step.span = span;
    step.is_not = true;
    step.name = name;
    step.where = where;
    return step;
}

struct ast_handler ast_handler(enum ast_handler_kind kind, struct span span, struct ast_name timer,
                               struct ast_block block) {
    return (struct ast_handler){ .kind = kind, .span = span, .timer = timer, .block = block };
}

static struct ast_stmt *new_stmt(struct parser *p, enum ast_stmt_kind kind, struct span span) {
    struct ast_stmt stmt = { .kind = kind, .span = span };
    return ast_keep(p, &stmt, sizeof stmt);
}

struct ast_block ast_block_of(struct parser *p, struct ast_stmt *stmt) {
    struct ast_block block = { .span = stmt->span };
    ast_push(p, &block, &stmt, sizeof stmt);
    return block;
}

struct ast_stmt *ast_assign(struct parser *p, struct span span, struct ast_name name,
                            struct ast_expr *index, enum ast_assign op, struct ast_expr *value) {
    struct ast_stmt *stmt = new_stmt(p, AST_STMT_ASSIGN, span);
    stmt->assign.name = name;
    stmt->assign.index = index;
    stmt->assign.op = op;
    stmt->assign.value = value;
    return stmt;
}

struct ast_stmt *ast_call_stmt(struct parser *p, struct span span, struct ast_name name,
                               struct ast_exprs args) {
    struct ast_stmt *stmt = new_stmt(p, AST_STMT_CALL, span);
    stmt->call.name = name;
    stmt->call.args = args;
    return stmt;
}

struct ast_stmt *ast_let_stmt(struct parser *p, struct span span, struct ast_name name,
                              struct ast_expr *value) {
    struct ast_stmt *stmt = new_stmt(p, AST_STMT_LET, span);
    stmt->let.name = name;
    stmt->let.value = value;
    return stmt;
}

struct ast_stmt *ast_emit(struct parser *p, struct span span, struct ast_record record,
                          struct ast_name into) {
    struct ast_stmt *stmt = new_stmt(p, AST_STMT_EMIT, span);
    stmt->emit.record = record;
    stmt->emit.into = into;
    return stmt;
}

struct ast_stmt *ast_timer(struct parser *p, struct span span, struct ast_name name,
                           struct ast_expr *at) {
    struct ast_stmt *stmt = new_stmt(p, at ? AST_STMT_TIMER : AST_STMT_CANCEL, span);
    stmt->timer.name = name;
    stmt->timer.at = at;
    return stmt;
}

struct ast_stmt *ast_if_stmt(struct parser *p, struct span span, struct ast_expr *condition,
                             struct ast_block then, struct ast_block otherwise) {
    struct ast_stmt *stmt = new_stmt(p, AST_STMT_IF, span);
    stmt->choice.condition = condition;
    stmt->choice.then = then;
    stmt->choice.otherwise = otherwise;
    return stmt;
}

struct ast_stmt *ast_for(struct parser *p, struct span span, struct ast_name name,
                         struct ast_expr *list, struct ast_block block) {
    struct ast_stmt *stmt = new_stmt(p, AST_STMT_FOR, span);
    stmt->loop.name = name;
    stmt->loop.list = list;
    stmt->loop.block = block;
    return stmt;
}

/* --- declarations --- */

static struct ast_decl *new_decl(struct parser *p, enum ast_decl_kind kind, struct span span,
                                 struct ast_name name) {
    struct ast_decl decl = { .kind = kind, .span = span, .name = name };
    return ast_keep(p, &decl, sizeof decl);
}

static const struct ast_name no_name;

struct ast_decl *ast_use(struct parser *p, struct span span, struct str path,
                         struct span path_span) {
    struct ast_decl *decl = new_decl(p, AST_DECL_USE, span, no_name);
    decl->use.path = path;
    decl->use.span = path_span;
    return decl;
}

struct ast_decl *ast_set(struct parser *p, struct span span, struct ast_name name,
                         struct ast_expr *literal) {
    struct ast_decl *decl = new_decl(p, AST_DECL_SET, span, name);
    decl->set = literal;
    return decl;
}

struct ast_decl *ast_param(struct parser *p, struct span span, struct ast_name name,
                           struct ast_type *type, struct ast_expr *initial) {
    struct ast_decl *decl = new_decl(p, AST_DECL_PARAM, span, name);
    decl->param.type = type;
    decl->param.initial = initial;
    return decl;
}

struct ast_decl *ast_enum(struct parser *p, struct span span, struct ast_name name,
                          struct ast_names members) {
    struct ast_decl *decl = new_decl(p, AST_DECL_ENUM, span, name);
    decl->members = members;
    return decl;
}

struct ast_decl *ast_named_type(struct parser *p, struct span span, struct ast_name name,
                                struct ast_type *type) {
    struct ast_decl *decl = new_decl(p, AST_DECL_TYPE, span, name);
    decl->type = type;
    return decl;
}

struct ast_decl *ast_fn(struct parser *p, struct span span, struct ast_name name,
                        struct ast_fields params, struct ast_type *result, struct ast_expr *body) {
    struct ast_decl *decl = new_decl(p, AST_DECL_FN, span, name);
    decl->fn.params = params;
    decl->fn.result = result;
    decl->fn.body = body;
    return decl;
}

struct ast_decl *ast_extern(struct parser *p, struct span span, struct ast_name name,
                            struct ast_fields params, struct ast_type *result, struct str from,
                            struct span from_span) {
    struct ast_decl *decl = new_decl(p, AST_DECL_EXTERN, span, name);
    decl->fn.params = params;
    decl->fn.result = result;
    decl->fn.from = from;
    decl->fn.from_span = from_span;
    return decl;
}

struct ast_decl *ast_own_aggregate(struct parser *p, struct span span, struct ast_name name,
                                   struct ast_fields params, struct ast_type *type,
                                   struct ast_aggregate *aggregate) {
    struct ast_decl *decl = new_decl(p, AST_DECL_AGGREGATE, span, name);
    aggregate->params = params;
    aggregate->type = type;
    decl->aggregate = aggregate;
    return decl;
}

struct ast_decl *ast_source(struct parser *p, struct span span, struct ast_name name,
                            struct ast_type *type, struct ast_call *call,
                            struct ast_clauses *clauses) {
    struct ast_decl *decl = new_decl(p, AST_DECL_SOURCE, span, name);
    decl->source.type = type;
    decl->source.call = call;
    decl->source.clauses = clauses;
    return decl;
}

struct ast_decl *ast_table(struct parser *p, struct span span, struct ast_name name,
                           struct ast_type *type, struct ast_names key, struct ast_call *call,
                           struct ast_clauses *clauses, struct ast_pipeline *pipeline) {
    struct ast_decl *decl = new_decl(p, AST_DECL_TABLE, span, name);
    decl->table.type = type;
    decl->table.key = key;
    decl->table.call = call;
    decl->table.clauses = clauses;
    decl->table.pipeline = pipeline;
    return decl;
}

struct ast_decl *ast_stream(struct parser *p, struct span span, struct ast_name name,
                            struct ast_name was, struct ast_pipeline *pipeline) {
    struct ast_decl *decl = new_decl(p, AST_DECL_STREAM, span, name);
    decl->stream.was = was;
    decl->stream.pipeline = pipeline;
    return decl;
}

struct ast_decl *ast_unnamed(struct parser *p, struct span span, struct ast_pipeline *pipeline) {
    struct ast_decl *decl = new_decl(p, AST_DECL_PIPELINE, span, no_name);
    decl->pipeline = pipeline;
    return decl;
}

struct ast_decl *ast_test(struct parser *p, struct span span, struct str title,
                          struct ast_test_steps steps) {
    struct ast_decl *decl = new_decl(p, AST_DECL_TEST, span, no_name);
    decl->test.title = title;
    decl->test.steps = steps;
    return decl;
}
