/* A window stage: its accumulators, what becomes of a pane, and how a row gets in. */
#include "dsl/emit_internal.h"

#include <string.h>

/* ---- accumulators ---- */

static const char *acc_type(const struct pacc *a) {
    switch (a->kind) {
    case PACC_COUNT:
        return "u64";
    case PACC_SUM:
        return "i64";
    case PACC_WIDE:
        return "wide";
    case PACC_FLOAT:
        return "double";
    case PACC_MIN:
    case PACC_MAX:
        return a->type.kind == TYPE_STRING ? "struct key_text" : c_type(a->type);
    case PACC_ROWS:
        return "struct kept_rows";
    }
    return "";
}

static void acc_struct(struct emitter *e, const struct pstage *s) {
    open_block(e, "struct w%u_acc", s->id);
    line(e, "u64 rows;");
    for (u32 size = 16; size; size /= 2)
        for (u32 i = 0; i < s->acc_count; i++)
            if (s->accs[i].size == size) line(e, "%s c%u;", acc_type(&s->accs[i]), i);
    e->indent--;
    line(e, "} __attribute__((aligned(8)));");
    line(e, "_Static_assert(sizeof(struct w%u_acc) == %u, \"as planned\");", s->id, s->acc_bytes);
}

static bool is_extreme(const struct pacc *a) {
    return a->kind == PACC_MIN || a->kind == PACC_MAX;
}

static const char *better(struct emitter *e, const struct pacc *a, const char *x, const char *y) {
    return compare_text(e, a->kind == PACC_MIN ? OP_LESS : OP_GREATER, a->type, x, y);
}

/* Does `of` hold anything for this accumulator? */
static const char *holds(struct emitter *e, const struct pacc *a, const char *of) {
    return a->count >= 0 ? text(e, "%s->c%d", of, a->count)
                         : text(e, "(%s->rows & ~KEYED_USED)", of);
}

/* What an extreme holds. */
static const char *extreme(struct emitter *e, const struct pstage *s, u32 i, const char *of,
                           const char *region) {
    return text(e, pacc_is_text(&s->accs[i]) ? "key_text_str(&%s->c%u, %s)" : "%s->c%u", of, i,
                region);
}

static void extreme_becomes(struct emitter *e, const struct pstage *s, u32 i, const char *if_,
                            const char *of, const char *v) {
    const struct pacc *a = &s->accs[i];
    const char *have = extreme(e, s, i, of, "region");
    line(e,
         pacc_is_text(a) ? "if (%s%s(!%s || %s)) key_text_become(&%s->c%u, %s, region);"
                         : "if (%s%s(!%s || %s)) %s->c%u = %s;",
         if_ ? if_ : "", if_ ? " && " : "", holds(e, a, of), better(e, a, v, have), of, i, v);
}

/* C text that is true if the row counts for this accumulator; null: it always does. */
static const char *counts(struct emitter *e, const struct pstage *s, const struct pacc *a) {
    const char *where = a->where >= 0 ? text(e, "a%d", a->where) : NULL;
    bool nullable = a->value >= 0 && value_is_nullable(&s->values[a->value]);
    const char *there = nullable ? text(e, "!a%d_null", a->value) : NULL;
    if (where && there) return text(e, "(%s && %s)", where, there);
    return where ? where : there;
}

static void update_acc(struct emitter *e, const struct pstage *s, u32 i) {
    const struct pacc *a = &s->accs[i];
    const char *if_ = counts(e, s, a);
    const char *v = text(e, "a%d", a->value);
    switch (a->kind) {
    case PACC_COUNT:
        line(e, "acc->c%u += %s;", i, if_ ? if_ : "1");
        break;
    case PACC_SUM:
        v = if_ ? text(e, "(%s ? (i64)%s : 0)", if_, v) : text(e, "(i64)%s", v);
        line(e, "acc->c%u = add_i64(acc->c%u, %s);", i, i, v);
        break;
    case PACC_WIDE:
        line(e, if_ ? "acc->c%u += %s ? (wide)%s : 0;" : "acc->c%u += %s(wide)%s;", i,
             if_ ? if_ : "", v);
        break;
    case PACC_FLOAT:
        line(e, if_ ? "if (%s) acc->c%u += %s;" : "%sacc->c%u += %s;", if_ ? if_ : "", i, v);
        break;
    case PACC_MIN:
    case PACC_MAX:
        extreme_becomes(e, s, i, if_, "acc", v);
        break;
    case PACC_ROWS:
        emit_rows_update(e, s);
        break;
    }
}

