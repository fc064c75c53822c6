#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/engine_parts.h"
#include "runtime/exec/placement.h"
#include "runtime/exec/fine.h"
#include "runtime/exec/worker.h"

#include <stdlib.h>
#include <string.h>

#define HOLE_BYTES (64u << 10)

/* ---- one task's chain ---- */

void task_open_chain(struct engine *e, struct task *t) {
    const struct job *job = e->run.job;
    struct arena *a = &t->arena; /* its own: tasks of other workers share no cache line with it */
    struct chain *c = &t->chain;
    arena_init(a);
    t->states = arena_alloc(a, job->stage_count * sizeof *t->states);
    t->combines = arena_alloc(a, job->edge_count * sizeof *t->combines);
    *c = (struct chain){
        .hash_key = e->run.hash_key,
        .times = arena_alloc(a, JOB_TIMES_MAX * sizeof *c->times),
        .outlets = arena_alloc(a, job->edge_count * sizeof *c->outlets),
        .states = t->states,
        .combines = t->combines,
        .tables = e->run.table_list,
        .regexes = arena_alloc(a, job->regex_count * sizeof *c->regexes),
        .sources = arena_alloc(a, job->source_count * sizeof *c->sources),
        .stages = arena_alloc(a, job->stage_count * sizeof *c->stages),
        .blackholes = arena_alloc(a, job->blackhole_count * sizeof *c->blackholes),
        .hole = job->blackhole_count ? arena_alloc(a, HOLE_BYTES) : NULL,
        .engine = t,
    };
    scratch_init(&c->scratch);
    out_init(&c->out);
    fine_open(t);
    for (u32 i = 0; i < job->regex_count; i++)
        c->regexes[i] = (struct regex_use){ e->run.regexes[i], regex_match_new(e->run.regexes[i]) };
}

void task_close_chain(struct engine *e, struct task *t) {
    const struct job *job = e->run.job;
    fine_close(t);
    scratch_fini(&t->chain.scratch);
    out_fini(&t->chain.out);
    for (u32 i = 0; i < job->regex_count; i++) regex_match_free(t->chain.regexes[i].match);
    arena_fini(&t->arena);
}

static bool writes(const struct task *t, const struct job_edge *e) {
    const struct graph *g = &t->run->graph;
    switch (t->kind) {
    case TASK_PRODUCER:
        return e->from_source && g->source_island[e->from] == t->island->number;
    case TASK_STAGE:
        return graph_edge_from(e, false, t->stage);
    case TASK_FUSED:
        return !e->from_source && g->stage_island[e->from] == t->island->number;
    }
    ENSURE(!"a kind of task");
}

static void open_outlets(struct engine *e, struct task *t, const struct outlet_spec *specs) {
    const struct job *job = e->run.job;
    u32 *list = arena_alloc(&t->arena, job->edge_count * sizeof *list);
    for (u32 i = 0; i < job->edge_count; i++) {
        const struct job_edge *edge = &job->edges[i];
        if (!writes(t, edge)) continue;
        list[t->write_count++] = i;
        outlet_open(&t->chain.outlets[i], &specs[i]);
        if (!edge->combine || t->kind != TASK_PRODUCER) continue;
        combine_open(&t->combines[i], edge->combine, &e->run.windows[edge->to], COMBINE_ROOM);
    }
    t->writes = list;
}

/* The shards s with s * tasks / SHARDS == nth. */
static int open_state(struct engine *e, struct task *t, u32 stage, u32 tasks, u32 nth) {
    const struct job_stage *s = &e->run.job->stages[stage];
    if (!s->keeper) return 0;
    u32 first = (nth * SHARDS + tasks - 1) / tasks, end = ((nth + 1) * SHARDS + tasks - 1) / tasks;
    void *state = arena_alloc(&t->arena, s->keeper->bytes);
    if (s->keeper->open(state, &e->run.windows[stage], s->ops[e->run.variant], first, end - first,
                        e->run.hash_key, &e->run.budget))
        return error_add("stage `%s`", s->name);
    t->states[stage] = state;
    return 0;
}

