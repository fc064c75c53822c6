/* `aggregate`: what it computes of the rows of a key and window, and the rows that it gives. */
#include "dsl/check_internal.h"

#include <string.h>

/* ---- the aggregates ---- */

bool texpr_equal(const struct texpr *a, const struct texpr *b) {
    if (!a || !b) return a == b;
    if (a->kind != b->kind || !type_equal(a->type, b->type) || a->arg_count != b->arg_count ||
        a->op != b->op || a->negated != b->negated || a->is_null != b->is_null ||
        a->column != b->column || a->function != b->function)
        return false;
    if (a->kind == TEXPR_CONST && !a->is_null) {
        bool text = a->type.kind == TYPE_STRING;
        if (!text && a->value.i != b->value.i) return false;
        if (text && (a->value.str.size != b->value.str.size ||
                     memcmp(a->value.str.at, b->value.str.at, a->value.str.size)))
            return false;
    }
    for (u32 i = 0; i < a->arg_count; i++)
        if (!texpr_equal(a->args[i], b->args[i])) return false;
    return true;
}

static bool aggregate_type(struct checker *c, const struct aggregate_def *def,
                           const struct texpr *arg, struct type *type) {
    struct type of = arg ? arg->type : type_of(TYPE_NONE);
    bool number = type_is_number(of.kind), right = true;
    switch (def->kind) {
    case AGG_COUNT:
        *type = type_of(TYPE_I64);
        return true;
    case AGG_SUM:
        *type = type_of(type_is_float(of.kind) ? TYPE_F64 : TYPE_I64);
        right = number;
        break;
    case AGG_AVG:
        *type = type_of(TYPE_F64);
        right = number;
        break;
    case AGG_MIN:
    case AGG_MAX:
        *type = type_nullable(of, false);
        right = type_is_scalar(of.kind);
        break;
    case AGG_VALUE:
    case AGG_RANK:
        return false; /* no function */
    }
    if (right) return true;
    struct diag *d = diag_error(c->diags, E0305, arg->span, "`%s` takes numbers, not %s", def->name,
                                name_type(c, of));
    if (of.kind == TYPE_DURATION)
        diag_help(c->diags, d, "`%s(x / 1ms)` is in milliseconds", def->name);
    return false;
}

static void argument_count(struct checker *c, const struct ast_expr *e,
                           const struct aggregate_def *def) {
    struct diag *d =
        diag_error(c->diags, E0305, e->span, "`%s` takes one argument%s, not %u", def->name,
                   def->kind == AGG_COUNT ? " or none" : "", e->call.args.count);
    if ((def->kind == AGG_MIN || def->kind == AGG_MAX) && e->call.args.count > 1)
        diag_help(c->diags, d, "`%s_of` compares values of one row", def->name);
}

/* The column that holds this aggregate; equal ones are computed once. */
static struct texpr *aggregate_column(struct scope *s, struct agg agg, struct span span) {
    struct aggregation *a = s->aggregation;
    u32 i = 0;
    while (i < a->count && !(a->aggs[i].kind == agg.kind && texpr_equal(a->aggs[i].arg, agg.arg) &&
                             texpr_equal(a->aggs[i].where, agg.where)))
        i++;
    if (i == AGGREGATES_MAX) {
        diag_error(s->c->diags, E0413, span, "a stage has at most %u aggregates", AGGREGATES_MAX);
        return make_none(s->c, span);
    }
    if (i == a->count) a->aggs[a->count++] = agg;
    s->rows->schema.columns[a->first + i] = (struct column){ "", agg.type };
    return column_of(s, a->first + i, span);
}

