#include "runtime/stage/window.h"

#include "runtime/base/ensure.h"
#include "runtime/stage/window_state.h"

#include <stdlib.h>
#include <string.h>

#define FAR_BYTES (3ull << 20) /* of slots: above it they are prefetched */
#define VOTES 16u              /* rows of one other slice before it becomes the filling one */
#define THIN 32u   /* a slice with fewer rows than a slot in so many is not worth filling */
#define ERA_BITS 6 /* the keys of every shard are looked through every 64 slides, or a window */

_Static_assert(KEYED_SHARDS == SHARDS && KEYED_SHARD_BITS == SHARD_BITS, "one notion of shards");

/* ---- time ---- */

static bool slice_gone(const struct slices *x, i64 w, i64 slice) {
    return time_reached(w, slicing_window_end(&x->slicing, slicing_newest(&x->slicing, slice)) +
                               x->lateness);
}

/* ---- opening and closing ---- */

static void window_moved(void *self, u32 shard, const u32 *to, u32 before);

int window_open(struct window *w, const struct window_spec *spec, const struct window_ops *ops,
                u32 first, u32 count, u64 hash_key, struct budget *budget) {
    ENSURE(ops->acc_size % 8 == 0 && ops->acc_size && ops->acc_size <= PASS_ACC_WORDS * 8);
    ENSURE(ops->keyed.slot_size >= ops->keyed.acc_at + ops->acc_size);
    ENSURE(!ops->schema ||
           (ops->schema->slot_size == ops->keyed.slot_size &&
            ops->schema->acc_at == ops->keyed.acc_at && ops->schema->acc_size == ops->acc_size));
    *w = (struct window){ .w = TIME_NEVER };
    if (keyed_open(&w->keyed, &ops->keyed, first, count, hash_key, budget) < 0) return -1;
    struct slices *x = calloc(1, sizeof *x);
    ENSURE(x);
    w->slices = x;
    x->ops = ops;
    x->spec = spec;
    x->slicing = slicing_of(spec);
    x->lateness = spec->lateness_ns;
    x->booked = spec_books_panes(spec);
    x->apart = x->booked && x->slicing.span > 1;
    if (x->apart) slicing_apart(&x->slicing);
    x->sums = x->slicing.span > 1 && ops->subtract;
    x->folds = x->slicing.span > 1 && !ops->subtract && !ops->drop;
    x->next = x->clock = TIME_NEVER;
    x->busy = true;
    x->era_bits = ERA_BITS;
    while (x->slicing.span >> x->era_bits > 1) x->era_bits++;
    for (u32 s = first; s < first + count; s++) {
        parts_init(&x->shards[s].closed, &w->keyed.region, ops->acc_size);
        x->shards[s].closed.drop = ops->drop;
        panes_open(w, &x->shards[s].panes);
        x->shards[s].census_at = 16;
    }
    w->keyed.moved = window_moved;
    w->keyed.self = w;
    if (!x->folds) return 0;
    if (region_open(&x->aside, budget) < 0) {
        window_close(w);
        return -1;
    }
    for (u32 s = first; s < first + count; s++) fold_init(w, s);
    return 0;
}

void window_close(struct window *w) {
    for (u32 s = 0; w->slices && s < KEYED_SHARDS; s++) {
        parts_fini(&w->slices->shards[s].closed);
        parts_fini(&w->slices->shards[s].panes);
        parts_fini(&w->slices->shards[s].fold.front.undo);
        parts_fini(&w->slices->shards[s].fold.next.undo);
    }
    if (w->slices) {
        free(w->slices->due);
        region_close(&w->slices->aside);
    }
    free(w->slices);
    w->slices = NULL;
    keyed_close(&w->keyed);
}

/* ---- one shard's arrays ---- */

static u64 array_bytes(const struct window *w, u32 slots) {
    return (u64)slots * w->slices->ops->acc_size;
}

static u8 *array_make(struct window *w, u32 slots, bool zero) {
    u8 *array = region_alloc(&w->keyed.region, array_bytes(w, slots));
    if (zero) memset(array, 0, array_bytes(w, slots));
    return array;
}

static void array_drop(struct window *w, u8 *array, u32 slots) {
    if (array) region_free(&w->keyed.region, array, array_bytes(w, slots));
}