/* Extremes first: they ask the counts whether there was anything before. */
static void acc_update(struct emitter *e, const struct pstage *s) {
    put(e, "ALWAYS_INLINE void w%u_update(struct w%u_acc *acc", s->id, s->id);
    if (pstage_has_contents(s)) put(e, ", struct chain *c, struct region *region, u64 arrival");
    put_params(e, s, 0);
    put(e, ")");
    open_block(e, "%s", "");
    for (u32 i = 0; i < s->acc_count; i++)
        if (is_extreme(&s->accs[i])) update_acc(e, s, i);
    for (u32 i = 0; i < s->acc_count; i++)
        if (!is_extreme(&s->accs[i])) update_acc(e, s, i);
    line(e, "acc->rows++;");
    close_block(e);
}

/* Without a jump: whether the slots of a slice have anything is anybody's guess. */
static void merge_extreme(struct emitter *e, const struct pstage *s, u32 i) {
    const struct pacc *a = &s->accs[i];
    const char *have = text(e, "into->c%u", i), *v = text(e, "from->c%u", i);
    line(e, "bool take%u = (%s != 0) & ((%s == 0) | %s);", i, holds(e, a, "from"),
         holds(e, a, "into"), better(e, a, v, have));
    line(e, "%s = take%u ? %s : %s;", have, i, v, have);
}

static void acc_merge(struct emitter *e, const struct pstage *s) {
    open_block(e,
               "ALWAYS_INLINE void w%u_merge(struct chain *c, struct region *region, void *to, "
               "const void *with)",
               s->id);
    line(e, "struct w%u_acc *into = to;", s->id);
    line(e, "const struct w%u_acc *from = with;", s->id);
    for (u32 i = 0; i < s->acc_count; i++) {
        const struct pacc *a = &s->accs[i];
        if (is_extreme(a) && pacc_is_text(a))
            extreme_becomes(e, s, i, holds(e, a, "from"), "into",
                            extreme(e, s, i, "from", "region"));
        else if (is_extreme(a))
            merge_extreme(e, s, i);
        if (a->kind == PACC_ROWS) emit_rows_merge(e, s);
    }
    for (u32 i = 0; i < s->acc_count; i++) {
        const struct pacc *a = &s->accs[i];
        if (a->kind == PACC_SUM)
            line(e, "into->c%u = add_i64(into->c%u, from->c%u);", i, i, i);
        else if (!is_extreme(a) && a->kind != PACC_ROWS)
            line(e, "into->c%u += from->c%u;", i, i);
    }
    line(e, "into->rows += from->rows;");
    close_block(e);
}

static bool has_inverse(const struct pstage *s) {
    for (u32 i = 0; i < s->acc_count; i++)
        if (is_extreme(&s->accs[i]) || s->accs[i].kind == PACC_FLOAT ||
            s->accs[i].kind == PACC_ROWS)
            return false;
    return true;
}

static void acc_subtract(struct emitter *e, const struct pstage *s) {
    if (!has_inverse(s)) return;
    open_block(e, "ALWAYS_INLINE void w%u_subtract(void *from, const void *what)", s->id);
    line(e, "struct w%u_acc *left = from;", s->id);
    line(e, "const struct w%u_acc *gone = what;", s->id);
    for (u32 i = 0; i < s->acc_count; i++)
        line(e,
             s->accs[i].kind == PACC_SUM ? "left->c%u = sub_i64(left->c%u, gone->c%u);"
                                         : "left->c%u -= gone->c%u;",
             i, i, i);
    line(e, "left->rows -= gone->rows;");
    close_block(e);
}

