/* What windows cost a row: counts and maxima per key, tumbling, sliding and sliding over 1,000
   slices, on the real runtime, beside the hand-written count of time_hand.h. time_bench [MiB of
   rows] [repetitions]; 0: a little, to see that it runs. Of each run the second half is measured,
   when windows are full and memory has been seen before. All cases of a number of keys take turns;
   the best of the repetitions counts, in time of the processor, so that others on the machine cost
   caches, not time. */
#include "bench/time_hand.h"
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/stage/window.h"
#include "tests/support/number_key.h"

#include <stdio.h>
#include <time.h>

#define AHEAD 1024 /* bytes of input */
#define SIZE_MS 10000

struct told {
    u64 panes, sum;
};

/* ---- as generated: count, max ---- */

struct count_acc {
    u64 rows;
};
static void count_merge(struct chain *c, struct region *region, void *into, const void *from) {
    *(u64 *)into += *(const u64 *)from;
}
static void count_subtract(void *from, const void *gone) {
    *(u64 *)from -= *(const u64 *)gone;
}
static inline void count_emit(struct chain *c, const void *key, const void *acc,
                              const struct pane *p) {
    struct told *told = c->engine;
    told->panes++;
    told->sum += *(const u64 *)acc;
}
static void count_pass(struct chain *c, struct pass *p);
static const struct window_ops count_ops = { .keyed = { 16, 8, number_equal, number_hash,
                                                        number_keep },
                                             .acc_size = sizeof(struct count_acc),
                                             .merge = count_merge,
                                             .subtract = count_subtract,
                                             .emit = count_emit,
                                             .pass = count_pass };
static void count_pass(struct chain *c, struct pass *p) {
    window_pass(c, &count_ops, p);
}

struct max_acc {
    u64 rows, max;
};
static void max_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct max_acc *a = into;
    const struct max_acc *b = from;
    bool take = (b->rows != 0) & (!(a->rows & ~KEYED_USED) | (b->max > a->max));
    a->max = take ? b->max : a->max;
    a->rows += b->rows;
}
static inline void max_emit(struct chain *c, const void *key, const void *acc,
                            const struct pane *p) {
    struct told *told = c->engine;
    told->panes++;
    told->sum += ((const struct max_acc *)acc)->max;
}
static void max_pass(struct chain *c, struct pass *p);
static const struct window_ops max_ops = { .keyed = { 32, 8, number_equal, number_hash,
                                                      number_keep },
                                           .acc_size = sizeof(struct max_acc),
                                           .merge = max_merge,
                                           .emit = max_emit,
                                           .pass = max_pass };
static void max_pass(struct chain *c, struct pass *p) {
    window_pass(c, &max_ops, p);
}

/* ---- rows ---- */

static NOINLINE i64 mark(struct chain *c, struct window *w, i64 t, i64 slide) {
    i64 bound = t / slide * slide;
    window_watermark(c, w, bound);
    return bound + slide;
}

static NOINLINE void count_aside(struct chain *c, struct window *w, const struct bid *r, u64 hash) {
    struct count_acc delta = { 1 };
    window_add(c, w, &count_ops, &r->auction, hash, r->time, &delta);
}

static NOINLINE void max_aside(struct chain *c, struct window *w, const struct bid *r, u64 hash) {
    struct max_acc delta = { 1, r->price };
    window_add(c, w, &max_ops, &r->auction, hash, r->time, &delta);
}

static inline void count_row(void *at, const struct bid *r) {
    *(u64 *)at += 1;
}

static inline void max_row(void *at, const struct bid *r) {
    struct max_acc *a = at;
    if (!(a->rows & ~KEYED_USED) || r->price > a->max) a->max = r->price;
    a->rows++;
}

ALWAYS_INLINE void loop(struct chain *c, struct window *w, const struct window_ops *ops,
                        const struct bid *r, u64 rows, i64 slide,
                        void (*row)(void *, const struct bid *),
                        void (*aside)(struct chain *, struct window *, const struct bid *, u64)) {
    const struct bid *end = r + rows, *last = end - 1;
    for (; r < end; r++) {
        __builtin_prefetch((const u8 *)r + AHEAD);
        if (w->far) {
            const struct bid *ahead = r + WINDOW_AHEAD < end ? r + WINDOW_AHEAD : last;
            window_prefetch(w, ops, hash_u64(ahead->auction, c->hash_key));
        }
        u64 hash = hash_u64(r->auction, c->hash_key);
        if (UNLIKELY(r->time >= c->mark_next)) c->mark_next = mark(c, w, r->time, slide);
        if (window_elsewhere(w, r->time))
            aside(c, w, r, hash);
        else
            row(window_slot(w, ops, &r->auction, hash), r);
    }
}

static NOINLINE void count_rows(struct chain *c, struct window *w, const struct bid *r, u64 rows,
                                i64 slide) {
    loop(c, w, &count_ops, r, rows, slide, count_row, count_aside);
}

static NOINLINE void max_rows(struct chain *c, struct window *w, const struct bid *r, u64 rows,
                              i64 slide) {
    loop(c, w, &max_ops, r, rows, slide, max_row, max_aside);
}

