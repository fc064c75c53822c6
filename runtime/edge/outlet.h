/* An outlet is one task's way over one edge to the tasks of its reader: a lane (a ring, an overflow
   list, a batch being built) for each of them. Sending never fails and never waits (R3): what does
   not fit a ring goes to the lane's overflow, from the job's memory budget; outlet_pump moves it on
   whenever the task is stepped.

   Rows that a row *caused* inside a stage (late panes, late rows) are staged and sent in canonical
   order, by position, then shard (architecture.md 3); they come by position, so with rings only
   those of one position are ever held. Rows that came due, and rows straight from a source, are in
   order already and go straight into the batch. A DUE control divides the two. Fused, an outlet
   only stages: outlet_hand_over gives the rows to the reader. A stage of fine time handles rows by
   their stamps, so what it causes comes in no order, and is staged until its phase ends.

   The first half is for generated code, the second for the engine. One worker at a time. */
#ifndef RUNTIME_EDGE_OUTLET_H
#define RUNTIME_EDGE_OUTLET_H

#include "runtime/base/base.h"
#include "runtime/data/batch.h"

struct lane; /* one reader's: edge/outlet.c */
struct outlet_spec;

struct outlet {
    u32 readers; /* 0: this task does not write the edge */
    u32 row_bytes;
    u32 reader_now;         /* ROUTE_ONE and ROUTE_MORSEL: the reader of this morsel's rows */
    bool due;               /* after DUE: caused rows are not staged any more (relays) */
    bool over_budget;       /* memory ran out: rows are dropped, the job is about to stop */
    struct batch **batches; /* by reader: the one being built; never null in an open outlet */
    struct lane *lanes;     /* by reader */
    u64 morsel;             /* of all that is sent now */
    const struct outlet_spec *spec;
    u8 owner[128]; /* by shard: its reader */
};

/* The reader that owns the key of this hash. */
ALWAYS_INLINE u32 outlet_reader(const struct outlet *o, u64 hash) {
    return o->owner[hash >> 57];
}

/* Publishes the batch being built and begins another that has room; for rows larger than a slot a
 * chunk of its own. */
void outlet_next(struct outlet *o, u32 reader, u64 row_bytes, u64 text_bytes);

/* Place for one row of row_bytes (a literal, not 0) whose strings take text_bytes together. The
   caller fills every byte that the reader looks at before the next call, its strings by outlet_text
   right after. */
ALWAYS_INLINE u8 *outlet_row(struct outlet *o, u32 reader, u32 row_bytes, u64 text_bytes) {
    if (UNLIKELY(!batch_room(o->batches[reader], row_bytes, text_bytes)))
        outlet_next(o, reader, row_bytes, text_bytes);
    return batch_add_row(o->batches[reader], row_bytes);
}

/* Copies a string of the row just placed into its batch; returns what the row's offset field holds.
 */
ALWAYS_INLINE u32 outlet_text(struct outlet *o, u32 reader, struct str s) {
    return batch_heap_put(o->batches[reader], s.at, s.size);
}

/* The same for rows caused by the row at `position`, from `shard`: staged. Positions never fall
 * within a phase, unless the outlet stages it as a whole. */
u8 *outlet_caused_row(struct outlet *o, u32 reader, u32 row_bytes, u64 text_bytes, u32 position,
                      u16 shard);
u32 outlet_caused_text(struct outlet *o, u32 reader, struct str s);

/* ---- the engine's half ---- */

struct budget;
struct env;
struct ring;
struct waiter;

/* The same for all outlets of an edge. */
struct outlet_spec {
    u32 readers, row_bytes;
    const u16 *texts; /* offsets in the row of its strings: (u32 offset in the batch, u32 size) */
    u32 text_count;
    bool whole;     /* what rows caused is staged until its phase has ended: fused, where there are
                       no rings, and of fine stages, which go by stamps and not by positions */
    bool by_morsel; /* ROUTE_MORSEL: reader morsel % readers takes the rows */
    u32 slot_bytes, control_room;
    struct budget *budget;
    struct env *env;
};

/* *spec outlives the outlet. Main thread, as the next two. */
void outlet_open(struct outlet *o, const struct outlet_spec *spec);
/* The lane's ring, which stays the caller's, and whom to wake when something was published. */
void outlet_attach(struct outlet *o, u32 reader, struct ring *ring, struct waiter *waiter);
void outlet_close(struct outlet *o);

/* All that is sent from now on is of this morsel. Only when the outlet is not full. */
void outlet_begin(struct outlet *o, u64 morsel);

/* What rows caused in this phase is sent; then DUE. */
void outlet_send_due(struct outlet *o);

/* A MARK, FINISHED or END to all readers, after all that was sent. END publishes, and ends the
 * morsel. */
void outlet_send(struct outlet *o, enum control_kind kind, i64 payload, i64 exact);

/* Moves overflow into rings; how many batches it moved. */
u32 outlet_pump(struct outlet *o);

/* Is there overflow? Then the task starts no morsel. */
bool outlet_is_full(const struct outlet *o);

/* Fused: gives the staged rows, in order, to `take`, as edge.rows does; then they are gone. */
void outlet_hand_over(struct outlet *o,
                      void (*take)(void *arg, const u8 *base, const u8 *row, u32 count), void *arg);

#endif
