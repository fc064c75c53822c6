/* The tests of a job, checked: what each feeds, what it expects, and its steps. The checker makes
   them beside the typed plan, whose operators they name; test_plan makes a job of one of them:

     - what the test gives (a source, a table, or a stream, which is cut there) becomes a source
   whose rows stand in the job (FORMAT_TEST), and so does every other source, without rows;
     - each stream that it expects rows of ends in a sink `got N`, of the columns that are named;
     - the rows that it expects are a source `want N` that goes to a sink of that name, so that both
       sides are written by the same generated code.
   No real source or sink is in it. */
#ifndef DSL_TESTS_H
#define DSL_TESTS_H

#include "dsl/ast.h"
#include "dsl/typed.h"
#include "runtime/base/arena.h"

/* What the test feeds: a table, or port `port` of an operator. */
struct test_input {
    const char *name;
    const struct lop *op;
    u32 port;
    const struct ttable *table; /* or null */
    struct schema schema;
    u32 hidden_count;
    i32 event_time; /* column, or -1 */
    struct given given;
    struct span span;
    i64 watermark_ns; /* the last one said, or TIME_NEVER */
};

struct test_column {
    const char *name; /* as rows of the test say it */
    struct type type;
    u32 column;   /* of the operator's rows */
    bool version; /* panes of one window have one value here, those of others another */
    bool key;     /* rows of one key have one value here, and keep their order */
};

/* A stream that the test expects rows of. */
struct test_output {
    const char *name;
    const struct lop *op;
    u32 port;
    struct test_column *columns; /* those named anywhere in the test */
    u32 column_count, column_room;
    i32 does;      /* the column `op`, if it is looked at; else -1 */
    bool versions; /* for `expect final`: rows are versions, of which the last one counts */
    struct given expected;
};

struct test_step {
    enum ast_test_step_kind kind;
    struct span span;
    u32 of;           /* GIVEN, WATERMARK: input; EXPECT: output */
    u32 first, count; /* rows of it */
    i64 ns;           /* WATERMARK, ADVANCE */
    enum ast_expect expect;
};

struct ttest {
    struct str title;
    struct span span;
    struct test_input *inputs;
    u32 input_count, input_room;
    struct test_output *outputs;
    u32 output_count, output_room;
    struct test_step *steps; /* END is there: written out where it was left out */
    u32 step_count, step_room;
};

/* The job of one test: in it, input i of the test is the source or table of its name. Never fails.
 */
struct logical *test_plan(const struct logical *typed, const struct ttest *test,
                          struct arena *arena);

#endif
