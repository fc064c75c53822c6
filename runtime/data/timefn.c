#include "runtime/data/timefn.h"

#include <string.h>

#include "runtime/data/number.h"

/* ---- the calendar ---- */

/* Years are taken to begin in March, so that the leap day is the last, in eras of 400 years. */
#define ERA_DAYS 146097
#define MARCH_0000 (-719468) /* the day 0000-03-01, counted from 1970-01-01 */

i64 days_of_civil(i64 year, u32 month, u32 day) {
    year -= month <= 2;
    i64 era = floor_div(year, 400), of_era = year - era * 400;
    i64 of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year + MARCH_0000;
}

struct civil civil_of_days(i64 days) {
    days -= MARCH_0000;
    i64 era = floor_div(days, ERA_DAYS);
    u32 of_era = (u32)(days - era * ERA_DAYS);
    u32 year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    u32 of_year = of_era - (365 * year + year / 4 - year / 100);
    u32 month = (5 * of_year + 2) / 153; /* 0 is March */
    struct civil c = { .year = era * 400 + year + (month >= 10),
                       .month = month < 10 ? month + 3 : month - 9,
                       .day = of_year - (153 * month + 2) / 5 + 1 };
    c.day_of_year = month >= 10 ? of_year - 305 : of_year + 60 + is_leap_year(c.year);
    return c;
}

static struct civil civil_of(i64 t) {
    return civil_of_days(floor_div(t, NS_PER_DAY));
}

i64 time_year(i64 t) {
    return civil_of(t).year;
}
i64 time_month(i64 t) {
    return civil_of(t).month;
}
i64 time_day(i64 t) {
    return civil_of(t).day;
}
/* 1970-01-01 was a Thursday. */
i64 time_day_of_week(i64 t) {
    return floor_mod(floor_div(t, NS_PER_DAY) + 3, 7) + 1;
}

static const char *const unit_words[] = {
    [UNIT_SECOND] = "second",   [UNIT_MINUTE] = "minute", [UNIT_HOUR] = "hour",
    [UNIT_DAY] = "day",         [UNIT_WEEK] = "week",     [UNIT_MONTH] = "month",
    [UNIT_QUARTER] = "quarter", [UNIT_YEAR] = "year",
};

bool time_unit_from_word(const char *word, u64 size, enum time_unit *out) {
    for (u32 i = 0; i < sizeof unit_words / sizeof unit_words[0]; i++) {
        if (strlen(unit_words[i]) != size || memcmp(unit_words[i], word, size) != 0) continue;
        *out = (enum time_unit)i;
        return true;
    }
    return false;
}

const char *time_unit_word(enum time_unit unit) {
    return unit_words[unit];
}

static i64 ns_of_days(i64 days) {
    i64 ns;
    return __builtin_mul_overflow(days, NS_PER_DAY, &ns) ? INT64_MIN : ns;
}

i64 time_trunc_unit(i64 t, enum time_unit unit) {
    struct civil c = civil_of(t);
    switch (unit) {
    case UNIT_SECOND:
        return time_trunc(t, NS_PER_SECOND);
    case UNIT_MINUTE:
        return time_trunc(t, NS_PER_MINUTE);
    case UNIT_HOUR:
        return time_trunc(t, NS_PER_HOUR);
    case UNIT_DAY:
        return time_trunc(t, NS_PER_DAY);
    case UNIT_WEEK:
        return ns_of_days(floor_div(t, NS_PER_DAY) - (time_day_of_week(t) - 1));
    case UNIT_MONTH:
        return ns_of_days(days_of_civil(c.year, c.month, 1));
    case UNIT_QUARTER:
        return ns_of_days(days_of_civil(c.year, (c.month - 1) / 3 * 3 + 1, 1));
    case UNIT_YEAR:
        break;
    }
    return ns_of_days(days_of_civil(c.year, 1, 1));
}

/* ---- timestamps ---- */

/* n digits; *bad becomes non-zero if one is none. */
ALWAYS_INLINE u32 digits_at(const u8 *at, u32 n, u32 *bad) {
    u32 value = 0;
    for (u32 i = 0; i < n; i++) {
        u32 digit = at[i] - (u32)'0';
        *bad |= digit > 9;
        value = value * 10 + digit;
    }
    return value;
}

/* `Z`, `z` or `+hh:mm`: all of at[0 .. size). */
static bool parse_offset(const u8 *at, u64 size, i64 *seconds) {
    if (size == 1 && (*at | 0x20) == 'z') {
        *seconds = 0;
        return true;
    }
    if (size != 6 || (*at != '+' && *at != '-') || at[3] != ':') return false;
    u32 bad = 0, hours = digits_at(at + 1, 2, &bad), minutes = digits_at(at + 4, 2, &bad);
    if (bad || hours > 23 || minutes > 59) return false;
    *seconds = (*at == '-' ? -1 : 1) * (i64)(hours * 3600 + minutes * 60);
    return true;
}

