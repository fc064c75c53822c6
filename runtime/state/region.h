/* The memory that a task remembers in: one reservation of addresses, taken from the machine as it
   is used, handed out in runs. A run is found by a 32-bit offset (in units of 16 bytes, never 0),
   so what lies in a region can be written to a file and mapped elsewhere as it is. Runs come in
   size classes (eight for each doubling) and go back to the list of their class; memory is kept,
   not given back, until the region goes.

   Snapshots copy on write. A granule is 4 KiB, numbered from the region's start without gaps; its
   mark, a byte, tells the epoch in which it was last written. Every write to a region goes through
   region_touch first: once an epoch, for each granule, it leaves the fast path. A barrier begins a
   new epoch; what is marked with the one before is what the snapshot needs. Such a granule is
   copied before the first write to it, the others by region_sweep, a few at a time: so the copies
   hold what the region held at the barrier, and nobody waits. What a snapshot that came to nothing
   held belongs to the next one. The first has all granules that were ever written.
   One worker at a time. */
#ifndef RUNTIME_STATE_REGION_H
#define RUNTIME_STATE_REGION_H

#include "runtime/base/base.h"
#include "runtime/state/granule.h"

#define REGION_UNIT 16u
#define REGION_CLASSES 240u

/* What a mark says, besides the two epochs that take turns. */
#define REGION_CLEAN 0u /* never written, or not since the last snapshot that is safe */
#define REGION_FREE 4u  /* written, but in a run that is free: nothing to be kept */
#define REGION_HELD 3u  /* not written since the snapshot under way has copied it */

struct budget;

struct region {
    u8 *base; /* aligned to 2 MiB */
    uintptr_t
        marks;    /* the epoch byte of the granule of p is at marks + (p >> REGION_GRANULE_BITS) */
    u8 epoch;     /* 1 or 2 */
    u32 barriers; /* so far */
    bool over; /* the budget told that the job is over its limit: the engine stops it with the stage
                  named */
    u64 used;  /* bytes taken from the machine */
    u64 reserved, marks_bytes;
    u64 top, advised;     /* offsets: where the next large run is cut; huge pages are advised up to
                             here */
    u64 small, small_end; /* where the next small run is cut, and until where that goes */
    u32 free[REGION_CLASSES]; /* offset of the first free run of each class; its first word is the
                                 next */
    struct budget *budget;

    /* The snapshot under way. */
    bool copying; /* granules marked `before` are to be copied */
    bool held;    /* all are; what became of them is not known yet */
    bool gave_up; /* there was no memory for copies */
    u8 before;
    u32 cursor, end; /* region_sweep has come to; how many granules there were at the barrier */
    struct granule_copies to;
    struct granule_chunk *chunk; /* that is being filled */
    struct granule_pool *pool;   /* null before the first barrier */
};

/* -1 if the machine has no addresses for it; budget may be null. */
int region_open(struct region *r, struct budget *budget);
void region_close(struct region *r); /* all chunks are back */

/* A run of at least `bytes` (not 0), aligned to 64 from 256 bytes up, to 16 below; whatever it held
   before is still in it. Touched. Never refuses: past the budget it says so in `over`. */
void *region_alloc(struct region *r, u64 bytes);

/* Takes back a run that region_alloc gave for the same number of bytes. */
void region_free(struct region *r, void *run, u64 bytes);

void region_touch_slow(struct region *r, const void *at);

/* Before bytes are written all over [at, at + bytes). */
void region_touch_run(struct region *r, const void *at, u64 bytes);

/* Before `size` bytes at `at` are written; size is a literal. A power of two up to 64 does not lie
 * across granules. */
ALWAYS_INLINE void region_touch(struct region *r, const void *at, u32 size) {
    if (size > GRANULE_BYTES) {
        region_touch_run(r, at, size);
        return;
    }
    const u8 *marks = (const u8 *)(r->marks + ((uintptr_t)at >> REGION_GRANULE_BITS));
    if (UNLIKELY(*marks != r->epoch)) region_touch_slow(r, at);
    if ((size & (size - 1)) != 0 || size > 64) {
        const u8 *last = (const u8 *)at + size - 1;
        marks = (const u8 *)(r->marks + ((uintptr_t)last >> REGION_GRANULE_BITS));
        if (UNLIKELY(*marks != r->epoch)) region_touch_slow(r, last);
    }
}

ALWAYS_INLINE void *region_at(const struct region *r, u32 offset) {
    return r->base + (u64)offset * REGION_UNIT;
}

ALWAYS_INLINE u32 region_offset(const struct region *r, const void *at) {
    return (u32)((u64)((const u8 *)at - r->base) / REGION_UNIT);
}

/* ---- snapshots: all by the owner, between steps ---- */

/* A snapshot of the region as it is now begins; `to` gets its copies. What became of the one before
   has been told (region_saved). Constant time. */
void region_barrier(struct region *r, const struct granule_copies *to);

/* How many granules the region had at the last barrier: the size of its image. Those that were
   never written are not among the copies, nor those that were all free: of these an image may hold
   anything. */
ALWAYS_INLINE u32 region_granules(const struct region *r) {
    return r->end;
}

/* Copies up to `granules` of those that are still to be copied, and returns how many it did: fewer,
   or none, also where many copies wait for the disk already. */
u32 region_sweep(struct region *r, u32 granules);

/* Has the last copy been posted (or is no snapshot under way)? */
ALWAYS_INLINE bool region_is_swept(const struct region *r) {
    return !r->copying;
}

/* Past the memory budget the snapshot is given up, not the job: nothing more of it will be posted.
   Until the next barrier. */
ALWAYS_INLINE bool region_gave_up(const struct region *r) {
    return r->gave_up;
}

/* What became of the snapshot: it is safe, or it came to nothing, at whatever stage it was. No
   snapshot, no news. */
void region_saved(struct region *r, bool durable);

#endif
