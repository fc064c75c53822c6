#include "runtime/base/prng.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"
#include "tests/data/guarded.h"
#include "tests/support/suite.h"

static struct str str(const char *text) {
    return (struct str){ text, strlen(text) };
}

static const struct {
    i64 ns;
    const char *text, *form;
} times[] = {
#include "tests/data/time_vectors.inc"
};

static const struct {
    const char *text;
    i64 ns;
} offsets[] = {
#include "tests/data/offset_vectors.inc"
};

static void timestamps_are_written_and_read_as_python_has_them(void) {
    for (u32 i = 0; i < sizeof times / sizeof *times; i++) {
        char got[FORMAT_ROOM + 1];
        i64 back = 0;
        got[format_timestamp(got, times[i].ns)] = 0;
        CHECK_STR(got, times[i].text);
        CHECK(parse_timestamp(got, strlen(got), &back));
        CHECK_EQ(back, times[i].ns);
    }
}

static void timestamps_of_others_are_read(void) {
    struct guarded g = guarded_new(1);
    for (u32 i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        i64 ns = 0;
        u64 n = strlen(offsets[i].text);
        if (!suite_check(parse_timestamp(guarded_put(&g, offsets[i].text, n, 0), n, &ns),
                         offsets[i].text, __FILE__, __LINE__))
            continue;
        CHECK_EQ(ns, offsets[i].ns);
    }
    guarded_free(&g);
}

static void what_is_no_timestamp_is_refused(void) {
    static const char *const texts[] = {
        "",
        "2024",
        "2024-01-15",
        "2024-01-15T10:00:00",
        "2024-01-15T10:00Z",
        "2024-01-15T10:00:00.Z",
        "2024-01-15T10:00:00.1234567890Z",
        "2024-01-15T10:00:60Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T10:60:00Z",
        "2024-13-15T10:00:00Z",
        "2024-00-15T10:00:00Z",
        "2024-01-32T10:00:00Z",
        "2024-01-00T10:00:00Z",
        "2023-02-29T10:00:00Z",
        "1900-02-29T10:00:00Z",
        "2024-04-31T10:00:00Z",
        "0000-01-15T10:00:00Z",
        "2024-01-15T10:00:00+24:00",
        "2024-01-15T10:00:00+01:60",
        "2024-01-15T10:00:00+0100",
        "2024-01-15T10:00:00+01",
        "2024-01-15T10:00:00ZZ",
        "2024-01-15T10:00:00Z ",
        " 2024-01-15T10:00:00Z",
        "2024/01/15T10:00:00Z",
        "2024-01-15_10:00:00Z",
        "2024-01-15T10.00.00Z",
        "+024-01-15T10:00:00Z",
        "2024-1-015T10:00:00Z",
        "2024-01-15T10:00:0aZ",
        "2024-01-15T10:00:00,5Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1677-09-21T00:12:43.145224191Z",
        "2262-04-11T23:47:16.854775808Z",
    };
    i64 ns = 7;
    for (u32 i = 0; i < sizeof texts / sizeof *texts; i++)
        suite_check(!parse_timestamp(texts[i], strlen(texts[i]), &ns), texts[i], __FILE__,
                    __LINE__);
    CHECK_EQ(ns, 7);
    CHECK(parse_timestamp("2024-02-29T00:00:00-00:00", 25, &ns) && ns == 1709164800000000000ll);
}

static void dates_are_formatted_as_strftime_does(void) {
    static const char form[] =
        "%Y %m %d %H %M %S %j %y %e %F %T %D %R %a %A %b %B %p %I %u %w %% %s %N";
    struct scratch scratch;
    scratch_init(&scratch);
    for (u32 i = 0; i < sizeof times / sizeof *times; i++) {
        char got[256];
        scratch_reset(&scratch);
        struct str text = date_format(times[i].ns, str(form), &scratch);
        memcpy(got, text.at, text.size);
        got[text.size] = 0;
        if (!CHECK_STR(got, times[i].form)) break;
    }
    struct str part = date_format(1234567890, str("%L|%f|%n%t"), &scratch);
    CHECK(part.size == 13 && memcmp(part.at, "234|234567|\n\t", 13) == 0);
    CHECK_EQ(date_format(0, str(""), &scratch).size, 0);
    scratch_fini(&scratch);
}

static void an_unknown_conversion_is_found(void) {
    u64 bad = 0;
    CHECK(date_format_check("%Y-%m-%d", 8, &bad));
    CHECK(!date_format_check("%Y-%Q", 5, &bad));
    CHECK_EQ(bad, 3);
    CHECK(!date_format_check("100%", 4, &bad));
    CHECK_EQ(bad, 3);
}

