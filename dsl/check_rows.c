/* top, first, last, reduce: whole rows of a key and window; distinct, which is an aggregate of
   nothing. Each is an AGGREGATE that keeps rows, whose values are numbered as the columns that come
   in, and a projection that puts the columns where the stage has them. */
#include "dsl/check_internal.h"

#include <string.h>

#define TOP_MAX 1000000u

/* ---- the row that comes out ---- */

static bool is_key(const struct pipe *p, const char *name) {
    for (u32 i = 0; i < p->key_count; i++)
        if (!strcmp(p->keys[i].name, name)) return true;
    return false;
}

/* A window's columns are added by the stage, to whole rows or to its keys. */
static void window_columns_are_free(struct pipe *p, bool keys) {
    static const char *const names[] = { "window_start", "window_end" };
    struct checker *c = p->c;
    if (!group_is_windowed(p) || p->rows.open || (p->shape.same && !keys)) return;
    for (u32 i = 0; i < 2; i++) {
        if (keys ? !is_key(p, names[i]) : !field_find(&p->rows, names[i])) continue;
        struct diag *d =
            diag_error(c->diags, E0205, p->window_span,
                       "the window adds a column `%s`, and the rows have one", names[i]);
        diag_help(c->diags, d, "rename the one of the other window first: `rename %s = %s`",
                  i ? "end" : "start", names[i]);
        rows_open(&p->rows);
        return;
    }
}

static bool is_float(struct type type) {
    return type.kind == TYPE_F32 || type.kind == TYPE_F64;
}

/* The key that a column is, as it is, or -1. As keys, zeros and NaNs are one. */
static i32 key_of_column(const struct lop *op, u32 column) {
    for (u32 k = 0; k < op->key_count; k++)
        if (op->keys[k]->kind == TEXPR_COLUMN && op->keys[k]->column == column &&
            !op->keys[k]->type.nullable && !is_float(op->keys[k]->type))
            return (i32)k;
    return -1;
}

struct keeping {
    struct pipe *p;
    const struct ast_stage *stage;
    struct lop *op;
    struct rows in;
    u32 group; /* keys and window columns */
    u32 item_room;
    i32 rank; /* the column of the rank, or -1 */
};

static struct texpr *value_of(struct keeping *k, u32 column) {
    struct type type = k->in.schema.columns[column].type;
    i32 key = key_of_column(k->op, column);
    return make_column(k->p->c, key >= 0 ? (u32)key : k->group + column, type, k->stage->word);
}

static void add_item(struct keeping *k, struct column *columns, const char *name,
                     struct texpr *value) {
    columns[k->group + k->op->item_count] = (struct column){ name, value->type };
    k->op->items[k->op->item_count++] = value;
}

/* Values of all columns that come in, hidden ones too: those that nobody reads go later. */
static void keep_values(struct keeping *k, bool rank) {
    struct checker *c = k->p->c;
    u32 count = k->in.schema.count;
    k->op->aggs = arena_alloc(c->arena, (count + 1) * sizeof *k->op->aggs);
    for (u32 i = 0; i < count; i++)
        k->op->aggs[i] = (struct agg){
            .kind = AGG_VALUE,
            .arg = make_column(c, i, k->in.schema.columns[i].type, k->stage->word),
            .type = k->in.schema.columns[i].type,
        };
    k->op->agg_count = count;
    if (rank)
        k->op->aggs[k->op->agg_count++] =
            (struct agg){ .kind = AGG_RANK, .type = type_of(TYPE_I64) };
}

/* The columns of the AGGREGATE: keys, window columns, all that came in, those that say whether a
   record is there, the rank. The fields are those of the rows that came in. */
