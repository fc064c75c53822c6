#include "runtime/base/prng.h"
#include "tests/stage/window_cases.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a random case ---- */

struct a_case {
    struct window_spec spec;
    enum kind kind;
    i64 lag, around;       /* times begin here */
    u32 keys, rows, marks; /* W moves after one row in so many */
    i64 step, jitter;
    u32 poison;       /* one row in so many is far away */
    bool late_source; /* W lags behind the rows by far more than lag, as of a second input */
};

static i64 saturate(__int128 t) {
    return t < INT64_MIN ? INT64_MIN : t > INT64_MAX ? INT64_MAX : (i64)t;
}

static struct triggers random_triggers(struct prng *p) {
    struct triggers t = { 0 };
    u32 times = (u32)prng_below(p, 4) % SPEC_PERIODS, ticks = (u32)prng_below(p, 8);
    for (u32 i = 0; i < times; i++) t.time_ns[i] = 1 + (i64)prng_below(p, 60);
    for (u32 i = 0; i < ticks && ticks <= SPEC_PERIODS; i++)
        t.wall_ns[i] = 1 + (i64)prng_below(p, 60);
    if (prng_chance(p, 1, 3)) t.rows = 1 + prng_below(p, 6);
    return t;
}

static struct a_case random_case(struct prng *p) {
    struct a_case a = { .kind = (enum kind)prng_below(p, KINDS) };
    a.spec.slide_ns = 1 + (i64)prng_below(p, 20);
    switch (prng_below(p, 4)) {
    case 0:
        a.spec.size_ns = a.spec.slide_ns;
        break;
    case 1:
        a.spec.size_ns = a.spec.slide_ns * (1 + (i64)prng_below(p, 6));
        break;
    default:
        a.spec.size_ns = a.spec.slide_ns + (i64)prng_below(p, 60);
        break;
    }
    if (prng_chance(p, 1, 16)) a.spec.size_ns += a.spec.slide_ns * (i64)prng_below(p, 40);
    if (prng_chance(p, 1, 2)) a.spec.offset_ns = (i64)prng_below(p, 200) - 100;
    if (prng_chance(p, 1, 2)) a.spec.lateness_ns = (i64)prng_below(p, 80);
    if (prng_chance(p, 1, 12)) a.spec = (struct window_spec){ .shape = SHAPE_GLOBAL };
    if (prng_chance(p, 1, 3)) a.spec.early = random_triggers(p);
    if (prng_chance(p, 1, 3)) a.spec.late = random_triggers(p);
    if (prng_chance(p, 1, 2)) a.spec.mode = (enum window_mode)prng_below(p, 3);
    a.lag = prng_chance(p, 1, 2) ? 0 : (i64)prng_below(p, 100);
    a.around = (i64)prng_below(p, 2000) - 1000;
    a.keys = prng_chance(p, 1, 4) ? 2000 : 1 + (u32)prng_below(p, 40);
    a.rows = 50 + (u32)prng_below(p, 400);
    a.marks = prng_chance(p, 1, 2) ? 1 : 1 + (u32)prng_below(p, 60);
    a.step = (i64)prng_below(p, 4);
    a.jitter = prng_chance(p, 1, 3) ? 0 : (i64)prng_below(p, 150);
    a.poison = prng_chance(p, 1, 3) ? 30 : 0;
    a.late_source = prng_chance(p, 1, 3);
    return a;
}

static struct row random_row(const struct a_case *a, struct prng *p, u32 i) {
    __int128 t = (__int128)a->around + (i64)i * a->step -
                 (a->jitter ? (i64)prng_below(p, (u64)a->jitter) : 0);
    if (a->poison && prng_chance(p, 1, a->poison)) t += (i64)prng_below(p, 1000000) - 300000;
    u32 range = a->keys / 4 + 1;
    u32 key = prng_chance(p, 1, 2) ? (u32)prng_below(p, a->keys)
                                   : (i / 8 + (u32)prng_below(p, range)) % a->keys;
    return (struct row){ .key = key,
                         .null = prng_chance(p, 1, 4),
                         .value = (i64)prng_below(p, 2001) - 1000,
                         .time = saturate(t) };
}

