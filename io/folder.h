/* Rows in parts, `PATH/[a=1/b=2/]RUN-NUMBER.SUFFIX`: one open part a partition. A part is hidden
   (its name begins with a dot) until it is closed and committed by a rename, and never changed
   afterwards. It is closed when it has been open for `roll`, at the end, or when too many are open.

   With a run (exactly once) parts are closed by seals alone and committed with their snapshot; an
   open part's bytes are sealed with each, and after a restore it is cut back to them and goes on.
   Without one they are closed by the wall clock and renamed at once.

   Output that is there already is never touched: without a snapshot of it, or if there are parts
   that the snapshot does not know, the job is refused; if duplicates are accepted, parts are added.
 */
#ifndef IO_FOLDER_H
#define IO_FOLDER_H

#include "runtime/stage/sink.h"

struct folder_spec {
    const char *path, *run;
    const char *suffix; /* "csv" */
    const char *head;   /* of each part, or null */
    bool partition;     /* rows come behind their folder's name and a NUL */
    i64 roll_ns;        /* 0: not by time */
};

extern const struct sink_ops folder_ops;                       /* but for name, place and open */
void folder_show(struct unpack *pending, struct text_buf *to); /* behind its first byte */
void *folder_open(struct env *env, const struct folder_spec *spec);

#endif
