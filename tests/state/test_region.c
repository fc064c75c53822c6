#include "runtime/base/budget.h"
#include "runtime/base/env.h"
#include "runtime/base/prng.h"
#include "tests/state/watch.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* ---- runs ---- */

static void runs_of_all_sizes_keep_what_is_written_and_do_not_overlap(void) {
    struct region r;
    struct prng p;
    prng_init(&p, 1);
    CHECK_EQ(region_open(&r, NULL), 0);
    struct {
        u8 *at;
        u64 size;
        u8 byte;
    } runs[500] = { 0 };
    for (u32 i = 0; i < 20000; i++) {
        u32 n = (u32)prng_below(&p, 500);
        if (runs[n].at) {
            bool whole = true;
            for (u64 b = 0; b < runs[n].size; b += 1 + runs[n].size / 50)
                whole &= runs[n].at[b] == runs[n].byte;
            CHECK(whole && runs[n].at[runs[n].size - 1] == runs[n].byte);
            region_free(&r, runs[n].at, runs[n].size);
        }
        runs[n].size = 1 + prng_below(&p, 1ull << (1 + prng_below(&p, 17)));
        runs[n].byte = (u8)prng_next(&p);
        runs[n].at = region_alloc(&r, runs[n].size);
        CHECK_EQ((uintptr_t)runs[n].at % (runs[n].size >= 256 ? 64 : 16), 0);
        CHECK(region_at(&r, region_offset(&r, runs[n].at)) == runs[n].at);
        memset(runs[n].at, runs[n].byte, runs[n].size);
    }
    CHECK(r.used < 200 << 20);
    region_close(&r);
}

/* Until the small ones no longer fit the beginning. */
static void many_small_runs_lie_between_large_ones(void) {
    struct region r;
    CHECK_EQ(region_open(&r, NULL), 0);
    u64 **runs = malloc(400000 * sizeof *runs);
    for (u32 i = 0; i < 400000; i++) {
        u64 size = i % 1000 == 999 ? 8192 : 8 + i % 13;
        runs[i] = region_alloc(&r, size);
        *runs[i] = i;
    }
    for (u32 i = 0; i < 400000; i++) CHECK_EQ(*runs[i], i);
    CHECK(r.top < 32 << 20);
    free(runs);
    region_close(&r);
}

static void a_write_in_a_new_epoch_leaves_the_fast_path_once_a_granule(void) {
    struct region r;
    CHECK_EQ(region_open(&r, NULL), 0);
    u8 *run = region_alloc(&r, 64 << 10);
    const u8 *mark = (const u8 *)(r.marks + ((uintptr_t)(run + 5000) >> REGION_GRANULE_BITS));
    CHECK_EQ(*mark, 1);
    r.epoch = 2;
    region_touch(&r, run + 5000, 16);
    CHECK_EQ(*mark, 2);
    u8 *edge = (u8 *)(((uintptr_t)run + 20000) & ~4095ull) - 8;
    region_touch(&r, edge, 24); /* across granules: both */
    CHECK_EQ(*(const u8 *)(r.marks + ((uintptr_t)edge >> REGION_GRANULE_BITS)), 2);
    CHECK_EQ(*(const u8 *)(r.marks + ((uintptr_t)(edge + 23) >> REGION_GRANULE_BITS)), 2);
    CHECK_EQ(*(const u8 *)(r.marks + ((uintptr_t)(run + 60000) >> REGION_GRANULE_BITS)), 1);
    region_close(&r);
}

static void memory_past_the_budget_is_told_and_given_back_at_the_end(void) {
    struct budget budget = { .limit = 1 << 20 };
    struct region r;
    CHECK_EQ(region_open(&r, &budget), 0);
    void *run = region_alloc(&r, 600000);
    region_free(&r, run, 600000);
    CHECK(region_alloc(&r, 600000) == run);
    CHECK(!r.over);
    CHECK(region_alloc(&r, 600000) != NULL);
    CHECK(r.over);
    region_close(&r);
    CHECK_EQ(budget.used, 0);
}

/* ---- snapshots ---- */

struct run {
    u8 *at;
    u64 size;
};

#define RUNS 150u

struct writer {
    struct region region;
    struct run runs[RUNS];
    struct prng p;
};

static void writer_open(struct writer *w, u64 seed, struct budget *budget) {
    *w = (struct writer){ 0 };
    prng_init(&w->p, seed);
    CHECK_EQ(region_open(&w->region, budget), 0);
}