static void keep_columns(struct keeping *k, const char *rank) {
    struct pipe *p = k->p;
    struct checker *c = p->c;
    u32 count = k->in.schema.count, visible = count - k->in.hidden_count, matched = 0;
    struct column *columns = arena_alloc(c->arena, (k->group + count + 1) * sizeof *columns);
    struct field *fields = arena_alloc(c->arena, (k->in.field_count + 1) * sizeof *fields);
    k->op->items = arena_alloc(c->arena, (count + 1) * sizeof *k->op->items);
    for (u32 i = 0; i < k->op->key_count; i++)
        columns[i] = (struct column){ p->keys[i].name, k->op->keys[i]->type };
    if (k->group > k->op->key_count) {
        columns[k->op->key_count] = (struct column){ "window_start", type_of(TYPE_TIMESTAMP) };
        columns[k->op->key_count + 1] = (struct column){ "window_end", type_of(TYPE_TIMESTAMP) };
    }
    for (u32 i = 0; i < visible; i++)
        add_item(k, columns, k->in.schema.columns[i].name, value_of(k, i));
    if (rank) {
        k->rank = (i32)(k->group + k->op->item_count);
        add_item(k, columns, rank,
                 make_column(c, k->group + count, type_of(TYPE_I64), k->stage->word));
    }
    for (u32 f = 0; f < k->in.field_count; f++) {
        struct record *record = k->in.fields[f].record;
        fields[f] = k->in.fields[f];
        fields[f].first += k->group;
        if (!record || record->matched < 0) continue;
        fields[f].record = arena_alloc(c->arena, sizeof *record);
        *fields[f].record = *record;
        fields[f].record->matched = (i32)(k->group + k->op->item_count);
        add_item(k, columns, k->in.schema.columns[record->matched].name,
                 value_of(k, (u32)record->matched));
        matched++;
    }
    p->rows.fields = fields;
    group_gives(p, k->op, columns, k->group + k->op->item_count);
    p->rows.hidden_count += matched;
}

/* Rows of `window same` may have them already. */
static void put_window(struct keeping *k, struct row_builder *b) {
    for (u32 i = k->op->key_count; i < k->group; i++)
        if (!k->p->shape.same || !field_find(&k->in, k->p->rows.schema.columns[i].name))
            row_column(b, k->p->rows.schema.columns[i].name,
                       make_column(k->p->c, i, type_of(TYPE_TIMESTAMP), k->stage->word),
                       k->p->window_span);
}

static void put_rows(struct keeping *k, struct row_builder *b, bool keys) {
    for (u32 f = 0; f < k->in.field_count; f++) {
        const struct field *field = &k->p->rows.fields[f];
        if (keys && !field->record && key_of_column(k->op, k->in.fields[f].first) >= 0) continue;
        row_field(b, field->name, field, k->stage->word);
    }
}

/* The AGGREGATE that keeps the pipe's rows, whole. */
static struct keeping keep_begin(struct pipe *p, const struct ast_stage *stage, const char *label) {
    struct keeping k = { .p = p, .stage = stage, .in = p->rows, .rank = -1 };
    k.op = group_op(p, stage, label);
    k.group = k.op->key_count + (group_is_windowed(p) ? 2 : 0);
    return k;
}

/* ---- top, first, last ---- */

static void order_of(struct pipe *p, const struct ast_orders *orders, bool down,
                     struct trows *rows) {
    struct scope s = pipe_scope(p);
    rows->by = arena_alloc(p->c->arena, (orders->count + 1) * sizeof *rows->by);
    for (u32 i = 0; i < orders->count; i++) {
        struct texpr *by = check_column_value(&s, orders->at[i].expr);
        if (is_refused(by)) rows_open(&p->rows);
        rows->by[rows->by_count++] = (struct torder){ by, orders->at[i].descending != down };
    }
}

static void keep_top(struct pipe *p, const struct ast_stage *stage, const char *label,
                     const struct trows *rows, const struct ast_name *rank) {
    bool ranked = rank && rank->text, open = p->rows.open;
    struct keeping k = keep_begin(p, stage, label);
    const char *alias = p->rows.alias;
    struct row_builder b;
    k.op->rows = *rows;
    keep_values(&k, ranked);
    keep_columns(&k, ranked ? rank->text : NULL);
    row_begin(&b, p);
    put_rows(&k, &b, false);
    if (ranked)
        row_column(&b, rank->text, make_column(p->c, (u32)k.rank, type_of(TYPE_I64), rank->span),
                   rank->span);
    if (!open) put_window(&k, &b);
    b.refused = b.refused || open;
    row_end(&b, stage, "columns");
    p->rows.alias = alias;
    group_ends(p);
}

