/* Calls: the author's own functions, written out at the call; those of functions.def; aggregates.
 */
#include "dsl/check_internal.h"

#include "runtime/base/text_buf.h"
#include "runtime/data/regex.h"
#include "runtime/data/timefn.h"

#include <stdlib.h>
#include <string.h>

#define CALL_ARGS_MAX 1000u

/* ---- constants that are checked now ---- */

/* Of a raw string the bytes of the text are those of the pattern, so the very place can be shown.
 */
static struct span inside_raw_string(struct checker *c, struct span span, u64 at) {
    struct str text = text_of_span(&c->parse->texts, span);
    if (text.size < 3 || text.at[0] != 'r' || text.at[1] != '"' || at + 3 > text.size) return span;
    u32 start = span.start + 2 + (u32)at;
    return (struct span){ span.file, start, start + 1 };
}

static bool regex_is_right(struct checker *c, const struct texpr *e) {
    char error[REGEX_ERROR_ROOM];
    u64 at = 0;
    struct regex *regex = regex_compile(e->value.str.at, e->value.str.size, &at, error);
    if (regex) {
        regex_free(regex);
        return true;
    }
    diag_error(c->diags, E0308, inside_raw_string(c, e->span, at),
               "this regular expression is wrong: %s", error);
    return false;
}

static bool format_is_right(struct checker *c, const struct texpr *e) {
    u64 at = 0;
    if (date_format_check(e->value.str.at, e->value.str.size, &at)) return true;
    struct diag *d = diag_error(c->diags, E0309, e->span, "no such part of a date format: `%.2s`",
                                e->value.str.at + at);
    diag_help(c->diags, d,
              "%%Y %%m %%d %%H %%M %%S are year, month, day, hour, minute, second; %%%% is a "
              "percent sign");
    return false;
}

static bool unit_is_right(struct checker *c, const struct texpr *e) {
    static const char *const units[] = { "second", "minute", "hour",    "day",
                                         "week",   "month",  "quarter", "year" };
    enum time_unit unit;
    if (time_unit_from_word(e->value.str.at, e->value.str.size, &unit)) return true;
    struct diag *d =
        diag_error(c->diags, E0309, e->span, "no such unit of time: `%.40s`", e->value.str.at);
    const char *near = diag_nearest(e->value.str.at, units, sizeof units / sizeof *units);
    if (near)
        diag_help(c->diags, d, "did you mean \"%s\"?", near);
    else
        diag_help(c->diags, d, "units are second, minute, hour, day, week, month, quarter, year");
    return false;
}

static bool constant_is_right(struct checker *c, const struct function *f, char letter,
                              const struct texpr *e) {
    if (!letter || !strchr("RFUDP", letter)) return true;
    if (e->kind != TEXPR_CONST || e->is_null) {
        struct diag *d = not_yet(c, e->span, "%s that is worked out from a row",
                                 letter == 'R'   ? "a regular expression"
                                 : letter == 'F' ? "a date format"
                                 : letter == 'U' ? "a unit of time"
                                 : letter == 'P' ? "a template of `format`"
                                                 : "a duration of `trunc`");
        diag_help(c->diags, d, "give `%s` a constant here", f->name);
        return false;
    }
    if (letter == 'R') return regex_is_right(c, e);
    if (letter == 'F') return format_is_right(c, e);
    if (letter == 'U') return unit_is_right(c, e);
    if (letter == 'P') return true; /* its pieces are seen where it is taken apart */
    if (e->value.i > 0) return true;
    diag_error(c->diags, E0309, e->span, "a duration of `%s` is more than 0s", f->name);
    return false;
}

/* ---- which signature ---- */

static bool letter_takes(char letter, const struct texpr *e, bool exactly) {
    if (letter == 'T' || letter == 'X') return type_is_scalar(e->type.kind) || is_null_literal(e);
    if (letter == 'N') return type_is_number(e->type.kind) || is_null_literal(e);
    struct type want = type_of(function_letter_type(letter));
    if (is_null_literal(e) || type_same_kind(e->type, want)) return true;
    return !exactly && type_widens(e->type, want);
}

static bool signature_fits(const struct function *f, struct texpr **args, u32 count, bool exactly) {
    struct function_arg takes[CALL_ARGS_MAX];
    if (!function_takes(f, count, takes)) return false;
    for (u32 i = 0; i < count; i++)
        if (!letter_takes(takes[i].letter, args[i], exactly)) return false;
    return true;
}