/* A run comes, goes, or is written to somewhere. */
static void write_something(struct writer *w) {
    struct run *run = &w->runs[prng_below(&w->p, RUNS)];
    if (!run->at) {
        run->size = 1 + prng_below(&w->p, 1ull << (1 + prng_below(&w->p, 15)));
        run->at = region_alloc(&w->region, run->size);
        memset(run->at, (int)prng_below(&w->p, 256), run->size);
    } else if (prng_chance(&w->p, 1, 8)) {
        region_free(&w->region, run->at, run->size);
        run->at = NULL;
    } else {
        u64 from = prng_below(&w->p, run->size), bytes = 1 + prng_below(&w->p, run->size - from);
        region_touch_run(&w->region, run->at + from, bytes);
        memset(run->at + from, (int)prng_below(&w->p, 256), bytes);
    }
}

/* Snapshots with writes and sweeping in any order; some come to nothing, half way or done. */
static void random_snapshots_hold_what_the_region_held_at_their_barrier(void) {
    for (u64 seed = 1; seed <= 25; seed++) {
        struct writer w;
        struct watch watch;
        writer_open(&w, seed, NULL);
        watch_open(&watch, &w.region);
        for (u32 n = 0; n < 40; n++) {
            u32 writes = (u32)prng_below(&w.p, n % 5 ? 20 : 200);
            for (u32 i = 0; i < writes; i++) write_something(&w);
            watch_barrier(&watch);
            u32 steps = (u32)prng_below(&w.p, 100);
            for (u32 i = 0; i < steps; i++)
                if (prng_chance(&w.p, 1, 2))
                    write_something(&w);
                else
                    region_sweep(&w.region, (u32)prng_below(&w.p, 40));
            CHECK(watch_saved(&watch, prng_chance(&w.p, 2, 3)));
        }
        watch_close(&watch);
        region_close(&w.region);
    }
}

static void a_snapshot_copies_what_changed_since_the_last_that_is_safe_and_no_more(void) {
    struct region r;
    struct watch w;
    CHECK_EQ(region_open(&r, NULL), 0);
    watch_open(&w, &r);
    u8 *run = region_alloc(&r, 100 << 12);
    watch_barrier(&w);
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 100);
    watch_barrier(&w);
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 0);
    for (u32 i = 0; i < 20; i++) {
        region_touch(&r, run + (i << 12), 8);
        run[i << 12] = 1;
    }
    watch_barrier(&w);
    region_touch(&r, run, 8); /* is copied before; belongs to the next too */
    run[0] = 2;
    region_touch(&r, run + (50 << 12), 8); /* was clean: to the next alone */
    run[50 << 12] = 2;
    CHECK_EQ(region_sweep(&r, 10), 10);
    CHECK(watch_saved(&w, false)); /* and nothing of this is safe */
    watch_barrier(&w);
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 21);
    watch_barrier(&w);
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 0);
    watch_close(&w);
    region_close(&r);
}

static void what_is_free_is_not_copied_until_it_serves_again(void) {
    struct region r;
    struct watch w;
    CHECK_EQ(region_open(&r, NULL), 0);
    watch_open(&w, &r);
    u8 *run = region_alloc(&r, 100 << 12), *other = region_alloc(&r, 50 << 12);
    region_free(&r, run, 100 << 12);
    watch_barrier(&w);
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 50);
    CHECK(region_alloc(&r, 100 << 12) == run);
    region_free(&r, other, 50 << 12); /* is copied already: but for its link nothing changed */
    watch_barrier(&w);
    region_free(&r, run, 100 << 12); /* was somebody's at the barrier */
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 100);
    watch_close(&w);
    region_close(&r);
}

static void a_write_that_was_not_told_is_found(void) {
    struct region r;
    struct watch w;
    for (u32 when = 0; when < 2; when++) {
        CHECK_EQ(region_open(&r, NULL), 0);
        watch_open(&w, &r);
        u8 *run = region_alloc(&r, 100 << 12);
        watch_barrier(&w);
        CHECK(watch_saved(&w, true));
        if (when) { /* behind the barrier, before the sweep */
            region_touch(&r, run, 8);
            watch_barrier(&w);
        }
        run[10] ^= 1;
        if (!when) watch_barrier(&w);
        CHECK(!watch_saved(&w, true));
        watch_close(&w);
        region_close(&r);
    }
}

static void past_the_budget_a_snapshot_is_given_up_and_the_next_holds_all(void) {
    struct budget budget = { .limit = 3 << 20 };
    struct region r;
    struct watch w;
    CHECK_EQ(region_open(&r, &budget), 0);
    watch_open(&w, &r);
    u8 *run = region_alloc(&r, 2 << 20);
    memset(run, 1, 2 << 20);
    watch_barrier(&w);
    while (!region_is_swept(&r)) region_sweep(&r, 10);
    CHECK(region_gave_up(&r) && !r.over);
    CHECK(atomic_load(&budget.used) <= budget.limit);
    CHECK(watch_saved(&w, false));
    budget.limit <<= 2;
    watch_barrier(&w);
    CHECK(!region_gave_up(&r));
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 512);
    watch_close(&w);
    region_close(&r);
    CHECK_EQ(budget.used, 0);
}

