#include "dsl/ast_print.h"

#include <inttypes.h>

#include "dsl/parse.h"

struct printer {
    struct text_buf *to;
    u32 indent;
};

/* A line begins; the writer puts what is on it and ends it. */
static struct text_buf *begin(struct printer *p, const char *word) {
    for (u32 i = 0; i < p->indent; i++) text_buf_str(p->to, "  ");
    text_buf_str(p->to, word);
    return p->to;
}

static void end(struct printer *p) { text_buf_str(p->to, "\n"); }

static void put_word(struct printer *p, const char *word) {
    begin(p, word);
    end(p);
}

/* What may be left out is no line then. */
static void put_named(struct printer *p, const char *word, struct ast_name name) {
    if (!name.text) return;
    ast_put_name(begin(p, word), name.text);
    end(p);
}

static void put_const(struct printer *p, const char *word, const struct ast_const *value) {
    if (!value) return;
    ast_put_const(begin(p, word), value);
    end(p);
}

static void put_expr(struct printer *p, const char *word, const struct ast_expr *expr) {
    if (!expr) return;
    ast_put_expr(begin(p, word), expr);
    end(p);
}

static void put_type(struct printer *p, const char *word, const struct ast_type *type) {
    if (!type) return;
    ast_put_type(begin(p, word), type);
    end(p);
}

static void put_flag(struct printer *p, const char *word, struct span span) {
    if (span_is_somewhere(span)) put_word(p, word);
}

static void put_items(struct printer *p, const char *word, struct ast_items items) {
    put_word(p, word);
    p->indent++;
    for (u32 i = 0; i < items.count; i++) {
        ast_put_item(begin(p, ""), &items.at[i]);
        end(p);
    }
    p->indent--;
}

static void put_names(struct printer *p, const char *word, struct ast_names names) {
    struct text_buf *to = begin(p, word);
    for (u32 i = 0; i < names.count; i++) {
        if (i > 0) text_buf_str(to, ", ");
        ast_put_name(to, names.at[i].text);
    }
    end(p);
}

static void put_orders(struct printer *p, struct ast_orders orders) {
    if (orders.count == 0) return;
    struct text_buf *to = begin(p, "by ");
    for (u32 i = 0; i < orders.count; i++) {
        if (i > 0) text_buf_str(to, ", ");
        ast_put_expr(to, orders.at[i].expr);
        if (orders.at[i].descending) text_buf_str(to, " desc");
    }
    end(p);
}

/* --- clauses --- */

static void put_keep(struct printer *p, const struct ast_keep *keep) {
    if (!keep) return;
    struct text_buf *to = begin(p, "keep ");
    if (keep->time) ast_put_const(to, keep->time);
    else text_buf_str(to, "forever");
    if (keep->wall) text_buf_str(to, " wall");
    end(p);
}

static void put_late(struct printer *p, const struct ast_late *late) {
    if (!late->into.text) return;
    ast_put_name(begin(p, "late into "), late->into.text);
    if (late->into_right.text) {
        text_buf_str(p->to, ", ");
        ast_put_name(p->to, late->into_right.text);
    }
    end(p);
}

static void put_call(struct printer *p, const char *word, const struct ast_call *call) {
    put_named(p, word, call->name);
    p->indent++;
    for (u32 i = 0; i < call->options.count; i++) {
        const struct ast_option *option = &call->options.at[i];
        struct text_buf *to = begin(p, "");
        if (option->name.text) {
            ast_put_name(to, option->name.text);
            text_buf_str(to, ": ");
        }
        ast_put_expr(to, option->value);
        end(p);
    }
    p->indent--;
}

static void put_watermark(struct printer *p, const struct ast_watermark *watermark) {
    if (!watermark) return;
    switch (watermark->kind) {
    case AST_WATERMARK_LAG: put_const(p, "watermark lag ", watermark->lag); break;
    case AST_WATERMARK_ASCENDING: put_word(p, "watermark ascending"); break;
    case AST_WATERMARK_ON: put_expr(p, "watermark on ", watermark->on); break;
    case AST_WATERMARK_AT_END: put_word(p, "watermark at end"); break;
    }
}

static void put_patience(struct printer *p, const char *word, const struct ast_patience *patience) {
    if (!patience) return;
    struct text_buf *to = begin(p, word);
    if (patience->after) ast_put_const(to, patience->after);
    else text_buf_str(to, "never");
    if (patience->flush) text_buf_str(to, " flush");
    end(p);
}

