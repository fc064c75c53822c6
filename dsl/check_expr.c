#include "dsl/check_internal.h"

static struct texpr *literal(struct texpr *e) {
    e->literal = true;
    return e;
}

static struct texpr *check_int(struct checker *c, const struct ast_expr *e) {
    struct type type = type_of(e->integer > INT64_MAX ? TYPE_U64 : TYPE_I64);
    return literal(make_const(c, type, (union value){ .i = (i64)e->integer }, e->span));
}

static struct texpr *check_is_null(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    struct path path = path_find(s, e->is_null.value);
    if (path.kind == PATH_RECORD) {
        i32 matched = path.field->record->matched;
        if (matched < 0) return make_bool(c, e->is_null.is_not, e->span);
        struct texpr *there = column_of(s, (u32)matched, e->span);
        return e->is_null.is_not ? there : make_unary(c, OP_NOT, there->type, there, e->span);
    }
    struct texpr *value = check_expr(s, e->is_null.value);
    if (is_refused(value)) return value;
    if (is_null_literal(value)) return make_bool(c, !e->is_null.is_not, e->span);
    struct texpr *r = make_node(c, TEXPR_IS_NULL, type_of(TYPE_BOOL), e->span, 1, &value);
    r->negated = e->is_null.is_not;
    return r;
}

struct texpr *check_condition(struct scope *s, const struct ast_expr *e, const char *word) {
    struct texpr *r = check_expr(s, e);
    if (is_null_literal(r)) return make_null(s->c, type_of(TYPE_BOOL), r->span);
    if (is_refused(r) || r->type.kind == TYPE_BOOL) return r;
    struct diag *d = diag_error(s->c->diags, E0301, e->span, "%s takes a condition, not %s", word,
                                name_type(s->c, r->type));
    diag_label(s->c->diags, d, "is no bool");
    return make_none(s->c, e->span);
}

/* The values of a `case` or `if` meet; when[i] guards then[i]. */
static struct texpr *finish_case(struct scope *s, struct texpr **whens, struct texpr **thens,
                                 u32 count, struct texpr *otherwise, struct span span) {
    struct checker *c = s->c;
    thens[count] = otherwise;
    u32 value_count = count + (otherwise != NULL);
    bool told = false, refused = false;
    if (!make_meet(c, thens, value_count, &told) && !told) {
        struct diag *d = diag_error(c->diags, E0301, span, "the values have different types");
        diag_note(c->diags, d, thens[0]->span, "this is %s", name_type(c, thens[0]->type));
        for (u32 i = 1; i < value_count; i++) {
            struct type common;
            if (is_null_literal(thens[i]) || type_common(thens[0]->type, thens[i]->type, &common))
                continue;
            diag_note(c->diags, d, thens[i]->span, "this is %s", name_type(c, thens[i]->type));
            break;
        }
        told = true;
    }
    struct type type = thens[0]->type;
    struct texpr **args = arena_alloc(c->arena, (2 * count + 1) * sizeof *args);
    for (u32 i = 0; i < count; i++) {
        args[2 * i] = whens[i];
        args[2 * i + 1] = thens[i];
        refused = refused || is_refused(whens[i]);
    }
    if (otherwise) args[2 * count] = thens[count];
    for (u32 i = 0; i < value_count; i++) type.nullable = type.nullable || thens[i]->type.nullable;
    if (!otherwise && type.kind != TYPE_NULL) type.nullable = true;
    if (told || refused) return make_none(c, span);
    if (type.kind == TYPE_NULL) return make_null(c, type, span);
    return make_node(c, TEXPR_CASE, type, span, 2 * count + (otherwise != NULL), args);
}

static struct texpr *check_case(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    u32 count = e->cases.whens.count;
    struct texpr **whens = arena_alloc(c->arena, (2 * count + 1) * sizeof *whens);
    struct texpr **thens = whens + count;
    for (u32 i = 0; i < count; i++) {
        const struct ast_when *when = &e->cases.whens.at[i];
        struct known room;
        whens[i] = check_condition(s, when->when, "`when`");
        struct scope inner = scope_where(s, whens[i], &room);
        thens[i] = check_expr(&inner, when->then);
    }
    struct texpr *otherwise = e->cases.otherwise ? check_expr(s, e->cases.otherwise) : NULL;
    return finish_case(s, whens, thens, count, otherwise, e->span);
}

static struct texpr *check_if(struct scope *s, const struct ast_expr *e) {
    struct texpr *thens[2], *when = check_condition(s, e->choice.condition, "`if`");
    struct known room;
    struct scope inner = scope_where(s, when, &room);
    thens[0] = check_expr(&inner, e->choice.then);
    struct texpr *otherwise = check_expr(s, e->choice.otherwise);
    return finish_case(s, &when, thens, 1, otherwise, e->span);
}

