/* What a window consists of: for window.c, which runs it, and window_save.c, which saves it. */
#ifndef RUNTIME_STAGE_WINDOW_STATE_H
#define RUNTIME_STAGE_WINDOW_STATE_H

#include "runtime/stage/slicing.h"
#include "runtime/stage/trigger.h"
#include "runtime/stage/window.h"
#include "runtime/stage/window_fold.h"
#include "runtime/state/parts.h"

struct shard {
    struct parts closed; /* slices that are not filling, by number */
    struct parts panes;  /* by number of window: what is known of a slot's panes (window_panes.c);
                            plain: their number, once there is a late one */
    u8 *running;         /* by slot: the sum of closed slices [low, high); null: nothing */
    i64 low, high;
    struct fold fold; /* with slices.folds */
    u32 census_at;    /* used slots at which to look for keys that can go */
};

struct slices {
    const struct window_ops *ops;
    const struct window_spec *spec;
    struct slicing slicing;
    i64 lateness;
    bool booked; /* panes are told by the clause: window_panes.c */
    bool apart;  /* windows overlap and each has accumulators of its own: a slice is a window */
    i64 clock;   /* booked: the clock, as far as it was looked at */
    bool sums;   /* windows of several slices fire from running sums */
    bool folds;  /* ... or, where aggregates have no inverse, from window_fold.h */
    struct region aside; /* what is derived; no snapshot has it */
    bool filling;        /* a slice is in the slots: */
    i64 fill;
    i64 next;  /* the first window that has not fired; its like of older ones is not asked */
    u32 era_bits;
    bool busy; /* the last slice that filled was worth it */
    i64 candidate;
    u32 votes;
    struct due_window *due; /* of the shard at hand */
    u32 due_count, due_room;
    u64 seen[KEYED_SHARDS / 64]; /* a bit for each shard that window_restore has seen */
    struct shard shards[KEYED_SHARDS];
};

/* ---- window_panes.c's, for window.c ---- */

/* Bytes of a record of a slot's panes; parts of such. */
u32 panes_record_size(const struct window_spec *spec, u32 acc_size);
void panes_open(struct window *w, struct parts *panes);

/* W has risen from `before`, and no slice fills that it has passed. */
void panes_come_due(struct chain *c, struct window *w, u32 shard, i64 before);

/* A row of time t into the windows up to `newest` that hold it and are not gone. */
void panes_add(struct chain *c, struct window *w, u32 shard, u32 slot, i64 newest, i64 t,
               const void *delta);

/* ---- window.c's, for the others ---- */

/* What all panes of window k have in common. */
struct pane window_pane(const struct window *w, u32 shard, i64 k);

/* The slots of a shard give the filling slice up to the parts; returns its rows. A part goes back
   to the slots. What else tells which slice fills is the caller's. */
u64 shard_leave_fill(struct chain *c, struct window *w, u32 shard, i64 slice);
void shard_enter_fill(struct window *w, u32 shard, i64 slice);

void window_set_fill(struct window *w, i64 slice); /* is the filling one; moves nothing */
void window_look_how_far(struct window *w);        /* slots have come or gone */

#endif
