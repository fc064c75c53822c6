#include "dsl/ast_build.h"

#include <string.h>

/* Every list of the tree looks like this. Room doubles when the count is a power of two. */
struct list {
    char *at;
    u32 count;
};

void ast_push(struct parser *p, void *list, const void *item, size_t size) {
    struct list *l = list;
    if ((l->count & (l->count - 1)) == 0) {
        char *at = arena_alloc(p->arena, (l->count ? 2 * (size_t)l->count : 1) * size);
        if (l->count > 0) memcpy(at, l->at, l->count * size);
        l->at = at;
    }
    memcpy(l->at + l->count++ * size, item, size);
}

void *ast_keep(struct parser *p, const void *node, size_t size) {
    return memcpy(arena_alloc(p->arena, size), node, size);
}

struct ast_name ast_word(struct parser *p, struct span span) {
    return (struct ast_name){ arena_copy(p->arena, p->text->at + span.start, span.end - span.start),
                              span };
}

bool ast_is_said(const void *field, size_t size) {
    const char *bytes = field;
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return true;
    return false;
}

void ast_once(struct parser *p, bool said_before, struct span span) {
    if (!said_before) return;
    struct str words = text_of_span(&p->parse->texts, span);
    struct diag *diag = diag_error(&p->parse->diags, E0111, span, "said twice: `%.*s`",
                                   words.size > 60 ? 60 : (int)words.size, words.at);
    diag_help(&p->parse->diags, diag, "remove one of the two");
}

void ast_too_deep(struct parser *p, struct span span) {
    if (p->too_deep) return;
    p->too_deep = true;
    struct diag *diag = diag_error(&p->parse->diags, E0110, span, "nested too deeply");
    diag_help(&p->parse->diags, diag, "name a part of it with `let`, `fn` or `stream`");
}

/* --- types --- */

struct ast_type *ast_type(struct parser *p, enum ast_type_kind kind, struct span span) {
    return ast_keep(p, &(struct ast_type){ .kind = kind, .span = span }, sizeof(struct ast_type));
}

struct ast_type *ast_plain_type(struct parser *p, struct span span, const char *name) {
    struct ast_type *type = ast_type(p, AST_TYPE_NAMED, span);
    type->named.name = (struct ast_name){ name, span };
    return type;
}

struct ast_type *ast_sized_type(struct parser *p, struct span span, const char *name,
                                struct span name_span, u64 precision, u64 scale) {
    struct ast_type *type = ast_type(p, AST_TYPE_NAMED, span);
    type->named.name = (struct ast_name){ name, name_span };
    type->named.has_digits = true;
    type->named.precision = precision;
    type->named.scale = scale;
    return type;
}

struct ast_type *ast_list_type(struct parser *p, struct span span, struct ast_type *element) {
    struct ast_type *type = ast_type(p, AST_TYPE_LIST, span);
    type->element = element;
    return type;
}

struct ast_type *ast_map_type(struct parser *p, struct span span, struct ast_type *key,
                              struct ast_type *value) {
    struct ast_type *type = ast_type(p, AST_TYPE_MAP, span);
    type->map.key = key;
    type->map.value = value;
    return type;
}

struct ast_type *ast_record_type(struct parser *p, struct span span, struct ast_fields fields) {
    struct ast_type *type = ast_type(p, AST_TYPE_RECORD, span);
    type->record = fields;
    return type;
}

/* --- expressions --- */

struct ast_expr *ast_expr(struct parser *p, enum ast_expr_kind kind, struct span span) {
    struct ast_expr expr = { .kind = kind, .depth = 1, .span = span };
    return ast_keep(p, &expr, sizeof expr);
}

static void stand_above(struct ast_expr *expr, const struct ast_expr *below) {
    if (below && below->depth >= expr->depth) expr->depth = below->depth + 1;
}

static void stand_above_all(struct ast_expr *expr, struct ast_exprs list) {
    for (u32 i = 0; i < list.count; i++) stand_above(expr, list.at[i]);
}

/* What the builders return. A node that got too deep is cut: in its place stands a leaf, and the
   error keeps later passes away. */
static struct ast_expr *built(struct parser *p, struct ast_expr *expr) {
    if (expr->depth <= AST_DEPTH_MAX) return expr;
    ast_too_deep(p, expr->span);
    return ast_expr(p, AST_EXPR_NULL, expr->span);
}

struct ast_expr *ast_text(struct parser *p, struct span span, struct str string) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_STRING, span);
    expr->string = string;
    return expr;
}

struct ast_expr *ast_real(struct parser *p, struct span span, struct number number) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_FLOAT, span);
    expr->real.digits = number.digits;
    expr->real.value = number.value;
    return expr;
}

