/* A case of the oracle: a folder with job.flow and its inputs, compiled and opened in this process.
   The job's params are files in the folder: `NAME_out` is written, any other NAME is read from
   NAME.csv. */
#ifndef TESTS_ORACLE_CASE_JOB_H
#define TESTS_ORACLE_CASE_JOB_H

#include "runtime/exec/loader.h"
#include "runtime/job.h"
#include "runtime/stage/source.h"

#define CASE_PARAMS 16u
#define CASE_PATH 1024u

struct case_job {
    const char *folder;
    struct loaded_job loaded;
    const struct job *job;
    struct bound_option params[CASE_PARAMS]; /* by number of the job's params */
    char paths[CASE_PARAMS][CASE_PATH];
};

/* flags: more words for the C compiler, or null. -1 with an error trail, or after the compiler's
 * diagnostics. */
int case_job_open(struct case_job *c, const char *folder, const char *flags);
void case_job_close(struct case_job *c);

/* Is this param a file that the job writes? */
bool case_job_writes(const struct case_job *c, u32 param);

#endif
