#include "runtime/job.h"

typedef __int128 wide __attribute__((aligned(8)));

static const struct str n0_text[] = {
    { "debug", 5 },
    { "info", 4 },
    { "error", 5 },
};
static __attribute__((unused)) bool n0_parse(struct str s, u8 *out) {
    for (u32 i = 0; i < 3; i++) {
        if (!str_equal(s, n0_text[i])) continue;
        *out = (u8)i;
        return true;
    }
    return false;
}

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

struct w0_row {
    u64 arrival;
    struct key_text f1;
    double f3;
    i64 f5;
    i32 f2;
    u8 f0;
    bool f4;
    u8 nulls[1];
};
ALWAYS_INLINE void w0_fill(struct w0_row *row, struct region *region, u8 f0, struct str f1, bool f1_null, i32 f2, bool f2_null, double f3, bool f4, i64 f5) {
    row->f0 = f0;
    row->f1 = key_text_of(f1_null ? (struct str){ 0 } : f1, region);
    row->f2 = f2_null ? 0 : f2;
    row->f3 = f3;
    row->f4 = f4;
    row->f5 = f5;
    row->nulls[0] = (u8)(f1_null << 0 | f2_null << 1);
}
static void w0_row_drop(void *at, struct region *region) {
    struct w0_row *row = at;
    key_text_drop(&row->f1, region);
}
static bool w0_row_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w0_row *row = at;
    if (row->f0 >= 3) return false;
    if (!key_text_adopt(&row->f1, image, bytes, region)) return false;
    if (*(const u8 *)&row->f4 > 1) return false;
    return true;
}
struct w0_by {
    i32 b0;
    bool b0_null;
    double b1;
};
ALWAYS_INLINE int w0_order(const void *with, const void *at, const struct region *region) {
    const struct w0_by *by = with;
    const struct w0_row *row = at;
    if (by->b0_null != (row->nulls[0] >> 1 & 1)) return by->b0_null ? 1 : -1;
    const int order0 = by->b0_null ? 0 : (by->b0 > row->f2) - (by->b0 < row->f2);
    if (order0) return -order0;
    const int order1 = compare_f64(by->b1, row->f3);
    if (order1) return order1;
    return 0;
}
static bool w0_same(const void *at, const void *other, const struct region *region) {
    const struct w0_row *row = at;
    const struct w0_by by = { .b0 = row->f2, .b0_null = (row->nulls[0] >> 1 & 1), .b1 = row->f3 };
    return w0_order(&by, other, region) == 0;
}
static const struct kept_ops w0_kept = {
    .row_size = sizeof(struct w0_row),
    .most = 3,
    .ties = true,
    .order = w0_order,
    .same = w0_same,
    .drop = w0_row_drop,
    .adopt = w0_row_adopt,
};
struct w0_acc {
    u64 rows;
    struct kept_rows c0;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w0_acc) == 16, "as planned");
ALWAYS_INLINE void w0_update(struct w0_acc *acc, struct chain *c, struct region *region, u64 arrival, struct str a0, i64 a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, double a5, bool a6) {
    const struct w0_by by = { .b0 = a4, .b0_null = a4_null, .b1 = a5 };
    if (kept_wants(&acc->c0, &w0_kept, &by, arrival, region)) {
        struct w0_row *place = kept_put(&acc->c0, &w0_kept, &by, arrival, region);
        w0_fill(place, region, a2, a3, a3_null, a4, a4_null, a5, a6, a1);
    }
    acc->rows++;
}
ALWAYS_INLINE void w0_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w0_acc *into = to;
    const struct w0_acc *from = with;
    for (u32 i = 0; i < from->c0.count; i++) {
        const struct w0_row *row = kept_row(&from->c0, &w0_kept, i, region);
        const struct w0_by by = { .b0 = row->f2, .b0_null = (row->nulls[0] >> 1 & 1), .b1 = row->f3 };
        if (kept_wants(&into->c0, &w0_kept, &by, row->arrival, region)) {
            struct w0_row *place = kept_put(&into->c0, &w0_kept, &by, row->arrival, region);
            w0_fill(place, region, row->f0, key_text_str(&row->f1, region), (row->nulls[0] >> 0 & 1), row->f2, (row->nulls[0] >> 1 & 1), row->f3, row->f4, row->f5);
        } else {
            break; /* nor are those behind it */
        }
    }
    into->rows += from->rows;
}
static void w0_drop(void *at, struct region *region) {
    struct w0_acc *acc = at;
    kept_drop(&acc->c0, &w0_kept, region);
}
static bool w0_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w0_acc *acc = at;
    if (!kept_adopt(&acc->c0, &w0_kept, image, bytes, region)) return false;
    return true;
}

struct w1_key {
    u64 none;
};
struct w1_stored {
    u64 none;
};
ALWAYS_INLINE struct w1_key w1_key(u64 hash_key) {
    struct w1_key key;
    __builtin_memset(&key, 0, sizeof key);
    return key;
}
ALWAYS_INLINE u64 w1_hash(const struct w1_key *key, u64 hash_key) {
    return hash_u64(0, hash_key);
}
static u64 w1_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    return hash_u64(0, hash_key);
}
ALWAYS_INLINE bool w1_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w1_stored *stored = slot;
    const struct w1_key *key = from;
    return stored->none == key->none;
}
static void w1_key_keep(void *slot, const void *from, struct region *region) {
    struct w1_stored *stored = slot;
    const struct w1_key *key = from;
    stored->none = key->none;
}

struct w1_row {
    u64 arrival;
    struct key_text f0;
    struct key_text f2;
    i32 f3;
    u8 f1;
    u8 nulls[1];
};
ALWAYS_INLINE void w1_fill(struct w1_row *row, struct region *region, struct str f0, u8 f1, struct str f2, bool f2_null, i32 f3, bool f3_null) {
    row->f0 = key_text_of(f0, region);
    row->f1 = f1;
    row->f2 = key_text_of(f2_null ? (struct str){ 0 } : f2, region);
    row->f3 = f3_null ? 0 : f3;
    row->nulls[0] = (u8)(f2_null << 0 | f3_null << 1);
}
static void w1_row_drop(void *at, struct region *region) {
    struct w1_row *row = at;
    key_text_drop(&row->f0, region);
    key_text_drop(&row->f2, region);
}
static bool w1_row_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w1_row *row = at;
    if (!key_text_adopt(&row->f0, image, bytes, region)) return false;
    if (row->f1 >= 3) return false;
    if (!key_text_adopt(&row->f2, image, bytes, region)) return false;
    return true;
}
struct w1_by {
    struct str b0;
    bool b0_null;
    i32 b1;
    bool b1_null;
};
ALWAYS_INLINE int w1_order(const void *with, const void *at, const struct region *region) {
    const struct w1_by *by = with;
    const struct w1_row *row = at;
    if (by->b0_null != (row->nulls[0] >> 0 & 1)) return by->b0_null ? -1 : 1;
    const int order0 = by->b0_null ? 0 : str_compare(by->b0, key_text_str(&row->f2, region));
    if (order0) return order0;
    if (by->b1_null != (row->nulls[0] >> 1 & 1)) return by->b1_null ? 1 : -1;
    const int order1 = by->b1_null ? 0 : (by->b1 > row->f3) - (by->b1 < row->f3);
    if (order1) return -order1;
    return 0;
}
static bool w1_same(const void *at, const void *other, const struct region *region) {
    const struct w1_row *row = at;
    const struct w1_by by = { .b0 = key_text_str(&row->f2, region), .b0_null = (row->nulls[0] >> 0 & 1), .b1 = row->f3, .b1_null = (row->nulls[0] >> 1 & 1) };
    return w1_order(&by, other, region) == 0;
}
static const struct kept_ops w1_kept = {
    .row_size = sizeof(struct w1_row),
    .most = 2,
    .order = w1_order,
    .same = w1_same,
    .drop = w1_row_drop,
    .adopt = w1_row_adopt,
};
struct w1_acc {
    u64 rows;
    struct kept_rows c0;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w1_acc) == 16, "as planned");
ALWAYS_INLINE void w1_update(struct w1_acc *acc, struct chain *c, struct region *region, u64 arrival, i64 a0, struct str a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null) {
    const struct w1_by by = { .b0 = a3, .b0_null = a3_null, .b1 = a4, .b1_null = a4_null };
    if (kept_wants(&acc->c0, &w1_kept, &by, arrival, region)) {
        struct w1_row *place = kept_put(&acc->c0, &w1_kept, &by, arrival, region);
        w1_fill(place, region, a1, a2, a3, a3_null, a4, a4_null);
    }
    acc->rows++;
}
ALWAYS_INLINE void w1_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w1_acc *into = to;
    const struct w1_acc *from = with;
    for (u32 i = 0; i < from->c0.count; i++) {
        const struct w1_row *row = kept_row(&from->c0, &w1_kept, i, region);
        const struct w1_by by = { .b0 = key_text_str(&row->f2, region), .b0_null = (row->nulls[0] >> 0 & 1), .b1 = row->f3, .b1_null = (row->nulls[0] >> 1 & 1) };
        if (kept_wants(&into->c0, &w1_kept, &by, row->arrival, region)) {
            struct w1_row *place = kept_put(&into->c0, &w1_kept, &by, row->arrival, region);
            w1_fill(place, region, key_text_str(&row->f0, region), row->f1, key_text_str(&row->f2, region), (row->nulls[0] >> 0 & 1), row->f3, (row->nulls[0] >> 1 & 1));
        } else {
            break; /* nor are those behind it */
        }
    }
    into->rows += from->rows;
}
static void w1_drop(void *at, struct region *region) {
    struct w1_acc *acc = at;
    kept_drop(&acc->c0, &w1_kept, region);
}
static bool w1_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w1_acc *acc = at;
    if (!kept_adopt(&acc->c0, &w1_kept, image, bytes, region)) return false;
    return true;
}

struct w2_key {
    struct key_probe k0;
    bool k1;
};
struct w2_stored {
    struct key_text k0;
    bool k1;
};
ALWAYS_INLINE struct w2_key w2_key(u64 hash_key, struct str a0, bool a1) {
    struct w2_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    key.k1 = a1;
    return key;
}
ALWAYS_INLINE u64 w2_hash(const struct w2_key *key, u64 hash_key) {
    u64 hash = hash_fold(key->k0.hash ^ HASH_A, (u64)key->k1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}
static u64 w2_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w2_stored *key = slot;
    u64 hash = hash_fold(key_text_hash(&key->k0, hash_key, region) ^ HASH_A, (u64)key->k1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}
ALWAYS_INLINE bool w2_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w2_stored *stored = slot;
    const struct w2_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region) && stored->k1 == key->k1;
}
static void w2_key_keep(void *slot, const void *from, struct region *region) {
    struct w2_stored *stored = slot;
    const struct w2_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
    stored->k1 = key->k1;
}
static void w2_key_drop(void *slot, struct region *region) {
    struct w2_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w2_row {
    u64 arrival;
    struct key_text f0;
    double f1;
    u8 nulls[1];
};
ALWAYS_INLINE void w2_fill(struct w2_row *row, struct region *region, struct str f0, bool f0_null, double f1) {
    row->f0 = key_text_of(f0_null ? (struct str){ 0 } : f0, region);
    row->f1 = f1;
    row->nulls[0] = (u8)(f0_null << 0);
}
static void w2_row_drop(void *at, struct region *region) {
    struct w2_row *row = at;
    key_text_drop(&row->f0, region);
}
static bool w2_row_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w2_row *row = at;
    if (!key_text_adopt(&row->f0, image, bytes, region)) return false;
    return true;
}
struct w2_by {
    double b0;
};
ALWAYS_INLINE int w2_order(const void *with, const void *at, const struct region *region) {
    const struct w2_by *by = with;
    const struct w2_row *row = at;
    const int order0 = compare_f64(by->b0, row->f1);
    if (order0) return -order0;
    return 0;
}
static bool w2_same(const void *at, const void *other, const struct region *region) {
    const struct w2_row *row = at;
    const struct w2_by by = { .b0 = row->f1 };
    return w2_order(&by, other, region) == 0;
}
static const struct kept_ops w2_kept = {
    .row_size = sizeof(struct w2_row),
    .most = 1,
    .latest = true,
    .order = w2_order,
    .same = w2_same,
    .drop = w2_row_drop,
    .adopt = w2_row_adopt,
};
struct w2_acc {
    u64 rows;
    struct kept_rows c0;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w2_acc) == 16, "as planned");
