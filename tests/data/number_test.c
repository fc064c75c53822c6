#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/prng.h"
#include "runtime/data/arith.h"
#include "runtime/data/number.h"
#include "tests/data/guarded.h"
#include "tests/support/suite.h"

/* ---- integers ---- */

static void digits_are_read_from_their_end_within_64_bytes(void) {
    struct guarded g = guarded_new(1);
    struct prng prng;
    char text[80];
    prng_init(&prng, 1);
    for (u32 turn = 0; turn < 20000; turn++) {
        u64 n = 1 + turn % 16, bad = 0;
        memset(text, "0 9a/:\xff\x80"[turn % 8], sizeof text);
        for (u64 i = 0; i < n; i++) text[64 + i] = (char)('0' + prng_below(&prng, 10));
        u64 want = 0;
        for (u64 i = 0; i < n; i++) want = want * 10 + (u64)(text[64 + i] - '0');
        u8 *at = turn % 2 ? guarded_put(&g, text, 64 + n, 64) + 64
                          : (u8 *)memcpy(g.at, text, 64 + n) + 64;
        CHECK_EQ(digits_padded(at + n, n, &bad), want);
        CHECK_EQ(bad, 0);
    }
    guarded_free(&g);
}

static void anything_but_1_to_16_digits_is_bad(void) {
    char text[160];
    for (u64 n = 1; n <= 16; n++)
        for (u64 i = 0; i < n; i++)
            for (u32 byte = 0; byte < 256; byte++) {
                u64 bad = 0;
                memset(text, '5', sizeof text);
                text[64 + i] = (char)byte;
                digits_padded((u8 *)text + 64 + n, n, &bad);
                if (!CHECK_EQ(bad != 0, byte < '0' || byte > '9')) return;
            }
    memset(text, '5', sizeof text);
    for (u64 n = 17; n < 300; n++) {
        u64 none = 0, many = 0;
        digits_padded((u8 *)text + 96, 0, &none);
        digits_padded((u8 *)text + 96, n, &many);
        CHECK(none && many);
    }
}

static bool plain_i64(const char *text, i64 *out) {
    char *end;
    const char *digits = text + (*text == '-' || *text == '+');
    if (*digits < '0' || *digits > '9') return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return !*end && !errno;
}
static bool plain_u64(const char *text, u64 *out) {
    char *end;
    const char *digits = text + (*text == '+');
    if (*digits < '0' || *digits > '9') return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return !*end && !errno;
}

static void check_integer(struct guarded *g, const char *text) {
    i64 i = 0, want_i = 0;
    u64 u = 0, want_u = 0, n = strlen(text);
    u8 *at = guarded_put(g, text, n, 0);
    bool ok_i = plain_i64(text, &want_i), ok_u = plain_u64(text, &want_u);
    if (!suite_check(parse_i64(at, n, &i) == ok_i && (!ok_i || i == want_i), text, __FILE__,
                     __LINE__))
        return;
    suite_check(parse_u64(at, n, &u) == ok_u && (!ok_u || u == want_u), text, __FILE__, __LINE__);
}

static void integers_are_parsed_as_strtoll_does_but_strictly(void) {
    static const char *const texts[] = {
        "",
        "-",
        "+",
        "0",
        "-0",
        "+0",
        "00",
        "007",
        "-1",
        "+1",
        "--1",
        "+-1",
        "1 ",
        " 1",
        "1.",
        "1e3",
        "0x10",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551620",
        "99999999999999999999",
        "100000000000000000000",
        "00000000000000000000000001",
        "0000000000000000000018446744073709551615",
        "-00000000000000000009223372036854775808",
        "12345678",
        "1234567a",
        "1234567890123456",
        "123456789012345/",
        "12345678:0123456",
        "\xff",
        "1\xb2",
    };
    struct guarded g = guarded_new(1);
    struct prng prng;
    prng_init(&prng, 2);
    for (u32 i = 0; i < sizeof texts / sizeof *texts; i++) check_integer(&g, texts[i]);
    for (u32 turn = 0; turn < 200000; turn++) {
        char text[48];
        u64 value = prng_next(&prng) >> prng_below(&prng, 64);
        snprintf(text, sizeof text, turn % 3 ? "%lld" : "%llu", (long long)value);
        if (turn % 5 == 0)
            text[prng_below(&prng, strlen(text))] = (char)(1 + prng_below(&prng, 255));
        check_integer(&g, text);
    }
    guarded_free(&g);
}