static void calendar_parts_are_those_of_the_text(void) {
    u64 wrong = 0;
    for (u32 i = 0; i < sizeof times / sizeof *times; i++) {
        i64 t = times[i].ns, year = 0, month = 0, day = 0;
        const char *form = times[i].form;
        parse_i64(form, 4, &year);
        parse_i64(form + 5, 2, &month);
        parse_i64(form + 8, 2, &day);
        wrong += time_year(t) != year || time_month(t) != month || time_day(t) != day;
        wrong += time_hour(t) != (form[11] - '0') * 10 + form[12] - '0';
        wrong += time_minute(t) != (form[14] - '0') * 10 + form[15] - '0';
        wrong += time_second(t) != (form[17] - '0') * 10 + form[18] - '0';
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(time_day_of_week(0), 4);
    CHECK_EQ(time_day_of_week(-1), 3);
}

static void times_are_cut_down_to_units_before_1970_too(void) {
    static const struct {
        const char *at, *unit, *want;
    } rows[] = {
        { "2024-05-15T13:14:15.5Z", "second", "2024-05-15T13:14:15Z" },
        { "2024-05-15T13:14:15.5Z", "minute", "2024-05-15T13:14:00Z" },
        { "2024-05-15T13:14:15.5Z", "hour", "2024-05-15T13:00:00Z" },
        { "2024-05-15T13:14:15.5Z", "day", "2024-05-15T00:00:00Z" },
        { "2024-05-15T13:14:15.5Z", "week", "2024-05-13T00:00:00Z" },
        { "2024-05-15T13:14:15.5Z", "month", "2024-05-01T00:00:00Z" },
        { "2024-05-15T13:14:15.5Z", "quarter", "2024-04-01T00:00:00Z" },
        { "2024-05-15T13:14:15.5Z", "year", "2024-01-01T00:00:00Z" },
        { "1969-12-31T23:59:59.5Z", "day", "1969-12-31T00:00:00Z" },
        { "1969-12-31T23:59:59.5Z", "week", "1969-12-29T00:00:00Z" },
        { "1900-03-01T00:00:00Z", "year", "1900-01-01T00:00:00Z" },
        { "1969-12-31T23:59:59.5Z", "second", "1969-12-31T23:59:59Z" },
    };
    for (u32 i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[FORMAT_ROOM + 1];
        i64 t = 0;
        enum time_unit unit;
        CHECK(parse_timestamp(rows[i].at, strlen(rows[i].at), &t));
        if (!CHECK(time_unit_from_word(rows[i].unit, strlen(rows[i].unit), &unit))) continue;
        got[format_timestamp(got, time_trunc_unit(t, unit))] = 0;
        CHECK_STR(got, rows[i].want);
    }
    enum time_unit unit;
    CHECK(!time_unit_from_word("decade", 6, &unit) && !time_unit_from_word("da", 2, &unit));
    CHECK_EQ(time_trunc(-1, NS_PER_HOUR), -NS_PER_HOUR);
    CHECK_EQ(time_trunc(INT64_MIN, NS_PER_DAY), INT64_MIN);
    CHECK_EQ(time_trunc_unit(INT64_MIN, UNIT_YEAR), INT64_MIN);
}

static void arithmetic_saturates_at_both_ends(void) {
    i64 ns = 7;
    CHECK_EQ(time_add(INT64_MAX, 1), INT64_MAX);
    CHECK_EQ(time_add(INT64_MIN, -1), INT64_MIN);
    CHECK_EQ(time_sub(INT64_MIN, 1), INT64_MIN);
    CHECK_EQ(time_sub(INT64_MAX, -1), INT64_MAX);
    CHECK_EQ(time_sub(0, INT64_MIN), INT64_MAX);
    CHECK_EQ(time_unix_ms(-1), -1);
    CHECK_EQ(time_unix_ms(1999999), 1);
    CHECK(time_from_unix_ms(-5, &ns) && ns == -5 * NS_PER_MS);
    CHECK(!time_from_unix_ms(INT64_MAX / 1000, &ns) && !time_from_unix_ms(INT64_MIN, &ns));
}

static void durations_are_written_and_read(void) {
    static const struct {
        i64 ns;
        const char *text;
    } rows[] = {
        { 0, "0s" },
        { 1, "1ns" },
        { -1, "-1ns" },
        { 90 * NS_PER_MINUTE, "1h30m" },
        { 26 * NS_PER_HOUR, "26h" },
        { NS_PER_MS * 1500, "1s500ms" },
        { 1001, "1us1ns" },
        { INT64_MAX, "2562047h47m16s854ms775us807ns" },
        { INT64_MIN, "-2562047h47m16s854ms775us808ns" },
    };
    struct prng prng;
    i64 ns = 7;
    prng_init(&prng, 6);
    for (u32 i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[FORMAT_ROOM + 1];
        got[format_duration(got, rows[i].ns)] = 0;
        CHECK_STR(got, rows[i].text);
    }
    for (u32 turn = 0; turn < 20000; turn++) {
        char text[FORMAT_ROOM];
        i64 value = (i64)prng_next(&prng) >> prng_below(&prng, 64), back = 0;
        u64 n = format_duration(text, value);
        if (!CHECK(n <= FORMAT_ROOM && parse_duration(text, n, &back) && back == value)) break;
    }
    CHECK(parse_duration("2d1h", 4, &ns) && ns == 49 * NS_PER_HOUR);
    static const char *const no[] = { "",
                                      "-",
                                      "1",
                                      "s",
                                      "1h1h",
                                      "1m1h",
                                      "1.5h",
                                      "1h ",
                                      "1w",
                                      "+1h",
                                      "1h-1m",
                                      "9999999999h",
                                      "9223372036854775808ns",
                                      "1hm",
                                      "--1s" };
    for (u32 i = 0; i < sizeof no / sizeof *no; i++)
        suite_check(!parse_duration(no[i], strlen(no[i]), &ns), no[i], __FILE__, __LINE__);
}

static const struct test tests[] = {
    TEST(timestamps_are_written_and_read_as_python_has_them),
    TEST(timestamps_of_others_are_read),
    TEST(what_is_no_timestamp_is_refused),
    TEST(dates_are_formatted_as_strftime_does),
    TEST(an_unknown_conversion_is_found),
    TEST(calendar_parts_are_those_of_the_text),
    TEST(times_are_cut_down_to_units_before_1970_too),
    TEST(arithmetic_saturates_at_both_ends),
    TEST(durations_are_written_and_read),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("timefn", tests, argc, argv);
}
