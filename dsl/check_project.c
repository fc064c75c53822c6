/* select, let, drop, rename: rows with other columns. where and explode stand here too. */
#include "dsl/check_internal.h"

#include <string.h>

/* ---- a row under construction ---- */

void row_begin(struct row_builder *b, struct pipe *p) {
    *b = (struct row_builder){ .p = p };
}

bool row_is_free(struct row_builder *b, const char *name, struct span span) {
    for (u32 i = 0; i < b->field_count; i++) {
        if (strcmp(b->fields[i].name, name)) continue;
        struct diag *d =
            diag_error(b->p->c->diags, E0205, span, "two columns are called `%s`", name);
        diag_note(b->p->c->diags, d, b->spans[i], "here is the first");
        b->refused = true;
        return false;
    }
    if (b->column_count < ROW_COLUMNS_MAX) return true;
    if (!b->refused && !b->p->rows.open)
        diag_error(b->p->c->diags, E0413, span, "a row has at most %u columns", ROW_COLUMNS_MAX);
    b->refused = true;
    return false;
}

static void put_column(struct row_builder *b, const char *name, struct texpr *expr) {
    struct arena *arena = b->p->c->arena;
    u32 room = b->column_room;
    b->columns = list_room(arena, b->columns, b->column_count, &room, sizeof *b->columns);
    b->exprs = list_room(arena, b->exprs, b->column_count, &b->column_room, sizeof *b->exprs);
    b->columns[b->column_count] = (struct column){ name, expr->type };
    b->exprs[b->column_count++] = expr;
}

static void put_field(struct row_builder *b, struct field field, struct span span) {
    struct arena *arena = b->p->c->arena;
    u32 room = b->field_room;
    b->spans = list_room(arena, b->spans, b->field_count, &room, sizeof *b->spans);
    b->fields = list_room(arena, b->fields, b->field_count, &b->field_room, sizeof *b->fields);
    b->spans[b->field_count] = span;
    b->fields[b->field_count++] = field;
}

void row_column(struct row_builder *b, const char *name, struct texpr *expr, struct span span) {
    if (!row_is_free(b, name, span)) return;
    put_field(b, (struct field){ .name = name, .first = b->column_count, .count = 1 }, span);
    put_column(b, name, expr);
}

/* A column of the input as it is, a record with all of its fields. */
void row_field(struct row_builder *b, const char *name, const struct field *field,
               struct span span) {
    struct checker *c = b->p->c;
    if (!row_is_free(b, name, span)) return;
    put_field(b, (struct field){ name, b->column_count, field->count, field->record }, span);
    for (u32 i = 0; i < field->count; i++) {
        struct type type = b->p->rows.schema.columns[field->first + i].type;
        const char *full =
            field->record ? arena_printf(c->arena, "%s.%s", name, field->record->names[i]) : name;
        put_column(b, full, make_column(c, field->first + i, type, span));
    }
}

/* The hidden columns follow: event_time, pane, timing, and what says whether the records that are
 * left are there. */
static u32 row_hidden(struct row_builder *b, i32 *event_time) {
    struct checker *c = b->p->c;
    struct rows *rows = &b->p->rows;
    u32 hidden = 0;
    for (u32 i = rows->schema.count - rows->hidden_count; i < rows->schema.count; i++) {
        bool wanted = strchr(rows->schema.columns[i].name, '?') == NULL;
        for (u32 f = 0; f < b->field_count; f++) {
            struct record *record = b->fields[f].record;
            if (!record || record->matched != (i32)i) continue;
            wanted = true;
            b->fields[f].record = arena_alloc(c->arena, sizeof *record);
            *b->fields[f].record = *record;
            b->fields[f].record->matched = (i32)b->column_count;
        }
        if (!wanted) continue;
        if (rows->event_time == (i32)i) *event_time = (i32)b->column_count;
        if (rows->event_time == (i32)i && b->time) {
            put_column(b, rows->schema.columns[i].name, b->time);
            hidden++;
            continue;
        }
        put_column(b, rows->schema.columns[i].name,
                   make_column(c, i, rows->schema.columns[i].type,
                               b->p->rows.op ? b->p->rows.op->span : (struct span){ 0 }));
        hidden++;
    }
    if (b->time && *event_time < 0) {
        *event_time = (i32)b->column_count;
        put_column(b, "event_time", b->time);
        hidden++;
    }
    if (b->on) put_column(b, "on?", b->on);
    return hidden + (b->on != NULL);
}

