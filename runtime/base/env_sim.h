/* A simulated world: one thread, a clock that only moves when told (or slept on), numbers from a
   seed, files that fail when a test says so. */
#ifndef RUNTIME_BASE_ENV_SIM_H
#define RUNTIME_BASE_ENV_SIM_H

#include "runtime/base/env.h"
#include "runtime/base/prng.h"

struct env_sim {
    struct env env; /* what the code under test is given */
    i64 mono_ns, wall_ns;
    struct prng prng;
    u64 calls; /* on files, so far */
    /* What the nth call (from 0) on a file answers instead of being made: 0 (it is made), an errno,
       or ENV_FAULT_SHORT. Null: all are made. */
    int (*fault)(void *arg, u64 nth, enum env_call call, const char *name);
    void *fault_arg;
    void
        *beside; /* what stands beside the world, for connectors in memory (io/memory.h); or null */
};

/* *sim must stay where it is. The wall clock begins at 2024-01-01, the other at 0. */
void env_sim_init(struct env_sim *sim, u64 seed);

void env_sim_advance(struct env_sim *sim, i64 ns);

#endif