static const struct function *signature_find(const struct function *first, struct texpr **args,
                                             u32 count) {
    for (u32 pass = 0; pass < 2; pass++)
        for (const struct function *f = first;
             f < functions + FUNCTION_COUNT && !strcmp(f->name, first->name); f++)
            if (signature_fits(f, args, count, pass == 0)) return f;
    return NULL;
}

static const char *letter_words(char letter) {
    switch (letter) {
    case 'N':
        return "number";
    case 'T':
    case 'X':
        return "value";
    case 'R':
        return "pattern";
    case 'F':
        return "format";
    case 'U':
        return "unit";
    case 'P':
        return "template";
    default:
        return type_kind_name(function_letter_type(letter));
    }
}

static void signature_print(const struct function *f, struct text_buf *to) {
    text_buf_printf(to, "`%s(", f->name);
    for (const char *at = f->args; *at; at++) {
        if (*at == '?') continue;
        if (*at == '*')
            text_buf_str(to, ", ...");
        else
            text_buf_printf(to, "%s%s", at == f->args ? "" : ", ", letter_words(*at));
    }
    text_buf_str(to, ")`");
}

static void no_signature(struct checker *c, const struct ast_expr *e, const struct function *first,
                         struct texpr **args, u32 count) {
    struct text_buf text;
    text_buf_init(&text);
    for (u32 i = 0; i < count; i++)
        text_buf_printf(&text, "%s%s", i ? ", " : "", name_type(c, args[i]->type));
    struct diag *d = diag_error(c->diags, E0305, e->span, "`%s` does not take (%s)", first->name,
                                count ? text.at : "");
    text_buf_clear(&text);
    for (const struct function *f = first;
         f < functions + FUNCTION_COUNT && !strcmp(f->name, first->name); f++) {
        if (f != first) text_buf_str(&text, " or ");
        signature_print(f, &text);
    }
    diag_help(c->diags, d, "it is %s", text.at);
    text_buf_fini(&text);
}

/* ---- a call of the catalogue ---- */

/* Arguments of N and T meet in one type, others widen into theirs. */
static bool fit_args(struct checker *c, const struct function *f, struct texpr **args, u32 count,
                     const struct function_arg *takes, struct type *shared) {
    bool told = false;
    struct texpr **same = arena_alloc(c->arena, (count + 1) * sizeof *same);
    u32 same_count = 0;
    for (u32 i = 0; i < count; i++) {
        if (takes[i].letter == 'N' || takes[i].letter == 'T')
            same[same_count++] = args[i];
        else if (takes[i].letter == 'X')
            continue;
        else if (!(args[i] = make_fit(c, args[i], type_of(function_letter_type(takes[i].letter)),
                                      &told)) ||
                 told)
            return false;
        else if (!constant_is_right(c, f, takes[i].letter, args[i]))
            return false;
    }
    if (!same_count) return true;
    if (!make_meet(c, same, same_count, &told)) {
        if (!told)
            diag_error(c->diags, E0305, args[0]->span, "the arguments of `%s` have different types",
                       f->name);
        return false;
    }
    *shared = same[0]->type;
    for (u32 i = 0, n = 0; i < count; i++)
        if (takes[i].letter == 'N' || takes[i].letter == 'T') args[i] = same[n++];
    return true;
}

static struct texpr *as_operator(struct scope *s, const struct function *f, struct texpr **args,
                                 u32 count, struct span span) {
    struct checker *c = s->c;
    if (f->id == FN_MOD) return arithmetic(s, OP_MODULO, args[0], args[1], span);
    if (f->id == FN_FORMAT || f->id == FN_FORMAT_NONE) return check_format(c, args, count, span);
    struct texpr *r = args[count - 1];
    for (u32 i = count - 1; i-- > 0;) {
        struct type both = type_nullable(r->type, args[i]->type.nullable && r->type.nullable);
        r = make_node(c, TEXPR_COALESCE, both, span, 2, (struct texpr *[]){ args[i], r });
    }
    return r;
}