ALWAYS_INLINE void w2_update(struct w2_acc *acc, struct chain *c, struct region *region, u64 arrival, struct str a0, bool a1, i64 a2, struct str a3, bool a3_null, double a4) {
    const struct w2_by by = { .b0 = a4 };
    if (kept_wants(&acc->c0, &w2_kept, &by, arrival, region)) {
        struct w2_row *place = kept_put(&acc->c0, &w2_kept, &by, arrival, region);
        w2_fill(place, region, a3, a3_null, a4);
    }
    acc->rows++;
}
ALWAYS_INLINE void w2_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w2_acc *into = to;
    const struct w2_acc *from = with;
    for (u32 i = 0; i < from->c0.count; i++) {
        const struct w2_row *row = kept_row(&from->c0, &w2_kept, i, region);
        const struct w2_by by = { .b0 = row->f1 };
        if (kept_wants(&into->c0, &w2_kept, &by, row->arrival, region)) {
            struct w2_row *place = kept_put(&into->c0, &w2_kept, &by, row->arrival, region);
            w2_fill(place, region, key_text_str(&row->f0, region), (row->nulls[0] >> 0 & 1), row->f1);
        } else {
            break; /* nor are those behind it */
        }
    }
    into->rows += from->rows;
}
static void w2_drop(void *at, struct region *region) {
    struct w2_acc *acc = at;
    kept_drop(&acc->c0, &w2_kept, region);
}
static bool w2_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w2_acc *acc = at;
    if (!kept_adopt(&acc->c0, &w2_kept, image, bytes, region)) return false;
    return true;
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

struct w3_row {
    u64 arrival;
};
ALWAYS_INLINE void w3_fill(struct w3_row *row, struct region *region) {
}
struct w3_by {
    u8 none;
};
ALWAYS_INLINE int w3_order(const void *with, const void *at, const struct region *region) {
    return 0;
}
static bool w3_same(const void *at, const void *other, const struct region *region) {
    const struct w3_by by = { 0 };
    return w3_order(&by, other, region) == 0;
}
static const struct kept_ops w3_kept = {
    .row_size = sizeof(struct w3_row),
    .most = 1,
    .order = w3_order,
    .same = w3_same,
};
struct w3_acc {
    u64 rows;
    struct kept_rows c0;
    i64 c1;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w3_acc) == 24, "as planned");
ALWAYS_INLINE void w3_update(struct w3_acc *acc, struct chain *c, struct region *region, u64 arrival, struct str a0, i64 a1) {
    if ((!(acc->rows & ~KEYED_USED) || (a1 > acc->c1))) acc->c1 = a1;
    const struct w3_by by = { 0 };
    if (kept_wants(&acc->c0, &w3_kept, &by, arrival, region)) {
        struct w3_row *place = kept_put(&acc->c0, &w3_kept, &by, arrival, region);
        w3_fill(place, region);
    }
    acc->rows++;
}
ALWAYS_INLINE void w3_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w3_acc *into = to;
    const struct w3_acc *from = with;
    for (u32 i = 0; i < from->c0.count; i++) {
        const struct w3_row *row = kept_row(&from->c0, &w3_kept, i, region);
        const struct w3_by by = { 0 };
        if (kept_wants(&into->c0, &w3_kept, &by, row->arrival, region)) {
            struct w3_row *place = kept_put(&into->c0, &w3_kept, &by, row->arrival, region);
            w3_fill(place, region);
        } else {
            break; /* nor are those behind it */
        }
    }
    bool take1 = ((from->rows & ~KEYED_USED) != 0) & (((into->rows & ~KEYED_USED) == 0) | (from->c1 > into->c1));
    into->c1 = take1 ? from->c1 : into->c1;
    into->rows += from->rows;
}
static void w3_drop(void *at, struct region *region) {
    struct w3_acc *acc = at;
    kept_drop(&acc->c0, &w3_kept, region);
}
static bool w3_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w3_acc *acc = at;
    if (!kept_adopt(&acc->c0, &w3_kept, image, bytes, region)) return false;
    return true;
}

struct w4_key {
    struct key_probe k0;
    u8 k1;
};
struct w4_stored {
    struct key_text k0;
    u8 k1;
};
ALWAYS_INLINE struct w4_key w4_key(u64 hash_key, struct str a0, u8 a1) {
    struct w4_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    key.k1 = a1;
    return key;
}
ALWAYS_INLINE u64 w4_hash(const struct w4_key *key, u64 hash_key) {
    u64 hash = hash_fold(key->k0.hash ^ HASH_A, (u64)key->k1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}
static u64 w4_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w4_stored *key = slot;
    u64 hash = hash_fold(key_text_hash(&key->k0, hash_key, region) ^ HASH_A, (u64)key->k1 ^ hash_key);
    return hash_fold(hash ^ hash_key, HASH_B);
}
ALWAYS_INLINE bool w4_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w4_stored *stored = slot;
    const struct w4_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region) && stored->k1 == key->k1;
}
static void w4_key_keep(void *slot, const void *from, struct region *region) {
    struct w4_stored *stored = slot;
    const struct w4_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
    stored->k1 = key->k1;
}
static void w4_key_drop(void *slot, struct region *region) {
    struct w4_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w4_acc {
    u64 rows;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w4_acc) == 8, "as planned");
ALWAYS_INLINE void w4_update(struct w4_acc *acc, struct str a0, u8 a1, i64 a2) {
    acc->rows++;
}
ALWAYS_INLINE void w4_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w4_acc *into = to;
    const struct w4_acc *from = with;
    into->rows += from->rows;
}
ALWAYS_INLINE void w4_subtract(void *from, const void *what) {
    struct w4_acc *left = from;
    const struct w4_acc *gone = what;
    left->rows -= gone->rows;
}

struct w5_key {
    struct key_probe k0;
};
struct w5_stored {
    struct key_text k0;
};
ALWAYS_INLINE struct w5_key w5_key(u64 hash_key, struct str a0) {
    struct w5_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    return key;
}
ALWAYS_INLINE u64 w5_hash(const struct w5_key *key, u64 hash_key) {
    return key->k0.hash;
}
static u64 w5_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w5_stored *key = slot;
    return key_text_hash(&key->k0, hash_key, region);
}
ALWAYS_INLINE bool w5_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w5_stored *stored = slot;
    const struct w5_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region);
}
static void w5_key_keep(void *slot, const void *from, struct region *region) {
    struct w5_stored *stored = slot;
    const struct w5_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
}
static void w5_key_drop(void *slot, struct region *region) {
    struct w5_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w5_row {
    u64 arrival;
    struct key_text f0;
    bool f1;
    u8 nulls[1];
};
ALWAYS_INLINE void w5_fill(struct w5_row *row, struct region *region, struct str f0, bool f0_null, bool f1) {
    row->f0 = key_text_of(f0_null ? (struct str){ 0 } : f0, region);
    row->f1 = f1;
    row->nulls[0] = (u8)(f0_null << 0);
}
static void w5_row_drop(void *at, struct region *region) {
    struct w5_row *row = at;
    key_text_drop(&row->f0, region);
}
static bool w5_row_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w5_row *row = at;
    if (!key_text_adopt(&row->f0, image, bytes, region)) return false;
    if (*(const u8 *)&row->f1 > 1) return false;
    return true;
}
static inline void w5_step(struct chain *c, struct region *region, struct w5_row *row, struct str f0, bool f0_null, bool f1) {
    const struct scratch_place here = scratch_here(&c->scratch);
    const bool x1_null = (row->nulls[0] >> 0 & 1);
    struct str x2 = { 0 };
    if (!x1_null) x2 = str_concat((struct str[]){ key_text_str(&row->f0, region), (struct str){ ",", 1 } }, 2, &c->scratch);
    struct str x3 = { 0 };
    if (!(x1_null || f0_null)) x3 = str_concat((struct str[]){ x2, f0 }, 2, &c->scratch);
#line 12 "rows.flow"
    const struct str v8_0 = x3;
    const bool v8_0_null = (x1_null || f0_null);
#line 12 "rows.flow"
    const bool v8_1 = (row->f1 && f1);
#line 618 "job.c"
    struct w5_row next = { 0 };
    w5_fill(&next, region, v8_0, v8_0_null, v8_1);
    w5_row_drop(row, region);
    *row = next;
    scratch_return(&c->scratch, here);
}
static const struct kept_ops w5_kept = {
    .row_size = sizeof(struct w5_row),
    .most = 1,
    .drop = w5_row_drop,
    .adopt = w5_row_adopt,
};
struct w5_acc {
    u64 rows;
    struct kept_rows c0;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w5_acc) == 16, "as planned");
ALWAYS_INLINE void w5_update(struct w5_acc *acc, struct chain *c, struct region *region, u64 arrival, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3) {
    const bool some = acc->c0.count;
    struct w5_row *place = kept_only(&acc->c0, &w5_kept, region);
    if (some)
        w5_step(c, region, place, a2, a2_null, a3);
    else
        w5_fill(place, region, a2, a2_null, a3);
    acc->rows++;
}
ALWAYS_INLINE void w5_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w5_acc *into = to;
    const struct w5_acc *from = with;
    for (u32 i = 0; i < from->c0.count; i++) {
        const struct w5_row *row = kept_row(&from->c0, &w5_kept, i, region);
        const bool some = into->c0.count;
        struct w5_row *place = kept_only(&into->c0, &w5_kept, region);
        if (some)
            w5_step(c, region, place, key_text_str(&row->f0, region), (row->nulls[0] >> 0 & 1), row->f1);
        else
            w5_fill(place, region, key_text_str(&row->f0, region), (row->nulls[0] >> 0 & 1), row->f1);
    }
    into->rows += from->rows;
}
static void w5_drop(void *at, struct region *region) {
    struct w5_acc *acc = at;
    kept_drop(&acc->c0, &w5_kept, region);
}
static bool w5_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w5_acc *acc = at;
    if (!kept_adopt(&acc->c0, &w5_kept, image, bytes, region)) return false;
    return true;
}

struct w6_key {
    struct key_probe k0;
};
struct w6_stored {
    struct key_text k0;
};
ALWAYS_INLINE struct w6_key w6_key(u64 hash_key, struct str a0) {
    struct w6_key key;
    __builtin_memset(&key, 0, sizeof key);
    key.k0 = key_probe(a0, hash_key);
    return key;
}
ALWAYS_INLINE u64 w6_hash(const struct w6_key *key, u64 hash_key) {
    return key->k0.hash;
}
static u64 w6_stored_hash(const void *slot, u64 hash_key, const struct region *region) {
    const struct w6_stored *key = slot;
    return key_text_hash(&key->k0, hash_key, region);
}
ALWAYS_INLINE bool w6_key_equal(const void *slot, const void *from, const struct region *region) {
    const struct w6_stored *stored = slot;
    const struct w6_key *key = from;
    return key_text_equal(&stored->k0, &key->k0, region);
}
static void w6_key_keep(void *slot, const void *from, struct region *region) {
    struct w6_stored *stored = slot;
    const struct w6_key *key = from;
    key_text_keep(&stored->k0, &key->k0, region);
}
static void w6_key_drop(void *slot, struct region *region) {
    struct w6_stored *stored = slot;
    key_text_drop(&stored->k0, region);
}

