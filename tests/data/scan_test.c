#include "runtime/base/prng.h"
#include "runtime/data/scan.h"
#include "runtime/data/simd.h"
#include "tests/data/guarded.h"
#include "tests/support/suite.h"

#define TEXT_MAX SCAN_PIECE

static u32 ends[SCAN_ENDS], wanted[SCAN_ENDS];

/* ---- byte by byte, as the contracts say ---- */

static u32 flags_of(const u8 *at, u64 size) {
    u32 flags = 0;
    for (u64 i = 0; i < size; i++) {
        if (at[i] >= 0x80) flags |= SCAN_HIGH;
        if (at[i] < 0x20 && at[i] != '\n') flags |= SCAN_CONTROL;
    }
    return flags;
}

static struct scan plain_lines(const u8 *at, u64 size) {
    struct scan scan = { .flags = flags_of(at, size) };
    for (u64 i = 0; i < size; i++)
        if (at[i] == '\n') wanted[scan.count++] = (u32)i;
    scan.lines = scan.count;
    return scan;
}

static struct scan plain_csv(const u8 *at, u64 size, u8 delimiter) {
    struct scan scan = { .flags = flags_of(at, size) };
    bool inside = false;
    for (u64 i = 0; i < size; i++) {
        if (at[i] == '"') {
            inside = !inside;
            scan.flags |= SCAN_QUOTE;
        }
        if (inside || (at[i] != '\n' && at[i] != delimiter)) continue;
        wanted[scan.count++] = (u32)i;
        scan.lines += at[i] == '\n';
    }
    return scan;
}

static struct scan plain_json(const u8 *at, u64 size) {
    struct scan scan = { .flags = flags_of(at, size) };
    bool escaped = false;
    for (u64 i = 0; i < size; i++) {
        if (at[i] == '\n' || (at[i] == '"' && !escaped)) wanted[scan.count++] = (u32)i;
        scan.lines += at[i] == '\n';
        if (at[i] == '\\') scan.flags |= SCAN_BACKSLASH;
        escaped = at[i] == '\\' && !escaped;
    }
    return scan;
}

enum kind { LINES, CSV, CSV_BLANK, JSON, KINDS };

static bool agree(const struct simd *simd, enum kind kind, const u8 *at, u64 size) {
    struct scan got, want;
    u8 delimiter = kind == CSV ? ',' : ' ';
    if (kind == LINES) {
        want = plain_lines(at, size);
        got = scan_lines_by(simd, at, size, ends);
    } else if (kind == JSON) {
        want = plain_json(at, size);
        got = scan_json_by(simd, at, size, ends);
    } else {
        want = plain_csv(at, size, delimiter);
        got = scan_csv_by(simd, at, size, delimiter, ends);
    }
    return got.count == want.count && got.lines == want.lines && got.flags == want.flags &&
           memcmp(ends, wanted, got.count * sizeof *ends) == 0;
}

/* Bytes of an alphabet, so that what matters comes often, or seldom. */
static void fill(struct prng *prng, u8 *at, u64 size) {
    static const char *const alphabets[] = { "a,\n\"\\ ",
                                             "\\\\\\\\\"",
                                             "aaaaaaaaaaaaaaaaaaaa,\n",
                                             "abcdefgh\",\n\r\t z",
                                             "abc, \n\xc3\xa9\"",
                                             "\n",
                                             "x" };
    const char *alphabet = alphabets[prng_below(prng, sizeof alphabets / sizeof *alphabets)];
    u64 n = strlen(alphabet);
    for (u64 i = 0; i < size; i++) at[i] = (u8)alphabet[prng_below(prng, n)];
}