void row_end(struct row_builder *b, const struct ast_stage *stage, const char *label) {
    struct pipe *p = b->p;
    i32 event_time = -1;
    if (b->field_count == 0 && !b->refused && !p->rows.open) {
        diag_error(p->c->diags, E0412, stage->span, "no column is left");
        b->refused = true;
    }
    u32 hidden = row_hidden(b, &event_time);
    struct lop *op = pipe_op(p, LOP_PROJECT, stage, label);
    op->exprs = b->exprs;
    p->rows.event_time = event_time;
    p->rows.fields = b->fields;
    p->rows.field_count = b->field_count;
    if (b->refused) rows_open(&p->rows);
    pipe_gives(p, op, (struct schema){ b->columns, b->column_count }, hidden);
}

/* ---- items ---- */

struct texpr *check_column_value(struct scope *s, const struct ast_expr *e) {
    struct texpr *value = check_whole(s, e);
    struct diag *d = NULL;
    if (is_null_literal(value)) {
        d = diag_error(s->c->diags, E0301, e->span, "null alone has no type");
        diag_help(s->c->diags, d, "say which: `null as string`");
    } else if (value->type.kind == TYPE_LIST) {
        d = not_yet(s->c, e->span, "a list as a column");
        diag_help(s->c->diags, d, "`explode x = ...` makes a row of each element");
    }
    return d ? make_none(s->c, e->span) : value;
}

static void item_needs_name(struct row_builder *b, const struct ast_item *item) {
    struct diag *d =
        diag_error(b->p->c->diags, E0209, item->span, "a computed column needs a name");
    diag_help(b->p->c->diags, d, "write `name = ...`");
    b->refused = true;
}

static void item_all(struct row_builder *b, struct span span) {
    const struct rows *rows = &b->p->rows;
    for (u32 i = 0; i < rows->field_count; i++)
        row_field(b, rows->fields[i].name, &rows->fields[i], span);
}

static void item_spread(struct row_builder *b, struct scope *s, const struct ast_item *item) {
    struct path path = path_find(s, item->expr);
    if (path.kind == PATH_ROW) item_all(b, item->span);
    if (path.kind == PATH_RECORD)
        for (u32 i = 0; i < path.field->count; i++)
            row_column(b, path.field->record->names[i],
                       column_of(s, path.field->first + i, item->span), item->span);
    if (path.kind == PATH_ROW || path.kind == PATH_RECORD) return;
    if (path.kind == PATH_NOTHING && item->expr->kind == AST_EXPR_NAME)
        column_unknown(s, item->expr->name, item->expr->span);
    else if (path.kind != PATH_REFUSED) {
        struct texpr *value = check_whole(s, item->expr);
        if (!is_refused(value))
            diag_error(s->c->diags, E0207, item->span, "%s has no fields",
                       name_type(s->c, value->type));
    }
    b->refused = true;
}

/* What a bare name or a.b.c is called: c. */
const char *item_name(const struct ast_item *item) {
    if (item->name.text) return item->name.text;
    if (item->expr->kind == AST_EXPR_NAME) return item->expr->name;
    return item->expr->kind == AST_EXPR_FIELD ? item->expr->field.name.text : NULL;
}

