#include "runtime/base/arena.h"
#include "runtime/base/ensure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES_MIN ((size_t)4096)
#define BLOCK_BYTES_MAX ((size_t)1 << 20)

struct arena_block {
    _Alignas(16) struct arena_block *older;
};

void arena_init(struct arena *arena) {
    *arena = (struct arena){ .next_bytes = BLOCK_BYTES_MIN };
}

void arena_reset(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *older = arena->blocks->older;
        free(arena->blocks);
        arena->blocks = older;
    }
    arena_init(arena);
}

void arena_fini(struct arena *arena) {
    arena_reset(arena);
}

static char *block_new(struct arena *arena, size_t bytes) {
    struct arena_block *block = calloc(1, sizeof *block + bytes);
    ENSURE(block);
    block->older = arena->blocks;
    arena->blocks = block;
    return (char *)(block + 1);
}

void *arena_alloc(struct arena *arena, size_t size) {
    ENSURE(size < (size_t)1 << 46);
    size = size ? (size + 15) & ~(size_t)15 : 16;
    if (size <= (size_t)(arena->end - arena->at)) {
        void *place = arena->at;
        arena->at += size;
        return place;
    }
    /* A big piece leaves the rest of the current block in use. */
    if (size > arena->next_bytes / 2) return block_new(arena, size);
    char *place = block_new(arena, arena->next_bytes);
    arena->at = place + size;
    arena->end = place + arena->next_bytes;
    if (arena->next_bytes < BLOCK_BYTES_MAX) arena->next_bytes *= 2;
    return place;
}

char *arena_printf(struct arena *arena, const char *fmt, ...) {
    char most[256];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int size = vsnprintf(most, sizeof most, fmt, args);
    ENSURE(size >= 0);
    char *text = arena_alloc(arena, (size_t)size + 1);
    if ((size_t)size < sizeof most)
        memcpy(text, most, (size_t)size);
    else
        vsnprintf(text, (size_t)size + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}

char *arena_copy(struct arena *arena, const void *from, size_t size) {
    char *copy = arena_alloc(arena, size + 1);
    if (size) memcpy(copy, from, size);
    return copy;
}