struct texpr *check_aggregate_call(struct scope *s, const struct ast_expr *e,
                                   const struct aggregate_def *def) {
    struct checker *c = s->c;
    if (def->later) {
        not_yet(c, e->call.name.span, "the aggregate `%s`", def->name);
        return make_none(c, e->span);
    }
    if (span_is_somewhere(e->call.distinct)) {
        not_yet(c, e->call.distinct, "`distinct` in aggregates");
        return make_none(c, e->span);
    }
    struct scope input = s->aggregation->input;
    struct known room;
    struct texpr *where = e->call.where ? check_condition(&input, e->call.where, "`where`") : NULL;
    struct scope inner = where && !is_refused(where) ? scope_where(&input, where, &room) : input;
    if (e->call.args.count > 1 || (def->kind != AGG_COUNT && e->call.args.count == 0)) {
        argument_count(c, e, def);
        return make_none(c, e->span);
    }
    struct texpr *arg = e->call.args.count ? check_expr(&inner, e->call.args.at[0]) : NULL;
    if ((where && is_refused(where)) || (arg && is_refused(arg))) return make_none(c, e->span);
    struct agg agg = { .kind = def->kind, .arg = arg, .where = where };
    if (!aggregate_type(c, def, arg, &agg.type)) return make_none(c, e->span);
    agg.type.nullable = def->kind != AGG_COUNT && (where || arg->type.nullable);
    if (def->kind == AGG_COUNT && arg && !arg->type.nullable) agg.arg = NULL;
    return aggregate_column(s, agg, e->span);
}

/* ---- the stage ---- */

void group_needs_window(struct pipe *p, const struct ast_stage *stage, const char *label) {
    if (p->window) return;
    struct diag *d = not_yet(p->c, stage->word, "`%s` without a window", label);
    diag_help(
        p->c->diags, d,
        "`window global` gives one result when the input ends; `window tumbling 1m` one a minute");
    rows_open(&p->rows);
    p->shape = (struct twindow){ .kind = WINDOW_GLOBAL };
}

void group_counts_again(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    if (!span_is_somewhere(p->rows.panes)) return;
    struct diag *d = diag_error(c->diags, E0431, stage->word,
                                "rows of an accumulating window would be counted again");
    diag_label(c->diags, d, "adds up several panes of one window");
    diag_note(c->diags, d, p->rows.panes, "more than one pane comes from here");
    struct place place = text_place(&c->parse->texts, p->rows.panes.file, p->rows.panes.start);
    diag_help(c->diags, d,
              "say `retracting` on line %u (exact), or `discarding` (each row counted once)",
              place.line);
    rows_open(&p->rows);
}

static void key_is_free(struct pipe *p, const char *name) {
    for (u32 k = 0; k < p->key_count && span_is_somewhere(p->key_span); k++) {
        if (strcmp(p->keys[k].name, name)) continue;
        struct diag *d =
            diag_error(p->c->diags, E0205, p->keys[k].span, "the window adds a column `%s`", name);
        diag_note(p->c->diags, d, p->window_span, "this window");
        diag_help(p->c->diags, d, "rename the one of the other window first: `rename start = %s`",
                  name);
        p->keys[k].name = arena_printf(p->c->arena, "%s?", name); /* told */
        rows_open(&p->rows);
    }
}

void group_keeps(struct pipe *p, const struct ast_keep *keep) {
    if (!keep || !p->window) return; /* without one it is refused as a whole */
    struct diag *d = not_yet(p->c, keep->span, "`keep`");
    diag_help(p->c->diags, d, "the window bounds this stage's state; leave it out");
}

void group_ends(struct pipe *p) {
    p->key_span = p->window_span = (struct span){ 0 };
    p->window = NULL;
}

bool group_is_windowed(const struct pipe *p) {
    return twindow_columns(&p->shape) > 0;
}

