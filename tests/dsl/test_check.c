/* What a job is: streams in any order, params, what runs of it; and jobs that try to be too much.
   What is refused, and in which words, is in tests/golden/refused. */
#include "dsl/check.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READINGS                                                                                   \
    "type Reading { key: string, value: i64, time: timestamp }\n"                                  \
    "source readings: Reading = file(path: \"r\", format: csv) time time watermark lag 2s;\n"

struct checked {
    struct arena arena;
    struct parse parse;
    struct logical *plan;
};

static void check_sets(struct checked *c, const char *text, const struct param_setting *sets,
                       u32 count) {
    arena_init(&c->arena);
    parse_init(&c->parse, &c->arena);
    parse_memory(&c->parse, "t.flow", text, strlen(text));
    struct diags *diags = &c->parse.diags;
    c->plan = diags->error_count ? NULL : check_job(&c->parse, diags, sets, count, &c->arena);
}

static void check_text(struct checked *c, const char *text) {
    check_sets(c, text, NULL, 0);
}

/* The codes of all diagnostics, in the order found. */
static const char *codes(const struct checked *c) {
    static char text[400];
    text[0] = 0;
    for (u32 i = 0; i < c->parse.diags.count && i < 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 diag_code_name(c->parse.diags.at[i]->code));
    return text;
}

static const struct lop *op_named(const struct checked *c, const char *name) {
    for (u32 i = 0; c->plan && i < c->plan->op_count; i++)
        if (!strcmp(c->plan->ops[i]->name, name)) return c->plan->ops[i];
    return NULL;
}

static void streams_may_be_written_in_any_order(void) {
    struct checked c;
    check_text(&c, "c |> into print();\nstream c = b |> where value > 2;\nstream b = a |> union "
                   "late;\nstream a = readings;\n"
                   "stream w = readings |> key by key |> window tumbling 1s late into late |> "
                   "aggregate n = count();\n"
                   "w |> into print();\n" READINGS);
    CHECK_STR(codes(&c), "");
    if (CHECK(c.plan != NULL)) {
        for (u32 i = 0; i < c.plan->op_count; i++)
            for (u32 k = 0; k < c.plan->ops[i]->input_count; k++)
                CHECK(c.plan->ops[i]->inputs[k]->id < i);
        CHECK(op_named(&c, "w/aggregate")->late_read);
    }
    arena_fini(&c.arena);
}

static void a_stream_that_is_read_twice_is_computed_once(void) {
    struct checked c;
    check_text(
        &c, READINGS
        "stream a = readings |> where value > 1;\na |> into print();\na |> into blackhole();\n");
    CHECK_STR(codes(&c), "");
    if (CHECK(c.plan != NULL)) {
        CHECK_EQ(c.plan->op_count, 4);
        CHECK(op_named(&c, "a/print")->inputs[0] == op_named(&c, "a/where"));
        CHECK(op_named(&c, "a/blackhole")->inputs[0] == op_named(&c, "a/where"));
    }
    arena_fini(&c.arena);
}

static void what_no_sink_is_reached_from_does_not_run(void) {
    struct checked c;
    check_text(&c, READINGS "source other = file(path: \"o\", format: lines);\nstream a = other |> "
                            "where line != \"\";\n"
                            "stream b = a |> where line != \"x\";\nreadings |> into print();\n");
    CHECK_STR(codes(&c), "W0001");
    if (CHECK(c.plan != NULL)) {
        CHECK_EQ(c.plan->op_count, 2);
        CHECK_EQ(c.plan->source_count, 1);
    }
    arena_fini(&c.arena);
}

