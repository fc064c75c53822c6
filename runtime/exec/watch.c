#include "runtime/exec/watch.h"

#define LOOK_NS 20000000 /* how long watch_stop may have to wait */

static void watch_main(void *arg) {
    struct watch *w = arg;
    for (u32 state; (state = atomic_load(&w->state)) != WATCH_STOPPED;) {
        if (state == WATCH_QUIET) {
            env_park(w->env, &w->state, WATCH_QUIET, TIME_FOREVER);
        } else if (env_readable(w->env, w->file, LOOK_NS)) {
            u32 asked = WATCH_ASKED;
            atomic_compare_exchange_strong(&w->state, &asked, WATCH_QUIET);
            w->wake(w->arg);
        }
    }
}

int watch_start(struct watch *w) {
    return env_thread_start(w->env, &w->thread, "watch", watch_main, w);
}

void watch_stop(struct watch *w) {
    atomic_store(&w->state, WATCH_STOPPED);
    env_wake(w->env, &w->state);
    env_thread_join(w->env, &w->thread);
}

void watch_ask(struct watch *w) {
    u32 quiet = WATCH_QUIET;
    if (atomic_compare_exchange_strong(&w->state, &quiet, WATCH_ASKED)) env_wake(w->env, &w->state);
}
