#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/edge/ring.h"
#include "runtime/exec/engine_parts.h"
#include "runtime/exec/task.h"

#include <stdlib.h>

#define HUGE_FROM (2u << 20) /* blocks of this size and more are worth huge pages */

static u64 ring_bytes(const struct engine *e) {
    u64 bytes = ring_footprint(e->config.ring_slots, e->config.slot_bytes, e->config.control_room);
    ENSURE(bytes);
    return (bytes + 127) & ~(u64)127;
}

/* The task at the other end of a lane. */
static struct task *producer_of(struct engine *e, const struct task *reader, u32 input, u32 lane) {
    const struct job *job = e->run.job;
    const struct job_edge *edge = &job->edges[job->stages[reader->stage].inputs[input]];
    u32 first =
        edge->from_source ? e->producer_first[reader->island->number] : e->stage_first[edge->from];
    return e->tasks[first + lane];
}

static void lay_lane(struct engine *e, struct task *reader, u32 input, u32 nth, void *place) {
    struct inlet_lane *lane = &reader->inlet.lanes[reader->inlet.inputs[input].first_lane + nth];
    struct task *producer = producer_of(e, reader, input, nth);
    lane->ring = ring_init(place, e->config.ring_slots, e->config.slot_bytes,
                           e->config.control_room, e->config.ring_start);
    lane->producer = &e->run.waiters[producer->worker];
    u32 edge = e->run.job->stages[reader->stage].inputs[input];
    outlet_attach(&producer->chain.outlets[edge], reader->nth, lane->ring,
                  &e->run.waiters[reader->worker]);
}

static int take_blocks(struct engine *e, u64 each) {
    u32 stage_end = e->producer_first[0];
    for (u32 i = 0; i < stage_end; i++)
        e->block_bytes[e->tasks[i]->worker] += each * e->tasks[i]->inlet.lane_count;
    u64 all = 0;
    for (u32 w = 0; w < e->run.worker_count; w++) all += e->block_bytes[w];
    if (!budget_take(&e->run.budget, BUDGET_RINGS, all))
        return error_set(0,
                         "out of memory: the rings between %u workers take %lu MiB, and the job "
                         "may use %lu MiB; give it more with --memory, or fewer workers with -p",
                         e->run.worker_count, all >> 20, e->run.budget.limit >> 20);
    for (u32 w = 0; w < e->run.worker_count; w++) {
        u64 bytes = e->block_bytes[w];
        if (!bytes) continue;
        const struct placement *p = e->config.placement;
        e->blocks[w] = bytes < HUGE_FROM ? aligned_alloc(128, bytes)
                       : p               ? placement_alloc(p, w, bytes)
                                         : env_huge_alloc(bytes);
        if (!e->blocks[w]) return error_add("memory for rings");
    }
    return 0;
}

int engine_lay_rings(struct engine *e) {
    e->blocks = arena_alloc(&e->arena, e->run.worker_count * sizeof *e->blocks);
    e->block_bytes = arena_alloc(&e->arena, e->run.worker_count * sizeof *e->block_bytes);
    if (e->run.variant == JOB_FUSED || !e->run.graph.island_count) return 0;
    u64 each = ring_bytes(e);
    if (take_blocks(e, each)) return -1;
    u64 *used = arena_alloc(&e->arena, e->run.worker_count * sizeof *used);
    for (u32 i = 0; i < e->producer_first[0]; i++) {
        struct task *t = e->tasks[i];
        for (u32 input = 0; input < t->inlet.input_count; input++)
            for (u32 l = 0; l < t->inlet.inputs[input].lane_count; l++, used[t->worker] += each)
                lay_lane(e, t, input, l, (u8 *)e->blocks[t->worker] + used[t->worker]);
    }
    return 0;
}

void engine_free_rings(struct engine *e) {
    for (u32 w = 0; e->blocks && w < e->run.worker_count; w++) {
        if (!e->blocks[w]) continue;
        if (e->block_bytes[w] >= HUGE_FROM)
            env_huge_free(e->blocks[w], e->block_bytes[w]);
        else
            free(e->blocks[w]);
    }
}
