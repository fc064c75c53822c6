#include "dsl/rules.h"

#include <string.h>

#define GONE UINT32_MAX

static void mark(const struct texpr *e, bool *columns) {
    if (!e) return;
    if (e->kind == TEXPR_COLUMN) columns[e->column] = true;
    for (u32 i = 0; i < e->arg_count; i++) mark(e->args[i], columns);
}

/* ---- drop columns ---- */

struct dropping {
    struct arena *arena;
    bool **needs; /* by operator: the columns of its schema that somebody needs */
    bool **sides; /* the same of port 1; null: nobody reads it */
    u32 *counts;  /* columns before anything was dropped */
    u32 **maps;   /* where each of these stands now, or GONE */
    u32 *identity;
};

static bool *bools(struct arena *arena, u32 count) {
    return arena_alloc(arena, count + 1);
}

static void merge(bool *into, const bool *from, u32 count) {
    for (u32 i = 0; i < count; i++) into[i] = into[i] || from[i];
}

/* Columns of input k before anything was dropped. Late rows are what came in. */
static u32 count_of(const struct dropping *d, const struct lop *op, u32 k) {
    const struct lop *input = op->inputs[k];
    if (op->input_ports[k] == 0) return d->counts[input->id];
    u32 hidden;
    return input->kind == LOP_SOURCE ? lop_port_schema(input, 1, &hidden).count
                                     : count_of(d, input, 0);
}

static const u32 *map_of(const struct dropping *d, const struct lop *op, u32 k) {
    const struct lop *input = op->inputs[k];
    if (op->input_ports[k] == 0) return d->maps[input->id];
    return input->kind == LOP_SOURCE ? d->identity : map_of(d, input, 0);
}

static bool *needs_of(struct dropping *d, const struct lop *op, u32 k) {
    const struct lop *input = op->inputs[k];
    if (op->input_ports[k] == 0) return d->needs[input->id];
    if (!d->sides[input->id]) d->sides[input->id] = bools(d->arena, count_of(d, op, k));
    return d->sides[input->id];
}

/* The column of input 0 that column i of an EXPLODE or LOOKUP is, or GONE for those that it adds.
 */
static u32 below(const struct dropping *d, const struct lop *op, u32 i) {
    u32 more = d->counts[op->id] - count_of(d, op, 0);
    if (op->kind == LOP_EXPLODE) return i < op->column ? i : i == op->column ? GONE : i - more;
    if (i < op->looked_first) return i;
    u32 table = op->table->schema.count;
    if (i - op->looked_first < table || (i32)i == op->looked_matched) return GONE;
    return i - table;
}

/* ---- what is needed, from the sinks up ---- */

static u32 group_columns(const struct lop *op) {
    return op->key_count + twindow_columns(&op->window);
}

static bool *aggs_used(const struct dropping *d, const struct lop *op, const bool *own) {
    u32 first = group_columns(op);
    bool *used = bools(d->arena, first + op->agg_count);
    for (u32 i = 0; i < op->item_count; i++)
        if (own[first + i]) mark(op->items[i], used);
    lop_steps_used(op, used + first);
    return used + first;
}

static void needs_aggregate(struct dropping *d, const struct lop *op, const bool *own, bool *in) {
    const bool *used = aggs_used(d, op, own);
    for (u32 i = 0; i < op->key_count; i++) mark(op->keys[i], in);
    for (u32 i = 0; i < 2; i++) mark(op->same[i], in);
    for (u32 i = 0; i < op->agg_count; i++) {
        if (!used[i]) continue;
        mark(op->aggs[i].arg, in);
        mark(op->aggs[i].where, in);
    }
    for (u32 i = 0; i < op->rows.by_count; i++) mark(op->rows.by[i].expr, in);
    if (lop_input_time(op) >= 0 && !op->window.wall) in[lop_input_time(op)] = true;
    if (d->sides[op->id]) merge(in, d->sides[op->id], count_of(d, op, 0));
}

