/* Sources and tables: where columns come from, what their event time is, and how far behind it may
 * be. */
#include "dsl/check_internal.h"

#include "io/connector.h"

#include <string.h>

static void refuse_clause(struct checker *c, struct span span, const char *what) {
    if (span_is_somewhere(span)) not_yet(c, span, "%s", what);
}

static void refuse_const(struct checker *c, const struct ast_const *value, const char *what) {
    if (value) not_yet(c, value->span, "%s", what);
}

/* The columns: the connector's own, or those of the declared type. False: told; the schema may hold
 * some of them. */
static bool columns_of(struct checker *c, const struct ast_type *type,
                       const struct connector_call *call, const struct format *format,
                       struct ast_name name, struct schema *schema) {
    u32 count;
    const struct column *own = connector_columns(call->connector, format, &count);
    if (!type && !own) {
        struct diag *d =
            diag_error(c->diags, E0505, name.span,
                       "`%s` needs a type: its connector has no columns of its own", name.text);
        diag_help(c->diags, d, "declare the columns: `type T { a: string, ... }` and `%s: T = ...`",
                  name.text);
        return false;
    }
    if (!type) {
        schema->columns = arena_alloc(c->arena, count * sizeof *own);
        memcpy(schema->columns, own, count * sizeof *own);
        schema->count = count;
        return true;
    }
    if (!type_columns(c, type, schema)) return false;
    if (schema->count == 0) {
        diag_error(c->diags, E0505, type->span, "a row has at least one column");
        return false;
    }
    bool same = !own || schema->count == count;
    for (u32 i = 0; own && same && i < count; i++)
        same = type_equal(schema->columns[i].type, own[i].type) &&
               (format->kind == FORMAT_LINES || !strcmp(schema->columns[i].name, own[i].name));
    if (same) return format_carries(c, format, schema, &(struct partition){ 0 }, type->span);
    struct diag *d =
        diag_error(c->diags, E0505, type->span,
                   format->kind == FORMAT_LINES ? "`format: lines` has one column, a string"
                                                : "the connector has other columns");
    for (u32 i = 0; i < count; i++)
        diag_help(c->diags, d, "column %s: %s", own[i].name, name_type(c, own[i].type));
    return false;
}

static struct rows *rows_of_schema(struct checker *c, struct schema schema, const char *alias) {
    struct rows *rows = arena_alloc(c->arena, sizeof *rows);
    *rows = (struct rows){ .alias = alias, .event_time = -1, .field_count = schema.count };
    rows->schema.columns = arena_alloc(c->arena, (schema.count + 1) * sizeof *schema.columns);
    if (schema.count)
        memcpy(rows->schema.columns, schema.columns, schema.count * sizeof *schema.columns);
    rows->schema.count = schema.count;
    rows->fields = arena_alloc(c->arena, (schema.count + 1) * sizeof *rows->fields);
    for (u32 i = 0; i < schema.count; i++)
        rows->fields[i] = (struct field){ .name = schema.columns[i].name, .first = i, .count = 1 };
    return rows;
}

/* ---- time ---- */

struct texpr *event_time_check(struct scope *rows, const struct ast_expr *time) {
    struct checker *c = rows->c;
    struct texpr *e = check_whole(rows, time);
    if (is_refused(e)) return NULL;
    if (e->type.kind != TYPE_TIMESTAMP) {
        struct diag *d = diag_error(c->diags, E0402, time->span,
                                    "the event time is a timestamp, not %s", name_type(c, e->type));
        if (type_is_integer(e->type.kind))
            diag_help(c->diags, d, "`from_unix_ms(n)` takes milliseconds since 1970");
        return NULL;
    }
    if (e->type.nullable) {
        struct diag *d = diag_error(c->diags, E0402, time->span, "the event time may be null");
        diag_help(c->diags, d, "say what stands for it: `time (... ?? @1970-01-01T00:00:00Z)`");
        return NULL;
    }
    return e;
}

bool watermark_check(struct scope *rows, const struct ast_watermark *w, struct twatermark *out) {
    struct checker *c = rows->c;
    *out = (struct twatermark){ .kind = WATERMARK_LAG };
    switch (w->kind) {
    case AST_WATERMARK_LAG:
        if (!const_duration(c, w->lag, "the lag", &out->lag_ns)) return false;
        if (out->lag_ns >= 0) return true;
        diag_error(c->diags, E0404, w->lag->span, "a lag is not negative");
        return false;
    case AST_WATERMARK_ASCENDING:
        return true;
    case AST_WATERMARK_AT_END:
        out->kind = WATERMARK_AT_END;
        return true;
    case AST_WATERMARK_ON:
        out->on = check_whole(rows, w->on);
        if (is_refused(out->on)) return false;
        if (out->on->type.kind == TYPE_TIMESTAMP) return true;
        diag_error(c->diags, E0402, w->on->span, "a watermark follows a timestamp, not %s",
                   name_type(c, out->on->type));
        return false;
    }
    return false;
}

