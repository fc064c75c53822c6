/* One test in one way: its job runs in a simulated world, on one thread, until nothing is left to
   do, then comes the next step. Restarts are real ones: a snapshot is written, the engine is thrown
   away, another one is built from the snapshot. */
#include "cli/test.h"

#include "io/memory.h"
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "runtime/data/timefn.h"
#include "runtime/exec/simulate.h"
#include "runtime/exec/snapshotter.h"
#include "runtime/exec/task.h"
#include "runtime/snapshot/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOCK_START_NS ((i64)946684800 * 1000000000) /* 2000-01-01T00:00:00Z */
#define STEPS_MAX 1000000u /* for something that has to come: then it does not */
#define MOMENTS 16u        /* of one step, in each of which it is killed; then ever more seldom */
#define LIFE_STEPS 60u     /* at most, from a row to the kill */

struct runner {
    const struct ttest *test;
    const struct job *job;
    const struct test_way *way;
    struct env_sim world;
    struct memory memory;
    struct prng chance;
    struct engine *engine;
    char folder[256]; /* of snapshots; empty: there are none */
    struct store *store;
    struct snapshot *from;
    u64 *seen;        /* by output: bytes that were compared */
    i64 *quiet_since; /* by source, at the snapshot */
    bool spared;      /* not killed just now: there were many such moments */
    struct arena *arena;
    struct test_failure *failure;
};

void test_way_print(const struct test_way *way, struct text_buf *to) {
    if (way->seed)
        text_buf_printf(to, "seed %lu", way->seed);
    else
        text_buf_printf(to, "%u worker%s", way->workers, way->workers == 1 ? "" : "s");
    if (way->killed) text_buf_str(to, ", killed");
}

/* ---- the engine ---- */

static const struct source_ops *source(const char *connector) {
    return &given_source;
}

static const struct sink_ops *sink(const char *connector) {
    return &shelf_sink;
}

static struct engine_config config_of(struct runner *r) {
    static const u64 morsels[] = { 1, 1, 200, 1 << 20 };
    struct engine_config c = { .env = &r->world.env,
                               .workers = r->way->workers,
                               .source = source,
                               .sink = sink,
                               .ring_slots = 4,
                               .slot_bytes = 4096 };
    if (r->way->seed) {
        sim_squeeze(&c, prng_next(&r->chance));
        c.morsel_bytes = morsels[prng_below(&r->chance, 4)];
        c.rings = prng_chance(&r->chance, 3, 4);
        c.workers = 1 + (u32)prng_below(&r->chance, 4);
    }
    c.snapshots = (struct engine_snapshots){ .store = r->store, .from = r->from };
    return c;
}

/* In memory, if nobody says where and the machine has files there: they are gone in a moment. */
static int make_folder(struct runner *r) {
    const char *in = getenv("TMPDIR");
    if (!in || !*in || strlen(in) > sizeof r->folder / 2)
        in = access("/dev/shm", W_OK) ? P_tmpdir : "/dev/shm";
    snprintf(r->folder, sizeof r->folder, "%s/millrace-test-XXXXXX", in);
    if (mkdtemp(r->folder)) return 0;
    r->folder[0] = 0;
    return error_set(0, "make a folder in %s", in);
}

struct leftover {
    struct env env;
    const char *folder;
};

static void remove_folder(const char *path);

static void remove_entry(void *arg, const char *name) {
    struct leftover *from = arg;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", from->folder, name);
    if (unlink(path)) remove_folder(path);
}

static void remove_folder(const char *path) {
    struct leftover from = { env_real(), path };
    if (env_list(&from.env, path, remove_entry, &from) || rmdir(path)) error_clear();
}

static int open_engine(struct runner *r) {
    if (r->folder[0]) {
        r->store = store_open(&r->world.env, r->folder, true);
        if (!r->store) return -1;
        u64 newest = store_newest(r->store);
        r->from = newest ? snapshot_load(r->store, newest) : NULL;
        if (newest && !r->from) return -1;
    }
    struct engine_config config = config_of(r);
    r->engine = engine_build(r->job, &config);
    return r->engine ? 0 : -1;
}

/* As a kill would leave it. */
static void close_engine(struct runner *r) {
    if (r->engine) engine_close(r->engine);
    if (r->from) snapshot_free(r->from);
    if (r->store) store_close(r->store);
    r->engine = NULL;
    r->from = NULL;
    r->store = NULL;
}

static u32 step_one(struct runner *r) {
    struct engine *e = r->engine;
    return task_step(e->tasks[prng_below(&r->chance, e->task_count)]);
}

