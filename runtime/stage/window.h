/* Windowed aggregation per key, in slices (architecture.md 5 and 6; the shape of the loop is
   emitter_shape.c's).

   Time is cut at the starts and ends of windows into slices, so that a row is added once however
   many windows overlap. One slice is *filling*: its accumulators stand in the slots, behind the
   keys, so that a row costs one cache line. What other slices hold stands in parts (stage/parts.h),
   by shard and slice. Which slice fills is a guess at where most rows will come; it costs time when
   wrong and changes no result. Windows fire shard by shard, in order of their ends, then of slots,
   in passes over blocks of slots (stage/pass.h).

   Generated code gives a struct window_ops of literals and inline functions and calls the
   ALWAYS_INLINE functions with it, so that they specialise. Accumulators begin with `u64 rows`, so
   it serves as count() too; all zero is "no rows". In a slot bit 63 of rows is set besides; merge,
   subtract and emit are never given it in what they read. A window belongs to one task. */
#ifndef RUNTIME_STAGE_WINDOW_H
#define RUNTIME_STAGE_WINDOW_H

#include "runtime/base/base.h"
#include "runtime/stage/chain.h"
#include "runtime/stage/keeper.h"
#include "runtime/stage/pass.h"
#include "runtime/stage/schema.h"
#include "runtime/state/key_text.h"
#include "runtime/state/keyed.h"

struct window {
    i64 fill_start; /* the slice that is filling: [fill_start, fill_start + fill_size) */
    u64 fill_size;  /* 0: none, every row goes the other way */
    bool far;       /* the table has left L2: see window_prefetch */
    u32 ready;      /* behind which barrier window_ready touched the table, from 1; 0: never yet */
    i64 w;          /* the stage's watermark */
    struct keyed keyed;    /* slots */
    struct slices *slices; /* everything else: window.c */
};

/* Opens the shards [first, first + count) of a stage. -1 with an error trail. Memory is counted in
   budget (may be null); past it, keyed.region.over is set, and whoever runs the task looks at that
   between steps. spec and ops must outlive the window. */
int window_open(struct window *w, const struct window_spec *spec, const struct window_ops *ops,
                u32 first, u32 count, u64 hash_key, struct budget *budget);
void window_close(struct window *w);

/* Is t outside the slice that is filling? */
ALWAYS_INLINE bool window_elsewhere(const struct window *w, i64 t) {
    return UNLIKELY((u64)t - (u64)w->fill_start >= w->fill_size);
}

/* What is known of a row before it comes to a window. */
enum window_care {
    WINDOW_CHECK, /* nothing */
    WINDOW_CALM,  /* it is not elsewhere (stage/calm.h) */
    WINDOW_READY, /* nor need its slot be touched: window_ready was called in this morsel */
};

/* A table that stays in L2 is touched as a whole, once after each barrier, so that rows need not
   look: copying it takes less than the looking. */
ALWAYS_INLINE void window_ready(struct window *w, const struct window_ops *ops) {
    u32 now = w->keyed.region.barriers + 1;
    if (LIKELY(w->ready == now)) return;
    keyed_touch_all(&w->keyed, &ops->keyed);
    w->ready = now;
}

/* The accumulators of key in the slice that is filling; adds the key if it is new; touched. For
   rows with !window_elsewhere. `key` is the register form that ops->keyed.key_equal compares with.
   Valid until the next call. The caller adds its row: rows += 1 and the rest; bit 63 of rows stays.
 */
ALWAYS_INLINE void *window_slot(struct window *w, const struct window_ops *ops, const void *key,
                                u64 hash) {
    return (u8 *)keyed_upsert(&w->keyed, &ops->keyed, key, hash) + ops->keyed.acc_at;
}

/* The same after window_ready. */
ALWAYS_INLINE void *window_slot_ready(struct window *w, const struct window_ops *ops,
                                      const void *key, u64 hash) {
    return (u8 *)keyed_find(&w->keyed, &ops->keyed, key, hash) + ops->keyed.acc_at;
}

/* Where w->far, a loop over rows that stand in memory prefetches the home of the key WINDOW_AHEAD
   rows on while it handles a row: faster than a batch of homes first, which pushes out of L1 what
   it brings in. */
#define WINDOW_AHEAD 24u

ALWAYS_INLINE void window_prefetch(const struct window *w, const struct window_ops *ops, u64 hash) {
    __builtin_prefetch(keyed_home(&w->keyed, &ops->keyed, hash));
}

/* A row (or a partial of rows of one slice) for which window_elsewhere was true: `delta` holds its
   accumulators, alone. Adds it to its slice, makes that the filling one if it is time to, and lets
   out the late panes it causes (through ops->emit with caused, at c->position, oldest window
   first). False: too late for all of its windows; nothing was changed: the caller emits or counts
   it. */
bool window_add(struct chain *c, struct window *w, const struct window_ops *ops, const void *key,
                u64 hash, i64 t, const void *delta);

/* W of the stage rose to `to` (TIME_FOREVER: all inputs are finished); no rise is no news. Lets out
   what came due, then frees the slices that no row can reach any more. Keys without rows in any
   live slice leave when they are many. */
void window_watermark(struct chain *c, struct window *w, i64 to);

/* The clock rose to `clock`; no rise is no news. Lets out the panes that go by it. */
void window_clock(struct chain *c, struct window *w, i64 clock);

/* ---- snapshots ---- */

struct image;

/* What of a window is not in its region, with its schema (ops->schema): in time that goes by shards
   and slices, not by keys. At a barrier, beside region_barrier(&w->keyed.region), before or behind
   it. */
void window_save(const struct window *w, struct pack *to);

/* Takes over those of a saved window's shards that are w's: w is as window_open made it, but for
   what other saved windows of the stage have brought; `image` is that of the saved window's region.
   State of another schema is migrated. -1 with an error trail: it does not fit, or it is damaged; w
   can only be closed then. Once for each saved window, in the order of their shards;
   then window_restored. */
int window_restore(struct window *w, const struct window_ops *ops, struct unpack *from,
                   const struct image *image);

/* -1 with an error trail if a shard was in no saved window. */
int window_restored(const struct window *w);

/* Rows in windows that have not fired; keys and bytes of state (this task's). */
u64 window_open_rows(const struct window *w);
u64 window_keys(const struct window *w);
u64 window_bytes(const struct window *w);

extern const struct keeper window_keeper; /* its ops are a struct window_ops */

#endif
