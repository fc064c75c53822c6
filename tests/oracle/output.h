/* What one run of a case wrote: the bytes of its files, and what it counted. */
#ifndef TESTS_ORACLE_OUTPUT_H
#define TESTS_ORACLE_OUTPUT_H

#include "tests/oracle/case_job.h"

#include "runtime/base/text_buf.h"
#include "runtime/exec/engine.h"

struct output {
    struct text_buf files[CASE_PARAMS]; /* by param; empty for those that are read */
    struct text_buf counts;
};

enum alike {
    ALIKE_BYTES,
    ALIKE_LINES, /* the same in any order */
    ALIKE_APART, /* may be anything */
    ALIKES,
};
extern const char *const alike_words[ALIKES];

void output_init(struct output *o);
void output_fini(struct output *o);

/* Takes in what the run that is just over wrote. -1: a file cannot be read. */
int output_read(struct output *o, const struct case_job *c, const struct engine_stats *stats);

/* Keeps the files of the run that is just over: NAME_out becomes NAME. -1: they cannot be. */
int output_keep(const struct case_job *c);

/* -1 with an error trail that names the file and shows the first line that differs. */
int output_compare(const struct case_job *c, const struct output *want, const struct output *got,
                   enum alike alike);

/* Wrong outputs: another byte, two lines in the other order, the last line missing; of the first
   file for which that can be done. */
void output_spoil_byte(struct output *o);
void output_spoil_order(struct output *o);
void output_spoil_line(struct output *o);

#endif
