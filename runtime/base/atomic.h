/* The atomic accesses of rings and sleepers, by the order they need. A load-acquire that reads what
   a store-release stored sees all that was stored before it; RELAXED is only the value.

   "I publish, then look whether you sleep" against "I say that I sleep, then look for work" needs
   more: one of the two must see the other. Sequentially consistent stores would do, and make the
   one who publishes wait each time until all he has written has left his core: a ring of small
   batches ran at half its speed (390 instead of 730 M items/s). So the seldom one pays for both:
   who is about to sleep runs barrier_everywhere (some 10 us; parking costs 70), and who publishes
   only has to keep his two accesses in this order (barrier_light, no instruction).

   They are functions, so that tests/edge/test_ring_model.c can put its own in their place and run
   the real ring.h and waiter.h under every behaviour that the memory model allows. */
#ifndef RUNTIME_BASE_ATOMIC_H
#define RUNTIME_BASE_ATOMIC_H

#include "runtime/base/base.h"

#include <stdatomic.h>

ALWAYS_INLINE u32 u32_load_relaxed(_Atomic u32 *at) {
    return atomic_load_explicit(at, memory_order_relaxed);
}

ALWAYS_INLINE u32 u32_load_acquire(_Atomic u32 *at) {
    return atomic_load_explicit(at, memory_order_acquire);
}

ALWAYS_INLINE void u32_store_release(_Atomic u32 *at, u32 value) {
    atomic_store_explicit(at, value, memory_order_release);
}

/* Stores and returns what was there, in one. */
ALWAYS_INLINE u32 u32_exchange(_Atomic u32 *at, u32 value) {
    return atomic_exchange_explicit(at, value, memory_order_acq_rel);
}

/* Keeps the compiler from exchanging what is before with what is after; the processor may, but not
   across another thread's barrier_everywhere. */
ALWAYS_INLINE void barrier_light(void) {
    atomic_signal_fence(memory_order_seq_cst);
}

/* Between two looks at what another thread may change. */
ALWAYS_INLINE void spin_pause(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

/* A full barrier on every thread of this process at once: whatever another thread does after its
   barrier_light sees what this thread stored before, or what it stored before its barrier_light is
   seen by this thread afterwards. False: this machine cannot (a kernel without membarrier); nothing
   is promised then. */
bool barrier_everywhere(void);

#endif