struct w6_acc {
    u64 rows;
    struct key_text c1;
    struct key_text c3;
    u64 c0;
    u64 c2;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct w6_acc) == 56, "as planned");
ALWAYS_INLINE void w6_update(struct w6_acc *acc, struct chain *c, struct region *region, u64 arrival, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3) {
    if (!a2_null && (!acc->c0 || (str_compare(a2, key_text_str(&acc->c1, region)) < 0))) key_text_become(&acc->c1, a2, region);
    if (a3 && (!acc->c2 || (str_compare(a0, key_text_str(&acc->c3, region)) > 0))) key_text_become(&acc->c3, a0, region);
    acc->c0 += !a2_null;
    acc->c2 += a3;
    acc->rows++;
}
ALWAYS_INLINE void w6_merge(struct chain *c, struct region *region, void *to, const void *with) {
    struct w6_acc *into = to;
    const struct w6_acc *from = with;
    if (from->c0 && (!into->c0 || (str_compare(key_text_str(&from->c1, region), key_text_str(&into->c1, region)) < 0))) key_text_become(&into->c1, key_text_str(&from->c1, region), region);
    if (from->c2 && (!into->c2 || (str_compare(key_text_str(&from->c3, region), key_text_str(&into->c3, region)) > 0))) key_text_become(&into->c3, key_text_str(&from->c3, region), region);
    into->c0 += from->c0;
    into->c2 += from->c2;
    into->rows += from->rows;
}
static void w6_drop(void *at, struct region *region) {
    struct w6_acc *acc = at;
    key_text_drop(&acc->c1, region);
    key_text_drop(&acc->c3, region);
}
static bool w6_adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    struct w6_acc *acc = at;
    if (!key_text_adopt(&acc->c1, image, bytes, region)) return false;
    if (!key_text_adopt(&acc->c3, image, bytes, region)) return false;
    return true;
}

struct s0_run {
    i64 top, mark_next;
    u64 rows, hash_key;
    struct window *w0;
    struct window *w1;
    struct window *w2;
    struct window *w3;
    struct window *w4;
    struct window *w5;
    struct window *w6;
    u32 position;
    enum window_care care;
    bool stopped;
};

static NOINLINE void k7_encode(struct chain *c, struct str f0, u8 f1, struct str f2, bool f2_null, i32 f3, bool f3_null, double f4, bool f5, i64 f6, i64 f7, i64 f8) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"host\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"level\":", 9);
    out_json_text(&c->out, n0_text[f1]);
    out_bytes(&c->out, ",\"note\":", 8);
    if (f2_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_json_text(&c->out, f2);
    }
    out_bytes(&c->out, ",\"took\":", 8);
    if (f3_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_i64(&c->out, f3);
    }
    out_bytes(&c->out, ",\"ratio\":", 9);
    out_json_f64(&c->out, f4);
    out_bytes(&c->out, ",\"ok\":", 6);
    out_bool(&c->out, f5);
    out_bytes(&c->out, ",\"time\":", 8);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f6);
    out_byte(&c->out, '"');
    out_bytes(&c->out, ",\"window_start\":", 16);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f7);
    out_byte(&c->out, '"');
    out_bytes(&c->out, ",\"window_end\":", 14);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f8);
    out_byte(&c->out, '"');
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k8_encode(struct chain *c, i64 f0, struct str f1, u8 f2, i64 f3) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"place\":", 9);
    out_i64(&c->out, f0);
    out_bytes(&c->out, ",\"host\":", 8);
    out_json_text(&c->out, f1);
    out_bytes(&c->out, ",\"level\":", 9);
    out_json_text(&c->out, n0_text[f2]);
    out_bytes(&c->out, ",\"pane\":", 8);
    out_i64(&c->out, f3);
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k9_encode(struct chain *c, struct str f0, struct str f1, bool f1_null, i64 f2) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"host\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"note\":", 8);
    if (f1_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_json_text(&c->out, f1);
    }
    out_bytes(&c->out, ",\"window_end\":", 14);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f2);
    out_byte(&c->out, '"');
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k10_encode(struct chain *c, struct str f0, i64 f1) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"host\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"at\":", 6);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f1);
    out_byte(&c->out, '"');
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k11_encode(struct chain *c, struct str f0, u8 f1, i64 f2, i64 f3) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"host\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"level\":", 9);
    out_json_text(&c->out, n0_text[f1]);
    out_bytes(&c->out, ",\"window_start\":", 16);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f2);
    out_byte(&c->out, '"');
    out_bytes(&c->out, ",\"window_end\":", 14);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f3);
    out_byte(&c->out, '"');
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k12_encode(struct chain *c, struct str f0, struct str f1, bool f1_null, bool f2) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"host\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"note\":", 8);
    if (f1_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_json_text(&c->out, f1);
    }
    out_bytes(&c->out, ",\"ok\":", 6);
    out_bool(&c->out, f2);
    out_bytes(&c->out, "}\n", 2);
}

static NOINLINE void k13_encode(struct chain *c, struct str f0, i64 f1, i64 f2, struct str f3, bool f3_null, struct str f4, bool f4_null) {
    out_clear(&c->out);
    out_bytes(&c->out, "{\"host\":", 8);
    out_json_text(&c->out, f0);
    out_bytes(&c->out, ",\"window_start\":", 16);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f1);
    out_byte(&c->out, '"');
    out_bytes(&c->out, ",\"window_end\":", 14);
    out_byte(&c->out, '"');
    out_timestamp(&c->out, f2);
    out_byte(&c->out, '"');
    out_bytes(&c->out, ",\"low\":", 7);
    if (f3_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_json_text(&c->out, f3);
    }
    out_bytes(&c->out, ",\"high\":", 8);
    if (f4_null) {
        out_bytes(&c->out, "null", 4);
    } else {
        out_json_text(&c->out, f4);
    }
    out_bytes(&c->out, "}\n", 2);
}

struct e0_row {
    i64 f1;
    double f5;
    u32 f0_at, f0_size;
    u32 f3_at, f3_size;
    i32 f4;
    u8 f2;
    bool f6;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e0_row) == 40, "as planned");

struct e1_row {
    i64 f0;
    u32 f1_at, f1_size;
    u32 f3_at, f3_size;
    u32 position;
    i32 f4;
    u8 f2;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e1_row) == 40, "as planned");

struct e2_row {
    i64 f2;
    double f4;
    u32 f0_at, f0_size;
    u32 f3_at, f3_size;
    bool f1;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e2_row) == 40, "as planned");

struct e3_row {
    i64 f1;
    u32 f0_at, f0_size;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e3_row) == 16, "as planned");

struct w4_entry {
    struct w4_key key;
    struct w4_acc acc;
};
ALWAYS_INLINE bool w4_entry_equal(const void *entry, const void *from) {
    const struct w4_key *a = entry, *b = from;
    return key_probe_equal(&a->k0, &b->k0) && a->k1 == b->k1;
}
static bool w4_entry_keep(void *entry, const void *from, struct combine *cb) {
    struct w4_key *key = entry;
    *key = *(const struct w4_key *)from;
    if (key->k0.text.high >> 56 == KEY_TEXT_LONG) {
        key->k0.at = combine_text(cb, key->k0.at, (u32)key->k0.text.high);
        if (!key->k0.at) return false;
    }
    return true;
}
static const struct combine_ops w4_combine = {
    .slot_size = sizeof(struct w4_entry),
    .acc_at = offsetof(struct w4_entry, acc),
    .key_equal = w4_entry_equal,
    .key_keep = w4_entry_keep,
};

struct e4_row {
    struct w4_acc acc;
    i64 slice;
    u32 f0_at, f0_size;
    u8 f1;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e4_row) == 32, "as planned");

struct e5_row {
    i64 f1;
    u32 f0_at, f0_size;
    u32 f2_at, f2_size;
    bool f3;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e5_row) == 32, "as planned");

struct e6_row {
    i64 f1;
    u32 f0_at, f0_size;
    u32 f2_at, f2_size;
    u8 nulls[1];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e6_row) == 32, "as planned");

struct e7_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e7_row) == 16, "as planned");

struct e8_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e8_row) == 16, "as planned");

struct e9_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e9_row) == 16, "as planned");

struct e10_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e10_row) == 16, "as planned");

struct e11_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e11_row) == 16, "as planned");

struct e12_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e12_row) == 16, "as planned");

struct e13_row {
    u32 text_at, text_size;
    u32 position;
    u16 shard;
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct e13_row) == 16, "as planned");

ALWAYS_INLINE void e13_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 13, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[13];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e13_row *row = (struct e13_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e13_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e13_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e12_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 12, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[12];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e12_row *row = (struct e12_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e12_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e12_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e11_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 11, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[11];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e11_row *row = (struct e11_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e11_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e11_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e10_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 10, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[10];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e10_row *row = (struct e10_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e10_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e10_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e9_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 9, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[9];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e9_row *row = (struct e9_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e9_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e9_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e8_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 8, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[8];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e8_row *row = (struct e8_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e8_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e8_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

ALWAYS_INLINE void e7_send(struct chain *c, const struct pane *p, const enum job_variant variant) {
    if (variant == JOB_FUSED && !p->caused) {
        chain_sink(c, 7, c->out.start, out_size(&c->out));
        return;
    }
    struct outlet *o = &c->outlets[7];
    const u32 reader = o->reader_now;
    const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };
    struct e7_row *row = (struct e7_row *)(p->caused ? outlet_caused_row(o, reader, sizeof(struct e7_row), encoded.size, p->position, p->shard) : outlet_row(o, reader, sizeof(struct e7_row), encoded.size));
    row->text_at = p->caused ? outlet_caused_text(o, reader, encoded) : outlet_text(o, reader, encoded);
    row->text_size = (u32)encoded.size;
    row->position = p->position;
    row->shard = p->shard;
}

enum { W6_ACC_AT = (sizeof(struct w6_stored) + 7) & ~7, W6_BYTES = W6_ACC_AT + sizeof(struct w6_acc) };
enum { W6_SLOT = W6_BYTES <= 16 ? 16 : W6_BYTES <= 32 ? 32 : W6_BYTES <= 64 ? 64 : (W6_BYTES + 15) & ~15 };

static const struct window_spec w6_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 10000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w6_fields[] = {
    { .name = "host",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w6_stored, k0),
      .size = sizeof(((struct w6_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "count\050note\051",
      .role = STATE_COUNT,
      .type = { TYPE_STRING, .nullable = true },
      .at = 40,
      .size = 8,
      .null_bit = -1 },
    { .name = "min\050note\051",
      .role = STATE_MIN,
      .type = { TYPE_STRING, .nullable = true },
      .at = 8,
      .size = 16,
      .null_bit = -1 },
    { .name = "count\050where ok\051",
      .role = STATE_COUNT,
      .type = { TYPE_NONE },
      .at = 48,
      .size = 8,
      .null_bit = -1 },
    { .name = "max\050host where ok\051",
      .role = STATE_MAX,
      .type = { TYPE_STRING },
      .at = 24,
      .size = 16,
      .null_bit = -1 },
};
static const struct state_schema w6_schema = {
    .fields = w6_fields,
    .count = 5,
    .slot_size = W6_SLOT,
    .acc_at = W6_ACC_AT,
    .acc_size = sizeof(struct w6_acc),
    .window = &w6_spec,
};

#line 1184 "job.c"
ALWAYS_INLINE void w6_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w6_stored *key = slot;
    const struct w6_acc *acc = from;
    c->stages[6].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const struct str v9_3 = key_text_str(&acc->c1, p->strings);
    const bool v9_3_null = (acc->c0 == 0);
    const struct str v9_4 = key_text_str(&acc->c3, p->strings);
    const bool v9_4_null = (acc->c2 == 0);
    k13_encode(c, k0, p->start, p->end, v9_3, v9_3_null, v9_4, v9_4_null);
    e13_send(c, p, variant);
}
static const struct window_ops w6_rings;
static inline void w6_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w6_emit(c, key, acc, p, JOB_RINGS);
}
static void w6_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w6_rings, p);
}
static const struct window_ops w6_rings = {
    .keyed = { .slot_size = W6_SLOT,
               .acc_at = W6_ACC_AT,
               .key_equal = w6_key_equal,
               .key_hash = w6_stored_hash,
               .key_keep = w6_key_keep,
               .key_drop = w6_key_drop },
    .acc_size = sizeof(struct w6_acc),
    .merge = w6_merge,
    .drop = w6_drop,
    .adopt = w6_adopt,
    .subtract = NULL,
    .emit = w6_emit_rings,
    .pass = w6_pass_rings,
    .schema = &w6_schema,
};
static const struct window_ops w6_fused;
static inline void w6_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w6_emit(c, key, acc, p, JOB_FUSED);
}
static void w6_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w6_fused, p);
}
static const struct window_ops w6_fused = {
    .keyed = { .slot_size = W6_SLOT,
               .acc_at = W6_ACC_AT,
               .key_equal = w6_key_equal,
               .key_hash = w6_stored_hash,
               .key_keep = w6_key_keep,
               .key_drop = w6_key_drop },
    .acc_size = sizeof(struct w6_acc),
    .merge = w6_merge,
    .drop = w6_drop,
    .adopt = w6_adopt,
    .subtract = NULL,
    .emit = w6_emit_fused,
    .pass = w6_pass_fused,
    .schema = &w6_schema,
};