static void stage_top(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct trows rows = { .kind = ROWS_TOP, .ties = span_is_somewhere(stage->top.with_ties) };
    u64 most = 1;
    group_counts_again(p, stage);
    group_needs_window(p, stage, "top");
    group_keeps(p, stage->top.keep);
    if (!const_count(c, stage->top.count, "`top`", TOP_MAX, &most)) rows_open(&p->rows);
    if (!most) diag_error(c->diags, E0404, stage->top.count->span, "`top` is of at least 1");
    rows.most = (u32)most;
    order_of(p, &stage->top.by, false, &rows);
    window_columns_are_free(p, false);
    keep_top(p, stage, "top", &rows, &stage->top.rank);
}

/* `last by E` is the first in the order turned round, of equals the latest. */
static void stage_pick(struct pipe *p, const struct ast_stage *stage) {
    bool last = stage->kind == AST_STAGE_LAST;
    const char *label = last ? "last" : "first";
    struct trows rows = { .kind = ROWS_TOP, .most = 1, .latest = last };
    group_needs_window(p, stage, label);
    group_keeps(p, stage->pick.keep);
    if (stage->pick.delete_when) not_yet(p->c, stage->pick.delete_when->span, "`delete when`");
    order_of(p, &stage->pick.by, last, &rows);
    window_columns_are_free(p, false);
    keep_top(p, stage, label, &rows, NULL);
}

/* ---- distinct ---- */

static bool has_key(const struct pipe *p, const char *name, const struct texpr *value) {
    for (u32 i = 0; i < p->key_count; i++)
        if (!strcmp(p->keys[i].name, name) && texpr_equal(p->keys[i].expr, value)) return true;
    return false;
}

static void add_key(struct pipe *p, const char *name, struct texpr *value, struct span span) {
    if (has_key(p, name, value)) return;
    p->keys[p->key_count++] = (struct pending_key){ value, name, span };
}

static void distinct_item(struct pipe *p, struct scope *s, const struct ast_item *item) {
    const char *name = item->kind == AST_ITEM_EXPR ? item_name(item) : NULL;
    if (!name) {
        struct diag *d =
            diag_error(p->c->diags, E0209, item->span,
                       item->kind == AST_ITEM_EXPR ? "a computed column needs a name"
                                                   : "`distinct` takes columns one by one");
        diag_help(p->c->diags, d,
                  item->kind == AST_ITEM_EXPR ? "write `name = ...`"
                                              : "`distinct` alone is of the whole row");
        rows_open(&p->rows);
        return;
    }
    struct texpr *value = check_column_value(s, item->expr);
    if (is_refused(value)) rows_open(&p->rows);
    add_key(p, name, value, item->span);
}

static void distinct_row(struct pipe *p, struct scope *s, const struct ast_stage *stage) {
    for (u32 f = 0; f < p->rows.field_count; f++) {
        const struct field *field = &p->rows.fields[f];
        if (!field->record) {
            add_key(p, field->name, column_of(s, field->first, stage->word), stage->word);
            continue;
        }
        struct diag *d = not_yet(p->c, stage->word, "`distinct` of a row with a record");
        diag_help(p->c->diags, d, "name the columns: `distinct a, b`");
        rows_open(&p->rows);
        return;
    }
}

/* The keys are the pipe's own and what is named. */
static void distinct_keys(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct scope s = pipe_scope(p);
    const struct ast_items *items = &stage->aggregate.items;
    u32 had = span_is_somewhere(p->key_span) ? p->key_count : 0;
    struct pending_key *keys =
        arena_alloc(c->arena, (had + items->count + p->rows.field_count + 1) * sizeof *keys);
    if (had) memcpy(keys, p->keys, had * sizeof *keys);
    p->keys = keys;
    p->key_count = had;
    p->key_span = stage->word;
    for (u32 i = 0; i < items->count; i++) distinct_item(p, &s, &items->at[i]);
    if (!items->count) distinct_row(p, &s, stage);
    if (p->key_count <= AGGREGATES_MAX) return;
    diag_error(c->diags, E0413, stage->word, "`distinct` is of at most %u columns", AGGREGATES_MAX);
    rows_open(&p->rows);
}