/* `watermark()` is a stage's own; the rows must come from where one is said. */
static bool has_watermark(struct scope *s, struct span span) {
    struct diag *d;
    if (!s->stateless) {
        d = not_yet(s->c, span, "`watermark()` here");
        diag_help(s->c->diags, d, "take it with the row before: `|> let w = watermark()`");
        return false;
    }
    if (s->rows->open) return true;
    if (rows_update(s->rows)) {
        d = diag_error(s->c->diags, E0432, span, "`watermark()` of rows that update");
        diag_label(s->c->diags, d, "is another one when the row is taken back");
        diag_note(s->c->diags, d, s->rows->updates, "updates come from here");
        return false;
    }
    if (s->rows->has_watermark && rows_by_clock(s->rows->op)) {
        not_yet(s->c, span, "`watermark()` behind a window by the clock");
        return false;
    }
    if (s->rows->has_watermark) return true;
    d = diag_error(s->c->diags, E0401, span, "these rows have no watermark");
    diag_help(s->c->diags, d, "say at the source: `time COLUMN watermark lag 10s`");
    return false;
}

static struct texpr *call_function(struct scope *s, const struct function *f, struct texpr **args,
                                   u32 count, struct span span) {
    struct checker *c = s->c;
    struct function_arg takes[CALL_ARGS_MAX];
    struct type shared = type_of(TYPE_NONE);
    function_takes(f, count, takes);
    if (!fit_args(c, f, args, count, takes, &shared)) return make_none(c, span);
    if (f->id == FN_WATERMARK && !has_watermark(s, span)) return make_none(c, span);
    if (shared.kind == TYPE_NULL)
        return f->id == FN_SAME ? make_bool(c, true, span) : make_null(c, shared, span);
    char letter = f->result[0];
    struct type type =
        letter == 'N' || letter == 'T' ? shared : type_of(function_letter_type(letter));
    bool any = false, all = count > 0;
    for (u32 i = 0; i < count; i++) {
        any = any || (args[i]->type.nullable && !takes[i].takes_null);
        all = all && args[i]->type.nullable;
    }
    bool skips = letter == 'T' && count && takes[0].takes_null; /* min_of: null only if all are */
    type.nullable = function_may_fail(f) || any || (skips && all);
    if (f->form == FUNCTION_OPERATOR) return as_operator(s, f, args, count, span);
    struct texpr *r = make_node(c, TEXPR_CALL, type, span, count, args);
    r->function = f;
    return r;
}

/* ---- `fn` ---- */

/* The body with the arguments in the places of the params; places are those of the call. */
static struct texpr *written_out(struct checker *c, const struct texpr *e,
                                 struct texpr *const *args, struct span span) {
    if (e->kind == TEXPR_COLUMN)
        return e->type.nullable ? args[e->column] : make_not_null(c, args[e->column]);
    if (c->made > 4 * TEXPR_WEIGHT_MAX) return too_large(c, span);
    struct texpr **inner = malloc((e->arg_count + 1) * sizeof *inner);
    if (!inner) abort();
    for (u32 i = 0; i < e->arg_count; i++) inner[i] = written_out(c, e->args[i], args, span);
    struct texpr *r = make_node(c, e->kind, e->type, span, e->arg_count, inner);
    free(inner);
    if (is_refused(r)) return r;
    struct texpr **own = r->args;
    u32 weight = r->weight, depth = r->depth;
    *r = *e;
    r->span = span;
    r->args = own;
    r->weight = weight;
    r->depth = depth;
    return r;
}

/* Null in, null out: a param that may not be null makes the call null, and the body is not asked.
 */
static struct texpr *call_fn(struct checker *c, const struct symbol *fn, struct texpr **args,
                             struct span span) {
    struct texpr *any_null = NULL;
    u32 count = fn->rows->schema.count;
    for (u32 i = 0; i < count; i++) {
        if (fn->rows->schema.columns[i].type.nullable || !args[i]->type.nullable) continue;
        struct texpr *null = make_node(c, TEXPR_IS_NULL, type_of(TYPE_BOOL), span, 1, &args[i]);
        any_null = any_null ? make_binary(c, OP_OR, null->type, any_null, null, span) : null;
        args[i] = make_not_null(c, args[i]);
    }
    struct texpr *r = written_out(c, fn->body, args, span);
    if (!any_null || is_refused(r) || is_refused(any_null)) return r;
    struct texpr *choice[3] = { any_null, make_null(c, r->type, span), r };
    return make_node(c, TEXPR_CASE, type_nullable(r->type, true), span, 3, choice);
}

