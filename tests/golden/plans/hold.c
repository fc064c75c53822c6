#include "runtime/job.h"

typedef __int128 wide __attribute__((aligned(8)));

static const struct str n0_text[] = {
    { "hat", 3 },
    { "cup", 3 },
};
static __attribute__((unused)) bool n0_parse(struct str s, u8 *out) {
    for (u32 i = 0; i < 2; i++) {
        if (!str_equal(s, n0_text[i])) continue;
        *out = (u8)i;
        return true;
    }
    return false;
}

struct w1_key {
    struct key_probe k0;
};
struct w1_stored {
    struct key_text k0;
};
ALWAYS_INLINE struct w1_key w1_key(u64 hash_key, struct str a0) {
    struct w1_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    return key;
}
ALWAYS_INLINE u64 w1_hash(const struct w1_key *key, u64 hash_key) {
    return key->k0.hash;
}
static u64 w1_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w1_stored *key = slot;
    return key_text_hash(&key->k0, hash_key, region);
}
ALWAYS_INLINE bool w1_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w1_stored *stored = slot;
    const struct w1_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region);
}
static void w1_key_keep(void *slot, const void *from, struct region *region) {
    struct w1_stored *stored = slot;
    const struct w1_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
}
static void w1_key_drop(void *slot, struct region *region) {
    struct w1_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w1_acc {
    u64 rows;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w1_acc) == 8, "as planned");
ALWAYS_INLINE void w1_update(struct w1_acc *acc, struct str a0, i64 a1) {
    acc->rows++;
}
ALWAYS_INLINE void w1_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w1_acc *into = to;
    const struct w1_acc *from = with;
    into->rows += from->rows;
}
ALWAYS_INLINE void w1_subtract(void *from, const void *what) {
    struct w1_acc *left = from;
    const struct w1_acc *gone = what;
    left->rows -= gone->rows;
}

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k3_encode(struct chain *c, struct str f0, u8 f1, double f2, i64 f3) {
    out_clear(&c->out);
    out_bytes(&c->out, "item=", 5);
    out_print_text(&c->out, f0);
    out_bytes(&c->out, " kind=", 6);
    out_print_text(&c->out, n0_text[f1]);
    out_bytes(&c->out, " price=", 7);
    out_f64(&c->out, f2);
    out_bytes(&c->out, " event_time=", 12);
    out_timestamp(&c->out, f3);
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k4_encode(struct chain *c, struct str f0, i64 f1, i64 f2) {
    out_clear(&c->out);
    out_bytes(&c->out, "item=", 5);
    out_print_text(&c->out, f0);
    out_bytes(&c->out, " time=", 6);
    out_timestamp(&c->out, f1);
    out_bytes(&c->out, " event_time=", 12);
    out_timestamp(&c->out, f2);
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k5_encode(struct chain *c, struct str f0, i64 f1, i64 f2) {
    out_clear(&c->out);
    out_bytes(&c->out, "item=", 5);
    out_print_text(&c->out, f0);
    out_bytes(&c->out, " n=", 3);
    out_i64(&c->out, f1);
    out_bytes(&c->out, " at=", 4);
    out_timestamp(&c->out, f2);
    out_bytes(&c->out, "\n", 1);
}

struct e0_row {
    i64 f0;
    double f3;
    i64 f4;
    i64 stamp;
    u32 f1_at, f1_size;
    u32 position;
    u8 f2;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 48, "as planned");

struct e1_row {
    i64 f1;
    u32 f0_at, f0_size;
    u32 position;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e1_row) == 24, "as planned");

struct e2_row {
    i64 f0;
    i64 f2;
    i64 stamp;
    u32 f1_at, f1_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e2_row) == 40, "as planned");

struct e3_row {
    u32 text_at, text_size;
    u32 position;
} __attribute__((aligned(4)));
_Static_assert(sizeof(struct e3_row) == 12, "as planned");

struct e4_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e4_row) == 16, "as planned");

