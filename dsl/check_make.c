#include "dsl/check_internal.h"

#include "runtime/data/arith.h"

#include <string.h>

static struct texpr *node(struct checker *c, enum texpr_kind kind, struct type type,
                          struct span span) {
    struct texpr *e = arena_alloc(c->arena, sizeof *e);
    *e = (struct texpr){ .kind = kind, .type = type, .span = span, .weight = 1, .depth = 1 };
    c->made++;
    return e;
}

struct texpr *make_none(struct checker *c, struct span span) {
    return node(c, TEXPR_CONST, type_of(TYPE_NONE), span);
}

struct texpr *make_column(struct checker *c, u32 column, struct type type, struct span span) {
    struct texpr *e = node(c, TEXPR_COLUMN, type, span);
    e->column = column;
    return e;
}

struct texpr *make_const(struct checker *c, struct type type, union value value, struct span span) {
    struct texpr *e = node(c, TEXPR_CONST, type, span);
    e->value = value;
    return e;
}

struct texpr *make_null(struct checker *c, struct type type, struct span span) {
    struct texpr *e = node(c, TEXPR_CONST, type_nullable(type, true), span);
    e->is_null = true;
    return e;
}

struct texpr *make_bool(struct checker *c, bool value, struct span span) {
    return make_const(c, type_of(TYPE_BOOL), (union value){ .i = value }, span);
}

struct texpr *too_large(struct checker *c, struct span span) {
    if (!c->too_large) {
        struct diag *d = diag_error(c->diags, E0310, span,
                                    "this expression is too large with every `fn` written out");
        diag_help(c->diags, d, "name parts of it with `let`, so that they are computed once");
    }
    c->too_large = true;
    return make_none(c, span);
}

struct texpr *make_node(struct checker *c, enum texpr_kind kind, struct type type, struct span span,
                        u32 arg_count, struct texpr *const *args) {
    struct texpr *e = node(c, kind, type, span);
    e->args = arena_alloc(c->arena, arg_count * sizeof *args);
    e->arg_count = arg_count;
    u64 weight = 1;
    for (u32 i = 0; i < arg_count; i++) {
        e->args[i] = args[i];
        weight += args[i]->weight;
        if (args[i]->depth >= e->depth) e->depth = args[i]->depth + 1;
    }
    if (weight > TEXPR_WEIGHT_MAX || e->depth > TEXPR_DEPTH_MAX) return too_large(c, span);
    e->weight = (u32)weight;
    return e;
}

struct texpr *make_unary(struct checker *c, enum texpr_op op, struct type type, struct texpr *of,
                         struct span span) {
    struct texpr *e = make_node(c, TEXPR_UNARY, type, span, 1, &of);
    e->op = op;
    return e;
}

struct texpr *make_binary(struct checker *c, enum texpr_op op, struct type type, struct texpr *left,
                          struct texpr *right, struct span span) {
    struct texpr *e = make_node(c, TEXPR_BINARY, type, span, 2, (struct texpr *[]){ left, right });
    e->op = op;
    return e;
}

struct texpr *make_cast(struct checker *c, struct texpr *of, struct type type, struct span span) {
    return make_node(c, TEXPR_CAST, type, span, 1, &of);
}

struct texpr *make_not_null(struct checker *c, struct texpr *e) {
    if (!e->type.nullable) return e;
    struct type type = type_nullable(e->type, false);
    if (e->kind == TEXPR_COLUMN) return make_column(c, e->column, type, e->span);
    return make_cast(c, e, type, e->span);
}

bool is_refused(const struct texpr *e) {
    return e->type.kind == TYPE_NONE;
}
bool is_null_literal(const struct texpr *e) {
    return e->type.kind == TYPE_NULL;
}

const char *name_type(struct checker *c, struct type type) {
    char room[128];
    const char *name = type_name(type, room);
    return arena_copy(c->arena, name, strlen(name));
}

/* ---- literals take the type they meet ---- */

static struct texpr *retyped(struct checker *c, const struct texpr *e, struct type type,
                             union value value) {
    return make_const(c, type, value, e->span);
}

static struct texpr *meet_integer(struct checker *c, struct texpr *e, struct type type,
                                  bool *told) {
    bool negative = e->type.kind == TYPE_I64 && e->value.i < 0;
    u64 magnitude = negative ? 0 - (u64)e->value.i : (u64)e->value.i;
    if (type_is_float(type.kind)) {
        double f = negative ? -(double)magnitude : (double)magnitude;
        return retyped(c, e, type, (union value){ .f = type.kind == TYPE_F32 ? (float)f : f });
    }
    if (type_holds(type.kind, negative, magnitude)) return retyped(c, e, type, e->value);
    struct diag *d =
        diag_error(c->diags, E0302, e->span, "%s%llu is no %s", negative ? "-" : "",
                   (unsigned long long)magnitude, name_type(c, type_nullable(type, false)));
    diag_label(c->diags, d, "a literal has the type of what it stands beside");
    diag_help(c->diags, d, "cast the other side to a wider type, as in `x as i64`");
    *told = true;
    return make_none(c, e->span);
}

