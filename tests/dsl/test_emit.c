/* Generated C does what the language says: expressions, decoders, encoders, windows, look-ups; each
   job is compiled, with UBSan that traps, and run by hand. */
#include "tests/dsl/emitted.h"
#include "tests/support/suite.h"

#include "dsl/build.h"
#include "runtime/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- expressions ---- */

struct expression {
    const char *text, *value;
};

/* `n` is 7, `z` is 0 and `nothing` a null of i64: none is a constant to the compiler. */
static const struct expression expressions[] = {
    { "n + 1", "8" },
    { "n - 8", "-1" },
    { "9223372036854775807 + n", "-9223372036854775802" },
    { "-(z - 9223372036854775807 - 1)", "-9223372036854775808" },
    { "(z - 9223372036854775807 - 1) / (z - 1)", "-9223372036854775808" },
    { "(z - 9223372036854775807 - 1) % (z - 1)", "0" },
    { "n / z", "null" },
    { "n % z", "null" },
    { "(0 - n) / 2", "-3" },
    { "(0 - n) % 2", "-1" },
    { "n << 2", "28" },
    { "n << 64", "0" },
    { "n << (z - 1)", "0" },
    { "(0 - n) >> 1", "-4" },
    { "n >> 64", "0" },
    { "n & 3 | 8 ^ 1", "11" },
    { "~n", "-8" },
    { "(n as u8) + (250 as u8 ?? n as u8 ?? 0)", "1" },
    { "(n * 100) as u8", "null" },
    { "(0 - n) as u64", "null" },
    { "(n as i32) ?? 0", "7" },
    { "(n * 1000000000000) as i32", "null" },
    { "n as f64", "7.0" },
    { "n as f64 / 2.0", "3.5" },
    { "n as f64 / (z as f64)", "null" },
    { "(1e300 * 1e10 * (n as f64)) as i64", "null" },
    { "(0.0 - 2.9) as i64", "-2" },
    { "n as string", "7" },
    { "\"12\" as i64", "12" },
    { "\"12x\" as i64", "null" },
    { "\"2024-01-15T10:00:00Z\" as timestamp", "2024-01-15T10:00:00Z" },
    { "nothing + 1", "null" },
    { "nothing is null", "true" },
    { "nothing ?? n", "7" },
    { "nothing == 1", "null" },
    { "same(nothing, nothing)", "true" },
    { "same(nothing, n)", "false" },
    { "nothing == 1 and n == 8", "false" },
    { "nothing == 1 and n == 7", "null" },
    { "nothing == 1 or n == 7", "true" },
    { "nothing == 1 or n == 8", "null" },
    { "not (nothing == 1)", "null" },
    { "n in (1, 7)", "true" },
    { "n in (1, nothing)", "null" },
    { "n not in (1, 2)", "true" },
    { "nothing in (1, 2)", "null" },
    { "n between 7 and 9", "true" },
    { "case when n == 1 then \"a\" when nothing == 1 then \"b\" else \"c\" end", "c" },
    { "case when n == 1 then n end", "null" },
    { "if(n > z, n / z, n)", "null" },
    { "if(nothing == 1, 1, 2)", "2" },
    { "\"a\" + (n as string) + \"b\"", "a7b" },
    { "lower(\"ÄPFEL\") + upper(\"x\")", "äpfelX" },
    { "length(\"äöü\")", "3" },
    { "byte_length(\"äöü\")", "6" },
    { "substring(\"abcdef\", 2, 3)", "cde" },
    { "split_index(\"a/b/c\", \"/\", 1)", "b" },
    { "split_index(\"a/b/c\", \"/\", n)", "null" },
    { "regex_like(\"abc\", \"b.\")", "true" },
    { "regex_extract(\"k=42;\", \"=([0-9]+)\", 1)", "42" },
    { "regex_extract(\"k\", \"=([0-9]+)\", 1)", "null" },
    { "concat(\"a\", \"b\", n as string)", "ab7" },
    { "\"a\" < \"ab\"", "true" },
    { "min_of(n, nothing, 3)", "3" },
    { "max_of(nothing, nothing)", "null" },
    { "abs(z - 7)", "7" },
    { "sqrt(16.0)", "4.0" },
    { "sqrt(z as f64 - 1.0)", "null" },
    { "floor(2.5) + round(2.5)", "5.0" },
    { "hour(@2024-01-15T10:20:30Z)", "10" },
    { "trunc(@2024-01-15T10:20:30Z, 1h)", "2024-01-15T10:00:00Z" },
    { "trunc(@2024-01-15T10:20:30Z, \"month\")", "2024-01-01T00:00:00Z" },
    { "date_format(from_unix_ms(n * 1000), \"%H:%M:%S\")", "00:00:07" },
    { "@2024-01-15T10:00:00Z + 90m", "2024-01-15T11:30:00Z" },
    { "@2024-01-15T10:00:00Z - @2024-01-15T09:00:00Z", "1h" },
    { "(@2024-01-15T10:00:00Z - @2024-01-15T09:00:00Z) / 7m", "8" },
    { "from_unix_ms(9223372036854775807)", "2262-04-11T23:47:16.854775807Z" },
};

