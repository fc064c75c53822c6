/* Rows that are expected against rows that came. An expected row says only some columns, and may
   fit several rows: who fits whom is found as a matching, so that as many fit as can. */
#include "cli/test.h"

#include "dsl/diag.h"
#include "runtime/base/ensure.h"

#include <string.h>

#define SHOWN_MAX 20u

struct line {
    struct str *values; /* by column of the output */
};

struct comparison {
    const struct test_output *output;
    const struct given_row *rows; /* expected */
    struct line *want, *got;
    u32 want_count, got_count;
    i32 *fit_of_got, *fit_of_want; /* who fits whom; -1 */
    bool *seen;
    struct arena *arena;
    struct text_buf *to;
};

static u32 line_count(struct str text) {
    u32 count = 0;
    for (u64 i = 0; i < text.size; i++) count += text.at[i] == '\n';
    return count;
}

static struct line *lines_of(struct comparison *c, struct str text, u32 count) {
    struct line *lines = arena_alloc(c->arena, (count + 1) * sizeof *lines);
    u32 columns = c->output->column_count;
    for (u32 l = 0; l < count; l++) {
        lines[l].values = arena_alloc(c->arena, (columns + 1) * sizeof(struct str));
        for (u32 i = 0; i < columns; i++) {
            u64 size = strcspn(text.at, "\t\n");
            lines[l].values[i] = (struct str){ text.at, size };
            text.at += size + 1;
        }
    }
    return lines;
}

static bool is_named(const struct comparison *c, u32 row, u32 column) {
    return column < c->rows[row].count && c->rows[row].values[column];
}

static bool same_value(const struct line *a, const struct line *b, u32 column) {
    struct str x = a->values[column], y = b->values[column];
    return x.size == y.size && !memcmp(x.at, y.at, x.size);
}

static bool fits(const struct comparison *c, u32 want, u32 got) {
    for (u32 i = 0; i < c->output->column_count; i++)
        if (is_named(c, want, i) && !same_value(&c->want[want], &c->got[got], i)) return false;
    return true;
}

/* ---- the content after all updates ---- */

static bool is_told_by(const struct comparison *c, u32 column, bool versions) {
    const struct test_column *col = &c->output->columns[column];
    return versions ? col->version : (i32)column != c->output->does;
}

/* The newest row before `end` that this one replaces or takes back; -1: none. */
static i32 earlier(const struct comparison *c, u32 end, const struct line *line, bool versions) {
    for (u32 g = end; g-- > 0;) {
        bool same = true;
        for (u32 i = 0; same && i < c->output->column_count; i++)
            same = !is_told_by(c, i, versions) || same_value(&c->got[g], line, i);
        if (same) return (i32)g;
    }
    return -1;
}

static bool takes_back(const struct comparison *c, const struct line *line) {
    if (c->output->does < 0) return false;
    struct str does = line->values[c->output->does];
    return does.size == 4 && (!memcmp(does.at, "\"-U\"", 4) || !memcmp(does.at, "\"-D\"", 4));
}

/* What is left of the rows that came: of versions the last ones, and what was not taken back. A row
   that takes back none stays, and is told as unexpected. */
static void leave_content(struct comparison *c) {
    u32 left = 0;
    for (u32 g = 0; g < c->got_count; g++) {
        struct line line = c->got[g];
        bool back = takes_back(c, &line);
        i32 old = back || c->output->versions ? earlier(c, left, &line, !back) : -1;
        if (old >= 0) {
            memmove(&c->got[old], &c->got[old + 1], (left - (u32)old - 1) * sizeof line);
            left--;
        }
        if (!back || old < 0) c->got[left++] = line;
    }
    c->got_count = left;
}

/* ---- in any order ---- */

/* A row for `want`, though another one may have to take a different one for it. */
static bool find_fit(struct comparison *c, u32 want) {
    for (u32 g = 0; g < c->got_count; g++) {
        if (c->seen[g] || !fits(c, want, g)) continue;
        c->seen[g] = true;
        if (c->fit_of_got[g] >= 0 && !find_fit(c, (u32)c->fit_of_got[g])) continue;
        c->fit_of_got[g] = (i32)want;
        c->fit_of_want[want] = (i32)g;
        return true;
    }
    return false;
}

static bool match(struct comparison *c) {
    u32 fit = 0;
    for (u32 w = 0; w < c->want_count; w++) {
        memset(c->seen, 0, c->got_count);
        fit += find_fit(c, w);
    }
    return fit == c->want_count && fit == c->got_count;
}

