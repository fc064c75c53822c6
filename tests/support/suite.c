#include "tests/support/suite.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 20 }; /* of one test; a loop that fails a million times says no more */

struct record {
    const char *file;
    int line;
    char *text;
};

/* CUnit calls tests and handlers without a context, so what they share is here. */
static struct {
    pthread_mutex_t lock;
    struct record records[RECORDS_MAX];
    unsigned record_count, lost_count;
    const struct test *tests;
    bool verbose;
} suite = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* A test's name as it is read: words, not an identifier. */
static void print_sentence(FILE *to, const char *name) {
    for (; *name; name++) fputc(*name == '_' ? ' ' : *name, to);
}

__attribute__((format(printf, 3, 4))) static void record(const char *file, int line,
                                                         const char *format, ...) {
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&suite.lock);
    if (suite.record_count == RECORDS_MAX) {
        suite.lost_count++;
    } else {
        struct record *r = &suite.records[suite.record_count++];
        *r = (struct record){ .file = file, .line = line };
        if (vasprintf(&r->text, format, args) < 0) abort();
    }
    pthread_mutex_unlock(&suite.lock);
    va_end(args);
}

bool suite_check(bool held, const char *text, const char *file, int line) {
    if (!held) record(file, line, "%s", text);
    return held;
}

/* C has no printf for 128 bits; the values are of 64 bits, signed or not. */
static void print_integer(char out[24], __int128 value) {
    if (value < 0)
        snprintf(out, 24, "%lld", (long long)value);
    else
        snprintf(out, 24, "%llu", (unsigned long long)value);
}

bool suite_check_equal(__int128 left, __int128 right, const char *text, const char *file,
                       int line) {
    if (left == right) return true;
    char l[24], r[24];
    print_integer(l, left);
    print_integer(r, right);
    record(file, line, "%s\n      left  %s\n      right %s", text, l, r);
    return false;
}

bool suite_check_text(const char *left, const char *right, const char *text, const char *file,
                      int line) {
    if (left == right || (left && right && strcmp(left, right) == 0)) return true;
    record(file, line, "%s\n      left  %s\n      right %s", text, left ? left : "(null)",
           right ? right : "(null)");
    return false;
}

/* What CUnit calls for every test: the test's own function, then its records, raised on this
 * thread. */
static void run_and_raise(void) {
    const char *name = CU_get_current_test()->pName;
    const struct test *test = suite.tests;
    while (strcmp(test->name, name) != 0) test++;
    test->run();

    pthread_mutex_lock(&suite.lock);
    for (unsigned i = 0; i < suite.record_count; i++) {
        struct record *r = &suite.records[i];
        CU_assertImplementation(CU_FALSE, (unsigned)r->line, r->text, r->file, "", CU_FALSE);
        free(r->text); /* CUnit keeps a copy */
    }
    if (suite.lost_count)
        CU_assertImplementation(CU_FALSE, 0, "and more of the same test, not kept", test->name, "",
                                CU_FALSE);
    suite.record_count = suite.lost_count = 0;
    pthread_mutex_unlock(&suite.lock);
}

static void on_start(const CU_pTest test, const CU_pSuite in) {
    if (!suite.verbose) return;
    printf("  ");
    print_sentence(stdout, test->pName);
    printf("\n");
    fflush(stdout); /* so that a test that crashes has been named */
}

static void on_complete(const CU_pTest test, const CU_pSuite in, const CU_pFailureRecord first) {
    if (!first) return;
    printf("FAILED: ");
    print_sentence(stdout, test->pName);
    printf("\n");
    for (CU_pFailureRecord f = first; f; f = f->pNext)
        printf("    %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
    fflush(stdout);
}

static void must(CU_ErrorCode code) {
    if (code == CUE_SUCCESS) return;
    fprintf(stderr, "suite: %s\n", CU_get_error_msg());
    exit(1);
}

int suite_run(const char *name, const struct test *tests, int argc, char **argv) {
    const char *filter = "";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            suite.verbose = true;
        else
            filter = argv[i];
    }
    suite.tests = tests;
    must(CU_initialize_registry());
    CU_pSuite all = CU_add_suite(name, NULL, NULL);
    must(CU_get_error());
    for (const struct test *t = tests; t->name; t++) {
        if (!strstr(t->name, filter)) continue;
        CU_add_test(all, t->name, run_and_raise);
        must(CU_get_error()); /* two tests of one name are an error too */
    }
    CU_set_test_start_handler(on_start);
    CU_set_test_complete_handler(on_complete);
    must(CU_run_all_tests());

    unsigned run = CU_get_number_of_tests_run(), failed = CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    printf("%s: %u passed, %u failed\n", name, run - failed, failed);
    return run == 0 || failed ? 1 : 0;
}
