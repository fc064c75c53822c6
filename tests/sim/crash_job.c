/* A compiled job in simulation, with snapshots, crashes and a disk that fails: whatever happens,
   what its sinks have committed in the end is what a run without all that writes.

       crash_job JOB.so FOLDER [--seeds N] [--first SEED] [--set name=value]...

   A seed decides on everything: how many workers each life of the job has, the sizes of rings and
   morsels, the order of steps, when snapshots are taken, at which call of the disk or at which step
   it crashes, which calls fail. Every fourth seed is run twice: the second time every step must be
   the same. FOLDER is for snapshots, and emptied. */
#include "tests/sim/sim.h"

#include "io/connector.h"
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

#define SINKS_MAX 64u
#define LIVES_MAX 60u /* then it is left in peace, and has to come to its end */

/* ---- sinks: what is committed outlives the job ---- */

struct shelf {
    char name[100];
    struct text_buf committed;
};

static struct shelf shelves[SINKS_MAX];
static u32 shelf_count;

struct kept {
    struct shelf *shelf;
    struct text_buf taken; /* all, from the first byte on */
};

static struct shelf *shelf_of(const char *name) {
    for (u32 i = 0; i < shelf_count; i++)
        if (!strcmp(shelves[i].name, name)) return &shelves[i];
    ENSURE(shelf_count < SINKS_MAX);
    struct shelf *s = &shelves[shelf_count++];
    ENSURE(strlen(name) < sizeof s->name);
    strcpy(s->name, name);
    text_buf_init(&s->committed);
    return s;
}

static void empty_shelves(void) {
    for (u32 i = 0; i < shelf_count; i++) text_buf_fini(&shelves[i].committed);
    shelf_count = 0;
}

static void *kept_open(struct env *env, const struct sink_spec *spec) {
    struct kept *k = calloc(1, sizeof *k);
    ENSURE(k);
    k->shelf = shelf_of(spec->name);
    text_buf_init(&k->taken);
    return k;
}
static int kept_write(void *self, const u8 *at, u64 size) {
    text_buf_put(&((struct kept *)self)->taken, at, size);
    return 0;
}
static int kept_flush(void *self) {
    return 0;
}
static int kept_seal(void *self, u64 number, i64 stamp, bool close, struct pack *pending) {
    struct kept *k = self;
    u64 from = k->shelf->committed.size;
    pack_u64(pending, from);
    pack_bytes(pending, k->taken.at + from, k->taken.size - from);
    return 0;
}
static int kept_prepare(void *self, struct unpack *pending) {
    return 0;
}
static int kept_commit(void *self, struct unpack *pending) {
    struct text_buf *to = &((struct kept *)self)->shelf->committed;
    u64 from = unpack_u64(pending);
    struct str bytes = unpack_bytes(pending);
    ENSURE(!pending->bad && from <= to->size);
    to->size = from;
    text_buf_put(to, bytes.at, bytes.size);
    return 0;
}
static int kept_recover(void *self, struct unpack *pending, bool accept) {
    struct kept *k = self;
    if (pending) kept_commit(self, pending);
    if (!pending && k->shelf->committed.size) return error_set(0, "output without a snapshot");
    text_buf_put(&k->taken, k->shelf->committed.at, k->shelf->committed.size);
    return 0;
}
static int kept_finish(void *self) {
    struct kept *k = self;
    text_buf_fini(&k->taken);
    free(k);
    return 0;
}
static const struct sink_ops *keep(const char *connector) {
    static const struct sink_ops ops = { .name = "memory",
                                         .open = kept_open,
                                         .write = kept_write,
                                         .flush = kept_flush,
                                         .seal = kept_seal,
                                         .prepare = kept_prepare,
                                         .commit = kept_commit,
                                         .recover = kept_recover,
                                         .finish = kept_finish };
    return &ops;
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
                    u64 seed) {
    u64 trace = 1;
    empty_folder(folder);
    empty_shelves();
    for (u32 number = 0; number < LIVES_MAX + 3; number++) {
        struct life l;
        life_begin(&l, seed, number);
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

static const char *differs(const struct shelf *want, u32 count) {
    for (u32 i = 0; i < count; i++) {
        const struct text_buf *x = &want[i].committed, *y = &shelf_of(want[i].name)->committed;
        if (x->size != y->size || (x->size && memcmp(x->at, y->at, x->size))) return want[i].name;
    }
    return NULL;
}

static bool check_seed(const struct job *job, const struct engine_config *base, const char *folder,
                       u64 seed, const struct shelf *want, u32 count) {
    u64 trace = run_seed(job, base, folder, seed);
    if (!trace) return false;
    const char *sink = differs(want, count);
    if (sink) {
        printf("FAILED seed %lu, morsels of %lu bytes: other bytes at `%s`\n", seed,
               base->morsel_bytes, sink);
        return false;
    }
    if (seed % 4 || run_seed(job, base, folder, seed) == trace) return true;
    printf("FAILED seed %lu: the second run took other steps\n", seed);
    return false;
}

/* Without snapshots: what is right. */
static u32 run_plain(const struct job *job, const struct engine_config *base, struct shelf *want) {
    struct engine_config config = *base;
    config.lookback = 4; /* as sim_squeeze: the choice of sources depends on it */
    empty_shelves();
    struct env_sim world;
    env_sim_init(&world, 1);
    config.env = &world.env;
    struct engine *e = engine_build(job, &config);
    ENSURE(e);
    while (!sim_all_done(e)) sim_step_all(e);
    for (u32 k = 0; k < job->stage_count;
         k++) { /* what they took is what they would have written */
        struct kept *kept = e->run.sinks[k].self;
        if (kept) text_buf_put(&kept->shelf->committed, kept->taken.at, kept->taken.size);
    }
    ENSURE(!engine_finish(e));
    engine_close(e);
    u32 count = shelf_count;
    memcpy(want, shelves, sizeof shelves);
    shelf_count = 0; /* they are want's now */
    return count;
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
    static struct shelf want[SINKS_MAX];
    u32 failed = 0;
    for (u32 i = 0; i < 3; i++) {
        config.morsel_bytes = sizes[i];
        u32 count = run_plain(loaded.job, &config, want);
        for (u64 seed = words.first + i; seed < words.first + words.seeds && failed < 5; seed += 3)
            failed += !check_seed(loaded.job, &config, argv[2], seed, want, count);
        for (u32 s = 0; s < count; s++) text_buf_fini(&want[s].committed);
    }
    empty_shelves();
    empty_folder(argv[2]);
    printf("%s with crashes: %lu lives, %lu crashed: %lu passed, %u failed\n", loaded.job->name,
           lives_total, crashes_total, words.seeds - failed, failed);
    loader_close(&loaded);
    return failed != 0;
}
