/* The power goes while a store works: after every operation, with what a disk may hold then
   (disk.h), in some states also while a new process puts things in order. What was acknowledged
   must be there and right; nothing that is found may be wrong; and work must go on.

   powercut STATES [SEED]: closes with `powercut: N passed, N failed`.
   powercut --without SYNC STATES: the same with one kind of sync left out (data, entries, manifest,
   name, parent, job); 0 if that was seen, which is how we know that it would be.
   powercut --state N: that one state of the run with seed 1, and its folder is kept. */
#include "runtime/base/env_sim.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "tests/crash/disk.h"
#include "tests/snapshot/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NUMBERS 16u /* snapshots of a story, at most */
#define STATES_A_STORY 500u

enum mark {
    MARK_ACKNOWLEDGED, /* snapshot `value` */
    MARK_KEPT,         /* from here on only those from `value` on must be there */
    MARK_COPIED,       /* snapshot `value`, in the folder of copies */
};

enum left_out {
    OUT_NOTHING,
    OUT_DATA,
    OUT_ENTRIES,
    OUT_MANIFEST,
    OUT_NAME,
    OUT_PARENT,
    OUT_JOB,
    OUT_COUNT,
};
static const char *const out_names[] = {
    "", "data", "entries", "manifest", "name", "parent", "job"
};

struct story {
    char root[64];
    struct env_sim sim;
    struct recorder recorder;
    struct model was[NUMBERS]; /* what each number holds, if it is there */
    struct model now;
};

static bool ends_with(const char *path, const char *end) {
    size_t size = strlen(path), tail = strlen(end);
    return size >= tail && !strcmp(path + size - tail, end);
}

static bool keeps_sync(void *arg, const char *path, bool renamed) {
    enum left_out out = *(enum left_out *)arg;
    if (out == OUT_DATA) return !strstr(path, "/data.");
    if (out == OUT_MANIFEST) return !ends_with(path, "/MANIFEST.new");
    if (out == OUT_NAME) return !renamed || !strstr(path, "/snapshots/");
    if (out == OUT_ENTRIES)
        return renamed || !strstr(path, "/snapshots/") || strstr(path, "/data.") ||
               strstr(path, "/MANIFEST");
    if (out == OUT_JOB) return !ends_with(path, "/JOB.new");
    if (out == OUT_PARENT) return !ends_with(path, "/snapshots");
    return true;
}

/* A few snapshots, one that is given up, sweeps, a restart, a copy. */
static void tell(struct story *t, u64 seed) {
    struct recorder *r = &t->recorder;
    char state[96], copy[96];
    struct prng prng;
    prng_init(&prng, seed);
    snprintf(state, sizeof state, "%s/job/state", t->root);
    snprintf(copy, sizeof copy, "%s/copy", t->root);
    struct store *s = store_open(&r->env, state, true);
    ENSURE(s);
    u32 restart = (u32)prng_below(&prng, 8), dead = (u32)prng_below(&prng, 8);
    for (u32 step = 0; step < 8; step++) {
        u64 number = store_next(s);
        store_retain(s, 2);
        model_change(&t->now, &prng, 1 + (u32)prng_below(&prng, 16));
        t->was[number] = t->now;
        if (step == dead) {
            struct snapshot_writer *w = snapshot_begin(s, number);
            ENSURE(w && !model_give(&t->now, w));
            snapshot_give_up(w);
            continue;
        }
        ENSURE(!model_commit(&t->now, s, number));
        recorder_mark(r, MARK_ACKNOWLEDGED, number);
        if (store_count(s) > 2) recorder_mark(r, MARK_KEPT, store_info(s, 1)->number);
        ENSURE(!store_sweep(s));
        if (step == 5) {
            ENSURE(!store_export(s, number, copy));
            recorder_mark(r, MARK_COPIED, number);
        }
        if (step != restart) continue;
        store_close(s);
        ENSURE(s = store_open(&r->env, state, true));
        model_dirty_all(&t->now);
    }
    store_close(s);
}

