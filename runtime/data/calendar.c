#include "runtime/data/calendar.h"

#include "runtime/base/ensure.h"

#define DAY 86400ll
#define MONDAY 3 /* days from one to 1970-01-01 */

static i64 number_of_day(enum time_unit unit, i64 day) {
    struct civil c = civil_of_days(day);
    switch (unit) {
    case UNIT_DAY:
        return day;
    case UNIT_WEEK:
        return floor_div(day + MONDAY, 7);
    case UNIT_MONTH:
        return c.year * 12 + c.month - 1;
    case UNIT_YEAR:
        return c.year;
    case UNIT_SECOND:
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_QUARTER:
        break;
    }
    ENSURE(!"a part of the calendar");
    return 0;
}

static i64 first_day(enum time_unit unit, i64 number) {
    switch (unit) {
    case UNIT_DAY:
        return number;
    case UNIT_WEEK:
        return number * 7 - MONDAY;
    case UNIT_MONTH:
        return days_of_civil(floor_div(number, 12), (u32)floor_mod(number, 12) + 1, 1);
    case UNIT_YEAR:
        return days_of_civil(number, 1, 1);
    case UNIT_SECOND:
    case UNIT_MINUTE:
    case UNIT_HOUR:
    case UNIT_QUARTER:
        break;
    }
    ENSURE(!"a part of the calendar");
    return 0;
}

i64 calendar_start(const struct calendar *c, i64 number) {
    i64 midnight = first_day(c->unit, number) * DAY;
    return c->zone ? zone_instant(c->zone, midnight) : midnight;
}

/* The date that clocks show is a guess: yesterday's comes again where they are set back over
   midnight, and a day may be left out. */
i64 calendar_number(const struct calendar *c, i64 instant) {
    i64 local = c->zone ? zone_local(c->zone, instant) : instant;
    i64 number = number_of_day(c->unit, floor_div(local, DAY));
    while (calendar_start(c, number) > instant) number--;
    while (calendar_start(c, number + 1) <= instant) number++;
    return number;
}
