#include "runtime/state/keyed.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define HOMES_LEAST 8u
#define HOMES_CLOSE 512u

static u32 homes_of(const struct keyed_range *g) {
    return 1u << (64 - g->shift);
}

/* Half full; a quarter while all shards of that size stay in L2, where probing costs more than
 * room. */
static u32 most_used(u32 homes) {
    return homes <= HOMES_CLOSE ? homes / 4 : homes / 2;
}

static void range_make(struct keyed *k, const struct keyed_ops *ops, struct keyed_range *g,
                       u32 homes) {
    *g = (struct keyed_range){ .shift = 64 - (u32)__builtin_ctz(homes) };
    u64 bytes = (u64)keyed_slots(g) * ops->slot_size;
    g->at = region_alloc(&k->region, bytes);
    memset(g->at, 0, bytes);
    k->bytes += bytes;
}

static void range_drop(struct keyed *k, const struct keyed_ops *ops, struct keyed_range *g) {
    u64 bytes = (u64)keyed_slots(g) * ops->slot_size;
    region_free(&k->region, g->at, bytes);
    k->bytes -= bytes;
}

int keyed_open(struct keyed *k, const struct keyed_ops *ops, u32 first, u32 count, u64 hash_key,
               struct budget *budget) {
    ENSURE(first + count <= KEYED_SHARDS && ops->slot_size % 8 == 0 && ops->acc_at % 8 == 0);
    *k = (struct keyed){ .hash_key = hash_key, .first = first, .count = count };
    if (region_open(&k->region, budget) < 0) return -1;
    for (u32 s = first; s < first + count; s++) range_make(k, ops, &k->ranges[s], HOMES_LEAST);
    return 0;
}

void keyed_close(struct keyed *k) {
    region_close(&k->region);
    *k = (struct keyed){ 0 };
}

/* Puts the slots of `from` that are in keep (null: all) into `to`, in their order. False: `to` is
 * too small. */
static bool fill_range(struct keyed *k, const struct keyed_ops *ops, const struct keyed_range *from,
                       struct keyed_range *to, const u64 *keep, u32 *moved) {
    u32 before = keyed_slots(from), last = keyed_slots(to) - 1;
    for (u32 i = 0; i < before; i++) {
        const u8 *slot = from->at + (u64)i * ops->slot_size;
        moved[i] = KEYED_GONE;
        if (!(keyed_rows(slot, ops) & KEYED_USED) || (keep && !(keep[i / 64] >> i % 64 & 1)))
            continue;
        u64 hash = ops->key_hash(slot, k->hash_key, &k->region);
        u32 at = (u32)(hash << KEYED_SHARD_BITS >> to->shift);
        while (keyed_rows(to->at + (u64)at * ops->slot_size, ops) & KEYED_USED) at++;
        if (at == last) return false;
        memcpy(to->at + (u64)at * ops->slot_size, slot, ops->slot_size);
        moved[i] = at;
        to->used++;
    }
    return true;
}

static void rebuild(struct keyed *k, const struct keyed_ops *ops, u32 shard, u32 homes,
                    const u64 *keep) {
    struct keyed_range from = k->ranges[shard], to;
    u32 before = keyed_slots(&from);
    u32 *moved = malloc(before * sizeof *moved);
    ENSURE(moved);
    range_make(k, ops, &to, homes);
    while (!fill_range(k, ops, &from, &to, keep, moved)) {
        range_drop(k, ops, &to);
        range_make(k, ops, &to, homes *= 2);
    }
    for (u32 i = 0; keep && ops->key_drop && i < before; i++) {
        u8 *slot = from.at + (u64)i * ops->slot_size;
        if (moved[i] == KEYED_GONE && keyed_rows(slot, ops) & KEYED_USED)
            ops->key_drop(slot, &k->region);
    }
    k->ranges[shard] = to;
    if (k->moved) k->moved(k->self, shard, moved, before);
    range_drop(k, ops, &from);
    free(moved);
}

/* Where a new key goes whose probe ended at `slot`: touched, all zero but that it is used. */
static u8 *make_room(struct keyed *k, const struct keyed_ops *ops, u8 *slot, u64 hash) {
    u32 shard = keyed_shard(hash);
    struct keyed_range *g = &k->ranges[shard];
    ENSURE(shard - k->first < k->count);
    while (g->used + 1 > most_used(homes_of(g)) ||
           slot == g->at + (u64)(keyed_slots(g) - 1) * ops->slot_size) {
        rebuild(k, ops, shard, homes_of(g) * 2, NULL);
        slot = keyed_home(k, ops, hash);
        while (keyed_rows(slot, ops) & KEYED_USED) slot += ops->slot_size;
    }
    region_touch_run(&k->region, slot, ops->slot_size);
    memset(slot, 0, ops->slot_size);
    u64 rows = KEYED_USED;
    memcpy(slot + ops->acc_at, &rows, 8);
    g->used++;
    return slot;
}

NOINLINE void *keyed_add(struct keyed *k, const struct keyed_ops *ops, u8 *slot, const void *key,
                         u64 hash) {
    slot = make_room(k, ops, slot, hash);
    ops->key_keep(slot, key, &k->region);
    return slot;
}

u8 *keyed_replace(struct keyed *k, const struct keyed_ops *ops, u32 shard, u32 shift) {
    struct keyed_range *g = &k->ranges[shard];
    ENSURE(shard - k->first < k->count && !g->used);
    range_drop(k, ops, g);
    g->shift = shift;
    u64 bytes = (u64)keyed_slots(g) * ops->slot_size;
    g->at = region_alloc(&k->region, bytes);
    k->bytes += bytes;
    return g->at;
}

void *keyed_put(struct keyed *k, const struct keyed_ops *ops, const void *slot_key, u64 hash) {
    u8 *slot = keyed_home(k, ops, hash);
    while (keyed_rows(slot, ops) & KEYED_USED) slot += ops->slot_size;
    slot = make_room(k, ops, slot, hash);
    memcpy(slot, slot_key, ops->acc_at);
    return slot;
}

void keyed_touch_all(struct keyed *k, const struct keyed_ops *ops) {
    for (u32 s = k->first; s < k->first + k->count; s++)
        region_touch_run(&k->region, k->ranges[s].at,
                         (u64)keyed_slots(&k->ranges[s]) * ops->slot_size);
}

void keyed_evict(struct keyed *k, const struct keyed_ops *ops, u32 shard, const u64 *keep) {
    const struct keyed_range *g = &k->ranges[shard];
    u32 left = 0, homes = HOMES_LEAST;
    for (u32 i = 0, n = keyed_slots(g); i < (n + 63) / 64; i++)
        left += (u32)__builtin_popcountll(keep[i]);
    while (most_used(homes) < left * 2) homes *= 2;
    rebuild(k, ops, shard, homes, keep);
}
