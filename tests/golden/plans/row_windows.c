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
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w0_acc) == 16, "as planned");
ALWAYS_INLINE void w0_update(struct w0_acc *acc, struct str a0, i64 a1, i64 a2, struct str a3) {
    acc->c0 = add_i64(acc->c0, (i64)a2);
    acc->rows++;
}
ALWAYS_INLINE void w0_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w0_acc *into = to;
    const struct w0_acc *from = with;
    into->c0 = add_i64(into->c0, from->c0);
    into->rows += from->rows;
}
ALWAYS_INLINE void w0_subtract(void *from, const void *what) {
    struct w0_acc *left = from;
    const struct w0_acc *gone = what;
    left->c0 = sub_i64(left->c0, gone->c0);
    left->rows -= gone->rows;
}

struct w3_key {
    struct key_probe k0;
};
struct w3_stored {
    struct key_text k0;
};
ALWAYS_INLINE struct w3_key w3_key(u64 hash_key, struct str a0) {
    struct w3_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    return key;
}
ALWAYS_INLINE u64 w3_hash(const struct w3_key *key, u64 hash_key) {
    return key->k0.hash;
}
static u64 w3_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w3_stored *key = slot;
    return key_text_hash(&key->k0, hash_key, region);
}
ALWAYS_INLINE bool w3_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w3_stored *stored = slot;
    const struct w3_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region);
}
static void w3_key_keep(void *slot, const void *from, struct region *region) {
    struct w3_stored *stored = slot;
    const struct w3_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
}
static void w3_key_drop(void *slot, struct region *region) {
    struct w3_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w3_acc {
    u64 rows;
    i64 c0;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w3_acc) == 16, "as planned");
ALWAYS_INLINE void w3_update(struct w3_acc *acc, struct str a0, i64 a1, i64 a2) {
    if ((!(acc->rows & ~KEYED_USED) || (a2 > acc->c0))) acc->c0 = a2;
    acc->rows++;
}
ALWAYS_INLINE void w3_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w3_acc *into = to;
    const struct w3_acc *from = with;
    bool take0 = ((from->rows & ~KEYED_USED) != 0) & (((into->rows & ~KEYED_USED) == 0) | (from->c0 > into->c0));
    into->c0 = take0 ? from->c0 : into->c0;
    into->rows += from->rows;
}

struct w5_key {
    u64 none;
};
struct w5_stored {
    u64 none;
};
ALWAYS_INLINE struct w5_key w5_key(u64 hash_key) {
    struct w5_key key;
    __builtin_memset(&key, 0, sizeof key);
    return key;
}
ALWAYS_INLINE u64 w5_hash(const struct w5_key *key, u64 hash_key) {
    return hash_u64(0, hash_key);
}
static u64 w5_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    return hash_u64(0, hash_key);
}
ALWAYS_INLINE bool w5_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w5_stored *stored = slot;
    const struct w5_key *key = from;
    return stored->none == key->none;
}
static void w5_key_keep(void *slot, const void *from, struct region *region) {
    struct w5_stored *stored = slot;
    const struct w5_key *key = from;
    stored->none = key->none;
}

struct w5_acc {
    u64 rows;
    wide c0;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w5_acc) == 24, "as planned");
ALWAYS_INLINE void w5_update(struct w5_acc *acc, i64 a0) {
    acc->c0 += (wide)a0;
    acc->rows++;
}
ALWAYS_INLINE void w5_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w5_acc *into = to;
    const struct w5_acc *from = with;
    into->c0 += from->c0;
    into->rows += from->rows;
}
ALWAYS_INLINE void w5_subtract(void *from, const void *what) {
    struct w5_acc *left = from;
    const struct w5_acc *gone = what;
    left->c0 -= gone->c0;
    left->rows -= gone->rows;
}

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    struct sessions *w0;
    struct rows *w3;
    u32 position;
    enum window_care care;
    bool stopped;
};