static void settings_of_snapshots_have_defaults_and_are_read(void) {
    struct checked c;
    check_text(&c, READINGS "readings |> into blackhole();\n");
    if (CHECK(c.plan != NULL)) {
        CHECK_EQ(c.plan->snapshots.every_ns, 0);
        CHECK_EQ(c.plan->snapshots.guarantee, JOB_GUARANTEE_UNSET);
        CHECK_EQ(c.plan->snapshots.timeout_ns, (i64)600 * 1000000000);
        CHECK_EQ(c.plan->snapshots.retain, 3);
    }
    arena_fini(&c.arena);
    check_text(&c, "set snapshot_every = 1s500ms; set guarantee = \"at_least_once\";\n"
                   "set snapshot_failures = 1; set snapshot_retain = 7;\n" READINGS
                   "readings |> into print();\n");
    CHECK_STR(codes(&c), "");
    if (CHECK(c.plan != NULL)) {
        CHECK_EQ(c.plan->snapshots.every_ns, 1500000000);
        CHECK_EQ(c.plan->snapshots.guarantee, JOB_AT_LEAST_ONCE);
        CHECK_EQ(c.plan->snapshots.failures, 1);
        CHECK_EQ(c.plan->snapshots.retain, 7);
    }
    arena_fini(&c.arena);
}

static void what_cannot_take_rows_back_is_at_least_once_and_says_so(void) {
    struct checked c;
    check_text(&c, "set guarantee = \"exactly_once\";\n" READINGS
                   "readings |> into print();\nreadings |> into blackhole();\n");
    CHECK_STR(codes(&c), "W0007");
    arena_fini(&c.arena);
}

static void an_old_name_goes_with_every_stage_of_a_stream(void) {
    struct checked c;
    check_text(&c,
               READINGS "stream a was b = readings |> window tumbling 1s |> aggregate n = count()\n"
                        "    |> window tumbling 1m |> aggregate n = sum(n);\na |> into print();\n");
    CHECK_STR(codes(&c), "");
    if (CHECK(c.plan != NULL)) {
        CHECK_STR(op_named(&c, "a/aggregate")->was, "b/aggregate");
        CHECK_STR(op_named(&c, "a/aggregate2")->was, "b/aggregate2");
        CHECK_STR(op_named(&c, "a/print")->was, "b/print");
    }
    arena_fini(&c.arena);
}

static void late_rows_that_nobody_reads_are_counted(void) {
    struct checked c;
    check_text(
        &c, READINGS
        "stream w = readings |> window tumbling 1s late into late |> aggregate n = count();\n"
        "w |> into print();\n");
    CHECK_STR(codes(&c), "W0001");
    if (CHECK(c.plan != NULL)) CHECK(!op_named(&c, "w/aggregate")->late_read);
    arena_fini(&c.arena);
}

static void the_late_rows_alone_may_be_read(void) {
    struct checked c;
    check_text(
        &c, READINGS
        "stream w = readings |> window tumbling 1s late into late |> aggregate n = count();\n"
        "late |> into print();\n");
    CHECK_STR(codes(&c), "W0001");
    if (CHECK(c.plan != NULL)) {
        const struct lop *sink = op_named(&c, "late/print");
        CHECK_EQ(sink->input_ports[0], 1);
        CHECK_EQ(sink->schema.count, 3);
        CHECK_STR(sink->schema.columns[1].name, "value");
    }
    arena_fini(&c.arena);
}

/* ---- params ---- */

#define PARAMS                                                                                     \
    "enum Unit { celsius, fahrenheit }\nparam text: string = \"a\";\nparam n: u8 = 1;\nparam f: "  \
    "f64 = 0.5;\n"                                                                                 \
    "param b: bool = false;\nparam d: duration = 1s;\nparam t: timestamp = "                       \
    "@2024-01-15T10:00:00Z;\n"                                                                     \
    "param e: Unit = \"celsius\";\nparam m: i64? = null;\n" READINGS                               \
    "readings |> select a = text, c = n, g = f, h = b, i = d, j = t, k = e, l = m |> into "        \
    "print();\n"

