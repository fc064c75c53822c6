#include "dsl/emit_internal.h"

#include <string.h>

#include "runtime/base/ensure.h"

/* ---- names ---- */

static bool is_word(const char *s) {
    for (; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '_' || *s == '.'))
            return false;
    return true;
}

void declare_value(struct emitter *e, struct type type, const char *name, struct val value) {
    line(e, "const %s %s = %s;", c_type(type), name, value.v);
    if (value.null) line(e, "const bool %s_null = %s;", name, value.null);
}

struct val name_value(struct emitter *e, struct type type, struct val value) {
    if (is_word(value.v) && (!value.null || is_word(value.null))) return value;
    const char *name = text(e, "x%u", ++e->temp);
    declare_value(e, type, name, value);
    return (struct val){ name, value.null ? text(e, "%s_null", name) : NULL };
}

/* Only the flag is used more than once. */
static struct val name_null(struct emitter *e, struct val value) {
    if (!value.null || is_word(value.null)) return value;
    const char *name = text(e, "x%u_null", ++e->temp);
    line(e, "const bool %s = %s;", name, value.null);
    return (struct val){ value.v, name };
}

static const char *either(struct emitter *e, const char *a, const char *b) {
    if (!a || !b) return a ? a : b;
    return text(e, "(%s || %s)", a, b);
}

bool texpr_is_cheap(const struct texpr *expr) {
    if (expr->kind == TEXPR_CALL || expr->type.kind == TYPE_STRING)
        return expr->kind == TEXPR_COLUMN;
    if (expr->kind == TEXPR_CAST && expr->args[0]->type.kind == TYPE_STRING) return false;
    if (expr->kind == TEXPR_BINARY && (expr->op == OP_DIVIDE || expr->op == OP_MODULO))
        return false;
    for (u32 i = 0; i < expr->arg_count; i++)
        if (!texpr_is_cheap(expr->args[i])) return false;
    return true;
}

/* ---- comparison ---- */

static const char *c_operator(enum texpr_op op) {
    static const char *const operators[] = {
        [OP_NEGATE] = "-",
        [OP_BIT_NOT] = "~",
        [OP_NOT] = "!",
        [OP_MULTIPLY] = "*",
        [OP_DIVIDE] = "/",
        [OP_MODULO] = "%",
        [OP_ADD] = "+",
        [OP_SUBTRACT] = "-",
        [OP_SHIFT_LEFT] = "<<",
        [OP_SHIFT_RIGHT] = ">>",
        [OP_BIT_AND] = "&",
        [OP_BIT_XOR] = "^",
        [OP_BIT_OR] = "|",
        [OP_EQUAL] = "==",
        [OP_NOT_EQUAL] = "!=",
        [OP_LESS] = "<",
        [OP_LESS_EQUAL] = "<=",
        [OP_GREATER] = ">",
        [OP_GREATER_EQUAL] = ">=",
        [OP_AND] = "&&",
        [OP_OR] = "||",
    };
    return operators[op];
}

const char *compare_text(struct emitter *e, enum texpr_op op, struct type type, const char *a,
                         const char *b) {
    bool equality = op == OP_EQUAL || op == OP_NOT_EQUAL;
    if (type.kind == TYPE_STRING && equality)
        return text(e, "%sstr_equal(%s, %s)", op == OP_EQUAL ? "" : "!", a, b);
    if (type.kind == TYPE_STRING)
        return text(e, "(str_compare(%s, %s) %s 0)", a, b, c_operator(op));
    if ((type.kind == TYPE_F64 || type.kind == TYPE_F32) && !equality)
        return text(e, "(compare_f64(%s, %s) %s 0)", a, b, c_operator(op));
    return text(e, "(%s %s %s)", a, c_operator(op), b);
}

/* ---- arithmetic ---- */

static bool is_float(enum type_kind kind) {
    return kind == TYPE_F32 || kind == TYPE_F64;
}

static bool is_nonzero(const struct texpr *expr) {
    if (expr->kind != TEXPR_CONST || expr->is_null) return false;
    return is_float(expr->type.kind) ? expr->value.f != 0 : expr->value.i != 0;
}

