/* What of a shard comes due: a heap by time; of equals by slot, then by `what`, which is its
   owner's. Its owner keeps what is due where it is saved; from that this is made anew, so it is in
   no snapshot, and it stands beside the region, counted in the budget. An entry that holds no
   longer is not looked for: its owner sees that when it comes out. One worker at a time. */
#ifndef RUNTIME_STATE_DUES_H
#define RUNTIME_STATE_DUES_H

#include "runtime/base/base.h"
#include "runtime/base/budget.h"

struct due {
    i64 at, what;
    u32 slot, kind;
};

struct dues {
    struct due *list;
    u32 count, room;
};

void dues_put(struct dues *d, struct due due, struct budget *budget);

/* The first, null if there is none. */
ALWAYS_INLINE const struct due *dues_first(const struct dues *d) {
    return d->count ? d->list : NULL;
}

/* The one behind the first is among those at list[1 .. DUES_NEXT]. */
#define DUES_NEXT 4u

/* Takes the first away. */
void dues_drop(struct dues *d);

/* Slot i of `before` is now to[i], or KEYED_GONE: what was due there is dropped. */
void dues_moved(struct dues *d, const u32 *to);

void dues_fini(struct dues *d, struct budget *budget);

#endif
