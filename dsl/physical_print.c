/* `--show physical`: sources, stages and edges, with the chain of operators behind each producer.
 */
#include "dsl/check.h"
#include "dsl/physical.h"

#include <inttypes.h>
#include <string.h>

static void put_time(struct text_buf *to, i64 ns) {
    static const struct {
        i64 ns;
        const char *name;
    } units[] = { { 3600000000000, "h" },
                  { 60000000000, "m" },
                  { 1000000000, "s" },
                  { 1000000, "ms" },
                  { 1000, "us" } };
    for (u32 i = 0; i < sizeof units / sizeof *units; i++)
        if (ns && ns % units[i].ns == 0) {
            text_buf_printf(to, "%" PRId64 "%s", ns / units[i].ns, units[i].name);
            return;
        }
    text_buf_printf(to, ns ? "%" PRId64 "ns" : "%" PRId64 "s", ns);
}

static void put_producer(const struct physical *p, const struct pproducer *x, struct text_buf *to) {
    switch (x->kind) {
    case PPRODUCER_SOURCE:
        text_buf_printf(to, "%s", p->sources[x->of].source->name);
        break;
    case PPRODUCER_MALFORMED:
        text_buf_printf(to, "%s malformed", p->sources[x->of].source->name);
        break;
    case PPRODUCER_TIME:
        text_buf_printf(to, "%s by %s", p->sources[x->of].source->name, x->op->name);
        break;
    case PPRODUCER_STAGE:
        text_buf_printf(to, "%s", p->stages[x->of].name);
        break;
    case PPRODUCER_LATE:
        text_buf_printf(to, "%s late", p->stages[x->of].name);
        break;
    }
}

/* ---- chains ---- */

static void print_chain(const struct physical *p, u32 producer, const struct lop *op, u32 port,
                        u32 depth, struct text_buf *to) {
    const struct pop *own = &p->ops[op->id];
    for (u32 i = 0; i < own->reader_count[port]; i++) {
        const struct lop *reader = own->readers[port][i].op;
        const struct pop *next = &p->ops[reader->id];
        text_buf_printf(to, "%*s", (int)(4 + 2 * depth), "");
        if (next->hole >= 0) {
            text_buf_printf(to, "blackhole %d %s\n", next->hole, reader->name);
        } else if (next->stage >= 0) {
            text_buf_printf(to, "edge %u\n", physical_edge(p, producer, (u32)next->stage)->id);
        } else {
            text_buf_printf(to, "%s\n", reader->label);
            print_chain(p, producer, reader, 0, depth + 1, to);
        }
    }
}

static void print_producer(const struct physical *p, u32 number, struct text_buf *to) {
    const struct pproducer *x = &p->producers[number];
    bool side = x->kind == PPRODUCER_MALFORMED || x->kind == PPRODUCER_LATE;
    text_buf_str(to, "chain ");
    put_producer(p, x, to);
    text_buf_str(to, "\n");
    if (x->kind == PPRODUCER_STAGE && p->stages[x->of].kind == PSTAGE_RELAY &&
        x->op->kind != LOP_BREAK && x->op->kind != LOP_UNION)
        text_buf_printf(to, "    %s\n", x->op->label);
    print_chain(p, number, x->op, side, 0, to);
}

/* ---- sources ---- */

static void print_source(const struct physical *p, u32 number, struct text_buf *to) {
    const struct psource *s = &p->sources[number];
    const char *comma = "";
    text_buf_printf(to, "source %u %s\n    columns ", number, s->source->name);
    for (u32 c = 0; c < s->source->schema.count; c++) {
        if (!s->used[c]) continue;
        text_buf_printf(to, "%s%s", comma, s->source->schema.columns[c].name);
        comma = ", ";
    }
    text_buf_str(to, *comma ? "\n" : "-\n");
    if (!s->source->time && !s->source->wall) return;
    const struct twatermark *w = &s->source->watermark;
    text_buf_str(to, s->source->wall ? "    wall time" : "    time ");
    if (s->source->time) texpr_print(s->source->time, &s->source->schema, to);
    if (w->on) {
        text_buf_str(to, ", watermark on ");
        texpr_print(w->on, &s->source->schema, to);
    } else if (w->kind == WATERMARK_AT_END) {
        text_buf_str(to, ", watermark at end");
    } else {
        text_buf_str(to, ", lag ");
        put_time(to, w->lag_ns);
    }
    for (u32 i = 0; i < s->bound_count; i++) {
        text_buf_str(to, i ? ", " : ", marks at ");
        if (s->bounds[i].calendar)
            text_buf_printf(to, "starts of %u", s->bounds[i].stage);
        else
            put_time(to, s->bounds[i].size_ns);
        text_buf_str(to, " + ");
        put_time(to, s->bounds[i].offset_ns);
    }
    text_buf_str(to, "\n");
}

/* ---- stages ---- */

static void print_acc(const struct pstage *s, u32 number, struct text_buf *to) {
    static const char *const kinds[] = { "count", "sum", "wide sum", "float sum",
                                         "min",   "max", "rows" };
    const struct pacc *a = &s->accs[number];
    text_buf_printf(to, "    at %u: %s", a->at, kinds[a->kind]);
    if (a->value >= 0) text_buf_printf(to, " of value %d", a->value);
    if (a->where >= 0) text_buf_printf(to, " where value %d", a->where);
    if (a->count >= 0) text_buf_printf(to, ", counted at %u", s->accs[a->count].at);
    text_buf_str(to, "\n");
}

