/* Contract of a source: where a job's rows come from, cut into morsels. A connector gives one
   struct source_ops; its decoder is generated. `extent` is called under the ticket, by one thread
   at a time (whichever worker takes the ticket), and must be quick: it finds where the next morsel
   ends, at a record's end. The bytes are then decoded on the taker's worker, several morsels of one
   source at once. */
#ifndef RUNTIME_STAGE_SOURCE_H
#define RUNTIME_STAGE_SOURCE_H

#include "runtime/base/base.h"
#include "runtime/base/budget.h"
#include "runtime/base/env.h"
#include "runtime/base/pack.h"
#include "runtime/base/text_buf.h"
#include "runtime/stage/extent.h"

enum source_answer {
    SOURCE_FAILED = -1, /* the error trail says why; the job stops */
    SOURCE_NOTHING,     /* nothing to read now (a pipe); ask again. wait_fd says what to poll */
    SOURCE_EXTENT,      /* *out is the next morsel */
    SOURCE_LAST,        /* *out is the last morsel, possibly empty */
};

/* An option as bound at start: texts, checked by the connector's table. */
struct bound_option {
    const char *name, *text;
};

struct source_spec {
    const char *name;   /* of the declared source, for messages */
    const char *format; /* "lines", "csv", "json", "binary"; null where none */
    const struct bound_option *options;
    u32 option_count;
    u32 row_bytes;    /* binary */
    bool header;      /* csv */
    char delimiter;   /* csv */
    u64 morsel_bytes; /* aim for extents of this size; 1: a record a morsel. Generators: rows * 64
                       */
    struct budget *budget; /* where a source counts what it keeps of its input (preload) */
    const char *folder;    /* relative paths are relative to the working directory; null */
    /* Exactly once: the job's state directory, where a source that cannot read its input again (a
       pipe) keeps a log of it, so that it can. Null: no log. */
    const char *state;
    bool fresh; /* begin behind what is in that log: the job begins anew */
};

struct source_ops {
    const char *name; /* "file" */
    /* The file that `open` would read, of the same options. False: none that a sink could spoil (a
       pipe, a generator). May be null. Main thread. */
    bool (*place)(const struct source_spec *spec, struct env_place *out);
    /* Opens; returns the connector's own struct, or null with an error trail. Main thread. */
    void *(*open)(struct env *env, const struct source_spec *spec);
    enum source_answer (*extent)(void *self, struct extent *out);
    /* The morsel has been decoded and nothing refers to its bytes any more. Any worker; may be
     * null. */
    void (*release)(void *self, const struct extent *x);
    u64 (*total_bytes)(void *self); /* of the whole input, for the progress line; 0: unknown */
    int (*wait_fd)(
        void *self); /* readable when a SOURCE_NOTHING may be over; -1: never. May be null */
    /* The line number (from 1) of the record at this offset, or 0: only for messages; slow. May be
     * null */
    u64 (*line_of)(void *self, u64 offset);
    const char *(*describe)(void *self); /* the file's path and the like, for messages */
    /* Where the input stands: which one it is, and the position just behind the last extent that
       was handed out. Called like `extent`, under the ticket. Null, as are the following: what was
       read cannot be read again (a pipe). */
    void (*save)(void *self, struct pack *to);
    /* After open, before the first extent: goes on from what save packed. -1 with an error trail
       that names the difference: this is another input, or it has shrunk. Cheap: what was read
       before is not read again. Without it the source begins at its start, or at that of its log.
       Main thread. */
    int (*seek)(void *self, struct unpack *from);
    /* Can what was handed out be read again, from the input or from the log in spec.state? Null:
       always, if there is `save`. */
    bool (*replays)(void *self);
    /* What `save` packed can be gone back to after a power cut: the log is on the disk up to there,
       or -1. Before the manifest; the snapshot thread. May be null. */
    int (*prepare)(void *self, struct unpack *saved);
    /* Nobody goes back before this position any more: what the log holds before it may go. The
       snapshot thread, after a newer manifest is durable. May be null. */
    void (*retained)(void *self, struct unpack *oldest);
    /* What `save` packed, in a few words for people: "byte 1234 of in.csv". May be null. */
    void (*show)(struct unpack *saved, struct text_buf *to);
    void (*close)(void *self);
};

#endif