/* ---- in order, for each key ---- */

/* Key columns that every row of the step names tell which rows have an order among them; without
   one all have. */
static bool is_told_apart(const struct comparison *c, u32 want, u32 got) {
    for (u32 i = 0; i < c->output->column_count; i++) {
        bool all = c->output->columns[i].key;
        for (u32 w = 0; all && w < c->want_count; w++) all = is_named(c, w, i);
        if (all && !same_value(&c->want[want], &c->got[got], i)) return true;
    }
    return false;
}

/* The first row that stands where another one is expected: that is *got; false: none. */
static bool out_of_order(struct comparison *c, u32 *want, u32 *got) {
    memset(c->seen, 0, c->got_count);
    for (*want = 0; *want < c->want_count; ++*want) {
        for (*got = 0; *got < c->got_count; ++*got)
            if (!c->seen[*got] && !is_told_apart(c, *want, *got)) break;
        if (*got == c->got_count) return false; /* one is missing, which is told otherwise */
        if (!fits(c, *want, *got)) return true;
        c->seen[*got] = true;
    }
    return false;
}

/* ---- what is told ---- */

static void print_row(struct comparison *c, const char *word, const struct line *line, i32 want) {
    const char *comma = "";
    text_buf_printf(c->to, "  %-10s {", word);
    for (u32 i = 0; i < c->output->column_count; i++) {
        bool shown = want < 0 && !c->want_count;
        for (u32 w = 0; want < 0 && !shown && w < c->want_count; w++) shown = is_named(c, w, i);
        if (want >= 0) shown = is_named(c, (u32)want, i);
        if (!shown) continue;
        struct str value = line->values[i];
        text_buf_printf(c->to, "%s %s = ", comma, c->output->columns[i].name);
        diag_text_print(arena_copy(c->arena, value.at, value.size), c->to);
        comma = ",";
    }
    text_buf_str(c->to, " }\n");
}

static void print_more(struct comparison *c, const char *word, u32 count) {
    if (count > SHOWN_MAX) text_buf_printf(c->to, "  %-10s %u more\n", word, count - SHOWN_MAX);
}

static void print_unmatched(struct comparison *c) {
    u32 missing = 0, unexpected = 0;
    for (u32 w = 0; w < c->want_count; w++)
        if (c->fit_of_want[w] < 0 && missing++ < SHOWN_MAX)
            print_row(c, "missing", &c->want[w], (i32)w);
    print_more(c, "missing", missing);
    for (u32 g = 0; g < c->got_count; g++)
        if (c->fit_of_got[g] < 0 && unexpected++ < SHOWN_MAX)
            print_row(c, "unexpected", &c->got[g], -1);
    print_more(c, "unexpected", unexpected);
    u32 fit = c->want_count - missing;
    if (fit) text_buf_printf(c->to, "  %u row%s as expected\n", fit, fit == 1 ? " is" : "s are");
}

static i32 *nobody(struct comparison *c, u32 count) {
    i32 *fit = arena_alloc(c->arena, (count + 1) * sizeof *fit);
    for (u32 i = 0; i < count; i++) fit[i] = -1;
    return fit;
}

bool test_compare(const struct ttest *test, const struct test_step *step, struct str want,
                  struct str got, struct arena *arena, const char **message,
                  struct text_buf *rows) {
    const struct test_output *o = &test->outputs[step->of];
    struct comparison c = { .output = o, .arena = arena, .to = rows };
    u32 wanted = line_count(want);
    ENSURE(step->first + step->count <= wanted);
    c.want = lines_of(&c, want, wanted) + step->first;
    c.rows = o->expected.at + step->first;
    c.want_count = step->count;
    c.got_count = line_count(got);
    c.got = lines_of(&c, got, c.got_count);
    if (step->expect == AST_EXPECT_FINAL) leave_content(&c);
    c.fit_of_want = nobody(&c, c.want_count);
    c.fit_of_got = nobody(&c, c.got_count);
    c.seen = arena_alloc(arena, c.got_count + 1);
    if (!match(&c)) {
        *message = arena_printf(arena, "other rows of `%s` came", o->name);
        print_unmatched(&c);
        return false;
    }
    u32 w, g;
    if (step->expect != AST_EXPECT_ORDERED || !out_of_order(&c, &w, &g)) return true;
    *message = arena_printf(arena, "the rows of `%s` came in another order", o->name);
    print_row(&c, "expected", &c.want[w], (i32)w);
    print_row(&c, "came", &c.got[g], -1);
    return false;
}
