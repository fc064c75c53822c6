#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/hash.h"
#include "runtime/base/prng.h"
#include "runtime/base/text_buf.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void an_error_trail_reads_from_the_outside_in(void) {
    CHECK_EQ(error_set(ENOENT, "open %s", "data.csv"), -1);
    CHECK_EQ(error_add("reading job %s", "clicks.flow"), -1);
    CHECK_STR(error_text(), "reading job clicks.flow: open data.csv: No such file or directory");
    CHECK_EQ(error_number(), ENOENT);
    error_set(0, "line %d is too long", 7);
    CHECK_STR(error_text(), "line 7 is too long");
    CHECK_EQ(error_tell(EAGAIN, "%s is busy", "it"), -1);
    CHECK_STR(error_text(), "it is busy");
    CHECK_EQ(error_number(), EAGAIN);
    error_clear();
    CHECK_STR(error_text(), "");
    CHECK_EQ(error_number(), 0);
}

static void an_error_may_quote_the_trail_before_it(void) {
    error_set(0, "inner");
    error_set(0, "outer (%s)", error_text());
    CHECK_STR(error_text(), "outer (inner)");
    error_clear();
}

static void a_trail_without_end_loses_its_end(void) {
    char big[4000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    error_set(EIO, "%s", big);
    CHECK_EQ(strlen(error_text()), 2047);
    error_add("front");
    CHECK_EQ(strlen(error_text()), 2047);
    CHECK(!strncmp(error_text(), "front: xxx", 10));
    error_clear();
}

static void an_arena_gives_zeroed_aligned_pieces_of_any_size(void) {
    struct arena arena;
    arena_init(&arena);
    struct prng prng;
    prng_init(&prng, 1);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2000; i++) {
            size_t size = prng_below(&prng, prng_chance(&prng, 1, 100) ? 3000000 : 300);
            char *piece = arena_alloc(&arena, size);
            CHECK_EQ((uintptr_t)piece % 16, 0);
            CHECK(size == 0 || (piece[0] == 0 && piece[size - 1] == 0));
            memset(piece, 0xff, size);
        }
        arena_reset(&arena);
    }
    CHECK_STR(arena_printf(&arena, "%s %d", "row", 7), "row 7");
    for (int width = 250; width < 260; width++) {
        char *wide = arena_printf(&arena, "%*d", width, 7);
        CHECK_EQ(strlen(wide), width);
        CHECK_EQ(wide[width - 1], '7');
    }
    CHECK_STR(arena_copy(&arena, "wordy", 4), "word");
    CHECK_STR(arena_copy(&arena, NULL, 0), "");
    arena_fini(&arena);
}

static void a_text_buffer_always_ends_in_a_nul(void) {
    struct text_buf buf;
    text_buf_init(&buf);
    CHECK_STR(buf.at, "");
    for (int i = 0; i < 1000; i++) text_buf_printf(&buf, "%d,", i);
    CHECK_EQ(buf.size, 3890);
    CHECK_EQ(strlen(buf.at), buf.size);
    text_buf_clear(&buf);
    CHECK_STR(buf.at, "");
    text_buf_put(&buf, "a\0b", 3);
    text_buf_str(&buf, "c");
    CHECK_EQ(buf.size, 4);
    CHECK(!memcmp(buf.at, "a\0bc", 5));
    text_buf_fini(&buf);
}

static void hashes_spread_neighbours_over_all_shards(void) {
    for (u64 stride = 1; stride <= 1ull << 40; stride <<= 8) {
        u32 by_shard[128] = { 0 };
        for (u64 i = 0; i < 128 * 100; i++) by_shard[hash_u64(i * stride, 42) >> 57]++;
        for (int s = 0; s < 128; s++) CHECK(by_shard[s] > 50 && by_shard[s] < 160);
    }
    CHECK(hash_u64(1, 1) != hash_u64(1, 2));
}

static void every_byte_and_the_size_count_in_a_hash(void) {
    char text[100];
    for (size_t size = 0; size < sizeof text; size++) {
        /* An exact allocation, so that a sanitizer sees a read past the end. */
        char *exact = malloc(size ? size : 1);
        memset(text, 'a', sizeof text);
        memcpy(exact, text, size);
        u64 plain = hash_bytes(exact, size, 9);
        CHECK_EQ(plain, hash_bytes(text, size, 9));
        CHECK(plain != hash_bytes(exact, size, 10));
        for (size_t i = 0; i < size; i++) {
            exact[i]++;
            CHECK(plain != hash_bytes(exact, size, 9));
            exact[i]--;
        }
        if (size) CHECK(plain != hash_bytes(exact, size - 1, 9));
        free(exact);
    }
}

static void text_hashes_spread_over_all_shards(void) {
    u32 by_shard[128] = { 0 };
    struct text_buf buf;
    text_buf_init(&buf);
    for (u64 i = 0; i < 128 * 100; i++) {
        text_buf_clear(&buf);
        text_buf_printf(&buf, "https://example.org/item/%llu", (unsigned long long)i);
        by_shard[hash_bytes(buf.at, buf.size, 42) >> 57]++;
    }
    for (int s = 0; s < 128; s++) CHECK(by_shard[s] > 50 && by_shard[s] < 160);
    text_buf_fini(&buf);
}

static void the_same_seed_gives_the_same_numbers(void) {
    struct prng a, b;
    prng_init(&a, 7);
    prng_init(&b, 7);
    u32 hits = 0;
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ(prng_next(&a), prng_next(&b));
        CHECK(prng_below(&a, 10) < 10);
        prng_next(&b);
        hits += prng_chance(&a, 1, 4);
        prng_next(&b);
    }
    CHECK(hits > 200 && hits < 300);
}

static const struct test tests[] = {
    TEST(an_error_trail_reads_from_the_outside_in),
    TEST(an_error_may_quote_the_trail_before_it),
    TEST(a_trail_without_end_loses_its_end),
    TEST(an_arena_gives_zeroed_aligned_pieces_of_any_size),
    TEST(a_text_buffer_always_ends_in_a_nul),
    TEST(hashes_spread_neighbours_over_all_shards),
    TEST(every_byte_and_the_size_count_in_a_hash),
    TEST(text_hashes_spread_over_all_shards),
    TEST(the_same_seed_gives_the_same_numbers),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("base", tests, argc, argv);
}
