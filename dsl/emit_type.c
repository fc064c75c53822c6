#include "dsl/emit_internal.h"

#include <math.h>
#include <string.h>

const char *c_type(struct type type) {
    switch (type.kind) {
    case TYPE_NONE:
    case TYPE_NULL:
    case TYPE_LIST:
    case TYPE_BOOL:
        return "bool";
    case TYPE_I8:
        return "i8";
    case TYPE_I16:
        return "i16";
    case TYPE_I32:
        return "i32";
    case TYPE_I64:
    case TYPE_TIMESTAMP:
    case TYPE_DURATION:
        return "i64";
    case TYPE_U8:
        return "u8";
    case TYPE_U16:
        return "u16";
    case TYPE_U32:
        return "u32";
    case TYPE_U64:
        return "u64";
    case TYPE_F32:
        return "float";
    case TYPE_F64:
        return "double";
    case TYPE_STRING:
        return "struct str";
    case TYPE_ENUM:
        return type_size(type) == 1 ? "u8" : "u16";
    }
    return "";
}

const char *c_zero(struct type type) {
    return type.kind == TYPE_STRING ? "(struct str){ 0 }" : "0";
}

i64 type_low(enum type_kind kind) {
    return type_is_signed(kind) ? (i64)(~0ull << (type_bits(kind) - 1)) : 0;
}

u64 type_high(enum type_kind kind) {
    u32 bits = type_bits(kind) - type_is_signed(kind);
    return bits == 64 ? ~0ull : (1ull << bits) - 1;
}

static const char *c_float(struct emitter *e, double value, bool narrow) {
    if (isnan(value)) return narrow ? "__builtin_nanf(\"\")" : "__builtin_nan(\"\")";
    if (isinf(value)) return value < 0 ? "(-__builtin_inf())" : "__builtin_inf()";
    if (value == (double)(i64)value && fabs(value) < 1e15 && !signbit(value))
        return text(e, "%.1f%s", value, narrow ? "f" : "");
    return text(e, "%s%a%s%s", signbit(value) ? "(" : "", value, narrow ? "f" : "",
                signbit(value) ? ")" : "");
}

static const char *c_integer(struct emitter *e, struct type type, i64 value) {
    if (type.kind == TYPE_U64) return text(e, "%lluull", (unsigned long long)value);
    if (type_bits(type.kind) == 32 && !type_is_signed(type.kind))
        return text(e, "%lluu", (unsigned long long)(u32)value);
    if (value == INT64_MIN) return "INT64_MIN";
    const char *suffix = type_size(type) == 8 ? "ll" : "";
    return text(e, value < 0 ? "(%lld%s)" : "%lld%s", (long long)value, suffix);
}

struct val c_const(struct emitter *e, const struct texpr *expr) {
    struct type type = expr->type;
    if (expr->is_null || type.kind == TYPE_NULL) return (struct val){ c_zero(type), "true" };
    const char *v = "0";
    switch (type.kind) {
    case TYPE_NONE:
    case TYPE_NULL:
    case TYPE_LIST:
        break;
    case TYPE_BOOL:
        v = expr->value.i ? "true" : "false";
        break;
    case TYPE_F32:
        v = c_float(e, expr->value.f, true);
        break;
    case TYPE_F64:
        v = c_float(e, expr->value.f, false);
        break;
    case TYPE_STRING:
        v = text(e, "(struct str){ %s, %llu }",
                 c_string(e, expr->value.str.at, expr->value.str.size),
                 (unsigned long long)expr->value.str.size);
        break;
    case TYPE_I8:
    case TYPE_I16:
    case TYPE_I32:
    case TYPE_I64:
    case TYPE_U8:
    case TYPE_U16:
    case TYPE_U32:
    case TYPE_U64:
    case TYPE_TIMESTAMP:
    case TYPE_DURATION:
    case TYPE_ENUM:
        v = c_integer(e, type, expr->value.i);
        break;
    }
    return (struct val){ v, NULL };
}

u32 enum_number(struct emitter *e, const struct type_enum *of) {
    for (u32 i = 0; i < e->enum_count; i++)
        if (e->enums[i] == of) return i;
    const struct type_enum **more = arena_alloc(&e->arena, (e->enum_count + 1) * sizeof *more);
    if (e->enum_count) memcpy(more, e->enums, e->enum_count * sizeof *more);
    e->enums = more;
    e->enums[e->enum_count] = of;
    struct text_buf *before = emit_into(e, e->head);
    u32 indent = e->indent;
    e->indent = 0;
    emit_enum(e, of);
    e->indent = indent;
    emit_into(e, before);
    return e->enum_count++;
}

void emit_enum(struct emitter *e, const struct type_enum *of) {
    u32 n = e->enum_count;
    line(e, "static const struct str n%u_text[] = {", n);
    for (u32 i = 0; i < of->count; i++)
        line(e, "    { %s, %zu },", c_string(e, of->members[i], strlen(of->members[i])),
             strlen(of->members[i]));
    line(e, "};");
    open_block(e, "static __attribute__((unused)) bool n%u_parse(struct str s, u%u *out)", n,
               of->count > 256 ? 16 : 8);
    open_block(e, "for (u32 i = 0; i < %u; i++)", of->count);
    line(e, "if (!str_equal(s, n%u_text[i])) continue;", n);
    line(e, "*out = (u%u)i;", of->count > 256 ? 16 : 8);
    line(e, "return true;");
    close_block(e);
    line(e, "return false;");
    close_block(e);
    blank(e);
}
