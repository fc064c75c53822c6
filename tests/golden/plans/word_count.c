#include "runtime/job.h"

typedef __int128 wide __attribute__((aligned(8)));

static const struct byte_class b0 = { { 0x57, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x07, 0x0f, 0xaf, 0xaf, 0xaf, 0xaf, 0x8f }, true };

struct w0_key {
    struct key_probe k0;
};
struct w0_stored {
    struct key_text k0;
};
ALWAYS_INLINE struct w0_key w0_key(u64 hash_key, struct str a0) {
    struct w0_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    return key;
}
ALWAYS_INLINE u64 w0_hash(const struct w0_key *key, u64 hash_key) {
    return key->k0.hash;
}
static u64 w0_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w0_stored *key = slot;
    return key_text_hash(&key->k0, hash_key, region);
}
ALWAYS_INLINE bool w0_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w0_stored *stored = slot;
    const struct w0_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region);
}
static void w0_key_keep(void *slot, const void *from, struct region *region) {
    struct w0_stored *stored = slot;
    const struct w0_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
}
static void w0_key_drop(void *slot, struct region *region) {
    struct w0_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w0_acc {
    u64 rows;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w0_acc) == 8, "as planned");
ALWAYS_INLINE void w0_update(struct w0_acc *acc, struct str a0) {
    acc->rows++;
}
ALWAYS_INLINE void w0_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w0_acc *into = to;
    const struct w0_acc *from = with;
    into->rows += from->rows;
}
ALWAYS_INLINE void w0_subtract(void *from, const void *what) {
    struct w0_acc *left = from;
    const struct w0_acc *gone = what;
    left->rows -= gone->rows;
}

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    struct window *w0;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k1_encode(struct chain *c, struct str f0, i64 f1) {
    out_clear(&c->out);
    out_bytes(&c->out, "word=", 5);
    out_print_text(&c->out, f0);
    out_bytes(&c->out, " n=", 3);
    out_i64(&c->out, f1);
    out_bytes(&c->out, "\n", 1);
}

struct w0_entry {
    struct w0_key key;
    struct w0_acc acc;
};
ALWAYS_INLINE bool w0_entry_equal(const void *entry, const void *from) {
    const struct w0_key *a = entry, *b = from;
    return key_probe_equal(&a->k0, &b->k0);
}
static bool w0_entry_keep(void *entry, const void *from, struct combine *cb) {
    struct w0_key *key = entry;
    *key = *(const struct w0_key *)from;
    if (key->k0.text.high >> 56 == KEY_TEXT_LONG) {
        key->k0.at = combine_text(cb, key->k0.at, (u32)key->k0.text.high);
        if (!key->k0.at) return false;
    }
    return true;
}
static const struct combine_ops w0_combine = {
    .slot_size = sizeof(struct w0_entry),
    .acc_at = offsetof(struct w0_entry, acc),
    .key_equal = w0_entry_equal,
    .key_keep = w0_entry_keep,
};

struct e0_row {
    struct w0_acc acc;
    i64 slice;
    u32 f0_at, f0_size;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 24, "as planned");

struct e1_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e1_row) == 16, "as planned");

ALWAYS_INLINE void e1_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 1, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[1];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e1_row *row = (struct e1_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e1_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e1_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

enum { W0_ACC_AT = (sizeof(struct w0_stored) + 7) & ~7, W0_BYTES = W0_ACC_AT + sizeof(struct w0_acc) };
enum { W0_SLOT = W0_BYTES <= 16 ? 16 : W0_BYTES <= 32 ? 32 : W0_BYTES <= 64 ? 64 : (W0_BYTES + 15) & ~15 };

static const struct window_spec w0_spec = {
    .shape = SHAPE_GLOBAL,
};
static const struct state_field w0_fields[] = {
    { .name = "word",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w0_stored, k0),
      .size = sizeof(((struct w0_stored *)0)->k0),
      .null_bit = -1 },
};
static const struct state_schema w0_schema = {
    .fields = w0_fields,
    .count = 1,
    .slot_size = W0_SLOT,
    .acc_at = W0_ACC_AT,
    .acc_size = sizeof(struct w0_acc),
    .window = &w0_spec,
};

