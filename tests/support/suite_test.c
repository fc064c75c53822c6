/* The suite tests itself: the program runs a second table, which fails, in a child and reads what
 * it says. */
#include "tests/support/suite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void this_one_holds(void) {
    CHECK(true);
}

static void *fail_on_a_thread(void *unused) {
    for (int i = 0; i < 1000; i++) CHECK(!"told from a thread");
    return NULL;
}

static void this_one_fails_on_two_threads(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, fail_on_a_thread, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void this_one_compares(void) {
    CHECK_EQ(-1, 18446744073709551615u);
    CHECK_STR("left text", "right text");
}

static const struct test inner[] = {
    TEST(this_one_holds), TEST(this_one_fails_on_two_threads), TEST(this_one_compares), { 0 }
};

/* Runs the inner table with one argument; what it printed and its exit status. */
static int run_inner(char *argument, char *said, size_t room) {
    int fds[2];
    if (pipe(fds) != 0) return -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], 1);
        char *argv[] = { "inner", argument, NULL };
        exit(suite_run("inner", inner, 2, argv));
    }
    close(fds[1]);
    size_t size = 0;
    for (ssize_t n; (n = read(fds[0], said + size, room - 1 - size)) > 0; size += (size_t)n) {
    }
    said[size] = 0;
    close(fds[0]);
    int status = -1;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static char said_all[16384],
    said_one[16384]; /* filled by main: a suite does not run inside a suite */
static int status_all, status_one;

static void failures_make_the_exit_status_one(void) {
    CHECK_EQ(status_all, 1);
}

static void a_filter_runs_the_tests_that_hold_it(void) {
    CHECK_EQ(status_one, 0);
    CHECK_STR(said_one, "inner: 1 passed, 0 failed\n");
}

static void the_last_line_counts_tests_and_not_checks(void) {
    const char *last = strstr(said_all, "inner: ");
    CHECK_STR(last, "inner: 1 passed, 2 failed\n");
}

static void a_failure_on_a_thread_is_told_as_a_sentence_with_its_place(void) {
    CHECK(strstr(said_all, "FAILED: this one fails on two threads\n"));
    CHECK(strstr(said_all, "suite_test.c:17: !\"told from a thread\"\n"));
    CHECK(strstr(said_all, "and more of the same test"));
}

static void unequal_values_are_both_told(void) {
    CHECK(strstr(said_all, "left  -1\n"));
    CHECK(strstr(said_all, "right 18446744073709551615\n"));
    CHECK(strstr(said_all, "left  left text\n"));
}

static const struct test tests[] = {
    TEST(failures_make_the_exit_status_one),
    TEST(a_filter_runs_the_tests_that_hold_it),
    TEST(the_last_line_counts_tests_and_not_checks),
    TEST(a_failure_on_a_thread_is_told_as_a_sentence_with_its_place),
    TEST(unequal_values_are_both_told),
    { 0 },
};

int main(int argc, char **argv) {
    status_all = run_inner("", said_all, sizeof said_all);
    status_one = run_inner("holds", said_one, sizeof said_one);
    return suite_run("suite", tests, argc, argv);
}
