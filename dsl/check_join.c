/* Rows of several inputs: `lookup` in a table, `union`. */
#include "dsl/check_internal.h"

#include <string.h>

/* ---- lookup ---- */

static struct symbol *lookup_table(struct checker *c, const struct ast_stage *stage) {
    struct symbol *symbol = name_find(c, stage->lookup.table.text);
    if (symbol && symbol->kind == SYMBOL_TABLE) {
        symbol->readers++;
        return symbol->refused ? NULL : symbol;
    }
    name_unknown(c, stage->lookup.table, "a table", 1u << SYMBOL_TABLE);
    return NULL;
}

/* The row with the table's columns behind its own: input visible, table, input hidden[, matched].
 */
static struct rows joined_rows(struct pipe *p, const struct ttable *table, const char *name,
                               bool left) {
    struct checker *c = p->c;
    struct rows rows = p->rows;
    u32 visible = rows.schema.count - rows.hidden_count, more = table->schema.count;
    rows.schema.count = rows.schema.count + more + left;
    rows.schema.columns = arena_alloc(c->arena, rows.schema.count * sizeof(struct column));
    struct record *record = arena_alloc(c->arena, sizeof *record);
    *record = (struct record){ .matched = -1 };
    record->names = arena_alloc(c->arena, more * sizeof *record->names);
    record->types = arena_alloc(c->arena, more * sizeof *record->types);
    for (u32 i = 0; i < p->rows.schema.count; i++)
        rows.schema.columns[i < visible ? i : i + more] = p->rows.schema.columns[i];
    for (u32 i = 0; i < more; i++) {
        const struct column *column = &table->schema.columns[i];
        record->names[i] = column->name;
        record->types[i] = column->type;
        rows.schema.columns[visible + i] =
            (struct column){ arena_printf(c->arena, "%s.%s", name, column->name), column->type };
    }
    if (left) {
        rows.schema.columns[rows.schema.count - 1] =
            (struct column){ arena_printf(c->arena, "%s?", name), type_of(TYPE_BOOL) };
        rows.hidden_count++;
    }
    rows.fields = arena_alloc(c->arena, (rows.field_count + 1) * sizeof *rows.fields);
    for (u32 i = 0; i < rows.field_count; i++) {
        rows.fields[i] = p->rows.fields[i];
        if (!rows.fields[i].record || rows.fields[i].record->matched < 0) continue;
        rows.fields[i].record = arena_alloc(c->arena, sizeof *record);
        *rows.fields[i].record = *p->rows.fields[i].record;
        rows.fields[i].record->matched += (i32)more;
    }
    rows.fields[rows.field_count++] = (struct field){ name, visible, more, record };
    if (rows.event_time >= 0) rows.event_time += (i32)more;
    return rows;
}

enum side { SIDE_NEITHER, SIDE_INPUT, SIDE_TABLE, SIDE_BOTH };

static enum side side_of(const struct texpr *e, const struct lop *op) {
    if (e->kind == TEXPR_COLUMN)
        return e->column - op->looked_first < op->table->schema.count ? SIDE_TABLE : SIDE_INPUT;
    u32 side = SIDE_NEITHER;
    for (u32 i = 0; i < e->arg_count; i++) side |= side_of(e->args[i], op);
    return (enum side)side;
}

/* The table's column in `column == e` or (widened) `column as T == e`; an integer e is then
   narrowed, and one that does not fit equals none of the column's values, as null does. */
static bool key_column(struct checker *c, const struct lop *op, const struct texpr *column,
                       struct texpr **e) {
    if (side_of(*e, op) == SIDE_TABLE || side_of(*e, op) == SIDE_BOTH) return false;
    const struct texpr *plain = column;
    while (plain->kind == TEXPR_CAST && type_is_integer(plain->type.kind) &&
           type_widens(plain->args[0]->type, plain->type))
        plain = plain->args[0];
    if (plain->kind != TEXPR_COLUMN || side_of(plain, op) != SIDE_TABLE) return false;
    if (plain != column && !type_same_kind(plain->type, (*e)->type))
        *e = make_cast(c, *e, type_nullable(plain->type, true), (*e)->span);
    return true;
}