static void print_kept(const struct pstage *s, struct text_buf *to) {
    const struct pkept *kept = s->kept;
    text_buf_str(to, "    kept rows: values");
    for (u32 i = 0; i < kept->field_count; i++)
        text_buf_printf(to, "%s %u", i ? "," : "", kept->fields[i]);
    for (u32 i = 0; i < s->op->rows.by_count; i++)
        text_buf_printf(to, "%s %u%s", i ? "," : "; by", kept->fields[kept->by[i]],
                        s->op->rows.by[i].descending ? " desc" : "");
    text_buf_str(to, "\n");
}

static void print_shape(const struct twindow *w, struct text_buf *to) {
    static const char *const kinds[] = { "tumbling", "sliding", "tumbling",
                                         "global",   "session", "rows" };
    text_buf_printf(to, "    %s%s", w->same ? "same: " : "", kinds[w->kind]);
    if (w->kind == WINDOW_ROWS) text_buf_printf(to, " %u", w->rows);
    if (w->kind == WINDOW_ROWS && w->every != w->rows) text_buf_printf(to, " every %u", w->every);
    if (w->kind == WINDOW_CALENDAR)
        text_buf_printf(to, " %s zone \"%s\"", time_unit_word(w->unit), w->zone);
    const struct {
        const char *name;
        i64 ns;
    } parts[] = { { "", w->size_ns },
                  { " every", w->kind == WINDOW_SLIDING ? w->slide_ns : 0 },
                  { " offset", w->offset_ns },
                  { " lateness", w->lateness_ns } };
    for (u32 i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].ns) continue;
        text_buf_printf(to, "%s ", parts[i].name);
        put_time(to, parts[i].ns);
    }
    if (!panes_are_plain(w)) panes_print(w, to);
}

static void print_window(const struct pstage *s, struct text_buf *to) {
    print_shape(&s->op->window, to);
    text_buf_printf(to, ", %u keys, %u bytes of accumulators%s\n", s->op->key_count, s->acc_bytes,
                    s->causes ? ", rows cause rows" : "");
    for (u32 i = 0; i < s->acc_count; i++) print_acc(s, i, to);
    if (s->kept) print_kept(s, to);
}

static void print_values(const struct pstage *s, struct text_buf *to) {
    char room[128];
    struct schema schema = pstage_schema(s);
    for (u32 i = 0; i < s->value_count; i++) {
        text_buf_printf(to, "    value %u: ", i);
        texpr_print(s->values[i].expr, &schema, to);
        text_buf_printf(to, " : %s%s\n",
                        s->values[i].condition ? "condition"
                                               : type_name(s->values[i].expr->type, room),
                        (i32)i == s->time ? ", event time" : "");
    }
}

static void print_stage(const struct pstage *s, struct text_buf *to) {
    static const char *const kinds[] = { "window", "hold", "relay", "sink" };
    text_buf_printf(to, "stage %u %s %s", s->id, kinds[s->kind], s->name);
    if (s->kind != PSTAGE_SINK && s->parallel) text_buf_printf(to, " parallel %u", s->parallel);
    if (s->on_core >= 0) text_buf_printf(to, " on core %d", s->on_core);
    if (s->on_node >= 0) text_buf_printf(to, " on node %d", s->on_node);
    if (s->fine) text_buf_str(to, s->gathers ? ", fine time, gathers" : ", fine time");
    text_buf_str(to, "\n");
    if (s->kind == PSTAGE_WINDOW) print_window(s, to);
    if (s->kind != PSTAGE_SINK) print_values(s, to);
}

/* ---- edges ---- */

static void print_edge(const struct physical *p, const struct pedge *e, struct text_buf *to) {
    static const char *const routes[] = { "to one", "by key", "by morsel" };
    const struct pstage *s = &p->stages[e->to];
    text_buf_printf(to, "edge %u ", e->id);
    put_producer(p, &p->producers[e->from], to);
    text_buf_printf(to, " -> stage %u input %u, %s%s, row of %u bytes:", e->to, e->input,
                    routes[e->route], e->combined ? ", pre-combined" : "", e->row_bytes);
    if (e->acc_at >= 0)
        text_buf_printf(to, " accumulators at %d, slice at %d", e->acc_at, e->slice_at);
    if (e->stamp_at >= 0) text_buf_printf(to, " stamp at %d", e->stamp_at);
    if (e->text_at >= 0) text_buf_printf(to, " text at %d", e->text_at);
    for (u32 i = 0; i < e->field_count; i++) {
        const struct pfield *f = &e->fields[i];
        if (s->values[f->value].condition) continue;
        text_buf_printf(to, " value %u at %u", f->value, f->at);
    }
    if (e->position_at >= 0) text_buf_printf(to, " position at %d", e->position_at);
    if (e->shard_at >= 0) text_buf_printf(to, " shard at %d", e->shard_at);
    if (e->nulls_at >= 0) text_buf_printf(to, " flags at %d", e->nulls_at);
    text_buf_str(to, "\n");
}

void physical_print(const struct physical *p, struct text_buf *to) {
    text_buf_printf(to, "fusible %s\n", p->can_fuse ? "yes" : "no");
    for (u32 i = 0; i < p->source_count; i++) print_source(p, i, to);
    for (u32 i = 0; i < p->table_count; i++) {
        text_buf_printf(to, "table %u %s by", i, p->tables[i].table->name);
        for (u32 k = 0; k < p->tables[i].key_count; k++)
            text_buf_printf(to, " %s",
                            p->tables[i].table->schema.columns[p->tables[i].keys[k]].name);
        text_buf_str(to, "\n");
    }
    for (u32 i = 0; i < p->producer_count; i++) print_producer(p, i, to);
    for (u32 i = 0; i < p->stage_count; i++) print_stage(&p->stages[i], to);
    for (u32 i = 0; i < p->edge_count; i++) print_edge(p, &p->edges[i], to);
}
