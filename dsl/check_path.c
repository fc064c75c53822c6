/* Names in expressions: a column of the row that flows, a field of a record, the row by its alias,
 * else a param. */
#include "dsl/check_internal.h"

#include <string.h>

const struct field *field_find(const struct rows *rows, const char *name) {
    for (u32 i = 0; i < rows->field_count; i++)
        if (!strcmp(rows->fields[i].name, name)) return &rows->fields[i];
    return NULL;
}

static bool is_known(const struct scope *s, u32 column) {
    for (const struct known *k = s->known; k; k = k->outer)
        if (k->columns[column]) return true;
    return false;
}

struct texpr *column_of(struct scope *s, u32 column, struct span span) {
    struct type type = s->rows->schema.columns[column].type;
    if (is_known(s, column)) type.nullable = false;
    return make_column(s->c, column, type, span);
}

static struct path path_of_field(const struct field *field) {
    if (field->record) return (struct path){ .kind = PATH_RECORD, .field = field };
    return (struct path){ .kind = PATH_COLUMN, .column = field->first };
}

/* Visible columns come first: one that is called `pane` hides the hidden one. */
static struct path path_of_name(const struct rows *rows, const char *name, bool with_row) {
    const struct field *field = field_find(rows, name);
    if (field) return path_of_field(field);
    for (u32 i = rows->schema.count - rows->hidden_count; i < rows->schema.count; i++)
        if (!strcmp(rows->schema.columns[i].name, name) && strcmp(name, OP_COLUMN))
            return (struct path){ .kind = PATH_COLUMN, .column = i };
    if (with_row && rows->alias && !strcmp(rows->alias, name))
        return (struct path){ .kind = PATH_ROW };
    return (struct path){ .kind = PATH_NOTHING };
}

static struct path refused_path(struct scope *s, struct ast_name name, const char *of) {
    if (!s->rows->open) {
        struct diag *d =
            diag_error(s->c->diags, E0201, name.span, "no column `%s` in `%s`", name.text, of);
        const char *names[ROW_COLUMNS_MAX + 1];
        const struct field *record = field_find(s->rows, of);
        u32 count = record && record->record ? record->count : s->rows->field_count;
        for (u32 i = 0; i < count; i++)
            names[i] =
                record && record->record ? record->record->names[i] : s->rows->fields[i].name;
        const char *near = worth_a_hint(s->c) ? diag_nearest(name.text, names, count) : NULL;
        if (near) diag_help(s->c->diags, d, "did you mean `%s`?", near);
    }
    return (struct path){ .kind = PATH_REFUSED };
}

static struct path path_of_part(struct scope *s, const struct ast_expr *e) {
    const struct ast_expr *of = e->field.of;
    struct path outer = path_find(s, of);
    const char *of_name = of->kind == AST_EXPR_NAME    ? of->name
                          : of->kind == AST_EXPR_FIELD ? of->field.name.text
                                                       : "";
    if (outer.kind == PATH_ROW) {
        struct path inner = path_of_name(s->rows, e->field.name.text, false);
        return inner.kind == PATH_NOTHING ? refused_path(s, e->field.name, of_name) : inner;
    }
    if (outer.kind != PATH_RECORD)
        return outer.kind == PATH_REFUSED ? outer : (struct path){ .kind = PATH_NOTHING };
    for (u32 i = 0; i < outer.field->count; i++)
        if (!strcmp(outer.field->record->names[i], e->field.name.text))
            return (struct path){ .kind = PATH_COLUMN, .column = outer.field->first + i };
    return refused_path(s, e->field.name, of_name);
}

struct path path_find(struct scope *s, const struct ast_expr *e) {
    if (!s->rows) return (struct path){ .kind = PATH_NOTHING };
    if (e->kind == AST_EXPR_NAME) return path_of_name(s->rows, e->name, true);
    if (e->kind == AST_EXPR_FIELD) return path_of_part(s, e);
    return (struct path){ .kind = PATH_NOTHING };
}

