/* JSON lines: one flat object a line. Where the keys come in the order of the schema a row's quotes
   are at known numbers in the list of places; the general walker takes what is otherwise. */
#include "dsl/emit_internal.h"

#include <string.h>

/* Values that stand in quotes. */
static bool is_quoted(struct type type) {
    return type.kind == TYPE_STRING || type.kind == TYPE_ENUM || type.kind == TYPE_TIMESTAMP ||
           type.kind == TYPE_DURATION;
}

static u32 places_of(const struct decoder *d, u32 columns) {
    u32 places = 0;
    for (u32 i = 0; i < columns; i++) places += is_quoted(d->schema->columns[i].type) ? 4 : 2;
    return places;
}

/* `k` is the number of the key's first quote. */
static void fast_bounds(struct emitter *e, const struct decoder *d, u32 i, u32 k) {
    bool last = i + 1 == d->schema->count;
    line(e, "const u8 *c%u_from, *c%u_to;", i, i);
    if (is_quoted(d->schema->columns[i].type)) {
        line(e, "bad |= !json_is_colon(p, f[%u], f[%u]);", k + 1, k + 2);
        if (last)
            line(e, "bad |= p[f[%u] + 1] != '}' || f[%u] + 2 != f[%u];", k + 3, k + 3, k + 4);
        else
            line(e, "bad |= !json_is_comma(p, f[%u], f[%u]);", k + 3, k + 4);
        line(e, "c%u_from = p + f[%u] + 1, c%u_to = p + f[%u];", i, k + 2, i, k + 3);
    } else {
        line(e, "bad |= !json_bare%s(p, f[%u], f[%u], &c%u_from, &c%u_to);", last ? "_last" : "",
             k + 1, k + 2, i, i);
    }
}

static void fast_bool(struct emitter *e, u32 i, bool nullable) {
    line(e,
         "const bool c%u = c%u_to - c%u_from == 4 && __builtin_memcmp(c%u_from, \"true\", 4) == 0;",
         i, i, i, i);
    line(e,
         "bad |= !c%u && %s!(c%u_to - c%u_from == 5 && __builtin_memcmp(c%u_from, \"false\", 5) == "
         "0);",
         i, nullable ? text(e, "!c%u_null && ", i) : "", i, i, i);
}

static void fast_column(struct emitter *e, const struct decoder *d, u32 i, u32 k) {
    struct type type = d->schema->columns[i].type;
    const char *name = d->schema->columns[i].name;
    line(e, "bad |= !json_key_is(p, f[%u], f[%u], %s, %zu);", k, k + 1,
         c_string(e, name, strlen(name)), strlen(name));
    fast_bounds(e, d, i, k);
    if (type.nullable)
        line(e,
             is_quoted(type) ? "const bool c%u_null = false;"
                             : "const bool c%u_null = json_is_null(c%u_from, c%u_to);",
             i, i, i);
    if (type.kind == TYPE_BOOL)
        fast_bool(e, i, type.nullable);
    else
        fast_value(e, d, i, text(e, "c%u_from", i), text(e, "c%u_to", i));
}

static void json_fast(struct emitter *e, const struct decoder *d) {
    fast_head(e, d);
    line(e, "u64 bad = p[start] != '{' || f[0] != start + 1;");
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i]) fast_column(e, d, i, places_of(d, i));
    fast_tail(e, d);
}

/* ---- exact ---- */

/* What a value of this type looks like in JSON. */
static const char *wanted_kind(struct type type) {
    if (is_quoted(type)) return "value.kind == JSON_STRING";
    if (type.kind == TYPE_BOOL) return "(value.kind == JSON_TRUE || value.kind == JSON_FALSE)";
    return "value.kind == JSON_NUMBER";
}

static void exact_column(struct emitter *e, const struct decoder *d, u32 i) {
    struct type type = d->schema->columns[i].type, plain = { type.kind, false, type.of };
    char room[128];
    line(e, "seen%u = true;", i);
    if (type.nullable) line(e, "c%u_null = true;", i);
    open_block(e, "if (%s)", wanted_kind(type));
    if (type.kind == TYPE_BOOL) {
        line(e, "c%u = value.kind == JSON_TRUE;", i);
        if (type.nullable) line(e, "c%u_null = false;", i);
    } else {
        line(e, "const struct str s = value.text;");
        exact_value(e, d, i, "s");
    }
    e->indent--;
    line(e, type.nullable ? "} else if (!bad && value.kind != JSON_NULL) {" : "} else if (!bad) {");
    e->indent++;
    const char *no = reason(e, d, i, text(e, "is no %s", type_name(plain, room)));
    if (type.nullable)
        line(e, "bad = %s;", no);
    else
        line(e, "bad = value.kind == JSON_NULL ? %s : %s;", reason(e, d, i, "is null"), no);
    close_block(e);
}

static void json_record(struct emitter *e, const struct decoder *d) {
    exact_head(e, d);
    line(e, "const u64 length = scan_byte(x->at + at, x->size - at, '\\n');");
    line(e, "*size = length + (at + length < x->size);");
    line(e, "if (json_is_blank(x->at + at, length)) return %s_blank;", d->prefix);
    line(e, "struct json_walk walk;");
    line(e, "struct json_value value;");
    line(e, "struct str key;");
    line(e, "enum json_step step;");
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i]) line(e, "bool seen%u = false;", i);
    line(e, "json_walk_begin(&walk, x->at + at, length, &c->scratch);");
    open_block(e, "while ((step = json_walk_next(&walk, &key, &value)) == JSON_MEMBER)");
    for (u32 i = 0; i < d->schema->count; i++) {
        const char *name = d->schema->columns[i].name;
        if (!d->used[i]) continue;
        open_block(e, "if (str_equal(key, (struct str){ %s, %zu }))",
                   c_string(e, name, strlen(name)), strlen(name));
        exact_column(e, d, i);
        line(e, "continue;");
        close_block(e);
    }
    close_block(e);
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i] && !d->schema->columns[i].type.nullable)
            line(e, "if (!bad && !seen%u) bad = %s;", i, reason(e, d, i, "is missing"));
    line(e, "if (step == JSON_BROKEN) bad = \"not a JSON object\";");
    exact_tail(e, d);
}

void emit_json(struct emitter *e, const struct decoder *d) {
    json_record(e, d);
    json_fast(e, d);
    emit_pieces(e, d, "scan_json(p, piece", places_of(d, d->schema->count) + 1,
                "(scan.flags & SCAN_CONTROL) || "
                "((scan.flags & SCAN_BACKSLASH) && scan_byte(p + start, size, '\\\\') < size)");
}
