#include "runtime/edge/ring.h"
#include "runtime/base/ensure.h"

u64 ring_footprint(u32 slot_count, u32 slot_bytes, u32 control_room) {
    if (!slot_count || slot_count & (slot_count - 1)) return 0;
    if (slot_bytes % 64 || control_room > slot_bytes / sizeof(struct control) ||
        slot_bytes < batch_size_for(control_room, 8, 0))
        return 0;
    return sizeof(struct ring) + (u64)slot_count * slot_bytes;
}

struct ring *ring_init(void *place, u32 slot_count, u32 slot_bytes, u32 control_room, u32 start) {
    ENSURE(ring_footprint(slot_count, slot_bytes, control_room));
    ENSURE((uintptr_t)place % _Alignof(struct ring) == 0);
    struct ring *r = place;
    r->mask = slot_count - 1;
    r->slot_bytes = slot_bytes;
    r->tail = r->head = r->head_seen = r->tail_seen = start;
    for (u32 i = 0; i < slot_count; i++) batch_init(ring_at(r, i), slot_bytes, control_room);
    return r;
}
