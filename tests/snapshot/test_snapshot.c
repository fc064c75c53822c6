/* Snapshots against a model in memory: what was committed is what is loaded, now and later. */
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "tests/snapshot/model.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT 40u

/* What each number was, for those that committed. */
struct history {
    struct model model[KEPT];
    bool committed[KEPT];
};

static bool all_listed_are_right(struct store *s, const struct history *h) {
    bool right = true;
    for (u32 i = 0; i < store_count(s); i++) {
        const struct snapshot_info *info = store_info(s, i);
        right &= CHECK(!info->why) && CHECK(h->committed[info->number]);
        right &= CHECK_EQ(model_check(&h->model[info->number], s, info->number), 0);
    }
    return right;
}

/* Commits, snapshots that are given up, restarts and sweeps, in an order from a seed. */
static void random_story(struct env *env, u64 seed) {
    char dir[64];
    static struct history h;
    struct model m = { 0 };
    struct prng prng;
    prng_init(&prng, seed);
    memset(&h, 0, sizeof h);
    scratch_make(dir, sizeof dir);
    struct store *s = store_open(env, dir, true);
    u64 newest = 0;
    for (u32 step = 0; CHECK(s) && step < KEPT - 2; step++) {
        u64 number = store_next(s);
        if (!CHECK(number < KEPT)) break;
        model_change(&m, &prng, (u32)prng_below(&prng, 40));
        if (prng_chance(&prng, 1, 6)) {
            struct snapshot_writer *writer = snapshot_begin(s, number);
            if (!CHECK(writer)) break;
            CHECK_EQ(model_give(&m, writer), 0);
            snapshot_give_up(writer);
        } else {
            if (!CHECK_EQ(model_commit(&m, s, number), 0)) break;
            newest = number;
            h.model[number] = m;
            h.committed[number] = true;
        }
        CHECK_EQ(store_newest(s), newest);
        if (prng_chance(&prng, 1, 2)) CHECK_EQ(store_sweep(s), 0);
        if (prng_chance(&prng, 1, 3) && !all_listed_are_right(s, &h)) break;
        if (prng_chance(&prng, 1, 8)) {
            u64 next = store_next(s);
            store_close(s);
            s = store_open(env, dir, true);
            if (!CHECK(s)) break;
            CHECK_EQ(store_next(s), next);
            CHECK_EQ(store_newest(s), newest);
            if (!all_listed_are_right(s, &h)) break;
            model_dirty_all(&m);
        }
    }
    if (s) store_close(s);
    scratch_remove(dir);
}

static void what_was_committed_is_loaded_in_any_story(void) {
    for (u64 seed = 1; seed <= 60; seed++) {
        struct env_sim sim;
        env_sim_init(&sim, seed);
        random_story(&sim.env, seed);
    }
}

static u64 folder_bytes(const char *dir) {
    char command[128], line[64] = "0";
    snprintf(command, sizeof command, "du -sb %s", dir);
    FILE *answer = popen(command, "r");
    if (CHECK(answer)) CHECK(fgets(line, sizeof line, answer));
    if (answer) pclose(answer);
    return strtoull(line, NULL, 10);
}

static void the_folder_stays_small_however_many_snapshots_there_were(void) {
    char dir[64];
    struct env env = env_real();
    struct model m = { 0 };
    struct prng prng;
    prng_init(&prng, 4);
    scratch_make(dir, sizeof dir);
    struct store *s = store_open(&env, dir, true);
    for (u64 number = 1; CHECK(s) && number <= 600; number++) {
        model_change(&m, &prng, 5);
        if (!CHECK_EQ(model_commit(&m, s, number), 0)) break;
        CHECK_EQ(store_sweep(s), 0);
    }
    CHECK_EQ(store_count(s), SNAPSHOT_RETAINED);
    CHECK_EQ(store_info(s, 0)->number, 598);
    CHECK_EQ(model_check(&m, s, 600), 0);
    u64 state = (u64)MODEL_REGIONS * MODEL_GRANULES * SNAPSHOT_GRANULE_BYTES;
    CHECK(folder_bytes(dir) < 6 * state);
    CHECK(store_info(s, 2)->bytes < 4 * state);
    store_close(s);
    scratch_remove(dir);
}

