/* Records of CSV, and plain lines, which are records of one field without quotes. */
#include "dsl/emit_internal.h"

#include <string.h>

static bool is_csv(const struct decoder *d) {
    return d->format->kind == FORMAT_CSV;
}

/* Field i of the record that begins at `start`, its places at f. */
static const char *field_start(struct emitter *e, u32 i) {
    return i ? text(e, "p + f[%u] + 1", i - 1) : "p + start";
}

static const char *field_end(struct emitter *e, const struct decoder *d, u32 i) {
    if (i + 1 < d->schema->count) return text(e, "p + f[%u]", i);
    return text(e, "csv_last_end(p + f[%u])", i);
}

static void fast_null(struct emitter *e, const struct decoder *d, u32 i) {
    const char *text_ = d->format->null_text;
    if (!d->schema->columns[i].type.nullable) return;
    if (!text_)
        line(e, "const bool c%u_null = c%u_from == c%u_to;", i, i, i);
    else
        line(e,
             "const bool c%u_null = c%u_from == c%u_to || str_equal((struct str){ (const char "
             "*)c%u_from, "
             "(u64)(c%u_to - c%u_from) }, (struct str){ %s, %zu });",
             i, i, i, i, i, i, c_string(e, text_, strlen(text_)), strlen(text_));
}

static void csv_fast(struct emitter *e, const struct decoder *d) {
    fast_head(e, d);
    line(e, "u64 bad = 0;");
    for (u32 i = 0; i < d->schema->count; i++) {
        if (!d->used[i]) continue;
        line(e, "const u8 *c%u_from = %s, *c%u_to = %s;", i, field_start(e, i), i,
             field_end(e, d, i));
        if (is_csv(d)) fast_null(e, d, i);
        fast_value(e, d, i, text(e, "c%u_from", i), text(e, "c%u_to", i));
    }
    fast_tail(e, d);
}

static void csv_exact_field(struct emitter *e, const struct decoder *d, u32 i) {
    struct type type = d->schema->columns[i].type;
    const char *null_text = d->format->null_text;
    line(e, "case %u:", i);
    e->indent++;
    const char *null = "kind == CSV_EMPTY";
    if (null_text)
        null = text(
            e,
            "(kind == CSV_EMPTY || (kind == CSV_PLAIN && str_equal(s, (struct str){ %s, %zu })))",
            c_string(e, null_text, strlen(null_text)), strlen(null_text));
    if (type.nullable)
        line(e, "if (%s) break;", null);
    else if (type.kind != TYPE_STRING)
        line(e, "if (%s && !bad) bad = %s;", null, reason(e, d, i, "is empty"));
    exact_value(e, d, i, "s");
    line(e, "break;");
    e->indent--;
}

/* The first column that may not be left out, for each number of fields that a record may have. */
static void csv_missing(struct emitter *e, const struct decoder *d) {
    u32 count = d->schema->count;
    line(e, "if (!bad && field > %u) bad = \"more than %u fields\";", count, count);
    for (u32 i = 0; i < count; i++)
        if (!d->schema->columns[i].type.nullable)
            line(e, "if (!bad && field <= %u) bad = %s;", i, reason(e, d, i, "is missing"));
}

static void csv_record(struct emitter *e, const struct decoder *d) {
    exact_head(e, d);
    line(e, "struct csv_record record;");
    line(e, "enum csv_kind kind;");
    line(e, "struct str s;");
    line(e, "u32 field = 0;");
    line(e, "csv_record_begin(&record, x->at + at, x->size - at, %u);", (u8)d->format->delimiter);
    if (d->schema->count > 1) {
        line(e, "const u8 first = x->at[at]; /* an empty line is no record */");
        line(e, "*size = 1 + (first == '\\r');");
        line(e, "if (x->at[at + *size - 1] == '\\n' && at + *size <= x->size) return %s_blank;",
             d->prefix);
    }
    open_block(e, "while (csv_record_next(&record, &c->scratch, &kind, &s))");
    line(e, "if (kind == CSV_BROKEN && !bad) bad = \"a quote stands where none may\";");
    open_block(e, "switch (field++)");
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i]) csv_exact_field(e, d, i);
    close_block(e);
    close_block(e);
    csv_missing(e, d);
    line(e, "*size = record.size;");
    exact_tail(e, d);
}

static void line_record(struct emitter *e, const struct decoder *d) {
    exact_head(e, d);
    line(e, "const u64 length = scan_byte(x->at + at, x->size - at, '\\n');");
    line(e, "u64 used = length;");
    line(e, "used -= used && x->at[at + used - 1] == '\\r';");
    line(e, "const struct str s = { (const char *)x->at + at, used };");
    if (d->used[0]) exact_value(e, d, 0, "s");
    line(e, "*size = length + (at + length < x->size);");
    exact_tail(e, d);
}

void emit_csv(struct emitter *e, const struct decoder *d) {
    if (is_csv(d))
        csv_record(e, d);
    else
        line_record(e, d);
    csv_fast(e, d);
    if (!is_csv(d)) {
        emit_pieces(e, d, "scan_lines(p, piece", 1, "");
        return;
    }
    const char *odd = "((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size))";
    emit_pieces(e, d, text(e, "scan_csv(p, piece, %u", (u8)d->format->delimiter), d->schema->count,
                odd);
}
