/* Rows that wait until a time is over: their order, and that they survive. */
#include "runtime/base/error.h"
#include "runtime/snapshot/store.h"
#include "runtime/stage/hold.h"
#include "runtime/state/key_text.h"
#include "tests/stage/survive.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    u64 arrival;
    struct key_text name;
    i64 until, value;
};

static void drop(void *at, struct region *region) {
    key_text_drop(&((struct row *)at)->name, region);
}
static bool adopt(void *at, const u8 *image, u64 bytes, struct region *region) {
    return key_text_adopt(&((struct row *)at)->name, image, bytes, region);
}

/* What comes out goes to the text that the chain's engine is. */
static void emit(struct chain *c, const void *at, const struct region *region) {
    const struct row *row = at;
    struct str name = key_text_str(&row->name, region);
    text_buf_printf(c->engine, "%lld %lld %.*s %lld %u\n", (long long)row->until,
                    (long long)row->value, (int)name.size, name.at, (long long)c->stamp,
                    c->position);
}

static const struct state_field fields[] = {
    { .name = "hold of name, until, value",
      .role = STATE_ROWS,
      .at = 8,
      .size = 8,
      .null_bit = -1 },
};
static const struct state_field other_fields[] = {
    { .name = "hold of until, value", .role = STATE_ROWS, .at = 8, .size = 8, .null_bit = -1 },
};
static const struct state_schema schema = { fields, 1, .slot_size = 16, .acc_size = 16 };
static const struct state_schema other_schema = { other_fields, 1, .slot_size = 16,
                                                  .acc_size = 16 };
static const struct hold_ops ops = { sizeof(struct row), drop, adopt, emit, &schema };
static const struct hold_ops other_ops = { sizeof(struct row), drop, adopt, emit, &other_schema };

static void open_hold(struct hold *h, const struct hold_ops *with) {
    CHECK_EQ(hold_keeper.open(h, NULL, with, 0, 128, 0, NULL), 0);
}

static void put_row(struct hold *h, i64 until, i64 value, u32 text) {
    static const char names[] =
        "a name that is long enough to lie in the region, if all of it is taken";
    struct row *row = hold_place(h, sizeof *row, until);
    row->name = key_text_of((struct str){ names, text % sizeof names }, &h->region);
    row->until = until;
    row->value = value;
}

static void rise_to(struct hold *h, i64 w, struct text_buf *out) {
    struct chain c = { .engine = out };
    hold_keeper.watermark(&c, h, &ops, w, TIME_NEVER);
}

/* ---- order ---- */

struct waiting {
    i64 until;
    u32 value;
};

static int by_time(const void *left, const void *right) {
    const struct waiting *a = left, *b = right;
    if (a->until != b->until) return a->until < b->until ? -1 : 1;
    return a->value < b->value ? -1 : 1;
}

static void rows_come_out_by_their_time_and_as_they_came(void) {
    struct hold h;
    struct prng p;
    struct text_buf out, want;
    struct waiting all[400];
    prng_init(&p, 1);
    open_hold(&h, &ops);
    text_buf_init(&out);
    text_buf_init(&want);
    for (u32 i = 0; i < 400; i++) {
        all[i] = (struct waiting){ (i64)prng_below(&p, 50), i };
        put_row(&h, all[i].until, i, 3);
    }
    CHECK_EQ(hold_keeper.open_rows(&h), 400);
    rise_to(&h, 20, &out);
    rise_to(&h, 20, &out);
    rise_to(&h, TIME_FOREVER, &out);
    qsort(all, 400, sizeof *all, by_time);
    for (u32 i = 0; i < 400; i++)
        text_buf_printf(&want, "%lld %u a n %lld %u\n", (long long)all[i].until, all[i].value,
                        (long long)all[i].until, POSITION_DUE);
    CHECK_STR(out.at, want.at);
    CHECK_EQ(hold_keeper.open_rows(&h), 0);
    text_buf_fini(&out);
    text_buf_fini(&want);
    hold_keeper.close(&h);
}

/* Over is what W has passed: not what it has reached. */
static void a_row_waits_until_its_time_is_over(void) {
    struct hold h;
    struct text_buf out;
    open_hold(&h, &ops);
    text_buf_init(&out);
    put_row(&h, 10, 1, 0);
    put_row(&h, TIME_FOREVER, 2, 0);
    put_row(&h, TIME_NEVER, 3, 0);
    rise_to(&h, TIME_NEVER, &out);
    CHECK_EQ(out.size, 0);
    rise_to(&h, 10, &out);
    CHECK_EQ(hold_keeper.open_rows(&h), 2);
    rise_to(&h, 11, &out);
    CHECK_EQ(hold_keeper.open_rows(&h), 1);
    rise_to(&h, TIME_FOREVER, &out);
    CHECK_EQ(hold_keeper.open_rows(&h), 0);
    text_buf_fini(&out);
    hold_keeper.close(&h);
}