static void acc_contents(struct emitter *e, const struct pstage *s) {
    if (!pstage_has_contents(s)) return;
    open_block(e, "static void w%u_drop(void *at, struct region *region)", s->id);
    line(e, "struct w%u_acc *acc = at;", s->id);
    for (u32 i = 0; i < s->acc_count; i++) {
        if (pacc_is_text(&s->accs[i])) line(e, "key_text_drop(&acc->c%u, region);", i);
        if (s->accs[i].kind == PACC_ROWS)
            line(e, "kept_drop(&acc->c%u, &w%u_kept, region);", i, s->id);
    }
    close_block(e);
    open_block(e,
               "static bool w%u_adopt(void *at, const u8 *image, u64 bytes, struct region *region)",
               s->id);
    line(e, "struct w%u_acc *acc = at;", s->id);
    for (u32 i = 0; i < s->acc_count; i++) {
        if (pacc_is_text(&s->accs[i]))
            line(e, "if (!key_text_adopt(&acc->c%u, image, bytes, region)) return false;", i);
        if (s->accs[i].kind == PACC_ROWS)
            line(e, "if (!kept_adopt(&acc->c%u, &w%u_kept, image, bytes, region)) return false;", i,
                 s->id);
    }
    line(e, "return true;");
    close_block(e);
}

void emit_accs(struct emitter *e, const struct pstage *s) {
    if (s->kept) emit_rows(e, s);
    acc_struct(e, s);
    acc_update(e, s);
    acc_merge(e, s);
    acc_subtract(e, s);
    acc_contents(e, s);
    blank(e);
}

void put_update(struct emitter *e, const struct pstage *s, const char *acc) {
    put(e, "w%u_update(%s", s->id, acc);
    if (pstage_has_contents(s))
        put(e, ", c, &w->keyed.region, %s",
            s->op->rows.kind == ROWS_TOP ? "keyed_arrival(&w->keyed, hash)" : "0");
    put_args(e, s, 0);
    put(e, ");\n");
}

/* ---- panes ---- */

static struct val agg_value(struct emitter *e, const struct pstage *s, const struct pagg *g) {
    const char *count = g->count >= 0 ? text(e, "acc->c%d", g->count) : "acc->rows";
    const char *null = g->count >= 0 && g->agg->type.nullable ? text(e, "(%s == 0)", count) : NULL;
    switch (g->agg->kind) {
    case AGG_COUNT:
        return (struct val){ text(e, "(i64)%s", count), NULL };
    case AGG_SUM:
        return (struct val){ text(e, "(%s)acc->c%d", c_type(g->agg->type), g->acc), null };
    case AGG_AVG:
        return (struct val){ text(e, "((double)acc->c%d / (double)%s)", g->acc, count), null };
    case AGG_MIN:
    case AGG_MAX:
        return (struct val){ extreme(e, s, (u32)g->acc, "acc", "p->strings"), null };
    case AGG_VALUE:
        return kept_value(e, s, g->field, "row", "p->strings");
    case AGG_RANK:
        return (struct val){ "(i64)rank", NULL };
    }
    return (struct val){ "0", NULL };
}

/* The row that items are over: keys, [window_start, window_end], aggregates. */
static struct scope pane_scope(struct emitter *e, const struct pstage *s) {
    const struct lop *op = s->op;
    struct scope scope = scope_new(e, op->key_count + 2 + op->agg_count);
    u32 at = 0;
    for (u32 i = 0; i < op->key_count; i++) {
        struct val v = key_value(e, s, i, true);
        const char *name = text(e, "k%u", i);
        if (op->keys[i]->type.kind == TYPE_STRING || v.null) {
            declare_value(e, op->keys[i]->type, name, v);
            v = (struct val){ name, v.null ? text(e, "%s_null", name) : NULL };
        }
        scope.columns[at++] = v;
    }
    if (twindow_columns(&op->window)) {
        scope.columns[at++] = (struct val){ "p->start", NULL };
        scope.columns[at++] = (struct val){ "p->end", NULL };
    }
    for (u32 i = 0; i < op->agg_count; i++, at++)
        if (s->aggs[i].agg) scope.columns[at] = agg_value(e, s, &s->aggs[i]);
    return scope;
}

