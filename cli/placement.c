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

static void print_ring(const struct physical *plan, const struct placement *p,
                       const struct pedge *edge, struct text_buf *to) {
    const struct pproducer *from = &plan->producers[edge->from];
    bool raw = from->kind == PPRODUCER_SOURCE || from->kind == PPRODUCER_MALFORMED;
    u32 writers = raw ? p->worker_count : tasks_of(&plan->stages[from->of], p->worker_count);
    u32 readers = tasks_of(&plan->stages[edge->to], p->worker_count);
    text_buf_printf(to, "  edge %u: %s -> %s: %u x %u, rows of %u bytes\n", edge->id,
                    producer_name(plan, from), plan->stages[edge->to].name, writers, readers,
                    edge->row_bytes);
    for (u32 r = 0; r < readers; r++)
        text_buf_printf(to, "    to task %u: memory of node %u\n", r,
                        p->seats[r % p->worker_count].node);
}

static void print_stages(const struct physical *plan, const struct placement *p,
                         struct text_buf *to) {
    for (u32 i = 0; i < plan->source_count; i++)
        text_buf_printf(to, "source %s: a task on every worker\n", plan->sources[i].source->name);
    for (u32 i = 0; i < plan->stage_count; i++) {
        const struct pstage *s = &plan->stages[i];
        u32 tasks = tasks_of(s, p->worker_count);
        text_buf_printf(to, "stage %s: %u task%s\n", s->name, tasks, tasks == 1 ? "" : "s");
        for (u32 t = 0; t < tasks; t++) {
            const struct placement_seat *seat = &p->seats[t % p->worker_count];
            text_buf_printf(to, "  task %u: worker %u, cpu %u, node %u", t, t % p->worker_count,
                            seat->cpu, seat->node);
            if (s->kind == PSTAGE_WINDOW)
                text_buf_printf(to, ", shards %u-%u", (t * 128 + tasks - 1) / tasks,
                                ((t + 1) * 128 + tasks - 1) / tasks - 1);
            text_buf_str(to, "\n");
        }
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
    print_stages(plan, &p, to);
    if (p.worker_count == 1 && plan->can_fuse) {
        text_buf_str(to, "rings: none, source to sink is one loop\n");
    } else {
        text_buf_str(to, "rings:\n");
        for (u32 i = 0; i < plan->edge_count; i++) print_ring(plan, &p, &plan->edges[i], to);
    }
    placement_fini(&p);
    return 0;
}
