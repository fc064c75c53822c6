#include "runtime/base/error.h"
#include "tests/stage/survive.h"
#include "tests/stage/window_cases.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- windows ---- */

struct a_window {
    enum kind kind;
    struct window_spec spec;
    u32 steps, keys, marks, jitter; /* W moves with one row in `marks`; rows come out of order */
    u64 seed;
    bool new_keys;        /* ever new ones */
    i64 row_unit, w_unit; /* the times of rows, and W, are multiples; 0: 1 */
};

struct window_run {
    const struct a_window *what;
    struct stage stage;
    struct shown_list out;
};

static void *windows_open(const void *what, u32 tasks) {
    struct window_run *r = calloc(1, sizeof *r);
    r->what = what;
    stage_open(&r->stage, r->what->kind, &r->what->spec, tasks);
    r->stage.ready = r->what->seed % 3 == 0;
    return r;
}

static void windows_close(void *self) {
    struct window_run *r = self;
    stage_close(&r->stage);
    free(r->out.at);
    free(r);
}

static void windows_step(void *self, u32 n, struct text_buf *out) {
    struct window_run *r = self;
    const struct a_window *a = r->what;
    struct prng p;
    prng_init(&p, a->seed * 1000003 + n);
    struct row row = { .key = (u32)prng_below(&p, a->keys) + (a->new_keys ? n : 0),
                       .null = prng_chance(&p, 1, 4),
                       .value = (i64)prng_below(&p, 2001) - 1000,
                       .time = (i64)n - (i64)prng_below(&p, a->jitter) };
    row.time *= a->row_unit ? a->row_unit : 1;
    i64 w = ((i64)n - 20) * (a->w_unit ? a->w_unit : 1);
    bool took = true;
    if (n + 1 < a->steps) took = stage_row(&r->stage, &row, n, &r->out);
    if (prng_chance(&p, 1, a->marks)) stage_watermark(&r->stage, w, &r->out);
    if (prng_chance(&p, 1, a->marks)) stage_clock(&r->stage, (i64)n, &r->out);
    if (n + 1 == a->steps) stage_watermark(&r->stage, TIME_FOREVER, &r->out);
    if (!took) text_buf_printf(out, "late %u\n", n);
    for (u32 i = 0; i < r->out.count; i++) {
        const struct shown *s = &r->out.at[i];
        text_buf_printf(out, "%u %lld %lld %u %u %u %u %u %u %llu %llu %llx %lld %lld\n", s->key,
                        (long long)s->start, (long long)s->end, s->number, s->timing, s->op,
                        s->caused, s->shard, s->position, (unsigned long long)s->rows,
                        (unsigned long long)s->values, (unsigned long long)s->sum,
                        (long long)s->low, (long long)s->high);
    }
    r->out.count = 0;
}

static struct region *windows_region(void *self, u32 task) {
    struct window_run *r = self;
    return &r->stage.windows[task].keyed.region;
}

static void windows_save(void *self, u32 task, struct pack *to) {
    struct window_run *r = self;
    window_save(&r->stage.windows[task], to);
}

static int windows_restore(void *self, struct unpack *from, const struct image *image) {
    struct window_run *r = self;
    return stage_restore(&r->stage, from, image);
}

static const struct survivor_ops windows = { windows_open,   windows_close, windows_step,
                                             windows_region, windows_save,  windows_restore };

static const struct window_spec specs[] = {
    { .size_ns = 50, .slide_ns = 50 },
    { .size_ns = 50, .slide_ns = 50, .offset_ns = 13, .lateness_ns = 40 },
    { .size_ns = 60, .slide_ns = 10 },
    { .size_ns = 60, .slide_ns = 20, .lateness_ns = 45 },
    { .size_ns = 37, .slide_ns = 10, .lateness_ns = 30 },
    { .size_ns = 70, .slide_ns = 30, .offset_ns = -7 },
    { .shape = SHAPE_GLOBAL },
    { .size_ns = 50, .slide_ns = 50, .lateness_ns = 40, .early.time_ns = { 10 } },
    { .size_ns = 50, .slide_ns = 50, .early = { { 15 }, { 0 }, 3 }, .mode = WINDOW_DISCARDING },
    { .size_ns = 60,
      .slide_ns = 20,
      .lateness_ns = 45,
      .early.time_ns = { 15, 40 },
      .late = { { 20 }, { 0 }, 4 },
      .mode = WINDOW_RETRACTING },
    { .size_ns = 37, .slide_ns = 10, .lateness_ns = 30, .mode = WINDOW_DISCARDING },
    { .shape = SHAPE_GLOBAL, .early = { { 40 }, { 25 }, 0 }, .mode = WINDOW_RETRACTING },
    { .size_ns = 50,
      .slide_ns = 50,
      .lateness_ns = 90,
      .early.wall_ns = { 20 },
      .late.wall_ns = { 30, 70 },
      .mode = WINDOW_DISCARDING },
    { .size_ns = 130, .slide_ns = 7, .lateness_ns = 25 },
    { .size_ns = 100, .slide_ns = 2, .lateness_ns = 90 },
};

