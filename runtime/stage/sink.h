/* Contract of a sink: takes encoded rows, in order, from one task. Encoding happens upstream, in
   generated code.

   A sink that can be exactly-once keeps what it takes where no reader sees it, until the snapshot
   that it belongs to is committed (architecture.md 7):

       task:            write ... write, seal n, write ...          (a place in the sequence)
       snapshot thread:                   prepare n, [manifest n], commit n
       restore:         open, recover with what the manifest says, write ...

   What `seal` packs is all that prepare, commit and recover need besides the sink's options, which
   do not change: the task goes on writing while the snapshot thread deals with what was sealed.
   One snapshot is under way at a time (a seal sees all that prepare and commit of earlier ones
   did); one that was given up, or whose commit failed, is followed by another seal, which packs
   what that one held too. */
#ifndef RUNTIME_STAGE_SINK_H
#define RUNTIME_STAGE_SINK_H

#include "runtime/base/base.h"
#include "runtime/base/env.h"
#include "runtime/stage/source.h"

struct sink_spec {
    const char *name;   /* "panes/into", for messages */
    const char *format; /* "csv", "json", "binary", "text" (print) */
    const struct bound_option *options;
    u32 option_count;
    const char *head; /* a header to write first, or null */
    /* Exactly once: what names this run in hidden files and parts: 16 hex digits, kept in
       snapshots. Null: rows go out as they come. */
    const char *run;
};

struct sink_ops {
    const char *name;
    /* The file that `open` would write, of the same options. False: what may be shared (a pipe, a
       device). May be null. Main thread. */
    bool (*place)(const struct sink_spec *spec, struct env_place *out);
    bool shares; /* sinks of this kind may have one place: what each writes goes behind the others'
                  */
    void *(*open)(struct env *env,
                  const struct sink_spec *spec); /* null with an error trail. Main thread */
    /* Takes bytes: whole rows; of a sink with `partition` one row, behind its folder's name and a
       NUL. May keep them in its buffer. 0, or -1 with an error trail: the job stops. */
    int (*write)(void *self, const u8 *at, u64 size);
    int (*flush)(void *self); /* everything taken is with the system: when the task has nothing else
                                 to do, and at the end */
    /* ---- exactly once: all of these or none; called only where spec.run is there ---- */

    /* All that was taken until now belongs to snapshot `number`: what has to be committed with it
       is packed. `stamp` is the barrier's wall clock; close: nothing is to stay open behind it (the
       end of the input, a savepoint). The sink's task. */
    int (*seal)(void *self, u64 number, i64 stamp, bool close, struct pack *pending);
    /* What was sealed is on the disk, or -1. The snapshot thread. */
    int (*prepare)(void *self, struct unpack *pending);
    /* The manifest is there: what was sealed becomes visible. May be done again, in part or in
       whole, after a crash at any place in it. The snapshot thread. */
    int (*commit)(void *self, struct unpack *pending);
    /* Before the first write: commits what the newest snapshot holds and takes away what came after
       it. Null: there is no snapshot; -1 if output is there already that would be written twice,
       unless `accept`. Main thread. */
    int (*recover)(void *self, struct unpack *pending, bool accept);
    /* What `seal` packed, in a few words for people. */
    void (*show)(struct unpack *pending, struct text_buf *to);

    int (*finish)(void *self); /* the end of the job: flush, close, and say what went wrong */
};

#endif
