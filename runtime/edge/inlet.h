/* An inlet is one task's side of all its inputs. It hands out the rows of a morsel in canonical
   order (architecture.md 3), phase by phase, straight from the slots of the rings, and it is where
   watermarks meet: of the producers of an input, and of the inputs of a stage.

   In a phase, what rows caused comes first: every lane is in order by (position, shard), and the
   lanes of an input are in the order of shards, so the inlet merges them by (position, input, lane)
   as they arrive. It waits until each lane has a row or has said DUE; since producers never wait
   for room (R3), that holds nothing up. Then what came due: inputs in the order written, producers
   in order. A lane from a source has no due part. The phase ends with the same MARK, FINISHED or
   END on all lanes.

   One worker at a time. */
#ifndef RUNTIME_EDGE_INLET_H
#define RUNTIME_EDGE_INLET_H

#include "runtime/base/budget.h"
#include "runtime/data/batch.h"
#include "runtime/edge/meet.h"

struct env;
struct ring;
struct waiter;

/* The ring from one producer. */
struct inlet_lane {
    struct ring *ring;
    struct waiter *producer; /* to wake when a slot was released */
    u32 input;
    struct batch *slot; /* at hand, or null; batch is what it holds */
    struct batch *batch;
    u32 row, control; /* the next of each */
    u32 rows_until;   /* the row before which that control stands, or the count */
    bool stopped;     /* its next message is a control that this part of the phase waits for */
};

struct inlet_input {
    bool raw; /* from a source: one lane for each producer of the island, read by taker */
    const bool *descends; /* by source of the job: does this input descend from it? */
    u32 row_bytes;
    i32 position_at; /* offset in the row; -1: there is one lane */
    u32 first_lane, lane_count;
    i64 w; /* the input's watermark */
};

struct inlet {
    struct inlet_input *inputs;
    struct inlet_lane *lanes; /* of input 0 in the order of producers, of input 1, ... */
    u32 input_count, lane_count;
    struct inlet_lane **live; /* of the morsel at hand, in that order */
    u32 live_count;
    u32 due_at; /* the live lane whose due rows are read; live_count: what rows caused is not done
                   yet */
    bool due;
    struct inlet_lane *from; /* whose rows were handed out */
    u32 handed;
    u64 morsel;
    u32 source;                    /* whose it is */
    bool wall;                     /* the stage goes by the clock */
    i64 clock;                     /* the stamp of the morsel's ticket, kept by the task */
    i64 w;                         /* of the stage: where its inputs' meet */
    const struct silence *silence; /* kept by the task; that a source has finished is set here */
    struct env *env;
    struct budget *budget;
};

struct inlet_rows {
    u32 input;
    const u8 *base, *row;
    u32 count;
};

enum inlet_answer {
    INLET_NOTHING, /* nothing to read yet */
    INLET_ROWS,    /* *out; until inlet_taken */
    INLET_DUE, /* all that rows caused in this phase was read; what comes now came due. Once a phase
                */
    INLET_PHASE, /* the end of the phase: inlet_end_phase */
};

/* What ended a phase. */
struct inlet_mark {
    enum control_kind kind; /* MARK, FINISHED or END */
    i64 exact;
    bool rose; /* the stage's w did */
};

/* inputs, lanes (all but raw's `stopped` and cursors), silence, env and budget are set; the rest is
   zero. */
void inlet_open(struct inlet *in);
void inlet_close(struct inlet *in);

/* The next morsel is `morsel`, of `source`, whose rows producer `taker` sends. False: no input
   descends from the source, the task skips the morsel. */
bool inlet_begin(struct inlet *in, u64 morsel, u32 source, u32 taker);

/* Do the rows of this morsel come straight from a source, by one way? Then they are in the order of
   their stamps. */
bool inlet_is_straight(const struct inlet *in);

/* What is next. */
enum inlet_answer inlet_next(struct inlet *in, struct inlet_rows *out);

/* The rows of the last INLET_ROWS have been handled, and nothing refers to them. */
void inlet_taken(struct inlet *in);

/* Takes the control that ends the phase from all live lanes and lets the watermark rise (R6). */
struct inlet_mark inlet_end_phase(struct inlet *in);

#endif
