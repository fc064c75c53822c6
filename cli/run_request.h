/* What `millrace run` was asked for. */
#ifndef CLI_RUN_REQUEST_H
#define CLI_RUN_REQUEST_H

#include "cli/commands.h"
#include "dsl/check.h"

#define DROPS_MAX 64u

struct run_request {
    const char *path, *cores, *stats, *events;
    u64 workers, memory_bytes;
    bool random_hash_key;
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count;
    /* ---- life ---- */
    const char *state, *from;
    i64 every_ns; /* 0: as the job says */
    bool no_snapshots;
    enum job_guarantee guarantee; /* unset: as the job says */
    bool fresh, accept_duplicates;
    const char *drops[DROPS_MAX]; /* stages, sources, sinks whose state may be lost */
    u32 drop_count;
};

/* 0; -1: help was shown; else the exit status. */
int run_request_read(int argc, char **argv, struct run_request *r);

#endif