static void open_silence(struct engine *e, struct task *t) {
    const struct job *job = e->run.job;
    bool *flushes = arena_alloc(&t->arena, job->source_count * sizeof *flushes);
    for (u32 i = 0; i < job->source_count; i++) flushes[i] = job->sources[i].idle_flush;
    t->silence = (struct silence){
        .quiet = arena_alloc(&t->arena, job->source_count * sizeof *t->silence.quiet),
        .flushes = flushes,
        .source_count = job->source_count,
    };
}

static struct task *add_task(struct engine *e, enum task_kind kind, u32 island, u32 nth,
                             u32 worker) {
    struct task *t = calloc(1, sizeof *t);
    ENSURE(t);
    *t = (struct task){ .kind = kind,
                        .run = &e->run,
                        .island = &e->run.islands[island],
                        .number = e->task_count,
                        .worker = worker,
                        .nth = nth };
    task_open_chain(e, t);
    open_silence(e, t);
    t->again_ns = TIME_FOREVER;
    t->last.ordinal = UINT64_MAX;
    t->job_cells = metrics_job(e->run.metrics, e->task_count);
    t->source_cells = metrics_sources(e->run.metrics, e->task_count);
    t->stage_cells = metrics_stages(e->run.metrics, e->task_count);
    t->hole_cells = metrics_blackholes(e->run.metrics, e->task_count);
    e->tasks[e->task_count++] = t;
    return t;
}

/* ---- islands ---- */

static void make_island(struct engine *e, u32 number) {
    const struct job *job = e->run.job;
    const struct graph *g = &e->run.graph;
    struct island *island = &e->run.islands[number];
    island->number = number;
    atomic_init(&island->failed_at, UINT64_MAX);
    struct sequence *s = &island->sequence;
    s->env = e->run.env;
    s->sources = arena_alloc(&e->arena, job->source_count * sizeof *s->sources);
    for (u32 i = 0; i < job->source_count; i++) {
        struct run_source *from = &e->run.sources[i];
        if (g->source_island[i] == number)
            s->sources[s->source_count++] = (struct sequence_source){
                .number = i,
                .name = job->sources[i].name,
                .job = &job->sources[i],
                .windows = e->run.windows,
                .ops = from->ops,
                .self = from->self,
                .watch = from->watch,
                .idle_ns = source_idle(&job->sources[i], from->watch),
            };
    }
    s->window = e->config.window;
    s->lookback = e->config.lookback;
    atomic_init(&s->held, e->config.snapshots.store != NULL);
    s->producer_count = e->run.worker_count;
    if (e->run.variant == JOB_RINGS)
        for (u32 k = 0; k < job->stage_count; k++)
            if (g->stage_island[k] == number) s->finished_count += e->stage_tasks[k];
    sequence_init(s);
}

/* ---- tasks ---- */

static struct outlet_spec *outlet_specs(struct engine *e) {
    const struct job *job = e->run.job;
    bool fused = e->run.variant == JOB_FUSED;
    struct outlet_spec *specs = arena_alloc(&e->arena, job->edge_count * sizeof *specs);
    for (u32 i = 0; i < job->edge_count; i++) {
        const struct job_edge *edge = &job->edges[i];
        specs[i] = (struct outlet_spec){
            .readers = fused ? 1 : e->stage_tasks[edge->to],
            .row_bytes = edge->row_bytes,
            .texts = edge->texts,
            .text_count = edge->text_count,
            .whole = fused || (!edge->from_source && job->stages[edge->from].fine),
            .by_morsel = edge->route == ROUTE_MORSEL,
            .slot_bytes = e->config.slot_bytes,
            .control_room = e->config.control_room,
            .budget = &e->run.budget,
            .env = e->run.env,
        };
        ENSURE(edge->route != ROUTE_ONE || specs[i].readers == 1);
    }
    return specs;
}

