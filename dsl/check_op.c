/* Operators. Null in is null out, so a result may be null where an operand may, or where the
 * operation may fail. */
#include "dsl/check_internal.h"

static enum texpr_op op_of(enum ast_binary op) {
    switch (op) {
    case AST_OR:
        return OP_OR;
    case AST_AND:
        return OP_AND;
    case AST_EQUAL:
        return OP_EQUAL;
    case AST_NOT_EQUAL:
        return OP_NOT_EQUAL;
    case AST_LESS:
        return OP_LESS;
    case AST_LESS_EQUAL:
        return OP_LESS_EQUAL;
    case AST_GREATER:
        return OP_GREATER;
    case AST_GREATER_EQUAL:
        return OP_GREATER_EQUAL;
    case AST_BIT_OR:
        return OP_BIT_OR;
    case AST_BIT_XOR:
        return OP_BIT_XOR;
    case AST_BIT_AND:
        return OP_BIT_AND;
    case AST_SHIFT_LEFT:
        return OP_SHIFT_LEFT;
    case AST_SHIFT_RIGHT:
        return OP_SHIFT_RIGHT;
    case AST_ADD:
        return OP_ADD;
    case AST_SUBTRACT:
        return OP_SUBTRACT;
    case AST_MULTIPLY:
        return OP_MULTIPLY;
    case AST_DIVIDE:
        return OP_DIVIDE;
    case AST_ELSE: /* TEXPR_COALESCE: not asked */
    case AST_REMAINDER:
        return OP_MODULO;
    }
    return OP_MODULO;
}

/* "cannot VERB x and y" */
static const char *verb_of(enum texpr_op op) {
    switch (op) {
    case OP_ADD:
        return "add";
    case OP_SUBTRACT:
        return "subtract";
    case OP_MULTIPLY:
        return "multiply";
    case OP_DIVIDE:
    case OP_MODULO:
        return "divide";
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
        return "shift";
    case OP_BIT_AND:
    case OP_BIT_XOR:
    case OP_BIT_OR:
        return "combine the bits of";
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        return "compare";
    case OP_NEGATE:
    case OP_BIT_NOT:
    case OP_NOT:
    case OP_AND:
    case OP_OR:
        return "combine";
    }
    return "combine";
}

static bool is_integer(struct type t) {
    return type_is_integer(t.kind);
}

static void mixed_help(struct checker *c, struct diag *d, struct type left, struct type right) {
    if (is_integer(left) && is_integer(right))
        diag_help(c->diags, d,
                  "u64 and signed numbers do not mix; say which you mean: `x as i64`, `x as u64`");
    if ((left.kind == TYPE_STRING) != (right.kind == TYPE_STRING))
        diag_help(c->diags, d,
                  "a cast makes a string of anything, `x as string`, and reads it back");
    if (left.kind == TYPE_DURATION && is_integer(right))
        diag_help(c->diags, d, "a duration has a unit, as in `10s`");
    if (left.kind == TYPE_TIMESTAMP && is_integer(right))
        diag_help(c->diags, d,
                  "`from_unix_ms(n)` makes a timestamp of milliseconds, `n * 1s` a duration");
}

static struct texpr *refuse(struct checker *c, enum texpr_op op, struct texpr *left,
                            struct texpr *right, struct span span) {
    struct diag *d = diag_error(c->diags, E0301, span, "cannot %s %s and %s", verb_of(op),
                                name_type(c, left->type), name_type(c, right->type));
    diag_note(c->diags, d, left->span, "%s", name_type(c, left->type));
    diag_note(c->diags, d, right->span, "%s", name_type(c, right->type));
    mixed_help(c, d, left->type, right->type);
    return make_none(c, span);
}

/* ---- arithmetic ---- */

/* By what cannot be zero: a number that is written there, or count() of a group, which has a row.
 */
static bool never_zero(const struct scope *s, const struct texpr *e) {
    while (e->kind == TEXPR_CAST && !e->type.nullable) e = e->args[0];
    if (e->kind == TEXPR_CONST && !e->is_null)
        return type_is_float(e->type.kind) ? e->value.f != 0 : e->value.i != 0;
    if (!s->aggregation || e->kind != TEXPR_COLUMN || e->column < s->aggregation->first)
        return false;
    const struct agg *agg = &s->aggregation->aggs[e->column - s->aggregation->first];
    return agg->kind == AGG_COUNT && !agg->arg && !agg->where;
}

