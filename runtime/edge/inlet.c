#include "runtime/edge/inlet.h"

#include "runtime/edge/chunk.h"
#include "runtime/edge/ring.h"
#include "runtime/edge/waiter.h"

#include <string.h>

void inlet_open(struct inlet *in) {
    in->live = calloc(in->lane_count, sizeof *in->live);
    ENSURE(in->live);
    in->w = TIME_NEVER;
    for (u32 i = 0; i < in->input_count; i++) in->inputs[i].w = TIME_NEVER;
}

/* ---- one lane ---- */

static void lane_release(struct inlet *in, struct inlet_lane *lane) {
    if (lane->batch != lane->slot) chunk_free(in->budget, lane->batch);
    lane->slot = lane->batch = NULL;
    ring_release(lane->ring);
    waiter_notify(lane->producer, in->env);
}

static void lane_seek(struct inlet_lane *lane) {
    const struct batch *b = lane->batch;
    lane->rows_until =
        lane->control < b->control_count ? batch_controls(b)[lane->control].at_row : b->row_count;
}

/* Gives the slot back when it has been read to its end. */
static void lane_passed(struct inlet *in, struct inlet_lane *lane) {
    const struct batch *b = lane->batch;
    if (lane->row == b->row_count && lane->control == b->control_count)
        lane_release(in, lane);
    else
        lane_seek(lane);
}

/* Is a row or a control at hand? */
static bool lane_look(struct inlet *in, struct inlet_lane *lane) {
    while (!lane->batch) {
        lane->slot = ring_peek(lane->ring);
        if (!lane->slot) return false;
        lane->batch = batch_of(lane->slot);
        ENSURE(lane->batch->morsel == in->morsel);
        lane->row = lane->control = 0;
        lane_passed(in, lane);
    }
    return true;
}

static bool lane_at_row(const struct inlet_lane *lane) {
    return lane->row < lane->rows_until;
}

static struct control lane_control(const struct inlet_lane *lane) {
    return batch_controls(lane->batch)[lane->control];
}

static void lane_pass_control(struct inlet *in, struct inlet_lane *lane) {
    lane->control++;
    lane_passed(in, lane);
}

/* What comes due stands behind DUE; a lane from a source has no such part. */
static bool lane_is_raw(const struct inlet *in, const struct inlet_lane *lane) {
    return in->inputs[lane->input].raw;
}

void inlet_close(struct inlet *in) {
    for (u32 i = 0; i < in->lane_count; i++) {
        struct inlet_lane *lane = &in->lanes[i];
        if (!lane->ring) continue; /* the job was never started */
        if (lane->batch) lane_release(in, lane);
        for (struct batch *slot; (slot = ring_peek(lane->ring)); ring_release(lane->ring))
            if (slot->external) chunk_free(in->budget, slot->external);
    }
    free(in->live);
    in->live = NULL;
}

/* ---- a morsel ---- */

static void begin_phase(struct inlet *in) {
    in->due = false;
    in->due_at = 0;
    for (u32 i = 0; i < in->live_count; i++) in->live[i]->stopped = false;
}

bool inlet_begin(struct inlet *in, u64 morsel, u32 source, u32 taker) {
    in->morsel = morsel;
    in->source = source;
    in->live_count = 0;
    for (u32 i = 0; i < in->input_count; i++) {
        const struct inlet_input *input = &in->inputs[i];
        if (!input->descends[source]) continue;
        struct inlet_lane *lanes = &in->lanes[input->first_lane];
        if (input->raw)
            in->live[in->live_count++] = &lanes[taker];
        else
            for (u32 l = 0; l < input->lane_count; l++) in->live[in->live_count++] = &lanes[l];
    }
    begin_phase(in);
    return in->live_count;
}

bool inlet_is_straight(const struct inlet *in) {
    return in->live_count == 1 && lane_is_raw(in, in->live[0]);
}

/* ---- what rows caused: merged ---- */

/* Lanes of one input are in the order of their producers' shards, so among rows of one position
 * that is their order. */
struct place {
    u32 position, input;
};

static struct place place_of(const struct inlet *in, const struct inlet_lane *lane, u32 row) {
    const struct inlet_input *input = &in->inputs[lane->input];
    struct place place = { .input = lane->input };
    if (input->position_at >= 0)
        memcpy(&place.position, batch_row(lane->batch, input->row_bytes, row) + input->position_at,
               4);
    return place;
}

static bool is_before(struct place a, struct place b) {
    if (a.position != b.position) return a.position < b.position;
    return a.input < b.input;
}