static void put_fate(struct printer *p, const char *word, const struct ast_fate *fate) {
    if (!fate) return;
    struct text_buf *to = begin(p, word);
    switch (fate->kind) {
    case AST_FATE_FAIL: text_buf_str(to, "fail"); break;
    case AST_FATE_SKIP: text_buf_str(to, "skip"); break;
    case AST_FATE_INTO:
        text_buf_str(to, "into ");
        ast_put_name(to, fate->into.text);
        break;
    }
    end(p);
}

static void put_clauses(struct printer *p, const struct ast_clauses *clauses) {
    put_expr(p, "time ", clauses->time);
    put_flag(p, "wall time", clauses->wall_time);
    put_watermark(p, clauses->watermark);
    put_patience(p, "idle ", clauses->idle);
    put_patience(p, "ahead ", clauses->ahead);
    put_fate(p, "malformed ", clauses->malformed);
    put_const(p, "reload ", clauses->reload);
    put_expr(p, "delete when ", clauses->delete_when);
    put_flag(p, "remote", clauses->remote);
    put_flag(p, "unordered", clauses->unordered);
    put_const(p, "capacity ", clauses->capacity);
    put_const(p, "timeout ", clauses->timeout);
    put_const(p, "retry ", clauses->retry);
    put_const(p, "cache ", clauses->cache);
    put_fate(p, "failed ", clauses->failed);
}

/* --- windows --- */

static const char *window_text(const struct ast_window *window) {
    static const char *const calendar[] = { "window tumbling day", "window tumbling week",
                                            "window tumbling month", "window tumbling year" };
    switch (window->kind) {
    case AST_WINDOW_TUMBLING: return "window tumbling ";
    case AST_WINDOW_CALENDAR: return calendar[window->unit];
    case AST_WINDOW_SLIDING: return "window sliding ";
    case AST_WINDOW_SESSION: return "window session ";
    case AST_WINDOW_GLOBAL: return "window global";
    case AST_WINDOW_SAME: return "window same";
    case AST_WINDOW_ROWS: return "window rows ";
    }
    return NULL;
}

static void put_trigger(struct printer *p, const struct ast_trigger *trigger) {
    struct text_buf *to = begin(p, trigger->late ? "emit late every " : "emit early every ");
    if (trigger->every) ast_put_const(to, trigger->every);
    switch (trigger->unit) {
    case AST_EVERY_TIME: break;
    case AST_EVERY_WALL: text_buf_str(to, " wall"); break;
    case AST_EVERY_ROWS: text_buf_str(to, " rows"); break;
    case AST_EVERY_ROW: text_buf_str(to, "row"); break;
    }
    end(p);
}

static void put_window(struct printer *p, const struct ast_window *window) {
    struct text_buf *to = begin(p, window_text(window));
    if (window->size) ast_put_const(to, window->size);
    if (window->every) {
        text_buf_str(to, " every ");
        ast_put_const(to, window->every);
    }
    if (window->zone) {
        text_buf_str(to, " zone ");
        ast_put_expr(to, window->zone);
    }
    end(p);
    p->indent++;
    put_flag(p, "wall", window->wall);
    put_const(p, "offset ", window->offset);
    put_const(p, "lateness ", window->lateness);
    put_late(p, &window->late);
    for (u32 i = 0; i < window->triggers.count; i++) put_trigger(p, &window->triggers.at[i]);
    switch (window->mode) {
    case AST_MODE_DEFAULT: break;
    case AST_ACCUMULATING: put_word(p, "accumulating"); break;
    case AST_DISCARDING: put_word(p, "discarding"); break;
    case AST_RETRACTING: put_word(p, "retracting"); break;
    }
    p->indent--;
}

/* --- process, own aggregates, match --- */

static void put_block(struct printer *p, struct ast_block block);

static void put_assign(struct printer *p, const struct ast_stmt *stmt) {
    static const char *const ops[] = { " = ", " += ", " -= " };
    struct text_buf *to = begin(p, "");
    ast_put_name(to, stmt->assign.name.text);
    if (stmt->assign.index) {
        text_buf_str(to, "[");
        ast_put_expr(to, stmt->assign.index);
        text_buf_str(to, "]");
    }
    text_buf_str(to, ops[stmt->assign.op]);
    ast_put_expr(to, stmt->assign.value);
    end(p);
}

