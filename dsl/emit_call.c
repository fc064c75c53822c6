/* Calls of the functions in functions.def: by form, and by id where the form is INLINE. */
#include "dsl/emit_internal.h"

#include <string.h>

#include "dsl/functions.h"
#include "runtime/base/ensure.h"
#include "runtime/job.h"

u32 regex_number(struct emitter *e, struct str pattern) {
    text_buf_printf(&e->regexes, "    { %s, %llu },\n", c_string(e, pattern.at, pattern.size),
                    (unsigned long long)pattern.size);
    return e->regex_count++;
}

u32 class_number(struct emitter *e, struct str pattern, bool *is_class) {
    struct byte_class class;
    *is_class = byte_class_from_pattern(pattern.at, pattern.size, &class);
    if (!*is_class) return 0;
    text_buf_printf(e->head, "static const struct byte_class b%u = { { ", e->class_count);
    for (u32 i = 0; i < 16; i++) text_buf_printf(e->head, "%s0x%02x", i ? ", " : "", class.low[i]);
    text_buf_printf(e->head, " }, %s };\n\n", class.high ? "true" : "false");
    return e->class_count++;
}

/* The arguments, named, and where one of them is null that may not be: in *null. */
static struct val *arguments(struct emitter *e, const struct texpr *x, const struct scope *scope,
                             const char **null) {
    struct function_arg *shape = arena_alloc(&e->arena, x->arg_count * sizeof *shape);
    struct val *args = arena_alloc(&e->arena, x->arg_count * sizeof *args);
    ENSURE(function_takes(x->function, x->arg_count, shape));
    *null = NULL;
    for (u32 i = 0; i < x->arg_count; i++) {
        struct type type = x->args[i]->type;
        args[i] = expr_value(e, x->args[i], scope);
        if (x->args[i]->kind != TEXPR_CONST || type.kind == TYPE_STRING)
            args[i] = name_value(e, type, args[i]);
        if (args[i].null && !shape[i].takes_null)
            *null = *null ? text(e, "%s || %s", *null, args[i].null) : args[i].null;
    }
    return args;
}

static const char *list_of(struct emitter *e, const struct val *args, u32 count) {
    const char *list = "";
    for (u32 i = 0; i < count; i++) list = text(e, "%s%s%s", list, i ? ", " : "", args[i].v);
    return list;
}

/* `call` is not made where an argument is null. */
static struct val result_of(struct emitter *e, struct type type, const char *call,
                            const char *null) {
    u32 n = ++e->temp;
    if (!null) {
        line(e, "const %s x%u = %s;", c_type(type), n, call);
        return (struct val){ text(e, "x%u", n), NULL };
    }
    line(e, "const bool x%u_null = %s;", n, null);
    line(e, "const %s x%u = x%u_null ? %s : %s;", c_type(type), n, n,
         type.kind == TYPE_STRING ? "(struct str){ 0 }" : c_zero(type), call);
    return (struct val){ text(e, "x%u", n), text(e, "x%u_null", n) };
}

/* `call` lacks its last argument, where the answer goes; false is null. */
static struct val answer_of(struct emitter *e, struct type type, const char *call,
                            const char *null) {
    u32 n = ++e->temp;
    line(e, "%s x%u = %s;", c_type(type), n, type.kind == TYPE_STRING ? "{ 0 }" : "0");
    line(e, "const bool x%u_null = %s%s!%s, &x%u);", n, null ? null : "", null ? " || " : "", call,
         n);
    return (struct val){ text(e, "x%u", n), text(e, "x%u_null", n) };
}

/* The least or greatest that is not null: from the left, one after the other. */
static struct val extreme(struct emitter *e, const struct texpr *x, const struct val *args,
                          enum texpr_op op) {
    struct val best = args[0];
    for (u32 i = 1; i < x->arg_count; i++) {
        struct val a = args[i];
        const char *better = compare_text(e, op, x->type, a.v, best.v);
        const char *take =
            text(e, "%s%s%s%s%s", a.null ? text(e, "!%s && ", a.null) : "", best.null ? "(" : "",
                 best.null ? text(e, "%s || ", best.null) : "", better, best.null ? ")" : "");
        u32 n = ++e->temp;
        line(e, "const %s x%u = %s ? %s : %s;", c_type(x->type), n, take, a.v, best.v);
        const char *null = a.null && best.null ? text(e, "(%s && %s)", a.null, best.null) : NULL;
        best = (struct val){ text(e, "x%u", n), null };
    }
    return best;
}

static const char *hash_of(struct emitter *e, struct type type, const char *v) {
    switch (type.kind) {
    case TYPE_STRING:
        return text(e, "hash_bytes(%s.at, %s.size, 0)", v, v);
    case TYPE_F32:
    case TYPE_F64:
        return text(e, "hash_u64(key_of_f64(%s), 0)", v);
    case TYPE_NONE:
    case TYPE_NULL:
    case TYPE_BOOL:
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
    case TYPE_LIST:
        break;
    }
    return text(e, "hash_u64((u64)%s, 0)", v);
}

