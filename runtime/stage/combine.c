#include "runtime/stage/combine.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_ROOM (1u << 20)

void combine_open(struct combine *cb, const struct combine_ops *ops,
                  const struct window_spec *window, u32 room) {
    ENSURE(room && (room & (room - 1)) == 0 && ops->slot_size % 8 == 0 && ops->acc_at % 8 == 0);
    *cb = (struct combine){ .room = room,
                            .mask = room * 2 - 1,
                            .slot_size = ops->slot_size,
                            .acc_at = ops->acc_at,
                            .text_room = TEXTS_ROOM };
    cb->slicing = slicing_of(window);
    cb->slots = calloc((u64)room * 2, ops->slot_size);
    cb->order = malloc(room * sizeof *cb->order);
    cb->texts = malloc(TEXTS_ROOM);
    ENSURE(cb->slots && cb->order && cb->texts);
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

NOINLINE void *combine_new(struct combine *cb, const struct combine_ops *ops, const void *key,
                           u8 *slot) {
    if (cb->count == cb->room || !ops->key_keep(slot, key, cb)) return NULL;
    cb->order[cb->count++] = (u32)((u64)(slot - cb->slots) / ops->slot_size);
    return slot + ops->acc_at;
}

const char *combine_text(struct combine *cb, const char *at, u64 size) {
    if (size > cb->text_room - cb->text_size) {
        if (cb->text_size) return NULL;
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
#define ROWS_MIN 4u           /* rows an entry, or it is not */
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
    cb->text_size = 0;
    decide(cb);
}