static const char *enum_members(struct checker *c, const struct type_enum *of) {
    const char *text = "";
    for (u32 i = 0; i < of->count; i++)
        text = arena_printf(c->arena, "%s%s%s", text, i ? ", " : "", of->members[i]);
    return text;
}

static struct texpr *meet_enum(struct checker *c, struct texpr *e, struct type type, bool *told) {
    i32 member = type_enum_member(type.of, e->value.str.at, e->value.str.size);
    if (member >= 0) return retyped(c, e, type, (union value){ .i = member });
    struct diag *d =
        diag_error(c->diags, E0203, e->span, "`%s` has no member `%.*s`", type.of->name,
                   (int)(e->value.str.size > 80 ? 80 : e->value.str.size), e->value.str.at);
    const char *near = diag_nearest(e->value.str.at, type.of->members, type.of->count);
    if (near)
        diag_help(c->diags, d, "did you mean \"%s\"?", near);
    else if (type.of->count <= 12)
        diag_help(c->diags, d, "it has %s", enum_members(c, type.of));
    *told = true;
    return make_none(c, e->span);
}

bool float_holds(struct type type, double value) {
    float single;
    return type.kind != TYPE_F32 || f64_to_f32(value, &single);
}

static struct texpr *meet_literal(struct checker *c, struct texpr *e, struct type type,
                                  bool *told) {
    type = type_nullable(type, false);
    if (type_is_integer(e->type.kind) && type_is_number(type.kind))
        return meet_integer(c, e, type, told);
    if (e->type.kind == TYPE_F64 && type_is_float(type.kind)) {
        if (!float_holds(type, e->value.f)) {
            diag_error(c->diags, E0302, e->span, "%g is no f32", e->value.f);
            *told = true;
            return make_none(c, e->span);
        }
        double f = type.kind == TYPE_F32 ? (float)e->value.f : e->value.f;
        return retyped(c, e, type, (union value){ .f = f });
    }
    if (e->type.kind == TYPE_STRING && type.kind == TYPE_ENUM) return meet_enum(c, e, type, told);
    return NULL;
}

struct texpr *make_fit(struct checker *c, struct texpr *e, struct type type, bool *told) {
    if (is_refused(e) || type.kind == TYPE_NONE) {
        *told = true;
        return make_none(c, e->span);
    }
    if (is_null_literal(e)) return make_null(c, type, e->span);
    if (type_same_kind(e->type, type)) return e;
    if (e->literal) {
        struct texpr *met = meet_literal(c, e, type, told);
        if (met) return met;
    }
    if (!type_widens(e->type, type)) return NULL;
    return make_cast(c, e, type_nullable(type, e->type.nullable), e->span);
}

/* Two literals of different kinds: 1 and 2.5 are floats. */
static bool meeting_type(struct texpr *const *at, u32 count, struct type *type) {
    bool found = false, all_literal = true;
    for (u32 i = 0; i < count; i++)
        all_literal = all_literal && (at[i]->literal || is_null_literal(at[i]));
    for (u32 i = 0; i < count; i++) {
        if (is_null_literal(at[i]) || (at[i]->literal && !all_literal)) continue;
        if (found && !type_common(*type, at[i]->type, type)) return false;
        if (!found) *type = at[i]->type;
        found = true;
    }
    if (!found) *type = type_of(TYPE_NULL);
    return true;
}

/* A float literal beside integers makes all of them floats; beside f32 it is one. */
static void floats_among(struct texpr *const *at, u32 count, struct type *type) {
    for (u32 i = 0; i < count; i++)
        if (at[i]->literal && at[i]->type.kind == TYPE_F64 && type_is_integer(type->kind))
            *type = type_nullable(type_of(TYPE_F64), type->nullable);
}

bool make_meet(struct checker *c, struct texpr **at, u32 count, bool *told) {
    for (u32 i = 0; i < count; i++)
        if (is_refused(at[i])) {
            *told = true;
            return false;
        }
    struct type type;
    if (!meeting_type(at, count, &type)) return false;
    if (type.kind == TYPE_NULL) return true;
    floats_among(at, count, &type);
    for (u32 i = 0; i < count; i++) {
        struct texpr *fit = make_fit(c, at[i], type, told);
        if (!fit || *told) return false;
        at[i] = fit;
    }
    return true;
}
