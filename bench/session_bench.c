/* How fast rows go into sessions, and what they keep: count per key in sessions, each row with its
   own W, the runtime told of it at marks (one in 64 Ki rows, as at the end of a morsel).
   session_bench [millions of rows] [repetitions]; 0: a little, to see that it runs. Prints a line
   for each number of keys and length of sessions: ns a row over all, and bytes of state a key. */
#include "runtime/base/ensure.h"
#include "runtime/base/hash.h"
#include "runtime/stage/session.h"
#include "tests/support/number_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MARK 65536u
#define LAG 1000 /* ns; a row is one ns after the one before it */

static void merge(struct chain *c, struct region *region, void *into, const void *from) {
    *(u64 *)into += *(const u64 *)from;
}
static void emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    ++*(u64 *)c->engine;
}

static const struct window_ops ops = {
    .keyed = { .slot_size = SESSION_SLOT(8, 8),
               .acc_at = 8,
               number_equal,
               number_hash,
               number_keep },
    .acc_size = 8,
    .merge = merge,
    .emit = emit,
};

static NOINLINE void apart(struct chain *c, struct sessions *s, u8 *slot, u64 hash, i64 w, i64 t) {
    u64 delta = 1;
    session_add(c, s, slot, hash, t, time_add(t, s->gap), w, &delta);
}

/* The keys of rows are random; they come out of order by up to LAG. */
static NOINLINE void rows(struct chain *c, struct sessions *s, u64 from, u64 to, u64 keys) {
    for (u64 i = from; i < to; i++) {
        u64 r = hash_random(i, 7), key = (r >> 32) * keys >> 32, hash = hash_u64(key, c->hash_key);
        i64 w = (i64)i - LAG, t = (i64)i - (i64)(r % LAG);
        u8 *slot = session_slot(s, &ops, &key, hash);
        u64 *acc = session_grow(s, &ops, slot, w, t);
        if (UNLIKELY(!acc))
            apart(c, s, slot, hash, w, t);
        else
            ++*acc;
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench(u64 count, u32 reps, u64 keys, u64 gap) {
    const struct window_spec spec = { .shape = SHAPE_SESSION, .size_ns = (i64)gap };
    double ns[64];
    u64 bytes = 0, panes = 0, live = 0;
    for (u32 n = 0; n < reps; n++) {
        struct sessions s;
        struct chain c = { .hash_key = 1, .engine = &panes };
        ENSURE(session_keeper.open(&s, &spec, &ops, 0, SHARDS, 1, NULL) == 0);
        panes = 0;
        double start = now();
        for (u64 at = 0; at < count; at += MARK) {
            u64 to = at + MARK < count ? at + MARK : count;
            rows(&c, &s, at, to, keys);
            session_keeper.watermark(&c, &s, &ops, (i64)to - LAG, TIME_NEVER);
        }
        ns[n] = (now() - start) / (double)count * 1e9;
        bytes = session_keeper.region(&s)->used;
        live = 0;
        for (u32 i = 0; i < SHARDS; i++) live += s.keyed.ranges[i].used;
        session_keeper.close(&s);
    }
    qsort(ns, reps, sizeof *ns, by_size);
    printf("session %7llu keys, %5.1f rows a session: %6.1f ns a row, %6.1f bytes a key\n",
           (unsigned long long)keys, (double)count / (double)(panes ? panes : 1), ns[reps / 2],
           (double)bytes / (double)live);
}

int main(int argc, char **argv) {
    u64 millions = argc > 1 ? strtoull(argv[1], NULL, 10) : 20;
    u32 reps = argc > 2 ? (u32)atoi(argv[2]) : 5;
    if (reps < 1 || reps > 64) reps = 5;
    u64 count = millions ? millions * 1000000 : 100000;
    const u64 keys[] = { 100, 10000, 100000 };
    for (u32 k = 0; k < 3; k++) {
        bench(count, reps, keys[k], keys[k] * 4); /* long sessions */
        bench(count, reps, keys[k], keys[k]);     /* of a few rows */
    }
    return 0;
}
