/* A source: what a row of it goes through, and what runs a morsel; and a table, whose rows go into
   it. The formats' files give both their loops over the records of an extent. */
#include "dsl/emit_internal.h"

#include <string.h>

#include "dsl/functions.h"
#include "runtime/base/ensure.h"
#include "runtime/data/timefn.h"

static bool is_stamped(const struct psource *s) {
    return s->source->time && s->source->watermark.kind != WATERMARK_AT_END;
}

/* Does the source send to this window, in the chain of its rows or of its malformed ones? By `time`
   stages too, whose rows go by times of their own? */
static bool feeds(struct emitter *e, u32 source, const struct pstage *s, bool times) {
    for (u32 i = 0; i < s->input_count && s->kind == PSTAGE_WINDOW; i++) {
        const struct pproducer *from = &e->plan->producers[e->plan->edges[s->inputs[i]].from];
        if (from->kind == PPRODUCER_TIME && !times) continue;
        if (pproducer_is_raw(from) && from->of == source) return true;
    }
    return false;
}

/* What a morsel's loop keeps in registers. */
void emit_source_run(struct emitter *e, u32 source) {
    open_block(e, "struct s%u_run", source);
    line(e, "i64 top, mark_next;");
    line(e, "u64 rows, hash_key;");
    for (u32 i = 0; i < e->plan->stage_count; i++)
        if (feeds(e, source, &e->plan->stages[i], true))
            line(e, "%s *w%u;", state_type(&e->plan->stages[i]), i);
    for (u32 i = 0; i < e->plan->hole_count; i++) line(e, "u64 taken%u;", i);
    line(e, "u32 position;");
    line(e, "enum window_care care;");
    line(e, "bool stopped;");
    e->indent--;
    line(e, "};");
    blank(e);
}

static void table_run(struct emitter *e, const struct decoder *d) {
    open_block(e, "struct %s_run", d->prefix);
    line(e, "struct table *table;");
    line(e, "u64 rows;");
    line(e, "u32 position;");
    line(e, "bool stopped;");
    e->indent--;
    line(e, "};");
    blank(e);
}

/* The columns that are decoded, as parameters and as arguments. */
void put_columns(struct emitter *e, const struct decoder *d, bool types) {
    for (u32 i = 0; i < d->schema->count; i++) {
        struct type type = d->schema->columns[i].type;
        if (!d->used[i]) continue;
        put(e, ", %s%sc%u", types ? c_type(type) : "", types ? " " : "", i);
        if (type.nullable) put(e, ", %sc%u_null", types ? "bool " : "", i);
    }
}

static struct scope declared_scope(struct emitter *e, const struct decoder *d) {
    struct scope scope = scope_new(e, d->schema->count);
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i])
            scope.columns[i] =
                (struct val){ text(e, "c%u", i),
                              d->schema->columns[i].type.nullable ? text(e, "c%u_null", i) : NULL };
    return scope;
}

/* The row of a source's operator: declared columns, then the event time. */
static struct scope source_scope(struct emitter *e, const struct psource *s,
                                 const struct scope *declared) {
    struct scope scope = scope_new(e, s->op->schema.count);
    for (u32 i = 0; i < declared->count; i++) scope.columns[i] = declared->columns[i];
    if (s->op->event_time >= (i32)declared->count)
        scope.columns[s->op->event_time] = (struct val){ "t", NULL };
    return scope;
}

static void declare_time(struct emitter *e, const struct psource *s, const struct scope *declared) {
    if (s->source->wall) line(e, "const i64 t = c->clock;");
    if (!s->source->time) return;
    struct val t = expr_value(e, s->source->time, declared);
    source_line(e, s->source->time->span);
    line(e, "const i64 t = %s;", t.v);
}

/* ---- rows ---- */

/* Emits what is inside a function of a source's chain, and tells whether it needs the event time.
 */
