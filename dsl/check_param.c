/* Params and the constants of stages: values that are known when the job is compiled. */
#include "dsl/check_internal.h"

#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

#include <string.h>

struct texpr *literal_of_type(struct checker *c, const struct ast_expr *e, struct type type,
                              const char *what) {
    struct scope scope = { .c = c, .place = what };
    const struct ast_expr *inner =
        e->kind == AST_EXPR_UNARY && e->unary.op == AST_NEGATE ? e->unary.of : e;
    bool is_literal = inner->kind <= AST_EXPR_TIMESTAMP && inner->kind != AST_EXPR_SIZE;
    if (!is_literal) {
        diag_error(c->diags, E0307, e->span, "%s is a literal", what);
        return NULL;
    }
    struct texpr *r = check_whole(&scope, e);
    bool told = is_refused(r);
    struct texpr *fit = told ? NULL : make_fit(c, r, type, &told);
    if (!fit && !told)
        diag_error(c->diags, E0301, e->span, "%s is %s, not %s", what, name_type(c, type),
                   name_type(c, r->type));
    if (!fit || told) return NULL;
    if (fit->is_null && !type.nullable) {
        diag_error(c->diags, E0303, e->span, "%s may not be null", what);
        return NULL;
    }
    return fit;
}

/* ---- --set ---- */

static bool parse_integer(enum type_kind kind, struct str text, union value *value) {
    u64 big;
    if (parse_i64(text.at, text.size, &value->i))
        return type_holds(kind, value->i < 0, value->i < 0 ? 0 - (u64)value->i : (u64)value->i);
    if (!parse_u64(text.at, text.size, &big)) return false;
    value->i = (i64)big;
    return type_holds(kind, false, big);
}

static bool parse_value(struct checker *c, struct type type, const char *at, union value *value) {
    struct str text = { at, strlen(at) };
    bool truth;
    float single;
    if (type_is_integer(type.kind)) return parse_integer(type.kind, text, value);
    if (type.kind == TYPE_F64) return parse_f64(text.at, text.size, &value->f);
    if (type.kind == TYPE_F32) {
        bool parsed = parse_f32(text.at, text.size, &single);
        value->f = parsed ? single : 0;
        return parsed;
    }
    if (type.kind == TYPE_BOOL) {
        bool parsed = parse_bool(text.at, text.size, &truth);
        value->i = parsed && truth;
        return parsed;
    }
    if (type.kind == TYPE_TIMESTAMP) return parse_timestamp(text.at, text.size, &value->i);
    if (type.kind == TYPE_DURATION) return parse_duration(text.at, text.size, &value->i);
    if (type.kind == TYPE_ENUM)
        return (value->i = type_enum_member(type.of, text.at, text.size)) >= 0;
    value->str = (struct str){ arena_copy(c->arena, text.at, text.size), text.size };
    return true;
}

static void set_param(struct checker *c, const struct param_setting *set) {
    struct symbol *symbol = name_find(c, set->name);
    if (!symbol || symbol->kind != SYMBOL_PARAM) {
        struct diag *d = diag_error(c->diags, E0208, (struct span){ 0 },
                                    "--set %s: there is no such param", set->name);
        const char *near = name_nearest(c, set->name, 1u << SYMBOL_PARAM);
        if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
        return;
    }
    struct param *param = symbol->param;
    if (symbol->refused) return;
    param->has_value = true;
    param->value_null = param->type.nullable && !strcmp(set->value, "null");
    if (param->value_null || parse_value(c, param->type, set->value, &param->value)) return;
    struct diag *d = diag_error(c->diags, E0208, (struct span){ 0 }, "--set %s=%s: this is no %s",
                                set->name, set->value, name_type(c, param->type));
    diag_note(c->diags, d, symbol->name.span, "the param is declared here");
    symbol->refused = true;
}

