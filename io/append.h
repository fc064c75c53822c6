/* Rows appended to one file, exactly once. What was taken since the last committed snapshot lies in
   hidden files beside it, `.NAME.millrace-RUN-NUMBER`, one a seal; a commit writes their bytes at
   the offset of `path` that the manifest says, which may be done again, and removes them. So a
   reader of `path` sees no row that could be taken back.

   Output that is there already is never written over: without a snapshot of it, or if there is more
   of it than the snapshot knows, the job is refused; if duplicates are accepted, rows go behind it.
 */
#ifndef IO_APPEND_H
#define IO_APPEND_H

#include "runtime/stage/sink.h"

extern const struct sink_ops append_ops; /* but for name and place; open: spec.run is there */
void append_show(struct unpack *pending, struct text_buf *to); /* behind its first byte */
void *append_open(struct env *env, const struct sink_spec *spec, const char *path);

#endif
