#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsl/utf8.h"
#include "tests/dsl/front.h"
#include "tests/support/suite.h"

/* The place of the n-th `word` of the text. */
static struct span place_of(struct front *f, const char *word) {
    const struct text *text = text_of(&f->parse.texts, 1);
    u32 start = (u32)(strstr(text->at, word) - text->at);
    return (struct span){ 1, start, start + (u32)strlen(word) };
}

static void a_diagnostic_looks_as_the_reference_shows_it(void) {
    struct front f;
    front_open(&f, "//\n//\n//\n//\na\n    |> window tumbling 5m emit early every 10s\n    |> x\n\n"
                   "    |> aggregate total = sum(n);\n");
    f.parse.diags.count = 0;
    struct diags *diags = &f.parse.diags;
    struct diag *d = diag_error(diags, E0431, place_of(&f, "aggregate"),
                                "rows of an accumulating window would be counted again");
    diag_label(diags, d, "adds up several panes of one window");
    diag_note(diags, d, place_of(&f, "emit early every"), "more than one pane comes from here");
    diag_help(diags, d,
              "say `retracting` on line %d (exact), or `discarding` (each row counted once)", 6);
    CHECK_STR(
        front_diags(&f, DIAG_PLAIN),
        "job.flow:9:8: error[E0431]: rows of an accumulating window would be counted again\n"
        "  9 |     |> aggregate total = sum(n);\n"
        "    |        ^^^^^^^^^ adds up several panes of one window\n"
        "  6 |     |> window tumbling 5m emit early every 10s\n"
        "    |                           ---------------- more than one pane comes from here\n"
        "help: say `retracting` on line 6 (exact), or `discarding` (each row counted once)\n");
    front_close(&f);
}

static void notes_on_one_line_share_it_and_line_numbers_align(void) {
    struct front f;
    front_open(&f, "first = 1;\n\n\n\n\n\n\n\n\nsecond = first;\n");
    f.parse.diags.count = 0;
    struct diags *diags = &f.parse.diags;
    struct diag *d = diag_warning(diags, E0201, place_of(&f, "second"), "odd");
    struct span first = place_of(&f, "= first");
    diag_note(diags, d, first, "same line");
    diag_note(diags, d, place_of(&f, "first"), "another");
    diag_note(diags, d, (struct span){ 0 }, "no place");
    diag_help(diags, d, "one");
    diag_help(diags, d, "two");
    CHECK_STR(front_diags(&f, DIAG_PLAIN), "job.flow:10:1: warning[E0201]: odd\n"
                                           "  10 | second = first;\n"
                                           "     | ^^^^^^\n"
                                           "     |        ------- same line\n"
                                           "   1 | first = 1;\n"
                                           "     | ----- another\n"
                                           "note: no place\n"
                                           "help: one\n"
                                           "help: two\n");
    front_close(&f);
}

static void carets_stand_under_their_text_after_tabs_and_wide_characters(void) {
    struct front f;
    front_open(&f, "\tx = \"\xC3\xA9\xE4\xB8\xAD\" here\n");
    f.parse.diags.count = 0;
    struct diags *diags = &f.parse.diags;
    diag_error(diags, E0201, place_of(&f, "here"), "a");
    diag_error(diags, E0201, place_of(&f, "\xE4\xB8\xAD"), "b");
    CHECK_STR(front_diags(&f, DIAG_PLAIN), "job.flow:1:8: error[E0201]: b\n"
                                           "  1 |     x = \"\xC3\xA9\xE4\xB8\xAD\" here\n"
                                           "    |           ^^\n"
                                           "\n"
                                           "job.flow:1:11: error[E0201]: a\n"
                                           "  1 |     x = \"\xC3\xA9\xE4\xB8\xAD\" here\n"
                                           "    |               ^^^^\n");
    front_close(&f);
}

static void what_could_harm_a_terminal_is_shown_as_a_replacement(void) {
    struct front f;
    front_open(&f, "x \33[31m \xE2\x80\xAE y\n");
    f.parse.diags.count = 0;
    diag_error(&f.parse.diags, E0201, place_of(&f, "x"), "says \33[0m\xFF");
    CHECK_STR(front_diags(&f, DIAG_PLAIN),
              "job.flow:1:1: error[E0201]: says \xEF\xBF\xBD[0m\xEF\xBF\xBD\n"
              "  1 | x \xEF\xBF\xBD[31m \xEF\xBF\xBD y\n"
              "    | ^\n");
    front_close(&f);
}

