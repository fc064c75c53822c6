/* The engine runs one loaded job: it opens what the job names, gives each stage its tasks and each
   task its worker, lays rings between them, and lets the workers step until the sequence is over.
   All calls are the main thread's, but engine_stop.

       engine_build > engine_start > (engine_wait, engine_stats)... > engine_finish > engine_close

   A simulator does not start workers: it steps engine->tasks itself. */
#ifndef RUNTIME_EXEC_ENGINE_H
#define RUNTIME_EXEC_ENGINE_H

#include "runtime/exec/options.h"
#include "runtime/exec/placement.h"
#include "runtime/exec/run.h"

struct task;
struct worker;

struct engine_config {
    struct env *env;
    u32 workers;                       /* -p, at least 1 */
    const struct placement *placement; /* of as many workers; null: no worker is pinned */
    bool watched;                      /* metrics stand where other processes can attach to them */
    bool rings;                        /* also where the job could be fused */
    u64 memory_bytes;                  /* the limit; 0: none */
    struct param_values params;
    const struct source_ops *(*source)(const char *connector); /* null: unknown */
    const struct sink_ops *(*sink)(const char *connector);
    /* 0: the product's own. They change no result, but for morsel_bytes and lookback
     * (architecture.md 3). */
    u64 morsel_bytes;
    u32 ring_slots, slot_bytes, control_room;
    u32 window, lookback;
    u32 ring_start; /* where the rings' counters begin */
};

struct engine {
    struct run run;
    struct arena arena;
    struct engine_config config;
    struct task **tasks; /* stages in topological order, then producers */
    u32 task_count;
    u32 *stage_tasks, *stage_first; /* by stage: how many, and which is the first of tasks */
    u32 *producer_first;            /* by island */
    struct worker *workers;
    void **blocks; /* memory of rings, by worker */
    u64 *block_bytes;
    u32 engine_cells;    /* the engine's writer number in the metrics */
    _Atomic u32 gate;    /* enum gate: workers wait at it until all are there */
    _Atomic u32 running; /* workers that are not done */
    bool started;
};

/* Null with an error trail. */
struct engine *engine_build(const struct job *job, const struct engine_config *config);

int engine_start(struct engine *e);

/* True: all is done. False: not yet; the time is over, or something happened. */
bool engine_wait(struct engine *e, i64 timeout_ns);

/* Stop reading; what was read is finished, no open window fires. Any thread. */
void engine_stop(struct engine *e);

/* After engine_wait said so: ends threads, finishes sinks. -1 with the trail of the error at the
   least place of the sequence, if there was one. */
int engine_finish(struct engine *e);
void engine_close(struct engine *e);

/* ---- what it has done, at any time ---- */

struct engine_stats {
    u64 rows_in, late, malformed;
    u64 rows_out; /* taken by sinks, blackholes too */
    u64 bytes_in, bytes_total; /* total: 0 if some source does not know */
    u64 open_rows;             /* rows in windows that did not fire: after engine_wait */
    u64 memory[BUDGET_OWNERS], memory_used;
    i64 watermark; /* the greatest time that all sources with a time have passed */
    i64 ran_ns;    /* from the first row to the last so far */
};
void engine_stats(struct engine *e, struct engine_stats *out);

/* Of one source or stage. */
struct chain_counts engine_source_counts(struct engine *e, u32 source);
struct chain_counts engine_stage_counts(struct engine *e, u32 stage);
u64 engine_blackhole_rows(struct engine *e, u32 blackhole);

#endif