#line 154 "job.c"
ALWAYS_INLINE void w0_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w0_stored *key = slot;
    const struct w0_acc *acc = from;
    c->stages[0].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const i64 v3_1 = (i64)acc->rows;
    k1_encode(c, k0, v3_1);
    e1_send(c, p, variant);
}
static const struct window_ops w0_rings;
static inline void w0_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w0_emit(c, key, acc, p, JOB_RINGS);
}
static void w0_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w0_rings, p);
}
static const struct window_ops w0_rings = {
    .keyed = { .slot_size = W0_SLOT,
               .acc_at = W0_ACC_AT,
               .key_equal = w0_key_equal,
               .key_hash = w0_stored_hash,
               .key_keep = w0_key_keep,
               .key_drop = w0_key_drop },
    .acc_size = sizeof(struct w0_acc),
    .merge = w0_merge,
    .subtract = w0_subtract,
    .emit = w0_emit_rings,
    .pass = w0_pass_rings,
    .schema = &w0_schema,
};
static const struct window_ops w0_fused;
static inline void w0_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w0_emit(c, key, acc, p, JOB_FUSED);
}
static void w0_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w0_fused, p);
}
static const struct window_ops w0_fused = {
    .keyed = { .slot_size = W0_SLOT,
               .acc_at = W0_ACC_AT,
               .key_equal = w0_key_equal,
               .key_hash = w0_stored_hash,
               .key_keep = w0_key_keep,
               .key_drop = w0_key_drop },
    .acc_size = sizeof(struct w0_acc),
    .merge = w0_merge,
    .subtract = w0_subtract,
    .emit = w0_emit_fused,
    .pass = w0_pass_fused,
    .schema = &w0_schema,
};

ALWAYS_INLINE void w0_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w0_key *key, u64 hash, struct str a0, const enum job_variant variant) {
    struct w0_acc delta = { 0 };
    w0_update(&delta, a0);
    if (LIKELY(window_add(c, w, ops, key, hash, 0, &delta))) return;
    c->stages[0].late++;
}
static NOINLINE void w0_elsewhere_rings(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0) {
    w0_elsewhere(c, w, &w0_rings, key, hash, a0, JOB_RINGS);
}
static NOINLINE void w0_elsewhere_fused(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0) {
    w0_elsewhere(c, w, &w0_fused, key, hash, a0, JOB_FUSED);
}
ALWAYS_INLINE void w0_add(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, 0)) {
        if (variant == JOB_FUSED) w0_elsewhere_fused(c, w, key, hash, a0);
        else
            w0_elsewhere_rings(c, w, key, hash, a0);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w0_fused : &w0_rings;
    struct w0_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w0_update(acc, a0);
}
#line 230 "job.c"

static NOINLINE void e0_flush(struct chain *c) {
    struct combine *cb = &c->combines[0];
    struct outlet *o = &c->outlets[0];
    for (u32 i = 0; i < cb->count; i++) {
        const struct w0_entry *entry = combine_entry(cb, &w0_combine, i);
        const struct w0_key *key = &entry->key;
        const struct str a0 = key_probe_str(&key->k0);
        const u32 reader = outlet_reader(o, w0_hash(key, c->hash_key));
        struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), a0.size);
        row->acc = entry->acc;
        row->slice = cb->slice_start;
        row->f0_at = outlet_text(o, reader, a0);
        row->f0_size = (u32)a0.size;
    }
    combine_clear(cb);
}

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, struct str a0, const enum job_variant variant) {
    const struct w0_key key = w0_key(run->hash_key, a0);
    const u64 hash = w0_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w0_add(c, run->w0, &key, hash, a0, run->care, JOB_FUSED);
        return;
    }
    struct combine *cb = &c->combines[0];
    struct w0_acc *acc;
    if (cb->aside) {
        struct w0_acc one = { 0 };
        w0_update(&one, a0);
        struct outlet *o = &c->outlets[0];
        const u32 reader = outlet_reader(o, hash);
        struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), a0.size);
        row->acc = one;
        row->slice = 0;
        row->f0_at = outlet_text(o, reader, a0);
        row->f0_size = (u32)a0.size;
        return;
    }
    while (UNLIKELY(!(acc = combine_slot(cb, &w0_combine, &key, hash, 0, run->care)))) e0_flush(c);
    w0_update(acc, a0);
}

ALWAYS_INLINE void e0_ahead(const struct window *w, const u8 *base, const struct e0_row *r, u64 hash_key) {
    const struct w0_key key = w0_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
    window_prefetch(w, &w0_rings, w0_hash(&key, hash_key));
}
ALWAYS_INLINE void e0_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e0_row *rows = (const struct e0_row *)from;
    struct window *w = c->states[0];
    const u64 hash_key = c->hash_key;
    for (const struct e0_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e0_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w0_key key = w0_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w0_hash(&key, hash_key);
        if (window_elsewhere(w, r->slice)) {
            if (!window_add(c, w, &w0_rings, &key, hash, r->slice, &r->acc)) c->stages[0].late += r->acc.rows;
            continue;
        }
        w0_merge(c, &w->keyed.region, window_slot(w, &w0_rings, &key, hash), &r->acc);
    }
}
static void e0_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e0_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, struct str c0, const enum job_variant variant) {
    const struct str x1 = str_lower(c0, &c->scratch);
#line 5 "word_count.flow"
    struct split_class split2;
    split_class_begin(&split2, x1, &b0);
    for (struct str v1_1; split_class_next(&split2, &v1_1);) {
#line 6 "word_count.flow"
        if (!str_equal(v1_1, (struct str){ "", 0 })) {
#line 9 "word_count.flow"
            e0_send(c, run, v1_1, variant);
        }
    }
}
#line 310 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, struct str c0, const enum job_variant variant) {
    s0_chain(c, run, c0, variant);
    run->rows++;
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 324 "job.c"

