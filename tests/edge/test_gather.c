/* What comes to a stage of fine time is put in the order of stamps. */
#include "runtime/edge/gather.h"
#include "runtime/base/prng.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    i64 stamp;
    u32 text_at, text_size, position, value;
};
static const u16 texts[] = { offsetof(struct row, text_at) };
static const struct gather_shape shapes[] = {
    { 0, sizeof(struct row), offsetof(struct row, stamp), offsetof(struct row, position), texts,
      1 },
    { 1, sizeof(struct row), offsetof(struct row, stamp), offsetof(struct row, position), texts,
      1 },
};

#define ROWS 500u

struct taken {
    struct row rows[ROWS];
    u32 edges[ROWS], count, runs;
    bool texts_right;
};

static void make_text(char *to, u32 value) {
    memset(to, 'a' + (int)(value % 26), 400);
    sprintf(to, "%u", value);
}

static void take(void *arg, u32 edge, const u8 *base, const u8 *row, u32 count) {
    struct taken *t = arg;
    t->runs++;
    for (u32 i = 0; i < count; i++, row += sizeof(struct row)) {
        struct row *r = &t->rows[t->count];
        char want[400];
        memcpy(r, row, sizeof *r);
        make_text(want, r->value);
        t->texts_right &= !memcmp(want, base + r->text_at, r->text_size);
        t->edges[t->count++] = edge;
    }
}

static void add(struct gather *g, u32 edge, struct row r) {
    struct {
        struct row row;
        char text[400];
    } at = { .row = r };
    make_text(at.text, r.value);
    at.row.text_at = offsetof(__typeof__(at), text);
    gather_add(g, &shapes[edge], (const u8 *)&at, (const u8 *)&at.row, 1);
}

static void rows_come_out_by_stamp_then_position_then_as_they_came(void) {
    struct budget budget = { .limit = UINT64_MAX };
    struct gather g;
    struct prng p;
    prng_init(&p, 3);
    gather_open(&g, &budget);
    for (u32 round = 0; round < 20; round++) {
        struct taken t = { .texts_right = true };
        for (u32 i = 0; i < ROWS; i++)
            add(&g, (u32)prng_below(&p, 2),
                (struct row){ .stamp = (i64)prng_below(&p, 5) - 2,
                              .text_size = (u32)prng_below(&p, 400),
                              .position = (u32)prng_below(&p, 9),
                              .value = i });
        gather_take(&g, take, &t);
        CHECK_EQ(t.count, ROWS);
        CHECK(t.texts_right);
        for (u32 i = 1; i < t.count; i++) {
            const struct row *a = &t.rows[i - 1], *b = &t.rows[i];
            bool same = a->stamp == b->stamp;
            CHECK(a->stamp < b->stamp || (same && a->position < b->position) ||
                  (same && a->position == b->position && a->value < b->value));
        }
    }
    gather_close(&g);
    CHECK_EQ(atomic_load(&budget.by_owner[BUDGET_OVERFLOW]), 0);
}

static void rows_in_order_stay_in_one_run(void) {
    struct budget budget = { .limit = UINT64_MAX };
    struct gather g;
    struct taken t = { .texts_right = true };
    gather_open(&g, &budget);
    for (u32 i = 0; i < 100; i++) add(&g, i >= 50, (struct row){ .stamp = i, .value = i });
    gather_take(&g, take, &t);
    CHECK_EQ(t.count, 100);
    CHECK_EQ(t.runs, 2); /* one for each edge */
    gather_close(&g);
}

static void over_the_budget_rows_are_dropped(void) {
    struct budget budget = { .limit = 1 };
    struct gather g;
    struct taken t = { .texts_right = true };
    gather_open(&g, &budget);
    for (u32 i = 0; i < ROWS; i++) add(&g, 0, (struct row){ .text_size = 400, .value = i });
    CHECK(g.over_budget);
    gather_take(&g, take, &t);
    CHECK(t.count < ROWS);
    gather_close(&g);
}

static const struct test tests[] = {
    TEST(rows_come_out_by_stamp_then_position_then_as_they_came),
    TEST(rows_in_order_stay_in_one_run),
    TEST(over_the_budget_rows_are_dropped),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("gather", tests, argc, argv);
}
