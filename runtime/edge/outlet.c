#include "runtime/edge/outlet.h"

#include "runtime/edge/chunk.h"
#include "runtime/edge/ring.h"
#include "runtime/edge/waiter.h"

#include <string.h>

#define STAGE_BYTES                                                                                \
    4096u /* the first chunk of staged rows; the next ones are as large as a slot                  \
           */

/* A staged row. What orders it comes first; `nth` keeps equals in the order in which they came. */
struct staged {
    u64 place; /* position, then shard */
    u32 nth;
    const struct batch *chunk;
    const u8 *row;
};

struct lane {
    struct ring *ring;
    struct waiter *reader;
    bool in_slot;                  /* the batch being built stands in the ring */
    struct batch *oldest, *newest; /* overflow, linked by `external` until a slot refers to it */
    struct batch *chunk;           /* staged rows: the newest chunk, linked to those before it */
    struct staged *staged;
    u32 staged_count, staged_room;
    bool unsorted;
};

/* What stands in for a batch while none is being built: it has room for nothing, so it is never
 * written. */
static const struct batch no_batch = { .rows_end = BATCH_ROWS_AT, .heap_at = BATCH_ROWS_AT };

static struct batch *none(void) {
    return (struct batch *)(uintptr_t)&no_batch;
}

void outlet_open(struct outlet *o, const struct outlet_spec *spec) {
    ENSURE(spec->row_bytes && spec->readers && spec->readers <= 128);
    *o = (struct outlet){ .readers = spec->readers, .row_bytes = spec->row_bytes, .spec = spec };
    o->batches = calloc(spec->readers, sizeof *o->batches);
    o->lanes = calloc(spec->readers, sizeof *o->lanes);
    ENSURE(o->batches && o->lanes);
    for (u32 r = 0; r < spec->readers; r++) o->batches[r] = none();
    for (u32 s = 0; s < 128; s++) o->owner[s] = (u8)(s * spec->readers / 128);
}

void outlet_attach(struct outlet *o, u32 reader, struct ring *ring, struct waiter *waiter) {
    o->lanes[reader].ring = ring;
    o->lanes[reader].reader = waiter;
}

/* ---- staged rows ---- */

static void forget_staged(struct outlet *o, struct lane *lane, u32 keep) {
    struct batch *chunk = lane->chunk;
    while (chunk && (!keep || chunk->external)) {
        struct batch *before = chunk->external;
        chunk_free(o->spec->budget, chunk);
        chunk = before;
    }
    if (chunk) batch_reset(chunk, 0);
    lane->chunk = chunk;
    lane->staged_count = 0;
    lane->unsorted = false;
}

void outlet_close(struct outlet *o) {
    for (u32 r = 0; r < o->readers; r++) {
        struct lane *lane = &o->lanes[r];
        if (!lane->in_slot && o->batches[r] != none()) chunk_free(o->spec->budget, o->batches[r]);
        for (struct batch *next, *b = lane->oldest; b; b = next) {
            next = b->external;
            chunk_free(o->spec->budget, b);
        }
        forget_staged(o, lane, 0);
        free(lane->staged);
    }
    free(o->batches);
    free(o->lanes);
    *o = (struct outlet){ 0 };
}

static int by_place(const void *left, const void *right) {
    const struct staged *a = left, *b = right;
    if (a->place != b->place) return a->place < b->place ? -1 : 1;
    return a->nth < b->nth ? -1 : 1;
}

static void sort_staged(struct lane *lane) {
    if (lane->unsorted) qsort(lane->staged, lane->staged_count, sizeof *lane->staged, by_place);
    lane->unsorted = false;
}

static void send_row(struct outlet *o, u32 reader, const struct staged *from) {
    const struct outlet_spec *spec = o->spec;
    u64 text_bytes = batch_text_bytes(from->row, spec->texts, spec->text_count);
    if (!batch_room(o->batches[reader], spec->row_bytes, text_bytes))
        outlet_next(o, reader, spec->row_bytes, text_bytes);
    batch_copy_row(o->batches[reader], spec->row_bytes, spec->texts, spec->text_count,
                   (const u8 *)from->chunk, from->row);
}

static void send_staged(struct outlet *o, u32 reader) {
    struct lane *lane = &o->lanes[reader];
    if (!lane->staged_count) return;
    sort_staged(lane);
    for (u32 i = 0; i < lane->staged_count; i++) send_row(o, reader, &lane->staged[i]);
    forget_staged(o, lane, 1);
}

static void stage_chunk(struct outlet *o, struct lane *lane, u64 row_bytes, u64 text_bytes) {
    u64 need = batch_size_for(0, row_bytes, text_bytes);
    u64 usual = lane->chunk ? o->spec->slot_bytes : STAGE_BYTES;
    struct batch *chunk =
        chunk_new(o->spec->budget, need > usual ? need : usual, 0, &o->over_budget);
    chunk->external = lane->chunk;
    lane->chunk = chunk;
}