static const char *arithmetic_name(enum texpr_op op) {
    return op == OP_ADD        ? "add"
           : op == OP_SUBTRACT ? "sub"
           : op == OP_MULTIPLY ? "mul"
           : op == OP_DIVIDE   ? "div"
                               : "mod";
}

/* What wraps: unsigned arithmetic in 64 bits, cut to the type. */
static const char *wrapping(struct emitter *e, const struct texpr *x, const char *a,
                            const char *b) {
    bool is_signed = !type_is_integer(x->type.kind) || type_is_signed(x->type.kind);
    const char *v = is_signed ? text(e, "%s_i64(%s, %s)", arithmetic_name(x->op), a, b)
                              : text(e, "((u64)%s %s (u64)%s)", a, c_operator(x->op), b);
    return type_size(x->type) == 8 ? v : text(e, "(%s)%s", c_type(x->type), v);
}

/* `/` and `%` of what may be zero: the answer comes through a pointer, false is null. */
static struct val may_fail_division(struct emitter *e, const struct texpr *x, struct val a,
                                    struct val b) {
    enum type_kind kind = x->args[0]->type.kind;
    const char *as = is_float(kind)                                   ? "f64"
                     : type_is_integer(kind) && !type_is_signed(kind) ? "u64"
                                                                      : "i64";
    const char *wide = is_float(kind) ? "double" : as;
    const char *null = either(e, a.null, b.null);
    u32 n = ++e->temp;
    line(e, "%s x%u = 0;", wide, n);
    line(e, "const bool x%u_null = %s%s!%s_%s(%s, %s, &x%u);", n, null ? null : "",
         null ? " || " : "", arithmetic_name(x->op), as, a.v, b.v, n);
    bool narrow = strcmp(c_type(x->type), wide) != 0;
    return (struct val){ narrow ? text(e, "(%s)x%u", c_type(x->type), n) : text(e, "x%u", n),
                         text(e, "x%u_null", n) };
}

static const char *division(struct emitter *e, const struct texpr *x, const char *a,
                            const char *b) {
    enum type_kind kind = x->args[0]->type.kind;
    if (is_float(kind)) {
        if (x->op == OP_DIVIDE) return text(e, "(%s / %s)", a, b);
        u32 n = ++e->temp;
        line(e, "double x%u = 0;", n);
        line(e, "mod_f64(%s, %s, &x%u);", a, b, n);
        return text(e, "(%s)x%u", c_type(x->type), n);
    }
    bool is_signed = !type_is_integer(kind) || type_is_signed(kind);
    if (!is_signed) return text(e, "(%s)(%s %s %s)", c_type(x->type), a, c_operator(x->op), b);
    return text(e, "(%s)%s_nonzero_i64(%s, %s)", c_type(x->type), arithmetic_name(x->op), a, b);
}

static const char *shift(struct emitter *e, const struct texpr *x, const char *a, const char *b) {
    u32 bits = type_bits(x->type.kind);
    const char *f = x->op == OP_SHIFT_LEFT         ? "shift_left"
                    : type_is_signed(x->type.kind) ? "shift_right_i64"
                                                   : "shift_right_u64";
    return text(e, "(%s)%s((%s)%s, (i64)%s, %u)", c_type(x->type), f,
                strcmp(f, "shift_right_i64") == 0 ? "i64" : "u64", a, b, bits);
}

static struct val string_sum(struct emitter *e, struct val a, struct val b) {
    builds_strings(e);
    u32 n = ++e->temp;
    const char *null = either(e, a.null, b.null);
    line(e, "struct str x%u = { 0 };", n);
    line(e, "%s%s%sx%u = str_concat((struct str[]){ %s, %s }, 2, &c->scratch);",
         null ? "if (!" : "", null ? null : "", null ? ") " : "", n, a.v, b.v);
    return (struct val){ text(e, "x%u", n), null };
}