static void chunks_serve_again_and_go_when_few_are_needed(void) {
    struct budget budget = { .limit = 1 << 30 };
    struct region r;
    struct watch w;
    CHECK_EQ(region_open(&r, &budget), 0);
    watch_open(&w, &r);
    u8 *run = region_alloc(&r, 4 << 20);
    memset(run, 1, 4 << 20);
    for (u32 n = 0; n < 5; n++) {
        for (u32 i = 0; i < 1024; i++) region_touch(&r, run + (i << 12), 8);
        watch_barrier(&w);
        for (u32 i = 0; i < 1024; i++) region_touch(&r, run + (i << 12), 8);
        CHECK(watch_saved(&w, true));
        CHECK_EQ(atomic_load(&budget.by_owner[BUDGET_SNAPSHOT]), 34 * sizeof(struct granule_chunk));
    }
    for (u32 n = 0; n < 3; n++) {
        watch_barrier(&w);
        CHECK(watch_saved(&w, true));
    }
    CHECK(atomic_load(&budget.by_owner[BUDGET_SNAPSHOT]) <= sizeof(struct granule_chunk));
    watch_close(&w);
    region_close(&r);
    CHECK_EQ(budget.used, 0);
}

static void the_sweep_waits_where_many_copies_wait_for_the_disk(void) {
    struct region r;
    struct watch w;
    CHECK_EQ(region_open(&r, NULL), 0);
    watch_open(&w, &r);
    region_alloc(&r, 160 << 20);
    watch_barrier(&w);
    u32 done = 0, now;
    while ((now = region_sweep(&r, 31))) done += now;
    CHECK(!region_is_swept(&r) && done < 40000);
    CHECK(watch_saved(&w, true));
    CHECK_EQ(w.copied, 40960);
    watch_close(&w);
    region_close(&r);
}

/* ---- the receiver is another thread ---- */

struct receiver {
    struct env env;
    struct watch *watch;
    _Atomic(struct granule_chunk *) posted;
    _Atomic bool all;
};

static void post_to_receiver(void *self, struct granule_chunk *chunk) {
    struct receiver *v = self;
    chunk->next = atomic_load(&v->posted);
    while (!atomic_compare_exchange_weak(&v->posted, &chunk->next, chunk)) {
    }
}

static void receive(void *arg) {
    struct receiver *v = arg;
    for (bool last = false;;) {
        struct granule_chunk *chunk = atomic_exchange(&v->posted, NULL);
        if (!chunk && last) return;
        if (!chunk) last = atomic_load(&v->all);
        while (chunk) {
            struct granule_chunk *next = chunk->next;
            watch_keep(v->watch, chunk);
            granule_chunk_free(chunk);
            chunk = next;
        }
    }
}

static void copies_are_taken_by_another_thread_while_the_owner_writes(void) {
    struct writer w;
    struct watch watch;
    writer_open(&w, 99, NULL);
    watch_open(&watch, &w.region);
    for (u32 n = 0; n < 30; n++) {
        for (u32 i = 0; i < 100; i++) write_something(&w);
        watch_barrier(&watch);
        struct receiver v = { .env = env_real(), .watch = &watch };
        w.region.to = (struct granule_copies){ post_to_receiver, &v, 1 };
        struct env_thread thread;
        CHECK_EQ(env_thread_start(&v.env, &thread, "receiver", receive, &v), 0);
        while (!region_is_swept(&w.region)) {
            write_something(&w);
            region_sweep(&w.region, 8);
        }
        atomic_store(&v.all, true);
        env_thread_join(&v.env, &thread);
        CHECK(watch_equal(&watch));
        region_saved(&w.region, true);
    }
    watch_close(&watch);
    region_close(&w.region);
}

static const struct test tests[] = {
    TEST(runs_of_all_sizes_keep_what_is_written_and_do_not_overlap),
    TEST(many_small_runs_lie_between_large_ones),
    TEST(a_write_in_a_new_epoch_leaves_the_fast_path_once_a_granule),
    TEST(memory_past_the_budget_is_told_and_given_back_at_the_end),
    TEST(random_snapshots_hold_what_the_region_held_at_their_barrier),
    TEST(a_snapshot_copies_what_changed_since_the_last_that_is_safe_and_no_more),
    TEST(what_is_free_is_not_copied_until_it_serves_again),
    TEST(a_write_that_was_not_told_is_found),
    TEST(past_the_budget_a_snapshot_is_given_up_and_the_next_holds_all),
    TEST(chunks_serve_again_and_go_when_few_are_needed),
    TEST(the_sweep_waits_where_many_copies_wait_for_the_disk),
    TEST(copies_are_taken_by_another_thread_while_the_owner_writes),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("region", tests, argc, argv);
}
