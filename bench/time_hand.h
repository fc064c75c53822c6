/* A count per key in windows as one would write it by hand for one job on one core: the loop and
   the slices of bench/limit/q5.c, with any number of slices. No late rows, no growing, no
   snapshots. */
#ifndef BENCH_TIME_HAND_H
#define BENCH_TIME_HAND_H

#include "runtime/base/base.h"

#include <stdlib.h>
#include <string.h>

struct bid {
    u64 auction, bidder, price;
    i64 time;
    u32 channel, url;
    u64 extra;
};

struct hand_slot {
    u64 key; /* 0: free */
    u32 now, pad;
};

struct hand {
    struct hand_slot *table;
    u64 mask, fired, total;
    u32 **slices, *sum;
    u32 slice_count, at;
    i64 slide, end;
    bool far;
};

static inline struct hand hand_open(u64 keys, u32 slices, i64 slide) {
    u64 room = 64;
    while (room < keys * (keys > 50000 ? 2 : 8)) room *= 2;
    struct hand h = { calloc(room, sizeof *h.table),
                      room - 1,
                      .slice_count = slices,
                      .slide = slide,
                      .end = slide,
                      .far = keys > 50000 };
    h.sum = calloc(room, sizeof *h.sum);
    h.slices = calloc(slices, sizeof *h.slices);
    for (u32 i = 0; i < slices; i++) h.slices[i] = calloc(room, sizeof **h.slices);
    return h;
}

static inline void hand_close(struct hand *h) {
    for (u32 i = 0; i < h->slice_count; i++) free(h->slices[i]);
    free(h->slices);
    free(h->sum);
    free(h->table);
}

static inline struct hand_slot *hand_home(const struct hand *h, u64 key) {
    return h->table + (key * 0x9E3779B97F4A7C15ull >> 24 & h->mask);
}

static inline struct hand_slot *hand_find(const struct hand *h, struct hand_slot *s, u64 key) {
    for (;; s = s == h->table + h->mask ? h->table : s + 1) {
        if (LIKELY(s->key == key)) return s;
        if (!s->key) {
            s->key = key;
            return s;
        }
    }
}

/* The greatest count of each window is its result, as q5 has it. */
static NOINLINE void hand_fire(struct hand *h, i64 t) {
    for (; t >= h->end; h->end += h->slide, h->fired++) {
        u32 *now = h->slices[h->at], *old = h->slices[(h->at + 1) % h->slice_count], best = 0;
        for (u64 k = 0; k <= h->mask; k++) {
            u32 count = h->table[k].now, sum = h->sum[k] + count;
            best = sum > best ? sum : best;
            now[k] = count;
            h->sum[k] = sum - old[k];
            h->table[k].now = 0;
        }
        h->at = (h->at + 1) % h->slice_count;
        h->total += best;
    }
}

#define HAND_BATCH 256u

static NOINLINE void hand_rows(struct hand *h, const struct bid *r, u64 rows) {
    struct hand_slot *homes[HAND_BATCH];
    for (const struct bid *end = r + rows; r < end;) {
        u32 n = end - r < HAND_BATCH ? (u32)(end - r) : HAND_BATCH;
        bool fires = r[n - 1].time >= h->end;
        for (u32 i = 0; h->far && i < n; i++) {
            __builtin_prefetch((const u8 *)(r + i) + 1024);
            homes[i] = hand_home(h, r[i].auction);
            __builtin_prefetch(homes[i]);
        }
        for (u32 i = 0; i < n; i++) {
            if (!h->far) __builtin_prefetch((const u8 *)(r + i) + 1024);
            if (UNLIKELY(fires && r[i].time >= h->end)) hand_fire(h, r[i].time);
            struct hand_slot *home = h->far ? homes[i] : hand_home(h, r[i].auction);
            hand_find(h, home, r[i].auction)->now++;
        }
        r += n;
    }
}

#endif
