#include "runtime/state/region.h"

#include "runtime/base/budget.h"
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* All that 32-bit offsets can name. ThreadSanitizer leaves a program few addresses. */
#ifdef __SANITIZE_THREAD__
#define RESERVED (4ull << 30)
#else
#define RESERVED (64ull << 30)
#endif
#define LARGE (4u << 10) /* runs from here up are on huge pages */
#define HUGE_PAGE (2ull << 20)
#define SMALL_FIRST HUGE_PAGE      /* smaller ones are cut from the beginning, on small pages, */
#define SMALL_BLOCK (256ull << 10) /* then from blocks of this size */
#define CHUNKS_OUT 1024u           /* 128 MiB may wait for the disk; then the sweep does */
#define SCAN_STEP 65536u           /* marks looked at in one go */

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
    r->small_end = r->top = r->advised = SMALL_FIRST;
    return 0;
}

void region_close(struct region *r) {
    if (!r->base) return;
    if (r->pool) {
        region_saved(r, false);
        granule_pool_fini(r->pool);
        free(r->pool);
    }
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

static u8 *cut_large(struct region *r, u64 size) {
    u8 *run = r->base + r->top;
    r->top += size;
    ENSURE(r->top <= r->reserved);
    if (r->top > r->advised) {
        u64 to = (r->top + HUGE_PAGE - 1) & -HUGE_PAGE;
        madvise(r->base + r->advised, to - r->advised, MADV_HUGEPAGE); /* advice: no is an answer */
        r->advised = to;
    }
    return run;
}

static u8 *cut_small(struct region *r, u64 size) {
    if (size >= 256) r->small = (r->small + 63) & ~63ull;
    if (r->small + size > r->small_end) {
        r->small = (u64)(cut_large(r, SMALL_BLOCK) - r->base);
        r->small_end = r->small + SMALL_BLOCK;
    }
    u8 *run = r->base + r->small;
    r->small += size;
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

/* ---- snapshots ---- */

static u8 *marks_of(const struct region *r) {
    return (u8 *)(r->marks + ((uintptr_t)r->base >> REGION_GRANULE_BITS));
}

/* All marks that are `a` or `b` become `to`. */
static void remark(struct region *r, u8 a, u8 b, u8 to) {
    u8 *marks = marks_of(r);
    for (u64 at = 0; at < r->end; at += 32)
        for (u64 i = at; i < at + 32; i++)
            marks[i] = marks[i] == a || marks[i] == b ? to : marks[i];
}

/* What it was to hold belongs to the next one: as if it had been written now. */
static void give_up(struct region *r) {
    if (r->chunk) granule_chunk_free(r->chunk);
    r->chunk = NULL;
    r->copying = r->held = false;
    remark(r, r->before, REGION_HELD, r->epoch);
}

static void post(struct region *r) {
    r->to.post(r->to.self, r->chunk);
    r->chunk = NULL;
}

static bool copy_out(struct region *r, u32 granule) {
    if (!r->chunk) r->chunk = granule_chunk_new(r->pool);
    if (!r->chunk) {
        give_up(r);
        r->gave_up = true;
        return false;
    }
    struct granule_chunk *chunk = r->chunk;
    chunk->region = r->to.region;
    chunk->numbers[chunk->count] = granule;
    memcpy(chunk->bytes[chunk->count++], r->base + ((u64)granule << REGION_GRANULE_BITS),
           GRANULE_BYTES);
    marks_of(r)[granule] = REGION_HELD;
    if (chunk->count == CHUNK_GRANULES) post(r);
    return true;
}

NOINLINE void region_touch_slow(struct region *r, const void *at) {
    u8 *mark = (u8 *)(r->marks + ((uintptr_t)at >> REGION_GRANULE_BITS));
    if (r->copying && *mark == r->before) copy_out(r, (u32)(mark - marks_of(r)));
    *mark = r->epoch;
}

/* What is all free and only written since the last barrier, no snapshot needs. */
static void mark_free(struct region *r, const u8 *run, u64 bytes) {
    uintptr_t first = ((uintptr_t)run + GRANULE_BYTES - 1) >> REGION_GRANULE_BITS;
    uintptr_t end = ((uintptr_t)run + bytes) >> REGION_GRANULE_BITS;
    for (u8 *mark = (u8 *)(r->marks + first); mark < (u8 *)(r->marks + end); mark++)
        if (*mark == r->epoch) *mark = REGION_FREE;
}

void region_free(struct region *r, void *run, u64 bytes) {
    u32 number;
    u64 size = class_of(bytes, &number);
    region_touch(r, run, sizeof(u32));
    __builtin_memcpy(run, &r->free[number], sizeof(u32));
    r->free[number] = region_offset(r, run);
    mark_free(r, run, size);
}

void region_touch_run(struct region *r, const void *at, u64 bytes) {
    uintptr_t first = (uintptr_t)at >> REGION_GRANULE_BITS;
    uintptr_t last = ((uintptr_t)at + bytes - 1) >> REGION_GRANULE_BITS;
    for (uintptr_t g = first; g <= last; g++)
        if (*(u8 *)(r->marks + g) != r->epoch)
            region_touch_slow(r, (void *)(g << REGION_GRANULE_BITS));
}

void region_barrier(struct region *r, const struct granule_copies *to) {
    ENSURE(!r->copying && !r->held);
    if (!r->pool) {
        r->pool = calloc(1, sizeof *r->pool);
        ENSURE(r->pool);
        r->pool->budget = r->budget;
    }
    r->to = *to;
    r->before = r->epoch;
    r->epoch = 3 - r->epoch;
    r->barriers++;
    r->copying = true;
    r->gave_up = false;
    u64 bytes = r->top > SMALL_FIRST ? r->top : r->small;
    r->end = (u32)((bytes + GRANULE_BYTES - 1) >> REGION_GRANULE_BITS);
    r->cursor = 0;
}

u32 region_sweep(struct region *r, u32 granules) {
    u32 done = 0;
    const u8 *marks = marks_of(r);
    if (!r->copying || granule_pool_out(r->pool) > CHUNKS_OUT) return 0;
    u32 stop = r->end - r->cursor > SCAN_STEP ? r->cursor + SCAN_STEP : r->end;
    while (done < granules && r->cursor < stop) {
        const u8 *next = memchr(marks + r->cursor, r->before, stop - r->cursor);
        r->cursor = next ? (u32)(next - marks) : stop;
        if (!next) break;
        if (!copy_out(r, r->cursor)) return done;
        r->cursor++;
        done++;
    }
    if (r->cursor == r->end) {
        if (r->chunk) post(r);
        r->copying = false;
        r->held = true;
    }
    return done;
}

void region_saved(struct region *r, bool durable) {
    ENSURE(!durable || !(r->copying || r->gave_up));
    if (r->held && durable) {
        remark(r, REGION_HELD, REGION_HELD, REGION_CLEAN);
        r->held = false;
    } else if (r->copying || r->held)
        give_up(r);
    if (r->pool) granule_pool_trim(r->pool);
}