static void input_key(struct pipe *p, struct lop *op, const struct texpr *column,
                      const struct texpr *e) {
    struct checker *c = p->c;
    u32 to[3 * ROW_COLUMNS_MAX], more = op->table->schema.count;
    while (column->kind == TEXPR_CAST) column = column->args[0];
    for (u32 i = 0; i < p->rows.schema.count + more; i++)
        to[i] = i < op->looked_first + more ? i : i - more;
    op->table_keys[op->lookup_key_count] = column->column - op->looked_first;
    op->lookup_keys[op->lookup_key_count++] = texpr_moved(c, e, to);
}

/* Of `a and b and ...`: equalities between the sides are the key, the rest is a test. */
static void split_condition(struct pipe *p, struct lop *op, struct texpr *e) {
    struct checker *c = p->c;
    if (e->kind == TEXPR_BINARY && e->op == OP_AND) {
        split_condition(p, op, e->args[0]);
        split_condition(p, op, e->args[1]);
        return;
    }
    if (e->kind == TEXPR_BINARY && e->op == OP_EQUAL && op->lookup_key_count < AGGREGATES_MAX) {
        struct texpr *left = e->args[0], *right = e->args[1];
        if (key_column(c, op, left, &right)) {
            input_key(p, op, left, right);
            return;
        }
        if (key_column(c, op, right, &left)) {
            input_key(p, op, right, left);
            return;
        }
    }
    struct type type = type_of(TYPE_BOOL);
    if (op->lookup_rest) type.nullable = op->lookup_rest->type.nullable || e->type.nullable;
    op->lookup_rest =
        op->lookup_rest ? make_binary(c, OP_AND, type, op->lookup_rest, e, e->span) : e;
}

static void lookup_condition(struct pipe *p, const struct ast_stage *stage, struct lop *op,
                             const struct rows *joined) {
    struct checker *c = p->c;
    struct scope s = { .c = c, .rows = joined };
    c->made = 0;
    c->too_large = false;
    struct texpr *condition = check_condition(&s, stage->lookup.on, "`on`");
    op->table_keys = arena_alloc(c->arena, AGGREGATES_MAX * sizeof *op->table_keys);
    op->lookup_keys = arena_alloc(c->arena, AGGREGATES_MAX * sizeof *op->lookup_keys);
    if (is_refused(condition)) {
        rows_open(&p->rows);
        return;
    }
    split_condition(p, op, condition);
    if (op->lookup_key_count || joined->open) return;
    struct diag *d = diag_warning(c->diags, W0006, stage->lookup.on->span,
                                  "every row of the table is looked at for each row");
    diag_help(c->diags, d, "compare a column of the table by `==`, as in `%s.%s == ...`",
              joined->fields[joined->field_count - 1].name, op->table->schema.columns[0].name);
}

void stage_lookup(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct symbol *symbol = lookup_table(c, stage);
    const char *name =
        stage->lookup.alias.text ? stage->lookup.alias.text : stage->lookup.table.text;
    struct span span =
        stage->lookup.alias.text ? stage->lookup.alias.span : stage->lookup.table.span;
    if (symbol && field_find(&p->rows, name)) {
        struct diag *d = diag_error(c->diags, E0205, span, "there is a column `%s` already", name);
        diag_help(c->diags, d, "call the record by another name: `lookup %s as other on ...`",
                  stage->lookup.table.text);
        symbol = NULL;
    }
    if (symbol && p->rows.schema.count + symbol->table->schema.count + 1 > ROW_COLUMNS_MAX) {
        diag_error(c->diags, E0413, span, "a row has at most %u columns", ROW_COLUMNS_MAX);
        symbol = NULL;
    }
    if (!symbol) {
        rows_open(&p->rows);
        return;
    }
    struct rows joined = joined_rows(p, symbol->table, name, stage->lookup.left);
    struct lop *op = pipe_op(p, LOP_LOOKUP, stage, stage->lookup.left ? "left lookup" : "lookup");
    op->table = symbol->table;
    op->left = stage->lookup.left;
    op->looked_first = p->rows.schema.count - p->rows.hidden_count;
    lookup_condition(p, stage, op, &joined);
    joined.open = p->rows.open;
    if (op->left) {
        op->looked_matched = (i32)joined.schema.count - 1;
        joined.fields[joined.field_count - 1].record->matched = op->looked_matched;
        for (u32 i = 0; i < symbol->table->schema.count; i++)
            joined.schema.columns[op->looked_first + i].type.nullable = true;
    }
    p->rows = joined;
    pipe_gives(p, op, joined.schema, joined.hidden_count);
}