static void make_rows(struct bid *rows, u64 count, u64 keys) {
    u64 s = 99;
    for (u64 i = 0; i < count; i++) {
        s ^= s >> 12, s ^= s << 25, s ^= s >> 27;
        u64 r = s * 0x2545F4914F6CDD1Dull;
        rows[i].auction = 1000 + (r & 1 ? (i >> 20) % keys : (r >> 32) * keys >> 32);
        rows[i].time = (i64)(i / 1000);
        rows[i].price = r & 0xffff;
    }
}

/* ---- cases ---- */

enum what { HAND, COUNT, MAX };

struct bench_case {
    const char *name;
    enum what what;
    i64 slide;
    u32 beside; /* the case it is measured against */
    u64 most;   /* keys: beyond, panes are all that it does */
};

static const struct bench_case cases[] = {
    { "count, tumbling, by hand", HAND, SIZE_MS, 0, UINT64_MAX },
    { "count, tumbling", COUNT, SIZE_MS, 0, UINT64_MAX },
    { "count, 5 slices, by hand", HAND, SIZE_MS / 5, 0, UINT64_MAX },
    { "count, 5 slices", COUNT, SIZE_MS / 5, 2, UINT64_MAX },
    { "count, 1,000 slices, by hand", HAND, SIZE_MS / 1000, 0, 10000 },
    { "count, 1,000 slices", COUNT, SIZE_MS / 1000, 1, 10000 },
    { "max, tumbling", MAX, SIZE_MS, 1, UINT64_MAX },
    { "max, 5 slices", MAX, SIZE_MS / 5, 6, UINT64_MAX },
    { "max, 1,000 slices", MAX, SIZE_MS / 1000, 6, 10000 },
};

#define CASES (sizeof cases / sizeof *cases)

struct result {
    double ns;           /* a row */
    double panes, bytes; /* a row; a key */
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static struct result by_hand(const struct bench_case *b, const struct bid *rows, u64 count,
                             u64 keys) {
    struct hand h = hand_open(keys, (u32)(SIZE_MS / b->slide), b->slide);
    u64 half = count / 2;
    hand_rows(&h, rows, half);
    double start = now();
    hand_rows(&h, rows + half, count - half);
    double ns = (now() - start) / (double)(count - half);
    double bytes = (double)(h.mask + 1) * (double)(sizeof *h.table + 4 + 4 * h.slice_count);
    hand_close(&h);
    return (struct result){ ns, 0, bytes / (double)keys };
}

static struct result by_runtime(const struct bench_case *b, const struct bid *rows, u64 count) {
    const struct window_spec spec = { .size_ns = SIZE_MS, .slide_ns = b->slide };
    struct told told = { 0 };
    struct window w;
    struct chain c = { .hash_key = 1, .mark_next = b->slide, .engine = &told };
    const struct window_ops *ops = b->what == COUNT ? &count_ops : &max_ops;
    ENSURE(window_open(&w, &spec, ops, 0, SHARDS, c.hash_key, NULL) == 0);
    u64 half = count / 2;
    (b->what == COUNT ? count_rows : max_rows)(&c, &w, rows, half, b->slide);
    told.panes = 0;
    double start = now();
    (b->what == COUNT ? count_rows : max_rows)(&c, &w, rows + half, count - half, b->slide);
    double ns = (now() - start) / (double)(count - half);
    struct result r = { ns, (double)told.panes / (double)(count - half),
                        (double)window_bytes(&w) / (double)window_keys(&w) };
    window_close(&w);
    return r;
}

static void table(const struct bid *rows, u64 count, u64 keys, u32 reps) {
    struct result best[CASES] = { 0 };
    for (u32 rep = 0; rep < reps; rep++)
        for (u32 i = 0; i < CASES; i++) {
            if (keys > cases[i].most) continue;
            struct result r = cases[i].what == HAND ? by_hand(&cases[i], rows, count, keys)
                                                    : by_runtime(&cases[i], rows, count);
            if (!rep || r.ns < best[i].ns) best[i] = r;
        }
    printf("\n%llu keys%*s ns a row  M rows/s  panes a row  bytes a key\n",
           (unsigned long long)keys,
           keys < 1000     ? 25
           : keys < 100000 ? 23
                           : 21,
           "");
    for (u32 i = 0; i < CASES; i++) {
        if (keys > cases[i].most) continue;
        const struct result *r = &best[i];
        printf("%-31s %8.2f %9.1f %12.4f %12.1f", cases[i].name, r->ns, 1e3 / r->ns, r->panes,
               r->bytes);
        if (cases[i].what != HAND)
            printf("   %.2f of %s (%+.1f ns)", best[cases[i].beside].ns / r->ns,
                   cases[cases[i].beside].name, r->ns - best[cases[i].beside].ns);
        printf("\n");
    }
}

int main(int argc, char **argv) {
    u64 mib = argc > 1 ? strtoull(argv[1], NULL, 10) : 1600;
    u32 reps = argc > 2 ? (u32)atoi(argv[2]) : 5;
    if (reps < 1 || reps > 64) reps = 5;
    u64 count = mib ? (mib << 20) / sizeof(struct bid) : 100000,
        bytes = count * sizeof(struct bid) + 4096;
    struct bid *rows = env_huge_alloc(bytes);
    ENSURE(rows);
    const u64 keys[] = { 100, 10000, 1000000 };
    for (u32 k = 0; k < 3; k++) {
        make_rows(rows, count, keys[k]);
        table(rows, count, keys[k], reps);
    }
    env_huge_free(rows, bytes);
    return 0;
}
