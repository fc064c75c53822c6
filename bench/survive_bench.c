/* What snapshots cost a job at -p 1, with the snapshot thread on another core.

       survive_bench JOB.so FOLDER KEYS SECONDS REPS INTERVAL_MS...

   Runs the job without snapshots, then with one every INTERVAL_MS, in turn, REPS times; each run
   counts SECONDS of rows after the state is there. A line for each: the median of rows a second and
   its ratio to none; the longest steps of the task's thread, by its own CPU time; bytes a snapshot.
   Then how long it takes from opening the state folder to the first row, the page cache warm. */
#include "io/connector.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/loader.h"
#include "runtime/exec/placement.h"
#include "runtime/exec/snapshotter.h"
#include "runtime/exec/task.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEPS_MAX (8u << 20)
#define REPS_MAX 32u

struct outcome {
    double rows_per_second[REPS_MAX];
    u64 step_ns[4]; /* p50, p99, p99.99, the longest: of all runs */
    u64 snapshots, failed, bytes;
    i64 took_ns, pause_ns;
    double first_row_s;
};

static u32 *steps; /* ns each */
static u64 step_count;

static u64 thread_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

static int order(const void *a, const void *b) {
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return (x > y) - (x < y);
}

static int order_rates(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void on_snapshot(void *arg, const struct snapshot_event *event) {
    struct outcome *o = arg;
    o->snapshots++;
    o->failed += event->failed;
    o->bytes += event->bytes;
    if (event->took_ns > o->took_ns) o->took_ns = event->took_ns;
    if (event->pause_ns > o->pause_ns) o->pause_ns = event->pause_ns;
}

static u64 rows_of(struct engine *e) {
    return e->tasks[0]->chain.sources[0].rows_in;
}

static void run_steps(struct engine *e, u64 until_rows, i64 until_ns, bool count) {
    struct task *t = e->tasks[0];
    while (rows_of(e) < until_rows && env_mono_ns(e->run.env) < until_ns) {
        u64 before = thread_ns();
        task_step(t);
        u64 took = thread_ns() - before;
        if (count && step_count < STEPS_MAX)
            steps[step_count++] = took > UINT32_MAX ? UINT32_MAX : (u32)took;
    }
}

static struct engine *build(const struct job *job, struct env *env, struct placement *placement,
                            struct store *store, const struct snapshot *from, i64 every_ns,
                            struct outcome *o) {
    struct engine_config config = { .env = env,
                                    .workers = 1,
                                    .placement = placement,
                                    .source = connector_source,
                                    .sink = connector_sink };
    config.snapshots = (struct engine_snapshots){
        .store = store, .from = from, .every_ns = every_ns, .event = on_snapshot, .event_arg = o
    };
    struct engine *e = engine_build(job, &config);
    if (!e) {
        printf("survive_bench: %s\n", error_text());
        exit(1);
    }
    ENSURE(e->task_count == 1);
    return e;
}

/* The process dies here, as far as the folder can tell: what is under way is given up. */
static void drop(struct engine *e) {
    if (e->run.snapshotter) {
        error_set(0, "the end");
        run_fail(&e->run, &e->run.islands[0], 0, 0);
        for (u32 i = 0; i < 100000 && !e->tasks[0]->done; i++) task_step(e->tasks[0]);
        snapshotter_join(e->run.snapshotter);
    }
    engine_close(e);
}

static void measure_restart(const struct job *job, struct env *env, struct placement *placement,
                            const char *folder, struct outcome *o) {
    i64 began = env_mono_ns(env);
    struct store *store = store_open(env, folder, false);
    ENSURE(store);
    struct snapshot *from = snapshot_load(store, store_newest(store));
    if (!from) {
        printf("survive_bench: %s\n", error_text());
        exit(1);
    }
    struct engine *e = build(job, env, placement, store, from, 0, o);
    for (u64 before = rows_of(e); rows_of(e) == before;) task_step(e->tasks[0]);
    o->first_row_s = (double)(env_mono_ns(env) - began) / 1e9;
    snapshot_free(from);
    engine_close(e);
    store_close(store);
}

/* A thread begins where its maker may run: not on the core of the task. */
static void start_beside(struct engine *e, struct placement *placement) {
    cpu_set_t others;
    CPU_ZERO(&others);
    for (int i = 1; i < sysconf(_SC_NPROCESSORS_ONLN); i++) CPU_SET(i, &others);
    ENSURE(!sched_setaffinity(0, sizeof others, &others));
    ENSURE(!snapshotter_start(e->run.snapshotter));
    ENSURE(!placement_bind(placement, 0));
}

static void measure(const struct job *job, const char *folder, u64 keys, double seconds,
                    i64 every_ns, u32 rep, struct outcome *o) {
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ENSURE(!system(command));
    struct env env = env_real();
    struct placement placement;
    ENSURE(!placement_init(&placement, NULL, "0", 1));
    ENSURE(!placement_bind(&placement, 0));
    struct store *store = every_ns ? store_open(&env, folder, true) : NULL;
    ENSURE(store || !every_ns);
    struct engine *e = build(job, &env, &placement, store, NULL, every_ns, o);
    run_steps(e, keys * 8, TIME_FOREVER, false); /* all keys are there */
    if (store) start_beside(e, &placement);
    run_steps(e, UINT64_MAX, env_mono_ns(&env) + 300000000, false);
    u64 rows = rows_of(e);
    i64 began = env_mono_ns(&env);
    run_steps(e, UINT64_MAX, began + (i64)(seconds * 1e9), true);
    o->rows_per_second[rep] =
        (double)(rows_of(e) - rows) * 1e9 / (double)(env_mono_ns(&env) - began);
    drop(e);
    if (store) {
        store_close(store);
        measure_restart(job, &env, &placement, folder, o);
    }
    placement_fini(&placement);
}

static void print(const char *name, struct outcome *o, u32 reps, double none) {
    qsort(o->rows_per_second, reps, sizeof(double), order_rates);
    double rate = o->rows_per_second[reps / 2];
    printf("%-10s %8.2f M rows/s  ratio %.3f  steps p50 %lu us, p99.99 %lu us, longest %lu us",
           name, rate / 1e6, none ? rate / none : 1.0, o->step_ns[0] / 1000, o->step_ns[2] / 1000,
           o->step_ns[3] / 1000);
    if (o->snapshots)
        printf(
            "  %lu snapshots (%lu failed) of %lu MB, longest %ld ms, pause %ld us, first row after "
            "%.0f ms",
            o->snapshots, o->failed, o->bytes / o->snapshots / 1000000, o->took_ns / 1000000,
            o->pause_ns / 1000, o->first_row_s * 1e3);
    printf("\n");
    fflush(stdout);
}

static void keep_steps(struct outcome *o) {
    if (!step_count) return;
    qsort(steps, step_count, sizeof *steps, order);
    const double at[] = { 0.5, 0.99, 0.9999, 1 };
    for (u32 i = 0; i < 4; i++) {
        u64 n = steps[(u64)(at[i] * (double)(step_count - 1))];
        if (n > o->step_ns[i]) o->step_ns[i] = n;
    }
    step_count = 0;
}

int main(int argc, char **argv) {
    struct loaded_job loaded;
    if (argc < 7 || loader_open(argv[1], &loaded)) {
        printf("survive_bench: %s\n",
               argc < 7 ? "JOB.so FOLDER KEYS SECONDS REPS INTERVAL_MS..." : error_text());
        return 2;
    }
    u64 keys = strtoull(argv[3], NULL, 10);
    double seconds = strtod(argv[4], NULL);
    u32 reps = (u32)strtoul(argv[5], NULL, 10), kinds = (u32)argc - 5;
    ENSURE(reps && reps <= REPS_MAX);
    struct outcome *outcomes = calloc(kinds, sizeof *outcomes);
    steps = malloc(STEPS_MAX * sizeof *steps);
    ENSURE(outcomes && steps);
    for (u32 rep = 0; rep < reps; rep++)
        for (u32 i = 0; i < kinds; i++) {
            i64 every_ns = i ? strtol(argv[5 + i], NULL, 10) * 1000000 : 0;
            measure(loaded.job, argv[2], keys, seconds, every_ns, rep, &outcomes[i]);
            keep_steps(&outcomes[i]);
        }
    print("none", &outcomes[0], reps, 0);
    for (u32 i = 1; i < kinds; i++)
        print(argv[5 + i], &outcomes[i], reps, outcomes[0].rows_per_second[reps / 2]);
    free(outcomes);
    free(steps);
    loader_close(&loaded);
    return 0;
}
