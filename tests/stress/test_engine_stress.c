/* Nobody sleeps for ever (architecture.md R7): many short jobs on more workers than cores, with
   morsels of one record and rings of one slot, so that every row parks and wakes somebody; a third
   of them is stopped from outside at some moment. A watchdog takes a job that does not move for
   STALL_NS for a lost wake-up, tells where each task stands, and whether the job goes on when
   everybody is woken.

   test_engine_stress [-v] [FILTER]; MILLRACE_STRESS=N does N times as much, MILLRACE_SEED=N begins
   elsewhere. */
#include "tests/sim/model_job.h"
#include "tests/sim/sim.h"
#include "tests/support/suite.h"

#include "runtime/base/ensure.h"
#include "runtime/edge/ring.h"
#include "runtime/exec/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS 150
#define LOOK_NS (50 * 1000000ll)
#define STALL_NS (5 * 1000000000ll)

static u64 number(const char *name, u64 otherwise) {
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- the watchdog: what it reads belongs to others, and only tells where they are ---- */

/* Grows whenever a row, a mark or a ticket has got anywhere. */
static u64 moved(const struct engine *e) {
    u64 sum = 0;
    for (u32 i = 0; i < e->run.graph.island_count; i++) {
        struct sequence *s = &e->run.islands[i].sequence;
        sum += atomic_load(&s->issued) + atomic_load(&s->closed);
        for (u32 k = 0; k < s->finished_count; k++) sum += atomic_load(&s->finished[k].morsel);
        for (u32 k = 0; k < s->producer_count; k++)
            sum += atomic_load(&s->holding[k].morsel) == UINT64_MAX;
    }
    for (u32 i = 0; i < e->task_count; i++)
        for (u32 l = 0; l < e->tasks[i]->inlet.lane_count; l++) {
            struct ring *r = e->tasks[i]->inlet.lanes[l].ring;
            sum += (u64)atomic_load(&r->tail) + atomic_load(&r->head);
        }
    return sum;
}

static void print_lanes(const struct task *t) {
    for (u32 l = 0; l < t->inlet.lane_count; l++) {
        struct ring *r = t->inlet.lanes[l].ring;
        u32 filled = atomic_load(&r->tail) - atomic_load(&r->head);
        if (filled) printf(" lane %u holds %u", l, filled);
    }
}

static void print_state(struct engine *e) {
    for (u32 i = 0; i < e->run.graph.island_count; i++) {
        struct sequence *s = &e->run.islands[i].sequence;
        printf("island %u: issued %lu, lock %u, closed %d, stopping %d\n", i,
               atomic_load(&s->issued), atomic_load(&s->lock), atomic_load(&s->closed),
               atomic_load(&s->stopping));
    }
    for (u32 i = 0; i < e->task_count; i++) {
        const struct task *t = e->tasks[i];
        printf("worker %u %s: %s %u.%u%s%s%s%s morsel %lu", t->worker,
               waiter_starves(&e->run.waiters[t->worker]) ? "sleeps" : "is awake",
               t->kind == TASK_STAGE ? "stage" : "producer", t->stage, t->nth,
               t->done ? " done" : "", t->inside ? " inside" : "",
               t->again_ns != TIME_FOREVER ? " looks again" : "", task_is_full(t) ? " full" : "",
               t->kind == TASK_STAGE ? t->next : t->ticket.morsel);
        print_lanes(t);
        printf("\n");
    }
}

/* True: the job came to its end by itself. */
static bool comes_to_its_end(struct engine *e, struct env *env, u64 looks_to_stop) {
    u64 seen = moved(e);
    i64 since_ns = env_mono_ns(env);
    for (u64 looks = 0; !engine_wait(e, looks < looks_to_stop ? 100000 : LOOK_NS); looks++) {
        if (looks == looks_to_stop) engine_stop(e);
        u64 now = moved(e);
        i64 now_ns = env_mono_ns(env);
        if (now != seen) since_ns = now_ns;
        seen = now;
        if (now_ns - since_ns < STALL_NS) continue;
        print_state(e);
        for (u32 i = 0; i < e->run.worker_count; i++) env_wake(env, &e->run.waiters[i].sleeping);
        bool goes_on = engine_wait(e, STALL_NS) || moved(e) != seen;
        printf("woken, it %s\n", goes_on ? "goes on: a lost wake-up" : "stands still");
        fflush(stdout);
        abort(); /* where a debugger finds all threads */
    }
    return true;
}

/* ---- jobs ---- */

static void run(u64 seed, u32 workers, bool stopped) {
    struct env env = env_real();
    struct model *m = model_random(seed);
    struct engine_config config = { .env = &env,
                                    .workers = workers,
                                    .rings = true,
                                    .source = model_source_ops,
                                    .sink = model_sink_ops };
    sim_squeeze(&config, seed);
    config.morsel_bytes = 1;
    config.ring_slots = 1;
    for (u32 s = 0; stopped && s < m->job.source_count; s++) m->from[s].endless = true;
    model_reset(m);
    struct engine *e = engine_build(&m->job, &config);
    ENSURE(e && engine_start(e) == 0);
    CHECK(comes_to_its_end(e, &env, stopped ? seed % 40 : UINT64_MAX));
    CHECK_EQ(engine_finish(e), 0);
    engine_close(e);
    model_free(m);
}

static void every_sleeper_is_woken(void) {
    u64 jobs = JOBS * number("MILLRACE_STRESS", 1), seed = number("MILLRACE_SEED", 1);
    for (u64 i = 0; i < jobs; i++) run(seed + i, 2 + (u32)(i % 6), i % 3 == 2);
}

static const struct test tests[] = {
    TEST(every_sleeper_is_woken),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("engine_stress", tests, argc, argv);
}
