/* Copies of granules on their way from the owner of a region to who writes them to disk. They
   travel in chunks; a chunk is the receiver's once it is posted, until he gives it back, and then
   serves again: fresh memory would cost more than the copying. So a region has as many chunks as
   were on their way at once during its last snapshot. */
#ifndef RUNTIME_STATE_GRANULE_H
#define RUNTIME_STATE_GRANULE_H

#include "runtime/base/base.h"

#include <stdatomic.h>

#define REGION_GRANULE_BITS 12u
#define GRANULE_BYTES (1u << REGION_GRANULE_BITS)
#define CHUNK_GRANULES 31u /* a chunk is a little less than 128 KiB */

struct budget;

struct granule_chunk {
    u8 bytes[CHUNK_GRANULES][GRANULE_BYTES];
    u32 numbers[CHUNK_GRANULES]; /* of granules in their region, in no order; none comes twice */
    u32 count, region;           /* region: the number told with region_barrier */
    struct granule_chunk *next;  /* the receiver's, while he has it */
    struct granule_pool *pool;
};

/* Who takes full chunks, and the last one of a snapshot. `post` must not wait. */
struct granule_copies {
    void (*post)(void *self, struct granule_chunk *chunk);
    void *self;
    u32 region;
};

/* Gives a chunk back. Any thread; once. */
void granule_chunk_free(struct granule_chunk *chunk);

/* The chunks of one region; all but `back` is its owner's. */
struct granule_pool {
    struct budget *budget;                /* BUDGET_SNAPSHOT; may be null */
    _Atomic(struct granule_chunk *) back; /* given back by receivers */
    struct granule_chunk *spare;
    u32 made, spares, most; /* most: were out at once since granule_pool_trim */
};

/* A chunk to fill, or null: the job has no memory for it. */
struct granule_chunk *granule_chunk_new(struct granule_pool *p);

/* Chunks that receivers have. */
u32 granule_pool_out(struct granule_pool *p);

/* Gives up what was not needed since the last time. */
void granule_pool_trim(struct granule_pool *p);
void granule_pool_fini(struct granule_pool *p); /* all chunks are back */

#endif