static void put_timer(struct printer *p, const struct ast_stmt *stmt) {
    struct text_buf *to = begin(p, stmt->timer.at ? "timer" : "cancel timer");
    if (stmt->timer.name.text) {
        text_buf_str(to, " ");
        ast_put_name(to, stmt->timer.name.text);
    }
    if (stmt->timer.at) {
        text_buf_str(to, " at ");
        ast_put_expr(to, stmt->timer.at);
    }
    end(p);
}

static void put_stmt(struct printer *p, const struct ast_stmt *stmt) {
    switch (stmt->kind) {
    case AST_STMT_ASSIGN: put_assign(p, stmt); break;
    case AST_STMT_CALL:
        ast_put_name(begin(p, "call "), stmt->call.name.text);
        text_buf_str(p->to, "(");
        ast_put_exprs(p->to, stmt->call.args);
        text_buf_str(p->to, ")\n");
        break;
    case AST_STMT_LET:
        ast_put_name(begin(p, "let "), stmt->let.name.text);
        text_buf_str(p->to, " = ");
        ast_put_expr(p->to, stmt->let.value);
        end(p);
        break;
    case AST_STMT_EMIT:
        put_items(p, "emit", stmt->emit.record.items);
        p->indent++;
        put_named(p, "into ", stmt->emit.into);
        p->indent--;
        break;
    case AST_STMT_TIMER:
    case AST_STMT_CANCEL: put_timer(p, stmt); break;
    case AST_STMT_IF:
        put_expr(p, "if ", stmt->choice.condition);
        put_block(p, stmt->choice.then);
        if (!span_is_somewhere(stmt->choice.otherwise.span)) break;
        put_word(p, "else");
        put_block(p, stmt->choice.otherwise);
        break;
    case AST_STMT_FOR:
        ast_put_name(begin(p, "for "), stmt->loop.name.text);
        text_buf_str(p->to, " in ");
        ast_put_expr(p->to, stmt->loop.list);
        end(p);
        put_block(p, stmt->loop.block);
        break;
    }
}

static void put_block(struct printer *p, struct ast_block block) {
    p->indent++;
    for (u32 i = 0; i < block.count; i++) put_stmt(p, block.at[i]);
    p->indent--;
}

static void put_named_block(struct printer *p, const char *word, struct ast_block block) {
    if (!span_is_somewhere(block.span)) return;
    put_word(p, word);
    put_block(p, block);
}

static void put_states(struct printer *p, struct ast_states states) {
    for (u32 i = 0; i < states.count; i++) {
        const struct ast_state *state = &states.at[i];
        ast_put_name(begin(p, "state "), state->name.text);
        text_buf_str(p->to, ": ");
        ast_put_type(p->to, state->type);
        if (state->initial) {
            text_buf_str(p->to, " = ");
            ast_put_expr(p->to, state->initial);
        }
        end(p);
        p->indent++;
        put_named(p, "was ", state->was);
        put_keep(p, state->keep);
        put_const(p, "max ", state->max);
        p->indent--;
    }
}

static void put_process(struct printer *p, const struct ast_process *process) {
    put_states(p, process->states);
    for (u32 i = 0; i < process->handlers.count; i++) {
        const struct ast_handler *handler = &process->handlers.at[i];
        struct text_buf *to = begin(p, handler->kind == AST_ON_EVENT ? "on event" : "on timer");
        if (handler->timer.text) {
            text_buf_str(to, " ");
            ast_put_name(to, handler->timer.text);
        }
        if (span_is_somewhere(handler->wall)) text_buf_str(to, " wall");
        end(p);
        put_block(p, handler->block);
    }
}

static void put_step(struct printer *p, const struct ast_step *step) {
    static const char *const links[] = { "step ", "then ", "next " };
    struct text_buf *to = begin(p, links[step->link]);
    if (step->is_not) text_buf_str(to, "not ");
    ast_put_name(to, step->name.text);
    if (step->repeated && step->repeat_max == AST_REPEAT_OPEN)
        text_buf_printf(to, " {%" PRIu64 ",}", step->repeat_min);
    else if (step->repeated)
        text_buf_printf(to, " {%" PRIu64 ",%" PRIu64 "}", step->repeat_min, step->repeat_max);
    end(p);
    p->indent++;
    put_expr(p, "where ", step->where);
    p->indent--;
}

