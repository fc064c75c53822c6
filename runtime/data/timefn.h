/* Instants and durations: i64 nanoseconds, instants since 1970 UTC (so from 1677-09-21 to
   2262-04-11). Days and years are those of the proleptic Gregorian calendar in UTC; before 1970
   everything rounds down, as after it. */
#ifndef RUNTIME_DATA_TIMEFN_H
#define RUNTIME_DATA_TIMEFN_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

#define NS_PER_US 1000ll
#define NS_PER_MS 1000000ll
#define NS_PER_SECOND 1000000000ll
#define NS_PER_MINUTE (60 * NS_PER_SECOND)
#define NS_PER_HOUR (60 * NS_PER_MINUTE)
#define NS_PER_DAY (24 * NS_PER_HOUR)

/* ---- text (contracts of number.h) ---- */

/* RFC 3339: `2024-01-15T10:00:00[.fraction](Z|+hh:mm|-hh:mm)`; t and z too, a blank for the T, 1 to
   9 digits of fraction, years 0001 to 9999. False too for what i64 ns cannot hold, and for
   second 60. */
bool parse_timestamp(const void *at, u64 size, i64 *out);
/* One or more of `2d 1h 30m 10s 500ms 100us 50ns` without blanks, each a whole number and a unit,
   the greater unit first, `-` before all for a negative one. */
bool parse_duration(const void *at, u64 size, i64 *out);

/* As UTC with `Z` and 0, 3, 6 or 9 digits of fraction. */
u64 format_timestamp(char *to, i64 ns);
/* As parse_duration has it, units from hours down without those that are zero: `26h`, `1h30m`,
 * `0s`. */
u64 format_duration(char *to, i64 ns);

/* ---- arithmetic ---- */

ALWAYS_INLINE i64 floor_mod(i64 a, i64 unit) {
    i64 r = a % unit;
    return r < 0 ? r + unit : r;
}
ALWAYS_INLINE i64 floor_div(i64 a, i64 unit) {
    return a / unit - (a % unit < 0);
}

/* Saturates. */
ALWAYS_INLINE i64 time_add(i64 t, i64 duration) {
    i64 sum;
    if (UNLIKELY(__builtin_add_overflow(t, duration, &sum)))
        return duration < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}
ALWAYS_INLINE i64 time_sub(i64 t, i64 duration) {
    i64 rest;
    if (UNLIKELY(__builtin_sub_overflow(t, duration, &rest)))
        return duration < 0 ? INT64_MAX : INT64_MIN;
    return rest;
}

/* The greatest multiple of unit (> 0) that is not after t; the least instant if there is none. */
ALWAYS_INLINE i64 time_trunc(i64 t, i64 unit) {
    return time_sub(t, floor_mod(t, unit));
}

ALWAYS_INLINE i64 time_unix_ms(i64 t) {
    return floor_div(t, NS_PER_MS);
}
/* False: i64 ns cannot hold it. */
ALWAYS_INLINE bool time_from_unix_ms(i64 ms, i64 *out) {
    return !__builtin_mul_overflow(ms, NS_PER_MS, out);
}

/* Saturates. */
ALWAYS_INLINE i64 time_of_unix_ms(i64 ms) {
    const u64 most = INT64_MAX / NS_PER_MS;
    if (UNLIKELY((u64)ms + most > 2 * most)) return ms < 0 ? INT64_MIN : INT64_MAX;
    return ms * NS_PER_MS;
}

/* ---- calendar ---- */

struct civil {
    i64 year;
    u32 month, day;  /* from 1 */
    u32 day_of_year; /* from 1 */
};

/* Days are counted from 1970-01-01. */
i64 days_of_civil(i64 year, u32 month, u32 day);
struct civil civil_of_days(i64 days);

ALWAYS_INLINE bool is_leap_year(i64 year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* ---- the same of instants, UTC ---- */

enum time_unit {
    UNIT_SECOND,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR
};

/* The word of `trunc(t, "day")`; false if there is no such unit. A week begins on Monday. */
bool time_unit_from_word(const char *word, u64 size, enum time_unit *out);
const char *time_unit_word(enum time_unit unit);
i64 time_trunc_unit(i64 t, enum time_unit unit);

ALWAYS_INLINE i64 time_hour(i64 t) {
    return floor_mod(t, NS_PER_DAY) / NS_PER_HOUR;
}
ALWAYS_INLINE i64 time_minute(i64 t) {
    return floor_mod(t, NS_PER_HOUR) / NS_PER_MINUTE;
}
ALWAYS_INLINE i64 time_second(i64 t) {
    return floor_mod(t, NS_PER_MINUTE) / NS_PER_SECOND;
}
i64 time_year(i64 t);
i64 time_month(i64 t);       /* 1 to 12 */
i64 time_day(i64 t);         /* of the month, from 1 */
i64 time_day_of_week(i64 t); /* Monday 1 to Sunday 7 */

/* strftime's `%Y %m %d %H %M %S %j %y %e %F %T %D %R %a %A %b %B %p %I %u %w %s %n %t %%`, in
   English, and
   `%f` (microseconds, six digits), `%L` (milliseconds, three), `%N` (nanoseconds, nine). */
struct str date_format(i64 t, struct str format, struct scratch *to);
/* True if date_format knows all of it, for the compiler; else *bad is the offset of the first `%`
   that it does not know. */
bool date_format_check(const char *format, u64 size, u64 *bad);

#endif