static void of_a_long_line_the_part_around_the_place_is_shown(void) {
    char text[2001];
    memset(text, 'a', 2000);
    memcpy(text + 1000, "here", 4);
    text[2000] = 0;
    struct front f;
    front_open(&f, text);
    f.parse.diags.count = 0;
    diag_error(&f.parse.diags, E0201, place_of(&f, "here"), "far");
    const char *out = front_diags(&f, DIAG_PLAIN);
    CHECK(strlen(out) < 400);
    CHECK(strstr(out, "job.flow:1:1001:"));
    const char *line = strstr(out, "  1 | ..."), *mark = strstr(out, "    | ");
    if (CHECK(line && mark)) {
        long shown = strstr(line, "here") - line, under = strchr(mark, '^') - mark;
        CHECK_EQ(shown, under);
    }
    front_close(&f);
}

static void diagnostics_come_in_the_order_of_the_text_and_each_once(void) {
    struct front f;
    front_open(&f, "a b c;");
    struct diags *diags = &f.parse.diags;
    diags->count = 0;
    diag_error(diags, E0202, (struct span){ 0 }, "no place");
    diag_error(diags, E0201, place_of(&f, "c"), "third");
    diag_error(diags, E0201, place_of(&f, "a"), "first");
    diag_error(diags, E0201, place_of(&f, "c"), "third");
    diag_error(diags, E0201, place_of(&f, "b"), "second");
    const char *out = front_diags(&f, DIAG_PLAIN);
    const char *first = strstr(out, "first"), *second = strstr(out, "second"),
               *third = strstr(out, "third"), *last = strstr(out, "error[E0202]: no place\n");
    CHECK(first && second && third && last);
    CHECK(first < second && second < third && third < last);
    CHECK(!strstr(third + 1, "third"));
    front_close(&f);
}