static int make_fused(struct engine *e, const struct outlet_spec *specs, u32 island) {
    const struct job *job = e->run.job;
    struct task *t = add_task(e, TASK_FUSED, island, 0, 0);
    open_outlets(e, t, specs);
    t->stage_w = arena_alloc(&t->arena, job->stage_count * sizeof *t->stage_w);
    t->edge_w = arena_alloc(&t->arena, job->edge_count * sizeof *t->edge_w);
    for (u32 i = 0; i < job->stage_count; i++) t->stage_w[i] = TIME_NEVER;
    for (u32 i = 0; i < job->edge_count; i++) t->edge_w[i] = TIME_NEVER;
    for (u32 k = 0; k < job->stage_count; k++)
        if (e->run.graph.stage_island[k] == island && open_state(e, t, k, 1, 0)) return -1;
    return 0;
}

static void open_inlet(struct engine *e, struct task *t) {
    const struct job *job = e->run.job;
    const struct job_stage *stage = &job->stages[t->stage];
    struct inlet *in = &t->inlet;
    in->env = e->run.env;
    in->silence = &t->silence;
    in->wall = stage->window && stage->window->wall;
    in->budget = &e->run.budget;
    in->input_count = stage->input_count;
    in->inputs = arena_alloc(&t->arena, in->input_count * sizeof *in->inputs);
    for (u32 i = 0; i < in->input_count; i++) {
        const struct job_edge *edge = &job->edges[stage->inputs[i]];
        in->inputs[i] = (struct inlet_input){
            .raw = edge->from_source,
            .descends = &e->run.graph.edge_descends[stage->inputs[i] * job->source_count],
            .row_bytes = edge->row_bytes,
            .position_at = edge->position_at,
            .first_lane = in->lane_count,
            .lane_count = edge->from_source ? e->run.worker_count : e->stage_tasks[edge->from],
        };
        in->lane_count += in->inputs[i].lane_count;
    }
    in->lanes = arena_alloc(&t->arena, in->lane_count * sizeof *in->lanes);
    for (u32 i = 0; i < in->input_count; i++)
        for (u32 l = 0; l < in->inputs[i].lane_count; l++)
            in->lanes[in->inputs[i].first_lane + l].input = i;
    inlet_open(in);
}

static int make_stage(struct engine *e, const struct outlet_spec *specs, u32 stage, u32 *progress) {
    u32 island = e->run.graph.stage_island[stage], tasks = e->stage_tasks[stage];
    const struct job_stage *s = &e->run.job->stages[stage];
    e->stage_first[stage] = e->task_count;
    for (u32 n = 0; n < tasks; n++) {
        i64 worker =
            placement_worker(e->config.placement, e->run.worker_count,
                             (struct placement_wish){ s->on_core, s->on_node }, stage, tasks, n);
        if (worker < 0)
            return error_set(0,
                             "stage `%s` (line %u) is to run `on` a place where no worker is; "
                             "see --cores and -p",
                             s->name, s->line);
        struct task *t = add_task(e, TASK_STAGE, island, n, (u32)worker);
        t->stage = stage;
        t->finished = &t->island->sequence.finished[progress[island]++];
        open_outlets(e, t, specs);
        open_inlet(e, t);
        if (open_state(e, t, stage, tasks, n)) return -1;
    }
    return 0;
}

static int make_ringed(struct engine *e, const struct outlet_spec *specs) {
    u32 islands = e->run.graph.island_count;
    u32 *progress = arena_alloc(&e->arena, islands * sizeof *progress);
    for (u32 k = 0; k < e->run.job->stage_count; k++)
        if (make_stage(e, specs, k, progress)) return -1;
    for (u32 i = 0; i < islands; i++) {
        e->producer_first[i] = e->task_count;
        for (u32 w = 0; w < e->run.worker_count; w++)
            open_outlets(e, add_task(e, TASK_PRODUCER, i, w, w), specs);
    }
    return 0;
}

