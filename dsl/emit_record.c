/* What decoders of text share: values of columns, and the loop over the pieces of an extent. Rows
   are taken fast, by the places of what delimits their fields, as long as `bad` stays 0; any other
   row is decoded once more by PREFIX_record, which is exact and knows what is wrong. */
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

/* PREFIX_record: the record at x->at[at], whatever it looks like; returns its size. */
void record_head(struct emitter *e, const struct decoder *d) {
    open_block(e,
               "ALWAYS_INLINE u64 %s_record(struct chain *c, struct %s_run *run, const struct "
               "extent *x, u64 at, "
               "const enum job_variant variant)",
               d->prefix, d->prefix);
    line(e, "const char *bad = NULL;");
    declare_columns(e, d);
    line(e, "scratch_reset(&c->scratch);");
}

static void record_variants(struct emitter *e, const struct decoder *d) {
    for (u32 fused = 0; fused <= (d->source >= 0 && e->plan->can_fuse); fused++) {
        open_block(e,
                   "static NOINLINE u64 %s_record_%s(struct chain *c, struct %s_run *run, const "
                   "struct extent *x, u64 at)",
                   d->prefix, fused ? "fused" : "rings", d->prefix);
        line(e, "return %s_record(c, run, x, at, %s);", d->prefix,
             fused ? "JOB_FUSED" : "JOB_RINGS");
        close_block(e);
    }
    /* A copy of the run, so that the loop's own stays in registers. */
    open_block(e,
               "ALWAYS_INLINE u64 %s_exactly(struct chain *c, struct %s_run *run, const struct "
               "extent *x, u64 at, "
               "const enum job_variant variant)",
               d->prefix, d->prefix);
    line(e, "struct %s_run copy = *run;", d->prefix);
    if (d->source >= 0 && e->plan->can_fuse)
        line(e,
             "u64 size = variant == JOB_FUSED ? %s_record_fused(c, &copy, x, at) : "
             "%s_record_rings(c, &copy, x, at);",
             d->prefix, d->prefix);
    else
        line(e, "u64 size = %s_record_rings(c, &copy, x, at);", d->prefix);
    line(e, "*run = copy;");
    line(e, "return size;");
    close_block(e);
    blank(e);
}

/* `size` is C text: of the record, with its newline. */
void record_tail(struct emitter *e, const struct decoder *d, const char *size) {
    line(e, "const u64 size = %s;", size);
    open_block(e, "if (UNLIKELY(bad != NULL))");
    line(e, "const u8 *end = x->at + at + size;");
    line(e, "u64 cut = size && end[-1] == '\\n';");
    line(e, "cut += size > cut && end[-1 - (i64)cut] == '\\r';");
    line(e, "%s_malformed(c, run, x, at, size - cut, bad, variant);", d->prefix);
    e->indent--;
    line(e, "} else {");
    e->indent++;
    put(e, "        %s_row(c, run", d->prefix);
    put_columns(e, d, false);
    put(e, ", variant);\n");
    close_block(e);
    line(e, "run->position++;");
    line(e, "return size;");
    close_block(e);
    blank(e);
    record_variants(e, d);
}

/* ---- pieces ---- */

/* PREFIX_morsel: scans the extent piece by piece with `scan` (its arguments but for the last),
   takes its records of `stride` places by PREFIX_fast, and the others one by one. `odd` is C text
   over `p`, `start`, `size` of a record: true if the record must be decoded exactly. */
void emit_pieces(struct emitter *e, const struct decoder *d, const char *scan, u32 stride,
                 const char *odd) {
    put(e,
        "ALWAYS_INLINE void %s_morsel(struct chain *c, %sconst struct extent *x, const enum "
        "job_variant variant)",
        d->prefix, d->source < 0 ? "struct table *table, " : "");
    open_block(e, "%s", "");
    line(e, "u32 ends[SCAN_ENDS];");
    emit_begin(e, d);
    open_block(e, "for (u64 at = 0; at < x->size && !run.stopped;)");
    line(e, "const u8 *p = x->at + at;");
    line(e, "const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;");
    line(e, "const struct scan scan = %s, ends);", scan);
    line(e, "const u32 *f = ends, *const last = ends + scan.count;");
    line(e, "const bool regular = scan_is_regular(p, ends, scan, %u);", stride);
    line(e, "const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, "
            "scan_whole(p, ends, scan));");
    line(e, "u32 start = 0;");
    open_block(e, "while (!run.stopped)");
    line(e, "const u32 places = regular ? (last - f >= %u ? %u : 0) : scan_places(p, f, last);",
         stride, stride);
    line(e, "if (!places) break;");
    line(e, "const u32 size = f[places - 1] + 1 - start;");
    line(e, "if (UNLIKELY(places != %u || !utf8%s%s || !%s_fast(c, &run, p, start, f, variant)))",
         stride, *odd ? " || " : "", odd, d->prefix);
    line(e, "    %s_exactly(c, &run, x, at + start, variant);", d->prefix);
    line(e, "start += size;");
    line(e, "f += places;");
    close_block(e);
    line(e, "if (run.stopped) break;");
    line(e,
         "at += start ? start : %s_exactly(c, &run, x, at, variant); /* longer than a piece, or "
         "the end */",
         d->prefix);
    close_block(e);
    emit_end(e, d);
    close_block(e);
    blank(e);
}