/* ---- union ---- */

static i32 hidden_column(const struct rows *rows, const char *name) {
    for (u32 i = rows->schema.count - rows->hidden_count; i < rows->schema.count; i++)
        if (!strcmp(rows->schema.columns[i].name, name)) return (i32)i;
    return -1;
}

static bool has_record(struct pipe *p, const struct rows *rows, struct span span) {
    for (u32 i = 0; i < rows->field_count; i++) {
        if (!rows->fields[i].record) continue;
        struct diag *d =
            not_yet(p->c, span, "a union of rows with a record, `%s`,", rows->fields[i].name);
        diag_help(p->c->diags, d, "select its columns first: `select ..., %s.*`",
                  rows->fields[i].name);
        return true;
    }
    return false;
}

/* The rows have the same columns, whatever their order; a type that may be null takes one that may
 * not. */
static bool same_columns(struct pipe *p, struct rows *to, const struct rows *from,
                         struct span span) {
    struct checker *c = p->c;
    for (u32 i = 0; i < to->field_count; i++) {
        const struct field *field = field_find(from, to->fields[i].name);
        if (!field) {
            diag_error(c->diags, E0409, span, "these rows have no column `%s`", to->fields[i].name);
            return false;
        }
        struct type *type = &to->schema.columns[to->fields[i].first].type;
        struct type other = from->schema.columns[field->first].type;
        if (type->kind != TYPE_NONE && other.kind != TYPE_NONE && !type_same_kind(*type, other)) {
            struct diag *d =
                diag_error(c->diags, E0409, span, "`%s` is %s here, and %s in the rows before",
                           field->name, name_type(c, other), name_type(c, *type));
            diag_help(c->diags, d, "cast one of the two in a `let` before");
            return false;
        }
        type->nullable = type->nullable || other.nullable;
    }
    for (u32 i = 0; i < from->field_count; i++) {
        if (field_find(to, from->fields[i].name)) continue;
        struct diag *d = diag_error(c->diags, E0409, span, "the rows before have no column `%s`",
                                    from->fields[i].name);
        diag_help(c->diags, d, "`select` the same columns on both sides, or `drop %s`",
                  from->fields[i].name);
        return false;
    }
    return true;
}

static bool same_layout(const struct schema *a, const struct schema *b) {
    if (a->count != b->count) return false;
    for (u32 i = 0; i < a->count; i++)
        if (strcmp(a->columns[i].name, b->columns[i].name) ||
            !type_equal(a->columns[i].type, b->columns[i].type))
            return false;
    return true;
}

/* What rows do that are only added. */
static struct texpr *inserted(struct checker *c, struct span span) {
    return make_const(c, type_of(TYPE_STRING), (union value){ .str = { "+I", 2 } }, span);
}

