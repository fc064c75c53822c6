/* Tokens through a ring between two threads that sleep whenever there is nothing to do; for TSan as
   much as for the checks. test_ring_stress [-v] [FILTER]; MILLRACE_STRESS=N does N times as much */
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/base/prng.h"
#include "runtime/edge/ring.h"
#include "runtime/edge/waiter.h"
#include "tests/support/suite.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_BYTES 256u
#define CONTROLS 2u

struct course {
    struct env env;
    struct ring *ring;
    struct waiter producer, consumer;
    u64 tokens, seed;
    u32 spins; /* looks before sleeping */
};

static struct batch *await(struct course *c, struct waiter *own,
                           struct batch *(*look)(struct ring *)) {
    for (u32 looks = 0;; looks++) {
        struct batch *b = look(c->ring);
        if (b) return b;
        if (looks < c->spins) {
            sched_yield();
            continue;
        }
        waiter_announce(own);
        b = look(c->ring);
        if (b) {
            waiter_cancel(own);
            return b;
        }
        waiter_park(own, &c->env, TIME_FOREVER);
    }
}

static struct batch *look_for_slot(struct ring *r) {
    return ring_slot(r);
}

static struct batch *look_for_batch(struct ring *r) {
    return ring_peek(r);
}

/* Batches of a random number of tokens, each beside its digits as a string; some as chunks of their
   own. */
static void produce(void *arg) {
    struct course *c = arg;
    struct prng prng;
    prng_init(&prng, c->seed);
    u64 token = 0;
    for (u64 morsel = 0; token < c->tokens; morsel++) {
        struct batch *slot = await(c, &c->producer, look_for_slot), *b = slot;
        batch_reset(slot, morsel);
        if (prng_chance(&prng, 1, 50)) {
            b = batch_init(aligned_alloc(64, 1024), 1024, CONTROLS);
            batch_reset(b, morsel);
            batch_refer(slot, b);
        }
        for (u64 rows = prng_below(&prng, 8); rows && batch_room(b, 16, 8); rows--) {
            u8 *row = batch_add_row(b, 16);
            u32 text[2] = { batch_heap_put(b, &token, 8), 8 };
            memcpy(row, &token, 8);
            memcpy(row + 8, text, 8);
            token++;
        }
        CHECK(batch_add_control(b, CONTROL_END, (i64)token, 0));
        ring_publish(c->ring);
        waiter_notify(&c->consumer, &c->env);
        if (prng_chance(&prng, 1, 500)) env_sleep_ns(&c->env, 50000);
    }
}

static bool take(struct batch *b, u64 *next) {
    bool right = b->control_count == 1;
    for (u32 i = 0; i < b->row_count; i++, ++*next) {
        const u8 *row = batch_row(b, 16, i);
        u32 text[2];
        memcpy(text, row + 8, 8);
        right &= !memcmp(row, next, 8) && !memcmp(batch_text(b, text[0], text[1]).at, next, 8);
    }
    return right && batch_controls(b)[0].payload == (i64)*next;
}

static void run_course(u32 slots, u32 spins, u32 start) {
    const char *times = getenv("MILLRACE_STRESS");
    u64 size = ring_footprint(slots, SLOT_BYTES, CONTROLS);
    void *place = aligned_alloc(128, (size + 127) / 128 * 128);
    ENSURE(place);
    struct course c = {
        .env = env_real(),
        .ring = ring_init(place, slots, SLOT_BYTES, CONTROLS, start),
        .tokens = 50000 * (u64)(times ? atoi(times) : 1),
        .seed = slots,
        .spins = spins,
    };
    struct env_thread thread;
    if (!CHECK(env_thread_start(&c.env, &thread, "producer", produce, &c) == 0)) return;
    struct prng prng;
    prng_init(&prng, 99);
    u64 next = 0;
    bool right = true;
    for (u64 morsel = 0; next < c.tokens; morsel++) {
        struct batch *slot = await(&c, &c.consumer, look_for_batch), *b = batch_of(slot);
        right &= b->morsel == morsel && take(b, &next);
        if (b != slot) free(b);
        ring_release(c.ring);
        waiter_notify(&c.producer, &c.env);
        if (prng_chance(&prng, 1, 500)) env_sleep_ns(&c.env, 50000);
    }
    env_thread_join(&c.env, &thread);
    CHECK(right);
    CHECK(!ring_peek(c.ring));
    free(place);
}

static void tokens_arrive_in_order_through_one_slot(void) {
    run_course(1, 20, 0u - 1000);
}

static void tokens_arrive_in_order_through_a_few_slots(void) {
    run_course(4, 20, 0u - 1000);
}

static void nobody_sleeps_for_ever_if_everybody_sleeps_at_once(void) {
    run_course(1, 0, 0u - 1000);
    run_course(8, 0, 7);
}

static const struct test tests[] = {
    TEST(tokens_arrive_in_order_through_one_slot),
    TEST(tokens_arrive_in_order_through_a_few_slots),
    TEST(nobody_sleeps_for_ever_if_everybody_sleeps_at_once),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("ring_stress", tests, argc, argv);
}