static struct type result_type(const struct scope *s, enum texpr_op op, struct type type,
                               const struct texpr *left, const struct texpr *right) {
    type.nullable = left->type.nullable || right->type.nullable;
    if ((op == OP_DIVIDE || op == OP_MODULO) && !never_zero(s, right)) type.nullable = true;
    return type;
}

static struct texpr *as_ns(struct checker *c, struct texpr *duration) {
    return make_cast(c, duration, type_nullable(type_of(TYPE_I64), duration->type.nullable),
                     duration->span);
}

/* A duration times, or divided by, a whole number: on its nanoseconds. Null: it is not that. */
static struct texpr *scale_duration(struct scope *s, enum texpr_op op, struct texpr *left,
                                    struct texpr *right, struct span span) {
    struct checker *c = s->c;
    if (op == OP_MULTIPLY && is_integer(left->type)) {
        struct texpr *swap = left;
        left = right;
        right = swap;
    }
    if (left->type.kind != TYPE_DURATION || !is_integer(right->type)) return NULL;
    if (op != OP_MULTIPLY && op != OP_DIVIDE) return NULL;
    bool told = false;
    struct texpr *by = make_fit(c, right, type_of(TYPE_I64), &told);
    if (!by) return NULL;
    struct texpr *ns = as_ns(c, left);
    struct type type = result_type(s, op, type_of(TYPE_I64), ns, by);
    struct texpr *scaled = make_binary(c, op, type, ns, by, span);
    return make_cast(c, scaled, type_nullable(type_of(TYPE_DURATION), type.nullable), span);
}

/* Null: no times among the operands. */
static struct texpr *times(struct scope *s, enum texpr_op op, struct texpr *left,
                           struct texpr *right, struct span span) {
    struct checker *c = s->c;
    enum type_kind l = left->type.kind, r = right->type.kind;
    struct type type = type_of(TYPE_NONE);
    if (op == OP_ADD && l == TYPE_DURATION && r == TYPE_TIMESTAMP)
        return times(s, op, right, left, span);
    if (l == TYPE_TIMESTAMP && r == TYPE_DURATION && (op == OP_ADD || op == OP_SUBTRACT))
        type = type_of(TYPE_TIMESTAMP);
    if (l == TYPE_TIMESTAMP && r == TYPE_TIMESTAMP && op == OP_SUBTRACT)
        type = type_of(TYPE_DURATION);
    if (l == TYPE_DURATION && r == TYPE_DURATION) {
        if (op == OP_ADD || op == OP_SUBTRACT || op == OP_MODULO) type = type_of(TYPE_DURATION);
        if (op == OP_DIVIDE) type = type_of(TYPE_I64);
    }
    if (type.kind == TYPE_NONE) return scale_duration(s, op, left, right, span);
    return make_binary(c, op, result_type(s, op, type, left, right), left, right, span);
}

static bool takes(enum texpr_op op, struct type type) {
    if (op == OP_ADD && type.kind == TYPE_STRING) return true;
    if (op == OP_ADD || op == OP_SUBTRACT || op == OP_MULTIPLY || op == OP_DIVIDE ||
        op == OP_MODULO)
        return type_is_number(type.kind);
    return is_integer(type); /* shifts and bits */
}

struct texpr *arithmetic(struct scope *s, enum texpr_op op, struct texpr *left, struct texpr *right,
                         struct span span) {
    struct checker *c = s->c;
    struct texpr *timed = times(s, op, left, right, span);
    if (timed) return timed;
    struct texpr *both[2] = { left, right };
    bool told = false;
    bool met = make_meet(c, both, 2, &told);
    if (told) return make_none(c, span);
    if (met && is_null_literal(both[0])) return make_null(c, type_of(TYPE_I64), span);
    if (!met || !takes(op, both[0]->type)) return refuse(c, op, left, right, span);
    struct type type = result_type(s, op, both[0]->type, both[0], both[1]);
    return make_binary(c, op, type, both[0], both[1], span);
}

/* ---- comparison ---- */

