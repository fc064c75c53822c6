#include "runtime/exec/task.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/snapshotter.h"

void run_stop(struct run *r) {
    for (u32 i = 0; i < r->graph.island_count; i++) sequence_stop(&r->islands[i].sequence);
    run_notify_all(r);
    if (r->snapshotter) snapshotter_notify(r->snapshotter);
}

void run_fail(struct run *r, struct island *island, u64 morsel, u32 position) {
    failure_keep(&r->failure, island->number, morsel, position);
    u64 before = atomic_load(&island->failed_at);
    while (morsel < before && !atomic_compare_exchange_weak(&island->failed_at, &before, morsel)) {
    }
    run_stop(r);
}

u32 task_step(struct task *t) {
    if (t->done) return 0;
    switch (t->kind) {
    case TASK_PRODUCER:
        return producer_step(t);
    case TASK_STAGE:
        return stage_step(t);
    case TASK_FUSED:
        return fused_step(t);
    }
    ENSURE(!"a kind of task");
}

u32 task_pump(struct task *t) {
    u32 moved = 0;
    for (u32 i = 0; i < t->write_count; i++) moved += outlet_pump(&t->chain.outlets[t->writes[i]]);
    return moved;
}

bool task_is_full(const struct task *t) {
    for (u32 i = 0; i < t->write_count; i++)
        if (outlet_is_full(&t->chain.outlets[t->writes[i]])) return true;
    return false;
}

static void sink_broke(struct task *t, u32 stage) {
    t->run->sinks[stage].broken = true;
    error_add("stage `%s`", t->run->job->stages[stage].name);
    run_fail(t->run, t->island, t->chain.morsel, POSITION_DUE);
}

void task_sink(struct task *t, u32 stage, const u8 *at, u64 size) {
    struct run_sink *sink = &t->run->sinks[stage];
    if (sink->broken || t->chain.morsel > atomic_load(&t->island->failed_at)) return;
    t->chain.stages[stage].rows_in++;
    t->chain.stages[stage].rows_out++;
    t->wrote = sink->unflushed = true;
    if (sink->ops->write(sink->self, at, size)) sink_broke(t, stage);
}

u32 task_flush(struct task *t, u32 stage) {
    struct run_sink *sink = &t->run->sinks[stage];
    if (!sink->unflushed || sink->broken) return 0;
    sink->unflushed = false;
    if (sink->ops->flush(sink->self)) sink_broke(t, stage);
    return 1;
}

void chain_sink(struct chain *c, u32 stage, const u8 *at, u64 size) {
    task_sink(c->engine, stage, at, size);
}

/* ---- the end of a morsel ---- */

static void out_of_memory(struct task *t, u32 stage, const char *what) {
    const struct run *r = t->run;
    if (t->told_memory) return;
    t->told_memory = true;
    error_set(0,
              "out of memory: %s `%s` would pass the job's limit of %lu MiB (state %lu MiB, rows "
              "under way %lu MiB); give it more with --memory",
              what, r->job->stages[stage].name, r->budget.limit >> 20,
              atomic_load(&r->budget.by_owner[BUDGET_STATE]) >> 20,
              atomic_load(&r->budget.by_owner[BUDGET_OVERFLOW]) >> 20);
    run_fail(t->run, t->island, t->chain.morsel, POSITION_DUE);
}

static void look_at_budget(struct task *t) {
    for (u32 i = 0; i < t->write_count; i++)
        if (t->chain.outlets[t->writes[i]].over_budget)
            out_of_memory(t, t->run->job->edges[t->writes[i]].to, "rows on their way to stage");
    for (u32 k = 0; k < t->run->job->stage_count; k++)
        if (task_region(t, k) && task_region(t, k)->over) out_of_memory(t, k, "the state of stage");
    for (u32 k = 0; k < t->run->job->stage_count; k++)
        if (t->gathers[k].over_budget) out_of_memory(t, k, "rows on their way to stage");
}

static void set_times(struct task *t) {
    i64 now = env_wall_ns(t->run->env);
    if (t->kind != TASK_STAGE &&
        atomic_load_explicit(&t->job_cells->first_row_ns, memory_order_relaxed) == TIME_FOREVER)
        metrics_set(&t->job_cells->first_row_ns, t->ticket.stamp);
    if (t->kind != TASK_STAGE || t->wrote) metrics_set(&t->job_cells->last_row_ns, now);
    t->wrote = false;
}

static void set_stage(struct task *t, u32 stage) {
    const struct chain_counts *from = &t->chain.stages[stage];
    struct metrics_stage *to = &t->stage_cells[stage];
    metrics_set(&to->rows_in, (i64)from->rows_in);
    metrics_set(&to->rows_out, (i64)from->rows_out);
    metrics_set(&to->late, (i64)from->late);
    const struct region *region = task_region(t, stage);
    if (region) metrics_set(&to->state_bytes, (i64)region->used);
}

void task_settle(struct task *t) {
    const struct job *job = t->run->job;
    for (u32 s = 0; t->kind != TASK_STAGE && s < job->source_count; s++) {
        metrics_set(&t->source_cells[s].rows_in, (i64)t->chain.sources[s].rows_in);
        metrics_set(&t->source_cells[s].malformed, (i64)t->chain.sources[s].malformed);
        metrics_set(&t->source_cells[s].ahead, (i64)t->chain.sources[s].ahead);
    }
    for (u32 k = 0; k < job->stage_count; k++) set_stage(t, k);
    for (u32 i = 0; i < job->blackhole_count; i++)
        metrics_set(&t->hole_cells[i].rows_in, (i64)t->chain.blackholes[i]);
    set_times(t);
    look_at_budget(t);
}

u64 task_open_rows(const struct task *t) {
    u64 rows = 0;
    for (u32 k = 0; k < t->run->job->stage_count; k++)
        if (t->states[k]) rows += t->run->job->stages[k].keeper->open_rows(t->states[k]);
    return rows;
}
