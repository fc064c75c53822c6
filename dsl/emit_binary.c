/* Rows as the C struct of the declared columns, read in place; and the generator, whose rows are
   worked out from their numbers. */
#include "dsl/emit_internal.h"

#include <string.h>

static void in_struct(struct emitter *e, const struct decoder *d) {
    open_block(e, "struct %s_in", d->prefix);
    for (u32 i = 0; i < d->schema->count; i++) {
        struct type type = d->schema->columns[i].type;
        line(e, "%s c%u;", type.kind == TYPE_BOOL ? "u8" : c_type(type), i);
    }
    e->indent--;
    line(e, "};");
    blank(e);
}

/* The decoded columns, read once: what is written to meanwhile might be the row, for all that C
 * knows. */
static void load_columns(struct emitter *e, const struct decoder *d) {
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i]) line(e, "const %s c%u = r->c%u;", c_type(d->schema->columns[i].type), i, i);
}

static void call(struct emitter *e, const struct decoder *d, const char *before,
                 const char *after) {
    for (u32 i = 0; i < e->indent; i++) put(e, "    ");
    put(e, "%s", before);
    put_columns(e, d, false);
    put(e, "%s\n", after);
}

/* C text that is true if the row at r holds something that is no value of its type; null: nothing
 * can. */
static const char *no_value(struct emitter *e, const struct decoder *d, u32 i) {
    struct type type = d->schema->columns[i].type;
    if (!d->used[i]) return NULL;
    if (type.kind == TYPE_BOOL) return text(e, "r->c%u > 1", i);
    return type.kind == TYPE_ENUM ? text(e, "r->c%u >= %u", i, type.of->count) : NULL;
}

/* The input is asked for 16 rows ahead, 1 KiB at least: twice what the wide rows of a benchmark
 * need, more than narrow ones do. */
static void prefetch_rows(struct emitter *e) {
    line(e, "enum { AHEAD = sizeof *r * 16 > 1024 ? sizeof *r * 16 : 1024 };");
    line(e, "for (u64 ahead = AHEAD; ahead < AHEAD + sizeof *r; ahead += 64) "
            "__builtin_prefetch((const u8 *)r + ahead);");
}

/* Once the table has left the core's cache: asks for the slot of a row that comes WINDOW_AHEAD
 * later, if `there` is. */
static void far_row(struct emitter *e, const struct decoder *d, const char *there,
                    const char *row) {
    if (!d->far_stage) return;
    open_block(e, "if (variant == JOB_FUSED && run.w%u->far && %s)", d->far_stage->id, there);
    line(e, "const struct %s_in *r = %s;", d->prefix, row);
    load_columns(e, d);
    call(e, d, text(e, "%s_ahead(c, &run", d->prefix), ");");
    close_block(e);
}

static void refuse_row(struct emitter *e, const struct decoder *d, u32 i) {
    const char *bad = no_value(e, d, i);
    char room[128];
    if (!bad) return;
    open_block(e, "if (UNLIKELY(%s))", bad);
    line(e, "struct %s_run copy = run;", d->prefix);
    line(e, "%s_malformed(c, &copy, x, at * sizeof *r, sizeof *r, %s, variant);", d->prefix,
         reason(e, d, i, text(e, "is no %s", type_name(d->schema->columns[i].type, room))));
    line(e, "run = copy;");
    line(e, "continue;");
    close_block(e);
}

/* One loop: each row through the whole chain. Listing first which rows a `where` wants, without a
   branch, saves the mispredictions but leaves memory idle while the list is worked off: with the
   128-byte rows of YSB it was a tenth slower. */
static void rows_loop(struct emitter *e, const struct decoder *d) {
    open_block(e, "for (u64 at = 0; at < count && !run.stopped; at++)");
    line(e, "const struct %s_in *r = rows + at;", d->prefix);
    prefetch_rows(e);
    far_row(e, d, "at + WINDOW_AHEAD < count", "rows + at + WINDOW_AHEAD");
    line(e, "run.position = (u32)at;");
    for (u32 i = 0; i < d->schema->count; i++) refuse_row(e, d, i);
    load_columns(e, d);
    if (d->source < 0) {
        call(e, d, text(e, "%s_row(c, &run", d->prefix), ", variant);");
    } else {
        if (d->positions) line(e, "c->position = run.position;");
        if (d->scratch) line(e, "scratch_reset(&c->scratch);");
        call(e, d, text(e, "%s_chain(c, &run", d->prefix), ", variant);");
        line(e, "run.rows++;");
        if (d->stamped)
            call(e, d, text(e, "if (%s_after(c, &run", d->prefix),
                 text(e, ")) run.mark_next = %s_mark(c, run.top);", d->prefix));
    }
    close_block(e);
}

void emit_binary(struct emitter *e, const struct decoder *d) {
    in_struct(e, d);
    put(e,
        "ALWAYS_INLINE void %s_morsel(struct chain *c, %sconst struct extent *x, const enum "
        "job_variant variant)",
        d->prefix, d->source < 0 ? "struct table *table, " : "");
    open_block(e, "%s", "");
    line(e, "const struct %s_in *rows = (const struct %s_in *)x->at;", d->prefix, d->prefix);
    line(e, "const u64 count = x->size / sizeof *rows;");
    emit_begin(e, d);
    rows_loop(e, d);
    emit_end(e, d);
    close_block(e);
    blank(e);
}

void emit_sequence(struct emitter *e, const struct decoder *d) {
    put(e,
        "ALWAYS_INLINE void %s_morsel(struct chain *c, const struct extent *x, const enum "
        "job_variant variant)",
        d->prefix);
    open_block(e, "%s", "");
    emit_begin(e, d);
    open_block(e, "for (u64 i = 0; i < x->rows; i++)");
    line(e, "const u64 number = x->offset + i;");
    if (d->scratch) line(e, "scratch_reset(&c->scratch);");
    for (u32 i = 0; i < d->schema->count; i++) {
        const struct column *column = &d->schema->columns[i];
        if (!d->used[i]) continue;
        if (strcmp(column->name, "random") == 0)
            line(e, "const %s c%u = (%s)hash_random(number, %lluull);", c_type(column->type), i,
                 c_type(column->type), (unsigned long long)d->seed);
        else
            line(e, "const %s c%u = (%s)number;", c_type(column->type), i, c_type(column->type));
    }
    put(e, "        %s_row(c, &run", d->prefix);
    put_columns(e, d, false);
    put(e, ", variant);\n");
    line(e, "run.position++;");
    close_block(e);
    emit_end(e, d);
    close_block(e);
    blank(e);
}
