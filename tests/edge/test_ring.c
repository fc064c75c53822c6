#include "runtime/edge/ring.h"
#include "runtime/base/ensure.h"
#include "runtime/base/env_sim.h"
#include "runtime/edge/waiter.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

#define CONTROLS 3u

static struct ring *ring_make(u32 slot_count, u32 slot_bytes, u32 start) {
    u64 size = ring_footprint(slot_count, slot_bytes, CONTROLS);
    void *place = aligned_alloc(128, (size + 127) / 128 * 128);
    ENSURE(size && place);
    return ring_init(place, slot_count, slot_bytes, CONTROLS, start);
}

static bool push(struct ring *r, u64 value) {
    struct batch *b = ring_slot(r);
    if (!b) return false;
    batch_reset(b, value);
    memcpy(batch_add_row(b, 8), &value, 8);
    ring_publish(r);
    return true;
}

static bool pop(struct ring *r, u64 *value) {
    struct batch *b = ring_peek(r);
    if (!b) return false;
    CHECK_EQ(b->row_count, 1);
    memcpy(value, batch_row(b, 8, 0), 8);
    CHECK_EQ(b->morsel, *value);
    ring_release(r);
    return true;
}

static void a_footprint_is_refused_when_the_ring_could_not_work(void) {
    CHECK_EQ(ring_footprint(0, 256, CONTROLS), 0);
    CHECK_EQ(ring_footprint(3, 256, CONTROLS), 0);
    CHECK_EQ(ring_footprint(2, 0, CONTROLS), 0);
    CHECK_EQ(ring_footprint(2, 200, CONTROLS), 0);
    CHECK_EQ(ring_footprint(2, 128, CONTROLS), 0); /* controls, and no row */
    CHECK_EQ(ring_footprint(2, 256, UINT32_MAX), 0);
    CHECK_EQ(ring_footprint(1, 192, CONTROLS), sizeof(struct ring) + 192);
    CHECK_EQ(ring_footprint(8, 32768, CONTROLS), sizeof(struct ring) + 8 * 32768);
}

static void a_full_ring_leaves_the_row_with_the_producer(void) {
    for (u32 slots = 1; slots <= 8; slots *= 2) {
        struct ring *r = ring_make(slots, 192, 0);
        u64 value = 0;
        CHECK(!ring_peek(r));
        for (u32 i = 0; i < slots; i++) CHECK(push(r, i));
        CHECK(!push(r, 99));
        CHECK(!ring_slot(r));
        CHECK(pop(r, &value));
        CHECK_EQ(value, 0);
        CHECK(push(r, slots));
        CHECK(!push(r, 99));
        for (u32 i = 1; i <= slots; i++) {
            CHECK(pop(r, &value));
            CHECK_EQ(value, i);
        }
        CHECK(!pop(r, &value));
        free(r);
    }
}

static void order_survives_counter_wraparound(void) {
    for (u32 slots = 1; slots <= 4; slots *= 2) {
        for (u32 before = 0; before <= 9; before++) {
            struct ring *r = ring_make(slots, 192, 0u - before);
            u64 put = 0, got = 0, value;
            while (got < 20) {
                while (push(r, put)) put++;
                CHECK_EQ(put - got, slots);
                for (u32 i = 0; i < 1 + slots / 2; i++) {
                    CHECK(pop(r, &value));
                    CHECK_EQ(value, got++);
                }
            }
            free(r);
        }
    }
}

static void a_slot_stays_the_same_until_it_is_published_or_released(void) {
    struct ring *r = ring_make(2, 192, UINT32_MAX);
    struct batch *b = ring_slot(r);
    CHECK(b == ring_slot(r));
    CHECK(!ring_peek(r));
    batch_reset(b, 1);
    ring_publish(r);
    CHECK(ring_peek(r) == b);
    CHECK(ring_peek(r) == b);
    CHECK(ring_slot(r) != b);
    ring_release(r);
    CHECK(!ring_peek(r));
    free(r);
}

static void rows_grow_from_the_front_and_strings_from_the_back(void) {
    struct ring *r = ring_make(1, 256, 0);
    struct batch *b = ring_slot(r);
    batch_reset(b, 7);
    /* 256 - 64 of header - 3 controls of 24 */
    CHECK(batch_room(b, 16, 104));
    CHECK(!batch_room(b, 16, 105));
    CHECK(!batch_room(b, 16, UINT64_MAX - 32));
    u32 rows = 0;
    char text[] = "12345";
    while (batch_room(b, 16, 5)) {
        text[0] = (char)('a' + rows);
        struct row {
            u64 number;
            u32 text, size;
        } row = { rows++, 0, 5 };
        u8 *at = batch_add_row(b, 16);
        row.text = batch_heap_put(b, text, 5);
        memcpy(at, &row, 16);
    }
    CHECK_EQ(rows, 5);
    CHECK_EQ(b->heap_at - b->rows_end, 15);
    ring_publish(r);
    b = batch_of(ring_peek(r));
    CHECK_EQ(b->row_count, rows);
    for (u32 i = 0; i < rows; i++) {
        u64 number;
        u32 where[2];
        memcpy(&number, batch_row(b, 16, i), 8);
        memcpy(where, batch_row(b, 16, i) + 8, 8);
        CHECK_EQ(number, i);
        struct str s = batch_text(b, where[0], where[1]);
        CHECK_EQ(s.size, 5);
        CHECK_EQ(s.at[0], 'a' + (int)i);
        CHECK(!memcmp(s.at + 1, "2345", 4));
    }
    ring_release(r);
    free(r);
}

