/* An outlet is one task's way over one edge to the tasks of its reader: a lane (a ring, an overflow list, a batch being
   built) for each of them. Sending never fails and never waits (R3): what does not fit a ring goes to the lane's
   overflow, from the job's memory budget; outlet_pump moves it on whenever the task is stepped.

   Rows that a row *caused* inside a stage (late panes, late rows) are staged per lane and sent in canonical order, by
   position, then shard, when the phase ends (architecture.md 3); rows that came due, and rows straight from a source,
   are in order already and go straight into the batch. A DUE control divides the two. */
#ifndef RUNTIME_EDGE_OUTLET_H
#define RUNTIME_EDGE_OUTLET_H

#include "runtime/base/base.h"
#include "runtime/data/batch.h"

struct lane; /* one reader's: edge/outlet.c */

struct outlet {
    u32 readers;             /* 0: this task does not write the edge */
    u32 row_bytes;
    u32 reader_now;          /* ROUTE_ONE and ROUTE_MORSEL: the reader of this morsel's rows */
    struct batch **batches;  /* by reader: the batch being built, never null once the outlet is open */
    struct lane *lanes;      /* by reader */
    u8 owner[128];           /* by shard: its reader */
};

/* The reader that owns the key of this hash. */
ALWAYS_INLINE u32 outlet_reader(const struct outlet *o, u64 hash) { return o->owner[hash >> 57]; }

/* Publishes the batch being built and begins another that has room; for rows larger than a slot a chunk of its own. */
void outlet_next(struct outlet *o, u32 reader, u64 row_bytes, u64 text_bytes);

/* Place for one row of row_bytes (a literal) whose strings take text_bytes together. The caller fills every byte that
   the reader looks at before the next call, its strings by outlet_text right after. Task's worker only. */
ALWAYS_INLINE u8 *outlet_row(struct outlet *o, u32 reader, u32 row_bytes, u64 text_bytes) {
    if (UNLIKELY(!batch_room(o->batches[reader], row_bytes, text_bytes)))
        outlet_next(o, reader, row_bytes, text_bytes);
    return batch_add_row(o->batches[reader], row_bytes);
}

/* Copies a string of the row just placed into its batch; returns what the row's offset field holds. */
ALWAYS_INLINE u32 outlet_text(struct outlet *o, u32 reader, struct str s) {
    return batch_heap_put(o->batches[reader], s.at, s.size);
}

/* The same for rows caused by the row at `position`, from `shard`: staged until the phase ends. */
u8 *outlet_caused_row(struct outlet *o, u32 reader, u32 row_bytes, u64 text_bytes, u32 position, u16 shard);
u32 outlet_caused_text(struct outlet *o, u32 reader, struct str s);

#endif
