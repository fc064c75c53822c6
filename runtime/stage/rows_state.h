/* What windows of rows consist of: for rows.c, which runs them, and rows_save.c, which saves them.
 */
#ifndef RUNTIME_STAGE_ROWS_STATE_H
#define RUNTIME_STAGE_ROWS_STATE_H

#include "runtime/stage/rows.h"

/* Of the ring; accumulators stand behind it. */
struct rows_entry {
    i64 low, high;
};

struct rows_all {
    const struct window_ops *ops;
    u32 entry;                   /* bytes of an entry with its accumulators */
    bool ring;                   /* the last rows are kept */
    u64 seen[KEYED_SHARDS / 64]; /* a bit for each shard that was restored */
    u32 live[KEYED_SHARDS];      /* keys that remember rows */
};

ALWAYS_INLINE u64 *rows_word(const struct rows *s, u8 *slot) {
    return (u64 *)(slot + s->x->ops->keyed.acc_at);
}

ALWAYS_INLINE struct rows_key *rows_key(const struct rows *s, u8 *slot) {
    return (struct rows_key *)(rows_word(s, slot) + 1);
}

/* The entry of the nth oldest row, in a ring that stands at `ring`. */
ALWAYS_INLINE struct rows_entry *rows_entry(const struct rows *s, const struct rows_key *x,
                                            const u8 *ring, u32 nth) {
    u64 at = (u64)x->head + nth;
    return (struct rows_entry *)(ring + (at < x->room ? at : at - x->room) * s->x->entry);
}

void rows_save(const void *self, struct pack *to);
int rows_restore(void *self, const void *ops, struct unpack *from, const struct image *image);
int rows_restored(const void *self);

#endif