#define EXPRESSIONS (sizeof expressions / sizeof *expressions)

/* All in one job, a column each: one compilation. */
static void every_expression_has_the_value_of_the_language(void) {
    char *flow = malloc(1 << 16), *at = flow;
    struct emitted e;
    at += sprintf(at, "source s = sequence(total: 1);\n"
                      "s |> let z = n - 7, nothing = if(n == 0, n, null) |> select ");
    for (u32 i = 0; i < EXPRESSIONS; i++)
        at += sprintf(at, "%sx%u = %s", i ? ", " : "", i, expressions[i].text);
    sprintf(at, " |> into file(path: \"x\", format: csv, delimiter: \"|\");\n");
    CHECK(emitted_open(&e, flow));
    char *rows = strdup(emitted_generate(&e, 7, 1)), *next = rows;
    for (u32 i = 0; i < EXPRESSIONS; i++) {
        char *field = next + strcspn(next, "|\n");
        char got[200], want[200];
        *field = 0;
        snprintf(got, sizeof got, "%s = %s", expressions[i].text, *next ? next : "null");
        snprintf(want, sizeof want, "%s = %s", expressions[i].text, expressions[i].value);
        CHECK_STR(got, want);
        next = field + 1;
    }
    free(rows);
    free(flow);
    emitted_close(&e);
}

/* ---- decoders ---- */

#define FEED(e, text) emitted_feed(e, text, sizeof(text) - 1)

static void csv_is_decoded_and_what_is_malformed_is_named(void) {
    struct emitted e;
    CHECK(emitted_open(
        &e, "enum Unit { celsius, kelvin }\n"
            "type R { k: string, v: i32, w: u8?, u: Unit, note: string?, on: bool, f: f64 }\n"
            "source r: R = file(path: \"r\", format: csv) malformed skip;\n"
            "r |> into print();\n"));
    CHECK_STR(FEED(&e, "a,1,2,celsius,hi,true,1.5\n"
                       "b,-12,,kelvin,,false,-2\r\n"
                       "\n"
                       "\"q,\"\"\",3,255,kelvin,\"\",1,1e3\n"),
              "k=a v=1 w=2 u=celsius note=hi on=true f=1.5\n"
              "k=b v=-12 w=null u=kelvin note=null on=false f=-2.0\n"
              "k=\"q,\\\"\" v=3 w=255 u=kelvin note=\"\" on=true f=1000.0\n");
    CHECK_STR(FEED(&e, "a,x,2,celsius,hi,true,1.5\n"
                       "a,2147483648,2,celsius,hi,true,1.5\n"
                       "a,1,256,celsius,hi,true,1.5\n"
                       "a,1,2,rankine,hi,true,1.5\n"
                       "a,1,2,kelvin,hi,perhaps,1.5\n"
                       "a,,2,kelvin,hi,true,1.5\n"
                       "a,1,2,kelvin,hi,true\n"
                       "a,1,2,kelvin,hi,true,1,2\n"
                       "a\xff,1,2,kelvin,hi,true,1\n"
                       "last,1,2,kelvin,,true,0.5"),
              "!`v` is no i32\n!`v` is no i32\n!`w` is no u8\n!`u` is no Unit\n!`on` is no bool\n"
              "!`v` is empty\n!`f` is missing\n!more than 7 fields\n!`k` is not valid UTF-8\n"
              "k=last v=1 w=2 u=kelvin note=null on=true f=0.5\n");
    CHECK_STR(FEED(&e, "a\"b\",1,2,kelvin,hi,true,1\n"), "!a quote stands where none may\n");
    e.stop = true;
    CHECK_STR(FEED(&e, "x\nok,1,2,kelvin,,true,0.5\n"), "!`v` is missing\n");
    emitted_close(&e);
}

