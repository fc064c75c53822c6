/* When a window gives a pane besides the one at its end, and what has to be known of its panes for
   that (docs/language.md, *Panes*). Windows of all kinds ask here: time triggers with where W or
   the clock stood when they last looked, row triggers with the rows since the last pane. Due at T
   means when W > T; T may lie beyond the times that can be written. */
#ifndef RUNTIME_STAGE_TRIGGER_H
#define RUNTIME_STAGE_TRIGGER_H

#include "runtime/base/base.h"
#include "runtime/data/timefn.h"
#include "runtime/stage/pass.h"
#include "runtime/stage/schema.h"

/* Are its panes other than those at the end and, one for each row, behind it, as they are if
   nothing is said? */
ALWAYS_INLINE bool spec_books_panes(const struct window_spec *s) {
    bool early = s->early.time_ns[0] || s->early.wall_ns[0] || s->early.rows;
    bool late = s->late.time_ns[0] || s->late.wall_ns[0] || s->late.rows > 1;
    return early || (s->lateness_ns && late) || s->mode != WINDOW_ACCUMULATING;
}

/* So many rows since the last pane let out a late one: every row if nothing is said. */
ALWAYS_INLINE u64 spec_late_rows(const struct window_spec *s) {
    bool said = s->late.time_ns[0] || s->late.wall_ns[0] || s->late.rows;
    return said ? s->late.rows : 1;
}

/* The panes of one window of one key so far. All 0: nothing is known of any. */
struct pane_book {
    u64 known : 1;
    u64 timing : 2; /* of the last pane: enum window_timing */
    u64 panes : 61; /* so many: the number of the next one */
    u64 rows;       /* in the window at the last pane: what it has more came since */
};

ALWAYS_INLINE void pane_book_note(struct pane_book *b, u64 rows, enum window_timing timing) {
    b->known = true;
    b->panes++;
    b->rows = rows;
    b->timing = (u64)timing & 3;
}

/* Did W (or the clock) pass a multiple T of `period` (0: there is no such trigger) as it rose from
   `before` to `now`, that is before <= T < now? Several are as one: *first is the first of them.
   The first W of all (`before` is TIME_NEVER) passes none. */
ALWAYS_INLINE bool trigger_passed(i64 period, i64 before, i64 now, __int128 *first) {
    if (!period || before == TIME_NEVER || now <= before) return false;
    i64 in = floor_mod(before, period);
    __int128 t = (__int128)before + (in ? period - in : 0);
    *first = t;
    return t < now || now == TIME_FOREVER;
}

/* The same of any of SPEC_PERIODS periods. */
ALWAYS_INLINE bool triggers_passed(const i64 *periods, i64 before, i64 now, __int128 *first) {
    bool passed = false;
    for (u32 i = 0; i < SPEC_PERIODS && periods[i]; i++) {
        __int128 t;
        if (!trigger_passed(periods[i], before, now, &t)) continue;
        if (!passed || t < *first) *first = t;
        passed = true;
    }
    return passed;
}

/* Do `since` rows since the last pane let one out? */
ALWAYS_INLINE bool trigger_rows(u64 every, u64 since) {
    return every && since >= every;
}

/* What comes of a window as W rises. */
struct pane_due {
    __int128 at; /* in this order of time; of equals the oldest window first, then slots */
    enum window_timing timing;
};

/* Has W reached the end of something? An end that cannot be written is reached by no time but the
   end of the input. */
ALWAYS_INLINE bool time_reached(i64 w, __int128 end) {
    return w == TIME_FOREVER || w >= end;
}

/* The pane of the window that ends at `end`, if it has one, as W rises from `before` to `w`: the
   one on time, also where W passes multiples on the way; else an early one; behind the end a late
   one, and at the latest when its state is freed. Early and late panes come only if there are rows
   since the last pane: the caller looks. A window that was not there when W reached its end has no
   pane on time, and it may be freed already: again the caller's to know. */
ALWAYS_INLINE bool pane_comes_due(const struct window_spec *spec, __int128 end, i64 before, i64 w,
                                  struct pane_due *due) {
    bool open = before == TIME_NEVER || !time_reached(before, end);
    __int128 last = end + spec->lateness_ns;
    if (open && time_reached(w, end)) {
        *due = (struct pane_due){ end - 1, WINDOW_ON_TIME };
        return true;
    }
    due->timing = open ? WINDOW_EARLY : WINDOW_LATE;
    const i64 *periods = open ? spec->early.time_ns : spec->late.time_ns;
    due->at = 0;
    bool comes = triggers_passed(periods, before, w, &due->at);
    if (open || !time_reached(w, last)) return comes;
    if (!comes || due->at > last - 1) due->at = last - 1;
    return true;
}

#endif
