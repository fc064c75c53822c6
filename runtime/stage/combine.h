/* Pre-combining before an exchange: partial aggregates of one morsel and phase, one for each key and slice, in the order
   of their first rows. A decision of the plan: only where the accumulators are exact (count, integer sum and avg, min,
   max), nothing is late into a stream and no pane is caused by a row, so that the reader cannot tell the difference.
   Generated code sends the entries in order (job_source.flush) at every mark and at END, and when it is full. */
#ifndef RUNTIME_STAGE_COMBINE_H
#define RUNTIME_STAGE_COMBINE_H

#include "runtime/base/base.h"

struct combine_ops {
    u32 entry_size, key_size, acc_at, acc_size; /* an entry is the key in register form, then i64 slice_start, u32 position, then the accumulators */
    u32 slice_at;                               /* offset of slice_start; position follows it */
    bool (*key_equal)(const void *entry_key, const void *key);
};

struct combine {
    u8 *entries;     /* in order of first rows */
    u32 count, room; /* room is a constant of the run: 16 Ki */
    u32 *index;      /* open addressing by hash: entry + 1, or 0 */
    u64 *hashes;     /* by entry */
    u32 mask;
    i64 slice_start; /* the slice that most rows are in: [slice_start, slice_start + slice_size) */
    u64 slice_size;
    i64 size_ns, slide_ns, offset_ns; /* of the window, to find other slices */
};

/* The accumulators of (key, slice of t), all zero if new; null: full, flush first. */
void *combine_slot_slow(struct combine *cb, const struct combine_ops *ops, const void *key, u64 hash, i64 t, u32 position);

#endif