static u32 step_some(struct runner *r) {
    u32 work = 0;
    if (r->engine->run.snapshotter) snapshotter_step(r->engine->run.snapshotter);
    for (u32 i = 0; r->way->seed && i < 4 * r->engine->task_count; i++) work += step_one(r);
    return work ? work : sim_step_all(r->engine);
}

/* Until nothing is left to do. */
static int settle(struct runner *r) {
    for (u32 idle = 0; idle < 2;) idle = step_some(r) ? 0 : idle + 1;
    return failure_is_there(&r->engine->run.failure) ? -1 : 0;
}

/* Until the job is over. */
static int settle_all(struct runner *r) {
    if (settle(r)) return -1;
    for (u32 i = 0; i < STEPS_MAX && !sim_all_done(r->engine); i++) step_some(r);
    return sim_all_done(r->engine) ? 0 : error_set(0, "the job does not come to its end");
}

static int take_snapshot(struct runner *r) {
    struct snapshot_request *request = arena_alloc(r->arena, sizeof *request);
    engine_savepoint(r->engine, request);
    for (u32 i = 0; i < STEPS_MAX && !request->done; i++) step_some(r);
    if (!request->done) return error_set(0, "a snapshot does not come to its end");
    return request->failed ? error_set(0, "%s", request->why) : 0;
}

static int reopen(struct runner *r) {
    close_engine(r);
    return open_engine(r);
}

/* ---- steps ---- */

/* Since when sources have been silent is not in a snapshot: a job that goes on from one has
   patience anew. A kill that nobody asked for takes no time here, and so that it changes nothing,
   its patience goes on. */
static void keep_patience(struct runner *r, bool back) {
    struct run *run = &r->engine->run;
    for (u32 i = 0; i < run->graph.island_count; i++)
        for (u32 s = 0; s < run->islands[i].sequence.source_count; s++) {
            struct sequence_source *from = &run->islands[i].sequence.sources[s];
            if (back)
                from->quiet_since = r->quiet_since[from->number];
            else
                r->quiet_since[from->number] = from->quiet_since;
        }
}

/* Around everything that the world does to the job. */
static int before(struct runner *r) {
    if (!r->way->killed || r->spared) return 0;
    if (take_snapshot(r)) return -1;
    keep_patience(r, false);
    return 0;
}

static int after(struct runner *r) {
    if (!r->way->killed || r->spared) return settle(r);
    for (u64 left = prng_below(&r->chance, LIFE_STEPS); left; left--) step_one(r);
    if (reopen(r)) return -1;
    keep_patience(r, true);
    return settle(r);
}

/* The nth moment of a step. */
static void spare(struct runner *r, u64 nth) {
    r->spared = nth >= MOMENTS && !prng_chance(&r->chance, 1, nth);
}

static int give(struct runner *r, const char *source, struct given_event event) {
    if (before(r)) return -1;
    memory_give(&r->memory, source, event);
    return after(r);
}

static int step_given(struct runner *r, const struct test_step *step) {
    const struct test_input *input = &r->test->inputs[step->of];
    u64 at_once = r->way->killed ? 1 : step->count;
    if (input->table) return 0; /* read when the job began */
    for (u64 i = 0; i < step->count; i += at_once) {
        spare(r, i);
        if (give(r, input->name, (struct given_event){ GIVEN_ROWS, step->first + i, at_once }))
            return -1;
    }
    r->spared = false;
    return 0;
}

/* The clock goes on by itself: nothing that waits for it is passed over. */
static int step_advance(struct runner *r, const struct test_step *step) {
    const struct run *run = &r->engine->run;
    i64 end = time_add(r->world.wall_ns, step->ns);
    for (u32 moments = 0; r->world.wall_ns < end; moments++) {
        i64 next = end;
        spare(r, moments);
        for (u32 i = 0; i < run->graph.island_count; i++) {
            i64 at = sequence_waits(&run->islands[i].sequence, r->world.wall_ns);
            if (at < next) next = at;
        }
        if (before(r)) return -1;
        env_sim_advance(&r->world, next - r->world.wall_ns);
        if (after(r)) return -1;
        run = &r->engine->run;
    }
    r->spared = false;
    return 0;
}

static int step_watermark(struct runner *r, const struct test_step *step) {
    return give(r, r->test->inputs[step->of].name,
                (struct given_event){ .kind = GIVEN_WATERMARK, .watermark_ns = step->ns });
}

/* Those of the rows that are expected ended when they began. */
static bool is_want(const char *source) {
    return !strncmp(source, "want ", 5);
}

