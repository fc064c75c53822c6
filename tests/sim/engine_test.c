/* What stops a job, and what an idle one costs. */
#include "tests/sim/model_job.h"
#include "tests/sim/sim.h"
#include "tests/support/suite.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/task.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const u32 ps[] = { 1, 2, 3, 7 };

static struct engine_config config_for(u32 workers, bool rings) {
    return (struct engine_config){ .workers = workers,
                                   .rings = rings,
                                   .morsel_bytes = 3,
                                   .source = model_source_ops,
                                   .sink = model_sink_ops };
}

/* A job in a row with enough rows: the first seed that has them. */
static struct model *job_with_rows(u64 from) {
    for (u64 seed = from;; seed++) {
        struct model *m = model_line(seed);
        struct engine_config config = config_for(1, false);
        model_reset(m);
        ENSURE(sim_run(&m->job, &config, 1, NULL) == SIM_DONE);
        if (m->from[0].count > 20 && m->sinks[0].bytes.size > 200) return m;
        model_free(m);
    }
}

/* The run fails with the same error, and the sinks have the same bytes from before it, fused and at
   every p. Of a sink's own failure that is said of that sink only: others may be ahead of it. */
static void check_same_failure(struct model *m, const char *error, bool all_sinks) {
    struct text_buf want, got;
    text_buf_init(&want);
    text_buf_init(&got);
    for (u32 i = 0; i < 2 * sizeof ps / sizeof ps[0]; i++) {
        struct engine_config config = config_for(ps[i / 2], i > 0);
        if (i) sim_squeeze(&config, i);
        config.lookback = 4;
        if (!config.window) config.window = 4;
        model_reset(m);
        CHECK_EQ(sim_run(&m->job, &config, i, NULL), SIM_FAILED);
        CHECK_STR(error_text(), error);
        text_buf_clear(&got);
        if (all_sinks)
            model_bytes(m, &got);
        else
            text_buf_put(&got, m->sinks[0].bytes.at, m->sinks[0].bytes.size);
        if (!i) text_buf_put(&want, got.at, got.size);
        CHECK_STR(got.at, want.at);
    }
    text_buf_fini(&want);
    text_buf_fini(&got);
}

static void a_source_that_cannot_be_read_stops_the_job_after_what_came_before(void) {
    for (u64 seed = 0; seed < 20; seed++) {
        struct model *m = job_with_rows(seed * 100);
        m->from[0].fails_at = 12;
        check_same_failure(m, "source `memory`: read rows: Input/output error", true);
        model_free(m);
    }
}

static void a_malformed_record_stops_the_job_after_what_came_before(void) {
    for (u64 seed = 0; seed < 20; seed++) {
        struct model *m = job_with_rows(seed * 100);
        m->from[0].malformed_at = 13;
        char want[200];
        snprintf(want, sizeof want,
                 "source `memory`: memory: malformed record of 1 bytes at byte 13: no number");
        check_same_failure(m, want, true);
        model_free(m);
    }
}

static void a_sink_that_fails_stops_the_job(void) {
    for (u64 seed = 0; seed < 20; seed++) {
        struct model *m = job_with_rows(seed * 100);
        m->sinks[0].room = 100;
        check_same_failure(m, "stage `sink`: write rows: No space left on device", false);
        model_free(m);
    }
}

static void rings_that_pass_the_memory_limit_are_refused(void) {
    struct model *m = job_with_rows(1);
    struct engine_config config = config_for(4, true);
    config.memory_bytes = 64 << 10;
    model_reset(m);
    CHECK_EQ(sim_run(&m->job, &config, 1, NULL), SIM_FAILED);
    CHECK(strstr(error_text(), "give it more with --memory"));
    model_free(m);
}

static void rows_under_way_that_pass_the_memory_limit_stop_the_job(void) {
    u32 stopped = 0;
    for (u64 seed = 0; seed < 40; seed++) {
        struct model *m = job_with_rows(seed);
        struct engine_config config = config_for(3, true);
        struct engine_stats stats;
        sim_squeeze(&config, seed);
        config.ring_slots = 1;
        config.slot_bytes = 192;
        config.morsel_bytes = 1000;
        model_reset(m);
        CHECK_EQ(sim_run(&m->job, &config, seed, &stats), SIM_DONE);
        config.memory_bytes = stats.memory[BUDGET_RINGS] + stats.memory[BUDGET_STATE] + 1000;
        model_reset(m);
        enum sim_answer answer = sim_run(&m->job, &config, seed, &stats);
        CHECK(answer != SIM_DEADLOCK);
        if (answer == SIM_FAILED) {
            stopped++;
            CHECK(strstr(error_text(), "out of memory: "));
        }
        model_free(m);
    }
    CHECK(stopped > 0);
}

