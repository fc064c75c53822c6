/* Rows that stand in the job itself, as a test gives them: each is worked out where it is needed,
   so whatever an expression may be can be a value. */
#include "dsl/emit_internal.h"

static void given_row(struct emitter *e, const struct decoder *d, u32 number) {
    const struct given_row *row = &d->given->at[number];
    struct scope none = scope_new(e, 0);
    open_block(e, "case %u:", number);
    for (u32 i = 0; i < row->count; i++) {
        if (!row->values[i] || !d->used[i]) continue;
        source_line(e, row->values[i]->span);
        struct val v = expr_value(e, row->values[i], &none);
        line(e, "c%u = %s;", i, v.v);
        if (d->schema->columns[i].type.nullable)
            line(e, "c%u_null = %s;", i, v.null ? v.null : "false");
    }
    line(e, "break;");
    close_block(e);
}

void emit_given(struct emitter *e, const struct decoder *d) {
    put(e,
        "ALWAYS_INLINE void %s_morsel(struct chain *c, %sconst struct extent *x, const enum "
        "job_variant variant)",
        d->prefix, d->source < 0 ? "struct table *table, " : "");
    open_block(e, "%s", "");
    emit_begin(e, d);
    open_block(e, "for (u64 row = x->offset; row < x->offset + x->rows && !run.stopped; row++)");
    line(e, "scratch_reset(&c->scratch);");
    for (u32 i = 0; i < d->schema->count; i++) {
        struct type type = d->schema->columns[i].type;
        if (!d->used[i]) continue;
        line(e, "%s c%u = %s;", c_type(type), i, c_zero(type));
        if (type.nullable) line(e, "bool c%u_null = true;", i);
    }
    open_block(e, "switch (row)");
    for (u32 i = 0; i < d->given->count; i++) given_row(e, d, i);
    close_block(e);
    own_line(e);
    put(e, "        %s_row(c, &run", d->prefix);
    put_columns(e, d, false);
    put(e, ", variant);\n");
    line(e, "run.position++;");
    close_block(e);
    emit_end(e, d);
    close_block(e);
    blank(e);
}
