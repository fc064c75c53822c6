/* The steps of engine_build, in order, one file each for what they deal with. Included by engine*.c
 * only. */
#ifndef RUNTIME_EXEC_ENGINE_PARTS_H
#define RUNTIME_EXEC_ENGINE_PARTS_H

#include "runtime/exec/engine.h"

/* engine_open.c: the world. Patterns, calendars, sources, tables (read to their end), sinks. -1
   with an error trail; whatever is open then is closed by engine_close_world. */
int engine_open_world(struct engine *e);
int engine_open_sinks(struct engine *e); /* the last of these steps, by itself */
/* engine_places.c: -1 with an error trail if two of the job use one file and one of them writes it.
 */
int engine_check_places(struct engine *e);
void engine_close_world(struct engine *e);

/* engine_tasks.c: islands, tasks with their outlets, inlets and windows, and the workers that step
 * them. */
int engine_make_tasks(struct engine *e);
void engine_free_tasks(struct engine *e);

/* engine_rings.c: a ring from each task to each task of its readers, in memory of the reader's
 * worker. */
int engine_lay_rings(struct engine *e);
void engine_free_rings(struct engine *e);

/* A task's chain without outlets and windows: what a table's loader needs. */
void task_open_chain(struct engine *e, struct task *t);
void task_close_chain(struct engine *e, struct task *t);

#endif