/* `idle D` or `ahead D`: 0 for never, UNSAID where it is not said. */
static bool patience_of(struct checker *c, const struct ast_patience *said, const char *what,
                        i64 *ns) {
    *ns = said ? 0 : UNSAID;
    if (!said || !said->after) return true;
    if (!const_duration(c, said->after, what, ns)) return false;
    if (*ns > 0) return true;
    diag_error(c->diags, E0404, said->after->span, "%s is more than 0s", what);
    return false;
}

static bool by_the_clock(struct checker *c, const struct ast_patience *said, const char *why) {
    if (!said) return true;
    struct diag *d = diag_error(c->diags, E0401, said->span, "with `wall time` this says nothing");
    diag_help(c->diags, d, "%s; leave it out", why);
    return false;
}

/* `wall time`: the clock says when rows are, and W. */
static bool wall_clauses(struct checker *c, const struct ast_clauses *clauses,
                         struct tsource *source) {
    const struct ast_watermark *w = clauses->watermark;
    bool right = by_the_clock(c, clauses->idle, "W is the clock, whether rows come or not");
    right = by_the_clock(c, clauses->ahead, "no row is ahead of the clock") && right;
    source->wall = true;
    source->patience.idle_ns = source->patience.ahead_ns = 0;
    if (clauses->time) {
        struct diag *d =
            diag_error(c->diags, E0401, clauses->time->span, "rows have one event time");
        diag_note(c->diags, d, clauses->wall_time, "here it is the clock's");
        right = false;
    }
    if (!w || w->kind == AST_WATERMARK_LAG || w->kind == AST_WATERMARK_ASCENDING) return right;
    struct diag *d = diag_error(c->diags, E0401, w->span, "with `wall time` W is the clock");
    diag_help(c->diags, d, "say how far behind: `watermark lag 5s`; or leave it out");
    return false;
}

static bool source_clauses(struct checker *c, const struct ast_clauses *clauses,
                           struct tsource *source, struct rows *rows) {
    struct scope scope = { .c = c, .rows = rows };
    bool right =
        patience_of(c, clauses->idle, "the time until a source is idle", &source->patience.idle_ns);
    right = patience_of(c, clauses->ahead, "how far a row may be ahead of the clock",
                        &source->patience.ahead_ns) &&
            right;
    source->patience.flush = clauses->idle && clauses->idle->flush;
    source->watermark.kind = WATERMARK_AT_END;
    if (clauses->watermark)
        right = watermark_check(&scope, clauses->watermark, &source->watermark) && right;
    if (span_is_somewhere(clauses->wall_time)) {
        if (!clauses->watermark) source->watermark.kind = WATERMARK_LAG;
        return wall_clauses(c, clauses, source) && right;
    }
    if (clauses->time) right = (source->time = event_time_check(&scope, clauses->time)) && right;
    if (!clauses->watermark || clauses->time) return right;
    struct diag *d =
        diag_error(c->diags, E0401, clauses->watermark->span, "a watermark needs an event time");
    diag_help(c->diags, d, "say which column it is: `time COLUMN`");
    return false;
}

/* ---- malformed rows ---- */

/* `raw` is text in this version: bytes that are no UTF-8 come as U+FFFD. */
static const struct column malformed_columns[] = {
    { "source", { TYPE_STRING, false, NULL } },
    { "position", { TYPE_I64, false, NULL } },
    { "reason", { TYPE_STRING, false, NULL } },
    { "raw", { TYPE_STRING, false, NULL } },
};

static void source_malformed(struct checker *c, const struct ast_fate *fate, struct tsource *source,
                             struct lop *op) {
    source->malformed = MALFORMED_FAIL;
    if (!fate) return;
    switch (fate->kind) {
    case AST_FATE_FAIL:
        return;
    case AST_FATE_SKIP:
        source->malformed = MALFORMED_SKIP;
        return;
    case AST_FATE_INTO:
        break;
    }
    source->malformed = MALFORMED_INTO;
    source->malformed_into = fate->into.text;
    struct symbol *side = name_find(c, fate->into.text);
    struct schema schema = { (struct column *)(uintptr_t)malformed_columns, 4 };
    struct rows *rows = rows_of_schema(c, schema, fate->into.text);
    rows->op = op;
    rows->port = 1;
    if (side) side->rows = rows;
}

