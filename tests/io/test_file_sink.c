/* The file sink, exactly once: whatever happens to the process, to the disk and to snapshots, the
   committed output is that of a run to which nothing happened. */
#include "io/connector.h"
#include "runtime/base/error.h"
#include "tests/io/sink_model.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS 40
#define EVERY 9

/* Calls of a whole life without faults. */
static u64 calls_of_a_run(bool parts) {
    struct model m;
    model_init(&m, 1, parts, "head\n");
    CHECK_EQ(model_run(&m, ROWS, EVERY), 0);
    CHECK(model_check(&m, ROWS));
    CHECK(model_is_clean(&m));
    u64 calls = m.sim.calls;
    model_fini(&m);
    return calls;
}

/* Lives until one comes to the end; what was committed is right at every start. */
static void live_on(struct model *m, const char *what, u64 at) {
    for (u32 life = 0; life < 3; life++) {
        m->fault = 0;
        if (model_run(m, ROWS, EVERY)) printf("%s at call %lu: %s\n", what, at, error_text());
        if (m->finished) break;
    }
    if (!CHECK(m->finished) || !CHECK(model_check(m, ROWS)) || !CHECK(model_is_clean(m)) ||
        !CHECK_EQ(m->for_good ? 0 : m->trusted_again, 0))
        printf("%s at call %lu\n", what, at);
}

static void a_crash_at_any_call_changes_nothing(void) {
    for (u32 parts = 0; parts < 2; parts++) {
        u64 calls = calls_of_a_run(parts);
        for (u64 at = 0; at < calls; at++) {
            struct model m;
            model_init(&m, 1, parts, "head\n");
            model_fault(&m, at, EIO, true);
            CHECK_EQ(model_run(&m, ROWS, EVERY), -1);
            live_on(&m, parts ? "parts: crash" : "crash", at);
            model_fini(&m);
        }
    }
}

static void a_crash_in_the_recovery_from_a_crash_changes_nothing(void) {
    struct prng prng;
    prng_init(&prng, 3);
    for (u32 i = 0; i < 150; i++) {
        struct model m;
        u64 at = prng_below(&prng, 250);
        model_init(&m, i, i % 2, i % 3 ? "head\n" : NULL);
        for (u32 life = 0; life < 4 && !m.finished; life++) {
            model_fault(&m, life ? prng_below(&prng, 40) : at, EIO, true);
            model_run(&m, ROWS, EVERY);
        }
        live_on(&m, i % 2 ? "parts: crashes" : "crashes", at);
        model_fini(&m);
    }
}

/* A call fails once, or from then on: snapshots fail, or the job stops; nothing is lost or double.
 */
static void a_fault_at_any_call_changes_nothing(void) {
    static const int faults[] = { EIO, ENOSPC, EROFS, ENV_FAULT_SHORT };
    for (u32 parts = 0; parts < 2; parts++) {
        u64 calls = calls_of_a_run(parts);
        for (u64 at = 0; at < calls; at++) {
            struct model m;
            model_init(&m, 1, parts, NULL);
            model_fault(&m, at, faults[at % 4], at % 8 >= 4 && faults[at % 4] != EIO);
            model_run(&m, ROWS, EVERY);
            live_on(&m, parts ? "parts: fault" : "fault", at);
            model_fini(&m);
        }
    }
}

static void one_fault(bool parts, u64 at, int error) {
    struct model m;
    model_init(&m, 1, parts, NULL);
    model_fault(&m, at, error, false);
    model_run(&m, ROWS, EVERY);
    live_on(&m, parts ? "parts: EIO" : "EIO", at);
    model_fini(&m);
}

static void an_error_once_at_any_call_changes_nothing(void) {
    for (u32 parts = 0; parts < 2; parts++)
        for (u64 at = 0, calls = calls_of_a_run(parts); at < calls; at++) one_fault(parts, at, EIO);
}