static void needs_op(struct dropping *d, struct lop *op) {
    bool *own = d->needs[op->id], *in = op->input_count ? needs_of(d, op, 0) : NULL;
    u32 count = op->schema.count;
    switch (op->kind) {
    case LOP_SOURCE:
        op->used = bools(d->arena, op->source->schema.count);
        merge(op->used, own, op->source->schema.count);
        mark(op->source->time, op->used);
        mark(op->source->watermark.on, op->used);
        return;
    case LOP_PROJECT:
        own[0] = own[0] || !memchr(own, true, count); /* a row has a column */
        for (u32 i = 0; i < count; i++)
            if (own[i]) mark(op->exprs[i], in);
        return;
    case LOP_WHERE:
        mark(op->expr, in);
        merge(in, own, count);
        return;
    case LOP_BREAK:
        merge(in, own, count);
        return;
    case LOP_TIME:
        merge(in, own, count);
        in[op->column] = true;
        return;
    case LOP_EXPLODE:
    case LOP_LOOKUP:
        mark(op->expr, in);
        mark(op->lookup_rest, own);
        for (u32 i = 0; i < op->lookup_key_count; i++) mark(op->lookup_keys[i], in);
        for (u32 i = 0; i < count; i++)
            if (own[i] && below(d, op, i) != GONE) in[below(d, op, i)] = true;
        return;
    case LOP_AGGREGATE:
        needs_aggregate(d, op, own, in);
        return;
    case LOP_HOLD:
        mark(op->expr, in);
        for (u32 i = 0; i < count; i++)
            if (own[i] && (i32)i != op->event_time) in[i] = true;
        if (d->sides[op->id]) merge(in, d->sides[op->id], count_of(d, op, 0));
        return;
    case LOP_UNION:
        for (u32 k = 0; k < op->input_count; k++) memset(needs_of(d, op, k), true, count);
        return;
    case LOP_SINK:
        memset(in, true, count);
        return;
    }
}

/* ---- what is left, from the sources down ---- */

static struct texpr *moved(struct arena *arena, const struct texpr *e, const u32 *to) {
    if (!e) return NULL;
    struct texpr *r = arena_alloc(arena, sizeof *r);
    *r = *e;
    if (e->kind == TEXPR_COLUMN) r->column = to[e->column];
    r->args = arena_alloc(arena, (e->arg_count + 1) * sizeof *r->args);
    for (u32 i = 0; i < e->arg_count; i++) r->args[i] = moved(arena, e->args[i], to);
    return r;
}

static void keep_aggregate(struct dropping *d, struct lop *op, bool *kept, const u32 *in) {
    u32 first = group_columns(op), aggs = 0, items = 0;
    const bool *used = aggs_used(d, op, kept);
    u32 *to = arena_alloc(d->arena, (first + op->agg_count + 1) * sizeof *to);
    u32 *steps = arena_alloc(d->arena, (2 * op->agg_count + 1) * sizeof *steps);
    memset(kept, true, first);
    for (u32 i = 0; i < first; i++) to[i] = i;
    for (u32 i = 0; i < op->agg_count; i++) {
        to[first + i] = first + aggs;
        steps[i] = aggs;
        if (!used[i]) continue;
        op->aggs[aggs] = op->aggs[i];
        op->aggs[aggs].arg = moved(d->arena, op->aggs[i].arg, in);
        op->aggs[aggs].where = moved(d->arena, op->aggs[i].where, in);
        aggs++;
    }
    for (u32 i = 0; i < op->agg_count; i++) steps[op->agg_count + i] = steps[i] + aggs;
    for (u32 i = 0; i < aggs; i++) op->aggs[i].step = moved(d->arena, op->aggs[i].step, steps);
    for (u32 i = 0; i < op->rows.by_count; i++)
        op->rows.by[i].expr = moved(d->arena, op->rows.by[i].expr, in);
    for (u32 i = 0; i < op->item_count; i++)
        if (kept[first + i]) op->items[items++] = moved(d->arena, op->items[i], to);
    for (u32 i = 0; i < op->key_count; i++) op->keys[i] = moved(d->arena, op->keys[i], in);
    for (u32 i = 0; i < 2; i++) op->same[i] = moved(d->arena, op->same[i], in);
    op->agg_count = aggs;
    op->item_count = items;
}