static u32 month_days(u32 year, u32 month) {
    return month == 2 ? 28u + is_leap_year(year) : 30u + (0x15aau >> month & 1);
}

bool parse_timestamp(const void *text, u64 size, i64 *out) {
    const u8 *at = text;
    if (size < 20) return false;
    u32 bad = 0;
    u32 year = digits_at(at, 4, &bad), month = digits_at(at + 5, 2, &bad),
        day = digits_at(at + 8, 2, &bad);
    u32 hour = digits_at(at + 11, 2, &bad), minute = digits_at(at + 14, 2, &bad);
    u32 second = digits_at(at + 17, 2, &bad);
    bad |= (at[4] ^ '-') | (at[7] ^ '-') | (at[13] ^ ':') | (at[16] ^ ':');
    bad |= at[10] != 'T' && at[10] != 't' && at[10] != ' ';
    if (bad || year == 0 || month - 1 > 11 || day == 0 || day > month_days(year, month))
        return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    const u8 *end = at + size;
    at += 19;
    i64 ns = 0;
    if (*at == '.') {
        i64 unit = NS_PER_SECOND;
        for (at++; at < end && *at - (u32)'0' <= 9; at++) {
            if (unit == 1) return false; /* a tenth digit */
            unit /= 10;
            ns += (*at - '0') * unit;
        }
        if (unit == NS_PER_SECOND) return false;
    }
    i64 offset;
    if (at == end || !parse_offset(at, (u64)(end - at), &offset)) return false;
    i64 seconds =
        days_of_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
    __int128 exact = (__int128)seconds * NS_PER_SECOND + ns;
    if (exact < INT64_MIN || exact > INT64_MAX) return false;
    *out = (i64)exact;
    return true;
}

/* n is a literal nearly everywhere, so this becomes a few multiplications. */
ALWAYS_INLINE char *put_digits(char *at, u64 number, u32 n) {
    u32 value = (u32)number;
    for (u32 i = n; i-- > 0; value /= 10) at[i] = (char)('0' + value % 10);
    return at + n;
}

/* `hh:mm:ss` */
static char *put_clock(char *at, i64 t) {
    at = put_digits(at, (u64)time_hour(t), 2);
    *at++ = ':';
    at = put_digits(at, (u64)time_minute(t), 2);
    *at++ = ':';
    return put_digits(at, (u64)time_second(t), 2);
}

/* `yyyy-mm-dd` */
static char *put_date(char *at, const struct civil *c) {
    at = put_digits(at, (u64)c->year, 4);
    *at++ = '-';
    at = put_digits(at, c->month, 2);
    *at++ = '-';
    return put_digits(at, c->day, 2);
}

u64 format_timestamp(char *to, i64 ns) {
    struct civil c = civil_of(ns);
    u64 part = (u64)floor_mod(ns, NS_PER_SECOND);
    char *at = put_date(to, &c);
    *at++ = 'T';
    at = put_clock(at, ns);
    if (part) {
        *at++ = '.';
        if (part % NS_PER_MS == 0)
            at = put_digits(at, part / NS_PER_MS, 3);
        else if (part % NS_PER_US == 0)
            at = put_digits(at, part / NS_PER_US, 6);
        else
            at = put_digits(at, part, 9);
    }
    *at++ = 'Z';
    return (u64)(at - to);
}

/* ---- durations ---- */

static const struct {
    const char *name;
    u64 ns;
} units[] = { { "d", NS_PER_DAY },
              { "h", NS_PER_HOUR },
              { "m", NS_PER_MINUTE },
              { "s", NS_PER_SECOND },
              { "ms", NS_PER_MS },
              { "us", NS_PER_US },
              { "ns", 1 } };
#define UNITS (sizeof units / sizeof units[0])

static u32 unit_at(const u8 *at, const u8 *end) {
    u64 n = 0;
    while (at + n < end && at[n] - (u32)'a' < 26) n++;
    for (u32 i = 0; i < UNITS; i++)
        if (strlen(units[i].name) == n && memcmp(units[i].name, at, n) == 0) return i;
    return UNITS;
}

bool parse_duration(const void *text, u64 size, i64 *out) {
    const u8 *at = text, *end = at + size;
    bool negative = size && *at == '-';
    u64 sum = 0;
    u32 next = 0; /* the greatest unit that may still come */
    at += negative;
    if (at == end) return false;
    while (at < end) {
        u64 n = 0, value, part;
        while (at + n < end && at[n] - (u32)'0' <= 9) n++;
        u32 unit = unit_at(at + n, end);
        if (unit == UNITS || unit < next || !parse_u64(at, n, &value)) return false;
        if (__builtin_mul_overflow(value, units[unit].ns, &part)) return false;
        if (__builtin_add_overflow(sum, part, &sum)) return false;
        next = unit + 1;
        at += n + strlen(units[unit].name);
    }
    if (sum > (u64)INT64_MAX + negative) return false;
    *out = negative ? (i64)(0 - sum) : (i64)sum;
    return true;
}

