/* Rows that a window keeps whole: struct w0_row as it stands in the region, how one is filled in,
   ordered, made of two, given back and taken over, and the struct kept_ops of state/kept.h. Where a
   row's values come one by one they are named f0, f1, ... by field; texts are struct str there. */
#include "dsl/emit_internal.h"

static struct type field_type(const struct pstage *s, u32 field) {
    return s->values[s->kept->fields[field]].expr->type;
}

static bool is_text(const struct pstage *s, u32 field) {
    return field_type(s, field).kind == TYPE_STRING;
}

static bool has_texts(const struct pstage *s) {
    for (u32 i = 0; i < s->kept->field_count; i++)
        if (is_text(s, i)) return true;
    return false;
}

/* The bit of a nullable field; of the count of fields: how many there are. */
static u32 null_bit(const struct pstage *s, u32 field) {
    u32 bit = 0;
    for (u32 i = 0; i < field; i++) bit += field_type(s, i).nullable;
    return bit;
}

static void row_struct(struct emitter *e, const struct pstage *s) {
    u32 nulls = null_bit(s, s->kept->field_count);
    open_block(e, "struct w%u_row", s->id);
    line(e, "u64 arrival;");
    for (u32 size = 16; size; size /= 2)
        for (u32 i = 0; i < s->kept->field_count; i++)
            if (type_size(field_type(s, i)) == size)
                line(e, "%s f%u;", is_text(s, i) ? "struct key_text" : c_type(field_type(s, i)), i);
    if (nulls) line(e, "u8 nulls[%u];", (nulls + 7) / 8);
    e->indent--;
    line(e, "};");
}

/* ---- the values of a row, one by one ---- */

struct val kept_value(struct emitter *e, const struct pstage *s, u32 field, const char *row,
                      const char *region) {
    struct val v = { text(e, "%s->f%u", row, field), NULL };
    if (is_text(s, field)) v.v = text(e, "key_text_str(&%s->f%u, %s)", row, field, region);
    u32 bit = null_bit(s, field);
    if (field_type(s, field).nullable)
        v.null = text(e, "(%s->nulls[%u] >> %u & 1)", row, bit / 8, bit % 8);
    return v;
}

static struct val arg_value(struct emitter *e, const struct pstage *s, u32 field) {
    u32 value = s->kept->fields[field];
    return (struct val){ text(e, "a%u", value),
                         field_type(s, field).nullable ? text(e, "a%u_null", value) : NULL };
}

static struct val param_value(struct emitter *e, const struct pstage *s, u32 field) {
    return (struct val){ text(e, "f%u", field),
                         field_type(s, field).nullable ? text(e, "f%u_null", field) : NULL };
}

/* Of `row`, or of the arguments of the stage. */
static struct val value_of(struct emitter *e, const struct pstage *s, u32 field, const char *row) {
    return row ? kept_value(e, s, field, row, "region") : arg_value(e, s, field);
}

static void put_row_params(struct emitter *e, const struct pstage *s) {
    for (u32 i = 0; i < s->kept->field_count; i++) {
        put(e, ", %s f%u", c_type(field_type(s, i)), i);
        if (field_type(s, i).nullable) put(e, ", bool f%u_null", i);
    }
}

static const char *row_args(struct emitter *e, const struct pstage *s, const char *row) {
    const char *args = "";
    for (u32 i = 0; i < s->kept->field_count; i++) {
        struct val v = value_of(e, s, i, row);
        args = text(e, "%s, %s", args, v.v);
        if (v.null) args = text(e, "%s, %s", args, v.null);
    }
    return args;
}

/* ---- filling in ---- */