static void narrow_integers_know_their_range(void) {
    i8 b = 0;
    i16 h = 0;
    i32 i = 0;
    u8 ub = 0;
    u16 uh = 0;
    u32 ui = 0;
    CHECK(parse_i8("127", 3, &b) && b == 127 && parse_i8("-128", 4, &b) && b == -128);
    CHECK(!parse_i8("128", 3, &b) && !parse_i8("-129", 4, &b) && b == -128);
    CHECK(parse_i16("-32768", 6, &h) && h == INT16_MIN && !parse_i16("32768", 5, &h));
    CHECK(parse_i32("-2147483648", 11, &i) && i == INT32_MIN && !parse_i32("2147483648", 10, &i));
    CHECK(parse_u8("255", 3, &ub) && ub == 255 && !parse_u8("256", 3, &ub) &&
          !parse_u8("-1", 2, &ub));
    CHECK(parse_u16("65535", 5, &uh) && uh == 65535 && !parse_u16("65536", 5, &uh));
    CHECK(parse_u32("4294967295", 10, &ui) && ui == UINT32_MAX &&
          !parse_u32("4294967296", 10, &ui));
}

static void integers_are_written_as_printf_does(void) {
    struct prng prng;
    char got[FORMAT_ROOM + 1], want[FORMAT_ROOM];
    prng_init(&prng, 3);
    for (u32 turn = 0; turn < 200000; turn++) {
        u64 value = turn < 20 ? turn : prng_next(&prng) >> turn % 64;
        for (u64 i = 0, ten = 10; turn == 20 && i < 18; i++, ten *= 10) value = ten;
        got[format_u64(got, value)] = 0;
        snprintf(want, sizeof want, "%llu", (unsigned long long)value);
        if (!CHECK_STR(got, want)) break;
        got[format_i64(got, (i64)value)] = 0;
        snprintf(want, sizeof want, "%lld", (long long)value);
        if (!CHECK_STR(got, want)) break;
    }
    for (u64 ten = 1, i = 0; i < 20; ten *= 10, i++)
        for (u64 value = ten - 1; value != ten + 2; value++) {
            got[format_u64(got, value)] = 0;
            snprintf(want, sizeof want, "%llu", (unsigned long long)value);
            CHECK_STR(got, want);
        }
    got[format_i64(got, INT64_MIN)] = 0;
    CHECK_STR(got, "-9223372036854775808");
}

/* ---- floats ---- */

