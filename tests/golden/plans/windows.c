#include "runtime/job.h"

typedef __int128 wide __attribute__((aligned(8)));

static const struct str timing_text[] = { { "early", 5 }, { "on_time", 7 }, { "late", 4 } };

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
    i64 c0;
    u64 c1;
    float c2;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w0_acc) == 32, "as planned");
ALWAYS_INLINE void w0_update(struct w0_acc *acc, struct str a0, i64 a1, i64 a2, bool a3, float a4, struct str a5) {
    if ((!(acc->rows & ~KEYED_USED) || (compare_f64(a4, acc->c2) > 0))) acc->c2 = a4;
    acc->c0 = add_i64(acc->c0, (i64)a2);
    acc->c1 += a3;
    acc->rows++;
}
ALWAYS_INLINE void w0_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w0_acc *into = to;
    const struct w0_acc *from = with;
    bool take2 = ((from->rows & ~KEYED_USED) != 0) & (((into->rows & ~KEYED_USED) == 0) | (compare_f64(from->c2, into->c2) > 0));
    into->c2 = take2 ? from->c2 : into->c2;
    into->c0 = add_i64(into->c0, from->c0);
    into->c1 += from->c1;
    into->rows += from->rows;
}

struct w1_key {
    struct key_probe k0;
    i64 k1;
};
struct w1_stored {
    struct key_text k0;
    i64 k1;
};
ALWAYS_INLINE struct w1_key w1_key(u64 hash_key, struct str a0, i64 a1) {
    struct w1_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    key.k1 = a1;
    return key;
}
ALWAYS_INLINE u64 w1_hash(const struct w1_key *key, u64 hash_key) {
    u64 hash = hash_fold(key->k0.hash ^ HASH_A, (u64)key->k1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}
static u64 w1_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w1_stored *key = slot;
    u64 hash = hash_fold(key_text_hash(&key->k0, hash_key, region) ^ HASH_A, (u64)key->k1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}
ALWAYS_INLINE bool w1_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w1_stored *stored = slot;
    const struct w1_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region) && stored->k1 == key->k1;
}
static void w1_key_keep(void *slot, const void *from, struct region *region) {
    struct w1_stored *stored = slot;
    const struct w1_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
    stored->k1 = key->k1;
}
static void w1_key_drop(void *slot, struct region *region) {
    struct w1_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w1_acc {
    u64 rows;
    i64 c0;
    u64 c1;
    double c2;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w1_acc) == 32, "as planned");
