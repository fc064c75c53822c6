#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsl/ast_build.h"
#include "dsl/parse_internal.h"
#include "runtime/base/error.h"
#include "tests/dsl/front.h"
#include "tests/support/suite.h"

/* --- texts in files --- */

static int is_flow(const struct dirent *entry) {
    size_t size = strlen(entry->d_name);
    return size > 5 && strcmp(entry->d_name + size - 5, ".flow") == 0;
}

/* Each job of a folder, in the order of its names. The program stands in tests/dsl/parse. */
static void each_job(const char *folder, void (*visit)(const char *path)) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_flow, alphasort);
    if (!CHECK(count > 0)) return;
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        visit(path);
        free(entries[i]);
    }
    free(entries);
}

static void parses_in_silence(const char *path) {
    struct front f;
    front_open_file(&f, path);
    CHECK_STR(front_diags(&f, DIAG_PLAIN), "");
    CHECK(f.parse.files[0]->decls.count > 0);
    front_close(&f);
}

static void the_jobs_of_the_reference_parse_without_a_diagnostic(void) {
    each_job("good", parses_in_silence);
}

static void complains_as_expected(const char *path) {
    struct front f;
    front_open_file(&f, path);
    char name[512];
    snprintf(name, sizeof name, "%.*s.err", (int)strlen(path) - 5, path);
    front_expect(name, front_diags(&f, DIAG_PLAIN));
    front_close(&f);
}

static void malformed_jobs_are_told_what_is_wrong_and_where(void) {
    each_job("bad", complains_as_expected);
}

static void the_tree_of_every_alternative_prints_as_expected(void) {
    struct front f;
    front_open_file(&f, "good/grammar.flow");
    front_expect("good/grammar.ast", front_ast(&f));
    front_close(&f);
}

/* --- words and names --- */

static bool is_clean(const char *text) {
    struct front f;
    front_open(&f, text);
    bool clean = f.parse.diags.count == 0;
    front_close(&f);
    return clean;
}

static void every_word_but_eighteen_names_a_column(void) {
    u32 reserved = 0, words = 0;
    for (const char *word; (word = flow_word_text(words)); words++) {
        CHECK_EQ(flow_word(word, strlen(word)), T_ACCUMULATING + (int)words);
        char text[512];
        snprintf(text, sizeof text,
                 "type t { %s: i64 } stream %s = t |> select %s, x = %s + 1, y = t.%s |> "
                 "process { state %s: i64; on event { %s = 1; %s[1] = 2; %s(3); } };",
                 word, word, word, word, word, word, word, word, word);
        if (!is_clean(text)) reserved++;
        snprintf(text, sizeof text, "stream `%s` = t |> select `%s` as `%s`;", word, word, word);
        CHECK(is_clean(text));
    }
    CHECK_EQ(reserved, 18);
    CHECK_EQ(words, 137);
    CHECK_EQ(flow_word("selec", 5), T_IDENT);
    CHECK_EQ(flow_word("selects", 7), T_IDENT);
    CHECK_EQ(flow_word("Select", 6), T_IDENT);
}

/* --- literals --- */

/* The one expression of `set x = E;`, which lives as long as the front. */
static const struct ast_expr *literal(struct front *f, const char *written) {
    char text[256];
    snprintf(text, sizeof text, "set x = %s;", written);
    front_open(f, text);
    CHECK_STR(front_diags(f, DIAG_PLAIN), "");
    struct ast_decls decls = f->parse.files[0]->decls;
    return CHECK_EQ(decls.count, 1) ? decls.at[0]->set : NULL;
}

static void numbers_have_their_values(void) {
    static const struct {
        const char *written;
        u64 value;
    } cases[] = { { "0", 0 },
                  { "007", 7 },
                  { "1_000_000", 1000000 },
                  { "0x2a", 42 },
                  { "0XFF_FF", 65535 },
                  { "18446744073709551615", UINT64_MAX },
                  { "0xffffffffffffffff", UINT64_MAX } };
    struct front f;
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(literal(&f, cases[i].written)->integer == cases[i].value);
        front_close(&f);
    }
    const struct ast_expr *real = literal(&f, "1_234.5_6e-7");
    CHECK_STR(real->real.digits, "1234.56e-7");
    CHECK(real->real.value == 1234.56e-7);
    front_close(&f);
    CHECK(literal(&f, "64KiB")->size_bytes == 65536);
    front_close(&f);
    CHECK(literal(&f, "16777215TiB")->size_bytes == (u64)16777215 << 40);
    front_close(&f);
}

