/* What a source must tell: the times at which somebody behind it may have something to let out, of
   the event time (where marks stand) and of the clock (where ticks come). */
#include "dsl/physical_internal.h"

#include "runtime/data/timefn.h"

#include <string.h>

struct bounds {
    struct pbound *at;
    u32 count;
};

/* Is every boundary of `a` one of `b`? */
static bool bound_covers(const struct pbound *b, const struct pbound *a) {
    const struct twindow *w = a->calendar, *v = b->calendar;
    if (w && v)
        return a->offset_ns == b->offset_ns && w->unit == v->unit && !strcmp(w->zone, v->zone);
    if (w || v) return false;
    return a->size_ns % b->size_ns == 0 && (a->offset_ns - b->offset_ns) % b->size_ns == 0;
}

static void add_bound(struct bounds *to, struct pbound bound) {
    u32 kept = 0;
    for (u32 i = 0; i < to->count; i++)
        if (bound_covers(&to->at[i], &bound)) return;
    for (u32 i = 0; i < to->count; i++)
        if (!bound_covers(&bound, &to->at[i])) to->at[kept++] = to->at[i];
    to->at[kept++] = bound;
    to->count = kept;
}

static void add_regular(struct bounds *to, i64 size_ns, i64 offset_ns) {
    add_bound(to, (struct pbound){ size_ns, offset_ns % size_ns });
}

/* A part of the calendar ends where the next one starts. */
static void add_calendar(struct bounds *to, const struct pstage *s, i64 offset_ns) {
    add_bound(to, (struct pbound){ 0, offset_ns, &s->op->window, s->id });
}

/* The starts and ends of slices, and ends plus lateness. */
static void add_window(struct bounds *to, const struct pstage *s) {
    const struct twindow *w = &s->op->window;
    if (w->kind == WINDOW_CALENDAR) {
        add_calendar(to, s, w->offset_ns);
        add_calendar(to, s, w->offset_ns + w->lateness_ns);
        return;
    }
    i64 ends = w->offset_ns + w->size_ns % w->slide_ns;
    add_regular(to, w->slide_ns, w->offset_ns);
    add_regular(to, w->slide_ns, ends);
    add_regular(to, w->slide_ns, ends % w->slide_ns + w->lateness_ns % w->slide_ns);
}

/* A multiple is passed by what lies beyond it. */
static void add_multiples(struct bounds *to, const i64 *early, const i64 *late) {
    for (u32 i = 0; i < TRIGGER_PERIODS; i++) {
        if (early[i]) add_regular(to, early[i], 1);
        if (late[i]) add_regular(to, late[i], 1);
    }
}

/* When a stage of fine time, or a session by the clock, has something to let out is known only to
 * itself: it is asked. */
#define ASK_FINE_NS (NS_PER_SECOND / 10)

/* What a stage waits for, in its own time. */
static void add_stage(struct bounds *to, const struct pstage *s) {
    const struct twindow *w = &s->op->window;
    if (w->kind == WINDOW_TUMBLING || w->kind == WINDOW_SLIDING || w->kind == WINDOW_CALENDAR)
        add_window(to, s);
    add_multiples(to, w->early.time_ns, w->late.time_ns);
}

/* Is W the clock where rows come to the stage? Behind a window by the clock it is. */
static bool is_behind_clock(const struct physical *plan, const struct pstage *s) {
    for (u32 i = 0; i < s->input_count; i++) {
        const struct pproducer *from = &plan->producers[plan->edges[s->inputs[i]].from];
        if (from->kind != PPRODUCER_STAGE && from->kind != PPRODUCER_LATE) continue;
        const struct pstage *before = &plan->stages[from->of];
        if (before->op->window.wall || is_behind_clock(plan, before)) return true;
    }
    return false;
}

#define STAGE_BOUNDS (4 + 2 * TRIGGER_PERIODS) /* of one time */

void plan_bounds(struct planner *p, struct psource *s) {
    const struct physical *plan = p->plan;
    u32 number = (u32)(s - plan->sources), most = 3 * STAGE_BOUNDS * plan->stage_count;
    struct bounds marks = { arena_alloc(p->arena, most * sizeof *s->bounds), 0 },
                  ticks = { arena_alloc(p->arena, most * sizeof *s->ticks), 0 };
    for (u32 i = 0; i < plan->stage_count; i++) {
        const struct pstage *stage = &plan->stages[i];
        const struct twindow *w = &stage->op->window;
        bool clock = w->wall || is_behind_clock(plan, stage);
        if (!stage->descends[number]) continue;
        bool asked = stage->fine || (w->kind == WINDOW_SESSION && w->wall);
        if (asked && (clock || s->source->wall)) add_regular(&ticks, ASK_FINE_NS, 0);
        if (stage->kind != PSTAGE_WINDOW) continue;
        if (!w->wall) add_stage(&marks, stage);
        if (clock) add_stage(&ticks, stage);
        add_multiples(&ticks, w->early.wall_ns, w->late.wall_ns);
    }
    for (u32 i = 0; s->source->wall && i < marks.count; i++) {
        struct pbound bound = marks.at[i];
        bound.offset_ns = time_add(bound.offset_ns, s->source->watermark.lag_ns);
        if (!bound.calendar) bound.offset_ns %= bound.size_ns;
        add_bound(&ticks, bound);
    }
    s->bounds = marks.at;
    s->bound_count = marks.count;
    s->ticks = ticks.at;
    s->tick_count = ticks.count;
}
