/* `hold until E`: a row waits until E is over, and rows come out in order of E, of equals as they
   came. Time is fine time: a row is late if E < W when it comes; what is over at the exact W comes
   out at each mark and END, with the stamp E. The stage has no key, and so one task.

   A row is a struct of generated code's that begins with a u64, the number of its arrival; its
   texts lie in the region, as that of rows that windows keep (state/kept.h). Rows lie in runs of
   their own, and a heap of (until, arrival, where) beside them. */
#ifndef RUNTIME_STAGE_HOLD_H
#define RUNTIME_STAGE_HOLD_H

#include "runtime/base/base.h"
#include "runtime/stage/chain.h"
#include "runtime/stage/fine.h"
#include "runtime/stage/keeper.h"
#include "runtime/stage/schema.h"
#include "runtime/state/region.h"

struct hold {
    struct region region;
    u32 heap; /* offset of its run; 0: none yet */
    u32 count, room;
    u64 arrivals;
    const struct state_schema *schema;
    bool restored;
};

struct hold_ops {
    u32 row_size;                                   /* a multiple of 8 */
    void (*drop)(void *row, struct region *region); /* its texts; null: it has none */
    /* As key_text_adopt; null: nothing in a row can be wrong. */
    bool (*adopt)(void *row, const u8 *image, u64 bytes, struct region *region);
    /* Runs the chain behind the stage; c->stamp and c->position are set. */
    void (*emit)(struct chain *c, const void *row, const struct region *region);
    const struct state_schema *schema; /* a field whose name tells the rows */
};

/* A place for a row that waits until `until`, not filled in but for its arrival. Touched. */
void *hold_place(struct hold *h, u32 row_size, i64 until);

extern const struct keeper hold_keeper; /* its ops are a struct hold_ops */

#endif
