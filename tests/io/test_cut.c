/* Cutting text into morsels, against the plainest reference: records found byte by byte. */
#include "io/cut.h"
#include "runtime/base/prng.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* The end of the record at `from`, byte by byte; size if nothing ends it. */
static u64 plain_end(enum cut_kind kind, const u8 *at, u64 from, u64 size, bool *ended) {
    bool quoted = false;
    for (u64 i = from; i < size; i++) {
        if (kind == CUT_CSV && at[i] == '"') quoted = !quoted;
        if (at[i] == '\n' && !quoted) {
            *ended = true;
            return i + 1;
        }
    }
    *ended = false;
    return size;
}

static u64 random_text(struct prng *prng, u8 *at, u64 room) {
    static const char letters[] = "ab,\"\"\n\n\r";
    u64 size = prng_below(prng, room);
    u32 kinds = 1 + (u32)prng_below(prng, sizeof letters - 1);
    for (u64 i = 0; i < size; i++) at[i] = (u8)letters[prng_below(prng, kinds)];
    return size;
}

static void morsels_are_whole_records_and_cover_the_input(void) {
    struct prng prng;
    prng_init(&prng, 7);
    u8 at[256];
    for (int round = 0; round < 20000; round++) {
        enum cut_kind kind = round % 2 ? CUT_CSV : CUT_LINES;
        u64 size = random_text(&prng, at, sizeof at), target = 1 + prng_below(&prng, 60);
        for (u64 from = 0; from < size;) {
            struct cut cut = cut_morsel(kind, at, from, size, true, target, 1000);
            CHECK(!cut.more && !cut.long_record && cut.end > from && cut.end <= size);
            u64 records = 0, end = from;
            bool ended = true;
            while (end < cut.end) {
                end = plain_end(kind, at, end, size, &ended);
                records++;
            }
            CHECK_EQ(end, cut.end);
            CHECK(records == 1 || cut.end - from <= target);
            if (cut.end <= from) return;
            from = cut.end;
        }
    }
}

static void a_part_of_a_record_waits_for_the_rest(void) {
    const u8 at[] = "one,\"two\nthree";
    CHECK(cut_morsel(CUT_CSV, at, 0, sizeof at - 1, false, 100, 1000).more);
    CHECK_EQ(cut_morsel(CUT_LINES, at, 0, sizeof at - 1, false, 100, 1000).end, 9);
    CHECK_EQ(cut_morsel(CUT_CSV, at, 0, sizeof at - 1, true, 100, 1000).end, sizeof at - 1);
}

static void a_quote_that_is_never_closed_costs_one_record(void) {
    u8 at[400];
    memset(at, 'x', sizeof at);
    at[3] = '"';
    for (u64 i = 9; i < sizeof at; i += 10) at[i] = '\n';
    struct cut cut = cut_morsel(CUT_CSV, at, 0, sizeof at, true, 16, 64);
    CHECK(cut.long_record);
    CHECK_EQ(cut.end, 70);
    cut = cut_morsel(CUT_CSV, at, cut.end, sizeof at, true, 16, 64);
    CHECK(!cut.long_record);
    CHECK_EQ(cut.end, 80);
}

static const struct test tests[] = {
    TEST(morsels_are_whole_records_and_cover_the_input),
    TEST(a_part_of_a_record_waits_for_the_rest),
    TEST(a_quote_that_is_never_closed_costs_one_record),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("cut", tests, argc, argv);
}