static void times_have_their_values(void) {
    static const struct {
        const char *written;
        i64 value;
    } cases[] = { { "0s", 0 },
                  { "50ns", 50 },
                  { "100us", 100000 },
                  { "1h30m", INT64_C(5400000000000) },
                  { "1d2h3m4s5ms6us7ns", INT64_C(93784005006007) },
                  { "9223372036854775807ns", INT64_MAX },
                  { "@1970-01-01T00:00:00Z", 0 },
                  { "@1970-01-01T00:00Z", 0 },
                  { "@1969-12-31T23:59:59.999999999Z", -1 },
                  { "@2024-01-15T10:00:00Z", INT64_C(1705312800000000000) },
                  { "@2024-01-15T10:00:00.25+01:00", INT64_C(1705309200250000000) },
                  { "@2024-01-15T10:00:00-01:30", INT64_C(1705318200000000000) },
                  { "@2000-02-29T00:00:00Z", INT64_C(951782400000000000) },
                  { "@2262-04-11T23:47:16.854775807Z", INT64_MAX },
                  { "@1677-09-21T00:12:43.145224192Z", INT64_MIN } };
    struct front f;
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ast_expr *expr = literal(&f, cases[i].written);
        CHECK_EQ(cases[i].written[0] == '@' ? expr->timestamp_ns : expr->duration_ns,
                 cases[i].value);
        front_close(&f);
    }
    CHECK_EQ(literal(&f, "@2024-01-15")->date_days, 19737);
    front_close(&f);
    CHECK_EQ(literal(&f, "@0000-01-01")->date_days, -719528);
    front_close(&f);
}

static void strings_are_decoded(void) {
    static const struct {
        const char *written, *value;
        u64 size;
    } cases[] = { { "\"\"", "", 0 },
                  { "\"a\\n\\t\\\\\\\"\\'\\x41\\101\\0z\"", "a\n\t\\\"'AA\0z", 10 },
                  { "\"\\u{e9}\\u{1F600}\\u{0}\"", "\xC3\xA9\xF0\x9F\x98\x80\0", 7 },
                  { "\"\\xC3\\xA9\"", "\xC3\xA9", 2 },
                  { "r\"\\W+\\\"", "\\W+\\", 4 },
                  { "\"// no /* comment */\"", "// no /* comment */", 19 } };
    struct front f;
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str string = literal(&f, cases[i].written)->string;
        if (CHECK_EQ(string.size, cases[i].size))
            CHECK_EQ(memcmp(string.at, cases[i].value, string.size + 1), 0);
        front_close(&f);
    }
}

/* --- the tree --- */

static void printed_expressions_parse_to_themselves(void) {
    static const char *const exprs[] = {
        "a or b and not c == d + e * -f.g[1] as i64? ?? 2",
        "a - b - c",
        "a ?? b ?? c",
        "not not a",
        "- - ~a",
        "x as list<map<string, list<i64>>>",
        "a between b and c and d",
        "a not in (1, \"x\", @2024-01-15) or b is not null",
        "case when a then b when c then d else e end",
        "if(a, b, c).d",
        "[1, [2], []]",
        "{ a, b = { c.*, * }, {} }",
        "f(distinct a, b where c > 1)",
        "a << b >> c & d ^ e | f",
        "`odd name`.`x y` % 2.50",
        "\"\\u{0}\\n\\\"\"",
        "1h30m / 50ns",
        "a == b or c != d",
    };
    for (u32 i = 0; i < sizeof exprs / sizeof *exprs; i++) {
        char text[512], again[512];
        snprintf(text, sizeof text, "a |> where %s;", exprs[i]);
        struct front f;
        front_open(&f, text);
        CHECK_STR(front_diags(&f, DIAG_PLAIN), "");
        const char *printed = strstr(front_ast(&f), "where ");
        snprintf(text, sizeof text, "a |> %.*s;", (int)strlen(printed) - 1, printed);
        snprintf(again, sizeof again, "%s", printed);
        front_close(&f);
        front_open(&f, text);
        CHECK_STR(front_diags(&f, DIAG_PLAIN), "");
        CHECK_STR(strstr(front_ast(&f), "where "), again);
        front_close(&f);
    }
}