/* Of several hints the one that explains most. */
static void column_help(struct scope *s, struct diag *d, const char *name) {
    const struct rows *rows = s->rows;
    struct checker *c = s->c;
    const char *names[2 * ROW_COLUMNS_MAX + 4];
    u32 count = 0;
    for (u32 i = 0; rows && i < rows->field_count; i++) names[count++] = rows->fields[i].name;
    for (u32 i = rows ? rows->schema.count - rows->hidden_count : 0; rows && i < rows->schema.count;
         i++)
        if (strcmp(rows->schema.columns[i].name, OP_COLUMN))
            names[count++] = rows->schema.columns[i].name;
    const char *near = worth_a_hint(c) ? diag_nearest(name, names, count) : NULL;
    if (!near) near = name_nearest(c, name, 1u << SYMBOL_PARAM);
    if (near) {
        diag_help(c->diags, d, "did you mean `%s`?", near);
        return;
    }
    for (u32 f = 0; rows && f < rows->field_count; f++)
        for (u32 i = 0; rows->fields[f].record && i < rows->fields[f].count; i++)
            if (!strcmp(rows->fields[f].record->names[i], name)) {
                diag_help(c->diags, d, "`%s.%s` is one", rows->fields[f].name, name);
                return;
            }
    if (!strcmp(name, "event_time"))
        diag_help(c->diags, d, "rows have an event time once the source says `time`");
    if (!strcmp(name, "pane") || !strcmp(name, "timing"))
        diag_help(c->diags, d, "rows have it behind a windowed stage, through stateless ones");
}

void column_unknown(struct scope *s, const char *name, struct span span) {
    struct checker *c = s->c;
    if (s->rows && s->rows->open) return;
    const struct symbol *symbol = name_find(c, name);
    if (symbol && symbol->refused && symbol->kind == SYMBOL_PARAM) return;
    struct diag *d;
    const struct rows *input = s->aggregation ? s->aggregation->input.rows : NULL;
    if (input && (input->open || path_of_name(input, name, true).kind != PATH_NOTHING)) {
        if (input->open) return;
        d = diag_error(c->diags, E0407, span, "`%s` is neither a key nor inside an aggregate",
                       name);
        diag_help(c->diags, d, "say which of the group's: `max(%s)`, or add it to `key by`", name);
        return;
    }
    if (s->place)
        d = diag_error(c->diags, E0201, span, "no `%s` in %s", name, s->place);
    else
        d = diag_error(c->diags, E0201, span, "no column `%s`", name);
    if (symbol && symbol->kind != SYMBOL_PARAM) {
        diag_note(c->diags, d, symbol->name.span, "`%s` is %s", name,
                  symbol_kind_words(symbol->kind));
        return;
    }
    column_help(s, d, name);
    if (symbol && s->place) diag_help(c->diags, d, "a param cannot be said here");
}

static struct texpr *record_refused(struct scope *s, const struct field *field, struct span span) {
    struct diag *d = not_yet(s->c, span, "a record as a value");
    diag_help(s->c->diags, d, "name its columns, `%s.%s`, or all of them, `%s.*`", field->name,
              field->record->names[0], field->name);
    return make_none(s->c, span);
}

struct texpr *check_name(struct scope *s, const struct ast_expr *e) {
    struct path path = path_find(s, e);
    if (path.kind == PATH_COLUMN) return column_of(s, path.column, e->span);
    if (path.kind == PATH_RECORD) return record_refused(s, path.field, e->span);
    struct symbol *symbol = name_find(s->c, e->name);
    if (symbol && symbol->kind == SYMBOL_PARAM && path.kind == PATH_NOTHING &&
        !(s->rows && s->rows->open))
        return param_constant(s->c, symbol, e->span);
    if (path.kind == PATH_ROW)
        not_yet(s->c, e->span, "a whole row as a value");
    else
        column_unknown(s, e->name, e->span);
    return make_none(s->c, e->span);
}

struct texpr *check_field(struct scope *s, const struct ast_expr *e) {
    struct path path = path_find(s, e);
    if (path.kind == PATH_COLUMN) return column_of(s, path.column, e->span);
    if (path.kind == PATH_REFUSED || (s->rows && s->rows->open)) return make_none(s->c, e->span);
    const struct ast_expr *of = e->field.of;
    if (of->kind == AST_EXPR_NAME && path_find(s, of).kind == PATH_NOTHING) {
        column_unknown(s, of->name, of->span);
        return make_none(s->c, e->span);
    }
    struct texpr *whole = check_expr(s, of);
    if (!is_refused(whole)) {
        struct diag *d = diag_error(s->c->diags, E0207, e->field.name.span, "%s has no fields",
                                    name_type(s->c, whole->type));
        diag_label(s->c->diags, d, "there is no `.%s`", e->field.name.text);
    }
    return make_none(s->c, e->span);
}
