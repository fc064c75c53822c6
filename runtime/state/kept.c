#include "runtime/state/kept.h"

#include <string.h>

/* As many as are there, up to a power of two: so it need not be written down. */
static u64 kept_room(u32 count) {
    u64 room = 1;
    while (room < count) room *= 2;
    return room;
}

/* The run for so many rows; the first `keep` of them stay. */
static void resize(struct kept_rows *k, const struct kept_ops *ops, u32 count, u32 keep,
                   struct region *region) {
    u64 room = kept_room(count), had = k->count ? kept_room(k->count) : 0;
    if (room == had) {
        region_touch_run(region, region_at(region, k->at), room * ops->row_size);
    } else {
        void *run = region_alloc(region, room * ops->row_size);
        if (had) {
            memcpy(run, region_at(region, k->at), (u64)keep * ops->row_size);
            region_free(region, region_at(region, k->at), had * ops->row_size);
        }
        k->at = region_offset(region, run);
    }
    k->count = count;
}

static void drop_from(const struct kept_rows *k, const struct kept_ops *ops, u32 first,
                      struct region *region) {
    for (u32 i = first; ops->drop && i < k->count; i++)
        ops->drop(kept_row(k, ops, i, region), region);
}

/* How many rows stay when one comes to `place`, which is among the first `most`. */
static u32 staying(const struct kept_rows *k, const struct kept_ops *ops, const void *by, u32 place,
                   const struct region *region) {
    u32 behind = ops->most - 1; /* the first that is not among them any more */
    if (k->count <= behind) return k->count;
    if (!ops->ties) return behind;
    const void *row = kept_row(k, ops, behind, region);
    bool tied = place == behind ? ops->order(by, row, region) == 0
                                : ops->same(kept_row(k, ops, behind - 1, region), row, region);
    return tied ? k->count : behind;
}

void *kept_put(struct kept_rows *k, const struct kept_ops *ops, const void *by, u64 arrival,
               struct region *region) {
    u32 place = 0, above = k->count;
    if (above == ops->most && !ops->ties) above--; /* it is wanted, so it comes before the last */
    while (place < above) {
        u32 middle = (place + above) / 2;
        const void *row = kept_row(k, ops, middle, region);
        int order = ops->order(by, row, region);
        bool earlier = arrival < kept_arrival(row);
        if (order < 0 || (order == 0 && earlier != ops->latest))
            above = middle;
        else
            place = middle + 1;
    }
    u32 left = place < ops->most ? staying(k, ops, by, place, region) : k->count;
    drop_from(k, ops, left, region);
    resize(k, ops, left + 1, left, region);
    u8 *at = kept_row(k, ops, place, region);
    memmove(at + ops->row_size, at, (u64)(left - place) * ops->row_size);
    memcpy(at, &arrival, 8);
    return at;
}

void *kept_only(struct kept_rows *k, const struct kept_ops *ops, struct region *region) {
    resize(k, ops, 1, k->count, region);
    return kept_row(k, ops, 0, region);
}

void kept_drop(const struct kept_rows *k, const struct kept_ops *ops, struct region *region) {
    if (!k->count) return;
    drop_from(k, ops, 0, region);
    region_free(region, region_at(region, k->at), kept_room(k->count) * ops->row_size);
}

bool kept_adopt(struct kept_rows *k, const struct kept_ops *ops, const u8 *image, u64 bytes,
                struct region *region) {
    u64 from = (u64)k->at * REGION_UNIT, size = (u64)k->count * ops->row_size;
    if (!k->count) return !k->at;
    if (!k->at || from > bytes || size > bytes - from) return false;
    if (k->count > ops->most && !ops->ties) return false;
    u8 *run = region_alloc(region, kept_room(k->count) * ops->row_size);
    memcpy(run, image + from, size);
    k->at = region_offset(region, run);
    for (u32 i = 0; ops->adopt && i < k->count; i++)
        if (!ops->adopt(kept_row(k, ops, i, region), image, bytes, region)) return false;
    return true;
}
