/* `explain --show placement`: which worker runs what, where. The compiler knows stages and edges,
   the engine knows machines; they meet here. */
#include "cli/commands.h"

#include "dsl/physical.h"
#include "runtime/base/error.h"
#include "runtime/exec/placement.h"

#include <stdio.h>

static u32 tasks_of(const struct pstage *s, u32 workers) {
    return s->kind == PSTAGE_SINK ? 1 : s->parallel ? s->parallel : workers;
}

static const char *producer_name(const struct physical *plan, const struct pproducer *from) {
    return from->kind == PPRODUCER_SOURCE || from->kind == PPRODUCER_MALFORMED
               ? plan->sources[from->of].source->name
               : plan->stages[from->of].name;
}

static const struct placement_seat *seat_of(const struct placement *p, const struct pstage *s,
                                            u32 task, u32 *worker) {
    i64 w = placement_worker(p, p->worker_count, (struct placement_wish){ s->on_core, s->on_node },
                             s->id, tasks_of(s, p->worker_count), task);
    if (w < 0) return NULL;
    *worker = (u32)w;
    return &p->seats[w];
}

static void print_ring(const struct physical *plan, const struct placement *p,
                       const struct pedge *edge, struct text_buf *to) {
    const struct pproducer *from = &plan->producers[edge->from];
    const struct pstage *reader = &plan->stages[edge->to];
    bool raw = from->kind == PPRODUCER_SOURCE || from->kind == PPRODUCER_MALFORMED;
    u32 writers = raw ? p->worker_count : tasks_of(&plan->stages[from->of], p->worker_count);
    u32 readers = tasks_of(reader, p->worker_count), worker;
    text_buf_printf(to, "  edge %u: %s -> %s: %u x %u, rows of %u bytes\n", edge->id,
                    producer_name(plan, from), reader->name, writers, readers, edge->row_bytes);
    for (u32 r = 0; r < readers; r++) {
        const struct placement_seat *seat = seat_of(p, reader, r, &worker);
        if (seat) text_buf_printf(to, "    to task %u: memory of node %u\n", r, seat->node);
    }
}

static void print_stage(const struct pstage *s, const struct placement *p, struct text_buf *to) {
    u32 tasks = tasks_of(s, p->worker_count), worker;
    text_buf_printf(to, "stage %s: %u task%s\n", s->name, tasks, tasks == 1 ? "" : "s");
    for (u32 t = 0; t < tasks; t++) {
        const struct placement_seat *seat = seat_of(p, s, t, &worker);
        if (!seat) {
            text_buf_printf(to, "  task %u: no worker is where it is to run\n", t);
            continue;
        }
        text_buf_printf(to, "  task %u: worker %u, cpu %u, node %u", t, worker, seat->cpu,
                        seat->node);
        if (s->kind == PSTAGE_WINDOW)
            text_buf_printf(to, ", shards %u-%u", (t * 128 + tasks - 1) / tasks,
                            ((t + 1) * 128 + tasks - 1) / tasks - 1);
        text_buf_str(to, "\n");
    }
}

int show_placement(const struct physical *plan, u32 workers, const char *topology,
                   struct text_buf *to) {
    struct placement p;
    if (placement_init(&p, topology, NULL, workers ? workers : plan->logical->parallelism)) {
        fprintf(stderr, "millrace explain: %s\n", error_text());
        return EXIT_USAGE;
    }
    placement_print(&p, to);
    for (u32 i = 0; i < plan->source_count; i++)
        text_buf_printf(to, "source %s: a task on every worker\n", plan->sources[i].source->name);
    for (u32 i = 0; i < plan->stage_count; i++) print_stage(&plan->stages[i], &p, to);
    if (p.worker_count == 1 && plan->can_fuse) {
        text_buf_str(to, "rings: none, source to sink is one loop\n");
    } else {
        text_buf_str(to, "rings:\n");
        for (u32 i = 0; i < plan->edge_count; i++) print_ring(plan, &p, &plan->edges[i], to);
    }
    placement_fini(&p);
    return 0;
}
