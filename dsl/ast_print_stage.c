#include "dsl/ast_print.h"

static const char *window_text(const struct ast_window *window) {
    static const char *const calendar[] = { "window tumbling day", "window tumbling week",
                                            "window tumbling month", "window tumbling year" };
    switch (window->kind) {
    case AST_WINDOW_TUMBLING:
        return "window tumbling ";
    case AST_WINDOW_CALENDAR:
        return calendar[window->unit];
    case AST_WINDOW_SLIDING:
        return "window sliding ";
    case AST_WINDOW_SESSION:
        return "window session ";
    case AST_WINDOW_GLOBAL:
        return "window global";
    case AST_WINDOW_SAME:
        return "window same";
    case AST_WINDOW_ROWS:
        return "window rows ";
    }
    return NULL;
}

static void put_trigger(struct ast_printer *p, const struct ast_trigger *trigger) {
    struct text_buf *to = ast_begin(p, trigger->late ? "emit late every " : "emit early every ");
    if (trigger->every) ast_put_const(to, trigger->every);
    switch (trigger->unit) {
    case AST_EVERY_TIME:
        break;
    case AST_EVERY_WALL:
        text_buf_str(to, " wall");
        break;
    case AST_EVERY_ROWS:
        text_buf_str(to, " rows");
        break;
    case AST_EVERY_ROW:
        text_buf_str(to, "row");
        break;
    }
    ast_end(p);
}

static void put_window(struct ast_printer *p, const struct ast_window *window) {
    struct text_buf *to = ast_begin(p, window_text(window));
    if (window->size) ast_put_const(to, window->size);
    if (window->every) {
        text_buf_str(to, " every ");
        ast_put_const(to, window->every);
    }
    if (window->zone) {
        text_buf_str(to, " zone ");
        ast_put_expr(to, window->zone);
    }
    ast_end(p);
    p->indent++;
    ast_line_flag(p, "wall", window->wall);
    ast_line_const(p, "offset ", window->offset);
    ast_line_const(p, "lateness ", window->lateness);
    ast_line_late(p, &window->late);
    for (u32 i = 0; i < window->triggers.count; i++) put_trigger(p, &window->triggers.at[i]);
    switch (window->mode) {
    case AST_MODE_DEFAULT:
        break;
    case AST_ACCUMULATING:
        ast_line(p, "accumulating");
        break;
    case AST_DISCARDING:
        ast_line(p, "discarding");
        break;
    case AST_RETRACTING:
        ast_line(p, "retracting");
        break;
    }
    p->indent--;
}

/* --- pipelines --- */

static void put_orders(struct ast_printer *p, struct ast_orders orders) {
    if (orders.count == 0) return;
    struct text_buf *to = ast_begin(p, "by ");
    for (u32 i = 0; i < orders.count; i++) {
        if (i > 0) text_buf_str(to, ", ");
        ast_put_expr(to, orders.at[i].expr);
        if (orders.at[i].descending) text_buf_str(to, " desc");
    }
    ast_end(p);
}

static void put_operand(struct ast_printer *p, const char *word,
                        const struct ast_operand *operand) {
    struct text_buf *to = ast_begin(p, word);
    if (operand->name.text)
        ast_put_name(to, operand->name.text);
    else
        text_buf_str(to, "( )");
    if (operand->alias.text) {
        text_buf_str(to, " as ");
        ast_put_name(to, operand->alias.text);
    }
    ast_end(p);
    if (!operand->pipeline) return;
    p->indent++;
    ast_print_pipeline(p, operand->pipeline);
    p->indent--;
}

static const char *join_text(enum ast_join_kind kind) {
    switch (kind) {
    case AST_JOIN_INNER:
        return "join ";
    case AST_JOIN_LEFT:
        return "left join ";
    case AST_JOIN_RIGHT:
        return "right join ";
    case AST_JOIN_FULL:
        return "full join ";
    case AST_JOIN_SEMI:
        return "semi join ";
    case AST_JOIN_ANTI:
        return "anti join ";
    case AST_JOIN_ASOF:
        return "asof join ";
    case AST_JOIN_LEFT_ASOF:
        return "left asof join ";
    }
    return NULL;
}