static void stage_distinct(struct pipe *p, const struct ast_stage *stage) {
    struct row_builder b;
    group_counts_again(p, stage);
    group_needs_window(p, stage, "distinct");
    group_keeps(p, stage->aggregate.keep);
    distinct_keys(p, stage);
    window_columns_are_free(p, true);
    bool open = p->rows.open;
    struct keeping k = keep_begin(p, stage, "distinct");
    k.in.field_count = 0;
    k.in.schema.count = k.in.hidden_count = 0;
    keep_columns(&k, NULL);
    row_begin(&b, p);
    for (u32 i = 0; i < k.op->key_count; i++)
        row_column(&b, p->keys[i].name, make_column(p->c, i, k.op->keys[i]->type, p->keys[i].span),
                   p->keys[i].span);
    if (!open) put_window(&k, &b);
    b.refused = b.refused || open;
    row_end(&b, stage, "columns");
    p->rows.alias = NULL;
    group_ends(p);
}

/* ---- reduce ---- */

/* What its expressions may name: the columns of the new row, and `acc`, a record of those so far.
   Visible columns, those of `acc`, hidden columns. */
static struct rows step_rows(struct pipe *p) {
    struct checker *c = p->c;
    struct rows rows = p->rows;
    u32 hidden = rows.hidden_count, visible = rows.schema.count - hidden;
    struct column *columns = arena_alloc(c->arena, (2 * visible + hidden + 1) * sizeof *columns);
    struct record *acc = arena_alloc(c->arena, sizeof *acc);
    acc->names = arena_alloc(c->arena, (visible + 1) * sizeof *acc->names);
    acc->types = arena_alloc(c->arena, (visible + 1) * sizeof *acc->types);
    acc->matched = -1;
    for (u32 i = 0; i < visible; i++) {
        columns[i] = columns[visible + i] = rows.schema.columns[i];
        acc->names[i] = rows.schema.columns[i].name;
        acc->types[i] = rows.schema.columns[i].type;
    }
    for (u32 i = 0; i < hidden; i++) columns[2 * visible + i] = rows.schema.columns[visible + i];
    rows.fields = arena_alloc(c->arena, (rows.field_count + 1) * sizeof *rows.fields);
    for (u32 f = 0; f < rows.field_count; f++) {
        rows.fields[f] = p->rows.fields[f];
        const struct record *record = rows.fields[f].record;
        if (!record || record->matched < 0) continue;
        rows.fields[f].record = arena_alloc(c->arena, sizeof *record);
        *rows.fields[f].record = *record;
        rows.fields[f].record->matched += (i32)visible;
    }
    rows.fields[rows.field_count++] =
        (struct field){ .name = "acc", .first = visible, .count = visible, .record = acc };
    rows.schema = (struct schema){ columns, 2 * visible + hidden };
    return rows;
}

/* From those columns to the values of the row so far, then of the new one. */
static struct texpr *step_of(struct pipe *p, const struct texpr *e, u32 visible) {
    u32 count = p->rows.schema.count;
    u32 *to = arena_alloc(p->c->arena, (count + visible + 1) * sizeof *to);
    for (u32 i = 0; i < visible; i++) {
        to[i] = count + i;
        to[visible + i] = i;
    }
    for (u32 i = visible; i < count; i++) to[visible + i] = count + i;
    return texpr_moved(p->c, e, to);
}

/* The column that an item assigns, or -1: told. */
static i32 assigned_column(struct pipe *p, const struct ast_item *item) {
    struct checker *c = p->c;
    struct scope s = pipe_scope(p);
    struct diag *d;
    if (item->kind != AST_ITEM_EXPR || !item->name.text) {
        d = diag_error(c->diags, E0209, item->span, "`reduce` gives columns a new value");
        diag_help(c->diags, d, "write `column = ...`");
        return -1;
    }
    const struct field *field = field_find(&p->rows, item->name.text);
    if (!field) {
        column_unknown(&s, item->name.text, item->name.span);
        return -1;
    }
    if (field->record) {
        diag_error(c->diags, E0205, item->name.span, "there is a record called `%s`", field->name);
        return -1;
    }
    for (u32 k = 0; span_is_somewhere(p->key_span) && k < p->key_count; k++) {
        if (strcmp(p->keys[k].name, field->name)) continue;
        d = diag_error(c->diags, E0406, item->span,
                       "`%s` is part of the key and cannot change here", field->name);
        diag_note(c->diags, d, p->keys[k].span, "the key of this stage");
        return -1;
    }
    return (i32)field->first;
}