static void what_was_held_is_given_back(void) {
    struct hold h;
    struct text_buf out;
    open_hold(&h, &ops);
    text_buf_init(&out);
    u64 used = 0;
    for (u32 round = 0; round < 30; round++) {
        for (u32 i = 0; i < 1000; i++) put_row(&h, i, i, i);
        rise_to(&h, TIME_FOREVER, &out);
        text_buf_clear(&out);
        if (round == 2) used = h.region.used;
    }
    CHECK_EQ(h.region.used, used);
    text_buf_fini(&out);
    hold_keeper.close(&h);
}

/* ---- saved before every row ---- */

struct a_hold {
    u32 steps, jitter, marks;
    u64 seed;
};

/* There is one task; what the harness takes for others stays empty. */
struct hold_run {
    const struct a_hold *what;
    struct hold holds[SURVIVE_TASKS];
    u32 tasks, restored;
};

static void *holds_open(const void *what, u32 tasks) {
    struct hold_run *r = calloc(1, sizeof *r);
    r->what = what;
    r->tasks = tasks;
    for (u32 i = 0; i < tasks; i++) open_hold(&r->holds[i], &ops);
    return r;
}

static void holds_close(void *self) {
    struct hold_run *r = self;
    for (u32 i = 0; i < r->tasks; i++) hold_keeper.close(&r->holds[i]);
    free(r);
}

static void holds_step(void *self, u32 n, struct text_buf *out) {
    struct hold_run *r = self;
    const struct a_hold *a = r->what;
    struct prng p;
    prng_init(&p, a->seed * 1000003 + n);
    put_row(&r->holds[0], (i64)n + (i64)prng_below(&p, a->jitter), n, (u32)prng_below(&p, 80));
    if (prng_chance(&p, 1, a->marks)) rise_to(&r->holds[0], (i64)n, out);
    if (n + 1 == a->steps) rise_to(&r->holds[0], TIME_FOREVER, out);
}

static struct region *holds_region(void *self, u32 task) {
    return hold_keeper.region(&((struct hold_run *)self)->holds[task]);
}

static void holds_save(void *self, u32 task, struct pack *to) {
    hold_keeper.save(&((struct hold_run *)self)->holds[task], to);
}

static int holds_restore(void *self, struct unpack *from, const struct image *image) {
    struct hold_run *r = self;
    if (r->restored++) return 0;
    if (hold_keeper.restore(&r->holds[0], &ops, from, image)) return -1;
    return hold_keeper.restored(&r->holds[0]);
}

static const struct survivor_ops survivors = { holds_open,   holds_close, holds_step,
                                               holds_region, holds_save,  holds_restore };

static void rows_that_are_held_survive_at_every_row(void) {
    struct prng p;
    prng_init(&p, 7);
    for (u32 i = 0; i < 6; i++) {
        struct a_hold a = { .steps = 300, .jitter = i % 2 ? 10 : 200, .marks = 1 + i, .seed = i };
        struct survival s = { &survivors, &a, a.steps, 1, a.steps };
        u32 at = 0;
        if (!CHECK(survive(&s, &p, &at))) printf("seed %u, saved at %u\n", i, at);
    }
    struct a_hold many = { .steps = 30000, .jitter = 9000, .marks = 300, .seed = 9 };
    struct survival s = { &survivors, &many, many.steps, 2777, 5000 };
    u32 at = 0;
    if (!CHECK(survive(&s, &p, &at))) printf("many, saved at %u\n", at);
}

/* ---- what does not fit ---- */

/* 200 rows, of which none has come out. */
static const struct a_hold still = { .steps = 400, .jitter = 100, .marks = UINT32_MAX };
static const struct survival stills = { &survivors, &still, 400, 1, 400 };

static void damaged_state_is_refused_or_does_no_harm(void) {
    struct wreck k;
    struct prng p;
    prng_init(&p, 8);
    wreck_make(&k, &stills);
    CHECK(wreck_try(&k));
    CHECK(wreck_flip(&k, 3000, &p) > 300);
    wreck_free(&k);
}

static void rows_of_another_shape_are_refused(void) {
    struct wreck k;
    struct hold h;
    wreck_make(&k, &stills);
    open_hold(&h, &other_ops);
    struct unpack u = unpack_of(k.saved.at, k.saved.size);
    CHECK(hold_keeper.restore(&h, &other_ops, &u, &k.image));
    CHECK(strstr(error_text(), "other rows are held now"));
    hold_keeper.close(&h);
    wreck_free(&k);
    open_hold(&h, &ops);
    CHECK(hold_keeper.restored(&h));
    hold_keeper.close(&h);
}

static const struct test tests[] = {
    TEST(rows_come_out_by_their_time_and_as_they_came),
    TEST(a_row_waits_until_its_time_is_over),
    TEST(what_was_held_is_given_back),
    TEST(rows_that_are_held_survive_at_every_row),
    TEST(damaged_state_is_refused_or_does_no_harm),
    TEST(rows_of_another_shape_are_refused),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("hold", tests, argc, argv);
}