static void select_item(struct row_builder *b, struct scope *s, const struct ast_item *item) {
    if (item->kind == AST_ITEM_ALL) item_all(b, item->span);
    if (item->kind == AST_ITEM_SPREAD) item_spread(b, s, item);
    if (item->kind != AST_ITEM_EXPR) return;
    const char *name = item_name(item);
    if (!name) {
        check_whole(s, item->expr);
        item_needs_name(b, item);
        return;
    }
    struct path path = path_find(s, item->expr);
    if (path.kind == PATH_RECORD) {
        row_field(b, name, path.field, item->span);
        return;
    }
    struct texpr *value = check_column_value(s, item->expr);
    b->refused = b->refused || is_refused(value);
    row_column(b, name, value, item->span);
}

/* ---- stages ---- */

void stage_select(struct pipe *p, const struct ast_stage *stage) {
    struct row_builder b;
    struct scope s = pipe_scope(p);
    row_begin(&b, p);
    for (u32 i = 0; i < stage->items.count; i++) select_item(&b, &s, &stage->items.at[i]);
    row_end(&b, stage, "select");
    p->rows.alias = NULL;
}

static bool reads_column(const struct texpr *e, u32 column) {
    if (e->kind == TEXPR_COLUMN) return e->column == column;
    for (u32 i = 0; i < e->arg_count; i++)
        if (reads_column(e->args[i], column)) return true;
    return false;
}

/* Keys that wait for their stage are of columns that stay as they are. */
static void let_keeps_keys(struct pipe *p, struct row_builder *b, const struct ast_item *item) {
    const struct field *field = field_find(&p->rows, item->name.text);
    for (u32 k = 0; field && span_is_somewhere(p->key_span) && k < p->key_count; k++) {
        bool reads = false;
        for (u32 i = 0; i < field->count; i++)
            reads = reads || reads_column(p->keys[k].expr, field->first + i);
        if (!reads) continue;
        struct diag *d = diag_error(p->c->diags, E0406, item->span,
                                    "`%s` is part of the key and cannot change here", field->name);
        diag_note(p->c->diags, d, p->keys[k].span, "the key of the next stage");
        diag_help(p->c->diags, d, "move this `let` before `key by`");
        b->refused = true;
        return;
    }
}

struct texpr *texpr_moved(struct checker *c, const struct texpr *e, const u32 *to) {
    if (e->kind == TEXPR_COLUMN) return make_column(c, to[e->column], e->type, e->span);
    struct texpr *r = arena_alloc(c->arena, sizeof *r);
    *r = *e;
    r->args = arena_alloc(c->arena, (e->arg_count + 1) * sizeof *r->args);
    for (u32 i = 0; i < e->arg_count; i++) r->args[i] = texpr_moved(c, e->args[i], to);
    return r;
}

/* The keys read the row behind the `let`: columns that were kept stand where the builder put them.
 */
static void move_keys(struct pipe *p, const struct row_builder *b) {
    u32 to[2 * ROW_COLUMNS_MAX] = { 0 };
    if (!span_is_somewhere(p->key_span)) return;
    for (u32 i = 0; i < b->column_count; i++)
        if (b->exprs[i]->kind == TEXPR_COLUMN) to[b->exprs[i]->column] = i;
    for (u32 i = 0; i < p->key_count; i++) p->keys[i].expr = texpr_moved(p->c, p->keys[i].expr, to);
}

