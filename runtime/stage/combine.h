/* Pre-combining before an exchange: partial aggregates of one morsel and phase, one for each key
   and slice, in the order of their first rows. A decision of the plan: only where the accumulators
   are exact (count, integer sum and avg, min, max), nothing is late into a stream and no pane is
   caused by a row, so that the reader cannot tell the difference. Generated code sends the entries
   in order (job_source.flush) at every mark and at END, and when it is full; then combine_clear.
   One worker at a time. */
#ifndef RUNTIME_STAGE_COMBINE_H
#define RUNTIME_STAGE_COMBINE_H

#include "runtime/base/base.h"
#include "runtime/stage/slicing.h"

struct combine;

struct combine_ops {
    u32 entry_size; /* an entry is the key in register form, i64 slice_start, u32 position, the
                       accumulators */
    u32 slice_at, acc_at; /* where slice_start is (position follows it) and the accumulators are:
                             multiples of 8 */
    bool (*key_equal)(const void *entry_key, const void *key);
    /* Stores a new key; texts that do not last until the flush by combine_text (null: full, so is
     * the answer: false). */
    bool (*key_keep)(void *entry_key, const void *key, struct combine *cb);
};

struct combine {
    i64 slice_start; /* the slice that rows are in: [slice_start, slice_start + slice_size); 0 at
                        first */
    u64 slice_size;
    u8 *entries;     /* in order of first rows */
    u64 *hashes;     /* by entry */
    u32 *index;      /* open addressing by hash: entry + 1, or 0 */
    u32 count, room; /* room is a constant of the run */
    u32 mask;
    char *texts;
    u64 text_size, text_room;
    struct slicing slicing;
};

#define COMBINE_ROOM (16u << 10)

/* For a window of these sizes (global: all 0). Entries until it is full: room, a power of two. */
void combine_open(struct combine *cb, const struct combine_ops *ops, i64 size_ns, i64 slide_ns,
                  i64 offset_ns, u32 room);
void combine_close(struct combine *cb);

/* Another slice is the one that rows are in. */
void combine_turn(struct combine *cb, i64 t);

/* A new entry for what index[at] is the place of; null: full. */
void *combine_new(struct combine *cb, const struct combine_ops *ops, const void *key, u64 hash,
                  u32 position, u32 at);

/* A copy that lasts until combine_clear; null: no room, flush first. */
const char *combine_text(struct combine *cb, const char *at, u64 size);

/* The accumulators of (key, slice of t), all zero if new; null: full, flush and clear first.
   `position` is kept for a new entry. */
ALWAYS_INLINE void *combine_slot(struct combine *cb, const struct combine_ops *ops, const void *key,
                                 u64 hash, i64 t, u32 position) {
    if (UNLIKELY((u64)t - (u64)cb->slice_start >= cb->slice_size)) combine_turn(cb, t);
    for (u32 at = (u32)hash & cb->mask;; at = (at + 1) & cb->mask) {
        if (UNLIKELY(!cb->index[at])) return combine_new(cb, ops, key, hash, position, at);
        u8 *entry = cb->entries + (u64)(cb->index[at] - 1) * ops->entry_size;
        i64 slice;
        __builtin_memcpy(&slice, entry + ops->slice_at, 8);
        if (LIKELY(slice == cb->slice_start && ops->key_equal(entry, key)))
            return entry + ops->acc_at;
    }
}

/* Forgets all entries: they have been sent. */
void combine_clear(struct combine *cb);

#endif
