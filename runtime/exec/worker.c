#include "runtime/exec/worker.h"

#include <sched.h>
#include <stdio.h>

#define SPINS 256u         /* idle steps before it yields */
#define YIELDS 512u        /* and before it parks */
#define CROWDED_NS 50000   /* in a yield that took so long, somebody else had work for the core */
#define CROWDED_PARKS 256u /* so many times it then parks at once */

u32 worker_step(struct worker *w) {
    u32 work = 0;
    for (u32 i = 0; i < w->task_count; i++) work += task_step(w->tasks[i]);
    return work;
}

bool worker_is_done(const struct worker *w) {
    for (u32 i = 0; i < w->task_count; i++)
        if (!w->tasks[i]->done) return false;
    return true;
}

/* Somebody may wait for the clock, or a source may have no descriptor to wait for. */
static i64 park_ns(const struct worker *w) {
    i64 at = TIME_FOREVER;
    for (u32 i = 0; i < w->task_count; i++)
        if (w->tasks[i]->again_ns < at) at = w->tasks[i]->again_ns;
    if (at == TIME_FOREVER) return TIME_FOREVER;
    i64 left = time_sub(at, env_wall_ns(w->run->env));
    return left > 0 ? left : 0;
}

static void park(struct worker *w) {
    w->idle_steps = 0;
    waiter_announce(w->waiter);
    if (worker_step(w) || worker_is_done(w))
        waiter_cancel(w->waiter);
    else
        waiter_park(w->waiter, w->run->env, park_ns(w));
}

static bool yields_late(struct worker *w) {
    i64 began_ns = env_mono_ns(w->run->env);
    sched_yield();
    return env_mono_ns(w->run->env) - began_ns > CROWDED_NS;
}

/* On a core of its own a worker had better look on for as long as parking and waking cost. Where
   the core is wanted by others, each look is taken from them, perhaps from the one it waits for,
   and each yield can be answered after a time slice of milliseconds. */
static void idle(struct worker *w) {
    if (w->crowded) {
        w->crowded--;
        park(w);
    } else if (++w->idle_steps < SPINS) {
        spin_pause();
    } else if (yields_late(w)) {
        w->crowded = CROWDED_PARKS;
    } else if (w->idle_steps >= SPINS + YIELDS) {
        park(w);
    }
}

static void worker_main(void *arg) {
    struct worker *w = arg;
    /* A seat may be taken away between the choice and now: slower, not wrong. */
    if (w->placement) (void)placement_bind(w->placement, w->number);
    while (atomic_load(w->gate) == GATE_CLOSED)
        env_park(w->run->env, w->gate, GATE_CLOSED, TIME_FOREVER);
    if (atomic_load(w->gate) == GATE_CANCELLED) return;
    while (!worker_is_done(w)) {
        if (worker_step(w))
            w->idle_steps = 0;
        else
            idle(w);
    }
    if (atomic_fetch_sub(w->running, 1) == 1) env_wake(w->run->env, w->running);
}

int worker_start(struct worker *w) {
    char name[16];
    snprintf(name, sizeof name, "worker %u", w->number);
    return env_thread_start(w->run->env, &w->thread, name, worker_main, w);
}

void worker_join(struct worker *w) {
    env_thread_join(w->run->env, &w->thread);
}
