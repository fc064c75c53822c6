/* Producers, and what decoding a morsel needs besides: marks and malformed records. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/snapshotter.h"
#include "runtime/exec/task.h"

static const struct job_source *source_at_hand(const struct task *t) {
    return &t->run->job->sources[t->ticket.source];
}

/* ---- marks (R5) ---- */

void producer_mark(struct task *t, enum control_kind kind, i64 payload, i64 exact) {
    const struct job *job = t->run->job;
    for (u32 i = 0; i < t->write_count; i++)
        if (graph_edge_from(&job->edges[t->writes[i]], true, t->ticket.source))
            outlet_send(&t->chain.outlets[t->writes[i]], kind, payload, exact);
}

static void mark(struct task *t, enum control_kind kind, i64 payload, i64 exact) {
    const struct job_source *source = source_at_hand(t);
    if (t->kind == TASK_FUSED) {
        fused_mark(t, kind, payload, exact);
        return;
    }
    if (source->flush) source->flush(&t->chain);
    producer_mark(t, kind, payload, exact);
}

/* TIME_FOREVER would say that the input is finished. */
static i64 not_the_end(i64 w) {
    return w < TIME_FOREVER ? w : TIME_FOREVER - 1;
}

/* W at the end of the morsel, as the ticket says it, whatever its rows say. */
static i64 watermark_told(const struct job_source *source, const struct ticket *ticket) {
    if (source->wall) return fine_stamp(ticket->stamp, source->lag_ns);
    if (ticket->extent.raises) return not_the_end(ticket->extent.raise_to);
    if (ticket->flush && ticket->seen != TIME_NEVER) return not_the_end(time_add(ticket->seen, 1));
    return TIME_NEVER;
}

/* Where the loop has to stop next: at a boundary, or at a row that is too far ahead. */
static i64 mark_next(const struct chain *c, i64 at) {
    return c->ahead < at ? time_add(c->ahead, 1) : at;
}

i64 chain_mark(struct chain *c, i64 t) {
    struct task *task = c->engine;
    const struct job_source *source = source_at_hand(task);
    if (t > c->ahead)
        c->sources[c->source].ahead++;
    else if (t > c->top)
        c->top = t;
    if (c->top == TIME_NEVER) return c->mark_next;
    i64 exact = fine_stamp(c->top, source->lag_ns);
    struct boundaries at =
        boundaries_at(source->bounds, source->bound_count, task->run->windows, exact);
    if (at.last > task->marked) {
        task->marked = at.last;
        mark(task, CONTROL_MARK, at.last, exact);
    }
    return mark_next(c, time_add(at.next, source->lag_ns));
}

/* ---- malformed records ---- */

static int tell_malformed(const struct run_source *from, u64 offset, u64 size, const char *reason) {
    u64 line = from->ops->line_of ? from->ops->line_of(from->self, offset) : 0;
    const char *name = from->ops->describe(from->self);
    if (line) return error_set(0, "%s:%lu: malformed record: %s", name, line, reason);
    return error_set(0, "%s: malformed record of %lu bytes at byte %lu: %s", name, size, offset,
                     reason);
}

bool chain_malformed(struct chain *c, const struct extent *x, u64 at, u64 size,
                     const char *reason) {
    struct task *t = c->engine;
    if (t->table_source) {
        tell_malformed(t->table_source, x->offset + at, size, reason);
        t->broken = true;
        return false;
    }
    const struct job_source *source = source_at_hand(t);
    c->sources[t->ticket.source].malformed++;
    if (source->malformed) return true;
    tell_malformed(&t->run->sources[t->ticket.source], x->offset + at, size, reason);
    error_add("source `%s`", source->name);
    t->broken = true;
    run_fail(t->run, t->island, t->ticket.morsel, c->position);
    return false;
}

/* ---- morsels ---- */

/* The last mark before END: what the ticket tells, and the clock, rises behind the rows. Returns W
   by this morsel. */
static i64 mark_told(struct task *t, i64 exact) {
    const struct job_source *source = source_at_hand(t);
    i64 told = watermark_told(source, &t->ticket);
    if (told > exact) exact = told;
    i64 last = boundaries_at(source->bounds, source->bound_count, t->run->windows, told).last;
    bool news = t->ticket.kind == TICKET_NEWS || source->tick_count;
    if (t->broken || (last <= t->marked && !news)) return exact;
    if (last > t->marked) t->marked = last;
    mark(t, CONTROL_MARK, t->marked, exact);
    return exact;
}

