#include "runtime/exec/graph.h"

#include "runtime/base/ensure.h"
#include "runtime/stage/slicing.h"

/* Nodes are sources, then stages; an island is named by its least node until they are numbered. */
static void join_islands(u32 *island, u32 count, u32 a, u32 b) {
    u32 from = island[a] > island[b] ? island[a] : island[b];
    u32 to = island[a] > island[b] ? island[b] : island[a];
    for (u32 i = 0; i < count; i++)
        if (island[i] == from) island[i] = to;
}

static void number_islands(struct graph *g, u32 *island, u32 count, u32 *number) {
    for (u32 i = 0; i < count; i++) {
        if (island[i] == i) number[i] = g->island_count++;
        island[i] = number[island[i]];
    }
}

static void find_islands(struct graph *g, struct arena *arena) {
    const struct job *job = g->job;
    u32 count = job->source_count + job->stage_count;
    u32 *island = arena_alloc(arena, count * sizeof *island);
    u32 *number = arena_alloc(arena, count * sizeof *number);
    for (u32 i = 0; i < count; i++) island[i] = i;
    for (u32 i = 0; i < job->edge_count; i++) {
        const struct job_edge *e = &job->edges[i];
        join_islands(island, count, e->from + (e->from_source ? 0 : job->source_count),
                     e->to + job->source_count);
    }
    number_islands(g, island, count, number);
    g->source_island = island;
    g->stage_island = island + job->source_count;
}

/* Stages are in topological order, so what an input descends from is known when it is looked at. */
static void find_descent(struct graph *g, struct arena *arena) {
    const struct job *job = g->job;
    u32 sources = job->source_count;
    g->stage_descends = arena_alloc(arena, job->stage_count * sources);
    g->edge_descends = arena_alloc(arena, job->edge_count * sources);
    for (u32 k = 0; k < job->stage_count; k++)
        for (u32 i = 0; i < job->stages[k].input_count; i++) {
            u32 edge = job->stages[k].inputs[i];
            const struct job_edge *e = &job->edges[edge];
            ENSURE(e->to == k && e->input == i && (e->from_source || e->from < k));
            for (u32 s = 0; s < sources; s++) {
                bool does = e->from_source ? e->from == s : graph_stage_descends(g, e->from, s);
                g->edge_descends[edge * sources + s] = does;
                g->stage_descends[k * sources + s] |= does;
            }
        }
}

void graph_init(struct graph *g, const struct job *job, struct arena *arena) {
    *g = (struct graph){ .job = job };
    find_islands(g, arena);
    find_descent(g, arena);
}

static struct boundaries regular_at(const struct job_bound *bound, i64 t) {
    __int128 size = bound->size_ns, from = bound->offset_ns;
    __int128 k = ((__int128)t - from) / size;
    if (k * size + from > t) k--; /* division rounds towards zero */
    return (struct boundaries){ time_clamp(k * size + from), time_clamp((k + 1) * size + from) };
}

static struct boundaries calendar_at(const struct job_bound *bound,
                                     const struct window_spec *window, i64 t) {
    struct slicing s = slicing_of(window);
    s.offset = bound->offset_ns;
    i64 k = slicing_calendar_number(&s, t);
    return (struct boundaries){ time_clamp(slicing_window_start(&s, k)),
                                time_clamp(slicing_window_end(&s, k)) };
}

struct boundaries boundaries_at(const struct job_bound *bounds, u32 count,
                                const struct window_spec *windows, i64 t) {
    struct boundaries all = { TIME_NEVER, TIME_FOREVER };
    for (u32 i = 0; i < count; i++) {
        const struct job_bound *bound = &bounds[i];
        struct boundaries one =
            bound->size_ns ? regular_at(bound, t) : calendar_at(bound, &windows[bound->stage], t);
        i64 last = one.last, next = one.next;
        if (last > all.last && last < TIME_FOREVER) all.last = last;
        if (next < all.next) all.next = next;
    }
    return all;
}
