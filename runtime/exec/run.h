/* What the tasks of a running job share. Made by the engine before the first task steps; after that
   only what is atomic in it changes (and what is behind the lock of a sequence). */
#ifndef RUNTIME_EXEC_RUN_H
#define RUNTIME_EXEC_RUN_H

#include "runtime/base/budget.h"
#include "runtime/edge/waiter.h"
#include "runtime/exec/counts.h"
#include "runtime/exec/failure.h"
#include "runtime/exec/graph.h"
#include "runtime/exec/sequence.h"
#include "runtime/job.h"
#include "runtime/stage/sink.h"

struct run_source {
    const struct source_ops *ops;
    void *self;
    struct watch *watch; /* of a stream; else null */
};

/* A sink's own, by stage: one task uses it. */
struct run_sink {
    const struct sink_ops *ops;
    void *self;
    bool exact; /* rows are sealed, and seen with the snapshot that holds them */
    bool unflushed, broken;
};

struct island {
    u32 number;
    struct sequence sequence;
    _Atomic u64 failed_at; /* the least morsel with an error: sinks take nothing of later ones */
};

struct run {
    const struct job *job;
    enum job_variant variant;
    struct env *env;
    struct graph graph;
    struct budget budget;
    struct failure failure;
    u64 hash_key;
    struct run_source *sources;
    struct run_sink *sinks; /* by stage */
    struct island *islands;
    struct window_spec *windows; /* by stage: as in the job, with their calendars */
    struct calendar *calendars;  /* of windows, by stage */
    struct table *tables;
    const struct table **table_list;
    struct regex **regexes;
    struct waiter *waiters; /* by worker */
    u32 worker_count;
    struct snapshotter *snapshotter; /* null: nothing is saved */
    struct run_counts before; /* what was counted until the snapshot that this goes on from */
    struct metrics *metrics;  /* a writer a task, and the engine */
};

/* Something changed that anybody may wait for: a ticket, a finished morsel, a command. After the
 * publication. */
static inline void run_notify_all(struct run *r) {
    for (u32 i = 0; i < r->worker_count; i++) waiter_notify(&r->waiters[i], r->env);
}

/* No more tickets, in any island; what was issued is finished. Any thread. */
void run_stop(struct run *r);

/* This thread's error trail happened at a place of the island's sequence: it is kept if it is the
   first, and the job stops. Any thread. */
void run_fail(struct run *r, struct island *island, u64 morsel, u32 position);

#endif
