#include "runtime/base/prng.h"
#include "runtime/data/strings.h"
#include "tests/data/guarded.h"
#include "tests/support/suite.h"

static struct str str(const char *text) {
    return (struct str){ text, strlen(text) };
}
static bool is(struct str s, const char *want) {
    return s.size == strlen(want) && (s.size == 0 || memcmp(s.at, want, s.size) == 0);
}

static u64 encode(u32 c, char *to) {
    u64 n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (u64 i = n; i-- > 1; c >>= 6) to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(n == 1 ? c : 0xf00u >> n | c);
    return n;
}

static const struct {
    u32 c, lower, upper;
} cases[] = {
#include "tests/data/case_vectors.inc"
};

static void case_maps_each_character_to_one(void) {
    struct scratch scratch;
    u64 wrong = 0;
    scratch_init(&scratch);
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[8] = "Az", want[8];
        u64 n = encode(cases[i].c, text + 2);
        struct str s = { text, 2 + n };
        scratch_reset(&scratch);
        struct str lower = str_lower(s, &scratch), upper = str_upper(s, &scratch);
        n = encode(cases[i].lower, want);
        wrong += lower.size != 2 + n || memcmp(lower.at, "az", 2) != 0 ||
                 memcmp(lower.at + 2, want, n) != 0;
        n = encode(cases[i].upper, want);
        wrong += upper.size != 2 + n || memcmp(upper.at, "AZ", 2) != 0 ||
                 memcmp(upper.at + 2, want, n) != 0;
    }
    CHECK_EQ(wrong, 0);
    scratch_fini(&scratch);
}

