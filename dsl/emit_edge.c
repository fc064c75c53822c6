/* Edges: the row as it travels, what sends one, and what takes a run of them. With JOB_FUSED a row
   does not travel: sending it is a call of its reader. */
#include "dsl/emit_internal.h"

#include <string.h>

const char *value_type(const struct pvalue *v) {
    return v->condition ? "bool" : c_type(v->expr->type);
}
bool value_is_nullable(const struct pvalue *v) {
    return !v->condition && v->expr->type.nullable;
}
static bool is_text(const struct pvalue *v) {
    return !v->condition && v->expr->type.kind == TYPE_STRING;
}

void put_params(struct emitter *e, const struct pstage *s, u32 first) {
    for (u32 i = first; i < s->value_count; i++) {
        put(e, ", %s a%u", value_type(&s->values[i]), i);
        if (value_is_nullable(&s->values[i])) put(e, ", bool a%u_null", i);
    }
}

void put_args(struct emitter *e, const struct pstage *s, u32 first) {
    for (u32 i = first; i < s->value_count; i++) {
        put(e, ", a%u", i);
        if (value_is_nullable(&s->values[i])) put(e, ", a%u_null", i);
    }
}

static const struct pstage *reader_of(struct emitter *e, const struct pedge *edge) {
    return &e->plan->stages[edge->to];
}
static enum pproducer_kind from_kind(struct emitter *e, const struct pedge *edge) {
    return e->plan->producers[edge->from].kind;
}

/* Rows that a window lets out may be caused by a row; late ones always are. */
static bool from_window(struct emitter *e, const struct pedge *edge) {
    const struct pproducer *from = &e->plan->producers[edge->from];
    return from->kind == PPRODUCER_STAGE && e->plan->stages[from->of].kind == PSTAGE_WINDOW;
}

/* Late rows of a window have the shard of their key. */
static bool is_keyed(struct emitter *e, const struct pedge *edge) {
    return e->plan->stages[e->plan->producers[edge->from].of].kind == PSTAGE_WINDOW;
}

static bool is_raw(struct emitter *e, const struct pedge *edge) {
    return pproducer_is_raw(&e->plan->producers[edge->from]);
}

/* ---- the row ---- */

static void row_field(struct emitter *e, const struct pedge *edge, const struct pfield *f) {
    const struct pvalue *v = &reader_of(e, edge)->values[f->value];
    if (v->condition) return;
    if (is_text(v))
        line(e, "u32 f%u_at, f%u_size;", f->value, f->value);
    else
        line(e, "%s f%u;", c_type(v->expr->type), f->value);
}

/* The fields stand in the order of their offsets. */
void emit_edge_row(struct emitter *e, const struct pedge *edge) {
    open_block(e, "struct e%u_row", edge->id);
    for (u32 at = 0; at < edge->row_bytes; at++) {
        if ((i32)at == edge->acc_at) line(e, "struct w%u_acc acc;", edge->to);
        if ((i32)at == edge->slice_at) line(e, "i64 slice;");
        if ((i32)at == edge->stamp_at) line(e, "i64 stamp;");
        if ((i32)at == edge->text_at) line(e, "u32 text_at, text_size;");
        if ((i32)at == edge->position_at) line(e, "u32 position;");
        if ((i32)at == edge->shard_at) line(e, "u16 shard;");
        for (u32 i = 0; i < edge->field_count; i++)
            if (edge->fields[i].at == at) row_field(e, edge, &edge->fields[i]);
        if ((i32)at == edge->nulls_at) line(e, "u8 nulls[%u];", edge->nulls_bytes);
    }
    if (edge->text_at < 0 && edge->acc_at < 0 && !edge->field_count && edge->position_at < 0 &&
        edge->stamp_at < 0)
        line(e, "u8 nothing;");
    e->indent--;
    line(e, "} __attribute__((aligned(%u)));", edge->row_bytes % 8 ? 4 : 8);
    line(e, "_Static_assert(sizeof(struct e%u_row) == %u, \"as planned\");", edge->id,
         edge->row_bytes);
    blank(e);
}

