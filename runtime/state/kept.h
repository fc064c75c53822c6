/* Rows that an accumulator keeps whole: the first `most` of an order, in that order, in one run of
   the region that is theirs alone. A row is a struct of its owner's that begins with a u64, the
   number of its arrival; of rows that are equal in the order the earlier arrival comes first, or
   the later one. So what is kept of two sets of rows depends on the rows alone, not on how they
   were put together. Rows may own texts in the region (key_text.h). */
#ifndef RUNTIME_STATE_KEPT_H
#define RUNTIME_STATE_KEPT_H

#include "runtime/base/base.h"
#include "runtime/state/region.h"

/* All zero: none. */
struct kept_rows {
    u32 at;    /* offset of the run: room for as many rows as kept_room says */
    u32 count; /* of rows */
};

struct kept_ops {
    u32 row_size; /* a multiple of 8 */
    u32 most;     /* so many, at least 1 */
    bool ties;    /* and those that are equal to the last of them */
    bool latest;  /* of equals the later arrival comes first */
    /* Does what is described by `by`, a struct of the owner's, come before (< 0) or behind a row?
       0: they are equal. */
    int (*order)(const void *by, const void *row, const struct region *region);
    bool (*same)(const void *row, const void *other, const struct region *region); /* in it */
    void (*drop)(void *row, struct region *region); /* its texts; null: it has none */
    /* As key_text_adopt; null: nothing in a row can be wrong. */
    bool (*adopt)(void *row, const u8 *image, u64 bytes, struct region *region);
};

ALWAYS_INLINE void *kept_row(const struct kept_rows *k, const struct kept_ops *ops, u32 i,
                             const struct region *region) {
    return (u8 *)region_at(region, k->at) + (u64)i * ops->row_size;
}

ALWAYS_INLINE u64 kept_arrival(const void *row) {
    u64 arrival;
    __builtin_memcpy(&arrival, row, 8);
    return arrival;
}

/* Would a row be kept? Asked before anything is done for it, since most are not. */
ALWAYS_INLINE bool kept_wants(const struct kept_rows *k, const struct kept_ops *ops, const void *by,
                              u64 arrival, const struct region *region) {
    if (k->count < ops->most) return true;
    const void *last = kept_row(k, ops, k->count - 1, region);
    int order = ops->order(by, last, region);
    if (order) return order < 0;
    return ops->ties || (ops->latest ? arrival > kept_arrival(last) : arrival < kept_arrival(last));
}

/* A place in the order for a row that is wanted; what has to go for it has gone. The caller fills
   it in, but for its arrival. */
void *kept_put(struct kept_rows *k, const struct kept_ops *ops, const void *by, u64 arrival,
               struct region *region);

/* The one row of a set that has at most one: it is there, or a place for it, not filled in. */
void *kept_only(struct kept_rows *k, const struct kept_ops *ops, struct region *region);

/* Gives back all of it but the 8 bytes, which are their owner's. */
void kept_drop(const struct kept_rows *k, const struct kept_ops *ops, struct region *region);

/* Makes rows that lie in the image of another region this region's. False: they are damaged. */
bool kept_adopt(struct kept_rows *k, const struct kept_ops *ops, const u8 *image, u64 bytes,
                struct region *region);

#endif
