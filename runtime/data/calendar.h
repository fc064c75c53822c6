/* Days, weeks, months and years as people count them, in a zone. A part of the calendar is numbered
   (days and weeks from 1970 on, months and years from the year 0), begins at local midnight and
   lasts to the next one's beginning: a day has 23 to 25 h, or, where a zone leaves one out, none.
   Where clocks skip the midnight it begins at the end of the gap; where that comes twice, at the
   first. Times are seconds since 1970 UTC, as zone.h has them. */
#ifndef RUNTIME_DATA_CALENDAR_H
#define RUNTIME_DATA_CALENDAR_H

#include "runtime/data/timefn.h"
#include "runtime/data/zone.h"

struct calendar {
    enum time_unit unit; /* day, week (from Monday), month, year */
    struct zone *zone;   /* null: UTC */
};

/* The number of the part that holds an instant. */
i64 calendar_number(const struct calendar *c, i64 instant);

/* Where it begins. */
i64 calendar_start(const struct calendar *c, i64 number);

#endif