static void chain_body(struct emitter *e, const struct psource *s, const struct decoder *d,
                       struct walk w) {
    struct scope declared = declared_scope(e, d), scope = source_scope(e, s, &declared);
    declare_time(e, s, &declared);
    emit_readers(e, &w, s->op, 0, &scope);
}

/* s0_chain: the operators behind the source. */
static void source_chain(struct emitter *e, const struct psource *s, const struct decoder *d) {
    put(e, "ALWAYS_INLINE void %s_chain(struct chain *c, struct %s_run *run", d->prefix, d->prefix);
    put_columns(e, d, true);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    chain_body(e, s, d, (struct walk){ .producer = s->producer, .in_source = true });
    close_block(e);
    own_line(e);
    blank(e);
}

/* s0_ahead: asks for the slots that the row will need, long before. */
static void source_ahead(struct emitter *e, const struct psource *s, const struct decoder *d) {
    if (!d->far_stage) return;
    put(e, "ALWAYS_INLINE void %s_ahead(struct chain *c, const struct %s_run *run", d->prefix,
        d->prefix);
    put_columns(e, d, true);
    put(e, ")");
    open_block(e, "%s", "");
    chain_body(e, s, d, (struct walk){ .producer = s->producer, .in_source = true, .ahead = true });
    close_block(e);
    own_line(e);
    blank(e);
}

/* What W follows: the event time, or something else. */
static struct val declare_followed(struct emitter *e, const struct psource *s,
                                   const struct scope *declared) {
    const struct texpr *on = s->source->watermark.on;
    if (!on) {
        declare_time(e, s, declared);
        return (struct val){ "t", NULL };
    }
    struct val v = expr_value(e, on, declared);
    source_line(e, on->span);
    line(e, "const i64 w = %s;", v.v);
    return (struct val){ "w", v.null };
}

/* s0_after: the greatest time, and the mark that a row causes, behind the row. */
static void source_after(struct emitter *e, const struct psource *s, const struct decoder *d) {
    const char *p = d->prefix;
    open_block(e, "static NOINLINE i64 %s_mark(struct chain *c, i64 top, i64 t)", p);
    line(e, "c->top = top;");
    line(e, "return chain_mark(c, t);");
    close_block(e);
    put(e, "ALWAYS_INLINE void %s_after(struct chain *c, struct %s_run *run", p, p);
    put_columns(e, d, true);
    put(e, ")");
    open_block(e, "%s", "");
    struct scope declared = declared_scope(e, d);
    struct val t = declare_followed(e, s, &declared);
    if (t.null) line(e, "if (%s) return;", t.null);
    open_block(e, "if (LIKELY(%s < run->mark_next))", t.v);
    line(e, "run->top = %s > run->top ? %s : run->top;", t.v, t.v);
    e->indent--;
    line(e, "} else {");
    e->indent++;
    line(e, "run->mark_next = %s_mark(c, run->top, %s);", p, t.v);
    line(e, "run->top = c->top; /* with this row's time, if it is not too far ahead */");
    close_block(e);
    close_block(e);
    own_line(e);
    blank(e);
}

/* The number that a row tells its time by, and how many ns make one. */
static const char *raw_time(struct emitter *e, const struct psource *s,
                            const struct scope *declared, i64 *unit) {
    const struct texpr *time = s->source->time;
    if (time->kind == TEXPR_CALL && time->function->id == FN_FROM_UNIX_MS) {
        *unit = NS_PER_MS;
        return expr_value(e, time->args[0], declared).v;
    }
    *unit = 1;
    return expr_value(e, time, declared).v;
}

/* s0_raw: what calm times are compared with. */
static void source_raw(struct emitter *e, const struct psource *s, const struct decoder *d,
                       i64 *unit) {
    put(e, "ALWAYS_INLINE i64 %s_raw(struct chain *c", d->prefix);
    put_columns(e, d, true);
    put(e, ")");
    open_block(e, "%s", "");
    struct scope declared = declared_scope(e, d);
    const char *raw = raw_time(e, s, &declared, unit);
    line(e, "return %s;", raw);
    close_block(e);
    own_line(e);
}

