#include "runtime/data/split.h"

#include <string.h>

#include "runtime/base/ensure.h"
#include "runtime/data/simd.h"

/* ---- at runs of a class ---- */

#define TURN_BYTES 256u /* looked at between two calls: at most one edge a byte */

void split_class_begin(struct split_class *it, struct str s, const struct byte_class *class) {
    ENSURE(s.size <= UINT32_MAX);
    it->at = s.at;
    it->size = s.size;
    it->done = 0;
    it->class = class;
    it->next = it->count = 0;
    it->open = 0;
    it->inside = it->ended = false;
}

/* An edge is a byte that differs from the one before in being of the class: the end of a piece, the
   start of the next, and so on. A piece that has started keeps its start in `open` until its end is
   seen. */
bool split_class_more_by(const struct simd *simd, struct split_class *it) {
    it->next = it->count = 0;
    while (!it->ended && it->count < 2) {
        u64 masks[TURN_BYTES / 64];
        u32 n = 0,
            take = it->size - it->done < TURN_BYTES ? (u32)(it->size - it->done) : TURN_BYTES;
        if (!it->inside) it->edges[n++] = it->open;
        simd->in_class((const u8 *)it->at + it->done, take, it->class, masks);
        u64 before = it->inside;
        for (u32 i = 0; i * 64 < take; i++) {
            u64 in = masks[i];
            masks[i] = in ^ (in << 1 | before);
            before = in >> 63;
        }
        if (take % 64) { /* what follows the last byte is no edge */
            masks[take / 64] &= (1ull << take % 64) - 1;
            before = (u64)byte_class_has(it->class, (u8)it->at[it->done + take - 1]);
        }
        n += simd->flatten(masks, (take + 63) / 64, (u32)it->done, it->edges + n);
        it->inside = before;
        it->done += take;
        it->ended = it->done == it->size;
        if (it->ended) {
            if (it->inside) it->edges[n++] = (u32)it->size;
            it->edges[n++] = (u32)it->size;
        } else if (!it->inside) {
            it->open = it->edges[n - 1];
        }
        it->count = n & ~1u;
    }
    return it->count > 0;
}

bool split_class_more(struct split_class *it) {
    return split_class_more_by(simd_best(), it);
}

/* ---- at a text ---- */

bool split_text_next(struct split_text *it, struct str *piece) {
    if (it->ended) return false;
    struct str rest = it->rest, by = it->separator;
    const char *found = NULL;
    if (by.size == 1 && rest.size)
        found = memchr(rest.at, by.at[0], rest.size);
    else if (by.size && rest.size >= by.size)
        found = memmem(rest.at, rest.size, by.at, by.size);
    if (found) {
        *piece = (struct str){ rest.at, (u64)(found - rest.at) };
        u64 gone = piece->size + by.size;
        it->rest = (struct str){ rest.at + gone, rest.size - gone };
    } else {
        *piece = rest;
        it->ended = true;
    }
    return true;
}
