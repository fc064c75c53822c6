/* What a task hands to the snapshot thread (snapshotter.h) at a barrier: its *cut*. Everything
   small is packed at once; keyed state is only marked, and follows in chunks of granules, copied
   before they are written again or by a sweep between steps. Then the task says that it has swept.
   Messages are the task's until they are posted, then the snapshot thread's, which frees them. */
#ifndef RUNTIME_EXEC_BARRIER_H
#define RUNTIME_EXEC_BARRIER_H

#include "runtime/base/mailbox.h"
#include "runtime/base/pack.h"
#include "runtime/exec/counts.h"
#include "runtime/exec/task.h"

enum message_kind { MESSAGE_CUT, MESSAGE_GRANULES, MESSAGE_SWEPT, MESSAGE_REQUEST, MESSAGE_LOOK };

struct message {
    struct mailbox_node node; /* first */
    enum message_kind kind;
    union {
        struct granule_chunk *chunk; /* GRANULES */
        struct {
            i64 pause_ns;
            bool whole;
        } swept;                          /* SWEPT: see snapshotter_swept */
        struct snapshot_request *request; /* REQUEST */
    };
};

/* Of one stage in a task. */
struct stage_cut {
    u32 stage;
    bool sink;            /* pending is that of its sink */
    u32 region, granules; /* what remembers: which image, and how large it is */
    struct pack times; /* the stage's watermark and those of its inputs, in order; its fine time */
    struct pack state; /* as its keeper packs it; else empty */
    struct pack pending; /* as the sink packs it; else empty */
};

struct task_cut {
    struct message message;
    const struct task *task;
    struct finished_morsel last; /* producers */
    struct stage_cut *stages;
    u32 stage_count;
    struct run_counts counts;
};

void task_cut_free(struct task_cut *cut);

#endif
