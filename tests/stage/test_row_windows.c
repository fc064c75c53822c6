/* Windows that rows make (sessions, windows of rows): do they survive, and is their state refused
   if it is damaged? What they let out is held against a reference in tests/oracle. */
#include "runtime/base/error.h"
#include "runtime/stage/rows.h"
#include "runtime/stage/session.h"
#include "tests/stage/survive.h"
#include "tests/stage/window_cases.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct a_stage {
    enum kind kind;
    struct window_spec spec;
    u32 steps, keys, marks, jitter; /* W moves with one row in `marks`; rows come out of order */
    u64 seed;
    bool new_keys; /* ever new ones */
};

struct run {
    const struct a_stage *what;
    struct window_ops ops; /* with slots of this stage */
    struct state_schema schema;
    const struct keeper *keeper;
    u32 tasks;
    union state {
        struct keyed keyed;
        struct sessions sessions;
        struct rows rows;
    } states[SURVIVE_TASKS];
    struct chain chain;
    struct shown_list out;
    i64 w;
};

static bool is_rows(const struct run *r) {
    return r->what->spec.shape == SHAPE_ROWS;
}

static void *run_open(const void *what, u32 tasks) {
    struct run *r = calloc(1, sizeof *r);
    r->what = what;
    r->ops = *kind_ops(r->what->kind);
    r->schema = *r->ops.schema;
    r->ops.schema = &r->schema;
    r->keeper = is_rows(r) ? &rows_keeper : &session_keeper;
    u32 acc_at = r->ops.keyed.acc_at, size = r->ops.acc_size;
    r->ops.keyed.slot_size = r->schema.slot_size =
        (u32)(is_rows(r) ? ROWS_SLOT(acc_at, size) : SESSION_SLOT(acc_at, size));
    r->tasks = tasks;
    r->chain.hash_key = 77;
    r->chain.engine = &r->out;
    r->w = TIME_NEVER;
    for (u32 i = 0; i < tasks; i++) {
        u32 first = SHARDS * i / tasks, end = SHARDS * (i + 1) / tasks;
        if (r->keeper->open(&r->states[i], &r->what->spec, &r->ops, first, end - first, 77, NULL))
            abort();
    }
    return r;
}

static void run_close(void *self) {
    struct run *r = self;
    for (u32 i = 0; i < r->tasks; i++) r->keeper->close(&r->states[i]);
    free(r->out.at);
    free(r);
}

static union state *owner(struct run *r, u64 hash) {
    for (u32 i = 0;; i++) {
        const struct keyed *k = &r->states[i].keyed;
        if (keyed_shard(hash) - k->first < k->count) return &r->states[i];
    }
}

/* As generated code does it. */
static bool run_row(struct run *r, const struct row *row) {
    struct kind_key room;
    const void *key;
    u64 delta[8], hash = kind_key(r->what->kind, row->key, 77, &room, &key);
    union state *state = owner(r, hash);
    kind_delta(r->what->kind, row, &state->keyed, hash, delta);
    bool took = true;
    u8 *slot = keyed_find(&state->keyed, &r->ops.keyed, key, hash);
    bool same = r->what->spec.shape == SHAPE_SAME;
    i64 start = same ? row->time / 10 * 10 : row->time, size = r->what->spec.size_ns;
    void *acc = is_rows(r) ? rows_grow(&state->rows, &r->ops, slot, row->time)
                : same     ? NULL
                           : session_grow(&state->sessions, &r->ops, slot, r->w, row->time);
    if (acc)
        r->ops.merge(&r->chain, &state->keyed.region, acc, delta);
    else if (is_rows(r))
        rows_add(&r->chain, &state->rows, slot, hash, row->time, r->w, delta);
    else
        took = session_add(&r->chain, &state->sessions, slot, hash, start,
                           start + (same ? 10 + (row->value & 3) * 7 : size), r->w, delta);
    if (r->ops.drop) r->ops.drop(delta, &state->keyed.region);
    return took;
}

static void mark(struct run *r, i64 w, i64 clock) {
    for (u32 i = 0; i < r->tasks; i++)
        r->keeper->watermark(&r->chain, &r->states[i], &r->ops, w, clock);
}

static void tell(struct run *r, struct text_buf *out) {
    for (u32 i = 0; i < r->out.count; i++) {
        const struct shown *s = &r->out.at[i];
        text_buf_printf(out, "%u %lld %lld %u %u %u %u %u %u %llu %llu %llx %lld %lld\n", s->key,
                        (long long)s->start, (long long)s->end, s->number, s->timing, s->op,
                        s->caused, s->shard, s->position, (unsigned long long)s->rows,
                        (unsigned long long)s->values, (unsigned long long)s->sum,
                        (long long)s->low, (long long)s->high);
    }
    r->out.count = 0;
}