/* ---- holding what came against the reference ---- */

static int by_window(const void *a, const void *b) {
    const struct shown *x = a, *y = b;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->nth > y->nth) - (x->nth < y->nth); /* as they came */
}

static bool same_pane(const struct shown *x, const struct shown *y) {
    return x->key == y->key && x->start == y->start && x->end == y->end && x->number == y->number &&
           x->timing == y->timing && x->op == y->op && x->caused == y->caused &&
           x->position == y->position && x->rows == y->rows && x->values == y->values &&
           x->sum == y->sum && x->low == y->low && x->high == y->high;
}

static int by_nth(const void *a, const void *b) {
    const struct shown *x = a, *y = b;
    return (x->nth > y->nth) - (x->nth < y->nth);
}

/* Shard by shard, then in order of time and of windows. */
static bool in_order(const struct shown_list *l) {
    for (u32 i = 1; i < l->count; i++) {
        const struct shown *x = &l->at[i - 1], *y = &l->at[i];
        if (x->shard > y->shard || (x->shard == y->shard && x->moment > y->moment)) return false;
    }
    return true;
}

static bool as_expected(struct shown_list *got, struct shown_list *want, bool due) {
    if (got->count != want->count) return false;
    bool good = true;
    for (u32 i = 0; due && i < got->count; i++) got->at[i].nth = want->at[i].nth = i;
    if (due && got->count) {
        qsort(got->at, got->count, sizeof *got->at, by_window);
        qsort(want->at, want->count, sizeof *want->at, by_window);
    }
    for (u32 i = 0; good && i < got->count; i++) {
        good = same_pane(&got->at[i], &want->at[i]);
        got->at[i].moment = want->at[i].moment;
    }
    if (due && got->count) {
        qsort(got->at, got->count, sizeof *got->at, by_nth);
        good = good && in_order(got);
    }
    got->count = want->count = 0;
    return good;
}

static const u32 task_counts[] = { 1, 2, 4, 7 };
#define SPLITS 4

static bool same_order(const struct shown_list *lists) {
    for (u32 n = 1; n < SPLITS; n++) {
        if (lists[n].count != lists[0].count) return false;
        for (u32 i = 0; i < lists[0].count; i++)
            if (!same_pane(&lists[0].at[i], &lists[n].at[i]) ||
                lists[0].at[i].shard != lists[n].at[i].shard)
                return false;
    }
    return true;
}

static bool watermark(struct stage *stages, struct reference *r, struct shown_list *got,
                      struct shown_list *want, i64 w) {
    for (u32 n = 0; n < SPLITS; n++) {
        got[n].count = 0;
        stage_watermark(&stages[n], w, &got[n]);
    }
    reference_watermark(r, w, want);
    return same_order(got) && as_expected(&got[0], want, true);
}

static bool tick(struct stage *stages, struct reference *r, struct shown_list *got,
                 struct shown_list *want, i64 clock) {
    for (u32 n = 0; n < SPLITS; n++) {
        got[n].count = 0;
        stage_clock(&stages[n], clock, &got[n]);
    }
    reference_clock(r, clock, want);
    return same_order(got) && as_expected(&got[0], want, true);
}

static bool one_row(struct stage *stages, struct reference *r, struct shown_list *got,
                    struct shown_list *want, const struct row *row, u32 position) {
    bool took = reference_row(r, row, position, want), good = true;
    for (u32 n = 0; n < SPLITS; n++) {
        got[n].count = 0;
        good &= stage_row(&stages[n], row, position, &got[n]) == took;
    }
    return good && same_order(got) && as_expected(&got[0], want, false);
}

