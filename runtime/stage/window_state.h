/* What a window consists of: for window.c, which runs it, and window_save.c, which saves it. */
#ifndef RUNTIME_STAGE_WINDOW_STATE_H
#define RUNTIME_STAGE_WINDOW_STATE_H

#include "runtime/stage/slicing.h"
#include "runtime/stage/window.h"
#include "runtime/state/parts.h"

struct shard {
    struct parts closed; /* slices that are not filling, by number */
    struct parts
        panes;   /* late panes so far, by number of window: rows counts all panes of a slot */
    u8 *running; /* by slot: the sum of closed slices [low, high); null: nothing */
    i64 low, high;
    u32 census_at; /* used slots at which to look for keys that can go */
};

struct slices {
    const struct window_ops *ops;
    struct slicing slicing;
    i64 lateness;
    bool sums;    /* windows of several slices fire from running sums */
    bool filling; /* a slice is in the slots: */
    i64 fill;
    i64 next;  /* the first window that has not fired; its like of older ones is not asked */
    bool busy; /* the last slice that filled was worth it */
    i64 candidate;
    u32 votes;
    u64 seen[KEYED_SHARDS / 64]; /* a bit for each shard that window_restore has seen */
    struct shard shards[KEYED_SHARDS];
};

/* ---- window.c's, for window_save.c ---- */

/* The slots of a shard give the filling slice up to the parts; returns its rows. A part goes back
   to the slots. What else tells which slice fills is the caller's. */
u64 shard_leave_fill(struct chain *c, struct window *w, u32 shard, i64 slice);
void shard_enter_fill(struct window *w, u32 shard, i64 slice);

void window_set_fill(struct window *w, i64 slice); /* is the filling one; moves nothing */
void window_look_how_far(struct window *w);        /* slots have come or gone */

#endif
