#include "runtime/base/prng.h"
#include "runtime/state/kept.h"
#include "runtime/state/key_text.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row: its place in the order, and a text, in place or in the region. */
struct row {
    u64 arrival;
    i64 value;
    struct key_text text;
};

static int order(const void *by, const void *row, const struct region *region) {
    i64 a = *(const i64 *)by, b = ((const struct row *)row)->value;
    return (a > b) - (a < b);
}
static bool same(const void *row, const void *other, const struct region *region) {
    return order(&((const struct row *)row)->value, other, region) == 0;
}
static void drop(void *row, struct region *region) {
    key_text_drop(&((struct row *)row)->text, region);
}
static bool adopt(void *row, const u8 *image, u64 bytes, struct region *region) {
    return key_text_adopt(&((struct row *)row)->text, image, bytes, region);
}

static struct kept_ops ops_of(u32 most, bool ties, bool latest) {
    return (struct kept_ops){ .row_size = sizeof(struct row),
                              .most = most,
                              .ties = ties,
                              .latest = latest,
                              .order = order,
                              .same = same,
                              .drop = drop,
                              .adopt = adopt };
}

static struct str text_of(u64 arrival, char room[64]) {
    int size = snprintf(room, 64, arrival % 3 ? "%llu" : "the long text number %llu",
                        (unsigned long long)arrival);
    return (struct str){ room, (u64)size };
}

static void put(struct kept_rows *k, const struct kept_ops *ops, u64 arrival, i64 value,
                struct region *region) {
    char room[64];
    if (!kept_wants(k, ops, &value, arrival, region)) return;
    struct row *row = kept_put(k, ops, &value, arrival, region);
    row->value = value;
    row->text = key_text_of(text_of(arrival, room), region);
}

static void merge(struct kept_rows *into, const struct kept_rows *from, const struct kept_ops *ops,
                  struct region *region) {
    for (u32 i = 0; i < from->count; i++) {
        const struct row *row = kept_row(from, ops, i, region);
        put(into, ops, row->arrival, row->value, region);
    }
}

/* ---- the reference: all rows, sorted ---- */

struct plain {
    u64 arrival;
    i64 value;
};

static int rising(const void *a, const void *b) {
    const struct plain *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}
static int rising_latest(const void *a, const void *b) {
    const struct plain *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->arrival < y->arrival) - (x->arrival > y->arrival);
}

static bool is_first_of(const struct kept_rows *k, const struct kept_ops *ops, struct plain *all,
                        u32 count, const struct region *region) {
    char room[64];
    qsort(all, count, sizeof *all, ops->latest ? rising_latest : rising);
    u32 want = count < ops->most ? count : ops->most;
    while (ops->ties && want && want < count && all[want].value == all[want - 1].value) want++;
    if (k->count != want) return false;
    for (u32 i = 0; i < want; i++) {
        const struct row *row = kept_row(k, ops, i, region);
        struct str text = text_of(all[i].arrival, room), kept = key_text_str(&row->text, region);
        if (row->arrival != all[i].arrival || row->value != all[i].value) return false;
        if (kept.size != text.size || memcmp(kept.at, text.at, text.size)) return false;
    }
    return true;
}

#define SETS 4u

static void the_first_of_an_order_are_kept_however_sets_are_put_together(void) {
    struct region r;
    struct prng p;
    CHECK_EQ(region_open(&r, NULL), 0);
    prng_init(&p, 3);
    for (u32 round = 0; round < 3000; round++) {
        struct kept_ops ops =
            ops_of(1 + (u32)prng_below(&p, 6), prng_chance(&p, 1, 2), prng_chance(&p, 1, 3));
        struct kept_rows sets[SETS] = { 0 };
        struct plain all[64];
        u32 count = (u32)prng_below(&p, 64), values = 1 + (u32)prng_below(&p, 9);
        for (u32 i = 0; i < count; i++) {
            all[i] = (struct plain){ i + 1, (i64)prng_below(&p, values) };
            put(&sets[prng_below(&p, SETS)], &ops, all[i].arrival, all[i].value, &r);
        }
        for (u32 left = SETS; left > 1; left--) {
            u32 into = (u32)prng_below(&p, left - 1);
            merge(&sets[into], &sets[left - 1], &ops, &r);
            kept_drop(&sets[left - 1], &ops, &r);
        }
        if (!CHECK(is_first_of(&sets[0], &ops, all, count, &r))) {
            printf("round %u: %u rows, top %u%s\n", round, count, ops.most,
                   ops.ties ? " with ties" : "");
            break;
        }
        kept_drop(&sets[0], &ops, &r);
    }
    CHECK(r.used < 1 << 20); /* all of it went back */
    region_close(&r);
}

static void what_is_kept_of_a_million_rows_takes_the_memory_of_a_few(void) {
    struct region r;
    CHECK_EQ(region_open(&r, NULL), 0);
    struct kept_ops ops = ops_of(1, false, true);
    struct kept_rows k = { 0 };
    for (u64 i = 1; i <= 1000000; i++) put(&k, &ops, i, 0, &r);
    CHECK_EQ(((struct row *)kept_row(&k, &ops, 0, &r))->arrival, 1000000);
    CHECK(r.used < 4096);
    region_close(&r);
}

/* ---- from another region's image, whole or damaged ---- */

static void an_image_is_taken_over_or_refused(void) {
    struct region from, to;
    struct prng p;
    prng_init(&p, 4);
    CHECK_EQ(region_open(&from, NULL), 0);
    struct kept_ops ops = ops_of(5, false, false);
    struct kept_rows k = { 0 };
    struct plain all[9];
    for (u32 i = 0; i < 9; i++) {
        all[i] = (struct plain){ i + 1, (i64)prng_below(&p, 4) };
        put(&k, &ops, all[i].arrival, all[i].value, &from);
    }
    u64 bytes = 64 << 10;
    for (u32 round = 0; round < 2000; round++) {
        CHECK_EQ(region_open(&to, NULL), 0);
        struct kept_rows copy = k;
        u8 *byte = round % 2 ? (u8 *)&copy + prng_below(&p, sizeof copy)
                             : (u8 *)kept_row(&k, &ops, 0, &from) +
                                   prng_below(&p, k.count * sizeof(struct row));
        u8 bit = round ? (u8)(1 << prng_below(&p, 8)) : 0;
        *byte ^= bit;
        bool took = kept_adopt(&copy, &ops, from.base, bytes, &to);
        if (!round) CHECK(took && is_first_of(&copy, &ops, all, 9, &to));
        if (took) kept_drop(&copy, &ops, &to);
        *byte ^= bit;
        region_close(&to);
    }
    struct kept_rows more = { k.at, 6 }, none = { k.at, 0 }, nowhere = { 0, 1 }, far = { 4096, 1 };
    CHECK_EQ(region_open(&to, NULL), 0);
    CHECK(!kept_adopt(&more, &ops, from.base, bytes, &to));
    CHECK(!kept_adopt(&none, &ops, from.base, bytes, &to));
    CHECK(!kept_adopt(&nowhere, &ops, from.base, bytes, &to));
    CHECK(!kept_adopt(&far, &ops, from.base, bytes, &to));
    region_close(&to);
    region_close(&from);
}

static const struct test tests[] = {
    TEST(the_first_of_an_order_are_kept_however_sets_are_put_together),
    TEST(what_is_kept_of_a_million_rows_takes_the_memory_of_a_few),
    TEST(an_image_is_taken_over_or_refused),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("kept", tests, argc, argv);
}
