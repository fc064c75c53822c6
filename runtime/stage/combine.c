#include "runtime/stage/combine.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_ROOM (1u << 20)

/* No key is bytes of 1: not a text, whose bytes behind its size are 0; and of numbers nothing is
   derived, so one that is finds what it would have put there itself. */
static void forget_keys(struct combine *cb) {
    for (u64 at = 0; at <= cb->mask; at++) {
        u8 *slot = cb->slots + at * cb->slot_size;
        memset(slot, 1, cb->acc_at);
        memset(slot + cb->acc_at, 0, cb->slot_size - cb->acc_at);
    }
}

void combine_open(struct combine *cb, const struct combine_ops *ops,
                  const struct window_spec *window, u32 room) {
    ENSURE(room && (room & (room - 1)) == 0 && ops->slot_size % 8 == 0 && ops->acc_at % 8 == 0);
    *cb = (struct combine){ .room = room,
                            .mask = room * 2 - 1,
                            .slot_size = ops->slot_size,
                            .acc_at = ops->acc_at,
                            .text_room = TEXTS_ROOM };
    cb->slicing = slicing_of(window);
    cb->slots = malloc((u64)room * 2 * ops->slot_size);
    cb->order = malloc((room * 2ull + 1) * sizeof *cb->order);
    cb->texts = malloc(TEXTS_ROOM);
    ENSURE(cb->slots && cb->order && cb->texts);
    forget_keys(cb);
}

void combine_close(struct combine *cb) {
    free(cb->slots);
    free(cb->order);
    free(cb->texts);
    *cb = (struct combine){ 0 };
}

NOINLINE void combine_turn(struct combine *cb, i64 t) {
    i64 slice = slicing_slice(&cb->slicing, t);
    cb->slice_start = time_clamp(slicing_start(&cb->slicing, slice));
    unsigned __int128 size =
        (unsigned __int128)(slicing_end(&cb->slicing, slice) - cb->slice_start);
    cb->slice_size = size > UINT64_MAX ? UINT64_MAX : (u64)size;
}

/* While fewer than `room` slots are taken the probing meets a free one. */
NOINLINE void *combine_probe(struct combine *cb, const struct combine_ops *ops, const void *key,
                             u32 at) {
    while (cb->count < cb->room) {
        u8 *slot = cb->slots + (u64)at * ops->slot_size;
        u64 rows;
        memcpy(&rows, slot + ops->acc_at, 8);
        bool same = ops->key_equal(slot, key);
        if (!same && !rows && !(same = ops->key_keep(slot, key, cb))) return NULL;
        if (same) return combine_enter(cb, ops, at);
        at = (at + 1) & cb->mask;
    }
    return NULL;
}

const char *combine_text(struct combine *cb, const char *at, u64 size) {
    if (size > cb->text_room - cb->text_size) {
        cb->texts_full = cb->text_size != 0;
        if (cb->texts_full) return NULL;
        free(cb->texts); /* one text larger than all the room */
        cb->texts = malloc(size);
        ENSURE(cb->texts);
        cb->text_room = size;
    }
    char *text = cb->texts + cb->text_size;
    if (size) memcpy(text, at, size);
    cb->text_size += size;
    return text;
}

#define LOOK_ROWS (64u << 10) /* rows that tell whether it is worth it */
#define ROWS_MIN 3u           /* rows an entry, or it is not */
#define ASIDE_FLUSHES 64u

static void decide(struct combine *cb) {
    if (cb->aside) {
        cb->aside = --cb->aside_left != 0;
    } else if (cb->seen_rows >= LOOK_ROWS) {
        cb->aside = cb->seen_entries * ROWS_MIN > cb->seen_rows;
        cb->aside_left = ASIDE_FLUSHES;
        cb->seen_rows = cb->seen_entries = 0;
    }
}

void combine_clear(struct combine *cb) {
    for (u32 i = 0; i < cb->count; i++) {
        u8 *acc = cb->slots + (u64)cb->order[i] * cb->slot_size + cb->acc_at;
        u64 rows;
        memcpy(&rows, acc, 8);
        cb->seen_rows += rows;
        memset(acc, 0, cb->slot_size - cb->acc_at);
    }
    cb->seen_entries += cb->count;
    cb->count = 0;
    if (cb->texts_full) { /* no key has its text any longer */
        forget_keys(cb);
        cb->text_size = 0;
        cb->texts_full = false;
    }
    decide(cb);
}