static const char *sum_of_times(struct emitter *e, const struct texpr *x, const char *a,
                                const char *b) {
    bool instants =
        x->args[0]->type.kind == TYPE_TIMESTAMP || x->args[1]->type.kind == TYPE_TIMESTAMP;
    if (!instants) return text(e, "%s_i64(%s, %s)", arithmetic_name(x->op), a, b);
    bool swap = x->args[1]->type.kind == TYPE_TIMESTAMP && x->op == OP_ADD;
    return text(e, "time_%s(%s, %s)", arithmetic_name(x->op), swap ? b : a, swap ? a : b);
}

static struct val binary(struct emitter *e, const struct texpr *x, struct val a, struct val b) {
    enum type_kind kind = x->args[0]->type.kind;
    const char *v = NULL;
    switch (x->op) {
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        v = compare_text(e, x->op, x->args[0]->type, a.v, b.v);
        break;
    case OP_DIVIDE:
    case OP_MODULO:
        if (!is_nonzero(x->args[1])) return may_fail_division(e, x, a, b);
        v = division(e, x, a.v, b.v);
        break;
    case OP_ADD:
    case OP_SUBTRACT:
        if (kind == TYPE_STRING) return string_sum(e, a, b);
        if (kind == TYPE_TIMESTAMP || kind == TYPE_DURATION) {
            v = sum_of_times(e, x, a.v, b.v);
            break;
        }
        /* fall through */
    case OP_MULTIPLY:
        v = is_float(kind) ? text(e, "(%s %s %s)", a.v, c_operator(x->op), b.v)
                           : wrapping(e, x, a.v, b.v);
        break;
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
        v = shift(e, x, a.v, b.v);
        break;
    case OP_BIT_AND:
    case OP_BIT_XOR:
    case OP_BIT_OR:
        v = text(e, "(%s)(%s %s %s)", c_type(x->type), a.v, c_operator(x->op), b.v);
        break;
    case OP_NEGATE:
    case OP_BIT_NOT:
    case OP_NOT:
    case OP_AND:
    case OP_OR:
        ENSURE(!"handled elsewhere");
    }
    return (struct val){ v, either(e, a.null, b.null) };
}

/* ---- what is not always needed ---- */

/* Statements of a part that C would work out in vain are held back until it is known where they go.
 */
struct held {
    struct text_buf text, *before;
};

static void hold(struct emitter *e, struct held *h) {
    text_buf_init(&h->text);
    h->before = emit_into(e, &h->text);
    e->indent++;
}

/* Were there statements? They are still held. */
static bool held_any(struct emitter *e, struct held *h) {
    emit_into(e, h->before);
    e->indent--;
    return h->text.size > 0;
}

static void release(struct emitter *e, struct held *h) {
    text_buf_put(e->out, h->text.at, h->text.size);
    text_buf_fini(&h->text);
}

/* `first && second`, or `||`, where `second` needs statements. */
static const char *guarded(struct emitter *e, bool is_and, const char *first, struct held *h,
                           const char *second) {
    u32 n = ++e->temp;
    line(e, "bool x%u = %s;", n, first);
    open_block(e, "if (%sx%u)", is_and ? "" : "!", n);
    release(e, h);
    line(e, "x%u = %s;", n, second);
    close_block(e);
    return text(e, "x%u", n);
}

static const char *expr_is(struct emitter *e, const struct texpr *x, const struct scope *scope,
                           bool want);

static const char *both(struct emitter *e, const struct texpr *x, const struct scope *scope,
                        bool want, bool is_and) {
    const char *a = expr_is(e, x->args[0], scope, want);
    struct held h;
    hold(e, &h);
    const char *b = expr_is(e, x->args[1], scope, want);
    if (held_any(e, &h)) return guarded(e, is_and, a, &h, b);
    release(e, &h);
    return text(e, "(%s %s %s)", a, is_and ? "&&" : "||", b);
}

/* True if the expression is `want`, false if it is not, or null. */
static const char *expr_is(struct emitter *e, const struct texpr *x, const struct scope *scope,
                           bool want) {
    if (x->kind == TEXPR_BINARY && (x->op == OP_AND || x->op == OP_OR))
        return both(e, x, scope, want, (x->op == OP_AND) == want);
    if (x->kind == TEXPR_UNARY && x->op == OP_NOT) return expr_is(e, x->args[0], scope, !want);
    struct val v = expr_value(e, x, scope);
    if (!v.null) return want ? v.v : text(e, "!%s", v.v);
    return text(e, "(!%s && %s%s)", v.null, want ? "" : "!", v.v);
}

