/* A job goes on from a snapshot: the other half of snapshot_save.h. Whatever number of tasks wrote
   it: each new task takes over its shards from whichever image holds them. */
#ifndef RUNTIME_EXEC_SNAPSHOT_RESTORE_H
#define RUNTIME_EXEC_SNAPSHOT_RESTORE_H

#include "runtime/exec/engine.h"

/* What a snapshot says about its job, before anything else is made of it. */
struct snapshot_job {
    struct str name, run;
    u64 hash_key;
    bool finished;        /* all its input has ended: there is nothing to go on with */
    struct unpack params; /* how many, then the name and text of each */
};

/* -1 with an error trail. The texts are the snapshot's. */
int snapshot_read_job(const struct snapshot *from, struct snapshot_job *out);

/* First of all: the run's hash key and name, from the snapshot if there is one; refused (-1 with an
   error trail) if it is another job's, or params differ. Main thread, as is the other. */
int engine_restore_job(struct engine *e);

/* Last of all, before the first step: state, watermarks, places of sources, counts; sinks finish
   what the snapshot says. Without a snapshot, sinks begin. */
int engine_restore(struct engine *e);
int engine_recover_sinks(struct engine *e); /* the last part of it */

#endif
