#include "runtime/base/budget.h"
#include "runtime/base/hash.h"
#include "runtime/stage/table.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

struct ad {
    struct str name;
    u64 id;
    u32 number;
};

static u64 ad_hash(const void *row, u64 hash_key) {
    return hash_u64(((const struct ad *)row)->id, hash_key);
}

static const struct table_ops ops = { sizeof(struct ad), ad_hash };
static const u16 texts[] = { offsetof(struct ad, name) };

static void load(struct table *t, u32 rows, u32 keys) {
    for (u32 i = 0; i < rows; i++) {
        char text[32];
        int size = snprintf(text, sizeof text, "ad number %u", i);
        struct ad ad = { .name = { text, (u64)size }, .id = i % keys, .number = i };
        CHECK(table_add(t, &ad, texts, 1));
    }
}

static void all_rows_of_a_key_are_found_in_the_order_of_the_file(void) {
    struct table t;
    struct budget budget = { .limit = 1 << 30 };
    table_open(&t, &ops, 3, &budget);
    load(&t, 30000, 7001);
    for (u64 id = 0; id < 8000; id++) {
        u64 hash = hash_u64(id, 3), at = table_home(&t, hash);
        u32 next = (u32)id, found = 0;
        const struct ad *ad;
        while ((ad = table_next(&t, sizeof *ad, hash, &at))) {
            if (ad->id != id) continue;
            char text[32];
            int size = snprintf(text, sizeof text, "ad number %u", next);
            CHECK(ad->number == next && ad->name.size == (u64)size &&
                  !memcmp(ad->name.at, text, (u64)size));
            next += 7001;
            found++;
        }
        CHECK_EQ(found, id >= 7001 ? 0 : id + 4 * 7001 < 30000 ? 5 : 4);
    }
    CHECK(budget.used == table_bytes(&t) && budget.used > 30000 * sizeof(struct ad));
    table_close(&t);
    CHECK_EQ(budget.used, 0);
}

static void an_empty_table_has_no_rows_for_any_key(void) {
    struct table t;
    table_open(&t, &ops, 3, NULL);
    u64 at = table_home(&t, 12345);
    CHECK(!table_next(&t, sizeof(struct ad), 12345, &at));
    table_close(&t);
}

static void rows_past_the_budget_are_told(void) {
    struct table t;
    struct budget budget = { .limit = 10000 };
    table_open(&t, &ops, 3, &budget);
    bool within = true;
    struct ad ad = { .name = { NULL, 0 } };
    for (u32 i = 0; i < 1000; i++) within &= table_add(&t, &ad, texts, 1);
    CHECK(!within);
    table_close(&t);
}

static const struct test tests[] = {
    TEST(all_rows_of_a_key_are_found_in_the_order_of_the_file),
    TEST(an_empty_table_has_no_rows_for_any_key),
    TEST(rows_past_the_budget_are_told),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("table", tests, argc, argv);
}