static void put_lookup(struct ast_printer *p, const struct ast_stage *stage) {
    ast_put_name(ast_begin(p, stage->lookup.left ? "left lookup " : "lookup "),
                 stage->lookup.table.text);
    if (stage->lookup.alias.text) {
        text_buf_str(p->to, " as ");
        ast_put_name(p->to, stage->lookup.alias.text);
    }
    ast_end(p);
}

static void put_over(struct ast_printer *p, const struct ast_stage *stage) {
    switch (stage->over.kind) {
    case AST_OVER_ALL:
        ast_line(p, "over all");
        break;
    case AST_OVER_TIME:
        ast_line_const(p, "over ", stage->over.size);
        break;
    case AST_OVER_ROWS:
        ast_line_const(p, "over rows ", stage->over.size);
        break;
    }
    p->indent++;
    ast_line_items(p, "let", stage->over.items);
    p->indent--;
}

static const char *stage_text(enum ast_stage_kind kind) {
    switch (kind) {
    case AST_STAGE_WHERE:
        return "where ";
    case AST_STAGE_SELECT:
        return "select";
    case AST_STAGE_LET:
        return "let";
    case AST_STAGE_RENAME:
        return "rename";
    case AST_STAGE_DROP:
        return "drop ";
    case AST_STAGE_EXPLODE:
        return "explode ";
    case AST_STAGE_TIME:
        return "time ";
    case AST_STAGE_KEY:
        return "key by";
    case AST_STAGE_WINDOW:
        return "window ";
    case AST_STAGE_AGGREGATE:
        return "aggregate";
    case AST_STAGE_REDUCE:
        return "reduce";
    case AST_STAGE_DISTINCT:
        return "distinct";
    case AST_STAGE_TOP:
        return "top ";
    case AST_STAGE_FIRST:
        return "first";
    case AST_STAGE_LAST:
        return "last";
    case AST_STAGE_OVER:
        return "over ";
    case AST_STAGE_UNION:
        return "union";
    case AST_STAGE_HOLD:
        return "hold until ";
    case AST_STAGE_CHANGES:
        return "changes";
    case AST_STAGE_JOIN:
        return "join ";
    case AST_STAGE_LOOKUP:
        return "lookup ";
    case AST_STAGE_PROCESS:
        return "process";
    case AST_STAGE_MATCH:
        return "match";
    case AST_STAGE_PARALLEL:
        return "parallel ";
    case AST_STAGE_ON:
        return "on ";
    case AST_STAGE_BREAK:
        return "break";
    case AST_STAGE_INTO:
        return "into ";
    }
    return NULL;
}

/* A stage and what it makes. */
static void put_stage(struct ast_printer *p, const struct ast_stage *stage) {
    const char *word = stage_text(stage->kind);
    switch (stage->kind) {
    case AST_STAGE_WHERE:
        ast_line_expr(p, word, stage->where);
        break;
    case AST_STAGE_SELECT:
    case AST_STAGE_LET:
    case AST_STAGE_RENAME:
    case AST_STAGE_KEY:
        ast_line_items(p, word, stage->items);
        break;
    case AST_STAGE_DROP:
        ast_line_names(p, word, stage->drop);
        break;
    case AST_STAGE_EXPLODE:
        ast_line_name(p, word, stage->explode.name);
        break;
    case AST_STAGE_TIME:
        ast_line_expr(p, word, stage->time.expr);
        break;
    case AST_STAGE_WINDOW:
        put_window(p, stage->window);
        break;
    case AST_STAGE_AGGREGATE:
    case AST_STAGE_REDUCE:
    case AST_STAGE_DISTINCT:
        ast_line_items(p, word, stage->aggregate.items);
        break;
    case AST_STAGE_TOP:
        ast_line_const(p, word, stage->top.count);
        break;
    case AST_STAGE_OVER:
        put_over(p, stage);
        break;
    case AST_STAGE_HOLD:
        ast_line_expr(p, word, stage->hold.until);
        break;
    case AST_STAGE_JOIN:
        put_operand(p, join_text(stage->join.kind), &stage->join.right);
        break;
    case AST_STAGE_LOOKUP:
        put_lookup(p, stage);
        break;
    case AST_STAGE_PARALLEL:
        ast_line_const(p, word, stage->parallel);
        break;
    case AST_STAGE_ON:
        ast_line_const(p, stage->on.place == AST_PLACE_CORE ? "on core " : "on node ",
                       stage->on.number);
        break;
    case AST_STAGE_INTO:
        ast_line_call(p, word, stage->into);
        break;
    case AST_STAGE_FIRST:
    case AST_STAGE_LAST:
    case AST_STAGE_UNION:
    case AST_STAGE_CHANGES:
    case AST_STAGE_PROCESS:
    case AST_STAGE_MATCH:
    case AST_STAGE_BREAK:
        ast_line(p, word);
        break;
    }
}

