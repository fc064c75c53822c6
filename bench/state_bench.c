/* What a snapshot costs the task whose state it is of: a count per key in about so many MiB of
   slots. state_bench [MiB] [repetitions]; 0 MiB: a little, to see that it runs. CPU time of the one
   thread; copies are given back as soon as they are posted. */
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/base/prng.h"
#include "runtime/snapshot/store.h"
#include "runtime/stage/window.h"
#include "tests/support/number_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- as generated ---- */

static void merge(struct chain *c, struct region *region, void *into, const void *from) {
    *(u64 *)into += *(const u64 *)from;
}
static void emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {}
static void pass(struct chain *c, struct pass *p);
static const struct window_spec spec = { .size_ns = 1000, .slide_ns = 1000 };
static const struct state_field field = { "key", NULL, STATE_KEY, { TYPE_U64 }, 0, 8, -1 };
static const struct state_schema schema = { &field, 1, 16, 8, 8, .window = &spec };
static const struct window_ops ops = { .keyed = { 16, 8, number_equal, number_hash, number_keep,
                                                  NULL },
                                       .acc_size = 8,
                                       .merge = merge,
                                       .emit = emit,
                                       .pass = pass,
                                       .schema = &schema };
static void pass(struct chain *c, struct pass *p) {
    window_pass(c, &ops, p);
}

static void add(struct window *w, u64 key) {
    u64 one = 1, hash = hash_u64(key, 7);
    if (!window_elsewhere(w, 500))
        *(u64 *)window_slot(w, &ops, &key, hash) += 1;
    else
        window_add(&(struct chain){ 0 }, w, &ops, &key, hash, 500, &one);
}

/* ---- */

struct taken {
    u64 chunks, granules;
    u8 *image;
};

static void post(void *self, struct granule_chunk *chunk) {
    struct taken *t = self;
    t->chunks++;
    t->granules += chunk->count;
    granule_chunk_free(chunk);
}

static void rows(struct window *w, u64 keys, u64 count, u64 seed) {
    struct prng p;
    prng_init(&p, seed);
    for (u64 i = 0; i < count; i++) add(w, prng_next(&p) % keys);
}

static double ns_a_row(struct window *w, u64 keys, u64 count, u64 seed) {
    double start = now_ms();
    rows(w, keys, count, seed);
    return (now_ms() - start) * 1e6 / (double)count;
}

static void sweep(struct window *w, struct taken *t) {
    struct region *r = &w->keyed.region;
    double start = now_ms(), longest = 0, last = start;
    *t = (struct taken){ 0 };
    while (!region_is_swept(r)) {
        region_sweep(r, 64);
        double now = now_ms();
        if (now - last > longest) longest = now - last;
        last = now;
    }
    double ms = last - start;
    printf("  sweep: %llu granules in %.2f ms, %.0f MB/s; 64 at a time at most %.3f ms\n",
           (unsigned long long)t->granules, ms, (double)t->granules * 4.096 / ms, longest);
}

static void restore(const struct window *w, const struct pack *saved) {
    const struct region *r = &w->keyed.region;
    struct image image = { r->base, (u64)region_granules(r) * GRANULE_BYTES };
    struct window to;
    struct unpack u = unpack_of(saved->at, saved->size);
    ENSURE(window_open(&to, &spec, &ops, 0, SHARDS, 7, NULL) == 0);
    double start = now_ms();
    ENSURE(window_restore(&to, &ops, &u, &image) == 0 && window_restored(&to) == 0);
    printf("  restore: %.1f ms of %.1f MiB\n", now_ms() - start, (double)image.bytes / (1 << 20));
    window_close(&to);
}

static void snapshot(struct window *w, u64 keys, struct pack *saved, bool writing) {
    struct region *r = &w->keyed.region;
    struct taken t = { 0 };
    u64 count = keys < 2000000 ? keys * 4 : 8000000;
    printf("  rows: %.2f ns", ns_a_row(w, keys, count, 1));
    double start = now_ms();
    region_barrier(r, &(struct granule_copies){ post, &t, 0 });
    double barrier = now_ms();
    pack_clear(saved);
    window_save(w, saved);
    double packed = now_ms();
    if (writing) {
        double first = ns_a_row(w, keys, 16384, 2);
        u64 copied = t.granules;
        double ns = ns_a_row(w, keys, count, 3);
        printf("; the 16384 right behind a barrier: %.2f ms, %llu granules copied; then %.2f ns\n",
               first * 16384 / 1e6, (unsigned long long)copied, ns);
    } else
        printf("\n");
    sweep(w, &t);
    double before = now_ms();
    region_saved(r, true);
    printf("  barrier %.3f ms, small state %.3f ms (%llu bytes), outcome %.3f ms\n",
           barrier - start, packed - barrier, (unsigned long long)saved->size, now_ms() - before);
}

int main(int argc, char **argv) {
    u64 mib = argc > 1 ? strtoull(argv[1], NULL, 10) : 64;
    int reps = argc > 2 ? atoi(argv[2]) : 2;
    u64 keys = mib ? mib << 15 : 1000;
    struct window w;
    struct pack saved;
    pack_init(&saved);
    ENSURE(window_open(&w, &spec, &ops, 0, SHARDS, 7, NULL) == 0);
    for (u64 key = 0; key < keys; key++) add(&w, key);
    printf("%llu keys, %llu bytes\n", (unsigned long long)keys,
           (unsigned long long)window_bytes(&w));
    for (int i = 0; i < reps; i++) snapshot(&w, keys, &saved, i % 2);
    for (int i = 0; i < reps; i++) restore(&w, &saved);
    window_close(&w);
    pack_fini(&saved);
    return 0;
}