/* What the rows of a source have to be within to be calm: the slices that fill, or those that are
   combined. */
static void calm_of_stages(struct emitter *e, u32 source, bool fused) {
    for (u32 i = 0; i < e->plan->stage_count; i++) {
        const struct pstage *s = &e->plan->stages[i];
        if (fused && feeds(e, source, s, false) && is_aligned(s) && !s->op->window.wall)
            line(e, "calm = calm_within(calm, run->w%u->fill_start, run->w%u->fill_size);", i, i);
    }
    for (u32 i = 0; i < e->plan->edge_count && !fused; i++) {
        const struct pedge *edge = &e->plan->edges[i];
        if (!edge->combined || e->plan->producers[edge->from].of != source) continue;
        line(e, "const struct combine *cb%u = &c->combines[%u];", i, i);
        line(e, "if (!cb%u->aside) calm = calm_within(calm, cb%u->slice_start, cb%u->slice_size);",
             i, i, i);
    }
}

/* s0_apart: a row whose time is not calm, and what is calm after it. */
static void source_apart(struct emitter *e, const struct psource *s, const struct decoder *d) {
    i64 unit;
    source_raw(e, s, d, &unit);
    for (u32 fused = 0; fused <= e->plan->can_fuse; fused++) {
        put(e, "static NOINLINE struct calm %s_apart_%s(struct chain *c, struct %s_run *run",
            d->prefix, fused ? "fused" : "rings", d->prefix);
        put_columns(e, d, true);
        put(e, ")");
        open_block(e, "%s", "");
        line(e, "run->care = WINDOW_CHECK;");
        emit_stamp(e, d, "run->top");
        put(e, "    %s_chain(c, run", d->prefix);
        put_columns(e, d, false);
        put(e, ", %s);\n", fused ? "JOB_FUSED" : "JOB_RINGS");
        line(e, "run->rows++;");
        put(e, "    %s_after(c, run", d->prefix);
        put_columns(e, d, false);
        put(e, ");\n");
        line(e, "struct calm calm = calm_before(run->mark_next);");
        calm_of_stages(e, (u32)d->source, fused);
        line(e, unit == 1 ? "return calm;" : "return calm_in_units(calm, %lldll);",
             (long long)unit);
        close_block(e);
    }
    open_block(e, "ALWAYS_INLINE i64 %s_top(i64 top, i64 raw)", d->prefix);
    line(e, "const i64 t = %s;", unit == 1 ? "raw" : "time_of_unix_ms(raw)");
    line(e, "return t > top ? t : top;");
    close_block(e);
    blank(e);
}

/* The stamp of a row: the watermark of the morsel just before it (stage/fine.h). */
void emit_stamp(struct emitter *e, const struct decoder *d, const char *top) {
    if (d->stamps) line(e, "c->stamp = fine_stamp(%s, %lldll);", top, (long long)d->lag_ns);
}

static void source_row(struct emitter *e, const struct psource *s, const struct decoder *d) {
    put(e, "ALWAYS_INLINE void %s_row(struct chain *c, struct %s_run *run", d->prefix, d->prefix);
    put_columns(e, d, true);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    if (d->positions) line(e, "c->position = run->position;");
    emit_stamp(e, d, "run->top");
    put(e, "    %s_chain(c, run", d->prefix);
    put_columns(e, d, false);
    put(e, ", variant);\n");
    line(e, "run->rows++;");
    if (is_stamped(s)) {
        put(e, "    %s_after(c, run", d->prefix);
        put_columns(e, d, false);
        put(e, ");\n");
    }
    close_block(e);
    blank(e);
}

/* ---- malformed rows ---- */

