/* Windows of rows, per key: each N rows, or the last N whenever M came (`window rows N every M`).
   By arrival; nothing is late, and what is left over comes out when the input has ended.

   `rows N` keeps the accumulators of the rows since the last pane. Else the last N rows stand in a
   ring, each with accumulators of its own, and their sum is kept by two stacks, so that a row costs
   a few merges whatever N is and whether or not the aggregates have an inverse: the older rows of
   the ring have been replaced by sums up to the last of them, the newer ones are summed in the
   slot; when no older ones are left, all become that. One worker at a time. */
#ifndef RUNTIME_STAGE_ROWS_H
#define RUNTIME_STAGE_ROWS_H

#include "runtime/base/base.h"
#include "runtime/stage/chain.h"
#include "runtime/stage/fine.h"
#include "runtime/stage/keeper.h"
#include "runtime/stage/pass.h"
#include "runtime/stage/schema.h"
#include "runtime/state/keyed.h"

/* A slot is the key, a word, this and accumulators. The word: offset of the ring, rows since the
   last pane above it. */
struct rows_key {
    u32 room, head;   /* of the ring: entries, the oldest row */
    u32 count, front; /* rows in it; so many of the oldest are sums */
    i64 low, high;    /* times of the accumulators in the slot */
};

#define ROWS_SINCE(word) ((u32)((word) >> 32) & 0x7fffffffu)
#define ROWS_MOST 1000000000u /* rows of a window */
#define ROWS_SLOT(acc_at, acc_size)                                                                \
    (((acc_at) + 8 + sizeof(struct rows_key) + (acc_size) + 15) & ~15ul)

struct rows {
    struct keyed keyed;
    u32 size, every;
    i64 w;     /* the last W but that of the end */
    i64 clock; /* the same of the wall clock: of no account */
    struct rows_all *x;
};

ALWAYS_INLINE u8 *rows_slot(struct rows *s, const struct window_ops *ops, const void *key,
                            u64 hash) {
    return keyed_find(&s->keyed, &ops->keyed, key, hash);
}

/* A row of time t that lets no pane out and joins those before it: the accumulators, touched, to
   which the caller adds it. Null: rows_add knows. */
ALWAYS_INLINE void *rows_grow(struct rows *s, const struct window_ops *ops, u8 *slot, i64 t) {
    u64 word = keyed_rows(slot, &ops->keyed);
    u32 since = ROWS_SINCE(word) + 1;
    if (s->every != s->size || since == 1 || since >= s->every) return NULL;
    region_touch(&s->keyed.region, slot, ops->keyed.slot_size);
    word += 1ull << 32;
    __builtin_memcpy(slot + ops->keyed.acc_at, &word, 8);
    struct rows_key *x = (struct rows_key *)(slot + ops->keyed.acc_at + 8);
    if (t < x->low) x->low = t;
    if (t > x->high) x->high = t;
    return x + 1;
}

/* Any row of time t; `delta` holds its accumulators, w is W as it was before it. Lets out the pane
   that it completes. */
void rows_add(struct chain *c, struct rows *s, u8 *slot, u64 hash, i64 t, i64 w, const void *delta);

extern const struct keeper rows_keeper; /* its ops are a struct window_ops */

#endif
