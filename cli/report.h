/* What a run tells: a progress line on a terminal, a summary at its end, figures as JSON, events.
   All on standard error, but `--stats -` and `--events -`. Main thread, but report_event. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "runtime/base/text_buf.h"
#include "runtime/exec/engine.h"

#include <stdio.h>

/* Of all snapshots of this run. */
struct report_snapshots {
    u64 taken, failed, bytes;
    u64 newest, newest_bytes; /* 0: none in this run */
    i64 newest_stamp, newest_took_ns, newest_pause_ns;
    i64 longest_pause_ns;
    char why[256]; /* the last failure; "" */
    bool failing;  /* the last one failed */
};

struct report {
    const char *stats; /* a path, "-", or null */
    double compile_seconds;
    bool terminal;   /* standard error is one */
    u64 rows_start;  /* those before the snapshot that it goes on from */
    u64 rows_before; /* at the last progress line */
    i64 ns_before;
    char *json; /* the figures, once the run is over */
    FILE *events;
    /* how time gets on */
    i64 watermark;    /* the least of the inputs that hold it back */
    i64 stands_since; /* by the monotonic clock */
    bool told_standing;
    _Atomic u32 lock; /* of what follows: the snapshot thread writes it */
    struct report_snapshots snapshots;
};

/* -1: a file cannot be opened, and it was said. */
int report_init(struct report *r, const char *stats, const char *events);

/* A snapshot was taken, or failed. Any thread. */
void report_event(struct report *r, const char *job, const struct snapshot_event *event);

/* Members of a JSON object: of the rows so far; of snapshots, the comma before them too. */
void report_put_rows(struct engine *e, struct text_buf *to);
void report_put_snapshots(struct report *r, struct text_buf *to);
/* A line of the summary. */
void report_tell_snapshots(struct report *r);

/* Who holds time back: told on standard error when it has stood for 10 s and rows wait for it
   (once, until it gets on again); and of each input, as a member of a JSON object, the comma before
   it too. */
void report_time(struct report *r, struct engine *e);
void report_put_sources(struct engine *e, struct text_buf *to);

/* RFC 3339, "-" for none yet, "end". room: FORMAT_ROOM bytes. */
const char *watermark_text(i64 w, char *room);

/* What the job runs on, and with how much memory. */
void report_begin(struct report *r, struct engine *e);
void report_progress(struct report *r, struct engine *e);

/* The end: `error` stopped it, or null; `stopped` by a signal. */
void report_end(struct report *r, struct engine *e, const char *error, bool stopped);

/* Writes the figures where they were asked for. -1: could not, and it was said. */
int report_fini(struct report *r);

/* 3.2 GiB. room: 32 bytes. */
const char *bytes_text(u64 n, char *room);

/* Three quarters of the machine's memory. */
u64 default_memory(void);

#endif
