/* Every call on files that a snapshot makes fails, each once and from there on: EIO, ENOSPC, EROFS,
   and writes that move a half. Whatever was acknowledged is there, what was not is not taken for
   it, older snapshots stay, and the next one works as soon as the disk does. */
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "tests/snapshot/model.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct plan {
    u64 at;   /* which call, counted from when it was made */
    u64 from; /* sim.calls then */
    int answer;
    bool for_ever;
    bool hit; /* a call was refused that was one */
};

static int refuse(void *arg, u64 nth, enum env_call call, const char *name) {
    struct plan *plan = arg;
    u64 at = nth - plan->from;
    if (!plan->answer || at < plan->at || (at > plan->at && !plan->for_ever)) return 0;
    if (plan->answer == ENV_FAULT_SHORT && call != ENV_CALL_WRITE && call != ENV_CALL_READ)
        return 0;
    if (call != ENV_CALL_POINT) plan->hit = true;
    return plan->answer;
}

#define BEFORE 4u /* snapshots that are there when it begins */

struct scene {
    char dir[64], copy[80];
    struct env_sim sim;
    struct plan plan;
    struct prng prng;
    struct model now, was[BEFORE + 8];
    struct store *s;
};

static bool scene_make(struct scene *c) {
    *c = (struct scene){ 0 };
    env_sim_init(&c->sim, 5);
    prng_init(&c->prng, 77);
    c->sim.fault = refuse;
    c->sim.fault_arg = &c->plan;
    scratch_make(c->dir, sizeof c->dir);
    snprintf(c->copy, sizeof c->copy, "%s/copy", c->dir);
    c->s = store_open(&c->sim.env, c->dir, true);
    for (u64 number = 1; c->s && number <= BEFORE; number++) {
        model_change(&c->now, &c->prng, 20);
        c->was[number] = c->now;
        if (model_commit(&c->now, c->s, number)) return CHECK(false);
    }
    return CHECK(c->s);
}

static void scene_end(struct scene *c) {
    if (c->s) store_close(c->s);
    scratch_remove(c->dir);
    error_clear();
}

static void arm(struct scene *c, u64 at, int answer, bool for_ever) {
    c->plan = (struct plan){ at, c->sim.calls, answer, for_ever, false };
}

static void disarm(struct scene *c) {
    c->plan.answer = 0;
}

static bool listed_are_right(struct scene *c, const struct store *s) {
    for (u32 i = 0; i < store_count(s); i++) {
        u64 number = store_info(s, i)->number;
        if (!CHECK(!store_info(s, i)->why) ||
            !CHECK_EQ(model_check(&c->was[number], c->s, number), 0))
            return false;
    }
    return true;
}

/* The disk works again: what a new process finds, and the next snapshot. */
static bool goes_on(struct scene *c, u64 newest, bool doubtful, u64 next) {
    disarm(c);
    if (!CHECK_EQ(store_newest(c->s), newest) || !listed_are_right(c, c->s)) return false;
    struct store *reader = store_open_read(&c->sim.env, c->dir);
    if (!CHECK(reader)) return false;
    u64 found = store_newest(reader);
    bool right = CHECK(found == newest || (doubtful && found == newest + 1));
    right &= listed_are_right(c, reader);
    store_close(reader);
    model_change(&c->now, &c->prng, 5);
    c->was[next] = c->now;
    right &= CHECK_EQ(store_next(c->s), next) && CHECK_EQ(model_commit(&c->now, c->s, next), 0);
    right &= CHECK_EQ(store_sweep(c->s), 0) && listed_are_right(c, c->s);
    store_close(c->s);
    c->s = store_open(&c->sim.env, c->dir, false);
    return right && CHECK(c->s) && CHECK_EQ(store_newest(c->s), next) &&
           CHECK_EQ(store_count(c->s), SNAPSHOT_RETAINED) && listed_are_right(c, c->s);
}

