/* Windows whose clause says when they give panes, and how (docs/language.md, *Panes*, *Modes*):
   early ones, late ones by number or time, what came since the last pane, what takes back the one
   before. Each window here has accumulators of its own: a sliding row goes to all that hold it.

   What has to be known of a slot's panes stands in a record, by window and slot: a pane_book and,
   where panes are taken back, the accumulators of the last one. A slot without a record has had no
   pane if its window is open, and else the one on time, with all it holds: so no record is needed
   as long as nothing but the end lets a window out. `discarding` takes what was sent away from the
   accumulators; without a record it is still there. */
#include "runtime/base/grow.h"
#include "runtime/stage/window_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- the layout ---- */

u32 panes_record_size(const struct window_spec *spec, u32 acc_size) {
    if (!spec_books_panes(spec)) return 8;
    return (u32)sizeof(struct pane_book) + (spec->mode == WINDOW_RETRACTING ? acc_size : 0);
}

void panes_open(struct window *w, struct parts *panes) {
    const struct slices *x = w->slices;
    parts_init(panes, &w->keyed.region, panes_record_size(x->spec, x->ops->acc_size));
    if (x->spec->mode != WINDOW_RETRACTING) return;
    panes->drop = x->ops->drop;
    panes->drop_at = sizeof(struct pane_book);
}

/* ---- one slot's pane ---- */

/* Panes of one window of a shard, at one moment. */
struct giving {
    struct chain *c;
    struct window *w;
    u32 shard;
    i64 k;
    struct part *part; /* the window's accumulators; null: it is the filling one */
    struct pane pane;  /* what all of them have in common */
    bool freed;        /* the window is done with: nothing need be noted */
};

static struct giving giving_of(struct chain *c, struct window *w, u32 shard, i64 k,
                               enum window_timing timing) {
    struct slices *x = w->slices;
    struct giving g = { .c = c, .w = w, .shard = shard, .k = k };
    g.pane = window_pane(w, shard, k);
    g.pane.timing = (u8)timing;
    g.pane.stamp = w->w; /* by the clock; else the caller knows better */
    if (!x->filling || x->fill != k) g.part = parts_find(&x->shards[shard].closed, k);
    g.freed = time_reached(w->w, slicing_window_end(&x->slicing, k) + x->lateness);
    return g;
}

static const u8 *record_look(const struct giving *g, u32 slot) {
    struct parts *panes = &g->w->slices->shards[g->shard].panes;
    const struct part *part = parts_find(panes, g->k);
    return part ? part_look(panes, part, slot) : NULL;
}

static struct pane_book book_of(const u8 *record) {
    struct pane_book book = { 0 };
    if (record) memcpy(&book, record, sizeof book);
    return book;
}

/* The accumulators of the last pane, of which the book is. */
static void record_put(const struct giving *g, u32 slot, const struct pane_book *book,
                       const void *acc) {
    struct slices *x = g->w->slices;
    struct parts *panes = &x->shards[g->shard].panes;
    u32 slots = keyed_slots(&g->w->keyed.ranges[g->shard]);
    u8 *record = part_acc(panes, parts_put(panes, g->k), slots, slot);
    memcpy(record, book, sizeof *book);
    if (x->spec->mode != WINDOW_RETRACTING) return;
    record += sizeof *book;
    if (x->ops->drop) x->ops->drop(record, &g->w->keyed.region);
    memset(record, 0, x->ops->acc_size);
    x->ops->merge(g->c, &g->w->keyed.region, record, acc);
}

/* What the accumulators at `at` hold, which may be those of a slot. */
static void acc_read(const struct giving *g, const u8 *at, u64 *acc) {
    memcpy(acc, at, g->w->slices->ops->acc_size);
    acc[0] &= ~KEYED_USED;
}

/* What was sent is of no account any more. */
static void acc_clear(const struct giving *g, u8 *at) {
    u64 word;
    u32 size = g->w->slices->ops->acc_size;
    region_touch_run(&g->w->keyed.region, at, size);
    memcpy(&word, at, 8);
    if (g->part) g->part->rows -= word & ~KEYED_USED;
    if (g->w->slices->ops->drop) g->w->slices->ops->drop(at, &g->w->keyed.region);
    word &= KEYED_USED;
    memset(at, 0, size);
    memcpy(at, &word, 8);
}