struct e5_row {
    u32 text_at, text_size;
    u32 position;
} __attribute__((aligned(4)));
_Static_assert(sizeof(struct e5_row) == 12, "as planned");

ALWAYS_INLINE void e5_send(struct chain *c, const enum job_variant variant) {
    if (variant == JOB_FUSED) {
        chain_sink(c, 5, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[5];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e5_row *row = (struct e5_row *)outlet_row(o, reader, sizeof(struct e5_row), encoded.size);
    row->text_at = outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = c->position;
}

ALWAYS_INLINE void e4_send(struct chain *c, u16 shard, const enum job_variant variant) {
    struct outlet *o = &c->outlets[4];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e4_row *row = (struct e4_row *)outlet_caused_row(o, reader, sizeof(struct e4_row), encoded.size, c->position, shard);
    row->text_at = outlet_caused_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = c->position;
    row->shard = shard;
}

ALWAYS_INLINE void e3_send(struct chain *c, const enum job_variant variant) {
    if (variant == JOB_FUSED) {
        chain_sink(c, 3, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[3];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e3_row *row = (struct e3_row *)outlet_row(o, reader, sizeof(struct e3_row), encoded.size);
    row->text_at = outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = c->position;
}

struct w2_row {
    u64 arrival;
    struct key_text f1;
    i64 f0;
    i64 f2;
};
ALWAYS_INLINE void w2_fill(struct w2_row *row, struct region *region, i64 f0, struct str f1, i64 f2) {
    row->f0 = f0;
    row->f1 = key_text_of(f1, region);
    row->f2 = f2;
}
static void w2_row_drop(void *at, struct region *region) {
    struct w2_row *row = at;
    key_text_drop(&row->f1, region);
}
static bool w2_row_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w2_row *row = at;
    if (!key_text_adopt(&row->f1, image, bytes, region)) return false;
    return true;
}
static const struct state_field w2_fields[] = {
    { .name = "hold of \050event_time + 5m\051: timestamp, item: string, n: i64",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w2_schema = {
    .fields = w2_fields,
    .count = 1,
    .slot_size = 16,
    .acc_size = 16,
};

#line 235 "job.c"
ALWAYS_INLINE void w2_emit(struct chain *c, const void *at, const struct region *region, const enum job_variant variant) {
    const struct w2_row *row = at;
    c->stages[2].rows_out++;
    k5_encode(c, key_text_str(&row->f1, region), row->f2, row->f0);
    e5_send(c, variant);
}
static void w2_emit_rings(struct chain *c, const void *row, const struct region *region) {
    w2_emit(c, row, region, JOB_RINGS);
}
static const struct hold_ops w2_rings = {
    .row_size = sizeof(struct w2_row),
    .drop = w2_row_drop,
    .adopt = w2_row_adopt,
    .emit = w2_emit_rings,
    .schema = &w2_schema,
};
static void w2_emit_fused(struct chain *c, const void *row, const struct region *region) {
    w2_emit(c, row, region, JOB_FUSED);
}
static const struct hold_ops w2_fused = {
    .row_size = sizeof(struct w2_row),
    .drop = w2_row_drop,
    .adopt = w2_row_adopt,
    .emit = w2_emit_fused,
    .schema = &w2_schema,
};
ALWAYS_INLINE void w2_add(struct chain *c, i64 a0, struct str a1, i64 a2, const enum job_variant variant) {
    struct hold *h = c->states[2];
    if (UNLIKELY(a0 < fine_w(&c->fine[2], c->stamp))) {
        c->stages[2].late++;
        return;
    }
    struct w2_row *row = hold_place(h, sizeof *row, a0);
    w2_fill(row, &h->region, a0, a1, a2);
}
#line 271 "job.c"

ALWAYS_INLINE void e2_send(struct chain *c, const struct pane *p, i64 a0, struct str a1, i64 a2, const enum job_variant variant) {
    struct outlet *o = &c->outlets[2];
    const u32 reader = o->reader_now;
    struct e2_row *row = (struct e2_row *)((p->caused || variant == JOB_FUSED) ? outlet_caused_row(o, reader, sizeof(struct e2_row), a1.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e2_row), a1.size));
    row->f0 = a0;
    row->f1_at = (p->caused || variant == JOB_FUSED) ? outlet_caused_text(o, reader, a1) : outlet_text(o, reader, a1);
    row->f1_size = (u32)a1.size;
    row->f2 = a2;
    row->stamp = p->stamp;
    row->position = p->position;
    row->shard = p->shard;
}

enum { W1_ACC_AT = (sizeof(struct w1_stored) + 7) & ~7, W1_BYTES = W1_ACC_AT + sizeof(struct w1_acc) };
enum { W1_SLOT = W1_BYTES <= 16 ? 16 : W1_BYTES <= 32 ? 32 : W1_BYTES <= 64 ? 64 : (W1_BYTES + 15) & ~15 };

static const struct window_spec w1_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 60000000000ll,
    .slide_ns = 60000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w1_fields[] = {
    { .name = "item",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w1_stored, k0),
      .size = sizeof(((struct w1_stored *)0)->k0),
      .null_bit = -1 },
};
static const struct state_schema w1_schema = {
    .fields = w1_fields,
    .count = 1,
    .slot_size = W1_SLOT,
    .acc_at = W1_ACC_AT,
    .acc_size = sizeof(struct w1_acc),
    .window = &w1_spec,
};

#line 313 "job.c"
ALWAYS_INLINE void w1_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w1_stored *key = slot;
    const struct w1_acc *acc = from;
    c->stages[1].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const i64 v3_3 = (i64)acc->rows;
    e2_send(c, p, time_add(p->event_time, 300000000000ll), k0, v3_3, variant);
}
static const struct window_ops w1_rings;
static inline void w1_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w1_emit(c, key, acc, p, JOB_RINGS);
}
static void w1_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w1_rings, p);
}
static const struct window_ops w1_rings = {
    .keyed = { .slot_size = W1_SLOT,
               .acc_at = W1_ACC_AT,
               .key_equal = w1_key_equal,
               .key_hash = w1_stored_hash,
               .key_keep = w1_key_keep,
               .key_drop = w1_key_drop },
    .acc_size = sizeof(struct w1_acc),
    .merge = w1_merge,
    .subtract = w1_subtract,
    .emit = w1_emit_rings,
    .pass = w1_pass_rings,
    .schema = &w1_schema,
};
static const struct window_ops w1_fused;
static inline void w1_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w1_emit(c, key, acc, p, JOB_FUSED);
}
static void w1_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w1_fused, p);
}
static const struct window_ops w1_fused = {
    .keyed = { .slot_size = W1_SLOT,
               .acc_at = W1_ACC_AT,
               .key_equal = w1_key_equal,
               .key_hash = w1_stored_hash,
               .key_keep = w1_key_keep,
               .key_drop = w1_key_drop },
    .acc_size = sizeof(struct w1_acc),
    .merge = w1_merge,
    .subtract = w1_subtract,
    .emit = w1_emit_fused,
    .pass = w1_pass_fused,
    .schema = &w1_schema,
};