/* Downstream first: what is under way gets out before more comes in. */
static void give_to_workers(struct engine *e) {
    for (u32 w = 0; w < e->run.worker_count; w++) {
        struct worker *worker = &e->workers[w];
        *worker = (struct worker){ .run = &e->run,
                                   .number = w,
                                   .placement = e->config.placement,
                                   .waiter = &e->run.waiters[w],
                                   .gate = &e->gate,
                                   .running = &e->running };
        worker->tasks = arena_alloc(&e->arena, e->task_count * sizeof *worker->tasks);
    }
    u32 stages_end =
        e->run.variant == JOB_FUSED || !e->run.graph.island_count ? 0 : e->producer_first[0];
    for (u32 i = stages_end; i-- > 0;) {
        struct worker *worker = &e->workers[e->tasks[i]->worker];
        worker->tasks[worker->task_count++] = e->tasks[i];
    }
    for (u32 i = stages_end; i < e->task_count; i++) {
        struct worker *worker = &e->workers[e->tasks[i]->worker];
        worker->tasks[worker->task_count++] = e->tasks[i];
    }
}

static int open_metrics(struct engine *e, u32 tasks) {
    const struct job *job = e->run.job;
    const char **names =
        arena_alloc(&e->arena, (job->source_count + job->stage_count) * sizeof *names);
    for (u32 i = 0; i < job->source_count; i++) names[i] = job->sources[i].name;
    for (u32 i = 0; i < job->stage_count; i++) names[job->source_count + i] = job->stages[i].name;
    struct metrics_shape shape = {
        .names = { &job->name, names, names + job->source_count, job->blackholes },
        .counts = { 1, job->source_count, job->stage_count, job->blackhole_count },
        .writers = tasks + 1,
    };
    e->run.metrics = metrics_open(&shape, e->config.watched);
    e->engine_cells = tasks;
    return e->run.metrics ? 0 : -1;
}

int engine_make_tasks(struct engine *e) {
    struct run *r = &e->run;
    u32 islands = r->graph.island_count, most = islands * r->worker_count;
    for (u32 k = 0; k < r->job->stage_count; k++) most += e->stage_tasks[k];
    r->islands = aligned_alloc(_Alignof(struct island), islands * sizeof *r->islands);
    ENSURE(r->islands);
    memset(r->islands, 0, islands * sizeof *r->islands);
    e->tasks = arena_alloc(&e->arena, most * sizeof *e->tasks);
    e->stage_first = arena_alloc(&e->arena, r->job->stage_count * sizeof *e->stage_first);
    e->producer_first = arena_alloc(&e->arena, islands * sizeof *e->producer_first);
    if (open_metrics(e, most)) return -1;
    for (u32 i = 0; i < islands; i++) make_island(e, i);
    const struct outlet_spec *specs = outlet_specs(e);
    if (r->variant == JOB_FUSED) {
        for (u32 i = 0; i < islands; i++)
            if (make_fused(e, specs, i)) return -1;
    } else if (make_ringed(e, specs)) {
        return -1;
    }
    give_to_workers(e);
    return 0;
}

static void free_task(struct engine *e, struct task *t) {
    const struct job *job = e->run.job;
    for (u32 i = 0; i < t->write_count; i++) {
        outlet_close(&t->chain.outlets[t->writes[i]]);
        if (t->combines[t->writes[i]].slots) combine_close(&t->combines[t->writes[i]]);
    }
    for (u32 k = 0; k < job->stage_count; k++)
        if (t->states[k]) job->stages[k].keeper->close(t->states[k]);
    if (t->inlet.live) inlet_close(&t->inlet);
    task_close_chain(e, t);
    free(t);
}

void engine_free_tasks(struct engine *e) {
    for (u32 i = 0; i < e->task_count; i++) free_task(e, e->tasks[i]);
    e->task_count = 0;
    if (e->run.metrics) metrics_close(e->run.metrics);
    if (!e->run.islands) return;
    for (u32 i = 0; i < e->run.graph.island_count; i++) sequence_fini(&e->run.islands[i].sequence);
    free(e->run.islands);
}
