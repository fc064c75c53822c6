/* A time zone of the IANA database, as the system has it (package tzdata; /usr/share/zoneinfo).

   A zone cuts time into spans of one distance from UTC each: those in its file, and behind the last
   of them those that its rule gives for ever. Times are whole seconds here, since 1970 UTC for
   instants, as a clock on the wall shows them for local times, so that a local time beyond the
   range of i64 ns can be told. A zone is read once and never changes: any thread may use it. */
#ifndef RUNTIME_DATA_ZONE_H
#define RUNTIME_DATA_ZONE_H

#include "runtime/base/base.h"

struct env;
struct zone;

/* Reads the zone called `name` ("Europe/Berlin"). Null with an error trail: there is none of that
   name, or its file is damaged. The caller's, until zone_free (of null too). */
struct zone *zone_load(struct env *env, const char *name);
void zone_free(struct zone *z);

/* Calls each(arg, name) for every zone that the system knows of, in no order; of none where it
   keeps no list. */
void zone_names(struct env *env, void (*each)(void *arg, const char *name), void *arg);

/* A time in which the distance from UTC does not change: [.., until). */
struct zone_span {
    i64 until;  /* INT64_MAX: for ever */
    i32 offset; /* seconds east of UTC */
};
struct zone_span zone_span_at(const struct zone *z, i64 instant);

ALWAYS_INLINE i64 zone_local(const struct zone *z, i64 instant) {
    return instant + zone_span_at(z, instant).offset;
}

/* The first instant at which clocks show `local` or later: where they skip it, the end of the gap;
   where it comes twice, the first. */
i64 zone_instant(const struct zone *z, i64 local);

#endif
