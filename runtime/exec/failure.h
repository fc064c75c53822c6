/* What stopped the job. Errors are places in the sequence: of all that happen, the one at the least
   (morsel, position) is kept and told, so that it is the same however many workers there are. Any
   thread. */
#ifndef RUNTIME_EXEC_FAILURE_H
#define RUNTIME_EXEC_FAILURE_H

#include "runtime/base/base.h"

#include <stdatomic.h>

#define FAILURE_TEXT 2048

struct failure {
    _Atomic u32 lock;
    _Atomic bool failed;
    u64 morsel;
    u32 position, island;
    char text[FAILURE_TEXT];
};

/* Keeps this thread's error trail if no earlier place has failed. */
void failure_keep(struct failure *f, u32 island, u64 morsel, u32 position);

ALWAYS_INLINE bool failure_is_there(struct failure *f) {
    return atomic_load_explicit(&f->failed, memory_order_acquire);
}

/* After all workers are done: the kept error becomes this thread's trail. -1 if there is one, else
 * 0. */
int failure_tell(struct failure *f);

#endif
