#include "runtime/state/region.h"

#include "runtime/base/budget.h"
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"

#include <sys/mman.h>

#define RESERVED (64ull << 30)
#define SMALL_ROOM (RESERVED / 4) /* runs below LARGE are cut from the first quarter */
#define LARGE (4u << 10)          /* from here up, on huge pages */
#define HUGE_PAGE (2ull << 20)

int region_open(struct region *r, struct budget *budget) {
    *r = (struct region){ .budget = budget, .epoch = 1 };
    u8 *all = env_reserve(RESERVED + HUGE_PAGE);
    if (!all) return -1;
    r->marks_bytes = RESERVED >> REGION_GRANULE_BITS;
    u8 *marks = env_reserve(r->marks_bytes);
    if (!marks) {
        env_unreserve(all, RESERVED + HUGE_PAGE);
        return -1;
    }
    u64 skip = -(uintptr_t)all & (HUGE_PAGE - 1);
    if (skip) env_unreserve(all, skip);
    if (skip != HUGE_PAGE) env_unreserve(all + skip + RESERVED, HUGE_PAGE - skip);
    r->base = all + skip;
    r->reserved = RESERVED;
    r->marks = (uintptr_t)marks - ((uintptr_t)r->base >> REGION_GRANULE_BITS);
    r->small = 64; /* offset 0 is "none" */
    r->large = r->advised = SMALL_ROOM;
    return 0;
}

void region_close(struct region *r) {
    if (!r->base) return;
    if (r->budget) budget_give(r->budget, BUDGET_STATE, r->used);
    env_unreserve((void *)(r->marks + ((uintptr_t)r->base >> REGION_GRANULE_BITS)), r->marks_bytes);
    env_unreserve(r->base, r->reserved);
    *r = (struct region){ 0 };
}

/* The size of the class that holds `bytes`, and its number: multiples of 32 up to 512, then eight
 * steps a doubling. */
static u64 class_of(u64 bytes, u32 *number) {
    u32 high = bytes < 256 ? 8 : 63 - (u32)__builtin_clzll(bytes);
    u64 step = 1ull << (high - 3), size = (bytes + step - 1) & -step;
    if (size >> (high + 1)) high++;
    *number = (high - 8) * 8 + (u32)(size >> (high - 3));
    return size;
}

static u8 *cut_small(struct region *r, u64 size) {
    if (size >= 256) r->small = (r->small + 63) & ~63ull;
    u8 *run = r->base + r->small;
    r->small += size;
    ENSURE(r->small <= SMALL_ROOM);
    return run;
}

static u8 *cut_large(struct region *r, u64 size) {
    u8 *run = r->base + r->large;
    r->large += size;
    ENSURE(r->large <= r->reserved);
    if (r->large > r->advised) {
        u64 to = (r->large + HUGE_PAGE - 1) & -HUGE_PAGE;
        madvise(r->base + r->advised, to - r->advised, MADV_HUGEPAGE); /* advice: no is an answer */
        r->advised = to;
    }
    return run;
}

void *region_alloc(struct region *r, u64 bytes) {
    u32 number;
    u64 size = class_of(bytes, &number);
    ENSURE(number < REGION_CLASSES);
    u8 *run;
    if (r->free[number]) {
        run = region_at(r, r->free[number]);
        __builtin_memcpy(&r->free[number], run, sizeof(u32));
    } else {
        run = size < LARGE ? cut_small(r, size) : cut_large(r, size);
        r->used += size;
        if (r->budget && !budget_take(r->budget, BUDGET_STATE, size)) r->over = true;
    }
    region_touch_run(r, run, bytes);
    return run;
}

void region_free(struct region *r, void *run, u64 bytes) {
    u32 number;
    class_of(bytes, &number);
    region_touch(r, run, sizeof(u32));
    __builtin_memcpy(run, &r->free[number], sizeof(u32));
    r->free[number] = region_offset(r, run);
}

/* The snapshot's copy of the granule goes here, before it is marked. */
NOINLINE void region_touch_slow(struct region *r, const void *at) {
    *(u8 *)(r->marks + ((uintptr_t)at >> REGION_GRANULE_BITS)) = r->epoch;
}

void region_touch_run(struct region *r, const void *at, u64 bytes) {
    uintptr_t first = (uintptr_t)at >> REGION_GRANULE_BITS;
    uintptr_t last = ((uintptr_t)at + bytes - 1) >> REGION_GRANULE_BITS;
    for (uintptr_t g = first; g <= last; g++)
        if (*(u8 *)(r->marks + g) != r->epoch)
            region_touch_slow(r, (void *)(g << REGION_GRANULE_BITS));
}