void window_look_how_far(struct window *w) {
    w->far = w->keyed.bytes > FAR_BYTES;
}

static void window_moved(void *self, u32 shard, const u32 *to, u32 before) {
    struct window *w = self;
    struct shard *sh = &w->slices->shards[shard];
    u32 slots = keyed_slots(&w->keyed.ranges[shard]), size = w->slices->ops->acc_size;
    parts_moved(&sh->closed, to, before, slots);
    parts_moved(&sh->panes, to, before, slots);
    if (sh->running) {
        u8 *array = array_make(w, slots, true);
        for (u32 i = 0; i < before; i++)
            if (to[i] != KEYED_GONE)
                memcpy(array + (u64)to[i] * size, sh->running + (u64)i * size, size);
        array_drop(w, sh->running, before);
        sh->running = array;
    }
    fold_moved(w, shard, to, before);
    window_look_how_far(w);
}

/* A pass over the slots of a shard, to be told what of. */
static struct pass pass_over(struct window *w, u32 shard) {
    const struct keyed_range *g = &w->keyed.ranges[shard];
    return (struct pass){ .region = &w->keyed.region, .slots = g->at, .count = keyed_slots(g) };
}

static void pass_fill(struct window *w, struct pass *p) {
    p->add = p->slots + w->slices->ops->keyed.acc_at;
    p->add_step = w->slices->ops->keyed.slot_size;
}

/* ... and the filling slice ends: goes to an array, if anybody will ask for it. */
static void pass_end_fill(struct window *w, struct pass *p, bool keep) {
    pass_fill(w, p);
    p->clear = true;
    region_touch_run(&w->keyed.region, p->slots, (u64)p->count * p->add_step);
    if (keep) p->keep = array_make(w, p->count, false);
}

static void fill_ended(struct window *w, struct shard *sh, i64 slice, struct pass *p) {
    if (!p->keep) return;
    if (!p->kept)
        array_drop(w, p->keep, p->count);
    else
        part_take(&sh->closed, parts_put(&sh->closed, slice), p->keep, p->count, p->kept,
                  p->kept_rows);
}

/* ---- running sums ---- */

static bool running_holds(const struct shard *sh, i64 slice) {
    return sh->running && sh->low <= slice && slice < sh->high;
}

/* Adds the slices [from, to) to the running sums, or takes them out. */
static void running_change(struct chain *c, struct window *w, u32 shard, i64 from, i64 to,
                           bool add) {
    const struct window_ops *ops = w->slices->ops;
    struct shard *sh = &w->slices->shards[shard];
    u32 i = parts_first(&sh->closed, from), size = ops->acc_size;
    if (i == sh->closed.count || sh->closed.at[i].number >= to) return;
    struct pass p = pass_over(w, shard);
    region_touch_run(&w->keyed.region, sh->running, (u64)p.count * size);
    p.base = p.out = sh->running;
    p.add_step = size;
    for (; i < sh->closed.count && sh->closed.at[i].number < to; i++) {
        struct part *part = &sh->closed.at[i];
        u8 *array = part_array(&sh->closed, part);
        if (array) {
            p.add = add ? array : NULL;
            p.gone = add ? NULL : array;
            ops->pass(c, &p);
            continue;
        }
        const u8 *entry = part_list(&sh->closed, part);
        for (u32 n = 0; n < part->count; n++, entry += size + 8) {
            u64 slot;
            memcpy(&slot, entry, 8);
            if (add)
                ops->merge(c, p.region, sh->running + slot * size, entry + 8);
            else
                ops->subtract(sh->running + slot * size, entry + 8);
        }
    }
}

/* The running sums become those of window k, which is not before the one they are of. */
static void running_move(struct chain *c, struct window *w, u32 shard, i64 k) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[shard];
    u32 slots = keyed_slots(&w->keyed.ranges[shard]);
    i64 low = slicing_first(&x->slicing, k), high = slicing_behind(&x->slicing, k);
    if (sh->running && sh->high <= low) {
        array_drop(w, sh->running, slots);
        sh->running = NULL;
    }
    if (!sh->running) {
        sh->running = array_make(w, slots, true);
        sh->low = sh->high = low;
    }
    running_change(c, w, shard, sh->low, low, false);
    running_change(c, w, shard, sh->high, high, true);
    sh->low = low;
    sh->high = high;
}

/* ---- firing ---- */