static void case_of_ascii_is_changed_at_every_size(void) {
    struct guarded g = guarded_new(1);
    struct scratch scratch;
    struct prng prng;
    char text[200], lower[200], upper[200];
    scratch_init(&scratch);
    prng_init(&prng, 1);
    for (u64 size = 0; size < sizeof text; size++) {
        for (u64 i = 0; i < size; i++) {
            char c = text[i] = (char)prng_below(&prng, 128);
            lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            upper[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
        }
        struct str s = { (char *)guarded_put(&g, text, size, 0), size };
        CHECK(str_equal(str_lower(s, &scratch), (struct str){ lower, size }));
        CHECK(str_equal(str_upper(s, &scratch), (struct str){ upper, size }));
    }
    scratch_fini(&scratch);
    guarded_free(&g);
}

static void texts_compare_by_bytes(void) {
    struct str none = { 0 };
    CHECK(str_equal(none, str("")) && !str_equal(str("a"), str("b")) &&
          !str_equal(str("a"), str("ab")));
    CHECK(str_compare(str("a"), str("ab")) < 0 && str_compare(str("b"), str("ab")) > 0 &&
          str_compare(none, str("")) == 0);
    CHECK(str_compare(str("z"), str("\xc3\xa9")) < 0);
    CHECK(str_starts_with(str("abc"), str("ab")) && str_starts_with(none, none) &&
          !str_starts_with(str("a"), str("ab")));
    CHECK(str_ends_with(str("abc"), str("bc")) && str_ends_with(str("abc"), none) &&
          !str_ends_with(str("abc"), str("ab")));
    CHECK(str_contains(str("abc"), str("b")) && str_contains(str("abc"), str("bc")) &&
          str_contains(none, none));
    CHECK(!str_contains(str("abc"), str("abcd")) && !str_contains(none, str("a")) &&
          !str_contains(str("abc"), str("cb")));
}

static void positions_count_characters(void) {
    struct str s = str("h\xc3\xa9llo \xf0\x9f\x98\x80!");
    CHECK_EQ(str_length(s), 8);
    CHECK_EQ(str_byte_length(s), 12);
    CHECK(is(str_substring(s, 1, 1), "\xc3\xa9") && is(str_substring(s, 6, 1), "\xf0\x9f\x98\x80"));
    CHECK(is(str_substring_from(s, 6), "\xf0\x9f\x98\x80!") && is(str_substring_from(s, 0), s.at));
    CHECK(is(str_substring_from(s, -2), "\xf0\x9f\x98\x80!") &&
          is(str_substring(s, -8, 2), "h\xc3\xa9"));
    CHECK(is(str_substring_from(s, -9), "") && is(str_substring_from(s, 8), "") &&
          is(str_substring_from(s, 100), ""));
    CHECK(is(str_substring(s, 2, 0), "") && is(str_substring(s, 2, -1), "") &&
          is(str_substring(s, 7, INT64_MAX), "!"));
    CHECK(is(str_substring(s, INT64_MIN, 1), "") && is(str_substring(s, INT64_MAX, 1), ""));
}

static void blanks_at_the_ends_are_trimmed(void) {
    CHECK(is(str_trim(str(" \t\n\v\f\ra b \r\n")), "a b") && is(str_trim(str("   ")), "") &&
          is(str_trim(str("")), ""));
    CHECK(is(str_trim(str("\xc2\xa0x")), "\xc2\xa0x"));
}

static void every_occurrence_is_replaced(void) {
    struct scratch s;
    scratch_init(&s);
    CHECK(is(str_replace(str("aXbX"), str("X"), str("--"), &s), "a--b--"));
    CHECK(is(str_replace(str("aaaaa"), str("aa"), str("b"), &s), "bba"));
    CHECK(is(str_replace(str("aaa"), str("a"), str(""), &s), ""));
    CHECK(is(str_replace(str("abc"), str(""), str("x"), &s), "abc"));
    CHECK(is(str_replace(str("abc"), str("z"), str("x"), &s), "abc"));
    CHECK(is(str_replace((struct str){ 0 }, str("a"), str("x"), &s), ""));
    struct str parts[] = { str("a"), { 0 }, str("bc"), str("") };
    CHECK(is(str_concat(parts, 4, &s), "abc") && is(str_concat(parts, 0, &s), ""));
    scratch_fini(&s);
}

static void pieces_are_found_by_number(void) {
    struct str url = str("https://www.nexmark.com/a/b/item.htm?query=1"), piece;
    CHECK(str_split_index(url, str("/"), 3, &piece) && is(piece, "a"));
    CHECK(str_split_index(url, str("/"), 1, &piece) && is(piece, ""));
    CHECK(!str_split_index(url, str("/"), 6, &piece) &&
          !str_split_index(url, str("/"), -1, &piece));
    CHECK(str_split_index(str(""), str("/"), 0, &piece) && is(piece, ""));
}

static void values_become_texts(void) {
    struct scratch s;
    scratch_init(&s);
    CHECK(is(str_of_i64(-5, &s), "-5") && is(str_of_u64(UINT64_MAX, &s), "18446744073709551615"));
    CHECK(is(str_of_f64(20, &s), "20.0") && is(str_of_f32(0.1f, &s), "0.1") &&
          is(str_of_bool(true), "true"));
    CHECK(is(str_of_timestamp(0, &s), "1970-01-01T00:00:00Z") && is(str_of_duration(0, &s), "0s"));
    scratch_fini(&s);
}

static void bytes_become_text_with_a_mark_for_each_that_is_none(void) {
    static const struct {
        const char *bytes, *want;
    } texts[] = { { "", "" },
                  { "plain", "plain" },
                  { "stra\xc3\x9f"
                    "e",
                    "straße" },
                  { "stra\xdf"
                    "e",
                    "stra\xef\xbf\xbd"
                    "e" },
                  { "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
                  { "cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd" } };
    struct scratch scratch;
    scratch_init(&scratch);
    for (u32 i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct str s = str_of_bytes((const u8 *)texts[i].bytes, strlen(texts[i].bytes), &scratch);
        CHECK(is(s, texts[i].want));
    }
    scratch_fini(&scratch);
}

static void scratch_keeps_what_it_gave_until_the_reset(void) {
    struct scratch s;
    struct prng prng;
    u8 *pieces[300];
    u64 sizes[300];
    scratch_init(&s);
    prng_init(&prng, 2);
    for (u32 turn = 0; turn < 200; turn++) {
        u32 n = (u32)prng_below(&prng, 300);
        bool kept = true;
        for (u32 i = 0; i < n; i++) {
            sizes[i] = prng_below(&prng, turn % 20 ? 300 : 200000);
            pieces[i] = scratch_take(&s, sizes[i]);
            memset(pieces[i], (int)i, sizes[i]);
        }
        for (u32 i = 0; i < n; i++)
            for (u64 k = 0; k < sizes[i]; k += 97) kept &= pieces[i][k] == (u8)i;
        CHECK(kept);
        scratch_reset(&s);
    }
    u8 *first = scratch_take(&s, 10);
    scratch_give_back(&s, first + 4);
    CHECK(scratch_take(&s, 1) == first + 4);
    scratch_fini(&s);
}

static void like_knows_any_text_and_any_character(void) {
    static const struct {
        const char *text, *pattern;
        bool fits;
    } cases[] = {
        { "", "", true },           { "", "%", true },        { "", "_", false },
        { "abc", "abc", true },     { "abc", "ab", false },   { "abc", "abcd", false },
        { "abc", "a%", true },      { "abc", "%c", true },    { "abc", "%b%", true },
        { "abc", "a_c", true },     { "abc", "____", false }, { "abc", "%%%_", true },
        { "aXbXc", "a%X_", true },  { "aab", "%ab", true },   { "abab", "%ab%ab", true },
        { "aba", "%ab%ab", false }, { "ü", "_", true },       { "üx", "__x", false },
        { "a€ü", "a%_", true },     { "a%b", "a%b", true },
    };
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_EQ(str_like(str(cases[i].text), str(cases[i].pattern)), cases[i].fits);
}

static const struct test tests[] = {
    TEST(case_maps_each_character_to_one),
    TEST(case_of_ascii_is_changed_at_every_size),
    TEST(texts_compare_by_bytes),
    TEST(positions_count_characters),
    TEST(blanks_at_the_ends_are_trimmed),
    TEST(every_occurrence_is_replaced),
    TEST(pieces_are_found_by_number),
    TEST(values_become_texts),
    TEST(bytes_become_text_with_a_mark_for_each_that_is_none),
    TEST(scratch_keeps_what_it_gave_until_the_reset),
    TEST(like_knows_any_text_and_any_character),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("strings", tests, argc, argv);
}
