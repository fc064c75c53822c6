/* How fast rows go into a window: count per key in 10 s windows every 2 s, over the same rows and
   with the same loop as design/emitter_shape.c's, on the real runtime. window_bench [MiB of rows]
   [repetitions]; 0: a little, to see that it runs. Prints a line for each number of keys. */
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/stage/window.h"
#include "tests/support/number_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLIDE_MS 2000
#define SIZE_MS 10000
#define AHEAD 1024 /* bytes of input */
#define PIECE (64u << 10)

struct bid {
    u64 auction, bidder, price;
    i64 time;
    u32 channel, url;
    u64 extra;
};

/* ---- as generated: one stage, one chain ---- */

struct best {
    u64 rows, panes;
};

static void merge(struct chain *c, struct region *region, void *into, const void *from) {
    *(u64 *)into += *(const u64 *)from;
}
static void subtract(void *from, const void *gone) {
    *(u64 *)from -= *(const u64 *)gone;
}
static inline void emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    struct best *best = c->engine;
    u64 rows = *(const u64 *)acc;
    best->rows = rows > best->rows ? rows : best->rows;
    best->panes++;
}
static void pass(struct chain *c, struct pass *p);

static const struct window_ops ops = {
    .keyed = { .slot_size = 16, .acc_at = 8, number_equal, number_hash, number_keep },
    .acc_size = 8,
    .merge = merge,
    .subtract = subtract,
    .emit = emit,
    .pass = pass
};

static void pass(struct chain *c, struct pass *p) {
    window_pass(c, &ops, p);
}

static NOINLINE void row_aside(struct chain *c, struct window *w, u64 key, u64 hash, i64 t) {
    u64 delta = 1;
    window_add(c, w, &ops, &key, hash, t, &delta);
}

static NOINLINE i64 mark(struct chain *c, struct window *w, i64 t) {
    i64 bound = t / SLIDE_MS * SLIDE_MS;
    window_watermark(c, w, bound);
    return bound + SLIDE_MS;
}

static NOINLINE void morsel(struct chain *c, struct window *w, const struct bid *r, u64 rows) {
    const struct bid *end = r + rows, *last = end - 1;
    for (; r < end; r++) {
        __builtin_prefetch((const u8 *)r + AHEAD);
        if (w->far) {
            const struct bid *ahead = r + WINDOW_AHEAD < end ? r + WINDOW_AHEAD : last;
            window_prefetch(w, &ops, hash_u64(ahead->auction, c->hash_key));
        }
        u64 hash = hash_u64(r->auction, c->hash_key);
        if (window_elsewhere(w, r->time))
            row_aside(c, w, r->auction, hash, r->time);
        else
            *(u64 *)window_slot(w, &ops, &r->auction, hash) += 1;
        if (UNLIKELY(r->time >= c->mark_next)) c->mark_next = mark(c, w, r->time);
    }
}

/* ---- rows, clock ---- */

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

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct result {
    double all, rows; /* ns a row: over all; median of the pieces of 64 Ki rows without a firing, in
                         the second half */
};

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct result one_run(const struct bid *rows, u64 count, struct best *best) {
    const struct window_spec spec = { .size_ns = SIZE_MS, .slide_ns = SLIDE_MS };
    struct window w;
    struct chain c = { .hash_key = 1, .mark_next = SLIDE_MS, .engine = best };
    ENSURE(window_open(&w, &spec, &ops, 0, SHARDS, c.hash_key, NULL) == 0);
    u64 pieces = (count + PIECE - 1) / PIECE, n = 0;
    double *times = calloc(pieces, sizeof *times), start = now();
    ENSURE(times);
    for (u64 at = 0; at < count; at += PIECE) {
        u64 size = count - at < PIECE ? count - at : PIECE;
        double piece = now();
        morsel(&c, &w, rows + at, size);
        if (at >= count / 2 || !n) times[n++] = (now() - piece) / (double)size * 1e9;
    }
    struct result result = { .all = (now() - start) / (double)count * 1e9 };
    qsort(times, n, sizeof *times, by_size);
    result.rows = times[n / 2];
    free(times);
    window_close(&w);
    return result;
}

int main(int argc, char **argv) {
    u64 mib = argc > 1 ? strtoull(argv[1], NULL, 10) : 1024;
    u32 reps = argc > 2 ? (u32)atoi(argv[2]) : 5;
    if (reps < 1 || reps > 64) reps = 5;
    u64 count = mib ? (mib << 20) / sizeof(struct bid) : 100000,
        bytes = count * sizeof(struct bid) + 4096;
    struct bid *rows = env_huge_alloc(bytes);
    ENSURE(rows);
    const u64 keys[] = { 100, 10000, 1000000 };
    for (u32 k = 0; k < 3; k++) {
        double all[64], row[64];
        struct best best = { 0 };
        make_rows(rows, count, keys[k]);
        for (u32 i = 0; i < reps; i++) {
            struct result r = one_run(rows, count, &best);
            all[i] = r.all;
            row[i] = r.rows;
        }
        qsort(all, reps, sizeof *all, by_size);
        qsort(row, reps, sizeof *row, by_size);
        printf(
            "window %7llu keys: %6.1f M rows/s, best with growing and firing %6.1f; %llu panes\n",
            (unsigned long long)keys[k], 1e3 / row[reps / 2], 1e3 / all[0],
            (unsigned long long)(best.panes / reps));
    }
    env_huge_free(rows, bytes);
    return 0;
}
