/* What becomes of what a snapshot holds in a job that may have changed since: found again by name
   (`was` included), never by place. Before anything of it is used. */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include "runtime/base/arena.h"
#include "runtime/exec/options.h"
#include "runtime/snapshot/store.h"

#include <stdio.h>

enum fate {
    FATE_KEEP,    /* as it is */
    FATE_MIGRATE, /* carried over into another form */
    FATE_REBUILD, /* new: begins empty */
    FATE_DROP,    /* would be lost: has to be named */
    FATE_REFUSE,  /* there is no going on with this */
};
const char *fate_name(enum fate fate);
bool fate_is_loss(enum fate fate);

struct finding {
    const char *kind; /* "stage", "source", "sink", "param", "job" */
    const char *name; /* in the job; of what it has not, in the snapshot */
    enum fate fate;
    const char *why; /* lines; "": nothing to say */
};

struct comparison {
    struct finding *at;
    u32 count;
};

/* A line, and its reasons below. */
void print_finding(const struct finding *f, FILE *to);

/* All of it in the arena; first what is refused in general, then sources, stages, sinks as the job
   has them, then those that it has not. -1 with an error trail: the snapshot cannot be read. */
int compare_job(const struct snapshot *from, const struct job *job,
                const struct param_values *params, struct arena *arena, struct comparison *out);

#endif