static void every_level_lists_the_places_that_a_plain_loop_finds(void) {
    struct guarded g = guarded_new(16);
    struct prng prng;
    u8 text[256];
    prng_init(&prng, 1);
    for (u32 level = 0; level < SIMD_LEVELS; level++) {
        const struct simd *simd = simd_at(level);
        u64 wrong = 0;
        for (u64 size = 0; simd && size <= 200; size++)
            for (u32 turn = 0; turn < 64 * KINDS; turn++) {
                fill(&prng, text, size);
                u8 *at = turn % 2 ? guarded_put(&g, text, size, 0) : memcpy(g.at, text, size);
                wrong += !agree(simd, turn % KINDS, at, size);
            }
        if (simd && !CHECK_EQ(wrong, 0))
            suite_check_text(simd->name, "", "level", __FILE__, __LINE__);
    }
    guarded_free(&g);
}

static void whole_pieces_are_listed_alike_at_every_level(void) {
    static u8 text[TEXT_MAX];
    struct guarded g = guarded_new(16);
    struct prng prng;
    prng_init(&prng, 2);
    for (u32 turn = 0; turn < 400; turn++) {
        u64 size = turn % 3 ? TEXT_MAX : TEXT_MAX - prng_below(&prng, 2000);
        for (u64 i = 0; i < size; i += 100) fill(&prng, text + i, size - i < 100 ? size - i : 100);
        u8 *at = guarded_put(&g, text, size, 0);
        for (u32 level = 0; level < SIMD_LEVELS; level++)
            if (simd_at(level)) CHECK(agree(simd_at(level), turn % KINDS, at, size));
    }
    guarded_free(&g);
}

static void a_piece_is_regular_if_every_record_has_the_fields(void) {
    const char *good = "1,2,3\n4,5,6\n7,8", *few = "1,2,3\n4,5\n6,7,8\n",
               *many = "1,2,3\n4,5,6,7\n";
    CHECK(scan_is_regular((const u8 *)good, ends, scan_csv((const u8 *)good, 15, ',', ends), 3));
    CHECK(!scan_is_regular((const u8 *)few, ends, scan_csv((const u8 *)few, 16, ',', ends), 3));
    CHECK(!scan_is_regular((const u8 *)many, ends, scan_csv((const u8 *)many, 14, ',', ends), 3));
}

static void a_record_that_the_piece_cuts_is_none_of_its_records(void) {
    const char *cut = "1,a,x\n2,b", *more = "1,a,x\n2,b,y,", *lone = "1,a,x,";
    CHECK(scan_is_regular((const u8 *)cut, ends, scan_csv((const u8 *)cut, 9, ',', ends), 3));
    CHECK(!scan_is_regular((const u8 *)more, ends, scan_csv((const u8 *)more, 12, ',', ends), 3));
    CHECK(!scan_is_regular((const u8 *)lone, ends, scan_csv((const u8 *)lone, 6, ',', ends), 3));
}

static void records_are_taken_one_by_one_where_a_piece_is_not_regular(void) {
    const u8 *text = (const u8 *)"1,2\n3\n\n4,5";
    struct scan scan = scan_csv(text, 10, ',', ends);
    CHECK_EQ(scan_places(text, ends, ends + scan.count), 2);
    CHECK_EQ(scan_places(text, ends + 2, ends + scan.count), 1);
    CHECK_EQ(scan_places(text, ends + 3, ends + scan.count), 1);
    CHECK_EQ(scan_places(text, ends + 4, ends + scan.count), 0);
    CHECK_EQ(scan_whole(text, ends, scan), 7);
    CHECK_EQ(scan_byte(text, 10, ','), 1);
    CHECK_EQ(scan_byte(text, 10, ';'), 10);
    CHECK_EQ(scan_byte(NULL, 0, ';'), 0);
}

static void bytes_are_counted(void) {
    struct guarded g = guarded_new(2);
    struct prng prng;
    u8 text[3000];
    prng_init(&prng, 3);
    for (u32 turn = 0; turn < 3000; turn++) {
        u64 size = prng_below(&prng, turn % 2 ? 100 : sizeof text), n = 0;
        u8 byte = (u8) "\",\n "[turn % 4];
        fill(&prng, text, size);
        for (u64 i = 0; i < size; i++) n += text[i] == byte;
        CHECK_EQ(scan_count(guarded_put(&g, text, size, 0), size, byte), n);
    }
    guarded_free(&g);
}

