/* Producers, and what decoding a morsel needs besides: marks and malformed records. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/snapshotter.h"
#include "runtime/exec/task.h"

static const struct job_source *source_at_hand(const struct task *t) {
    return &t->run->job->sources[t->ticket.source];
}

/* ---- marks (R5) ---- */

/* The clock of the source that an edge goes by: its own, 0, or one of its times. */
static u32 clock_of(const struct job_edge *edge) {
    return edge->port < JOB_TIMES_PORT ? 0 : 1 + edge->port - JOB_TIMES_PORT;
}

/* W by the rows of the morsel so far. */
static i64 exact_of(const struct task *t, u32 clock) {
    const struct job_source *source = source_at_hand(t);
    const struct chain *c = &t->chain;
    if (clock) {
        const struct job_time *time = &source->times[clock - 1];
        return time->at_end ? TIME_NEVER : fine_stamp(c->times[clock - 1].top, time->lag_ns);
    }
    i64 exact = source->at_end ? TIME_NEVER : fine_stamp(c->top, source->lag_ns);
    return t->told > exact ? t->told : exact;
}

struct edge_mark edge_mark(const struct task *t, const struct job_edge *edge,
                           enum control_kind kind) {
    u32 clock = clock_of(edge);
    struct edge_mark mark = { .exact = exact_of(t, clock) };
    mark.payload = kind == CONTROL_FINISHED ? TIME_FOREVER
                   : kind == CONTROL_END    ? mark.exact
                                            : t->marked[clock];
    return mark;
}

void producer_mark(struct task *t, enum control_kind kind) {
    const struct job *job = t->run->job;
    for (u32 i = 0; i < t->write_count; i++) {
        const struct job_edge *edge = &job->edges[t->writes[i]];
        if (!graph_edge_from(edge, true, t->ticket.source)) continue;
        struct edge_mark mark = edge_mark(t, edge, kind);
        outlet_send(&t->chain.outlets[t->writes[i]], kind, mark.payload, mark.exact);
    }
}

static void mark(struct task *t, enum control_kind kind) {
    const struct job_source *source = source_at_hand(t);
    if (t->kind == TASK_FUSED) {
        fused_mark(t, kind);
        return;
    }
    if (source->flush) source->flush(&t->chain);
    producer_mark(t, kind);
}

/* TIME_FOREVER would say that the input is finished. */
static i64 not_the_end(i64 w) {
    return w < TIME_FOREVER ? w : TIME_FOREVER - 1;
}

/* W at the end of the morsel, as the ticket says it, whatever its rows say. */
static i64 watermark_told(const struct job_source *source, const struct ticket *ticket) {
    if (source->wall) return fine_stamp(ticket->stamp, source->lag_ns);
    if (ticket->extent.raises) return not_the_end(ticket->extent.raise_to);
    if (ticket->flush && ticket->seen[0] != TIME_NEVER)
        return not_the_end(time_add(ticket->seen[0], 1));
    return TIME_NEVER;
}

/* Where the loop has to stop next: at a boundary, or at a row that is too far ahead. */
static i64 mark_next(const struct chain *c, i64 at) {
    return c->ahead < at ? time_add(c->ahead, 1) : at;
}

/* A row of time t passed *next of a clock whose greatest time is *top. */
static void pass(struct chain *c, u32 clock, i64 lag_ns, i64 t, i64 *top, i64 *next) {
    struct task *task = c->engine;
    const struct job_source *source = source_at_hand(task);
    if (t > c->ahead)
        c->sources[c->source].ahead++;
    else if (t > *top)
        *top = t;
    if (*top == TIME_NEVER) return;
    struct boundaries at = boundaries_at(source->bounds, source->bound_count, task->run->windows,
                                         fine_stamp(*top, lag_ns));
    if (at.last > task->marked[clock]) {
        task->marked[clock] = at.last;
        mark(task, CONTROL_MARK);
    }
    *next = mark_next(c, time_add(at.next, lag_ns));
}