/* A pane has been given, or is known to have been. */
static void note(const struct giving *g, u32 slot, struct pane_book *book, u8 *at, const u64 *acc,
                 enum window_timing timing) {
    bool discards = g->w->slices->spec->mode == WINDOW_DISCARDING;
    pane_book_note(book, discards ? 0 : acc[0], timing);
    record_put(g, slot, book, acc);
    if (discards) acc_clear(g, at);
}

/* The slot's pane, if it has one; its accumulators stand at `at`. */
static void give(const struct giving *g, u32 slot, u8 *at) {
    const struct slices *x = g->w->slices;
    const struct window_ops *ops = x->ops;
    const u8 *key = g->w->keyed.ranges[g->shard].at + (u64)slot * ops->keyed.slot_size;
    const u8 *record = record_look(g, slot);
    struct pane_book book = book_of(record);
    struct pane p = g->pane;
    bool on_time = p.timing == WINDOW_ON_TIME;
    u64 acc[PASS_ACC_WORDS];
    acc_read(g, at, acc);
    if (!acc[0] || (p.timing == WINDOW_LATE && !book.known)) return;
    if (!on_time && acc[0] == book.rows) return;
    if (x->spec->mode == WINDOW_RETRACTING && book.panes) {
        p.op = PANE_UPDATE_BEFORE;
        p.number = (u32)book.panes - 1;
        p.timing = (u8)book.timing;
        ops->emit(g->c, key, record + sizeof book, &p);
        p.op = PANE_UPDATE_AFTER;
        p.timing = g->pane.timing;
    }
    p.number = (u32)book.panes;
    ops->emit(g->c, key, acc, &p);
    if (!g->freed && (!on_time || book.known))
        note(g, slot, &book, at, acc, (enum window_timing)p.timing);
}

/* The panes of all slots, in their order. */
static void give_all(const struct giving *g) {
    const struct slices *x = g->w->slices;
    const struct keyed_range *range = &g->w->keyed.ranges[g->shard];
    struct parts *closed = &g->w->slices->shards[g->shard].closed;
    u32 slots = keyed_slots(range), size = x->ops->acc_size;
    if (!g->part || g->part->array) {
        u8 *at = g->part ? part_array(closed, g->part) : range->at + x->ops->keyed.acc_at;
        u32 step = g->part ? size : x->ops->keyed.slot_size;
        for (u32 i = 0; i < slots; i++, at += step) give(g, i, at);
        return;
    }
    u8 *entry = (u8 *)part_list(closed, g->part);
    for (u32 n = 0; n < g->part->count; n++, entry += size + 8) {
        u64 slot;
        memcpy(&slot, entry, 8);
        give(g, (u32)slot, entry + 8);
    }
}

/* ---- what comes due ---- */

struct due_window {
    struct pane_due due;
    i64 k;
};

static int by_due(const void *left, const void *right) {
    const struct due_window *a = left, *b = right;
    if (a->due.at != b->due.at) return a->due.at < b->due.at ? -1 : 1;
    return (a->k > b->k) - (a->k < b->k);
}

static void look(struct slices *x, i64 k, i64 before, i64 w) {
    struct due_window d = { .k = k };
    if (!pane_comes_due(x->spec, slicing_window_end(&x->slicing, k), before, w, &d.due)) return;
    x->due = grown(x->due, x->due_count, &x->due_room, sizeof *x->due);
    x->due[x->due_count++] = d;
}

void panes_come_due(struct chain *c, struct window *w, u32 shard, i64 before) {
    struct slices *x = w->slices;
    const struct parts *closed = &x->shards[shard].closed;
    x->due_count = 0;
    for (u32 i = 0; i < closed->count; i++) look(x, closed->at[i].number, before, w->w);
    if (x->filling) look(x, x->fill, before, w->w);
    if (x->due_count > 1) qsort(x->due, x->due_count, sizeof *x->due, by_due);
    for (u32 i = 0; i < x->due_count; i++) {
        struct giving g = giving_of(c, w, shard, x->due[i].k, x->due[i].due.timing);
        g.pane.stamp = time_clamp(x->due[i].due.at);
        give_all(&g);
    }
}