static void malformed(struct emitter *e, const struct psource *s, const struct decoder *d) {
    open_block(e,
               "ALWAYS_INLINE void %s_malformed(struct chain *c, struct %s_run *run, const struct "
               "extent *x, u64 at, "
               "u64 size, const char *reason, const enum job_variant variant)",
               d->prefix, d->prefix);
    if (d->positions) line(e, "c->position = run->position;");
    if (s) line(e, "run->care = WINDOW_CHECK;");
    open_block(e, "if (!chain_malformed(c, x, at, size, reason))");
    line(e, "run->stopped = true;");
    line(e, "return;");
    close_block(e);
    if (s && s->malformed >= 0) {
        emit_stamp(e, d, "run->top");
        const char *name = s->source->name;
        line(e, "const struct str m0 = { %s, %zu };", c_string(e, name, strlen(name)),
             strlen(name));
        line(e, "const i64 m1 = (i64)(x->offset + at);");
        line(e, "const struct str m2 = { reason, __builtin_strlen(reason) };");
        line(e, "const struct str m3 = str_of_bytes(x->at + at, size, &c->scratch);");
        struct scope scope = scope_new(e, 4);
        for (u32 i = 0; i < 4; i++) scope.columns[i] = (struct val){ text(e, "m%u", i), NULL };
        struct walk w = { .producer = (u32)s->malformed, .in_source = true };
        emit_readers(e, &w, s->op, 1, &scope);
    }
    close_block(e);
    own_line(e);
    blank(e);
}

/* ---- morsels ---- */

void emit_begin(struct emitter *e, const struct decoder *d) {
    if (d->source < 0)
        line(e, "struct %s_run run = { .table = table };", d->prefix);
    else
        line(e,
             "struct %s_run run = { .top = c->top, .mark_next = c->mark_next, .hash_key = "
             "c->hash_key };",
             d->prefix);
    for (u32 i = 0; d->source >= 0 && e->plan->can_fuse && i < e->plan->stage_count; i++)
        if (feeds(e, (u32)d->source, &e->plan->stages[i], true))
            line(e, "if (variant == JOB_FUSED) run.w%u = c->states[%u];", i, i);
    if (!d->broken) return;
    open_block(e, "if (UNLIKELY(x->broken != NULL))");
    line(e, "struct %s_run r = run;", d->prefix);
    line(e, "%s_malformed(c, &r, x, 0, x->size, x->broken, variant);", d->prefix);
    line(e, "run = r;");
    e->indent--;
    line(e, "} else {");
    e->indent++;
}

void emit_end(struct emitter *e, const struct decoder *d) {
    if (d->broken) close_block(e);
    if (d->source < 0) return;
    line(e, "c->top = run.top;");
    line(e, "c->sources[%d].rows_in += run.rows;", d->source);
    for (u32 i = 0; i < e->plan->hole_count; i++)
        line(e, "c->blackholes[%u] += run.taken%u;", i, i);
}

static void emit_format(struct emitter *e, const struct decoder *d) {
    switch (d->format->kind) {
    case FORMAT_NONE:
        emit_sequence(e, d);
        break;
    case FORMAT_LINES:
    case FORMAT_CSV:
        emit_csv(e, d);
        break;
    case FORMAT_JSON:
        emit_json(e, d);
        break;
    case FORMAT_BINARY:
        emit_binary(e, d);
        break;
    case FORMAT_TEST:
        emit_given(e, d);
        break;
    }
}

