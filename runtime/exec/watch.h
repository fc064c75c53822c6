/* Waits, on a thread of its own, until a stream has something to read, so that workers can park: a
   worker can sleep on one thing only, and that is its waiter. A source that is a regular file or a
   generator has no watch. */
#ifndef RUNTIME_EXEC_WATCH_H
#define RUNTIME_EXEC_WATCH_H

#include "runtime/base/env.h"

#include <stdatomic.h>

struct watch {
    struct env *env;
    struct env_file file;
    void (*wake)(void *arg); /* called on the watch's thread when there is something to read */
    void *arg;
    struct env_thread thread;
    _Atomic u32 state; /* enum watch_state */
};

enum watch_state { WATCH_QUIET, WATCH_ASKED, WATCH_STOPPED };

int watch_start(struct watch *w);
void watch_stop(struct watch *w); /* and joins */

/* Nothing could be read just now: call wake when that changes. Any thread. */
void watch_ask(struct watch *w);

/* Was it asked, and has nothing come since? */
ALWAYS_INLINE bool watch_is_waiting(struct watch *w) {
    return atomic_load(&w->state) == WATCH_ASKED;
}

#endif