static void put_match(struct printer *p, const struct ast_match *match) {
    for (u32 i = 0; i < match->steps.count; i++) put_step(p, &match->steps.at[i]);
    put_const(p, "within ", match->within);
    switch (match->skip) {
    case AST_SKIP_DEFAULT: break;
    case AST_SKIP_PAST_LAST: put_word(p, "skip past last"); break;
    case AST_SKIP_TO_NEXT: put_word(p, "skip to next"); break;
    case AST_SKIP_TO_FIRST: put_named(p, "skip to first ", match->skip_to); break;
    case AST_SKIP_TO_LAST: put_named(p, "skip to last ", match->skip_to); break;
    }
    put_named(p, "timeout into ", match->timeout_into);
    put_late(p, &match->late);
    put_keep(p, match->keep);
    put_items(p, "select", match->items);
}

/* --- pipelines --- */

static void put_pipeline(struct printer *p, const struct ast_pipeline *pipeline);

static void put_operand(struct printer *p, const char *word, const struct ast_operand *operand) {
    struct text_buf *to = begin(p, word);
    if (operand->name.text) ast_put_name(to, operand->name.text);
    else text_buf_str(to, "( )");
    if (operand->alias.text) {
        text_buf_str(to, " as ");
        ast_put_name(to, operand->alias.text);
    }
    end(p);
    if (!operand->pipeline) return;
    p->indent++;
    put_pipeline(p, operand->pipeline);
    p->indent--;
}

static const char *join_text(enum ast_join_kind kind) {
    switch (kind) {
    case AST_JOIN_INNER: return "join ";
    case AST_JOIN_LEFT: return "left join ";
    case AST_JOIN_RIGHT: return "right join ";
    case AST_JOIN_FULL: return "full join ";
    case AST_JOIN_SEMI: return "semi join ";
    case AST_JOIN_ANTI: return "anti join ";
    case AST_JOIN_ASOF: return "asof join ";
    case AST_JOIN_LEFT_ASOF: return "left asof join ";
    }
    return NULL;
}

static void put_lookup(struct printer *p, const struct ast_stage *stage) {
    ast_put_name(begin(p, stage->lookup.left ? "left lookup " : "lookup "),
                 stage->lookup.table.text);
    if (stage->lookup.alias.text) {
        text_buf_str(p->to, " as ");
        ast_put_name(p->to, stage->lookup.alias.text);
    }
    end(p);
}

static void put_over(struct printer *p, const struct ast_stage *stage) {
    switch (stage->over.kind) {
    case AST_OVER_ALL: put_word(p, "over all"); break;
    case AST_OVER_TIME: put_const(p, "over ", stage->over.size); break;
    case AST_OVER_ROWS: put_const(p, "over rows ", stage->over.size); break;
    }
    p->indent++;
    put_items(p, "let", stage->over.items);
    p->indent--;
}

/* A stage and what it makes. */
static void put_stage(struct printer *p, const struct ast_stage *stage) {
    switch (stage->kind) {
    case AST_STAGE_WHERE: put_expr(p, "where ", stage->where); break;
    case AST_STAGE_SELECT: put_items(p, "select", stage->items); break;
    case AST_STAGE_LET: put_items(p, "let", stage->items); break;
    case AST_STAGE_RENAME: put_items(p, "rename", stage->items); break;
    case AST_STAGE_DROP: put_names(p, "drop ", stage->drop); break;
    case AST_STAGE_EXPLODE: put_named(p, "explode ", stage->explode.name); break;
    case AST_STAGE_TIME: put_expr(p, "time ", stage->time.expr); break;
    case AST_STAGE_KEY: put_items(p, "key by", stage->items); break;
    case AST_STAGE_WINDOW: put_window(p, stage->window); break;
    case AST_STAGE_AGGREGATE:
        put_items(p, "aggregate", stage->aggregate.items);
        break;
    case AST_STAGE_REDUCE: put_items(p, "reduce", stage->aggregate.items); break;
    case AST_STAGE_DISTINCT: put_items(p, "distinct", stage->aggregate.items); break;
    case AST_STAGE_TOP: put_const(p, "top ", stage->top.count); break;
    case AST_STAGE_FIRST: put_word(p, "first"); break;
    case AST_STAGE_LAST: put_word(p, "last"); break;
    case AST_STAGE_OVER: put_over(p, stage); break;
    case AST_STAGE_UNION: put_word(p, "union"); break;
    case AST_STAGE_HOLD: put_expr(p, "hold until ", stage->hold.until); break;
    case AST_STAGE_CHANGES: put_word(p, "changes"); break;
    case AST_STAGE_JOIN: put_operand(p, join_text(stage->join.kind), &stage->join.right); break;
    case AST_STAGE_LOOKUP: put_lookup(p, stage); break;
    case AST_STAGE_PROCESS: put_word(p, "process"); break;
    case AST_STAGE_MATCH: put_word(p, "match"); break;
    case AST_STAGE_PARALLEL: put_const(p, "parallel ", stage->parallel); break;
    case AST_STAGE_ON:
        put_const(p, stage->on.place == AST_PLACE_CORE ? "on core " : "on node ", stage->on.number);
        break;
    case AST_STAGE_BREAK: put_word(p, "break"); break;
    case AST_STAGE_INTO: put_call(p, "into ", stage->into); break;
    }
}