struct ast_expr *ast_field(struct parser *p, struct span span, struct ast_expr *of,
                           struct ast_name name) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_FIELD, span);
    expr->field.of = of;
    expr->field.name = name;
    stand_above(expr, of);
    return built(p, expr);
}

struct ast_expr *ast_index(struct parser *p, struct span span, struct ast_expr *of,
                           struct ast_expr *index) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_INDEX, span);
    expr->index.of = of;
    expr->index.index = index;
    stand_above(expr, of);
    stand_above(expr, index);
    return built(p, expr);
}

struct ast_expr *ast_unary(struct parser *p, struct span span, enum ast_unary op,
                           struct ast_expr *of) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_UNARY, span);
    expr->unary.op = op;
    expr->unary.of = of;
    stand_above(expr, of);
    return built(p, expr);
}

struct ast_expr *ast_binary(struct parser *p, enum ast_binary op, struct span op_span,
                            struct ast_expr *left, struct ast_expr *right) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_BINARY, span_join(left->span, right->span));
    expr->binary.op = op;
    expr->binary.op_span = op_span;
    expr->binary.left = left;
    expr->binary.right = right;
    stand_above(expr, left);
    stand_above(expr, right);
    return built(p, expr);
}

struct ast_expr *ast_cast(struct parser *p, struct span span, struct ast_expr *value,
                          struct ast_type *type) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_CAST, span);
    expr->cast.value = value;
    expr->cast.type = type;
    stand_above(expr, value);
    return built(p, expr);
}

struct ast_expr *ast_between(struct parser *p, bool is_not, struct ast_expr *value,
                             struct ast_expr *low, struct ast_expr *high) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_BETWEEN, span_join(value->span, high->span));
    expr->between.is_not = is_not;
    expr->between.value = value;
    expr->between.low = low;
    expr->between.high = high;
    stand_above(expr, value);
    stand_above(expr, low);
    stand_above(expr, high);
    return built(p, expr);
}

struct ast_expr *ast_in(struct parser *p, struct span span, bool is_not, struct ast_expr *value,
                        struct ast_exprs list) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_IN, span);
    expr->in.is_not = is_not;
    expr->in.value = value;
    expr->in.list = list;
    stand_above(expr, value);
    stand_above_all(expr, list);
    return built(p, expr);
}

struct ast_expr *ast_is_null(struct parser *p, struct span span, bool is_not,
                             struct ast_expr *value) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_IS_NULL, span);
    expr->is_null.is_not = is_not;
    expr->is_null.value = value;
    stand_above(expr, value);
    return built(p, expr);
}

struct ast_expr *ast_if(struct parser *p, struct span span, struct ast_expr *condition,
                        struct ast_expr *then, struct ast_expr *otherwise) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_IF, span);
    expr->choice.condition = condition;
    expr->choice.then = then;
    expr->choice.otherwise = otherwise;
    stand_above(expr, condition);
    stand_above(expr, then);
    stand_above(expr, otherwise);
    return built(p, expr);
}

struct ast_expr *ast_case(struct parser *p, struct span span, struct ast_whens whens,
                          struct ast_expr *otherwise) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_CASE, span);
    expr->cases.whens = whens;
    expr->cases.otherwise = otherwise;
    for (u32 i = 0; i < whens.count; i++) {
        stand_above(expr, whens.at[i].when);
        stand_above(expr, whens.at[i].then);
    }
    stand_above(expr, otherwise);
    return built(p, expr);
}

struct ast_expr *ast_list(struct parser *p, struct span span, struct ast_exprs list) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_LIST, span);
    expr->list = list;
    stand_above_all(expr, list);
    return built(p, expr);
}

struct ast_expr *ast_record(struct parser *p, struct span span, struct ast_items items) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_RECORD, span);
    expr->record = items;
    for (u32 i = 0; i < items.count; i++) stand_above(expr, items.at[i].expr);
    return built(p, expr);
}

struct ast_expr *ast_args(struct parser *p, struct span distinct, struct ast_exprs args,
                          struct ast_expr *where) {
    struct ast_expr *expr = ast_expr(p, AST_EXPR_CALL, (struct span){ 0 });
    expr->call.distinct = distinct;
    expr->call.args = args;
    expr->call.where = where;
    return expr;
}

struct ast_expr *ast_call(struct parser *p, struct span span, struct ast_name name,
                          struct ast_expr *args) {
    args->span = span;
    args->call.name = name;
    stand_above_all(args, args->call.args);
    stand_above(args, args->call.where);
    return built(p, args);
}