struct pane window_pane(const struct window *w, u32 shard, i64 k) {
    const struct slicing *s = &w->slices->slicing;
    i64 end = time_clamp(slicing_window_end(s, k));
    return (struct pane){
        .start = time_clamp(slicing_window_start(s, k)),
        .end = end,
        .event_time = time_sub(end, 1),
        .stamp = time_sub(end, 1),
        .timing = WINDOW_ON_TIME,
        .shard = (u16)shard,
        .position = POSITION_DUE,
        .strings = &w->keyed.region,
    };
}

/* Is slice asked for again after window k has fired, with W where it is? */
static bool slice_wanted(const struct window *w, i64 slice, i64 k) {
    const struct slices *x = w->slices;
    return slicing_newest(&x->slicing, slice) > k || !slice_gone(x, w->w, slice);
}

/* From running sums: one pass for the panes, the slice that ends and, where it is an array, the one
 * that leaves. */
static u64 fire_sums(struct chain *c, struct window *w, u32 shard, i64 k, const struct pane *pane,
                     bool fill) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[shard];
    running_move(c, w, shard, k);
    struct pass p = pass_over(w, shard);
    i64 next = slicing_first(&x->slicing, time_add(k, 1));
    u32 leaving = parts_first(&sh->closed, sh->low), staying = parts_first(&sh->closed, next);
    p.emit = pane;
    p.base = p.out = sh->running;
    region_touch_run(&w->keyed.region, p.out, array_bytes(w, p.count));
    bool one = staying - leaving == 1 && !(fill && x->fill < next);
    if (one) p.gone = part_array(&sh->closed, &sh->closed.at[leaving]);
    if (fill) pass_end_fill(w, &p, true);
    if (!p.gone && !fill) p.out = NULL;
    x->ops->pass(c, &p);
    if (p.gone) sh->low = next;
    if (fill) fill_ended(w, sh, x->fill, &p);
    return p.kept_rows;
}

/* From one part. */
static void fire_part(struct chain *c, struct window *w, u32 shard, struct parts *parts,
                      struct part *part, const struct pane *pane) {
    struct pass p = pass_over(w, shard);
    p.emit = pane;
    if (part->array)
        p.base = part_array(parts, part);
    else {
        p.list = part_list(parts, part);
        p.count = part->count;
    }
    w->slices->ops->pass(c, &p);
}

/* From several, whose accumulators have contents, merged in order of time: in a list aside if all
 * are lists, else in an array. */
static void fire_merged(struct chain *c, struct window *w, u32 shard, u32 from, u32 to,
                        const struct pane *pane) {
    const struct window_ops *ops = w->slices->ops;
    struct parts *closed = &w->slices->shards[shard].closed, aside;
    u32 slots = keyed_slots(&w->keyed.ranges[shard]), size = ops->acc_size;
    parts_init(&aside, &w->keyed.region, size);
    aside.drop = ops->drop;
    struct part *sum = parts_put(&aside, 0);
    for (u32 i = from; i < to; i++) {
        struct part *part = &closed->at[i];
        if (part->array) {
            if (!sum->array) part_make_array(&aside, sum, slots);
            struct pass p = pass_over(w, shard);
            p.base = p.out = part_array(&aside, sum);
            p.add = part_array(closed, part);
            p.add_step = size;
            ops->pass(c, &p);
            continue;
        }
        const u8 *entry = part_list(closed, part);
        for (u32 n = 0; n < part->count; n++, entry += size + 8) {
            u64 slot;
            memcpy(&slot, entry, 8);
            ops->merge(c, aside.region, part_acc(&aside, sum, slots, (u32)slot), entry + 8);
        }
    }
    fire_part(c, w, shard, &aside, sum, pane);
    parts_drop(&aside, 0, 1);
    parts_fini(&aside);
}

