/* Outlets and inlets against each other, over rings of a few tiny slots. */
#include "runtime/edge/inlet.h"
#include "runtime/edge/outlet.h"
#include "runtime/edge/ring.h"
#include "runtime/edge/waiter.h"
#include "tests/support/suite.h"

#include "runtime/base/ensure.h"
#include "runtime/base/env_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT 256u
#define CONTROLS 2u
#define LANES 4u

struct row {
    u32 text_at, text_size, position, value;
    u16 shard, unused;
};
static const u16 texts[] = { 0 };

/* `producers` outlets of one reader, which has them all as one input or as one input each. */
struct pair {
    struct env_sim world;
    struct budget budget;
    struct waiter waiter;
    struct outlet_spec spec;
    struct outlet outlets[LANES];
    struct inlet_lane lanes[LANES];
    struct inlet_input inputs[LANES];
    struct inlet inlet;
    struct silence silence; /* the source speaks */
    bool quiet;
    void *rings[LANES];
};

static const bool descends[] = { true, true };

static struct pair *pair_open(u32 producers, u32 slots, bool raw, bool one_input) {
    struct pair *p = aligned_alloc(128, (sizeof *p + 127) & ~(size_t)127);
    ENSURE(p);
    memset(p, 0, sizeof *p);
    env_sim_init(&p->world, 1);
    p->budget.limit = UINT64_MAX;
    p->spec = (struct outlet_spec){ .readers = 1,
                                    .row_bytes = sizeof(struct row),
                                    .texts = texts,
                                    .text_count = 1,
                                    .slot_bytes = SLOT,
                                    .control_room = CONTROLS,
                                    .budget = &p->budget,
                                    .env = &p->world.env };
    u64 bytes = (ring_footprint(slots, SLOT, CONTROLS) + 127) & ~(u64)127;
    for (u32 i = 0; i < producers; i++) {
        outlet_open(&p->outlets[i], &p->spec);
        p->rings[i] = aligned_alloc(128, bytes);
        struct ring *ring = ring_init(p->rings[i], slots, SLOT, CONTROLS, UINT32_MAX - 1);
        outlet_attach(&p->outlets[i], 0, ring, &p->waiter);
        p->lanes[i] =
            (struct inlet_lane){ .ring = ring, .producer = &p->waiter, .input = one_input ? 0 : i };
        p->inputs[i] = (struct inlet_input){ .raw = raw,
                                             .descends = descends,
                                             .row_bytes = sizeof(struct row),
                                             .position_at = offsetof(struct row, position),
                                             .first_lane = i,
                                             .lane_count = 1 };
    }
    if (one_input) p->inputs[0].lane_count = producers;
    p->silence = (struct silence){ &p->quiet, &p->quiet, 1 };
    p->inlet = (struct inlet){ .inputs = p->inputs,
                               .lanes = p->lanes,
                               .input_count = one_input ? 1 : producers,
                               .lane_count = producers,
                               .silence = &p->silence,
                               .env = &p->world.env,
                               .budget = &p->budget };
    inlet_open(&p->inlet);
    return p;
}

static void pair_close(struct pair *p) {
    inlet_close(&p->inlet);
    for (u32 i = 0; i < p->inlet.lane_count; i++) {
        outlet_close(&p->outlets[i]);
        free(p->rings[i]);
    }
    CHECK_EQ(atomic_load(&p->budget.used), 0);
    free(p);
}

static void send(struct outlet *o, u32 position, u16 shard, const char *text, bool caused) {
    struct str s = { text, strlen(text) };
    struct row *row =
        (struct row *)(caused ? outlet_caused_row(o, 0, sizeof *row, s.size, position, shard)
                              : outlet_row(o, 0, sizeof *row, s.size));
    *row = (struct row){ 0, (u32)s.size, position, position, shard, 0 };
    row->text_at = caused ? outlet_caused_text(o, 0, s) : outlet_text(o, 0, s);
}

/* Reads until there is nothing, and tells what came: "a b | c ; " with | for DUE and ; for the end
 * of a phase. */
