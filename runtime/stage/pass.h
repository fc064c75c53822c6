/* What a window stage is parameterised with, and the one loop over slots that everything but adding
   a row is made of:

       result = base + add + more;   rows in result: emit;   out = result - gone;   keep = add, add
   = nothing

   slot by slot of a shard, in blocks that stay in L1. Firing a sliding window is one pass: base and
   out are the running sums, add the filling slice, gone the slice that leaves, keep where the
   filling one is closed to. A tumbling window is a pass with `add` alone; a sliding one of
   aggregates that have no inverse has base, add and more (window_fold.h). */
#ifndef RUNTIME_STAGE_PASS_H
#define RUNTIME_STAGE_PASS_H

#include "runtime/base/base.h"
#include "runtime/state/keyed.h"

struct chain;
struct region;
struct state_schema;

enum window_timing { WINDOW_EARLY, WINDOW_ON_TIME, WINDOW_LATE };

/* What a pane is to those before it: +I, -U, +U, -D. */
enum pane_op { PANE_INSERT, PANE_UPDATE_BEFORE, PANE_UPDATE_AFTER, PANE_DELETE };

/* What a pane is besides its key and accumulators. */
struct pane {
    i64 start, end; /* of the window; global: TIME_NEVER, TIME_FOREVER */
    i64 event_time; /* end - 1 */
    i64 stamp;      /* stage/fine.h */
    u32 number;     /* 0, 1, ... of this key and window */
    u8 timing;      /* enum window_timing */
    u8 op;          /* enum pane_op */
    bool caused;    /* let out by a row (a late pane), not due */
    u16 shard;
    u32 position;                 /* of the row that caused it, else POSITION_DUE */
    const struct region *strings; /* of the key: key_text_str(slot_key, pane->strings) */
};

/* A pass over one shard; accumulators stand `acc_size` apart in arrays by slot, but those of `add`
   add_step apart. Null is left out. */
struct pass {
    struct region *region;
    u8 *slots;
    u32 count;      /* slots of the shard, or entries of list */
    const u8 *base; /* may be null: nothing */
    u8 *add;        /* an array, or the accumulators in the slots (add_step = slot_size) */
    u32 add_step;
    const u8 *more;
    const struct pane *emit; /* null: nothing is emitted */
    u8 *out;
    const u8 *gone;
    bool clear; /* add is the filling slice, which ends: its accumulators become nothing */
    u8 *keep;   /* with clear: where they go */
    u32 kept;   /* answer: how many of keep have rows */
    u64 kept_rows;
    const u8 *list; /* alone, with emit: entries of u64 slot, accumulators, in order of slots */
};

/* Accumulators may refer to runs of the region: contents (texts, rows). Each that stands in state
   owns its own; where one is copied and the original forgotten, they have moved. What is made on
   the stack is dropped by who made it. All zero refers to nothing. */
struct window_ops {
    struct keyed_ops keyed;
    u32 acc_size; /* a multiple of 8, at most 2048; keyed.slot_size >= keyed.acc_at + acc_size */
    /* Of two sets of rows, the later ones in `from`, rows included; either may be all zero. In a
       slot, `into` has bit 63 of rows set: it stays. Contents of `from` that `into` needs are
       copied, what it held besides is given back. */
    void (*merge)(struct chain *c, struct region *region, void *into, const void *from);
    void (*subtract)(void *from, const void *gone); /* null where an aggregate has no inverse (min,
                                                       max) or is inexact (floats) */
    /* Gives back contents; the bytes that referred to them are not written. Null: there are none.
     */
    void (*drop)(void *acc, struct region *region);
    /* Makes contents that lie in the image of another region, `bytes` long, this region's. False:
       they are damaged. Null with drop. */
    bool (*adopt)(void *acc, const u8 *image, u64 bytes, struct region *region);
    void (*emit)(struct chain *c, const void *slot_key, const void *acc, const struct pane *p);
    void (*pass)(struct chain *c, struct pass *p); /* = { window_pass(c, &this, p); } */
    const struct state_schema *schema;
};

#define PASS_BLOCK 256u
#define PASS_BYTES 8192u
#define PASS_ACC_WORDS 256u

