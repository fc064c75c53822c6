/* What a stage takes with each row, and what a window keeps of it. */
#include "dsl/logical.h"
#include "dsl/physical_internal.h"

#include "runtime/base/ensure.h"

struct schema pstage_schema(const struct pstage *s) {
    return s->op->kind == LOP_UNION ? s->op->schema : lop_input_schema(s->op, 0);
}

bool pacc_is_text(const struct pacc *a) {
    return (a->kind == PACC_MIN || a->kind == PACC_MAX) && a->type.kind == TYPE_STRING;
}

bool pstage_has_contents(const struct pstage *s) {
    for (u32 i = 0; i < s->acc_count; i++)
        if (pacc_is_text(&s->accs[i]) || s->accs[i].kind == PACC_ROWS) return true;
    return false;
}

struct origin {
    const struct lop *op;
    u32 port, column;
};

/* Where a column comes from, through all that leaves it as it is. The event time of a source whose
   `time` is a column is that column. */
static struct origin origin_of(const struct lop *op, u32 port, u32 column) {
    for (;;) {
        i32 from = -1;
        if (port == 0 && op->kind == LOP_SOURCE) {
            const struct texpr *time = op->source->time;
            bool is_time = (i32)column == op->event_time && time && time->kind == TEXPR_COLUMN;
            return (struct origin){ op, port, is_time ? time->column : column };
        }
        if (port == 0 && op->kind == LOP_PROJECT && op->exprs[column]->kind == TEXPR_COLUMN)
            from = (i32)op->exprs[column]->column;
        else if (port == 0 && op->kind != LOP_UNION)
            from = lop_input_column(op, 0, column);
        if (from < 0) return (struct origin){ op, port, column };
        port = op->input_ports[0];
        op = op->inputs[0];
        column = (u32)from;
    }
}

static bool is_same_column(const struct lop *op, const struct texpr *a, const struct texpr *b) {
    if (a->kind != TEXPR_COLUMN || b->kind != TEXPR_COLUMN || !type_equal(a->type, b->type))
        return false;
    if (op->kind == LOP_UNION) return false;
    struct origin x = origin_of(op->inputs[0], op->input_ports[0], a->column);
    struct origin y = origin_of(op->inputs[0], op->input_ports[0], b->column);
    return x.op == y.op && x.port == y.port && x.column == y.column;
}

/* The number of the value; the same expression is taken once. */
static i32 add_value(struct planner *p, struct pstage *s, const struct texpr *expr,
                     bool condition) {
    for (u32 i = 0; i < s->value_count; i++)
        if (s->values[i].condition == condition &&
            (texpr_same(s->values[i].expr, expr) || is_same_column(s->op, s->values[i].expr, expr)))
            return (i32)i;
    s->values[s->value_count] = (struct pvalue){ expr, condition };
    return (i32)s->value_count++;
}

static i32 add_column(struct planner *p, struct pstage *s, u32 column) {
    struct texpr *e = arena_alloc(p->arena, sizeof *e);
    *e = (struct texpr){ .kind = TEXPR_COLUMN,
                         .type = pstage_schema(s).columns[column].type,
                         .span = s->op->span,
                         .column = column };
    return add_value(p, s, e, false);
}

/* Columns of the input, by number: its value, or -1. */
static i32 *add_columns(struct planner *p, struct pstage *s, const bool *wanted) {
    u32 count = pstage_schema(s).count;
    i32 *at = arena_alloc(p->arena, count * sizeof *at);
    for (u32 c = 0; c < count; c++) at[c] = wanted[c] ? add_column(p, s, c) : -1;
    return at;
}

static i32 add_acc(struct pstage *s, struct pacc acc) {
    for (u32 i = 0; i < s->acc_count; i++) {
        const struct pacc *a = &s->accs[i];
        if (a->kind == acc.kind && a->value == acc.value && a->where == acc.where) return (i32)i;
    }
    s->accs[s->acc_count] = acc;
    return (i32)s->acc_count++;
}

static bool is_float(enum type_kind kind) {
    return kind == TYPE_F32 || kind == TYPE_F64;
}

