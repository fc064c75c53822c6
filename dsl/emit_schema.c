/* What a window remembers, described for snapshots (stage/schema.h). Keys are called as the columns
   are, accumulators by what they are of, as it is written: "sum(price)". */
#include "dsl/check.h"
#include "dsl/emit_internal.h"

#include <string.h>

static const char *const type_names[] = {
    [TYPE_BOOL] = "TYPE_BOOL",         [TYPE_I8] = "TYPE_I8",
    [TYPE_I16] = "TYPE_I16",           [TYPE_I32] = "TYPE_I32",
    [TYPE_I64] = "TYPE_I64",           [TYPE_U8] = "TYPE_U8",
    [TYPE_U16] = "TYPE_U16",           [TYPE_U32] = "TYPE_U32",
    [TYPE_U64] = "TYPE_U64",           [TYPE_F32] = "TYPE_F32",
    [TYPE_F64] = "TYPE_F64",           [TYPE_STRING] = "TYPE_STRING",
    [TYPE_ENUM] = "TYPE_ENUM",         [TYPE_TIMESTAMP] = "TYPE_TIMESTAMP",
    [TYPE_DURATION] = "TYPE_DURATION",
};

/* Of an enum its members; as an array called by the stage and the field. */
static void field_enum(struct emitter *e, const struct pstage *s, u32 field, struct type type) {
    if (type.kind != TYPE_ENUM) return;
    const char *members = "";
    for (u32 i = 0; i < type.of->count; i++)
        members = text(e, "%s%s%s", members, i ? ", " : "",
                       c_string(e, type.of->members[i], strlen(type.of->members[i])));
    line(e, "static const char *const w%u_f%u_members[] = { %s };", s->id, field, members);
    line(e, "static const struct type_enum w%u_f%u_enum = { .name = %s,", s->id, field,
         c_string(e, type.of->name, strlen(type.of->name)));
    line(e, "    .members = w%u_f%u_members,", s->id, field);
    line(e, "    .count = %u };", type.of->count);
}

static const char *field_type(struct emitter *e, const struct pstage *s, u32 field,
                              struct type type) {
    if (type.kind == TYPE_NONE) return "{ TYPE_NONE }";
    const char *of = type.kind == TYPE_ENUM ? text(e, ", .of = &w%u_f%u_enum", s->id, field) : "";
    return text(e, "{ %s%s%s }", type_names[type.kind], type.nullable ? ", .nullable = true" : "",
                of);
}

/* ---- accumulators ---- */

static struct type acc_value_type(const struct pstage *s, const struct pacc *a) {
    if (a->value < 0) return (struct type){ TYPE_NONE };
    struct type type = s->values[a->value].expr->type;
    type.nullable = value_is_nullable(&s->values[a->value]);
    return type;
}

static const char *buf_string(struct emitter *e, struct text_buf *buf) {
    const char *quoted = c_string(e, buf->at, buf->size);
    text_buf_fini(buf);
    return quoted;
}

/* "top 3 by price desc of auction: i64, kind: Kind in a, b": rows of one name are laid out alike.
 */
static void rows_name(const struct pstage *s, const struct schema *schema, struct text_buf *to) {
    char room[128];
    if (s->kind == PSTAGE_HOLD)
        text_buf_str(to, "hold");
    else
        rows_print(&s->op->rows, schema, to);
    for (u32 i = 0; i < s->kept->field_count; i++) {
        const struct texpr *value = s->values[s->kept->fields[i]].expr;
        text_buf_str(to, i ? ", " : " of ");
        texpr_print(value, schema, to);
        text_buf_printf(to, ": %s", type_name(value->type, room));
        for (u32 m = 0; value->type.kind == TYPE_ENUM && m < value->type.of->count; m++)
            text_buf_printf(to, "%s%s", m ? ", " : " in ", value->type.of->members[m]);
    }
}