struct texpr *compare(struct scope *s, enum texpr_op op, struct texpr *left, struct texpr *right,
                      struct span span) {
    struct checker *c = s->c;
    if (is_refused(left) || is_refused(right)) return make_none(c, span);
    if (is_null_literal(left) || is_null_literal(right)) {
        struct diag *d = diag_error(c->diags, E0303, span, "a comparison with null is never true");
        diag_help(c->diags, d, op == OP_NOT_EQUAL ? "write `is not null`" : "write `is null`");
        return make_none(c, span);
    }
    struct texpr *both[2] = { left, right };
    bool told = false;
    bool met = make_meet(c, both, 2, &told);
    if (told) return make_none(c, span);
    if (!met || !type_is_scalar(both[0]->type.kind)) return refuse(c, op, left, right, span);
    bool nullable = both[0]->type.nullable || both[1]->type.nullable;
    return make_binary(c, op, type_nullable(type_of(TYPE_BOOL), nullable), both[0], both[1], span);
}

static struct texpr *negated(struct scope *s, struct texpr *e, struct span span) {
    return is_refused(e) ? e : make_unary(s->c, OP_NOT, e->type, e, span);
}

static struct texpr *both_true(struct scope *s, enum texpr_op op, struct texpr *left,
                               struct texpr *right, struct span span) {
    if (is_refused(left) || is_refused(right)) return make_none(s->c, span);
    bool nullable = left->type.nullable || right->type.nullable;
    return make_binary(s->c, op, type_nullable(type_of(TYPE_BOOL), nullable), left, right, span);
}

struct texpr *check_between(struct scope *s, const struct ast_expr *e) {
    struct texpr *value = check_expr(s, e->between.value);
    struct texpr *low = compare(s, OP_GREATER_EQUAL, value, check_expr(s, e->between.low), e->span);
    struct texpr *high_value = check_expr(s, e->between.high);
    if (is_refused(low)) return low;
    struct texpr *high = compare(s, OP_LESS_EQUAL, value, high_value, e->span);
    struct texpr *r = both_true(s, OP_AND, low, high, e->span);
    return e->between.is_not ? negated(s, r, e->span) : r;
}

struct texpr *check_in(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    u32 count = e->in.list.count + 1;
    struct texpr **all = arena_alloc(c->arena, count * sizeof *all);
    all[0] = check_expr(s, e->in.value);
    for (u32 i = 1; i < count; i++) {
        all[i] = check_expr(s, e->in.list.at[i - 1]);
        if (!is_null_literal(all[i])) continue;
        struct diag *d = diag_error(c->diags, E0303, all[i]->span, "null is never among them");
        diag_help(c->diags, d, "write `... or x is null`");
        all[i] = make_none(c, all[i]->span);
    }
    struct texpr *value = all[0];
    bool told = is_null_literal(value);
    if (told) diag_error(c->diags, E0303, value->span, "null is never among them");
    if (!make_meet(c, all, count, &told) && !told) {
        for (u32 i = 1; i < count; i++) {
            struct texpr *pair[2] = { value, all[i] };
            if (!make_meet(c, pair, 2, &told) && !told)
                return refuse(c, OP_EQUAL, value, all[i], e->span);
        }
        return make_none(c, e->span);
    }
    if (told) return make_none(c, e->span);
    struct type type = type_of(TYPE_BOOL);
    for (u32 i = 0; i < count; i++) type.nullable = type.nullable || all[i]->type.nullable;
    struct texpr *r = make_node(c, TEXPR_IN, type, e->span, count, all);
    r->negated = e->in.is_not;
    return r;
}

/* ---- the others ---- */

static struct texpr *coalesce(struct scope *s, struct texpr *left, struct texpr *right,
                              struct span span) {
    struct checker *c = s->c;
    if (is_refused(left) || is_refused(right)) return make_none(c, span);
    if (!left->type.nullable) {
        struct diag *d = diag_warning(c->diags, W0003, left->span, "this is never null");
        diag_label(c->diags, d, "is %s", name_type(c, left->type));
        diag_help(c->diags, d, "leave the `??` out");
    }
    struct texpr *both[2] = { left, right };
    bool told = false;
    if (!make_meet(c, both, 2, &told)) {
        if (!told)
            diag_error(c->diags, E0301, span, "`??` takes two of one type, not %s and %s",
                       name_type(c, left->type), name_type(c, right->type));
        return make_none(c, span);
    }
    if (both[0]->kind == TEXPR_CONST && both[0]->is_null) return both[1];
    struct type type = both[0]->type;
    type.nullable = both[0]->type.nullable && both[1]->type.nullable;
    return make_node(c, TEXPR_COALESCE, type, span, 2, both);
}