struct s1_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    struct rows *w5;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k1_encode(struct chain *c, struct str f0, i64 f1, i64 f2, i64 f3, i64 f4, struct str f5) {
    out_clear(&c->out);
    out_bytes(&c->out, "user=", 5);
    out_print_text(&c->out, f0);
    out_bytes(&c->out, " window_start=", 14);
    out_timestamp(&c->out, f1);
    out_bytes(&c->out, " pages=", 7);
    out_i64(&c->out, f2);
    out_bytes(&c->out, " spent=", 7);
    out_i64(&c->out, f3);
    out_bytes(&c->out, " pane=", 6);
    out_i64(&c->out, f4);
    out_bytes(&c->out, " timing=", 8);
    out_print_text(&c->out, f5);
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k2_encode(struct chain *c, struct str f0, struct str f1, i64 f2, i64 f3) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"user\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"page\":", 8);
    out_json_text(&c->out, f1);
    out_bytes(&c->out, ",\"ms\":", 6);
    out_i64(&c->out, f2);
    out_bytes(&c->out, ",\"time\":", 8);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f3);
    out_byte(&c->out, '"');
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k4_encode(struct chain *c, struct str f0, i64 f1, i64 f2, i64 f3) {
    out_clear(&c->out);
    out_csv_text(&c->out, f0, 44);
    out_bytes(&c->out, ",", 1);
    out_timestamp(&c->out, f1);
    out_bytes(&c->out, ",", 1);
    out_i64(&c->out, f2);
    out_bytes(&c->out, ",", 1);
    out_timestamp(&c->out, f3);
    out_bytes(&c->out, "\n", 1);
}

static NOINLINE void k6_encode(struct chain *c, i64 f0, double f1) {
    out_clear(&c->out);
    out_i64(&c->out, f0);
    out_bytes(&c->out, ",", 1);
    out_f64(&c->out, f1);
    out_bytes(&c->out, "\n", 1);
}

struct e0_row {
    i64 f1;
    i64 f2;
    i64 stamp;
    u32 f0_at, f0_size;
    u32 f3_at, f3_size;
    u32 position;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 48, "as planned");

struct e1_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e1_row) == 16, "as planned");

struct e2_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e2_row) == 16, "as planned");

struct e3_row {
    i64 f1;
    i64 f2;
    i64 stamp;
    u32 f0_at, f0_size;
    u32 position;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e3_row) == 40, "as planned");

struct e4_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e4_row) == 16, "as planned");

struct e5_row {
    i64 f0;
    u32 position;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e5_row) == 16, "as planned");

struct e6_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e6_row) == 16, "as planned");

ALWAYS_INLINE void e6_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 6, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[6];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e6_row *row = (struct e6_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e6_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e6_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

enum { W5_ACC_AT = (sizeof(struct w5_stored) + 7) & ~7 };
enum { W5_SLOT = ROWS_SLOT(W5_ACC_AT, sizeof(struct w5_acc)) };

static const struct window_spec w5_spec = {
    .shape = SHAPE_ROWS,
    .rows = 1000,
    .every = 1000,
};
static const struct state_field w5_fields[] = {
    { .name = "sum\050ms\051",
      .role = STATE_WIDE,
      .type = { TYPE_I64 },
      .at = 8,
      .size = 16,
      .null_bit = -1 },
};
static const struct state_schema w5_schema = {
    .fields = w5_fields,
    .count = 1,
    .slot_size = W5_SLOT,
    .acc_at = W5_ACC_AT,
    .acc_size = sizeof(struct w5_acc),
    .window = &w5_spec,
};

#line 329 "job.c"
ALWAYS_INLINE void w5_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w5_stored *key = slot;
    const struct w5_acc *acc = from;
    c->stages[5].rows_out++;
    const i64 v9_0 = (i64)acc->rows;
    const double v9_1 = ((double)acc->c0 / (double)acc->rows);
    k6_encode(c, v9_0, v9_1);
    e6_send(c, p, variant);
}
static const struct window_ops w5_rings;
static inline void w5_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w5_emit(c, key, acc, p, JOB_RINGS);
}
static const struct window_ops w5_rings = {
    .keyed = { .slot_size = W5_SLOT,
               .acc_at = W5_ACC_AT,
               .key_equal = w5_key_equal,
               .key_hash = w5_stored_hash,
               .key_keep = w5_key_keep,
               .key_drop = NULL },
    .acc_size = sizeof(struct w5_acc),
    .merge = w5_merge,
    .subtract = w5_subtract,
    .emit = w5_emit_rings,
    .schema = &w5_schema,
};
static const struct window_ops w5_fused;
static inline void w5_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w5_emit(c, key, acc, p, JOB_FUSED);
}
static const struct window_ops w5_fused = {
    .keyed = { .slot_size = W5_SLOT,
               .acc_at = W5_ACC_AT,
               .key_equal = w5_key_equal,
               .key_hash = w5_stored_hash,
               .key_keep = w5_key_keep,
               .key_drop = NULL },
    .acc_size = sizeof(struct w5_acc),
    .merge = w5_merge,
    .subtract = w5_subtract,
    .emit = w5_emit_fused,
    .schema = &w5_schema,
};