static int step_end(struct runner *r) {
    if (before(r)) return -1;
    for (u32 i = 0; i < r->job->source_count; i++)
        if (!is_want(r->job->sources[i].name))
            memory_give(&r->memory, r->job->sources[i].name,
                        (struct given_event){ .kind = GIVEN_END });
    return after(r) ? -1 : settle_all(r);
}

static int step_expect(struct runner *r, const struct test_step *step) {
    char name[40];
    snprintf(name, sizeof name, "got %u", step->of);
    const struct text_buf *got = &memory_shelf(&r->memory, name)->taken;
    snprintf(name, sizeof name, "want %u", step->of);
    const struct text_buf *want = &memory_shelf(&r->memory, name)->taken;
    u64 from = step->expect == AST_EXPECT_FINAL ? 0 : r->seen[step->of];
    bool fits = test_compare(r->test, step, (struct str){ want->at, want->size },
                             (struct str){ got->at + from, got->size - from }, r->arena,
                             &r->failure->message, &r->failure->rows);
    r->seen[step->of] = got->size;
    if (fits) return 0;
    r->failure->span = step->span;
    return 1;
}

/* 0; 1: other rows came, *failure says which; -1 with an error trail: the job failed. */
static int run_step(struct runner *r, const struct test_step *step) {
    switch (step->kind) {
    case AST_TEST_GIVEN:
        return step_given(r, step);
    case AST_TEST_WATERMARK:
        return step_watermark(r, step);
    case AST_TEST_ADVANCE:
        return step_advance(r, step);
    case AST_TEST_RESTART:
        return take_snapshot(r) || reopen(r) ? -1 : settle(r);
    case AST_TEST_END:
        return step_end(r);
    case AST_TEST_EXPECT:
        return step_expect(r, step);
    }
    return 0;
}

/* ---- the whole ---- */

/* What is there before the first step: tables, and the rows that are expected. */
static void give_all(struct runner *r, const char *name, u64 rows) {
    memory_give(&r->memory, name, (struct given_event){ GIVEN_ROWS, 0, rows });
    memory_give(&r->memory, name, (struct given_event){ .kind = GIVEN_END });
}

static void set_the_table(struct runner *r) {
    for (u32 t = 0; t < r->job->table_count; t++) {
        u64 rows = 0;
        for (u32 i = 0; i < r->test->input_count; i++)
            if (!strcmp(r->test->inputs[i].name, r->job->tables[t].name))
                rows = r->test->inputs[i].given.count;
        give_all(r, r->job->tables[t].name, rows);
    }
    for (u32 i = 0; i < r->test->output_count; i++)
        give_all(r, arena_printf(r->arena, "want %u", i), r->test->outputs[i].expected.count);
}

static bool needs_snapshots(const struct runner *r) {
    for (u32 i = 0; i < r->test->step_count; i++)
        if (r->test->steps[i].kind == AST_TEST_RESTART) return true;
    return r->way->killed;
}

static int run_steps(struct runner *r) {
    set_the_table(r);
    if (needs_snapshots(r) && make_folder(r)) return -1;
    if (open_engine(r) || settle(r)) return -1;
    for (u32 i = 0; i < r->test->step_count; i++) {
        int answer = run_step(r, &r->test->steps[i]);
        if (answer) return answer;
    }
    return engine_finish(r->engine);
}

bool test_run(const struct ttest *test, const struct job *job, const struct test_way *way,
              struct arena *arena, struct test_failure *failure) {
    struct runner r = { test, job, way, .arena = arena, .failure = failure };
    *failure = (struct test_failure){ .span = { 0 } };
    text_buf_init(&failure->rows);
    if (!test->output_count) return true;
    r.seen = arena_alloc(arena, (test->output_count + 1) * sizeof *r.seen);
    r.quiet_since = arena_alloc(arena, (job->source_count + 1) * sizeof *r.quiet_since);
    env_sim_init(&r.world, way->seed);
    prng_init(&r.chance, way->seed);
    r.world.wall_ns = CLOCK_START_NS;
    r.world.beside = &r.memory;
    memory_init(&r.memory);
    int answer = run_steps(&r);
    if (answer < 0) {
        if (r.engine && failure_is_there(&r.engine->run.failure)) engine_finish(r.engine);
        failure->message = arena_printf(arena, "the job failed: %s", error_text());
    }
    close_engine(&r);
    memory_fini(&r.memory);
    if (r.folder[0]) remove_folder(r.folder);
    return !answer;
}