ALWAYS_INLINE void w1_update(struct w1_acc *acc, struct str a0, i64 a1, i64 a2, i64 a3, float a4, bool a4_null) {
    if ((!(acc->rows & ~KEYED_USED) || (a3 < acc->c0))) acc->c0 = a3;
    acc->c1 += !a4_null;
    if (!a4_null) acc->c2 += a4;
    acc->rows++;
}
ALWAYS_INLINE void w1_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w1_acc *into = to;
    const struct w1_acc *from = with;
    bool take0 = ((from->rows & ~KEYED_USED) != 0) & (((into->rows & ~KEYED_USED) == 0) | (from->c0 < into->c0));
    into->c0 = take0 ? from->c0 : into->c0;
    into->c1 += from->c1;
    into->c2 += from->c2;
    into->rows += from->rows;
}

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    struct window *w0;
    struct window *w1;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k2_encode(struct chain *c, struct str f0, i64 f1, i64 f2, i64 f3, i64 f4, i64 f5, float f6, i64 f7, struct str f8) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"sensor\":", 10);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"window_start\":", 16);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f1);
    out_byte(&c->out, '"');
    out_bytes(&c->out, ",\"n\":", 5);
    out_i64(&c->out, f2);
    out_bytes(&c->out, ",\"total\":", 9);
    out_i64(&c->out, f3);
    out_bytes(&c->out, ",\"mean\":", 8);
    out_i64(&c->out, f4);
    out_bytes(&c->out, ",\"big\":", 7);
    out_i64(&c->out, f5);
    out_bytes(&c->out, ",\"heaviest\":", 12);
    out_json_f32(&c->out, f6);
    out_bytes(&c->out, ",\"pane\":", 8);
    out_i64(&c->out, f7);
    out_bytes(&c->out, ",\"timing\":", 10);
    out_json_text(&c->out, f8);
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k3_encode(struct chain *c, struct str f0, i64 f1, i64 f2, i64 f3, i64 f4, double f5, bool f5_null) {
    out_clear(&c->out);
    out_csv_text(&c->out, f0, 44);
    out_bytes(&c->out, ",", 1);
    out_i64(&c->out, f1);
    out_bytes(&c->out, ",", 1);
    out_timestamp(&c->out, f2);
    out_bytes(&c->out, ",", 1);
    out_timestamp(&c->out, f3);
    out_bytes(&c->out, ",", 1);
    out_i64(&c->out, f4);
    out_bytes(&c->out, ",", 1);
    if (!f5_null) {
        out_f64(&c->out, f5);
    }
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k4_encode(struct chain *c, struct str f0, i64 f1, float f2, struct str f3, i64 f4) {
    out_clear(&c->out);
    out_csv_text(&c->out, f0, 44);
    out_bytes(&c->out, ",", 1);
    out_i64(&c->out, f1);
    out_bytes(&c->out, ",", 1);
    out_f32(&c->out, f2);
    out_bytes(&c->out, ",", 1);
    out_csv_text(&c->out, f3, 44);
    out_bytes(&c->out, ",", 1);
    out_timestamp(&c->out, f4);
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k5_encode(struct chain *c, i64 f0, struct str f1) {
    out_clear(&c->out);
    out_bytes(&c->out, "position=", 9);
    out_i64(&c->out, f0);
    out_bytes(&c->out, " reason=", 8);
    out_print_text(&c->out, f1);
    out_bytes(&c->out, "\n", 1);
}

struct e0_row {
    i64 f1;
    i64 f2;
    u32 f0_at, f0_size;
    u32 f5_at, f5_size;
    u32 position;
    float f4;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 48, "as planned");

struct e1_row {
    i64 f1;
    i64 f2;
    i64 f3;
    u32 f0_at, f0_size;
    float f4;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e1_row) == 40, "as planned");

struct e2_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e2_row) == 16, "as planned");

struct e3_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e3_row) == 16, "as planned");

struct e4_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e4_row) == 16, "as planned");

struct e5_row {
    u32 text_at, text_size;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e5_row) == 8, "as planned");