/* ---- sending ---- */

static const char *text_bytes(struct emitter *e, const struct pedge *edge) {
    const char *sum = "";
    for (u32 i = 0; i < edge->field_count; i++)
        if (is_text(&reader_of(e, edge)->values[edge->fields[i].value]))
            sum = text(e, "%s%sa%u.size", sum, *sum ? " + " : "", edge->fields[i].value);
    return *sum ? sum : "0";
}

static const char *position_of(struct emitter *e, const struct pedge *edge) {
    return from_window(e, edge) ? "p->position" : "c->position";
}
static const char *stamp_of(struct emitter *e, const struct pedge *edge) {
    return from_window(e, edge) ? "p->stamp" : "c->stamp";
}
static const char *shard_of(struct emitter *e, const struct pedge *edge) {
    return from_window(e, edge) ? "p->shard" : from_kind(e, edge) == PPRODUCER_LATE ? "shard" : "0";
}

static bool is_gathered(struct emitter *e, const struct pedge *edge) {
    return reader_of(e, edge)->gathers && !is_raw(e, edge);
}

/* When the row is staged, because a row caused it or because, fused, its reader gathers a phase; C
   text, or null: never. What a relay sends is in order, unless it goes by stamps itself. */
static const char *staged_when(struct emitter *e, const struct pedge *edge) {
    const struct pproducer *from = &e->plan->producers[edge->from];
    bool fused = e->plan->can_fuse && is_gathered(e, edge);
    if (from->kind == PPRODUCER_LATE) return "true";
    if (from->kind == PPRODUCER_STAGE && e->plan->stages[from->of].kind == PSTAGE_RELAY)
        return e->plan->stages[from->of].gathers ? "true" : NULL;
    if (from_window(e, edge)) return fused ? "(p->caused || variant == JOB_FUSED)" : "p->caused";
    return fused ? "variant == JOB_FUSED" : NULL;
}

/* Declares `row`, a place for it in the outlet `o`; texts of `bytes`. */
static void place_row(struct emitter *e, const struct pedge *edge, const char *bytes) {
    const char *when = staged_when(e, edge);
    u32 n = edge->id;
    const char *plain = text(e, "outlet_row(o, reader, sizeof(struct e%u_row), %s)", n, bytes);
    const char *caused = text(e, "outlet_caused_row(o, reader, sizeof(struct e%u_row), %s, %s, %s)",
                              n, bytes, position_of(e, edge), shard_of(e, edge));
    if (when && strcmp(when, "true") != 0)
        line(e, "struct e%u_row *row = (struct e%u_row *)(%s ? %s : %s);", n, n, when, caused,
             plain);
    else
        line(e, "struct e%u_row *row = (struct e%u_row *)%s;", n, n, when ? caused : plain);
}

static const char *put_text(struct emitter *e, const struct pedge *edge, const char *v) {
    const char *when = staged_when(e, edge);
    if (!when || strcmp(when, "true") == 0)
        return text(e, "outlet_%stext(o, reader, %s)", when ? "caused_" : "", v);
    return text(e, "%s ? outlet_caused_text(o, reader, %s) : outlet_text(o, reader, %s)", when, v,
                v);
}

static void fill_nulls(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    for (u32 byte = 0; byte < edge->nulls_bytes; byte++) {
        const char *bits = "";
        for (u32 i = 0; i < edge->field_count; i++) {
            const struct pfield *f = &edge->fields[i];
            if (f->null_bit < 0 || (u32)f->null_bit / 8 != byte) continue;
            bits = text(e, "%s%sa%u%s << %u", bits, *bits ? " | " : "", f->value,
                        s->values[f->value].condition ? "" : "_null", f->null_bit % 8);
        }
        line(e, "row->nulls[%u] = (u8)(%s);", byte, bits);
    }
}