ALWAYS_INLINE void w5_apart(struct chain *c, struct rows *w, u8 *slot, u64 hash, i64 now, i64 a0, const enum job_variant variant) {
    struct w5_acc delta = { 0 };
    w5_update(&delta, a0);
    rows_add(c, w, slot, hash, 0, now, &delta);
}
static NOINLINE void w5_apart_rings(struct chain *c, struct rows *w, u8 *slot, u64 hash, i64 now, i64 a0) {
    w5_apart(c, w, slot, hash, now, a0, JOB_RINGS);
}
static NOINLINE void w5_apart_fused(struct chain *c, struct rows *w, u8 *slot, u64 hash, i64 now, i64 a0) {
    w5_apart(c, w, slot, hash, now, a0, JOB_FUSED);
}
ALWAYS_INLINE void w5_add(struct chain *c, struct rows *w, const struct w5_key *key, u64 hash, i64 a0, const enum window_care care, const enum job_variant variant) {
    (void)care;
    const i64 now = TIME_NEVER;
    u8 *slot = rows_slot(w, &w5_rings, key, hash);
    struct w5_acc *acc = rows_grow(w, &w5_rings, slot, 0);
    if (UNLIKELY(!acc)) {
        if (variant == JOB_FUSED) w5_apart_fused(c, w, slot, hash, now, a0);
        else
            w5_apart_rings(c, w, slot, hash, now, a0);
        return;
    }
    w5_update(acc, a0);
}
#line 398 "job.c"

