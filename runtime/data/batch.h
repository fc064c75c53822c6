/* What travels: a batch of rows in one block of memory, which is a slot of a ring or a chunk of its
   own.

       0          64                                    heap_at        size - 24 * control_room size
       | header   | rows, fixed width, growing >   ...   < growing, bytes of strings |  controls |

   A row holds a string as (u32 offset from the start of the batch, u32 size). Controls stand
   between rows: a control with at_row n comes before row n. A slot may instead refer to a chunk
   (external), which the reader gives back. One thread at a time: the producer until it publishes,
   then the reader until it releases. No atomics here: generated code includes this. */
#ifndef RUNTIME_DATA_BATCH_H
#define RUNTIME_DATA_BATCH_H

#include "runtime/base/base.h"

enum control_kind {
    CONTROL_MARK,     /* the watermark passed a boundary; payload: the producer's watermark */
    CONTROL_FINISHED, /* the mark of a source's last morsel */
    CONTROL_DUE,      /* what follows in this phase came due; before it: what rows caused */
    CONTROL_END,      /* the last message of the morsel */
};

struct control {
    i64 payload;
    i64 exact; /* greatest time of the morsel so far */
    u32 at_row;
    u8 kind;
};

struct batch {
    u32 rows_end; /* offset where the next row goes */
    u32 heap_at;  /* offset of the lowest byte of the heap */
    u32 row_count;
    u32 control_count;
    u64 morsel; /* all rows and controls are of this one */
    struct batch *external;
    u32 size;
    u32 control_room;
};

#define BATCH_ROWS_AT 64u

_Static_assert(sizeof(struct batch) <= BATCH_ROWS_AT, "the header is one cache line");
_Static_assert(sizeof(struct control) == 24, "drawn above");

/* ---- producer ---- */

/* Forgets rows and controls; size and control_room stay. */
ALWAYS_INLINE void batch_reset(struct batch *b, u64 morsel) {
    b->rows_end = BATCH_ROWS_AT;
    b->heap_at = b->size - b->control_room * (u32)sizeof(struct control);
    b->row_count = 0;
    b->control_count = 0;
    b->morsel = morsel;
    b->external = NULL;
}

/* The least size of a batch for so many controls, rows and bytes of strings; a multiple of 64. */
ALWAYS_INLINE u64 batch_size_for(u32 control_room, u64 rows_bytes, u64 heap_bytes) {
    return (BATCH_ROWS_AT + rows_bytes + heap_bytes + control_room * sizeof(struct control) + 63) &
           ~(u64)63;
}

/* Makes `size` bytes (aligned to 64, a multiple of 64, at least batch_size_for(control_room, 0, 0))
   an empty batch. */
ALWAYS_INLINE struct batch *batch_init(void *place, u32 size, u32 control_room) {
    struct batch *b = (struct batch *)place;
    b->size = size;
    b->control_room = control_room;
    batch_reset(b, 0);
    return b;
}

/* Is there room for one row and its strings? */
ALWAYS_INLINE bool batch_room(const struct batch *b, u32 row_bytes, u64 heap_bytes) {
    return row_bytes + heap_bytes <= b->heap_at - b->rows_end;
}

/* Place for a row; the caller has asked batch_room and fills it. */
ALWAYS_INLINE u8 *batch_add_row(struct batch *b, u32 row_bytes) {
    u8 *row = (u8 *)b + b->rows_end;
    b->rows_end += row_bytes;
    b->row_count++;
    return row;
}

/* Place for `count` rows, one behind the other; the caller knows that there is room. */
ALWAYS_INLINE u8 *batch_add_rows(struct batch *b, u32 row_bytes, u32 count) {
    u8 *rows = (u8 *)b + b->rows_end;
    b->rows_end += row_bytes * count;
    b->row_count += count;
    return rows;
}

/* Copies the bytes of a string (room was asked for with its row) and returns its offset. */
ALWAYS_INLINE u32 batch_heap_put(struct batch *b, const void *from, u64 size) {
    b->heap_at -= (u32)size;
    if (size) __builtin_memcpy((u8 *)b + b->heap_at, from, size);
    return b->heap_at;
}

/* How many bytes the strings of a row take; `texts` are their offsets in it. */
ALWAYS_INLINE u64 batch_text_bytes(const u8 *row, const u16 *texts, u32 text_count) {
    u64 bytes = 0;
    for (u32 i = 0; i < text_count; i++) {
        u32 text[2];
        __builtin_memcpy(text, row + texts[i], sizeof text);
        bytes += text[1];
    }
    return bytes;
}

/* A copy of a row and its strings, which are relative to base; room was asked for. */
ALWAYS_INLINE u8 *batch_copy_row(struct batch *to, u32 row_bytes, const u16 *texts, u32 text_count,
                                 const u8 *base, const u8 *row) {
    u8 *copy = batch_add_row(to, row_bytes);
    __builtin_memcpy(copy, row, row_bytes);
    for (u32 i = 0; i < text_count; i++) {
        u32 text[2];
        __builtin_memcpy(text, row + texts[i], sizeof text);
        text[0] = batch_heap_put(to, base + text[0], text[1]);
        __builtin_memcpy(copy + texts[i], text, sizeof text);
    }
    return copy;
}

ALWAYS_INLINE struct control *batch_controls(const struct batch *b) {
    return (struct control *)((u8 *)b + b->size) - b->control_room;
}

/* A control after the rows so far. False: no room for another. */
ALWAYS_INLINE bool batch_add_control(struct batch *b, enum control_kind kind, i64 payload,
                                     i64 exact) {
    if (b->control_count == b->control_room) return false;
    batch_controls(b)[b->control_count++] = (struct control){
        .payload = payload, .exact = exact, .at_row = b->row_count, .kind = (u8)kind
    };
    return true;
}

ALWAYS_INLINE bool batch_is_empty(const struct batch *b) {
    return !b->row_count && !b->control_count && !b->external;
}

/* The (reset) slot stands for the chunk from now on; the reader owns the chunk as soon as the slot
   is published. */
ALWAYS_INLINE void batch_refer(struct batch *slot, struct batch *chunk) {
    slot->external = chunk;
}

/* ---- reader ---- */

/* What the slot holds: itself, or the chunk that it refers to, which the reader frees. */
ALWAYS_INLINE struct batch *batch_of(struct batch *slot) {
    return UNLIKELY(slot->external) ? slot->external : slot;
}

ALWAYS_INLINE u8 *batch_row(const struct batch *b, u32 row_bytes, u32 row) {
    return (u8 *)b + BATCH_ROWS_AT + (u64)row * row_bytes;
}

/* A string of a row. Valid until the slot is released. */
ALWAYS_INLINE struct str batch_text(const struct batch *b, u32 offset, u32 size) {
    return (struct str){ .at = (const char *)b + offset, .size = size };
}

#endif