static void controls_keep_their_places_between_rows(void) {
    struct ring *r = ring_make(1, 256, 0);
    struct batch *b = ring_slot(r);
    batch_reset(b, 7);
    CHECK(batch_is_empty(b));
    CHECK(batch_add_control(b, CONTROL_MARK, -5, -3));
    CHECK(!batch_is_empty(b));
    while (batch_room(b, 8, 0)) memset(batch_add_row(b, 8), 0xff, 8); /* to the last byte */
    CHECK(batch_add_control(b, CONTROL_FINISHED, 8, 9));
    CHECK(batch_add_control(b, CONTROL_END, TIME_FOREVER, TIME_NEVER));
    CHECK(!batch_add_control(b, CONTROL_END, 0, 0));
    ring_publish(r);
    b = ring_peek(r);
    struct control *c = batch_controls(b);
    CHECK_EQ(b->control_count, 3);
    CHECK(c[0].kind == CONTROL_MARK && c[0].at_row == 0 && c[0].payload == -5 && c[0].exact == -3);
    CHECK(c[1].kind == CONTROL_FINISHED && c[1].at_row == 15 && c[1].payload == 8);
    CHECK(c[2].kind == CONTROL_END && c[2].at_row == 15 && c[2].payload == TIME_FOREVER);
    ring_release(r);
    b = ring_slot(r);
    batch_reset(b, 8);
    CHECK(batch_is_empty(b) && b->morsel == 8);
    free(r);
}

static void a_row_that_fits_no_slot_travels_as_a_chunk(void) {
    struct ring *r = ring_make(1, 192, 0);
    u32 size = (u32)batch_size_for(1, 8, 100000);
    struct batch *chunk = batch_init(aligned_alloc(64, size), size, 1);
    char *text = calloc(1, 100000);
    CHECK(batch_room(chunk, 8, 100000));
    u8 *row = batch_add_row(chunk, 8);
    u32 where[2] = { batch_heap_put(chunk, text, 100000), 100000 };
    memcpy(row, where, 8);
    CHECK(batch_add_control(chunk, CONTROL_END, 1, 2));
    struct batch *slot = ring_slot(r);
    batch_reset(slot, 3);
    batch_refer(slot, chunk);
    CHECK(!batch_is_empty(slot));
    ring_publish(r);
    slot = ring_peek(r);
    struct batch *b = batch_of(slot);
    CHECK(b != slot && b->row_count == 1 && b->control_count == 1);
    memcpy(where, batch_row(b, 8, 0), 8);
    struct str s = batch_text(b, where[0], where[1]);
    CHECK(s.size == 100000 && !memcmp(s.at, text, s.size));
    free(b);
    ring_release(r);
    batch_reset(ring_slot(r), 4);
    CHECK(batch_of(ring_slot(r)) == ring_slot(r));
    free(text);
    free(r);
}

static void a_notification_answers_an_announcement_once(void) {
    struct env_sim sim;
    env_sim_init(&sim, 1);
    struct waiter w = { 0 };
    CHECK(!waiter_starves(&w));
    waiter_announce(&w);
    CHECK(waiter_starves(&w));
    waiter_notify(&w, &sim.env);
    CHECK(!waiter_starves(&w));
    waiter_park(&w, &sim.env, 1000); /* answered already: no time passes */
    CHECK_EQ(env_mono_ns(&sim.env), 0);
    waiter_announce(&w);
    waiter_cancel(&w);
    CHECK(!waiter_starves(&w));
    waiter_announce(&w);
    waiter_park(&w, &sim.env, 1000);
    CHECK_EQ(env_mono_ns(&sim.env), 1000);
    CHECK(!waiter_starves(&w));
}

static void without_a_barrier_nobody_sleeps_long(void) {
    struct env_sim sim;
    env_sim_init(&sim, 1);
    struct waiter w = { 0 };
    waiter_announce(&w);
    w.sure = false;
    waiter_park(&w, &sim.env, TIME_FOREVER);
    CHECK_EQ(env_mono_ns(&sim.env), WAITER_UNSURE_NS);
    waiter_announce(&w);
    CHECK(w.sure); /* every Linux since 4.14 */
}

static const struct test tests[] = {
    TEST(a_footprint_is_refused_when_the_ring_could_not_work),
    TEST(a_full_ring_leaves_the_row_with_the_producer),
    TEST(order_survives_counter_wraparound),
    TEST(a_slot_stays_the_same_until_it_is_published_or_released),
    TEST(rows_grow_from_the_front_and_strings_from_the_back),
    TEST(controls_keep_their_places_between_rows),
    TEST(a_row_that_fits_no_slot_travels_as_a_chunk),
    TEST(a_notification_answers_an_announcement_once),
    TEST(without_a_barrier_nobody_sleeps_long),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("ring", tests, argc, argv);
}