static bool one_fault(u64 at, int answer, bool for_ever) {
    struct scene c;
    u64 number = BEFORE + 1;
    bool right = scene_make(&c);
    if (right) {
        model_change(&c.now, &c.prng, 20);
        c.was[number] = c.now;
        arm(&c, at, answer, for_ever);
        if (!model_commit(&c.now, c.s, number)) {
            right = CHECK(!c.plan.hit || answer == ENV_FAULT_SHORT); /* nothing was passed over */
            store_sweep(c.s);
            right &= goes_on(&c, number, false, number + 1);
        } else {
            right = CHECK(strstr(error_text(), c.dir)) && CHECK(answer != ENV_FAULT_SHORT) &&
                    CHECK_EQ(error_number(), answer);
            if (for_ever) { /* nor does the next one, as long as the disk is as it is */
                right &= CHECK_EQ(model_commit(&c.now, c.s, ++number), -1);
                right &= CHECK_EQ(error_number(), answer);
            }
            right &= goes_on(&c, BEFORE, true, number + 1);
        }
        right &= CHECK(c.sim.calls > c.plan.from + at);
    }
    if (!right) fprintf(stderr, "call %llu answers %d\n", (unsigned long long)at, answer);
    scene_end(&c);
    return right;
}

/* How many calls a snapshot and its sweep make. */
static u64 calls_of_a_snapshot(void) {
    struct scene c;
    u64 calls = 0;
    if (scene_make(&c)) {
        model_change(&c.now, &c.prng, 20);
        u64 before = c.sim.calls;
        CHECK_EQ(model_commit(&c.now, c.s, BEFORE + 1), 0);
        CHECK_EQ(store_sweep(c.s), 0);
        calls = c.sim.calls - before;
    }
    scene_end(&c);
    return calls;
}

static void every_call_of_a_snapshot(int answer, bool for_ever) {
    u64 calls = calls_of_a_snapshot();
    CHECK(calls > 30);
    for (u64 at = 0; at < calls; at++)
        if (!CHECK(one_fault(at, answer, for_ever))) return;
}

static void an_io_error_at_any_call_fails_only_that_snapshot(void) {
    every_call_of_a_snapshot(EIO, false);
}
static void io_errors_from_any_call_on_fail_snapshots_until_they_end(void) {
    every_call_of_a_snapshot(EIO, true);
}
static void a_full_disk_at_any_call_fails_only_that_snapshot(void) {
    every_call_of_a_snapshot(ENOSPC, false);
}
static void a_disk_that_is_full_from_any_call_on_is_borne_until_there_is_room(void) {
    every_call_of_a_snapshot(ENOSPC, true);
}
static void a_disk_that_cannot_be_written_for_a_moment_fails_only_that_snapshot(void) {
    every_call_of_a_snapshot(EROFS, false);
}
static void a_disk_that_cannot_be_written_from_any_call_on_is_borne(void) {
    every_call_of_a_snapshot(EROFS, true);
}
static void writes_that_move_a_half_are_gone_on_with(void) {
    every_call_of_a_snapshot(ENV_FAULT_SHORT, false);
    every_call_of_a_snapshot(ENV_FAULT_SHORT, true);
}

static void a_folder_is_opened_whole_or_not_at_all(void) {
    for (u64 at = 0, calls = 1; at < calls; at++) {
        struct scene c;
        if (!scene_make(&c)) break;
        snapshot_give_up(snapshot_begin(c.s, BEFORE + 1));
        store_close(c.s);
        arm(&c, at, EIO, at % 2);
        c.s = store_open(&c.sim.env, c.dir, true);
        calls = c.sim.calls - c.plan.from > calls ? c.sim.calls - c.plan.from : calls;
        CHECK(c.s || strstr(error_text(), c.dir));
        disarm(&c);
        if (c.s) store_close(c.s);
        c.s = store_open(&c.sim.env, c.dir, true);
        if (!CHECK(c.s) || !CHECK_EQ(store_newest(c.s), BEFORE)) break;
        listed_are_right(&c, c.s);
        scene_end(&c);
    }
}