ALWAYS_INLINE void e5_send(struct chain *c, const struct s0_run *run, const enum job_variant variant) {
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

ALWAYS_INLINE void e3_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 3, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[3];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e3_row *row = (struct e3_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e3_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e3_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e2_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 2, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[2];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e2_row *row = (struct e2_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e2_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e2_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

enum { W1_ACC_AT = (sizeof(struct w1_stored) + 7) & ~7, W1_BYTES = W1_ACC_AT + sizeof(struct w1_acc) };
enum { W1_SLOT = W1_BYTES <= 16 ? 16 : W1_BYTES <= 32 ? 32 : W1_BYTES <= 64 ? 64 : (W1_BYTES + 15) & ~15 };

static const struct window_spec w1_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 3000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w1_fields[] = {
    { .name = "sensor",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w1_stored, k0),
      .size = sizeof(((struct w1_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "parity",
      .role = STATE_KEY,
      .type = { TYPE_I64 },
      .at = offsetof(struct w1_stored, k1),
      .size = sizeof(((struct w1_stored *)0)->k1),
      .null_bit = -1 },
    { .name = "min\050value\051",
      .role = STATE_MIN,
      .type = { TYPE_I64 },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
    { .name = "count\050weight\051",
      .role = STATE_COUNT,
      .type = { TYPE_F32, .nullable = true },
      .at = 16,
      .size = 8,
      .null_bit = -1 },
    { .name = "sum\050weight\051",
      .role = STATE_FLOAT,
      .type = { TYPE_F32, .nullable = true },
      .at = 24,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w1_schema = {
    .fields = w1_fields,
    .count = 5,
    .slot_size = W1_SLOT,
    .acc_at = W1_ACC_AT,
    .acc_size = sizeof(struct w1_acc),
    .window = &w1_spec,
};

#line 356 "job.c"
ALWAYS_INLINE void w1_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w1_stored *key = slot;
    const struct w1_acc *acc = from;
    c->stages[1].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const i64 v3_4 = acc->c0;
    const double v3_5 = (double)acc->c2;
    const bool v3_5_null = (acc->c1 == 0);
    k3_encode(c, k0, key->k1, p->start, p->end, v3_4, v3_5, v3_5_null);
    e3_send(c, p, variant);
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
    .subtract = NULL,
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
    .subtract = NULL,
    .emit = w1_emit_fused,
    .pass = w1_pass_fused,
    .schema = &w1_schema,
};

ALWAYS_INLINE void w1_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w1_key *key, u64 hash, struct str a0, i64 a1, i64 a2, i64 a3, float a4, bool a4_null, const enum job_variant variant) {
    struct w1_acc delta = { 0 };
    w1_update(&delta, a0, a1, a2, a3, a4, a4_null);
    if (LIKELY(window_add(c, w, ops, key, hash, a2, &delta))) return;
    c->stages[1].late++;
}
static NOINLINE void w1_elsewhere_rings(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, struct str a0, i64 a1, i64 a2, i64 a3, float a4, bool a4_null) {
    w1_elsewhere(c, w, &w1_rings, key, hash, a0, a1, a2, a3, a4, a4_null, JOB_RINGS);
}
static NOINLINE void w1_elsewhere_fused(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, struct str a0, i64 a1, i64 a2, i64 a3, float a4, bool a4_null) {
    w1_elsewhere(c, w, &w1_fused, key, hash, a0, a1, a2, a3, a4, a4_null, JOB_FUSED);
}
ALWAYS_INLINE void w1_add(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, struct str a0, i64 a1, i64 a2, i64 a3, float a4, bool a4_null, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a2)) {
        if (variant == JOB_FUSED) w1_elsewhere_fused(c, w, key, hash, a0, a1, a2, a3, a4, a4_null);
        else
            w1_elsewhere_rings(c, w, key, hash, a0, a1, a2, a3, a4, a4_null);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w1_fused : &w1_rings;
    struct w1_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w1_update(acc, a0, a1, a2, a3, a4, a4_null);
}
#line 434 "job.c"

ALWAYS_INLINE void e1_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, i64 a2, i64 a3, float a4, bool a4_null, const enum job_variant variant) {
    const struct w1_key key = w1_key(run->hash_key, a0, a1);
    const u64 hash = w1_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w1_add(c, run->w1, &key, hash, a0, a1, a2, a3, a4, a4_null, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[1];
    const u32 reader = outlet_reader(o, hash);
    struct e1_row *row = (struct e1_row *)outlet_row(o, reader, sizeof(struct e1_row), a0.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2 = a2;
    row->f3 = a3;
    row->f4 = a4;
    row->nulls[0] = (u8)(a4_null << 0);
}

enum { W0_ACC_AT = (sizeof(struct w0_stored) + 7) & ~7, W0_BYTES = W0_ACC_AT + sizeof(struct w0_acc) };
enum { W0_SLOT = W0_BYTES <= 16 ? 16 : W0_BYTES <= 32 ? 32 : W0_BYTES <= 64 ? 64 : (W0_BYTES + 15) & ~15 };

static const struct window_spec w0_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 10000000000ll,
    .offset_ns = 7000000000ll,
    .lateness_ns = 60000000000ll,
    .late.rows = 1,
};
static const struct state_field w0_fields[] = {
    { .name = "sensor",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w0_stored, k0),
      .size = sizeof(((struct w0_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "sum\050value\051",
      .role = STATE_SUM,
      .type = { TYPE_I64 },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
    { .name = "count\050where \050value > 100\051\051",
      .role = STATE_COUNT,
      .type = { TYPE_NONE },
      .at = 16,
      .size = 8,
      .null_bit = -1 },
    { .name = "max\050weight\051",
      .role = STATE_MAX,
      .type = { TYPE_F32 },
      .at = 24,
      .size = 4,
      .null_bit = -1 },
};
static const struct state_schema w0_schema = {
    .fields = w0_fields,
    .count = 4,
    .slot_size = W0_SLOT,
    .acc_at = W0_ACC_AT,
    .acc_size = sizeof(struct w0_acc),
    .window = &w0_spec,
};

#line 501 "job.c"
ALWAYS_INLINE void w0_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w0_stored *key = slot;
    const struct w0_acc *acc = from;
    c->stages[0].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const i64 v2_3 = (i64)acc->rows;
    const i64 v2_4 = (i64)acc->c0;
    i64 x1 = 0;
    const bool x1_null = !div_i64((i64)acc->c0, (i64)acc->rows, &x1);
    const i64 v2_5 = x1;
    const i64 v2_6 = (i64)acc->c1;
    const float v2_7 = acc->c2;
    k2_encode(c, k0, p->start, v2_3, v2_4, v2_5, v2_6, v2_7, (i64)p->number, timing_text[p->timing]);
    e2_send(c, p, variant);
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
    .subtract = NULL,
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
    .subtract = NULL,
    .emit = w0_emit_fused,
    .pass = w0_pass_fused,
    .schema = &w0_schema,
};

ALWAYS_INLINE void w0_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w0_key *key, u64 hash, struct str a0, i64 a1, i64 a2, bool a3, float a4, struct str a5, const enum job_variant variant) {
    struct w0_acc delta = { 0 };
    w0_update(&delta, a0, a1, a2, a3, a4, a5);
    if (LIKELY(window_add(c, w, ops, key, hash, a1, &delta))) return;
    c->stages[0].late++;
#line 21 "windows.flow"
    k4_encode(c, a0, a2, a4, a5, a1);
#line 21 "windows.flow"
    e4_send(c, (u16)(hash >> (64 - SHARD_BITS)), variant);
}
static NOINLINE void w0_elsewhere_rings(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, i64 a2, bool a3, float a4, struct str a5) {
    w0_elsewhere(c, w, &w0_rings, key, hash, a0, a1, a2, a3, a4, a5, JOB_RINGS);
}
static NOINLINE void w0_elsewhere_fused(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, i64 a2, bool a3, float a4, struct str a5) {
    w0_elsewhere(c, w, &w0_fused, key, hash, a0, a1, a2, a3, a4, a5, JOB_FUSED);
}
ALWAYS_INLINE void w0_add(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, i64 a2, bool a3, float a4, struct str a5, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a1)) {
        if (variant == JOB_FUSED) w0_elsewhere_fused(c, w, key, hash, a0, a1, a2, a3, a4, a5);
        else
            w0_elsewhere_rings(c, w, key, hash, a0, a1, a2, a3, a4, a5);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w0_fused : &w0_rings;
    struct w0_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w0_update(acc, a0, a1, a2, a3, a4, a5);
}
#line 587 "job.c"

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, i64 a2, bool a3, float a4, struct str a5, const enum job_variant variant) {
    const struct w0_key key = w0_key(run->hash_key, a0);
    const u64 hash = w0_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w0_add(c, run->w0, &key, hash, a0, a1, a2, a3, a4, a5, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[0];
    const u32 reader = outlet_reader(o, hash);
    struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), a0.size + a5.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2 = a2;
    row->f4 = a4;
    row->f5_at = outlet_text(o, reader, a5);
    row->f5_size = (u32)a5.size;
    row->position = c->position;
    row->nulls[0] = (u8)(a3 << 0);
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
        c->position = r->position;
        w0_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, r->f2, (r->nulls[0] >> 0 & 1), r->f4, (struct str){ (const char *)base + r->f5_at, r->f5_size }, WINDOW_CHECK, variant);
    }
}
static void e0_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e0_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e1_ahead(const struct window *w, const u8 *base, const struct e1_row *r, u64 hash_key) {
    const struct w1_key key = w1_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1);
    window_prefetch(w, &w1_rings, w1_hash(&key, hash_key));
}
ALWAYS_INLINE void e1_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e1_row *rows = (const struct e1_row *)from;
    struct window *w = c->states[1];
    const u64 hash_key = c->hash_key;
    for (const struct e1_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e1_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w1_key key = w1_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1);
        const u64 hash = w1_hash(&key, hash_key);
        w1_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, r->f2, r->f3, r->f4, (r->nulls[0] >> 0 & 1), WINDOW_CHECK, variant);
    }
}
static void e1_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e1_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, struct str c0, i64 c1, float c2, bool c2_null, struct str c3, i64 c4, const enum job_variant variant) {
#line 6 "windows.flow"
    const i64 t = c4;
     {
#line 9 "windows.flow"
        if (!c2_null) {
#line 12 "windows.flow"
            e0_send(c, run, c0, t, c1, (c1 > 100ll), c2, c3, variant);
        }
    }
     {
#line 17 "windows.flow"
        e1_send(c, run, c0, (i64)mod_nonzero_i64(c1, 2ll), t, c1, c2, c2_null, variant);
    }
}
#line 664 "job.c"

