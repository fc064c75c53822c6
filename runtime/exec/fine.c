#include "runtime/exec/fine.h"

#include "runtime/edge/meet.h"

void fine_open(struct task *t) {
    const struct job *job = t->run->job;
    u32 all = job->stage_count * job->source_count;
    t->prefix = arena_alloc(&t->arena, all * sizeof *t->prefix);
    t->gathers = arena_alloc(&t->arena, job->stage_count * sizeof *t->gathers);
    t->fine = arena_alloc(&t->arena, job->stage_count * sizeof *t->fine);
    t->chain.fine = t->fine;
    for (u32 i = 0; i < all; i++) t->prefix[i] = TIME_NEVER;
    for (u32 k = 0; k < job->stage_count; k++) {
        t->fine[k] = (struct fine){ TIME_NEVER, TIME_NEVER, TIME_NEVER };
        gather_open(&t->gathers[k], &t->run->budget);
    }
}

void fine_close(struct task *t) {
    for (u32 k = 0; k < t->run->job->stage_count; k++) gather_close(&t->gathers[k]);
}

void fine_begin(struct task *t, u32 k, u32 source) {
    const struct job *job = t->run->job;
    struct fine *f = &t->fine[k];
    const i64 *prefix = task_prefix(t, k);
    f->prefix = prefix[source];
    f->others = TIME_FOREVER;
    for (u32 s = 0; s < job->source_count; s++)
        if (s != source && !t->silence.quiet[s] && graph_stage_descends(&t->run->graph, k, s) &&
            prefix[s] < f->others)
            f->others = prefix[s];
}

/* Where the watermarks of its sources meet, that of the source at hand being `own`. */
static i64 meet(const struct task *t, u32 k, i64 own) {
    const struct silence *silence = &t->silence;
    struct meeting m = meet_begin();
    for (u32 s = 0; s < t->run->job->source_count; s++)
        if (graph_stage_descends(&t->run->graph, k, s))
            meet_one(&m, silence->quiet[s], silence->quiet[s] && silence->flushes[s],
                     s == t->chain.source ? own : task_prefix(t, k)[s]);
    return meet_end(&m, t->fine[k].floor);
}

i64 fine_rise(struct task *t, u32 k, enum control_kind kind, i64 exact) {
    struct fine *f = &t->fine[k];
    if (kind == CONTROL_FINISHED) f->prefix = TIME_FOREVER;
    if (kind == CONTROL_END && exact > f->prefix) f->prefix = exact;
    task_prefix(t, k)[t->chain.source] = f->prefix;
    f->floor = meet(t, k, exact > f->prefix ? exact : f->prefix);
    return f->floor;
}

void fine_gather(struct task *t, u32 edge, const u8 *base, const u8 *row, u32 count) {
    const struct job_edge *e = &t->run->job->edges[edge];
    struct gather_shape shape = { .edge = edge,
                                  .row_bytes = e->row_bytes,
                                  .stamp_at = e->stamp_at,
                                  .position_at = e->position_at,
                                  .texts = e->texts,
                                  .text_count = e->text_count };
    gather_add(&t->gathers[e->to], &shape, base, row, count);
}

static void take(void *arg, u32 edge, const u8 *base, const u8 *row, u32 count) {
    struct task *t = arg;
    t->run->job->edges[edge].rows[t->run->variant](&t->chain, base, row, count);
}

void fine_hand_out(struct task *t, u32 k) {
    gather_take(&t->gathers[k], take, t);
}
