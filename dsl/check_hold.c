/* `hold until E`: rows wait until E is over; E is their event time then. */
#include "dsl/check_internal.h"

#include <string.h>

static bool until_is_a_time(struct checker *c, const struct texpr *until) {
    struct diag *d;
    if (until->type.kind != TYPE_TIMESTAMP) {
        d = diag_error(c->diags, E0301, until->span, "rows are held until a timestamp, not %s",
                       name_type(c, until->type));
        if (until->type.kind == TYPE_DURATION)
            diag_help(c->diags, d, "`hold until event_time + 10s` waits ten seconds");
        return false;
    }
    if (!until->type.nullable) return true;
    d = diag_error(c->diags, E0303, until->span, "this may be null, and then it is never over");
    diag_help(c->diags, d, "say what stands for null: `hold until E ?? event_time`");
    return false;
}

/* Rows are held until no earlier one is expected. */
static bool hold_has_time(struct pipe *p, struct span span) {
    struct checker *c = p->c;
    struct diag *d;
    if (p->rows.event_time < 0 || !p->rows.has_watermark) {
        d = diag_error(c->diags, E0401, span,
                       "`hold` needs a watermark to know when a time is over");
        diag_help(c->diags, d, "say at the source: `time COLUMN watermark lag 10s`");
        return false;
    }
    if (!rows_by_clock(p->rows.op)) return true;
    not_yet(c, span, "`hold` behind a window by the clock");
    return false;
}

/* What is held would come out once for each pane. */
static bool rows_are_final(struct pipe *p, struct span span) {
    struct checker *c = p->c;
    if (!span_is_somewhere(p->rows.panes)) return true;
    struct diag *d =
        diag_error(c->diags, E0431, span, "all panes of an accumulating window would be held");
    diag_label(c->diags, d, "lets out each of them");
    diag_note(c->diags, d, p->rows.panes, "more than one pane comes from here");
    diag_help(c->diags, d, "say `discarding` there (each row counted once), or leave the lateness");
    return false;
}

/* The late rows are those that came in, with all that is known of them. */
static void late_rows(struct pipe *p, const struct ast_late *late, struct lop *op) {
    struct symbol *side = late->into.text ? name_find(p->c, late->into.text) : NULL;
    if (!side || side->kind != SYMBOL_SIDE) return;
    side->rows = arena_alloc(p->c->arena, sizeof *side->rows);
    *side->rows = p->rows;
    side->rows->op = op;
    side->rows->port = 1;
}

void stage_hold(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    const struct ast_late *late = &stage->hold.late;
    struct scope s = pipe_scope(p);
    s.stateless = false;
    struct texpr *until = check_whole(&s, stage->hold.until);
    bool right = !is_refused(until) && until_is_a_time(c, until);
    if (!p->rows.open)
        right = hold_has_time(p, stage->word) && rows_are_final(p, stage->word) && right;
    if (late->into_right.text) {
        diag_error(c->diags, E0405, late->into_right.span,
                   "`hold` has one input, and so one stream of late rows");
        right = false;
    }
    struct lop *op = pipe_op(p, LOP_HOLD, stage, "hold");
    late_rows(p, late, op);
    op->expr = until;
    struct schema schema = { arena_alloc(c->arena,
                                         (p->rows.schema.count + 1) * sizeof(struct column)),
                             p->rows.schema.count };
    if (schema.count)
        memcpy(schema.columns, p->rows.schema.columns, schema.count * sizeof *schema.columns);
    p->rows.window = NULL;
    if (!right) rows_open(&p->rows);
    pipe_gives(p, op, schema, p->rows.hidden_count);
    p->holds_state = true;
}