static const char *absolute(struct emitter *e, struct type type, const char *v) {
    if (type.kind == TYPE_F32) return text(e, "__builtin_fabsf(%s)", v);
    if (type.kind == TYPE_F64) return text(e, "__builtin_fabs(%s)", v);
    if (type_is_integer(type.kind) && !type_is_signed(type.kind)) return v;
    return text(e, "(%s)abs_i64(%s)", c_type(type), v);
}

static const char *same_of(struct emitter *e, const struct texpr *x, const struct val *args) {
    const char *equal = compare_text(e, OP_EQUAL, x->args[0]->type, args[0].v, args[1].v);
    const char *a = args[0].null ? args[0].null : "false",
               *b = args[1].null ? args[1].null : "false";
    return text(e, "(%s == %s && (%s || %s))", a, b, a, equal);
}

static struct str constant(const struct texpr *x) {
    return x->value.str;
}

static struct val inline_call(struct emitter *e, const struct texpr *x, const struct val *args,
                              const char *null) {
    u32 id = (u32)x->function->id;
    if (id == FN_CONCAT) {
        builds_strings(e);
        return result_of(e, x->type,
                         text(e, "str_concat((struct str[]){ %s }, %u, &c->scratch)",
                              list_of(e, args, x->arg_count), x->arg_count),
                         null);
    }
    if (id == FN_REGEX_LIKE)
        return result_of(e, x->type,
                         text(e, "regex_like(&c->regexes[%u], %s)",
                              regex_number(e, constant(x->args[1])), args[0].v),
                         null);
    if (id == FN_REGEX_EXTRACT || id == FN_REGEX_EXTRACT_GROUP)
        return answer_of(e, x->type,
                         text(e, "regex_extract(&c->regexes[%u], %s, (u32)%s",
                              regex_number(e, constant(x->args[1])), args[0].v,
                              id == FN_REGEX_EXTRACT ? "0" : args[2].v),
                         null);
    if (id == FN_REGEX_REPLACE) {
        builds_strings(e);
        return result_of(e, x->type,
                         text(e, "regex_replace(&c->regexes[%u], %s, %s, &c->scratch)",
                              regex_number(e, constant(x->args[1])), args[0].v, args[2].v),
                         null);
    }
    if (id == FN_JSON_GET) {
        builds_strings(e);
        return answer_of(e, x->type, text(e, "json_get(%s, %s, &c->scratch", args[0].v, args[1].v),
                         null);
    }
    if (id == FN_ABS) return (struct val){ absolute(e, x->type, args[0].v), null };
    if (id == FN_MIN_OF) return extreme(e, x, args, OP_LESS);
    if (id == FN_MAX_OF) return extreme(e, x, args, OP_GREATER);
    if (id == FN_SAME) return (struct val){ same_of(e, x, args), NULL };
    if (id == FN_HASH64) return (struct val){ hash_of(e, x->args[0]->type, args[0].v), null };
    if (id == FN_FROM_UNIX_MS)
        return (struct val){ text(e, "time_of_unix_ms(%s)", args[0].v), null };
    if (id == FN_WATERMARK) {
        u32 n = ++e->temp;
        line(e, "const i64 x%u = fine_w(&c->fine[%u], c->stamp);", n, e->fine_stage);
        return (struct val){ text(e, "x%u", n), text(e, "(x%u == TIME_NEVER)", n) };
    }
    ENSURE(id == FN_TRUNC_UNIT);
    enum time_unit unit;
    struct str word = constant(x->args[1]);
    ENSURE(time_unit_from_word(word.at, word.size, &unit));
    return result_of(e, x->type, text(e, "time_trunc_unit(%s, %u)", args[0].v, (unsigned)unit),
                     null);
}

struct val call_value(struct emitter *e, const struct texpr *x, const struct scope *scope) {
    const char *null;
    struct val *args = arguments(e, x, scope, &null);
    const char *name = x->function->c_name, *list = list_of(e, args, x->arg_count);
    switch (x->function->form) {
    case FUNCTION_CALL:
        return result_of(e, x->type, text(e, "%s(%s)", name, list), null);
    case FUNCTION_SCRATCH:
        builds_strings(e);
        return result_of(e, x->type, text(e, "%s(%s, &c->scratch)", name, list), null);
    case FUNCTION_OUT:
        return answer_of(e, x->type, text(e, "%s(%s", name, list), null);
    case FUNCTION_INLINE:
        return inline_call(e, x, args, null);
    case FUNCTION_LIST:
    case FUNCTION_OPERATOR:
    case FUNCTION_LATER:
        ENSURE(!"refused by the checker");
    }
    return (struct val){ "0", NULL };
}