/* Which columns stay: `own` becomes that. */
static void keep_op(struct dropping *d, struct lop *op, bool *own) {
    const u32 *in = op->input_count ? map_of(d, op, 0) : NULL;
    u32 count = op->schema.count;
    switch (op->kind) {
    case LOP_PROJECT:
        for (u32 i = 0, n = 0; i < count; i++)
            if (own[i]) op->exprs[n++] = moved(d->arena, op->exprs[i], in);
        return;
    case LOP_WHERE:
    case LOP_BREAK:
    case LOP_TIME:
        for (u32 i = 0; i < count; i++) own[i] = in[i] != GONE;
        op->expr = moved(d->arena, op->expr, in);
        return;
    case LOP_EXPLODE:
    case LOP_LOOKUP:
        for (u32 i = 0; i < count; i++)
            own[i] = below(d, op, i) == GONE || in[below(d, op, i)] != GONE;
        op->expr = moved(d->arena, op->expr, in);
        for (u32 i = 0; i < op->lookup_key_count; i++)
            op->lookup_keys[i] = moved(d->arena, op->lookup_keys[i], in);
        return;
    case LOP_AGGREGATE:
        keep_aggregate(d, op, own, in);
        return;
    case LOP_HOLD:
        for (u32 i = 0; i < count; i++) own[i] = (i32)i == op->event_time || in[i] != GONE;
        op->expr = moved(d->arena, op->expr, in);
        return;
    case LOP_SOURCE:
    case LOP_UNION:
    case LOP_SINK:
        memset(own, true, count);
        return;
    }
}

static void drop_op(struct dropping *d, struct lop *op) {
    bool *own = d->needs[op->id];
    u32 count = op->schema.count, visible = count - op->hidden_count, left = 0, hidden = 0;
    u32 *map = d->maps[op->id] = arena_alloc(d->arena, (count + 1) * sizeof *map);
    keep_op(d, op, own);
    for (u32 i = 0; i < count; i++) {
        map[i] = own[i] ? left : GONE;
        if (!own[i]) continue;
        op->schema.columns[left++] = op->schema.columns[i];
        hidden += i >= visible;
    }
    op->schema.count = left;
    op->hidden_count = hidden;
    if (op->event_time >= 0)
        op->event_time = map[op->event_time] == GONE ? -1 : (i32)map[op->event_time];
    if (op->kind == LOP_EXPLODE || op->kind == LOP_TIME) op->column = map[op->column];
    if (op->kind != LOP_LOOKUP) return;
    op->lookup_rest = moved(d->arena, op->lookup_rest, map);
    op->looked_first = map[op->looked_first];
    if (op->looked_matched >= 0) op->looked_matched = (i32)map[op->looked_matched];
}

void rule_drop_columns(struct logical *plan, struct arena *arena) {
    u32 n = plan->op_count, widest = 4;
    struct dropping d = { .arena = arena };
    d.needs = arena_alloc(arena, (n + 1) * sizeof *d.needs);
    d.sides = arena_alloc(arena, (n + 1) * sizeof *d.sides);
    d.maps = arena_alloc(arena, (n + 1) * sizeof *d.maps);
    d.counts = arena_alloc(arena, (n + 1) * sizeof *d.counts);
    for (u32 i = 0; i < n; i++) {
        d.counts[i] = plan->ops[i]->schema.count;
        d.needs[i] = bools(arena, d.counts[i]);
        if (d.counts[i] > widest) widest = d.counts[i];
    }
    d.identity = arena_alloc(arena, widest * sizeof *d.identity);
    for (u32 i = 0; i < widest; i++) d.identity[i] = i;
    for (u32 i = n; i-- > 0;) needs_op(&d, plan->ops[i]);
    for (u32 i = 0; i < n; i++) drop_op(&d, plan->ops[i]);
}

