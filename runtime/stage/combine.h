/* Pre-combining before an exchange: partial aggregates of one morsel and phase, one for each key,
   in the order of their first rows. A decision of the plan: only where the accumulators are exact
   (count, integer sum and avg, min, max), nothing is late into a stream and no pane is caused by a
   row, so that the reader cannot tell the difference. Generated code sends the entries in order
   (job_source.flush) at every mark and at END, when it is full, and when rows come to another
   slice; then combine_clear.

   Where keys hardly come twice in a morsel it stands aside for a while, and rows go out one by one:
   at 10 k keys a table of them costs more than it saves. That is a decision of the load after all;
   it can be, because with exact accumulators, in the order of first rows, the reader's result is
   the same either way.

   A slot is the key and its accumulators side by side, found by linear probing: one cache line a
   row. Accumulators begin with `u64 rows`; 0 is a free slot. Its key stays until another one takes
   the slot: where the same keys come in every morsel they find their slots again, and whether a key
   is new in this morsel is no branch. One worker at a time. */
#ifndef RUNTIME_STAGE_COMBINE_H
#define RUNTIME_STAGE_COMBINE_H

#include "runtime/base/base.h"
#include "runtime/stage/slicing.h"

struct combine;

struct combine_ops {
    u32 slot_size, acc_at; /* the key in register form, then the accumulators: multiples of 8 */
    bool (*key_equal)(const void *slot_key, const void *key);
    /* Stores a new key; texts that do not last until the flush by combine_text (null: full, so is
     * the answer: false). */
    bool (*key_keep)(void *slot_key, const void *key, struct combine *cb);
};

struct combine {
    i64 slice_start; /* the slice of all entries: [slice_start, slice_start + slice_size); 0 at
                        first */
    u64 slice_size;
    u8 *slots;
    u32 mask;
    u32 count, room; /* entries; from room on no key takes a slot */
    u32 *order;      /* slots of the entries, in the order of their first rows; one for each slot */
    u32 slot_size, acc_at;
    bool aside;     /* rows go out one by one */
    u32 aside_left; /* for so many flushes */
    u64 seen_rows, seen_entries;
    char *texts;
    u64 text_size, text_room;
    bool texts_full;
    struct slicing slicing;
};

#define COMBINE_ROOM (32u << 10) /* all the words of a morsel of text */

/* Entries until it is full: room, a power of two. */
void combine_open(struct combine *cb, const struct combine_ops *ops,
                  const struct window_spec *window, u32 room);
void combine_close(struct combine *cb);

/* Another slice is the one that rows are in. Only without entries. */
void combine_turn(struct combine *cb, i64 t);

/* The slot where the probing ends that began at a slot of another key; null: full. */
void *combine_probe(struct combine *cb, const struct combine_ops *ops, const void *key, u32 at);

/* A copy that lasts while its key has a slot; null: no room, flush first. */
const char *combine_text(struct combine *cb, const char *at, u64 size);

/* The accumulators of a slot that has the key, which is an entry from now on. */
ALWAYS_INLINE void *combine_enter(struct combine *cb, const struct combine_ops *ops, u32 at) {
    u8 *acc = cb->slots + (u64)at * ops->slot_size + ops->acc_at;
    u64 rows;
    __builtin_memcpy(&rows, acc, 8);
    cb->order[cb->count] = at;
    cb->count += rows == 0;
    return acc;
}

/* The accumulators of key in the slice of t, all zero if new; null: it is full or holds another
   slice: flush and clear first. The caller adds its row at once. calm: t is known to be in the
   slice of the entries. */
ALWAYS_INLINE void *combine_slot(struct combine *cb, const struct combine_ops *ops, const void *key,
                                 u64 hash, i64 t, bool calm) {
    if (!calm && UNLIKELY((u64)t - (u64)cb->slice_start >= cb->slice_size)) {
        if (cb->count) return NULL;
        combine_turn(cb, t);
    }
    const u32 at = (u32)hash & cb->mask;
    u8 *slot = cb->slots + (u64)at * ops->slot_size;
    if (UNLIKELY(!ops->key_equal(slot, key))) return combine_probe(cb, ops, key, at);
    return combine_enter(cb, ops, at);
}

/* The entry of number i, in the order of first rows. */
ALWAYS_INLINE const void *combine_entry(const struct combine *cb, const struct combine_ops *ops,
                                        u32 i) {
    return cb->slots + (u64)cb->order[i] * ops->slot_size;
}

/* Forgets all entries: they have been sent. Decides whether to stand aside. */
void combine_clear(struct combine *cb);

#endif