u64 format_duration(char *to, i64 ns) {
    u64 left = ns < 0 ? 0 - (u64)ns : (u64)ns;
    char *at = to;
    if (ns < 0) *at++ = '-';
    for (u32 i = 1; i < UNITS; i++) { /* hours are the greatest: a day is not always 24 of them */
        u64 count = left / units[i].ns, n = strlen(units[i].name);
        left %= units[i].ns;
        if (count == 0 && (ns != 0 || units[i].ns != NS_PER_SECOND)) continue;
        at += format_u64(at, count);
        memcpy(at, units[i].name, n);
        at += n;
    }
    return (u64)(at - to);
}

/* ---- date_format ---- */

static const char *const month_names[] = { "January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December" };
static const char *const day_names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday" };

static char *put_text(char *at, const char *text, u64 size) {
    memcpy(at, text, size);
    return at + size;
}

/* The date and names of one conversion; null if it is none of these. At most 10 bytes. */
static char *put_date_item(char *at, char item, i64 t, const struct civil *c) {
    const char *month = month_names[c->month - 1], *day = day_names[time_day_of_week(t) - 1];
    switch (item) {
    case 'Y':
        return put_digits(at, (u64)c->year, 4);
    case 'y':
        return put_digits(at, (u64)c->year % 100, 2);
    case 'm':
        return put_digits(at, c->month, 2);
    case 'd':
        return put_digits(at, c->day, 2);
    case 'e':
        *at = ' ';
        return c->day < 10 ? put_digits(at + 1, c->day, 1) : put_digits(at, c->day, 2);
    case 'j':
        return put_digits(at, c->day_of_year, 3);
    case 'F':
        return put_date(at, c);
    case 'D':
        at = put_digits(at, c->month, 2);
        *at++ = '/';
        at = put_digits(at, c->day, 2);
        *at++ = '/';
        return put_digits(at, (u64)c->year % 100, 2);
    case 'a':
        return put_text(at, day, 3);
    case 'A':
        return put_text(at, day, strlen(day));
    case 'b':
        return put_text(at, month, 3);
    case 'B':
        return put_text(at, month, strlen(month));
    case 'u':
        return put_digits(at, (u64)time_day_of_week(t), 1);
    case 'w':
        return put_digits(at, (u64)time_day_of_week(t) % 7, 1);
    }
    return NULL;
}

/* The same for the time of day. */
static char *put_clock_item(char *at, char item, i64 t) {
    u64 hour = (u64)time_hour(t), ns = (u64)floor_mod(t, NS_PER_SECOND);
    switch (item) {
    case 'H':
        return put_digits(at, hour, 2);
    case 'I':
        return put_digits(at, (hour + 11) % 12 + 1, 2);
    case 'p':
        return put_text(at, hour < 12 ? "AM" : "PM", 2);
    case 'M':
        return put_digits(at, (u64)time_minute(t), 2);
    case 'S':
        return put_digits(at, (u64)time_second(t), 2);
    case 'L':
        return put_digits(at, ns / NS_PER_MS, 3);
    case 'f':
        return put_digits(at, ns / NS_PER_US, 6);
    case 'N':
        return put_digits(at, ns, 9);
    case 'T':
        return put_clock(at, t);
    case 'R':
        put_clock(at, t);
        return at + 5;
    case 's':
        return at + format_i64(at, floor_div(t, NS_PER_SECOND));
    case 'n':
        return put_text(at, "\n", 1);
    case 't':
        return put_text(at, "\t", 1);
    case '%':
        return put_text(at, "%", 1);
    }
    return NULL;
}

#define ITEM_ROOM 11u /* of `%s`; all items take two bytes of the format */

bool date_format_check(const char *format, u64 size, u64 *bad) {
    char room[2 * ITEM_ROOM];
    struct civil c = civil_of(0);
    for (u64 i = 0; i < size; i++) {
        if (format[i] != '%') continue;
        *bad = i++;
        if (i == size) return false;
        if (!put_date_item(room, format[i], 0, &c) && !put_clock_item(room, format[i], 0))
            return false;
    }
    return true;
}

struct str date_format(i64 t, struct str format, struct scratch *to) {
    struct civil c = civil_of(t);
    char *start = (char *)scratch_take(to, (format.size / 2 + 1) * ITEM_ROOM), *at = start;
    for (u64 i = 0; i < format.size; i++) {
        char *after = NULL;
        if (format.at[i] == '%' && i + 1 < format.size) {
            i++;
            after = put_date_item(at, format.at[i], t, &c);
            if (!after) after = put_clock_item(at, format.at[i], t);
        }
        at = after ? after
                   : put_text(at, format.at + i, 1); /* the compiler refused what is unknown */
    }
    scratch_give_back(to, (u8 *)at);
    return (struct str){ start, (u64)(at - start) };
}