static void declare_param(struct checker *c, struct symbol *symbol) {
    struct param *param = arena_alloc(c->arena, sizeof *param);
    param->symbol = symbol;
    symbol->param = param;
    param->type = type_resolve(c, symbol->decl->param.type);
    if (param->type.kind == TYPE_NONE) symbol->refused = true;
    if (symbol->refused || !symbol->decl->param.initial) return;
    struct texpr *initial =
        literal_of_type(c, symbol->decl->param.initial, param->type, "the default of a param");
    if (!initial) {
        symbol->refused = true;
        return;
    }
    param->has_default = param->has_value = true;
    param->fallback = param->value = initial->value;
    param->fallback_null = param->value_null = initial->is_null;
}

void params_check(struct checker *c, const struct param_setting *sets, u32 count) {
    for (u32 i = 0; i < c->symbol_count; i++)
        if (c->symbols[i]->kind == SYMBOL_PARAM) declare_param(c, c->symbols[i]);
    for (u32 i = 0; i < count; i++) set_param(c, &sets[i]);
}

struct texpr *param_constant(struct checker *c, struct symbol *symbol, struct span span) {
    struct param *param = symbol->param;
    if (symbol->refused) return make_none(c, span);
    if (!param->has_value) {
        if (!param->missed) {
            struct diag *d =
                diag_error(c->diags, E0208, span, "the param `%s` has no value", symbol->name.text);
            diag_note(c->diags, d, symbol->name.span, "it is declared without a default");
            diag_help(c->diags, d, "give it one: `--set %s=...`", symbol->name.text);
        }
        param->missed = true;
        return make_none(c, span);
    }
    if (param->value_null) return make_null(c, param->type, span);
    /* A param that may be null is so, whatever its value: the job must make sense with any. */
    struct texpr *value = make_const(c, type_nullable(param->type, false), param->value, span);
    return param->type.nullable ? make_cast(c, value, param->type, span) : value;
}

/* ---- constants of stages ---- */

/* The param that the constant names, as a value of this type; null: told. */
static struct texpr *const_param(struct checker *c, const struct ast_const *value, const char *what,
                                 bool duration) {
    struct symbol *symbol = name_find(c, value->name);
    if (!symbol || symbol->kind != SYMBOL_PARAM) {
        name_unknown(c, (struct ast_name){ value->name, value->span },
                     duration ? "a duration, or a param that is one"
                              : "a number, or a param that is one",
                     1u << SYMBOL_PARAM);
        return NULL;
    }
    struct texpr *e = param_constant(c, symbol, value->span);
    if (is_refused(e)) return NULL;
    bool right = e->kind == TEXPR_CONST &&
                 (duration ? e->type.kind == TYPE_DURATION : type_is_integer(e->type.kind));
    if (right) return e;
    struct diag *d =
        diag_error(c->diags, E0301, value->span, "%s is a %s, not %s", what,
                   duration ? "duration" : "number", name_type(c, symbol->param->type));
    diag_note(c->diags, d, symbol->name.span, "the param is declared here");
    return NULL;
}

bool const_duration(struct checker *c, const struct ast_const *value, const char *what, i64 *ns) {
    if (value->kind == AST_CONST_DURATION) {
        *ns = value->duration_ns;
        return true;
    }
    if (value->kind == AST_CONST_NAME) {
        const struct texpr *e = const_param(c, value, what, true);
        if (e) *ns = e->value.i;
        return e != NULL;
    }
    struct diag *d =
        diag_error(c->diags, E0301, value->span, "%s is a duration, as in `10s`", what);
    if (value->kind == AST_CONST_INT)
        diag_help(c->diags, d, "write `%llus` for seconds", (unsigned long long)value->count);
    return false;
}

bool const_count(struct checker *c, const struct ast_const *value, const char *what, u64 max,
                 u64 *count) {
    if (value->kind == AST_CONST_INT)
        *count = value->count;
    else if (value->kind == AST_CONST_NAME) {
        const struct texpr *e = const_param(c, value, what, false);
        if (!e) return false;
        *count = (u64)e->value.i; /* of a negative one: too large */
    } else {
        diag_error(c->diags, E0301, value->span, "%s is a number", what);
        return false;
    }
    if (*count <= max) return true;
    diag_error(c->diags, E0302, value->span, "%s is at most %llu", what, (unsigned long long)max);
    return false;
}