/* Without sums. */
static u64 fire_slices(struct chain *c, struct window *w, u32 shard, i64 k, const struct pane *pane,
                       bool fill) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[shard];
    i64 low = slicing_first(&x->slicing, k), high = slicing_behind(&x->slicing, k);
    u32 from = parts_first(&sh->closed, low), to = parts_first(&sh->closed, high);
    u64 rows = 0;
    if (fill) {
        struct pass p = pass_over(w, shard);
        pass_end_fill(w, &p, from != to || slice_wanted(w, x->fill, k));
        if (from == to)
            p.emit = pane;
        else if (x->folds)
            p.base = p.out = fold_fill(c, w, shard, low, x->fill);
        x->ops->pass(c, &p);
        fill_ended(w, sh, x->fill, &p);
        rows = p.kept_rows;
        if (from == to) return rows;
        to = parts_first(&sh->closed, high);
    }
    if (to - from == 1)
        fire_part(c, w, shard, &sh->closed, &sh->closed.at[from], pane);
    else if (x->folds)
        fold_fire(c, w, shard, low, high, pane);
    else
        fire_merged(c, w, shard, from, to, pane);
    return rows;
}

/* All windows of a shard that W has passed, oldest first; those without rows are not stepped
   through. Returns the rows of the filling slice, if it ended. */
static u64 fire_shard(struct chain *c, struct window *w, u32 shard, bool ends) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[shard];
    const struct slicing *s = &x->slicing;
    u64 rows = 0;
    bool fill = ends;
    for (i64 k = x->next;; k = time_add(k, 1)) {
        u32 i = k == TIME_NEVER ? 0 : parts_first(&sh->closed, slicing_first(s, k));
        bool none = i == sh->closed.count;
        if (none && !fill) break;
        i64 slice =
            none || (fill && x->fill < sh->closed.at[i].number) ? x->fill : sh->closed.at[i].number;
        i64 oldest = slicing_oldest(s, slice);
        if (k < oldest) k = oldest;
        if (!time_reached(w->w, slicing_window_end(s, k))) break;
        bool in = fill && x->fill < slicing_behind(s, k);
        struct pane pane = window_pane(w, shard, k);
        rows += (x->sums ? fire_sums : fire_slices)(c, w, shard, k, &pane, in);
        fill = fill && !in;
    }
    return rows;
}

/* ---- what no row can reach any more ---- */

static void free_slices(struct chain *c, struct window *w, u32 shard) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[shard];
    if (sh->running) {
        u32 i = parts_first(&sh->closed, slicing_first(&x->slicing, x->next));
        if (i < sh->closed.count && sh->closed.at[i].number < slicing_behind(&x->slicing, x->next))
            running_move(c, w, shard, x->next);
        else {
            array_drop(w, sh->running, keyed_slots(&w->keyed.ranges[shard]));
            sh->running = NULL;
        }
    }
    fold_forget(w, shard, slicing_first(&x->slicing, x->next));
    u32 gone = 0;
    while (gone < sh->closed.count && slice_gone(x, w->w, sh->closed.at[gone].number)) gone++;
    parts_drop(&sh->closed, 0, gone);
    for (gone = 0; gone < sh->panes.count; gone++)
        if (!time_reached(w->w,
                          slicing_window_end(&x->slicing, sh->panes.at[gone].number) + x->lateness))
            break;
    parts_drop(&sh->panes, 0, gone);
}

/* A bit for each slot that has something in one of the parts. */
static void census_parts(struct parts *parts, u32 slots, u64 *live) {
    for (u32 n = parts->count; n--;) {
        struct part *part = &parts->at[n];
        u32 step = part->array ? parts->acc_size : parts->acc_size + 8,
            entries = part->array ? slots : part->count;
        const u8 *at = part->array ? part_array(parts, part) : part_list(parts, part);
        for (u32 i = 0; i < entries; i++, at += step) {
            u64 word;
            memcpy(&word, at, 8);
            u64 slot = part->array ? i : word, bit = part->array ? word != 0 : 1;
            live[slot / 64] |= bit << slot % 64;
        }
    }
}

/* A bit for each slot whose key has rows in a live slice, or a window of which panes have come;
   returns how many. */
static u32 census(struct window *w, u32 shard, u64 *live) {
    const struct window_ops *ops = w->slices->ops;
    struct shard *sh = &w->slices->shards[shard];
    const struct keyed_range *g = &w->keyed.ranges[shard];
    u32 slots = keyed_slots(g), count = 0;
    for (u32 i = 0; i < slots; i++) {
        u64 rows = keyed_rows(g->at + (u64)i * ops->keyed.slot_size, &ops->keyed) & ~KEYED_USED;
        live[i / 64] |= (u64)(rows != 0) << i % 64;
    }
    census_parts(&sh->closed, slots, live);
    census_parts(&sh->panes, slots, live);
    for (u32 i = 0; i < (slots + 63) / 64; i++) count += (u32)__builtin_popcountll(live[i]);
    return count;
}

