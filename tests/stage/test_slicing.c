/* Every time is in its slice, every slice in its windows, and W opens the first window that it has
   not passed: for windows of all shapes, at both ends of time too. */
#include "runtime/base/env.h"
#include "runtime/base/prng.h"
#include "runtime/stage/slicing.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>

static i64 some_time(struct prng *p, i64 around) {
    switch (prng_below(p, 6)) {
    case 0:
        return TIME_NEVER + (i64)prng_below(p, 1000);
    case 1:
        return TIME_FOREVER - (i64)prng_below(p, 1000);
    case 2:
        return time_add(TIME_NEVER, (i64)prng_below(p, (u64)around));
    case 3:
        return time_sub(TIME_FOREVER, (i64)prng_below(p, (u64)around));
    case 4:
        return (i64)prng_below(p, UINT64_MAX);
    default:
        return (i64)prng_below(p, 2 * (u64)around) - around;
    }
}

static bool check_time(const struct slicing *s, i64 t) {
    i64 slice = slicing_slice(s, t);
    bool right = CHECK(slicing_start(s, slice) <= t && t < slicing_end(s, slice));
    for (i64 k = slicing_oldest(s, slice); k <= slicing_newest(s, slice); k++)
        right &= CHECK(slicing_window_start(s, k) <= t && t < slicing_window_end(s, k));
    return right;
}

static bool check_w(const struct slicing *s, i64 w, i64 late) {
    if (w == TIME_NEVER || w == TIME_FOREVER) return true;
    i64 k = slicing_first_open(s, w, late);
    return CHECK(slicing_window_end(s, k) + late > w) &
           CHECK(slicing_window_end(s, k - 1) + late <= w);
}

static void check_spec(struct prng *p, const struct window_spec *spec, i64 around) {
    struct slicing s = slicing_of(spec);
    for (u32 i = 0; i < 200; i++) {
        i64 t = some_time(p, around), w = some_time(p, around);
        if (check_time(&s, t) && check_w(&s, w, (i64)prng_below(p, (u64)around))) continue;
        printf("shape %d size %lld slide %lld offset %lld zone %s t %lld w %lld\n", spec->shape,
               (long long)spec->size_ns, (long long)spec->slide_ns, (long long)spec->offset_ns,
               spec->zone ? spec->zone : "-", (long long)t, (long long)w);
        return;
    }
}

static void fixed_windows_hold_their_times(void) {
    struct prng p;
    prng_init(&p, 1);
    for (u32 i = 0; i < 200; i++) {
        i64 slide = 3 + (i64)prng_below(&p, i % 2 ? 100 : (u64)NS_PER_DAY);
        struct window_spec spec = { .slide_ns = slide,
                                    .size_ns = slide + (i64)prng_below(&p, (u64)slide * 9),
                                    .offset_ns = (i64)prng_below(&p, (u64)slide) };
        check_spec(&p, &spec, spec.size_ns * 10);
    }
}

static void calendar_windows_hold_their_times(void) {
    static const char *const zones[] = { NULL,          "Europe/Berlin",  "Pacific/Apia",
                                         "Asia/Manila", "America/Havana", "Australia/Lord_Howe" };
    static const enum time_unit units[] = { UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };
    struct env env = env_real();
    struct prng p;
    prng_init(&p, 2);
    for (u32 z = 0; z < sizeof zones / sizeof *zones; z++)
        for (u32 u = 0; u < 4; u++) {
            struct calendar c = { units[u], zones[z] ? zone_load(&env, zones[z]) : NULL };
            struct window_spec spec = { .shape = SHAPE_CALENDAR,
                                        .zone = zones[z] ? zones[z] : "UTC",
                                        .unit = units[u],
                                        .calendar = &c,
                                        .offset_ns =
                                            (i64)prng_below(&p, NS_PER_DAY) - NS_PER_HOUR };
            check_spec(&p, &spec, 400 * NS_PER_DAY);
            zone_free(c.zone);
        }
}

/* A pane of window k has the time window_end - 1; `same` gives it the same start and end again. */
static void a_row_of_a_window_is_of_the_same_window_again(void) {
    struct prng p;
    prng_init(&p, 3);
    for (u32 i = 0; i < 2000; i++) {
        i64 slide = 3 + (i64)prng_below(&p, 1000), size = slide + (i64)prng_below(&p, 5000);
        struct window_spec spec = { .slide_ns = slide,
                                    .size_ns = size,
                                    .offset_ns = (i64)prng_below(&p, (u64)slide) };
        struct slicing s = slicing_of(&spec);
        spec.same = true;
        struct slicing same = slicing_of(&spec);
        i64 k = slicing_newest(&s, slicing_slice(&s, some_time(&p, size * 9)));
        __int128 end = slicing_window_end(&s, k);
        if (end > TIME_FOREVER || end - 1 < TIME_NEVER) continue;
        i64 again = slicing_newest(&same, slicing_slice(&same, (i64)end - 1));
        bool right = CHECK(slicing_window_end(&same, again) == end);
        if (!(right & CHECK(slicing_window_start(&same, again) == slicing_window_start(&s, k))))
            return;
    }
}

static const struct test tests[] = {
    TEST(fixed_windows_hold_their_times),
    TEST(calendar_windows_hold_their_times),
    TEST(a_row_of_a_window_is_of_the_same_window_again),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("slicing", tests, argc, argv);
}