static struct texpr *check_own_call(struct scope *s, const struct ast_expr *e, struct symbol *fn,
                                    struct texpr **args) {
    struct checker *c = s->c;
    if (fn->kind == SYMBOL_FN) fn_check(c, fn);
    if (fn->refused) return make_none(c, e->span);
    u32 count = fn->rows->schema.count;
    if (e->call.args.count != count) {
        struct diag *d =
            diag_error(c->diags, E0305, e->span, "`%s` takes %u argument%s, not %u", fn->name.text,
                       count, count == 1 ? "" : "s", e->call.args.count);
        diag_note(c->diags, d, fn->name.span, "`%s` is declared here", fn->name.text);
        return make_none(c, e->span);
    }
    for (u32 i = 0; i < count; i++) {
        struct type want = fn->rows->schema.columns[i].type;
        bool told = false;
        struct texpr *fit = make_fit(c, args[i], want, &told);
        if (!fit) {
            struct diag *d =
                diag_error(c->diags, E0305, args[i]->span, "`%s` of `%s` is %s, not %s",
                           fn->rows->schema.columns[i].name, fn->name.text, name_type(c, want),
                           name_type(c, args[i]->type));
            diag_note(c->diags, d, fn->name.span, "`%s` is declared here", fn->name.text);
        }
        if (!fit || told) return make_none(c, e->span);
        args[i] = fit;
    }
    return call_fn(c, fn, args, e->span);
}

static void fn_recursive(struct checker *c, struct symbol *fn) {
    struct diag *d = diag_error(c->diags, E0306, fn->name.span, "`%s` calls itself", fn->name.text);
    diag_help(c->diags, d,
              "functions are written out where they are called, so there is no recursion");
    fn->refused = true;
}

static void fn_params(struct checker *c, struct symbol *fn) {
    const struct ast_fields *params = &fn->decl->fn.params;
    struct rows *rows = arena_alloc(c->arena, sizeof *rows);
    rows->schema.columns =
        arena_alloc(c->arena, (params->count + 1) * sizeof *rows->schema.columns);
    rows->fields = arena_alloc(c->arena, (params->count + 1) * sizeof *rows->fields);
    for (u32 i = 0; i < params->count; i++) {
        struct ast_name name = params->at[i].name;
        if (field_find(rows, name.text)) {
            diag_error(c->diags, E0205, name.span, "two params are called `%s`", name.text);
            fn->refused = true;
        }
        struct type type = type_resolve(c, params->at[i].type);
        if (type.kind == TYPE_NONE) fn->refused = true;
        rows->schema.columns[i] = (struct column){ name.text, type };
        rows->fields[i] = (struct field){ .name = name.text, .first = i, .count = 1 };
        rows->schema.count = rows->field_count = i + 1;
    }
    fn->rows = rows;
}

static void fn_result(struct checker *c, struct symbol *fn, struct texpr *body) {
    struct type want = type_resolve(c, fn->decl->fn.result);
    bool told = is_refused(body) || want.kind == TYPE_NONE;
    struct texpr *fit = told ? NULL : make_fit(c, body, want, &told);
    if (!fit && !told)
        diag_error(c->diags, E0301, body->span, "`%s` is declared as %s, but this is %s",
                   fn->name.text, name_type(c, want), name_type(c, body->type));
    if (fit && !told && fit->type.nullable && !want.nullable) {
        struct diag *d =
            diag_error(c->diags, E0303, body->span, "`%s` is declared as %s, but this may be null",
                       fn->name.text, name_type(c, want));
        diag_help(c->diags, d, "declare `%s?`, or say what stands for null: `... ?? x`",
                  name_type(c, want));
        told = true;
    }
    fn->body = fit;
    if (told || !fit) fn->refused = true;
}

void fn_check(struct checker *c, struct symbol *fn) {
    if (fn->state == SYMBOL_BUSY && !fn->refused) fn_recursive(c, fn);
    if (fn->state != SYMBOL_NEW) return;
    fn->state = SYMBOL_BUSY;
    fn_params(c, fn);
    struct scope scope = { .c = c,
                           .rows = fn->rows,
                           .place = arena_printf(c->arena, "`fn %s`", fn->name.text) };
    u32 made = c->made;
    bool too_large = c->too_large;
    struct texpr *body = check_whole(&scope, fn->decl->fn.body);
    c->made = made;
    c->too_large = too_large;
    if (!fn->refused) fn_result(c, fn, body);
    fn->state = SYMBOL_DONE;
}

