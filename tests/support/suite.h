/* Tests by table, with CUnit underneath (and included nowhere else).

   A test is a function whose name is a sentence; a suite is a table of them and one call in main.
   CUnit is not thread-safe and knows nothing of workers, so a check only records what failed, from
   whatever thread; the main thread raises the records when the test's function returns. A failed
   check does not end its test: it answers false, and the test decides (`if (!CHECK(ring))
   return;`). */
#ifndef TESTS_SUPPORT_SUITE_H
#define TESTS_SUPPORT_SUITE_H

#include <stdbool.h>

struct test {
    const char *name;
    void (*run)(void);
};

/* A row of the table; the table ends with {0}. */
#define TEST(function)                                                                             \
    { #function, function }

/* Each answers whether it held. CHECK_EQ takes integers of any type and sign and tells both. */
#define CHECK(condition) suite_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(left, right)                                                                      \
    suite_check_equal((left), (right), #left " == " #right, __FILE__, __LINE__)
#define CHECK_STR(left, right)                                                                     \
    suite_check_text((left), (right), #left " == " #right, __FILE__, __LINE__)

/* Runs the tests of the table and prints what failed and, last, `NAME: N passed, N failed`. The
   answer is main's exit status. Command line: [-v] [FILTER]; -v names each test before it runs,
   FILTER keeps the tests whose names hold it. */
int suite_run(const char *name, const struct test *tests, int argc, char **argv);

/* Behind the macros. Any thread, until the test's function returns. */
bool suite_check(bool held, const char *text, const char *file, int line);
bool suite_check_equal(__int128 left, __int128 right, const char *text, const char *file, int line);
bool suite_check_text(const char *left, const char *right, const char *text, const char *file,
                      int line);

#endif
