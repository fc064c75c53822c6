/* Rows of tests: by position or by name, values of the types of their columns. */
#include "dsl/check_test.h"

#include <string.h>

/* ---- which column an item is ---- */

static void unknown_column(struct checker *c, const struct test_names *n, struct ast_name name) {
    struct diag *d =
        diag_error(c->diags, E0201, name.span, "no column `%s` in `%s`", name.text, n->name);
    const char *near = diag_nearest(name.text, n->names, n->count);
    if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
    if (!strcmp(name.text, OP_COLUMN))
        diag_help(c->diags, d, "rows of `%s` are never taken back", n->name);
}

static bool too_many(struct checker *c, const struct test_names *n, const struct ast_item *item) {
    struct diag *d =
        diag_error(c->diags, E0602, item->span, "`%s` has %u columns", n->name, n->visible);
    diag_label(c->diags, d, "a value more");
    return false;
}

/* The item's place among the names; false: told. */
static bool item_place(struct checker *c, const struct test_names *n,
                       const struct ast_record *record, u32 i, u32 *place) {
    const struct ast_item *item = &record->items.at[i];
    if (item->kind != AST_ITEM_EXPR) {
        diag_error(c->diags, E0602, item->span, "a row of a test has values of its own only");
        return false;
    }
    if ((item->name.text != NULL) != (record->items.at[0].name.text != NULL)) {
        struct diag *d = diag_error(c->diags, E0602, item->span,
                                    "the values of a row go by position or by name");
        diag_label(c->diags, d, item->name.text ? "has a name" : "has no name");
        return false;
    }
    *place = i;
    if (!item->name.text) return i < n->visible || too_many(c, n, item);
    for (*place = 0; *place < n->count && strcmp(n->names[*place], item->name.text);) ++*place;
    if (*place == n->count) {
        unknown_column(c, n, item->name);
        return false;
    }
    for (u32 k = 0; k < i; k++) {
        const struct ast_item *other = &record->items.at[k];
        if (other->kind != AST_ITEM_EXPR || !other->name.text ||
            strcmp(other->name.text, item->name.text))
            continue;
        struct diag *d = diag_error(c->diags, E0205, item->name.span, "two values are called `%s`",
                                    item->name.text);
        diag_note(c->diags, d, other->name.span, "here is the first");
        return false;
    }
    return true;
}

/* ---- values ---- */

/* The value as one of this type. Null: told. */
static struct texpr *item_value(struct checker *c, const struct ast_expr *e, const char *name,
                                struct type type) {
    struct scope scope = { .c = c, .place = "the rows of a test" };
    struct texpr *value = check_whole(&scope, e);
    bool told = false;
    struct texpr *fit = make_fit(c, value, type, &told);
    if (told) return NULL;
    if (!fit) {
        diag_error(c->diags, E0301, e->span, "`%s` is %s, not %s", name,
                   name_type(c, type_nullable(type, false)), name_type(c, value->type));
        return NULL;
    }
    if (is_null_literal(value) && !type.nullable) {
        diag_error(c->diags, E0303, e->span, "`%s` is never null", name);
        return NULL;
    }
    return fit;
}

static bool may_be_null(struct checker *c, const struct texpr *value, const char *name,
                        struct type type) {
    if (!value->type.nullable || type.nullable) return true;
    struct diag *d = diag_error(c->diags, E0303, value->span, "`%s` may not be null", name);
    diag_label(c->diags, d, "this may be");
    diag_help(c->diags, d, "say what stands for null: `x ?? 0`");
    return false;
}

static struct given_row *add_row(struct checker *c, struct given *to, u32 columns,
                                 struct span span) {
    to->at = list_room(c->arena, to->at, to->count, &to->room, sizeof *to->at);
    struct given_row *row = &to->at[to->count++];
    *row = (struct given_row){ .count = columns, .span = span };
    row->values = arena_alloc(c->arena, (columns + 1) * sizeof *row->values);
    return row;
}

/* ---- rows that are given ---- */

static bool names_any(const struct given_row *row, const struct texpr *e) {
    if (e->kind == TEXPR_COLUMN && row->values[e->column]) return true;
    for (u32 i = 0; i < e->arg_count; i++)
        if (names_any(row, e->args[i])) return true;
    return false;
}

static bool no_time(struct checker *c, const struct test_names *n, const struct given_row *row,
                    const char *help, const char *column) {
    struct diag *d =
        diag_error(c->diags, E0602, row->span, "this row of `%s` has no event time", n->name);
    diag_help(c->diags, d, help, column);
    return false;
}

/* Rows of a stream that is cut: their event time is named, or is another column of theirs. */
static bool stream_time(struct checker *c, const struct test_input *input,
                        const struct test_names *n, struct given_row *row) {
    u32 column = (u32)input->event_time;
    if (row->values[column]) return true;
    for (u32 i = 0; i < n->visible; i++) {
        struct texpr *value = row->values[n->columns[i]];
        if (!value || value->type.kind != TYPE_TIMESTAMP) continue;
        i64 behind = test_behind(input->op, input->port, (i32)n->columns[i], input->event_time);
        if (behind < 0) continue;
        struct texpr *by =
            make_const(c, type_of(TYPE_DURATION), (union value){ .i = behind }, value->span);
        row->values[column] =
            behind ? make_binary(c, OP_SUBTRACT, value->type, value, by, value->span) : value;
        return true;
    }
    return no_time(c, n, row, "name it: `%s = @2024-01-01T00:00:00Z`",
                   input->schema.columns[column].name);
}