/* And its clauses. */
static void put_stage_clauses(struct ast_printer *p, const struct ast_stage *stage) {
    switch (stage->kind) {
    case AST_STAGE_EXPLODE:
        ast_line_expr(p, "list ", stage->explode.list);
        break;
    case AST_STAGE_TIME:
        ast_line_watermark(p, stage->time.watermark);
        break;
    case AST_STAGE_AGGREGATE:
    case AST_STAGE_REDUCE:
    case AST_STAGE_DISTINCT:
        ast_line_keep(p, stage->aggregate.keep);
        break;
    case AST_STAGE_TOP:
        ast_line_flag(p, "with ties", stage->top.with_ties);
        ast_line_name(p, "as ", stage->top.rank);
        put_orders(p, stage->top.by);
        ast_line_keep(p, stage->top.keep);
        break;
    case AST_STAGE_FIRST:
    case AST_STAGE_LAST:
        put_orders(p, stage->pick.by);
        ast_line_expr(p, "delete when ", stage->pick.delete_when);
        ast_line_keep(p, stage->pick.keep);
        break;
    case AST_STAGE_OVER:
        ast_line_keep(p, stage->over.keep);
        ast_line_late(p, &stage->over.late);
        break;
    case AST_STAGE_UNION:
        for (u32 i = 0; i < stage->with.count; i++) put_operand(p, "with ", &stage->with.at[i]);
        break;
    case AST_STAGE_HOLD:
        ast_line_late(p, &stage->hold.late);
        break;
    case AST_STAGE_JOIN:
        ast_line_expr(p, "on ", stage->join.on);
        ast_line_flag(p, "same window", stage->join.same_window);
        ast_line_keep(p, stage->join.keep);
        ast_line_late(p, &stage->join.late);
        break;
    case AST_STAGE_LOOKUP:
        ast_line_expr(p, "on ", stage->lookup.on);
        break;
    case AST_STAGE_PROCESS:
        ast_print_process(p, stage->process);
        break;
    case AST_STAGE_MATCH:
        ast_print_match(p, stage->match);
        break;
    case AST_STAGE_WHERE:
    case AST_STAGE_SELECT:
    case AST_STAGE_LET:
    case AST_STAGE_RENAME:
    case AST_STAGE_DROP:
    case AST_STAGE_KEY:
    case AST_STAGE_WINDOW:
    case AST_STAGE_CHANGES:
    case AST_STAGE_PARALLEL:
    case AST_STAGE_ON:
    case AST_STAGE_BREAK:
    case AST_STAGE_INTO:
        break;
    }
}

void ast_print_pipeline(struct ast_printer *p, const struct ast_pipeline *pipeline) {
    put_operand(p, "from ", &pipeline->head);
    for (u32 i = 0; i < pipeline->stages.count; i++) {
        const struct ast_stage *stage = pipeline->stages.at[i];
        put_stage(p, stage);
        p->indent++;
        put_stage_clauses(p, stage);
        p->indent--;
    }
}
