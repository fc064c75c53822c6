/* A process ends at any call on files, and at any point between, while it opens a folder, writes
   snapshots and sweeps: once, and again in the process that comes after it. */
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "tests/snapshot/model.h"
#include "tests/support/suite.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBERS 16u
#define STEPS 5u
#define KILLED 9

/* What each number holds is known before it is written: process p, step k changes the model by its
   own seed. */
static void change(struct model *m, u64 process, u32 step) {
    struct prng prng;
    prng_init(&prng, 100 * process + step);
    model_change(m, &prng, 12);
    model_dirty_all(m);
    m->section = 100 * process + step;
}

/* Told by a process that may be killed: which number holds what, and what was acknowledged. */
struct word {
    u64 number, process, step;
    bool acknowledged;
};

static int end_here(void *arg, u64 nth, enum env_call call, const char *name) {
    if (nth == *(u64 *)arg) _exit(KILLED);
    return 0;
}

static void say(int to, struct word word) {
    if (write(to, &word, sizeof word) != sizeof word) _exit(1);
}

/* The child: 0 if it came to its end. */
static int work(const char *dir, u64 process, u64 end, int to) {
    struct env_sim sim;
    struct model m = { 0 };
    env_sim_init(&sim, process);
    sim.fault = end_here;
    sim.fault_arg = &end;
    struct store *s = store_open(&sim.env, dir, true);
    for (u32 step = 0; s && step < STEPS; step++) {
        u64 number = store_next(s);
        store_retain(s, 2);
        change(&m, process, step);
        say(to, (struct word){ number, process, step, false });
        if (model_commit(&m, s, number)) return 2;
        say(to, (struct word){ number, process, step, true });
        if (store_sweep(s)) return 3;
    }
    if (s) store_close(s);
    return s ? 0 : 4;
}

static int run_child(const char *dir, u64 process, u64 end, struct word *words, u32 *count) {
    int ends[2], status = 0;
    if (!CHECK_EQ(pipe(ends), 0)) return -1;
    pid_t pid = fork();
    if (!pid) _exit(work(dir, process, end, ends[1]));
    close(ends[1]);
    while (read(ends[0], &words[*count], sizeof *words) == sizeof *words) ++*count;
    close(ends[0]);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_right(struct store *s, const struct word *words, u32 count) {
    u64 newest = 0;
    struct model was[NUMBERS] = { 0 }, now = { 0 };
    for (u32 i = 0; i < count; i++) {
        const struct word *w = &words[i];
        if (w->acknowledged) {
            newest = w->number;
            continue;
        }
        if (!w->step) now = (struct model){ 0 };
        change(&now, w->process, (u32)w->step);
        was[w->number] = now;
    }
    bool right = CHECK(store_newest(s) >= newest) && CHECK(store_next(s) > newest);
    for (u32 i = 0; i < store_count(s); i++) {
        const struct snapshot_info *info = store_info(s, i);
        right &= CHECK(!info->why) && CHECK(info->number < NUMBERS) &&
                 CHECK_EQ(model_check(&was[info->number], s, info->number), 0);
    }
    return right;
}

/* The first process ends at call `first`, the second at `second` (or never). False: the first came
   to its end. */
static bool killed_at(u64 first, u64 second) {
    char dir[64];
    struct word words[8 * STEPS];
    u32 count = 0;
    struct env env = env_real();
    scratch_make(dir, sizeof dir);
    int status = run_child(dir, 1, first, words, &count);
    CHECK(status == 0 || status == KILLED);
    if (status == KILLED) {
        int again = run_child(dir, 2, second, words, &count);
        CHECK(again == 0 || again == KILLED);
    }
    struct store *s = store_open(&env, dir, true);
    if (CHECK(s)) {
        struct model next = { 0 };
        CHECK(is_right(s, words, count));
        change(&next, 3, 0);
        u64 number = store_next(s);
        CHECK_EQ(model_commit(&next, s, number), 0);
        CHECK_EQ(store_sweep(s), 0);
        CHECK_EQ(model_check(&next, s, number), 0);
        store_close(s);
    }
    scratch_remove(dir);
    error_clear();
    return status == KILLED;
}

static void a_process_ends_at_any_call(void) {
    u64 at = 0;
    while (killed_at(at, UINT64_MAX)) at++;
    CHECK(at > 150);
}

static void the_process_after_it_ends_at_any_call_too(void) {
    struct prng prng;
    prng_init(&prng, 8);
    for (u32 i = 0; i < 300; i++) killed_at(prng_below(&prng, 150), prng_below(&prng, 60));
}

static const struct test tests[] = {
    TEST(a_process_ends_at_any_call),
    TEST(the_process_after_it_ends_at_any_call_too),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("kills", tests, argc, argv);
}