/* Rows of a stream that updates are additions unless they say otherwise. */
static void add_op(struct checker *c, const struct test_names *n, struct given_row *row) {
    static const struct str addition = { "+I", 2 };
    if (!rows_update(n->rows)) return;
    u32 column = rows_op(n->rows);
    if (!row->values[column])
        row->values[column] =
            make_const(c, type_of(TYPE_STRING), (union value){ .str = addition }, row->span);
}

static bool has_time(struct checker *c, const struct test_input *input, const struct test_names *n,
                     struct given_row *row) {
    if (input->table) return true;
    const struct tsource *source = input->op->source;
    if (input->op->kind != LOP_SOURCE || input->port)
        return input->event_time < 0 || stream_time(c, input, n, row);
    if (!source->time || names_any(row, source->time)) return true;
    struct str time = text_of_span(&c->parse->texts, source->time->span);
    return no_time(c, n, row, "its source says `time %s`",
                   arena_copy(c->arena, time.at, time.size));
}

bool test_rows_given(struct checker *c, const struct ast_test_step *step, struct test_input *input,
                     const struct test_names *names) {
    u32 errors = c->diags->error_count;
    for (u32 r = 0; r < step->rows.count; r++) {
        const struct ast_record *record = &step->rows.at[r];
        struct given_row *row = add_row(c, &input->given, names->rows->schema.count, record->span);
        u32 place, before = c->diags->error_count;
        for (u32 i = 0; i < record->items.count; i++) {
            if (!item_place(c, names, record, i, &place)) continue;
            u32 column = names->columns[place];
            struct type type = names->rows->schema.columns[column].type;
            struct texpr *value =
                item_value(c, record->items.at[i].expr, names->names[place], type);
            if (value && may_be_null(c, value, names->names[place], type))
                row->values[column] = value;
        }
        add_op(c, names, row);
        if (c->diags->error_count == before) has_time(c, input, names, row);
    }
    return c->diags->error_count == errors;
}

/* ---- rows that are expected ---- */

static u32 output_column(struct checker *c, struct test_output *o, const struct test_names *n,
                         u32 place) {
    u32 i = 0;
    for (; i < o->column_count; i++)
        if (!strcmp(o->columns[i].name, n->names[place])) return i;
    o->columns =
        list_room(c->arena, o->columns, o->column_count, &o->column_room, sizeof *o->columns);
    u32 column = n->columns[place];
    o->columns[o->column_count++] =
        (struct test_column){ .name = n->names[place],
                              .type = n->rows->schema.columns[column].type,
                              .column = column,
                              .key = test_is_key(o->op, o->port, column) };
    return i;
}

/* What `expect final` has to see besides: what rows do, or which are versions of one. */
static void final_columns(struct checker *c, const struct ast_test_step *step,
                          struct test_output *output, const struct test_names *names) {
    u32 *places = arena_alloc(c->arena, (names->count + 3) * sizeof *places), count;
    for (u32 i = names->visible; i < names->count; i++)
        if (!strcmp(names->names[i], OP_COLUMN)) {
            output->does = (i32)output_column(c, output, names, i);
            return;
        }
    if (!span_is_somewhere(names->rows->panes)) return;
    if (!test_version_columns(names, places, &count)) {
        struct diag *d =
            diag_error(c->diags, E0601, step->name.span,
                       "versions of one row of `%s` cannot be told apart", names->name);
        diag_note(c->diags, d, names->rows->panes, "several panes come from here");
        diag_help(
            c->diags, d,
            "`expect final` needs the keys and the start of the window, and of a session its end");
        return;
    }
    output->versions = true;
    for (u32 i = 0; i < count; i++) {
        u32 column = output_column(c, output, names, places[i]);
        output->columns[column].version = true;
    }
}

bool test_rows_expected(struct checker *c, const struct ast_test_step *step,
                        struct test_output *output, const struct test_names *names) {
    u32 errors = c->diags->error_count;
    for (u32 r = 0; r < step->rows.count; r++) {
        const struct ast_record *record = &step->rows.at[r];
        struct given_row *row = add_row(c, &output->expected, names->count, record->span);
        u32 place;
        for (u32 i = 0; i < record->items.count; i++) {
            if (!item_place(c, names, record, i, &place)) continue;
            u32 column = output_column(c, output, names, place);
            row->values[column] = item_value(c, record->items.at[i].expr, names->names[place],
                                             output->columns[column].type);
        }
    }
    if (!output->column_count && names->visible) output_column(c, output, names, 0);
    if (step->expect == AST_EXPECT_FINAL) final_columns(c, step, output, names);
    return c->diags->error_count == errors;
}