ALWAYS_INLINE void e5_send(struct chain *c, const struct s1_run *run, i64 a0, const enum job_variant variant) {
    const struct w5_key key = w5_key(run->hash_key);
    const u64 hash = w5_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w5_add(c, run->w5, &key, hash, a0, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[5];
    const u32 reader = outlet_reader(o, hash);
    struct e5_row *row = (struct e5_row *)outlet_row(o, reader, sizeof(struct e5_row), 0);
    row->f0 = a0;
    row->position = c->position;
}

ALWAYS_INLINE void e4_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 4, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[4];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e4_row *row = (struct e4_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e4_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e4_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

enum { W3_ACC_AT = (sizeof(struct w3_stored) + 7) & ~7 };
enum { W3_SLOT = ROWS_SLOT(W3_ACC_AT, sizeof(struct w3_acc)) };

static const struct window_spec w3_spec = {
    .shape = SHAPE_ROWS,
    .rows = 100,
    .every = 10,
};
static const struct state_field w3_fields[] = {
    { .name = "page",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w3_stored, k0),
      .size = sizeof(((struct w3_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "max\050ms\051",
      .role = STATE_MAX,
      .type = { TYPE_I64 },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w3_schema = {
    .fields = w3_fields,
    .count = 2,
    .slot_size = W3_SLOT,
    .acc_at = W3_ACC_AT,
    .acc_size = sizeof(struct w3_acc),
    .window = &w3_spec,
};

#line 460 "job.c"
ALWAYS_INLINE void w3_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w3_stored *key = slot;
    const struct w3_acc *acc = from;
    c->stages[3].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const i64 v6_3 = acc->c0;
    k4_encode(c, k0, p->end, v6_3, p->event_time);
    e4_send(c, p, variant);
}
static const struct window_ops w3_rings;
static inline void w3_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w3_emit(c, key, acc, p, JOB_RINGS);
}
static const struct window_ops w3_rings = {
    .keyed = { .slot_size = W3_SLOT,
               .acc_at = W3_ACC_AT,
               .key_equal = w3_key_equal,
               .key_hash = w3_stored_hash,
               .key_keep = w3_key_keep,
               .key_drop = w3_key_drop },
    .acc_size = sizeof(struct w3_acc),
    .merge = w3_merge,
    .subtract = NULL,
    .emit = w3_emit_rings,
    .schema = &w3_schema,
};
static const struct window_ops w3_fused;
static inline void w3_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w3_emit(c, key, acc, p, JOB_FUSED);
}
static const struct window_ops w3_fused = {
    .keyed = { .slot_size = W3_SLOT,
               .acc_at = W3_ACC_AT,
               .key_equal = w3_key_equal,
               .key_hash = w3_stored_hash,
               .key_keep = w3_key_keep,
               .key_drop = w3_key_drop },
    .acc_size = sizeof(struct w3_acc),
    .merge = w3_merge,
    .subtract = NULL,
    .emit = w3_emit_fused,
    .schema = &w3_schema,
};

ALWAYS_INLINE void w3_apart(struct chain *c, struct rows *w, u8 *slot, u64 hash, i64 now, struct str a0, i64 a1, i64 a2, const enum job_variant variant) {
    struct w3_acc delta = { 0 };
    w3_update(&delta, a0, a1, a2);
    rows_add(c, w, slot, hash, a1, now, &delta);
}
static NOINLINE void w3_apart_rings(struct chain *c, struct rows *w, u8 *slot, u64 hash, i64 now, struct str a0, i64 a1, i64 a2) {
    w3_apart(c, w, slot, hash, now, a0, a1, a2, JOB_RINGS);
}
static NOINLINE void w3_apart_fused(struct chain *c, struct rows *w, u8 *slot, u64 hash, i64 now, struct str a0, i64 a1, i64 a2) {
    w3_apart(c, w, slot, hash, now, a0, a1, a2, JOB_FUSED);
}
ALWAYS_INLINE void w3_add(struct chain *c, struct rows *w, const struct w3_key *key, u64 hash, struct str a0, i64 a1, i64 a2, const enum window_care care, const enum job_variant variant) {
    (void)care;
    const i64 now = fine_w(&c->fine[3], c->stamp);
    u8 *slot = rows_slot(w, &w3_rings, key, hash);
    struct w3_acc *acc = rows_grow(w, &w3_rings, slot, a1);
    if (UNLIKELY(!acc)) {
        if (variant == JOB_FUSED) w3_apart_fused(c, w, slot, hash, now, a0, a1, a2);
        else
            w3_apart_rings(c, w, slot, hash, now, a0, a1, a2);
        return;
    }
    w3_update(acc, a0, a1, a2);
}
#line 529 "job.c"

ALWAYS_INLINE void e3_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, i64 a2, const enum job_variant variant) {
    const struct w3_key key = w3_key(run->hash_key, a0);
    const u64 hash = w3_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w3_add(c, run->w3, &key, hash, a0, a1, a2, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[3];
    const u32 reader = outlet_reader(o, hash);
    struct e3_row *row = (struct e3_row *)outlet_row(o, reader, sizeof(struct e3_row), a0.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2 = a2;
    row->stamp = c->stamp;
    row->position = c->position;
}

ALWAYS_INLINE void e2_send(struct chain *c, u16 shard, const enum job_variant variant) {
    struct outlet *o = &c->outlets[2];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e2_row *row = (struct e2_row *)outlet_caused_row(o, reader, sizeof(struct e2_row), encoded.size, c->position, shard);
    row->text_at = outlet_caused_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = c->position;
    row->shard = shard;
}

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

enum { W0_ACC_AT = (sizeof(struct w0_stored) + 7) & ~7 };
enum { W0_SLOT = SESSION_SLOT(W0_ACC_AT, sizeof(struct w0_acc)) };

static const struct window_spec w0_spec = {
    .shape = SHAPE_SESSION,
    .size_ns = 1800000000000ll,
    .lateness_ns = 300000000000ll,
    .late.rows = 1,
};
static const struct state_field w0_fields[] = {
    { .name = "user",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w0_stored, k0),
      .size = sizeof(((struct w0_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "sum\050ms\051",
      .role = STATE_SUM,
      .type = { TYPE_I64 },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w0_schema = {
    .fields = w0_fields,
    .count = 2,
    .slot_size = W0_SLOT,
    .acc_at = W0_ACC_AT,
    .acc_size = sizeof(struct w0_acc),
    .window = &w0_spec,
};

#line 607 "job.c"
ALWAYS_INLINE void w0_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w0_stored *key = slot;
    const struct w0_acc *acc = from;
    c->stages[0].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const i64 v2_3 = (i64)acc->rows;
    const i64 v2_4 = (i64)acc->c0;
    k1_encode(c, k0, p->start, v2_3, v2_4, (i64)p->number, timing_text[p->timing]);
    e1_send(c, p, variant);
}
static const struct window_ops w0_rings;
static inline void w0_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w0_emit(c, key, acc, p, JOB_RINGS);
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
    .schema = &w0_schema,
};
static const struct window_ops w0_fused;
static inline void w0_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w0_emit(c, key, acc, p, JOB_FUSED);
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
    .schema = &w0_schema,
};

ALWAYS_INLINE void w0_apart(struct chain *c, struct sessions *w, u8 *slot, u64 hash, i64 now, struct str a0, i64 a1, i64 a2, struct str a3, const enum job_variant variant) {
    struct w0_acc delta = { 0 };
    w0_update(&delta, a0, a1, a2, a3);
    const i64 end = time_add(a1, 1800000000000ll);
    const bool took = session_add(c, w, slot, hash, a1, end, now, &delta);
    if (LIKELY(took)) return;
    c->stages[0].late++;
#line 12 "row_windows.flow"
    k2_encode(c, a0, a3, a2, a1);
#line 12 "row_windows.flow"
    e2_send(c, (u16)(hash >> (64 - SHARD_BITS)), variant);
}
static NOINLINE void w0_apart_rings(struct chain *c, struct sessions *w, u8 *slot, u64 hash, i64 now, struct str a0, i64 a1, i64 a2, struct str a3) {
    w0_apart(c, w, slot, hash, now, a0, a1, a2, a3, JOB_RINGS);
}
static NOINLINE void w0_apart_fused(struct chain *c, struct sessions *w, u8 *slot, u64 hash, i64 now, struct str a0, i64 a1, i64 a2, struct str a3) {
    w0_apart(c, w, slot, hash, now, a0, a1, a2, a3, JOB_FUSED);
}
ALWAYS_INLINE void w0_add(struct chain *c, struct sessions *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, i64 a2, struct str a3, const enum window_care care, const enum job_variant variant) {
    (void)care;
    const i64 now = fine_w(&c->fine[0], c->stamp);
    u8 *slot = session_slot(w, &w0_rings, key, hash);
    struct w0_acc *acc = session_grow(w, &w0_rings, slot, now, a1);
    if (UNLIKELY(!acc)) {
        if (variant == JOB_FUSED) w0_apart_fused(c, w, slot, hash, now, a0, a1, a2, a3);
        else
            w0_apart_rings(c, w, slot, hash, now, a0, a1, a2, a3);
        return;
    }
    w0_update(acc, a0, a1, a2, a3);
}
#line 684 "job.c"

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, i64 a2, struct str a3, const enum job_variant variant) {
    const struct w0_key key = w0_key(run->hash_key, a0);
    const u64 hash = w0_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w0_add(c, run->w0, &key, hash, a0, a1, a2, a3, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[0];
    const u32 reader = outlet_reader(o, hash);
    struct e0_row *row = (struct e0_row *)outlet_row(o, reader, sizeof(struct e0_row), a0.size + a3.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2 = a2;
    row->f3_at = outlet_text(o, reader, a3);
    row->f3_size = (u32)a3.size;
    row->stamp = c->stamp;
    row->position = c->position;
}

ALWAYS_INLINE void e0_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e0_row *rows = (const struct e0_row *)from;
    struct sessions *w = c->states[0];
    const u64 hash_key = c->hash_key;
    for (const struct e0_row *r = rows, *end = rows + count; r < end; r++) {
        const struct w0_key key = w0_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w0_hash(&key, hash_key);
        c->position = r->position;
        c->stamp = r->stamp;
        w0_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, r->f2, (struct str){ (const char *)base + r->f3_at, r->f3_size }, WINDOW_CHECK, variant);
    }
}
static void e0_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e0_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e3_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e3_row *rows = (const struct e3_row *)from;
    struct rows *w = c->states[3];
    const u64 hash_key = c->hash_key;
    for (const struct e3_row *r = rows, *end = rows + count; r < end; r++) {
        const struct w3_key key = w3_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w3_hash(&key, hash_key);
        c->position = r->position;
        c->stamp = r->stamp;
        w3_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, r->f2, WINDOW_CHECK, variant);
    }
}
static void e3_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e3_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e5_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e5_row *rows = (const struct e5_row *)from;
    struct rows *w = c->states[5];
    const u64 hash_key = c->hash_key;
    for (const struct e5_row *r = rows, *end = rows + count; r < end; r++) {
        const struct w5_key key = w5_key(hash_key);
        const u64 hash = w5_hash(&key, hash_key);
        c->position = r->position;
        w5_add(c, w, &key, hash, r->f0, WINDOW_CHECK, variant);
    }
}
static void e5_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e5_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, struct str c0, struct str c1, i64 c2, i64 c3, const enum job_variant variant) {
#line 3 "row_windows.flow"
    const i64 t = c3;
     {
#line 9 "row_windows.flow"
        e0_send(c, run, c0, t, c2, c1, variant);
    }
     {
#line 14 "row_windows.flow"
        e3_send(c, run, c1, t, c2, variant);
    }
}
#line 765 "job.c"

