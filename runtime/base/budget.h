/* The job's memory, as one number with a limit: whoever takes memory that grows with the input
   counts it here, by what it is for, per chunk and never per row. Counting never refuses; being
   over the limit is told, and whoever is told stops the job with the stage named. Any thread. */
#ifndef RUNTIME_BASE_BUDGET_H
#define RUNTIME_BASE_BUDGET_H

#include "runtime/base/base.h"

#include <stdatomic.h>

enum budget_owner {
    BUDGET_RINGS,
    BUDGET_OVERFLOW,
    BUDGET_STATE,
    BUDGET_TABLES,
    BUDGET_PRELOAD,
    BUDGET_SNAPSHOT,
    BUDGET_OTHER,
    BUDGET_OWNERS,
};

struct budget {
    u64 limit;
    _Atomic u64 used;
    _Atomic u64 by_owner[BUDGET_OWNERS];
};

/* Counts; false: the job is over its limit now. */
ALWAYS_INLINE bool budget_take(struct budget *b, enum budget_owner owner, u64 bytes) {
    atomic_fetch_add_explicit(&b->by_owner[owner], bytes, memory_order_relaxed);
    return atomic_fetch_add_explicit(&b->used, bytes, memory_order_relaxed) + bytes <= b->limit;
}

ALWAYS_INLINE void budget_give(struct budget *b, enum budget_owner owner, u64 bytes) {
    atomic_fetch_sub_explicit(&b->by_owner[owner], bytes, memory_order_relaxed);
    atomic_fetch_sub_explicit(&b->used, bytes, memory_order_relaxed);
}

#endif