struct s0_columns {
    struct str c0;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    struct str c0 = { 0 };
    scratch_reset(&c->scratch);
    const u64 length = scan_byte(x->at + at, x->size - at, '\n');
    u64 used = length;
    used -= used && x->at[at + used - 1] == '\r';
    const struct str s = { (const char *)x->at + at, used };
    c0 = s;
    if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`line` is not valid UTF-8";
    *size = length + (at + length < x->size);
    row->c0 = c0;
    return bad;
}

ALWAYS_INLINE bool s0_fast(const u8 *p, u64 start, const u32 *f, struct s0_columns *row) {
    u64 bad = 0;
    const u8 *c0_from = p + start, *c0_to = csv_last_end(p + f[0]);
    const struct str c0 = { (const char *)c0_from, (u64)(c0_to - c0_from) };
    row->c0 = c0;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s0_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s0_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (variant == JOB_FUSED) run.w0 = c->states[0];
    if (UNLIKELY(x->broken != NULL)) {
        struct s0_run r = run;
        s0_malformed(c, &r, x, 0, x->size, x->broken, variant);
        run = r;
    } else {
        for (u64 at = 0, start; at < x->size && !run.stopped; at += start) {
            const u8 *p = x->at + at;
            const u64 piece = x->size - at < SCAN_PIECE ? x->size - at : SCAN_PIECE;
            const struct scan scan = scan_lines(p, piece, ends);
            const u32 *f = ends, *const last = ends + scan.count;
            const bool regular = scan_is_regular(p, ends, scan, 1);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 1 ? 1 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                scratch_reset(&c->scratch);
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct s0_columns row;
                if (UNLIKELY(places != 1 || !utf8 || !s0_fast(p, start, f, &row))) {
                    struct s0_columns exact; /* so that the row stays in registers */
                    bad = s0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s0_row(c, &run, row.c0, variant);
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

static void s0_flush(struct chain *c) {
    e0_flush(c);
}

static const struct job_option s0_options[] = {
    { "path", JOB_OPTION_LITERAL, "book.txt" },
    { "format", JOB_OPTION_LITERAL, "lines" },
};
LEND(s0_morsel_fused)
static const struct job_source sources[] = {
    [0] = {
        .name = "book",
        .connector = { .connector = "file",
            .format = "lines",
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
        .flush = s0_flush,
    },
};

static const u32 inputs0[] = { 0 };
LEND(w0_fused)
static const u32 inputs1[] = { 1 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "counts/aggregate",
        .kind = JOB_KEEPER,
        .line = 9,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs0,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w0_spec,
        .schema = &w0_schema,
        .ops = { [JOB_RINGS] = &w0_rings, [JOB_FUSED] = &FUSED(w0_fused) },
    },
    [1] = {
        .name = "counts/print",
        .kind = JOB_SINK,
        .line = 11,
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

static const u16 e0_texts[] = { 16 };
static const u16 e1_texts[] = { 0 };
static const struct job_edge edges[] = {
    [0] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 0,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 24,
        .texts = e0_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
        .combine = &w0_combine,
        .rows = { [JOB_RINGS] = e0_rows_rings },
    },
    [1] = {
        .from_source = false,
        .from = 0,
        .port = 0,
        .to = 1,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e1_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
};

#ifndef PART_FUSED
__attribute__((visibility("default"))) const struct job millrace_job = {
    .magic = JOB_MAGIC,
    .abi = JOB_ABI,
    .chain_bytes = sizeof(struct chain),
    .outlet_bytes = sizeof(struct outlet),
    .window_bytes = sizeof(struct window),
    .name = "word_count",
    .param_count = 0,
    .sources = sources,
    .source_count = 1,
    .stages = stages,
    .stage_count = 2,
    .edges = edges,
    .edge_count = 2,
    .table_count = 0,
    .regex_count = 0,
    .blackhole_count = 0,
    .can_fuse = true,
    .parallelism = 0,
    .memory_bytes = 0ull,
    .snapshots = { 0ll, JOB_GUARANTEE_UNSET, 600000000000ll, 0ll, 10u, 3u },
};
#endif