static void story_make(struct story *t, u64 seed, enum left_out *out) {
    memset(t, 0, sizeof *t);
    env_sim_init(&t->sim, seed);
    scratch_make(t->root, sizeof t->root);
    recorder_init(&t->recorder, &t->sim.env, t->root);
    t->recorder.keeps_sync = keeps_sync;
    t->recorder.arg = out;
    tell(t, seed);
}

static void story_end(struct story *t) {
    recorder_fini(&t->recorder);
    scratch_remove(t->root);
}

/* ---- what must hold ---- */

struct promises {
    u64 newest, kept, copied;
    bool acknowledged[NUMBERS];
};

static struct promises promised(const struct recorder *r, u32 ops) {
    struct promises p = { 0 };
    for (u32 i = 0; i < ops; i++) {
        const struct op *op = &r->ops[i];
        if (op->kind != OP_MARK) continue;
        if (op->mark == MARK_ACKNOWLEDGED) p.acknowledged[p.newest = op->value] = true;
        if (op->mark == MARK_KEPT) p.kept = op->value;
        if (op->mark == MARK_COPIED) p.copied = op->value;
    }
    return p;
}

static bool is_listed(const struct store *s, u64 number) {
    for (u32 i = 0; i < store_count(s); i++)
        if (store_info(s, i)->number == number) return true;
    return false;
}

static int store_is_right(const struct story *t, struct store *s, const struct promises *p) {
    for (u32 i = 0; i < store_count(s); i++) {
        const struct snapshot_info *info = store_info(s, i);
        if (info->why) return error_set(0, "%s", info->why);
        if (info->number >= NUMBERS || model_check(&t->was[info->number], s, info->number))
            return -1;
    }
    for (u64 number = 1; number < NUMBERS; number++)
        if (p->acknowledged[number] && number >= p->kept && !is_listed(s, number))
            return error_set(0, "snapshot %llu was acknowledged and is not there",
                             (unsigned long long)number);
    if (store_next(s) <= p->newest) return error_set(0, "a number would be used again");
    return 0;
}

static int copy_is_right(const struct story *t, const char *dir, u64 copied) {
    char path[160];
    struct env env = env_real();
    struct stat st;
    snprintf(path, sizeof path, "%s/copy", dir);
    struct store *s = stat(path, &st) ? NULL : store_open_read(&env, path);
    if (!s) return copied ? error_set(0, "the copy was acknowledged and is not there") : 0;
    struct promises p = { .newest = copied, .kept = copied };
    p.acknowledged[copied] = copied != 0;
    int failed = store_is_right(t, s, &p);
    store_close(s);
    return failed;
}

/* A new process finds the folder, and goes on. */
static int goes_on(struct story *t, struct env *env, const char *dir, const struct promises *p) {
    char path[160];
    snprintf(path, sizeof path, "%s/job/state", dir);
    struct store *s = store_open(env, path, true);
    if (!s) return -1;
    int failed = store_is_right(t, s, p);
    struct model next = t->now;
    struct prng prng;
    prng_init(&prng, p->newest);
    model_change(&next, &prng, 5);
    model_dirty_all(&next);
    u64 number = store_next(s);
    if (!failed && number >= NUMBERS) failed = error_set(0, "a number as high as %u", NUMBERS);
    if (!failed) failed = model_commit(&next, s, number);
    if (!failed) failed = store_sweep(s);
    if (!failed) failed = model_check(&next, s, number);
    store_close(s);
    return failed;
}

