/* The snapshot thread: decides when there is a snapshot, asks every island for a barrier, takes the
   tasks' cuts (barrier.h) and granules, writes them, commits, and lets sinks commit
   (architecture.md 7). One snapshot is under way at a time.

       idle > cutting: cuts and granules come in > committing > idle
                     > given up: what still comes is dropped > idle

   It is a state machine, like a task: snapshotter_step does what can be done now and never waits
   for a task. A thread steps it in production, the simulator steps it between the steps of tasks.

   A snapshot that fails, or comes too late, is given up, not the job; what it held joins the next.
   So many failures in a row end the job. With snapshots, a job is over when its last snapshot is
   committed: at the end of its input, or when it was stopped. */
#ifndef RUNTIME_EXEC_SNAPSHOTTER_H
#define RUNTIME_EXEC_SNAPSHOTTER_H

#include "runtime/base/mailbox.h"
#include "runtime/exec/barrier.h"
#include "runtime/exec/engine.h"
#include "runtime/snapshot/store.h"
#include "runtime/state/region.h"

/* What the barrier under way means. It does not change until all tasks have met it. */
struct snapshot_order {
    u64 number;
    i64 stamp;  /* wall clock */
    bool close; /* sinks leave nothing open */
};

struct snapshotter;

/* The run's tasks are there, and restored. Never fails. Main thread, as are the others up to
   snapshotter_close. */
struct snapshotter *snapshotter_open(struct engine *e);
int snapshotter_start(struct snapshotter *s); /* its thread */

/* After the workers: waits until the last snapshot is committed, or given up because the job
 * failed. */
void snapshotter_join(struct snapshotter *s);
void snapshotter_close(struct snapshotter *s);

/* In simulation: everything that can be done now. False: it is over. */
bool snapshotter_step(struct snapshotter *s);

/* Any thread. The answer is there when the request is done. */
void snapshotter_request(struct snapshotter *s, struct snapshot_request *request);

/* Something changed that it may wait for: an island has ended, the job has failed. Any thread. */
void snapshotter_notify(struct snapshotter *s);

/* ---- for tasks, at a barrier and behind it ---- */

const struct snapshot_order *snapshotter_order(const struct snapshotter *s);

/* Did the snapshot before this one become durable? */
bool snapshotter_was_durable(const struct snapshotter *s);

/* Where the granules of a region go. */
struct granule_copies snapshotter_copies(struct snapshotter *s, u32 region);

void snapshotter_post(struct snapshotter *s, struct message *message);

/* The task has met the barrier, and all that it found changed has been posted; pause_ns: the
   longest time that this took from rows at once. Not whole: there was no memory for copies. */
void snapshotter_swept(struct snapshotter *s, i64 pause_ns, bool whole);

#endif
