/* What a store would do with a region's snapshots, and a check of each: the image put together from
   the copies is, byte for byte, what the region held at the barrier. So a write that was not told
   to region_touch is found, by this snapshot or the next. */
#ifndef TESTS_STATE_WATCH_H
#define TESTS_STATE_WATCH_H

#include "runtime/state/region.h"

struct watch {
    struct region *region;
    u8 *image, *then; /* all snapshots that are safe; the region at the last barrier */
    u8 *free;         /* by granule: holds nothing, so may differ */
    u64 room;
    u32 granules, copied;
    struct granule_chunk *chunks; /* of the snapshot under way, newest first */
};

void watch_open(struct watch *w, struct region *region);
void watch_close(struct watch *w);

void watch_barrier(struct watch *w);

/* Sweeps to the end, or leaves it where it is if the snapshot is to come to nothing. False: the
   image is not what the region was. */
bool watch_saved(struct watch *w, bool durable);

/* Of a snapshot that the caller has swept and received himself. */
void watch_keep(struct watch *w, struct granule_chunk *chunk);
bool watch_equal(const struct watch *w);

#endif
