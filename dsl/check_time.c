/* `time E watermark W`: a new event time, and a watermark made of it, where they are known only
   behind other stages. It is made where the rows are, in the morsels of their source, so nothing
   that remembers or sends rows elsewhere may stand before it. */
#include "dsl/check_internal.h"

#include "dsl/logical.h"

/* What stands in the way, between the source and here; null: nothing. */
static const struct lop *in_the_way(const struct lop *op, u32 port) {
    if (op->kind == LOP_SOURCE) return port ? op : NULL;
    if (port || lop_remembers(op) || op->kind == LOP_BREAK || lop_asks_watermark(op)) return op;
    for (u32 i = 0; i < op->input_count; i++) {
        const struct lop *from = op->inputs[i];
        if (from->parallel != op->parallel || from->on_core != op->on_core ||
            from->on_node != op->on_node)
            return op;
        const struct lop *way = in_the_way(from, op->input_ports[i]);
        if (way) return way;
    }
    return NULL;
}

static void count_times(const struct lop *op, u32 *count) {
    *count += op->kind == LOP_TIME;
    for (u32 i = 0; i < op->input_count; i++) count_times(op->inputs[i], count);
}

static bool can_stand(struct pipe *p, const struct lop *op, struct span span) {
    struct checker *c = p->c;
    const struct lop *way = in_the_way(op, 0);
    if (way) {
        struct diag *d =
            not_yet(c, span, "`time` behind a stage that is not just a part of its source");
        diag_note(c->diags, d, way->span, "rows come from here");
        diag_help(
            c->diags, d,
            "say it before: behind a source, `where`, `select`, `explode`, `lookup`, `union`");
        return false;
    }
    u32 times = 0;
    count_times(op, &times);
    if (times <= TIMES_MAX) return true;
    not_yet(c, span, "more than %u `time` stages behind one another", TIMES_MAX);
    return false;
}

void stage_time(struct pipe *p, const struct ast_stage *stage) {
    struct scope scope = pipe_scope(p);
    struct twatermark w = { .kind = WATERMARK_AT_END };
    struct row_builder row;
    row_begin(&row, p);
    row.time = event_time_check(&scope, stage->time.expr);
    bool right = watermark_check(&scope, stage->time.watermark, &w) && row.time;
    row.on = w.on;
    for (u32 i = 0; i < p->rows.field_count; i++)
        row_field(&row, p->rows.fields[i].name, &p->rows.fields[i], stage->span);
    const char *alias = p->rows.alias;
    row_end(&row, stage, "time");
    p->rows.alias = alias;
    struct lop *op = pipe_op(p, LOP_TIME, stage, "time");
    p->rows.window = NULL;
    op->column = w.on ? p->rows.schema.count - 1 : (u32)p->rows.event_time;
    op->watermark = (struct twatermark){ .kind = w.kind, .lag_ns = w.lag_ns };
    pipe_gives(p, op, p->rows.schema, p->rows.hidden_count);
    p->rows.has_watermark = true;
    if (p->rows.open) return;
    if (!right || !can_stand(p, op, stage->span)) rows_open(&p->rows);
}

/* ---- one stage, one time ---- */

struct ways {
    const struct lop *source, *time; /* the first that was found */
};

/* Does a source come to `op` by two times? Then *time is one of the stages that make them. */
static bool comes_twice(const struct lop *op, u32 port, const struct lop *time,
                        const struct lop *of, struct ways *ways, const struct lop **which) {
    if (op == of && !port) {
        bool other = ways->source && ways->time != time;
        if (!ways->source) *ways = (struct ways){ op, time };
        *which = time ? time : ways->time;
        return other;
    }
    bool starts = port || lop_remembers(op);
    const struct lop *behind = starts ? NULL : op->kind == LOP_TIME && !time ? op : time;
    for (u32 i = 0; i < op->input_count; i++)
        if (comes_twice(op->inputs[i], op->input_ports[i], behind, of, ways, which)) return true;
    return false;
}

static void meet_check(struct checker *c, const struct lop *op) {
    for (u32 i = 0; i < c->job->op_count; i++) {
        const struct lop *of = c->job->ops[i], *which = NULL;
        struct ways ways = { 0 };
        if (of->kind != LOP_SOURCE) continue;
        bool twice = false;
        for (u32 k = 0; k < op->input_count && !twice; k++)
            twice = comes_twice(op->inputs[k], op->input_ports[k], NULL, of, &ways, &which);
        if (!twice) continue;
        struct diag *d = not_yet(
            c, op->span, "rows of `%s` by two times in a stage that goes by each row's watermark",
            of->source->name);
        diag_note(c->diags, d, which->span, "one of the times");
        return;
    }
}

/* Does it go by the watermark of each row (stage/fine.h)? */
static bool is_fine(const struct lop *op) {
    return lop_asks_watermark(op) || op->kind == LOP_HOLD ||
           (op->kind == LOP_AGGREGATE && lop_window_is_fine(&op->window));
}

void times_check(struct checker *c) {
    for (u32 i = 0; i < c->job->op_count; i++)
        if (is_fine(c->job->ops[i])) meet_check(c, c->job->ops[i]);
}
