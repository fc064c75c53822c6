#include "runtime/stage/hold.h"

#include "runtime/base/error.h"
#include "runtime/stage/saved.h"

#include <string.h>

#define FIRST_ROOM 64u

struct held {
    i64 until;
    u64 arrival;
    u32 row; /* offset of its run */
    u32 unused;
};

static struct held *heap_of(const struct hold *h) {
    return region_at(&h->region, h->heap);
}

static bool is_before(const struct held *a, const struct held *b) {
    return a->until != b->until ? a->until < b->until : a->arrival < b->arrival;
}

static void set(struct hold *h, u32 i, struct held what) {
    struct held *at = heap_of(h) + i;
    region_touch(&h->region, at, sizeof *at);
    *at = what;
}

/* ---- coming ---- */

static void make_room(struct hold *h) {
    u32 room = h->room ? 2 * h->room : FIRST_ROOM;
    void *run = region_alloc(&h->region, (u64)room * sizeof(struct held));
    if (h->room) {
        memcpy(run, heap_of(h), (u64)h->count * sizeof(struct held));
        region_free(&h->region, heap_of(h), (u64)h->room * sizeof(struct held));
    }
    h->heap = region_offset(&h->region, run);
    h->room = room;
}

static void rise(struct hold *h, u32 i, struct held what) {
    while (i) {
        struct held above = heap_of(h)[(i - 1) / 2];
        if (!is_before(&what, &above)) break;
        set(h, i, above);
        i = (i - 1) / 2;
    }
    set(h, i, what);
}

void *hold_place(struct hold *h, u32 row_size, i64 until) {
    if (h->count == h->room) make_room(h);
    u8 *row = region_alloc(&h->region, row_size);
    u64 arrival = h->arrivals++;
    memcpy(row, &arrival, sizeof arrival);
    rise(
        h, h->count++,
        (struct held){ .until = until, .arrival = arrival, .row = region_offset(&h->region, row) });
    return row;
}

/* ---- going ---- */

static void sink(struct hold *h, struct held what) {
    u32 i = 0;
    for (u32 below; (below = 2 * i + 1) < h->count; i = below) {
        const struct held *at = heap_of(h);
        if (below + 1 < h->count && is_before(&at[below + 1], &at[below])) below++;
        if (!is_before(&at[below], &what)) break;
        set(h, i, at[below]);
    }
    set(h, i, what);
}

static void let_out(struct chain *c, struct hold *h, const struct hold_ops *ops) {
    struct held first = heap_of(h)[0];
    void *row = region_at(&h->region, first.row);
    if (--h->count) sink(h, heap_of(h)[h->count]);
    c->stamp = first.until;
    c->position = POSITION_DUE;
    ops->emit(c, row, &h->region);
    if (ops->drop) ops->drop(row, &h->region);
    region_free(&h->region, row, ops->row_size);
}

static void hold_watermark(struct chain *c, void *state, const void *ops, i64 w, i64 clock) {
    struct hold *h = state;
    (void)clock;
    while (h->count && (heap_of(h)->until < w || w == TIME_FOREVER)) let_out(c, h, ops);
}

/* ---- a life ---- */

static int hold_open(void *state, const struct window_spec *spec, const void *ops, u32 first,
                     u32 count, u64 hash_key, struct budget *budget) {
    struct hold *h = state;
    (void)spec;
    (void)first;
    (void)count;
    (void)hash_key;
    *h = (struct hold){ .schema = ((const struct hold_ops *)ops)->schema };
    return region_open(&h->region, budget);
}

static void hold_close(void *state) {
    region_close(&((struct hold *)state)->region);
}

static struct region *hold_region(void *state) {
    return &((struct hold *)state)->region;
}

static u64 hold_open_rows(const void *state) {
    return ((const struct hold *)state)->count;
}

/* ---- snapshots ---- */

static void hold_save(const void *state, struct pack *to) {
    const struct hold *h = state;
    schema_pack(h->schema, to);
    pack_u32(to, h->heap);
    pack_u32(to, h->count);
    pack_u64(to, h->arrivals);
}

/* Rows of another shape are not taken over. */
static int check_schema(const struct hold *h, struct unpack *from) {
    struct arena arena;
    struct text_buf why;
    arena_init(&arena);
    text_buf_init(&why);
    const struct state_schema *saved = schema_unpack(from, &arena);
    int result = saved ? 0 : -1;
    if (saved && schema_compare(saved, h->schema, &why) != SCHEMA_KEEP)
        result = error_set(0, "the saved state does not fit: other rows are held now");
    text_buf_fini(&why);
    arena_fini(&arena);
    return result;
}

static int take_row(struct hold *h, const struct hold_ops *ops, const struct image *image,
                    struct held what) {
    const u8 *saved = saved_run(image, what.row, ops->row_size);
    if (!saved || what.arrival >= h->arrivals) return saved_damaged("a row");
    u8 *row = region_alloc(&h->region, ops->row_size);
    memcpy(row, saved, ops->row_size);
    if (ops->adopt && !ops->adopt(row, image->at, image->bytes, &h->region))
        return saved_damaged("what a row holds");
    what.row = region_offset(&h->region, row);
    if (h->count == h->room) make_room(h);
    rise(h, h->count++, what);
    return 0;
}

static int hold_restore(void *state, const void *ops, struct unpack *from,
                        const struct image *image) {
    struct hold *h = state;
    if (check_schema(h, from)) return -1;
    u32 heap = unpack_u32(from), count = unpack_u32(from);
    h->arrivals = unpack_u64(from);
    if (!unpack_is_done(from)) return saved_damaged("not all is there");
    const u8 *at = count ? saved_run(image, heap, (u64)count * sizeof(struct held)) : NULL;
    if (count && !at) return saved_damaged("the heap");
    for (u32 i = 0; i < count; i++) {
        struct held what;
        memcpy(&what, at + (u64)i * sizeof what, sizeof what);
        if (take_row(h, ops, image, what)) return -1;
    }
    h->restored = true;
    return 0;
}

static int hold_restored(const void *state) {
    return ((const struct hold *)state)->restored ? 0 : saved_damaged("it is not there");
}

const struct keeper hold_keeper = {
    .bytes = sizeof(struct hold),
    .open = hold_open,
    .close = hold_close,
    .watermark = hold_watermark,
    .region = hold_region,
    .save = hold_save,
    .restore = hold_restore,
    .restored = hold_restored,
    .open_rows = hold_open_rows,
};