static NOINLINE i64 s0_mark(struct chain *c, i64 top, i64 t) {
    c->top = top;
    return chain_mark(c, t);
}
ALWAYS_INLINE void s0_after(struct chain *c, struct s0_run *run, struct str c0, struct str c1, i64 c2, i64 c3) {
#line 3 "row_windows.flow"
    const i64 t = c3;
    if (LIKELY(t < run->mark_next)) {
        run->top = t > run->top ? t : run->top;
    } else {
        run->mark_next = s0_mark(c, run->top, t);
        run->top = c->top; /* with this row's time, if it is not too far ahead */
    }
}
#line 781 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, struct str c0, struct str c1, i64 c2, i64 c3, const enum job_variant variant) {
    c->position = run->position;
    c->stamp = fine_stamp(run->top, 5000000000ll);
    s0_chain(c, run, c0, c1, c2, c3, variant);
    run->rows++;
    s0_after(c, run, c0, c1, c2, c3);
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    c->position = run->position;
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 799 "job.c"

struct s0_columns {
    struct str c0;
    struct str c1;
    i64 c2;
    i64 c3;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    struct str c0 = { 0 };
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
                c0 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`user` is not valid UTF-8";
                break;
            case 1:
                c1 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`page` is not valid UTF-8";
                break;
            case 2:
                if (kind == CSV_EMPTY && !bad) bad = "`ms` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c2)) bad = "`ms` is no i64";
                break;
            case 3:
                if (kind == CSV_EMPTY && !bad) bad = "`time` is empty";
                if (!bad && !parse_timestamp(s.at, s.size, &c3)) bad = "`time` is no timestamp";
                break;
        }
    }
    if (!bad && field > 4) bad = "more than 4 fields";
    if (!bad && field <= 0) bad = "`user` is missing";
    if (!bad && field <= 1) bad = "`page` is missing";
    if (!bad && field <= 2) bad = "`ms` is missing";
    if (!bad && field <= 3) bad = "`time` is missing";
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
    const struct str c0 = { (const char *)c0_from, (u64)(c0_to - c0_from) };
    const u8 *c1_from = p + f[0] + 1, *c1_to = p + f[1];
    const struct str c1 = { (const char *)c1_from, (u64)(c1_to - c1_from) };
    const u8 *c2_from = p + f[1] + 1, *c2_to = p + f[2];
    const bool c2_minus = *c2_from == '-';
    const u64 c2_digits = digits_padded(c2_to, (u64)(c2_to - c2_from) - c2_minus, &bad);
    const i64 c2 = (i64)(c2_minus ? 0 - c2_digits : c2_digits);
    const u8 *c3_from = p + f[2] + 1, *c3_to = csv_last_end(p + f[3]);
    i64 c3 = 0;
    bad |= !parse_timestamp(c3_from, (u64)(c3_to - c3_from), &c3);
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c3 = c3;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s0_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s0_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (variant == JOB_FUSED) run.w0 = c->states[0];
    if (variant == JOB_FUSED) run.w3 = c->states[3];
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

