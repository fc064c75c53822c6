/* Runs a job in simulation: the engine's own tasks, stepped at random from a seed on one thread, in
   a simulated world. Any interleaving of steps is legal, so all seeds must give the same bytes at
   the sinks. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "runtime/exec/simulate.h"

enum sim_answer {
    SIM_FAILED = -1, /* the job did: error_text says why */
    SIM_DONE,
    SIM_DEADLOCK, /* no task has anything to do, and not all are done */
};

/* Builds an engine from config (its env is replaced by a simulated one), steps it to its end, and
   closes it. *stats, if not null, is filled before that. */
enum sim_answer sim_run(const struct job *job, const struct engine_config *config, u64 seed,
                        struct engine_stats *stats);

/* The command line of a program that runs compiled jobs, from argv[from] on:
   [--seeds N] [--first SEED] [--set name=value]... False: it is wrong. */
struct sim_words {
    u64 seeds, first;
    struct bound_option params[32];
    u32 param_count;
};
bool sim_read_words(struct sim_words *w, int argc, char **argv, int from);

#endif
