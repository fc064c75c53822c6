/* Tests: what their steps name and in which order they stand. The rows: check_test_rows.c. */
#include "dsl/check_test.h"

#include <string.h>

struct tester {
    struct checker *c;
    struct ttest *test;
    bool began; /* a step that runs was there: tables have been read */
    struct span end;
};

/* ---- what a step names ---- */

static struct symbol *step_symbol(struct checker *c, const struct ast_test_step *step) {
    u32 flows = 1u << SYMBOL_SOURCE | 1u << SYMBOL_STREAM | 1u << SYMBOL_SIDE, kinds = flows;
    if (step->kind == AST_TEST_GIVEN) kinds |= 1u << SYMBOL_TABLE;
    struct symbol *symbol = name_find(c, step->name.text);
    if (symbol && kinds & 1u << symbol->kind) return symbol;
    name_unknown(c, step->name,
                 step->kind == AST_TEST_GIVEN ? "a source, a table or a stream"
                                              : "a stream or a source",
                 kinds);
    return NULL;
}

static void add_name(struct checker *c, struct test_names *n, u32 *room, const char *name,
                     u32 column) {
    u32 other = *room;
    n->names = list_room(c->arena, n->names, n->count, &other, sizeof *n->names);
    n->columns = list_room(c->arena, n->columns, n->count, room, sizeof *n->columns);
    n->names[n->count] = name;
    n->columns[n->count++] = column;
}

static bool has_name(const struct test_names *n, const char *name) {
    for (u32 i = 0; i < n->count; i++)
        if (!strcmp(n->names[i], name)) return true;
    return false;
}

/* Hidden columns have names too, but for what tells whether a record is there, and those that a
   visible column hides. */
static struct test_names names_of(struct checker *c, const char *name, const struct rows *rows) {
    struct test_names n = { .name = name, .rows = rows };
    u32 room = 0;
    for (u32 f = 0; f < rows->field_count; f++) {
        const struct field *field = &rows->fields[f];
        for (u32 i = 0; i < field->count; i++)
            add_name(c, &n, &room,
                     field->record
                         ? arena_printf(c->arena, "%s_%s", field->name, field->record->names[i])
                         : field->name,
                     field->first + i);
    }
    n.visible = n.count;
    for (u32 i = rows->schema.count - rows->hidden_count; i < rows->schema.count; i++) {
        const char *hidden = rows->schema.columns[i].name;
        if (!strchr(hidden, '?') && !has_name(&n, hidden)) add_name(c, &n, &room, hidden, i);
    }
    return n;
}

static struct rows *table_rows(struct checker *c, const struct ttable *table) {
    struct rows *rows = arena_alloc(c->arena, sizeof *rows);
    *rows = (struct rows){ .schema = table->schema, .event_time = -1 };
    rows->fields = arena_alloc(c->arena, (table->schema.count + 1) * sizeof *rows->fields);
    rows->field_count = table->schema.count;
    for (u32 i = 0; i < table->schema.count; i++)
        rows->fields[i] =
            (struct field){ .name = table->schema.columns[i].name, .first = i, .count = 1 };
    return rows;
}

/* ---- inputs and outputs ---- */

static bool is_declared_source(const struct test_input *input) {
    return !input->table && input->op->kind == LOP_SOURCE && input->port == 0;
}

static struct test_input *input_find(struct ttest *t, const struct symbol *symbol) {
    for (u32 i = 0; i < t->input_count; i++) {
        struct test_input *input = &t->inputs[i];
        bool same = symbol->kind == SYMBOL_TABLE ? input->table == symbol->table
                                                 : !input->table && input->op == symbol->rows->op &&
                                                       input->port == symbol->rows->port;
        if (same) return input;
    }
    return NULL;
}

static struct test_input *input_of(struct tester *x, const struct symbol *symbol,
                                   struct span span) {
    struct ttest *t = x->test;
    struct test_input *input = input_find(t, symbol);
    if (input) return input;
    t->inputs =
        list_room(x->c->arena, t->inputs, t->input_count, &t->input_room, sizeof *t->inputs);
    input = &t->inputs[t->input_count++];
    *input = (struct test_input){
        .name = symbol->name.text, .event_time = -1, .span = span, .watermark_ns = TIME_NEVER
    };
    if (symbol->kind == SYMBOL_TABLE) {
        input->table = symbol->table;
        input->schema = symbol->table->schema;
        return input;
    }
    input->op = symbol->rows->op;
    input->port = symbol->rows->port;
    input->schema = symbol->rows->schema;
    input->hidden_count = symbol->rows->hidden_count;
    input->event_time = symbol->rows->event_time;
    if (is_declared_source(input)) {
        input->name = input->op->source->name;
        input->schema = input->op->source->schema;
        input->hidden_count = 0;
    }
    return input;
}

