/* The power goes while a file sink works: after every operation, with what a disk may hold then
   (disk.h). By the newest manifest that was there (which others see to) the sink is put in order:
   nothing that was committed may be gone, nothing else may be there, and work must go on.

   sink_powercut STATES: closes with `sink_powercut: N passed, N failed`.
   sink_powercut --without SYNC STATES: the same with one kind of sync left out (rows, output,
   folders); 0 if that was seen, which is how we know that it would be. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "tests/crash/disk.h"
#include "tests/io/sink_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 24
#define EVERY 5
#define NUMBERS 64
#define STATES_A_STORY 200u

enum { MARK_MANIFEST };
enum left_out { OUT_NOTHING, OUT_ROWS, OUT_OUTPUT, OUT_FOLDERS, OUT_COUNT };
static const char *const out_names[] = { "", "rows", "output", "folders" };

struct manifest {
    struct pack pending;
    u64 row;
    bool finished;
};

struct story {
    struct model model;
    struct recorder recorder;
    struct manifest was[NUMBERS];
    bool parts;
    enum left_out left_out;
};

static bool keeps_sync(void *arg, const char *path, bool renamed) {
    const struct story *t = arg;
    enum left_out out = t->left_out;
    const char *name = strrchr(path, '/') + 1;
    bool hidden = name[0] == '.', is_folder = !hidden && (t->parts || strcmp(name, "out"));
    if (out == OUT_ROWS) return !hidden;
    if (out == OUT_OUTPUT) return hidden || is_folder;
    if (out == OUT_FOLDERS) return !is_folder;
    return true;
}

static void note(struct model *m, void *arg) {
    struct story *t = arg;
    struct manifest *was = &t->was[m->number];
    ENSURE(m->number < NUMBERS);
    memcpy(pack_room(&was->pending, m->pending.size), m->pending.at, m->pending.size);
    was->row = m->saved_row;
    was->finished = m->row == ROWS;
    recorder_mark(&t->recorder, MARK_MANIFEST, m->number);
}

/* Two lives; the first one's end is a kill, with rows that were not sealed. */
static void story_make(struct story *t, u64 seed, enum left_out out) {
    memset(t, 0, sizeof *t);
    t->parts = seed % 2;
    t->left_out = out;
    struct model *m = &t->model;
    model_init(m, seed, t->parts, seed % 3 ? "head\n" : NULL);
    recorder_init(&t->recorder, &m->sim.env, m->folder);
    t->recorder.keeps_sync = keeps_sync;
    t->recorder.arg = t;
    m->env = &t->recorder.env;
    m->on_manifest = note;
    m->arg = t;
    model_fault(m, 60 + 11 * (seed % 9), 5, true);
    model_run(m, ROWS, EVERY);
    m->fault = 0;
    ENSURE(!model_run(m, ROWS, EVERY));
}

static void story_end(struct story *t) {
    recorder_fini(&t->recorder);
    for (u32 i = 0; i < NUMBERS; i++) pack_fini(&t->was[i].pending);
    model_fini(&t->model);
}

static u64 newest(const struct recorder *r, u32 ops) {
    u64 number = 0;
    for (u32 i = 0; i < ops; i++)
        if (r->ops[i].kind == OP_MARK) number = r->ops[i].value;
    return number;
}

/* What a new process is given. */
static void manifest_give(const struct story *t, u64 number, struct model *to) {
    to->used = NUMBERS;
    if (!number) return;
    const struct manifest *was = &t->was[number];
    to->saved = true;
    to->saved_row = was->row;
    memcpy(pack_room(&to->pending, was->pending.size), was->pending.at, was->pending.size);
}

static int recovers(const struct story *t, u64 number, struct model *m) {
    int failed = model_start(m);
    m->finished = number && t->was[number].finished;
    if (!failed && !model_check(m, m->row))
        failed = error_set(0, "the output is not that of manifest %lu", number);
    model_stop(m);
    return failed;
}

static int goes_on(struct model *m) {
    if (model_run(m, ROWS, EVERY)) return -1;
    if (!model_check(m, ROWS)) return error_set(0, "the output is wrong at the end");
    return model_is_clean(m) ? 0 : error_set(0, "something is left");
}

/* The power goes again while the new process puts things in order. */
static int second_cut(const struct story *t, u64 number, struct model *m, u64 seed) {
    struct recorder r;
    struct model again;
    recorder_init(&r, &m->sim.env, m->folder);
    m->env = &r.env;
    int failed = recovers(t, number, m);
    m->env = &m->sim.env;
    if (!failed) {
        model_init(&again, seed, t->parts, m->head);
        manifest_give(t, number, &again);
        disk_make(&r, r.base + (u32)(seed % (r.op_count - r.base + 1)), seed, again.folder);
        failed = recovers(t, number, &again);
        if (!failed) failed = goes_on(&again);
        model_fini(&again);
    }
    recorder_fini(&r);
    return failed;
}

static int one_state(const struct story *t, u64 n, u64 seed) {
    const struct recorder *r = &t->recorder;
    u32 ops = r->base + (u32)(n % (r->op_count - r->base + 1));
    u64 number = newest(r, ops), choice = seed * 1000003 + n;
    struct model m;
    model_init(&m, choice, t->parts, t->model.head);
    manifest_give(t, number, &m);
    disk_make(r, ops, choice, m.folder);
    int failed = n % 4 ? recovers(t, number, &m) : second_cut(t, number, &m, choice);
    if (!failed) failed = goes_on(&m);
    model_fini(&m);
    return failed;
}

/* Stories of seed, seed + step, ...: odd ones are of parts. */
static u64 explore(u64 states, enum left_out out, u64 first, u64 step, bool first_only) {
    static struct story t;
    u64 wrong = 0;
    for (u64 n = 0; n < states && !(first_only && wrong); n++) {
        u64 seed = first + n / STATES_A_STORY * step;
        if (n % STATES_A_STORY == 0) {
            if (n) story_end(&t);
            story_make(&t, seed, out);
        }
        if (!one_state(&t, n, seed)) continue;
        if (!wrong++ || out == OUT_NOTHING) printf("state %lu: %s\n", n, error_text());
    }
    if (states) story_end(&t);
    return wrong;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "--without")) {
        enum left_out out = OUT_ROWS;
        while (out < OUT_COUNT && strcmp(argv[2], out_names[out])) out++;
        if (out == OUT_COUNT) return 2;
        u64 states = strtoull(argv[3], NULL, 10);
        bool seen = explore(states, out, 2, 2, true) &&
                    (out == OUT_OUTPUT || explore(states, out, 1, 2, true)); /* parts are renamed */
        printf("sink-without-%s: %d passed, %d failed\n", argv[2], seen, !seen);
        return !seen;
    }
    u64 states = argc > 1 ? strtoull(argv[1], NULL, 10) : 1600;
    u64 wrong = explore(states, OUT_NOTHING, 1, 1, false);
    printf("sink_powercut: %lu passed, %lu failed\n", states - wrong, wrong);
    return wrong != 0;
}