/* By enum window_timing. */
static const char *timing_text(struct emitter *e) {
    if (!e->has_timing)
        text_buf_str(e->head, "static const struct str timing_text[] = { { \"early\", 5 }, { "
                              "\"on_time\", 7 }, { \"late\", 4 } };\n\n");
    e->has_timing = true;
    return "timing_text[p->timing]";
}

/* By enum pane_op. */
static const char *op_text(struct emitter *e) {
    if (!e->has_op)
        text_buf_str(e->head, "static const struct str op_text[] = { { \"+I\", 2 }, { \"-U\", 2 }, "
                              "{ \"+U\", 2 }, { \"-D\", 2 } };\n\n");
    e->has_op = true;
    return "op_text[p->op]";
}

static struct val hidden_value(struct emitter *e, const struct pstage *s, u32 column) {
    const char *name = s->op->schema.columns[column].name;
    if (strcmp(name, "pane") == 0) return (struct val){ "(i64)p->number", NULL };
    if (strcmp(name, "timing") == 0) return (struct val){ timing_text(e), NULL };
    if (strcmp(name, "op") == 0) return (struct val){ op_text(e), NULL };
    return (struct val){ s->top >= 0 ? text(e, "acc->c%d", s->top) : "p->event_time", NULL };
}

static struct scope window_scope(struct emitter *e, const struct pstage *s) {
    const struct lop *op = s->op;
    const bool *used = e->plan->ops[op->id].used;
    struct scope row = pane_scope(e, s), scope = scope_new(e, op->schema.count);
    u32 first = op->key_count + twindow_columns(&op->window), visible = lop_visible(op);
    for (u32 c = 0; c < op->schema.count; c++) {
        if (!used[c]) continue;
        struct val v;
        if (c < first)
            v = row.columns[c];
        else if (c < visible)
            v = expr_value(e, op->items[c - first], &row);
        else
            v = hidden_value(e, s, c);
        if (c >= first && c < visible) {
            const char *name = text(e, "v%u_%u", op->id, c);
            source_line(e, op->items[c - first]->span);
            declare_value(e, op->schema.columns[c].type, name, v);
            v = (struct val){ name, v.null ? text(e, "%s_null", name) : NULL };
        }
        scope.columns[c] = v;
    }
    return scope;
}

u32 producer_of(struct emitter *e, const struct pstage *s, enum pproducer_kind kind) {
    for (u32 i = 0; i < e->plan->producer_count; i++)
        if (e->plan->producers[i].kind == kind && e->plan->producers[i].of == s->id) return i;
    return 0;
}

void emit_passed_on(struct emitter *e, const struct pstage *s,
                    struct scope (*row)(struct emitter *e, const struct pstage *s),
                    struct text_buf *body) {
    struct walk w = { .producer = producer_of(e, s, PPRODUCER_STAGE) };
    text_buf_init(body);
    e->scratch = false;
    e->indent++;
    struct text_buf *before = emit_into(e, body);
    struct scope scope = row(e, s);
    emit_readers(e, &w, s->op, 0, &scope);
    emit_into(e, before);
    e->indent--;
    own_line(e);
}

static void window_emit(struct emitter *e, const struct pstage *s) {
    struct text_buf body;
    emit_passed_on(e, s, window_scope, &body);
    open_block(e,
               "ALWAYS_INLINE void w%u_emit(struct chain *c, const void *slot, const void *from, "
               "const struct pane *p, "
               "const enum job_variant variant)",
               s->id);
    line(e, "const struct w%u_stored *key = slot;", s->id);
    line(e, "const struct w%u_acc *acc = from;", s->id);
    if (s->kept) emit_rows_each(e, s);
    if (e->scratch) line(e, "if (!p->caused) scratch_reset(&c->scratch);");
    line(e, "c->stages[%u].rows_out++;", s->id);
    text_buf_put(e->out, body.at, body.size);
    text_buf_fini(&body);
    if (s->kept) close_block(e);
    close_block(e);
}

