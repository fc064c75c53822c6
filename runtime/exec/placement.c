#include "runtime/exec/placement.h"
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <hwloc.h>
#include <stdlib.h>

#define SHARDS 128u

static hwloc_obj_t core_of(hwloc_obj_t pu) {
    for (hwloc_obj_t up = pu; up; up = up->parent)
        if (up->type == HWLOC_OBJ_CORE) return up;
    return pu; /* some virtual machines tell of no cores */
}

static struct placement_seat seat_at(hwloc_obj_t pu) {
    int node = hwloc_bitmap_first(pu->nodeset);
    return (struct placement_seat){ .cpu = pu->os_index,
                                    .core = core_of(pu)->logical_index,
                                    .node = node < 0 ? 0 : (u32)node };
}

/* Which of its core's cpus it is. */
static u32 rank_in_core(hwloc_obj_t pu) {
    hwloc_obj_t core = core_of(pu);
    u32 rank = 0;
    for (int cpu = hwloc_bitmap_first(core->cpuset); cpu >= 0 && (u32)cpu != pu->os_index;
         cpu = hwloc_bitmap_next(core->cpuset, cpu))
        rank++;
    return rank;
}

struct candidate {
    struct placement_seat seat;
    u32 rank, order; /* order: of hwloc, which goes node by node */
};

static int by_rank_then_order(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* All cpus that this thread may use, and so those it will start, the best first. */
static struct candidate *find_candidates(struct placement *p) {
    hwloc_topology_t t = p->topology;
    hwloc_bitmap_t may = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(t));
    hwloc_bitmap_t bound = hwloc_bitmap_alloc(), nodes = hwloc_bitmap_alloc();
    ENSURE(may && bound && nodes);
    if (p->here && hwloc_get_cpubind(t, bound, HWLOC_CPUBIND_THREAD) == 0)
        hwloc_bitmap_and(may, may, bound);
    u32 room = (u32)hwloc_bitmap_weight(may);
    struct candidate *all = calloc(room ? room : 1, sizeof *all);
    ENSURE(all);
    for (hwloc_obj_t pu = NULL; (pu = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_PU, pu));) {
        if (!hwloc_bitmap_isset(may, pu->os_index)) continue;
        u32 n = p->cpu_count++;
        all[n] = (struct candidate){ seat_at(pu), rank_in_core(pu), n };
        hwloc_bitmap_set(nodes, all[n].seat.node);
        p->core_count += n == 0 || all[n].seat.core != all[n - 1].seat.core;
    }
    p->node_count = (u32)hwloc_bitmap_weight(nodes);
    hwloc_bitmap_free(may);
    hwloc_bitmap_free(bound);
    hwloc_bitmap_free(nodes);
    qsort(all, p->cpu_count, sizeof *all, by_rank_then_order);
    return all;
}

static bool take_number(const char **at, u32 *out) {
    if (**at < '0' || **at > '9') return false;
    char *end;
    unsigned long number = strtoul(*at, &end, 10);
    *at = end;
    *out = (u32)number;
    return number <= UINT16_MAX;
}

static const struct candidate *find_cpu(const struct placement *p, const struct candidate *all,
                                        u32 cpu) {
    for (u32 i = 0; i < p->cpu_count; i++)
        if (all[i].seat.cpu == cpu) return &all[i];
    return NULL;
}

/* "0,2-5" into the seats of `listed`, which has room for every cpu once. */
static int read_list(const struct placement *p, const struct candidate *all, const char *list,
                     struct placement_seat *listed, u32 *count) {
    for (const char *at = list;; at++) {
        u32 first, last;
        if (!take_number(&at, &first)) break;
        last = first;
        if (*at == '-' && (at++, !take_number(&at, &last))) break;
        if (last < first || (*at && *at != ',')) break;
        for (u32 cpu = first; cpu <= last; cpu++) {
            const struct candidate *found = find_cpu(p, all, cpu);
            if (!found)
                return error_set(0, "there is no cpu %u in this topology that may be used", cpu);
            for (u32 i = 0; i < *count; i++)
                if (listed[i].cpu == cpu) return error_set(0, "cpu %u is listed twice", cpu);
            listed[(*count)++] = found->seat;
        }
        if (!*at) return 0;
    }
    return error_set(0, "\"%s\" is no list of cores; write for example 0,2-5", list);
}

