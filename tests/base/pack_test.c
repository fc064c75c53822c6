#include "runtime/base/pack.h"

#include "tests/support/suite.h"

#include <string.h>

static void what_is_packed_comes_out_in_the_same_order(void) {
    struct pack p;
    pack_init(&p);
    pack_u8(&p, 7);
    pack_u32(&p, 0xdeadbeef);
    pack_u64(&p, UINT64_MAX);
    pack_i64(&p, INT64_MIN);
    pack_text(&p, "dam");
    pack_text(&p, NULL);
    struct unpack u = unpack_of(p.at, p.size);
    CHECK_EQ(unpack_u8(&u), 7);
    CHECK_EQ(unpack_u32(&u), 0xdeadbeef);
    CHECK(unpack_u64(&u) == UINT64_MAX);
    CHECK(unpack_i64(&u) == INT64_MIN);
    struct str text = unpack_bytes(&u);
    CHECK(text.size == 3 && !memcmp(text.at, "dam", 3));
    CHECK(!unpack_is_done(&u));
    CHECK_EQ(unpack_bytes(&u).size, 0);
    CHECK(unpack_is_done(&u));
    pack_fini(&p);
}

static void reading_stops_at_every_cut_and_gives_zeros_from_there(void) {
    struct pack p;
    pack_init(&p);
    pack_u32(&p, 1);
    pack_bytes(&p, "0123456789", 10);
    pack_i64(&p, -1);
    for (u64 size = 0; size < p.size; size++) {
        struct unpack u = unpack_of(p.at, size);
        unpack_u32(&u);
        struct unpack part = unpack_part(&u);
        unpack_room(&part, 10);
        CHECK(unpack_i64(&u) == 0);
        CHECK(u.bad && !unpack_is_done(&u));
        CHECK(part.bad == (size < 22));
    }
    pack_fini(&p);
}

static void a_size_beyond_the_end_is_bad(void) {
    u64 size = UINT64_MAX;
    struct unpack u = unpack_of(&size, sizeof size);
    CHECK_EQ(unpack_bytes(&u).size, 0);
    CHECK(u.bad);
}

static const struct test tests[] = {
    TEST(what_is_packed_comes_out_in_the_same_order),
    TEST(reading_stops_at_every_cut_and_gives_zeros_from_there),
    TEST(a_size_beyond_the_end_is_bad),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("pack", tests, argc, argv);
}