ALWAYS_INLINE void w6_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w6_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3, const enum job_variant variant) {
    struct w6_acc delta = { 0 };
    w6_update(&delta, c, &w->keyed.region, 0, a0, a1, a2, a2_null, a3);
    const bool took = window_add(c, w, ops, key, hash, a1, &delta);
    w6_drop(&delta, &w->keyed.region);
    if (LIKELY(took)) return;
    c->stages[6].late++;
}
static NOINLINE void w6_elsewhere_rings(struct chain *c, struct window *w, const struct w6_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3) {
    w6_elsewhere(c, w, &w6_rings, key, hash, a0, a1, a2, a2_null, a3, JOB_RINGS);
}
static NOINLINE void w6_elsewhere_fused(struct chain *c, struct window *w, const struct w6_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3) {
    w6_elsewhere(c, w, &w6_fused, key, hash, a0, a1, a2, a2_null, a3, JOB_FUSED);
}
ALWAYS_INLINE void w6_add(struct chain *c, struct window *w, const struct w6_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a1)) {
        if (variant == JOB_FUSED) w6_elsewhere_fused(c, w, key, hash, a0, a1, a2, a2_null, a3);
        else
            w6_elsewhere_rings(c, w, key, hash, a0, a1, a2, a2_null, a3);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w6_fused : &w6_rings;
    struct w6_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w6_update(acc, c, &w->keyed.region, 0, a0, a1, a2, a2_null, a3);
}
#line 1269 "job.c"

ALWAYS_INLINE void e6_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3, const enum job_variant variant) {
    const struct w6_key key = w6_key(run->hash_key, a0);
    const u64 hash = w6_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w6_add(c, run->w6, &key, hash, a0, a1, a2, a2_null, a3, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[6];
    const u32 reader = outlet_reader(o, hash);
    struct e6_row *row = (struct e6_row *)outlet_row(o, reader, sizeof(struct e6_row), a0.size + a2.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2_at = outlet_text(o, reader, a2);
    row->f2_size = (u32)a2.size;
    row->nulls[0] = (u8)(a2_null << 0 | a3 << 1);
}

enum { W5_ACC_AT = (sizeof(struct w5_stored) + 7) & ~7, W5_BYTES = W5_ACC_AT + sizeof(struct w5_acc) };
enum { W5_SLOT = W5_BYTES <= 16 ? 16 : W5_BYTES <= 32 ? 32 : W5_BYTES <= 64 ? 64 : (W5_BYTES + 15) & ~15 };

static const struct window_spec w5_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 10000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w5_fields[] = {
    { .name = "host",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w5_stored, k0),
      .size = sizeof(((struct w5_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "reduce of note: string\077, ok: bool",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w5_schema = {
    .fields = w5_fields,
    .count = 2,
    .slot_size = W5_SLOT,
    .acc_at = W5_ACC_AT,
    .acc_size = sizeof(struct w5_acc),
    .window = &w5_spec,
};

#line 1322 "job.c"
ALWAYS_INLINE void w5_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w5_stored *key = slot;
    const struct w5_acc *acc = from;
    for (u32 i = 0; i < acc->c0.count; i++) {
        const struct w5_row *row = kept_row(&acc->c0, &w5_kept, i, p->strings);
        c->stages[5].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const struct str v8_3 = key_text_str(&row->f0, p->strings);
    const bool v8_3_null = (row->nulls[0] >> 0 & 1);
    const bool v8_4 = row->f1;
    k12_encode(c, k0, v8_3, v8_3_null, v8_4);
    e12_send(c, p, variant);
    }
}
static const struct window_ops w5_rings;
static inline void w5_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w5_emit(c, key, acc, p, JOB_RINGS);
}
static void w5_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w5_rings, p);
}
static const struct window_ops w5_rings = {
    .keyed = { .slot_size = W5_SLOT,
               .acc_at = W5_ACC_AT,
               .key_equal = w5_key_equal,
               .key_hash = w5_stored_hash,
               .key_keep = w5_key_keep,
               .key_drop = w5_key_drop },
    .acc_size = sizeof(struct w5_acc),
    .merge = w5_merge,
    .drop = w5_drop,
    .adopt = w5_adopt,
    .subtract = NULL,
    .emit = w5_emit_rings,
    .pass = w5_pass_rings,
    .schema = &w5_schema,
};
static const struct window_ops w5_fused;
static inline void w5_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w5_emit(c, key, acc, p, JOB_FUSED);
}
static void w5_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w5_fused, p);
}
static const struct window_ops w5_fused = {
    .keyed = { .slot_size = W5_SLOT,
               .acc_at = W5_ACC_AT,
               .key_equal = w5_key_equal,
               .key_hash = w5_stored_hash,
               .key_keep = w5_key_keep,
               .key_drop = w5_key_drop },
    .acc_size = sizeof(struct w5_acc),
    .merge = w5_merge,
    .drop = w5_drop,
    .adopt = w5_adopt,
    .subtract = NULL,
    .emit = w5_emit_fused,
    .pass = w5_pass_fused,
    .schema = &w5_schema,
};

ALWAYS_INLINE void w5_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w5_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3, const enum job_variant variant) {
    struct w5_acc delta = { 0 };
    w5_update(&delta, c, &w->keyed.region, 0, a0, a1, a2, a2_null, a3);
    const bool took = window_add(c, w, ops, key, hash, a1, &delta);
    w5_drop(&delta, &w->keyed.region);
    if (LIKELY(took)) return;
    c->stages[5].late++;
}
static NOINLINE void w5_elsewhere_rings(struct chain *c, struct window *w, const struct w5_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3) {
    w5_elsewhere(c, w, &w5_rings, key, hash, a0, a1, a2, a2_null, a3, JOB_RINGS);
}
static NOINLINE void w5_elsewhere_fused(struct chain *c, struct window *w, const struct w5_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3) {
    w5_elsewhere(c, w, &w5_fused, key, hash, a0, a1, a2, a2_null, a3, JOB_FUSED);
}
ALWAYS_INLINE void w5_add(struct chain *c, struct window *w, const struct w5_key *key, u64 hash, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a1)) {
        if (variant == JOB_FUSED) w5_elsewhere_fused(c, w, key, hash, a0, a1, a2, a2_null, a3);
        else
            w5_elsewhere_rings(c, w, key, hash, a0, a1, a2, a2_null, a3);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w5_fused : &w5_rings;
    struct w5_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w5_update(acc, c, &w->keyed.region, 0, a0, a1, a2, a2_null, a3);
}
#line 1409 "job.c"

ALWAYS_INLINE void e5_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, struct str a2, bool a2_null, bool a3, const enum job_variant variant) {
    const struct w5_key key = w5_key(run->hash_key, a0);
    const u64 hash = w5_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w5_add(c, run->w5, &key, hash, a0, a1, a2, a2_null, a3, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[5];
    const u32 reader = outlet_reader(o, hash);
    struct e5_row *row = (struct e5_row *)outlet_row(o, reader, sizeof(struct e5_row), a0.size + a2.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2_at = outlet_text(o, reader, a2);
    row->f2_size = (u32)a2.size;
    row->f3 = a3;
    row->nulls[0] = (u8)(a2_null << 0);
}

enum { W4_ACC_AT = (sizeof(struct w4_stored) + 7) & ~7, W4_BYTES = W4_ACC_AT + sizeof(struct w4_acc) };
enum { W4_SLOT = W4_BYTES <= 16 ? 16 : W4_BYTES <= 32 ? 32 : W4_BYTES <= 64 ? 64 : (W4_BYTES + 15) & ~15 };

static const char *const w4_f1_members[] = { "debug", "info", "error" };
static const struct type_enum w4_f1_enum = { .name = "Level",
    .members = w4_f1_members,
    .count = 3 };
static const struct window_spec w4_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 10000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w4_fields[] = {
    { .name = "host",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w4_stored, k0),
      .size = sizeof(((struct w4_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "level",
      .role = STATE_KEY,
      .type = { TYPE_ENUM, .of = &w4_f1_enum },
      .at = offsetof(struct w4_stored, k1),
      .size = sizeof(((struct w4_stored *)0)->k1),
      .null_bit = -1 },
};
static const struct state_schema w4_schema = {
    .fields = w4_fields,
    .count = 2,
    .slot_size = W4_SLOT,
    .acc_at = W4_ACC_AT,
    .acc_size = sizeof(struct w4_acc),
    .window = &w4_spec,
};

#line 1467 "job.c"
ALWAYS_INLINE void w4_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w4_stored *key = slot;
    const struct w4_acc *acc = from;
    c->stages[4].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    k11_encode(c, k0, key->k1, p->start, p->end);
    e11_send(c, p, variant);
}
static const struct window_ops w4_rings;
static inline void w4_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w4_emit(c, key, acc, p, JOB_RINGS);
}
static void w4_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w4_rings, p);
}
static const struct window_ops w4_rings = {
    .keyed = { .slot_size = W4_SLOT,
               .acc_at = W4_ACC_AT,
               .key_equal = w4_key_equal,
               .key_hash = w4_stored_hash,
               .key_keep = w4_key_keep,
               .key_drop = w4_key_drop },
    .acc_size = sizeof(struct w4_acc),
    .merge = w4_merge,
    .subtract = w4_subtract,
    .emit = w4_emit_rings,
    .pass = w4_pass_rings,
    .schema = &w4_schema,
};
static const struct window_ops w4_fused;
static inline void w4_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w4_emit(c, key, acc, p, JOB_FUSED);
}
static void w4_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w4_fused, p);
}
static const struct window_ops w4_fused = {
    .keyed = { .slot_size = W4_SLOT,
               .acc_at = W4_ACC_AT,
               .key_equal = w4_key_equal,
               .key_hash = w4_stored_hash,
               .key_keep = w4_key_keep,
               .key_drop = w4_key_drop },
    .acc_size = sizeof(struct w4_acc),
    .merge = w4_merge,
    .subtract = w4_subtract,
    .emit = w4_emit_fused,
    .pass = w4_pass_fused,
    .schema = &w4_schema,
};