static void read_all(struct pair *p, char *to) {
    struct inlet_rows rows;
    for (;;) {
        for (u32 i = 0; i < p->inlet.lane_count; i++) outlet_pump(&p->outlets[i]);
        switch (inlet_next(&p->inlet, &rows)) {
        case INLET_NOTHING:
            return;
        case INLET_ROWS:
            for (u32 i = 0; i < rows.count; i++) {
                const struct row *r = (const struct row *)rows.row + i;
                to += sprintf(to, "%.*s ", (int)(r->text_size < 8 ? r->text_size : 8),
                              rows.base + r->text_at);
            }
            inlet_taken(&p->inlet);
            break;
        case INLET_DUE:
            to += sprintf(to, "| ");
            break;
        case INLET_PHASE:
            to += sprintf(to, "; ");
            if (inlet_end_phase(&p->inlet).kind == CONTROL_END) return;
        }
    }
}

static void rows_and_marks_keep_their_places_through_a_ring_of_one_slot(void) {
    struct pair *p = pair_open(1, 1, true, true);
    struct outlet *o = &p->outlets[0];
    char got[4096] = "", want[4096] = "", text[32], *end = want;
    CHECK(inlet_begin(&p->inlet, 7, 0, 0));
    outlet_begin(o, 7);
    for (u32 i = 0; i < 100; i++) {
        sprintf(text, "row%u", i);
        send(o, i, 0, text, false);
        end += sprintf(end, "%s ", text);
        if (i % 10 == 3) {
            outlet_send(o, CONTROL_MARK, i, i);
            end += sprintf(end, "| ; ");
        }
    }
    outlet_send(o, CONTROL_END, 100, 100);
    sprintf(end, "| ; ");
    CHECK(outlet_is_full(o));
    read_all(p, got);
    CHECK_STR(got, want);
    CHECK(!outlet_is_full(o));
    CHECK_EQ(p->inlet.w, 93);
    pair_close(p);
}

static void a_batch_does_not_overtake_those_in_overflow(void) {
    struct pair *p = pair_open(1, 2, true, true);
    struct outlet *o = &p->outlets[0];
    struct inlet_rows rows;
    char got[4096] = "", want[4096] = "", text[32], *end = want, *at = got;
    CHECK(inlet_begin(&p->inlet, 1, 0, 0));
    outlet_begin(o, 1);
    for (u32 i = 0; i < 200;
         i++) { /* without a pump: room in the ring appears while there is overflow */
        sprintf(text, "%u", i);
        send(o, i, 0, text, false);
        end += sprintf(end, "%s ", text);
        if (i % 7 || inlet_next(&p->inlet, &rows) != INLET_ROWS) continue;
        for (u32 n = 0; n < rows.count; n++) {
            const struct row *r = (const struct row *)rows.row + n;
            at += sprintf(at, "%.*s ", (int)r->text_size, rows.base + r->text_at);
        }
        inlet_taken(&p->inlet);
    }
    outlet_send(o, CONTROL_END, 0, 0);
    sprintf(end, "| ; ");
    read_all(p, at);
    CHECK_STR(got, want);
    pair_close(p);
}

