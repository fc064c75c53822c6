#include "runtime/state/dues.h"

#include "runtime/base/ensure.h"
#include "runtime/state/keyed.h"

#include <stdlib.h>

#define BRANCHES DUES_NEXT

static bool before(const struct due *a, const struct due *b) {
    if (a->at != b->at) return a->at < b->at;
    if (a->slot != b->slot) return a->slot < b->slot;
    if (a->what != b->what) return a->what < b->what;
    return a->kind < b->kind;
}

static void rise(struct dues *d, u32 i, struct due due) {
    while (i) {
        u32 above = (i - 1) / BRANCHES;
        if (!before(&due, &d->list[above])) break;
        d->list[i] = d->list[above];
        i = above;
    }
    d->list[i] = due;
}

static void sink(struct dues *d, u32 i, struct due due) {
    for (;;) {
        u32 first = i * BRANCHES + 1, last = first + BRANCHES, least = first;
        if (first >= d->count) break;
        if (last > d->count) last = d->count;
        for (u32 k = first + 1; k < last; k++)
            if (before(&d->list[k], &d->list[least])) least = k;
        if (!before(&d->list[least], &due)) break;
        d->list[i] = d->list[least];
        i = least;
    }
    d->list[i] = due;
}

void dues_put(struct dues *d, struct due due, struct budget *budget) {
    if (d->count == d->room) {
        u32 room = d->room ? 2 * d->room : 16;
        d->list = realloc(d->list, room * sizeof *d->list);
        ENSURE(d->list);
        if (budget) budget_take(budget, BUDGET_STATE, (room - d->room) * sizeof *d->list);
        d->room = room;
    }
    rise(d, d->count++, due);
}

void dues_drop(struct dues *d) {
    struct due last = d->list[--d->count];
    if (d->count) sink(d, 0, last);
}

void dues_moved(struct dues *d, const u32 *to) {
    u32 left = 0;
    for (u32 i = 0; i < d->count; i++) {
        struct due due = d->list[i];
        due.slot = to[due.slot];
        if (due.slot != KEYED_GONE) d->list[left++] = due;
    }
    d->count = left;
    for (u32 i = (left + BRANCHES - 2) / BRANCHES; i-- > 0;) sink(d, i, d->list[i]);
}

void dues_fini(struct dues *d, struct budget *budget) {
    if (budget) budget_give(budget, BUDGET_STATE, d->room * sizeof *d->list);
    free(d->list);
    *d = (struct dues){ 0 };
}