static void row_fill(struct emitter *e, const struct pstage *s) {
    u32 fields = s->kept->field_count, nulls = null_bit(s, fields);
    put(e, "ALWAYS_INLINE void w%u_fill(struct w%u_row *row, struct region *region", s->id, s->id);
    put_row_params(e, s);
    put(e, ")");
    open_block(e, "%s", "");
    for (u32 i = 0; i < fields; i++) {
        struct val v = param_value(e, s, i);
        if (v.null) v.v = text(e, "%s ? %s : %s", v.null, c_zero(field_type(s, i)), v.v);
        line(e, is_text(s, i) ? "row->f%u = key_text_of(%s, region);" : "row->f%u = %s;", i, v.v);
    }
    for (u32 byte = 0; byte < (nulls + 7) / 8; byte++) {
        const char *bits = "";
        for (u32 i = 0; i < fields; i++)
            if (field_type(s, i).nullable && null_bit(s, i) / 8 == byte)
                bits =
                    text(e, "%s%sf%u_null << %u", bits, *bits ? " | " : "", i, null_bit(s, i) % 8);
        line(e, "row->nulls[%u] = (u8)(%s);", byte, bits);
    }
    close_block(e);
}

static void row_drop(struct emitter *e, const struct pstage *s) {
    if (!has_texts(s)) return;
    open_block(e, "static void w%u_row_drop(void *at, struct region *region)", s->id);
    line(e, "struct w%u_row *row = at;", s->id);
    for (u32 i = 0; i < s->kept->field_count; i++)
        if (is_text(s, i)) line(e, "key_text_drop(&row->f%u, region);", i);
    close_block(e);
}

/* What cannot be any bytes: texts, members of enums, bools. */
static bool is_checked(const struct pstage *s, u32 field) {
    enum type_kind kind = field_type(s, field).kind;
    return kind == TYPE_STRING || kind == TYPE_ENUM || kind == TYPE_BOOL;
}

static bool has_checked(const struct pstage *s) {
    for (u32 i = 0; i < s->kept->field_count; i++)
        if (is_checked(s, i)) return true;
    return false;
}

static void row_adopt(struct emitter *e, const struct pstage *s) {
    if (!has_checked(s)) return;
    open_block(e,
               "static bool w%u_row_adopt(void *at, const u8 *image, u64 bytes, struct region "
               "*region)",
               s->id);
    line(e, "struct w%u_row *row = at;", s->id);
    for (u32 i = 0; i < s->kept->field_count; i++) {
        struct type type = field_type(s, i);
        if (type.kind == TYPE_STRING)
            line(e, "if (!key_text_adopt(&row->f%u, image, bytes, region)) return false;", i);
        else if (type.kind == TYPE_ENUM)
            line(e, "if (row->f%u >= %u) return false;", i, type.of->count);
        else if (type.kind == TYPE_BOOL)
            line(e, "if (*(const u8 *)&row->f%u > 1) return false;", i);
    }
    line(e, "return true;");
    close_block(e);
}

/* ---- the order of `top` ---- */

static void row_by(struct emitter *e, const struct pstage *s) {
    open_block(e, "struct w%u_by", s->id);
    if (!s->op->rows.by_count) line(e, "u8 none;");
    for (u32 i = 0; i < s->op->rows.by_count; i++) {
        struct type type = field_type(s, s->kept->by[i]);
        line(e, "%s b%u;", c_type(type), i);
        if (type.nullable) line(e, "bool b%u_null;", i);
    }
    e->indent--;
    line(e, "};");
}

/* Declares `by`: of a row, or of the arguments. */
static void declare_by(struct emitter *e, const struct pstage *s, const char *row) {
    const char *values = "";
    for (u32 i = 0; i < s->op->rows.by_count; i++) {
        struct val v = value_of(e, s, s->kept->by[i], row);
        values = text(e, "%s%s.b%u = %s", values, i ? ", " : "", i, v.v);
        if (v.null) values = text(e, "%s, .b%u_null = %s", values, i, v.null);
    }
    line(e, "const struct w%u_by by = { %s };", s->id, *values ? values : "0");
}

static const char *three_way(struct emitter *e, struct type type, const char *a, const char *b) {
    if (type.kind == TYPE_STRING) return text(e, "str_compare(%s, %s)", a, b);
    if (type.kind == TYPE_F64 || type.kind == TYPE_F32) return text(e, "compare_f64(%s, %s)", a, b);
    return text(e, "(%s > %s) - (%s < %s)", a, b, a, b);
}

