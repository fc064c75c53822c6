/* The physical plan as C: one text that includes runtime/job.h and defines `millrace_job`. It is
   thin: structs of rows, decoders of the fields that are used, the loop of each chain, keys and
   accumulators; all that has an invariant to get wrong is an inline function of the runtime, called
   with literals. `#line` points into the .flow files. What the user wrote gets into the text only
   as numbers and as escaped bytes of strings; names are the compiler's:

     s0 source, w1 window (a stage), r1 relay, k2 sink, e0 edge, t0 table, h0 blackhole,
     v5_2 column 2 of operator 5, x7 an intermediate value */
#ifndef DSL_EMIT_H
#define DSL_EMIT_H

#include "dsl/physical.h"

/* Appends the C text of the job called `name` (its .flow file without folder and suffix). Never
   fails: a plan that was made can be emitted. */
void job_emit(const struct physical *plan, const struct texts *texts, const char *name,
              struct text_buf *to);

#endif
