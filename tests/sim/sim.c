#include "tests/sim/sim.h"

#include "runtime/base/env_sim.h"
#include "runtime/exec/task.h"

#include <stdlib.h>
#include <string.h>

static enum sim_answer step_to_the_end(struct engine *e, struct env_sim *world) {
    for (u32 idle = 0; !sim_all_done(e);) {
        u32 steps = 1 + (u32)prng_below(&world->prng, 4), work = 0;
        struct task *t = e->tasks[prng_below(&world->prng, e->task_count)];
        while (steps-- > 0) work += task_step(t);
        env_sim_advance(world, 1000);
        idle = work ? 0 : idle + 1;
        if (idle < 4 * e->task_count) continue;
        if (!sim_step_all(e) && !sim_all_done(e)) return SIM_DEADLOCK;
        idle = 0;
    }
    return SIM_DONE;
}

enum sim_answer sim_run(const struct job *job, const struct engine_config *config, u64 seed,
                        struct engine_stats *stats) {
    struct env_sim world;
    env_sim_init(&world, seed);
    struct engine_config simulated = *config;
    simulated.env = &world.env;
    struct engine *e = engine_build(job, &simulated);
    if (!e) return SIM_FAILED;
    enum sim_answer answer = step_to_the_end(e, &world);
    if (engine_finish(e) && answer == SIM_DONE) answer = SIM_FAILED;
    if (stats) engine_stats(e, stats);
    engine_close(e);
    return answer;
}

bool sim_read_words(struct sim_words *w, int argc, char **argv, int from) {
    *w = (struct sim_words){ .seeds = 100, .first = 1 };
    for (int i = from; i + 1 < argc; i += 2) {
        char *equals = strchr(argv[i + 1], '=');
        if (!strcmp(argv[i], "--seeds"))
            w->seeds = strtoull(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--first"))
            w->first = strtoull(argv[i + 1], NULL, 10);
        else if (!equals || w->param_count == sizeof w->params / sizeof w->params[0])
            return false;
        else {
            *equals = 0;
            w->params[w->param_count++] = (struct bound_option){ argv[i + 1], equals + 1 };
        }
    }
    return true;
}
