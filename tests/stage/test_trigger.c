#include "runtime/stage/trigger.h"
#include "tests/support/suite.h"

static bool passes(i64 period, i64 before, i64 now, i64 first) {
    __int128 at = 0;
    return trigger_passed(period, before, now, &at) && at == first;
}

static bool passes_none(i64 period, i64 before, i64 now) {
    __int128 at;
    return !trigger_passed(period, before, now, &at);
}

static void a_multiple_is_passed_when_time_has_gone_beyond_it(void) {
    CHECK(passes_none(10, 11, 20));
    CHECK(passes(10, 11, 21, 20));
    CHECK(passes(10, 20, 21, 20));
    CHECK(passes_none(10, 21, 29));
    CHECK(passes(10, 21, 1000, 30));
    CHECK(passes(10, -25, -15, -20));
    CHECK(passes(10, -5, 1, 0));
    CHECK(passes_none(0, 1, 1000));
    CHECK(passes_none(10, 30, 30));
    CHECK(passes_none(10, 35, 30));
}

static void the_first_time_of_all_passes_none(void) {
    CHECK(passes_none(10, TIME_NEVER, 1000));
    CHECK(passes_none(10, TIME_NEVER, TIME_FOREVER));
}

static void both_ends_of_time_are_like_any_other(void) {
    i64 last = TIME_FOREVER - floor_mod(TIME_FOREVER, 10);
    CHECK(passes(10, TIME_FOREVER - 8, TIME_FOREVER, last));
    __int128 at;
    CHECK(trigger_passed(10, TIME_FOREVER - 1, TIME_FOREVER, &at));
    CHECK(at > TIME_FOREVER);
    CHECK(trigger_passed(TIME_FOREVER, TIME_NEVER + 1, 0, &at));
    CHECK(at == TIME_NEVER + 1);
}

static void a_window_has_one_pane_as_time_passes_its_end(void) {
    struct window_spec s = { .lateness_ns = 20, .early.time_ns = { 7 }, .late.time_ns = { 9 } };
    struct pane_due due;
    CHECK(!pane_comes_due(&s, 100, TIME_NEVER, 80, &due));
    CHECK(pane_comes_due(&s, 100, 80, 99, &due) && due.timing == WINDOW_EARLY && due.at == 84);
    s.early.time_ns[1] = 9;
    CHECK(pane_comes_due(&s, 100, 80, 99, &due) && due.at == 81);
    CHECK(pane_comes_due(&s, 100, 80, 100, &due) && due.timing == WINDOW_ON_TIME && due.at == 99);
    CHECK(pane_comes_due(&s, 100, TIME_NEVER, 500, &due) && due.timing == WINDOW_ON_TIME);
    CHECK(!pane_comes_due(&s, 100, 100, 108, &due));
    CHECK(pane_comes_due(&s, 100, 100, 110, &due) && due.timing == WINDOW_LATE && due.at == 108);
    CHECK(pane_comes_due(&s, 100, 118, 120, &due) && due.at == 119);
    s.late.time_ns[0] = 0;
    CHECK(pane_comes_due(&s, 100, 100, 120, &due) && due.timing == WINDOW_LATE && due.at == 119);
}

static void rows_count_since_the_last_pane(void) {
    struct pane_book book = { 0 };
    CHECK(!trigger_rows(3, 2 - book.rows));
    CHECK(trigger_rows(3, 3 - book.rows));
    pane_book_note(&book, 3, WINDOW_EARLY);
    CHECK(book.known && book.panes == 1 && book.timing == WINDOW_EARLY);
    CHECK(!trigger_rows(3, 5 - book.rows));
    CHECK(trigger_rows(3, 6 - book.rows));
    CHECK(!trigger_rows(0, 1000));
}

static void a_clause_that_says_what_is_anyhow_says_nothing(void) {
    CHECK(!spec_books_panes(&(struct window_spec){ .lateness_ns = 5 }));
    CHECK(!spec_books_panes(&(struct window_spec){ .lateness_ns = 5, .late.rows = 1 }));
    CHECK(!spec_books_panes(&(struct window_spec){ .late.rows = 7 }));
    CHECK(spec_books_panes(&(struct window_spec){ .lateness_ns = 5, .late.rows = 2 }));
    CHECK(spec_books_panes(&(struct window_spec){ .early.rows = 1 }));
    CHECK(spec_books_panes(&(struct window_spec){ .mode = WINDOW_DISCARDING }));
    CHECK_EQ(spec_late_rows(&(struct window_spec){ .lateness_ns = 5 }), 1);
    CHECK_EQ(spec_late_rows(&(struct window_spec){ .late.time_ns = { 5 } }), 0);
}

static const struct test tests[] = {
    TEST(a_multiple_is_passed_when_time_has_gone_beyond_it),
    TEST(the_first_time_of_all_passes_none),
    TEST(both_ends_of_time_are_like_any_other),
    TEST(a_window_has_one_pane_as_time_passes_its_end),
    TEST(rows_count_since_the_last_pane),
    TEST(a_clause_that_says_what_is_anyhow_says_nothing),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("trigger", tests, argc, argv);
}
