/* What the two files of the checker that look at tests share. */
#ifndef DSL_CHECK_TEST_H
#define DSL_CHECK_TEST_H

#include "dsl/check_internal.h"
#include "dsl/tests.h"

/* A stream, a side stream or a source as tests see it: the columns by the names that rows say them
   with (of a record that a lookup added: `s_city`), visible ones first. */
struct test_names {
    const char *name;
    const struct rows *rows;
    const char **names;
    u32 *columns;
    u32 count, visible;
};

/* The rows of a step, behind those that are there. False: something was told. */
bool test_rows_given(struct checker *c, const struct ast_test_step *step, struct test_input *input,
                     const struct test_names *names);
bool test_rows_expected(struct checker *c, const struct ast_test_step *step,
                        struct test_output *output, const struct test_names *names);

/* ---- check_test_trace.c ---- */

/* Do rows of one key have one value in this column, and so an order among them? */
bool test_is_key(const struct lop *op, u32 port, u32 column);
/* What the column is of another one, the rows' event time: the same (0), 1 ns behind it (1), or
   something else (-1). */
i64 test_behind(const struct lop *op, u32 port, i32 column, i32 time);
/* The names that have one value in all panes of one window, and another in those of others: keys,
   the window, the rank. False: they are not all there. */
bool test_version_columns(const struct test_names *names, u32 *places, u32 *count);

#endif
