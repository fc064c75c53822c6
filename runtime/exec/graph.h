/* What the engine needs to know of a job's graph: which sources and stages hang together (islands),
   and from which sources the rows of an edge descend (R2: who skips a morsel). */
#ifndef RUNTIME_EXEC_GRAPH_H
#define RUNTIME_EXEC_GRAPH_H

#include "runtime/base/arena.h"
#include "runtime/job.h"

struct graph {
    const struct job *job;
    u32 island_count;
    u32 *source_island, *stage_island; /* by source, by stage */
    bool *stage_descends;              /* stage * source_count + source */
    bool *edge_descends;               /* edge * source_count + source */
};

/* Lives as long as the arena. */
void graph_init(struct graph *g, const struct job *job, struct arena *arena);

ALWAYS_INLINE bool graph_stage_descends(const struct graph *g, u32 stage, u32 source) {
    return g->stage_descends[stage * g->job->source_count + source];
}

/* Does the edge start at this source or stage? */
ALWAYS_INLINE bool graph_edge_from(const struct job_edge *e, bool source, u32 number) {
    return e->from_source == source && e->from == number;
}

/* Does the stage want to know of the clock at each mark, whether W rose or not? */
ALWAYS_INLINE bool stage_minds_clock(const struct job_stage *stage) {
    const struct window_spec *w = stage->window;
    return w && (w->wall || w->early.wall_ns[0] || w->late.wall_ns[0]);
}

/* Where a source's marks can stand (R5), or the clock's ticks: the greatest boundary <= t and the
   least > t; `windows` by stage, with their calendars. last is TIME_NEVER and next TIME_FOREVER if
   there is none. */
struct boundaries {
    i64 last, next;
};
struct boundaries boundaries_at(const struct job_bound *bounds, u32 count,
                                const struct window_spec *windows, i64 t);

#endif