/* ---- merge projects ---- */

static void count_uses(const struct texpr *e, u32 *uses) {
    if (e->kind == TEXPR_COLUMN) uses[e->column]++;
    for (u32 i = 0; i < e->arg_count; i++) count_uses(e->args[i], uses);
}

static bool is_cheap(const struct texpr *e) {
    return e->kind == TEXPR_COLUMN || e->kind == TEXPR_CONST;
}

/* Nothing that is worked out in `first` is used twice in `second`. */
static bool can_merge(const struct lop *first, const struct lop *second, struct arena *arena) {
    if (first->kind != LOP_PROJECT || second->kind != LOP_PROJECT || second->input_ports[0])
        return false;
    if (first->parallel != second->parallel || first->on_core != second->on_core ||
        first->on_node != second->on_node)
        return false;
    u32 *uses = arena_alloc(arena, (first->schema.count + 1) * sizeof *uses), weight = 0;
    for (u32 i = 0; i < second->schema.count; i++) count_uses(second->exprs[i], uses);
    for (u32 i = 0; i < first->schema.count; i++) {
        if (uses[i] > 1 && !is_cheap(first->exprs[i])) return false;
        weight += first->exprs[i]->depth;
    }
    return weight < TEXPR_DEPTH_MAX / 2;
}

/* e over the input of a projection with these expressions. A column that is known not to be null
 * stays so. */
static struct texpr *composed(struct arena *arena, const struct texpr *e,
                              struct texpr *const *exprs) {
    struct texpr *r = arena_alloc(arena, sizeof *r);
    if (e->kind == TEXPR_COLUMN) {
        struct texpr *inner = exprs[e->column];
        if (inner->type.nullable == e->type.nullable) return inner;
        bool column = inner->kind == TEXPR_COLUMN;
        *r = column ? *inner
                    : (struct texpr){ .kind = TEXPR_CAST,
                                      .span = e->span,
                                      .weight = inner->weight + 1,
                                      .depth = inner->depth + 1,
                                      .arg_count = 1 };
        r->type = e->type;
        if (column) return r;
        r->args = arena_alloc(arena, sizeof *r->args);
        r->args[0] = inner;
        return r;
    }
    *r = *e;
    r->args = arena_alloc(arena, (e->arg_count + 1) * sizeof *r->args);
    for (u32 i = 0; i < e->arg_count; i++) {
        r->args[i] = composed(arena, e->args[i], exprs);
        if (r->args[i]->depth >= r->depth) r->depth = r->args[i]->depth + 1;
    }
    return r;
}

static void take_out(struct logical *plan, u32 at) {
    plan->op_count--;
    for (u32 i = at; i < plan->op_count; i++) {
        plan->ops[i] = plan->ops[i + 1];
        plan->ops[i]->id = i;
    }
}

static u32 readers_of(const struct logical *plan, const struct lop *op) {
    u32 count = 0;
    for (u32 i = op->id + 1; i < plan->op_count; i++)
        for (u32 k = 0; k < plan->ops[i]->input_count; k++) count += plan->ops[i]->inputs[k] == op;
    return count;
}

void rule_merge_projects(struct logical *plan, struct arena *arena) {
    for (u32 i = 0; i < plan->op_count; i++) {
        struct lop *second = plan->ops[i], *first = second->input_count ? second->inputs[0] : NULL;
        if (second->kind != LOP_PROJECT || !can_merge(first, second, arena) ||
            readers_of(plan, first) > 1)
            continue;
        for (u32 k = 0; k < second->schema.count; k++)
            second->exprs[k] = composed(arena, second->exprs[k], first->exprs);
        second->inputs = first->inputs;
        second->input_ports = first->input_ports;
        take_out(plan, first->id);
        i--;
    }
}
