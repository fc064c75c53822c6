/* The memory that a task remembers in: one reservation of addresses, taken from the machine as it
   is used, handed out in runs. A run is found by a 32-bit offset (in units of 16 bytes, never 0),
   so what lies in a region can be written to a file and mapped elsewhere as it is. Runs come in
   size classes (eight for each doubling) and go back to the list of their class; memory is kept,
   not given back, until the region goes.

   The epoch check. A granule is 4 KiB; a byte for each tells the epoch in which it was last
   written. Every write to a region goes through region_touch first: once an epoch, for each
   granule, it leaves the fast path, which is where a snapshot under way copies the granule aside.
   One worker at a time. */
#ifndef RUNTIME_STATE_REGION_H
#define RUNTIME_STATE_REGION_H

#include "runtime/base/base.h"

#define REGION_UNIT 16u
#define REGION_GRANULE_BITS 12u
#define REGION_CLASSES 240u

struct budget;

struct region {
    u8 *base; /* aligned to 2 MiB */
    uintptr_t
        marks; /* the epoch byte of the granule of p is at marks + (p >> REGION_GRANULE_BITS) */
    u8 epoch;
    bool over; /* the budget told that the job is over its limit: the engine stops it with the stage
                  named */
    u64 used;  /* bytes taken from the machine */
    u64 reserved, marks_bytes;
    u64 small, large, advised; /* offsets: where the next small and large run are cut; huge pages
                                  are advised up to here */
    u32 free[REGION_CLASSES];  /* offset of the first free run of each class; its first word is the
                                  next */
    struct budget *budget;
};

/* -1 if the machine has no addresses for it; budget may be null. */
int region_open(struct region *r, struct budget *budget);
void region_close(struct region *r);

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

#endif
