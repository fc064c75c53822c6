/* How a job is watched: numbers in a segment of shared memory that others can attach to while it
   runs, and that costs the job a store now and then.

   What there is to see is the catalogue metrics.def. Each writer (a task; and the engine, which is
   the last) has a block of cells of its own on lines of its own: one cell for each metric of the
   job, of each source, stage and blackhole. A cell has one writer, so adding is a load and a store;
   a reader folds the cells of all writers into one value. All accesses are relaxed: a reader sees
   values that were true a moment ago, each by itself. */
#ifndef RUNTIME_METRICS_METRICS_H
#define RUNTIME_METRICS_METRICS_H

#include "runtime/base/base.h"

#include <stdatomic.h>

enum metrics_kind { METRICS_JOB, METRICS_SOURCE, METRICS_STAGE, METRICS_BLACKHOLE, METRICS_KINDS };

struct metrics_job {
#define JOB_METRIC(name, fold, unit, help) _Atomic i64 name;
#include "runtime/metrics/metrics.def"
};

struct metrics_source {
#define SOURCE_METRIC(name, fold, unit, help) _Atomic i64 name;
#include "runtime/metrics/metrics.def"
};

struct metrics_stage {
#define STAGE_METRIC(name, fold, unit, help) _Atomic i64 name;
#include "runtime/metrics/metrics.def"
};

struct metrics_blackhole {
#define BLACKHOLE_METRIC(name, fold, unit, help) _Atomic i64 name;
#include "runtime/metrics/metrics.def"
};

/* METRIC_SOURCE_rows_in and so on, in the order of the catalogue. */
enum metric {
#define JOB_METRIC(name, fold, unit, help) METRIC_JOB_##name,
#define SOURCE_METRIC(name, fold, unit, help) METRIC_SOURCE_##name,
#define STAGE_METRIC(name, fold, unit, help) METRIC_STAGE_##name,
#define BLACKHOLE_METRIC(name, fold, unit, help) METRIC_BLACKHOLE_##name,
#include "runtime/metrics/metrics.def"
    METRICS_COUNT
};

enum metrics_fold {
    METRICS_FOLD_SUM,
    METRICS_FOLD_LEAST,    /* TIME_FOREVER until somebody set it */
    METRICS_FOLD_GREATEST, /* TIME_NEVER until somebody set it */
};

struct metric_info {
    const char *name, *unit, *help;
    enum metrics_kind kind;
    enum metrics_fold fold;
    u32 offset; /* in the struct of its kind */
};

extern const struct metric_info metric_infos[METRICS_COUNT];

/* What the segment is made for. names[kind][0 .. counts[kind]); of the job, one name. */
struct metrics_shape {
    const char *const *names[METRICS_KINDS];
    u32 counts[METRICS_KINDS];
    u32 writers;
};

struct metrics; /* the segment's first bytes */

/* ---- the job ---- */

/* Makes the segment, as /dev/shm/millrace-<pid> if `shared`; where there is none to be had, or not
   shared, the memory is this process's own. Null with an error trail. Main thread. */
struct metrics *metrics_open(const struct metrics_shape *shape, bool shared);
void metrics_close(struct metrics *m);

/* A writer's cells of source (stage, blackhole) 0; those of the next ones follow. The writer's
   thread only. */
struct metrics_job *metrics_job(struct metrics *m, u32 writer);
struct metrics_source *metrics_sources(struct metrics *m, u32 writer);
struct metrics_stage *metrics_stages(struct metrics *m, u32 writer);
struct metrics_blackhole *metrics_blackholes(struct metrics *m, u32 writer);

ALWAYS_INLINE void metrics_set(_Atomic i64 *cell, i64 value) {
    atomic_store_explicit(cell, value, memory_order_relaxed);
}

ALWAYS_INLINE void metrics_add(_Atomic i64 *cell, i64 more) {
    metrics_set(cell, atomic_load_explicit(cell, memory_order_relaxed) + more);
}

/* ---- whoever watches ---- */

/* The segment of a running job, for reading; null with an error trail: there is none, or it is of
   another version. */
const struct metrics *metrics_attach(u32 pid);
void metrics_detach(const struct metrics *m);

u32 metrics_count(const struct metrics *m, enum metrics_kind kind);
const char *metrics_name(const struct metrics *m, enum metrics_kind kind, u32 number);

/* The value of all writers together, of the job (number 0) or of a source, stage, blackhole. */
i64 metrics_read(const struct metrics *m, enum metric metric, u32 number);

#endif