static void records_longer_than_a_piece_are_decoded_too(void) {
    struct emitted e;
    CHECK(emitted_open(&e, "type R { a: i64, text: string, b: i64 }\n"
                           "source r: R = file(path: \"r\", format: csv);\n"
                           "r |> select a, n = length(text), b |> into print();\n"));
    size_t size = 0, room = 1 << 20;
    char *bytes = malloc(room), want[200] = "";
    for (int i = 0; i < 3; i++) {
        u32 length = i == 1 ? 50000 : 16300;
        size += (size_t)sprintf(bytes + size, "%d,", i);
        memset(bytes + size, 'x', length);
        size += length;
        size += (size_t)sprintf(bytes + size, ",%d\n", -i);
        sprintf(want + strlen(want), "a=%d n=%u b=%d\n", i, length, -i);
    }
    CHECK_STR(emitted_feed(&e, bytes, size), want);
    free(bytes);
    emitted_close(&e);
}

static void json_is_decoded_in_any_order_and_what_is_malformed_is_named(void) {
    struct emitted e;
    CHECK(emitted_open(
        &e, "type R { k: string, v: i64, t: timestamp, on: bool, f: f64?, note: string? }\n"
            "source r: R = file(path: \"r\", format: json) malformed skip;\n"
            "r |> into file(path: \"o\", format: json);\n"));
    CHECK_STR(FEED(&e, "{\"k\":\"a\",\"v\":1,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true,\"f\":1.5,"
                       "\"note\":\"hi\"}\n"
                       "{\"k\": \"a\", \"v\": -2, \"t\": \"2024-01-15T10:00:00Z\", \"on\": false, "
                       "\"f\": null, \"note\": \"\"}\n"
                       "{\"v\":3,\"more\":[1,{}],\"t\":\"2024-01-15T10:00:00Z\",\"k\":"
                       "\"\\u00e4\\n\",\"on\":true}\n"
                       "\n"
                       "{\"k\":\"n\",\"v\":4,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true,\"f\":null,"
                       "\"note\":null}\n"),
              "{\"k\":\"a\",\"v\":1,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true,\"f\":1.5,\"note\":"
              "\"hi\"}\n"
              "{\"k\":\"a\",\"v\":-2,\"t\":\"2024-01-15T10:00:00Z\",\"on\":false,\"f\":null,"
              "\"note\":\"\"}\n"
              "{\"k\":\"ä\\n\",\"v\":3,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true,\"f\":null,"
              "\"note\":null}\n"
              "{\"k\":\"n\",\"v\":4,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true,\"f\":null,\"note\":"
              "null}\n");
    CHECK_STR(
        FEED(&e, "{\"k\":\"a\",\"v\":1.5,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true}\n"
                 "{\"k\":\"a\",\"v\":1,\"t\":\"yesterday\",\"on\":true}\n"
                 "{\"k\":\"a\",\"v\":1,\"t\":\"2024-01-15T10:00:00Z\",\"on\":1}\n"
                 "{\"k\":null,\"v\":1,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true}\n"
                 "{\"k\":\"a\",\"v\":1,\"t\":\"2024-01-15T10:00:00Z\"}\n"
                 "{\"k\":\"a\",\"v\":01,\"t\":\"2024-01-15T10:00:00Z\",\"on\":true,\"f\":1.5,"
                 "\"note\":\"hi\"}\n"
                 "[1]\n"
                 "{\"k\":\"a\"\n"),
        "!`v` is no i64\n!`t` is no timestamp\n!`on` is no bool\n!`k` is null\n!`on` is missing\n"
        "!not a JSON object\n!not a JSON object\n!not a JSON object\n");
    emitted_close(&e);
}

