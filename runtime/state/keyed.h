/* What is remembered by key: slots in 128 shards, by the high bits of the key's hash. A shard is a
   range of slots in the region: 2^n homes, found by the hash's next bits, and some spare slots
   behind them, so that linear probing needs no wrap. It doubles by itself, when half full or when
   probing comes to its end, and its slots then go in their order to the new range: so their order
   depends on nothing but the order in which keys came to that shard, and serves as canonical order
   (architecture.md 3), whichever task owns the shard.

   A slot is the key, in whatever form its owner stores it, and the owner's accumulators behind it,
   which begin with a u64 `rows`: bit 63 says that the slot is used. Functions that take struct
   keyed_ops and are inline are for literal ops, so that they specialise; a hit costs one cache
   line. One worker at a time. */
#ifndef RUNTIME_STATE_KEYED_H
#define RUNTIME_STATE_KEYED_H

#include "runtime/base/base.h"
#include "runtime/state/region.h"

#define KEYED_SHARDS 128u
#define KEYED_SHARD_BITS 7u
#define KEYED_USED (1ull << 63)
#define KEYED_GONE UINT32_MAX

struct keyed_ops {
    u32 slot_size; /* a power of two up to 64 keeps a slot in one line; else a multiple of 16 */
    u32 acc_at;    /* where the accumulators begin: a multiple of 8 */
    bool (*key_equal)(const void *slot_key, const void *key, const struct region *region);
    u64 (*key_hash)(const void *slot_key, u64 hash_key,
                    const struct region *region); /* when a shard grows */
    void (*key_keep)(void *slot_key, const void *key,
                     struct region *region); /* stores a new key: see key_text.h */
    void (*key_drop)(void *slot_key,
                     struct region *region); /* null if keys hold nothing in the region */
};

struct keyed_range {
    u8 *at;
    u32 shift; /* 2^(64 - shift) homes */
    u32 used;
};

_Static_assert(sizeof(struct keyed_range) == 16, "keyed_home shifts by 4");

struct keyed {
    struct region region;
    struct keyed_range ranges[KEYED_SHARDS]; /* those of other tasks: all zero */
    u64 arrivals[KEYED_SHARDS]; /* rows that came to each shard, of stages that ask: keyed_arrival
                                 */
    u64 hash_key;
    u64 bytes;        /* of all ranges */
    u32 first, count; /* the shards of this task */
    /* The slots of a shard have moved: slot i of `before` is now slot to[i], or KEYED_GONE. */
    void (*moved)(void *self, u32 shard, const u32 *to, u32 before);
    void *self;
};

/* Shards [first, first + count) with a few slots each. -1 with an error trail. */
int keyed_open(struct keyed *k, const struct keyed_ops *ops, u32 first, u32 count, u64 hash_key,
               struct budget *budget);
void keyed_close(struct keyed *k);

/* Slots of a range, spare ones included. The last one is never used: probing stops there. */
ALWAYS_INLINE u32 keyed_slots(const struct keyed_range *g) {
    u32 homes = 1u << (64 - g->shift), spare = homes / 8;
    return homes + (spare < 8 ? 8 : spare > 64 ? 64 : spare);
}

ALWAYS_INLINE u32 keyed_shard(u64 hash) {
    return (u32)(hash >> (64 - KEYED_SHARD_BITS));
}

/* The number of a row that arrives, in the order of its shard, which is that of its key too:
   whichever task has the shard. Saved with it. */
ALWAYS_INLINE u64 keyed_arrival(struct keyed *k, u64 hash) {
    return ++k->arrivals[keyed_shard(hash)];
}

ALWAYS_INLINE u8 *keyed_home(const struct keyed *k, const struct keyed_ops *ops, u64 hash) {
    const u8 *range = (const u8 *)k->ranges + /* one shift for shard and offset */
                      (hash >> (64 - KEYED_SHARD_BITS - 4) & (KEYED_SHARDS - 1) << 4);
    const struct keyed_range *g = (const struct keyed_range *)range;
    return g->at + (hash << KEYED_SHARD_BITS >> g->shift) * ops->slot_size;
}

ALWAYS_INLINE u64 keyed_rows(const void *slot, const struct keyed_ops *ops) {
    u64 rows;
    __builtin_memcpy(&rows, (const u8 *)slot + ops->acc_at, 8);
    return rows;
}

/* Stores a new key, whose probe ended at `slot`; grows the shard if need be. All accumulators zero.
 */
void *keyed_add(struct keyed *k, const struct keyed_ops *ops, u8 *slot, const void *key, u64 hash);

/* The slot of key, a new one if it is not there. Valid until the next call. Before it is written
   to, it must have been touched. */
ALWAYS_INLINE void *keyed_find(struct keyed *k, const struct keyed_ops *ops, const void *key,
                               u64 hash) {
    u8 *slot = keyed_home(k, ops, hash);
    for (;; slot += ops->slot_size) {
        bool used = keyed_rows(slot, ops) & KEYED_USED;
        if (LIKELY(used & ops->key_equal(slot, key, &k->region))) return slot;
        if (UNLIKELY(!used)) return keyed_add(k, ops, slot, key, hash);
    }
}

/* The same, touched. */
ALWAYS_INLINE void *keyed_upsert(struct keyed *k, const struct keyed_ops *ops, const void *key,
                                 u64 hash) {
    void *slot = keyed_find(k, ops, key, hash);
    region_touch(&k->region, slot, ops->slot_size);
    return slot;
}

/* Touches all slots, those that keys will yet get included: until the next barrier none needs to be
   touched again. */
void keyed_touch_all(struct keyed *k, const struct keyed_ops *ops);

/* Gives the shard, which has no keys yet, 2^(64 - shift) homes, and returns its slots, whose bytes
   (all keyed_slots of them) and range.used are up to the caller. */
u8 *keyed_replace(struct keyed *k, const struct keyed_ops *ops, u32 shard, u32 shift);

/* Adds a key in its stored form that is not there; what it holds in the region is its own already.
   All accumulators zero. */
void *keyed_put(struct keyed *k, const struct keyed_ops *ops, const void *slot_key, u64 hash);

/* Makes the shard anew with the keys whose slots are in `keep` (a bit a slot), in their order. */
void keyed_evict(struct keyed *k, const struct keyed_ops *ops, u32 shard, const u64 *keep);

#endif
