/* Times at which rows cause nothing: those from the start of the slice that fills to its end, or to
   the next boundary that makes a mark, whatever comes first. A source's loop works out what they
   are after each row that is none of them; a row that is one costs one comparison for all. */
#ifndef RUNTIME_STAGE_CALM_H
#define RUNTIME_STAGE_CALM_H

#include "runtime/base/base.h"
#include "runtime/data/timefn.h"

struct calm {
    i64 from;
    u64 span; /* 0: no time is calm */
};

ALWAYS_INLINE bool calm_has(struct calm calm, i64 t) {
    return LIKELY((u64)t - (u64)calm.from < calm.span);
}

/* All times before the next mark. */
ALWAYS_INLINE struct calm calm_before(i64 mark_next) {
    return (struct calm){ TIME_NEVER, (u64)mark_next - (u64)TIME_NEVER };
}

/* Those that are in [start, start + size), too. */
ALWAYS_INLINE struct calm calm_within(struct calm calm, i64 start, u64 size) {
    u64 ahead = (u64)TIME_FOREVER - (u64)start;
    i64 to = (i64)((u64)calm.from + calm.span),
        end = size < ahead ? (i64)((u64)start + size) : TIME_FOREVER;
    if (calm.from < start) calm.from = start;
    if (to > end) to = end;
    calm.span = to > calm.from ? (u64)to - (u64)calm.from : 0;
    return calm;
}

/* Where rows tell their time in units: the numbers that are calm. */
ALWAYS_INLINE struct calm calm_in_units(struct calm calm, i64 unit_ns) {
    i64 to = (i64)((u64)calm.from + calm.span), from = floor_div(calm.from, unit_ns),
        end = floor_div(to, unit_ns);
    from += from * unit_ns != calm.from;
    end += end * unit_ns != to;
    return (struct calm){ from, end > from ? (u64)end - (u64)from : 0 };
}

#endif
