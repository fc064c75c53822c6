#include "dsl/physical_internal.h"

#include <string.h>

#include "dsl/logical.h"

u32 lop_visible(const struct lop *op) {
    return op->schema.count - op->hidden_count;
}

struct schema lop_input_schema(const struct lop *op, u32 input) {
    u32 hidden;
    return lop_port_schema(op->inputs[input], op->input_ports[input], &hidden);
}

static i32 hidden_column(struct schema schema, const char *name) {
    for (u32 i = schema.count; i-- > 0;)
        if (strcmp(schema.columns[i].name, name) == 0) return (i32)i;
    return -1;
}

/* Visible columns of a union stand alike in all inputs; hidden ones are found by name. */
static i32 union_column(const struct lop *op, u32 input, u32 column) {
    if (column < lop_visible(op)) return (i32)column;
    return hidden_column(lop_input_schema(op, input), op->schema.columns[column].name);
}

static i32 explode_column(const struct lop *op, u32 column) {
    if (column == op->column) return -1;
    bool appended = op->schema.count > lop_input_schema(op, 0).count;
    return (i32)(appended && column > op->column ? column - 1 : column);
}

static i32 lookup_column(const struct lop *op, u32 column) {
    u32 looked_end = op->looked_first + op->table->schema.count;
    if (column < op->looked_first) return (i32)column;
    if (column < looked_end || (i32)column == op->looked_matched) return -1;
    u32 hidden = column - looked_end;
    if (op->looked_matched >= 0 && (i32)column > op->looked_matched) hidden--;
    return (i32)(op->looked_first + hidden);
}

i32 lop_input_column(const struct lop *op, u32 input, u32 column) {
    switch (op->kind) {
    case LOP_UNION:
        return union_column(op, input, column);
    case LOP_EXPLODE:
        return explode_column(op, column);
    case LOP_LOOKUP:
        return lookup_column(op, column);
    case LOP_HOLD:
        return lop_held_column(op, column);
    case LOP_WHERE:
    case LOP_BREAK:
    case LOP_TIME:
    case LOP_SINK:
        return (i32)column;
    case LOP_SOURCE:
    case LOP_PROJECT:
    case LOP_AGGREGATE:
        return -1;
    }
    return -1;
}

bool texpr_same(const struct texpr *a, const struct texpr *b) {
    if (a == b) return true;
    if (!a || !b || a->kind != b->kind || !type_equal(a->type, b->type) || a->op != b->op ||
        a->column != b->column || a->function != b->function || a->negated != b->negated ||
        a->is_null != b->is_null || a->arg_count != b->arg_count)
        return false;
    if (a->kind == TEXPR_CONST && !a->is_null) {
        if (a->type.kind == TYPE_STRING)
            return a->value.str.size == b->value.str.size &&
                   memcmp(a->value.str.at, b->value.str.at, a->value.str.size) == 0;
        if (a->value.i != b->value.i) return false;
    }
    for (u32 i = 0; i < a->arg_count; i++)
        if (!texpr_same(a->args[i], b->args[i])) return false;
    return true;
}

/* ---- marking ---- */

static void mark(struct planner *p, const struct lop *op, u32 input, i32 column) {
    if (column < 0) return;
    struct pop *from = &p->plan->ops[op->inputs[input]->id];
    (op->input_ports[input] ? from->side_used : from->used)[column] = true;
}

static void mark_expr(struct planner *p, const struct lop *op, const struct texpr *e) {
    if (!e) return;
    if (e->kind == TEXPR_COLUMN) mark(p, op, 0, (i32)e->column);
    for (u32 i = 0; i < e->arg_count; i++) mark_expr(p, op, e->args[i]);
}

/* Marks the columns of the input that the used columns of the output are. */
static void mark_through(struct planner *p, const struct lop *op) {
    const bool *used = p->plan->ops[op->id].used;
    for (u32 i = 0; i < op->input_count; i++)
        for (u32 c = 0; c < op->schema.count; c++)
            if (used[c]) mark(p, op, i, lop_input_column(op, i, c));
}

/* An expression over the schema of a LOOKUP's output: of its own columns. */
static void mark_own(struct planner *p, const struct lop *op, const struct texpr *e) {
    if (!e) return;
    if (e->kind == TEXPR_COLUMN) p->plan->ops[op->id].used[e->column] = true;
    for (u32 i = 0; i < e->arg_count; i++) mark_own(p, op, e->args[i]);
}

static void mark_agg_columns(const struct texpr *e, u32 first, bool *used) {
    if (e->kind == TEXPR_COLUMN && e->column >= first) used[e->column - first] = true;
    for (u32 i = 0; i < e->arg_count; i++) mark_agg_columns(e->args[i], first, used);
}

