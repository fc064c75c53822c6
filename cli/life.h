/* How a job goes on: where its state lies, what is set for its snapshots, and with which of them a
   run begins. Main thread. */
#ifndef CLI_LIFE_H
#define CLI_LIFE_H

#include "cli/run_request.h"
#include "runtime/base/arena.h"
#include "runtime/exec/engine.h"
#include "runtime/exec/options.h"
#include "runtime/job.h"
#include "runtime/snapshot/store.h"

struct life {
    struct job_snapshots settings; /* of the job, as the command line has it */
    struct arena arena;
    const char *dir;         /* where the state lies; null: there are no snapshots */
    struct store *store;     /* locked; null: there are no snapshots */
    struct store *savepoint; /* where `from` lies, if elsewhere */
    struct snapshot *from;   /* what the run begins with; null: nothing */
    bool finished;           /* it is the end of a job: there is nothing to do */
    bool warned;             /* the compiler has told which sinks are at least once */
};

/* Opens the state folder if there are to be snapshots, and loads what to begin with. 0, or the exit
   status after saying why; life_close in any case. */
int life_open(struct life *l, struct env *env, const struct job *job,
              const struct run_request *request);

/* Nothing of what the run begins with is lost, but what may be; tells with what it begins. Else
   tells what would be lost, and returns EXIT_UNSAFE. */
int life_check(struct life *l, const struct job *job, const struct param_values *params,
               const struct run_request *request);

/* That there is nothing to do, and how to begin anew. */
void life_tell_finished(struct life *l, const struct job *job);

/* Which sinks and sources promise less than exactly once. */
void life_tell_promises(const struct life *l, struct engine *e);

void life_close(struct life *l);

#endif