static void row_order(struct emitter *e, const struct pstage *s) {
    u32 count = s->op->rows.by_count;
    open_block(e,
               "ALWAYS_INLINE int w%u_order(const void *with, const void *at, const struct region "
               "*region)",
               s->id);
    if (count) line(e, "const struct w%u_by *by = with;", s->id);
    if (count) line(e, "const struct w%u_row *row = at;", s->id);
    for (u32 i = 0; i < count; i++) {
        struct type type = field_type(s, s->kept->by[i]);
        bool down = s->op->rows.by[i].descending;
        struct val other = kept_value(e, s, s->kept->by[i], "row", "region");
        const char *order = three_way(e, type, text(e, "by->b%u", i), other.v);
        if (other.null) {
            line(e, "if (by->b%u_null != %s) return by->b%u_null ? %d : %d;", i, other.null, i,
                 down ? 1 : -1, down ? -1 : 1);
            order = text(e, "by->b%u_null ? 0 : %s", i, order);
        }
        line(e, "const int order%u = %s;", i, order);
        line(e, "if (order%u) return %sorder%u;", i, down ? "-" : "", i);
    }
    line(e, "return 0;");
    close_block(e);
    open_block(e,
               "static bool w%u_same(const void *at, const void *other, const struct region "
               "*region)",
               s->id);
    if (count) line(e, "const struct w%u_row *row = at;", s->id);
    declare_by(e, s, "row");
    line(e, "return w%u_order(&by, other, region) == 0;", s->id);
    close_block(e);
}

/* ---- the step of `reduce`: a row becomes one of itself and a new one ---- */

static u32 field_of_agg(const struct pstage *s, u32 agg) {
    return s->aggs[agg].field;
}

static void row_step(struct emitter *e, const struct pstage *s) {
    const struct lop *op = s->op;
    struct scope scope = scope_new(e, 2 * op->agg_count);
    put(e,
        "static inline void w%u_step(struct chain *c, struct region *region, struct w%u_row *row",
        s->id, s->id);
    put_row_params(e, s);
    put(e, ")");
    open_block(e, "%s", "");
    line(e, "const struct scratch_place here = scratch_here(&c->scratch);");
    for (u32 i = 0; i < op->agg_count; i++) {
        if (!s->aggs[i].agg) continue;
        scope.columns[i] = kept_value(e, s, field_of_agg(s, i), "row", "region");
        scope.columns[op->agg_count + i] = param_value(e, s, field_of_agg(s, i));
    }
    const char *args = "";
    for (u32 i = 0; i < op->agg_count; i++) {
        if (!s->aggs[i].agg) continue;
        struct val v = scope.columns[op->agg_count + i];
        if (op->aggs[i].step) {
            struct val step = expr_value(e, op->aggs[i].step, &scope);
            const char *name = text(e, "v%u_%u", op->id, i);
            source_line(e, op->aggs[i].step->span);
            declare_value(e, op->aggs[i].type, name, step);
            if (v.null && !step.null) step.null = "false";
            v = (struct val){ name, v.null ? step.null : NULL };
            if (v.null && *v.null != 'f') v.null = text(e, "%s_null", name);
        }
        args = text(e, "%s, %s", args, v.v);
        if (v.null) args = text(e, "%s, %s", args, v.null);
    }
    own_line(e);
    line(e, "struct w%u_row next = { 0 };", s->id);
    line(e, "w%u_fill(&next, region%s);", s->id, args);
    if (has_texts(s)) line(e, "w%u_row_drop(row, region);", s->id);
    line(e, "*row = next;");
    line(e, "scratch_return(&c->scratch, here);");
    close_block(e);
}

/* ---- what the runtime is given, what accumulators do ---- */

void emit_kept_row(struct emitter *e, const struct pstage *s) {
    row_struct(e, s);
    row_fill(e, s);
    row_drop(e, s);
    row_adopt(e, s);
}

const char *kept_args(struct emitter *e, const struct pstage *s) {
    return row_args(e, s, NULL);
}

const char *kept_drop_name(struct emitter *e, const struct pstage *s) {
    return has_texts(s) ? text(e, "w%u_row_drop", s->id) : "NULL";
}

