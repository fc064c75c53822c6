/* What a window stage is parameterised with, and the one loop over slots that everything but adding a row is made of:

       result = base + add;   rows in result: emit;   out = result - gone;   keep = add, add = nothing

   slot by slot of a shard, in blocks that stay in L1. Firing a sliding window is one pass: base and out are the running
   sums, add the filling slice, gone the slice that leaves, keep where the filling one is closed to. A tumbling window
   is a pass with `add` alone; merging slices that have no inverse is a pass for each. */
#ifndef RUNTIME_STAGE_PASS_H
#define RUNTIME_STAGE_PASS_H

#include "runtime/base/base.h"
#include "runtime/state/keyed.h"

struct chain;

enum window_timing { WINDOW_EARLY, WINDOW_ON_TIME, WINDOW_LATE };

/* What a pane is besides its key and accumulators. */
struct pane {
    i64 start, end;    /* of the window; global: TIME_NEVER, TIME_FOREVER */
    i64 event_time;    /* end - 1 */
    u32 number;        /* 0, 1, ... of this key and window */
    u8 timing;         /* enum window_timing */
    bool caused;       /* let out by a row (a late pane), not due */
    u16 shard;
    u32 position;      /* of the row that caused it, else POSITION_DUE */
    const struct region *strings; /* of the key: key_text_str(slot_key, pane->strings) */
};

/* A pass over one shard; accumulators stand `acc_size` apart in arrays by slot, but those of `add` add_step apart. Null
   is left out. */
struct pass {
    u8 *slots;
    u32 count;               /* slots of the shard, or entries of list */
    const u8 *base;          /* may be null: nothing */
    u8 *add;                 /* an array, or the accumulators in the slots (add_step = slot_size) */
    u32 add_step;
    const struct pane *emit; /* null: nothing is emitted */
    u8 *out;
    const u8 *gone;
    bool clear;              /* add is the filling slice, which ends: its accumulators become nothing */
    u8 *keep;                /* with clear: where they go */
    u32 kept;                /* answer: how many of keep have rows */
    u64 kept_rows;
    const u8 *list;          /* alone, with emit: entries of u64 slot, accumulators, in order of slots */
};

struct window_ops {
    struct keyed_ops keyed;
    u32 acc_size; /* a multiple of 8, at most 2048; keyed.slot_size >= keyed.acc_at + acc_size */
    void (*merge)(void *into, const void *from);     /* of two sets of rows, rows included; either may be all
                                                        zero. In a slot, `into` has bit 63 of rows set: it stays */
    void (*subtract)(void *from, const void *gone);  /* null where an aggregate has no inverse (min, max) or is inexact (floats) */
    void (*emit)(struct chain *c, const void *slot_key, const void *acc, const struct pane *p);
    void (*pass)(struct chain *c, struct pass *p);   /* = { window_pass(c, &this, p); } */
    /* W of the stage rose: = { window_watermark(c, c->windows[k], &this, w); } */
    void (*watermark)(struct chain *c, i64 w);
};

#define PASS_BLOCK 256u
#define PASS_BYTES 8192u
#define PASS_ACC_WORDS 256u

/* result = base + add for slots [first, first + n). */
ALWAYS_INLINE void pass_sum(const struct window_ops *ops, const struct pass *p, u32 first, u32 n, u8 *result) {
    u32 size = ops->acc_size;
    if (p->base)
        __builtin_memcpy(result, p->base + (u64)first * size, (u64)n * size);
    else
        __builtin_memset(result, 0, (u64)n * size);
    if (!p->add) return;
    const u8 *add = p->add + (u64)first * p->add_step;
    for (u32 i = 0; i < n; i++, add += p->add_step) {
        u64 acc[PASS_ACC_WORDS];
        __builtin_memcpy(acc, add, size);
        acc[0] &= ~KEYED_USED;
        ops->merge(result + (u64)i * size, acc);
    }
}

/* Emits the results that have rows: gathered first, so that no branch is mispredicted for each empty slot. */
ALWAYS_INLINE void pass_emit(struct chain *c, const struct window_ops *ops, const struct pass *p, u32 first, u32 n,
                             const u8 *result) {
    u32 step = p->list ? ops->acc_size + 8 : ops->acc_size, found = 0;
    u16 which[PASS_BLOCK];
    for (u32 i = 0; i < n; i++) {
        u64 rows;
        __builtin_memcpy(&rows, result + (u64)i * step, 8);
        which[found] = (u16)i;
        found += rows != 0;
    }
    for (u32 i = 0; i < found; i++) {
        const u8 *acc = result + (u64)which[i] * step;
        u64 slot = first + which[i];
        if (p->list) __builtin_memcpy(&slot, acc - 8, 8);
        ops->emit(c, p->slots + slot * ops->keyed.slot_size, acc, p->emit);
    }
}

ALWAYS_INLINE void pass_out(const struct window_ops *ops, const struct pass *p, u32 first, u32 n, const u8 *result) {
    u32 size = ops->acc_size;
    u8 *out = p->out + (u64)first * size;
    __builtin_memcpy(out, result, (u64)n * size);
    if (!ops->subtract || !p->gone) return;
    const u8 *gone = p->gone + (u64)first * size;
    for (u32 i = 0; i < n; i++) ops->subtract(out + (u64)i * size, gone + (u64)i * size);
}

ALWAYS_INLINE void pass_clear(const struct window_ops *ops, struct pass *p, u32 first, u32 n) {
    u32 size = ops->acc_size, kept = 0;
    u64 kept_rows = 0;
    u8 *from = p->add + (u64)first * p->add_step;
    u8 *keep = p->keep ? p->keep + (u64)first * size : NULL;
    for (u32 i = 0; i < n; i++, from += p->add_step) {
        u64 acc[PASS_ACC_WORDS];
        __builtin_memcpy(acc, from, size);
        u64 used = acc[0] & KEYED_USED;
        acc[0] &= ~KEYED_USED;
        kept += acc[0] != 0;
        kept_rows += acc[0];
        if (keep) __builtin_memcpy(keep + (u64)i * size, acc, size);
        __builtin_memset(from, 0, size);
        __builtin_memcpy(from, &used, 8);
    }
    p->kept += kept;
    p->kept_rows += kept_rows;
}

/* Everything written must have been touched (region_touch_run). */
ALWAYS_INLINE void window_pass(struct chain *c, const struct window_ops *ops, struct pass *p) {
    u64 block[PASS_BYTES / 8];
    u32 most = PASS_BYTES / ops->acc_size, step = most > PASS_BLOCK ? PASS_BLOCK : most;
    for (u32 first = 0; first < p->count; first += step) {
        u32 n = p->count - first < step ? p->count - first : step;
        const u8 *result = (const u8 *)block;
        if (p->list)
            result = p->list + (u64)first * (ops->acc_size + 8) + 8;
        else
            pass_sum(ops, p, first, n, (u8 *)block);
        if (p->emit) pass_emit(c, ops, p, first, n, result);
        if (p->out) pass_out(ops, p, first, n, result);
        if (p->clear) pass_clear(ops, p, first, n);
    }
}

#endif
