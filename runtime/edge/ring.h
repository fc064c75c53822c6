/* How batches travel from one task to one other: a ring whose slots are the batches. The producer
   builds in place, the consumer reads in place; nothing is copied. One producer thread and one
   consumer thread at a time (a task may move to another thread if that happens-after).

   tail and head count slots published and released; they run freely and wrap at 2^32, so only their
   differences mean anything. Each side keeps the last value it saw of the other's counter and loads
   it again only when that says no.

   A ring that says "nothing" after waiter_announce can be slept on, since the producer calls
   waiter_notify after each ring_publish (architecture.md R7); a full ring likewise, with
   ring_release. */
#ifndef RUNTIME_EDGE_RING_H
#define RUNTIME_EDGE_RING_H

#include "runtime/base/atomic.h"
#include "runtime/data/batch.h"

struct ring {
    /* Nobody writes these after ring_init. */
    u32 mask;
    u32 slot_bytes;

    /* The producer writes these. */
    _Alignas(128) _Atomic u32 tail;
    u32 head_seen;

    /* The consumer writes these. */
    _Alignas(128) _Atomic u32 head;
    u32 tail_seen;

    _Alignas(128) u8 slots[];
};

_Static_assert(offsetof(struct ring, head) - offsetof(struct ring, tail) == 128,
               "producer and consumer share a line");

/* Bytes for a ring; 0 if slot_count is not a power of two (1 is) or slot_bytes is no size of a
   batch with room for control_room controls and a row of 8 bytes. */
u64 ring_footprint(u32 slot_count, u32 slot_bytes, u32 control_room);

/* Makes `place` (ring_footprint bytes, aligned to 128, the caller's) an empty ring whose counters
   begin at `start`. */
struct ring *ring_init(void *place, u32 slot_count, u32 slot_bytes, u32 control_room, u32 start);

ALWAYS_INLINE struct batch *ring_at(struct ring *r, u32 counter) {
    return (struct batch *)(r->slots + (u64)(counter & r->mask) * r->slot_bytes);
}

/* The slot to build in, as the reader left it (batch_reset it first); the same until ring_publish.
   Null: the ring is full. Producer only. */
ALWAYS_INLINE struct batch *ring_slot(struct ring *r) {
    u32 tail = u32_load_relaxed(&r->tail);
    if (UNLIKELY(tail - r->head_seen > r->mask)) {
        r->head_seen = u32_load_acquire(&r->head);
        if (tail - r->head_seen > r->mask) return NULL;
    }
    return ring_at(r, tail);
}

/* The slot belongs to the consumer, which sees all stores made before this call. Then waiter_notify
   the consumer. Producer only, after ring_slot gave the slot. */
ALWAYS_INLINE void ring_publish(struct ring *r) {
    u32_store_release(&r->tail, u32_load_relaxed(&r->tail) + 1);
}

/* The oldest published slot, until ring_release. Null: there is none. Consumer only. */
ALWAYS_INLINE struct batch *ring_peek(struct ring *r) {
    u32 head = u32_load_relaxed(&r->head);
    if (UNLIKELY(r->tail_seen == head)) {
        r->tail_seen = u32_load_acquire(&r->tail);
        if (r->tail_seen == head) return NULL;
    }
    return ring_at(r, head);
}

/* The slot that ring_peek gave belongs to the producer again. Then waiter_notify the producer.
   Consumer only. */
ALWAYS_INLINE void ring_release(struct ring *r) {
    u32_store_release(&r->head, u32_load_relaxed(&r->head) + 1);
}

#endif