ALWAYS_INLINE void w4_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w4_key *key, u64 hash, struct str a0, u8 a1, i64 a2, const enum job_variant variant) {
    struct w4_acc delta = { 0 };
    w4_update(&delta, a0, a1, a2);
    if (LIKELY(window_add(c, w, ops, key, hash, a2, &delta))) return;
    c->stages[4].late++;
}
static NOINLINE void w4_elsewhere_rings(struct chain *c, struct window *w, const struct w4_key *key, u64 hash, struct str a0, u8 a1, i64 a2) {
    w4_elsewhere(c, w, &w4_rings, key, hash, a0, a1, a2, JOB_RINGS);
}
static NOINLINE void w4_elsewhere_fused(struct chain *c, struct window *w, const struct w4_key *key, u64 hash, struct str a0, u8 a1, i64 a2) {
    w4_elsewhere(c, w, &w4_fused, key, hash, a0, a1, a2, JOB_FUSED);
}
ALWAYS_INLINE void w4_add(struct chain *c, struct window *w, const struct w4_key *key, u64 hash, struct str a0, u8 a1, i64 a2, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a2)) {
        if (variant == JOB_FUSED) w4_elsewhere_fused(c, w, key, hash, a0, a1, a2);
        else
            w4_elsewhere_rings(c, w, key, hash, a0, a1, a2);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w4_fused : &w4_rings;
    struct w4_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w4_update(acc, a0, a1, a2);
}
#line 1542 "job.c"

static NOINLINE void e4_flush(struct chain *c) {
    struct combine *cb = &c->combines[4];
    struct outlet *o = &c->outlets[4];
    for (u32 i = 0; i < cb->count; i++) {
        const struct w4_entry *entry = combine_entry(cb, &w4_combine, i);
        const struct w4_key *key = &entry->key;
        const struct str a0 = key_probe_str(&key->k0);
        const u8 a1 = key->k1;
        const u32 reader = outlet_reader(o, w4_hash(key, c->hash_key));
        struct e4_row *row = (struct e4_row *)outlet_row(o, reader, sizeof(struct e4_row), a0.size);
        row->acc = entry->acc;
        row->slice = cb->slice_start;
        row->f0_at = outlet_text(o, reader, a0);
        row->f0_size = (u32)a0.size;
        row->f1 = a1;
    }
    combine_clear(cb);
}

ALWAYS_INLINE void e4_send(struct chain *c, const struct s0_run *run, struct str a0, u8 a1, i64 a2, const enum job_variant variant) {
    const struct w4_key key = w4_key(run->hash_key, a0, a1);
    const u64 hash = w4_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w4_add(c, run->w4, &key, hash, a0, a1, a2, run->care, JOB_FUSED);
        return;
    }
    struct combine *cb = &c->combines[4];
    struct w4_acc *acc;
    if (cb->aside) {
        struct w4_acc one = { 0 };
        w4_update(&one, a0, a1, a2);
        struct outlet *o = &c->outlets[4];
        const u32 reader = outlet_reader(o, hash);
        struct e4_row *row = (struct e4_row *)outlet_row(o, reader, sizeof(struct e4_row), a0.size);
        row->acc = one;
        row->slice = a2;
        row->f0_at = outlet_text(o, reader, a0);
        row->f0_size = (u32)a0.size;
        row->f1 = a1;
        return;
    }
    while (UNLIKELY(!(acc = combine_slot(cb, &w4_combine, &key, hash, a2, run->care)))) e4_flush(c);
    w4_update(acc, a0, a1, a2);
}

enum { W3_ACC_AT = (sizeof(struct w3_stored) + 7) & ~7, W3_BYTES = W3_ACC_AT + sizeof(struct w3_acc) };
enum { W3_SLOT = W3_BYTES <= 16 ? 16 : W3_BYTES <= 32 ? 32 : W3_BYTES <= 64 ? 64 : (W3_BYTES + 15) & ~15 };

static const struct window_spec w3_spec = {
    .shape = SHAPE_GLOBAL,
};
static const struct state_field w3_fields[] = {
    { .name = "host",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w3_stored, k0),
      .size = sizeof(((struct w3_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "top 1",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
    { .name = "max\050event_time\051",
      .role = STATE_MAX,
      .type = { TYPE_TIMESTAMP },
      .at = 16,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w3_schema = {
    .fields = w3_fields,
    .count = 3,
    .slot_size = W3_SLOT,
    .acc_at = W3_ACC_AT,
    .acc_size = sizeof(struct w3_acc),
    .window = &w3_spec,
};

#line 1624 "job.c"
ALWAYS_INLINE void w3_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w3_stored *key = slot;
    const struct w3_acc *acc = from;
    for (u32 i = 0; i < acc->c0.count; i++) {
        const struct w3_row *row = kept_row(&acc->c0, &w3_kept, i, p->strings);
        c->stages[3].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const struct str v5_1 = k0;
    k10_encode(c, v5_1, acc->c1);
    e10_send(c, p, variant);
    }
}
static const struct window_ops w3_rings;
static inline void w3_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w3_emit(c, key, acc, p, JOB_RINGS);
}
static void w3_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w3_rings, p);
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
    .drop = w3_drop,
    .adopt = w3_adopt,
    .subtract = NULL,
    .emit = w3_emit_rings,
    .pass = w3_pass_rings,
    .schema = &w3_schema,
};
static const struct window_ops w3_fused;
static inline void w3_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w3_emit(c, key, acc, p, JOB_FUSED);
}
static void w3_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w3_fused, p);
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
    .drop = w3_drop,
    .adopt = w3_adopt,
    .subtract = NULL,
    .emit = w3_emit_fused,
    .pass = w3_pass_fused,
    .schema = &w3_schema,
};

ALWAYS_INLINE void w3_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w3_key *key, u64 hash, struct str a0, i64 a1, const enum job_variant variant) {
    struct w3_acc delta = { 0 };
    w3_update(&delta, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1);
    const bool took = window_add(c, w, ops, key, hash, a1, &delta);
    w3_drop(&delta, &w->keyed.region);
    if (LIKELY(took)) return;
    c->stages[3].late++;
}
static NOINLINE void w3_elsewhere_rings(struct chain *c, struct window *w, const struct w3_key *key, u64 hash, struct str a0, i64 a1) {
    w3_elsewhere(c, w, &w3_rings, key, hash, a0, a1, JOB_RINGS);
}
static NOINLINE void w3_elsewhere_fused(struct chain *c, struct window *w, const struct w3_key *key, u64 hash, struct str a0, i64 a1) {
    w3_elsewhere(c, w, &w3_fused, key, hash, a0, a1, JOB_FUSED);
}
ALWAYS_INLINE void w3_add(struct chain *c, struct window *w, const struct w3_key *key, u64 hash, struct str a0, i64 a1, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a1)) {
        if (variant == JOB_FUSED) w3_elsewhere_fused(c, w, key, hash, a0, a1);
        else
            w3_elsewhere_rings(c, w, key, hash, a0, a1);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w3_fused : &w3_rings;
    struct w3_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w3_update(acc, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1);
}
#line 1709 "job.c"