static void fill_row(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    for (u32 i = 0; i < edge->field_count; i++) {
        u32 v = edge->fields[i].value;
        if (s->values[v].condition) continue;
        if (is_text(&s->values[v])) {
            line(e, "row->f%u_at = %s;", v, put_text(e, edge, text(e, "a%u", v)));
            line(e, "row->f%u_size = (u32)a%u.size;", v, v);
        } else {
            line(e, "row->f%u = a%u;", v, v);
        }
    }
    if (edge->stamp_at >= 0) line(e, "row->stamp = %s;", stamp_of(e, edge));
    if (edge->position_at >= 0) line(e, "row->position = %s;", position_of(e, edge));
    if (edge->shard_at >= 0) line(e, "row->shard = %s;", shard_of(e, edge));
    fill_nulls(e, edge);
}

/* Fused, what is not caused by a row goes straight to the reader. */
static void if_fused(struct emitter *e, const struct pedge *edge,
                     void (*call)(struct emitter *, const struct pedge *)) {
    if (!e->plan->can_fuse || from_kind(e, edge) == PPRODUCER_LATE || is_gathered(e, edge)) return;
    open_block(e, from_window(e, edge) ? "if (variant == JOB_FUSED && !p->caused)"
                                       : "if (variant == JOB_FUSED)");
    call(e, edge);
    line(e, "return;");
    close_block(e);
}

static void call_window(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    if (from_window(e, edge) && s->causes) line(e, "c->position = p->position;");
    if (from_window(e, edge) && s->stamped) line(e, "c->stamp = p->stamp;");
    put(e,
        is_raw(e, edge) ? "        w%u_add(c, run->w%u, &key, hash"
                        : "        w%u_add(c, c->states[%u], &key, hash",
        s->id, s->id);
    put_args(e, s, 0);
    bool calm = is_raw(e, edge) && from_kind(e, edge) != PPRODUCER_TIME && !s->op->window.wall;
    put(e, ", %s, JOB_FUSED);\n", calm ? "run->care" : "WINDOW_CHECK");
}

static void call_hold(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    if (from_window(e, edge) && s->causes) line(e, "c->position = p->position;");
    if (from_window(e, edge)) line(e, "c->stamp = p->stamp;");
    put(e, "        w%u_add(c", s->id);
    put_args(e, s, 0);
    put(e, ", JOB_FUSED);\n");
}

static void call_sink(struct emitter *e, const struct pedge *edge) {
    line(e, "chain_sink(c, %u, c->out.start, out_size(&c->out));", edge->to);
}

static void send_partial(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    const char *time = window_time(e, s);
    line(e, "struct combine *cb = &c->combines[%u];", edge->id);
    line(e, "struct w%u_acc *acc;", s->id);
    open_block(e, "if (cb->aside)");
    line(e, "struct w%u_acc one = { 0 };", s->id);
    put(e, "        w%u_update(&one", s->id);
    put_args(e, s, 0);
    put(e, ");\n");
    line(e, "struct outlet *o = &c->outlets[%u];", edge->id);
    line(e, "const u32 reader = outlet_reader(o, hash);");
    place_row(e, edge, text_bytes(e, edge));
    line(e, "row->acc = one;");
    line(e, "row->slice = %s;", time);
    fill_row(e, edge);
    line(e, "return;");
    close_block(e);
    line(e,
         "while (UNLIKELY(!(acc = combine_slot(cb, &w%u_combine, &key, hash, %s, run->care)))) "
         "e%u_flush(c);",
         s->id, time, edge->id);
    put(e, "    w%u_update(acc", s->id);
    put_args(e, s, 0);
    put(e, ");\n");
}

static void send_params(struct emitter *e, const struct pedge *edge) {
    put(e, "ALWAYS_INLINE void e%u_send(struct chain *c", edge->id);
    if (is_raw(e, edge)) put(e, ", const struct s%u_run *run", e->plan->producers[edge->from].of);
    if (from_window(e, edge)) put(e, ", const struct pane *p");
    if (from_kind(e, edge) == PPRODUCER_LATE) put(e, ", u16 shard");
}

