/* Fine time in the engine (stage/fine.h): what a task keeps of the watermarks of sources, and the
   order in which its fine stages get their rows. A prefix maximum is kept for each source, raised
   at END, because a source may come by several ways; by the sequence it is the same in all tasks.
 */
#ifndef RUNTIME_EXEC_FINE_H
#define RUNTIME_EXEC_FINE_H

#include "runtime/exec/task.h"

/* Memory for the fine stages of a task; the main thread. */
void fine_open(struct task *t);
void fine_close(struct task *t);

/* A morsel of `source` begins at stage k, which descends from it. */
void fine_begin(struct task *t, u32 k, u32 source);

/* A phase ends with this control: what the exact W of stage k is now. */
i64 fine_rise(struct task *t, u32 k, enum control_kind kind, i64 exact);

/* Rows for a stage that gathers, by this edge, in canonical order: kept until fine_hand_out. */
void fine_gather(struct task *t, u32 edge, const u8 *base, const u8 *row, u32 count);

/* Gives what stage k gathered to its edges' functions, in the order of (stamp, position). */
void fine_hand_out(struct task *t, u32 k);

#endif