/* Each item sees the ones before it, so each is a projection; rules.h puts them together again. */
static void let_item(struct pipe *p, const struct ast_stage *stage, const struct ast_item *item) {
    struct checker *c = p->c;
    struct row_builder b;
    struct scope s = pipe_scope(p);
    row_begin(&b, p);
    if (item->kind != AST_ITEM_EXPR || !item->name.text) {
        struct diag *d = diag_error(c->diags, E0209, item->span, "`let` gives a column a name");
        diag_help(c->diags, d, "write `let name = ...`");
        return;
    }
    struct path path = path_find(&s, item->expr);
    struct texpr *value = path.kind == PATH_RECORD ? NULL : check_column_value(&s, item->expr);
    b.refused = value && is_refused(value);
    let_keeps_keys(p, &b, item);
    bool replaced = false;
    for (u32 i = 0; i < p->rows.field_count + 1; i++) {
        const struct field *field = i < p->rows.field_count ? &p->rows.fields[i] : NULL;
        bool here = field ? !strcmp(field->name, item->name.text) : !replaced;
        replaced = replaced || (field && here);
        if (here && value)
            row_column(&b, item->name.text, value, item->span);
        else if (here)
            row_field(&b, item->name.text, path.field, item->span);
        else if (field)
            row_field(&b, field->name, field, stage->word);
    }
    row_end(&b, stage, "let");
    move_keys(p, &b);
}

void stage_let(struct pipe *p, const struct ast_stage *stage) {
    for (u32 i = 0; i < stage->items.count && !p->c->too_many; i++)
        let_item(p, stage, &stage->items.at[i]);
}

static bool names_column(struct pipe *p, struct ast_name name) {
    struct scope s = pipe_scope(p);
    if (field_find(&p->rows, name.text)) return true;
    column_unknown(&s, name.text, name.span);
    return false;
}

void stage_drop(struct pipe *p, const struct ast_stage *stage) {
    struct row_builder b;
    row_begin(&b, p);
    for (u32 i = 0; i < stage->drop.count; i++)
        if (!names_column(p, stage->drop.at[i])) b.refused = true;
    for (u32 f = 0; f < p->rows.field_count; f++) {
        bool dropped = false;
        for (u32 i = 0; i < stage->drop.count && !dropped; i++)
            dropped = !strcmp(stage->drop.at[i].text, p->rows.fields[f].name);
        if (!dropped) row_field(&b, p->rows.fields[f].name, &p->rows.fields[f], stage->span);
    }
    row_end(&b, stage, "drop");
}

/* All at once: `rename a = b, b = a` swaps. */
void stage_rename(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct row_builder b;
    row_begin(&b, p);
    for (u32 i = 0; i < stage->items.count; i++) {
        const struct ast_item *item = &stage->items.at[i];
        bool plain =
            item->kind == AST_ITEM_EXPR && item->name.text && item->expr->kind == AST_EXPR_NAME;
        if (!plain) {
            struct diag *d = diag_error(c->diags, E0209, item->span, "`rename` takes `new = old`");
            diag_help(c->diags, d, "to compute a column, use `let`");
        }
        if (!plain || !names_column(p, (struct ast_name){ item->expr->name, item->expr->span }))
            b.refused = true;
    }
    for (u32 f = 0; f < p->rows.field_count; f++) {
        const struct ast_item *found = NULL;
        for (u32 i = 0; i < stage->items.count && !found; i++) {
            const struct ast_item *item = &stage->items.at[i];
            if (item->kind == AST_ITEM_EXPR && item->name.text &&
                item->expr->kind == AST_EXPR_NAME &&
                !strcmp(item->expr->name, p->rows.fields[f].name))
                found = item;
        }
        row_field(&b, found ? found->name.text : p->rows.fields[f].name, &p->rows.fields[f],
                  found ? found->span : stage->word);
    }
    row_end(&b, stage, "rename");
}

void stage_where(struct pipe *p, const struct ast_stage *stage) {
    struct scope s = pipe_scope(p);
    s.c->made = 0;
    s.c->too_large = false;
    struct texpr *condition = check_condition(&s, stage->where, "`where`");
    struct lop *op = pipe_op(p, LOP_WHERE, stage, "where");
    op->expr = condition;
    struct schema schema = { arena_alloc(p->c->arena,
                                         (p->rows.schema.count + 1) * sizeof(struct column)),
                             p->rows.schema.count };
    bool *known = arena_alloc(p->c->arena, schema.count + 1);
    if (!is_refused(condition)) narrow(&p->rows, condition, known);
    for (u32 i = 0; i < schema.count; i++) {
        schema.columns[i] = p->rows.schema.columns[i];
        if (known[i]) schema.columns[i].type.nullable = false;
    }
    pipe_gives(p, op, schema, p->rows.hidden_count);
}