/* An input whose columns stand otherwise is brought into line. */
static void align(struct pipe *p, const struct ast_stage *stage, struct rows *from,
                  const struct rows *to) {
    struct checker *c = p->c;
    if (same_layout(&from->schema, &to->schema)) return;
    struct pipe side = *p;
    side.rows = *from;
    struct lop *op = pipe_op(&side, LOP_PROJECT, stage, "union");
    op->exprs = arena_alloc(c->arena, (to->schema.count + 1) * sizeof *op->exprs);
    u32 visible = to->schema.count - to->hidden_count;
    for (u32 i = 0; i < to->schema.count; i++) {
        const char *name = to->schema.columns[i].name;
        if (i >= visible && !strcmp(name, OP_COLUMN) && !rows_update(from)) {
            op->exprs[i] = inserted(c, stage->word);
            continue;
        }
        u32 column = i < visible ? field_find(from, name)->first : (u32)hidden_column(from, name);
        struct type have = from->schema.columns[column].type, want = to->schema.columns[i].type;
        struct texpr *e = make_column(c, column, have, stage->word);
        op->exprs[i] = have.nullable == want.nullable ? e : make_cast(c, e, want, stage->word);
    }
    side.rows.event_time = to->event_time;
    pipe_gives(&side, op, to->schema, to->hidden_count);
    *from = side.rows;
}

/* What all of them have, with the hidden columns that all of them have; it updates if one does. */
static struct rows union_rows(struct pipe *p, const struct rows *inputs, u32 count) {
    static const char *const hidden[] = { "event_time", "pane", "timing" };
    struct checker *c = p->c;
    struct rows rows = inputs[0];
    u32 visible = rows.schema.count - rows.hidden_count;
    struct column *columns = arena_alloc(c->arena, (visible + 4) * sizeof *columns);
    if (visible) memcpy(columns, rows.schema.columns, visible * sizeof *columns);
    rows.event_time = -1;
    rows.hidden_count = 0;
    for (u32 h = 0; h < 3; h++) {
        bool all = true;
        for (u32 i = 0; i < count; i++) all = all && hidden_column(&inputs[i], hidden[h]) >= 0;
        if (!all) continue;
        u32 at = visible + rows.hidden_count++;
        columns[at] = inputs[0].schema.columns[hidden_column(&inputs[0], hidden[h])];
        if (h == 0) rows.event_time = (i32)at;
    }
    rows.schema = (struct schema){ columns, visible + rows.hidden_count };
    for (u32 i = 0; i < count; i++) {
        if (inputs[i].window != rows.window) rows.window = NULL;
        rows.has_watermark = rows.has_watermark && inputs[i].has_watermark;
        if (span_is_somewhere(inputs[i].panes)) rows.panes = inputs[i].panes;
        if (rows_update(&inputs[i])) rows.updates = inputs[i].updates;
    }
    if (!rows_update(&rows)) return rows;
    rows.schema.columns[rows.schema.count++] = (struct column){ OP_COLUMN, type_of(TYPE_STRING) };
    rows.hidden_count++;
    return rows;
}

void stage_union(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    u32 count = stage->with.count + 1;
    struct rows *inputs = arena_alloc(c->arena, count * sizeof *inputs);
    bool open = p->rows.open;
    inputs[0] = p->rows;
    for (u32 i = 1; i < count; i++) {
        inputs[i] = operand_rows(p, &stage->with.at[i - 1]);
        open = open || inputs[i].open;
    }
    struct rows rows = union_rows(p, inputs, count);
    for (u32 i = 0; i < count && !open; i++) {
        struct span span = i ? stage->with.at[i - 1].span : stage->word;
        open = has_record(p, &inputs[i], span) || (i && !same_columns(p, &rows, &inputs[i], span));
    }
    rows.alias = p->rows.alias;
    if (open) {
        p->rows = rows;
        rows_open(&p->rows);
        return;
    }
    for (u32 i = 0; i < count; i++) align(p, stage, &inputs[i], &rows);
    p->rows = inputs[0];
    struct lop *op = pipe_op(p, LOP_UNION, stage, "union");
    for (u32 i = 1; i < count; i++) op_read(c, op, &inputs[i]);
    p->rows = rows;
    pipe_gives(p, op, rows.schema, rows.hidden_count);
}