static void a_flood_is_cut_after_fifty_with_a_note(void) {
    struct front f;
    front_open(&f, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    f.parse.diags.count = 0;
    for (u32 i = 0; i < 60; i++)
        diag_error(&f.parse.diags, E0201, (struct span){ 1, i, i + 1 }, "number %u.", i);
    const char *out = front_diags(&f, DIAG_PLAIN);
    CHECK(strstr(out, "number 49."));
    CHECK(!strstr(out, "number 50."));
    CHECK(strstr(out, "\n... and 10 more\n"));
    CHECK(strstr(front_diags(&f, DIAG_JSON), "number 59."));
    front_close(&f);
}

static void json_has_places_labels_and_help(void) {
    struct front f;
    front_open(&f, "a\n\"\\\t\xC3\xA9z\nccc");
    struct diags *diags = &f.parse.diags;
    diags->count = 0;
    CHECK_STR(front_diags(&f, DIAG_JSON), "[]\n");
    struct diag *d = diag_error(diags, E0201, place_of(&f, "z\ncc"), "\"quoted\" \\ \n");
    diag_label(diags, d, "label");
    diag_note(diags, d, place_of(&f, "a"), "note");
    diag_help(diags, d, "help %d", 1);
    diag_warning(diags, E0202, (struct span){ 0 }, "w");
    CHECK_STR(
        front_diags(&f, DIAG_JSON),
        "[{\"code\": \"E0201\", \"level\": \"error\", \"message\": \"\\\"quoted\\\" \\\\ "
        "\\u000a\", "
        "\"file\": \"job.flow\", \"line\": 2, \"column\": 5, \"end_line\": 3, \"end_column\": 3, "
        "\"labels\": [{\"file\": \"job.flow\", \"line\": 2, \"column\": 5, \"end_line\": 3, "
        "\"end_column\": 3, \"text\": \"label\", \"primary\": true}, {\"file\": \"job.flow\", "
        "\"line\": 1, \"column\": 1, \"end_line\": 1, \"end_column\": 2, \"text\": \"note\", "
        "\"primary\": false}], \"help\": [\"help 1\"]},\n"
        " {\"code\": \"E0202\", \"level\": \"warning\", \"message\": \"w\", \"file\": null, "
        "\"line\": 0, \"column\": 0, \"end_line\": 0, \"end_column\": 0, \"labels\": [], "
        "\"help\": []}]\n");
    front_close(&f);
}

static void colour_comes_only_when_asked_for(void) {
    struct front f;
    front_open(&f, "a b;");
    CHECK(strstr(front_diags(&f, DIAG_COLOUR), "\33["));
    CHECK(!strstr(front_diags(&f, DIAG_PLAIN), "\33["));
    front_close(&f);
}

static void the_nearest_name_is_near(void) {
    static const char *const words[] = { "aggregate", "select", "set",         "test",
                                         "by",        "time",   "temperature", "" };
    const u32 count = sizeof words / sizeof *words;
    CHECK_STR(diag_nearest("agregate", words, count), "aggregate");
    CHECK_STR(diag_nearest("AGGREGATE", words, count), "aggregate");
    CHECK_STR(diag_nearest("slect", words, count), "select");
    CHECK_STR(diag_nearest("tset", words, count), "test");
    CHECK_STR(diag_nearest("tmie", words, count), "time");
    CHECK_STR(diag_nearest("temprature", words, count), "temperature");
    CHECK(!diag_nearest("x", words, count));
    CHECK(!diag_nearest("bz", words, 0));
    CHECK(!diag_nearest("pressure", words, count));
    CHECK(!diag_nearest("", words, count));
    char long_name[200];
    memset(long_name, 'a', sizeof long_name);
    long_name[199] = 0;
    CHECK(!diag_nearest(long_name, words, count));
}

static void every_code_has_a_name_a_title_and_an_explanation(void) {
    for (int i = 0; i < DIAG_CODE_COUNT; i++) {
        enum diag_code code = (enum diag_code)i, found;
        CHECK(strlen(diag_code_name(code)) == 5);
        CHECK(strlen(diag_code_title(code)) > 0);
        CHECK(strlen(diag_code_explanation(code)) > 20);
        CHECK(diag_code_find(diag_code_name(code), &found) && found == code);
        if (i > 0) CHECK(strcmp(diag_code_name((enum diag_code)(i - 1)), diag_code_name(code)) < 0);
    }
    enum diag_code code;
    CHECK(diag_code_find("e0101", &code) && code == E0101);
    CHECK(!diag_code_find("E9999", &code));
}

static void places_count_lines_and_characters_from_one(void) {
    struct front f;
    front_open(&f, "ab\r\n\n\xC3\xA9x\n");
    const struct texts *texts = &f.parse.texts;
    static const struct {
        u32 offset, line, column;
    } cases[] = { { 0, 1, 1 }, { 2, 1, 3 }, { 4, 2, 1 }, { 5, 3, 1 },
                  { 7, 3, 2 }, { 8, 3, 3 }, { 9, 4, 1 }, { 100, 4, 1 } };
    for (u32 i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct place place = text_place(texts, 1, cases[i].offset);
        CHECK_EQ(place.line, cases[i].line);
        CHECK_EQ(place.column, cases[i].column);
    }
    struct str line = text_line(text_of(texts, 1), 1);
    CHECK_EQ(line.size, 2);
    front_close(&f);
}

static void utf8_is_decoded_as_the_standard_has_it(void) {
    u32 c;
    CHECK_EQ(utf8_decode("\xF4\x8F\xBF\xBF", 4, &c), 4);
    CHECK_EQ(c, 0x10FFFF);
    CHECK_EQ(utf8_decode("\xF4\x90\x80\x80", 4, &c), 0); /* beyond the last */
    CHECK_EQ(utf8_decode("\xC0\x80", 2, &c), 0);         /* overlong */
    CHECK_EQ(utf8_decode("\xE0\x9F\xBF", 3, &c), 0);
    CHECK_EQ(utf8_decode("\xED\xA0\x80", 3, &c), 0); /* surrogate */
    CHECK_EQ(utf8_decode("\xE4\xB8", 2, &c), 0);     /* cut */
    CHECK_EQ(utf8_decode("\x80", 1, &c), 0);
    for (u32 i = 0; i <= 0x10FFFF; i++) {
        if (i >= 0xD800 && i < 0xE000) continue;
        char bytes[4];
        u32 length = utf8_encode(i, bytes), back;
        if (utf8_decode(bytes, length, &back) != length || back != i) {
            CHECK_EQ(back, i);
            break;
        }
    }
    CHECK_EQ(utf8_prefix("ab\xFFz", 4), 2);
    CHECK_EQ(utf8_count("a\xC3\xA9\xFF", 4), 3);
}

static const struct test tests[] = {
    TEST(a_diagnostic_looks_as_the_reference_shows_it),
    TEST(notes_on_one_line_share_it_and_line_numbers_align),
    TEST(carets_stand_under_their_text_after_tabs_and_wide_characters),
    TEST(what_could_harm_a_terminal_is_shown_as_a_replacement),
    TEST(of_a_long_line_the_part_around_the_place_is_shown),
    TEST(diagnostics_come_in_the_order_of_the_text_and_each_once),
    TEST(a_flood_is_cut_after_fifty_with_a_note),
    TEST(json_has_places_labels_and_help),
    TEST(colour_comes_only_when_asked_for),
    TEST(the_nearest_name_is_near),
    TEST(every_code_has_a_name_a_title_and_an_explanation),
    TEST(places_count_lines_and_characters_from_one),
    TEST(utf8_is_decoded_as_the_standard_has_it),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("diag", tests, argc, argv);
}