static void a_row_larger_than_a_slot_travels_in_a_chunk_of_its_own(void) {
    struct pair *p = pair_open(1, 1, true, true);
    struct outlet *o = &p->outlets[0];
    char got[4096] = "", large[5000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    CHECK(inlet_begin(&p->inlet, 0, 0, 0));
    outlet_begin(o, 0);
    send(o, 0, 0, "before", false);
    send(o, 1, 0, large, false);
    send(o, 2, 0, "after", false);
    outlet_send(o, CONTROL_END, 0, 0);
    read_all(p, got);
    CHECK_STR(got, "before xxxxxxxx after | ; ");
    pair_close(p);
}

static void rows_of_one_cause_are_sent_by_shard_and_keep_their_texts(void) {
    struct pair *p = pair_open(1, 2, false, true);
    struct outlet *o = &p->outlets[0];
    char got[4096] = "";
    CHECK(inlet_begin(&p->inlet, 0, 0, 0));
    outlet_begin(o, 0);
    send(o, 3, 9, "d", true);
    send(o, 3, 2, "b", true);
    send(o, 3, 9, "e", true);
    send(o, 3, 2, "c", true);
    send(o, 3, 0, "a", true);
    send(o, 4, 1, "f", true);
    outlet_send_due(o);
    send(o, UINT32_MAX, 5, "y", false);
    send(o, UINT32_MAX, 1, "z", true);
    outlet_send(o, CONTROL_END, 0, 0);
    read_all(p, got);
    CHECK_STR(got, "a b c d e f | y z ; ");
    pair_close(p);
}

static void lanes_are_merged_by_position_then_lane_and_drained_in_turn(void) {
    struct pair *p = pair_open(3, 2, false, true);
    char got[4096] = "";
    CHECK(inlet_begin(&p->inlet, 0, 0, 0));
    for (u32 i = 0; i < 3; i++) outlet_begin(&p->outlets[i], 0);
    send(&p->outlets[0], 1, 0, "1a", true);
    send(&p->outlets[0], 5, 0, "5a", true);
    send(&p->outlets[1], 1, 50, "1b", true);
    send(&p->outlets[1], 2, 50, "2b", true);
    send(&p->outlets[2], 0, 99, "0c", true);
    send(&p->outlets[2], 5, 99, "5c", true);
    outlet_send_due(&p->outlets[0]);
    outlet_send_due(&p->outlets[1]);
    send(&p->outlets[1], 9, 50, "dueb", false);
    outlet_send(&p->outlets[1], CONTROL_END, 0, 0);
    read_all(p, got);
    CHECK_STR(got, ""); /* lane 2 has said nothing yet that is published */
    outlet_send_due(&p->outlets[2]);
    send(&p->outlets[2], 9, 99, "duec", false);
    send(&p->outlets[0], 9, 0, "duea", false);
    outlet_send(&p->outlets[0], CONTROL_END, 0, 0);
    outlet_send(&p->outlets[2], CONTROL_END, 0, 0);
    read_all(p, got);
    CHECK_STR(got, "0c 1a 1b 2b 5a 5c | duea dueb duec ; ");
    pair_close(p);
}

static void the_watermark_is_the_least_over_inputs_and_over_producers(void) {
    static const i64 payloads[][2] = { { 10, 30 }, { 20, 30 }, { 25, 40 }, { TIME_FOREVER, 50 } };
    static const i64 wants[] = { 10, 20, 25, 50 };
    for (u32 one_input = 0; one_input < 2; one_input++) {
        struct pair *p = pair_open(2, 4, true, one_input);
        CHECK_EQ(p->inlet.w, TIME_NEVER);
        p->inputs[0].raw = p->inputs[1].raw = !one_input;
        for (u32 i = 0; i < 4; i++) {
            char got[100] = "";
            CHECK(inlet_begin(&p->inlet, i, 0, 0));
            for (u32 n = 0; n < 2; n++) {
                outlet_begin(&p->outlets[n], i);
                if (one_input) outlet_send_due(&p->outlets[n]);
                outlet_send(&p->outlets[n], CONTROL_MARK, payloads[i][n], 0);
                if (one_input) outlet_send_due(&p->outlets[n]);
                outlet_send(&p->outlets[n], CONTROL_END, 99, 99);
            }
            read_all(p, got);
            CHECK_STR(got, "| ; | ; ");
            CHECK_EQ(p->inlet.w, wants[i]);
        }
        pair_close(p);
    }
}

static void over_the_budget_rows_are_dropped_and_controls_are_not(void) {
    struct pair *p = pair_open(1, 1, true, true);
    struct outlet *o = &p->outlets[0];
    char got[1 << 16] = "";
    p->budget.limit = 1000;
    CHECK(inlet_begin(&p->inlet, 0, 0, 0));
    outlet_begin(o, 0);
    for (u32 i = 0; i < 1000; i++) {
        send(o, i, 0, "x", false);
        if (i % 100 == 0) outlet_send(o, CONTROL_MARK, i, i);
    }
    outlet_send(o, CONTROL_END, 0, 0);
    CHECK(o->over_budget);
    CHECK(atomic_load(&p->budget.used) < 4000);
    read_all(p, got);
    u32 phases = 0;
    for (const char *at = got; (at = strchr(at, ';')); at++) phases++;
    CHECK_EQ(phases, 11);
    pair_close(p);
}

static const struct test tests[] = {
    TEST(rows_and_marks_keep_their_places_through_a_ring_of_one_slot),
    TEST(a_batch_does_not_overtake_those_in_overflow),
    TEST(a_row_larger_than_a_slot_travels_in_a_chunk_of_its_own),
    TEST(rows_of_one_cause_are_sent_by_shard_and_keep_their_texts),
    TEST(lanes_are_merged_by_position_then_lane_and_drained_in_turn),
    TEST(the_watermark_is_the_least_over_inputs_and_over_producers),
    TEST(over_the_budget_rows_are_dropped_and_controls_are_not),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("outlet", tests, argc, argv);
}
