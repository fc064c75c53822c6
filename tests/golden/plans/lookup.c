#include "runtime/job.h"

typedef __int128 wide __attribute__((aligned(8)));

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k0_encode(struct chain *c, i64 f0, double f1, struct str f2, bool f2_null, struct str f3, bool f4) {
    out_clear(&c->out);
    out_bytes(&c->out, "id=", 3);
    out_i64(&c->out, f0);
    out_bytes(&c->out, " worth=", 7);
    out_f64(&c->out, f1);
    out_bytes(&c->out, " note=", 6);
    if (f2_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_print_text(&c->out, f2);
    }
    out_bytes(&c->out, " city=", 6);
    out_print_text(&c->out, f3);
    out_bytes(&c->out, " lost=", 6);
    out_bool(&c->out, f4);
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k1_encode(struct chain *c, i64 f0, i64 f1, struct str f2) {
    out_clear(&c->out);
    out_bytes(&c->out, "order=", 6);
    out_i64(&c->out, f0);
    out_bytes(&c->out, " id=", 4);
    out_i64(&c->out, f1);
    out_bytes(&c->out, " city=", 6);
    out_print_text(&c->out, f2);
    out_bytes(&c->out, "\n", 1);
}

struct t0_row {
    struct str c0;
    struct str c4;
    i64 c2;
    double c3;
    i16 c1;
    bool c4_null;
} __attribute__((aligned(8)));
ALWAYS_INLINE u64 t0_hash(u64 hash_key, u64 p0, u64 p1) {
    u64 hash = hash_fold(p0 ^ HASH_A, p1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}

struct t1_row {
    struct str c1;
    i64 c0;
} __attribute__((aligned(8)));
ALWAYS_INLINE u64 t1_hash(u64 hash_key, u64 p0) {
    return hash_u64(p0, hash_key);
}

struct e0_row {
    u32 text_at, text_size;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 8, "as planned");

struct e1_row {
    u32 text_at, text_size;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e1_row) == 8, "as planned");

ALWAYS_INLINE void e1_send(struct chain *c, const struct s0_run *run, const enum job_variant variant) {
    if (variant == JOB_FUSED) {
        chain_sink(c, 1, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[1];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e1_row *row = (struct e1_row *)outlet_row(o, reader, sizeof(struct e1_row), encoded.size);
    row->text_at = outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
}

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, const enum job_variant variant) {
    if (variant == JOB_FUSED) {
        chain_sink(c, 0, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[0];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), encoded.size);
    row->text_at = outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, i64 c0, struct str c1, i64 c2, i64 c3, const enum job_variant variant) {
     {
        const i16 x2 = (i16)c2;
        const bool x2_null = (c2 < -32767ll - 1 || c2 > 32767ll);
#line 10 "lookup.flow"
        const struct table *t1 = c->tables[0];
        const u64 h1 = t0_hash(t1->hash_key, hash_bytes(c1.at, c1.size, 0), (u64)x2);
        u64 at1 = table_home(t1, h1);
        if (!(x2_null)) {
            for (const struct t0_row *row1; (row1 = table_next(t1, sizeof *row1, h1, &at1));) {
                if (!(str_equal(row1->c0, c1) && (row1->c1 == x2))) continue;
                if (!(c3 >= row1->c2)) continue;
#line 11 "lookup.flow"
                const struct table *t3 = c->tables[1];
                const u64 h3 = t1_hash(t3->hash_key, (u64)c2);
                u64 at3 = table_home(t3, h3);
                for (bool found3 = false, last3 = false; !last3;) {
                    const struct t1_row *row3 = table_next(t3, sizeof *row3, h3, &at3);
                    last3 = !row3;
                    if (last3 ? found3 : !((row3->c0 == c2))) continue;
                    const struct str x4 = (row3 ? row3->c1 : (struct str){ 0 });
                    const bool x4_null = !row3;
                    found3 = true;
#line 12 "lookup.flow"
                    const double v3_1 = ((double)c3 * row1->c3);
#line 12 "lookup.flow"
                    const struct str v3_3 = (x4_null ? (struct str){ "\077", 1 } : x4);
#line 12 "lookup.flow"
                    const bool v3_4 = !(row3 != NULL);
#line 13 "lookup.flow"
                    k0_encode(c, c0, v3_1, row1->c4, row1->c4_null, v3_3, v3_4);
#line 13 "lookup.flow"
                    e0_send(c, run, variant);
                    if (!t3->repeats) break;
                }
                if (!t1->repeats) break;
            }
        }
    }
     {
#line 16 "lookup.flow"
        const struct table *t5 = c->tables[1];
        const u64 h5 = t1_hash(t5->hash_key, (u64)c2);
        u64 at5 = table_home(t5, h5);
        for (bool found5 = false, last5 = false; !last5;) {
            const struct t1_row *row5 = table_next(t5, sizeof *row5, h5, &at5);
            last5 = !row5;
            if (last5 ? found5 : !((row5->c0 == c2))) continue;
            const i64 x6 = (row5 ? row5->c0 : 0);
            const bool x6_null = !row5;
            const struct str x7 = (row5 ? row5->c1 : (struct str){ 0 });
            const bool x7_null = !row5;
            found5 = true;
#line 17 "lookup.flow"
            if (((!x7_null && str_equal(x7, (struct str){ "Oslo", 4 })) || (c0 > 3ll))) {
#line 18 "lookup.flow"
                if ((row5 != NULL)) {
#line 20 "lookup.flow"
                    k1_encode(c, c0, x6, x7);
#line 20 "lookup.flow"
                    e1_send(c, run, variant);
                }
            }
            if (!t5->repeats) break;
        }
    }
}
#line 168 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, i64 c0, struct str c1, i64 c2, i64 c3, const enum job_variant variant) {
    s0_chain(c, run, c0, c1, c2, c3, variant);
    run->rows++;
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 182 "job.c"

struct s0_columns {
    i64 c0;
    struct str c1;
    i64 c2;
    i64 c3;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    i64 c0 = 0;
    struct str c1 = { 0 };
    i64 c2 = 0;
    i64 c3 = 0;
    scratch_reset(&c->scratch);
    struct csv_record record;
    enum csv_kind kind;
    struct str s;
    u32 field = 0;
    csv_record_begin(&record, x->at + at, x->size - at, 44);
    const u8 first = x->at[at]; /* an empty line is no record */
    *size = 1 + (first == '\r');
    if (x->at[at + *size - 1] == '\n' && at + *size <= x->size) return s0_blank;
    while (csv_record_next(&record, &c->scratch, &kind, &s)) {
        if (kind == CSV_BROKEN && !bad) bad = "a quote stands where none may";
        switch (field++) {
            case 0:
                if (kind == CSV_EMPTY && !bad) bad = "`id` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c0)) bad = "`id` is no i64";
                break;
            case 1:
                c1 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`product` is not valid UTF-8";
                break;
            case 2:
                if (kind == CSV_EMPTY && !bad) bad = "`shop` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c2)) bad = "`shop` is no i64";
                break;
            case 3:
                if (kind == CSV_EMPTY && !bad) bad = "`quantity` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c3)) bad = "`quantity` is no i64";
                break;
        }
    }
    if (!bad && field > 4) bad = "more than 4 fields";
    if (!bad && field <= 0) bad = "`id` is missing";
    if (!bad && field <= 1) bad = "`product` is missing";
    if (!bad && field <= 2) bad = "`shop` is missing";
    if (!bad && field <= 3) bad = "`quantity` is missing";
    *size = record.size;
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c3 = c3;
    return bad;
}

ALWAYS_INLINE bool s0_fast(const u8 *p, u64 start, const u32 *f, struct s0_columns *row) {
    u64 bad = 0;
    const u8 *c0_from = p + start, *c0_to = p + f[0];
    const bool c0_minus = *c0_from == '-';
    const u64 c0_digits = digits_padded(c0_to, (u64)(c0_to - c0_from) - c0_minus, &bad);
    const i64 c0 = (i64)(c0_minus ? 0 - c0_digits : c0_digits);
    const u8 *c1_from = p + f[0] + 1, *c1_to = p + f[1];
    const struct str c1 = { (const char *)c1_from, (u64)(c1_to - c1_from) };
    const u8 *c2_from = p + f[1] + 1, *c2_to = p + f[2];
    const bool c2_minus = *c2_from == '-';
    const u64 c2_digits = digits_padded(c2_to, (u64)(c2_to - c2_from) - c2_minus, &bad);
    const i64 c2 = (i64)(c2_minus ? 0 - c2_digits : c2_digits);
    const u8 *c3_from = p + f[2] + 1, *c3_to = csv_last_end(p + f[3]);
    const bool c3_minus = *c3_from == '-';
    const u64 c3_digits = digits_padded(c3_to, (u64)(c3_to - c3_from) - c3_minus, &bad);
    const i64 c3 = (i64)(c3_minus ? 0 - c3_digits : c3_digits);
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c3 = c3;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s0_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s0_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (UNLIKELY(x->broken != NULL)) {
        struct s0_run r = run;
        s0_malformed(c, &r, x, 0, x->size, x->broken, variant);
        run = r;
    } else {
        for (u64 at = 0, start; at < x->size && !run.stopped; at += start) {
            const u8 *p = x->at + at;
            const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;
            const struct scan scan = scan_csv(p, piece, 44, ends);
            const u32 *f = ends, *const last = ends + scan.count;
            const bool regular = scan_is_regular(p, ends, scan, 4);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 4 ? 4 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct s0_columns row;
                if (UNLIKELY(places != 4 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !s0_fast(p, start, f, &row))) {
                    struct s0_columns exact; /* so that the row stays in registers */
                    bad = s0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s0_row(c, &run, row.c0, row.c1, row.c2, row.c3, variant);
                } else if (bad != s0_blank) {
                    struct s0_run copy = run;
                    s0_malformed(c, &copy, x, at + start, scan_bare(x->at + at + start, size), bad, variant);
                    run = copy;
                }
                run.position++;
                start += size;
            }
        }
    }
    c->top = run.top;
    c->sources[0].rows_in += run.rows;
}

static void s0_morsel_rings(struct chain *c, const struct extent *x) {
    s0_morsel(c, x, JOB_RINGS);
}
static void s0_morsel_fused(struct chain *c, const struct extent *x) {
    s0_morsel(c, x, JOB_FUSED);
}

struct t0_run {
    struct table *table;
    u64 rows;
    u32 position;
    bool stopped;
};

static void t0_row(struct chain *c, struct t0_run *run, struct str c0, i16 c1, i64 c2, double c3, struct str c4, bool c4_null, const enum job_variant variant) {
    static const u16 texts[] = { offsetof(struct t0_row, c0), offsetof(struct t0_row, c4) };
    struct t0_row row;
    __builtin_memset(&row, 0, sizeof row);
    row.c0 = c0;
    row.c1 = c1;
    row.c2 = c2;
    row.c3 = c3;
    row.c4 = c4;
    row.c4_null = c4_null;
    if (!table_add(run->table, &row, texts, 2)) run->stopped = true;
    run->rows++;
}
static u64 t0_row_hash(const void *row, u64 hash_key) {
    const struct t0_row *r = row;
    return t0_hash(hash_key, hash_bytes(r->c0.at, r->c0.size, 0), (u64)r->c1);
}
static const struct table_ops t0_ops = { sizeof(struct t0_row), t0_row_hash };

ALWAYS_INLINE void t0_malformed(struct chain *c, struct t0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 345 "job.c"

struct t0_columns {
    struct str c0;
    i16 c1;
    i64 c2;
    double c3;
    struct str c4;
    bool c4_null;
};
static const char t0_blank[] = ""; /* there is no record */
static NOINLINE const char *t0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct t0_columns *row) {
    const char *bad = NULL;
    struct str c0 = { 0 };
    i16 c1 = 0;
    i64 c2 = 0;
    double c3 = 0;
    struct str c4 = { 0 };
    bool c4_null = true;
    scratch_reset(&c->scratch);
    struct csv_record record;
    enum csv_kind kind;
    struct str s;
    u32 field = 0;
    csv_record_begin(&record, x->at + at, x->size - at, 44);
    const u8 first = x->at[at]; /* an empty line is no record */
    *size = 1 + (first == '\r');
    if (x->at[at + *size - 1] == '\n' && at + *size <= x->size) return t0_blank;
    while (csv_record_next(&record, &c->scratch, &kind, &s)) {
        if (kind == CSV_BROKEN && !bad) bad = "a quote stands where none may";
        switch (field++) {
            case 0:
                c0 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`product` is not valid UTF-8";
                break;
            case 1:
                if (kind == CSV_EMPTY && !bad) bad = "`shop` is empty";
                if (!bad && !parse_i16(s.at, s.size, &c1)) bad = "`shop` is no i16";
                break;
            case 2:
                if (kind == CSV_EMPTY && !bad) bad = "`least` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c2)) bad = "`least` is no i64";
                break;
            case 3:
                if (kind == CSV_EMPTY && !bad) bad = "`price` is empty";
                if (!bad && !parse_f64(s.at, s.size, &c3)) bad = "`price` is no f64";
                break;
            case 4:
                if (kind == CSV_EMPTY) break;
                c4_null = false;
                c4 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`note` is not valid UTF-8";
                break;
        }
    }
    if (!bad && field > 5) bad = "more than 5 fields";
    if (!bad && field <= 0) bad = "`product` is missing";
    if (!bad && field <= 1) bad = "`shop` is missing";
    if (!bad && field <= 2) bad = "`least` is missing";
    if (!bad && field <= 3) bad = "`price` is missing";
    *size = record.size;
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c3 = c3;
    row->c4 = c4;
    row->c4_null = c4_null;
    return bad;
}

ALWAYS_INLINE bool t0_fast(const u8 *p, u64 start, const u32 *f, struct t0_columns *row) {
    u64 bad = 0;
    const u8 *c0_from = p + start, *c0_to = p + f[0];
    const struct str c0 = { (const char *)c0_from, (u64)(c0_to - c0_from) };
    const u8 *c1_from = p + f[0] + 1, *c1_to = p + f[1];
    const bool c1_minus = *c1_from == '-';
    const u64 c1_digits = digits_padded(c1_to, (u64)(c1_to - c1_from) - c1_minus, &bad);
    bad |= c1_digits > 32767ull + c1_minus;
    const i16 c1 = (i16)(c1_minus ? 0 - c1_digits : c1_digits);
    const u8 *c2_from = p + f[1] + 1, *c2_to = p + f[2];
    const bool c2_minus = *c2_from == '-';
    const u64 c2_digits = digits_padded(c2_to, (u64)(c2_to - c2_from) - c2_minus, &bad);
    const i64 c2 = (i64)(c2_minus ? 0 - c2_digits : c2_digits);
    const u8 *c3_from = p + f[2] + 1, *c3_to = p + f[3];
    double c3 = 0;
    bad |= !parse_f64(c3_from, (u64)(c3_to - c3_from), &c3);
    const u8 *c4_from = p + f[3] + 1, *c4_to = csv_last_end(p + f[4]);
    const bool c4_null = c4_from == c4_to;
    const struct str c4 = { (const char *)c4_from, (u64)(c4_to - c4_from) };
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c3 = c3;
    row->c4 = c4;
    row->c4_null = c4_null;
    return LIKELY(!bad);
}

ALWAYS_INLINE void t0_morsel(struct chain *c, struct table *table, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct t0_run run = { .table = table };
    if (UNLIKELY(x->broken != NULL)) {
        struct t0_run r = run;
        t0_malformed(c, &r, x, 0, x->size, x->broken, variant);
        run = r;
    } else {
        for (u64 at = 0, start; at < x->size && !run.stopped; at += start) {
            const u8 *p = x->at + at;
            const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;
            const struct scan scan = scan_csv(p, piece, 44, ends);
            const u32 *f = ends, *const last = ends + scan.count;
            const bool regular = scan_is_regular(p, ends, scan, 5);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 5 ? 5 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct t0_columns row;
                if (UNLIKELY(places != 5 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !t0_fast(p, start, f, &row))) {
                    struct t0_columns exact; /* so that the row stays in registers */
                    bad = t0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    t0_row(c, &run, row.c0, row.c1, row.c2, row.c3, row.c4, row.c4_null, variant);
                } else if (bad != t0_blank) {
                    struct t0_run copy = run;
                    t0_malformed(c, &copy, x, at + start, scan_bare(x->at + at + start, size), bad, variant);
                    run = copy;
                }
                run.position++;
                start += size;
            }
        }
    }
}