ALWAYS_INLINE void e3_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, const enum job_variant variant) {
    const struct w3_key key = w3_key(run->hash_key, a0);
    const u64 hash = w3_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w3_add(c, run->w3, &key, hash, a0, a1, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[3];
    const u32 reader = outlet_reader(o, hash);
    struct e3_row *row = (struct e3_row *)outlet_row(o, reader, sizeof(struct e3_row), a0.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
}

enum { W2_ACC_AT = (sizeof(struct w2_stored) + 7) & ~7, W2_BYTES = W2_ACC_AT + sizeof(struct w2_acc) };
enum { W2_SLOT = W2_BYTES <= 16 ? 16 : W2_BYTES <= 32 ? 32 : W2_BYTES <= 64 ? 64 : (W2_BYTES + 15) & ~15 };

static const struct window_spec w2_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 10000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w2_fields[] = {
    { .name = "host",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w2_stored, k0),
      .size = sizeof(((struct w2_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "ok",
      .role = STATE_KEY,
      .type = { TYPE_BOOL },
      .at = offsetof(struct w2_stored, k1),
      .size = sizeof(((struct w2_stored *)0)->k1),
      .null_bit = -1 },
    { .name = "top 1 by ratio desc, of equals the latest of note: string\077, ratio: f64",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_schema w2_schema = {
    .fields = w2_fields,
    .count = 3,
    .slot_size = W2_SLOT,
    .acc_at = W2_ACC_AT,
    .acc_size = sizeof(struct w2_acc),
    .window = &w2_spec,
};

#line 1765 "job.c"
ALWAYS_INLINE void w2_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w2_stored *key = slot;
    const struct w2_acc *acc = from;
    for (u32 i = 0; i < acc->c0.count; i++) {
        const struct w2_row *row = kept_row(&acc->c0, &w2_kept, i, p->strings);
        c->stages[2].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const struct str v4_4 = k0;
    const struct str v4_5 = key_text_str(&row->f0, p->strings);
    const bool v4_5_null = (row->nulls[0] >> 0 & 1);
    k9_encode(c, v4_4, v4_5, v4_5_null, p->end);
    e9_send(c, p, variant);
    }
}
static const struct window_ops w2_rings;
static inline void w2_emit_rings(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w2_emit(c, key, acc, p, JOB_RINGS);
}
static void w2_pass_rings(struct chain *c, struct pass *p) {
    window_pass(c, &w2_rings, p);
}
static const struct window_ops w2_rings = {
    .keyed = { .slot_size = W2_SLOT,
               .acc_at = W2_ACC_AT,
               .key_equal = w2_key_equal,
               .key_hash = w2_stored_hash,
               .key_keep = w2_key_keep,
               .key_drop = w2_key_drop },
    .acc_size = sizeof(struct w2_acc),
    .merge = w2_merge,
    .drop = w2_drop,
    .adopt = w2_adopt,
    .subtract = NULL,
    .emit = w2_emit_rings,
    .pass = w2_pass_rings,
    .schema = &w2_schema,
};
static const struct window_ops w2_fused;
static inline void w2_emit_fused(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    w2_emit(c, key, acc, p, JOB_FUSED);
}
static void w2_pass_fused(struct chain *c, struct pass *p) {
    window_pass(c, &w2_fused, p);
}
static const struct window_ops w2_fused = {
    .keyed = { .slot_size = W2_SLOT,
               .acc_at = W2_ACC_AT,
               .key_equal = w2_key_equal,
               .key_hash = w2_stored_hash,
               .key_keep = w2_key_keep,
               .key_drop = w2_key_drop },
    .acc_size = sizeof(struct w2_acc),
    .merge = w2_merge,
    .drop = w2_drop,
    .adopt = w2_adopt,
    .subtract = NULL,
    .emit = w2_emit_fused,
    .pass = w2_pass_fused,
    .schema = &w2_schema,
};

ALWAYS_INLINE void w2_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w2_key *key, u64 hash, struct str a0, bool a1, i64 a2, struct str a3, bool a3_null, double a4, const enum job_variant variant) {
    struct w2_acc delta = { 0 };
    w2_update(&delta, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1, a2, a3, a3_null, a4);
    const bool took = window_add(c, w, ops, key, hash, a2, &delta);
    w2_drop(&delta, &w->keyed.region);
    if (LIKELY(took)) return;
    c->stages[2].late++;
}
static NOINLINE void w2_elsewhere_rings(struct chain *c, struct window *w, const struct w2_key *key, u64 hash, struct str a0, bool a1, i64 a2, struct str a3, bool a3_null, double a4) {
    w2_elsewhere(c, w, &w2_rings, key, hash, a0, a1, a2, a3, a3_null, a4, JOB_RINGS);
}
static NOINLINE void w2_elsewhere_fused(struct chain *c, struct window *w, const struct w2_key *key, u64 hash, struct str a0, bool a1, i64 a2, struct str a3, bool a3_null, double a4) {
    w2_elsewhere(c, w, &w2_fused, key, hash, a0, a1, a2, a3, a3_null, a4, JOB_FUSED);
}
ALWAYS_INLINE void w2_add(struct chain *c, struct window *w, const struct w2_key *key, u64 hash, struct str a0, bool a1, i64 a2, struct str a3, bool a3_null, double a4, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a2)) {
        if (variant == JOB_FUSED) w2_elsewhere_fused(c, w, key, hash, a0, a1, a2, a3, a3_null, a4);
        else
            w2_elsewhere_rings(c, w, key, hash, a0, a1, a2, a3, a3_null, a4);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w2_fused : &w2_rings;
    struct w2_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w2_update(acc, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1, a2, a3, a3_null, a4);
}
#line 1852 "job.c"

ALWAYS_INLINE void e2_send(struct chain *c, const struct s0_run *run, struct str a0, bool a1, i64 a2, struct str a3, bool a3_null, double a4, const enum job_variant variant) {
    const struct w2_key key = w2_key(run->hash_key, a0, a1);
    const u64 hash = w2_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w2_add(c, run->w2, &key, hash, a0, a1, a2, a3, a3_null, a4, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[2];
    const u32 reader = outlet_reader(o, hash);
    struct e2_row *row = (struct e2_row *)outlet_row(o, reader, sizeof(struct e2_row), a0.size + a3.size);
    row->f0_at = outlet_text(o, reader, a0);
    row->f0_size = (u32)a0.size;
    row->f1 = a1;
    row->f2 = a2;
    row->f3_at = outlet_text(o, reader, a3);
    row->f3_size = (u32)a3.size;
    row->f4 = a4;
    row->nulls[0] = (u8)(a3_null << 0);
}

enum { W1_ACC_AT = (sizeof(struct w1_stored) + 7) & ~7, W1_BYTES = W1_ACC_AT + sizeof(struct w1_acc) };
enum { W1_SLOT = W1_BYTES <= 16 ? 16 : W1_BYTES <= 32 ? 32 : W1_BYTES <= 64 ? 64 : (W1_BYTES + 15) & ~15 };

static const struct window_spec w1_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 10000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 60000000000ll,
    .late.rows = 1,
};
static const struct state_field w1_fields[] = {
    { .name = "top 2 by note, took desc of host: string, level: Level in debug, info, error, note: string\077, took: i32\077",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
      .at = 8,
      .size = 8,
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

#line 1902 "job.c"
ALWAYS_INLINE void w1_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w1_stored *key = slot;
    const struct w1_acc *acc = from;
    for (u32 i = 0, rank = 1; i < acc->c0.count; i++) {
        const struct w1_row *row = kept_row(&acc->c0, &w1_kept, i, p->strings);
        rank = i + 1;
        c->stages[1].rows_out++;
    const struct str v3_2 = key_text_str(&row->f0, p->strings);
    const u8 v3_3 = row->f1;
    const i64 v3_4 = (i64)rank;
    k8_encode(c, v3_4, v3_2, v3_3, (i64)p->number);
    e8_send(c, p, variant);
    }
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
               .key_drop = NULL },
    .acc_size = sizeof(struct w1_acc),
    .merge = w1_merge,
    .drop = w1_drop,
    .adopt = w1_adopt,
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
               .key_drop = NULL },
    .acc_size = sizeof(struct w1_acc),
    .merge = w1_merge,
    .drop = w1_drop,
    .adopt = w1_adopt,
    .subtract = NULL,
    .emit = w1_emit_fused,
    .pass = w1_pass_fused,
    .schema = &w1_schema,
};

ALWAYS_INLINE void w1_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w1_key *key, u64 hash, i64 a0, struct str a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, const enum job_variant variant) {
    struct w1_acc delta = { 0 };
    w1_update(&delta, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1, a2, a3, a3_null, a4, a4_null);
    const bool took = window_add(c, w, ops, key, hash, a0, &delta);
    w1_drop(&delta, &w->keyed.region);
    if (LIKELY(took)) return;
    c->stages[1].late++;
}
static NOINLINE void w1_elsewhere_rings(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, i64 a0, struct str a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null) {
    w1_elsewhere(c, w, &w1_rings, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, JOB_RINGS);
}
static NOINLINE void w1_elsewhere_fused(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, i64 a0, struct str a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null) {
    w1_elsewhere(c, w, &w1_fused, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, JOB_FUSED);
}
ALWAYS_INLINE void w1_add(struct chain *c, struct window *w, const struct w1_key *key, u64 hash, i64 a0, struct str a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a0)) {
        if (variant == JOB_FUSED) w1_elsewhere_fused(c, w, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null);
        else
            w1_elsewhere_rings(c, w, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w1_fused : &w1_rings;
    struct w1_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w1_update(acc, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1, a2, a3, a3_null, a4, a4_null);
}
#line 1989 "job.c"

ALWAYS_INLINE void e1_send(struct chain *c, const struct s0_run *run, i64 a0, struct str a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, const enum job_variant variant) {
    const struct w1_key key = w1_key(run->hash_key);
    const u64 hash = w1_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w1_add(c, run->w1, &key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, run->care, JOB_FUSED);
        return;
    }
    struct outlet *o = &c->outlets[1];
    const u32 reader = outlet_reader(o, hash);
    struct e1_row *row = (struct e1_row *)outlet_row(o, reader, sizeof(struct e1_row), a1.size + a3.size);
    row->f0 = a0;
    row->f1_at = outlet_text(o, reader, a1);
    row->f1_size = (u32)a1.size;
    row->f2 = a2;
    row->f3_at = outlet_text(o, reader, a3);
    row->f3_size = (u32)a3.size;
    row->f4 = a4;
    row->position = c->position;
    row->nulls[0] = (u8)(a3_null << 0 | a4_null << 1);
}

enum { W0_ACC_AT = (sizeof(struct w0_stored) + 7) & ~7, W0_BYTES = W0_ACC_AT + sizeof(struct w0_acc) };
enum { W0_SLOT = W0_BYTES <= 16 ? 16 : W0_BYTES <= 32 ? 32 : W0_BYTES <= 64 ? 64 : (W0_BYTES + 15) & ~15 };

