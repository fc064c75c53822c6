/* The rule at the end of a zone's file: how it goes on behind the last change that is listed there
   (POSIX TZ, with the hours of RFC 8536: "CET-1CEST,M3.5.0,M10.5.0/3"). For zone.c. */
#ifndef RUNTIME_DATA_ZONE_RULE_H
#define RUNTIME_DATA_ZONE_RULE_H

#include "runtime/data/zone.h"

/* A day of each year, and a time on it. */
struct zone_day {
    enum { ZONE_DAY_OF_MONTH, ZONE_DAY_WITHOUT_LEAP, ZONE_DAY_OF_YEAR } kind;
    i32 month, week, weekday; /* Mm.w.d: week 5 is the last, weekday 0 Sunday */
    i32 day;                  /* Jn: from 1, February 29 is not counted; n: from 0 */
    i32 seconds;              /* from midnight; may be on another day */
};

struct zone_rule {
    i32 standard, summer; /* seconds east of UTC */
    bool changes;         /* else standard for ever */
    struct zone_day to_summer, to_standard;
};

/* False: it is no such rule. */
bool zone_rule_parse(const char *text, struct zone_rule *out);
struct zone_span zone_rule_span(const struct zone_rule *rule, i64 instant);

#endif