static void t0_load(struct chain *c, struct table *table, const struct extent *x) {
    t0_morsel(c, table, x, JOB_RINGS);
}

struct t1_run {
    struct table *table;
    u64 rows;
    u32 position;
    bool stopped;
};

static void t1_row(struct chain *c, struct t1_run *run, i64 c0, struct str c1, const enum job_variant variant) {
    static const u16 texts[] = { offsetof(struct t1_row, c1) };
    struct t1_row row;
    __builtin_memset(&row, 0, sizeof row);
    row.c0 = c0;
    row.c1 = c1;
    if (!table_add(run->table, &row, texts, 1)) run->stopped = true;
    run->rows++;
}
static u64 t1_row_hash(const void *row, u64 hash_key) {
    const struct t1_row *r = row;
    return t1_hash(hash_key, (u64)r->c0);
}
static const struct table_ops t1_ops = { sizeof(struct t1_row), t1_row_hash };

ALWAYS_INLINE void t1_malformed(struct chain *c, struct t1_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 516 "job.c"

struct t1_columns {
    i64 c0;
    struct str c1;
};
static const char t1_blank[] = ""; /* there is no record */
static NOINLINE const char *t1_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct t1_columns *row) {
    const char *bad = NULL;
    i64 c0 = 0;
    struct str c1 = { 0 };
    scratch_reset(&c->scratch);
    struct csv_record record;
    enum csv_kind kind;
    struct str s;
    u32 field = 0;
    csv_record_begin(&record, x->at + at, x->size - at, 59);
    const u8 first = x->at[at]; /* an empty line is no record */
    *size = 1 + (first == '\r');
    if (x->at[at + *size - 1] == '\n' && at + *size <= x->size) return t1_blank;
    while (csv_record_next(&record, &c->scratch, &kind, &s)) {
        if (kind == CSV_BROKEN && !bad) bad = "a quote stands where none may";
        switch (field++) {
            case 0:
                if (kind == CSV_EMPTY && !bad) bad = "`id` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c0)) bad = "`id` is no i64";
                break;
            case 1:
                c1 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`city` is not valid UTF-8";
                break;
        }
    }
    if (!bad && field > 2) bad = "more than 2 fields";
    if (!bad && field <= 0) bad = "`id` is missing";
    if (!bad && field <= 1) bad = "`city` is missing";
    *size = record.size;
    row->c0 = c0;
    row->c1 = c1;
    return bad;
}