/* An average of 64-bit integers is exact, so its sum is 128 bits wide; a sum beside it is the low
 * half. */
static bool is_wide(const struct lop *op, const bool *used, const struct agg *agg) {
    if (type_bits(agg->arg->type.kind) < 64) return false;
    for (u32 i = 0; i < op->agg_count; i++) {
        const struct agg *other = &op->aggs[i];
        if (used[i] && other->kind == AGG_AVG && texpr_same(other->arg, agg->arg) &&
            texpr_same(other->where, agg->where))
            return true;
    }
    return false;
}

static enum pacc_kind acc_kind(const struct lop *op, const bool *used, const struct agg *agg) {
    switch (agg->kind) {
    case AGG_COUNT:
        return PACC_COUNT;
    case AGG_MIN:
        return PACC_MIN;
    case AGG_MAX:
        return PACC_MAX;
    case AGG_SUM:
    case AGG_AVG:
        if (is_float(agg->arg->type.kind)) return PACC_FLOAT;
        return is_wide(op, used, agg) ? PACC_WIDE : PACC_SUM;
    case AGG_VALUE:
    case AGG_RANK:
        return PACC_ROWS;
    }
    return PACC_COUNT;
}

static void add_agg(struct planner *p, struct pstage *s, u32 number, const bool *used) {
    const struct agg *agg = &s->op->aggs[number];
    i32 value = agg->arg ? add_value(p, s, agg->arg, false) : -1;
    i32 where = agg->where ? add_value(p, s, agg->where, true) : -1;
    bool nullable = agg->arg && agg->arg->type.nullable;
    i32 count = -1;
    if (nullable || where >= 0)
        count = add_acc(s, (struct pacc){ .kind = PACC_COUNT,
                                          .value = nullable ? value : -1,
                                          .where = where,
                                          .count = -1 });
    i32 at = count;
    if (agg->kind != AGG_COUNT)
        at = add_acc(s, (struct pacc){ .kind = acc_kind(s->op, used, agg),
                                       .type = agg->arg->type,
                                       .value = value,
                                       .where = where,
                                       .count = count });
    s->aggs[number] = (struct pagg){ agg, at, count };
}

/* The fields of the rows that are kept: what items ask for, each apart, and what orders them. */
static void add_rows(struct planner *p, struct pstage *s, const bool *used) {
    const struct lop *op = s->op;
    const struct trows *rows = &op->rows;
    struct pkept *kept = arena_alloc(p->arena, sizeof *kept);
    kept->fields = arena_alloc(p->arena, (op->agg_count + rows->by_count) * sizeof *kept->fields);
    kept->by = arena_alloc(p->arena, rows->by_count * sizeof *kept->by);
    kept->acc =
        (u32)add_acc(s, (struct pacc){ .kind = PACC_ROWS, .value = -1, .where = -1, .count = -1 });
    for (u32 i = 0; i < op->agg_count; i++) {
        if (!used[i]) continue;
        s->aggs[i] = (struct pagg){ &op->aggs[i], -1, -1, kept->field_count };
        if (op->aggs[i].kind == AGG_VALUE)
            kept->fields[kept->field_count++] = (u32)add_value(p, s, op->aggs[i].arg, false);
    }
    for (u32 i = 0; i < rows->by_count; i++) {
        u32 value = (u32)add_value(p, s, rows->by[i].expr, false), f = 0;
        while (f < kept->field_count && kept->fields[f] != value) f++;
        if (f == kept->field_count) kept->fields[kept->field_count++] = value;
        kept->by[i] = f;
    }
    s->kept = kept;
}

static u32 acc_size(const struct pacc *a) {
    switch (a->kind) {
    case PACC_WIDE:
        return 16;
    case PACC_MIN:
    case PACC_MAX:
        return type_size(a->type);
    case PACC_COUNT:
    case PACC_SUM:
    case PACC_FLOAT:
    case PACC_ROWS:
        return 8;
    }
    return 8;
}

