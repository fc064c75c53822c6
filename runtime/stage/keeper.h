/* What the engine does with a stage that remembers: a table of functions beside a state that only
   its module understands. A kind of window is a keeper; the engine knows none of them.

   Each task of a stage has a state of its own, of the shards [first, first + count), made before
   the job starts and used by whoever steps the task. `ops` is what generated code gives the module
   (struct window_ops), in the variant that runs; spec and ops outlive the state. */
#ifndef RUNTIME_STAGE_KEEPER_H
#define RUNTIME_STAGE_KEEPER_H

#include "runtime/base/base.h"
#include "runtime/base/budget.h"
#include "runtime/base/pack.h"

struct chain;
struct image;
struct region;
struct window_spec;

struct keeper {
    u64 bytes; /* of the state */

    /* -1 with an error trail. Memory is counted in budget (may be null); past it, the region's
       `over` is set, and whoever runs the task looks at that between steps. */
    int (*open)(void *state, const struct window_spec *spec, const void *ops, u32 first, u32 count,
                u64 hash_key, struct budget *budget);
    void (*close)(void *state);

    /* W of the stage rose to w, or is what it was; the wall clock is `clock`, which never falls.
       (With windows and triggers by the clock, at each mark.) Lets out what came due and frees what
       no row can reach any more. TIME_FOREVER: all inputs are finished. */
    void (*watermark)(struct chain *c, void *state, const void *ops, i64 w, i64 clock);

    /* Where everything stands that goes by key; all writes to it are touched (state/region.h). */
    struct region *(*region)(void *state);

    /* What is not in the region, with its schema, at a barrier; then back into a fresh state: from
       each saved one in their order, then restored() asks whether every shard was there. -1 with an
       error trail. See README.md, "To be saved and restored". */
    void (*save)(const void *state, struct pack *to);
    int (*restore)(void *state, const void *ops, struct unpack *from, const struct image *image);
    int (*restored)(const void *state);

    u64 (*open_rows)(const void *state); /* rows in what has not fired */
};

#endif