ALWAYS_INLINE bool t1_fast(const u8 *p, u64 start, const u32 *f, struct t1_columns *row) {
    u64 bad = 0;
    const u8 *c0_from = p + start, *c0_to = p + f[0];
    const bool c0_minus = *c0_from == '-';
    const u64 c0_digits = digits_padded(c0_to, (u64)(c0_to - c0_from) - c0_minus, &bad);
    const i64 c0 = (i64)(c0_minus ? 0 - c0_digits : c0_digits);
    const u8 *c1_from = p + f[0] + 1, *c1_to = csv_last_end(p + f[1]);
    const struct str c1 = { (const char *)c1_from, (u64)(c1_to - c1_from) };
    row->c0 = c0;
    row->c1 = c1;
    return LIKELY(!bad);
}

ALWAYS_INLINE void t1_morsel(struct chain *c, struct table *table, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct t1_run run = { .table = table };
    if (UNLIKELY(x->broken != NULL)) {
        struct t1_run r = run;
        t1_malformed(c, &r, x, 0, x->size, x->broken, variant);
        run = r;
    } else {
        for (u64 at = 0, start; at < x->size && !run.stopped; at += start) {
            const u8 *p = x->at + at;
            const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;
            const struct scan scan = scan_csv(p, piece, 59, ends);
            const u32 *f = ends, *const last = ends + scan.count;
            const bool regular = scan_is_regular(p, ends, scan, 2);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 2 ? 2 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct t1_columns row;
                if (UNLIKELY(places != 2 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !t1_fast(p, start, f, &row))) {
                    struct t1_columns exact; /* so that the row stays in registers */
                    bad = t1_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    t1_row(c, &run, row.c0, row.c1, variant);
                } else if (bad != t1_blank) {
                    struct t1_run copy = run;
                    t1_malformed(c, &copy, x, at + start, scan_bare(x->at + at + start, size), bad, variant);
                    run = copy;
                }
                run.position++;
                start += size;
            }
        }
    }
}