/* When more than half of a shard's keys have no rows any more, they go. It is looked for where keys
   have doubled since the last time, and once an era: by nothing that depends on which task has the
   shard. */
static void evict(struct window *w, u32 shard, bool era) {
    struct shard *sh = &w->slices->shards[shard];
    struct keyed_range *g = &w->keyed.ranges[shard];
    if (g->used < (era ? 16 : sh->census_at)) return;
    u64 *live = calloc((keyed_slots(g) + 63) / 64, sizeof *live);
    ENSURE(live);
    u32 count = census(w, shard, live);
    if (g->used > count * 2) keyed_evict(&w->keyed, &w->slices->ops->keyed, shard, live);
    sh->census_at = count * 2 + 16;
    free(live);
}

/* ---- the watermark ---- */

static void fill_nothing(struct window *w, u64 rows, u64 slots) {
    struct slices *x = w->slices;
    x->filling = false;
    w->fill_size = 0;
    x->busy = rows >= slots / THIN;
    x->votes = 0;
}

static u64 all_slots(const struct window *w) {
    return w->keyed.bytes / w->slices->ops->keyed.slot_size;
}

/* Nobody came to the shard yet, or all keys have left. */
static bool has_nothing(const struct window *w, u32 shard) {
    const struct shard *sh = &w->slices->shards[shard];
    return !w->keyed.ranges[shard].used && !sh->closed.count && !sh->panes.count && !sh->running;
}

void window_watermark(struct chain *c, struct window *w, i64 to) {
    struct slices *x = w->slices;
    if (to <= w->w) return;
    i64 next = slicing_first_open(&x->slicing, to, 0);
    bool era = x->slicing.size && next >> x->era_bits != x->next >> x->era_bits;
    bool ends =
        x->filling &&
        time_reached(to, slicing_window_end(&x->slicing, slicing_oldest(&x->slicing, x->fill)));
    i64 before = w->w;
    u64 rows = 0;
    u32 first = w->keyed.first, last = first + w->keyed.count;
    w->w = to;
    for (u32 s = first; s < last; s++) {
        if (has_nothing(w, s)) continue;
        evict(w, s, era);
        if (!x->booked)
            rows += fire_shard(c, w, s, ends);
        else if (ends)
            rows += shard_leave_fill(c, w, s, x->fill);
    }
    if (ends) fill_nothing(w, rows, all_slots(w));
    for (u32 s = first; x->booked && s < last; s++) panes_come_due(c, w, s, before);
    x->next = next;
    for (u32 s = first; s < last; s++)
        if (!has_nothing(w, s)) free_slices(c, w, s);
    w->keyed.region.over |= x->aside.over;
}

/* ---- which slice fills ---- */

u64 shard_leave_fill(struct chain *c, struct window *w, u32 shard, i64 slice) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[shard];
    struct pass p = pass_over(w, shard);
    pass_end_fill(w, &p, true);
    if (running_holds(sh, slice)) {
        p.base = p.out = sh->running;
        region_touch_run(&w->keyed.region, p.out, array_bytes(w, p.count));
    }
    x->ops->pass(c, &p);
    fill_ended(w, sh, slice, &p);
    return p.kept_rows;
}

/* The slots give the filling slice up to the parts. */
static void fill_leave(struct chain *c, struct window *w) {
    u64 rows = 0;
    for (u32 s = w->keyed.first; s < w->keyed.first + w->keyed.count; s++)
        rows += shard_leave_fill(c, w, s, w->slices->fill);
    fill_nothing(w, rows, all_slots(w));
}

static void slot_load(struct window *w, u32 shard, i64 slice, u64 slot, const u8 *acc) {
    const struct window_ops *ops = w->slices->ops;
    struct shard *sh = &w->slices->shards[shard];
    u64 rows;
    memcpy(&rows, acc, 8);
    if (!rows) return;
    u8 *to = w->keyed.ranges[shard].at + slot * ops->keyed.slot_size;
    region_touch_run(&w->keyed.region, to, ops->keyed.slot_size);
    to += ops->keyed.acc_at;
    memcpy(to, acc, ops->acc_size);
    rows |= KEYED_USED;
    memcpy(to, &rows, 8);
    if (!running_holds(sh, slice)) return;
    u8 *sum = sh->running + slot * ops->acc_size;
    region_touch_run(&w->keyed.region, sum, ops->acc_size);
    ops->subtract(sum, acc);
}

