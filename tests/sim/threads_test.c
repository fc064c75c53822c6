/* The model's jobs on real threads: small rings, more workers than cores, many short runs, so that
   workers also park and wake. The bytes must be those of the simulator. The suite is small enough
   for TSan. Arguments: [PLANS] [SEED]. */
#include "tests/sim/model_job.h"
#include "tests/sim/sim.h"

#include "runtime/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_threads(struct model *m, const struct engine_config *config) {
    struct env env = env_real();
    struct engine_config real = *config;
    real.env = &env;
    model_reset(m);
    struct engine *e = engine_build(&m->job, &real);
    if (!e || engine_start(e)) return -1;
    while (!engine_wait(e, TIME_FOREVER)) {
    }
    int failed = engine_finish(e);
    engine_close(e);
    return failed;
}

static bool check(u64 seed, u32 workers, u64 size) {
    struct model *m = model_random(seed);
    struct engine_config config = { .workers = workers,
                                    .rings = true,
                                    .morsel_bytes = size,
                                    .source = model_source_ops,
                                    .sink = model_sink_ops };
    sim_squeeze(&config, seed);
    struct text_buf want, got;
    text_buf_init(&want);
    text_buf_init(&got);
    bool good = sim_run(&m->job, &config, seed, NULL) == SIM_DONE;
    model_bytes(m, &want);
    good = good && !run_threads(m, &config);
    model_bytes(m, &got);
    good = good && !strcmp(want.at, got.at);
    if (!good) printf("FAILED seed %lu, p = %u: %s\n", seed, workers, error_text());
    text_buf_fini(&want);
    text_buf_fini(&got);
    model_free(m);
    return good;
}

int main(int argc, char **argv) {
    static const u32 ps[] = { 1, 2, 3, 4, 7 };
    u64 plans = argc > 1 ? strtoull(argv[1], NULL, 10) : 60;
    u64 seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    u32 passed = 0, failed = 0;
    for (u64 i = 0; i < plans; i++) {
        if (check(seed + i, ps[i % 5], 1 + i % 7))
            passed++;
        else
            failed++;
    }
    printf("threads: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