static void binary_rows_are_read_in_place_past_a_leading_condition(void) {
    struct emitted e;
    struct row {
        u8 kind;
        i32 price;
        i64 id;
    } rows[3000];
    CHECK(emitted_open(
        &e, "type R { kind: u8, price: i32, id: i64 }\n"
            "source r: R = file(path: \"r\", format: binary) time from_unix_ms(id) watermark "
            "ascending;\n"
            "r |> where kind == 1 and price > 0 |> key by kind |> window tumbling 1s\n"
            "  |> aggregate n = count(), s = sum(price), e = max(id) |> into print();\n"));
    for (int i = 0; i < 3000; i++) rows[i] = (struct row){ (u8)(i % 3), i % 7 - 1, i };
    i64 n[3] = { 0 }, s[3] = { 0 }, last[3] = { 0 };
    for (int i = 0; i < 3000; i++)
        if (i % 3 == 1 && i % 7 > 1) n[i / 1000]++, s[i / 1000] += i % 7 - 1, last[i / 1000] = i;
    char want[600] = "", *got;
    for (int i = 0; i < 3; i++)
        sprintf(want + strlen(want),
                "kind=1 window_start=1970-01-01T00:00:0%dZ window_end=1970-01-01T00:00:0%dZ n=%lld "
                "s=%lld e=%lld\n",
                i, i + 1, (long long)n[i], (long long)s[i], (long long)last[i]);
    got = strdup(emitted_feed(&e, (const char *)rows, sizeof rows));
    got = realloc(got, strlen(got) + 400);
    strcat(got, emitted_end(&e));
    CHECK_STR(got, want);
    free(got);
    emitted_close(&e);
}

/* ---- stages ---- */

static void aggregates_skip_nulls_and_are_null_without_a_value(void) {
    struct emitted e;
    CHECK(emitted_open(
        &e, "type R { k: string?, v: i64?, f: f64 }\n"
            "source r: R = file(path: \"r\", format: csv);\n"
            "r |> key by k |> window global |> aggregate n = count(), c = count(v), s = sum(v),\n"
            "  a = avg(v), lo = min(v), hi = max(v), fs = sum(f), fa = avg(f), fl = min(f),\n"
            "  big = count(where v > 10), bs = sum(v where v > 10)\n"
            "  |> into print();\n"));
    FEED(
        &e,
        "a,1,0.5\na,,1.5\n,9223372036854775807,1\n,1,1\na,20,-1\nlonger than fifteen bytes,,nan\n");
    const char *out = emitted_end(&e); /* shard by shard: in any order here */
    CHECK(strstr(
        out,
        "k=a n=3 c=2 s=21 a=10.5 lo=1 hi=20 fs=1.0 fa=0.3333333333333333 fl=-1.0 big=1 bs=20\n"));
    CHECK(strstr(out,
                 "k=null n=2 c=2 s=-9223372036854775808 a=4.611686018427388e+18 lo=1 "
                 "hi=9223372036854775807 fs=2.0 fa=1.0 fl=1.0 big=1 bs=9223372036854775807\n"));
    CHECK(strstr(
        out, "k=\"longer than fifteen bytes\" n=1 c=0 s=null a=null lo=null hi=null fs=nan fa=nan "
             "fl=nan big=0 bs=null\n"));
    CHECK_STR(emitted_end(&e), ""); /* they come out once */
    emitted_close(&e);
}

static void lookups_join_each_match_and_left_ones_keep_the_row(void) {
    struct emitted e;
    CHECK(emitted_open(
        &e, "type O { id: i64, product: string? }\n"
            "type P { id: string, price: i32?, on: bool }\n"
            "source o: O = file(path: \"o\", format: csv);\n"
            "table p: P key id = file(path: \"p\", format: csv);\n"
            "o |> left lookup p as p on p.id == product and p.on\n"
            "  |> select id, price = p.price, there = p is not null |> into print();\n"));
    emitted_load(&e, 0, "tea,3,true\nmilk,,true\ntea,4,true\nold,9,false\n");
    CHECK_STR(
        FEED(&e, "1,tea\n2,milk\n3,\n4,beer\n5,old\n"),
        "id=1 price=3 there=true\nid=1 price=4 there=true\nid=2 price=null there=true\n"
        "id=3 price=null there=false\nid=4 price=null there=false\nid=5 price=null there=false\n");
    emitted_close(&e);
}