/* ---- explode ---- */

void stage_explode(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct scope s = pipe_scope(p);
    struct texpr *list = check_whole(&s, stage->explode.list);
    bool right = list->kind == TEXPR_CALL && list->function->form == FUNCTION_LIST;
    if (!right && !is_refused(list)) {
        struct diag *d =
            list->type.kind == TYPE_LIST
                ? not_yet(c, list->span, "a list that is worked out")
                : diag_error(c->diags, E0301, list->span, "`explode` takes a list, not %s",
                             name_type(c, list->type));
        diag_help(c->diags, d, "`split(text, \",\")` and `regex_split(text, r\"\\W+\")` make one");
    }
    struct rows *rows = &p->rows;
    const char *name = stage->explode.name.text;
    const struct field *old = field_find(rows, name);
    if (old && old->record) {
        diag_error(c->diags, E0205, stage->explode.name.span, "there is a record called `%s`",
                   name);
        rows_open(rows);
        return;
    }
    u32 visible = rows->schema.count - rows->hidden_count, at = old ? old->first : visible,
        more = old ? 0 : 1;
    struct schema schema = { arena_alloc(c->arena,
                                         (rows->schema.count + 1) * sizeof(struct column)),
                             rows->schema.count + more };
    for (u32 i = 0; i < rows->schema.count; i++)
        schema.columns[i < visible ? i : i + more] = rows->schema.columns[i];
    schema.columns[at] = (struct column){ name, type_of(TYPE_STRING) };
    struct lop *op = pipe_op(p, LOP_EXPLODE, stage, "explode");
    op->expr = list;
    op->column = at;
    struct field *fields = arena_alloc(c->arena, (rows->field_count + 1) * sizeof *fields);
    for (u32 i = 0; i < rows->field_count; i++) {
        fields[i] = rows->fields[i];
        if (!fields[i].record || fields[i].record->matched < 0) continue;
        fields[i].record = arena_alloc(c->arena, sizeof *fields[i].record);
        *fields[i].record = *rows->fields[i].record;
        fields[i].record->matched += (i32)more;
    }
    if (!old) fields[rows->field_count++] = (struct field){ .name = name, .first = at, .count = 1 };
    rows->fields = fields;
    if (rows->event_time >= 0) rows->event_time += (i32)more;
    if (!right || schema.count - rows->hidden_count > ROW_COLUMNS_MAX) rows_open(rows);
    pipe_gives(p, op, schema, rows->hidden_count);
}

/* ---- before a sink ---- */

void rows_flatten(struct pipe *p, const struct ast_stage *stage, const struct format *format) {
    struct rows *rows = &p->rows;
    const struct field *record = NULL;
    for (u32 i = 0; i < rows->field_count && !record; i++)
        if (rows->fields[i].record) record = &rows->fields[i];
    if (!record) return;
    if (format->kind == FORMAT_JSON) {
        struct diag *d = not_yet(p->c, stage->word, "a record, `%s`, in JSON", record->name);
        diag_help(p->c->diags, d, "write its columns beside the others: `select ..., %s.*`",
                  record->name);
        rows_open(rows);
        return;
    }
    struct row_builder b;
    row_begin(&b, p);
    for (u32 f = 0; f < rows->field_count; f++) {
        const struct field *field = &rows->fields[f];
        for (u32 i = 0; i < field->count; i++) {
            const char *name = field->record ? arena_printf(p->c->arena, "%s_%s", field->name,
                                                            field->record->names[i])
                                             : field->name;
            row_column(&b, name,
                       make_column(p->c, field->first + i,
                                   rows->schema.columns[field->first + i].type, stage->word),
                       stage->word);
        }
    }
    row_end(&b, stage, "into");
}
