#include "runtime/base/prng.h"
#include "runtime/data/regex.h"
#include "runtime/data/simd.h"
#include "runtime/data/split.h"
#include "tests/data/guarded.h"
#include "tests/support/suite.h"

static struct str str(const char *text) {
    return (struct str){ text, strlen(text) };
}

/* ---- classes ---- */

static const char *const classes[] = {
    "\\W+",
    "\\w+",
    "\\s+",
    "\\S+",
    "\\d+",
    "\\D+",
    " +",
    ",+",
    "\\.+",
    "\\t+",
    "\\x2c+",
    "\\x{7f}+",
    "\\x0+",
    "[\\x00-\\x20]+",
    "[^a-z]+",
    "[a-z_]+",
    "[]a]+",
    "[^]a]+",
    "[a-]+",
    "[-a]+",
    "[\\]\\-\\\\]+",
    "[[:alpha:]]+",
    "[[:^alpha:]x]+",
    "[^[:punct:]]+",
    "[\\w.]+",
    "[\\W\\d]+",
    "[^\\W]+",
    "[^\\s,;]+",
    "[[:space:][:digit:]]+",
    "[ ,;]+",
    "[[:print:]]+",
    "[[:graph:]]+",
    "[[:cntrl:]]+",
    "[[:xdigit:]]+",
    "[[:word:]]+",
    "[[:ascii:]]+",
    "[[:blank:]]+",
    "[[:upper:][:lower:]]+",
    "[[:alnum:]]+",
    "[a^]+",
    "[.]+",
    "[$]+",
    "]+",
    "}+",
    "[\\n-\\r]+",
    "[\\e\\a\\f]+",
    "[[a]+",
};

/* A character's UTF-8. */
static u64 encode(u32 c, char *to) {
    u64 n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (u64 i = n; i-- > 1; c >>= 6) to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(n == 1 ? c : 0xf00u >> n | c);
    return n;
}

static void a_class_holds_what_pcre2_says_it_holds(void) {
    for (u32 i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct byte_class class;
        char text[4], error[REGEX_ERROR_ROOM];
        u64 at;
        if (!suite_check(byte_class_from_pattern(classes[i], strlen(classes[i]), &class),
                         classes[i], __FILE__, __LINE__))
            continue;
        struct regex *regex = regex_compile(classes[i], strlen(classes[i]), &at, error);
        if (!CHECK(regex)) continue;
        struct regex_use use = { regex, regex_match_new(regex) };
        u32 wrong = 0;
        for (u32 c = 0; c < 0x3000; c++) {
            struct str s = { text, encode(c, text) };
            if (c >= 0x80 && c < 0x100 && c % 3) continue;
            for (u64 k = 0; k < s.size; k++)
                wrong += byte_class_has(&class, (u8)text[k]) != regex_like(&use, s);
        }
        suite_check_equal(wrong, 0, classes[i], __FILE__, __LINE__);
        regex_match_free(use.match);
        regex_free(regex);
    }
}

static void what_is_no_repeated_class_is_left_to_regex(void) {
    static const char *const patterns[] = {
        "",
        "a",
        "+",
        "\\",
        "\\W",
        "\\W*",
        "\\W++",
        "\\W+?",
        "\\W+a",
        "a\\W+",
        "(a)+",
        ".+",
        "^+",
        "$+",
        "[a",
        "[a]",
        "[a]*",
        "[]+",
        "[^]+",
        "[z-a]+",
        "\\b+",
        "\\1+",
        "\\h+",
        "\\v+",
        "\\R+",
        "\\pL+",
        "[\\h]+",
        "[a-\\d]+",
        "[\\d-z]+",
        "[[:foo:]]+",
        "[[.a.]]+",
        "\xc3\xa9+",
        "[\xc3\xa9]+",
        "[^\xc3\xa9]+",
        "\\x80+",
        "[\\x80-\\xff]+",
        "\\x{100}+",
        "[\\x{1f600}]+",
        "[\\Qa\\E]+",
        "\\Q+",
        "a|b+",
        "[a]{2}",
        "\\x{}+",
        "\\x{41+",
        "[\\",
        "[a-",
        "[[:alpha:",
        "\\",
    };
    struct byte_class class;
    for (u32 i = 0; i < sizeof patterns / sizeof *patterns; i++)
        suite_check(!byte_class_from_pattern(patterns[i], strlen(patterns[i]), &class), patterns[i],
                    __FILE__, __LINE__);
}

/* ---- pieces ---- */