static const struct window_spec w0_spec = {
    .shape = SHAPE_FIXED,
    .size_ns = 10000000000ll,
    .slide_ns = 5000000000ll,
    .offset_ns = 0ll,
    .lateness_ns = 0ll,
};
static const struct state_field w0_fields[] = {
    { .name = "host",
      .role = STATE_KEY,
      .type = { TYPE_STRING },
      .at = offsetof(struct w0_stored, k0),
      .size = sizeof(((struct w0_stored *)0)->k0),
      .null_bit = -1 },
    { .name = "top 3 with ties by took desc, ratio of level: Level in debug, info, error, note: string\077, took: i32\077, ratio: f64, ok: bool, event_time: timestamp",
      .role = STATE_ROWS,
      .type = { TYPE_NONE },
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

#line 2045 "job.c"
ALWAYS_INLINE void w0_emit(struct chain *c, const void *slot, const void *from, const struct pane *p, const enum job_variant variant) {
    const struct w0_stored *key = slot;
    const struct w0_acc *acc = from;
    for (u32 i = 0; i < acc->c0.count; i++) {
        const struct w0_row *row = kept_row(&acc->c0, &w0_kept, i, p->strings);
        c->stages[0].rows_out++;
    const struct str k0 = key_text_str(&key->k0, p->strings);
    const struct str v1_3 = k0;
    const u8 v1_4 = row->f0;
    const struct str v1_5 = key_text_str(&row->f1, p->strings);
    const bool v1_5_null = (row->nulls[0] >> 0 & 1);
    const i32 v1_6 = row->f2;
    const bool v1_6_null = (row->nulls[0] >> 1 & 1);
    const double v1_7 = row->f3;
    const bool v1_8 = row->f4;
    const i64 v1_9 = row->f5;
    k7_encode(c, v1_3, v1_4, v1_5, v1_5_null, v1_6, v1_6_null, v1_7, v1_8, v1_9, p->start, p->end);
    e7_send(c, p, variant);
    }
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
    .drop = w0_drop,
    .adopt = w0_adopt,
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
    .drop = w0_drop,
    .adopt = w0_adopt,
    .subtract = NULL,
    .emit = w0_emit_fused,
    .pass = w0_pass_fused,
    .schema = &w0_schema,
};

ALWAYS_INLINE void w0_elsewhere(struct chain *c, struct window *w, const struct window_ops *ops, const struct w0_key *key, u64 hash, struct str a0, i64 a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, double a5, bool a6, const enum job_variant variant) {
    struct w0_acc delta = { 0 };
    w0_update(&delta, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6);
    const bool took = window_add(c, w, ops, key, hash, a1, &delta);
    w0_drop(&delta, &w->keyed.region);
    if (LIKELY(took)) return;
    c->stages[0].late++;
}
static NOINLINE void w0_elsewhere_rings(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, double a5, bool a6) {
    w0_elsewhere(c, w, &w0_rings, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6, JOB_RINGS);
}
static NOINLINE void w0_elsewhere_fused(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, double a5, bool a6) {
    w0_elsewhere(c, w, &w0_fused, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6, JOB_FUSED);
}
ALWAYS_INLINE void w0_add(struct chain *c, struct window *w, const struct w0_key *key, u64 hash, struct str a0, i64 a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, double a5, bool a6, const enum window_care care, const enum job_variant variant) {
    if (care == WINDOW_CHECK && window_elsewhere(w, a1)) {
        if (variant == JOB_FUSED) w0_elsewhere_fused(c, w, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6);
        else
            w0_elsewhere_rings(c, w, key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6);
        return;
    }
    const struct window_ops *ops = variant == JOB_FUSED ? &w0_fused : &w0_rings;
    struct w0_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, key, hash);
    w0_update(acc, c, &w->keyed.region, keyed_arrival(&w->keyed, hash), a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6);
}
#line 2138 "job.c"

ALWAYS_INLINE void e0_send(struct chain *c, const struct s0_run *run, struct str a0, i64 a1, u8 a2, struct str a3, bool a3_null, i32 a4, bool a4_null, double a5, bool a6, const enum job_variant variant) {
    const struct w0_key key = w0_key(run->hash_key, a0);
    const u64 hash = w0_hash(&key, run->hash_key);
    if (variant == JOB_FUSED) {
        w0_add(c, run->w0, &key, hash, a0, a1, a2, a3, a3_null, a4, a4_null, a5, a6, run->care, JOB_FUSED);
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
    row->f4 = a4;
    row->f5 = a5;
    row->f6 = a6;
    row->nulls[0] = (u8)(a3_null << 0 | a4_null << 1);
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
        scratch_reset(&c->scratch);
        w0_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, r->f2, (struct str){ (const char *)base + r->f3_at, r->f3_size }, (r->nulls[0] >> 0 & 1), r->f4, (r->nulls[0] >> 1 & 1), r->f5, r->f6, WINDOW_CHECK, variant);
    }
}
static void e0_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e0_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e1_ahead(const struct window *w, const u8 *base, const struct e1_row *r, u64 hash_key) {
    const struct w1_key key = w1_key(hash_key);
    window_prefetch(w, &w1_rings, w1_hash(&key, hash_key));
}
ALWAYS_INLINE void e1_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e1_row *rows = (const struct e1_row *)from;
    struct window *w = c->states[1];
    const u64 hash_key = c->hash_key;
    for (const struct e1_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e1_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w1_key key = w1_key(hash_key);
        const u64 hash = w1_hash(&key, hash_key);
        c->position = r->position;
        scratch_reset(&c->scratch);
        w1_add(c, w, &key, hash, r->f0, (struct str){ (const char *)base + r->f1_at, r->f1_size }, r->f2, (struct str){ (const char *)base + r->f3_at, r->f3_size }, (r->nulls[0] >> 0 & 1), r->f4, (r->nulls[0] >> 1 & 1), WINDOW_CHECK, variant);
    }
}
static void e1_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e1_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e2_ahead(const struct window *w, const u8 *base, const struct e2_row *r, u64 hash_key) {
    const struct w2_key key = w2_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1);
    window_prefetch(w, &w2_rings, w2_hash(&key, hash_key));
}
ALWAYS_INLINE void e2_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e2_row *rows = (const struct e2_row *)from;
    struct window *w = c->states[2];
    const u64 hash_key = c->hash_key;
    for (const struct e2_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e2_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w2_key key = w2_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1);
        const u64 hash = w2_hash(&key, hash_key);
        scratch_reset(&c->scratch);
        w2_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, r->f2, (struct str){ (const char *)base + r->f3_at, r->f3_size }, (r->nulls[0] >> 0 & 1), r->f4, WINDOW_CHECK, variant);
    }
}
static void e2_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e2_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e3_ahead(const struct window *w, const u8 *base, const struct e3_row *r, u64 hash_key) {
    const struct w3_key key = w3_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
    window_prefetch(w, &w3_rings, w3_hash(&key, hash_key));
}
ALWAYS_INLINE void e3_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e3_row *rows = (const struct e3_row *)from;
    struct window *w = c->states[3];
    const u64 hash_key = c->hash_key;
    for (const struct e3_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e3_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w3_key key = w3_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w3_hash(&key, hash_key);
        scratch_reset(&c->scratch);
        w3_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, WINDOW_CHECK, variant);
    }
}
static void e3_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e3_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e4_ahead(const struct window *w, const u8 *base, const struct e4_row *r, u64 hash_key) {
    const struct w4_key key = w4_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1);
    window_prefetch(w, &w4_rings, w4_hash(&key, hash_key));
}
ALWAYS_INLINE void e4_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e4_row *rows = (const struct e4_row *)from;
    struct window *w = c->states[4];
    const u64 hash_key = c->hash_key;
    for (const struct e4_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e4_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w4_key key = w4_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1);
        const u64 hash = w4_hash(&key, hash_key);
        scratch_reset(&c->scratch);
        if (window_elsewhere(w, r->slice)) {
            if (!window_add(c, w, &w4_rings, &key, hash, r->slice, &r->acc)) c->stages[4].late += r->acc.rows;
            continue;
        }
        w4_merge(c, &w->keyed.region, window_slot(w, &w4_rings, &key, hash), &r->acc);
    }
}
static void e4_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e4_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e5_ahead(const struct window *w, const u8 *base, const struct e5_row *r, u64 hash_key) {
    const struct w5_key key = w5_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
    window_prefetch(w, &w5_rings, w5_hash(&key, hash_key));
}
ALWAYS_INLINE void e5_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e5_row *rows = (const struct e5_row *)from;
    struct window *w = c->states[5];
    const u64 hash_key = c->hash_key;
    for (const struct e5_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e5_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w5_key key = w5_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w5_hash(&key, hash_key);
        scratch_reset(&c->scratch);
        w5_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, (struct str){ (const char *)base + r->f2_at, r->f2_size }, (r->nulls[0] >> 0 & 1), r->f3, WINDOW_CHECK, variant);
    }
}
static void e5_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e5_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void e6_ahead(const struct window *w, const u8 *base, const struct e6_row *r, u64 hash_key) {
    const struct w6_key key = w6_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
    window_prefetch(w, &w6_rings, w6_hash(&key, hash_key));
}
ALWAYS_INLINE void e6_take(struct chain *c, const u8 *base, const u8 *from, u32 count, const enum job_variant variant) {
    const struct e6_row *rows = (const struct e6_row *)from;
    struct window *w = c->states[6];
    const u64 hash_key = c->hash_key;
    for (const struct e6_row *r = rows, *end = rows + count; r < end; r++) {
        if (w->far && end - r > WINDOW_AHEAD) e6_ahead(w, base, r + WINDOW_AHEAD, hash_key);
        const struct w6_key key = w6_key(hash_key, (struct str){ (const char *)base + r->f0_at, r->f0_size });
        const u64 hash = w6_hash(&key, hash_key);
        scratch_reset(&c->scratch);
        w6_add(c, w, &key, hash, (struct str){ (const char *)base + r->f0_at, r->f0_size }, r->f1, (struct str){ (const char *)base + r->f2_at, r->f2_size }, (r->nulls[0] >> 0 & 1), (r->nulls[0] >> 1 & 1), WINDOW_CHECK, variant);
    }
}
static void e6_rows_rings(struct chain *c, const u8 *base, const u8 *row, u32 count) {
    e6_take(c, base, row, count, JOB_RINGS);
}

ALWAYS_INLINE void s0_chain(struct chain *c, struct s0_run *run, struct str c0, u8 c1, struct str c2, bool c2_null, i32 c3, bool c3_null, double c4, bool c5, i64 c6, const enum job_variant variant) {
#line 4 "rows.flow"
    const i64 t = c6;
     {
#line 6 "rows.flow"
        e0_send(c, run, c0, t, c1, c2, c2_null, c3, c3_null, c4, c5, variant);
    }
     {
#line 7 "rows.flow"
        e1_send(c, run, t, c0, c1, c2, c2_null, c3, c3_null, variant);
    }
     {
#line 8 "rows.flow"
        e2_send(c, run, c0, c5, t, c2, c2_null, c4, variant);
    }
     {
#line 9 "rows.flow"
        e3_send(c, run, c0, t, variant);
    }
     {
#line 10 "rows.flow"
        e4_send(c, run, c0, c1, t, variant);
    }
     {
#line 12 "rows.flow"
        e5_send(c, run, c0, t, c2, c2_null, c5, variant);
    }
     {
#line 13 "rows.flow"
        e6_send(c, run, c0, t, c2, c2_null, c5, variant);
    }
}
#line 2339 "job.c"

static NOINLINE i64 s0_mark(struct chain *c, i64 top, i64 t) {
    c->top = top;
    return chain_mark(c, t);
}
ALWAYS_INLINE void s0_after(struct chain *c, struct s0_run *run, struct str c0, u8 c1, struct str c2, bool c2_null, i32 c3, bool c3_null, double c4, bool c5, i64 c6) {
#line 4 "rows.flow"
    const i64 t = c6;
    if (LIKELY(t < run->mark_next)) {
        run->top = t > run->top ? t : run->top;
    } else {
        run->mark_next = s0_mark(c, run->top, t);
        run->top = c->top; /* with this row's time, if it is not too far ahead */
    }
}
#line 2355 "job.c"

ALWAYS_INLINE void s0_row(struct chain *c, struct s0_run *run, struct str c0, u8 c1, struct str c2, bool c2_null, i32 c3, bool c3_null, double c4, bool c5, i64 c6, const enum job_variant variant) {
    c->position = run->position;
    s0_chain(c, run, c0, c1, c2, c2_null, c3, c3_null, c4, c5, c6, variant);
    run->rows++;
    s0_after(c, run, c0, c1, c2, c2_null, c3, c3_null, c4, c5, c6);
}

ALWAYS_INLINE void s0_malformed(struct chain *c, struct s0_run *run, const struct extent *x, u64 at, u64 size, const char *reason, const enum job_variant variant) {
    c->position = run->position;
    run->care = WINDOW_CHECK;
    if (!chain_malformed(c, x, at, size, reason)) {
        run->stopped = true;
        return;
    }
}
#line 2372 "job.c"

struct s0_columns {
    struct str c0;
    u8 c1;
    struct str c2;
    bool c2_null;
    i32 c3;
    bool c3_null;
    double c4;
    bool c5;
    i64 c6;
};
static const char s0_blank[] = ""; /* there is no record */
static NOINLINE const char *s0_exact(struct chain *c, const struct extent *x, u64 at, u64 *size, struct s0_columns *row) {
    const char *bad = NULL;
    struct str c0 = { 0 };
    u8 c1 = 0;
    struct str c2 = { 0 };
    bool c2_null = true;
    i32 c3 = 0;
    bool c3_null = true;
    double c4 = 0;
    bool c5 = 0;
    i64 c6 = 0;
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
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`host` is not valid UTF-8";
                break;
            case 1:
                if (kind == CSV_EMPTY && !bad) bad = "`level` is empty";
                if (!bad && !n0_parse(s, &c1)) bad = "`level` is no Level";
                break;
            case 2:
                if (kind == CSV_EMPTY) break;
                c2_null = false;
                c2 = s;
                if (!bad && !x->utf8_checked && !utf8_valid((const u8 *)s.at, s.size)) bad = "`note` is not valid UTF-8";
                break;
            case 3:
                if (kind == CSV_EMPTY) break;
                c3_null = false;
                if (!bad && !parse_i32(s.at, s.size, &c3)) bad = "`took` is no i32";
                break;
            case 4:
                if (kind == CSV_EMPTY && !bad) bad = "`ratio` is empty";
                if (!bad && !parse_f64(s.at, s.size, &c4)) bad = "`ratio` is no f64";
                break;
            case 5:
                if (kind == CSV_EMPTY && !bad) bad = "`ok` is empty";
                if (!bad && !parse_bool(s.at, s.size, &c5)) bad = "`ok` is no bool";
                break;
            case 6:
                if (kind == CSV_EMPTY && !bad) bad = "`time` is empty";
                if (!bad && !parse_timestamp(s.at, s.size, &c6)) bad = "`time` is no timestamp";
                break;
        }
    }
    if (!bad && field > 7) bad = "more than 7 fields";
    if (!bad && field <= 0) bad = "`host` is missing";
    if (!bad && field <= 1) bad = "`level` is missing";
    if (!bad && field <= 4) bad = "`ratio` is missing";
    if (!bad && field <= 5) bad = "`ok` is missing";
    if (!bad && field <= 6) bad = "`time` is missing";
    *size = record.size;
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c2_null = c2_null;
    row->c3 = c3;
    row->c3_null = c3_null;
    row->c4 = c4;
    row->c5 = c5;
    row->c6 = c6;
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
    const struct str c2 = { (const char *)c2_from, (u64)(c2_to - c2_from) };
    const u8 *c3_from = p + f[2] + 1, *c3_to = p + f[3];
    const bool c3_null = c3_from == c3_to;
    u64 c3_bad = 0;
    const bool c3_minus = *c3_from == '-';
    const u64 c3_digits = digits_padded(c3_to, (u64)(c3_to - c3_from) - c3_minus, &c3_bad);
    c3_bad |= c3_digits > 2147483647ull + c3_minus;
    const i32 c3 = (i32)(c3_minus ? 0 - c3_digits : c3_digits);
    bad |= c3_null ? 0 : c3_bad;
    const u8 *c4_from = p + f[3] + 1, *c4_to = p + f[4];
    double c4 = 0;
    bad |= !parse_f64(c4_from, (u64)(c4_to - c4_from), &c4);
    const u8 *c5_from = p + f[4] + 1, *c5_to = p + f[5];
    bool c5 = 0;
    bad |= !parse_bool(c5_from, (u64)(c5_to - c5_from), &c5);
    const u8 *c6_from = p + f[5] + 1, *c6_to = csv_last_end(p + f[6]);
    i64 c6 = 0;
    bad |= !parse_timestamp(c6_from, (u64)(c6_to - c6_from), &c6);
    row->c0 = c0;
    row->c1 = c1;
    row->c2 = c2;
    row->c2_null = c2_null;
    row->c3 = c3;
    row->c3_null = c3_null;
    row->c4 = c4;
    row->c5 = c5;
    row->c6 = c6;
    return LIKELY(!bad);
}

