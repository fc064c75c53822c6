#include "runtime/exec/barrier.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/snapshotter.h"

#include <stdlib.h>
#include <string.h>

#define SWEEP_GRANULES 64u /* a step: at most some 130 us */

/* Copied in one go behind a barrier: 128 MiB. Sweeping costs a granule less than copying it before
   a row is added to it, and rows at random places would copy most of a table in one morsel: 5 ms in
   one step, for 84 MB. */
#define SWEEP_AHEAD 32768u

static void *make(u64 count, u64 size) {
    void *at = calloc(count ? count : 1, size);
    ENSURE(at);
    return at;
}

/* The number of the image of what a task remembers for a stage. */
static u32 image_number(const struct task *t, u32 stage) {
    return t->number * t->run->job->stage_count + stage;
}

/* ---- watermarks ---- */

static void times_fused(const struct task *t, u32 k, struct pack *to) {
    const struct job_stage *stage = &t->run->job->stages[k];
    pack_i64(to, t->stage_w[k]);
    for (u32 i = 0; i < stage->input_count; i++) pack_i64(to, t->edge_w[stage->inputs[i]]);
}

static void times_ringed(const struct task *t, struct pack *to) {
    pack_i64(to, t->inlet.w);
    for (u32 i = 0; i < t->inlet.input_count; i++) pack_i64(to, t->inlet.inputs[i].w);
}

/* The exact one, and those of the sources that it is made of. */
static void times_fine(const struct task *t, u32 k, struct pack *to) {
    pack_i64(to, t->fine[k].floor);
    for (u32 i = 0; i < t->run->job->source_count; i++) pack_i64(to, task_prefix(t, k)[i]);
}

/* ---- the cut ---- */

static void cut_state(struct task *t, struct region *region, struct stage_cut *cut) {
    struct snapshotter *s = t->run->snapshotter;
    cut->region = image_number(t, cut->stage);
    if (t->barriers > 1) region_saved(region, snapshotter_was_durable(s));
    struct granule_copies copies = snapshotter_copies(s, cut->region);
    region_barrier(region, &copies);
    cut->granules = region_granules(region);
    t->run->job->stages[cut->stage].keeper->save(t->states[cut->stage], &cut->state);
    t->sweeping = true;
    t->ahead = SWEEP_AHEAD;
}

static void cut_sink(struct task *t, struct stage_cut *cut) {
    struct run_sink *sink = &t->run->sinks[cut->stage];
    const struct snapshot_order *order = snapshotter_order(t->run->snapshotter);
    if (sink->broken) return;
    if (!sink->exact) {
        task_flush(t, cut->stage); /* at least once: what is before the barrier is out */
        return;
    }
    cut->sink = true;
    if (!sink->ops->seal(sink->self, order->number, order->stamp, order->close, &cut->pending))
        return;
    sink->broken = true;
    error_add("stage `%s`", t->run->job->stages[cut->stage].name);
    run_fail(t->run, t->island, t->chain.morsel, POSITION_DUE);
}

static void cut_stage(struct task *t, struct task_cut *cut, u32 k) {
    struct stage_cut *to = &cut->stages[cut->stage_count++];
    to->stage = k;
    pack_init(&to->times);
    pack_init(&to->state);
    pack_init(&to->pending);
    if (t->kind == TASK_FUSED)
        times_fused(t, k, &to->times);
    else
        times_ringed(t, &to->times);
    times_fine(t, k, &to->times);
    struct region *region = task_region(t, k);
    if (region) cut_state(t, region, to);
    if (t->run->sinks[k].self) cut_sink(t, to);
}

static void cut_counts(const struct task *t, struct run_counts *to) {
    const struct job *job = t->run->job;
    const struct chain *c = &t->chain;
    run_counts_init(to, job);
    memcpy(to->sources, c->sources, job->source_count * sizeof *to->sources);
    memcpy(to->stages, c->stages, job->stage_count * sizeof *to->stages);
    memcpy(to->holes, c->blackholes, job->blackhole_count * sizeof *to->holes);
    for (u32 i = 0; t->kind != TASK_STAGE && i < job->source_count; i++)
        to->bytes_in[i] =
            (u64)atomic_load_explicit(&t->source_cells[i].bytes_in, memory_order_relaxed);
}

void task_barrier(struct task *t) {
    const struct run *r = t->run;
    i64 began_ns = env_mono_ns(r->env);
    struct task_cut *cut = make(1, sizeof *cut);
    cut->message.kind = MESSAGE_CUT;
    cut->task = t;
    cut->last = t->last;
    t->barriers++;
    if (t->kind == TASK_STAGE) {
        cut->stages = make(1, sizeof *cut->stages);
        cut_stage(t, cut, t->stage);
    } else if (t->kind == TASK_FUSED) {
        cut->stages = make(r->job->stage_count, sizeof *cut->stages);
        for (u32 k = 0; k < r->job->stage_count; k++)
            if (r->graph.stage_island[k] == t->island->number) cut_stage(t, cut, k);
    }
    cut_counts(t, &cut->counts);
    snapshotter_post(r->snapshotter, &cut->message);
    t->pause_ns = env_mono_ns(r->env) - began_ns;
    if (!t->sweeping) snapshotter_swept(r->snapshotter, t->pause_ns, true);
}

void task_cut_free(struct task_cut *cut) {
    for (u32 i = 0; i < cut->stage_count; i++) {
        pack_fini(&cut->stages[i].times);
        pack_fini(&cut->stages[i].state);
        pack_fini(&cut->stages[i].pending);
    }
    free(cut->stages);
    run_counts_fini(&cut->counts);
    free(cut);
}

/* ---- the sweep ---- */

static bool is_swept(const struct task *t, bool *gave_up) {
    bool swept = true;
    *gave_up = false;
    for (u32 k = 0; k < t->run->job->stage_count; k++) {
        const struct region *r = task_region(t, k);
        if (!r) continue;
        *gave_up |= region_gave_up(r);
        swept &= region_is_swept(r) || region_gave_up(r);
    }
    return swept;
}

u32 task_sweep(struct task *t) {
    if (!t->sweeping) return 0;
    i64 began_ns = env_mono_ns(t->run->env);
    u32 left = SWEEP_GRANULES;
    for (u32 k = 0; k < t->run->job->stage_count && left; k++) {
        struct region *r = task_region(t, k);
        if (r) left -= region_sweep(r, left);
    }
    i64 took_ns = env_mono_ns(t->run->env) - began_ns;
    if (took_ns > t->pause_ns) t->pause_ns = took_ns;
    bool gave_up;
    if (is_swept(t, &gave_up)) {
        t->sweeping = false;
        snapshotter_swept(t->run->snapshotter, t->pause_ns, !gave_up);
        return 1;
    }
    return SWEEP_GRANULES - left;
}

u32 task_sweep_ahead(struct task *t) {
    if (!t->sweeping || !t->ahead) return 0;
    u32 done = task_sweep(t);
    t->ahead = done && done < t->ahead ? t->ahead - done : 0; /* none: the disk is behind */
    return done;
}
