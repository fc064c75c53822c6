/* Fine time (architecture.md 3): stages whose time has no coarse boundaries handle each row with
   the watermark W as it was before the row that caused it. Every row on a way to such a stage
   carries a stamp: the greatest time of its morsel before that row, less the lag. W is the least
   over the live sources of what is known of each; of the source whose morsel is at hand, that is
   the stamp or, if greater, its prefix maximum. The engine keeps a struct fine for each fine stage
   of a task, at chain->fine[stage]. */
#ifndef RUNTIME_STAGE_FINE_H
#define RUNTIME_STAGE_FINE_H

#include "runtime/base/base.h"

struct fine {
    i64 prefix; /* of the source of the morsel at hand, at the end of its last morsel */
    i64 others; /* the least of the stage's other sources that are neither idle nor finished */
    i64 floor;  /* W as of the end of the last phase: it never falls */
};

/* W as it was before the row that caused a row of this stamp. */
ALWAYS_INLINE i64 fine_w(const struct fine *f, i64 stamp) {
    i64 own = stamp > f->prefix ? stamp : f->prefix, w = own < f->others ? own : f->others;
    return w > f->floor ? w : f->floor;
}

#endif