static void a_param_takes_the_value_of_set_by_its_type(void) {
    static const struct param_setting sets[] = {
        { "text", "x y" },     { "n", "255" },   { "f", "1e3" },
        { "b", "true" },       { "d", "1h30m" }, { "t", "2024-01-15T11:00:00+01:00" },
        { "e", "fahrenheit" }, { "m", "-5" },
    };
    struct checked c;
    check_sets(&c, PARAMS, sets, 8);
    CHECK_STR(codes(&c), "");
    const struct lop *op = op_named(&c, "print/select");
    if (CHECK(op != NULL)) {
        CHECK_STR(op->exprs[0]->value.str.at, "x y");
        CHECK_EQ(op->exprs[1]->value.i, 255);
        CHECK(op->exprs[2]->value.f == 1000.0);
        CHECK_EQ(op->exprs[3]->value.i, 1);
        CHECK_EQ(op->exprs[4]->value.i, 5400000000000);
        CHECK_EQ(op->exprs[5]->value.i, 1705312800000000000);
        CHECK_EQ(op->exprs[6]->value.i, 1);
        CHECK_EQ(op->exprs[7]->args[0]->value.i, -5);
    }
    arena_fini(&c.arena);
}

static void a_value_that_is_none_of_its_type_is_refused(void) {
    static const struct param_setting wrong[] = {
        { "n", "256" },   { "n", "-1" }, { "n", "" },         { "f", "x" },
        { "b", "maybe" }, { "d", "5" },  { "t", "today" },    { "e", "kelvin" },
        { "m", "1.5" },   { "nn", "5" }, { "readings", "5" },
    };
    for (u32 i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct checked c;
        check_sets(&c, PARAMS, &wrong[i], 1);
        if (!CHECK_STR(codes(&c), "E0208"))
            fprintf(stderr, "  of: --set %s=%s\n", wrong[i].name, wrong[i].value);
        arena_fini(&c.arena);
    }
}

static void a_param_of_options_only_is_bound_at_start(void) {
    static const struct param_setting set = { "input", "other" };
    struct checked c;
    check_sets(&c,
               "param input: string;\nparam unused: string;\nsource s = file(path: input, format: "
               "lines);\ns |> into print();\n",
               &set, 1);
    CHECK_STR(codes(&c), "");
    if (CHECK(c.plan != NULL)) {
        CHECK_EQ(c.plan->param_count, 1);
        CHECK(!c.plan->params[0].has_default);
        CHECK_EQ(c.plan->sources[0]->call.options[0].from, OPTION_PARAM);
    }
    arena_fini(&c.arena);
}

/* ---- too much ---- */

static void a_long_chain_of_streams_is_no_trouble(void) {
    struct text_buf text;
    text_buf_init(&text);
    text_buf_str(&text, READINGS "s0 |> into print();\n");
    for (u32 i = 0; i < 2000; i++)
        text_buf_printf(&text, "stream s%u = s%u |> where value > %u;\n", i, i + 1, i);
    text_buf_str(&text, "stream s2000 = readings;\n");
    struct checked c;
    check_text(&c, text.at);
    CHECK_STR(codes(&c), "");
    if (CHECK(c.plan != NULL)) CHECK_EQ(c.plan->op_count, 2002);
    arena_fini(&c.arena);
    text_buf_fini(&text);
}

static void a_hundred_thousand_stages_are_refused(void) {
    struct text_buf text;
    text_buf_init(&text);
    text_buf_str(&text, READINGS "readings");
    for (u32 i = 0; i < 100000; i++) text_buf_str(&text, " |> let value = value + 1");
    text_buf_str(&text, " |> into print();\n");
    struct checked c;
    check_text(&c, text.at);
    CHECK_STR(codes(&c), "E0413");
    arena_fini(&c.arena);
    text_buf_fini(&text);
}

static void two_thousand_columns_are_refused(void) {
    struct text_buf text;
    text_buf_init(&text);
    text_buf_str(&text, READINGS "readings |> let x = 1");
    for (u32 i = 0; i < 2000; i++) text_buf_printf(&text, ", c%u = value", i);
    text_buf_str(&text, " |> into print();\n");
    struct checked c;
    check_text(&c, text.at);
    CHECK_STR(codes(&c), "E0413");
    arena_fini(&c.arena);
    text_buf_fini(&text);
}