/* And its clauses. */
static void put_stage_clauses(struct printer *p, const struct ast_stage *stage) {
    switch (stage->kind) {
    case AST_STAGE_EXPLODE: put_expr(p, "list ", stage->explode.list); break;
    case AST_STAGE_TIME: put_watermark(p, stage->time.watermark); break;
    case AST_STAGE_AGGREGATE:
    case AST_STAGE_REDUCE:
    case AST_STAGE_DISTINCT: put_keep(p, stage->aggregate.keep); break;
    case AST_STAGE_TOP:
        put_flag(p, "with ties", stage->top.with_ties);
        put_named(p, "as ", stage->top.rank);
        put_orders(p, stage->top.by);
        put_keep(p, stage->top.keep);
        break;
    case AST_STAGE_FIRST:
    case AST_STAGE_LAST:
        put_orders(p, stage->pick.by);
        put_expr(p, "delete when ", stage->pick.delete_when);
        put_keep(p, stage->pick.keep);
        break;
    case AST_STAGE_OVER:
        put_keep(p, stage->over.keep);
        put_late(p, &stage->over.late);
        break;
    case AST_STAGE_UNION:
        for (u32 i = 0; i < stage->with.count; i++) put_operand(p, "with ", &stage->with.at[i]);
        break;
    case AST_STAGE_HOLD: put_late(p, &stage->hold.late); break;
    case AST_STAGE_JOIN:
        put_expr(p, "on ", stage->join.on);
        put_flag(p, "same window", stage->join.same_window);
        put_keep(p, stage->join.keep);
        put_late(p, &stage->join.late);
        break;
    case AST_STAGE_LOOKUP: put_expr(p, "on ", stage->lookup.on); break;
    case AST_STAGE_PROCESS: put_process(p, stage->process); break;
    case AST_STAGE_MATCH: put_match(p, stage->match); break;
    case AST_STAGE_WHERE:
    case AST_STAGE_SELECT:
    case AST_STAGE_LET:
    case AST_STAGE_RENAME:
    case AST_STAGE_DROP:
    case AST_STAGE_KEY:
    case AST_STAGE_WINDOW:
    case AST_STAGE_CHANGES:
    case AST_STAGE_PARALLEL:
    case AST_STAGE_ON:
    case AST_STAGE_BREAK:
    case AST_STAGE_INTO: break;
    }
}

static void put_pipeline(struct printer *p, const struct ast_pipeline *pipeline) {
    put_operand(p, "from ", &pipeline->head);
    for (u32 i = 0; i < pipeline->stages.count; i++) {
        const struct ast_stage *stage = pipeline->stages.at[i];
        put_stage(p, stage);
        p->indent++;
        put_stage_clauses(p, stage);
        p->indent--;
    }
}

/* --- tests --- */

static void put_rows(struct printer *p, const struct ast_test_step *step) {
    p->indent++;
    for (u32 i = 0; i < step->rows.count; i++) {
        ast_put_items(begin(p, "{ "), step->rows.at[i].items);
        text_buf_str(p->to, " }\n");
    }
    p->indent--;
}

static void put_test_step(struct printer *p, const struct ast_test_step *step) {
    static const char *const expects[] = { "expect ", "expect ordered ", "expect final " };
    switch (step->kind) {
    case AST_TEST_GIVEN: put_named(p, "given ", step->name); break;
    case AST_TEST_WATERMARK:
        ast_put_name(begin(p, "watermark "), step->name.text);
        text_buf_str(p->to, " ");
        ast_put_time(p->to, step->watermark_ns);
        end(p);
        break;
    case AST_TEST_ADVANCE: put_const(p, "advance ", step->by); break;
    case AST_TEST_RESTART: put_word(p, "restart"); break;
    case AST_TEST_END: put_word(p, "end"); break;
    case AST_TEST_EXPECT: put_named(p, expects[step->expect], step->name); break;
    }
    put_rows(p, step);
}

/* --- declarations --- */

static void put_text(struct printer *p, const char *word, struct str text) {
    ast_put_string(begin(p, word), text);
    end(p);
}