/* "sum(price where price > 3)". */
static const char *acc_name(struct emitter *e, const struct pstage *s, const struct pacc *a) {
    static const char *const kinds[] = {
        [PACC_COUNT] = "count", [PACC_SUM] = "sum", [PACC_WIDE] = "sum", [PACC_FLOAT] = "sum",
        [PACC_MIN] = "min",     [PACC_MAX] = "max", [PACC_ROWS] = "rows"
    };
    struct schema schema = pstage_schema(s);
    struct text_buf name;
    text_buf_init(&name);
    if (a->kind == PACC_ROWS) rows_name(s, &schema, &name);
    if (a->kind == PACC_ROWS) return buf_string(e, &name);
    text_buf_printf(&name, "%s(", kinds[a->kind]);
    if (a->value >= 0) texpr_print(s->values[a->value].expr, &schema, &name);
    if (a->where >= 0) text_buf_str(&name, a->value >= 0 ? " where " : "where ");
    if (a->where >= 0) texpr_print(s->values[a->where].expr, &schema, &name);
    text_buf_str(&name, ")");
    return buf_string(e, &name);
}

static void acc_field(struct emitter *e, const struct pstage *s, u32 number) {
    static const char *const roles[] = {
        [PACC_COUNT] = "COUNT", [PACC_SUM] = "SUM", [PACC_WIDE] = "WIDE", [PACC_FLOAT] = "FLOAT",
        [PACC_MIN] = "MIN",     [PACC_MAX] = "MAX", [PACC_ROWS] = "ROWS"
    };
    const struct pacc *a = &s->accs[number];
    line(e, "    { .name = %s,", acc_name(e, s, a));
    line(e, "      .role = STATE_%s,", roles[a->kind]);
    line(e, "      .type = %s,", field_type(e, s, s->op->key_count + number, acc_value_type(s, a)));
    line(e, "      .at = %u,", a->at);
    line(e, "      .size = %u,", a->size);
    line(e, "      .null_bit = -1 },");
}

/* ---- keys ---- */

static bool has_nulls(const struct pstage *s) {
    for (u32 i = 0; i < s->op->key_count; i++)
        if (s->op->keys[i]->type.nullable) return true;
    return false;
}

static void key_field(struct emitter *e, const struct pstage *s, u32 key, i32 *bit) {
    const char *name = s->op->schema.columns[key].name;
    struct type type = s->op->keys[key]->type;
    line(e, "    { .name = %s,", c_string(e, name, strlen(name)));
    line(e, "      .role = STATE_KEY,");
    line(e, "      .type = %s,", field_type(e, s, key, type));
    line(e, "      .at = offsetof(struct w%u_stored, k%u),", s->id, key);
    line(e, "      .size = sizeof(((struct w%u_stored *)0)->k%u),", s->id, key);
    line(e, "      .null_bit = %d },", type.nullable ? (*bit)++ : -1);
}

static void trigger_fields(struct emitter *e, const char *when, const struct ttriggers *t) {
    if (t->time_ns[0])
        line(e, "    .%s.time_ns = { %lldll, %lldll, %lldll },", when, (long long)t->time_ns[0],
             (long long)t->time_ns[1], (long long)t->time_ns[2]);
    if (t->wall_ns[0])
        line(e, "    .%s.wall_ns = { %lldll, %lldll, %lldll },", when, (long long)t->wall_ns[0],
             (long long)t->wall_ns[1], (long long)t->wall_ns[2]);
    if (t->rows) line(e, "    .%s.rows = %llu,", when, (unsigned long long)t->rows);
}

static const char *unit_name(enum time_unit unit) {
    static const char *const units[] = { [UNIT_DAY] = "UNIT_DAY",
                                         [UNIT_WEEK] = "UNIT_WEEK",
                                         [UNIT_MONTH] = "UNIT_MONTH",
                                         [UNIT_YEAR] = "UNIT_YEAR" };
    return units[unit];
}