static void check_span(struct front *f, struct span span, const char *text) {
    struct str at = text_of_span(&f->parse.texts, span);
    char copy[256];
    snprintf(copy, sizeof copy, "%.*s", (int)at.size, at.at);
    CHECK_STR(copy, text);
}

static void nodes_know_their_place(void) {
    struct front f;
    front_open(
        &f,
        "// one\nstream s = (a |> where x) as b |> left asof join c as d on (x + y) * 2 == d.e\n"
        "  keep 1h |> where a as list<list<i64>>? is null;");
    CHECK_STR(front_diags(&f, DIAG_PLAIN), "");
    const struct ast_decl *decl = f.parse.files[0]->decls.at[0];
    const struct ast_pipeline *pipeline = decl->stream.pipeline;
    const struct ast_stage *join = pipeline->stages.at[0];
    const struct ast_expr *on = join->join.on, *cast = pipeline->stages.at[1]->where->is_null.value;
    check_span(&f, decl->name.span, "s");
    check_span(&f, pipeline->head.span, "(a |> where x) as b");
    check_span(&f, pipeline->head.alias.span, "b");
    check_span(&f, join->word, "left asof join");
    check_span(&f, join->span, "left asof join c as d on (x + y) * 2 == d.e\n  keep 1h");
    check_span(&f, on->span, "(x + y) * 2 == d.e");
    check_span(&f, on->binary.op_span, "==");
    check_span(&f, on->binary.left->binary.left->span, "(x + y)");
    check_span(&f, on->binary.right->field.name.span, "e");
    check_span(&f, join->join.keep->span, "keep 1h");
    check_span(&f, cast->cast.type->span, "list<list<i64>>?");
    check_span(&f, cast->cast.type->element->span, "list<i64>");
    front_close(&f);
}

/* --- used files --- */

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    if (!CHECK(file)) return;
    fputs(text, file);
    fclose(file);
}

static void a_used_file_is_read_once_beside_the_one_that_uses_it(void) {
    char folder[] = "/tmp/flow-XXXXXX", path[256];
    if (!CHECK(mkdtemp(folder)) || !CHECK_EQ(chdir(folder), 0)) return;
    mkdir("sub", 0755);
    write_text("main.flow", "use \"sub/a.flow\"; use \"./sub/../b.flow\"; use \"b.flow\";");
    write_text("sub/a.flow", "use \"../b.flow\"; use \"c.flow\"; type A = i64;");
    write_text("b.flow", "use \"sub/c.flow\"; type B = i64;");
    write_text("sub/c.flow", "type C = nothing nothing;");
    snprintf(path, sizeof path, "%s/main.flow", folder);
    struct front f;
    front_open_file(&f, "main.flow");
    CHECK_EQ(f.parse.file_count, 4);
    CHECK_STR(text_of(&f.parse.texts, f.parse.files[1]->text)->path, "sub/a.flow");
    CHECK(strstr(front_diags(&f, DIAG_PLAIN), "sub/c.flow:1:18: error[E0101]"));
    CHECK_EQ(f.parse.diags.count, 1);
    front_close(&f);
    front_open_file(&f, path);
    CHECK_EQ(f.parse.file_count, 4);
    front_close(&f);
    CHECK_EQ(chdir(FLOW_DIR), 0);
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    CHECK_EQ(system(command), 0);
}

static void a_job_that_cannot_be_read_is_an_error_of_the_world(void) {
    static const struct {
        const char *path, *error;
    } cases[] = { { "no/such.flow", "open no/such.flow: No such file or directory" },
                  { ".", ". is a directory, not a job" },
                  { "/dev/zero", "/dev/zero is too large for a job: more than 16 MiB" } };
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        arena_init(&arena);
        struct parse parse;
        parse_init(&parse, &arena);
        CHECK_EQ(parse_file(&parse, cases[i].path), -1);
        CHECK_STR(error_text(), cases[i].error);
        arena_fini(&arena);
    }
}