/* Every row and every move of W at once in four splits of the shards and in the reference. */
static bool run_case(const struct a_case *a, struct prng *p) {
    struct stage *stages = calloc(SPLITS, sizeof *stages);
    struct shown_list got[SPLITS] = { 0 }, want = { 0 };
    struct reference *r = reference_new(&a->spec, a->kind);
    for (u32 n = 0; n < SPLITS; n++) stage_open(&stages[n], a->kind, &a->spec, task_counts[n]);
    i64 top = TIME_NEVER;
    bool good = true;
    for (u32 i = 0; good && i < a->rows; i++) {
        struct row row = random_row(a, p, i);
        good = one_row(stages, r, got, &want, &row, i);
        if (row.time > top && !(a->poison && (__int128)row.time > (__int128)a->around + 100000 &&
                                prng_chance(p, 9, 10)))
            top = row.time;
        i64 w = saturate((__int128)top - a->lag);
        if (w == TIME_FOREVER) w--;
        if (good && prng_chance(p, 1, a->marks) && !(a->late_source && i < a->rows / 2))
            good = watermark(stages, r, got, &want, w);
        if (good && prng_chance(p, 1, 5)) good = tick(stages, r, got, &want, (i64)i);
        if (good && a->spec.size_ns == a->spec.slide_ns)
            good = reference_open_rows(r) == stage_open_rows(&stages[i % SPLITS]);
    }
    good = good && watermark(stages, r, got, &want, TIME_FOREVER);
    for (u32 n = 0; n < SPLITS; n++) {
        stage_close(&stages[n]);
        free(got[n].at);
    }
    free(stages);
    free(want.at);
    reference_free(r);
    return good;
}

static void tell(const struct a_case *a, u64 seed) {
    printf("seed %llu: kind %d size %lld slide %lld offset %lld lateness %lld global %d early "
           "%lld %lld %llu late %lld %lld %llu mode %d lag %lld around %lld keys %u rows %u\n",
           (unsigned long long)seed, a->kind, (long long)a->spec.size_ns,
           (long long)a->spec.slide_ns, (long long)a->spec.offset_ns,
           (long long)a->spec.lateness_ns, a->spec.shape == SHAPE_GLOBAL,
           (long long)a->spec.early.time_ns[0], (long long)a->spec.early.wall_ns[0],
           (unsigned long long)a->spec.early.rows, (long long)a->spec.late.time_ns[0],
           (long long)a->spec.late.wall_ns[0], (unsigned long long)a->spec.late.rows, a->spec.mode,
           (long long)a->lag, (long long)a->around, a->keys, a->rows);
}

static void run_cases(u64 first, u64 count, i64 around) {
    for (u64 seed = first; seed < first + count; seed++) {
        struct prng p;
        prng_init(&p, seed);
        struct a_case a = random_case(&p);
        if (around) {
            a.around = around > 0 ? around - (i64)prng_below(&p, 2000)
                                  : around + (i64)prng_below(&p, 2000);
            if (a.spec.shape != SHAPE_GLOBAL &&
                a.spec.slide_ns < 4) { /* numbers of windows saturate */
                a.spec.slide_ns = 4;
                if (a.spec.size_ns < 4) a.spec.size_ns = 4;
            }
        }
        if (!CHECK(run_case(&a, &p))) {
            tell(&a, seed);
            return;
        }
    }
}

static void random_windows_are_what_the_language_says_at_any_split_of_the_shards(void) {
    run_cases(1, 2500, 0);
}

static void times_at_both_ends_of_what_can_be_written_are_like_any_other(void) {
    run_cases(5000, 150, INT64_MAX);
    run_cases(6000, 150, INT64_MIN);
}

/* ---- streams ---- */

struct stream {
    struct stage stage;
    struct window_spec spec;
    struct shown_list out;
};

static void stream_open(struct stream *s, enum kind kind, struct window_spec spec) {
    *s = (struct stream){ .spec = spec };
    stage_open(&s->stage, kind, &s->spec, 1);
}

static void stream_close(struct stream *s) {
    stage_close(&s->stage);
    free(s->out.at);
}

/* The slice that holds the last nanosecond reaches beyond it. */
static void a_slice_at_the_end_of_time_takes_no_rows_from_its_beginning(void) {
    static const struct {
        i64 size;
        u64 rows[4];
    } cases[] = { { 1, { 1, 1, 1, 2 } },
                  { 3, { 2, 1, 2 } },
                  { 1000000000, { 2, 1, 2 } },
                  { INT64_MAX, { 1, 1, 1, 2 } } };
    static const i64 times[] = { INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN + 1, 0 };
    for (u32 n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct stream s;
        i64 size = cases[n].size;
        stream_open(&s, KIND_SUM, (struct window_spec){ .size_ns = size, .slide_ns = size });
        for (u32 i = 0; i < sizeof times / sizeof *times; i++) {
            struct row row = { .key = 1, .value = 1, .time = times[i] };
            CHECK(stage_row(&s.stage, &row, i, &s.out));
        }
        stage_watermark(&s.stage, TIME_FOREVER, &s.out);
        CHECK_EQ(s.out.count, cases[n].rows[3] ? 4 : 3);
        for (u32 i = 0; i < s.out.count; i++) CHECK_EQ(s.out.at[i].rows, cases[n].rows[i]);
        stream_close(&s);
    }
}