/* W rises with each row and is told to all now and then. */
static void run_step(void *self, u32 n, struct text_buf *out) {
    struct run *r = self;
    const struct a_stage *a = r->what;
    struct prng p;
    prng_init(&p, a->seed * 1000003 + n);
    struct row row = { .key = (u32)prng_below(&p, a->keys) + (a->new_keys ? n : 0),
                       .null = prng_chance(&p, 1, 4),
                       .value = (i64)prng_below(&p, 2001) - 1000,
                       .time = (i64)n - (i64)prng_below(&p, a->jitter) };
    r->chain.position = n;
    r->w = n > 30 ? (i64)n - 30 : TIME_NEVER;
    if (!run_row(r, &row)) text_buf_printf(out, "late %u\n", n);
    if (prng_chance(&p, 1, a->marks)) mark(r, r->w, prng_chance(&p, 1, 2) ? (i64)n : TIME_NEVER);
    if (n + 1 == a->steps) mark(r, TIME_FOREVER, TIME_NEVER);
    tell(r, out);
}

static struct region *run_region(void *self, u32 task) {
    struct run *r = self;
    return r->keeper->region(&r->states[task]);
}

static void run_save(void *self, u32 task, struct pack *to) {
    struct run *r = self;
    r->keeper->save(&r->states[task], to);
}

static int run_restore(void *self, struct unpack *from, const struct image *image) {
    struct run *r = self;
    for (u32 i = 0; i < r->tasks; i++) {
        struct unpack again = *from;
        if (r->keeper->restore(&r->states[i], &r->ops, &again, image) < 0) return -1;
        if (!unpack_is_done(&again)) return -1;
    }
    return 0;
}

static const struct survivor_ops stages = { run_open,   run_close, run_step,
                                            run_region, run_save,  run_restore };

#define SESSION(gap) .shape = SHAPE_SESSION, .size_ns = gap

static const struct window_spec specs[] = {
    { SESSION(7) },
    { SESSION(5), .lateness_ns = 40 },
    { SESSION(9), .lateness_ns = 25, .early = { .time_ns = { 6 } }, .late = { .time_ns = { 5 } } },
    { SESSION(9), .lateness_ns = 25, .early = { .rows = 2 }, .mode = WINDOW_RETRACTING },
    { SESSION(12), .lateness_ns = 35, .early = { .time_ns = { 4 }, .rows = 3 },
      .late = { .rows = 2 }, .mode = WINDOW_RETRACTING },
    { SESSION(12), .lateness_ns = 35, .early = { .wall_ns = { 8 } }, .late = { .wall_ns = { 8 } },
      .mode = WINDOW_DISCARDING },
    { .shape = SHAPE_SAME,
      .lateness_ns = 25,
      .early = { .time_ns = { 6 } },
      .late = { .rows = 2 },
      .mode = WINDOW_RETRACTING },
    { .shape = SHAPE_ROWS, .rows = 5, .every = 5 },
    { .shape = SHAPE_ROWS, .rows = 7, .every = 3 },
    { .shape = SHAPE_ROWS, .rows = 3, .every = 8 },
};

#define SPECS (u32)(sizeof specs / sizeof *specs)

static void all_survive_at_every_row(void) {
    struct prng p;
    prng_init(&p, 5);
    for (u32 i = 0; i < SPECS; i++)
        for (enum kind kind = 0; kind <= KIND_FLOAT; kind++) {
            struct a_stage a = { .kind = kind,
                                 .spec = specs[i],
                                 .steps = 260,
                                 .keys = i % 2 ? 3 : 12,
                                 .marks = 4,
                                 .jitter = i % 3 ? 80 : 15,
                                 .seed = i * 10 + kind };
            struct survival s = { &stages, &a, a.steps, 1, a.steps };
            u32 at = 0;
            if (!CHECK(survive(&s, &p, &at))) {
                printf("spec %u kind %d, saved at %u\n", i, kind, at);
                return;
            }
        }
}

/* A key of hundreds of sessions at once, and keys that come and go. */
static void many_of_a_key_and_many_keys_survive(void) {
    struct prng p;
    prng_init(&p, 6);
    for (u32 few = 0; few < 2; few++) {
        struct a_stage a = { .kind = KIND_ALL,
                             .spec = { SESSION(2), .lateness_ns = few ? 4000 : 300 },
                             .steps = 20000,
                             .keys = few ? 2 : 3000,
                             .marks = 250,
                             .jitter = few ? 3500 : 200,
                             .seed = few,
                             .new_keys = !few };
        struct survival s = { &stages, &a, a.steps, 1333, 4000 };
        u32 at = 0;
        if (!CHECK(survive(&s, &p, &at))) printf("few %u, saved at %u\n", few, at);
    }
}

/* ---- what was saved is damaged, and no checksum told ---- */

static void damaged_state_is_refused_or_does_no_harm(void) {
    struct prng p;
    prng_init(&p, 8);
    for (u32 i = 0; i < SPECS; i++) {
        struct a_stage what = { .kind = i % KINDS,
                                .spec = specs[i],
                                .steps = 300,
                                .keys = 20,
                                .marks = 3,
                                .jitter = 60,
                                .seed = i };
        struct survival s = { &stages, &what, what.steps, 1, what.steps };
        struct wreck k;
        wreck_make(&k, &s);
        CHECK(wreck_try(&k));
        CHECK(wreck_flip(&k, 700, &p) > 100);
        wreck_free(&k);
    }
}

static const struct test tests[] = {
    TEST(all_survive_at_every_row),
    TEST(many_of_a_key_and_many_keys_survive),
    TEST(damaged_state_is_refused_or_does_no_harm),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("row_windows", tests, argc, argv);
}