static void window_spec(struct emitter *e, const struct pstage *s) {
    static const char *const shapes[] = {
        [WINDOW_TUMBLING] = "FIXED", [WINDOW_SLIDING] = "FIXED",   [WINDOW_CALENDAR] = "CALENDAR",
        [WINDOW_GLOBAL] = "GLOBAL",  [WINDOW_SESSION] = "SESSION", [WINDOW_ROWS] = "ROWS"
    };
    const struct twindow *w = &s->op->window;
    line(e, "static const struct window_spec w%u_spec = {", s->id);
    line(e, "    .shape = SHAPE_%s,", twindow_is_carried(w) ? "SAME" : shapes[w->kind]);
    if (w->zone) line(e, "    .zone = %s,", c_string(e, w->zone, strlen(w->zone)));
    if (w->zone) line(e, "    .unit = %s,", unit_name(w->unit));
    if (w->size_ns) line(e, "    .size_ns = %lldll,", (long long)w->size_ns);
    if (w->slide_ns) line(e, "    .slide_ns = %lldll,", (long long)w->slide_ns);
    if (w->slide_ns || w->offset_ns) line(e, "    .offset_ns = %lldll,", (long long)w->offset_ns);
    if (w->size_ns || w->lateness_ns)
        line(e, "    .lateness_ns = %lldll,", (long long)w->lateness_ns);
    if (w->rows) line(e, "    .rows = %u,", w->rows);
    if (w->rows) line(e, "    .every = %u,", w->every);
    if (w->wall) line(e, "    .wall = true,");
    if (w->same && w->kind == WINDOW_SLIDING) line(e, "    .same = true,");
    trigger_fields(e, "early", &w->early);
    trigger_fields(e, "late", &w->late);
    if (w->mode == MODE_DISCARDING) line(e, "    .mode = WINDOW_DISCARDING,");
    if (w->mode == MODE_RETRACTING) line(e, "    .mode = WINDOW_RETRACTING,");
    line(e, "};");
}

void emit_schema(struct emitter *e, const struct pstage *s) {
    u32 n = s->id, count = s->op->key_count + s->acc_count;
    i32 bit = 0;
    for (u32 i = 0; i < s->op->key_count; i++) field_enum(e, s, i, s->op->keys[i]->type);
    for (u32 i = 0; i < s->acc_count; i++)
        field_enum(e, s, s->op->key_count + i, acc_value_type(s, &s->accs[i]));
    window_spec(e, s);
    if (count) {
        line(e, "static const struct state_field w%u_fields[] = {", n);
        for (u32 i = 0; i < s->op->key_count; i++) key_field(e, s, i, &bit);
        for (u32 i = 0; i < s->acc_count; i++) acc_field(e, s, i);
        line(e, "};");
    }
    line(e, "static const struct state_schema w%u_schema = {", n);
    if (count) line(e, "    .fields = w%u_fields,", n);
    line(e, "    .count = %u,", count);
    line(e, "    .slot_size = W%u_SLOT,", n);
    line(e, "    .acc_at = W%u_ACC_AT,", n);
    line(e, "    .acc_size = sizeof(struct w%u_acc),", n);
    if (has_nulls(s)) {
        line(e, "    .nulls_at = offsetof(struct w%u_stored, nulls),", n);
        line(e, "    .nulls_size = sizeof(((struct w%u_stored *)0)->nulls),", n);
    }
    line(e, "    .window = &w%u_spec,", n);
    line(e, "};");
    blank(e);
}

/* What is held is one thing, which its name tells. */
void emit_hold_schema(struct emitter *e, const struct pstage *s) {
    struct schema schema = pstage_schema(s);
    struct text_buf name;
    text_buf_init(&name);
    rows_name(s, &schema, &name);
    line(e, "static const struct state_field w%u_fields[] = {", s->id);
    line(e, "    { .name = %s,", buf_string(e, &name));
    line(e, "      .role = STATE_ROWS,");
    line(e, "      .type = { TYPE_NONE },");
    line(e, "      .at = 8,");
    line(e, "      .size = 8,");
    line(e, "      .null_bit = -1 },");
    line(e, "};");
    line(e, "static const struct state_schema w%u_schema = {", s->id);
    line(e, "    .fields = w%u_fields,", s->id);
    line(e, "    .count = 1,");
    line(e, "    .slot_size = 16,");
    line(e, "    .acc_size = 16,");
    line(e, "};");
    blank(e);
}