/* The window that rows of a binary source get into by cheap steps alone, or null. */
static const struct pstage *far_stage(struct emitter *e, const struct lop *op) {
    for (;;) {
        const struct pop *own = &e->plan->ops[op->id];
        if (own->reader_count[0] != 1) return NULL;
        op = own->readers[0][0].op;
        i32 stage = e->plan->ops[op->id].stage;
        if (stage >= 0) {
            const struct pstage *s = &e->plan->stages[stage];
            for (u32 i = 0; i < op->key_count; i++)
                if (!texpr_is_cheap(op->keys[i])) return NULL;
            return s->kind == PSTAGE_WINDOW && is_aligned(s) ? s : NULL;
        }
        if (op->kind != LOP_WHERE && op->kind != LOP_PROJECT && op->kind != LOP_UNION) return NULL;
        for (u32 c = 0; op->kind == LOP_PROJECT && c < op->schema.count; c++)
            if (e->plan->ops[op->id].used[c] && !texpr_is_cheap(op->exprs[c])) return NULL;
        if (op->kind == LOP_WHERE && !texpr_is_cheap(op->expr)) return NULL;
    }
}

/* The entry points: one for each variant. */
static void variants(struct emitter *e, const struct decoder *d) {
    for (u32 fused = 0; fused <= e->plan->can_fuse; fused++) {
        open_block(e, "static void %s_morsel_%s(struct chain *c, const struct extent *x)",
                   d->prefix, fused ? "fused" : "rings");
        line(e, "%s_morsel(c, x, %s);", d->prefix, fused ? "JOB_FUSED" : "JOB_RINGS");
        close_block(e);
    }
    blank(e);
}

void emit_source(struct emitter *e, const struct psource *s) {
    u32 number = (u32)(s - e->plan->sources);
    struct decoder d = { .prefix = text(e, "s%u", number),
                         .schema = &s->source->schema,
                         .used = s->used,
                         .format = &s->source->format,
                         .given = s->source->given,
                         .source = (i32)number,
                         .positions = s->positions,
                         .stamps = s->stamps && is_stamped(s),
                         .lag_ns = s->source->watermark.lag_ns,
                         .stamped = is_stamped(s) };
    d.calm = d.stamped && d.format->kind == FORMAT_BINARY && !s->source->watermark.on;
    d.broken = d.format->kind != FORMAT_NONE && d.format->kind != FORMAT_TEST;
    if (d.format->kind == FORMAT_BINARY && e->plan->can_fuse) d.far_stage = far_stage(e, s->op);
    if (d.format->kind == FORMAT_NONE) d.seed = option_literal(&s->source->call, "seed");
    e->scratch = e->scratch_any;
    source_chain(e, s, &d);
    d.scratch = e->scratch;
    source_ahead(e, s, &d);
    if (d.stamped) source_after(e, s, &d);
    if (d.format->kind != FORMAT_BINARY || (d.stamped && !d.calm)) source_row(e, s, &d);
    if (d.calm) source_apart(e, s, &d);
    malformed(e, s, &d);
    emit_format(e, &d);
    variants(e, &d);
    for (u32 i = 0; i < e->plan->edge_count; i++)
        if (e->plan->edges[i].combined && e->plan->edges[i].from == s->producer)
            return source_flush(e, s, number);
}

/* Sends what pre-combining holds back, edge by edge. */
void source_flush(struct emitter *e, const struct psource *s, u32 number) {
    open_block(e, "static void s%u_flush(struct chain *c)", number);
    for (u32 i = 0; i < e->plan->edge_count; i++)
        if (e->plan->edges[i].combined && e->plan->edges[i].from == s->producer)
            line(e, "e%u_flush(c);", i);
    close_block(e);
    blank(e);
}

i64 option_literal(const struct connector_call *call, const char *name) {
    for (u32 i = 0; i < call->option_count; i++)
        if (strcmp(call->options[i].name, name) == 0) return call->options[i].value.i;
    return 1;
}

/* ---- tables ---- */

