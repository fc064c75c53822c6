#include "runtime/stage/window_fold.h"

#include "runtime/base/ensure.h"
#include "runtime/stage/window_state.h"

#include <string.h>

/* ---- blocks ---- */

static i64 block_size(const struct slices *x) {
    return x->slicing.span / 2 + x->slicing.span % 2;
}

/* The first slice behind the block that has `slice`. */
static i64 block_end(const struct slices *x, i64 slice) {
    i64 size = block_size(x), in = slice % size;
    return time_add(slice, size - (in < 0 ? in + size : in));
}

/* ---- arrays ---- */

static u64 bytes_of(const struct window *w, u32 slots) {
    return (u64)slots * w->slices->ops->acc_size;
}

static u32 slots_of(const struct window *w, u32 shard) {
    return keyed_slots(&w->keyed.ranges[shard]);
}

static u8 *array_make(struct window *w, u32 slots, bool zero) {
    u8 *array = region_alloc(&w->slices->aside, bytes_of(w, slots));
    if (zero) memset(array, 0, bytes_of(w, slots));
    return array;
}

static void array_drop(struct window *w, u8 **array, u32 slots) {
    if (*array) region_free(&w->slices->aside, *array, bytes_of(w, slots));
    *array = NULL;
}

static struct pass pass_over(struct window *w, u32 shard) {
    return (struct pass){ .region = &w->keyed.region,
                          .slots = w->keyed.ranges[shard].at,
                          .count = slots_of(w, shard),
                          .add_step = w->slices->ops->acc_size };
}

/* ---- a stack ---- */

/* sum becomes slice + sum. */
static void push(struct chain *c, struct window *w, u32 shard, struct fold_stack *st,
                 struct part *part) {
    struct slices *x = w->slices;
    const struct window_ops *ops = x->ops;
    struct parts *closed = &x->shards[shard].closed;
    u32 slots = slots_of(w, shard), size = ops->acc_size;
    u64 acc[PASS_ACC_WORDS];
    if (!st->sum) st->sum = array_make(w, slots, true);
    struct part *undo = parts_put(&st->undo, ~part->number);
    if (part->array) {
        struct pass p = pass_over(w, shard);
        p.base = part_array(closed, part);
        p.add = st->sum;
        p.out = array_make(w, slots, false);
        ops->pass(c, &p);
        part_take(&st->undo, undo, st->sum, slots, slots, 0);
        st->sum = p.out;
        return;
    }
    const u8 *entry = part_list(closed, part);
    u8 *before = part_make_list(&st->undo, undo, part->count, part->count, 0);
    for (u32 i = 0; i < part->count; i++, entry += size + 8, before += size + 8) {
        u64 slot;
        memcpy(&slot, entry, 8);
        u8 *sum = st->sum + slot * size;
        memcpy(before, entry, 8);
        memcpy(before + 8, sum, size);
        memcpy(acc, entry + 8, size);
        ops->merge(c, &w->keyed.region, acc, sum);
        memcpy(sum, acc, size);
    }
}

/* Closed slices [from, to) are pushed, last first. */
static void push_all(struct chain *c, struct window *w, u32 shard, struct fold_stack *st, i64 from,
                     i64 to) {
    struct parts *closed = &w->slices->shards[shard].closed;
    for (u32 i = parts_first(closed, to); i-- && closed->at[i].number >= from;)
        push(c, w, shard, st, &closed->at[i]);
}

/* The slice that came last leaves. */
static void pop(struct window *w, u32 shard, struct fold_stack *st) {
    u32 slots = slots_of(w, shard), size = w->slices->ops->acc_size, last = st->undo.count - 1;
    struct part *undo = &st->undo.at[last];
    if (undo->array) {
        array_drop(w, &st->sum, slots);
        st->sum = part_give(&st->undo, undo);
    } else {
        const u8 *entry = part_list(&st->undo, undo);
        for (u32 i = 0; i < undo->count; i++, entry += size + 8) {
            u64 slot;
            memcpy(&slot, entry, 8);
            memcpy(st->sum + slot * size, entry + 8, size);
        }
    }
    parts_drop(&st->undo, last, last + 1);
    if (!last) array_drop(w, &st->sum, slots);
}

/* Slices before low leave. */
static void pop_to(struct window *w, u32 shard, struct fold_stack *st, i64 low) {
    while (st->undo.count && ~st->undo.at[st->undo.count - 1].number < low) pop(w, shard, st);
}

