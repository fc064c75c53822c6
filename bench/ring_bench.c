/* How fast a ring is: 8-byte items in batches of 32 between two pinned threads (as
   bench/limit/ring.c measures a bare one), and the round trip. ring_bench [rounds] [cpu0] [cpu1]
   rounds of 100 M items; 0: a little, to see that it runs */
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/edge/ring.h"
#include "runtime/edge/waiter.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH_ITEMS 32u
#define SLOT_BYTES 384u
#define SLOTS 128u /* as many items as the ring of the limit program holds */

struct bench {
    struct env env;
    struct ring *there, *back;
    struct waiter reader, writer;
    u64 batches, sum;
    int reader_cpu;
};

static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static inline void spin(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

static struct batch *wait_slot(struct ring *r) {
    struct batch *b;
    while (!(b = ring_slot(r))) spin();
    return b;
}

static struct batch *wait_peek(struct ring *r) {
    struct batch *b;
    while (!(b = ring_peek(r))) spin();
    return b;
}

static void reader(void *arg) {
    struct bench *bench = arg;
    pin(bench->reader_cpu);
    u64 sum = 0;
    for (u64 n = 0; n < bench->batches; n++) {
        struct batch *b = batch_of(wait_peek(bench->there));
        const u64 *items = (const u64 *)batch_row(b, 8, 0);
        for (u32 i = 0, count = b->row_count; i < count; i++) sum += items[i];
        ring_release(bench->there);
        waiter_notify(&bench->writer, &bench->env);
    }
    bench->sum = sum;
}

static void echo(void *arg) {
    struct bench *bench = arg;
    pin(bench->reader_cpu);
    for (u64 n = 0; n < bench->batches; n++) {
        u64 item = *(const u64 *)batch_row(wait_peek(bench->there), 8, 0);
        ring_release(bench->there);
        waiter_notify(&bench->writer, &bench->env);
        struct batch *b = wait_slot(bench->back);
        batch_reset(b, n);
        *(u64 *)batch_add_row(b, 8) = item;
        ring_publish(bench->back);
        waiter_notify(&bench->writer, &bench->env);
    }
}

static void start(struct bench *bench, struct env_thread *thread, void (*run)(void *)) {
    u64 size = ring_footprint(SLOTS, SLOT_BYTES, 1);
    ring_init(bench->there, SLOTS, SLOT_BYTES, 1, 0);
    ring_init(bench->back, SLOTS, SLOT_BYTES, 1, 0);
    ENSURE(size && env_thread_start(&bench->env, thread, "reader", run, bench) == 0);
    env_sleep_ns(&bench->env, 20000000); /* until it runs */
}

static void one_way(struct bench *bench, u64 batches) {
    struct env_thread thread;
    bench->batches = batches;
    start(bench, &thread, reader);
    i64 before = env_mono_ns(&bench->env);
    u64 item = 0;
    for (u64 n = 0; n < batches; n++) {
        struct batch *b = wait_slot(bench->there);
        batch_reset(b, n);
        u64 *items = (u64 *)batch_add_rows(b, 8, BATCH_ITEMS);
        for (u32 i = 0; i < BATCH_ITEMS; i++) items[i] = item++;
        ring_publish(bench->there);
        waiter_notify(&bench->reader, &bench->env);
    }
    env_thread_join(&bench->env, &thread);
    double seconds = (double)(env_mono_ns(&bench->env) - before) / 1e9;
    ENSURE(bench->sum == item * (item - 1) / 2);
    printf("ring  8-byte items, batch  32: %8.1f M items/s  %6.2f ns/item\n",
           (double)item / seconds / 1e6, seconds / (double)item * 1e9);
}

static void round_trip(struct bench *bench, u64 trips) {
    struct env_thread thread;
    bench->batches = trips;
    start(bench, &thread, echo);
    i64 before = env_mono_ns(&bench->env);
    for (u64 n = 0; n < trips; n++) {
        struct batch *b = wait_slot(bench->there);
        batch_reset(b, n);
        *(u64 *)batch_add_row(b, 8) = n;
        ring_publish(bench->there);
        waiter_notify(&bench->reader, &bench->env);
        ENSURE(*(const u64 *)batch_row(wait_peek(bench->back), 8, 0) == n);
        ring_release(bench->back);
        waiter_notify(&bench->reader, &bench->env);
    }
    double ns = (double)(env_mono_ns(&bench->env) - before) / (double)trips;
    env_thread_join(&bench->env, &thread);
    printf("ring round trip: mean %.0f ns\n", ns);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 3, cpu = argc > 2 ? atoi(argv[2]) : 0;
    struct bench bench = { .env = env_real(), .reader_cpu = argc > 3 ? atoi(argv[3]) : 1 };
    bench.there = env_huge_alloc(ring_footprint(SLOTS, SLOT_BYTES, 1));
    bench.back = env_huge_alloc(ring_footprint(SLOTS, SLOT_BYTES, 1));
    ENSURE(bench.there && bench.back);
    pin(cpu);
    for (int i = 0; i < rounds; i++) one_way(&bench, 100000000 / BATCH_ITEMS);
    if (!rounds) one_way(&bench, 1000);
    round_trip(&bench, rounds ? 1000000 : 1000);
    return 0;
}
