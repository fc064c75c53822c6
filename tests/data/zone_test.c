/* Zones are those of the system, as Python reads them; calendars are held against plain counting.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/env.h"
#include "runtime/base/error.h"
#include "runtime/data/calendar.h"
#include "runtime/data/zone_rule.h"
#include "tests/support/suite.h"

static const struct {
    const char *zone;
    i64 instant, offset, local, shown;
} clocks[] = {
#include "tests/data/zone_vectors.inc"
};

static struct zone *zone(const char *name) {
    struct env env = env_real();
    struct zone *z = zone_load(&env, name);
    if (!suite_check(z != NULL, name, __FILE__, __LINE__)) exit(1);
    return z;
}

static i64 at(const char *text) {
    i64 ns = 0;
    suite_check(parse_timestamp(text, strlen(text), &ns), text, __FILE__, __LINE__);
    return floor_div(ns, NS_PER_SECOND);
}

static void clocks_show_what_python_says(void) {
    struct zone *z = NULL;
    const char *name = "";
    for (u32 i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        if (strcmp(name, clocks[i].zone) != 0) {
            zone_free(z);
            z = zone(name = clocks[i].zone);
        }
        struct zone_span span = zone_span_at(z, clocks[i].instant);
        bool right =
            CHECK_EQ(span.offset, clocks[i].offset) && CHECK(span.until > clocks[i].instant);
        right &= CHECK_EQ(zone_instant(z, clocks[i].local), clocks[i].shown);
        if (!right) {
            suite_check(false, name, __FILE__, __LINE__);
            break;
        }
    }
    zone_free(z);
    CHECK(sizeof clocks / sizeof *clocks > 3000);
}

/* Every part begins where the one before ends, and what it holds is numbered with it. */
static void check_parts(const struct calendar *c, i64 number, u32 count) {
    for (i64 k = number; k < number + count; k++) {
        i64 start = calendar_start(c, k), end = calendar_start(c, k + 1);
        bool right = CHECK(start <= end);
        if (start < end)
            right &= CHECK_EQ(calendar_number(c, start), k) &
                     CHECK_EQ(calendar_number(c, end - 1), k) &
                     CHECK_EQ(calendar_number(c, start + (end - start) / 2), k);
        if (!right) return;
    }
}

static void parts_of_the_calendar_follow_each_other(void) {
    static const char *const names[] = { "Europe/Berlin", "Pacific/Apia",      "America/Havana",
                                         "Asia/Gaza",     "Pacific/Kwajalein", "America/Sao_Paulo",
                                         "Asia/Manila" };
    for (u32 i = 0; i <= sizeof names / sizeof *names; i++) {
        struct calendar c = { .unit = UNIT_DAY };
        if (i) c.zone = zone(names[i - 1]);
        check_parts(&c, -50000, 160000 / 7);
        check_parts(&c, -1000, 60000);
        c.unit = UNIT_WEEK;
        check_parts(&c, -5000, 12000);
        c.unit = UNIT_MONTH;
        check_parts(&c, 1600 * 12, 800 * 12);
        c.unit = UNIT_YEAR;
        check_parts(&c, 1600, 800);
        zone_free(c.zone);
    }
}

static void check_part(const struct calendar *c, const char *inside, const char *start,
                       const char *end) {
    i64 k = calendar_number(c, at(inside));
    CHECK_EQ(calendar_start(c, k), at(start));
    CHECK_EQ(calendar_start(c, k + 1), at(end));
}