static void send_to_sink(struct emitter *e, const struct pedge *edge) {
    send_params(e, edge);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    if_fused(e, edge, call_sink);
    line(e, "struct outlet *o = &c->outlets[%u];", edge->id);
    line(e, "const u32 reader = o->reader_now;");
    line(e, "const struct str encoded = { (const char *)c->out.start, out_size(&c->out) };");
    place_row(e, edge, "encoded.size");
    line(e, "row->text_at = %s;", put_text(e, edge, "encoded"));
    line(e, "row->text_size = (u32)encoded.size;");
    fill_row(e, edge);
    close_block(e);
    blank(e);
}

static void send_to_stage(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    bool window = s->kind == PSTAGE_WINDOW;
    send_params(e, edge);
    put_params(e, s, 0);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    if (window) {
        put_key_of_args(e, s, is_raw(e, edge) ? "run->hash_key" : "c->hash_key");
        if_fused(e, edge, call_window);
    } else if (s->kind == PSTAGE_HOLD) {
        if_fused(e, edge, call_hold);
    }
    if (edge->combined) {
        send_partial(e, edge);
    } else {
        line(e, "struct outlet *o = &c->outlets[%u];", edge->id);
        line(e, window ? "const u32 reader = outlet_reader(o, hash);"
                       : "const u32 reader = o->reader_now;");
        place_row(e, edge, text_bytes(e, edge));
        fill_row(e, edge);
    }
    close_block(e);
    blank(e);
}

void emit_edge_send(struct emitter *e, const struct pedge *edge) {
    if (reader_of(e, edge)->kind == PSTAGE_SINK)
        send_to_sink(e, edge);
    else
        send_to_stage(e, edge);
}

/* Sends all partials: in the order of their first rows. */
void emit_edge_flush(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    u32 n = edge->id;
    open_block(e, "static NOINLINE void e%u_flush(struct chain *c)", n);
    line(e, "struct combine *cb = &c->combines[%u];", n);
    line(e, "struct outlet *o = &c->outlets[%u];", n);
    open_block(e, "for (u32 i = 0; i < cb->count; i++)");
    line(e, "const struct w%u_entry *entry = combine_entry(cb, &w%u_combine, i);", s->id, s->id);
    line(e, "const struct w%u_key *key = &entry->key;", s->id);
    for (u32 i = 0; i < s->op->key_count; i++)
        declare_value(e, s->op->keys[i]->type, text(e, "a%u", i), key_value(e, s, i, false));
    line(e, "const u32 reader = outlet_reader(o, w%u_hash(key, c->hash_key));", s->id);
    place_row(e, edge, text_bytes(e, edge));
    line(e, "row->acc = entry->acc;");
    line(e, "row->slice = cb->slice_start;");
    fill_row(e, edge);
    close_block(e);
    line(e, "combine_clear(cb);");
    close_block(e);
    blank(e);
}

/* The end of a way: evaluates what the reader takes and sends it. */
void emit_send(struct emitter *e, const struct walk *w, u32 stage, const struct scope *scope) {
    const struct pstage *s = &e->plan->stages[stage];
    const struct pedge *edge = physical_edge(e->plan, w->producer, stage);
    const char *args = "";
    if (w->ahead && s->kind != PSTAGE_WINDOW) return;
    if (s->kind == PSTAGE_SINK) emit_sink_encode(e, s, scope);
    for (u32 i = 0; i < s->value_count; i++) {
        const struct pvalue *v = &s->values[i];
        if (w->ahead && i >= s->op->key_count) break;
        if (v->condition) {
            args = text(e, "%s, %s", args, expr_true(e, v->expr, scope));
            continue;
        }
        struct val x = expr_value(e, v->expr, scope);
        args = text(e, "%s, %s", args, x.v);
        if (value_is_nullable(v)) args = text(e, "%s, %s", args, x.null ? x.null : "false");
    }
    source_line(e, s->op->span);
    if (w->ahead) {
        line(e, "const struct w%u_key key = w%u_key(run->hash_key%s);", stage, stage, args);
        line(e, "window_prefetch(run->w%u, &w%u_fused, w%u_hash(&key, run->hash_key));", stage,
             stage, stage);
        return;
    }
    const char *origin = is_raw(e, edge)                        ? ", run"
                         : from_window(e, edge)                 ? ", p"
                         : from_kind(e, edge) != PPRODUCER_LATE ? ""
                         : is_keyed(e, edge) ? ", (u16)(hash >> (64 - SHARD_BITS))"
                                             : ", 0";
    line(e, "e%u_send(c%s%s, variant);", edge->id, origin, args);
}

