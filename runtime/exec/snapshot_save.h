/* What the manifest of a snapshot says besides granules, as sections (snapshot/store.h): how the
   cuts of all tasks become one, that says nothing of how many tasks there were.

       job         name, format, run, hash key, whether its input has ended, params, stages with
   state island/N    the sequence (sequence.h); its name is that of its first source source/N    its
   connector, for whoever compares jobs stage/N     watermarks; a window's images with their small
   state sink/N      what is to be committed counts      of sources, stages and blackholes

   N is a running number; all but job and counts begin with the name of what they are of (a text),
   by which they are found: its number in the job does not matter. */
#ifndef RUNTIME_EXEC_SNAPSHOT_SAVE_H
#define RUNTIME_EXEC_SNAPSHOT_SAVE_H

#include "runtime/exec/barrier.h"
#include "runtime/exec/engine.h"
#include "runtime/snapshot/store.h"

#define SNAPSHOT_JOB_FORMAT 2u

/* All sections; `cuts` are of all tasks. finished: nothing will come after it. The snapshot's
   thread. */
void snapshot_save(struct engine *e, bool finished, struct task_cut *const *cuts, u32 count,
                   struct snapshot_writer *to);

/* What is pending in the sink of a stage, in one of the cuts; null if there is nothing. */
const struct pack *snapshot_pending(struct task_cut *const *cuts, u32 count, u32 stage);

#endif
