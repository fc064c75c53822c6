/* Fine time (architecture.md 3): what a stage knows whose time has no boundaries that a source
   could mark (sessions, `hold`, `watermark()`). Each row on a way to such a stage carries a
   *stamp*: the watermark of its morsel alone just before the row that is its cause; all that the
   row causes has the same stamp, and what came due has its due time less one. So the stage has for
   each row the exact W that it would have with a mark behind every row, at any size of morsels,
   whoever took the morsels before.

   The engine keeps a `struct fine` for each such stage at chain.fine[stage], sets it anew for each
   morsel, and calls keeper->watermark with the exact W at every mark and at END. */
#ifndef RUNTIME_STAGE_FINE_H
#define RUNTIME_STAGE_FINE_H

#include "runtime/base/base.h"
#include "runtime/data/timefn.h"

struct fine {
    i64 prefix; /* of the source whose morsel is at hand: its watermark before the morsel */
    i64 others; /* the least of the other sources' that the stage descends from */
    i64 floor;  /* the greatest W so far: it never falls */
};

/* W of the stage just before the row with this stamp. */
ALWAYS_INLINE i64 fine_w(const struct fine *f, i64 stamp) {
    i64 w = stamp > f->prefix ? stamp : f->prefix;
    if (w > f->others) w = f->others;
    return w > f->floor ? w : f->floor;
}

/* The watermark of a source's morsel whose greatest time so far is `top` (TIME_NEVER: no row yet).
   TIME_FOREVER would say that the input is finished. */
ALWAYS_INLINE i64 fine_stamp(i64 top, i64 lag_ns) {
    if (top == TIME_NEVER) return TIME_NEVER;
    i64 w = time_sub(top, lag_ns);
    return w < TIME_FOREVER ? w : TIME_FOREVER - 1;
}

#endif