static void explode_walks_pieces_of_texts_classes_and_patterns(void) {
    struct emitted e;
    CHECK(emitted_open(
        &e,
        "source l = file(path: \"l\", format: lines);\n"
        "stream a = l |> explode w = split(line, \",\") |> select how = \"text\", w;\n"
        "stream b = l |> explode w = regex_split(line, r\"[,;]+\") |> select how = \"class\", w;\n"
        "stream c = l |> explode w = regex_split(line, r\",|;;\") |> select how = \"regex\", w;\n"
        "a |> union b, c |> into print();\n"));
    CHECK_STR(FEED(&e, "x,,y;;z\n"),
              "how=text w=x\nhow=text w=\"\"\nhow=text w=y;;z\n"
              "how=class w=x\nhow=class w=y\nhow=class w=z\n"
              "how=regex w=x\nhow=regex w=\"\"\nhow=regex w=y\nhow=regex w=z\n");
    emitted_close(&e);
}

/* ---- hostile texts ---- */

static void what_the_user_wrote_never_becomes_c(void) {
    struct emitted e;
    CHECK(emitted_open(
        &e, "type R { `a\\\"); system(\\\"id` : string, `int` : i64, `*/ #error` : string }\n"
            "source `while`: R = file(path: \"r\", format: json);\n"
            "`while` |> where `*/ #error` != \"\\\"); abort(); //\" and `int` > 0\n"
            "  |> select `int`, `x?\?/` = \"%s%n ?\?/ \\u{1F600} \\n\" |> into file(path: \"o\", "
            "format: json);\n"));
    CHECK(!strstr(e.c_text, "system("));
    CHECK(!strstr(e.c_text, "abort("));
    CHECK(!strstr(e.c_text, "?\?"));
    emitted_close(&e);
}

/* ---- the compiler ---- */

static void an_object_is_built_once(void) {
    const char *text = "static int twice(int x) { return 2 * x; }\n";
    struct build first = { .flags = "-DTHIS_TEST" }, second = first;
    CHECK_EQ(build_job(text, strlen(text), &first), 0);
    CHECK_EQ(build_job(text, strlen(text), &second), 0);
    CHECK(second.cached);
    CHECK_STR(first.path, second.path);
    struct build other = { .flags = "-DANOTHER_TEST" };
    CHECK_EQ(build_job(text, strlen(text), &other), 0);
    CHECK(strcmp(first.path, other.path) != 0);
    unlink(first.path);
    unlink(other.path);
}

static void what_the_compiler_says_is_told(void) {
    struct build build = { 0 };
    const char *text = "int f( { }\n";
    CHECK_EQ(build_job(text, strlen(text), &build), -1);
    CHECK(strstr(error_text(), "error:") != NULL);
}

static void without_a_compiler_the_message_says_what_to_install(void) {
    char *path = strdup(getenv("PATH"));
    struct build build = { 0 };
    setenv("PATH", "/nowhere", 1);
    CHECK_EQ(build_job("int x;\n", 7, &build), -1);
    setenv("PATH", path, 1);
    free(path);
    CHECK(strstr(error_text(), "install gcc") != NULL);
}

static const struct test tests[] = {
    TEST(every_expression_has_the_value_of_the_language),
    TEST(csv_is_decoded_and_what_is_malformed_is_named),
    TEST(records_longer_than_a_piece_are_decoded_too),
    TEST(json_is_decoded_in_any_order_and_what_is_malformed_is_named),
    TEST(binary_rows_are_read_in_place_past_a_leading_condition),
    TEST(aggregates_skip_nulls_and_are_null_without_a_value),
    TEST(lookups_join_each_match_and_left_ones_keep_the_row),
    TEST(explode_walks_pieces_of_texts_classes_and_patterns),
    TEST(what_the_user_wrote_never_becomes_c),
    TEST(an_object_is_built_once),
    TEST(what_the_compiler_says_is_told),
    TEST(without_a_compiler_the_message_says_what_to_install),
    { 0 },
};

int main(int argc, char **argv) {
    char cache[] = P_tmpdir "/test_emit.XXXXXX";
    if (mkdtemp(cache)) setenv("XDG_CACHE_HOME", cache, 1);
    return suite_run("emit", tests, argc, argv);
}