static void days_have_23_and_25_hours(void) {
    struct calendar c = { UNIT_DAY, zone("Europe/Berlin") };
    check_part(&c, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    check_part(&c, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    c.unit = UNIT_WEEK;
    check_part(&c, "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z");
    c.unit = UNIT_YEAR;
    check_part(&c, "2026-12-31T22:59:59Z", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z");
    zone_free(c.zone);
    c = (struct calendar){ UNIT_DAY, zone("Australia/Lord_Howe") };
    check_part(&c, "2024-04-07T00:00:00Z", "2024-04-06T13:00:00Z", "2024-04-07T13:30:00Z");
    zone_free(c.zone);
}

/* A midnight that clocks skip; one that comes twice; a day that a zone leaves out. */
static void a_day_begins_where_midnight_is_skipped_comes_twice_or_never(void) {
    struct calendar c = { UNIT_DAY, zone("America/Sao_Paulo") };
    check_part(&c, "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z");
    zone_free(c.zone);
    c.zone = zone("America/Havana");
    check_part(&c, "2024-11-03T12:00:00Z", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z");
    zone_free(c.zone);
    c.zone = zone("Pacific/Apia");
    check_part(&c, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
    check_part(&c, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
    i64 left_out = at("2011-12-30T00:00:00Z") / 86400;
    CHECK_EQ(calendar_start(&c, left_out), calendar_start(&c, left_out + 1));
    CHECK_EQ(calendar_number(&c, at("2011-12-30T10:00:00Z")), left_out + 1);
    zone_free(c.zone);
}

static void rules_are_read_as_they_are_written(void) {
    static const char *const wrong[] = { "",
                                         "CE-1",
                                         "CET",
                                         "CET-1CEST",
                                         "CET-1CEST,M3.5",
                                         "CET-1CEST,M3.5.0",
                                         "CET-1,",
                                         "<+01-1",
                                         "CET-1CEST,M13.1.0,M1.1.0",
                                         "CET-1CEST,J0,J2",
                                         "CET-168",
                                         "CET-1CEST,M3.5.0,M10.5.0/3x" };
    struct zone_rule rule;
    for (u32 i = 0; i < sizeof wrong / sizeof *wrong; i++)
        suite_check(!zone_rule_parse(wrong[i], &rule), wrong[i], __FILE__, __LINE__);
    CHECK(zone_rule_parse("<-0330>3:30", &rule));
    CHECK_EQ(zone_rule_span(&rule, 0).offset, -12600);
    CHECK_EQ(zone_rule_span(&rule, 0).until, INT64_MAX);
    /* February 29 has no number J, and is day 59 from 0 */
    CHECK(zone_rule_parse("A-1B,J60/0,J300", &rule) == false);
    CHECK(zone_rule_parse("AAA0BBB,J60/0,J300", &rule));
    CHECK_EQ(zone_rule_span(&rule, at("2024-02-29T12:00:00Z")).offset, 0);
    CHECK_EQ(zone_rule_span(&rule, at("2024-03-01T00:00:00Z")).offset, 3600);
    CHECK(zone_rule_parse("AAA0BBB,59/0,300", &rule));
    CHECK_EQ(zone_rule_span(&rule, at("2024-02-29T00:00:00Z")).offset, 3600);
    CHECK_EQ(zone_rule_span(&rule, at("2023-03-01T00:00:00Z")).offset, 3600);
    /* summer all year: one change falls on the other */
    CHECK(zone_rule_parse("EST5EDT,0/0,J365/25", &rule));
    for (u32 i = 0; i < 1000; i++)
        CHECK_EQ(zone_rule_span(&rule, at("2024-01-01T04:59:00Z") + i * 3607).offset, -14400);
}

static void what_is_no_zone_is_refused(void) {
    static const char *const names[] = {
        "",        "Europe/Berlim", "../etc/passwd", "/etc",        "Europe/../UTC",  "Europe",
        "Europe/", "tzdata.zi",     "zone.tab",      "leapseconds", "Europe//Berlin", "right/UTC"
    };
    struct env env = env_real();
    for (u32 i = 0; i < sizeof names / sizeof *names; i++) {
        error_clear();
        suite_check(!zone_load(&env, names[i]), names[i], __FILE__, __LINE__);
        suite_check(strstr(error_text(), "time zone") != NULL, error_text(), __FILE__, __LINE__);
    }
}

static void count_name(void *arg, const char *name) {
    u32 *count = arg;
    count[0]++;
    count[1] += strcmp(name, "Europe/Berlin") == 0;
    count[2] += strcmp(name, "Asia/Calcutta") == 0; /* another name of one */
}

static void zones_have_names(void) {
    u32 count[3] = { 0 };
    struct env env = env_real();
    zone_names(&env, count_name, count);
    CHECK(count[0] > 400);
    CHECK_EQ(count[1], 1);
    CHECK_EQ(count[2], 1);
}

int main(int argc, char **argv) {
    static const struct test tests[] = {
        TEST(clocks_show_what_python_says),
        TEST(parts_of_the_calendar_follow_each_other),
        TEST(days_have_23_and_25_hours),
        TEST(a_day_begins_where_midnight_is_skipped_comes_twice_or_never),
        TEST(rules_are_read_as_they_are_written),
        TEST(what_is_no_zone_is_refused),
        TEST(zones_have_names),
        { 0 },
    };
    return suite_run("zone", tests, argc, argv);
}