void emit_table_row(struct emitter *e, u32 number) {
    const struct ptable *t = &e->plan->tables[number];
    const struct schema *schema = &t->table->schema;
    open_block(e, "struct t%u_row", number);
    for (u32 width = 16; width; width /= 2)
        for (u32 i = 0; i < schema->count; i++)
            if (t->used[i] && type_size(schema->columns[i].type) == width)
                line(e, "%s c%u;", c_type(schema->columns[i].type), i);
    for (u32 i = 0; i < schema->count; i++)
        if (t->used[i] && schema->columns[i].type.nullable) line(e, "bool c%u_null;", i);
    e->indent--;
    line(e, "} __attribute__((aligned(8)));");
    put(e, "ALWAYS_INLINE u64 t%u_hash(u64 hash_key", number);
    for (u32 i = 0; i < t->key_count; i++) put(e, ", u64 p%u", i);
    put(e, ")");
    open_block(e, "%s", "");
    if (t->key_count < 2) {
        line(e, "return hash_u64(%s, hash_key);", t->key_count ? "p0" : "0");
    } else {
        line(e, "u64 hash = hash_fold(p0 ^ HASH_A, p1 ^ hash_key);");
        for (u32 i = 2; i < t->key_count; i++)
            line(e, "hash = hash_fold(hash ^ HASH_A, p%u ^ hash_key);", i);
        line(e, "return hash_fold(hash ^ hash_key, HASH_B);");
    }
    close_block(e);
    blank(e);
}

static void table_row_function(struct emitter *e, const struct ptable *t, const struct decoder *d) {
    const char *texts = "";
    u32 count = 0;
    for (u32 i = 0; i < d->schema->count; i++)
        if (d->used[i] && d->schema->columns[i].type.kind == TYPE_STRING)
            texts = text(e, "%s%soffsetof(struct %s_row, c%u)", texts, count++ ? ", " : "",
                         d->prefix, i);
    put(e, "static void %s_row(struct chain *c, struct %s_run *run", d->prefix, d->prefix);
    put_columns(e, d, true);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    if (count) line(e, "static const u16 texts[] = { %s };", texts);
    line(e, "struct %s_row row;", d->prefix);
    line(e, "__builtin_memset(&row, 0, sizeof row);");
    for (u32 i = 0; i < d->schema->count; i++) {
        if (!d->used[i]) continue;
        line(e, "row.c%u = c%u;", i, i);
        if (d->schema->columns[i].type.nullable) line(e, "row.c%u_null = c%u_null;", i, i);
    }
    line(e, "if (!table_add(run->table, &row, %s, %u)) run->stopped = true;",
         count ? "texts" : "NULL", count);
    line(e, "run->rows++;");
    close_block(e);
    const char *parts = "";
    for (u32 i = 0; i < t->key_count; i++)
        parts =
            text(e, "%s, %s", parts,
                 hash_part(e, d->schema->columns[t->keys[i]].type, text(e, "r->c%u", t->keys[i])));
    open_block(e, "static u64 %s_row_hash(const void *row, u64 hash_key)", d->prefix);
    line(e, "const struct %s_row *r = row;", d->prefix);
    line(e, "return %s_hash(hash_key%s);", d->prefix, parts);
    close_block(e);
    line(e, "static const struct table_ops %s_ops = { sizeof(struct %s_row), %s_row_hash };",
         d->prefix, d->prefix, d->prefix);
    blank(e);
}

void emit_table(struct emitter *e, u32 number) {
    const struct ptable *t = &e->plan->tables[number];
    struct decoder d = { .prefix = text(e, "t%u", number),
                         .schema = &t->table->schema,
                         .used = t->used,
                         .format = &t->table->format,
                         .given = t->table->given,
                         .source = -1,
                         .broken = t->table->format.kind != FORMAT_TEST };
    table_run(e, &d);
    table_row_function(e, t, &d);
    malformed(e, NULL, &d);
    emit_format(e, &d);
    open_block(e,
               "static void t%u_load(struct chain *c, struct table *table, const struct extent *x)",
               number);
    line(e, "t%u_morsel(c, table, x, JOB_RINGS);", number);
    close_block(e);
    blank(e);
}