/* Keys, window columns, and room for the aggregates: what items may name. */
static struct rows group_rows(struct pipe *p, u32 *first) {
    struct checker *c = p->c;
    bool windowed = group_is_windowed(p);
    u32 keys = span_is_somewhere(p->key_span) ? p->key_count : 0, count = keys + (windowed ? 2 : 0);
    struct rows rows = { .event_time = -1, .open = p->rows.open };
    rows.schema.columns = arena_alloc(c->arena, (count + AGGREGATES_MAX) * sizeof(struct column));
    rows.schema.count = count + AGGREGATES_MAX;
    rows.fields = arena_alloc(c->arena, (count + 1) * sizeof *rows.fields);
    if (windowed) {
        key_is_free(p, "window_start");
        key_is_free(p, "window_end");
    }
    for (u32 i = 0; i < keys; i++)
        rows.schema.columns[i] = (struct column){ p->keys[i].name, p->keys[i].expr->type };
    if (windowed) {
        rows.schema.columns[keys] = (struct column){ "window_start", type_of(TYPE_TIMESTAMP) };
        rows.schema.columns[keys + 1] = (struct column){ "window_end", type_of(TYPE_TIMESTAMP) };
    }
    for (u32 i = 0; i < count; i++)
        rows.fields[i] =
            (struct field){ .name = rows.schema.columns[i].name, .first = i, .count = 1 };
    rows.field_count = *first = count;
    rows.open = rows.open || p->rows.open;
    return rows;
}

static bool item_is_named(struct pipe *p, struct scope *s, const struct ast_item *item) {
    struct checker *c = p->c;
    struct diag *d = NULL;
    if (item->kind == AST_ITEM_EXPR && item->name.text) return true;
    const char *bare = item->kind == AST_ITEM_EXPR ? item_name(item) : NULL;
    if (bare && field_find(s->rows, bare)) {
        d = diag_error(c->diags, E0205, item->span, "`%s` is in the row already", bare);
        diag_help(c->diags, d, "keys and window columns come first by themselves; leave it out");
        return false;
    }
    if (bare) check_whole(s, item->expr);
    if (!bare || s->rows->open) {
        d = diag_error(c->diags, E0209, item->span, "an aggregate needs a name");
        diag_help(c->diags, d, "write `name = ...`");
    }
    return false;
}

/* The late rows are those that came in, with all that is known of them. */
static void late_rows(struct pipe *p, struct lop *op) {
    const struct ast_window *w = p->window;
    struct symbol *side = w && w->late.into.text ? name_find(p->c, w->late.into.text) : NULL;
    if (!side || side->kind != SYMBOL_SIDE) return;
    side->rows = arena_alloc(p->c->arena, sizeof *side->rows);
    *side->rows = p->rows;
    side->rows->op = op;
    side->rows->port = 1;
}

struct group {
    struct rows rows; /* what items may name */
    struct aggregation aggregation;
    struct texpr **items;
    u32 item_count;
    struct row_builder row; /* what comes out */
};

static void group_items(struct pipe *p, const struct ast_stage *stage, struct group *g) {
    struct checker *c = p->c;
    struct scope s = { .c = c, .rows = &g->rows, .aggregation = &g->aggregation };
    const struct ast_items *items = &stage->aggregate.items;
    g->items = arena_alloc(c->arena, (items->count + 1) * sizeof *g->items);
    row_begin(&g->row, p);
    for (u32 i = 0; i < g->rows.field_count; i++) {
        bool key = span_is_somewhere(p->key_span) && i < p->key_count;
        row_column(&g->row, g->rows.fields[i].name,
                   make_column(c, i, g->rows.schema.columns[i].type, stage->word),
                   key ? p->keys[i].span : p->window_span);
    }
    for (u32 i = 0; i < items->count; i++) {
        if (!item_is_named(p, &s, &items->at[i])) {
            g->row.refused = true;
            continue;
        }
        struct texpr *value = check_column_value(&s, items->at[i].expr);
        g->row.refused = g->row.refused || is_refused(value);
        row_column(&g->row, items->at[i].name.text, value, items->at[i].span);
        if (!g->row.refused) g->items[g->item_count++] = value;
    }
}