static struct texpr *logic(struct scope *s, const struct ast_expr *e, enum texpr_op op) {
    const char *word = op == OP_AND ? "`and`" : "`or`";
    struct texpr *left = check_condition(s, e->binary.left, word);
    struct known room;
    /* A left side that is null does not decide, and the right one is asked as it is. */
    bool guards = op == OP_AND && !is_refused(left) && !left->type.nullable;
    struct scope inner = guards ? scope_where(s, left, &room) : *s;
    return both_true(s, op, left, check_condition(&inner, e->binary.right, word), e->span);
}

struct texpr *check_binary(struct scope *s, const struct ast_expr *e) {
    enum texpr_op op = op_of(e->binary.op);
    if (op == OP_AND || op == OP_OR) return logic(s, e, op);
    struct texpr *left = check_expr(s, e->binary.left);
    struct texpr *right = check_expr(s, e->binary.right);
    if (e->binary.op == AST_ELSE) return coalesce(s, left, right, e->span);
    if (is_refused(left) || is_refused(right)) return make_none(s->c, e->span);
    if (op >= OP_EQUAL && op <= OP_GREATER_EQUAL) return compare(s, op, left, right, e->span);
    return arithmetic(s, op, left, right, e->span);
}

static struct texpr *negate_literal(struct checker *c, struct texpr *e, struct span span) {
    struct texpr *r;
    if (e->type.kind == TYPE_F64)
        r = make_const(c, e->type, (union value){ .f = -e->value.f }, span);
    else if (type_holds(TYPE_I64, true, (u64)e->value.i))
        r = make_const(c, type_of(TYPE_I64), (union value){ .i = (i64)(0 - (u64)e->value.i) },
                       span);
    else
        return NULL;
    r->literal = true;
    return r;
}

static struct texpr *unary_refused(struct checker *c, const struct texpr *of, const char *what,
                                   struct span span) {
    diag_error(c->diags, E0301, span, "%s takes %s, not %s", what[0] == '-' ? "`-`" : "`~`",
               what[0] == '-' ? "a number or a duration" : "an integer", name_type(c, of->type));
    return make_none(c, span);
}

struct texpr *check_unary(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    if (e->unary.op == AST_NOT)
        return negated(s, check_condition(s, e->unary.of, "`not`"), e->span);
    struct texpr *of = check_expr(s, e->unary.of);
    if (is_refused(of) || is_null_literal(of)) return of;
    enum type_kind kind = of->type.kind;
    if (e->unary.op == AST_BIT_NOT)
        return type_is_integer(kind) ? make_unary(c, OP_BIT_NOT, of->type, of, e->span)
                                     : unary_refused(c, of, "~", e->span);
    if (of->literal && (kind == TYPE_U64 || of->value.i >= 0) && type_is_number(kind)) {
        struct texpr *r = negate_literal(c, of, e->span);
        if (r) return r;
    }
    if (kind == TYPE_DURATION && of->kind == TEXPR_CONST)
        return make_const(c, of->type, (union value){ .i = (i64)(0 - (u64)of->value.i) }, e->span);
    if (kind == TYPE_DURATION) {
        struct texpr *ns =
            make_unary(c, OP_NEGATE, type_nullable(type_of(TYPE_I64), of->type.nullable),
                       as_ns(c, of), e->span);
        return make_cast(c, ns, of->type, e->span);
    }
    if (!type_is_number(kind)) return unary_refused(c, of, "-", e->span);
    if (type_is_integer(kind) && !type_is_signed(kind)) {
        struct diag *d = diag_error(c->diags, E0301, e->span, "%s has no negative numbers",
                                    name_type(c, of->type));
        diag_help(c->diags, d, "cast it first: `-(x as i64)`");
        return make_none(c, e->span);
    }
    return make_unary(c, OP_NEGATE, of->type, of, e->span);
}