/* The pieces with `|` between, by a plain loop: a run of the class ends a piece. */
static void plain_split(struct str s, const struct byte_class *class, char *to) {
    for (u64 i = 0; i < s.size;) {
        if (!byte_class_has(class, (u8)s.at[i])) {
            *to++ = s.at[i++];
            continue;
        }
        while (i < s.size && byte_class_has(class, (u8)s.at[i])) i++;
        *to++ = '|';
    }
    *to = 0;
}

static char *add_piece(char *to, struct str piece, bool first) {
    if (!first) *to++ = '|';
    if (piece.size) memcpy(to, piece.at, piece.size);
    return to + piece.size;
}

static void class_split(const struct simd *simd, struct str s, const struct byte_class *class,
                        char *to) {
    struct split_class it;
    bool first = true;
    split_class_begin(&it, s, class);
    for (;; first = false) {
        struct str piece = { 0 };
        if (it.next == it.count && !split_class_more_by(simd, &it)) break;
        if (!CHECK(split_class_next(&it, &piece))) break;
        to = add_piece(to, piece, first);
    }
    *to = 0;
}

static void every_level_splits_as_a_plain_loop_does(void) {
    static char got[4096], want[4096];
    static const char *const patterns[] = { "\\W+", "[\\x00-\\x20]+", "x+", "[^x]+" };
    struct guarded g = guarded_new(1);
    struct prng prng;
    char text[1500];
    prng_init(&prng, 5);
    for (u32 turn = 0; turn < 30000; turn++) {
        const struct simd *simd = simd_at(turn % SIMD_LEVELS);
        struct byte_class class;
        const char *pattern = patterns[prng_below(&prng, 4)];
        u64 size = prng_below(&prng, turn % 8 ? 200 : sizeof text), run = 1 + prng_below(&prng, 90);
        for (u64 i = 0; i < size; i++)
            text[i] = "x x\xc3yy"[prng_chance(&prng, 1, run) ? prng_below(&prng, 6) : turn % 3];
        if (!simd || !CHECK(byte_class_from_pattern(pattern, strlen(pattern), &class))) continue;
        struct str s = {
            (char *)(turn % 2 ? guarded_put(&g, text, size, 0) : memcpy(g.at, text, size)), size
        };
        plain_split(s, &class, want);
        class_split(simd, s, &class, got);
        if (!CHECK_STR(got, want)) break;
    }
    guarded_free(&g);
}

static void regex_split_all(struct str s, const char *pattern, char *to) {
    char error[REGEX_ERROR_ROOM];
    u64 at;
    struct regex *regex = regex_compile(pattern, strlen(pattern), &at, error);
    if (!CHECK(regex)) return;
    struct regex_use use = { regex, regex_match_new(regex) };
    struct regex_split it;
    bool first = true;
    regex_split_begin(&it, s, &use);
    for (struct str piece = { 0 }; regex_split_next(&it, &piece); first = false)
        to = add_piece(to, piece, first);
    *to = 0;
    regex_match_free(use.match);
    regex_free(regex);
}

static void text_split_all(struct str s, struct str separator, char *to) {
    struct split_text it;
    bool first = true;
    split_text_begin(&it, s, separator);
    for (struct str piece = { 0 }; split_text_next(&it, &piece); first = false)
        to = add_piece(to, piece, first);
    *to = 0;
}

/* { pattern or separator, whether a pattern, text, pieces } as Python splits. */
static const struct {
    const char *by;
    bool is_pattern;
    const char *text, *pieces;
} vectors[] = {
#include "tests/data/split_vectors.inc"
};

static void pieces_are_those_of_python(void) {
    char got[512];
    for (u32 i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct byte_class class;
        if (!vectors[i].is_pattern) {
            text_split_all(str(vectors[i].text), str(vectors[i].by), got);
            CHECK_STR(got, vectors[i].pieces);
            continue;
        }
        regex_split_all(str(vectors[i].text), vectors[i].by, got);
        CHECK_STR(got, vectors[i].pieces);
        if (!byte_class_from_pattern(vectors[i].by, strlen(vectors[i].by), &class)) continue;
        class_split(simd_best(), str(vectors[i].text), &class, got);
        CHECK_STR(got, vectors[i].pieces);
    }
}

static void an_empty_separator_separates_nothing(void) {
    char got[64];
    text_split_all(str("abc"), str(""), got);
    CHECK_STR(got, "abc");
    text_split_all((struct str){ 0 }, str(","), got);
    CHECK_STR(got, "");
}

static const struct test tests[] = {
    TEST(a_class_holds_what_pcre2_says_it_holds),  TEST(what_is_no_repeated_class_is_left_to_regex),
    TEST(every_level_splits_as_a_plain_loop_does), TEST(pieces_are_those_of_python),
    TEST(an_empty_separator_separates_nothing),    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("split", tests, argc, argv);
}