/* Behind the visible ones: event_time, pane, timing, and op where panes are taken back. */
static struct column *group_hidden(struct pipe *p, const struct column *visible, u32 count,
                                   u32 *hidden, i32 *event_time) {
    static const struct column all[] = {
        { "event_time", { TYPE_TIMESTAMP, false, NULL } },
        { "pane", { TYPE_I64, false, NULL } },
        { "timing", { TYPE_STRING, false, NULL } },
        { OP_COLUMN, { TYPE_STRING, false, NULL } },
    };
    bool timed = p->rows.event_time >= 0 || p->shape.wall,
         updates = p->shape.mode == MODE_RETRACTING;
    struct column *columns = arena_alloc(p->c->arena, (count + 4) * sizeof *columns);
    *hidden = 2u + timed + updates;
    if (count) memcpy(columns, visible, count * sizeof *columns);
    memcpy(columns + count, timed ? all : all + 1, *hidden * sizeof *columns);
    *event_time = timed ? (i32)count : -1;
    return columns;
}

struct lop *group_op(struct pipe *p, const struct ast_stage *stage, const char *label) {
    struct lop *op = pipe_op(p, LOP_AGGREGATE, stage, label);
    late_rows(p, op);
    op->key_count = span_is_somewhere(p->key_span) ? p->key_count : 0;
    op->keys = arena_alloc(p->c->arena, (op->key_count + 1) * sizeof *op->keys);
    for (u32 i = 0; i < op->key_count; i++) op->keys[i] = p->keys[i].expr;
    op->window = p->shape;
    if (twindow_is_carried(&p->shape) && !p->rows.open) session_columns(p, op);
    p->holds_state = true;
    return op;
}

/* A window of rows is of one key, and a global one of no time. */
static const struct twindow *window_is_carried(struct pipe *p) {
    if (!twindow_columns(&p->shape) || p->shape.kind == WINDOW_ROWS) return NULL;
    struct twindow *window = arena_alloc(p->c->arena, sizeof *window);
    *window = p->shape;
    return window;
}

void group_gives(struct pipe *p, struct lop *op, const struct column *visible, u32 count) {
    u32 hidden;
    i32 event_time;
    struct column *columns = group_hidden(p, visible, count, &hidden, &event_time);
    p->rows.event_time = event_time;
    p->rows.has_watermark |= p->shape.wall;
    p->rows.window = window_is_carried(p);
    bool versions = p->shape.mode == MODE_ACCUMULATING && window_may_repeat(&p->shape);
    p->rows.panes = versions ? p->window_span : (struct span){ 0 };
    p->rows.updates = p->shape.mode == MODE_RETRACTING ? p->window_span : (struct span){ 0 };
    pipe_gives(p, op, (struct schema){ columns, count + hidden }, hidden);
}

static void group_out(struct pipe *p, const struct ast_stage *stage, struct group *g) {
    struct lop *op = group_op(p, stage, "aggregate");
    op->aggs = g->aggregation.aggs;
    op->agg_count = g->aggregation.count;
    op->items = g->items;
    op->item_count = g->item_count;
    p->rows.fields = g->row.fields;
    p->rows.field_count = g->row.field_count;
    p->rows.alias = NULL;
    if (g->row.refused || g->rows.open) rows_open(&p->rows);
    group_gives(p, op, g->row.columns, g->row.column_count);
}

void stage_aggregate(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct group g = { 0 };
    group_counts_again(p, stage);
    group_needs_window(p, stage, "aggregate");
    group_keeps(p, stage->aggregate.keep);
    struct rows in = p->rows;
    g.rows = group_rows(p, &g.aggregation.first);
    g.aggregation.input = (struct scope){ .c = c, .rows = &in, .in_aggregate = true };
    g.aggregation.aggs = arena_alloc(c->arena, AGGREGATES_MAX * sizeof *g.aggregation.aggs);
    group_items(p, stage, &g);
    group_out(p, stage, &g);
    group_ends(p);
}