void plan_aggs_used(const struct physical *plan, const struct lop *op, bool *used) {
    u32 first = op->key_count + twindow_columns(&op->window);
    memset(used, 0, op->agg_count * sizeof *used);
    for (u32 i = 0; i < op->item_count; i++)
        if (plan->ops[op->id].used[first + i]) mark_agg_columns(op->items[i], first, used);
    lop_steps_used(op, used);
}

/* Late rows are what came in. */
static void mark_late(struct planner *p, const struct lop *op) {
    const struct pop *own = &p->plan->ops[op->id];
    for (u32 c = 0; own->side_used && c < lop_input_schema(op, 0).count; c++)
        if (own->side_used[c]) mark(p, op, 0, (i32)c);
}

static void mark_aggregate(struct planner *p, const struct lop *op) {
    const struct pop *own = &p->plan->ops[op->id];
    bool *aggs = arena_alloc(p->arena, op->agg_count);
    plan_aggs_used(p->plan, op, aggs);
    for (u32 i = 0; i < op->key_count; i++) mark_expr(p, op, op->keys[i]);
    for (u32 i = 0; i < 2; i++) mark_expr(p, op, op->same[i]);
    for (u32 i = 0; i < op->agg_count; i++)
        if (aggs[i]) {
            mark_expr(p, op, op->aggs[i].arg);
            mark_expr(p, op, op->aggs[i].where);
        }
    for (u32 i = 0; i < op->rows.by_count; i++) mark_expr(p, op, op->rows.by[i].expr);
    bool time_read = op->event_time >= 0 && own->used[op->event_time];
    bool global = op->window.kind == WINDOW_GLOBAL;
    if (lop_minds_time(op) || (global && time_read)) mark(p, op, 0, lop_input_time(op));
    mark_late(p, op);
}

static void mark_lookup(struct planner *p, const struct lop *op) {
    const struct pop *own = &p->plan->ops[op->id];
    struct ptable *table = &p->plan->tables[own->table];
    mark_own(p, op, op->lookup_rest);
    mark_through(p, op);
    for (u32 i = 0; i < op->lookup_key_count; i++) mark_expr(p, op, op->lookup_keys[i]);
    for (u32 i = 0; i < table->key_count; i++) table->used[table->keys[i]] = true;
    for (u32 i = 0; i < table->table->schema.count; i++)
        table->used[i] |= own->used[op->looked_first + i];
}

static void mark_op(struct planner *p, const struct lop *op) {
    const bool *used = p->plan->ops[op->id].used;
    switch (op->kind) {
    case LOP_SOURCE:
        break;
    case LOP_WHERE:
        mark_through(p, op);
        mark_expr(p, op, op->expr);
        break;
    case LOP_PROJECT:
        for (u32 c = 0; c < op->schema.count; c++)
            if (used[c]) mark_expr(p, op, op->exprs[c]);
        break;
    case LOP_EXPLODE:
        mark_through(p, op);
        mark_expr(p, op, op->expr);
        break;
    case LOP_LOOKUP:
        mark_lookup(p, op);
        break;
    case LOP_AGGREGATE:
        mark_aggregate(p, op);
        break;
    case LOP_HOLD:
        mark_through(p, op);
        mark_expr(p, op, op->expr);
        mark_late(p, op);
        break;
    case LOP_UNION:
    case LOP_BREAK:
        mark_through(p, op);
        break;
    case LOP_TIME:
        mark_through(p, op);
        mark(p, op, 0, (i32)op->column);
        break;
    case LOP_SINK:
        for (u32 c = 0; c < lop_visible(op); c++) mark(p, op, 0, (i32)c);
        break;
    }
}

static void source_used(struct psource *s, const struct texpr *e) {
    if (!e) return;
    if (e->kind == TEXPR_COLUMN) s->used[e->column] = true;
    for (u32 i = 0; i < e->arg_count; i++) source_used(s, e->args[i]);
}

void plan_used(struct planner *p) {
    for (u32 i = p->logical->op_count; i-- > 0;) mark_op(p, p->logical->ops[i]);
    for (u32 i = 0; i < p->plan->source_count; i++) {
        struct psource *s = &p->plan->sources[i];
        s->used = arena_alloc(p->arena, s->source->schema.count);
        for (u32 c = 0; c < s->source->schema.count; c++)
            s->used[c] = p->plan->ops[s->op->id].used[c];
        source_used(s, s->source->time);
        source_used(s, s->source->watermark.on);
    }
}