/* ---- on threads ---- */

static void run_to_the_end(struct engine *e) {
    while (!engine_wait(e, TIME_FOREVER)) {
    }
}

static void a_stopped_job_finishes_what_it_read_and_fires_no_window(void) {
    for (u32 i = 0; i < sizeof ps / sizeof ps[0]; i++) {
        struct model *m = job_with_rows(7);
        struct env env = env_real();
        struct engine_config config = config_for(ps[i], ps[i] > 1);
        config.env = &env;
        m->from[0].endless = true;
        model_reset(m);
        struct engine *e = engine_build(&m->job, &config);
        CHECK(!engine_start(e));
        env_sleep_ns(&env, 20000000);
        engine_stop(e);
        run_to_the_end(e);
        CHECK_EQ(engine_finish(e), 0);
        engine_close(e);
        model_free(m);
    }
}

static void more_workers_than_shards_are_refused(void) {
    struct model *m = model_line(1);
    struct env env = env_real();
    struct engine_config config = config_for(SHARDS + 1, true);
    config.env = &env;
    model_reset(m);
    CHECK(!engine_build(&m->job, &config));
    CHECK(strstr(error_text(), "129 workers"));
    model_free(m);
}

struct piped {
    int fds[2];
    bool ended;
};

static void *piped_open(struct env *env, const struct source_spec *spec) {
    void *self;
    ENSURE(sscanf(spec->options[0].text, "%p", &self) == 1);
    return self;
}
static enum source_answer piped_extent(void *self, struct extent *out) {
    struct piped *p = self;
    char byte;
    struct env env = env_real();
    if (!env_readable(&env, (struct env_file){ p->fds[0], "pipe" }, 0)) return SOURCE_NOTHING;
    *out = (struct extent){ 0 };
    return read(p->fds[0], &byte, 1) == 1 ? SOURCE_EXTENT : SOURCE_LAST;
}
static int piped_fd(void *self) {
    return ((struct piped *)self)->fds[0];
}
static const char *piped_name(void *self) {
    return "pipe";
}
static void piped_close(void *self) {}
static const struct source_ops *piped_ops(const char *connector) {
    static const struct source_ops ops = { .name = "pipe",
                                           .open = piped_open,
                                           .extent = piped_extent,
                                           .wait_fd = piped_fd,
                                           .describe = piped_name,
                                           .close = piped_close };
    return &ops;
}

static i64 cpu_ns(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static void a_silent_pipe_costs_no_cpu_and_wakes_the_job_when_it_speaks(void) {
    struct model *m = NULL;
    for (u64 seed = 0; !m; seed++) {
        m = model_line(seed);
        if (m->job.source_count == 1) break;
        model_free(m);
        m = NULL;
    }
    struct piped pipes;
    CHECK(!pipe(pipes.fds));
    sprintf(m->pointers[0], "%p", (void *)&pipes);
    struct env env = env_real();
    struct engine_config config = config_for(4, true);
    config.env = &env;
    config.source = piped_ops;
    model_reset(m);
    struct engine *e = engine_build(&m->job, &config);
    CHECK(!engine_start(e));
    for (u32 round = 0; round < 3; round++) {
        env_sleep_ns(&env, 50000000); /* until all are parked */
        i64 before = cpu_ns();
        env_sleep_ns(&env, 500000000);
        CHECK(cpu_ns() - before < 5000000); /* 1 % */
        u64 morsels = atomic_load(&e->run.islands[0].sequence.issued);
        CHECK_EQ(write(pipes.fds[1], "x", 1), 1);
        for (u32 i = 0; i < 200 && atomic_load(&e->run.islands[0].sequence.issued) == morsels; i++)
            env_sleep_ns(&env, 10000000);
        CHECK_EQ(atomic_load(&e->run.islands[0].sequence.issued), morsels + 1);
    }
    close(pipes.fds[1]);
    run_to_the_end(e);
    CHECK_EQ(engine_finish(e), 0);
    engine_close(e);
    close(pipes.fds[0]);
    model_free(m);
}

static const struct test tests[] = {
    TEST(a_source_that_cannot_be_read_stops_the_job_after_what_came_before),
    TEST(a_malformed_record_stops_the_job_after_what_came_before),
    TEST(a_sink_that_fails_stops_the_job),
    TEST(rings_that_pass_the_memory_limit_are_refused),
    TEST(rows_under_way_that_pass_the_memory_limit_stop_the_job),
    TEST(a_stopped_job_finishes_what_it_read_and_fires_no_window),
    TEST(more_workers_than_shards_are_refused),
    TEST(a_silent_pipe_costs_no_cpu_and_wakes_the_job_when_it_speaks),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("engine", tests, argc, argv);
}