/* ---- any call ---- */

static void call_unknown(struct checker *c, const struct ast_expr *e) {
    const char *names[FUNCTION_COUNT + 64];
    u32 count = 0;
    for (u32 i = 0; i < FUNCTION_COUNT; i++) names[count++] = functions[i].name;
    for (u32 i = 0; i < aggregate_count; i++) names[count++] = aggregates[i].name;
    const char *name = e->call.name.text;
    struct diag *d = diag_error(c->diags, E0201, e->call.name.span, "no function `%s`", name);
    const struct symbol *symbol = name_find(c, name);
    if (symbol) {
        diag_note(c->diags, d, symbol->name.span, "`%s` is %s", name,
                  symbol_kind_words(symbol->kind));
        return;
    }
    if (!strcmp(name, "env")) {
        diag_help(c->diags, d, "env(\"NAME\") stands in options of connectors only");
        return;
    }
    const char *near = name_nearest(c, name, 1u << SYMBOL_FN);
    if (!near) near = diag_nearest(name, names, count);
    if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
}

static void aggregate_outside(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    if (s->in_aggregate) {
        struct diag *d = diag_error(c->diags, E0311, e->span,
                                    "`%s` stands inside another aggregate", e->call.name.text);
        diag_help(c->diags, d, "aggregate the results of a first `aggregate` in a second one");
        return;
    }
    struct diag *d = diag_error(c->diags, E0311, e->span, "`%s` adds up rows, and here is only one",
                                e->call.name.text);
    diag_help(c->diags, d,
              "aggregates stand in the stage `aggregate`: `... |> aggregate x = %s(...)`",
              e->call.name.text);
}

/* The arguments, checked whatever becomes of the call. Null: one of them was refused. */
static struct texpr **check_args(struct scope *s, const struct ast_expr *e) {
    struct texpr **args = arena_alloc(s->c->arena, (e->call.args.count + 1) * sizeof *args);
    bool refused = false;
    for (u32 i = 0; i < e->call.args.count; i++) {
        args[i] = check_expr(s, e->call.args.at[i]);
        refused = refused || is_refused(args[i]);
    }
    return refused ? NULL : args;
}

static bool only_arguments(struct checker *c, const struct ast_expr *e) {
    if (!span_is_somewhere(e->call.distinct) && !e->call.where) return true;
    diag_error(c->diags, E0305, e->call.where ? e->call.where->span : e->call.distinct,
               "`%s` is no aggregate: it takes no `%s`", e->call.name.text,
               e->call.where ? "where" : "distinct");
    return false;
}

struct texpr *check_call(struct scope *s, const struct ast_expr *e) {
    struct checker *c = s->c;
    const char *name = e->call.name.text;
    struct symbol *symbol = name_find(c, name);
    bool own = symbol && (symbol->kind == SYMBOL_FN || symbol->kind == SYMBOL_AGGREGATE);
    const struct aggregate_def *aggregate = own ? NULL : aggregate_find(name);
    if (aggregate && s->aggregation) return check_aggregate_call(s, e, aggregate);
    struct texpr **args = check_args(s, e);
    const struct function *f = own ? NULL : function_find(name);
    if (!own && !f) {
        if (aggregate)
            aggregate_outside(s, e);
        else
            call_unknown(c, e);
        return make_none(c, e->span);
    }
    if (!only_arguments(c, e)) return make_none(c, e->span);
    if (own) return args ? check_own_call(s, e, symbol, args) : make_none(c, e->span);
    if (f->form == FUNCTION_LATER) {
        not_yet(c, e->call.name.span, "the function `%s`", name);
        return make_none(c, e->span);
    }
    if (!args) return make_none(c, e->span);
    const struct function *fits =
        e->call.args.count > CALL_ARGS_MAX ? NULL : signature_find(f, args, e->call.args.count);
    if (fits) return call_function(s, fits, args, e->call.args.count, e->span);
    no_signature(c, e, f, args, e->call.args.count);
    return make_none(c, e->span);
}
