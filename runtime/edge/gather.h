/* A gather holds what comes to a stage of fine time in one phase, until all of it is there, and
   hands it on in the order of (stamp, position); equals keep the order in which they were added
   (architecture.md 3, "Fine time"). Rows are copied, strings and all: the slots that they stood in
   are wanted for the next rows. Whoever steps the task; its memory is rows under way. */
#ifndef RUNTIME_EDGE_GATHER_H
#define RUNTIME_EDGE_GATHER_H

#include "runtime/base/budget.h"
#include "runtime/data/batch.h"

/* Rows of one input. */
struct gather_shape {
    u32 edge, row_bytes;
    i32 stamp_at, position_at; /* offsets in the row */
    const u16 *texts;          /* of its strings: (u32 offset in the batch, u32 size) */
    u32 text_count;
};

struct gather {
    struct gathered *rows;
    u32 count, room;
    bool unsorted;
    struct batch *chunk; /* the newest, linked to those before it */
    struct budget *budget;
    bool over_budget; /* memory ran out: rows are dropped, the job is about to stop */
};

void gather_open(struct gather *g, struct budget *budget);
void gather_close(struct gather *g);

/* `count` rows that stand one after another, their strings relative to base. */
void gather_add(struct gather *g, const struct gather_shape *shape, const u8 *base, const u8 *row,
                u32 count);

/* Gives all that was added to `take`, in order, as runs of rows of one edge; then it is empty. */
void gather_take(struct gather *g,
                 void (*take)(void *arg, u32 edge, const u8 *base, const u8 *row, u32 count),
                 void *arg);

#endif