/* The power goes again while the new process works on what the first cut left. */
static int second_cut(struct story *t, const char *dir, const struct promises *p, u64 seed) {
    struct recorder r;
    struct env_sim sim;
    struct prng prng;
    char again[64], path[160];
    prng_init(&prng, seed);
    env_sim_init(&sim, seed);
    recorder_init(&r, &sim.env, dir);
    int failed = goes_on(t, &r.env, dir, p);
    if (!failed) {
        u32 ops = r.base + (u32)prng_below(&prng, r.op_count - r.base + 1);
        scratch_make(again, sizeof again);
        disk_make(&r, ops, seed, again);
        snprintf(path, sizeof path, "%s/job/state", again);
        struct env env = env_real();
        struct store *s = store_open(&env, path, true);
        /* What the second process wrote has a number that the story has no model of, or another
           one: only what had been promised before is compared. */
        for (u64 number = p->kept ? p->kept : 1; s && !failed && number <= p->newest; number++)
            if (p->acknowledged[number] && is_listed(s, number))
                failed = model_check(&t->was[number], s, number);
        if (!s) failed = -1;
        if (s && !failed && p->newest && store_newest(s) < p->newest)
            failed = error_set(0, "the newest snapshot went in the second cut");
        for (u32 i = 0; s && !failed && i < store_count(s); i++)
            if (store_info(s, i)->why) failed = error_set(0, "%s", store_info(s, i)->why);
        if (s && !failed && store_count(s)) {
            struct snapshot *found = snapshot_load(s, store_newest(s));
            failed = found ? 0 : -1;
            if (found) snapshot_free(found);
        }
        if (s) store_close(s);
        scratch_remove(again);
    }
    recorder_fini(&r);
    return failed;
}

/* State number n of the run with this seed. */
static int one_state(struct story *t, u64 n, u64 seed, bool keep) {
    const struct recorder *r = &t->recorder;
    u32 ops = r->base + (u32)(n % (r->op_count - r->base + 1));
    u64 choice = seed * 1000003 + n;
    struct promises p = promised(r, ops);
    char dir[64];
    scratch_make(dir, sizeof dir);
    disk_make(r, ops, choice, dir);
    if (keep) printf("after %u of %u operations: %s\n", ops, r->op_count, dir);
    int failed = copy_is_right(t, dir, p.copied);
    struct env env = env_real();
    if (!failed) failed = n % 4 ? goes_on(t, &env, dir, &p) : second_cut(t, dir, &p, choice);
    if (failed && keep) printf("%s\n", error_text());
    if (!keep) scratch_remove(dir);
    return failed;
}

/* How many of the states are wrong. With `first_only` the first is enough. */
static u64 explore(u64 states, u64 seed, enum left_out out, bool first_only) {
    static struct story t;
    u64 wrong = 0;
    for (u64 n = 0; n < states && !(first_only && wrong); n++) {
        if (n % STATES_A_STORY == 0) {
            if (n) story_end(&t);
            story_make(&t, seed + n / STATES_A_STORY, &out);
        }
        if (!one_state(&t, n, seed, false)) continue;
        if (!wrong++ || out == OUT_NOTHING)
            printf("state %llu: %s\n", (unsigned long long)n, error_text());
    }
    if (states) story_end(&t);
    return wrong;
}

static int show_state(u64 n) {
    static struct story t;
    enum left_out out = OUT_NOTHING;
    story_make(&t, 1 + n / STATES_A_STORY, &out);
    int failed = one_state(&t, n, 1, true);
    story_end(&t);
    return failed ? 1 : 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "--state")) return show_state(strtoull(argv[2], NULL, 10));
    if (argc == 4 && !strcmp(argv[1], "--without")) {
        enum left_out out = OUT_DATA;
        while (out < OUT_COUNT && strcmp(argv[2], out_names[out])) out++;
        if (out == OUT_COUNT) return 2;
        u64 wrong = explore(strtoull(argv[3], NULL, 10), 1, out, true);
        printf("without-%s: %d passed, %d failed\n", argv[2], wrong != 0, wrong == 0);
        return wrong == 0;
    }
    u64 states = argc > 1 ? strtoull(argv[1], NULL, 10) : 2500;
    u64 wrong = explore(states, argc > 2 ? strtoull(argv[2], NULL, 10) : 1, OUT_NOTHING, false);
    printf("powercut: %llu passed, %llu failed\n", (unsigned long long)(states - wrong),
           (unsigned long long)wrong);
    return wrong != 0;
}
