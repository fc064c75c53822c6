#include "runtime/state/parts.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_MOST 48u /* entries searched one by one */
#define LIST_LEAST 4u /* entries a list begins with */
#define SPARSE 8u     /* an array with rows in fewer than a slot in so many is better a list */

/* ---- parts by number ---- */

void parts_init(struct parts *p, struct region *region, u32 acc_size) {
    *p = (struct parts){ .region = region, .acc_size = acc_size };
}

void parts_fini(struct parts *p) {
    if (p->at) free(p->at - p->skipped);
    p->at = NULL;
    p->count = p->room = p->skipped = 0;
}

/* Nearly always asked for near one of the ends: looked at first, since the middles of a long search
   are seldom in a cache. */
u32 parts_first(const struct parts *p, i64 number) {
    u32 low = 0, high = p->count;
    if (!high || p->at[high - 1].number < number) return high;
    for (; low < 2 && low < high; low++)
        if (p->at[low].number >= number) return low;
    if (p->at[high - 2].number < number) return high - 1;
    while (low < high) {
        u32 middle = (low + high) / 2;
        if (p->at[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct part *parts_find(const struct parts *p, i64 number) {
    u32 i = parts_first(p, number);
    return i < p->count && p->at[i].number == number ? &p->at[i] : NULL;
}

/* Room for one more at the end: where many were dropped in front, theirs. */
static void make_room(struct parts *p) {
    struct part *all = p->at ? p->at - p->skipped : NULL;
    if (p->skipped < p->room / 2 || !p->room) {
        p->room = p->room ? p->room * 2 : 4;
        all = realloc(all, p->room * sizeof *all);
        ENSURE(all);
        p->at = all + p->skipped;
        return;
    }
    memmove(all, p->at, p->count * sizeof *all);
    p->at = all;
    p->skipped = 0;
}

struct part *parts_put(struct parts *p, i64 number) {
    u32 i = parts_first(p, number);
    if (i < p->count && p->at[i].number == number) return &p->at[i];
    if (p->skipped + p->count == p->room) make_room(p);
    memmove(&p->at[i + 1], &p->at[i], (p->count - i) * sizeof *p->at);
    p->count++;
    p->at[i] = (struct part){ .number = number };
    return &p->at[i];
}

static u64 step_of(const struct parts *p) {
    return 8 + (u64)p->acc_size;
}

static void release(struct parts *p, struct part *part) {
    u64 step = part->array ? p->acc_size : step_of(p);
    if (part->at) region_free(p->region, region_at(p->region, part->at), part->room * step);
    *part = (struct part){ .number = part->number };
}

static void drop_accs(struct parts *p, struct part *part) {
    u64 step = part->array ? p->acc_size : step_of(p);
    u8 *at = part->at ? (u8 *)region_at(p->region, part->at) + p->drop_at : NULL;
    for (u32 i = 0, n = part->array ? part->room : part->count; i < n; i++, at += step)
        p->drop(part->array ? at : at + 8, p->region);
}

void parts_moved_out(struct parts *p, struct part *part) {
    u32 i = (u32)(part - p->at);
    release(p, part);
    memmove(part, part + 1, (p->count - i - 1) * sizeof *part);
    p->count--;
}

void parts_drop(struct parts *p, u32 from, u32 to) {
    if (from == to) return;
    for (u32 i = from; i < to; i++) {
        if (p->drop) drop_accs(p, &p->at[i]);
        release(p, &p->at[i]);
    }
    if (!from) {
        p->at += to;
        p->skipped += to;
    } else
        memmove(&p->at[from], &p->at[to], (p->count - to) * sizeof *p->at);
    p->count -= to - from;
}

/* ---- a list ---- */

static u64 slot_of(const u8 *entry) {
    u64 slot;
    memcpy(&slot, entry, 8);
    return slot;
}

static int by_slot(const void *a, const void *b) {
    u64 x = slot_of(a), y = slot_of(b);
    return (x > y) - (x < y);
}

/* Puts the tail in its places: sorted by itself, then merged from behind. */
static void sort_tail(struct parts *p, struct part *part) {
    u64 step = step_of(p);
    u32 tail = part->count - part->sorted;
    if (!tail) return;
    u8 *list = region_at(p->region, part->at);
    region_touch_run(p->region, list, part->count * step);
    u8 *aside = malloc(tail * step);
    ENSURE(aside);
    memcpy(aside, list + part->sorted * step, tail * step);
    qsort(aside, tail, step, by_slot);
    u32 head = part->sorted, at = part->count;
    while (tail) {
        const u8 *last = aside + (tail - 1) * step;
        if (head && slot_of(list + (head - 1) * step) > slot_of(last))
            memcpy(list + --at * step, list + --head * step, step);
        else {
            memcpy(list + --at * step, last, step);
            tail--;
        }
    }
    free(aside);
    part->sorted = part->count;
}

static u8 *list_find(const struct parts *p, const struct part *part, u32 slot) {
    if (!part->at) return NULL;
    u64 step = step_of(p);
    u8 *list = region_at(p->region, part->at);
    u32 low = 0, high = part->sorted;
    while (low < high) {
        u32 middle = (low + high) / 2;
        if (slot_of(list + middle * step) < slot)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < part->sorted && slot_of(list + low * step) == slot) return list + low * step;
    for (u32 i = part->sorted; i < part->count; i++)
        if (slot_of(list + i * step) == slot) return list + i * step;
    return NULL;
}

static u8 *list_add(struct parts *p, struct part *part, u32 slot) {
    u64 step = step_of(p);
    if (part->count == part->room) {
        u32 room = part->room ? part->room * 2 : LIST_LEAST;
        u8 *list = region_alloc(p->region, room * step);
        if (part->at) {
            memcpy(list, region_at(p->region, part->at), part->count * step);
            region_free(p->region, region_at(p->region, part->at), part->room * step);
        }
        part->at = region_offset(p->region, list);
        part->room = room;
    }
    if (part->count - part->sorted == TAIL_MOST) sort_tail(p, part);
    u8 *entry = (u8 *)region_at(p->region, part->at) + part->count * step;
    region_touch_run(p->region, entry, step);
    u64 wide = slot;
    memcpy(entry, &wide, 8);
    memset(entry + 8, 0, p->acc_size);
    bool next = part->count == part->sorted && (!part->count || slot_of(entry - step) < slot);
    part->count++;
    if (next) part->sorted = part->count;
    return entry;
}

/* ---- from one form to the other ---- */

static bool worth_an_array(const struct parts *p, u32 entries, u32 slots) {
    return entries * 4 >= slots || (u64)slots * p->acc_size <= 256;
}

void part_make_array(struct parts *p, struct part *part, u32 slots) {
    u8 *array = region_alloc(p->region, (u64)slots * p->acc_size);
    memset(array, 0, (u64)slots * p->acc_size);
    const u8 *entry = part->at ? region_at(p->region, part->at) : NULL;
    for (u32 i = 0; i < part->count; i++, entry += step_of(p))
        memcpy(array + slot_of(entry) * p->acc_size, entry + 8, p->acc_size);
    u64 rows = part->rows;
    release(p, part);
    part->at = region_offset(p->region, array);
    part->room = slots;
    part->rows = rows;
    part->array = true;
}

u8 *part_make_list(struct parts *p, struct part *part, u32 count, u32 sorted, u64 rows) {
    ENSURE(!part->at);
    if (!count) return NULL;
    u8 *list = region_alloc(p->region, count * step_of(p));
    part->at = region_offset(p->region, list);
    part->room = part->count = count;
    part->sorted = sorted;
    part->rows = rows;
    return list;
}

/* `filled` of it have rows. */
static void to_list(struct parts *p, struct part *part, u32 filled) {
    struct part list = { .number = part->number, .rows = part->rows };
    u8 *entry = filled ? part_make_list(p, &list, filled, filled, part->rows) : NULL;
    const u8 *acc = region_at(p->region, part->at);
    for (u32 i = 0; i < part->room; i++, acc += p->acc_size) {
        u64 slot = i;
        if (!slot_of(acc)) continue;
        memcpy(entry, &slot, 8);
        memcpy(entry + 8, acc, p->acc_size);
        entry += step_of(p);
    }
    release(p, part);
    *part = list;
}

void part_take(struct parts *p, struct part *part, u8 *array, u32 slots, u32 filled, u64 rows) {
    ENSURE(!part->at);
    part->at = region_offset(p->region, array);
    part->room = slots;
    part->rows = rows;
    part->array = true;
    if (!p->fixed && filled < slots / SPARSE && !worth_an_array(p, filled, slots))
        to_list(p, part, filled);
}

u8 *part_give(struct parts *p, struct part *part) {
    u8 *array = part_array(p, part);
    *part = (struct part){ .number = part->number };
    return array;
}

/* ---- a slot's accumulators ---- */

u8 *part_acc(struct parts *p, struct part *part, u32 slots, u32 slot) {
    if (!part->array) {
        u8 *entry = list_find(p, part, slot);
        if (entry) {
            region_touch_run(p->region, entry, step_of(p));
            return entry + 8;
        }
        if (p->fixed || !worth_an_array(p, part->count + 1, slots))
            return list_add(p, part, slot) + 8;
        part_make_array(p, part, slots);
    }
    u8 *acc = (u8 *)region_at(p->region, part->at) + (u64)slot * p->acc_size;
    region_touch_run(p->region, acc, p->acc_size);
    return acc;
}

const u8 *part_look(const struct parts *p, const struct part *part, u32 slot) {
    if (part->array) return (const u8 *)region_at(p->region, part->at) + (u64)slot * p->acc_size;
    const u8 *entry = list_find(p, part, slot);
    return entry ? entry + 8 : NULL;
}

u8 *part_array(const struct parts *p, const struct part *part) {
    return part->array ? region_at(p->region, part->at) : NULL;
}

const u8 *part_list(struct parts *p, struct part *part) {
    sort_tail(p, part);
    return region_at(p->region, part->at);
}

/* ---- slots have moved ---- */

static void array_moved(struct parts *p, struct part *part, const u32 *to, u32 before, u32 slots) {
    u64 size = p->acc_size;
    u32 filled = 0;
    u8 *array = region_alloc(p->region, slots * size);
    memset(array, 0, slots * size);
    const u8 *old = region_at(p->region, part->at);
    for (u32 i = 0; i < before; i++, old += size) {
        if (to[i] == KEYED_GONE) continue;
        memcpy(array + to[i] * size, old, size);
        filled += slot_of(old) != 0;
    }
    u64 rows = part->rows;
    release(p, part);
    part_take(p, part, array, slots, filled, rows);
}

static void list_moved(struct parts *p, struct part *part, const u32 *to) {
    if (!part->count) return;
    u64 step = step_of(p);
    u8 *list = region_at(p->region, part->at);
    region_touch_run(p->region, list, part->count * step);
    for (u32 i = 0; i < part->count; i++) {
        u64 slot = to[slot_of(list + i * step)];
        ENSURE(slot != KEYED_GONE); /* what has an entry is live */
        memcpy(list + i * step, &slot, 8);
    }
    qsort(list, part->count, step, by_slot);
    part->sorted = part->count;
}

void parts_moved(struct parts *p, const u32 *to, u32 before, u32 slots) {
    for (u32 i = 0; i < p->count; i++)
        if (p->at[i].array)
            array_moved(p, &p->at[i], to, before, slots);
        else
            list_moved(p, &p->at[i], to);
}
