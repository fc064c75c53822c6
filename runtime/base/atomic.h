/* The atomic accesses of rings and sleepers, by the order they need. RELAXED: only the value.
   ORDERED: sequentially consistent: all that was stored before an ordered store is seen by whoever
   loads its value, and there is one order of all ordered accesses, which is what makes "I publish,
   then look whether you sleep" against "I say that I sleep, then look for work" safe.

   They are functions, so that tests/edge/test_ring_model.c can put its own in their place and run
   the real ring.h and waiter.h under every behaviour that the memory model allows. */
#ifndef RUNTIME_BASE_ATOMIC_H
#define RUNTIME_BASE_ATOMIC_H

#include "runtime/base/base.h"

#include <stdatomic.h>

ALWAYS_INLINE u32 u32_load_relaxed(_Atomic u32 *at) {
    return atomic_load_explicit(at, memory_order_relaxed);
}

ALWAYS_INLINE u32 u32_load_ordered(_Atomic u32 *at) {
    return atomic_load_explicit(at, memory_order_seq_cst);
}

ALWAYS_INLINE void u32_store_ordered(_Atomic u32 *at, u32 value) {
    atomic_store_explicit(at, value, memory_order_seq_cst);
}

/* Stores and returns what was there, in one. */
ALWAYS_INLINE u32 u32_exchange_ordered(_Atomic u32 *at, u32 value) {
    return atomic_exchange_explicit(at, value, memory_order_seq_cst);
}

#endif