/* ---- taking ---- */

static struct val row_value(struct emitter *e, const struct pedge *edge, const struct pfield *f) {
    const struct pvalue *v = &reader_of(e, edge)->values[f->value];
    const char *bit = text(e, "(r->nulls[%d] >> %d & 1)", f->null_bit / 8, f->null_bit % 8);
    if (v->condition) return (struct val){ bit, NULL };
    const char *x = is_text(v)
                        ? text(e, "(struct str){ (const char *)base + r->f%u_at, r->f%u_size }",
                               f->value, f->value)
                        : text(e, "r->f%u", f->value);
    return (struct val){ x, f->null_bit >= 0 ? bit : NULL };
}

static const char *row_args(struct emitter *e, const struct pedge *edge, u32 count) {
    const char *args = "";
    for (u32 i = 0; i < count; i++) {
        struct val v = row_value(e, edge, &edge->fields[i]);
        args = text(e, "%s, %s%s%s", args, v.v, v.null ? ", " : "", v.null ? v.null : "");
    }
    return args;
}

/* A partial goes into its slice as a row would. */
static void take_partial(struct emitter *e, const struct pedge *edge) {
    u32 n = edge->to;
    open_block(e, "if (window_elsewhere(w, r->slice))");
    line(e,
         "if (!window_add(c, w, &w%u_rings, &key, hash, r->slice, &r->acc)) c->stages[%u].late += "
         "r->acc.rows;",
         n, n);
    line(e, "continue;");
    close_block(e);
    line(e, "w%u_merge(c, &w->keyed.region, window_slot(w, &w%u_rings, &key, hash), &r->acc);", n,
         n);
}

/* Asks for the slot that a row will need. */
static void take_ahead(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    open_block(e,
               "ALWAYS_INLINE void e%u_ahead(const struct window *w, const u8 *base, "
               "const struct e%u_row *r, u64 hash_key)",
               edge->id, edge->id);
    line(e, "const struct w%u_key key = w%u_key(hash_key%s);", s->id, s->id,
         row_args(e, edge, s->op->key_count));
    line(e, "window_prefetch(w, &w%u_rings, w%u_hash(&key, hash_key));", s->id, s->id);
    close_block(e);
}

static void take_window(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    const char *keys = row_args(e, edge, s->op->key_count);
    line(e, "%s *w = c->states[%u];", state_type(s), s->id);
    line(e, "const u64 hash_key = c->hash_key;");
    open_block(e, "for (const struct e%u_row *r = rows, *end = rows + count; r < end; r++)",
               edge->id);
    if (is_aligned(s))
        line(e,
             "if (w->far && end - r > WINDOW_AHEAD) e%u_ahead(w, base, r + WINDOW_AHEAD, "
             "hash_key);",
             edge->id);
    line(e, "const struct w%u_key key = w%u_key(hash_key%s);", s->id, s->id, keys);
    line(e, "const u64 hash = w%u_hash(&key, hash_key);", s->id);
    if (edge->position_at >= 0) line(e, "c->position = r->position;");
    if (edge->stamp_at >= 0) line(e, "c->stamp = r->stamp;");
    if (e->scratch_any) line(e, "scratch_reset(&c->scratch);");
    if (edge->combined)
        take_partial(e, edge);
    else
        line(e, "w%u_add(c, w, &key, hash%s, WINDOW_CHECK, variant);", s->id,
             row_args(e, edge, edge->field_count));
    close_block(e);
}