static double f64_of(u64 bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same_f64(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}
static bool same_f32(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

static const struct {
    u64 bits;
    const char *text;
} floats[] = {
#include "tests/data/float_vectors.inc"
};

static void floats_are_written_as_python_writes_them(void) {
    char got[FORMAT_ROOM + 1];
    for (u32 i = 0; i < sizeof floats / sizeof *floats; i++) {
        double back = 0;
        got[format_f64(got, f64_of(floats[i].bits))] = 0;
        CHECK_STR(got, floats[i].text);
        CHECK(parse_f64(got, strlen(got), &back) && same_f64(back, f64_of(floats[i].bits)));
    }
}

static void floats_read_back_as_they_were(void) {
    struct prng prng;
    char text[FORMAT_ROOM + 1];
    u64 wrong = 0;
    prng_init(&prng, 4);
    for (u32 turn = 0; turn < 500000; turn++) {
        double value = f64_of(prng_next(&prng)), back = 0;
        float narrow = 0, narrow_value;
        u32 bits = (u32)prng_next(&prng);
        text[format_f64(text, value)] = 0;
        wrong += !parse_f64(text, strlen(text), &back) || !same_f64(back, value) ||
                 !same_f64(strtod(text, NULL), value);
        memcpy(&narrow_value, &bits, sizeof bits);
        text[format_f32(text, narrow_value)] = 0;
        wrong += !parse_f32(text, strlen(text), &narrow) || !same_f32(narrow, narrow_value);
        wrong += !same_f32(strtof(text, NULL), narrow_value);
    }
    CHECK_EQ(wrong, 0);
}

/* Written with too few, enough and too many digits, and halfway between two floats. */
static void floats_are_parsed_as_strtod_does(void) {
    struct prng prng;
    struct guarded g = guarded_new(1);
    char text[1600];
    u64 wrong = 0;
    prng_init(&prng, 5);
    for (u32 turn = 0; turn < 300000; turn++) {
        double value =
                   f64_of(turn % 4 ? prng_next(&prng) : prng_next(&prng) >> prng_below(&prng, 40)),
               got = 0;
        float narrow = 0;
        if (turn % 3 == 0)
            value =
                f64_of((prng_next(&prng) & 0xfffffffffffff) | (u64)(1023 - 60 + turn % 140) << 52);
        if (!isfinite(value)) continue;
        if (turn % 7 == 0 && turn < 40000) {
            snprintf(text, sizeof text, "%.*f", (int)prng_below(&prng, 800),
                     fabs(value) < 1e300 ? value : 1e-300);
        } else if (turn % 7 == 1) { /* halfway, or next to it */
            long double half = ((long double)value + nextafter(value, INFINITY)) / 2;
            snprintf(text, sizeof text, "%.*Le", (int)prng_below(&prng, 60), half);
        } else {
            snprintf(text, sizeof text, "%.*e", (int)prng_below(&prng, 26), value);
        }
        u64 n = strlen(text);
        const u8 *at = guarded_put(&g, text, n, 0);
        wrong += !parse_f64(at, n, &got) || !same_f64(got, strtod(text, NULL));
        wrong += !parse_f32(at, n, &narrow) || !same_f32(narrow, strtof(text, NULL));
        if (wrong && !suite_check(false, text, __FILE__, __LINE__)) break;
    }
    guarded_free(&g);
}

static void hard_floats_are_parsed_right(void) {
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0000",
        "000.5",
        ".5",
        "5.",
        "+1",
        "1e5",
        "1E+5",
        "1e-5",
        "1e400",
        "-1e400",
        "1e-400",
        "0e999999999999",
        "1e-999999999999",
        "1e999999999999",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "9007199254740993",
        "9007199254740993.0000000000000000000000000000000000000000000001",
        "9007199254740992.99999999999999999999999999999999999",
        "6.02214076e23",
        "123456789012345678901234567890",
        "0.000000000000000000000000000000000000000000000001234567890123456789",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273"
        "854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704"
        "342711559699508093042880",
        "8388608.5",
        "8388609.5",
        "16777217",
        "1.1754943e-38",
        "1.17549429e-38",
        "7.0064923216240853e-46",
        "7.0064923216240854e-46",
        "3.4028235677973366e38",
    };
    char text[1400];
    for (u32 i = 0; i < sizeof texts / sizeof *texts; i++) {
        double got = 7;
        float narrow = 7;
        CHECK(parse_f64(texts[i], strlen(texts[i]), &got));
        suite_check(same_f64(got, strtod(texts[i], NULL)), texts[i], __FILE__, __LINE__);
        CHECK(parse_f32(texts[i], strlen(texts[i]), &narrow));
        suite_check(same_f32(narrow, strtof(texts[i], NULL)), texts[i], __FILE__, __LINE__);
    }
    /* 1200 digits, of which the last decides. */
    for (char last = '0'; last <= '1'; last++) {
        double got = 0;
        memset(text, '0', sizeof text);
        memcpy(text, "1.00000000000000011102230246251565404236316680908203125", 55);
        text[1200] = last;
        text[1201] = 0;
        CHECK(parse_f64(text, 1201, &got) && same_f64(got, strtod(text, NULL)));
    }
}

static void what_is_no_float_is_refused(void) {
    static const char *const texts[] = { "",    "-",     "+",     ".",       "-.",   "e5",  "1e",
                                         "1e+", "1e5.",  "1.2.3", " 1",      "1 ",   "--1", "+-1",
                                         "1,5", "0x1p3", "infin", "infinit", "nano", "1f",  "1_0",
                                         "in",  "na",    "-.e1",  "1e5e5",   "\xff" };
    static const char *const words[] = { "inf", "Inf", "INFINITY", "+infinity",
                                         "nan", "NaN", "-inf",     "-nan" };
    double value = 0;
    for (u32 i = 0; i < sizeof texts / sizeof *texts; i++)
        suite_check(!parse_f64(texts[i], strlen(texts[i]), &value), texts[i], __FILE__, __LINE__);
    for (u32 i = 0; i < sizeof words / sizeof *words; i++)
        suite_check(parse_f64(words[i], strlen(words[i]), &value) && !isfinite(value), words[i],
                    __FILE__, __LINE__);
}

static void bools_are_words_or_one_digit(void) {
    static const char *const no[] = { "", "tru", "truee", "yes", "2", "10", "t", "f", "on" };
    bool b = false;
    CHECK(parse_bool("true", 4, &b) && b && parse_bool("FALSE", 5, &b) && !b);
    CHECK(parse_bool("1", 1, &b) && b && parse_bool("0", 1, &b) && !b &&
          parse_bool("True", 4, &b) && b);
    for (u32 i = 0; i < sizeof no / sizeof *no; i++)
        suite_check(!parse_bool(no[i], strlen(no[i]), &b), no[i], __FILE__, __LINE__);
}

/* ---- arithmetic ---- */

static void integer_arithmetic_is_total(void) {
    i64 out = 7;
    u64 u = 7;
    CHECK_EQ(add_i64(INT64_MAX, 1), INT64_MIN);
    CHECK_EQ(sub_i64(INT64_MIN, 1), INT64_MAX);
    CHECK_EQ(mul_i64(INT64_MAX, 2), -2);
    CHECK_EQ(abs_i64(INT64_MIN), INT64_MIN);
    CHECK(!div_i64(1, 0, &out) && !mod_i64(1, 0, &out) && out == 7 && !div_u64(1, 0, &u) &&
          !mod_u64(1, 0, &u));
    CHECK(div_i64(INT64_MIN, -1, &out) && out == INT64_MIN && mod_i64(INT64_MIN, -1, &out) &&
          out == 0);
    CHECK(div_i64(-7, 2, &out) && out == -3 && mod_i64(-7, 2, &out) && out == -1);
    CHECK_EQ(shift_left(1, 64, 64), 0);
    CHECK_EQ(shift_left(1, 32, 32), 0);
    CHECK_EQ(shift_left(1, -1, 64), 0);
    CHECK_EQ(shift_left(1, 63, 64), 1ull << 63);
    CHECK_EQ(shift_right_i64(-8, 1, 64), -4);
    CHECK_EQ(shift_right_i64(-8, 64, 64), 0);
    CHECK_EQ(shift_right_u64(8, 3, 8), 1);
}

static void casts_from_floats_truncate_or_have_no_answer(void) {
    i64 i = 7;
    u64 u = 7;
    float f = 7;
    CHECK(f64_to_i64(-2.9, &i) && i == -2 && f64_to_i64(-0x1p63, &i) && i == INT64_MIN);
    CHECK(!f64_to_i64(0x1p63, &i) && !f64_to_i64(NAN, &i) && !f64_to_i64(-INFINITY, &i));
    CHECK(f64_to_u64(-0.9, &u) && u == 0 && !f64_to_u64(-1, &u) && !f64_to_u64(0x1p64, &u) &&
          !f64_to_u64(NAN, &u));
    CHECK(f64_to_u64(0x1.fffffffffffffp63, &u) && u == 0xfffffffffffff800ull);
    CHECK(!f64_to_f32(1e39, &f) && f64_to_f32(INFINITY, &f) && isinf(f) && f64_to_f32(0.1, &f) &&
          f == 0.1f);
}

static void float_functions_are_null_where_they_have_no_answer(void) {
    double out = 7;
    CHECK(!sqrt_f64(-1, &out) && sqrt_f64(4, &out) && out == 2 && sqrt_f64(-0.0, &out));
    CHECK(!log_f64(0, &out) && !log_f64(-1, &out) && log_f64(1, &out) && out == 0);
    CHECK(log_base_f64(1000, 10, &out) && out == 3 && !log_base_f64(2, 1, &out) &&
          !log_base_f64(2, -2, &out));
    CHECK(!div_f64(1, 0, &out) && !mod_f64(1, 0, &out) && mod_f64(-5.5, 2, &out) && out == -1.5);
    CHECK(round_f64(2.5) == 3 && round_f64(-2.5) == -3 && round_digits_f64(1.25, 1) == 1.3);
    CHECK(round_digits_f64(1234.5, -2) == 1200 && round_digits_f64(1.5, 400) == 1.5 &&
          round_digits_f64(1e308, 10) == 1e308);
    CHECK(round_digits_f64(1.5, INT64_MIN) == 0 && isnan(round_digits_f64(NAN, 2)));
    CHECK(compare_f64(NAN, INFINITY) > 0 && compare_f64(1, NAN) < 0 && compare_f64(NAN, NAN) == 0 &&
          compare_f64(-0.0, 0.0) == 0);
}

static void sizes_are_bytes_and_too_large_ones_are_none(void) {
    static const struct {
        const char *text;
        bool ok;
        u64 bytes;
    } cases[] = {
        { "0", true, 0 },
        { "512", true, 512 },
        { "7B", true, 7 },
        { "64KiB", true, 64 << 10 },
        { "1MiB", true, 1 << 20 },
        { "3GiB", true, 3ull << 30 },
        { "16777215TiB", true, 16777215ull << 40 },
        { "16777216TiB", false, 0 },
        { "18446744073709551616", false, 0 },
        { "", false, 0 },
        { "KiB", false, 0 },
        { "1kib", false, 0 },
        { "1 KiB", false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
    };
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        u64 bytes = 0;
        CHECK_EQ(parse_size(cases[i].text, strlen(cases[i].text), &bytes), cases[i].ok);
        CHECK_EQ(bytes, cases[i].bytes);
    }
}

static const struct test tests[] = {
    TEST(sizes_are_bytes_and_too_large_ones_are_none),
    TEST(digits_are_read_from_their_end_within_64_bytes),
    TEST(anything_but_1_to_16_digits_is_bad),
    TEST(integers_are_parsed_as_strtoll_does_but_strictly),
    TEST(narrow_integers_know_their_range),
    TEST(integers_are_written_as_printf_does),
    TEST(floats_are_written_as_python_writes_them),
    TEST(floats_read_back_as_they_were),
    TEST(floats_are_parsed_as_strtod_does),
    TEST(hard_floats_are_parsed_right),
    TEST(what_is_no_float_is_refused),
    TEST(bools_are_words_or_one_digit),
    TEST(integer_arithmetic_is_total),
    TEST(casts_from_floats_truncate_or_have_no_answer),
    TEST(float_functions_are_null_where_they_have_no_answer),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("number", tests, argc, argv);
}
