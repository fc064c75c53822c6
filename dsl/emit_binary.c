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
static void load_columns(struct emitter *e, const struct decoder *d, const char *row) {
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i])
            line(e, "const %s c%u = %s->c%u;", c_type(d->schema->columns[i].type), i, row, i);
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

/* Asks for the slot of a row that comes WINDOW_AHEAD later, or of this one. */
static void far_row(struct emitter *e, const struct decoder *d) {
    open_block(e, "if (far)");
    line(e, "const struct %s_in *ahead = end - r > WINDOW_AHEAD ? r + WINDOW_AHEAD : r;",
         d->prefix);
    load_columns(e, d, "ahead");
    call(e, d, text(e, "%s_ahead(c, &run", d->prefix), ");");
    close_block(e);
}

/* What the loop knows beforehand of how its rows meet windows: of a far stage it is told. */
static const char *care_of(const struct decoder *d) {
    return !d->calm ? "WINDOW_CHECK" : d->far_stage ? "care" : "WINDOW_CALM";
}

static bool may_refuse(struct emitter *e, const struct decoder *d) {
    for (u32 i = 0; i < d->schema->count; i++)
        if (no_value(e, d, i)) return true;
    return false;
}

/* `all` is `run` in memory while something else is called than the chain. */
static void refuse_row(struct emitter *e, const struct decoder *d, u32 i) {
    const char *bad = no_value(e, d, i);
    char room[128];
    if (!bad) return;
    open_block(e, "if (UNLIKELY(%s))", bad);
    if (d->stamps) line(e, "run.top = %s_top(run.top, last);", d->prefix);
    line(e, "*all = run;");
    line(e,
         "%s_malformed(c, all, x, (u64)((const u8 *)r - (const u8 *)x->at), sizeof *r, %s, "
         "variant);",
         d->prefix,
         reason(e, d, i, text(e, "is no %s", type_name(d->schema->columns[i].type, room))));
    line(e, "run = *all;");
    if (d->source >= 0) line(e, "run.care = %s;", care_of(d));
    if (d->calm) line(e, "calm = (struct calm){ 0 };");
    line(e, "continue;");
    close_block(e);
}

static void calm_row(struct emitter *e, const struct decoder *d) {
    call(e, d, text(e, "const i64 raw = %s_raw(c", d->prefix), ");");
    open_block(e, "if (!calm_has(calm, raw))");
    line(e, "run.top = %s_top(run.top, last);", d->prefix);
    line(e, "*all = run;");
    const char *args[] = { text(e, "%s_apart_rings(c, all", d->prefix),
                           text(e, "%s_apart_fused(c, all", d->prefix) };
    if (e->plan->can_fuse)
        call(e, d, text(e, "if (variant == JOB_FUSED) calm = %s", args[1]), ");");
    call(e, d, text(e, "%scalm = %s", e->plan->can_fuse ? "else " : "", args[0]), ");");
    line(e, "run = *all;");
    line(e, "run.care = %s;", care_of(d));
    line(e, "continue;");
    close_block(e);
    emit_stamp(e, d, text(e, "%s_top(run.top, last)", d->prefix));
    line(e, "last = raw > last ? raw : last;");
}

/* One loop: each row through the whole chain. Listing first which rows a `where` wants, without a
   branch, saves the mispredictions but leaves memory idle while the list is worked off: with the
   128-byte rows of YSB it was a tenth slower. */
static void rows_loop(struct emitter *e, const struct decoder *d) {
    const char *p = d->prefix;
    bool refuse = may_refuse(e, d);
    put(e,
        "ALWAYS_INLINE void %s_rows(struct chain *c, struct %s_run *all, const struct extent *x, "
        "%sconst enum job_variant variant)",
        p, p, d->far_stage ? "const bool far, const enum window_care care, " : "");
    open_block(e, "%s", "");
    line(e, "const struct %s_in *r = (const struct %s_in *)x->at, *end = r + x->size / sizeof *r;",
         p, p);
    line(e, "struct %s_run run = *all;", p);
    if (d->source >= 0) {
        line(e, "run.hash_key = in_register(run.hash_key);");
        line(e, "run.care = %s;", care_of(d));
    }
    if (d->far_stage)
        line(e, "if (run.care == WINDOW_READY) window_ready(run.w%u, &w%u_fused);",
             d->far_stage->id, d->far_stage->id);
    if (d->calm) {
        line(e, "struct calm calm = { 0 };");
        line(e, "i64 last = TIME_NEVER;");
    }
    open_block(e, "for (; r < end%s; r++)", refuse ? " && !run.stopped" : "");
    prefetch_rows(e);
    if (d->far_stage) far_row(e, d);
    if (refuse || d->positions)
        line(e, "run.position = (u32)(r - (const struct %s_in *)x->at);", p);
    for (u32 i = 0; i < d->schema->count; i++) refuse_row(e, d, i);
    load_columns(e, d, "r");
    if (d->source < 0) {
        call(e, d, text(e, "%s_row(c, &run", p), ", variant);");
    } else if (d->stamped && !d->calm) {
        if (d->scratch) line(e, "scratch_reset(&c->scratch);");
        call(e, d, text(e, "%s_row(c, &run", p), ", variant);");
    } else {
        if (d->positions) line(e, "c->position = run.position;");
        if (d->scratch) line(e, "scratch_reset(&c->scratch);");
        if (d->calm) calm_row(e, d);
        call(e, d, text(e, "%s_chain(c, &run", p), ", variant);");
        line(e, "run.rows++;");
    }
    close_block(e);
    if (d->calm) line(e, "run.top = %s_top(run.top, last);", p);
    line(e, "*all = run;");
    close_block(e);
    blank(e);
}

/* A table that has left L2: where no snapshot was ever begun, its slots were all touched long ago.
 */
static void far_loop(struct emitter *e, const struct decoder *d, const char *name,
                     const char *care) {
    open_block(e,
               "static NOINLINE void %s_rows_%s(struct chain *c, struct %s_run *run, const struct "
               "extent *x)",
               d->prefix, name, d->prefix);
    line(e, "%s_rows(c, run, x, true, %s, JOB_FUSED);", d->prefix, care);
    close_block(e);
}

void emit_binary(struct emitter *e, const struct decoder *d) {
    const char *p = d->prefix;
    in_struct(e, d);
    rows_loop(e, d);
    if (d->far_stage) {
        far_loop(e, d, "far", "WINDOW_READY");
        far_loop(e, d, "watched", "WINDOW_CALM");
    }
    put(e,
        "ALWAYS_INLINE void %s_morsel(struct chain *c, %sconst struct extent *x, const enum "
        "job_variant variant)",
        p, d->source < 0 ? "struct table *table, " : "");
    open_block(e, "%s", "");
    emit_begin(e, d);
    if (d->far_stage) {
        u32 n = d->far_stage->id;
        line(e, "if (variant == JOB_RINGS) %s_rows(c, &run, x, false, WINDOW_CALM, variant);", p);
        line(e, "else if (!run.w%u->far) %s_rows(c, &run, x, false, WINDOW_READY, variant);", n, p);
        line(e, "else if (run.w%u->keyed.region.barriers) %s_rows_watched(c, &run, x);", n, p);
        line(e, "else %s_rows_far(c, &run, x);", p);
    } else {
        line(e, "%s_rows(c, &run, x, variant);", p);
    }
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