const char *expr_true(struct emitter *e, const struct texpr *expr, const struct scope *scope) {
    return expr_is(e, expr, scope, true);
}

/* Three values: `and` is false if a side is false, else null if a side is null. */
static struct val logic(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    if (!x->type.nullable) return (struct val){ both(e, x, scope, true, x->op == OP_AND), NULL };
    bool is_and = x->op == OP_AND;
    const struct type boolean = { .kind = TYPE_BOOL };
    struct val a = name_value(e, boolean, expr_value(e, x->args[0], scope));
    struct val b = name_value(e, boolean, expr_value(e, x->args[1], scope));
    const char *no = is_and ? "!" : "", *null_a = a.null ? a.null : "false",
               *null_b = b.null ? b.null : "false";
    u32 n = ++e->temp; /* a side alone decides */
    line(e, "const bool x%u_one = (!%s && %s%s) || (!%s && %s%s);", n, null_a, no, a.v, null_b, no,
         b.v);
    line(e, "const bool x%u_null = !x%u_one && (%s || %s);", n, n, null_a, null_b);
    return (struct val){ text(e, is_and ? "!x%u_one" : "x%u_one", n), text(e, "x%u_null", n) };
}

/* ---- the other kinds ---- */

static struct val unary(struct emitter *e, const struct texpr *x, struct val a) {
    enum type_kind kind = x->type.kind;
    if (x->op == OP_NOT) return (struct val){ text(e, "!%s", a.v), a.null };
    if (x->op == OP_NEGATE && is_float(kind)) return (struct val){ text(e, "(-%s)", a.v), a.null };
    if (x->op == OP_BIT_NOT)
        return (struct val){ text(e, "(%s)~%s", c_type(x->type), a.v), a.null };
    if (type_is_integer(kind) && !type_is_signed(kind))
        return (struct val){ text(e, "(%s)(0 - (u64)%s)", c_type(x->type), a.v), a.null };
    return (struct val){ text(e, "(%s)neg_i64(%s)", c_type(x->type), a.v), a.null };
}

static struct val in_list(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    struct type type = x->args[0]->type;
    struct val a = name_value(e, type, expr_value(e, x->args[0], scope));
    u32 n = ++e->temp;
    const char *null = NULL;
    line(e, "bool x%u = false;", n);
    for (u32 i = 1; i < x->arg_count; i++) {
        struct val b = name_null(e, expr_value(e, x->args[i], scope));
        const char *same = compare_text(e, OP_EQUAL, type, a.v, b.v);
        line(e, "x%u |= %s%s;", n, b.null ? text(e, "!%s && ", b.null) : "", same);
        null = either(e, null, b.null);
    }
    if (null) null = text(e, "(!x%u && %s)", n, null);
    return (struct val){ text(e, x->negated ? "!x%u" : "x%u", n), either(e, a.null, null) };
}

static struct val coalesce(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    struct val a = name_value(e, x->args[0]->type, expr_value(e, x->args[0], scope));
    if (!a.null) return a;
    struct held h;
    hold(e, &h);
    struct val b = expr_value(e, x->args[1], scope);
    if (!held_any(e, &h)) {
        release(e, &h);
        b = name_null(e, b);
        return (struct val){ text(e, "(%s ? %s : %s)", a.null, b.v, a.v),
                             b.null ? text(e, "(%s && %s)", a.null, b.null) : NULL };
    }
    u32 n = ++e->temp;
    line(e, "%s x%u = %s;", c_type(x->type), n, a.v);
    if (b.null) line(e, "bool x%u_null = false;", n);
    open_block(e, "if (%s)", a.null);
    release(e, &h);
    line(e, "x%u = %s;", n, b.v);
    if (b.null) line(e, "x%u_null = %s;", n, b.null);
    close_block(e);
    return (struct val){ text(e, "x%u", n), b.null ? text(e, "x%u_null", n) : NULL };
}

