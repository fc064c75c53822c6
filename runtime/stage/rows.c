#include "runtime/base/ensure.h"
#include "runtime/data/timefn.h"
#include "runtime/stage/rows_state.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_FEW 16u  /* a shard of fewer is not looked through for those that can go */
#define RING_LEAST 4u /* rows that a ring has room for at first */

/* ---- sums ---- */

static void *acc_of(const struct rows_entry *e) {
    return (void *)(e + 1);
}

/* The accumulators of some rows and their times. */
struct sum {
    i64 low, high;
    void *acc;
};

static struct sum sum_of_slot(const struct rows_key *x) {
    return (struct sum){ x->low, x->high, (void *)(x + 1) };
}

static struct sum sum_of_entry(const struct rows_entry *e) {
    return (struct sum){ e->low, e->high, acc_of(e) };
}

/* The later rows of `from` join those of `into`; has_rows: it has some. */
static void sum_add(struct chain *c, struct rows *s, struct sum *into, const struct sum *from,
                    bool has_rows) {
    s->x->ops->merge(c, &s->keyed.region, into->acc, from->acc);
    into->low = has_rows && into->low < from->low ? into->low : from->low;
    into->high = has_rows && into->high > from->high ? into->high : from->high;
}

/* A copy, with accumulators at `acc`. */
static struct sum sum_copy(struct chain *c, struct rows *s, const struct sum *from, void *acc) {
    struct sum copy = { .acc = acc };
    memset(acc, 0, s->x->ops->acc_size);
    sum_add(c, s, &copy, from, false);
    return copy;
}

static void acc_clear(struct rows *s, void *acc) {
    const struct window_ops *ops = s->x->ops;
    if (ops->drop) ops->drop(acc, &s->keyed.region);
    memset(acc, 0, ops->acc_size);
}

/* ---- the slot ---- */

static u32 since_of(const struct rows *s, u8 *slot) {
    return ROWS_SINCE(*rows_word(s, slot));
}

static void set_since(const struct rows *s, u8 *slot, u32 since) {
    u64 *word = rows_word(s, slot);
    *word = KEYED_USED | (u64)since << 32 | (u32)*word;
}

static u8 *ring_of(const struct rows *s, u8 *slot) {
    u32 at = (u32)*rows_word(s, slot);
    return at ? region_at(&s->keyed.region, at) : NULL;
}

static void touch_slot(struct rows *s, u8 *slot) {
    region_touch_run(&s->keyed.region, slot, s->x->ops->keyed.slot_size);
}

static void set_slot_sum(struct rows_key *x, const struct sum *sum) {
    x->low = sum->low;
    x->high = sum->high;
}

static void add_to_slot(struct chain *c, struct rows *s, u8 *slot, const struct sum *row,
                        bool has_rows) {
    struct rows_key *x = rows_key(s, slot);
    struct sum sum = sum_of_slot(x);
    sum_add(c, s, &sum, row, has_rows);
    set_slot_sum(x, &sum);
}

/* ---- the ring ---- */

/* Twice the room, up to the rows of a window; the oldest row comes to its start. */
static void ring_grow(struct rows *s, u8 *slot) {
    struct rows_key *x = rows_key(s, slot);
    u8 *old = ring_of(s, slot);
    u32 room = x->room ? 2 * x->room : RING_LEAST;
    if (room > s->size) room = s->size;
    u8 *ring = region_alloc(&s->keyed.region, (u64)room * s->x->entry);
    for (u32 i = 0; i < x->count; i++)
        memcpy(ring + (u64)i * s->x->entry, rows_entry(s, x, old, i), s->x->entry);
    if (old) region_free(&s->keyed.region, old, (u64)x->room * s->x->entry);
    x->head = 0;
    x->room = room;
    u64 *word = rows_word(s, slot);
    *word = (*word & ~(u64)UINT32_MAX) | region_offset(&s->keyed.region, ring);
}

