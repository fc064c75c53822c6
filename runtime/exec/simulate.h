/* An engine in a simulated world: nobody starts workers, but somebody steps its tasks, on one
   thread. Any interleaving of steps is legal, so all must give the same bytes at the sinks. */
#ifndef RUNTIME_EXEC_SIMULATE_H
#define RUNTIME_EXEC_SIMULATE_H

#include "runtime/exec/engine.h"

bool sim_all_done(const struct engine *e);

/* Every task a few times, in turn: how much they did. */
u32 sim_step_all(struct engine *e);

/* Tiny rings, slots and windows of tickets, from the seed: what is hard for the exchange. */
void sim_squeeze(struct engine_config *config, u64 seed);

#endif