i64 chain_mark(struct chain *c, i64 t) {
    struct task *task = c->engine;
    i64 next = c->mark_next;
    pass(c, 0, source_at_hand(task)->lag_ns, t, &c->top, &next);
    return next;
}

void chain_mark_time(struct chain *c, u32 k, i64 t) {
    struct task *task = c->engine;
    struct chain_time *of = &c->times[k];
    pass(c, 1 + k, source_at_hand(task)->times[k].lag_ns, t, &of->top, &of->mark_next);
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

/* It fell silent: W moves past the greatest time that it had; that of its times too. */
static void flush_times(struct task *t) {
    for (u32 k = 0; t->ticket.flush && k < source_at_hand(t)->time_count; k++) {
        i64 seen = t->ticket.seen[1 + k];
        if (seen == TIME_NEVER) continue;
        const struct job_time *time = &source_at_hand(t)->times[k];
        t->chain.times[k].top = time_add(not_the_end(time_add(seen, 1)), time->lag_ns);
    }
}

/* The last mark before END: what the ticket tells, and the clock, rises behind the rows. */
static void mark_told(struct task *t) {
    const struct job_source *source = source_at_hand(t);
    bool news = t->ticket.kind == TICKET_NEWS || source->tick_count || t->ticket.last;
    t->told = watermark_told(source, &t->ticket);
    flush_times(t);
    for (u32 clock = 0; clock <= source->time_count; clock++) {
        i64 last =
            boundaries_at(source->bounds, source->bound_count, t->run->windows, exact_of(t, clock))
                .last;
        if (last <= t->marked[clock]) continue;
        t->marked[clock] = last;
        news = true;
    }
    if (news && !t->broken) mark(t, CONTROL_MARK);
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

/* The maxima start anew with each morsel, so a mark means the same whoever took those before. */
static void begin(struct task *t) {
    const struct job_source *source = source_at_hand(t);
    struct chain *c = &t->chain;
    i64 least = source->bound_count ? TIME_NEVER : TIME_FOREVER;
    c->morsel = t->ticket.morsel;
    c->source = t->ticket.source;
    c->clock = t->ticket.stamp;
    c->position = 0;
    c->stamp = TIME_NEVER;
    c->top = TIME_NEVER;
    c->ahead = ahead_of(t);
    c->mark_next = mark_next(c, source->at_end ? TIME_FOREVER : least);
    for (u32 k = 0; k < source->time_count; k++)
        c->times[k] = (struct chain_time){ TIME_NEVER, mark_next(c, least) };
    for (u32 i = 0; i <= source->time_count; i++) t->marked[i] = TIME_NEVER;
    t->told = TIME_NEVER;
    t->broken = false;
    t->silence.quiet[t->ticket.source] = t->ticket.idle;
    if (t->kind == TASK_FUSED) fused_begin(t);
}

/* Sources meet by their own time, or else by that of the first `time` stage behind them. */
static struct finished_morsel finished(const struct task *t) {
    const struct job_source *source = source_at_hand(t);
    struct finished_morsel done = { .ordinal = t->ticket.ordinal, .source = t->ticket.source };
    done.exact = exact_of(t, source->time_count && !source->has_time);
    done.seen[0] = t->chain.top;
    for (u32 k = 0; k < source->time_count; k++) done.seen[1 + k] = t->chain.times[k].top;
    return done;
}

static struct finished_morsel decode(struct task *t) {
    const struct job_source *source = source_at_hand(t);
    struct run_source *from = &t->run->sources[t->ticket.source];
    begin(t);
    if (t->ticket.kind == TICKET_DATA)
        source->morsel[t->run->variant](&t->chain, &t->ticket.extent);
    mark_told(t);
    if (t->ticket.last && !t->broken) {
        t->silence.quiet[t->ticket.source] = true;
        mark(t, CONTROL_FINISHED);
    }
    mark(t, CONTROL_END);
    struct finished_morsel done = finished(t);
    count_morsel(t, done.exact);
    if (from->ops->release && t->ticket.extent.at)
        from->ops->release(from->self, &t->ticket.extent);
    return done;
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