static struct texpr *cast_refused(struct scope *s, const struct ast_expr *e, struct type from,
                                  struct type to) {
    struct checker *c = s->c;
    struct diag *d = diag_error(c->diags, E0304, e->span, "%s cannot be cast to %s",
                                name_type(c, type_nullable(from, false)),
                                name_type(c, type_nullable(to, false)));
    if (from.kind == TYPE_TIMESTAMP && type_is_number(to.kind))
        diag_help(c->diags, d, "`unix_ms(t)` gives milliseconds since 1970");
    if (type_is_integer(from.kind) && to.kind == TYPE_TIMESTAMP)
        diag_help(c->diags, d, "`from_unix_ms(n)` takes milliseconds since 1970");
    if (from.kind == TYPE_DURATION && type_is_number(to.kind))
        diag_help(c->diags, d, "divide by a duration: `d / 1ms`");
    if (type_is_integer(from.kind) && to.kind == TYPE_DURATION)
        diag_help(c->diags, d, "multiply a duration: `n * 1ms`");
    if (type_is_number(from.kind) && to.kind == TYPE_BOOL)
        diag_help(c->diags, d, "compare it: `x != 0`");
    return make_none(c, e->span);
}

static struct texpr *check_cast(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    struct texpr *value = check_expr(s, e->cast.value);
    struct type to = type_resolve(c, e->cast.type);
    if (is_refused(value) || to.kind == TYPE_NONE) return make_none(c, e->span);
    if (is_null_literal(value)) return make_null(c, to, e->span);
    bool told = false;
    bool overflows = value->type.kind == TYPE_F64 && !float_holds(to, value->value.f);
    if (value->literal && !overflows) {
        struct texpr *fit = make_fit(c, value, to, &told);
        if (told) return make_none(c, e->span);
        if (fit && !to.nullable) return fit;
    }
    enum cast_answer answer = type_cast(value->type, to);
    if (answer == CAST_NEVER) return cast_refused(s, e, value->type, to);
    to.nullable = to.nullable || value->type.nullable || answer == CAST_MAY_FAIL;
    return make_cast(c, value, to, e->span);
}

static struct texpr *check_kind(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    switch (e->kind) {
    case AST_EXPR_NULL:
        return make_null(c, type_of(TYPE_NULL), e->span);
    case AST_EXPR_BOOL:
        return make_bool(c, e->boolean, e->span);
    case AST_EXPR_INT:
        return check_int(c, e);
    case AST_EXPR_FLOAT:
        return literal(
            make_const(c, type_of(TYPE_F64), (union value){ .f = e->real.value }, e->span));
    case AST_EXPR_STRING:
        return literal(
            make_const(c, type_of(TYPE_STRING), (union value){ .str = e->string }, e->span));
    case AST_EXPR_DURATION:
        return make_const(c, type_of(TYPE_DURATION), (union value){ .i = e->duration_ns }, e->span);
    case AST_EXPR_TIMESTAMP:
        return make_const(c, type_of(TYPE_TIMESTAMP), (union value){ .i = e->timestamp_ns },
                          e->span);
    case AST_EXPR_NAME:
        return check_name(s, e);
    case AST_EXPR_FIELD:
        return check_field(s, e);
    case AST_EXPR_CALL:
        return check_call(s, e);
    case AST_EXPR_UNARY:
        return check_unary(s, e);
    case AST_EXPR_BINARY:
        return check_binary(s, e);
    case AST_EXPR_CAST:
        return check_cast(s, e);
    case AST_EXPR_BETWEEN:
        return check_between(s, e);
    case AST_EXPR_IN:
        return check_in(s, e);
    case AST_EXPR_IS_NULL:
        return check_is_null(s, e);
    case AST_EXPR_IF:
        return check_if(s, e);
    case AST_EXPR_CASE:
        return check_case(s, e);
    case AST_EXPR_SIZE:
        diag_error(c->diags, E0301, e->span,
                   "a size is no value; sizes stand in options and settings");
        return make_none(c, e->span);
    case AST_EXPR_DATE:
        not_yet(c, e->span, "the type date");
        return make_none(c, e->span);
    case AST_EXPR_INDEX:
        not_yet(c, e->span, "`[ ]` of lists and maps");
        return make_none(c, e->span);
    case AST_EXPR_LIST:
        not_yet(c, e->span, "a list");
        return make_none(c, e->span);
    case AST_EXPR_RECORD:
        not_yet(c, e->span, "a record");
        return make_none(c, e->span);
    }
    return make_none(c, e->span);
}

struct texpr *check_expr(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    if (c->depth == 2 * TEXPR_DEPTH_MAX) return too_large(c, e->span);
    c->depth++;
    struct texpr *r = check_kind(s, e);
    c->depth--;
    return r;
}

struct texpr *check_whole(struct scope *s, const struct ast_expr *e) {
    s->c->made = 0;
    s->c->too_large = false;
    return check_expr(s, e);
}
