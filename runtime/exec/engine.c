#include "runtime/exec/engine.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/engine_parts.h"
#include "runtime/exec/snapshot_restore.h"
#include "runtime/exec/snapshotter.h"
#include "runtime/exec/task.h"
#include "runtime/exec/worker.h"

#include <stdlib.h>
#include <string.h>

/* A lane holds two morsels' output at usual sizes, so that a worker in the middle of a morsel holds
   nobody up; and so many morsels are under way that every producer is busy, but no more than their
   ENDs fit the rings. Morsels are large enough that marks and ENDs cost nothing to speak of, and
   where sources combine their rows, that a key comes several times in one. That is asked of the job
   and not of the workers: at another size rows may come out in another order. */
#define MORSEL_BYTES (1u << 20)
#define MORSEL_BYTES_COMBINED (4u << 20)
#define RING_SLOTS 16u
#define SLOT_BYTES (32u << 10)
#define CONTROL_ROOM 32u
#define RING_SLOTS_LEAST 4u
#define SLOT_BYTES_LEAST (4u << 10)

static u32 slot_bytes(u32 workers) {
    return workers <= 4 ? SLOT_BYTES : workers <= 8 ? SLOT_BYTES / 2 : SLOT_BYTES / 4;
}

/* A task without a shard would have nothing to do. */
static int fits_shards(const struct job *job, u32 workers) {
    if (workers < 1 || workers > SHARDS)
        return error_set(0, "%u workers: a job runs on 1 to %u", workers, SHARDS);
    for (u32 k = 0; k < job->stage_count; k++)
        if (job->stages[k].parallel > SHARDS)
            return error_set(0, "stage `%s`: parallel %u: at most %u", job->stages[k].name,
                             job->stages[k].parallel, SHARDS);
    return 0;
}

static bool combines(const struct job *job) {
    for (u32 i = 0; i < job->edge_count; i++)
        if (job->edges[i].combine) return true;
    return false;
}

static void fill_in(struct engine_config *c, const struct job *job) {
    if (!c->memory_bytes) c->memory_bytes = UINT64_MAX;
    if (!c->morsel_bytes) c->morsel_bytes = combines(job) ? MORSEL_BYTES_COMBINED : MORSEL_BYTES;
    if (!c->ring_slots) c->ring_slots = RING_SLOTS;
    if (!c->slot_bytes) c->slot_bytes = slot_bytes(c->workers);
    if (!c->control_room) c->control_room = CONTROL_ROOM;
    if (!c->lookback) c->lookback = SEQUENCE_LOOKBACK;
    if (!c->window) c->window = 2 * c->workers > RING_SLOTS ? 2 * c->workers : RING_SLOTS;
    if (c->window > c->lookback) c->window = c->lookback;
}

static void choose_variant(struct engine *e) {
    const struct job *job = e->run.job;
    bool fuse = job->can_fuse && e->config.workers == 1 && !e->config.rings;
    e->stage_tasks = arena_alloc(&e->arena, job->stage_count * sizeof *e->stage_tasks);
    for (u32 k = 0; k < job->stage_count; k++) {
        u32 wanted = job->stages[k].parallel ? job->stages[k].parallel : e->config.workers;
        e->stage_tasks[k] = job->stages[k].kind == JOB_SINK ? 1 : wanted;
        fuse &= e->stage_tasks[k] == 1;
    }
    e->run.variant = fuse ? JOB_FUSED : JOB_RINGS;
}

/* Rings take no more than a quarter of the memory, down to a few small slots. */
static void fit_rings(struct engine *e) {
    const struct job *job = e->run.job;
    struct engine_config *c = &e->config;
    u64 lanes = 0;
    for (u32 i = 0; i < job->edge_count; i++) {
        const struct job_edge *edge = &job->edges[i];
        lanes += (u64)e->stage_tasks[edge->to] *
                 (edge->from_source ? c->workers : e->stage_tasks[edge->from]);
    }
    while (lanes * c->ring_slots * c->slot_bytes > c->memory_bytes / 4) {
        if (c->slot_bytes > SLOT_BYTES_LEAST)
            c->slot_bytes /= 2;
        else if (c->ring_slots > RING_SLOTS_LEAST)
            c->ring_slots /= 2;
        else
            break;
    }
}

static void make_waiters(struct engine *e) {
    u64 bytes = e->config.workers * sizeof(struct waiter);
    e->run.waiters = aligned_alloc(_Alignof(struct waiter), bytes);
    ENSURE(e->run.waiters);
    memset(e->run.waiters, 0, bytes);
    e->workers = arena_alloc(&e->arena, e->config.workers * sizeof *e->workers);
}

