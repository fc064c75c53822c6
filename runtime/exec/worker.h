/* A worker is one thread pinned to one core: it steps its tasks, downstream first, and idles when
   none has work: it spins (a hop between workers is 130 ns), yields, and parks (a wake costs about
   70 us, a parked worker nothing); on a core that others want too it parks at once. Before it parks
   it announces that and steps all tasks once more (architecture.md R7). */
#ifndef RUNTIME_EXEC_WORKER_H
#define RUNTIME_EXEC_WORKER_H

#include "runtime/exec/placement.h"
#include "runtime/exec/task.h"

enum gate { GATE_CLOSED, GATE_OPEN, GATE_CANCELLED };

struct worker {
    struct run *run;
    u32 number;
    const struct placement *placement; /* where it is pinned; null: anywhere */
    struct waiter *waiter;
    struct task **tasks; /* downstream first */
    u32 task_count;
    u32 idle_steps; /* in a row without work */
    u32 crowded;    /* so many times it parks at once, since others want its core */
    struct env_thread thread;
    _Atomic u32 *gate; /* enum gate */
    _Atomic u32
        *running; /* how many workers are not done: the last one wakes who is parked on it */
};

/* One step of every task: work done. */
u32 worker_step(struct worker *w);
bool worker_is_done(const struct worker *w);

/* Steps until all tasks are done, on a thread of its own. */
int worker_start(struct worker *w);
void worker_join(struct worker *w);

#endif