/* Snapshots that nobody went on with, commits that come late. */
static void random_lives_end_with_the_same_bytes(void) {
    for (u64 seed = 1; seed <= 100; seed++) {
        struct model m;
        struct prng prng;
        prng_init(&prng, seed);
        model_init(&m, seed, seed % 2, seed % 4 < 2 ? "head\n" : NULL);
        for (u32 life = 0; life < 6; life++) {
            if (prng_chance(&prng, 1, 2))
                model_fault(&m, prng_below(&prng, 200), EIO, prng_chance(&prng, 1, 2));
            int status = model_start(&m);
            if (!status && !m.fault) CHECK(model_check(&m, m.row));
            while (!status && m.row < ROWS && !prng_chance(&prng, 1, 40)) {
                status = model_row(&m);
                if (status || !prng_chance(&prng, 1, 6)) continue;
                struct pack given_up;
                pack_init(&given_up);
                if (prng_chance(&prng, 1, 3)) /* sealed, and the snapshot is given up */
                    status =
                        m.ops->seal(m.sink, ++m.used, env_wall_ns(&m.sim.env), false, &given_up);
                else
                    status = model_snapshot(&m, false);
                pack_fini(&given_up);
            }
            model_stop(&m);
            m.fault = 0;
        }
        live_on(&m, "random", seed);
        model_fini(&m);
    }
}

/* ---- what is refused ---- */

static void put_file(const char *path, const char *text, const char *how) {
    FILE *file = fopen(path, how);
    if (!CHECK(file)) return;
    fputs(text, file);
    fclose(file);
}

static void output_that_is_there_is_never_written_over(void) {
    struct model m;
    model_init(&m, 1, false, "head\n");
    put_file(m.path, "of somebody else\n", "w");
    CHECK_EQ(model_start(&m), -1);
    CHECK(strstr(error_text(), "--accept-duplicates"));
    model_stop(&m);
    CHECK_EQ(truncate(m.path, 0), 0);
    CHECK_EQ(model_run(&m, ROWS, EVERY), 0);
    CHECK(model_check(&m, ROWS));
    model_fini(&m);
}

static void accepted_duplicates_go_behind_what_is_there(void) {
    struct model m;
    char text[64] = "";
    model_init(&m, 1, false, "head\n");
    put_file(m.path, "old\n", "w");
    CHECK_EQ(model_start(&m), -1);
    CHECK_EQ(m.ops->recover(m.sink, NULL, true), 0);
    CHECK_EQ(model_row(&m), 0);
    CHECK_EQ(model_snapshot(&m, true), 0);
    model_stop(&m);
    FILE *file = fopen(m.path, "r");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    CHECK_STR(text, "old\nrow 0 \n");
    model_fini(&m);
}

static void a_path_that_is_not_what_was_committed_is_refused(void) {
    struct model m;
    model_init(&m, 1, false, NULL);
    CHECK_EQ(model_run(&m, ROWS, EVERY), 0);
    put_file(m.path, "more\n", "a");
    CHECK_EQ(model_start(&m), -1);
    CHECK(strstr(error_text(), "later run"));
    model_stop(&m);
    CHECK_EQ(truncate(m.path, 1000), 0);
    CHECK_EQ(model_start(&m), -1);
    CHECK(strstr(error_text(), "has 1000 bytes"));
    model_stop(&m);
    CHECK_EQ(unlink(m.path), 0);
    CHECK_EQ(model_start(&m), -1);
    model_stop(&m);
    CHECK(access(m.path, F_OK) != 0);
    model_fini(&m);
}

static void bytes_that_were_changed_in_the_newest_range_are_refused(void) {
    struct model m;
    model_init(&m, 1, false, NULL);
    CHECK_EQ(model_run(&m, EVERY, EVERY), 0);
    m.saved = false; /* a manifest of the rows, by hand: model_run sealed nothing at its end */
    CHECK_EQ(truncate(m.path, 0), 0);
    CHECK_EQ(model_start(&m), 0);
    for (u32 i = 0; i < 5; i++) CHECK_EQ(model_row(&m), 0);
    CHECK_EQ(model_snapshot(&m, false), 0);
    model_stop(&m);
    FILE *file = fopen(m.path, "r+");
    fputc('X', file);
    fclose(file);
    CHECK_EQ(model_start(&m), -1);
    CHECK(strstr(error_text(), "are not those that were committed"));
    model_stop(&m);
    model_fini(&m);
}

