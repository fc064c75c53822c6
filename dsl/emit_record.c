/* What decoders of text share: values of columns, and the loop over the pieces of an extent. Rows
   are taken fast, by the places of what delimits their fields, as long as `bad` stays 0; any other
   row is decoded once more by PREFIX_exact, which knows what is wrong. */
#include "dsl/emit_internal.h"

#include <string.h>

const char *reason(struct emitter *e, const struct decoder *d, u32 column, const char *what) {
    const char *name = d->schema->columns[column].name;
    const char *why = text(e, "`%s` %s", name, what);
    return c_string(e, why, strlen(why));
}

/* ---- fast ---- */

static void fast_integer(struct emitter *e, u32 i, struct type type, const char *start,
                         const char *end, const char *bad) {
    bool is_signed = type_is_signed(type.kind), wide = type_size(type) == 8;
    if (!is_signed) {
        line(e, "const u64 c%u_digits = digits_padded(%s, (u64)(%s - %s), %s);", i, end, end, start,
             bad);
        if (!wide)
            line(e, "%s |= c%u_digits > %llu;", bad + 1, i,
                 (unsigned long long)type_high(type.kind));
        line(e, "const %s c%u = (%s)c%u_digits;", c_type(type), i, c_type(type), i);
        return;
    }
    line(e, "const bool c%u_minus = *%s == '-';", i, start);
    line(e, "const u64 c%u_digits = digits_padded(%s, (u64)(%s - %s) - c%u_minus, %s);", i, end,
         end, start, i, bad);
    if (!wide)
        line(e, "%s |= c%u_digits > %lluull + c%u_minus;", bad + 1, i,
             (unsigned long long)type_high(type.kind), i);
    line(e, "const %s c%u = (%s)(c%u_minus ? 0 - c%u_digits : c%u_digits);", c_type(type), i,
         c_type(type), i, i, i);
}

/* Declares c<column> from the bytes [start, end). The flag of a nullable one is there already. */
void fast_value(struct emitter *e, const struct decoder *d, u32 i, const char *start,
                const char *end) {
    struct type type = d->schema->columns[i].type;
    bool json = d->format->kind == FORMAT_JSON;
    const char *bad = "&bad";
    if (type.kind == TYPE_STRING) {
        line(e, "const struct str c%u = { (const char *)%s, (u64)(%s - %s) };", i, start, end,
             start);
        return;
    }
    if (type.nullable) {
        line(e, "u64 c%u_bad = 0;", i);
        bad = text(e, "&c%u_bad", i);
    }
    if (type_is_integer(type.kind)) {
        fast_integer(e, i, type, start, end, bad);
        if (json) line(e, "%s |= *%s == '0' && %s - %s > 1;", bad + 1, start, end, start);
    } else if (type.kind == TYPE_ENUM) {
        line(e, "%s c%u = 0;", c_type(type), i);
        line(e, "%s |= !n%u_parse((struct str){ (const char *)%s, (u64)(%s - %s) }, &c%u);",
             bad + 1, enum_number(e, type.of), start, end, start, i);
    } else {
        line(e, "%s c%u = 0;", c_type(type), i);
        if (json && (type.kind == TYPE_F64 || type.kind == TYPE_F32))
            line(e, "%s |= !json_is_number(%s, (u64)(%s - %s));", bad + 1, start, end, start);
        line(e, "%s |= !parse_%s(%s, (u64)(%s - %s), &c%u);", bad + 1, type_kind_name(type.kind),
             start, end, start, i);
    }
    if (type.nullable) line(e, "bad |= c%u_null ? 0 : c%u_bad;", i, i);
}

/* ---- exact ---- */

void declare_columns(struct emitter *e, const struct decoder *d) {
    for (u32 i = 0; i < d->schema->count; i++) {
        struct type type = d->schema->columns[i].type;
        if (!d->used[i]) continue;
        line(e, "%s c%u = %s;", c_type(type), i, type.kind == TYPE_STRING ? "{ 0 }" : "0");
        if (type.nullable) line(e, "bool c%u_null = true;", i);
    }
}

/* Sets c<column> from the text `s`, a struct str, or `bad`. */
void exact_value(struct emitter *e, const struct decoder *d, u32 i, const char *s) {
    struct type type = d->schema->columns[i].type;
    char room[128];
    struct type plain = { type.kind, false, type.of };
    if (type.nullable) line(e, "c%u_null = false;", i);
    if (type.kind == TYPE_STRING) {
        line(e, "c%u = %s;", i, s);
        line(e,
             "if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)%s.at, %s.size)) bad = %s;",
             s, s, reason(e, d, i, "is not valid UTF-8"));
        return;
    }
    line(e, "if (!bad && !%s, &c%u)) bad = %s;", parse_call(e, plain, s), i,
         reason(e, d, i, text(e, "is no %s", type_name(plain, room))));
}

/* ---- records ---- */

/* PREFIX_columns: a decoded row. */
static void columns_struct(struct emitter *e, const struct decoder *d) {
    open_block(e, "struct %s_columns", d->prefix);
    for (u32 i = 0; i < d->schema->count; i++) {
        if (!d->used[i]) continue;
        line(e, "%s c%u;", c_type(d->schema->columns[i].type), i);
        if (d->schema->columns[i].type.nullable) line(e, "bool c%u_null;", i);
    }
    e->indent--;
    line(e, "};");
}