u8 *outlet_caused_row(struct outlet *o, u32 reader, u32 row_bytes, u64 text_bytes, u32 position,
                      u16 shard) {
    if (o->due) return outlet_row(o, reader, row_bytes, text_bytes);
    struct lane *lane = &o->lanes[reader];
    u64 place = (u64)position << 16 | shard;
    if (lane->staged_count) {
        u64 last = lane->staged[lane->staged_count - 1].place;
        ENSURE(o->spec->whole || position >= last >> 16);
        if (!o->spec->whole && position != last >> 16)
            send_staged(o, reader);
        else if (place < last)
            lane->unsorted = true;
    }
    if (!lane->chunk || !batch_room(lane->chunk, row_bytes, text_bytes))
        stage_chunk(o, lane, row_bytes, text_bytes);
    if (lane->staged_count == lane->staged_room) {
        lane->staged_room = lane->staged_room ? 2 * lane->staged_room : 16;
        lane->staged = realloc(lane->staged, lane->staged_room * sizeof *lane->staged);
        ENSURE(lane->staged);
    }
    u8 *row = batch_add_row(lane->chunk, row_bytes);
    lane->staged[lane->staged_count] =
        (struct staged){ place, lane->staged_count, lane->chunk, row };
    lane->staged_count++;
    return row;
}

u32 outlet_caused_text(struct outlet *o, u32 reader, struct str s) {
    if (o->due) return outlet_text(o, reader, s);
    return batch_heap_put(o->lanes[reader].chunk, s.at, s.size);
}

void outlet_hand_over(struct outlet *o,
                      void (*take)(void *arg, const u8 *base, const u8 *row, u32 count),
                      void *arg) {
    struct lane *lane = &o->lanes[0];
    sort_staged(lane);
    for (u32 i = 0, run; i < lane->staged_count; i += run) {
        const struct staged *first = &lane->staged[i];
        for (run = 1; i + run < lane->staged_count; run++)
            if (first[run].chunk != first->chunk ||
                first[run].row != first->row + (u64)run * o->row_bytes)
                break;
        take(arg, (const u8 *)first->chunk, first->row, run);
    }
    if (lane->chunk) forget_staged(o, lane, 1);
}

/* ---- batches ---- */

static void publish_slot(struct outlet *o, struct lane *lane) {
    ring_publish(lane->ring);
    waiter_notify(lane->reader, o->spec->env);
}

/* The batch being built is complete. */
static void publish(struct outlet *o, u32 reader) {
    struct lane *lane = &o->lanes[reader];
    struct batch *built = o->batches[reader], *slot;
    if (built == none()) return;
    o->batches[reader] = none();
    if (lane->in_slot) {
        lane->in_slot = false;
        publish_slot(o, lane);
    } else if (!lane->oldest && (slot = ring_slot(lane->ring))) {
        batch_reset(slot, o->morsel);
        batch_refer(slot, built);
        publish_slot(o, lane);
    } else {
        if (lane->oldest)
            lane->newest->external = built;
        else
            lane->oldest = built;
        lane->newest = built;
    }
}

/* Over the budget nothing more is kept: the rows built so far make room for the next. */
static void drop_rows(struct batch *b) {
    u32 controls = b->control_count;
    batch_reset(b, b->morsel);
    b->control_count = controls;
    for (u32 i = 0; i < controls; i++) batch_controls(b)[i].at_row = 0;
}

void outlet_next(struct outlet *o, u32 reader, u64 row_bytes, u64 text_bytes) {
    const struct outlet_spec *spec = o->spec;
    struct lane *lane = &o->lanes[reader];
    if (o->over_budget && o->batches[reader] != none()) {
        drop_rows(o->batches[reader]);
        if (row_bytes && batch_room(o->batches[reader], (u32)row_bytes, text_bytes)) return;
    }
    publish(o, reader);
    u64 need = batch_size_for(spec->control_room, row_bytes, text_bytes);
    struct batch *b = lane->oldest || need > spec->slot_bytes ? NULL : ring_slot(lane->ring);
    lane->in_slot = b;
    if (!b)
        b = chunk_new(spec->budget, need > spec->slot_bytes ? need : spec->slot_bytes,
                      spec->control_room, &o->over_budget);
    batch_reset(b, o->morsel);
    o->batches[reader] = b;
}

static void send_control(struct outlet *o, u32 reader, enum control_kind kind, i64 payload,
                         i64 exact) {
    struct batch *b = o->batches[reader];
    if (b != none() && batch_add_control(b, kind, payload, exact)) return;
    outlet_next(o, reader, 0, 0);
    ENSURE(batch_add_control(o->batches[reader], kind, payload, exact));
}

bool outlet_is_full(const struct outlet *o) {
    for (u32 r = 0; r < o->readers; r++)
        if (o->lanes[r].oldest) return true;
    return false;
}

void outlet_begin(struct outlet *o, u64 morsel) {
    ENSURE(!outlet_is_full(o));
    o->morsel = morsel;
    o->due = false;
    o->reader_now = o->spec->by_morsel ? (u32)(morsel % o->readers) : 0;
}

void outlet_send_due(struct outlet *o) {
    for (u32 r = 0; r < o->readers; r++) {
        send_staged(o, r);
        send_control(o, r, CONTROL_DUE, 0, 0);
    }
    o->due = true;
}

void outlet_send(struct outlet *o, enum control_kind kind, i64 payload, i64 exact) {
    o->due = false;
    for (u32 r = 0; r < o->readers; r++) {
        send_control(o, r, kind, payload, exact);
        if (kind == CONTROL_END) publish(o, r);
    }
}

u32 outlet_pump(struct outlet *o) {
    u32 moved = 0;
    for (u32 r = 0; r < o->readers; r++) {
        struct lane *lane = &o->lanes[r];
        for (struct batch *slot; lane->oldest && (slot = ring_slot(lane->ring)); moved++) {
            struct batch *chunk = lane->oldest;
            lane->oldest = chunk->external;
            chunk->external = NULL;
            batch_reset(slot, chunk->morsel);
            batch_refer(slot, chunk);
            publish_slot(o, lane);
        }
    }
    return moved;
}
