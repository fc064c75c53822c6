/* What a job says of its snapshots; the command line may override it. The names are those of `set`.
 */
#ifndef RUNTIME_SNAPSHOT_SETTINGS_H
#define RUNTIME_SNAPSHOT_SETTINGS_H

#include "runtime/base/base.h"

enum job_guarantee { JOB_GUARANTEE_UNSET, JOB_AT_LEAST_ONCE, JOB_EXACTLY_ONCE };
struct job_snapshots {
    i64 every_ns; /* 0: none are taken */
    enum job_guarantee guarantee;
    i64 timeout_ns; /* one that takes longer is given up */
    i64 pause_ns;   /* at least between the end of one and the beginning of the next */
    u32 failures;   /* in a row that are borne; one more stops the job */
    u32 retain;     /* how many are kept */
};

#endif
