/* Memory named by its lifetime: everything allocated from an arena goes at once. One thread at a
   time. Blocks grow by doubling up to 1 MiB; a bigger request gets a block of its own. Out of
   memory aborts: what lives in arenas is plans and names, never data. */
#ifndef RUNTIME_BASE_ARENA_H
#define RUNTIME_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    char *at, *end;             /* what is left of the newest ordinary block */
    size_t next_bytes;
};

void arena_init(struct arena *arena);
void arena_fini(struct arena *arena);

/* Frees everything; the arena can be used again. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned to 16, good until the arena goes. Size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc));

/* A formatted string. */
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A copy of size bytes with a NUL behind it; from may be null if size is 0. */
char *arena_copy(struct arena *arena, const void *from, size_t size);

#endif
