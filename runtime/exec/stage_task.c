/* A task of a stage: reads its inlet morsel by morsel, hands rows to the stage, lets its watermark
   rise at the end of each phase and forwards the mark (R2, R4, R6). */
#include "runtime/base/ensure.h"
#include "runtime/exec/fine.h"

#include <string.h>

#define RUNS_A_STEP 64 /* what bounds a step: runs of rows and phases */

static const struct job_stage *stage_of(const struct task *t) {
    return &t->run->job->stages[t->stage];
}

static void finish(struct task *t) {
    t->inside = false;
    task_settle(t);
    t->next++;
    atomic_store(&t->finished->morsel, t->next);
    run_notify_all(t->run);
}

/* Starts morsel `next`, or skips it. False: not now. */
static bool start(struct task *t) {
    struct sequence *s = &t->island->sequence;
    const struct ticket *ticket;
    if (task_is_full(t)) return false;
    if (task_sweep_ahead(t)) return true;
    if (!sequence_ticket(s, t->next, &ticket)) {
        if (sequence_over(s, t->next)) t->done = !t->sweeping;
        return false;
    }
    if (ticket->kind == TICKET_BARRIER) {
        task_barrier(t);
        finish(t);
        return true;
    }
    t->chain.morsel = t->next;
    t->chain.source = ticket->source;
    t->chain.clock = t->inlet.clock = ticket->stamp;
    t->silence.quiet[ticket->source] = ticket->idle;
    t->inside = inlet_begin(&t->inlet, t->next, ticket->source, ticket->taker);
    if (!t->inside) {
        finish(t);
        return true;
    }
    if (stage_of(t)->fine) fine_begin(t, t->stage, ticket->source);
    for (u32 i = 0; i < t->write_count; i++) outlet_begin(&t->chain.outlets[t->writes[i]], t->next);
    return true;
}

/* Rows straight from a source by one way are in the order of their stamps; others are not. */
static bool gathers(const struct task *t) {
    return stage_of(t)->fine && !inlet_is_straight(&t->inlet);
}

static void take_rows(struct task *t, const struct inlet_rows *rows) {
    u32 edge = stage_of(t)->inputs[rows->input];
    const struct job_edge *e = &t->run->job->edges[edge];
    if (gathers(t)) {
        fine_gather(t, edge, rows->base, rows->row, rows->count);
        return;
    }
    if (e->rows[JOB_RINGS]) {
        e->rows[JOB_RINGS](&t->chain, rows->base, rows->row, rows->count);
        return;
    }
    const u8 *row = rows->row;
    for (u32 i = 0; i < rows->count; i++, row += e->row_bytes) {
        u32 text[2];
        memcpy(text, row + e->texts[0], sizeof text);
        task_sink(t, t->stage, rows->base + text[0], text[1]);
    }
}

static void send_due(struct task *t) {
    for (u32 i = 0; i < t->write_count; i++) outlet_send_due(&t->chain.outlets[t->writes[i]]);
}

/* R6: all rows of the phase are in; W rises, what is due comes out, the mark goes on. */
static void end_phase(struct task *t) {
    const struct job_stage *stage = stage_of(t);
    bool gathered = gathers(t);
    if (gathered) fine_hand_out(t, t->stage);
    struct inlet_mark mark = inlet_end_phase(&t->inlet);
    i64 w = stage->fine ? fine_rise(t, t->stage, mark.kind, mark.exact) : t->inlet.w;
    if (stage->keeper || gathered) send_due(t);
    if (stage->keeper && (mark.rose || stage->fine || stage_minds_clock(stage)))
        stage->keeper->watermark(&t->chain, t->states[t->stage], stage->ops[JOB_RINGS], w,
                                 t->chain.clock);
    i64 payload = mark.kind == CONTROL_END ? mark.exact : t->inlet.w;
    for (u32 i = 0; i < t->write_count; i++)
        outlet_send(&t->chain.outlets[t->writes[i]], mark.kind, payload, mark.exact);
    if (mark.kind == CONTROL_END) finish(t);
}

/* One piece of the morsel under way. False: nothing to read yet. */
static bool advance(struct task *t) {
    struct inlet_rows rows;
    switch (inlet_next(&t->inlet, &rows)) {
    case INLET_NOTHING:
        return false;
    case INLET_ROWS:
        take_rows(t, &rows);
        inlet_taken(&t->inlet);
        return true;
    case INLET_DUE: /* a relay passes on what came due as what came due; a window sends it when it
                       fires */
        if (stage_of(t)->kind == JOB_RELAY && !gathers(t)) send_due(t);
        return true;
    case INLET_PHASE:
        end_phase(t);
        return true;
    }
    ENSURE(!"an answer");
}

u32 stage_step(struct task *t) {
    u32 work = task_pump(t);
    for (u32 i = 0; i < RUNS_A_STEP; i++, work++) {
        if (t->inside ? !advance(t) : !start(t)) break;
    }
    if (!work) work = task_flush(t, t->stage);
    return work + task_sweep(t);
}
