#include "runtime/data/zone_rule.h"

#include "runtime/data/timefn.h"

#include <string.h>

#define DAY 86400ll
#define HOURS_MAX 167

/* ---- reading ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* `<+0530>`, or three letters and more. */
static bool take_name(const char **at) {
    const char *p = *at, *from = p;
    if (*p == '<') {
        for (p++; is_letter(*p) || is_digit(*p) || *p == '+' || *p == '-';) p++;
        if (*p++ != '>') return false;
    } else
        while (is_letter(*p)) p++;
    *at = p;
    return p - from >= 3;
}

static bool take_number(const char **at, i32 least, i32 most, i32 *out) {
    const char *p = *at;
    i32 n = 0;
    if (!is_digit(*p)) return false;
    for (; is_digit(*p) && n < 1000; p++) n = n * 10 + (*p - '0');
    *at = p;
    *out = n;
    return n >= least && n <= most;
}

static bool take(const char **at, char c) {
    if (**at != c) return false;
    ++*at;
    return true;
}

/* `[+-]hh[:mm[:ss]]` in seconds. */
static bool take_time(const char **at, i32 *out) {
    i32 hours, minutes = 0, seconds = 0, sign = take(at, '-') ? -1 : 1;
    if (sign > 0) take(at, '+');
    if (!take_number(at, 0, HOURS_MAX, &hours)) return false;
    if (take(at, ':') && !take_number(at, 0, 59, &minutes)) return false;
    if (take(at, ':') && !take_number(at, 0, 59, &seconds)) return false;
    *out = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool take_day(const char **at, struct zone_day *out) {
    *out = (struct zone_day){ .seconds = 7200 };
    if (!take(at, ',')) return false;
    if (take(at, 'M')) {
        out->kind = ZONE_DAY_OF_MONTH;
        if (!take_number(at, 1, 12, &out->month) || !take(at, '.') ||
            !take_number(at, 1, 5, &out->week) || !take(at, '.') ||
            !take_number(at, 0, 6, &out->weekday))
            return false;
    } else {
        out->kind = take(at, 'J') ? ZONE_DAY_WITHOUT_LEAP : ZONE_DAY_OF_YEAR;
        if (!take_number(at, out->kind == ZONE_DAY_WITHOUT_LEAP, 365, &out->day)) return false;
    }
    return !take(at, '/') || take_time(at, &out->seconds);
}

bool zone_rule_parse(const char *text, struct zone_rule *out) {
    const char *at = text;
    *out = (struct zone_rule){ 0 };
    if (!take_name(&at) || !take_time(&at, &out->standard)) return false;
    out->standard = -out->standard; /* it is told as west of UTC */
    if (!*at) return true;
    out->changes = true;
    out->summer = out->standard + 3600;
    if (!take_name(&at)) return false;
    if (*at != ',') {
        if (!take_time(&at, &out->summer)) return false;
        out->summer = -out->summer;
    }
    return take_day(&at, &out->to_summer) && take_day(&at, &out->to_standard) && !*at;
}

/* ---- asking ---- */

/* As clocks show it that do not know of the change yet. */
static i64 local_change(const struct zone_day *d, i64 year) {
    i64 day = 0, january = days_of_civil(year, 1, 1);
    switch (d->kind) {
    case ZONE_DAY_OF_MONTH: {
        i64 first = days_of_civil(year, (u32)d->month, 1);
        i64 behind = d->month == 12 ? days_of_civil(year + 1, 1, 1)
                                    : days_of_civil(year, (u32)d->month + 1, 1);
        day = first + floor_mod(d->weekday - (first + 4), 7) + (d->week - 1) * 7;
        day -= day >= behind ? 7 : 0;
        break;
    }
    case ZONE_DAY_WITHOUT_LEAP:
        day = january + d->day - 1 + (d->day >= 60 && is_leap_year(year));
        break;
    case ZONE_DAY_OF_YEAR:
        day = january + d->day;
        break;
    }
    return day * DAY + d->seconds;
}

/* The changes of three years, of which one must be before and one behind the instant; those at the
   same time in the order of the years, so that the last one counts. */
struct zone_span zone_rule_span(const struct zone_rule *rule, i64 instant) {
    if (!rule->changes) return (struct zone_span){ INT64_MAX, rule->standard };
    struct {
        i64 at;
        i32 offset;
    } changes[6];
    u32 count = 0;
    i64 year = civil_of_days(floor_div(instant, DAY)).year;
    for (i64 y = year - 1; y <= year + 1; y++)
        for (u32 summer = 0; summer < 2; summer++) {
            bool on = local_change(&rule->to_summer, y) < local_change(&rule->to_standard, y)
                          ? !summer
                          : summer;
            const struct zone_day *day = on ? &rule->to_summer : &rule->to_standard;
            i32 before = on ? rule->standard : rule->summer;
            changes[count].at = local_change(day, y) - before;
            changes[count++].offset = on ? rule->summer : rule->standard;
        }
    u32 behind = 0;
    while (behind < count && changes[behind].at <= instant) behind++;
    return (struct zone_span){ changes[behind].at, changes[behind - 1].offset };
}