/* The count of rows first, then widest first. */
static void place_accs(struct pstage *s) {
    u32 at = 8;
    for (u32 size = 16; size; size /= 2)
        for (u32 i = 0; i < s->acc_count; i++) {
            struct pacc *a = &s->accs[i];
            a->size = acc_size(a);
            if (a->size != size) continue;
            a->at = at;
            at += size;
        }
    s->acc_bytes = (at + 7) & ~7u;
}

static void window_values(struct planner *p, struct pstage *s) {
    const struct lop *op = s->op;
    const struct pop *own = &p->plan->ops[op->id];
    bool global = op->window.kind == WINDOW_GLOBAL;
    bool top = global && op->event_time >= 0 && own->used[op->event_time];
    bool *used = arena_alloc(p->arena, op->agg_count);
    plan_aggs_used(p->plan, op, used);

    for (u32 i = 0; i < op->key_count; i++) /* keys keep their numbers, equal or not */
        s->values[s->value_count++] = (struct pvalue){ op->keys[i], false };
    s->time = lop_minds_time(op) || top ? (i32)add_column(p, s, (u32)lop_input_time(op)) : -1;
    if (twindow_is_carried(&op->window)) {
        s->start = add_value(p, s, op->same[0], false);
        s->time = add_value(p, s, op->same[1], false);
    }
    s->accs = arena_alloc(p->arena, (2 * op->agg_count + 2) * sizeof *s->accs);
    s->aggs = arena_alloc(p->arena, op->agg_count * sizeof *s->aggs);
    if (op->rows.kind != ROWS_NONE) add_rows(p, s, used);
    for (u32 i = 0; i < op->agg_count; i++)
        if (used[i] && !s->kept) add_agg(p, s, i, used);
    s->top = -1;
    if (top)
        s->top = add_acc(s, (struct pacc){ .kind = PACC_MAX,
                                           .type = { TYPE_TIMESTAMP },
                                           .value = s->time,
                                           .where = -1,
                                           .count = -1 });
    place_accs(s);
    if (own->reader_count[1]) s->late = add_columns(p, s, own->side_used);
    s->causes = s->late || op->window.lateness_ns || op->window.early.rows || !is_aligned(s);
}

/* What comes out is held; what somebody reads of late rows is only taken. */
static void hold_values(struct planner *p, struct pstage *s) {
    const struct lop *op = s->op;
    const struct pop *own = &p->plan->ops[op->id];
    bool *wanted = arena_alloc(p->arena, pstage_schema(s).count);
    for (u32 c = 0; c < op->schema.count; c++)
        if (own->used[c] && lop_input_column(op, 0, c) >= 0)
            wanted[lop_input_column(op, 0, c)] = true;
    s->time = add_value(p, s, op->expr, false);
    s->relayed = add_columns(p, s, wanted);
    s->kept = arena_alloc(p->arena, sizeof *s->kept);
    s->kept->field_count = s->value_count;
    s->kept->fields = arena_alloc(p->arena, s->value_count * sizeof *s->kept->fields);
    for (u32 i = 0; i < s->value_count; i++) s->kept->fields[i] = i;
    if (own->reader_count[1]) s->late = add_columns(p, s, own->side_used);
    s->causes = s->late != NULL;
}

void plan_values(struct planner *p, struct pstage *s) {
    u32 columns = s->kind == PSTAGE_SINK ? 0 : pstage_schema(s).count;
    u32 room = s->op->key_count + 2 * s->op->agg_count + s->op->rows.by_count + columns + 2;
    s->values = arena_alloc(p->arena, room * sizeof *s->values);
    switch (s->kind) {
    case PSTAGE_WINDOW:
        window_values(p, s);
        break;
    case PSTAGE_HOLD:
        hold_values(p, s);
        break;
    case PSTAGE_RELAY: {
        const struct lop *from = s->op->inputs[0];
        const struct pop *in = &p->plan->ops[from->id];
        const bool *wanted = s->op->input_ports[0] ? in->side_used : in->used;
        if (s->op->kind == LOP_UNION || s->op->kind == LOP_BREAK)
            wanted = p->plan->ops[s->op->id].used;
        s->relayed = add_columns(p, s, wanted);
        break;
    }
    case PSTAGE_SINK:
        break;
    }
}
