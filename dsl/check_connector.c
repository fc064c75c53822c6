/* Connectors and their options, by the tables of io/. */
#include "dsl/check_internal.h"

#include "io/connector.h"

#include <string.h>

/* What later versions have, so that a job that says it is told so. */
static const char *const later_connectors[] = {
    "tcp",  "udp",  "http", "websocket", "kafka", "postgres", "nexmark",
    "pcap", "dpdk", "shm",  "mqtt",      "nats",  "redis",
};
static const char *const later_options[] = {
    "done_file", "done_at", "rate", "mode", "listen", "compression", "group", "null",
};

static bool is_among(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

static void connector_unknown(struct checker *c, struct ast_name name) {
    if (is_among(name.text, later_connectors, sizeof later_connectors / sizeof *later_connectors)) {
        not_yet(c, name.span, "the connector `%s`", name.text);
        return;
    }
    const char *names[64];
    u32 count = 0;
    while (connectors[count] && count < 64) {
        names[count] = connectors[count]->name;
        count++;
    }
    struct diag *d = diag_error(c->diags, E0501, name.span, "no connector `%s`", name.text);
    const char *near = diag_nearest(name.text, names, count);
    if (near) {
        diag_help(c->diags, d, "did you mean `%s`?", near);
        return;
    }
    struct text_buf text;
    text_buf_init(&text);
    for (u32 i = 0; i < count; i++) text_buf_printf(&text, "%s%s", i ? ", " : "", names[i]);
    diag_help(c->diags, d, "there are %s", text.at);
    text_buf_fini(&text);
}

/* ---- values of options ---- */

static void words_help(struct checker *c, struct diag *d, const struct option_def *def,
                       const char *near) {
    if (near) {
        diag_help(c->diags, d, "did you mean `%s`?", near);
        return;
    }
    struct text_buf text;
    text_buf_init(&text);
    for (u32 i = 0; def->words[i]; i++)
        text_buf_printf(&text, "%s%s", i ? ", " : "", def->words[i]);
    diag_help(c->diags, d, "it is one of %s", text.at);
    text_buf_fini(&text);
}

static bool word_option(struct checker *c, const struct option_def *def, const struct ast_expr *e,
                        struct connector_option *out) {
    u32 count = 0;
    const char *given = e->kind == AST_EXPR_NAME ? e->name : NULL;
    for (; def->words[count]; count++)
        if (given && !strcmp(def->words[count], given)) {
            out->type = type_of(TYPE_STRING);
            out->value.str = (struct str){ def->words[count], strlen(def->words[count]) };
            return true;
        }
    struct diag *d;
    if (given)
        d = diag_error(c->diags, E0503, e->span, "`%s` cannot be `%s`", def->name, given);
    else
        d = diag_error(c->diags, E0503, e->span, "`%s` takes a word, without quotes", def->name);
    bool quoted = e->kind == AST_EXPR_STRING;
    words_help(c, d, def,
               diag_nearest(given    ? given
                            : quoted ? e->string.at
                                     : "",
                            def->words, count));
    return false;
}

static const char *option_kind_words(enum option_kind kind) {
    switch (kind) {
    case OPTION_TEXT:
        return "a string";
    case OPTION_WORD:
        return "a word";
    case OPTION_BOOL:
        return "true or false";
    case OPTION_COUNT:
        return "a number";
    case OPTION_SIZE:
        return "a size, as in 64KiB";
    case OPTION_BYTE:
        return "a string of one ASCII character";
    case OPTION_DURATION:
        return "a duration, as in 10m";
    case OPTION_COLUMNS:
        return "a list of columns, as in [day, hour]";
    }
    return "";
}

static bool option_takes(enum option_kind kind, struct type type) {
    switch (kind) {
    case OPTION_TEXT:
    case OPTION_WORD:
    case OPTION_BYTE:
        return type.kind == TYPE_STRING;
    case OPTION_BOOL:
        return type.kind == TYPE_BOOL;
    case OPTION_COUNT:
    case OPTION_SIZE:
        return type_is_integer(type.kind);
    case OPTION_DURATION:
        return type.kind == TYPE_DURATION;
    case OPTION_COLUMNS:
        return false;
    }
    return false;
}

static bool option_wrong(struct checker *c, const struct option_def *def, struct span span) {
    struct diag *d =
        diag_error(c->diags, E0503, span, "`%s` takes %s", def->name, option_kind_words(def->kind));
    diag_help(c->diags, d, "%s: %s", def->name, def->doc);
    return false;
}

static bool literal_option(struct checker *c, const struct option_def *def,
                           const struct texpr *value, struct span span,
                           struct connector_option *out) {
    if (value->kind != TEXPR_CONST || value->is_null || !option_takes(def->kind, value->type))
        return option_wrong(c, def, span);
    bool is_byte = value->type.kind == TYPE_STRING && value->value.str.size == 1 &&
                   (u8)value->value.str.at[0] < 0x80;
    if (def->kind == OPTION_BYTE && (!is_byte || strchr("\"\r\n", value->value.str.at[0])))
        return option_wrong(c, def, span);
    if (type_is_signed(value->type.kind) && value->value.i < 0) return option_wrong(c, def, span);
    if (def->kind == OPTION_DURATION && value->value.i <= 0) return option_wrong(c, def, span);
    if (value->type.kind == TYPE_STRING && memchr(value->value.str.at, 0, value->value.str.size)) {
        diag_error(c->diags, E0503, span, "`%s` holds a NUL byte", def->name);
        return false;
    }
    out->type = value->type;
    out->value = value->value;
    return true;
}

static bool param_option(struct checker *c, const struct option_def *def, struct symbol *symbol,
                         struct span span, struct connector_option *out) {
    if (symbol->refused) return false;
    if (!option_takes(def->kind, symbol->param->type) || symbol->param->type.nullable)
        return option_wrong(c, def, span);
    if (def->constant || def->kind == OPTION_BYTE) {
        struct texpr *value = param_constant(c, symbol, span);
        return !is_refused(value) && literal_option(c, def, value, span, out);
    }
    symbol->param->bound = true;
    out->from = OPTION_PARAM;
    out->type = symbol->param->type;
    out->ref = symbol->name.text;
    return true;
}

static bool env_option(struct checker *c, const struct option_def *def, const struct ast_expr *e,
                       struct connector_option *out) {
    const struct ast_exprs *args = &e->call.args;
    if (def->constant) {
        diag_error(c->diags, E0503, e->span, "`%s` is part of the compiled job: it takes no env()",
                   def->name);
        return false;
    }
    if (args->count != 1 || args->at[0]->kind != AST_EXPR_STRING || args->at[0]->string.size == 0 ||
        memchr(args->at[0]->string.at, 0, args->at[0]->string.size)) {
        diag_error(c->diags, E0503, e->span, "env takes the name of a variable: `env(\"HOME\")`");
        return false;
    }
    out->from = OPTION_ENV;
    out->type = type_of(TYPE_STRING);
    out->ref = args->at[0]->string.at;
    return true;
}

/* Which columns they are is looked up where the rows are known: partition_check. */
static bool columns_option(struct checker *c, const struct option_def *def,
                           const struct ast_expr *e, struct connector_option *out) {
    struct text_buf text;
    bool right = e->kind == AST_EXPR_LIST && e->list.count;
    text_buf_init(&text);
    for (u32 i = 0; right && i < e->list.count; i++) {
        right = e->list.at[i]->kind == AST_EXPR_NAME;
        if (right) text_buf_printf(&text, "%s%s", i ? ", " : "[", e->list.at[i]->name);
    }
    text_buf_str(&text, "]");
    out->type = type_of(TYPE_STRING);
    out->value.str = (struct str){ arena_copy(c->arena, text.at, text.size), text.size };
    text_buf_fini(&text);
    return right || option_wrong(c, def, e->span);
}

static bool option_value(struct checker *c, const struct option_def *def, const struct ast_expr *e,
                         struct connector_option *out) {
    *out = (struct connector_option){ .name = def->name, .from = OPTION_LITERAL, .span = e->span };
    if (def->kind == OPTION_WORD) return word_option(c, def, e, out);
    if (def->kind == OPTION_COLUMNS) return columns_option(c, def, e, out);
    if (e->kind == AST_EXPR_CALL && !strcmp(e->call.name.text, "env"))
        return env_option(c, def, e, out);
    if (e->kind == AST_EXPR_NAME) {
        struct symbol *symbol = name_find(c, e->name);
        if (symbol && symbol->kind == SYMBOL_PARAM)
            return param_option(c, def, symbol, e->span, out);
        name_unknown(c, (struct ast_name){ e->name, e->span },
                     "a literal, a param, or env(\"NAME\")", 1u << SYMBOL_PARAM);
        return false;
    }
    if (e->kind == AST_EXPR_SIZE && def->kind == OPTION_SIZE) {
        out->type = type_of(TYPE_U64);
        out->value.i = (i64)e->size_bytes;
        return true;
    }
    if (e->kind == AST_EXPR_SIZE) return option_wrong(c, def, e->span);
    if (e->kind > AST_EXPR_DATE && e->kind != AST_EXPR_UNARY) {
        struct diag *d =
            diag_error(c->diags, E0503, e->span, "`%s` is known before there are rows", def->name);
        diag_help(c->diags, d, "an option is a literal, a param, or env(\"NAME\")");
        return false;
    }
    struct scope scope = { .c = c, .place = "an option" };
    struct texpr *value = check_whole(&scope, e);
    return !is_refused(value) && literal_option(c, def, value, e->span, out);
}

/* ---- which options ---- */

static void option_unknown(struct checker *c, const struct connector *connector,
                           struct ast_name name) {
    if (is_among(name.text, later_options, sizeof later_options / sizeof *later_options)) {
        not_yet(c, name.span, "the option `%s`", name.text);
        return;
    }
    const char *names[64];
    u32 count = 0;
    for (const struct option_def *o = connector->options; o->name && count < 64; o++)
        names[count++] = o->name;
    struct diag *d = diag_error(c->diags, E0502, name.span, "`%s` has no option `%s`",
                                connector->name, name.text);
    const char *near = diag_nearest(name.text, names, count);
    struct text_buf text;
    text_buf_init(&text);
    for (u32 i = 0; i < count; i++) text_buf_printf(&text, "%s%s", i ? ", " : "", names[i]);
    if (near)
        diag_help(c->diags, d, "did you mean `%s`?", near);
    else if (count)
        diag_help(c->diags, d, "it has %s", text.at);
    else
        diag_help(c->diags, d, "it has none");
    text_buf_fini(&text);
}

static const char *use_words(u32 use) {
    return use == USE_SOURCE ? "a source" : use == USE_SINK ? "a sink" : "a table";
}

static bool options_required(struct checker *c, const struct ast_call *call,
                             const struct connector *connector, u32 use) {
    bool right = true, all_named = true;
    for (u32 i = 0; i < call->options.count; i++)
        all_named = all_named && call->options.at[i].name.text;
    for (const struct option_def *o = connector->options; all_named && o->name; o++) {
        bool given = !o->required || !(o->use & use);
        for (u32 i = 0; i < call->options.count && !given; i++)
            given =
                call->options.at[i].name.text && !strcmp(call->options.at[i].name.text, o->name);
        if (given) continue;
        struct diag *d = diag_error(c->diags, E0504, call->span, "`%s` needs the option `%s`",
                                    connector->name, o->name);
        diag_help(c->diags, d, "%s: %s", o->name, o->doc);
        right = false;
    }
    return right;
}

static bool option_is_new(struct checker *c, const struct ast_options *options, u32 at) {
    for (u32 i = 0; i < at; i++) {
        if (!options->at[i].name.text ||
            strcmp(options->at[i].name.text, options->at[at].name.text))
            continue;
        struct diag *d = diag_error(c->diags, E0205, options->at[at].name.span,
                                    "`%s` is said twice", options->at[at].name.text);
        diag_note(c->diags, d, options->at[i].name.span, "here is the first");
        return false;
    }
    return true;
}

static bool one_option(struct checker *c, const struct ast_call *call,
                       const struct connector *connector, u32 use, u32 i,
                       struct connector_option *out) {
    const struct ast_option *option = &call->options.at[i];
    if (!option->name.text) {
        struct diag *d = diag_error(c->diags, E0502, option->value->span, "options have names");
        if (connector->options[0].name)
            diag_help(c->diags, d, "write `%s: ...`", connector->options[0].name);
        return false;
    }
    const struct option_def *def = connector_option(connector, option->name.text);
    if (!def) {
        option_unknown(c, connector, option->name);
        return false;
    }
    if (!option_is_new(c, &call->options, i)) return false;
    if (!(def->use & use)) {
        diag_error(c->diags, E0502, option->name.span, "`%s` is no option of `%s` as %s", def->name,
                   connector->name, use_words(use));
        return false;
    }
    return option_value(c, def, option->value, out);
}

/* ---- formats ---- */

static enum format_kind format_of_word(struct str word) {
    static const struct {
        const char *word;
        enum format_kind kind;
    } formats[] = { { "lines", FORMAT_LINES },
                    { "csv", FORMAT_CSV },
                    { "json", FORMAT_JSON },
                    { "binary", FORMAT_BINARY } };
    for (u32 i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strlen(formats[i].word) == word.size && !memcmp(formats[i].word, word.at, word.size))
            return formats[i].kind;
    return FORMAT_NONE;
}

/* What generated code depends on is taken out of the options. */
static bool format_of(struct checker *c, const struct connector_call *call, struct format *format) {
    *format = (struct format){ .delimiter = ',' };
    bool right = true;
    for (u32 i = 0; i < call->option_count; i++)
        if (!strcmp(call->options[i].name, "format"))
            format->kind = format_of_word(call->options[i].value.str);
    for (u32 i = 0; i < call->option_count; i++) {
        const struct connector_option *o = &call->options[i];
        bool header = !strcmp(o->name, "header"), delimiter = !strcmp(o->name, "delimiter");
        if (header) format->header = o->value.i;
        if (delimiter) format->delimiter = o->value.str.at[0];
        if ((!header && !delimiter) || format->kind == FORMAT_CSV) continue;
        diag_error(c->diags, E0503, o->span, "`%s` goes with `format: csv`", o->name);
        right = false;
    }
    return right;
}

bool connector_check(struct checker *c, const struct ast_call *call, u32 use,
                     struct connector_call *out, struct format *format) {
    const struct connector *connector = connector_find(call->name.text);
    if (!connector) {
        connector_unknown(c, call->name);
        return false;
    }
    bool fits = use == USE_SINK ? connector->can_sink : connector->source != NULL;
    for (const struct option_def *o = connector->options; use == USE_TABLE && fits; o++) {
        if (!o->name)
            fits = false;
        else if (o->use & USE_TABLE)
            break;
    }
    if (!fits) {
        diag_error(c->diags, E0506, call->name.span, "`%s` cannot be %s", connector->name,
                   use_words(use));
        return false;
    }
    *out = (struct connector_call){ .connector = connector->name, .span = call->span };
    out->options = arena_alloc(c->arena, (call->options.count + 1) * sizeof *out->options);
    bool right = options_required(c, call, connector, use);
    for (u32 i = 0; i < call->options.count; i++)
        if (one_option(c, call, connector, use, i, &out->options[out->option_count]))
            out->option_count++;
        else
            right = false;
    return right && format_of(c, out, format);
}

const struct column *connector_columns(const char *connector, const struct format *format,
                                       u32 *count) {
    static const struct column line = { "line", { TYPE_STRING, false, NULL } };
    const struct connector *found = connector_find(connector);
    *count = format->kind == FORMAT_LINES ? 1 : found->column_count;
    return format->kind == FORMAT_LINES ? &line : found->columns;
}

bool format_carries(struct checker *c, const struct format *format, const struct schema *schema,
                    const struct partition *apart, struct span span) {
    for (u32 i = 0; format->kind == FORMAT_BINARY && i < schema->count; i++) {
        struct type type = schema->columns[i].type;
        if ((type.kind != TYPE_STRING && !type.nullable) || partition_has(apart, i)) continue;
        struct diag *d =
            diag_error(c->diags, E0505, span, "`format: binary` cannot carry `%s`, which is %s",
                       schema->columns[i].name, name_type(c, type));
        diag_help(c->diags, d,
                  "its rows are C structs: numbers, bool, timestamp, duration and enums, none of "
                  "them null");
        return false;
    }
    return true;
}
