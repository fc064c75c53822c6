#include "dsl/logical.h"

#include "dsl/functions.h"
#include "dsl/rules.h"

#include <string.h>

static void *copy(struct arena *arena, const void *from, size_t size) {
    void *to = arena_alloc(arena, size);
    if (size) memcpy(to, from, size);
    return to;
}

struct schema lop_port_schema(const struct lop *op, u32 port, u32 *hidden) {
    static const struct column malformed[] = {
        { "source", { TYPE_STRING, false, NULL } },
        { "position", { TYPE_I64, false, NULL } },
        { "reason", { TYPE_STRING, false, NULL } },
        { "raw", { TYPE_STRING, false, NULL } },
    };
    *hidden = op->hidden_count;
    if (port == 0) return op->schema;
    *hidden = 0;
    if (op->kind == LOP_SOURCE) return (struct schema){ (struct column *)(uintptr_t)malformed, 4 };
    return lop_port_schema(op->inputs[0], op->input_ports[0], hidden);
}

bool lop_remembers(const struct lop *op) {
    return op->kind == LOP_AGGREGATE || op->kind == LOP_HOLD;
}

i32 lop_held_column(const struct lop *op, u32 column) {
    i32 time = lop_input_time(op);
    if ((i32)column == op->event_time) return -1;
    u32 rest = column - (op->event_time >= 0 && (i32)column > op->event_time);
    return (i32)(rest + (time >= 0 && (i32)rest >= time));
}

i32 lop_input_time(const struct lop *op) {
    const struct lop *input = op->inputs[0];
    if (op->input_ports[0] == 0) return input->event_time;
    return lop_remembers(input) ? lop_input_time(input) : -1;
}

static bool step_uses(const struct texpr *e, u32 count, bool *used) {
    bool more = false;
    if (e->kind == TEXPR_COLUMN) {
        more = !used[e->column % count];
        used[e->column % count] = true;
    }
    for (u32 i = 0; i < e->arg_count; i++) more = step_uses(e->args[i], count, used) || more;
    return more;
}

void lop_steps_used(const struct lop *op, bool *used) {
    for (bool more = true; more;) {
        more = false;
        for (u32 i = 0; i < op->agg_count; i++)
            if (used[i] && op->aggs[i].step)
                more = step_uses(op->aggs[i].step, op->agg_count, used) || more;
    }
}

bool lop_minds_time(const struct lop *op) {
    return twindow_columns(&op->window) && !op->window.wall && !twindow_is_carried(&op->window);
}

static bool asks_watermark(const struct texpr *e) {
    if (!e) return false;
    if (e->kind == TEXPR_CALL && e->function->id == FN_WATERMARK) return true;
    for (u32 i = 0; i < e->arg_count; i++)
        if (asks_watermark(e->args[i])) return true;
    return false;
}

bool lop_asks_watermark(const struct lop *op) {
    for (u32 i = 0; op->kind == LOP_PROJECT && i < op->schema.count; i++)
        if (asks_watermark(op->exprs[i])) return true;
    return asks_watermark(op->expr);
}

bool lop_window_is_fine(const struct twindow *w) {
    return (w->kind == WINDOW_SESSION && !w->wall) || (w->kind == WINDOW_ROWS && w->marked);
}

void logical_declared(struct logical *plan, struct arena *arena) {
    plan->sources = arena_alloc(arena, (plan->op_count + 1) * sizeof *plan->sources);
    plan->tables = arena_alloc(arena, (plan->op_count + 1) * sizeof *plan->tables);
    plan->source_count = plan->table_count = 0;
    for (u32 i = 0; i < plan->op_count; i++) {
        const struct lop *op = plan->ops[i];
        if (op->kind == LOP_SOURCE) plan->sources[plan->source_count++] = op->source;
        if (op->kind != LOP_LOOKUP) continue;
        u32 t = 0;
        while (t < plan->table_count && plan->tables[t] != op->table) t++;
        if (t == plan->table_count) plan->tables[plan->table_count++] = op->table;
    }
}

/* ---- what a sink can be reached from ---- */

