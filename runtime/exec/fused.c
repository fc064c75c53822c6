/* A whole island as one task: no rings, an emission is a call. What differs from the ringed island
   is only how rows travel; order and watermarks are the same (tests/sim compares bytes). */
#include "runtime/exec/fine.h"

#include <string.h>

struct taker {
    struct task *task;
    const struct job_edge *edge;
};

/* A stage of fine time gets what other stages send it all at once, by stamps. */
static void take_rows(void *arg, const u8 *base, const u8 *row, u32 count) {
    struct taker *to = arg;
    if (to->task->run->job->stages[to->edge->to].fine) {
        fine_gather(to->task, (u32)(to->edge - to->task->run->job->edges), base, row, count);
        return;
    }
    if (to->edge->rows[JOB_FUSED]) {
        to->edge->rows[JOB_FUSED](&to->task->chain, base, row, count);
        return;
    }
    for (u32 i = 0; i < count; i++, row += to->edge->row_bytes) {
        u32 text[2];
        memcpy(text, row + to->edge->texts[0], sizeof text);
        task_sink(to->task, to->edge->to, base + text[0], text[1]);
    }
}

/* What was staged in stage k goes to its readers: before anything that comes due, what rows caused;
   behind it, what comes due to those that gather. */
static void hand_over(struct task *t, u32 k) {
    const struct job *job = t->run->job;
    for (u32 i = 0; i < t->write_count; i++) {
        const struct job_edge *e = &job->edges[t->writes[i]];
        if (!graph_edge_from(e, false, k)) continue;
        struct taker to = { t, e };
        outlet_hand_over(&t->chain.outlets[t->writes[i]], take_rows, &to);
    }
}

/* The stage's watermark is where its inputs' meet. True if that, or the clock, is news to it. */
static bool raise_stage(struct task *t, u32 k, enum control_kind kind) {
    const struct job *job = t->run->job;
    struct meeting m = meet_begin();
    for (u32 i = 0; i < job->stages[k].input_count; i++) {
        u32 edge = job->stages[k].inputs[i];
        const struct job_edge *e = &job->edges[edge];
        const bool *descends = &t->run->graph.edge_descends[edge * job->source_count];
        if (descends[t->ticket.source]) {
            i64 w = e->from_source ? edge_mark(t, e, kind).payload : t->stage_w[e->from];
            if (w > t->edge_w[edge]) t->edge_w[edge] = w;
        }
        meet_input(&m, &t->silence, descends, t->edge_w[edge]);
    }
    const struct job_stage *stage = &job->stages[k];
    i64 before = t->stage_w[k];
    t->stage_w[k] = stage->window && stage->window->wall ? meet_end_wall(&m, before, t->chain.clock)
                                                         : meet_end(&m, before);
    return t->stage_w[k] > before || stage_minds_clock(stage);
}

void fused_begin(struct task *t) {
    const struct job *job = t->run->job;
    for (u32 k = 0; k < job->stage_count; k++)
        if (job->stages[k].fine && graph_stage_descends(&t->run->graph, k, t->ticket.source))
            fine_begin(t, k, t->ticket.source);
}

/* How far time has come for stage k, by the edge from the source at hand that it descends from. */
static i64 exact_at(const struct task *t, u32 k, enum control_kind kind) {
    const struct job *job = t->run->job;
    for (u32 i = 0; i < job->stages[k].input_count; i++) {
        u32 edge = job->stages[k].inputs[i];
        const struct job_edge *e = &job->edges[edge];
        if (!t->run->graph.edge_descends[edge * job->source_count + t->ticket.source]) continue;
        return e->from_source ? edge_mark(t, e, kind).exact : exact_at(t, e->from, kind);
    }
    return TIME_NEVER;
}

void fused_mark(struct task *t, enum control_kind kind) {
    const struct job *job = t->run->job;
    for (u32 k = 0; k < job->stage_count; k++) {
        const struct job_stage *stage = &job->stages[k];
        if (!graph_stage_descends(&t->run->graph, k, t->ticket.source)) continue;
        if (stage->fine) fine_hand_out(t, k);
        hand_over(t, k);
        bool rose = kind != CONTROL_END && raise_stage(t, k, kind);
        i64 w = stage->fine ? fine_rise(t, k, kind, exact_at(t, k, kind)) : t->stage_w[k];
        if ((!rose && !stage->fine) || !stage->keeper) continue;
        stage->keeper->watermark(&t->chain, t->states[k], stage->ops[JOB_FUSED], w, t->chain.clock);
        hand_over(t, k);
    }
}

u32 fused_step(struct task *t) {
    u32 work = t->inside ? 0 : task_sweep_ahead(t);
    if (work) return work;
    work = morsel_step(t);
    for (u32 k = 0; !work && k < t->run->job->stage_count; k++)
        if (t->run->graph.stage_island[k] == t->island->number) work = task_flush(t, k);
    return work + task_sweep(t);
}