/* All rows of the ring become sums up to its last row; the slot begins anew. */
static void ring_turn(struct chain *c, struct rows *s, u8 *slot) {
    struct rows_key *x = rows_key(s, slot);
    u8 *ring = ring_of(s, slot);
    region_touch_run(&s->keyed.region, ring, (u64)x->room * s->x->entry);
    for (u32 i = x->count - 1; i-- > 0;) {
        struct rows_entry *e = rows_entry(s, x, ring, i);
        struct sum sum = sum_of_entry(e), later = sum_of_entry(rows_entry(s, x, ring, i + 1));
        sum_add(c, s, &sum, &later, true);
        *e = (struct rows_entry){ sum.low, sum.high };
    }
    x->front = x->count;
    acc_clear(s, x + 1);
}

static void ring_drop_oldest(struct chain *c, struct rows *s, u8 *slot) {
    struct rows_key *x = rows_key(s, slot);
    if (!x->front) ring_turn(c, s, slot);
    struct rows_entry *oldest = rows_entry(s, x, ring_of(s, slot), 0);
    region_touch_run(&s->keyed.region, oldest, s->x->entry);
    acc_clear(s, acc_of(oldest));
    x->head = x->head + 1 == x->room ? 0 : x->head + 1;
    x->count--;
    x->front--;
}

static void ring_put(struct chain *c, struct rows *s, u8 *slot, const struct sum *row) {
    struct rows_key *x = rows_key(s, slot);
    if (x->count == s->size) ring_drop_oldest(c, s, slot);
    if (x->count == x->room) ring_grow(s, slot);
    struct rows_entry *e = rows_entry(s, x, ring_of(s, slot), x->count);
    region_touch_run(&s->keyed.region, e, s->x->entry);
    *e = (struct rows_entry){ row->low, row->high };
    sum_copy(c, s, row, acc_of(e));
    add_to_slot(c, s, slot, row, x->count > x->front);
    x->count++;
}

/* ---- panes ---- */

static void give(struct chain *c, struct rows *s, u8 *slot, struct sum sum, struct pane p) {
    p.start = sum.low;
    p.end = time_add(sum.high, 1);
    if (sum.high > p.event_time) p.event_time = sum.high;
    p.timing = WINDOW_ON_TIME;
    p.op = PANE_INSERT;
    p.strings = &s->keyed.region;
    s->x->ops->emit(c, slot, sum.acc, &p);
}

/* The rows of the window as they are now. */
static void give_window(struct chain *c, struct rows *s, u8 *slot, struct pane p) {
    const struct rows_key *x = rows_key(s, slot);
    struct sum newer = sum_of_slot(x);
    if (!x->front) {
        give(c, s, slot, newer, p);
        return;
    }
    struct sum older = sum_of_entry(rows_entry(s, x, ring_of(s, slot), 0));
    u64 acc[PASS_ACC_WORDS];
    struct sum all = sum_copy(c, s, &older, acc);
    if (x->count > x->front) sum_add(c, s, &all, &newer, true);
    give(c, s, slot, all, p);
    acc_clear(s, acc);
}

void rows_add(struct chain *c, struct rows *s, u8 *slot, u64 hash, i64 t, i64 w,
              const void *delta) {
    struct sum row = { t, t, (void *)delta };
    u32 shard = keyed_shard(hash), since = since_of(s, slot);
    touch_slot(s, slot);
    if (s->x->ring)
        ring_put(c, s, slot, &row);
    else
        add_to_slot(c, s, slot, &row, since);
    if (!since && !s->x->ring) s->x->live[shard]++;
    set_since(s, slot, ++since);
    if (since < s->every) return;
    struct pane p = { .event_time = w, .stamp = c->stamp, .shard = (u16)shard };
    p.caused = true;
    p.position = c->position;
    give_window(c, s, slot, p);
    set_since(s, slot, 0);
    if (s->x->ring) return;
    acc_clear(s, rows_key(s, slot) + 1);
    s->x->live[shard]--;
}

/* ---- the end ---- */

static bool is_used(const struct rows *s, u8 *slot) {
    return *rows_word(s, slot) & KEYED_USED;
}