/* ---- UTF-8 ---- */

/* By decoding, and comparing with what encodes to it. */
static bool plain_utf8(const u8 *at, u64 size) {
    for (u64 i = 0; i < size;) {
        u32 n = at[i] < 0x80       ? 1
                : at[i] >> 5 == 6  ? 2
                : at[i] >> 4 == 14 ? 3
                : at[i] >> 3 == 30 ? 4
                                   : 0;
        if (n == 0 || size - i < n) return false;
        u32 c = n == 1 ? at[i] : at[i] & (0x7fu >> n);
        for (u32 k = 1; k < n; k++) {
            if (at[i + k] >> 6 != 2) return false;
            c = c << 6 | (at[i + k] & 0x3f);
        }
        u32 least = n == 1 ? 0 : n == 2 ? 0x80 : n == 3 ? 0x800 : 0x10000;
        if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
        i += n;
    }
    return true;
}

static u64 disagreements(const u8 *at, u64 size) {
    bool valid = plain_utf8(at, size);
    u64 wrong = 0;
    for (u32 level = 0; level < SIMD_LEVELS; level++)
        if (simd_at(level)) wrong += simd_at(level)->utf8_valid(at, size) != valid;
    return wrong;
}

static void every_sequence_of_three_bytes_is_judged_right(void) {
    u64 wrong = 0;
    for (u32 lead = 0x70; lead < 256; lead++)
        for (u32 rest = 0; rest < 65536; rest += lead >= 0xc0 || lead == 0x80 ? 1 : 7) {
            u8 text[3] = { (u8)lead, (u8)(rest >> 8), (u8)rest };
            wrong += disagreements(text, 3) + disagreements(text, 2);
        }
    CHECK_EQ(wrong, 0);
}

static void sequences_of_four_bytes_are_judged_right(void) {
    u64 wrong = 0;
    for (u32 lead = 0xf0; lead < 0xf8; lead++)
        for (u32 second = 0; second < 256; second++)
            for (u32 rest = 0; rest < 81; rest++) {
                static const u8 edges[] = { 0, 0x7f, 0x80, 0x81, 0xa0, 0xbf, 0xc0, 0xf0, 0xff };
                u8 text[5] = { (u8)lead, (u8)second, edges[rest / 9], edges[rest % 9], 'a' };
                wrong += disagreements(text, 5) + disagreements(text, 4);
            }
    CHECK_EQ(wrong, 0);
}

static void utf8_is_judged_right_wherever_it_stands(void) {
    static const char *const pieces[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                          "\xed\x9f\xbf" };
    struct guarded g = guarded_new(1);
    struct prng prng;
    u64 wrong = 0;
    prng_init(&prng, 4);
    for (u32 turn = 0; turn < 60000; turn++) {
        u8 text[600];
        u64 size = 0, most = prng_below(&prng, turn % 4 ? 100 : 500);
        while (size < most) {
            const char *piece = pieces[prng_chance(&prng, turn % 8, 20) ? prng_below(&prng, 5) : 0];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        if (size && turn % 2) text[prng_below(&prng, size)] = (u8)prng_next(&prng);
        if (size && turn % 5 == 0) size -= prng_below(&prng, size < 4 ? size : 4);
        wrong += disagreements(guarded_put(&g, text, size, 0), size);
    }
    CHECK_EQ(wrong, 0);
    guarded_free(&g);
}

static const struct test tests[] = {
    TEST(every_level_lists_the_places_that_a_plain_loop_finds),
    TEST(whole_pieces_are_listed_alike_at_every_level),
    TEST(a_piece_is_regular_if_every_record_has_the_fields),
    TEST(a_record_that_the_piece_cuts_is_none_of_its_records),
    TEST(records_are_taken_one_by_one_where_a_piece_is_not_regular),
    TEST(bytes_are_counted),
    TEST(every_sequence_of_three_bytes_is_judged_right),
    TEST(sequences_of_four_bytes_are_judged_right),
    TEST(utf8_is_judged_right_wherever_it_stands),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("scan", tests, argc, argv);
}
