/* `hold until`: the row that is held (struct w0_row, as whole rows of windows), what takes one and
   what lets it out. */
#include "dsl/emit_internal.h"

#include <string.h>

static u32 column_count(const struct pstage *s) {
    return s->op->schema.count;
}

/* The row that comes out: the columns that came in, and E as its event time. */
static struct scope held_scope(struct emitter *e, const struct pstage *s) {
    const bool *used = e->plan->ops[s->op->id].used;
    struct scope scope = scope_new(e, column_count(s));
    for (u32 c = 0; c < column_count(s); c++) {
        if (!used[c]) continue;
        i32 from = lop_input_column(s->op, 0, c), value = from < 0 ? s->time : s->relayed[from];
        u32 field = 0;
        while (s->kept->fields[field] != (u32)value) field++;
        scope.columns[c] = kept_value(e, s, field, "row", "region");
    }
    return scope;
}

static void hold_emit(struct emitter *e, const struct pstage *s) {
    struct text_buf body;
    emit_passed_on(e, s, held_scope, &body);
    open_block(e,
               "ALWAYS_INLINE void w%u_emit(struct chain *c, const void *at, const struct region "
               "*region, const enum job_variant variant)",
               s->id);
    line(e, "const struct w%u_row *row = at;", s->id);
    if (e->scratch) line(e, "scratch_reset(&c->scratch);");
    line(e, "c->stages[%u].rows_out++;", s->id);
    text_buf_put(e->out, body.at, body.size);
    text_buf_fini(&body);
    close_block(e);
}

static void hold_ops(struct emitter *e, const struct pstage *s, bool fused) {
    const char *v = variant_name(fused), *V = fused ? "JOB_FUSED" : "JOB_RINGS";
    u32 n = s->id;
    open_block(e,
               "static void w%u_emit_%s(struct chain *c, const void *row, const struct region "
               "*region)",
               n, v);
    line(e, "w%u_emit(c, row, region, %s);", n, V);
    close_block(e);
    line(e, "static const struct hold_ops w%u_%s = {", n, v);
    line(e, "    .row_size = sizeof(struct w%u_row),", n);
    line(e, "    .drop = %s,", kept_drop_name(e, s));
    line(e, "    .adopt = %s,", kept_adopt_name(e, s));
    line(e, "    .emit = w%u_emit_%s,", n, v);
    line(e, "    .schema = &w%u_schema,", n);
    line(e, "};");
}

/* w0_add: holds a row, if it is not late. */
static void hold_add(struct emitter *e, const struct pstage *s) {
    u32 n = s->id;
    put(e, "ALWAYS_INLINE void w%u_add(struct chain *c", n);
    put_params(e, s, 0);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    line(e, "struct hold *h = c->states[%u];", n);
    open_block(e, "if (UNLIKELY(a%d < fine_w(&c->fine[%u], c->stamp)))", s->time, n);
    line(e, "c->stages[%u].late++;", n);
    emit_late(e, s);
    line(e, "return;");
    close_block(e);
    line(e, "struct w%u_row *row = hold_place(h, sizeof *row, a%d);", n, s->time);
    line(e, "w%u_fill(row, &h->region%s);", n, kept_args(e, s));
    close_block(e);
}

void emit_hold(struct emitter *e, const struct pstage *s) {
    emit_kept_row(e, s);
    emit_hold_schema(e, s);
    hold_emit(e, s);
    for (u32 v = 0; v <= e->plan->can_fuse; v++) hold_ops(e, s, v);
    hold_add(e, s);
    own_line(e);
    blank(e);
}
