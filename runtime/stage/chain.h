/* What generated code sees of the task that runs it: its place in the sequence, its outlets, its
   instances of stages, scratch memory, counters, and the few calls back into the engine. A chain
   belongs to one task and is touched by one worker at a time; nothing here is shared. */
#ifndef RUNTIME_STAGE_CHAIN_H
#define RUNTIME_STAGE_CHAIN_H

#include "runtime/base/base.h"
#include "runtime/data/encode.h"
#include "runtime/data/scratch.h"
#include "runtime/stage/extent.h"

#define SHARDS 128u
#define SHARD_BITS 7u
#define POSITION_DUE UINT32_MAX /* the position of what came due: after every row of its phase */

struct outlet;
struct table;
struct combine;
struct fine;
struct regex_use;

/* Counters that generated code adds to at the end of a morsel or of a run of rows; the engine moves
 * them on. */
struct chain_counts {
    u64 rows_in, rows_out, late, malformed, ahead;
};

/* What a `time` stage behind the source has seen of the morsel: as `top` and `mark_next`. */
struct chain_time {
    i64 top, mark_next;
};
#define JOB_TIMES_MAX 7u /* of one source */

struct chain {
    /* the morsel under way */
    u64 morsel;
    i64 top; /* greatest time of the morsel so far, TIME_NEVER at its start; generated code keeps it
                in a register and stores it */
    i64 ahead;     /* rows of later times do not count for top: too far ahead of the clock */
    i64 mark_next; /* the least time that passes the next boundary, or is too far ahead: at it or
                      above, call chain_mark after the row */
    struct chain_time *times; /* by number of the source's */
    u32 source;               /* whose morsel it is */
    i64 stamp;                /* of the row at hand, on ways to stages of fine time: stage/fine.h */
    i64 clock;                /* wall clock: the stamp of its ticket */
    u32 position; /* of the row at hand among the records of its morsel: relays and windows read it
                   */
    /* fixed for the life of the task */
    u64 hash_key;
    struct outlet *outlets;   /* by edge number; those that this task does not write are empty */
    void *const *states;      /* of stages that remember, by number, null where not of this task */
    struct fine *fine;        /* by stage number */
    struct combine *combines; /* by edge number, rings only: pre-combining before ROUTE_KEY edges */
    const struct table *const *tables;
    struct regex_use *regexes; /* compiled patterns with this chain's match data */
    struct scratch
        scratch; /* computed strings of the row at hand: reset by generated code at each record */
    struct out out; /* where rows are encoded for sinks before they are sent */
    struct chain_counts *sources, *stages; /* by number */
    u64 *blackholes;                       /* rows taken, by blackhole number */
    u8 *hole;     /* 64 KiB: where rows for blackholes are built, over and over */
    void *engine; /* the engine's own */
};

/* After the row of time `t` has been handled, with c->top as it was before: t - lag passed a
   boundary, or t is too far ahead and is only counted. Raises c->top, flushes, sends the mark with
   the greatest boundary passed to all readers (fused: runs them, which fires windows), and returns
   the new mark_next. */
i64 chain_mark(struct chain *c, i64 t);

/* The same for a row of time t of the source's times[k]: call chain_time. */
void chain_mark_time(struct chain *c, u32 k, i64 t);

/* A `time` stage has handled a row that is at t. */
ALWAYS_INLINE void chain_time(struct chain *c, u32 k, i64 t) {
    struct chain_time *of = &c->times[k];
    if (LIKELY(t < of->mark_next))
        of->top = t > of->top ? t : of->top;
    else
        chain_mark_time(c, k, t);
}

/* The record at x->at[at .. at + size) is malformed, for `reason` (static text, column named).
   Counts it; with `malformed fail` the job stops after what came before it: returns false, and the
   caller leaves the morsel. */
bool chain_malformed(struct chain *c, const struct extent *x, u64 at, u64 size, const char *reason);

/* Fused: the sink stage takes the encoded row. */
void chain_sink(struct chain *c, u32 stage, const u8 *at, u64 size);

#endif