const char *kept_adopt_name(struct emitter *e, const struct pstage *s) {
    return has_checked(s) ? text(e, "w%u_row_adopt", s->id) : "NULL";
}

void emit_rows(struct emitter *e, const struct pstage *s) {
    const struct trows *rows = &s->op->rows;
    bool top = rows->kind == ROWS_TOP;
    emit_kept_row(e, s);
    if (top) {
        row_by(e, s);
        row_order(e, s);
    } else {
        row_step(e, s);
    }
    line(e, "static const struct kept_ops w%u_kept = {", s->id);
    line(e, "    .row_size = sizeof(struct w%u_row),", s->id);
    line(e, "    .most = %u,", top ? rows->most : 1);
    if (rows->ties) line(e, "    .ties = true,");
    if (rows->latest) line(e, "    .latest = true,");
    if (top) line(e, "    .order = w%u_order,", s->id);
    if (top) line(e, "    .same = w%u_same,", s->id);
    if (has_texts(s)) line(e, "    .drop = %s,", kept_drop_name(e, s));
    if (has_checked(s)) line(e, "    .adopt = %s,", kept_adopt_name(e, s));
    line(e, "};");
}

static void put_in(struct emitter *e, const struct pstage *s, const char *acc, const char *row) {
    const char *kept = text(e, "&%s->c%u, &w%u_kept", acc, s->kept->acc, s->id);
    const char *arrival = row ? text(e, "%s->arrival", row) : "arrival";
    declare_by(e, s, row);
    open_block(e, "if (kept_wants(%s, &by, %s, region))", kept, arrival);
    line(e, "struct w%u_row *place = kept_put(%s, &by, %s, region);", s->id, kept, arrival);
    line(e, "w%u_fill(place, region%s);", s->id, row_args(e, s, row));
    if (!row) {
        close_block(e);
        return;
    }
    e->indent--;
    line(e, "} else {");
    line(e, "    break; /* nor are those behind it */");
    line(e, "}");
}

static void step_in(struct emitter *e, const struct pstage *s, const char *acc, const char *row) {
    const char *kept = text(e, "%s->c%u", acc, s->kept->acc);
    line(e, "const bool some = %s.count;", kept);
    line(e, "struct w%u_row *place = kept_only(&%s, &w%u_kept, region);", s->id, kept, s->id);
    line(e, "if (some)");
    line(e, "    w%u_step(c, region, place%s);", s->id, row_args(e, s, row));
    line(e, "else");
    line(e, "    w%u_fill(place, region%s);", s->id, row_args(e, s, row));
}

void emit_rows_update(struct emitter *e, const struct pstage *s) {
    (s->op->rows.kind == ROWS_TOP ? put_in : step_in)(e, s, "acc", NULL);
}

void emit_rows_merge(struct emitter *e, const struct pstage *s) {
    open_block(e, "for (u32 i = 0; i < from->c%u.count; i++)", s->kept->acc);
    line(e, "const struct w%u_row *row = kept_row(&from->c%u, &w%u_kept, i, region);", s->id,
         s->kept->acc, s->id);
    (s->op->rows.kind == ROWS_TOP ? put_in : step_in)(e, s, "into", "row");
    close_block(e);
}

static bool is_ranked(const struct pstage *s) {
    for (u32 i = 0; i < s->op->agg_count; i++)
        if (s->aggs[i].agg && s->aggs[i].agg->kind == AGG_RANK) return true;
    return false;
}

void emit_rows_each(struct emitter *e, const struct pstage *s) {
    bool ranked = is_ranked(s);
    open_block(e,
               ranked ? "for (u32 i = 0, rank = 1; i < acc->c%u.count; i++)"
                      : "for (u32 i = 0; i < acc->c%u.count; i++)",
               s->kept->acc);
    line(e, "const struct w%u_row *row = kept_row(&acc->c%u, &w%u_kept, i, p->strings);", s->id,
         s->kept->acc, s->id);
    if (ranked && s->op->rows.ties)
        line(e, "if (i && !w%u_same(row - 1, row, p->strings)) rank = i + 1;", s->id);
    else if (ranked)
        line(e, "rank = i + 1;");
}