/* --- texts that are none --- */

static void what_is_no_text_is_refused_at_its_first_bad_byte(void) {
    static const char nul[] = "set a = 1;\nset \0b = 2;";
    struct front f;
    front_open_bytes(&f, nul, sizeof nul - 1);
    CHECK_STR(front_diags(&f, DIAG_PLAIN), "job.flow:2:5: error[E0102]: a NUL byte in the text\n"
                                           "  2 | set \xEF\xBF\xBD"
                                           "b = 2;\n"
                                           "    |     ^\n");
    front_close(&f);
    front_open(&f, "set a = \"\xC3\";");
    CHECK(strstr(front_diags(&f, DIAG_PLAIN), "job.flow:1:10: error[E0102]: this is not UTF-8\n"));
    front_close(&f);
    front_open(&f, "\xEF\xBB\xBFset a = 1;"); /* a byte order mark is none of the text */
    CHECK_STR(front_diags(&f, DIAG_PLAIN), "");
    front_close(&f);
}

static char *repeated(const char *first, const char *middle, size_t count, const char *last) {
    struct text_buf text;
    text_buf_init(&text);
    text_buf_str(&text, first);
    for (size_t i = 0; i < count; i++) text_buf_str(&text, middle);
    text_buf_str(&text, last);
    return text.at;
}

static void a_text_that_nests_too_deeply_is_told_so_once(void) {
    static const struct {
        const char *first, *middle;
    } cases[] = { { "a |> where ", "(" },
                  { "a |> where ", "not " },
                  { "a |> where ", "- " },
                  { "a |> where 1", " + 1" },
                  { "a |> where a", ".a" },
                  { "a |> where a", "[1]" },
                  { "a |> where a", " as i64" },
                  { "a |> select ", "f(" },
                  { "a |> select ", "{ a = " },
                  { "a |> select ", "case when " },
                  { "", "(" },
                  { "a |> join ", "(a |> join " },
                  { "type t = ", "list<" },
                  { "type t = ", "{ a: " },
                  { "a |> process { on event { ", "if (a) { " },
                  { "a |> process { on event { if (a) { }", " else if (a) { }" },
                  { "a |> process { on event { ", "for a in b { " } };
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t count = 10000; count <= 100000; count *= 10) {
            char *text = repeated(cases[i].first, cases[i].middle, count, ";");
            struct front f;
            front_open(&f, text);
            CHECK(strstr(front_diags(&f, DIAG_PLAIN), "error[E0110]: nested too deeply\n"));
            CHECK_EQ(f.parse.diags.count, 1);
            front_ast(&f);
            front_close(&f);
            free(text);
        }
    char *text = repeated("a |> where ", "(", 900, "1");
    char *closed = repeated(text, ")", 900, ";");
    CHECK(is_clean(closed));
    free(text);
    free(closed);
}

static void a_flood_of_errors_ends(void) {
    char *text = repeated("", "a |> b;\n", 100000, "");
    struct front f;
    front_open(&f, text);
    CHECK_EQ(f.parse.diags.count, PARSE_ERRORS_MAX);
    front_close(&f);
    free(text);
}

static const struct test tests[] = {
    TEST(the_jobs_of_the_reference_parse_without_a_diagnostic),
    TEST(malformed_jobs_are_told_what_is_wrong_and_where),
    TEST(the_tree_of_every_alternative_prints_as_expected),
    TEST(every_word_but_eighteen_names_a_column),
    TEST(numbers_have_their_values),
    TEST(times_have_their_values),
    TEST(strings_are_decoded),
    TEST(printed_expressions_parse_to_themselves),
    TEST(nodes_know_their_place),
    TEST(a_used_file_is_read_once_beside_the_one_that_uses_it),
    TEST(a_job_that_cannot_be_read_is_an_error_of_the_world),
    TEST(what_is_no_text_is_refused_at_its_first_bad_byte),
    TEST(a_text_that_nests_too_deeply_is_told_so_once),
    TEST(a_flood_of_errors_ends),
    { 0 },
};

int main(int argc, char **argv) {
    if (chdir(FLOW_DIR) != 0) return 1;
    return suite_run("parse", tests, argc, argv);
}
