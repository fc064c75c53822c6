#include "runtime/data/scratch.h"

#include <stdlib.h>

#include "runtime/base/ensure.h"

#define CHUNK_BYTES (64u << 10)
#define KEPT_BYTES (4u << 20) /* a rewind keeps no more than this for the next record */
#define MARGIN 64u            /* readable before and after every piece */

struct scratch_chunk {
    struct scratch_chunk *before;
    u64 size;
};

static void chunk_push(struct scratch *s, u64 size) {
    struct scratch_chunk *chunk = malloc(sizeof *chunk + size + 2 * MARGIN);
    ENSURE(chunk);
    *chunk = (struct scratch_chunk){ .before = s->chunk, .size = size };
    s->many = s->chunk != NULL;
    s->chunk = chunk;
    s->start = s->at = (u8 *)(chunk + 1) + MARGIN;
    s->end = s->at + size;
}

static void chunks_free(struct scratch *s) {
    while (s->chunk) {
        struct scratch_chunk *before = s->chunk->before;
        free(s->chunk);
        s->chunk = before;
    }
}

void scratch_init(struct scratch *s) {
    *s = (struct scratch){ 0 };
    chunk_push(s, CHUNK_BYTES);
}

void scratch_fini(struct scratch *s) {
    chunks_free(s);
    *s = (struct scratch){ 0 };
}

u8 *scratch_more(struct scratch *s, u64 size) {
    u64 room = 2 * s->chunk->size < KEPT_BYTES ? 2 * s->chunk->size : KEPT_BYTES;
    chunk_push(s, size > room ? size : room);
    s->at += size;
    return s->start;
}

void scratch_rewind(struct scratch *s) {
    u64 size = 0;
    for (struct scratch_chunk *chunk = s->chunk; chunk; chunk = chunk->before) size += chunk->size;
    chunks_free(s);
    chunk_push(s, size < KEPT_BYTES ? size : KEPT_BYTES);
}