static void going_back_behind_committed_parts_is_refused_unless_accepted(void) {
    struct model m;
    struct pack old;
    pack_init(&old);
    model_init(&m, 1, true, NULL);
    CHECK_EQ(model_start(&m), 0);
    for (u32 i = 0; i < 9; i++) CHECK_EQ(model_row(&m), 0);
    CHECK_EQ(model_snapshot(&m, false), 0);
    memcpy(pack_room(&old, m.pending.size), m.pending.at, m.pending.size);
    for (u32 i = 0; i < 40; i++) {
        CHECK_EQ(model_row(&m), 0);
        if (i % 5 == 0) CHECK_EQ(model_snapshot(&m, false), 0);
    }
    CHECK_EQ(model_snapshot(&m, true), 0);
    model_stop(&m);
    pack_fini(&m.pending);
    m.pending = old;
    m.saved_row = 9;
    CHECK_EQ(model_start(&m), -1);
    CHECK(strstr(error_text(), "--accept-duplicates"));
    struct unpack pending = unpack_of(old.at, old.size);
    model_stop(&m);
    CHECK_EQ(model_start(&m), -1);
    CHECK_EQ(m.ops->recover(m.sink, &pending, true), 0);
    CHECK_EQ(model_row(&m), 0);
    CHECK_EQ(model_snapshot(&m, true), 0);
    model_stop(&m);
    CHECK(model_is_clean(&m));
    model_fini(&m);
}

/* Somebody takes the output away while the job runs: nothing is made in its place. */
static void output_that_goes_while_the_job_runs_is_not_made_again(void) {
    for (u32 parts = 0; parts < 2; parts++) {
        struct model m;
        char command[128];
        model_init(&m, 1, parts, NULL);
        CHECK_EQ(model_start(&m), 0);
        for (u32 i = 0; i < 9; i++) CHECK_EQ(model_row(&m), 0);
        CHECK_EQ(model_snapshot(&m, false), 0);
        snprintf(command, sizeof command, "rm -rf %s", m.path);
        CHECK_EQ(system(command), 0);
        int status = 0;
        for (u32 i = 0; i < 9 && !status; i++) {
            status = model_row(&m);
            if (!status) status = model_snapshot(&m, false);
        }
        CHECK_EQ(status, -1);
        model_stop(&m);
        CHECK(access(m.path, F_OK) != 0);
        model_fini(&m);
    }
}

/* A second job on the same path would take the first one's hidden rows for those of a dead one. */
static void a_path_that_another_running_job_writes_to_is_refused(void) {
    for (u32 parts = 0; parts < 2; parts++) {
        struct model m, other;
        model_init(&m, 1, parts, NULL);
        CHECK_EQ(model_start(&m), 0);
        for (u32 i = 0; i < 9; i++) CHECK_EQ(model_row(&m), 0);
        model_init_in(&other, 2, parts, NULL, m.folder);
        CHECK_EQ(model_start(&other), -1);
        CHECK(strstr(error_text(), "another job that is running writes to"));
        model_stop(&other);
        for (u32 i = 0; i < 9; i++) CHECK_EQ(model_row(&m), 0);
        CHECK_EQ(model_snapshot(&m, true), 0);
        CHECK(model_check(&m, 18));
        model_stop(&m);
        pack_fini(&other.pending);
        model_fini(&m);
    }
}

/* A manifest is of the outside: cut off anywhere, it is refused. */
static void what_is_saved_may_be_cut_off_anywhere(void) {
    for (u32 parts = 0; parts < 2; parts++) {
        struct model m;
        model_init(&m, 1, parts, NULL);
        CHECK_EQ(model_start(&m), 0);
        for (u32 i = 0; i < 9; i++) CHECK_EQ(model_row(&m), 0);
        struct pack sealed;
        pack_init(&sealed);
        CHECK_EQ(m.ops->seal(m.sink, 1, 0, false, &sealed), 0);
        for (u64 size = 0; size < sealed.size; size++) {
            struct unpack cut = unpack_of(sealed.at, size);
            CHECK_EQ(m.ops->prepare(m.sink, &cut), -1);
        }
        pack_fini(&sealed);
        model_stop(&m);
        model_fini(&m);
    }
}

static const struct test tests[] = {
    TEST(a_crash_at_any_call_changes_nothing),
    TEST(a_crash_in_the_recovery_from_a_crash_changes_nothing),
    TEST(a_fault_at_any_call_changes_nothing),
    TEST(an_error_once_at_any_call_changes_nothing),
    TEST(random_lives_end_with_the_same_bytes),
    TEST(output_that_is_there_is_never_written_over),
    TEST(accepted_duplicates_go_behind_what_is_there),
    TEST(a_path_that_is_not_what_was_committed_is_refused),
    TEST(bytes_that_were_changed_in_the_newest_range_are_refused),
    TEST(going_back_behind_committed_parts_is_refused_unless_accepted),
    TEST(output_that_goes_while_the_job_runs_is_not_made_again),
    TEST(a_path_that_another_running_job_writes_to_is_refused),
    TEST(what_is_saved_may_be_cut_off_anywhere),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("file sink", tests, argc, argv);
}