static NOINLINE i64 s0_mark(struct chain *c, i64 top, i64 t) {
    c->top = top;
    return chain_mark(c, t);
}
ALWAYS_INLINE void s0_after(struct chain *c, struct s0_run *run, struct str c0, i64 c1, float c2, bool c2_null, struct str c3, i64 c4) {
#line 6 "windows.flow"
    const i64 t = c4;
    if (LIKELY(t < run->mark_next)) {
        run->top = t > run->top ? t : run->top;
    } else {
        run->mark_next = s0_mark(c, run->top, t);
        run->top = c->top; /* with this row's time, if it is not too far ahead */
    }
}
#line 680 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, struct str c0, i64 c1, float c2, bool c2_null, struct str c3, i64 c4, const enum job_variant variant) {
    c->position = run->position;
    s0_chain(c, run, c0, c1, c2, c2_null, c3, c4, variant);
    run->rows++;
    s0_after(c, run, c0, c1, c2, c2_null, c3, c4);
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    c->position = run->position;
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
    const struct str m0 = { "readings", 8 };
    const i64 m1 = (i64)(x->offset + at);
    const struct str m2 = { reason, __builtin_strlen(reason) };
    const struct str m3 = str_of_bytes(x->at + at, size, &c->scratch);
#line 22 "windows.flow"
    k5_encode(c, m1, m2);