static void count_morsel(struct task *t, i64 exact) {
    struct metrics_source *cells = &t->source_cells[t->ticket.source];
    metrics_add(&cells->bytes_in, (i64)t->ticket.extent.size);
    if (exact > atomic_load_explicit(&cells->watermark_ns, memory_order_relaxed))
        metrics_set(&cells->watermark_ns, exact);
}

/* The greatest time that a row may have and count for W. */
static i64 ahead_of(const struct task *t) {
    i64 ahead = source_ahead(source_at_hand(t), t->run->sources[t->ticket.source].watch);
    return ahead ? time_add(t->ticket.stamp, ahead) : TIME_FOREVER;
}

static struct finished_morsel decode(struct task *t) {
    const struct job_source *source = source_at_hand(t);
    struct run_source *from = &t->run->sources[t->ticket.source];
    struct chain *c = &t->chain;
    c->morsel = t->ticket.morsel;
    c->source = t->ticket.source;
    c->clock = t->ticket.stamp;
    c->position = 0;
    c->stamp = TIME_NEVER;
    c->top = TIME_NEVER; /* the maximum starts anew with each morsel, so a mark means the same
                            whoever took those before */
    c->ahead = ahead_of(t);
    c->mark_next = mark_next(c, source->bound_count && !source->at_end ? TIME_NEVER : TIME_FOREVER);
    t->marked = TIME_NEVER;
    t->broken = false;
    t->silence.quiet[t->ticket.source] = t->ticket.idle;
    if (t->kind == TASK_FUSED) fused_begin(t);
    if (t->ticket.kind == TICKET_DATA) source->morsel[t->run->variant](c, &t->ticket.extent);
    i64 exact = source->at_end ? TIME_NEVER : fine_stamp(c->top, source->lag_ns);
    exact = mark_told(t, exact);
    if (t->ticket.last && !t->broken) {
        t->silence.quiet[t->ticket.source] = true;
        mark(t, CONTROL_FINISHED, TIME_FOREVER, exact);
    }
    mark(t, CONTROL_END, exact, exact);
    count_morsel(t, exact);
    if (from->ops->release && t->ticket.extent.at)
        from->ops->release(from->self, &t->ticket.extent);
    return (struct finished_morsel){ t->ticket.ordinal, t->ticket.source, exact, c->top };
}

static void read_failed(struct task *t) {
    error_add("source `%s`", source_at_hand(t)->name);
    run_fail(t->run, t->island, t->ticket.morsel, 0);
}

/* The ticket was taken in a step of its own: between the two, others get on with what they have. */
static void finish_morsel(struct task *t) {
    if (t->ticket.barriers != t->barriers) task_barrier(t);
    for (u32 i = 0; i < t->write_count; i++)
        if (graph_edge_from(&t->run->job->edges[t->writes[i]], true, t->ticket.source))
            outlet_begin(&t->chain.outlets[t->writes[i]], t->ticket.morsel);
    struct finished_morsel done = decode(t);
    if (t->ticket.kind == TICKET_DATA) t->last = done;
    t->inside = false;
    sequence_done(&t->island->sequence, t->nth, &t->ticket, &done);
    task_settle(t);
}

/* A producer meets a barrier when it has finished what it took before: it has nothing under way, or
   what it took is behind it. */
static bool meet_barrier(struct task *t) {
    if (t->inside || atomic_load(&t->island->sequence.barriers) == t->barriers) return false;
    task_barrier(t);
    return true;
}

/* Nothing is left to read: the last snapshot can be taken. */
static void tell_end(struct task *t) {
    if (t->told_end || !atomic_load(&t->island->sequence.ended)) return;
    t->told_end = true;
    snapshotter_notify(t->run->snapshotter);
}

u32 morsel_step(struct task *t) {
    t->again_ns = TIME_FOREVER;
    if (meet_barrier(t)) return 1;
    if (t->inside) {
        finish_morsel(t);
    } else {
        switch (sequence_take(&t->island->sequence, t->nth, &t->ticket, &t->again_ns)) {
        case TAKE_NOTHING:
            tell_end(t);
            return 0;
        case TAKE_FAILED:
            read_failed(t);
            break;
        case TAKE_CLOSED:
            t->done = !t->sweeping;
            break;
        case TAKE_TICKET:
            t->inside = true;
            break;
        case TAKE_BARRIER:
            task_barrier(t);
            break;
        }
    }
    run_notify_all(t->run); /* of taker[g], of g being finished, of the end */
    return 1;
}

u32 producer_step(struct task *t) {
    u32 moved = task_pump(t);
    if (task_is_full(t)) return moved;
    return moved + morsel_step(t);
}
