/* What a job counts, by number of source, stage and blackhole: of a task, or of all that has ever
   run. In a snapshot it is as of the barrier, so a row is counted once, however often it is read.
 */
#ifndef RUNTIME_EXEC_COUNTS_H
#define RUNTIME_EXEC_COUNTS_H

#include "runtime/base/pack.h"
#include "runtime/job.h"

struct run_counts {
    struct chain_counts *sources, *stages;
    u64 *bytes_in; /* by source */
    u64 *holes;    /* rows, by blackhole */
};

/* All zero. */
void run_counts_init(struct run_counts *c, const struct job *job);
void run_counts_fini(struct run_counts *c);

void run_counts_add(struct run_counts *to, const struct run_counts *more, const struct job *job);

/* By names; what the job does not have any more is left out. */
void run_counts_pack(const struct run_counts *c, const struct job *job, struct pack *to);
void run_counts_unpack(struct run_counts *c, const struct job *job, struct unpack *from);

#endif