static void set_choice(struct emitter *e, const struct texpr *x, u32 n, struct val v) {
    line(e, "x%u = %s;", n, v.v);
    if (x->type.nullable) line(e, "x%u_null = %s;", n, v.null ? v.null : "false");
}

/* Branch `at` of a case and those behind it, as statements. */
static void choose(struct emitter *e, const struct texpr *x, const struct scope *scope, u32 n,
                   u32 at) {
    if (at == x->arg_count) return;
    if (at + 1 == x->arg_count) {
        set_choice(e, x, n, expr_value(e, x->args[at], scope));
        return;
    }
    open_block(e, "if (%s)", expr_true(e, x->args[at], scope));
    set_choice(e, x, n, expr_value(e, x->args[at + 1], scope));
    e->indent--;
    if (at + 2 < x->arg_count) {
        line(e, "} else {");
        e->indent++;
        choose(e, x, scope, n, at + 2);
        e->indent--;
    }
    line(e, "}");
}

/* Cheap parts make one C expression: `c ? a : d ? b : z`. */
static struct val plain_case(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    const char *v = "", *null = "";
    bool nulls = false;
    for (u32 i = 0; i + 1 < x->arg_count; i += 2) {
        const char *when = expr_true(e, x->args[i], scope);
        struct val then = expr_value(e, x->args[i + 1], scope);
        v = text(e, "%s%s ? %s : ", v, when, then.v);
        null = text(e, "%s%s ? %s : ", null, when, then.null ? then.null : "false");
        nulls |= then.null != NULL;
    }
    struct val otherwise = { c_zero(x->type), "true" };
    if (x->arg_count % 2) otherwise = expr_value(e, x->args[x->arg_count - 1], scope);
    nulls |= otherwise.null != NULL;
    v = text(e, "(%s%s)", v, otherwise.v);
    null = nulls ? text(e, "(%s%s)", null, otherwise.null ? otherwise.null : "false") : NULL;
    return (struct val){ v, null };
}

static struct val case_of(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    if (x->arg_count <= 5 && x->weight < 64 && texpr_is_cheap(x)) return plain_case(e, x, scope);
    u32 n = ++e->temp;
    line(e, "%s x%u = %s;", c_type(x->type), n, c_zero(x->type));
    if (x->type.nullable) line(e, "bool x%u_null = true;", n);
    choose(e, x, scope, n, 0);
    return (struct val){ text(e, "x%u", n), x->type.nullable ? text(e, "x%u_null", n) : NULL };
}

static struct val value_of(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    switch (x->kind) {
    case TEXPR_CONST:
        return c_const(e, x);
    case TEXPR_COLUMN:
        ENSURE(x->column < scope->count && scope->columns[x->column].v);
        return scope->columns[x->column];
    case TEXPR_CALL:
        return call_value(e, x, scope);
    case TEXPR_UNARY:
        return unary(e, x, expr_value(e, x->args[0], scope));
    case TEXPR_BINARY: {
        if (x->op == OP_AND || x->op == OP_OR) return logic(e, x, scope);
        struct val a = name_null(e, expr_value(e, x->args[0], scope));
        struct val b = name_null(e, expr_value(e, x->args[1], scope));
        return binary(e, x, a, b);
    }
    case TEXPR_IN:
        return in_list(e, x, scope);
    case TEXPR_IS_NULL: {
        struct val a = expr_value(e, x->args[0], scope);
        const char *null = a.null ? a.null : "false";
        return (struct val){ x->negated ? text(e, "!%s", null) : null, NULL };
    }
    case TEXPR_COALESCE:
        return coalesce(e, x, scope);
    case TEXPR_CASE:
        return case_of(e, x, scope);
    case TEXPR_CAST: {
        struct val a = expr_value(e, x->args[0], scope);
        return cast_value(e, x->args[0]->type, x->type, a);
    }
    }
    return (struct val){ "0", NULL };
}

/* Null is in the types: a flag is dropped where the checker has shown that it is never set. */
struct val expr_value(struct emitter *e, const struct texpr *expr, const struct scope *scope) {
    struct val v = value_of(e, expr, scope);
    if (!expr->type.nullable && expr->kind != TEXPR_CONST) v.null = NULL;
    return v;
}