/* A slot is merged anew from closed slices [from, to); it is new to `slice`, maybe. */
static void redo(struct chain *c, struct window *w, u32 shard, struct fold_stack *st, u32 slot,
                 i64 slice, i64 from, i64 to) {
    const struct window_ops *ops = w->slices->ops;
    const struct parts *closed = &w->slices->shards[shard].closed;
    u32 slots = slots_of(w, shard), size = ops->acc_size;
    u64 sum[PASS_ACC_WORDS] = { 0 }, acc[PASS_ACC_WORDS];
    if (!st->sum) st->sum = array_make(w, slots, true);
    for (u32 i = parts_first(closed, to); i-- && closed->at[i].number >= from;) {
        const struct part *part = &closed->at[i];
        const u8 *has = part_look(closed, part, slot);
        struct part *undo = parts_find(&st->undo, ~part->number);
        if (!undo) undo = parts_put(&st->undo, ~slice);
        if (!has && !undo->array) continue;
        memcpy(part_acc(&st->undo, undo, slots, slot), sum, size);
        if (!has) continue;
        memcpy(acc, has, size);
        ops->merge(c, &w->keyed.region, acc, sum);
        memcpy(sum, acc, size);
    }
    memcpy(st->sum + (u64)slot * size, sum, size);
}

static void stack_drop(struct window *w, u32 shard, struct fold_stack *st) {
    array_drop(w, &st->sum, slots_of(w, shard));
    parts_drop(&st->undo, 0, st->undo.count);
}

/* ---- the back ---- */

static void append(struct chain *c, struct window *w, u32 shard, u8 **back, struct part *part) {
    const struct window_ops *ops = w->slices->ops;
    struct parts *closed = &w->slices->shards[shard].closed;
    u32 size = ops->acc_size;
    if (!*back) *back = array_make(w, slots_of(w, shard), true);
    if (part->array) {
        struct pass p = pass_over(w, shard);
        p.base = p.out = *back;
        p.add = part_array(closed, part);
        ops->pass(c, &p);
        return;
    }
    const u8 *entry = part_list(closed, part);
    for (u32 i = 0; i < part->count; i++, entry += size + 8) {
        u64 slot;
        memcpy(&slot, entry, 8);
        ops->merge(c, &w->keyed.region, *back + slot * size, entry + 8);
    }
}

static u8 **back_of(const struct slices *x, struct fold *f, i64 slice) {
    return &f->back[slice >= time_add(f->end, block_size(x))];
}

/* Closed slices up to high come to the back. */
static void append_to(struct chain *c, struct window *w, u32 shard, i64 high) {
    struct slices *x = w->slices;
    struct fold *f = &x->shards[shard].fold;
    struct parts *closed = &x->shards[shard].closed;
    for (u32 i = parts_first(closed, f->high); i < closed->count && closed->at[i].number < high;
         i++)
        append(c, w, shard, back_of(x, f, closed->at[i].number), &closed->at[i]);
    if (f->high < high) f->high = high;
}

/* Closed slices [from, to) of a slot are merged into acc, forwards. */
static void add_slot(struct chain *c, struct window *w, u32 shard, u32 slot, i64 from, i64 to,
                     void *acc) {
    const struct parts *closed = &w->slices->shards[shard].closed;
    for (u32 i = parts_first(closed, from); i < closed->count && closed->at[i].number < to; i++) {
        const u8 *has = part_look(closed, &closed->at[i], slot);
        if (has) w->slices->ops->merge(c, &w->keyed.region, acc, has);
    }
}

/* ---- from window to window ---- */

void fold_init(struct window *w, u32 shard) {
    struct fold *f = &w->slices->shards[shard].fold;
    parts_init(&f->front.undo, &w->slices->aside, w->slices->ops->acc_size);
    parts_init(&f->next.undo, &w->slices->aside, w->slices->ops->acc_size);
    f->front.undo.fixed = f->next.undo.fixed = true;
}

void fold_drop(struct window *w, u32 shard) {
    struct fold *f = &w->slices->shards[shard].fold;
    if (!f->any) return;
    stack_drop(w, shard, &f->front);
    stack_drop(w, shard, &f->next);
    for (u32 i = 0; i < 2; i++) array_drop(w, &f->back[i], slots_of(w, shard));
    f->any = false;
}

void fold_forget(struct window *w, u32 shard, i64 low) {
    struct fold *f = &w->slices->shards[shard].fold;
    if (!f->any) return;
    const struct parts *closed = &w->slices->shards[shard].closed;
    u32 i = parts_first(closed, low);
    if (i == closed->count || closed->at[i].number >= f->high) {
        fold_drop(w, shard);
        return;
    }
    pop_to(w, shard, &f->front, low);
    pop_to(w, shard, &f->next, low);
    if (f->low < low) f->low = low;
}

/* The front becomes that of the window that begins with low. */
static void move_to(struct chain *c, struct window *w, u32 shard, i64 low) {
    struct slices *x = w->slices;
    struct fold *f = &x->shards[shard].fold;
    i64 end = block_end(x, low), behind = time_add(f->end, block_size(x));
    fold_forget(w, shard, low);
    if (f->any && low < f->end) return;
    if (f->any && end == behind) {
        push_all(c, w, shard, &f->next, low, f->built);
        struct fold_stack empty = f->front;
        f->front = f->next;
        f->next = empty;
        array_drop(w, &f->back[0], slots_of(w, shard));
        f->back[0] = f->back[1];
        f->back[1] = NULL;
    } else {
        fold_drop(w, shard);
        f->any = true;
        f->low = low;
        f->high = end;
        push_all(c, w, shard, &f->front, low, end);
    }
    if (f->high < end) f->high = end;
    f->end = end;
    f->built = time_add(end, block_size(x));
}