static void put_fields(struct printer *p, const char *word, struct ast_fields fields) {
    for (u32 i = 0; i < fields.count; i++) {
        ast_put_name(begin(p, word), fields.at[i].name.text);
        put_type(&(struct printer){ .to = p->to }, ": ", fields.at[i].type);
    }
}

static void put_aggregate(struct printer *p, const struct ast_aggregate *aggregate) {
    put_fields(p, "param ", aggregate->params);
    put_type(p, "type ", aggregate->type);
    put_states(p, aggregate->states);
    put_named_block(p, "add", aggregate->add);
    put_named_block(p, "merge", aggregate->merge);
    put_named_block(p, "retract", aggregate->retract);
    put_expr(p, "result ", aggregate->result);
}

static const char *decl_text(enum ast_decl_kind kind) {
    switch (kind) {
    case AST_DECL_USE: return "use ";
    case AST_DECL_SET: return "set ";
    case AST_DECL_PARAM: return "param ";
    case AST_DECL_ENUM: return "enum ";
    case AST_DECL_TYPE: return "type ";
    case AST_DECL_FN: return "fn ";
    case AST_DECL_EXTERN: return "extern fn ";
    case AST_DECL_AGGREGATE: return "aggregate ";
    case AST_DECL_SOURCE: return "source ";
    case AST_DECL_TABLE: return "table ";
    case AST_DECL_STREAM: return "stream ";
    case AST_DECL_PIPELINE: return "pipeline";
    case AST_DECL_TEST: return "test ";
    }
    return NULL;
}

static void put_fn(struct printer *p, const struct ast_decl *decl) {
    put_fields(p, "param ", decl->fn.params);
    put_type(p, "type ", decl->fn.result);
    put_expr(p, "body ", decl->fn.body);
    if (decl->kind == AST_DECL_EXTERN) put_text(p, "from ", decl->fn.from);
}

static void put_table(struct printer *p, const struct ast_decl *decl) {
    put_type(p, "type ", decl->table.type);
    put_names(p, "key ", decl->table.key);
    if (decl->table.call) put_call(p, "call ", decl->table.call);
    if (decl->table.clauses) put_clauses(p, decl->table.clauses);
    if (decl->table.pipeline) put_pipeline(p, decl->table.pipeline);
}

/* What stands under the line of a declaration. */
static void put_decl_body(struct printer *p, const struct ast_decl *decl) {
    switch (decl->kind) {
    case AST_DECL_USE: break;
    case AST_DECL_SET: put_expr(p, "value ", decl->set); break;
    case AST_DECL_PARAM:
        put_type(p, "type ", decl->param.type);
        put_expr(p, "value ", decl->param.initial);
        break;
    case AST_DECL_ENUM: put_names(p, "members ", decl->members); break;
    case AST_DECL_TYPE:
        if (decl->type->kind == AST_TYPE_RECORD && !decl->type->nullable)
            put_fields(p, "", decl->type->record);
        else
            put_type(p, "type ", decl->type);
        break;
    case AST_DECL_FN:
    case AST_DECL_EXTERN: put_fn(p, decl); break;
    case AST_DECL_AGGREGATE: put_aggregate(p, decl->aggregate); break;
    case AST_DECL_SOURCE:
        put_type(p, "type ", decl->source.type);
        put_call(p, "call ", decl->source.call);
        put_clauses(p, decl->source.clauses);
        break;
    case AST_DECL_TABLE: put_table(p, decl); break;
    case AST_DECL_STREAM:
        put_named(p, "was ", decl->stream.was);
        put_pipeline(p, decl->stream.pipeline);
        break;
    case AST_DECL_PIPELINE: put_pipeline(p, decl->pipeline); break;
    case AST_DECL_TEST:
        for (u32 i = 0; i < decl->test.steps.count; i++) put_test_step(p, &decl->test.steps.at[i]);
        break;
    }
}

void ast_print(const struct ast_file *file, struct text_buf *to) {
    struct printer p = { .to = to };
    for (u32 i = 0; i < file->decls.count; i++) {
        const struct ast_decl *decl = file->decls.at[i];
        begin(&p, decl_text(decl->kind));
        if (decl->name.text) ast_put_name(to, decl->name.text);
        if (decl->kind == AST_DECL_USE) ast_put_string(to, decl->use.path);
        if (decl->kind == AST_DECL_TEST) ast_put_string(to, decl->test.title);
        end(&p);
        p.indent++;
        put_decl_body(&p, decl);
        p.indent--;
    }
}