static enum inlet_answer hand_out(struct inlet *in, struct inlet_lane *lane, u32 count,
                                  struct inlet_rows *out) {
    in->from = lane;
    in->handed = count;
    *out = (struct inlet_rows){
        .input = lane->input,
        .base = (const u8 *)lane->batch,
        .row = batch_row(lane->batch, in->inputs[lane->input].row_bytes, lane->row),
        .count = count,
    };
    return INLET_ROWS;
}

void inlet_taken(struct inlet *in) {
    in->from->row += in->handed;
    lane_passed(in, in->from);
}

/* How many rows of the first lane come before the next row of the second. Equals keep the order of
 * lanes. */
static u32 run_before(const struct inlet *in, const struct inlet_lane *first,
                      const struct inlet_lane *second) {
    u32 row = first->row + 1;
    struct place limit = place_of(in, second, second->row);
    for (; row < first->rows_until; row++) {
        struct place p = place_of(in, first, row);
        if (first < second ? is_before(limit, p) : !is_before(p, limit)) break;
    }
    return row - first->row;
}

/* INLET_DUE: there is no more. */
static enum inlet_answer next_caused(struct inlet *in, struct inlet_rows *out) {
    struct inlet_lane *first = NULL, *second = NULL;
    struct place first_place = { 0 }, second_place = { 0 };
    for (u32 i = 0; i < in->live_count; i++) {
        struct inlet_lane *lane = in->live[i];
        if (lane->stopped) continue;
        if (!lane_look(in, lane)) return INLET_NOTHING;
        if (!lane_at_row(lane)) {
            ENSURE((lane_control(lane).kind == CONTROL_DUE) == !lane_is_raw(in, lane));
            lane->stopped = true;
            continue;
        }
        if (in->live_count == 1) return hand_out(in, lane, lane->rows_until - lane->row, out);
        struct place p = place_of(in, lane, lane->row);
        if (!first || is_before(p, first_place)) {
            second = first;
            second_place = first_place;
            first = lane;
            first_place = p;
        } else if (!second || is_before(p, second_place)) {
            second = lane;
            second_place = p;
        }
    }
    if (!first) return INLET_DUE;
    return hand_out(in, first,
                    second ? run_before(in, first, second) : first->rows_until - first->row, out);
}

/* ---- what came due: lane after lane ---- */

static enum inlet_answer next_due(struct inlet *in, struct inlet_rows *out) {
    for (; in->due_at < in->live_count; in->due_at++) {
        struct inlet_lane *lane = in->live[in->due_at];
        if (lane_is_raw(in, lane)) continue;
        if (lane->stopped) { /* at DUE */
            lane_pass_control(in, lane);
            lane->stopped = false;
        }
        if (!lane_look(in, lane)) return INLET_NOTHING;
        if (lane_at_row(lane)) return hand_out(in, lane, lane->rows_until - lane->row, out);
        ENSURE(lane_control(lane).kind != CONTROL_DUE);
    }
    return INLET_PHASE;
}

enum inlet_answer inlet_next(struct inlet *in, struct inlet_rows *out) {
    if (in->due) return next_due(in, out);
    enum inlet_answer answer = next_caused(in, out);
    in->due = answer == INLET_DUE;
    return answer;
}

/* ---- the end of a phase ---- */

static void raise_watermark(struct inlet *in) {
    struct meeting m = meet_begin();
    for (u32 i = 0; i < in->input_count; i++)
        meet_input(&m, in->silence, in->inputs[i].descends, in->inputs[i].w);
    in->w = in->wall ? meet_end_wall(&m, in->w, in->clock) : meet_end(&m, in->w);
}

/* An input's watermark is the least of its producers', if that is more than before. */
static void raise_inputs(struct inlet *in) {
    for (u32 i = 0; i < in->live_count;) {
        u32 input = in->live[i]->input;
        i64 least = TIME_FOREVER;
        for (; i < in->live_count && in->live[i]->input == input; i++) {
            struct control c = lane_control(in->live[i]);
            if (c.payload < least) least = c.payload;
        }
        if (least > in->inputs[input].w) in->inputs[input].w = least;
    }
}

struct inlet_mark inlet_end_phase(struct inlet *in) {
    struct control ended = lane_control(in->live[0]);
    struct inlet_mark mark = { .kind = (enum control_kind)ended.kind, .exact = ended.exact };
    i64 before = in->w;
    if (mark.kind != CONTROL_END) {
        in->silence->quiet[in->source] |= mark.kind == CONTROL_FINISHED;
        raise_inputs(in);
        raise_watermark(in);
    }
    for (u32 i = 0; i < in->live_count; i++) {
        ENSURE(lane_control(in->live[i]).kind == mark.kind);
        lane_pass_control(in, in->live[i]);
    }
    mark.rose = in->w > before;
    begin_phase(in);
    return mark;
}