/* What was counted before the snapshot that this goes on from. */
static void set_before(struct engine *e) {
    const struct job *job = e->run.job;
    const struct run_counts *before = &e->run.before;
    struct metrics_source *sources = metrics_sources(e->run.metrics, e->engine_cells);
    struct metrics_stage *stages = metrics_stages(e->run.metrics, e->engine_cells);
    struct metrics_blackhole *holes = metrics_blackholes(e->run.metrics, e->engine_cells);
    for (u32 i = 0; i < job->source_count; i++) {
        metrics_set(&sources[i].rows_in, (i64)before->sources[i].rows_in);
        metrics_set(&sources[i].malformed, (i64)before->sources[i].malformed);
        metrics_set(&sources[i].ahead, (i64)before->sources[i].ahead);
        metrics_set(&sources[i].bytes_in, (i64)before->bytes_in[i]);
    }
    for (u32 i = 0; i < job->stage_count; i++) {
        metrics_set(&stages[i].rows_in, (i64)before->stages[i].rows_in);
        metrics_set(&stages[i].rows_out, (i64)before->stages[i].rows_out);
        metrics_set(&stages[i].late, (i64)before->stages[i].late);
    }
    for (u32 i = 0; i < job->blackhole_count; i++)
        metrics_set(&holes[i].rows_in, (i64)before->holes[i]);
}

static struct engine *engine_new(const struct job *job, const struct engine_config *config) {
    struct engine *e = calloc(1, sizeof *e);
    ENSURE(e);
    arena_init(&e->arena);
    e->config = *config;
    fill_in(&e->config, job);
    e->run.job = job;
    e->run.env = config->env;
    e->run.budget.limit = e->config.memory_bytes;
    e->run.hash_key =
        config->hash_key ? config->hash_key : hash_bytes(job->name, strlen(job->name), HASH_A);
    e->run.worker_count = e->config.workers;
    run_counts_init(&e->run.before, job);
    return e;
}

int engine_recover(const struct job *job, const struct engine_config *config) {
    struct engine *e = engine_new(job, config);
    int status = engine_restore_job(e);
    if (!status) status = engine_open_sinks(e);
    if (!status) status = engine_recover_sinks(e);
    engine_close(e);
    return status;
}

struct engine *engine_build(const struct job *job, const struct engine_config *config) {
    if (fits_shards(job, config->workers)) return NULL;
    struct engine *e = engine_new(job, config);
    graph_init(&e->run.graph, job, &e->arena);
    choose_variant(e);
    if (!config->ring_slots && !config->slot_bytes) fit_rings(e);
    make_waiters(e);
    if (engine_restore_job(e) || engine_open_world(e) || engine_make_tasks(e) ||
        engine_lay_rings(e) || engine_restore(e)) {
        engine_close(e);
        return NULL;
    }
    set_before(e);
    if (config->snapshots.store) e->run.snapshotter = snapshotter_open(e);
    return e;
}

static void open_gate(struct engine *e, enum gate how) {
    atomic_store(&e->gate, how);
    env_wake(e->run.env, &e->gate);
}

/* All threads or none: tasks wait for each other. */
int engine_start(struct engine *e) {
    u32 count = e->config.workers, w = 0;
    atomic_store(&e->running, count);
    while (w < count && !worker_start(&e->workers[w])) w++;
    if (w < count || (e->run.snapshotter && snapshotter_start(e->run.snapshotter))) {
        open_gate(e, GATE_CANCELLED);
        while (w-- > 0) worker_join(&e->workers[w]);
        atomic_store(&e->running, 0);
        return -1;
    }
    e->started = true;
    metrics_set(&metrics_job(e->run.metrics, e->engine_cells)->start_ns, env_wall_ns(e->run.env));
    open_gate(e, GATE_OPEN);
    return 0;
}

bool engine_wait(struct engine *e, i64 timeout_ns) {
    u32 running = atomic_load(&e->running);
    if (running) env_park(e->run.env, &e->running, running, timeout_ns);
    return !atomic_load(&e->running);
}

void engine_stop(struct engine *e) {
    run_stop(&e->run);
}

void engine_drain(struct engine *e) {
    for (u32 i = 0; i < e->run.graph.island_count; i++) sequence_drain(&e->run.islands[i].sequence);
    run_notify_all(&e->run);
}

void engine_savepoint(struct engine *e, struct snapshot_request *request) {
    snapshotter_request(e->run.snapshotter, request);
}

int engine_finish(struct engine *e) {
    struct run *r = &e->run;
    for (u32 w = 0; e->started && w < e->config.workers; w++) worker_join(&e->workers[w]);
    e->started = false;
    if (r->snapshotter) snapshotter_join(r->snapshotter);
    for (u32 k = 0; k < r->job->stage_count; k++) {
        struct run_sink *sink = &r->sinks[k];
        if (!sink->self) continue;
        int failed = sink->ops->finish(sink->self);
        sink->self = NULL;
        if (!failed || sink->broken) continue;
        error_add("stage `%s`", r->job->stages[k].name);
        failure_keep(&r->failure, r->graph.stage_island[k], UINT64_MAX, POSITION_DUE);
    }
    return failure_tell(&r->failure);
}

void engine_close(struct engine *e) {
    if (e->run.snapshotter) snapshotter_close(e->run.snapshotter);
    engine_free_tasks(e);
    engine_close_world(e);
    engine_free_rings(e);
    free(e->run.waiters);
    run_counts_fini(&e->run.before);
    arena_fini(&e->arena);
    free(e);
}