static struct test_output *output_of(struct tester *x, struct symbol *symbol) {
    struct ttest *t = x->test;
    symbol->readers++;
    for (u32 i = 0; i < t->output_count; i++)
        if (!strcmp(t->outputs[i].name, symbol->name.text)) return &t->outputs[i];
    t->outputs =
        list_room(x->c->arena, t->outputs, t->output_count, &t->output_room, sizeof *t->outputs);
    t->outputs[t->output_count] = (struct test_output){
        .name = symbol->name.text, .op = symbol->rows->op, .port = symbol->rows->port, .does = -1
    };
    return &t->outputs[t->output_count++];
}

/* ---- steps ---- */

static struct test_step *add_step(struct tester *x, enum ast_test_step_kind kind,
                                  struct span span) {
    struct ttest *t = x->test;
    t->steps = list_room(x->c->arena, t->steps, t->step_count, &t->step_room, sizeof *t->steps);
    t->steps[t->step_count] = (struct test_step){ .kind = kind, .span = span };
    return &t->steps[t->step_count++];
}

static bool is_known(const struct symbol *symbol) {
    return symbol && !symbol->refused &&
           (symbol->kind == SYMBOL_TABLE ? symbol->table != NULL
                                         : symbol->rows && symbol->rows->op && !symbol->rows->open);
}

static void table_is_late(struct tester *x, const struct ast_test_step *step) {
    struct diag *d = diag_error(x->c->diags, E0601, step->span,
                                "the table `%s` has been read already", step->name.text);
    diag_help(x->c->diags, d, "tables are read when the job starts: give their rows first");
}

static void step_given(struct tester *x, const struct ast_test_step *step) {
    struct checker *c = x->c;
    struct symbol *symbol = step_symbol(c, step);
    bool table = symbol && symbol->kind == SYMBOL_TABLE;
    if (table && x->began) table_is_late(x, step);
    x->began = x->began || !table;
    if (!is_known(symbol)) return;
    struct test_input *input = input_of(x, symbol, step->span);
    const struct rows *rows = table ? table_rows(c, symbol->table) : symbol->rows;
    struct rows declared;
    if (!table && is_declared_source(input)) {
        declared = *rows; /* its event time is worked out of its columns */
        declared.schema.count -= declared.hidden_count;
        declared.hidden_count = 0;
        rows = &declared;
    }
    struct test_names names = names_of(c, symbol->name.text, rows);
    struct test_step *s = add_step(x, step->kind, step->span);
    s->of = (u32)(input - x->test->inputs);
    s->first = input->given.count;
    test_rows_given(c, step, input, &names);
    s->count = input->given.count - s->first;
}

static void step_watermark(struct tester *x, const struct ast_test_step *step) {
    struct checker *c = x->c;
    struct symbol *symbol = step_symbol(c, step);
    struct diag *d = NULL;
    x->began = true;
    if (!is_known(symbol)) return;
    bool fed = input_find(x->test, symbol) != NULL ||
               (symbol->rows->op->kind == LOP_SOURCE && symbol->rows->port == 0);
    if (!fed) {
        d = diag_error(c->diags, E0603, step->name.span, "`%s` has the watermark of what feeds it",
                       step->name.text);
        diag_help(c->diags, d, "move that of the source, or give rows of `%s` in this test first",
                  step->name.text);
        return;
    }
    if (symbol->rows->event_time < 0) {
        d = diag_error(c->diags, E0401, step->name.span, "rows of `%s` have no event time",
                       step->name.text);
        diag_help(c->diags, d, "a source says which column it is: `time COLUMN`");
        return;
    }
    struct test_input *input = input_of(x, symbol, step->span);
    if (step->watermark_ns < input->watermark_ns) {
        d = diag_error(c->diags, E0601, step->span, "a watermark never goes back");
        diag_help(c->diags, d, "an earlier step of this test moved it further");
        return;
    }
    input->watermark_ns = step->watermark_ns;
    struct test_step *s = add_step(x, step->kind, step->span);
    s->of = (u32)(input - x->test->inputs);
    s->ns = step->watermark_ns;
}

static void step_advance(struct tester *x, const struct ast_test_step *step) {
    i64 by;
    x->began = true;
    if (!const_duration(x->c, step->by, "`advance`", &by)) return;
    if (by < 0) {
        diag_error(x->c->diags, E0601, step->by->span, "the clock never goes back");
        return;
    }
    add_step(x, step->kind, step->span)->ns = by;
}