/* What came since the last pane, or the last rows if some did. */
static void give_rest(struct chain *c, struct rows *s, u32 shard) {
    u8 *slot = s->keyed.ranges[shard].at;
    u32 size = s->x->ops->keyed.slot_size;
    struct pane p = { .event_time = s->w, .stamp = s->w, .shard = (u16)shard };
    p.position = POSITION_DUE;
    for (u32 n = keyed_slots(&s->keyed.ranges[shard]); n--; slot += size) {
        if (!is_used(s, slot) || !since_of(s, slot)) continue;
        give_window(c, s, slot, p);
        touch_slot(s, slot);
        set_since(s, slot, 0);
    }
}

/* More than half of its keys remember no rows: these leave. By nothing that depends on which task
   has the shard. */
static void evict(struct rows *s, u32 shard) {
    const struct keyed_range *g = &s->keyed.ranges[shard];
    if (s->x->ring || g->used < KEYS_FEW || s->x->live[shard] * 2 >= g->used) return;
    u32 slots = keyed_slots(g);
    u64 *keep = calloc((slots + 63) / 64, sizeof *keep);
    ENSURE(keep);
    for (u32 i = 0; i < slots; i++) {
        u64 live = since_of(s, g->at + (u64)i * s->x->ops->keyed.slot_size) != 0;
        keep[i / 64] |= live << i % 64;
    }
    keyed_evict(&s->keyed, &s->x->ops->keyed, shard, keep);
    free(keep);
}

static void rows_watermark(struct chain *c, void *state, const void *ops, i64 w, i64 clock) {
    struct rows *s = state;
    (void)ops;
    (void)clock;
    if (w != TIME_FOREVER && w > s->w) s->w = w;
    for (u32 i = s->keyed.first; i < s->keyed.first + s->keyed.count; i++) {
        if (w == TIME_FOREVER) give_rest(c, s, i);
        evict(s, i);
    }
}

/* ---- opening and closing ---- */

static int rows_open(void *state, const struct window_spec *spec, const void *window_ops, u32 first,
                     u32 count, u64 hash_key, struct budget *budget) {
    struct rows *s = state;
    const struct window_ops *ops = window_ops;
    ENSURE(ops->acc_size % 8 == 0 && ops->acc_size && ops->acc_size <= PASS_ACC_WORDS * 8);
    ENSURE(ops->keyed.slot_size >= ROWS_SLOT(ops->keyed.acc_at, ops->acc_size));
    *s = (struct rows){ .size = spec->rows, .every = spec->every, .w = TIME_NEVER };
    if (keyed_open(&s->keyed, &ops->keyed, first, count, hash_key, budget) < 0) return -1;
    s->x = calloc(1, sizeof *s->x);
    ENSURE(s->x);
    s->x->ops = ops;
    s->x->entry = (u32)sizeof(struct rows_entry) + ops->acc_size;
    s->x->ring = s->every != s->size;
    return 0;
}

static void rows_close(void *state) {
    struct rows *s = state;
    free(s->x);
    s->x = NULL;
    keyed_close(&s->keyed);
}

static struct region *rows_region(void *state) {
    return &((struct rows *)state)->keyed.region;
}

static u64 rows_open_rows(const void *state) {
    struct rows *s = (struct rows *)state;
    u64 rows = 0;
    for (u32 i = s->keyed.first; i < s->keyed.first + s->keyed.count; i++) {
        u8 *slot = s->keyed.ranges[i].at;
        for (u32 n = keyed_slots(&s->keyed.ranges[i]); n--; slot += s->x->ops->keyed.slot_size)
            if (is_used(s, slot)) rows += since_of(s, slot);
    }
    return rows;
}

const struct keeper rows_keeper = {
    .bytes = sizeof(struct rows),
    .open = rows_open,
    .close = rows_close,
    .watermark = rows_watermark,
    .region = rows_region,
    .save = rows_save,
    .restore = rows_restore,
    .restored = rows_restored,
    .open_rows = rows_open_rows,
};