/* ---- what it has done ---- */

static u64 metric(struct engine *e, enum metric metric, u32 number) {
    return (u64)metrics_read(e->run.metrics, metric, number);
}

struct engine_time engine_source_time(struct engine *e, u32 source) {
    const struct job_source *job = &e->run.job->sources[source];
    struct sequence *s = &e->run.islands[e->run.graph.source_island[source]].sequence;
    u32 i = 0;
    while (s->sources[i].number != source) i++;
    u32 state = atomic_load_explicit(&s->sources[i].state, memory_order_relaxed);
    bool timed = job->has_time && !job->at_end && !job->wall;
    for (u32 k = 0; k < job->time_count; k++) timed |= !job->times[k].at_end;
    return (struct engine_time){ timed, (enum source_state)state,
                                 (i64)metric(e, METRIC_SOURCE_watermark_ns, source) };
}

struct chain_counts engine_source_counts(struct engine *e, u32 source) {
    return (struct chain_counts){ .rows_in = metric(e, METRIC_SOURCE_rows_in, source),
                                  .malformed = metric(e, METRIC_SOURCE_malformed, source),
                                  .ahead = metric(e, METRIC_SOURCE_ahead, source) };
}

struct chain_counts engine_stage_counts(struct engine *e, u32 stage) {
    return (struct chain_counts){ .rows_in = metric(e, METRIC_STAGE_rows_in, stage),
                                  .rows_out = metric(e, METRIC_STAGE_rows_out, stage),
                                  .late = metric(e, METRIC_STAGE_late, stage) };
}

u64 engine_blackhole_rows(struct engine *e, u32 blackhole) {
    return metric(e, METRIC_BLACKHOLE_rows_in, blackhole);
}

/* What only the engine knows is set when somebody looks. */
static void set_own_cells(struct engine *e) {
    struct metrics_job *job = metrics_job(e->run.metrics, e->engine_cells);
    struct metrics_source *sources = metrics_sources(e->run.metrics, e->engine_cells);
    _Atomic i64 *const memory[BUDGET_OWNERS] = {
        [BUDGET_RINGS] = &job->memory_rings_bytes,
        [BUDGET_OVERFLOW] = &job->memory_overflow_bytes,
        [BUDGET_STATE] = &job->memory_state_bytes,
        [BUDGET_TABLES] = &job->memory_tables_bytes,
        [BUDGET_PRELOAD] = &job->memory_preload_bytes,
        [BUDGET_SNAPSHOT] = &job->memory_snapshot_bytes,
        [BUDGET_OTHER] = &job->memory_other_bytes,
    };
    for (u32 i = 0; i < BUDGET_OWNERS; i++)
        metrics_set(memory[i], (i64)atomic_load(&e->run.budget.by_owner[i]));
    for (u32 s = 0; s < e->run.job->source_count; s++) {
        struct run_source *from = &e->run.sources[s];
        if (from->ops->total_bytes)
            metrics_set(&sources[s].bytes_total, (i64)from->ops->total_bytes(from->self));
    }
}

static void source_stats(struct engine *e, struct engine_stats *out) {
    const struct job *job = e->run.job;
    bool known = true;
    out->watermark = TIME_FOREVER;
    for (u32 s = 0; s < job->source_count; s++) {
        out->rows_in += metric(e, METRIC_SOURCE_rows_in, s);
        out->malformed += metric(e, METRIC_SOURCE_malformed, s);
        out->ahead += metric(e, METRIC_SOURCE_ahead, s);
        out->bytes_in += metric(e, METRIC_SOURCE_bytes_in, s);
        u64 total = metric(e, METRIC_SOURCE_bytes_total, s);
        known &= total != 0;
        out->bytes_total += total;
        i64 w = (i64)metric(e, METRIC_SOURCE_watermark_ns, s);
        if (job->sources[s].has_time && w < out->watermark) out->watermark = w;
    }
    if (!known) out->bytes_total = 0;
}

void engine_stats(struct engine *e, struct engine_stats *out) {
    const struct job *job = e->run.job;
    *out = (struct engine_stats){ 0 };
    set_own_cells(e);
    source_stats(e, out);
    for (u32 k = 0; k < job->stage_count; k++) {
        out->late += metric(e, METRIC_STAGE_late, k);
        if (job->stages[k].kind == JOB_SINK) out->rows_out += metric(e, METRIC_STAGE_rows_out, k);
    }
    for (u32 i = 0; i < job->blackhole_count; i++) out->rows_out += engine_blackhole_rows(e, i);
    for (u32 i = 0; !atomic_load(&e->running) && i < e->task_count; i++)
        out->open_rows += task_open_rows(e->tasks[i]);
    for (u32 i = 0; i < BUDGET_OWNERS; i++)
        out->memory[i] = atomic_load(&e->run.budget.by_owner[i]);
    out->memory_used = atomic_load(&e->run.budget.used);
    i64 first = (i64)metric(e, METRIC_JOB_first_row_ns, 0);
    i64 last = (i64)metric(e, METRIC_JOB_last_row_ns, 0);
    if (last > first) out->ran_ns = last - first;
}
