/* A compiled job in simulation, with snapshots, crashes and a disk that fails: whatever happens,
   what its sinks have committed in the end is what a run without all that writes.

       crash_job JOB.so FOLDER [--seeds N] [--first SEED] [--set name=value]...

   A seed decides on everything: how many workers each life of the job has, the sizes of rings and
   morsels, the order of steps, when snapshots are taken, at which call of the disk or at which step
   it crashes, which calls fail. Every fourth seed is run twice: the second time every step must be
   the same. FOLDER is for snapshots, and emptied. */
#include "tests/sim/sim.h"

#include "io/connector.h"
#include "io/memory.h"
#include "runtime/base/ensure.h"
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "runtime/base/hash.h"
#include "runtime/base/text_buf.h"
#include "runtime/exec/loader.h"
#include "runtime/exec/snapshot_restore.h"
#include "runtime/exec/snapshotter.h"
#include "runtime/exec/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIVES_MAX 60u /* then it is left in peace, and has to come to its end */

static const struct sink_ops *keep(const char *connector) {
    return &shelf_sink;
}

/* ---- the world ---- */

struct life {
    struct env_sim world;
    struct prng chance;
    u64 crash_at_call; /* UINT64_MAX: not at one */
    u32 trouble;       /* of 1,000 calls on files so many fail */
    bool peace, dead;
    u64 trace;
};

static int fault(void *arg, u64 nth, enum env_call call, const char *name) {
    static const int errors[] = { EIO, ENOSPC, EROFS, ENV_FAULT_SHORT };
    struct life *l = arg;
    if (nth >= l->crash_at_call) l->dead = true;
    if (l->dead) return EIO; /* nobody is there any more: nothing reaches the disk */
    if (l->peace || !prng_chance(&l->chance, l->trouble, 1000)) return 0;
    return errors[prng_below(&l->chance, 4)];
}

static void life_begin(struct life *l, u64 seed, u32 number) {
    *l = (struct life){ .peace = number > LIVES_MAX, .crash_at_call = UINT64_MAX };
    env_sim_init(&l->world, seed * 1000 + number);
    prng_init(&l->chance, seed * 1000 + number + 1);
    l->world.fault = fault;
    l->world.fault_arg = l;
    l->trouble = prng_chance(&l->chance, 1, 3) ? (u32)prng_below(&l->chance, 30) : 0;
    if (!l->peace && prng_chance(&l->chance, 1, 2)) l->crash_at_call = prng_below(&l->chance, 400);
}

static void note(struct life *l, u64 what) {
    l->trace = hash_u64(l->trace ^ what, HASH_B);
}

static void on_snapshot(void *arg, const struct snapshot_event *event) {
    note(arg, event->number * 4 + (u64)event->failed * 2 + 1);
}

/* ---- one life of the job ---- */

enum end { ENDED, CRASHED, DEADLOCK, FAILED };

static enum end live(struct engine *e, struct life *l) {
    u64 steps = l->peace ? UINT64_MAX : 1 + prng_below(&l->chance, 6000);
    for (u32 idle = 0; !sim_all_done(e); steps--) {
        if (!steps || l->dead) return CRASHED;
        u32 which = (u32)prng_below(&l->world.prng, e->task_count + 1), work = 0;
        if (which == e->task_count)
            snapshotter_step(e->run.snapshotter);
        else
            work = task_step(e->tasks[which]);
        note(l, which * 64 + work);
        env_sim_advance(&l->world, 1000);
        idle = work ? 0 : idle + 1;
        if (idle < 8 * e->task_count) continue;
        bool before = snapshotter_step(e->run.snapshotter);
        env_sim_advance(&l->world, 1000000000); /* what waits for the clock */
        bool after = snapshotter_step(e->run.snapshotter);
        if (!sim_step_all(e) && !sim_all_done(e) && before == after && idle > 400 * e->task_count)
            return DEADLOCK;
    }
    while (snapshotter_step(e->run.snapshotter)) env_sim_advance(&l->world, 1000000);
    return l->dead ? CRASHED : ENDED;
}

static struct engine_config config_of(const struct engine_config *base, struct life *l,
                                      struct store *store, const struct snapshot *from) {
    static const u32 ps[] = { 1, 2, 3, 4, 7 };
    struct engine_config c = *base;
    c.env = &l->world.env;
    c.workers = ps[prng_below(&l->chance, 5)];
    c.rings = prng_chance(&l->chance, 3, 4);
    sim_squeeze(&c, prng_next(&l->chance));
    c.snapshots = (struct engine_snapshots){
        .store = store,
        .from = from,
        .every_ns = 1000 + (i64)prng_below(&l->chance, 3000000),
        .failures = l->peace ? 10 : 3,
        .retained = 1 + (u32)prng_below(&l->chance, 3),
        .event = on_snapshot,
        .event_arg = l,
    };
    return c;
}

static enum end run_engine(const struct job *job, const struct engine_config *config,
                           struct life *l) {
    struct engine *e = engine_build(job, config);
    if (!e) return FAILED;
    enum end end = live(e, l);
    if (end == CRASHED) l->dead = true;
    if (end == ENDED && engine_finish(e)) end = FAILED;
    engine_close(e);
    return end;
}