static void windows_of_all_kinds_survive_at_every_row(void) {
    struct prng p;
    prng_init(&p, 5);
    for (u32 spec = 0; spec < sizeof specs / sizeof *specs; spec++)
        for (enum kind kind = 0; kind <= KIND_FLOAT; kind++) {
            struct a_window a = { .kind = kind,
                                  .spec = specs[spec],
                                  .steps = 260,
                                  .keys = spec % 2 ? 7 : 60,
                                  .marks = 3,
                                  .jitter = spec % 3 ? 80 : 15,
                                  .seed = spec * 10 + kind };
            struct survival s = { &windows, &a, a.steps, 1, a.steps };
            u32 at = 0;
            if (!CHECK(survive(&s, &p, &at))) {
                printf("spec %u kind %d, saved at %u\n", spec, kind, at);
                return;
            }
        }
}

/* Without a zone: what zones are is the system's. */
static const struct calendar days = { .unit = UNIT_DAY }, months = { .unit = UNIT_MONTH };

static void calendar_windows_and_those_that_rows_carry_survive(void) {
    static const struct a_window cases[] = {
        { .spec = { .shape = SHAPE_CALENDAR,
                    .zone = "UTC",
                    .unit = UNIT_DAY,
                    .calendar = &days,
                    .lateness_ns = NS_PER_DAY },
          .row_unit = 7 * NS_PER_HOUR,
          .w_unit = 7 * NS_PER_HOUR },
        { .spec = { .shape = SHAPE_CALENDAR,
                    .zone = "UTC",
                    .unit = UNIT_MONTH,
                    .calendar = &months,
                    .offset_ns = -NS_PER_DAY },
          .row_unit = 5 * NS_PER_DAY,
          .w_unit = 5 * NS_PER_DAY },
        { .spec = { .same = true, .size_ns = 60, .slide_ns = 10, .lateness_ns = 40 } },
    };
    struct prng p;
    prng_init(&p, 7);
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++)
        for (enum kind kind = 0; kind <= KIND_FLOAT; kind++) {
            struct a_window a = cases[i];
            a.kind = kind;
            a.steps = 200;
            a.keys = 9;
            a.marks = 3;
            a.jitter = 30;
            a.seed = i;
            struct survival s = { &windows, &a, a.steps, 1, a.steps };
            u32 at = 0;
            if (!CHECK(survive(&s, &p, &at))) printf("case %u kind %d, saved at %u\n", i, kind, at);
        }
}

static void keys_that_come_and_go_survive_in_their_order(void) {
    struct prng p;
    prng_init(&p, 6);
    for (enum kind kind = 0; kind <= KIND_FLOAT; kind++) {
        struct a_window a = { .kind = kind,
                              .spec = { .size_ns = 3000,
                                        .slide_ns = kind == KIND_ALL ? 3000 : 1000,
                                        .lateness_ns = 500 },
                              .steps = 40000,
                              .keys = 3000,
                              .marks = 250,
                              .jitter = 900,
                              .seed = kind,
                              .new_keys = true };
        struct survival s = { &windows, &a, a.steps, 1333, 4000 };
        u32 at = 0;
        if (!CHECK(survive(&s, &p, &at))) printf("kind %d, saved at %u\n", kind, at);
    }
}

/* ---- what was saved is damaged, and no checksum told ---- */

static void damaged_state_is_refused_or_does_no_harm(void) {
    struct prng p;
    prng_init(&p, 8);
    for (u32 n = 0; n < 2 * (KIND_FLOAT + 1); n++) {
        enum kind kind = (enum kind)(n / 2);
        u32 plain = kind == KIND_SUM ? 3 : 1, books = 7 + kind; /* of specs */
        struct a_window what = { .kind = kind,
                                 .spec = specs[n % 2 ? books : plain],
                                 .steps = 300,
                                 .keys = 20,
                                 .marks = 3,
                                 .jitter = 60,
                                 .seed = kind };
        if (kind == KIND_ALL) {
            what.spec = (struct window_spec){
                .shape = SHAPE_CALENDAR, .zone = "UTC", .unit = UNIT_DAY, .calendar = &days
            };
            what.row_unit = what.w_unit = 5 * NS_PER_HOUR;
        }
        struct survival s = { &windows, &what, what.steps, 1, what.steps };
        struct wreck k;
        wreck_make(&k, &s);
        CHECK(wreck_try(&k));
        CHECK(wreck_flip(&k, 1000, &p) > 100);
        wreck_free(&k);
    }
}

static const struct test tests[] = {
    TEST(damaged_state_is_refused_or_does_no_harm),
    TEST(windows_of_all_kinds_survive_at_every_row),
    TEST(calendar_windows_and_those_that_rows_carry_survive),
    TEST(keys_that_come_and_go_survive_in_their_order),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("survive", tests, argc, argv);
}
