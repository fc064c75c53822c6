#include "runtime/stage/combine.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_ROOM (1u << 20)

void combine_open(struct combine *cb, const struct combine_ops *ops, i64 size_ns, i64 slide_ns,
                  i64 offset_ns, u32 room) {
    ENSURE(room && (room & (room - 1)) == 0 && ops->entry_size % 8 == 0 && ops->acc_at % 8 == 0);
    *cb = (struct combine){ .room = room, .mask = room * 2 - 1, .text_room = TEXTS_ROOM };
    cb->slicing = slicing_of(size_ns, slide_ns, offset_ns);
    cb->entries = malloc((u64)room * ops->entry_size);
    cb->hashes = malloc(room * sizeof *cb->hashes);
    cb->index = calloc(room * 2, sizeof *cb->index);
    cb->texts = malloc(TEXTS_ROOM);
    ENSURE(cb->entries && cb->hashes && cb->index && cb->texts);
}

void combine_close(struct combine *cb) {
    free(cb->entries);
    free(cb->hashes);
    free(cb->index);
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
                           u64 hash, u32 position, u32 at) {
    if (cb->count == cb->room) return NULL;
    u8 *entry = cb->entries + (u64)cb->count * ops->entry_size;
    if (!ops->key_keep(entry, key, cb)) return NULL;
    memcpy(entry + ops->slice_at, &cb->slice_start, 8);
    memcpy(entry + ops->slice_at + 8, &position, 4);
    memset(entry + ops->acc_at, 0, ops->entry_size - ops->acc_at);
    cb->hashes[cb->count++] = hash;
    cb->index[at] = cb->count;
    return entry + ops->acc_at;
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

/* Few entries are found again by their hashes; an entry's place is behind its home, past none but
 * what goes too. */
void combine_clear(struct combine *cb) {
    if (cb->count > cb->mask / 16)
        memset(cb->index, 0, ((u64)cb->mask + 1) * sizeof *cb->index);
    else
        for (u32 i = 0; i < cb->count; i++) {
            u32 at = (u32)cb->hashes[i] & cb->mask;
            while (cb->index[at] != i + 1) at = (at + 1) & cb->mask;
            cb->index[at] = 0;
        }
    cb->count = 0;
    cb->text_size = 0;
}