static void windows_of_few_nanoseconds_end_where_time_ends(void) {
    for (i64 size = 1; size <= 6; size++)
        for (i64 slide = 1; slide <= size; slide++) {
            struct stream s;
            stream_open(&s, KIND_SUM, (struct window_spec){ .size_ns = size, .slide_ns = slide });
            struct row row = { .key = 1, .value = 1, .time = INT64_MAX };
            CHECK(stage_row(&s.stage, &row, 0, &s.out));
            stage_watermark(&s.stage, TIME_FOREVER, &s.out);
            CHECK(s.out.count == (size + slide - 1) / slide || s.out.count == size / slide);
            stream_close(&s);
        }
}

static void a_stream_of_ever_new_keys_runs_in_state_that_does_not_grow(void) {
    for (u32 n = 0; n < KINDS * 3; n++) {
        struct stream s;
        enum window_mode mode = (enum window_mode)(n % 3);
        struct window_spec spec = {
            .size_ns = 1000, .slide_ns = 500, .lateness_ns = 300, .mode = mode
        };
        if (mode == WINDOW_RETRACTING) spec.early.time_ns[0] = 5000; /* each in 5 windows */
        stream_open(&s, (enum kind)(n / 3), spec);
        u64 early = 0, panes = 0;
        for (u32 i = 0; i < 120000; i++) {
            struct row row = { .key = i, .value = 1, .time = (i64)i };
            CHECK(stage_row(&s.stage, &row, i, &s.out));
            if (i % 100 == 99) stage_watermark(&s.stage, (i64)i - 200, &s.out);
            panes += s.out.count;
            s.out.count = 0;
            if (i == 40000) early = stage_bytes(&s.stage);
        }
        CHECK(stage_keys(&s.stage) < 20000);
        CHECK(stage_bytes(&s.stage) <= early + early / 4);
        stage_watermark(&s.stage, TIME_FOREVER, &s.out);
        u64 more = panes + s.out.count - 240000;
        CHECK(mode == WINDOW_RETRACTING ? more > 20000 && more < 120000 : !more);
        stream_close(&s);
    }
}

static void keys_that_come_again_in_every_window_stay_where_they_are(void) {
    struct stream s;
    stream_open(&s, KIND_COUNT, (struct window_spec){ .size_ns = 1000, .slide_ns = 1000 });
    const u8 *at = NULL;
    for (u32 i = 0; i < 200000; i++) {
        struct row row = { .key = i * 7919 % 1000, .time = (i64)i };
        CHECK(stage_row(&s.stage, &row, i, &s.out));
        if (i % 1000 == 999) stage_watermark(&s.stage, (i64)i + 1, &s.out);
        if (i == 10000) at = s.stage.windows[0].keyed.ranges[3].at;
    }
    CHECK(at == s.stage.windows[0].keyed.ranges[3].at);
    CHECK_EQ(stage_keys(&s.stage), 1000);
    stream_close(&s);
}

static void a_jump_over_a_million_windows_costs_no_step_for_each(void) {
    struct stream s;
    stream_open(&s, KIND_SUM, (struct window_spec){ .size_ns = 7, .slide_ns = 3 });
    for (i64 i = 0; i < 1000; i++) {
        struct row row = { .key = 1, .value = 1, .time = i * 3000000000000ll };
        CHECK(stage_row(&s.stage, &row, 0, &s.out));
        stage_watermark(&s.stage, row.time, &s.out);
    }
    stage_watermark(&s.stage, TIME_FOREVER, &s.out);
    CHECK_EQ(s.out.count, 3000);
    stream_close(&s);
}