static void take_hold(struct emitter *e, const struct pedge *edge) {
    open_block(e, "for (const struct e%u_row *r = rows; r < rows + count; r++)", edge->id);
    if (edge->position_at >= 0) line(e, "c->position = r->position;");
    line(e, "c->stamp = r->stamp;");
    if (e->scratch_any) line(e, "scratch_reset(&c->scratch);");
    line(e, "w%u_add(c%s, variant);", edge->to, row_args(e, edge, edge->field_count));
    close_block(e);
}

static void take_relay(struct emitter *e, const struct pedge *edge) {
    open_block(e, "for (const struct e%u_row *r = rows; r < rows + count; r++)", edge->id);
    line(e, "c->position = r->position;");
    if (edge->stamp_at >= 0) line(e, "c->stamp = r->stamp;");
    if (e->scratch_any) line(e, "scratch_reset(&c->scratch);");
    line(e, "r%u_row(c%s, variant);", edge->to, row_args(e, edge, edge->field_count));
    close_block(e);
}

void emit_edge_rows(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = reader_of(e, edge);
    if (s->kind == PSTAGE_SINK) return;
    if (s->kind == PSTAGE_WINDOW && is_aligned(s)) take_ahead(e, edge);
    open_block(
        e,
        "ALWAYS_INLINE void e%u_take(struct chain *c, const u8 *base, const u8 *from, u32 count, "
        "const enum job_variant variant)",
        edge->id);
    line(e, "const struct e%u_row *rows = (const struct e%u_row *)from;", edge->id, edge->id);
    if (s->kind == PSTAGE_WINDOW)
        take_window(e, edge);
    else if (s->kind == PSTAGE_HOLD)
        take_hold(e, edge);
    else
        take_relay(e, edge);
    close_block(e);
    for (u32 fused = 0; fused <= edge_is_handed_over(e, edge); fused++) {
        open_block(
            e, "static void e%u_rows_%s(struct chain *c, const u8 *base, const u8 *row, u32 count)",
            edge->id, fused ? "fused" : "rings");
        line(e, "e%u_take(c, base, row, count, %s);", edge->id, fused ? "JOB_FUSED" : "JOB_RINGS");
        close_block(e);
    }
    blank(e);
}

/* Fused, only what rows caused inside a stage is staged and taken as rows, or all that a stage
   sends to one that gathers. */
bool edge_is_handed_over(struct emitter *e, const struct pedge *edge) {
    return e->plan->can_fuse && staged_when(e, edge) && reader_of(e, edge)->kind != PSTAGE_SINK;
}

/* ---- relays ---- */

void emit_relay(struct emitter *e, const struct pstage *s) {
    struct walk w = { 0 };
    for (u32 i = 0; i < e->plan->producer_count; i++)
        if (e->plan->producers[i].kind == PPRODUCER_STAGE && e->plan->producers[i].of == s->id)
            w.producer = i;
    u32 count = pstage_schema(s).count;
    struct scope scope = scope_new(e, count);
    for (u32 c = 0; c < count; c++) {
        if (s->relayed[c] < 0) continue;
        bool nullable = value_is_nullable(&s->values[s->relayed[c]]);
        scope.columns[c] = (struct val){ text(e, "a%d", s->relayed[c]),
                                         nullable ? text(e, "a%d_null", s->relayed[c]) : NULL };
    }
    e->fine_stage = s->id;
    put(e, "ALWAYS_INLINE void r%u_row(struct chain *c", s->id);
    put_params(e, s, 0);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    emit_behind_relay(e, &w, s->op, &scope);
    close_block(e);
    own_line(e);
    blank(e);
}