/* ---- what the runtime is given ---- */

const char *stage_keeper(const struct pstage *s) {
    if (s->kind == PSTAGE_HOLD) return "hold_keeper";
    if (is_aligned(s)) return "window_keeper";
    return s->op->window.kind == WINDOW_ROWS ? "rows_keeper" : "session_keeper";
}

const char *variant_name(u32 fused) {
    return fused ? "fused" : "rings";
}

static void window_ops(struct emitter *e, const struct pstage *s, u32 fused) {
    const char *v = variant_name(fused), *V = fused ? "JOB_FUSED" : "JOB_RINGS";
    u32 n = s->id;
    line(e, "static const struct window_ops w%u_%s;", n, v);
    open_block(e,
               "static inline void w%u_emit_%s(struct chain *c, const void *key, const void *acc, "
               "const struct pane *p)",
               n, v);
    line(e, "w%u_emit(c, key, acc, p, %s);", n, V);
    close_block(e);
    if (is_aligned(s)) {
        open_block(e, "static void w%u_pass_%s(struct chain *c, struct pass *p)", n, v);
        line(e, "window_pass(c, &w%u_%s, p);", n, v);
        close_block(e);
    }
    line(e, "static const struct window_ops w%u_%s = {", n, v);
    line(e, "    .keyed = { .slot_size = W%u_SLOT,", n);
    line(e, "               .acc_at = W%u_ACC_AT,", n);
    line(e, "               .key_equal = w%u_key_equal,", n);
    line(e, "               .key_hash = w%u_stored_hash,", n);
    line(e, "               .key_keep = w%u_key_keep,", n);
    line(e, "               .key_drop = %s },", key_drop_name(e, s));
    line(e, "    .acc_size = sizeof(struct w%u_acc),", n);
    line(e, "    .merge = w%u_merge,", n);
    if (pstage_has_contents(s)) {
        line(e, "    .drop = w%u_drop,", n);
        line(e, "    .adopt = w%u_adopt,", n);
    }
    line(e, has_inverse(s) ? "    .subtract = w%u_subtract," : "    .subtract = NULL,", n);
    line(e, "    .emit = w%u_emit_%s,", n, v);
    if (is_aligned(s)) line(e, "    .pass = w%u_pass_%s,", n, v);
    line(e, "    .schema = &w%u_schema,", n);
    line(e, "};");
}

/* ---- rows ---- */

const char *window_time(struct emitter *e, const struct pstage *s) {
    if (s->op->window.wall) return "c->clock";
    return s->time >= 0 ? text(e, "a%d", s->time) : "0";
}

void emit_late(struct emitter *e, const struct pstage *s) {
    if (!s->late) return;
    struct walk w = { .producer = producer_of(e, s, PPRODUCER_LATE) };
    u32 count = pstage_schema(s).count;
    struct scope scope = scope_new(e, count);
    for (u32 c = 0; c < count; c++) {
        if (s->late[c] < 0) continue;
        bool nullable = value_is_nullable(&s->values[s->late[c]]);
        scope.columns[c] = (struct val){ text(e, "a%d", s->late[c]),
                                         nullable ? text(e, "a%d_null", s->late[c]) : NULL };
    }
    emit_readers(e, &w, s->op, 1, &scope);
}