ALWAYS_INLINE void w1_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w1_key *key, u64 hash, struct str a0, i64 a1, const enum job_variant variant) {
    struct w1_acc delta = { 0 };
    w1_update(&delta, a0, a1);
    if (LIKELY(window_add(c, w, ops, key, hash, a1, &delta))) return;
    c->stages[1].late++;
}
static NOINLINE void w1_elsewhere_rings(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, struct str a0, i64 a1) {
    w1_elsewhere(c, w, &w1_rings, key, hash, a0, a1, JOB_RINGS);
}
static NOINLINE void w1_elsewhere_fused(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, struct str a0, i64 a1) {
    w1_elsewhere(c, w, &w1_fused, key, hash, a0, a1, JOB_FUSED);
}
ALWAYS_INLINE void w1_add(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, struct str a0, i64 a1, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a1)) {
        if (variant == JOB_FUSED) w1_elsewhere_fused(c, w, key, hash, a0, a1);
        else
            w1_elsewhere_rings(c, w, key, hash, a0, a1);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w1_fused : &w1_rings;
    struct w1_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w1_update(acc, a0, a1);
}
#line 388 "job.c"

ALWAYS_INLINE void e1_send(struct chain *c, struct str a0, i64 a1, const enum job_variant variant) {
    const struct w1_key key = w1_key(c->hash_key, a0);
    const u64 hash = w1_hash(&key, c->hash_key);
    if (variant == JOB_FUSED) {
        w1_add(c, c->states[1], &key, hash, a0, a1, WINDOW_CHECK, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[1];
    const u32 reader = outlet_reader(o, hash);
    struct e1_row *row = (struct e1_row *)outlet_row(o, reader, sizeof(struct e1_row), a0.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->position = c->position;
}

struct w0_row {
    u64 arrival;
    struct key_text f1;
    i64 f0;
    double f3;
    u8 f2;
};
ALWAYS_INLINE void w0_fill(struct w0_row *row, struct region *region, i64 f0, struct str f1, u8 f2, double f3) {
    row->f0 = f0;
    row->f1 = key_text_of(f1, region);
    row->f2 = f2;
    row->f3 = f3;
}
static void w0_row_drop(void *at, struct region *region) {
    struct w0_row *row = at;
    key_text_drop(&row->f1, region);
}
static bool w0_row_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w0_row *row = at;
    if (!key_text_adopt(&row->f1, image, bytes, region)) return false;
    if (row->f2 >= 2) return false;
    return true;
}
static const struct state_field w0_fields[] = {
    { .name = "hold of expires: timestamp, item: string, kind: Kind in hat, cup, price: f64",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w0_schema = {
    .fields = w0_fields,
    .count = 1,
    .slot_size = 16,
    .acc_size = 16,
};

#line 444 "job.c"
ALWAYS_INLINE void w0_emit(struct chain *c, const void *at, const struct region *region, const enum job_variant variant) {
    const struct w0_row *row = at;
    c->stages[0].rows_out++;
     {
        e1_send(c, key_text_str(&row->f1, region), row->f0, variant);
    }
     {
        k3_encode(c, key_text_str(&row->f1, region), row->f2, row->f3, row->f0);
        e3_send(c, variant);
    }
}
static void w0_emit_rings(struct chain *c, const void *row, const struct region *region) {
    w0_emit(c, row, region, JOB_RINGS);
}
static const struct hold_ops w0_rings = {
    .row_size = sizeof(struct w0_row),
    .drop = w0_row_drop,
    .adopt = w0_row_adopt,
    .emit = w0_emit_rings,
    .schema = &w0_schema,
};
static void w0_emit_fused(struct chain *c, const void *row, const struct region *region) {
    w0_emit(c, row, region, JOB_FUSED);
}
static const struct hold_ops w0_fused = {
    .row_size = sizeof(struct w0_row),
    .drop = w0_row_drop,
    .adopt = w0_row_adopt,
    .emit = w0_emit_fused,
    .schema = &w0_schema,
};
ALWAYS_INLINE void w0_add(struct chain *c, i64 a0, struct str a1, u8 a2, double a3, i64 a4, const enum job_variant variant) {
    struct hold *h = c->states[0];
    if (UNLIKELY(a0 < fine_w(&c->fine[0], c->stamp))) {
        c->stages[0].late++;
#line 10 "hold.flow"
        k4_encode(c, a1, a4, a4);
#line 10 "hold.flow"
        e4_send(c, 0, variant);
        return;
    }
    struct w0_row *row = hold_place(h, sizeof *row, a0);
    w0_fill(row, &h->region, a0, a1, a2, a3);
}
#line 489 "job.c"

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, i64 a0, struct str a1, u8 a2, double a3, i64 a4, const enum job_variant variant) {
    if (variant == JOB_FUSED) {
        w0_add(c, a0, a1, a2, a3, a4, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[0];
    const u32 reader = o->reader_now;
    struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), a1.size);
    row->f0 = a0;
    row->f1_at = outlet_text(o, reader, a1);
    row->f1_size = (u32)a1.size;
    row->f2 = a2;
    row->f3 = a3;
    row->f4 = a4;
    row->stamp = c->stamp;
    row->position = c->position;
}

ALWAYS_INLINE void e0_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e0_row *rows = (const struct e0_row *)from;
    for (const struct e0_row *r = rows; r < rows + count; r++) {
        c->position = r->position;
        c->stamp = r->stamp;
        w0_add(c, r->f0, (struct str){ (const char *)base + r->f1_at, r->f1_size }, r->f2, r->f3, r->f4, variant);
    }
}
static void e0_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e0_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e1_ahead(const struct window *w, const u8 *base, const struct e1_row *r, u64 hash_key) {
    const struct w1_key key = w1_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
    window_prefetch(w, &w1_rings, w1_hash(&key, hash_key));
}
ALWAYS_INLINE void e1_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e1_row *rows = (const struct e1_row *)from;
    struct window *w = c->states[1];
    const u64 hash_key = c->hash_key;
    for (const struct e1_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e1_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w1_key key = w1_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w1_hash(&key, hash_key);
        c->position = r->position;
        w1_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, WINDOW_CHECK, variant);
    }
}
static void e1_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e1_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e2_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e2_row *rows = (const struct e2_row *)from;
    for (const struct e2_row *r = rows; r < rows + count; r++) {
        c->position = r->position;
        c->stamp = r->stamp;
        w2_add(c, r->f0, (struct str){ (const char *)base + r->f1_at, r->f1_size }, r->f2, variant);
    }
}
static void e2_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e2_take(c, base, row, count, JOB_RINGS);
}
static void e2_rows_fused(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e2_take(c, base, row, count, JOB_FUSED);
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, struct str c0, u8 c1, double c2, bool c2_null, i64 c4, i64 c5, const enum job_variant variant) {
#line 5 "hold.flow"
    const i64 t = c5;
#line 6 "hold.flow"
    if ((!c2_null && (compare_f64(c2, 1.0) > 0))) {
#line 6 "hold.flow"
        e0_send(c, run, c4, c0, c1, c2, c5, variant);
    }
}
#line 565 "job.c"

