/* Which worker runs where: one thread a core, pinned, with memory of its node. A placement is
   chosen once, before the start, from the machine's topology or from one that is only described
   ("node:2 core:16 pu:2"), on which nothing is pinned. The only file that knows hwloc is
   placement.c.

   A cpu is what the system numbers and pins to; a core has one or several; a node has cores and
   memory. */
#ifndef RUNTIME_EXEC_PLACEMENT_H
#define RUNTIME_EXEC_PLACEMENT_H

#include "runtime/base/base.h"
#include "runtime/base/text_buf.h"

struct hwloc_topology;

struct placement_seat {
    u32 cpu;  /* as the system numbers them: what --cores names */
    u32 core; /* counted from 0, node by node */
    u32 node; /* as the system numbers them */
};

struct placement {
    struct hwloc_topology *topology;
    bool here;                    /* it is this machine's */
    struct placement_seat *seats; /* by worker */
    u32 worker_count;
    u32 node_count, core_count, cpu_count; /* that this process may use */
};

/* Chooses seats. topology: null for this machine. cores: a list of cpus as "0,2-5", in the order of
   the workers; null: a cpu of each core first, node by node, then the others. workers: 0 for one a
   core, or one for each that is listed; more workers than cpus share them in turn. -1 with an error
   trail: the list or the description is wrong. */
int placement_init(struct placement *p, const char *topology, const char *cores, u32 workers);
void placement_fini(struct placement *p);

/* Where the tasks of a stage may run: -1 is anywhere. */
struct placement_wish {
    i32 core, node;
};

/* The worker (of `workers`) of task `nth` of the `tasks` of a stage: nth * workers / tasks of those
   where the stage may run, so neighbouring shards stay together; single tasks take turns by the
   stage's number. p may be null: no worker has a seat. -1: the stage may run nowhere. */
i64 placement_worker(const struct placement *p, u32 workers, struct placement_wish wish, u32 stage,
                     u32 tasks, u32 nth);

/* Pins the calling thread to the worker's cpu; does nothing if the topology is not this
   machine's. */
int placement_bind(const struct placement *p, u32 worker);

/* Zeroed memory of the worker's node, on huge pages where there are any; null with an error
   trail. */
void *placement_alloc(const struct placement *p, u32 worker, u64 size);
void placement_free(void *at, u64 size);

/* A line for the machine and a line a worker, with the shards of its tasks. */
void placement_print(const struct placement *p, struct text_buf *to);

#endif