/* More than one data file a snapshot; files that are mostly dead are moved piece by piece. */
static void large_snapshots_take_several_files_and_dead_ones_go(void) {
    enum { COUNT = 17000 };
    char dir[64];
    struct env env = env_real();
    u8 bytes[SNAPSHOT_GRANULE_BYTES];
    struct snapshot_result result;
    scratch_make(dir, sizeof dir);
    struct store *s = store_open(&env, dir, true);
    for (u64 number = 1; CHECK(s) && number <= 8; number++) {
        struct snapshot_writer *w = snapshot_begin(s, number);
        if (!CHECK(w)) break;
        u32 from = number == 1 ? 0 : (u32)number * 1000, to = number == 1 ? COUNT : from + 6000;
        for (u32 g = from; g < to; g++) {
            memset(bytes, (u8)(g ^ number), sizeof bytes);
            if (snapshot_granule(w, 5, g, bytes)) CHECK_STR(error_text(), "");
        }
        snapshot_region(w, 5, COUNT);
        CHECK_EQ(snapshot_commit(w, &result), 0);
        CHECK_EQ(result.granules, to - from);
        CHECK(result.rewritten <= result.granules);
        if (number == 1) CHECK_EQ(result.files, 2);
        CHECK_EQ(store_sweep(s), 0);
    }
    CHECK(result.files <= 5);
    struct snapshot *snapshot = snapshot_load(s, 8);
    struct image image;
    if (!CHECK(snapshot) || !CHECK(snapshot_image(snapshot, 5, &image))) return;
    u32 wrong = 0;
    for (u32 g = 0; g < COUNT; g++) {
        u32 last = g >= 8000 && g < 14000 ? 8 : g >= 2000 && g < 8000 ? g / 1000 : 1;
        wrong += image.at[(u64)g * sizeof bytes + g % 4096] != (u8)(g ^ last);
    }
    CHECK_EQ(wrong, 0);
    snapshot_free(snapshot);
    store_close(s);
    scratch_remove(dir);
}

static void a_number_is_never_used_twice(void) {
    char dir[64];
    struct env env = env_real();
    struct model m = { 0 };
    struct prng prng;
    prng_init(&prng, 1);
    model_change(&m, &prng, 9);
    scratch_make(dir, sizeof dir);
    struct store *s = store_open(&env, dir, true);
    CHECK_EQ(store_next(s), 1);
    CHECK_EQ(store_newest(s), 0);
    CHECK_EQ(model_commit(&m, s, 7), 0);
    CHECK_EQ(store_next(s), 8);
    snapshot_give_up(snapshot_begin(s, 9));
    snapshot_give_up(snapshot_begin(s, 10));
    store_close(s);
    s = store_open(&env, dir, false);
    CHECK_EQ(store_next(s), 11); /* 10 failed, and its empty folder is there */
    CHECK_EQ(store_newest(s), 7);
    char path[128];
    snprintf(path, sizeof path, "%s/snapshots/%020d", dir, 9);
    CHECK(access(path, F_OK)); /* one is enough */
    model_dirty_all(&m);
    CHECK_EQ(model_commit(&m, s, 11), 0);
    CHECK_EQ(store_sweep(s), 0);
    snprintf(path, sizeof path, "%s/snapshots/%020d", dir, 10);
    CHECK(access(path, F_OK));
    store_close(s);
    scratch_remove(dir);
}

static void a_copy_holds_the_snapshot_by_itself(void) {
    char dir[64], to[96];
    struct env env = env_real();
    struct model m = { 0 }, old = { 0 };
    struct prng prng;
    prng_init(&prng, 3);
    scratch_make(dir, sizeof dir);
    snprintf(to, sizeof to, "%s/copies/one", dir);
    struct store *s = store_open(&env, dir, true);
    for (u64 number = 1; number <= 6; number++) {
        model_change(&m, &prng, 12);
        if (number == 5) old = m;
        CHECK_EQ(model_commit(&m, s, number), 0);
        if (number == 5) old = m;
    }
    CHECK_EQ(store_export(s, 5, to), 0);
    CHECK_EQ(store_export(s, 6, to), -1);
    CHECK_EQ(error_number(), ENOTEMPTY);
    CHECK_EQ(store_export(s, 77, to), -1);
    struct store *copy = store_open_read(&env, to);
    if (!CHECK(copy)) return;
    CHECK_STR(store_job(copy), store_job(s));
    CHECK_EQ(store_newest(copy), 5);
    CHECK_EQ(store_info(copy, 0)->stamp, store_info(s, 4)->stamp);
    CHECK_EQ(store_info(copy, 0)->bytes, store_info(copy, 0)->own_bytes);
    CHECK_EQ(model_check(&old, copy, 5), 0);
    store_close(copy);
    store_close(s);
    scratch_remove(dir);
    error_clear();
}

