#include "runtime/base/env_sim.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <errno.h>

#define WALL_START_NS ((i64)1704067200 * 1000000000)

static i64 sim_wall_ns(void *self) {
    return ((struct env_sim *)self)->wall_ns;
}

static i64 sim_mono_ns(void *self) {
    return ((struct env_sim *)self)->mono_ns;
}

static void sim_sleep_ns(void *self, i64 ns) {
    env_sim_advance(self, ns);
}

/* Nobody else runs, so nobody can wake: the time passes, and the caller looks again. */
static void sim_park(void *self, _Atomic u32 *word, u32 value, i64 timeout_ns) {
    if (*word == value && timeout_ns != TIME_FOREVER) env_sim_advance(self, timeout_ns);
}

static void sim_wake(void *self, _Atomic u32 *word) {}

static int sim_thread_start(void *self, struct env_thread *thread) {
    return error_set(ENOTSUP, "start thread %s in simulation", thread->name);
}

static void sim_thread_join(void *self, struct env_thread *thread) {
    ENSURE(!"a simulated thread was joined");
}

static u64 sim_random(void *self) {
    return prng_next(&((struct env_sim *)self)->prng);
}

static int sim_fault(void *self, enum env_call call, const char *name) {
    struct env_sim *sim = self;
    u64 nth = sim->calls++;
    return sim->fault ? sim->fault(sim->fault_arg, nth, call, name) : 0;
}

void env_sim_init(struct env_sim *sim, u64 seed) {
    static const struct env_ops ops = {
        .wall_ns = sim_wall_ns,
        .mono_ns = sim_mono_ns,
        .sleep_ns = sim_sleep_ns,
        .park = sim_park,
        .wake = sim_wake,
        .thread_start = sim_thread_start,
        .thread_join = sim_thread_join,
        .random = sim_random,
        .fault = sim_fault,
    };
    *sim = (struct env_sim){ .wall_ns = WALL_START_NS };
    sim->env = (struct env){ .ops = &ops, .self = sim };
    prng_init(&sim->prng, seed);
}

void env_sim_advance(struct env_sim *sim, i64 ns) {
    ENSURE(ns >= 0);
    sim->mono_ns += ns;
    sim->wall_ns += ns;
}