/* Stores the columns in *row. */
static void store_columns(struct emitter *e, const struct decoder *d) {
    for (u32 i = 0; i < d->schema->count; i++) {
        if (!d->used[i]) continue;
        line(e, "row->c%u = c%u;", i, i);
        if (d->schema->columns[i].type.nullable) line(e, "row->c%u_null = c%u_null;", i, i);
    }
}

/* PREFIX_fast: the record whose places are at f; false: it must be decoded exactly. */
void fast_head(struct emitter *e, const struct decoder *d) {
    open_block(e,
               "ALWAYS_INLINE bool %s_fast(const u8 *p, u64 start, const u32 *f, struct "
               "%s_columns *row)",
               d->prefix, d->prefix);
}

void fast_tail(struct emitter *e, const struct decoder *d) {
    store_columns(e, d);
    line(e, "return LIKELY(!bad);");
    close_block(e);
    blank(e);
}

/* PREFIX_exact: the record at x->at[at], whatever it looks like. The answer is what is wrong with
   it, or null; *size is that of the record, with its newline. */
void exact_head(struct emitter *e, const struct decoder *d) {
    columns_struct(e, d);
    line(e, "static const char %s_blank[] = \"\"; /* there is no record */", d->prefix);
    open_block(e,
               "static NOINLINE const char *%s_exact(struct chain *c, const struct extent *x, u64 "
               "at, u64 *size, struct %s_columns *row)",
               d->prefix, d->prefix);
    line(e, "const char *bad = NULL;");
    declare_columns(e, d);
    line(e, "scratch_reset(&c->scratch);");
}

void exact_tail(struct emitter *e, const struct decoder *d) {
    store_columns(e, d);
    line(e, "return bad;");
    close_block(e);
    blank(e);
}

/* ---- pieces ---- */

/* The record that begins at `start`: its row, or what is wrong with it. */
static void take_record(struct emitter *e, const struct decoder *d, u32 stride, const char *odd) {
    if (d->scratch) line(e, "scratch_reset(&c->scratch);");
    line(e, "u64 size = places ? f[places - 1] + 1 - start : 0;");
    line(e, "const char *bad = NULL;");
    line(e, "struct %s_columns row;", d->prefix);
    open_block(e, "if (UNLIKELY(places != %u || !utf8%s%s || !%s_fast(p, start, f, &row)))", stride,
               *odd ? " || " : "", odd, d->prefix);
    line(e, "struct %s_columns exact; /* so that the row stays in registers */", d->prefix);
    line(e, "bad = %s_exact(c, x, at + start, &size, &exact);", d->prefix);
    line(e, "row = exact;");
    close_block(e);
    open_block(e, "if (LIKELY(!bad))");
    const char *args = "";
    for (u32 i = 0; i < d->schema->count; i++) {
        if (!d->used[i]) continue;
        args = text(e, "%s, row.c%u", args, i);
        if (d->schema->columns[i].type.nullable) args = text(e, "%s, row.c%u_null", args, i);
    }
    line(e, "%s_row(c, &run%s, variant);", d->prefix, args);
    e->indent--;
    line(e, "} else if (bad != %s_blank) {", d->prefix);
    e->indent++;
    line(e, "struct %s_run copy = run;", d->prefix);
    line(
        e,
        "%s_malformed(c, &copy, x, at + start, scan_bare(x->at + at + start, size), bad, variant);",
        d->prefix);
    line(e, "run = copy;");
    close_block(e);
    line(e, "run.position++;");
    line(e, "start += size;");
}

/* PREFIX_morsel: scans the extent piece by piece with `scan` (its arguments but for the last),
   takes its records of `stride` places by PREFIX_fast, and the others by PREFIX_exact. `odd` is C
   text over `p`, `start`, `size` of a record: true if the record must be decoded exactly. */
void emit_pieces(struct emitter *e, const struct decoder *d, const char *scan, u32 stride,
                 const char *odd) {
    put(e,
        "ALWAYS_INLINE void %s_morsel(struct chain *c, %sconst struct extent *x, const enum "
        "job_variant variant)",
        d->prefix, d->source < 0 ? "struct table *table, " : "");
    open_block(e, "%s", "");
    line(e, "u32 ends[SCAN_ENDS];");
    emit_begin(e, d);
    open_block(e, "for (u64 at = 0, start; at < x->size && !run.stopped; at += start)");
    line(e, "const u8 *p = x->at + at;");
    line(e, "const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;");
    line(e, "const struct scan scan = %s, ends);", scan);
    line(e, "const u32 *f = ends, *const last = ends + scan.count;");
    line(e, "const bool regular = scan_is_regular(p, ends, scan, %u);", stride);
    line(e, "const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, "
            "scan_whole(p, ends, scan));");
    line(e, "u32 places = 1;");
    open_block(e, "for (start = 0; places && !run.stopped; f += places)");
    line(e, "places = regular ? (last - f >= %u ? %u : 0) : scan_places(p, f, last);", stride,
         stride);
    line(e, "if (!places && start) break; /* the next piece begins with it; else it is longer, or "
            "the last */");
    take_record(e, d, stride, odd);
    close_block(e);
    close_block(e);
    emit_end(e, d);
    close_block(e);
    blank(e);
}
