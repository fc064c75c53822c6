/* The logical plan as a graph: what runs of what was checked. */
#ifndef DSL_LOGICAL_H
#define DSL_LOGICAL_H

#include "dsl/check.h"

/* The sources and tables that the operators of a plan use, as written. */
void logical_declared(struct logical *plan, struct arena *arena);

/* The schema of the rows that an operator gives at a port: port 1 of an aggregate is what came in,
   of a source its malformed rows. *hidden: how many columns at its end are hidden. */
struct schema lop_port_schema(const struct lop *op, u32 port, u32 *hidden);

/* The column of input 0 that holds its rows' event time, or -1. Late rows have that of what came
   in, malformed rows have none. */
i32 lop_input_time(const struct lop *op);
/* Is it one with state? Port 1 of it is its late rows. */
bool lop_remembers(const struct lop *op);
/* The column of its input that column `column` of a HOLD is; -1: the event time. */
i32 lop_held_column(const struct lop *op, u32 column);
/* Does its window go by that? Else by the clock, or it is the only one. */
bool lop_minds_time(const struct lop *op);
/* Does it go by the watermark of each row (stage/fine.h)? */
bool lop_window_is_fine(const struct twindow *w);
/* Does it use `watermark()`? */
bool lop_asks_watermark(const struct lop *op);

/* `used`, by number of the aggregate: becomes true for those that the steps of used ones are of. */
void lop_steps_used(const struct lop *op, bool *used);

/* Whether a sink can take every row exactly once. */
bool sink_is_exact(const char *connector);

/* What is promised of a source or sink: a line of `explain`, if the job says anything of snapshots.
 */
void promise_print(const struct job_snapshots *s, const struct lop *op, struct text_buf *to);

#endif