void shard_enter_fill(struct window *w, u32 shard, i64 slice) {
    struct slices *x = w->slices;
    struct parts *closed = &x->shards[shard].closed;
    struct part *part = parts_find(closed, slice);
    if (!part) return;
    const u8 *at = part->array ? part_array(closed, part) : part_list(closed, part);
    for (u32 i = 0, n = part->array ? part->room : part->count; i < n; i++) {
        u64 slot = i;
        if (!part->array) {
            memcpy(&slot, at, 8);
            at += 8;
        }
        slot_load(w, shard, slice, slot, at);
        at += x->ops->acc_size;
    }
    parts_moved_out(closed, part);
}

void window_set_fill(struct window *w, i64 slice) {
    struct slices *x = w->slices;
    x->filling = true;
    x->fill = slice;
    __int128 start = slicing_start(&x->slicing, slice), end = slicing_end(&x->slicing, slice);
    if (end > TIME_FOREVER) end = (__int128)TIME_FOREVER + 1; /* what is behind begins anew */
    w->fill_start = time_clamp(start);
    unsigned __int128 size = (unsigned __int128)(end - w->fill_start);
    w->fill_size = size > UINT64_MAX ? UINT64_MAX : (u64)size;
}

/* A slice comes to the slots, with what it has. */
static void fill_enter(struct window *w, i64 slice) {
    window_set_fill(w, slice);
    for (u32 s = w->keyed.first; s < w->keyed.first + w->keyed.count; s++)
        shard_enter_fill(w, s, slice);
}

/* A row of another slice that is not late: most of such rows elect the next one. Later slices have
   it easy where slices are worth it, as time goes on; else a change costs a pass over all slots,
   and must be earned by rows. */
static void elect(struct chain *c, struct window *w, i64 slice) {
    struct slices *x = w->slices;
    if (x->filling && slice == x->fill) return;
    if (!x->votes) x->candidate = slice;
    x->votes += slice == x->candidate ? 1 : -1u;
    u64 need = all_slots(w) / THIN;
    if (need < VOTES) need = VOTES;
    if (x->busy && !x->filling) need = 1;
    if (x->busy && x->filling && x->candidate > x->fill) need = VOTES;
    if (x->votes < need) return;
    i64 winner = x->candidate;
    if (x->filling) fill_leave(c, w);
    x->votes = 0;
    fill_enter(w, winner);
}

/* ---- rows that do not go the fast way ---- */

/* Adds the closed slices [from, to) of a slot, or takes them out. */
static void look_over(struct chain *c, struct window *w, u32 shard, u32 slot, i64 from, i64 to,
                      void *into, bool add) {
    const struct window_ops *ops = w->slices->ops;
    const struct parts *closed = &w->slices->shards[shard].closed;
    for (u32 i = parts_first(closed, from); i < closed->count && closed->at[i].number < to; i++) {
        const u8 *acc = part_look(closed, &closed->at[i], slot);
        if (acc && add)
            ops->merge(c, &w->keyed.region, into, acc);
        else if (acc)
            ops->subtract(into, acc);
    }
}

/* The number of a late pane of a slot's window, which had `before` rows before: its panes until
 * now. */
static u32 late_number(struct window *w, u32 shard, u32 slot, i64 k, bool before) {
    struct parts *panes = &w->slices->shards[shard].panes;
    u8 *acc = part_acc(panes, parts_put(panes, k), keyed_slots(&w->keyed.ranges[shard]), slot);
    u64 number;
    memcpy(&number, acc, 8);
    if (!number) number = before; /* the one on time */
    u64 after = number + 1;
    memcpy(acc, &after, 8);
    return (u32)number;
}