static int choose(struct placement *p, const char *cores, u32 workers) {
    struct candidate *all = find_candidates(p);
    struct placement_seat *chosen = calloc(p->cpu_count + 1, sizeof *chosen);
    ENSURE(chosen);
    u32 count = 0;
    int failed = 0;
    if (cores)
        failed = read_list(p, all, cores, chosen, &count);
    else
        for (; count < p->cpu_count; count++) chosen[count] = all[count].seat;
    if (!failed && !count) failed = error_set(0, "this process may use no cpu");
    p->worker_count = workers ? workers : cores ? count : p->core_count;
    if (!failed) {
        p->seats = calloc(p->worker_count, sizeof *p->seats);
        ENSURE(p->seats);
        for (u32 w = 0; w < p->worker_count; w++) p->seats[w] = chosen[w % count];
    }
    free(chosen);
    free(all);
    return failed;
}

int placement_init(struct placement *p, const char *topology, const char *cores, u32 workers) {
    *p = (struct placement){ 0 };
    ENSURE(hwloc_topology_init(&p->topology) == 0);
    if (topology && hwloc_topology_set_synthetic(p->topology, topology) < 0) {
        placement_fini(p);
        return error_set(0, "\"%s\" describes no machine; write for example node:2 core:16 pu:2",
                         topology);
    }
    if (hwloc_topology_load(p->topology) < 0) {
        int number = errno;
        placement_fini(p);
        return error_set(number, "find out about the machine's cores");
    }
    p->here = hwloc_topology_is_thissystem(p->topology);
    if (choose(p, cores, workers) == 0) return 0;
    placement_fini(p);
    return -1;
}

void placement_fini(struct placement *p) {
    if (p->topology) hwloc_topology_destroy(p->topology);
    free(p->seats);
    *p = (struct placement){ 0 };
}

i64 placement_worker(const struct placement *p, u32 workers, struct placement_wish wish, u32 stage,
                     u32 tasks, u32 nth) {
    u32 may[workers], count = 0;
    for (u32 w = 0; w < workers; w++) {
        bool core = wish.core < 0 || (p && p->seats[w].core == (u32)wish.core);
        bool node = wish.node < 0 || (p && p->seats[w].node == (u32)wish.node);
        if (core && node) may[count++] = w;
    }
    if (!count) return -1;
    return may[tasks == 1 ? stage % count : (u64)nth * count / tasks];
}

int placement_bind(const struct placement *p, u32 worker) {
    ENSURE(worker < p->worker_count);
    if (!p->here) return 0;
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    ENSURE(set);
    hwloc_bitmap_only(set, p->seats[worker].cpu);
    int failed = hwloc_set_cpubind(p->topology, set, HWLOC_CPUBIND_THREAD) < 0 ? errno : 0;
    hwloc_bitmap_free(set);
    return failed ? error_set(failed, "pin worker %u to cpu %u", worker, p->seats[worker].cpu) : 0;
}

void *placement_alloc(const struct placement *p, u32 worker, u64 size) {
    ENSURE(worker < p->worker_count);
    void *at = env_huge_alloc(size);
    if (!at || !p->here || p->node_count < 2) return at;
    hwloc_bitmap_t node = hwloc_bitmap_alloc();
    ENSURE(node);
    hwloc_bitmap_only(node, p->seats[worker].node);
    /* Not touched yet, so nothing has to move. Where it is forbidden, any node serves. */
    (void)hwloc_set_area_membind(p->topology, at, size, node, HWLOC_MEMBIND_BIND,
                                 HWLOC_MEMBIND_BYNODESET);
    hwloc_bitmap_free(node);
    return at;
}

void placement_free(void *at, u64 size) {
    env_huge_free(at, size);
}

static const char *plural(u32 n) {
    return n == 1 ? "" : "s";
}

void placement_print(const struct placement *p, struct text_buf *to) {
    text_buf_printf(to, "%u node%s, %u core%s, %u cpu%s%s\n", p->node_count, plural(p->node_count),
                    p->core_count, plural(p->core_count), p->cpu_count, plural(p->cpu_count),
                    p->here ? "" : " (not this machine: nothing is pinned)");
    for (u32 w = 0; w < p->worker_count; w++) {
        const struct placement_seat *seat = &p->seats[w];
        text_buf_printf(to, "worker %u: cpu %u, core %u, node %u", w, seat->cpu, seat->core,
                        seat->node);
        /* Shard s of p tasks is task s * p / SHARDS's. */
        u32 first = (w * SHARDS + p->worker_count - 1) / p->worker_count;
        u32 end = ((w + 1) * SHARDS + p->worker_count - 1) / p->worker_count;
        if (first < end)
            text_buf_printf(to, ", shards %u-%u\n", first, end - 1);
        else
            text_buf_str(to, ", no shards\n");
    }
}
