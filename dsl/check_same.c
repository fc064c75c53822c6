/* `window same` behind a session: which session a row is of is told by its columns window_start and
   window_end, so these must have come unchanged from the windowed stage. */
#include "dsl/check_internal.h"

#include "dsl/physical.h"

/* Is the column the start (side 0) or the end (1) of the window of the stage that it came from? */
static bool is_side(const struct lop *op, u32 port, u32 column, u32 side) {
    struct origin o = origin_of(op, port, column);
    if (!o.op || o.op->kind == LOP_SOURCE) return false;
    if (o.op->kind == LOP_AGGREGATE)
        return twindow_columns(&o.op->window) && o.column == o.op->key_count + side;
    for (u32 i = 0; i < o.op->input_count; i++) {
        i32 input = lop_input_column(o.op, i, o.column);
        if (input < 0 || !is_side(o.op->inputs[i], o.op->input_ports[i], (u32)input, side))
            return false;
    }
    return true;
}

static const struct field *side_of(struct pipe *p, u32 side) {
    const struct field *f = field_find(&p->rows, side ? "window_end" : "window_start");
    return f && !f->record && is_side(p->rows.op, p->rows.port, f->first, side) ? f : NULL;
}

bool session_is_carried(struct pipe *p) {
    return side_of(p, 0) && side_of(p, 1);
}

void session_columns(struct pipe *p, struct lop *op) {
    if (!session_is_carried(p)) {
        struct diag *d = diag_error(p->c->diags, E0406, p->window_span,
                                    "the session that the rows are of is changed before its stage");
        diag_help(p->c->diags, d, "leave `window_start` and `window_end` as they are until then");
        rows_open(&p->rows);
        return;
    }
    for (u32 i = 0; i < 2; i++)
        op->same[i] =
            make_column(p->c, side_of(p, i)->first, type_of(TYPE_TIMESTAMP), p->window_span);
}
