/* How a sleeper is woken. Each worker has one waiter. Before it sleeps, it announces that, looks
   once more at all that it waits for (rings, tickets, commands), and parks only if there is still
   nothing. Whoever gives it something to do publishes that first (a release store or stronger) and
   then calls waiter_notify, which is one load as long as nobody sleeps.

   The announcement is a barrier on all threads (atomic.h): either the publisher sees it, or the
   last look sees what was published. This is rule R7 of architecture.md, with the whole price on
   the sleeper's side. */
#ifndef RUNTIME_EDGE_WAITER_H
#define RUNTIME_EDGE_WAITER_H

#include "runtime/base/atomic.h"
#include "runtime/base/env.h"

#define WAITER_UNSURE_NS 1000000 /* longest sleep where no barrier is to be had */

struct waiter {
    _Alignas(
        128) _Atomic u32 sleeping; /* 1 from the announcement until it is withdrawn or answered */
    bool sure;                     /* the sleeper's own: the last announcement was a barrier */
};

/* ---- the sleeper ---- */

ALWAYS_INLINE void waiter_announce(struct waiter *w) {
    u32_store_release(&w->sleeping, 1);
    w->sure = barrier_everywhere();
}

/* The last look found something. */
ALWAYS_INLINE void waiter_cancel(struct waiter *w) {
    u32_exchange(&w->sleeping, 0);
}

/* Sleeps until somebody notifies, or has since the announcement, or the timeout (TIME_FOREVER:
   none). May return early: look at everything again. */
ALWAYS_INLINE void waiter_park(struct waiter *w, struct env *env, i64 timeout_ns) {
    if (!w->sure && timeout_ns > WAITER_UNSURE_NS) timeout_ns = WAITER_UNSURE_NS;
    env_park(env, &w->sleeping, 1, timeout_ns);
    waiter_cancel(w);
}

/* ---- everybody else ---- */

/* Does it sleep, or is it about to? Producers then publish what they have instead of filling the
   slot. */
ALWAYS_INLINE bool waiter_starves(struct waiter *w) {
    return u32_load_relaxed(&w->sleeping);
}

/* After the publication. The first of several notifiers answers the announcement; only that one
   calls the system. */
ALWAYS_INLINE void waiter_notify(struct waiter *w, struct env *env) {
    barrier_light();
    if (UNLIKELY(u32_load_relaxed(&w->sleeping)) && u32_exchange(&w->sleeping, 0))
        env_wake(env, &w->sleeping);
}

#endif