#line 22 "windows.flow"
    e5_send(c, run, variant);
}
#line 705 "job.c"

struct s0_columns {
    struct str c0;
    i64 c1;
    float c2;
    bool c2_null;
    struct str c3;
    i64 c4;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    struct str c0 = { 0 };
    i64 c1 = 0;
    float c2 = 0;
    bool c2_null = true;
    struct str c3 = { 0 };
    i64 c4 = 0;
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
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`sensor` is not valid UTF-8";
                break;
            case 1:
                if (kind == CSV_EMPTY && !bad) bad = "`value` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c1)) bad = "`value` is no i64";
                break;
            case 2:
                if (kind == CSV_EMPTY) break;
                c2_null = false;
                if (!bad && !parse_f32(s.at, s.size, &c2)) bad = "`weight` is no f32";
                break;
            case 3:
                c3 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`note` is not valid UTF-8";
                break;
            case 4:
                if (kind == CSV_EMPTY && !bad) bad = "`time` is empty";
                if (!bad && !parse_timestamp(s.at, s.size, &c4)) bad = "`time` is no timestamp";
                break;
        }
    }
    if (!bad && field > 5) bad = "more than 5 fields";
    if (!bad && field <= 0) bad = "`sensor` is missing";
    if (!bad && field <= 1) bad = "`value` is missing";
    if (!bad && field <= 3) bad = "`note` is missing";
    if (!bad && field <= 4) bad = "`time` is missing";
    *size = record.size;
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c2_null = c2_null;
    row->c3 = c3;
    row->c4 = c4;
    return bad;
}

