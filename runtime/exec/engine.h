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
struct store;
struct snapshot;

/* ---- snapshots ---- */

enum snapshot_kind {
    SNAPSHOT_PERIODIC,
    SNAPSHOT_SAVEPOINT,
    SNAPSHOT_LAST, /* at the end of the input, or when the job was stopped */
};

/* One that was tried. */
struct snapshot_event {
    u64 number;
    enum snapshot_kind kind;
    bool failed;
    const char *why; /* it failed; else null */
    u64 bytes;       /* written */
    i64 stamp;       /* wall clock of its barrier */
    i64 took_ns;     /* from then to its commit, or its end */
    i64 pause_ns;    /* the longest time that it took from the rows of a task at once */
};

struct engine_snapshots {
    struct store *store;         /* null: nothing is saved. The caller's, until engine_close */
    const struct snapshot *from; /* goes on from this; null: from the beginning */
    i64 every_ns;                /* 0: only when the job stops */
    i64 timeout_ns;              /* a snapshot that takes longer is given up; 0: 10 minutes */
    i64 pause_ns;                /* at least, from the end of one to the next */
    u32 failures;                /* in a row, that are borne; 0: 10 */
    u32 retained;                /* snapshots kept; 0: 3 */
    bool accept_duplicates;      /* output that is there already may be written again */
    const char *logs;            /* the folder for logs of what cannot be read again; null: none */
    bool fresh;                  /* `from` nothing by choice: logs begin behind what is in them */
    const char *const *dropped;  /* stages and sinks whose state is not taken over */
    u32 dropped_count;
    void (*event)(void *arg,
                  const struct snapshot_event *event); /* on the snapshot thread; or null */
    void *event_arg;
};

/* Asks for a savepoint: a snapshot of its own in `folder`, or (null) one more of the job's. Kept by
   the caller until it is done. */
struct snapshot_request {
    const char *folder;
    _Atomic u32 done; /* 1: the answer is there; wakes (env_park) */
    bool failed;
    u64 number;
    char why[512];
    struct snapshot_request *next; /* the engine's */
};

struct engine_config {
    struct env *env;
    u32 workers;                       /* -p, at least 1 */
    const struct placement *placement; /* of as many workers; null: no worker is pinned */
    bool watched;                      /* metrics stand where other processes can attach to them */
    bool rings;                        /* also where the job could be fused */
    u64 memory_bytes;                  /* the limit; 0: none */
    u64 hash_key; /* by which keys are spread, unless a snapshot has one; 0: made of the job's name
                   */
    struct param_values params;
    const struct source_ops *(*source)(const char *connector); /* null: unknown */
    const struct sink_ops *(*sink)(const char *connector);
    /* 0: the product's own. They change no result, but for morsel_bytes and lookback
     * (architecture.md 3). */
    u64 morsel_bytes;
    u32 ring_slots, slot_bytes, control_room;
    u32 window, lookback;
    u32 ring_start; /* where the rings' counters begin */
    struct engine_snapshots snapshots;
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
    char run_name[17]; /* what names this run and those that go on from it: hexadecimal */
};

/* Null with an error trail. */
struct engine *engine_build(const struct job *job, const struct engine_config *config);

/* Of a job whose snapshot (config->snapshots.from) says that it has finished: its sinks commit what
   they had not committed when the process ended; nothing is read, nothing is run. -1 with an error
   trail. */
int engine_recover(const struct job *job, const struct engine_config *config);

int engine_start(struct engine *e);

/* True: all is done. False: not yet; the time is over, or something happened. */
bool engine_wait(struct engine *e, i64 timeout_ns);

/* Stop reading; what was read is finished, no open window fires. With snapshots, a last one is
   taken. Any thread. */
void engine_stop(struct engine *e);

/* The same, but as if all input ended here: windows fire, and the job is finished. Any thread. */
void engine_drain(struct engine *e);

/* Takes a savepoint, beside the job's own snapshots. Any thread; only with snapshots. */
void engine_savepoint(struct engine *e, struct snapshot_request *request);

/* After engine_wait said so: ends threads, finishes sinks. -1 with the trail of the error at the
   least place of the sequence, if there was one. */
int engine_finish(struct engine *e);
void engine_close(struct engine *e);

/* ---- what it has done, at any time ---- */

struct engine_stats {
    u64 rows_in, late, malformed, ahead;
    u64 rows_out;              /* taken by sinks, blackholes too */
    u64 bytes_in, bytes_total; /* total: 0 if some source does not know */
    u64 open_rows;             /* rows in windows that did not fire: after engine_wait */
    u64 memory[BUDGET_OWNERS], memory_used;
    i64 watermark; /* the greatest time that all sources with a time have passed */
    i64 ran_ns;    /* from the first row to the last so far */
};
void engine_stats(struct engine *e, struct engine_stats *out);

/* How far time has come by one source. */
struct engine_time {
    bool timed;              /* a watermark is made of its rows, while they come */
    enum source_state state; /* only what is active holds time back */
    i64 watermark;           /* TIME_NEVER: none yet */
};
struct engine_time engine_source_time(struct engine *e, u32 source);

/* Of one source or stage. */
struct chain_counts engine_source_counts(struct engine *e, u32 source);
struct chain_counts engine_stage_counts(struct engine *e, u32 stage);
u64 engine_blackhole_rows(struct engine *e, u32 blackhole);

#endif