static void rows_far_in_the_future_neither_take_the_slots_nor_much_memory(void) {
    struct stream s;
    stream_open(&s, KIND_COUNT, (struct window_spec){ .size_ns = 1000, .slide_ns = 1000 });
    for (u32 i = 0; i < 100000; i++) {
        struct row row = { .key = i % 5000,
                           .time = i % 100 == 50 ? 1000000000 + (i64)i * 1000 : (i64)i };
        CHECK(stage_row(&s.stage, &row, i, &s.out));
        if (i % 1000 == 999) stage_watermark(&s.stage, (i64)i + 1, &s.out);
        if (i % 1000 == 500) CHECK(!window_elsewhere(&s.stage.windows[0], (i64)i));
    }
    CHECK_EQ(stage_open_rows(&s.stage), 1000);
    CHECK(stage_bytes(&s.stage) < 2 << 20);
    stream_close(&s);
}

static void two_slices_in_turn_do_not_thrash(void) {
    struct stream s;
    stream_open(&s, KIND_SUM, (struct window_spec){ .size_ns = 100, .slide_ns = 50 });
    for (u32 i = 0; i < 200000; i++) {
        struct row row = { .key = i % 3000, .value = 1, .time = i & 1 ? 60 : 20 };
        CHECK(stage_row(&s.stage, &row, i, &s.out));
    }
    stage_watermark(&s.stage, TIME_FOREVER, &s.out);
    u64 rows = 0;
    for (u32 i = 0; i < s.out.count; i++) rows += s.out.at[i].rows;
    CHECK_EQ(rows, 400000);
    stream_close(&s);
}

/* Long enough for growing and eviction: what comes out, and in which order, is the same however the
 * shards are split. */
static void keys_come_and_go_in_the_same_order_at_any_split(void) {
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct stage *stages = calloc(SPLITS, sizeof *stages);
        struct shown_list got[SPLITS] = { 0 };
        struct window_spec spec = { .size_ns = 3000,
                                    .slide_ns = kind == KIND_ALL ? 3000 : 1000,
                                    .lateness_ns = 500 };
        for (u32 n = 0; n < SPLITS; n++) stage_open(&stages[n], kind, &spec, task_counts[n]);
        struct prng p;
        prng_init(&p, kind);
        bool good = true;
        for (u32 i = 0; good && i < 60000; i++) {
            struct row row = { .key = i / 2 + (u32)prng_below(&p, 3000),
                               .value = 1,
                               .time = (i64)i - (i64)prng_below(&p, 900) };
            for (u32 n = 0; n < SPLITS; n++) {
                if (i % 250 == 249) stage_watermark(&stages[n], (i64)i - 600, &got[n]);
                stage_row(&stages[n], &row, i, &got[n]);
            }
            if (i % 250 == 249) {
                good = same_order(got);
                for (u32 n = 0; n < SPLITS; n++) got[n].count = 0;
            }
        }
        CHECK(good);
        u64 keys = stage_keys(&stages[0]);
        CHECK(keys < 30000);
        for (u32 n = 0; n < SPLITS; n++) {
            CHECK_EQ(stage_keys(&stages[n]), keys);
            stage_close(&stages[n]);
            free(got[n].at);
        }
        free(stages);
    }
}

static const struct test tests[] = {
    TEST(random_windows_are_what_the_language_says_at_any_split_of_the_shards),
    TEST(times_at_both_ends_of_what_can_be_written_are_like_any_other),
    TEST(a_slice_at_the_end_of_time_takes_no_rows_from_its_beginning),
    TEST(windows_of_few_nanoseconds_end_where_time_ends),
    TEST(a_stream_of_ever_new_keys_runs_in_state_that_does_not_grow),
    TEST(keys_that_come_again_in_every_window_stay_where_they_are),
    TEST(a_jump_over_a_million_windows_costs_no_step_for_each),
    TEST(rows_far_in_the_future_neither_take_the_slots_nor_much_memory),
    TEST(two_slices_in_turn_do_not_thrash),
    TEST(keys_come_and_go_in_the_same_order_at_any_split),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("window", tests, argc, argv);
}