ALWAYS_INLINE void s0_morsel(struct chain *c, const struct extent *x, const enum job_variant variant) {
    u32 ends[SCAN_ENDS];
    struct s0_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = c->hash_key };
    if (variant == JOB_FUSED) run.w0 = c->states[0];
    if (variant == JOB_FUSED) run.w1 = c->states[1];
    if (variant == JOB_FUSED) run.w2 = c->states[2];
    if (variant == JOB_FUSED) run.w3 = c->states[3];
    if (variant == JOB_FUSED) run.w4 = c->states[4];
    if (variant == JOB_FUSED) run.w5 = c->states[5];
    if (variant == JOB_FUSED) run.w6 = c->states[6];
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
            const bool regular = scan_is_regular(p, ends, scan, 7);
            const bool utf8 = x->utf8_checked || !(scan.flags & SCAN_HIGH) || utf8_valid(p, scan_whole(p, ends, scan));
            u32 places = 1;
            for (start = 0; places && !run.stopped; f += places) {
                places = regular ? (last - f >= 7 ? 7 : 0) : scan_places(p, f, last);
                if (!places && start) break; /* the next piece begins with it; else it is longer, or the last */
                scratch_reset(&c->scratch);
                u64 size = places ? f[places - 1] + 1 - start : 0;
                const char *bad = NULL;
                struct s0_columns row;
                if (UNLIKELY(places != 7 || !utf8 || ((scan.flags & SCAN_QUOTE) && csv_has_quote(p + start, size)) || !s0_fast(p, start, f, &row))) {
                    struct s0_columns exact; /* so that the row stays in registers */
                    bad = s0_exact(c, x, at + start, &size, &exact);
                    row = exact;
                }
                if (LIKELY(!bad)) {
                    s0_row(c, &run, row.c0, row.c1, row.c2, row.c2_null, row.c3, row.c3_null, row.c4, row.c5, row.c6, variant);
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
    e4_flush(c);
}

static const struct job_option s0_options[] = {
    { "path", JOB_OPTION_LITERAL, "events.csv" },
    { "format", JOB_OPTION_LITERAL, "csv" },
};
LEND(s0_morsel_fused)
static const struct job_bound s0_bounds[] = {
    { 5000000000ll, 0ll },
};
static const struct job_source sources[] = {
    [0] = {
        .name = "events",
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
        .flush = s0_flush,
    },
};

static const u32 inputs0[] = { 0 };
LEND(w0_fused)
static const u32 inputs1[] = { 1 };
LEND(w1_fused)
static const u32 inputs2[] = { 2 };
LEND(w2_fused)
static const u32 inputs3[] = { 3 };
LEND(w3_fused)
static const u32 inputs4[] = { 4 };
LEND(w4_fused)
static const u32 inputs5[] = { 5 };
LEND(w5_fused)
static const u32 inputs6[] = { 6 };
LEND(w6_fused)
static const struct job_option k7_options[] = {
    { "path", JOB_OPTION_LITERAL, "slow.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs7[] = { 7 };
static const struct job_option k8_options[] = {
    { "path", JOB_OPTION_LITERAL, "ranked.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs8[] = { 8 };
static const struct job_option k9_options[] = {
    { "path", JOB_OPTION_LITERAL, "newest.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs9[] = { 9 };
static const struct job_option k10_options[] = {
    { "path", JOB_OPTION_LITERAL, "oldest.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs10[] = { 10 };
static const struct job_option k11_options[] = {
    { "path", JOB_OPTION_LITERAL, "levels.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs11[] = { 11 };
static const struct job_option k12_options[] = {
    { "path", JOB_OPTION_LITERAL, "joined.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs12[] = { 12 };
static const struct job_option k13_options[] = {
    { "path", JOB_OPTION_LITERAL, "texts.jsonl" },
    { "format", JOB_OPTION_LITERAL, "json" },
};
static const u32 inputs13[] = { 13 };
static const struct job_stage stages[] = {
    [0] = {
        .name = "slow/top",
        .kind = JOB_KEEPER,
        .line = 6,
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
        .name = "ranked/top",
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
        .name = "newest/last",
        .kind = JOB_KEEPER,
        .line = 8,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs2,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w2_spec,
        .schema = &w2_schema,
        .ops = { [JOB_RINGS] = &w2_rings, [JOB_FUSED] = &FUSED(w2_fused) },
    },
    [3] = {
        .name = "oldest/first",
        .kind = JOB_KEEPER,
        .line = 9,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs3,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w3_spec,
        .schema = &w3_schema,
        .ops = { [JOB_RINGS] = &w3_rings, [JOB_FUSED] = &FUSED(w3_fused) },
    },
    [4] = {
        .name = "levels/distinct",
        .kind = JOB_KEEPER,
        .line = 10,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs4,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w4_spec,
        .schema = &w4_schema,
        .ops = { [JOB_RINGS] = &w4_rings, [JOB_FUSED] = &FUSED(w4_fused) },
    },
    [5] = {
        .name = "joined/reduce",
        .kind = JOB_KEEPER,
        .line = 12,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs5,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w5_spec,
        .schema = &w5_schema,
        .ops = { [JOB_RINGS] = &w5_rings, [JOB_FUSED] = &FUSED(w5_fused) },
    },
    [6] = {
        .name = "texts/aggregate",
        .kind = JOB_KEEPER,
        .line = 13,
        .parallel = 0,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs6,
        .input_count = 1,
        .keeper = &window_keeper,
        .window = &w6_spec,
        .schema = &w6_schema,
        .ops = { [JOB_RINGS] = &w6_rings, [JOB_FUSED] = &FUSED(w6_fused) },
    },
    [7] = {
        .name = "slow/file",
        .kind = JOB_SINK,
        .line = 15,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs7,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k7_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [8] = {
        .name = "ranked/file",
        .kind = JOB_SINK,
        .line = 16,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs8,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k8_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [9] = {
        .name = "newest/file",
        .kind = JOB_SINK,
        .line = 17,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs9,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k9_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [10] = {
        .name = "oldest/file",
        .kind = JOB_SINK,
        .line = 18,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs10,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k10_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [11] = {
        .name = "levels/file",
        .kind = JOB_SINK,
        .line = 19,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs11,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k11_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [12] = {
        .name = "joined/file",
        .kind = JOB_SINK,
        .line = 20,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs12,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k12_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
    [13] = {
        .name = "texts/file",
        .kind = JOB_SINK,
        .line = 21,
        .parallel = 1,
        .on_core = -1,
        .on_node = -1,
        .inputs = inputs13,
        .input_count = 1,
        .sink = { .connector = "file",
            .format = "json",
            .options = k13_options,
            .option_count = 2,
            .row_bytes = 0,
            .header = false,
            .delimiter = 44,
            .head = NULL },
    },
};

static const u16 e0_texts[] = { 16, 24 };
static const u16 e1_texts[] = { 8, 16 };
static const u16 e2_texts[] = { 16, 24 };
static const u16 e3_texts[] = { 8 };
static const u16 e4_texts[] = { 16 };
static const u16 e5_texts[] = { 8, 16 };
static const u16 e6_texts[] = { 8, 16 };
static const u16 e7_texts[] = { 0 };
static const u16 e8_texts[] = { 0 };
static const u16 e9_texts[] = { 0 };
static const u16 e10_texts[] = { 0 };
static const u16 e11_texts[] = { 0 };
static const u16 e12_texts[] = { 0 };
static const u16 e13_texts[] = { 0 };
static const struct job_edge edges[] = {
    [0] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 0,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 40,
        .texts = e0_texts,
        .text_count = 2,
        .position_at = -1,
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
        .text_count = 2,
        .position_at = 24,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e1_rows_rings },
    },
    [2] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 2,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 40,
        .texts = e2_texts,
        .text_count = 2,
        .position_at = -1,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e2_rows_rings },
    },
    [3] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 3,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 16,
        .texts = e3_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e3_rows_rings },
    },
    [4] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 4,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 32,
        .texts = e4_texts,
        .text_count = 1,
        .position_at = -1,
        .shard_at = -1,
        .combine = &w4_combine,
        .rows = { [JOB_RINGS] = e4_rows_rings },
    },
    [5] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 5,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 32,
        .texts = e5_texts,
        .text_count = 2,
        .position_at = -1,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e5_rows_rings },
    },
    [6] = {
        .from_source = true,
        .from = 0,
        .port = 0,
        .to = 6,
        .input = 0,
        .route = ROUTE_KEY,
        .row_bytes = 32,
        .texts = e6_texts,
        .text_count = 2,
        .position_at = -1,
        .shard_at = -1,
        .rows = { [JOB_RINGS] = e6_rows_rings },
    },
    [7] = {
        .from_source = false,
        .from = 0,
        .port = 0,
        .to = 7,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e7_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [8] = {
        .from_source = false,
        .from = 1,
        .port = 0,
        .to = 8,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e8_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [9] = {
        .from_source = false,
        .from = 2,
        .port = 0,
        .to = 9,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e9_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [10] = {
        .from_source = false,
        .from = 3,
        .port = 0,
        .to = 10,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e10_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [11] = {
        .from_source = false,
        .from = 4,
        .port = 0,
        .to = 11,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e11_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [12] = {
        .from_source = false,
        .from = 5,
        .port = 0,
        .to = 12,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e12_texts,
        .text_count = 1,
        .position_at = 8,
        .shard_at = 12,
    },
    [13] = {
        .from_source = false,
        .from = 6,
        .port = 0,
        .to = 13,
        .input = 0,
        .route = ROUTE_ONE,
        .row_bytes = 16,
        .texts = e13_texts,
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
    .name = "rows",
    .param_count = 0,
    .sources = sources,
    .source_count = 1,
    .stages = stages,
    .stage_count = 14,
    .edges = edges,
    .edge_count = 14,
    .table_count = 0,
    .regex_count = 0,
    .blackhole_count = 0,
    .can_fuse = true,
    .parallelism = 0,
    .memory_bytes = 0ull,
    .snapshots = { 0ll, JOB_GUARANTEE_UNSET, 600000000000ll, 0ll, 10u, 3u },
};
#endif