/* ---- the declarations ---- */

static void add_event_time(struct checker *c, struct rows *rows) {
    u32 n = rows->schema.count;
    rows->schema.columns[n] = (struct column){ "event_time", type_of(TYPE_TIMESTAMP) };
    rows->schema.count = n + 1;
    rows->hidden_count = 1;
    rows->event_time = (i32)n;
}

void source_check(struct checker *c, struct symbol *symbol) {
    const struct ast_decl *decl = symbol->decl;
    struct tsource *source = arena_alloc(c->arena, sizeof *source);
    *source = (struct tsource){ .name = symbol->name.text, .span = symbol->name.span };
    bool right = connector_check(c, decl->source.call, USE_SOURCE, &source->call, &source->format);
    if (right)
        right = columns_of(c, decl->source.type, &source->call, &source->format, symbol->name,
                           &source->schema);
    else if (decl->source.type)
        type_columns(c, decl->source.type, &source->schema);
    struct rows *rows = rows_of_schema(c, source->schema, symbol->name.text);
    rows->open = !right;
    right = source_clauses(c, decl->source.clauses, source, rows) && right;
    rows->open = !right;
    struct lop *op =
        op_new(c, LOP_SOURCE, op_name(c, symbol->name.text, NULL), "source", symbol->name.span);
    source_malformed(c, decl->source.clauses->malformed, source, op);
    if (source->time || source->wall) add_event_time(c, rows);
    rows->has_watermark = decl->source.clauses->watermark || source->wall;
    rows->op = op;
    op->source = source;
    op->schema = rows->schema;
    op->hidden_count = rows->hidden_count;
    op->event_time = rows->event_time;
    symbol->rows = rows;
    symbol->refused = !right;
}

static void table_clauses(struct checker *c, const struct ast_clauses *k) {
    if (k->time) not_yet(c, k->time->span, "`time` of a table");
    if (k->watermark) not_yet(c, k->watermark->span, "`watermark` of a table");
    refuse_clause(c, k->wall_time, "`wall time`");
    if (k->idle) refuse_clause(c, k->idle->span, "`idle`");
    if (k->ahead) refuse_clause(c, k->ahead->span, "`ahead`");
    if (k->malformed && k->malformed->kind != AST_FATE_FAIL)
        not_yet(c, k->malformed->span, "`malformed` other than `fail` of a table");
    refuse_const(c, k->reload, "`reload`");
    if (k->delete_when) not_yet(c, k->delete_when->span, "`delete when`");
    refuse_clause(c, k->remote, "`remote`");
    refuse_clause(c, k->unordered, "`unordered`");
    refuse_const(c, k->capacity, "`capacity`");
    refuse_const(c, k->timeout, "`timeout`");
    refuse_const(c, k->retry, "`retry`");
    refuse_const(c, k->cache, "`cache`");
    if (k->failed) not_yet(c, k->failed->span, "`failed`");
}

static void table_key(struct checker *c, const struct ast_names *key, const struct ttable *table) {
    for (u32 i = 0; i < key->count; i++) {
        bool found = false;
        const char *names[ROW_COLUMNS_MAX];
        for (u32 k = 0; k < table->schema.count; k++) {
            names[k] = table->schema.columns[k].name;
            found = found || !strcmp(names[k], key->at[i].text);
        }
        if (found) continue;
        struct diag *d = diag_error(c->diags, E0201, key->at[i].span, "`%s` has no column `%s`",
                                    table->name, key->at[i].text);
        const char *near = diag_nearest(key->at[i].text, names, table->schema.count);
        if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
    }
}

void table_check(struct checker *c, struct symbol *symbol) {
    const struct ast_decl *decl = symbol->decl;
    struct ttable *table = arena_alloc(c->arena, sizeof *table);
    *table = (struct ttable){ .name = symbol->name.text, .span = symbol->name.span };
    symbol->table = table;
    u32 errors = c->diags->error_count;
    if (decl->table.pipeline) {
        not_yet(c, symbol->name.span, "a table of a stream's rows");
        if (decl->table.type) type_columns(c, decl->table.type, &table->schema);
        symbol->refused = true;
        return;
    }
    if (connector_check(c, decl->table.call, USE_TABLE, &table->call, &table->format))
        columns_of(c, decl->table.type, &table->call, &table->format, symbol->name, &table->schema);
    else if (decl->table.type)
        type_columns(c, decl->table.type, &table->schema);
    table_clauses(c, decl->table.clauses);
    if (c->diags->error_count == errors) table_key(c, &decl->table.key, table);
    symbol->refused = c->diags->error_count != errors;
}
