/* Where the strings of the row at hand are built: a bump allocator that generated code resets at
   each record. What it hands out stays valid until the reset. 64 bytes before and after every piece
   can be read (their values mean nothing), so what works in blocks needs no care at the ends.
   Belongs to one chain, touched by one worker at a time. Out of memory aborts: one record is
   bounded by max_record. */
#ifndef RUNTIME_DATA_SCRATCH_H
#define RUNTIME_DATA_SCRATCH_H

#include "runtime/base/base.h"

struct scratch_chunk;

struct scratch {
    u8 *at, *end;                /* the free part of the newest chunk */
    u8 *start;                   /* where that chunk begins */
    struct scratch_chunk *chunk; /* the newest; each leads to the one before */
    bool many;                   /* more than one */
};

void scratch_init(struct scratch *s);
void scratch_fini(struct scratch *s);

/* The slow halves of the functions below: a new chunk, of which `size` bytes are taken; a reset
   when there are several chunks, which goes on with one that would have held all (up to 4 MiB). */
u8 *scratch_more(struct scratch *s, u64 size);
void scratch_rewind(struct scratch *s);

/* Room for `size` bytes, not aligned, not cleared. */
ALWAYS_INLINE u8 *scratch_take(struct scratch *s, u64 size) {
    u8 *at = s->at;
    if (UNLIKELY((u64)(s->end - at) < size)) return scratch_more(s, size);
    s->at = at + size;
    return at;
}

/* Gives back the end of the newest piece: `unused` lies in it. */
ALWAYS_INLINE void scratch_give_back(struct scratch *s, const u8 *unused) {
    s->at = (u8 *)(uintptr_t)unused;
}

struct scratch_place {
    struct scratch_chunk *chunk;
    u8 *at;
};

/* What is handed out between the two calls is not valid any more behind the second. */
ALWAYS_INLINE struct scratch_place scratch_here(const struct scratch *s) {
    return (struct scratch_place){ s->chunk, s->at };
}

ALWAYS_INLINE void scratch_return(struct scratch *s, struct scratch_place to) {
    if (LIKELY(s->chunk == to.chunk)) s->at = to.at; /* else at the next reset */
}

/* Nothing handed out before is valid any more. */
ALWAYS_INLINE void scratch_reset(struct scratch *s) {
    if (UNLIKELY(s->many))
        scratch_rewind(s);
    else
        s->at = s->start;
}

#endif