ALWAYS_INLINE void s1_chain(struct chain *c, struct s1_run *run, i64 c2, const enum job_variant variant) {
#line 17 "row_windows.flow"
    e5_send(c, run, c2, variant);
}
#line 933 "job.c"

ALWAYS_INLINE void s1_row(struct chain *c, struct s1_run *run, i64 c2, const enum job_variant variant) {
    c->position = run->position;
    s1_chain(c, run, c2, variant);
    run->rows++;
}

ALWAYS_INLINE void s1_malformed(struct chain *c, struct s1_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    c->position = run->position;
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 949 "job.c"

struct s1_columns {
    i64 c2;
};
static const char s1_blank[] = ""; /* there is no record */
static NOINLINE const char *s1_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s1_columns *row) {
    const char *bad = NULL;
    i64 c2 = 0;
    scratch_reset(&c->scratch);
    struct csv_record record;
    enum csv_kind kind;
    struct str s;
    u32 field = 0;
    csv_record_begin(&record, x->at + at, x->size - at, 44);
    const u8 first = x->at[at]; /* an empty line is no record */
    *size = 1 + (first == '\r');
    if (x->at[at + *size - 1] == '\n' && at + *size <= x->size) return s1_blank;
    while (csv_record_next(&record, &c->scratch, &kind, &s)) {
        if (kind == CSV_BROKEN && !bad) bad = "a quote stands where none may";
        switch (field++) {
            case 2:
                if (kind == CSV_EMPTY && !bad) bad = "`ms` is empty";
                if (!bad && !parse_i64(s.at, s.size, &c2)) bad = "`ms` is no i64";
                break;
        }
    }
    if (!bad && field > 4) bad = "more than 4 fields";
    if (!bad && field <= 0) bad = "`user` is missing";
    if (!bad && field <= 1) bad = "`page` is missing";
    if (!bad && field <= 2) bad = "`ms` is missing";
    if (!bad && field <= 3) bad = "`time` is missing";
    *size = record.size;
    row->c2 = c2;
    return bad;
}

