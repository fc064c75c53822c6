/* A task is one of the parallel instances of a chain, as a state machine: task_step does a bounded
   piece of work, says how much it did, and never blocks. There are three kinds. A producer takes
   tickets of any source of its island and decodes a whole morsel at the next step. A stage task
   reads its inlet, morsel after morsel (R2). A fused task is a whole island: its morsels run
   through all stages by calls.

   R3 is kept here: a task starts or skips a morsel, and takes a ticket, only while none of its
   outlets is full; inside a morsel it never waits for room. One worker at a time steps a task. */
#ifndef RUNTIME_EXEC_TASK_H
#define RUNTIME_EXEC_TASK_H

#include "runtime/edge/gather.h"
#include "runtime/edge/inlet.h"
#include "runtime/exec/run.h"
#include "runtime/metrics/metrics.h"

enum task_kind { TASK_PRODUCER, TASK_STAGE, TASK_FUSED };

struct task {
    enum task_kind kind;
    struct run *run;
    struct island *island;
    u32 number;         /* among all tasks */
    u32 worker;         /* who steps it */
    u32 stage;          /* TASK_STAGE */
    u32 nth;            /* of the stage; which producer of the island */
    bool done;          /* it will never have anything to do again */
    bool inside;        /* a morsel was started (its ticket taken) and is not finished */
    struct arena arena; /* its small things */
    struct chain chain;
    const u32 *writes; /* edges that it sends to */
    u32 write_count;
    void **states;          /* what chain.states is: by stage */
    struct fine *fine;      /* what chain.fine is: by stage (exec/fine.h, as are the next two) */
    i64 *prefix;            /* by stage and source: its watermark before the morsel at hand */
    struct gather *gathers; /* by stage: what came to it in this phase */
    struct combine *combines;
    struct metrics_job *job_cells; /* what it has counted, for others to read */
    struct metrics_source *source_cells;
    struct metrics_stage *stage_cells;
    struct metrics_blackhole *hole_cells;
    bool wrote;       /* a sink took something since the cells were set */
    bool told_memory; /* the budget's end was reported */

    /* producers and fused tasks: the morsel at hand */
    struct ticket ticket;
    i64 marked[1 + JOB_TIMES_MAX]; /* the greatest boundary that was marked: of the source, and of
                                      its times */
    i64 told;                      /* W of the source, as its ticket has it */
    bool broken;                   /* an error stopped the morsel */
    struct finished_morsel last;
    bool told_end; /* the snapshot thread knows that nothing is left to read */
    i64 again_ns;  /* by this wall clock it has to be stepped, though nothing wakes it */

    struct silence silence; /* what it knows of the sources of its island, from tickets */

    u64 barriers;  /* met */
    bool sweeping; /* not all that the last one found changed has been copied */
    u32 ahead;     /* granules that are copied before more rows are taken */
    i64 pause_ns;  /* the longest time that the last one took from rows at once */

    const struct run_source *table_source; /* before the start: the table that is being loaded */

    /* stage tasks */
    struct inlet inlet;
    u64 next; /* morsel */
    struct progress *finished;

    /* fused tasks */
    i64 *stage_w; /* by stage */
    i64 *edge_w;  /* by edge: the watermark that came in by it */
};

/* Work done; 0: nothing to do now. */
u32 task_step(struct task *t);

/* What a fine stage knows of the sources, by number. A source may have several times (struct
   job_time), but a stage sees one of them. */
static inline i64 *task_prefix(const struct task *t, u32 stage) {
    return &t->prefix[stage * t->run->job->source_count];
}

/* Where a task keeps what it remembers for a stage; null if that is nothing. */
static inline struct region *task_region(const struct task *t, u32 stage) {
    return t->states[stage] ? t->run->job->stages[stage].keeper->region(t->states[stage]) : NULL;
}

/* The task stands still, for ever. Rows in windows that did not fire; bytes of state. */
u64 task_open_rows(const struct task *t);

/* ---- for the kinds of tasks ---- */

u32 producer_step(struct task *t);
u32 stage_step(struct task *t);
u32 fused_step(struct task *t);

/* A mark of the source whose morsel is at hand, to all its readers: MARK, FINISHED or END. */
void producer_mark(struct task *t, enum control_kind kind);
/* What such a mark says by an edge from the source: its watermark, and how far time has come. */
struct edge_mark {
    i64 payload, exact;
};
struct edge_mark edge_mark(const struct task *t, const struct job_edge *edge,
                           enum control_kind kind);
void fused_mark(struct task *t, enum control_kind kind);
/* Its morsel begins. */
void fused_begin(struct task *t);

/* Takes the next ticket and decodes it: shared by producers and fused tasks. */
u32 morsel_step(struct task *t);

u32 task_pump(struct task *t);
bool task_is_full(const struct task *t);
/* The task is at a barrier: everything before it is in what the task remembers, nothing behind it.
   That is packed, copied or noted to be copied, and the task goes on (barrier.c). */
void task_barrier(struct task *t);
/* Copies some of what the barrier found changed. 0: nothing to do now. */
u32 task_sweep(struct task *t);
/* Right behind a barrier, before a morsel is begun: the same. */
u32 task_sweep_ahead(struct task *t);

/* The sink of this stage takes bytes; what fails is kept as the job's error. */
void task_sink(struct task *t, u32 stage, const u8 *at, u64 size);
/* What the sink was given is with the system. 0: there was nothing to do. */
u32 task_flush(struct task *t, u32 stage);
/* At the end of each morsel: counters move to where others read them, and the budget is looked at.
 */
void task_settle(struct task *t);

#endif