static void a_new_folder_is_made_in_the_next_attempt_whatever_failed_in_the_first(void) {
    for (u64 at = 0, calls = 1; at < calls; at++) {
        struct scene c = { 0 };
        struct model m = { 0 };
        env_sim_init(&c.sim, 1);
        prng_init(&c.prng, 1);
        model_change(&m, &c.prng, 9);
        c.sim.fault = refuse;
        c.sim.fault_arg = &c.plan;
        scratch_make(c.dir, sizeof c.dir);
        snprintf(c.copy, sizeof c.copy, "%s/a/b", c.dir);
        arm(&c, at, ENOSPC, false);
        c.s = store_open(&c.sim.env, c.copy, true);
        calls = c.sim.calls > calls ? c.sim.calls : calls;
        disarm(&c);
        if (c.s) store_close(c.s);
        c.s = store_open(&c.sim.env, c.copy, true);
        if (CHECK(c.s)) CHECK_EQ(model_commit(&m, c.s, 1), 0);
        scene_end(&c);
    }
}

static void a_read_error_while_loading_is_told(void) {
    struct scene c;
    if (scene_make(&c)) {
        u64 before = c.sim.calls;
        CHECK_EQ(model_check(&c.now, c.s, BEFORE), 0);
        u64 calls = c.sim.calls - before;
        for (u64 at = 0; at < calls; at++) {
            arm(&c, at, EIO, false);
            struct snapshot *snapshot = snapshot_load(c.s, BEFORE);
            CHECK(!snapshot && strstr(error_text(), "Input/output error"));
            CHECK(strstr(error_text(), "snapshot 3 is intact"));
            if (snapshot) snapshot_free(snapshot);
        }
        disarm(&c);
        CHECK_EQ(model_check(&c.now, c.s, BEFORE), 0);
    }
    scene_end(&c);
}

/* Cuts a data file just before a piece of it is read. */
static int cut(void *arg, u64 nth, enum env_call call, const char *name) {
    struct plan *plan = arg;
    if (call == ENV_CALL_READ && strstr(name, "/data.") && plan->at-- == 0)
        CHECK_EQ(truncate(name, 5000), 0);
    return 0;
}

static void a_file_that_is_cut_while_it_is_read_is_told(void) {
    for (u64 at = 0; at < 3; at++) { /* head, index, granules */
        struct scene c;
        if (!scene_make(&c)) return;
        c.sim.fault = cut;
        c.plan.at = at;
        struct snapshot *snapshot = snapshot_load(c.s, BEFORE);
        CHECK(!snapshot && strstr(error_text(), at ? "is shorter than it was" : "snapshot"));
        if (snapshot) snapshot_free(snapshot);
        scene_end(&c);
    }
}

/* A copy that was not made can be made again in the same place, unless the disk did not even let
   its remains go. */
static void a_copy_is_whole_or_is_not_there(void) {
    for (u64 at = 0, calls = 1; at < calls; at++) {
        struct scene c;
        if (!scene_make(&c)) break;
        arm(&c, at, at % 2 ? EIO : ENOSPC, false);
        int failed = store_export(c.s, BEFORE, c.copy);
        u64 made = c.sim.calls - c.plan.from;
        if (made > calls) calls = made;
        disarm(&c);
        if (failed) CHECK_EQ(store_export(c.s, BEFORE, c.copy), 0);
        struct store *copy = store_open_read(&c.sim.env, c.copy);
        if (CHECK(copy)) {
            CHECK_EQ(store_newest(copy), BEFORE);
            CHECK_EQ(model_check(&c.was[BEFORE], copy, BEFORE), 0);
            store_close(copy);
        }
        scene_end(&c);
    }
}

static const struct test tests[] = {
    TEST(an_io_error_at_any_call_fails_only_that_snapshot),
    TEST(io_errors_from_any_call_on_fail_snapshots_until_they_end),
    TEST(a_full_disk_at_any_call_fails_only_that_snapshot),
    TEST(a_disk_that_is_full_from_any_call_on_is_borne_until_there_is_room),
    TEST(a_disk_that_cannot_be_written_for_a_moment_fails_only_that_snapshot),
    TEST(a_disk_that_cannot_be_written_from_any_call_on_is_borne),
    TEST(writes_that_move_a_half_are_gone_on_with),
    TEST(a_folder_is_opened_whole_or_not_at_all),
    TEST(a_new_folder_is_made_in_the_next_attempt_whatever_failed_in_the_first),
    TEST(a_read_error_while_loading_is_told),
    TEST(a_file_that_is_cut_while_it_is_read_is_told),
    TEST(a_copy_is_whole_or_is_not_there),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("faults", tests, argc, argv);
}