static void step_expect(struct tester *x, const struct ast_test_step *step) {
    struct checker *c = x->c;
    struct symbol *symbol = step_symbol(c, step);
    if (!is_known(symbol)) return;
    struct test_output *output = output_of(x, symbol);
    struct test_names names = names_of(c, symbol->name.text, symbol->rows);
    struct test_step *s = add_step(x, step->kind, step->span);
    s->expect = step->expect;
    s->of = (u32)(output - x->test->outputs);
    s->first = output->expected.count;
    test_rows_expected(c, step, output, &names);
    s->count = output->expected.count - s->first;
}

static bool is_over(struct tester *x, const struct ast_test_step *step) {
    if (!span_is_somewhere(x->end)) return false;
    struct diag *d =
        diag_error(x->c->diags, E0601, step->span, "all inputs of this test have ended");
    diag_note(x->c->diags, d, x->end, "here");
    return true;
}

static void step_check(struct tester *x, const struct ast_test_step *step) {
    switch (step->kind) {
    case AST_TEST_GIVEN:
        if (!is_over(x, step)) step_given(x, step);
        return;
    case AST_TEST_WATERMARK:
        if (!is_over(x, step)) step_watermark(x, step);
        return;
    case AST_TEST_ADVANCE:
        if (!is_over(x, step)) step_advance(x, step);
        return;
    case AST_TEST_RESTART:
        x->began = true;
        if (!is_over(x, step)) add_step(x, step->kind, step->span);
        return;
    case AST_TEST_END:
        if (is_over(x, step)) return;
        add_step(x, step->kind, step->span);
        x->end = step->span;
        return;
    case AST_TEST_EXPECT:
        step_expect(x, step);
        return;
    }
}

/* ---- the whole ---- */

/* All inputs end behind the last step that is no `expect`, unless the test says where. */
static void end_check(struct tester *x) {
    struct ttest *t = x->test;
    if (span_is_somewhere(x->end)) return;
    add_step(x, AST_TEST_END, t->span);
    u32 at = t->step_count - 1;
    struct test_step end = t->steps[at];
    for (; at && t->steps[at - 1].kind == AST_TEST_EXPECT; at--) t->steps[at] = t->steps[at - 1];
    t->steps[at] = end;
}

/* What the outputs are made of, up to where the test cuts. */
static void reach(struct ttest *t, const struct lop *op, u32 port, bool *seen, bool *used) {
    for (u32 i = 0; i < t->input_count; i++)
        if (t->inputs[i].op == op && t->inputs[i].port == port) {
            used[i] = true;
            return;
        }
    if (seen[op->id]) return;
    seen[op->id] = true;
    for (u32 i = 0; i < t->input_count; i++)
        if (op->kind == LOP_LOOKUP && t->inputs[i].table == op->table) used[i] = true;
    for (u32 i = 0; i < op->input_count; i++)
        reach(t, op->inputs[i], op->input_ports[i], seen, used);
}

static void unread_inputs(struct tester *x) {
    struct checker *c = x->c;
    struct ttest *t = x->test;
    bool *seen = arena_alloc(c->arena, c->job->op_count + 1);
    bool *used = arena_alloc(c->arena, t->input_count + 1);
    for (u32 i = 0; i < t->output_count; i++)
        reach(t, t->outputs[i].op, t->outputs[i].port, seen, used);
    for (u32 i = 0; i < t->input_count; i++) {
        if (used[i]) continue;
        struct diag *d =
            diag_error(c->diags, E0603, t->inputs[i].span,
                       "nothing that this test expects is made of `%s`", t->inputs[i].name);
        diag_help(c->diags, d, "expect rows of a stream that reads it, or leave it out");
    }
}

static void test_check(struct checker *c, const struct ast_decl *decl, struct ttest *test) {
    struct tester x = { .c = c, .test = test };
    u32 errors = c->diags->error_count;
    *test = (struct ttest){ .title = decl->test.title, .span = decl->span };
    for (u32 i = 0; i < decl->test.steps.count; i++) step_check(&x, &decl->test.steps.at[i]);
    if (c->diags->error_count != errors) return;
    end_check(&x);
    if (test->output_count) {
        unread_inputs(&x);
        return;
    }
    struct diag *d = diag_warning(c->diags, W0008, decl->span, "this test expects nothing");
    diag_help(c->diags, d, "say which rows come out: `expect STREAM [ { column = value } ];`");
}

void tests_check(struct checker *c) {
    const struct ast_decls *decls = &c->parse->files[0]->decls;
    struct logical *job = c->job;
    job->tests = arena_alloc(c->arena, (decls->count + 1) * sizeof *job->tests);
    for (u32 i = 0; i < decls->count; i++)
        if (decls->at[i]->kind == AST_DECL_TEST)
            test_check(c, decls->at[i], &job->tests[job->test_count++]);
}
