/* Windowed aggregation per key, in slices (architecture.md 5 and 6; the shape of the loop is emitter_shape.c's).

   State is slots in shards: a slot is one key and the accumulators of the slice that is filling, so a row touches one
   cache line; accumulators of closed slices stand in arrays of their own, in the order of the slots. A row is added
   once however many windows overlap. Everything that may touch a slot goes through touch (state/arena.h).

   Generated code gives a struct window_ops of literals and inline functions, and calls the ALWAYS_INLINE functions here
   with it, so that they specialise. An accumulator begins with `u64 rows`: bit 63 says that the slot is used, the rest
   counts the rows of the slice (so it serves as count() too); all zero is "no rows". */
#ifndef RUNTIME_STAGE_WINDOW_H
#define RUNTIME_STAGE_WINDOW_H

#include "runtime/base/base.h"
#include "runtime/stage/chain.h"
#include "runtime/state/keyed.h"

enum window_timing { WINDOW_EARLY, WINDOW_ON_TIME, WINDOW_LATE };

struct window_spec {
    i64 size_ns, slide_ns, offset_ns, lateness_ns; /* tumbling: slide = size. global: all 0 */
    bool global;
};

/* What a pane is besides its key and accumulators. */
struct pane {
    i64 start, end;    /* of the window; global: TIME_NEVER, TIME_FOREVER */
    i64 event_time;    /* end - 1; global: W at its end is for ever, so the greatest time of its rows if kept, see ops */
    u32 number;        /* 0, 1, ... of this key and window */
    u8 timing;         /* enum window_timing */
    bool caused;       /* let out by a row (a late pane), not due */
    u16 shard;
    u32 position;      /* of the row that caused it, else POSITION_DUE */
};

struct window_ops {
    u32 slot_size, key_size, acc_at, acc_size; /* a slot is the key, then at acc_at the accumulators; slot_size = acc_at + acc_size */
    u32 key_text_count;
    bool (*key_equal)(const void *slot_key, const void *key, const struct arena_view *strings);
    u64 (*key_hash)(const void *slot_key, u64 hash_key, const struct arena_view *strings); /* of a key in a slot: when a shard grows */
    void (*key_keep)(void *slot_key, const void *key, struct keyed *k, u32 shard); /* stores a new key; strings over 15 bytes go to the shard */
    void (*key_drop)(void *slot_key, struct keyed *k, u32 shard);                 /* gives those back; null if keys have no strings */
    void (*merge)(void *into, const void *from);     /* accumulators of two sets of rows; rows included, bit 63 kept of `into` */
    void (*subtract)(void *from, const void *gone);  /* null where an aggregate has no inverse (min, max) or is inexact (floats) */
    void (*emit)(struct chain *c, const void *slot_key, const void *acc, const struct pane *p);
    /* W of the stage rose: = { window_watermark(c, c->windows[k], &this, w); } */
    void (*watermark)(struct chain *c, i64 w);
};

struct window {
    struct keyed keyed;          /* slots */
    i64 fill_start;              /* the slice that is filling: [fill_start, fill_start + fill_size) */
    u64 fill_size;               /* 0 until the first row: every row goes the other way */
    i64 w;                       /* the stage's watermark */
    bool far;                    /* the table has left L2: prefetch homes a batch ahead */
    struct window_closed *closed;/* everything else: slices, running sums, panes out; window.c */
};

/* Is t outside the slice that is filling? */
ALWAYS_INLINE bool window_elsewhere(const struct window *w, i64 t) {
    return UNLIKELY((u64)t - (u64)w->fill_start >= w->fill_size);
}

/* The accumulators of key in the slice that is filling; adds the key if it is new; touched. For rows with
   !window_elsewhere. `key` is the register form that ops->key_equal compares with. Valid until the next call. */
ALWAYS_INLINE void *window_slot(struct window *w, const struct window_ops *ops, const void *key, u64 hash) {
    return (u8 *)keyed_upsert(&w->keyed, ops, key, hash) + ops->acc_at;
}

ALWAYS_INLINE void window_prefetch(const struct window *w, const struct window_ops *ops, u64 hash) {
    __builtin_prefetch(keyed_home(&w->keyed, ops, hash));
}

/* A row (or a partial of rows of one slice) of another slice than the one filling: `delta` holds its accumulators, alone.
   Adds it to its slice, makes that the filling one if it is time to, and lets out the late panes it causes (through
   ops->emit with caused, at c->position). False: too late for all of its windows; nothing was changed: the caller emits
   or counts it. */
bool window_add(struct chain *c, struct window *w, const struct window_ops *ops, const void *key, u64 hash, i64 t,
                const void *delta);

#endif