ALWAYS_INLINE bool s0_fast(const u8 *p, u64 start, const u32 *f, struct s0_columns *row) {
    u64 bad = 0;
    const u8 *c0_from = p + start, *c0_to = p + f[0];
    const struct str c0 = { (const char *)c0_from, (u64)(c0_to - c0_from) };
    const u8 *c1_from = p + f[0] + 1, *c1_to = p + f[1];
    const bool c1_minus = *c1_from == '-';
    const u64 c1_digits = digits_padded(c1_to, (u64)(c1_to - c1_from) - c1_minus, &bad);
    const i64 c1 = (i64)(c1_minus ? 0 - c1_digits : c1_digits);
    const u8 *c2_from = p + f[1] + 1, *c2_to = p + f[2];
    const bool c2_null = c2_from == c2_to;
    u64 c2_bad = 0;
    float c2 = 0;
    c2_bad |= !parse_f32(c2_from, (u64)(c2_to - c2_from), &c2);
    bad |= c2_null ? 0 : c2_bad;
    const u8 *c3_from = p + f[2] + 1, *c3_to = p + f[3];
    const struct str c3 = { (const char *)c3_from, (u64)(c3_to - c3_from) };
    const u8 *c4_from = p + f[3] + 1, *c4_to = csv_last_end(p + f[4]);
    i64 c4 = 0;
    bad |= !parse_timestamp(c4_from, (u64)(c4_to - c4_from), &c4);
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c2_null = c2_null;
    row->c3 = c3;
    row->c4 = c4;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s0_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s0_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (variant == JOB_FUSED) run.w0 = c->states[0];
    if (variant == JOB_FUSED) run.w1 = c->states[1];
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
            const bool regular = scan_is_regular(p, ends, scan, 5);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 5 ? 5 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct s0_columns row;
                if (UNLIKELY(places != 5 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !s0_fast(p, start, f, &row))) {
                    struct s0_columns exact; /* so that the row stays in registers */
                    bad = s0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s0_row(c, &run, row.c0, row.c1, row.c2, row.c2_null, row.c3, row.c4, variant);
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
    { "path", JOB_OPTION_PARAM, "input" },
    { "format", JOB_OPTION_LITERAL, "csv" },
    { "header", JOB_OPTION_LITERAL, "true" },
};
LEND(s0_morsel_fused)
static const struct job_bound s0_bounds[] = {
    { 10000000000ll, 7000000000ll },
    { 3000000000ll, 0ll },
    { 3000000000ll, 1000000000ll },
};
static const struct job_source sources[] = {
    [0] = {
        .name = "readings",
        .connector = { .connector = "file",
            .format = "csv",
            .options = s0_options,
            .option_count = 3,
            .row_bytes = 0,
            .header = true,
            .delimiter = 44,
            .head = NULL },
        .has_time = true,
        .at_end = false,
        .lag_ns = 2000000000ll,
        .ahead_ns = -1ll,
        .idle_ns = -1ll,
        .bounds = s0_bounds,
        .bound_count = 3,
        .malformed = 2,
        .morsel = { [JOB_RINGS] = s0_morsel_rings, [JOB_FUSED] = FUSED(s0_morsel_fused) },
    },
};

static const u32 inputs0[] = { 0 };
LEND(w0_fused)
static const u32 inputs1[] = { 1 };
LEND(w1_fused)
static const struct job_option k2_options[] = {
    { "path", JOB_OPTION_LITERAL, "m.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs2[] = { 2 };
static const struct job_option k3_options[] = {
    { "format", JOB_OPTION_LITERAL, "csv" },
    { "header", JOB_OPTION_LITERAL, "true" },
};
static const u32 inputs3[] = { 3 };
static const struct job_option k4_options[] = {
    { "path", JOB_OPTION_LITERAL, "late.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
static const u32 inputs4[] = { 4 };
static const u32 inputs5[] = { 5 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "minutes/aggregate",
        .kind = JOB_KEEPER,
        .line = 12,
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
        .name = "slides/aggregate",
        .kind = JOB_KEEPER,
        .line = 17,
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
        .name = "minutes/file",
        .kind = JOB_SINK,
        .line = 19,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs2,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k2_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [3] = {
        .name = "slides/stdout",
        .kind = JOB_SINK,
        .line = 20,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs3,
        .input_count = 1,
        .sink = { .connector = "stdout",
            .format = "csv",
            .options = k3_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = true,
            .delimiter = 44,
            .head = "sensor,parity,window_start,window_end,low,w\n" },
    },
    [4] = {
        .name = "stragglers/file",
        .kind = JOB_SINK,
        .line = 21,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs4,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "csv",
            .options = k4_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [5] = {
        .name = "rejected/print",
        .kind = JOB_SINK,
        .line = 22,
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

static const u16 e0_texts[] = { 16, 24 };
static const u16 e1_texts[] = { 24 };
static const u16 e2_texts[] = { 0 };
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
        .route = ROUTE_KEY,
        .row_bytes = 48,
        .texts = e0_texts,
        .text_count = 2,
        .position_at = 32,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e0_rows_rings },
    },
    [1] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 1,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 40,
        .texts = e1_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e1_rows_rings },
    },
    [2] = {
        .from_source = false,
        .from = 0,
        .port = 0,
        .to = 2,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e2_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [3] = {
        .from_source = false,
        .from = 1,
        .port = 0,
        .to = 3,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e3_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
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
        .from_source = true,
        .from = 0,
        .port = 1,
        .to = 5,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 8,
        .texts = e5_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
    },
};

static const struct job_param params[] = {
    { "input", "string", "readings.csv" },
};

#ifndef PART_FUSED
__attribute__((visibility("default"))) const struct job millrace_job = {
    .magic = JOB_MAGIC,
    .abi = JOB_ABI,
    .chain_bytes = sizeof(struct chain),
    .outlet_bytes = sizeof(struct outlet),
    .window_bytes = sizeof(struct window),
    .name = "windows",
    .params = params,
    .param_count = 1,
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
