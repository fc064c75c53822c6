/* Casts: one small table of cases by what is cast to what. Where a value has no counterpart the
   answer is null. */
#include "dsl/emit_internal.h"

#include <string.h>

static bool is_float(enum type_kind kind) {
    return kind == TYPE_F32 || kind == TYPE_F64;
}
static bool is_time(enum type_kind kind) {
    return kind == TYPE_TIMESTAMP || kind == TYPE_DURATION;
}

static const char *or_null(struct emitter *e, const char *a, const char *b) {
    if (!a) return b;
    return b ? text(e, "(%s || %s)", a, b) : a;
}

/* Does every value of one integer type fit the other? */
static bool fits(enum type_kind from, enum type_kind to) {
    return type_low(from) >= type_low(to) && type_high(from) <= type_high(to);
}

/* C text that is true where the integer `v` is none of type `to`. */
static const char *out_of_range(struct emitter *e, enum type_kind from, enum type_kind to,
                                const char *v) {
    const char *below = NULL, *above = NULL;
    if (type_low(from) < type_low(to))
        below = type_is_signed(to) ? text(e, "%s < -%lldll - 1", v, (long long)-(type_low(to) + 1))
                                   : text(e, "%s < 0", v);
    if (type_high(from) > type_high(to))
        above = type_is_signed(from)
                    ? text(e, "%s > %lldll", v, (long long)type_high(to))
                    : text(e, "%s > %lluull", v, (unsigned long long)type_high(to));
    if (below && above) return text(e, "(%s || %s)", below, above);
    return text(e, "(%s)", below ? below : above);
}

static struct val integer_to_integer(struct emitter *e, struct type from, struct type to,
                                     struct val a) {
    const char *v = text(e, "(%s)%s", c_type(to), a.v);
    if (fits(from.kind, to.kind)) return (struct val){ v, a.null };
    a = name_value(e, from, a);
    return (struct val){ text(e, "(%s)%s", c_type(to), a.v),
                         or_null(e, a.null, out_of_range(e, from.kind, to.kind, a.v)) };
}

/* A conversion `bool f(..., &out)` into a wide type, then into the type itself. */
static struct val through(struct emitter *e, const char *call, const char *wide,
                          enum type_kind wide_kind, struct type to, struct val a) {
    u32 n = ++e->temp;
    line(e, "%s x%u = 0;", wide, n);
    line(e, "const bool x%u_null = %s%s!%s, &x%u);", n, a.null ? a.null : "", a.null ? " || " : "",
         call, n);
    struct val v = { text(e, "x%u", n), text(e, "x%u_null", n) };
    struct type from = { .kind = wide_kind };
    if (wide_kind == to.kind || !type_is_integer(to.kind)) return v;
    return integer_to_integer(e, from, to, v);
}

static struct val float_to_integer(struct emitter *e, struct type to, struct val a) {
    bool is_unsigned = to.kind == TYPE_U64;
    return through(e, text(e, is_unsigned ? "f64_to_u64(%s" : "f64_to_i64(%s", a.v),
                   is_unsigned ? "u64" : "i64", is_unsigned ? TYPE_U64 : TYPE_I64, to, a);
}

static struct val to_text(struct emitter *e, struct type from, struct val a) {
    if (from.kind == TYPE_BOOL) return (struct val){ text(e, "str_of_bool(%s)", a.v), a.null };
    if (from.kind == TYPE_ENUM)
        return (struct val){ text(e, "n%u_text[%s]", enum_number(e, from.of), a.v), a.null };
    builds_strings(e);
    bool is_unsigned = type_is_integer(from.kind) && !type_is_signed(from.kind);
    const char *name = from.kind == TYPE_F32         ? "f32"
                       : from.kind == TYPE_F64       ? "f64"
                       : from.kind == TYPE_TIMESTAMP ? "timestamp"
                       : from.kind == TYPE_DURATION  ? "duration"
                       : is_unsigned                 ? "u64"
                                                     : "i64";
    u32 n = ++e->temp;
    if (!a.null) {
        line(e, "const struct str x%u = str_of_%s(%s, &c->scratch);", n, name, a.v);
    } else {
        line(e, "struct str x%u = { 0 };", n);
        line(e, "if (!%s) x%u = str_of_%s(%s, &c->scratch);", a.null, n, name, a.v);
    }
    return (struct val){ text(e, "x%u", n), a.null };
}

/* The name behind `parse_`. */
static const char *parser_of(struct type to) {
    switch (to.kind) {
    case TYPE_BOOL:
        return "bool";
    case TYPE_I8:
    case TYPE_I16:
    case TYPE_I32:
    case TYPE_I64:
    case TYPE_U8:
    case TYPE_U16:
    case TYPE_U32:
    case TYPE_U64:
    case TYPE_F32:
    case TYPE_F64:
    case TYPE_TIMESTAMP:
    case TYPE_DURATION:
        return type_kind_name(to.kind);
    case TYPE_NONE:
    case TYPE_NULL:
    case TYPE_STRING:
    case TYPE_ENUM:
    case TYPE_LIST:
        break;
    }
    return "";
}

const char *parse_call(struct emitter *e, struct type to, const char *v) {
    if (to.kind == TYPE_ENUM) return text(e, "n%u_parse(%s", enum_number(e, to.of), v);
    return text(e, "parse_%s(%s.at, %s.size", parser_of(to), v, v);
}

static struct val from_text(struct emitter *e, struct type to, struct val a) {
    a = name_value(e, (struct type){ .kind = TYPE_STRING }, a);
    return through(e, parse_call(e, to, a.v), c_type(to), to.kind, to, a);
}

static struct val integer_to_enum(struct emitter *e, struct type from, struct type to,
                                  struct val a) {
    a = name_value(e, from, a);
    const char *bad = text(e, "((u64)%s >= %u)", a.v, to.of->count);
    return (struct val){ text(e, "(%s)(%s ? 0 : %s)", c_type(to), bad, a.v),
                         or_null(e, a.null, bad) };
}

struct val cast_value(struct emitter *e, struct type from, struct type to, struct val a) {
    if (from.kind == TYPE_NULL) return (struct val){ c_zero(to), "true" };
    if (type_same_kind(from, to)) return a;
    if (to.kind == TYPE_STRING) return to_text(e, from, name_value(e, from, a));
    if (from.kind == TYPE_STRING) return from_text(e, to, a);
    if (to.kind == TYPE_BOOL) return (struct val){ text(e, "(%s != 0)", a.v), a.null };
    if (is_float(to.kind)) {
        bool narrows = to.kind == TYPE_F32 && from.kind == TYPE_F64;
        if (!narrows) return (struct val){ text(e, "(%s)%s", c_type(to), a.v), a.null };
        return through(e, text(e, "f64_to_f32(%s", a.v), "float", TYPE_F32, to, a);
    }
    struct type wide = { .kind = TYPE_I64 };
    if (is_float(from.kind)) return float_to_integer(e, is_time(to.kind) ? wide : to, a);
    if (to.kind == TYPE_ENUM) return integer_to_enum(e, from, to, a);
    if (from.kind == TYPE_BOOL || from.kind == TYPE_ENUM)
        from.kind = from.kind == TYPE_BOOL || type_size(from) == 1 ? TYPE_U8 : TYPE_U16;
    if (is_time(from.kind)) from = wide;
    return integer_to_integer(e, from, is_time(to.kind) ? wide : to, a);
}