/* A pane for each window of `slice` that has fired and is still there, oldest first. */
static void late_panes(struct chain *c, struct window *w, u32 shard, u32 slot, i64 slice,
                       u64 delta_rows) {
    struct slices *x = w->slices;
    const struct slicing *s = &x->slicing;
    i64 k = slicing_oldest(s, slice), open = slicing_first_open(s, w->w, x->lateness),
        newest = slicing_newest(s, slice);
    if (k < open) k = open;
    u64 acc[PASS_ACC_WORDS];
    i64 low = slicing_first(s, k), high = low;
    for (; k <= newest && time_reached(w->w, slicing_window_end(s, k)); k++) {
        i64 first = slicing_first(s, k), end = slicing_behind(s, k);
        if (x->folds)
            fold_look(c, w, shard, slot, first, end, acc);
        else if (high == low || !x->ops->subtract) {
            memset(acc, 0, x->ops->acc_size);
            look_over(c, w, shard, slot, first, end, acc, true);
        } else {
            look_over(c, w, shard, slot, low, first, acc, false);
            look_over(c, w, shard, slot, high, end, acc, true);
        }
        low = first;
        high = end;
        struct pane pane = window_pane(w, shard, k);
        pane.number = late_number(w, shard, slot, k, acc[0] > delta_rows);
        pane.timing = WINDOW_LATE;
        pane.caused = true;
        pane.position = c->position;
        pane.stamp = c->stamp;
        x->ops->emit(c, w->keyed.ranges[shard].at + (u64)slot * x->ops->keyed.slot_size, acc,
                     &pane);
        if (x->ops->drop) x->ops->drop(acc, &w->keyed.region);
    }
}

bool window_add(struct chain *c, struct window *w, const struct window_ops *ops, const void *key,
                u64 hash, i64 t, const void *delta) {
    struct slices *x = w->slices;
    const struct slicing *s = &x->slicing;
    i64 slice = slicing_slice(s, t);
    if (slice_gone(x, w->w, slice)) return false;
    bool late = time_reached(w->w, slicing_window_end(s, slicing_oldest(s, slice)));
    if (!late && !x->apart && !x->spec->early.rows) elect(c, w, slice);
    u32 shard = keyed_shard(hash);
    struct shard *sh = &x->shards[shard];
    u8 *at = keyed_upsert(&w->keyed, &ops->keyed, key, hash);
    u32 slot = (u32)((u64)(at - w->keyed.ranges[shard].at) / ops->keyed.slot_size);
    if (x->booked) {
        panes_add(c, w, shard, slot, slice, t, delta);
        return true;
    }
    if (x->filling && slice == x->fill) {
        ops->merge(c, &w->keyed.region, at + ops->keyed.acc_at, delta);
        return true;
    }
    struct part *part = parts_put(&sh->closed, slice);
    ops->merge(c, &w->keyed.region,
               part_acc(&sh->closed, part, keyed_slots(&w->keyed.ranges[shard]), slot), delta);
    u64 rows;
    memcpy(&rows, delta, 8);
    part->rows += rows;
    if (running_holds(sh, slice)) {
        u8 *sum = sh->running + (u64)slot * ops->acc_size;
        region_touch_run(&w->keyed.region, sum, ops->acc_size);
        ops->merge(c, &w->keyed.region, sum, delta);
    }
    fold_row(c, w, shard, slot, slice);
    if (late) late_panes(c, w, shard, slot, slice, rows);
    return true;
}

/* ---- figures ---- */

u64 window_open_rows(const struct window *w) {
    const struct slices *x = w->slices;
    u64 rows = 0;
    for (u32 s = w->keyed.first; s < w->keyed.first + w->keyed.count; s++) {
        const struct parts *closed = &x->shards[s].closed;
        for (u32 i = 0; i < closed->count; i++) {
            i64 newest = slicing_newest(&x->slicing, closed->at[i].number);
            if (!time_reached(w->w, slicing_window_end(&x->slicing, newest)))
                rows += closed->at[i].rows;
        }
        const struct keyed_range *g = &w->keyed.ranges[s];
        for (u32 i = 0, n = keyed_slots(g); i < n; i++)
            rows +=
                keyed_rows(g->at + (u64)i * x->ops->keyed.slot_size, &x->ops->keyed) & ~KEYED_USED;
    }
    return rows;
}

u64 window_keys(const struct window *w) {
    u64 keys = 0;
    for (u32 s = w->keyed.first; s < w->keyed.first + w->keyed.count; s++)
        keys += w->keyed.ranges[s].used;
    return keys;
}

u64 window_bytes(const struct window *w) {
    return w->keyed.region.used + w->slices->aside.used;
}
