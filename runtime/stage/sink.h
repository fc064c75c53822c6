/* Contract of a sink: takes encoded rows, in order, from one task. Encoding happens upstream, in
 * generated code. */
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
};

struct sink_ops {
    const char *name;
    /* The file that `open` would write, of the same options. False: what may be shared (a pipe, a
       device). May be null. Main thread. */
    bool (*place)(const struct sink_spec *spec, struct env_place *out);
    void *(*open)(struct env *env,
                  const struct sink_spec *spec); /* null with an error trail. Main thread */
    /* Takes bytes: whole rows. May keep them in its buffer. 0, or -1 with an error trail: the job
     * stops. */
    int (*write)(void *self, const u8 *at, u64 size);
    int (*flush)(void *self); /* everything taken is with the system: when the task has nothing else
                                 to do, and at the end */
    int (*finish)(void *self); /* the end of the job: flush, close, and say what went wrong */
};

#endif