static NOINLINE i64 s0_mark(struct chain *c, i64 top, i64 t) {
    c->top = top;
    return chain_mark(c, t);
}
ALWAYS_INLINE void s0_after(struct chain *c, struct s0_run *run, struct str c0, u8 c1, double c2, bool c2_null, i64 c4, i64 c5) {
#line 5 "hold.flow"
    const i64 t = c5;
    if (LIKELY(t < run->mark_next)) {
        run->top = t > run->top ? t : run->top;
    } else {
        run->mark_next = s0_mark(c, run->top, t);
        run->top = c->top; /* with this row's time, if it is not too far ahead */
    }
}
#line 581 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, struct str c0, u8 c1, double c2, bool c2_null, i64 c4, i64 c5, const enum job_variant variant) {
    c->position = run->position;
    c->stamp = fine_stamp(run->top, 2000000000ll);
    s0_chain(c, run, c0, c1, c2, c2_null, c4, c5, variant);
    run->rows++;
    s0_after(c, run, c0, c1, c2, c2_null, c4, c5);
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    c->position = run->position;
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 599 "job.c"

struct s0_columns {
    struct str c0;
    u8 c1;
    double c2;
    bool c2_null;
    i64 c4;
    i64 c5;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    struct str c0 = { 0 };
    u8 c1 = 0;
    double c2 = 0;
    bool c2_null = true;
    i64 c4 = 0;
    i64 c5 = 0;
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
                c0 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`item` is not valid UTF-8";
                break;
            case 1:
                if (kind == CSV_EMPTY && !bad) bad = "`kind` is empty";
                if (!bad && !n0_parse(s, &c1)) bad = "`kind` is no Kind";
                break;
            case 2:
                if (kind == CSV_EMPTY) break;
                c2_null = false;
                if (!bad && !parse_f64(s.at, s.size, &c2)) bad = "`price` is no f64";
                break;
            case 4:
                if (kind == CSV_EMPTY && !bad) bad = "`expires` is empty";
                if (!bad && !parse_timestamp(s.at, s.size, &c4)) bad = "`expires` is no timestamp";
                break;
            case 5:
                if (kind == CSV_EMPTY && !bad) bad = "`time` is empty";
                if (!bad && !parse_timestamp(s.at, s.size, &c5)) bad = "`time` is no timestamp";
                break;
        }
    }
    if (!bad && field > 6) bad = "more than 6 fields";
    if (!bad && field <= 0) bad = "`item` is missing";
    if (!bad && field <= 1) bad = "`kind` is missing";
    if (!bad && field <= 3) bad = "`unread` is missing";
    if (!bad && field <= 4) bad = "`expires` is missing";
    if (!bad && field <= 5) bad = "`time` is missing";
    *size = record.size;
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c2_null = c2_null;
    row->c4 = c4;
    row->c5 = c5;
    return bad;
}