static void t1_load(struct chain *c, struct table *table, const struct extent *x) {
    t1_morsel(c, table, x, JOB_RINGS);
}

static const struct job_option s0_options[] = {
    { "path", JOB_OPTION_LITERAL, "orders.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
LEND(s0_morsel_fused)
static const struct job_source sources[] = {
    [0] = {
        .name = "orders",
        .connector = { .connector = "file",
            .format = "csv",
            .options = s0_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
        .has_time = false,
        .at_end = true,
        .lag_ns = 0ll,
        .ahead_ns = -1ll,
        .idle_ns = -1ll,
        .bounds = NULL,
        .bound_count = 0,
        .malformed = 0,
        .morsel = { [JOB_RINGS] = s0_morsel_rings, [JOB_FUSED] = FUSED(s0_morsel_fused) },
    },
};

static const u32 inputs0[] = { 0 };
static const u32 inputs1[] = { 1 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "orders/print",
        .kind = JOB_SINK,
        .line = 13,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs0,
        .input_count = 1,
        .sink = { .connector = "print",
            .format = "text",
            .options = NULL,
            .option_count = 0,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [1] = {
        .name = "orders/print2",
        .kind = JOB_SINK,
        .line = 20,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs1,
        .input_count = 1,
        .sink = { .connector = "print",
            .format = "text",
            .options = NULL,
            .option_count = 0,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
};

static const u16 e0_texts[] = { 0 };
static const u16 e1_texts[] = { 0 };
static const struct job_edge edges[] = {
    [0] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 0,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 8,
        .texts = e0_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
    },
    [1] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 1,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 8,
        .texts = e1_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
    },
};

static const struct job_option t0_options[] = {
    { "path", JOB_OPTION_LITERAL, "prices.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
static const struct job_option t1_options[] = {
    { "path", JOB_OPTION_LITERAL, "shops.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
    { "delimiter", JOB_OPTION_LITERAL, "\073" },
};
static const struct job_table tables[] = {
    [0] = {
        .name = "prices",
        .connector = { .connector = "file",
            .format = "csv",
            .options = t0_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
        .ops = &t0_ops,
        .load = t0_load,
    },
    [1] = {
        .name = "shops",
        .connector = { .connector = "file",
            .format = "csv",
            .options = t1_options,
            .option_count = 3,
            .row_bytes = 0,
            .header = false,
            .delimiter = 59,
            .head = NULL },
        .ops = &t1_ops,
        .load = t1_load,
    },
};

#ifndef PART_FUSED
__attribute__((visibility("default"))) const struct job millrace_job = {
    .magic = JOB_MAGIC,
    .abi = JOB_ABI,
    .chain_bytes = sizeof(struct chain),
    .outlet_bytes = sizeof(struct outlet),
    .window_bytes = sizeof(struct window),
    .name = "lookup",
    .param_count = 0,
    .sources = sources,
    .source_count = 1,
    .stages = stages,
    .stage_count = 2,
    .edges = edges,
    .edge_count = 2,
    .tables = tables,
    .table_count = 2,
    .regex_count = 0,
    .blackhole_count = 0,
    .can_fuse = true,
    .parallelism = 0,
    .memory_bytes = 0ull,
    .snapshots = { 0ll, JOB_GUARANTEE_UNSET, 600000000000ll, 0ll, 10u, 3u },
};
#endif
