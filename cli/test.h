/* `millrace test`: what its files share. A test is a job of its own (dsl/tests.h) in a simulated
   world; it is run in several ways, which may make no difference: with one worker and with several,
   and with steps, rings and morsels from seeds.

       test.c          the command: its words, its files, compiling
       test_run.c      one test in one way
       test_compare.c  rows that are expected and rows that came
       test_report.c   what is told of it, and JUnit's XML */
#ifndef CLI_TEST_H
#define CLI_TEST_H

#include "dsl/tests.h"
#include "runtime/base/text_buf.h"
#include "runtime/job.h"

struct test_way {
    u32 workers; /* 0: as the seed has it */
    u64 seed;    /* 0: tasks take turns, and rings and morsels are large */
    bool killed; /* at every step and between rows: what is done goes on from a snapshot */
};

/* "3 workers", "seed 7, killed". */
void test_way_print(const struct test_way *way, struct text_buf *to);

/* Why a test failed: the place of its `expect`, or nowhere. */
struct test_failure {
    struct span span;
    const char *message; /* in the arena of the run's caller */
    struct text_buf rows;
};

/* True: it passed. False: *failure says why; its rows are the caller's. */
bool test_run(const struct ttest *test, const struct job *job, const struct test_way *way,
              struct arena *arena, struct test_failure *failure);

/* Compares what the step expects with what came: two texts of lines, values between tabs. True:
   they fit. False: *message, and lines with what differs behind *rows. */
bool test_compare(const struct ttest *test, const struct test_step *step, struct str want,
                  struct str got, struct arena *arena, const char **message, struct text_buf *rows);

/* ---- what is told ---- */

/* Of one test, when it has been run. */
struct test_result {
    const char *path; /* of its file */
    struct str title;
    bool passed;
    double seconds;
    const char *way;  /* in which it failed */
    const char *told; /* the place, and what differs; ends in a newline */
};

void test_told(const struct test_result *result, struct text_buf *to);

/* -1 with an error trail. */
int test_junit(const char *path, const struct test_result *results, u32 count);

#endif