/* What a pass does for the slots [first, first + n), but for emitting; the results are left in
   `result`, which of them have rows in `which`; returns how many. The flags are literals, or what p
   says. */
ALWAYS_INLINE u32 pass_block(struct chain *c, const struct window_ops *ops, struct pass *p,
                             u32 first, u32 n, u8 *result, u16 *which, bool base, bool add,
                             bool more, bool out, bool gone, bool clear, bool keep) {
    u64 size = ops->acc_size, at = first * size, kept_rows = 0;
    u8 *from = add ? p->add + (u64)first * p->add_step : NULL;
    u32 found = 0, kept = 0;
    for (u32 i = 0; i < n; i++, at += size, result += size, from += add ? p->add_step : 0) {
        if (base)
            __builtin_memcpy(result, p->base + at, size);
        else if (!add)
            __builtin_memset(result, 0, size);
        if (add) {
            u64 acc[PASS_ACC_WORDS];
            __builtin_memcpy(acc, from, size);
            u64 used = acc[0] & KEYED_USED;
            acc[0] &= ~KEYED_USED;
            if (base)
                ops->merge(c, p->region, result, acc);
            else
                __builtin_memcpy(result, acc, size);
            if (clear) {
                kept += acc[0] != 0;
                kept_rows += acc[0];
                if (keep) __builtin_memcpy(p->keep + at, acc, size);
                __builtin_memset(from, 0, size);
                __builtin_memcpy(from, &used, 8);
            }
        }
        if (more) ops->merge(c, p->region, result, p->more + at);
        u64 rows;
        __builtin_memcpy(&rows, result, 8);
        which[found] = (u16)i;
        found += rows != 0;
        if (out) {
            __builtin_memcpy(p->out + at, result, size);
            if (gone && ops->subtract) ops->subtract(p->out + at, p->gone + at);
        }
    }
    p->kept += kept;
    p->kept_rows += kept_rows;
    return found;
}

/* The flags that matter for speed as literals: a sliding window fires, a tumbling one does. */
ALWAYS_INLINE u32 pass_results(struct chain *c, const struct window_ops *ops, struct pass *p,
                               u32 first, u32 n, u8 *result, u16 *which) {
    bool slot = p->add && p->add_step == ops->keyed.slot_size && p->clear;
    if (slot && p->base && p->out && p->gone && p->keep)
        return pass_block(c, ops, p, first, n, result, which, true, true, false, true, true, true,
                          true);
    if (slot && !p->base && !p->out && !p->keep)
        return pass_block(c, ops, p, first, n, result, which, false, true, false, false, false,
                          true, false);
    return pass_block(c, ops, p, first, n, result, which, p->base, p->add, p->more, p->out, p->gone,
                      p->clear, p->keep);
}

/* Everything written must have been touched (region_touch_run). Results are gathered before they
   are emitted, so that no branch is mispredicted for each slot without rows. */
ALWAYS_INLINE void window_pass(struct chain *c, const struct window_ops *ops, struct pass *p) {
    u64 block[PASS_BYTES / 8];
    u16 which[PASS_BLOCK];
    u32 size = ops->acc_size, most = PASS_BYTES / size,
        step = most > PASS_BLOCK ? PASS_BLOCK : most;
    for (u32 first = 0; first < p->count; first += step) {
        u32 n = p->count - first < step ? p->count - first : step;
        u32 found = p->list ? n : pass_results(c, ops, p, first, n, (u8 *)block, which);
        for (u32 i = 0; p->emit && i < found; i++) {
            const u8 *acc = (const u8 *)block + which[i] * size;
            u64 slot = first + which[i];
            if (p->list) {
                const u8 *entry = p->list + (u64)(first + i) * (size + 8);
                __builtin_memcpy(&slot, entry, 8);
                acc = entry + 8;
            }
            ops->emit(c, p->slots + slot * ops->keyed.slot_size, acc, p->emit);
        }
        if (!ops->drop || !p->clear || p->keep || p->out) continue;
        for (u32 i = 0; i < found; i++) ops->drop((u8 *)block + which[i] * size, p->region);
    }
}

#endif