static struct lop *op_copy(const struct lop *op, struct lop *const *copies, struct arena *arena) {
    struct lop *r = copy(arena, op, sizeof *op);
    r->inputs = copy(arena, op->inputs, op->input_count * sizeof *op->inputs);
    for (u32 i = 0; i < op->input_count; i++) r->inputs[i] = copies[op->inputs[i]->id];
    r->schema.columns =
        copy(arena, op->schema.columns, op->schema.count * sizeof *op->schema.columns);
    u32 expr_count = op->kind == LOP_PROJECT ? op->schema.count : 0;
    r->exprs = copy(arena, op->exprs, expr_count * sizeof *op->exprs);
    r->keys = copy(arena, op->keys, op->key_count * sizeof *op->keys);
    r->aggs = copy(arena, op->aggs, op->agg_count * sizeof *op->aggs);
    r->rows.by = copy(arena, op->rows.by, op->rows.by_count * sizeof *op->rows.by);
    r->items = copy(arena, op->items, op->item_count * sizeof *op->items);
    r->lookup_keys = copy(arena, op->lookup_keys, op->lookup_key_count * sizeof *op->lookup_keys);
    return r;
}

static bool *reached(const struct logical *typed, struct arena *arena) {
    bool *run = arena_alloc(arena, typed->op_count + 1);
    for (u32 i = typed->op_count; i-- > 0;) {
        const struct lop *op = typed->ops[i];
        if (op->kind == LOP_SINK) run[i] = true;
        for (u32 k = 0; run[i] && k < op->input_count; k++) run[op->inputs[k]->id] = true;
    }
    return run;
}

/* Sides with readers. Malformed rows that nobody reads are skipped, and counted. */
static void sides(struct logical *plan, struct arena *arena) {
    bool *read = arena_alloc(arena, plan->op_count + 1);
    for (u32 i = 0; i < plan->op_count; i++)
        for (u32 k = 0; k < plan->ops[i]->input_count; k++)
            if (plan->ops[i]->input_ports[k]) read[plan->ops[i]->inputs[k]->id] = true;
    for (u32 i = 0; i < plan->op_count; i++) {
        struct lop *op = plan->ops[i];
        if (lop_remembers(op)) op->late_read = read[i];
        if (op->kind != LOP_SOURCE || op->source->malformed != MALFORMED_INTO || read[i]) continue;
        struct tsource *source = copy(arena, op->source, sizeof *source);
        source->malformed = MALFORMED_SKIP;
        op->source = source;
    }
}

static bool call_uses(const struct connector_call *call, const char *param) {
    for (u32 i = 0; i < call->option_count; i++)
        if (call->options[i].from == OPTION_PARAM && !strcmp(call->options[i].ref, param))
            return true;
    return false;
}

static bool plan_uses(const struct logical *plan, const char *param) {
    for (u32 i = 0; i < plan->op_count; i++) {
        const struct lop *op = plan->ops[i];
        if (op->kind == LOP_SOURCE && call_uses(&op->source->call, param)) return true;
        if (op->kind == LOP_LOOKUP && call_uses(&op->table->call, param)) return true;
        if (op->kind == LOP_SINK && call_uses(&op->sink, param)) return true;
    }
    return false;
}

struct logical *logical_plan(const struct logical *typed, struct arena *arena) {
    struct logical *plan = copy(arena, typed, sizeof *typed);
    struct lop **copies = arena_alloc(arena, (typed->op_count + 1) * sizeof *copies);
    bool *run = reached(typed, arena);
    plan->ops = arena_alloc(arena, (typed->op_count + 1) * sizeof *plan->ops);
    plan->op_count = 0;
    for (u32 i = 0; i < typed->op_count; i++) {
        if (!run[i]) continue;
        copies[i] = op_copy(typed->ops[i], copies, arena);
        copies[i]->id = plan->op_count;
        plan->ops[plan->op_count++] = copies[i];
    }
    sides(plan, arena);
    plan->params = copy(arena, typed->params, typed->param_count * sizeof *typed->params);
    plan->param_count = 0;
    for (u32 i = 0; i < typed->param_count; i++)
        if (plan_uses(plan, typed->params[i].name))
            plan->params[plan->param_count++] = typed->params[i];
    rule_drop_columns(plan, arena);
    rule_merge_projects(plan, arena);
    logical_declared(plan, arena);
    return plan;
}