/* From opening the state directory to the end of the process, one way or the other. */
static enum end run_life(const struct job *job, const struct engine_config *base,
                         const char *folder, struct life *l) {
    struct store *store = store_open(&l->world.env, folder, true);
    if (!store) return FAILED;
    enum end end = ENDED;
    u64 newest = store_newest(store);
    struct snapshot *from = newest ? snapshot_load(store, newest) : NULL;
    struct snapshot_job about = { .finished = false };
    if (newest && (!from || snapshot_read_job(from, &about))) end = FAILED;
    if (end == ENDED) {
        struct engine_config config = config_of(base, l, store, from);
        if (!about.finished)
            end = run_engine(job, &config, l);
        else if (engine_recover(job, &config))
            end = FAILED;
    }
    if (from) snapshot_free(from);
    store_close(store);
    return end;
}

/* ---- a seed ---- */

static void empty_folder(const char *folder) {
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ENSURE(!system(command));
}

static u64 lives_total, crashes_total;

/* All lives until the job has ended. The trace of all of them; 0: it did not come to its end. */
static u64 run_seed(const struct job *job, const struct engine_config *base, const char *folder,
                    u64 seed, struct memory *memory) {
    u64 trace = 1;
    empty_folder(folder);
    for (u32 number = 0; number < LIVES_MAX + 3; number++) {
        struct life l;
        life_begin(&l, seed, number);
        l.world.beside = memory;
        enum end end = run_life(job, base, folder, &l);
        trace = hash_u64(trace ^ l.trace, HASH_A);
        lives_total++;
        crashes_total += end == CRASHED;
        if (end == ENDED) return trace;
        if (end == DEADLOCK || (end == FAILED && l.peace)) {
            printf("FAILED seed %lu, life %u: %s\n", seed, number,
                   end == FAILED ? error_text() : "nothing moves");
            return 0;
        }
    }
    printf("FAILED seed %lu: no end\n", seed);
    return 0;
}

static const char *differs(const struct memory *want, struct memory *got) {
    for (u32 i = 0; i < want->shelf_count; i++) {
        const struct text_buf *x = &want->shelves[i]->committed,
                              *y = &memory_shelf(got, want->shelves[i]->name)->committed;
        if (x->size != y->size || (x->size && memcmp(x->at, y->at, x->size)))
            return want->shelves[i]->name;
    }
    return NULL;
}

static bool is_repeated(const struct job *job, const struct engine_config *base, const char *folder,
                        u64 seed, u64 trace) {
    struct memory memory;
    memory_init(&memory);
    bool same = run_seed(job, base, folder, seed, &memory) == trace;
    memory_fini(&memory);
    if (!same) printf("FAILED seed %lu: the second run took other steps\n", seed);
    return same;
}

static bool check_seed(const struct job *job, const struct engine_config *base, const char *folder,
                       u64 seed, const struct memory *want) {
    struct memory got;
    memory_init(&got);
    u64 trace = run_seed(job, base, folder, seed, &got);
    const char *sink = trace ? differs(want, &got) : NULL;
    if (sink)
        printf("FAILED seed %lu, morsels of %lu bytes: other bytes at `%s`\n", seed,
               base->morsel_bytes, sink);
    memory_fini(&got);
    if (!trace || sink) return false;
    return seed % 4 || is_repeated(job, base, folder, seed, trace);
}

/* Without snapshots: what is right. */
static void run_plain(const struct job *job, const struct engine_config *base,
                      struct memory *want) {
    struct engine_config config = *base;
    config.lookback = 4; /* as sim_squeeze: the choice of sources depends on it */
    struct env_sim world;
    env_sim_init(&world, 1);
    world.beside = want;
    config.env = &world.env;
    struct engine *e = engine_build(job, &config);
    ENSURE(e);
    while (!sim_all_done(e)) sim_step_all(e);
    ENSURE(!engine_finish(e));
    engine_close(e);
    for (u32 i = 0; i < want->shelf_count; i++) /* what they took is what they would have written */
        text_buf_put(&want->shelves[i]->committed, want->shelves[i]->taken.at,
                     want->shelves[i]->taken.size);
}

int main(int argc, char **argv) {
    struct sim_words words;
    struct engine_config config = { .workers = 1, .source = connector_source, .sink = keep };
    struct loaded_job loaded;
    if (argc < 3 || !sim_read_words(&words, argc, argv, 3) || loader_open(argv[1], &loaded)) {
        printf("crash_job: %s\n", argc < 3 ? "which job, and where?" : error_text());
        return 2;
    }
    config.params = (struct param_values){ words.params, words.param_count };
    static const u64 sizes[] = { 60, 1, 1000 };
    u32 failed = 0;
    for (u32 i = 0; i < 3; i++) {
        config.morsel_bytes = sizes[i];
        struct memory want;
        memory_init(&want);
        run_plain(loaded.job, &config, &want);
        for (u64 seed = words.first + i; seed < words.first + words.seeds && failed < 5; seed += 3)
            failed += !check_seed(loaded.job, &config, argv[2], seed, &want);
        memory_fini(&want);
    }
    empty_folder(argv[2]);
    printf("%s with crashes: %lu lives, %lu crashed: %lu passed, %u failed\n", loaded.job->name,
           lives_total, crashes_total, words.seeds - failed, failed);
    loader_close(&loaded);
    return failed != 0;
}