static void tick(struct chain *c, struct window *w, u32 shard, i64 k, bool early, bool late) {
    const struct slices *x = w->slices;
    bool open = !time_reached(w->w, slicing_window_end(&x->slicing, k));
    if (open ? !early : !late) return;
    struct giving g = giving_of(c, w, shard, k, open ? WINDOW_EARLY : WINDOW_LATE);
    give_all(&g);
}

void window_clock(struct chain *c, struct window *w, i64 clock) {
    struct slices *x = w->slices;
    __int128 at;
    if (clock <= x->clock) return;
    bool early = triggers_passed(x->spec->early.wall_ns, x->clock, clock, &at);
    bool late = triggers_passed(x->spec->late.wall_ns, x->clock, clock, &at);
    x->clock = clock;
    u32 first = w->keyed.first, last = first + w->keyed.count;
    for (u32 s = first; (early || late) && s < last; s++) {
        const struct parts *closed = &x->shards[s].closed;
        bool filled = !x->filling;
        for (u32 i = 0; i < closed->count; i++) {
            if (!filled && closed->at[i].number > x->fill) {
                tick(c, w, s, x->fill, early, late);
                filled = true;
            }
            tick(c, w, s, closed->at[i].number, early, late);
        }
        if (!filled) tick(c, w, s, x->fill, early, late);
    }
}

/* ---- rows ---- */

/* Before a late row is added: what the slot holds came out on time. */
static void open_book(const struct giving *g, u32 slot, u8 *at) {
    u64 acc[PASS_ACC_WORDS];
    struct pane_book book = book_of(record_look(g, slot));
    if (book.known) return;
    acc_read(g, at, acc);
    if (acc[0])
        note(g, slot, &book, at, acc, WINDOW_ON_TIME);
    else
        record_put(g, slot, &(struct pane_book){ .known = true }, acc);
}

/* Into window k, which is not gone. */
static void add_to(struct chain *c, struct window *w, u32 shard, u32 slot, i64 k,
                   const void *delta) {
    struct slices *x = w->slices;
    const struct keyed_range *range = &w->keyed.ranges[shard];
    struct parts *closed = &x->shards[shard].closed;
    bool late = time_reached(w->w, slicing_window_end(&x->slicing, k));
    if (!x->filling || x->fill != k) parts_put(closed, k);
    struct giving g = giving_of(c, w, shard, k, late ? WINDOW_LATE : WINDOW_EARLY);
    u8 *at = g.part ? part_acc(closed, g.part, keyed_slots(range), slot)
                    : range->at + (u64)slot * x->ops->keyed.slot_size + x->ops->keyed.acc_at;
    if (late) open_book(&g, slot, at);
    x->ops->merge(c, &w->keyed.region, at, delta);
    u64 rows, all;
    memcpy(&rows, delta, 8);
    memcpy(&all, at, 8);
    if (g.part) g.part->rows += rows;
    u64 every = late ? spec_late_rows(x->spec) : x->spec->early.rows;
    if (!trigger_rows(every, (all & ~KEYED_USED) - book_of(record_look(&g, slot)).rows)) return;
    g.pane.caused = true;
    g.pane.stamp = c->stamp;
    g.pane.position = c->position;
    give(&g, slot, at);
}

void panes_add(struct chain *c, struct window *w, u32 shard, u32 slot, i64 newest, i64 t,
               const void *delta) {
    const struct slices *x = w->slices;
    i64 k = newest;
    while (x->apart && k > TIME_NEVER && slicing_window_end(&x->slicing, k - 1) > t) k--;
    for (; k <= newest; k++)
        if (!time_reached(w->w, slicing_window_end(&x->slicing, k) + x->lateness))
            add_to(c, w, shard, slot, k, delta);
}