/* In a process of its own: opens the folder. 0: it could. */
static int open_elsewhere(const char *dir, char *said, u64 room) {
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    pid_t pid = fork();
    if (!pid) {
        struct env env = env_real();
        struct store *s = store_open(&env, dir, true);
        if (!s) (void)!write(ends[1], error_text(), strlen(error_text()));
        _exit(s ? 0 : error_number() == EAGAIN ? 1 : 2);
    }
    close(ends[1]);
    ssize_t size = read(ends[0], said, room - 1);
    said[size < 0 ? 0 : size] = 0;
    close(ends[0]);
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_second_process_is_refused_by_the_firsts_number_and_changes_nothing(void) {
    char dir[64], said[512], wanted[256], before[64], after[64];
    struct env env = env_real();
    struct model m = { 0 };
    struct prng prng;
    prng_init(&prng, 3);
    model_change(&m, &prng, 9);
    scratch_make(dir, sizeof dir);
    struct store *s = store_open(&env, dir, true);
    CHECK_EQ(model_commit(&m, s, 1), 0);
    snapshot_give_up(snapshot_begin(s, 2));
    snprintf(before, sizeof before, "%llu", (unsigned long long)folder_bytes(dir));
    i64 start = env_mono_ns(&env);
    CHECK_EQ(open_elsewhere(dir, said, sizeof said), 1);
    CHECK(env_mono_ns(&env) - start < 100000000);
    snprintf(wanted, sizeof wanted, "state folder %s: process %ld works in %s", dir, (long)getpid(),
             dir);
    CHECK_STR(said, wanted);
    snprintf(after, sizeof after, "%llu", (unsigned long long)folder_bytes(dir));
    CHECK_STR(before, after);
    CHECK_EQ(store_next(s), 3);
    CHECK_EQ(model_check(&m, s, 1), 0);
    struct store *reader = store_open_read(&env, dir);
    CHECK(reader && model_check(&m, reader, 1) == 0);
    if (reader) store_close(reader);
    store_close(s);
    CHECK_EQ(open_elsewhere(dir, said, sizeof said), 0);
    scratch_remove(dir);
}

static void folders_that_are_none_are_refused_with_the_reason(void) {
    char dir[64], path[128];
    struct env env = env_real();
    scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/none", dir);
    CHECK(!store_open(&env, path, false));
    CHECK_EQ(error_number(), ENOENT);
    CHECK(!store_open_read(&env, path));
    CHECK_EQ(error_number(), ENOENT);
    CHECK(!store_open(&env, "", true));
    CHECK(!store_open(&env, "/dev/null", true));
    struct store *s = store_open(&env, dir, true);
    struct model m = { 0 };
    struct prng prng;
    prng_init(&prng, 3);
    model_change(&m, &prng, 9);
    CHECK_EQ(model_commit(&m, s, 1), 0);
    CHECK(!snapshot_load(s, 2));
    CHECK_EQ(error_number(), ENOENT);
    CHECK(strstr(error_text(), "snapshot 1 is intact"));
    store_close(s);
    snprintf(path, sizeof path, "%s/JOB", dir);
    unlink(path);
    CHECK(!store_open(&env, dir, true));
    CHECK(strstr(error_text(), "JOB is not there"));
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    CHECK_EQ(write(fd, "millrace job 0000000000000000000000000000000g\n", 46), 46);
    close(fd);
    CHECK(!store_open(&env, dir, true));
    CHECK(strstr(error_text(), "JOB is damaged"));
    scratch_remove(dir);
    error_clear();
}

static void the_folder_is_for_its_owner_alone(void) {
    char dir[64], path[96];
    struct env env = env_real();
    struct stat st;
    scratch_make(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/a/b/", dir);
    struct store *s = store_open(&env, path, true);
    CHECK(s && stat(path, &st) == 0);
    CHECK_EQ(st.st_mode & 0777, 0700);
    if (s) store_close(s);
    scratch_remove(dir);
}

static const struct test tests[] = {
    TEST(what_was_committed_is_loaded_in_any_story),
    TEST(the_folder_stays_small_however_many_snapshots_there_were),
    TEST(large_snapshots_take_several_files_and_dead_ones_go),
    TEST(a_number_is_never_used_twice),
    TEST(a_copy_holds_the_snapshot_by_itself),
    TEST(a_second_process_is_refused_by_the_firsts_number_and_changes_nothing),
    TEST(folders_that_are_none_are_refused_with_the_reason),
    TEST(the_folder_is_for_its_owner_alone),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("snapshot", tests, argc, argv);
}