static void a_chain_of_types_or_functions_without_end_is_refused(void) {
    struct text_buf text;
    text_buf_init(&text);
    for (u32 i = 0; i < 50000; i++)
        text_buf_printf(&text, "type T%u = T%u;\nfn f%u(x: i64): i64 = f%u(x) + 1;\n", i, i + 1, i,
                        i + 1);
    text_buf_str(&text, "type T50000 = i64;\nfn f50000(x: i64): i64 = x;\n");
    struct checked c;
    check_text(&c, text.at);
    CHECK(!c.plan && c.parse.diags.error_count > 0);
    arena_fini(&c.arena);
    text_buf_fini(&text);
}

static void hostile_names_are_only_names(void) {
    struct checked c;
    check_text(&c,
               "type `a\"; system(\"x\")` { `*/ int main`: i64, `%s%n`: string, `event_time`: i64, "
               "`s?`: bool }\n"
               "source `}; exit(1);`: `a\"; system(\"x\")` = file(path: \"%n\\0x\", format: csv);\n"
               "`}; exit(1);` |> where `*/ int main` > 1 |> select `%s%n`, `#define x` = `s?` |> "
               "into print();\n");
    CHECK_STR(codes(&c), "E0503"); /* the path holds a NUL byte */
    arena_fini(&c.arena);
}

static void a_job_of_a_hundred_lines_is_checked_in_ten_milliseconds(void) {
    struct text_buf text;
    text_buf_init(&text);
    text_buf_str(&text, READINGS);
    for (u32 i = 0; i < 25; i++)
        text_buf_printf(
            &text,
            "stream s%u = readings |> where value > %u and regex_like(key, r\"a+b%u\")\n"
            "    |> let x = value * 2, y = if(x > 3, lower(key), upper(key))\n"
            "    |> key by y |> window sliding 10s every 2s |> aggregate n = count(), t = sum(x), "
            "m = max(value);\n"
            "s%u |> into print();\n",
            i, i, i, i);
    struct timespec start, end;
    struct checked c;
    clock_gettime(CLOCK_MONOTONIC, &start);
    check_text(&c, text.at);
    clock_gettime(CLOCK_MONOTONIC, &end);
    CHECK_STR(codes(&c), "");
    double ms =
        (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    bool slow = getenv("MILLRACE_SLOW") != NULL; /* sanitizers, a loaded machine */
    if (!CHECK(ms < (slow ? 1000 : 100))) fprintf(stderr, "  took %.1f ms\n", ms);
    arena_fini(&c.arena);
    text_buf_fini(&text);
}

static const struct test tests[] = {
    TEST(streams_may_be_written_in_any_order),
    TEST(a_stream_that_is_read_twice_is_computed_once),
    TEST(what_no_sink_is_reached_from_does_not_run),
    TEST(settings_of_snapshots_have_defaults_and_are_read),
    TEST(what_cannot_take_rows_back_is_at_least_once_and_says_so),
    TEST(an_old_name_goes_with_every_stage_of_a_stream),
    TEST(late_rows_that_nobody_reads_are_counted),
    TEST(the_late_rows_alone_may_be_read),
    TEST(a_param_takes_the_value_of_set_by_its_type),
    TEST(a_value_that_is_none_of_its_type_is_refused),
    TEST(a_param_of_options_only_is_bound_at_start),
    TEST(a_long_chain_of_streams_is_no_trouble),
    TEST(a_hundred_thousand_stages_are_refused),
    TEST(two_thousand_columns_are_refused),
    TEST(a_chain_of_types_or_functions_without_end_is_refused),
    TEST(hostile_names_are_only_names),
    TEST(a_job_of_a_hundred_lines_is_checked_in_ten_milliseconds),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("check", tests, argc, argv);
}