static void elsewhere(struct emitter *e, const struct pstage *s, bool fused) {
    u32 n = s->id;
    put(e,
        "ALWAYS_INLINE void w%u_elsewhere(struct chain *c, struct window *w, const struct "
        "window_ops *ops, "
        "const struct w%u_key *key, u64 hash",
        n, n);
    put_params(e, s, 0);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    line(e, "struct w%u_acc delta = { 0 };", n);
    put(e, "    ");
    put_update(e, s, "&delta");
    const char *add = text(e, "window_add(c, w, ops, key, hash, %s, &delta)", window_time(e, s));
    if (pstage_has_contents(s)) {
        line(e, "const bool took = %s;", add);
        line(e, "w%u_drop(&delta, &w->keyed.region);", n);
        add = "took";
    }
    line(e, "if (LIKELY(%s)) return;", add);
    line(e, "c->stages[%u].late++;", n);
    emit_late(e, s);
    close_block(e);
    for (u32 v = 0; v <= fused; v++) {
        put(e,
            "static NOINLINE void w%u_elsewhere_%s(struct chain *c, struct window *w, const struct "
            "w%u_key *key, u64 hash",
            n, variant_name(v), n);
        put_params(e, s, 0);
        put(e, ")");
        open_block(e, "%s", "");
        put(e, "    w%u_elsewhere(c, w, &w%u_%s, key, hash", n, n, variant_name(v));
        put_args(e, s, 0);
        put(e, ", %s);\n", v ? "JOB_FUSED" : "JOB_RINGS");
        close_block(e);
    }
}

static void put_elsewhere_call(struct emitter *e, const struct pstage *s, u32 fused) {
    put(e, "        %sw%u_elsewhere_%s(c, w, key, hash", fused ? "if (variant == JOB_FUSED) " : "",
        s->id, variant_name(fused));
    put_args(e, s, 0);
    put(e, ");\n");
}

static void window_add(struct emitter *e, const struct pstage *s, bool fused) {
    u32 n = s->id;
    put(e,
        "ALWAYS_INLINE void w%u_add(struct chain *c, struct window *w, const struct w%u_key *key, "
        "u64 hash",
        n, n);
    put_params(e, s, 0);
    put(e, ", const enum window_care care, const enum job_variant variant)");
    open_block(e, "%s", "");
    open_block(e, "if (care == WINDOW_CHECK && window_elsewhere(w, %s))", window_time(e, s));
    if (fused) {
        put_elsewhere_call(e, s, 1);
        put(e, "        else\n    ");
    }
    put_elsewhere_call(e, s, 0);
    line(e, "return;");
    close_block(e);
    if (fused)
        line(e, "const struct window_ops *ops = variant == JOB_FUSED ? &w%u_fused : &w%u_rings;", n,
             n);
    else
        line(e, "const struct window_ops *ops = &w%u_rings;", n);
    line(e,
         "struct w%u_acc *acc = (care == WINDOW_READY ? window_slot_ready : window_slot)(w, ops, "
         "key, hash);",
         n);
    put(e, "    ");
    put_update(e, s, "acc");
    close_block(e);
}

/* W0_ACC_AT, W0_SLOT: how a slot is laid out. */
static void slot_layout(struct emitter *e, const struct pstage *s) {
    u32 n = s->id;
    if (!is_aligned(s)) {
        line(e, "enum { W%u_ACC_AT = (sizeof(struct w%u_stored) + 7) & ~7 };", n, n);
        line(e, "enum { W%u_SLOT = %s_SLOT(W%u_ACC_AT, sizeof(struct w%u_acc)) };", n,
             s->op->window.kind == WINDOW_ROWS ? "ROWS" : "SESSION", n, n);
        return;
    }
    line(e,
         "enum { W%u_ACC_AT = (sizeof(struct w%u_stored) + 7) & ~7, W%u_BYTES = W%u_ACC_AT + "
         "sizeof(struct w%u_acc) };",
         n, n, n, n, n);
    line(e,
         "enum { W%u_SLOT = W%u_BYTES <= 16 ? 16 : W%u_BYTES <= 32 ? 32 : W%u_BYTES <= 64 ? 64 : "
         "(W%u_BYTES + 15) & ~15 };",
         n, n, n, n, n);
}

void emit_window(struct emitter *e, const struct pstage *s) {
    bool fused = e->plan->can_fuse;
    slot_layout(e, s);
    blank(e);
    emit_schema(e, s);
    window_emit(e, s);
    for (u32 v = 0; v <= fused; v++) window_ops(e, s, v);
    blank(e);
    if (is_aligned(s)) {
        elsewhere(e, s, fused);
        window_add(e, s, fused);
    } else {
        emit_row_window(e, s);
    }
    own_line(e);
    blank(e);
}