u8 *fold_fill(struct chain *c, struct window *w, u32 shard, i64 low, i64 fill) {
    struct slices *x = w->slices;
    struct fold *f = &x->shards[shard].fold;
    if (fill < block_end(x, low)) return NULL;
    move_to(c, w, shard, low);
    if (fill < f->high) return NULL;
    append_to(c, w, shard, fill);
    u8 **back = back_of(x, f, fill);
    if (!*back) *back = array_make(w, slots_of(w, shard), true);
    f->high = fill + 1;
    return *back;
}

void fold_fire(struct chain *c, struct window *w, u32 shard, i64 low, i64 high,
               const struct pane *pane) {
    struct slices *x = w->slices;
    struct fold *f = &x->shards[shard].fold;
    move_to(c, w, shard, low);
    append_to(c, w, shard, high);
    struct pass p = pass_over(w, shard);
    p.emit = pane;
    p.base = f->front.sum;
    p.add = f->back[0];
    p.more = f->back[1];
    x->ops->pass(c, &p);
    i64 behind = time_add(f->end, block_size(x)), from = time_add(f->end, f->end - low);
    if (f->high < behind || from >= f->built) return;
    push_all(c, w, shard, &f->next, from, f->built);
    f->built = from;
}

/* ---- a slot ---- */

void fold_row(struct chain *c, struct window *w, u32 shard, u32 slot, i64 slice) {
    struct slices *x = w->slices;
    struct fold *f = &x->shards[shard].fold;
    if (!f->any || slice < f->low || slice >= f->high) return;
    if (slice < f->end) {
        redo(c, w, shard, &f->front, slot, slice, f->low, f->end);
        return;
    }
    i64 behind = time_add(f->end, block_size(x)), from = slice < behind ? f->end : behind;
    if (slice >= f->built && slice < behind)
        redo(c, w, shard, &f->next, slot, slice, f->built < f->low ? f->low : f->built, behind);
    u8 **back = back_of(x, f, slice);
    if (!*back) *back = array_make(w, slots_of(w, shard), true);
    u8 *sum = *back + bytes_of(w, slot);
    memset(sum, 0, x->ops->acc_size);
    add_slot(c, w, shard, slot, from, slice < behind && behind < f->high ? behind : f->high, sum);
}

void fold_look(struct chain *c, struct window *w, u32 shard, u32 slot, i64 low, i64 high,
               void *acc) {
    const struct slices *x = w->slices;
    const struct window_ops *ops = x->ops;
    const struct parts *closed = &x->shards[shard].closed;
    i64 end = block_end(x, low), behind = time_add(end, block_size(x));
    u64 sum[PASS_ACC_WORDS], back[2][PASS_ACC_WORDS] = { 0 };
    memset(acc, 0, ops->acc_size);
    for (u32 i = parts_first(closed, end); i-- && closed->at[i].number >= low;) {
        const u8 *has = part_look(closed, &closed->at[i], slot);
        if (!has) continue;
        memcpy(sum, has, ops->acc_size);
        ops->merge(c, &w->keyed.region, sum, acc);
        memcpy(acc, sum, ops->acc_size);
    }
    add_slot(c, w, shard, slot, end, behind < high ? behind : high, back[0]);
    add_slot(c, w, shard, slot, behind, high, back[1]);
    ops->merge(c, &w->keyed.region, acc, back[0]);
    ops->merge(c, &w->keyed.region, acc, back[1]);
}

/* ---- slots have moved ---- */

static void array_moved(struct window *w, u32 shard, u8 **array, const u32 *to, u32 before) {
    u8 *old = *array;
    u32 size = w->slices->ops->acc_size;
    if (!old) return;
    *array = array_make(w, slots_of(w, shard), true);
    for (u32 i = 0; i < before; i++)
        if (to[i] != KEYED_GONE) memcpy(*array + (u64)to[i] * size, old + (u64)i * size, size);
    array_drop(w, &old, before);
}

void fold_moved(struct window *w, u32 shard, const u32 *to, u32 before) {
    struct fold *f = &w->slices->shards[shard].fold;
    u32 slots = slots_of(w, shard);
    if (!f->any) return;
    struct fold_stack *stacks[] = { &f->front, &f->next };
    for (u32 i = 0; i < 2; i++) {
        array_moved(w, shard, &stacks[i]->sum, to, before);
        parts_moved(&stacks[i]->undo, to, before, slots);
        array_moved(w, shard, &f->back[i], to, before);
    }
}