ALWAYS_INLINE bool s1_fast(const u8 *p, u64 start, const u32 *f, struct s1_columns *row) {
    u64 bad = 0;
    const u8 *c2_from = p + f[1] + 1, *c2_to = p + f[2];
    const bool c2_minus = *c2_from == '-';
    const u64 c2_digits = digits_padded(c2_to, (u64)(c2_to - c2_from) - c2_minus, &bad);
    const i64 c2 = (i64)(c2_minus ? 0 - c2_digits : c2_digits);
    row->c2 = c2;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s1_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s1_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (variant == JOB_FUSED) run.w5 = c->states[5];
    if (UNLIKELY(x->broken != NULL)) {
        struct s1_run r = run;
        s1_malformed(c, &r, x, 0, x->size, x->broken, variant);
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
                struct s1_columns row;
                if (UNLIKELY(places != 4 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !s1_fast(p, start, f, &row))) {
                    struct s1_columns exact; /* so that the row stays in registers */
                    bad = s1_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s1_row(c, &run, row.c2, variant);
                } else if (bad != s1_blank) {
                    struct s1_run copy = run;
                    s1_malformed(c, &copy, x, at + start, scan_bare(x->at + at + start, size), bad, variant);
                    run = copy;
                }
                run.position++;
                start += size;
            }
        }
    }
    c->top = run.top;
    c->sources[1].rows_in += run.rows;
}

static void s1_morsel_rings(struct chain *c, const struct extent *x) {
    s1_morsel(c, x, JOB_RINGS);
}
static void s1_morsel_fused(struct chain *c, const struct extent *x) {
    s1_morsel(c, x, JOB_FUSED);
}

