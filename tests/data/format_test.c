#include "runtime/base/prng.h"
#include "runtime/data/csv.h"
#include "runtime/data/encode.h"
#include "runtime/data/json.h"
#include "runtime/data/regex.h"
#include "runtime/data/scan.h"
#include "tests/data/guarded.h"
#include "tests/support/suite.h"

static struct str str(const char *text) {
    return (struct str){ text, strlen(text) };
}
static bool equal(struct str a, struct str b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static u64 random_text(struct prng *prng, char *to, u64 most) {
    static const char *const pieces[] = {
        "a", "b", ",",  "\"", "\n", "\r", "\\", "\t", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80",
        "/", " ", "xyz"
    };
    u64 size = 0, want = prng_below(prng, most - 4), plain = prng_below(prng, 3);
    while (size < want) {
        const char *piece = pieces[plain ? (prng_chance(prng, 1, 20) ? prng_below(prng, 14) : 0)
                                         : prng_below(prng, 14)];
        memcpy(to + size, piece, strlen(piece));
        size += strlen(piece);
    }
    return size;
}

/* ---- CSV ---- */

/* The fields with `|` between, null as `-`, texts that were in quotes as `'...'`; or `!`. */
static void csv_fields(struct guarded *g, const char *record, char *to) {
    struct scratch scratch;
    struct csv_record r;
    enum csv_kind kind;
    struct str text;
    bool first = true;
    scratch_init(&scratch);
    csv_record_begin(&r, guarded_put(g, record, strlen(record), 0), strlen(record), ',');
    for (char *start = to; csv_record_next(&r, &scratch, &kind, &text); first = false) {
        if (!first) *to++ = '|';
        if (kind == CSV_BROKEN) {
            to = start;
            *to++ = '!';
            break;
        }
        if (kind == CSV_EMPTY) *to++ = '-';
        if (kind == CSV_QUOTED) *to++ = '\'';
        memcpy(to, text.at, text.size);
        to += text.size;
        if (kind == CSV_QUOTED) *to++ = '\'';
    }
    *to = 0;
    scratch_fini(&scratch);
}

static void csv_records_are_taken_apart(void) {
    static const struct {
        const char *record, *fields;
    } rows[] = {
        { "a,b\n", "a|b" },
        { "a,b", "a|b" },
        { "a,b\r\n", "a|b" },
        { "\n", "-" },
        { "", "-" },
        { ",\n", "-|-" },
        { "\"\",a\n", "''|a" },
        { "\"a,b\",\"c\"\"d\"\r\n", "'a,b'|'c\"d'" },
        { "\"a\nb\",c\nd", "'a\nb'|c" },
        { "\"\"\"\"\n", "'\"'" },
        { "a\"b,c\n", "!" },
        { "\"a\"b,c\n", "!" },
        { "\"a\n", "!" },
        { "\"\n", "!" },
        { "\"a\"\"\n", "!" },
        { "a,\"b\" \n", "!" },
        { " \"b\"\n", "!" },
        { "a\rb\n", "a\rb" },
    };
    struct guarded g = guarded_new(1);
    char got[256];
    for (u32 i = 0; i < sizeof rows / sizeof *rows; i++) {
        csv_fields(&g, rows[i].record, got);
        CHECK_STR(got, rows[i].fields);
    }
    guarded_free(&g);
}

/* What is written is read back, by records and by the places of a scan. */
static void csv_texts_come_back_as_they_were_written(void) {
    static u32 ends[SCAN_ENDS];
    static char texts[8][64];
    struct scratch scratch;
    struct prng prng;
    struct out out;
    scratch_init(&scratch);
    out_init(&out);
    prng_init(&prng, 7);
    for (u32 turn = 0; turn < 20000; turn++) {
        u64 sizes[8], n = 1 + prng_below(&prng, 8);
        u8 delimiter = (u8) ",;\t"[turn % 3];
        out_clear(&out);
        scratch_reset(&scratch);
        for (u64 i = 0; i < n; i++) {
            if (i) out_byte(&out, delimiter);
            sizes[i] = random_text(&prng, texts[i], sizeof texts[i]);
            out_csv_text(&out, (struct str){ texts[i], sizes[i] }, delimiter);
        }
        out_bytes(&out, "\r\nx", 3);
        struct scan scan = scan_csv(out.start, out_size(&out), delimiter, ends);
        struct csv_record r;
        enum csv_kind kind;
        struct str text;
        csv_record_begin(&r, out.start, out_size(&out), delimiter);
        bool good = scan.count == n && scan.lines == 1 && r.size == ends[n - 1] + 1u;
        u32 start = 0;
        for (u64 i = 0; good && i < n; start = ends[i++] + 1) {
            struct str want = { texts[i], sizes[i] };
            const u8 *end = i + 1 < n ? out.start + ends[i] : csv_last_end(out.start + ends[i]);
            good = csv_record_next(&r, &scratch, &kind, &text) && kind != CSV_BROKEN &&
                   equal(text, want);
            enum csv_kind same =
                csv_field(out.start + start, (u64)(end - out.start) - start, &scratch, &text);
            good = good && same == kind && equal(text, want) && (kind == CSV_QUOTED || sizes[i]);
        }
        if (!CHECK(good && !csv_record_next(&r, &scratch, &kind, &text))) break;
    }
    out_fini(&out);
    scratch_fini(&scratch);
}

/* ---- JSON ---- */

/* Members as `key=kind:text` with `|` between, or `!`. */
static void json_members(struct guarded *g, const char *line, u64 size, char *to) {
    static const char kinds[] = "0ftns[";
    struct scratch scratch;
    struct json_walk w;
    struct json_value value;
    struct str key;
    enum json_step step;
    char *start = to;
    scratch_init(&scratch);
    json_walk_begin(&w, guarded_put(g, line, size, 0), size, &scratch);
    while ((step = json_walk_next(&w, &key, &value)) == JSON_MEMBER) {
        if (to != start) *to++ = '|';
        to = mempcpy(to, key.at, key.size);
        *to++ = '=';
        *to++ = kinds[value.kind];
        to = mempcpy(to, value.text.at, value.text.size);
    }
    if (step == JSON_BROKEN) {
        to = start;
        *to++ = '!';
    }
    *to = 0;
    scratch_fini(&scratch);
}

static const struct {
    const char *line, *members;
} json_lines[] = {
    { "{}", "" },
    { " { } \r\n", "" },
    { "{\"a\":1}", "a=n1" },
    { "{ \"a\" : -0.5e+3 , \"b\":\"x\" }\n", "a=n-0.5e+3|b=sx" },
    { "{\"a\":null,\"b\":true,\"c\":false}", "a=0null|b=ttrue|c=ffalse" },
    { "{\"a\":{\"b\":[1,\"}\",null]},\"c\":[]}", "a=[{\"b\":[1,\"}\",null]}|c=[[]" },
    { "{\"a\":1,\"a\":2}", "a=n1|a=n2" },
    { "{\"\":\"\"}", "=s" },
    { "{\"\\u0061\\n\":\"\\ud83d\\ude00\\u00e9\\\"\\\\\\/\\b\\f\\r\\t\"}",
      "a\n=s\xf0\x9f\x98\x80\xc3\xa9\"\\/\b\f\r\t" },
    { "", "!" },
    { "[]", "!" },
    { "1", "!" },
    { "{", "!" },
    { "{\"a\"", "!" },
    { "{\"a\":", "!" },
    { "{\"a\":1", "!" },
    { "{\"a\":1,", "!" },
    { "{\"a\":1,}", "!" },
    { "{,\"a\":1}", "!" },
    { "{\"a\" 1}", "!" },
    { "{a:1}", "!" },
    { "{'a':1}", "!" },
    { "{\"a\":1 \"b\":2}", "!" },
    { "{\"a\":1}}", "!" },
    { "{\"a\":1} x", "!" },
    { "{\"a\":01}", "!" },
    { "{\"a\":+1}", "!" },
    { "{\"a\":1.}", "!" },
    { "{\"a\":.5}", "!" },
    { "{\"a\":1e}", "!" },
    { "{\"a\":-}", "!" },
    { "{\"a\":0x1}", "!" },
    { "{\"a\":NaN}", "!" },
    { "{\"a\":nul}", "!" },
    { "{\"a\":True}", "!" },
    { "{\"a\":truex}", "!" },
    { "{\"a\":\"x}", "!" },
    { "{\"a\":\"\\x\"}", "!" },
    { "{\"a\":\"\\u12g4\"}", "!" },
    { "{\"a\":\"\\u123\"}", "!" },
    { "{\"a\":\"\\ud800\"}", "!" },
    { "{\"a\":\"\\udc00\"}", "!" },
    { "{\"a\":\"\\ud800\\u0041\"}", "!" },
    { "{\"a\":\"\\ud800x\"}", "!" },
    { "{\"a\":\"\t\"}", "!" },
    { "{\"a\":\"\\\t\"}", "!" },
    { "{\"a\":\"\\", "!" },
    { "{\"a\":\"\\\"", "!" },
    { "{\"a\":[1,]}", "!" },
    { "{\"a\":[1 2]}", "!" },
    { "{\"a\":{\"b\"}}", "!" },
    { "{\"a\":{1:2}}", "!" },
    { "{\"a\":[}", "!" },
    { "{\"a\":[\"\\q\"]}", "!" },
    { "{\"a\":1}\v", "!" },
    { "{\"a\":-01}", "!" },
};

static void json_objects_are_walked(void) {
    struct guarded g = guarded_new(1);
    char got[256];
    for (u32 i = 0; i < sizeof json_lines / sizeof *json_lines; i++) {
        json_members(&g, json_lines[i].line, strlen(json_lines[i].line), got);
        suite_check_text(got, json_lines[i].members, json_lines[i].line, __FILE__, __LINE__);
    }
    json_members(&g, "{\"a\":\"x\\u0000y\"}", 16, got);
    CHECK(memcmp(got, "a=sx\0y", 7) == 0);
    guarded_free(&g);
}

static void a_cut_json_line_is_broken_wherever_it_is_cut(void) {
    static const char line[] =
        "{\"a\":[1,{\"b\":\"\\u00e9\\\\\"}],\"c\":-1.5e3,\"d\":true,\"e\":\"\\ud83d\\ude00\"}";
    struct guarded g = guarded_new(1);
    char got[256];
    for (u64 size = 0; size + 1 < sizeof line; size++) {
        json_members(&g, line, size, got);
        CHECK_STR(got, "!");
    }
    json_members(&g, line, sizeof line - 1, got);
    CHECK(got[0] == 'a');
    guarded_free(&g);
}

static void nesting_has_a_limit(void) {
    struct guarded g = guarded_new(1);
    char line[1024], got[2048];
    for (u32 depth = 1; depth < 200; depth++) {
        char *to = mempcpy(line, "{\"a\":", 5);
        memset(to, '[', depth);
        memset(to + depth, ']', depth);
        to[2 * depth] = '}';
        json_members(&g, line, 6 + 2 * (u64)depth, got);
        CHECK_EQ(got[0] == '!', depth > JSON_DEPTH - 1);
    }
    guarded_free(&g);
}

static void json_texts_come_back_as_they_were_written(void) {
    static u32 ends[SCAN_ENDS];
    static char key[64], text[256];
    struct scratch scratch;
    struct prng prng;
    struct out out;
    scratch_init(&scratch);
    out_init(&out);
    prng_init(&prng, 8);
    for (u32 turn = 0; turn < 20000; turn++) {
        struct str want_key = { key, random_text(&prng, key, sizeof key) },
                   want = { text, random_text(&prng, text, sizeof text) }, got_key, got;
        struct json_walk w;
        struct json_value value;
        out_clear(&out);
        scratch_reset(&scratch);
        out_byte(&out, '{');
        out_json_text(&out, want_key);
        out_byte(&out, ':');
        out_json_text(&out, want);
        out_bytes(&out, "}\n", 2);
        struct scan scan = scan_json(out.start, out_size(&out), ends);
        bool good =
            scan.count == 5 && scan.lines == 1 && !(scan.flags & SCAN_CONTROL) && ends[0] == 1;
        good = good &&
               json_string(out.start + ends[2] + 1, ends[3] - ends[2] - 1, &scratch, &got) &&
               equal(got, want);
        json_walk_begin(&w, out.start, out_size(&out), &scratch);
        good = good && json_walk_next(&w, &got_key, &value) == JSON_MEMBER &&
               equal(got_key, want_key) && equal(value.text, want);
        if (!CHECK(good && json_walk_next(&w, &got_key, &value) == JSON_END)) break;
    }
    out_fini(&out);
    scratch_fini(&scratch);
}

static void glue_is_compared_to_the_last_byte(void) {
    static const char glue[] = ",\"abcdefghijklmnopqrstuvwxyz\":\"";
    for (u32 n = 1; n < sizeof glue; n++) {
        u8 text[64];
        memcpy(text, glue, sizeof glue);
        CHECK_EQ(json_glue(text, glue, n), 0);
        for (u32 i = 0; i < sizeof glue; i++) {
            text[i] ^= 1;
            CHECK_EQ(json_glue(text, glue, n) != 0, i < n);
            text[i] ^= 1;
        }
    }
}

static void rows_are_checked_between_the_places_of_their_quotes(void) {
    static const struct {
        const char *row; /* of a key `k` and a bare value, and a key `next` and a text */
        bool good;
    } rows[] = {
        { "{\"k\":12,\"next\":\"v\",\"z\":1}\n", true },
        { "{\"k\": 12, \"next\": \"v\", \"z\": 1}\n", true },
        { "{\"k\":,\"next\":\"v\",\"z\":1}\n", false },
        { "{\"k\" 12,\"next\":\"v\",\"z\":1}\n", false },
        { "{\"k\":12 \"next\":\"v\",\"z\":1}\n", false },
        { "{\"j\":12,\"next\":\"v\",\"z\":1}\n", false },
        { "{\"k\":12,\"nexT\":\"v\",\"z\":1}\n", false },
        { "{\"k\":12,\"nex\":\"v\",\"z\":1}\n", false },
        { "{\"k\":12,\"next\":  \"v\",\"z\":1}\n", false },
        { "{\"k\":12,\"next\",\"v\",\"z\":1}\n", false },
        { "{\"k\":12,\"next\":\"v\":\"z\":1}\n", false },
        { "{\"k\":12,\"next\":\"v\",\"z\":1]\n", false },
        { "{\"k\":12,\"next\":\"v\",\"z\":}\n", false },
    };
    static u32 f[SCAN_ENDS];
    for (u32 i = 0; i < sizeof rows / sizeof *rows; i++) {
        const u8 *p = (const u8 *)rows[i].row, *start, *end;
        struct scan scan = scan_json(p, strlen(rows[i].row), f);
        bool good = scan.count == 9 && json_key_is(p, f[0], f[1], "k", 1) &&
                    json_bare(p, f[1], f[2], &start, &end);
        good = good && end - start == 2 && memcmp(start, "12", 2) == 0 && !json_is_null(start, end);
        good = good && json_key_is(p, f[2], f[3], "next", 4) && json_is_colon(p, f[3], f[4]);
        good = good && json_is_comma(p, f[5], f[6]) &&
               json_bare_last(p, f[7], f[8], &start, &end) && *start == '1';
        suite_check(good == rows[i].good, rows[i].row, __FILE__, __LINE__);
    }
}

/* ---- values ---- */

static void values_are_written_into_a_buffer_that_grows(void) {
    struct out out;
    out_init(&out);
    for (u32 i = 0; i < 3000; i++) {
        out_i64(&out, -5);
        out_byte(&out, ',');
        out_u64(&out, 7);
        out_f64(&out, 0.5);
        out_f32(&out, 1);
        out_bool(&out, false);
        out_timestamp(&out, 0);
        out_duration(&out, NS_PER_SECOND);
        out_json_f64(&out, 0.0 / 0.0);
        out_json_f32(&out, 2.5f);
        out_bytes(&out, NULL, 0);
        out_csv_text(&out, (struct str){ 0 }, ',');
        out_json_text(&out, (struct str){ 0 });
    }
    static const char row[] = "-5,70.51.0false1970-01-01T00:00:00Z1snull2.5\"\"\"\"";
    CHECK_EQ(out_size(&out), 3000 * (sizeof row - 1));
    CHECK(memcmp(out.at - sizeof row + 1, row, sizeof row - 1) == 0 &&
          memcmp(out.start, row, sizeof row - 1) == 0);
    out_fini(&out);
}

/* ---- regular expressions ---- */

static void regex_finds_and_extracts(void) {
    char error[REGEX_ERROR_ROOM];
    u64 at = 0;
    struct regex *r = regex_compile("(&|^)channel_id=([^&]*)", 23, &at, error);
    if (!CHECK(r)) return;
    struct regex_use use = { r, regex_match_new(r) };
    struct str out;
    CHECK_EQ(regex_groups(r), 2);
    CHECK(regex_like(&use, str("a=1&channel_id=apple&b")) &&
          !regex_like(&use, str("xchannel_id=1")));
    CHECK(regex_extract(&use, str("a=1&channel_id=apple&b"), 2, &out) && equal(out, str("apple")));
    CHECK(regex_extract(&use, str("channel_id="), 1, &out) && out.size == 0);
    CHECK(!regex_extract(&use, str("nothing"), 2, &out) &&
          !regex_extract(&use, str("channel_id=1"), 3, &out));
    CHECK(!regex_like(&use, (struct str){ 0 }));
    regex_match_free(use.match);
    regex_free(r);
}

static void a_group_that_took_no_part_is_no_text(void) {
    char error[REGEX_ERROR_ROOM];
    u64 at;
    struct regex *r = regex_compile("(a)|(b)", 7, &at, error);
    struct regex_use use = { r, regex_match_new(r) };
    struct str out;
    CHECK(!regex_extract(&use, str("b"), 1, &out) && regex_extract(&use, str("b"), 2, &out));
    regex_match_free(use.match);
    regex_free(r);
}

static void a_wrong_pattern_says_where(void) {
    char error[REGEX_ERROR_ROOM];
    u64 at = 0;
    CHECK(!regex_compile("a(b", 3, &at, error));
    CHECK_EQ(at, 3);
    CHECK(strlen(error) > 0);
    CHECK(!regex_compile("[z-a]", 5, &at, error) && !regex_compile("\\C", 2, &at, error));
}

static void classes_are_ascii_and_characters_whole(void) {
    char error[REGEX_ERROR_ROOM];
    u64 at;
    struct regex *word = regex_compile("^\\w+$", 5, &at, error),
                 *one = regex_compile("^.$", 3, &at, error);
    struct regex_use word_use = { word, regex_match_new(word) },
                     one_use = { one, regex_match_new(one) };
    CHECK(regex_like(&word_use, str("abc_1")) && !regex_like(&word_use, str("\xc3\xa9")));
    CHECK(regex_like(&one_use, str("\xf0\x9f\x98\x80")));
    regex_match_free(word_use.match);
    regex_match_free(one_use.match);
    regex_free(word);
    regex_free(one);
}

static void a_match_without_end_is_given_up(void) {
    char error[REGEX_ERROR_ROOM];
    u64 at;
    struct regex *r = regex_compile("^(a+)+$", 7, &at, error);
    struct regex_use use = { r, regex_match_new(r) };
    CHECK(!regex_like(
        &use, str("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")));
    CHECK(regex_like(&use, str("aaaa")));
    regex_match_free(use.match);
    regex_free(r);
}

static const struct test tests[] = {
    TEST(csv_records_are_taken_apart),
    TEST(csv_texts_come_back_as_they_were_written),
    TEST(json_objects_are_walked),
    TEST(a_cut_json_line_is_broken_wherever_it_is_cut),
    TEST(nesting_has_a_limit),
    TEST(json_texts_come_back_as_they_were_written),
    TEST(rows_are_checked_between_the_places_of_their_quotes),
    TEST(glue_is_compared_to_the_last_byte),
    TEST(values_are_written_into_a_buffer_that_grows),
    TEST(regex_finds_and_extracts),
    TEST(a_group_that_took_no_part_is_no_text),
    TEST(a_wrong_pattern_says_where),
    TEST(classes_are_ascii_and_characters_whole),
    TEST(a_match_without_end_is_given_up),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("format", tests, argc, argv);
}