ALWAYS_INLINE bool s0_fast(const u8 *p, u64 start, const u32 *f, struct s0_columns *row) {
    u64 bad = 0;
    const u8 *c0_from = p + start, *c0_to = p + f[0];
    const struct str c0 = { (const char *)c0_from, (u64)(c0_to - c0_from) };
    const u8 *c1_from = p + f[0] + 1, *c1_to = p + f[1];
    u8 c1 = 0;
    bad |= !n0_parse((struct str){ (const char *)c1_from, (u64)(c1_to - c1_from) }, &c1);
    const u8 *c2_from = p + f[1] + 1, *c2_to = p + f[2];
    const bool c2_null = c2_from == c2_to;
    u64 c2_bad = 0;
    double c2 = 0;
    c2_bad |= !parse_f64(c2_from, (u64)(c2_to - c2_from), &c2);
    bad |= c2_null ? 0 : c2_bad;
    const u8 *c4_from = p + f[3] + 1, *c4_to = p + f[4];
    i64 c4 = 0;
    bad |= !parse_timestamp(c4_from, (u64)(c4_to - c4_from), &c4);
    const u8 *c5_from = p + f[4] + 1, *c5_to = csv_last_end(p + f[5]);
    i64 c5 = 0;
    bad |= !parse_timestamp(c5_from, (u64)(c5_to - c5_from), &c5);
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c2_null = c2_null;
    row->c4 = c4;
    row->c5 = c5;
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
            const bool regular = scan_is_regular(p, ends, scan, 6);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 6 ? 6 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct s0_columns row;
                if (UNLIKELY(places != 6 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !s0_fast(p, start, f, &row))) {
                    struct s0_columns exact; /* so that the row stays in registers */
                    bad = s0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s0_row(c, &run, row.c0, row.c1, row.c2, row.c2_null, row.c4, row.c5, variant);
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

static const struct job_option s0_options[] = {
    { "path", JOB_OPTION_LITERAL, "b.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
LEND(s0_morsel_fused)
static const struct job_bound s0_bounds[] = {
    { 60000000000ll, 0ll },
};
static const struct job_source sources[] = {
    [0] = {
        .name = "bids",
        .connector = { .connector = "file",
            .format = "csv",
            .options = s0_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
        .has_time = true,
        .at_end = false,
        .lag_ns = 2000000000ll,
        .ahead_ns = -1ll,
        .idle_ns = -1ll,
        .bounds = s0_bounds,
        .bound_count = 1,
        .malformed = 0,
        .morsel = { [JOB_RINGS] = s0_morsel_rings, [JOB_FUSED] = FUSED(s0_morsel_fused) },
    },
};

static const u32 inputs0[] = { 0 };
LEND(w0_fused)
static const u32 inputs1[] = { 1 };
LEND(w1_fused)
static const u32 inputs2[] = { 2 };
LEND(w2_fused)
static const u32 inputs3[] = { 3 };
static const u32 inputs4[] = { 4 };
static const u32 inputs5[] = { 5 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "over/hold",
        .kind = JOB_KEEPER,
        .line = 6,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs0,
        .input_count = 1,
        .fine = true,
        .keeper = &hold_keeper,
        .schema = &w0_schema,
        .ops = { [JOB_RINGS] = &w0_rings, [JOB_FUSED] = &FUSED(w0_fused) },
    },
    [1] = {
        .name = "panes/aggregate",
        .kind = JOB_KEEPER,
        .line = 7,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs1,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w1_spec,
        .schema = &w1_schema,
        .ops = { [JOB_RINGS] = &w1_rings, [JOB_FUSED] = &FUSED(w1_fused) },
    },
    [2] = {
        .name = "later/hold",
        .kind = JOB_KEEPER,
        .line = 8,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs2,
        .input_count = 1,
        .fine = true,
        .keeper = &hold_keeper,
        .schema = &w2_schema,
        .ops = { [JOB_RINGS] = &w2_rings, [JOB_FUSED] = &FUSED(w2_fused) },
    },
    [3] = {
        .name = "over/print",
        .kind = JOB_SINK,
        .line = 9,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs3,
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
    [4] = {
        .name = "missed/print",
        .kind = JOB_SINK,
        .line = 10,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs4,
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
    [5] = {
        .name = "later/print",
        .kind = JOB_SINK,
        .line = 11,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs5,
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

static const u16 e0_texts[] = { 32 };
static const u16 e1_texts[] = { 8 };
static const u16 e2_texts[] = { 24 };
LEND(e2_rows_fused)
static const u16 e3_texts[] = { 0 };
static const u16 e4_texts[] = { 0 };
static const u16 e5_texts[] = { 0 };
static const struct job_edge edges[] = {
    [0] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 0,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 48,
        .texts = e0_texts,
        .text_count = 1,
        .position_at = 40,
        .shard_at = -1,
        .stamp_at = 24,
        .rows = { [JOB_RINGS] = e0_rows_rings },
    },
    [1] = {
        .from_source = false,
        .from = 0,
        .port = 0,
        .to = 1,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 24,
        .texts = e1_texts,
        .text_count = 1,
        .position_at = 16,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e1_rows_rings },
    },
    [2] = {
        .from_source = false,
        .from = 1,
        .port = 0,
        .to = 2,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 40,
        .texts = e2_texts,
        .text_count = 1,
        .position_at = 32,
        .shard_at = 36,
        .stamp_at = 16,
        .rows = { [JOB_RINGS] = e2_rows_rings, [JOB_FUSED] = FUSED(e2_rows_fused) },
    },
    [3] = {
        .from_source = false,
        .from = 0,
        .port = 0,
        .to = 3,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 12,
        .texts = e3_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = -1,
    },
    [4] = {
        .from_source = false,
        .from = 0,
        .port = 1,
        .to = 4,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e4_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [5] = {
        .from_source = false,
        .from = 2,
        .port = 0,
        .to = 5,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 12,
        .texts = e5_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = -1,
    },
};

#ifndef PART_FUSED
__attribute__((visibility("default"))) const struct job millrace_job = {
    .magic = JOB_MAGIC,
    .abi = JOB_ABI,
    .chain_bytes = sizeof(struct chain),
    .outlet_bytes = sizeof(struct outlet),
    .window_bytes = sizeof(struct window),
    .name = "hold",
    .param_count = 0,
    .sources = sources,
    .source_count = 1,
    .stages = stages,
    .stage_count = 6,
    .edges = edges,
    .edge_count = 6,
    .table_count = 0,
    .regex_count = 0,
    .blackhole_count = 0,
    .can_fuse = true,
    .parallelism = 0,
    .memory_bytes = 0ull,
    .snapshots = { 0ll, JOB_GUARANTEE_UNSET, 600000000000ll, 0ll, 10u, 3u },
};
#endif