static const struct job_option s0_options[] = {
    { "path", JOB_OPTION_LITERAL, "clicks.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
LEND(s0_morsel_fused)
static const struct job_option s1_options[] = {
    { "path", JOB_OPTION_LITERAL, "plain.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
LEND(s1_morsel_fused)
static const struct job_source sources[] = {
    [0] = {
        .name = "clicks",
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
        .lag_ns = 5000000000ll,
        .ahead_ns = -1ll,
        .idle_ns = -1ll,
        .bounds = NULL,
        .bound_count = 0,
        .malformed = 0,
        .morsel = { [JOB_RINGS] = s0_morsel_rings, [JOB_FUSED] = FUSED(s0_morsel_fused) },
    },
    [1] = {
        .name = "plain",
        .connector = { .connector = "file",
            .format = "csv",
            .options = s1_options,
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
        .morsel = { [JOB_RINGS] = s1_morsel_rings, [JOB_FUSED] = FUSED(s1_morsel_fused) },
    },
};

static const u32 inputs0[] = { 0 };
LEND(w0_fused)
static const u32 inputs1[] = { 1 };
static const struct job_option k2_options[] = {
    { "path", JOB_OPTION_LITERAL, "late.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs2[] = { 2 };
static const u32 inputs3[] = { 3 };
LEND(w3_fused)
static const struct job_option k4_options[] = {
    { "path", JOB_OPTION_LITERAL, "slow.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
static const u32 inputs4[] = { 4 };
static const u32 inputs5[] = { 5 };
LEND(w5_fused)
static const struct job_option k6_options[] = {
    { "path", JOB_OPTION_LITERAL, "batches.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
static const u32 inputs6[] = { 6 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "visits/aggregate",
        .kind = JOB_KEEPER,
        .line = 9,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs0,
        .input_count = 1,
        .fine = true,
        .keeper = &session_keeper,
        .window = &w0_spec,
        .schema = &w0_schema,
        .ops = { [JOB_RINGS] = &w0_rings, [JOB_FUSED] = &FUSED(w0_fused) },
    },
    [1] = {
        .name = "visits/print",
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
    [2] = {
        .name = "stragglers/file",
        .kind = JOB_SINK,
        .line = 12,
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
        .name = "slow/aggregate",
        .kind = JOB_KEEPER,
        .line = 14,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs3,
        .input_count = 1,
        .fine = true,
        .keeper = &rows_keeper,
        .window = &w3_spec,
        .schema = &w3_schema,
        .ops = { [JOB_RINGS] = &w3_rings, [JOB_FUSED] = &FUSED(w3_fused) },
    },
    [4] = {
        .name = "slow/file",
        .kind = JOB_SINK,
        .line = 15,
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
        .name = "batches/aggregate",
        .kind = JOB_KEEPER,
        .line = 17,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs5,
        .input_count = 1,
        .keeper = &rows_keeper,
        .window = &w5_spec,
        .schema = &w5_schema,
        .ops = { [JOB_RINGS] = &w5_rings, [JOB_FUSED] = &FUSED(w5_fused) },
    },
    [6] = {
        .name = "batches/file",
        .kind = JOB_SINK,
        .line = 18,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs6,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "csv",
            .options = k6_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
};

static const u16 e0_texts[] = { 24, 32 };
static const u16 e1_texts[] = { 0 };
static const u16 e2_texts[] = { 0 };
static const u16 e3_texts[] = { 24 };
static const u16 e4_texts[] = { 0 };
static const u16 e6_texts[] = { 0 };
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
        .position_at = 40,
        .shard_at = -1,
        .stamp_at = 16,
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
    [2] = {
        .from_source = false,
        .from = 0,
        .port = 1,
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
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 3,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 40,
        .texts = e3_texts,
        .text_count = 1,
        .position_at = 32,
        .shard_at = -1,
        .stamp_at = 16,
        .rows = { [JOB_RINGS] = e3_rows_rings },
    },
    [4] = {
        .from_source = false,
        .from = 3,
        .port = 0,
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
        .from = 1,
        .port = 0,
        .to = 5,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 16,
        .texts = NULL,
        .text_count = 0,
        .position_at = 8,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e5_rows_rings },
    },
    [6] = {
        .from_source = false,
        .from = 5,
        .port = 0,
        .to = 6,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e6_texts,
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
    .name = "row_windows",
    .param_count = 0,
    .sources = sources,
    .source_count = 2,
    .stages = stages,
    .stage_count = 7,
    .edges = edges,
    .edge_count = 7,
    .table_count = 0,
    .regex_count = 0,
    .blackhole_count = 0,
    .can_fuse = true,
    .parallelism = 0,
    .memory_bytes = 0ull,
    .snapshots = { 0ll, JOB_GUARANTEE_UNSET, 600000000000ll, 0ll, 10u, 3u },
};
#endif
