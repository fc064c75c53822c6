/* Batches outside of rings: overflow, rows larger than a slot, staged rows. A chunk counts in the
   budget while it is there; whoever holds it frees it, on any thread. */
#ifndef RUNTIME_EDGE_CHUNK_H
#define RUNTIME_EDGE_CHUNK_H

#include "runtime/base/budget.h"
#include "runtime/base/ensure.h"
#include "runtime/data/batch.h"

#include <stdlib.h>

/* An empty batch of that size (batch_size_for). *over is set if the job is over its budget now. */
static inline struct batch *chunk_new(struct budget *budget, u64 bytes, u32 control_room,
                                      bool *over) {
    ENSURE(bytes <= UINT32_MAX - 63);
    bytes = (bytes + 63) & ~(u64)63;
    if (!budget_take(budget, BUDGET_OVERFLOW, bytes)) *over = true;
    void *place = aligned_alloc(64, bytes);
    ENSURE(place);
    return batch_init(place, (u32)bytes, control_room);
}

static inline void chunk_free(struct budget *budget, struct batch *chunk) {
    budget_give(budget, BUDGET_OVERFLOW, chunk->size);
    free(chunk);
}

#endif