static struct texpr *assigned_value(struct pipe *p, const struct rows *rows,
                                    const struct ast_item *item, struct type type) {
    struct checker *c = p->c;
    struct scope s = { .c = c, .rows = rows };
    struct texpr *value = check_whole(&s, item->expr);
    if (is_refused(value)) return NULL;
    bool told = false;
    struct texpr *fit = is_null_literal(value) ? make_null(c, type_nullable(type, true), item->span)
                                               : make_fit(c, value, type, &told);
    if (told) return NULL;
    if (!fit)
        diag_error(c->diags, E0301, item->expr->span, "the column `%s` is %s, not %s",
                   item->name.text, name_type(c, type), name_type(c, value->type));
    else if (fit->type.nullable && !type.nullable)
        diag_error(c->diags, E0303, item->expr->span, "the column `%s` is %s, but this may be null",
                   item->name.text, name_type(c, type));
    else
        return fit;
    return NULL;
}

static void reduce_items(struct keeping *k, const struct rows *rows, bool *refused) {
    const struct ast_items *items = &k->stage->aggregate.items;
    u32 visible = k->in.schema.count - k->in.hidden_count;
    for (u32 i = 0; i < items->count; i++) {
        i32 column = assigned_column(k->p, &items->at[i]);
        struct texpr *value = column < 0 ? NULL
                                         : assigned_value(k->p, rows, &items->at[i],
                                                          k->in.schema.columns[column].type);
        *refused = *refused || !value;
        if (!value) continue;
        if (k->op->aggs[column].step)
            diag_error(k->p->c->diags, E0205, items->at[i].span, "two columns are called `%s`",
                       items->at[i].name.text);
        k->op->aggs[column].step = step_of(k->p, value, visible);
    }
}

static void stage_reduce(struct pipe *p, const struct ast_stage *stage) {
    struct row_builder b;
    group_counts_again(p, stage);
    group_needs_window(p, stage, "reduce");
    group_keeps(p, stage->aggregate.keep);
    window_columns_are_free(p, false);
    const struct field *acc = field_find(&p->rows, "acc");
    if (acc && !p->rows.open) {
        struct diag *d = diag_error(p->c->diags, E0205, stage->word,
                                    "`acc` is the row so far, and the rows have a column `acc`");
        diag_help(p->c->diags, d, "rename it first: `rename a = acc`");
        rows_open(&p->rows);
    }
    bool refused = p->rows.open;
    struct rows rows = step_rows(p);
    struct keeping k = keep_begin(p, stage, "reduce");
    k.op->rows = (struct trows){ .kind = ROWS_REDUCE, .most = 1 };
    keep_values(&k, false);
    reduce_items(&k, &rows, &refused);
    keep_columns(&k, NULL);
    row_begin(&b, p);
    for (u32 i = 0; i < k.op->key_count; i++)
        row_column(&b, p->keys[i].name, make_column(p->c, i, k.op->keys[i]->type, p->keys[i].span),
                   p->keys[i].span);
    if (!p->rows.open) put_window(&k, &b);
    put_rows(&k, &b, true);
    b.refused = b.refused || refused;
    row_end(&b, stage, "columns");
    p->rows.alias = NULL;
    group_ends(p);
}

void stage_rows(struct pipe *p, const struct ast_stage *stage) {
    if (stage->kind == AST_STAGE_TOP) stage_top(p, stage);
    if (stage->kind == AST_STAGE_FIRST || stage->kind == AST_STAGE_LAST) stage_pick(p, stage);
    if (stage->kind == AST_STAGE_DISTINCT) stage_distinct(p, stage);
    if (stage->kind == AST_STAGE_REDUCE) stage_reduce(p, stage);
}
