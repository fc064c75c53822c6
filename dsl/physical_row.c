/* The layout of rows on a wire: widest first, null flags and conditions as bits at the end. */
#include "dsl/physical_internal.h"

struct row_plan {
    struct pedge *edge;
    const struct pstage *reader;
    u32 at;
};

/* Strings travel as two u32, so four bytes are their width here. */
static u32 field_width(const struct pvalue *v) {
    if (v->condition) return 0;
    return v->expr->type.kind == TYPE_STRING ? 4 : type_size(v->expr->type);
}

static u32 take(struct row_plan *r, u32 size) {
    u32 at = r->at;
    r->at += size;
    return at;
}

static void place_values(struct row_plan *r, u32 width, bool text) {
    for (u32 i = 0; i < r->edge->field_count; i++) {
        struct pfield *f = &r->edge->fields[i];
        const struct pvalue *v = &r->reader->values[f->value];
        if (field_width(v) != width || (v->expr->type.kind == TYPE_STRING) != text) continue;
        f->at = take(r, text ? 8 : width);
    }
}

static void place_nulls(struct row_plan *r) {
    u32 bits = 0;
    for (u32 i = 0; i < r->edge->field_count; i++) {
        struct pfield *f = &r->edge->fields[i];
        const struct pvalue *v = &r->reader->values[f->value];
        f->null_bit = v->condition || v->expr->type.nullable ? (i32)bits++ : -1;
    }
    r->edge->nulls_bytes = (bits + 7) / 8;
    r->edge->nulls_at = bits ? (i32)take(r, r->edge->nulls_bytes) : -1;
}

bool pstage_merges(const struct physical *plan, const struct pstage *s) {
    for (u32 i = 0; i < plan->source_count; i++) {
        u32 live = 0;
        for (u32 k = 0; k < s->input_count; k++) {
            const struct pproducer *from = &plan->producers[plan->edges[s->inputs[k]].from];
            bool raw = pproducer_is_raw(from);
            live += raw ? from->of == i : plan->stages[from->of].descends[i];
        }
        if (live > 1) return true;
    }
    return false;
}

/* Rows straight from a source are in order already, unless the reader merges or causes rows. */
static bool needs_position(const struct planner *p, const struct pedge *e,
                           const struct pstage *reader) {
    enum pproducer_kind from = p->plan->producers[e->from].kind;
    if (from == PPRODUCER_STAGE || from == PPRODUCER_LATE) return true;
    return reader->causes || reader->kind == PSTAGE_RELAY || pstage_merges(p->plan, reader);
}

static bool needs_shard(const struct planner *p, const struct pedge *e) {
    const struct pproducer *from = &p->plan->producers[e->from];
    return from->kind == PPRODUCER_LATE ||
           (from->kind == PPRODUCER_STAGE && p->plan->stages[from->of].kind == PSTAGE_WINDOW);
}

/* Only the keys of a partial are fields; the rest is in its accumulators. */
static u32 fields_of(const struct pedge *e, const struct pstage *reader) {
    return e->combined ? reader->op->key_count : reader->value_count;
}

void plan_row(struct planner *p, struct pedge *e) {
    const struct pstage *reader = &p->plan->stages[e->to];
    struct row_plan r = { .edge = e, .reader = reader };
    e->field_count = fields_of(e, reader);
    e->fields = arena_alloc(p->arena, e->field_count * sizeof *e->fields);
    for (u32 i = 0; i < e->field_count; i++) e->fields[i].value = i;

    bool wide = e->combined || reader->stamped;
    e->acc_at = e->combined ? (i32)take(&r, reader->acc_bytes) : -1;
    e->slice_at = e->combined ? (i32)take(&r, 8) : -1;
    for (u32 i = 0; i < e->field_count; i++) wide |= field_width(&reader->values[i]) == 8;
    place_values(&r, 8, false);
    e->stamp_at = reader->stamped ? (i32)take(&r, 8) : -1;
    e->text_at = reader->kind == PSTAGE_SINK ? (i32)take(&r, 8) : -1;
    place_values(&r, 4, true);
    e->position_at = needs_position(p, e, reader) ? (i32)take(&r, 4) : -1;
    place_values(&r, 4, false);
    e->shard_at = needs_shard(p, e) ? (i32)take(&r, 2) : -1;
    place_values(&r, 2, false);
    place_values(&r, 1, false);
    place_nulls(&r);
    u32 align = wide ? 8 : 4;
    if (!r.at) take(&r, 1); /* a row of nothing still is one */
    e->row_bytes = (r.at + align - 1) & ~(align - 1);
}
