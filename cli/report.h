/* What a run tells: a progress line on a terminal, a summary at its end, figures as JSON. All on
   standard error, but
   `--stats -`. Main thread. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "runtime/exec/engine.h"

struct report {
    const char *stats; /* a path, "-", or null */
    double compile_seconds;
    bool terminal;   /* standard error is one */
    u64 rows_before; /* at the last progress line */
    i64 ns_before;
    char *json; /* the figures, once the run is over */
};

void report_init(struct report *r, const char *stats);

/* What the job runs on, and with how much memory. */
void report_begin(struct report *r, struct engine *e);
void report_progress(struct report *r, struct engine *e);

/* The end: `error` stopped it, or null; `stopped` by a signal. */
void report_end(struct report *r, struct engine *e, const char *error, bool stopped);

/* Writes the figures where they were asked for. -1: could not, and it was said. */
int report_fini(struct report *r);

/* Three quarters of the machine's memory. */
u64 default_memory(void);

#endif
