#include "tests/state/watch.h"

#include <stdlib.h>
#include <string.h>

void watch_open(struct watch *w, struct region *region) {
    *w = (struct watch){ .region = region };
}

static void forget(struct watch *w) {
    while (w->chunks) {
        struct granule_chunk *chunk = w->chunks;
        w->chunks = chunk->next;
        granule_chunk_free(chunk);
    }
}

void watch_close(struct watch *w) {
    forget(w);
    free(w->image);
    free(w->then);
    free(w->free);
    *w = (struct watch){ 0 };
}

static void received(void *self, struct granule_chunk *chunk) {
    struct watch *w = self;
    chunk->next = w->chunks;
    w->chunks = chunk;
    w->copied += chunk->count;
}

static void grow(struct watch *w) {
    u64 bytes = (u64)w->granules * GRANULE_BYTES;
    if (bytes > w->room) {
        w->image = realloc(w->image, bytes);
        w->then = realloc(w->then, bytes);
        w->free = realloc(w->free, w->granules);
        if (!w->image || !w->then || !w->free) abort();
        memset(w->image + w->room, 0, bytes - w->room);
        w->room = bytes;
    }
    memcpy(w->then, w->region->base, bytes);
    const u8 *marks =
        (const u8 *)(w->region->marks + ((uintptr_t)w->region->base >> REGION_GRANULE_BITS));
    for (u32 i = 0; i < w->granules; i++) w->free[i] = marks[i] == REGION_FREE;
}

void watch_barrier(struct watch *w) {
    w->copied = 0;
    region_barrier(w->region, &(struct granule_copies){ received, w, 7 });
    w->granules = region_granules(w->region);
    grow(w);
}

void watch_keep(struct watch *w, struct granule_chunk *chunk) {
    for (u32 i = 0; i < chunk->count; i++)
        memcpy(w->image + (u64)chunk->numbers[i] * GRANULE_BYTES, chunk->bytes[i], GRANULE_BYTES);
}

bool watch_equal(const struct watch *w) {
    bool equal = true;
    for (u64 i = 0, at = 0; i < w->granules; i++, at += GRANULE_BYTES)
        equal &= w->free[i] || !memcmp(w->image + at, w->then + at, GRANULE_BYTES);
    return equal;
}

static void keep_all(struct watch *w) {
    while (w->chunks) {
        struct granule_chunk *chunk = w->chunks;
        w->chunks = chunk->next;
        watch_keep(w, chunk);
        granule_chunk_free(chunk);
    }
}

bool watch_saved(struct watch *w, bool durable) {
    while (durable && !region_is_swept(w->region)) {
        region_sweep(w->region, 1000);
        keep_all(w);
    }
    if (durable)
        keep_all(w);
    else
        forget(w);
    region_saved(w->region, durable);
    return !durable || watch_equal(w);
}
