/* `--show typed` and `--show logical`: one operator a paragraph, in order. Expressions are written
   as the language has them, with all parentheses and every conversion. */
#include "dsl/logical.h"

#include "dsl/functions.h"
#include "io/connector.h"

#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

#include <stdio.h>
#include <string.h>

/* ---- values ---- */

static void print_string(struct str s, struct text_buf *to) {
    text_buf_str(to, "\"");
    for (u64 i = 0; i < s.size; i++) {
        u8 c = (u8)s.at[i];
        if (c == '"' || c == '\\')
            text_buf_printf(to, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            text_buf_printf(to, "\\x%02x", c);
        else
            text_buf_put(to, &s.at[i], 1);
    }
    text_buf_str(to, "\"");
}

static void print_duration(i64 ns, struct text_buf *to) {
    char room[FORMAT_ROOM];
    text_buf_put(to, room, format_duration(room, ns));
}

static void print_value(struct type type, union value value, struct text_buf *to) {
    char room[FORMAT_ROOM];
    if (type.kind == TYPE_STRING) print_string(value.str, to);
    if (type.kind == TYPE_BOOL) text_buf_str(to, value.i ? "true" : "false");
    if (type.kind == TYPE_ENUM) text_buf_printf(to, "\"%s\"", type.of->members[value.i]);
    if (type.kind == TYPE_DURATION) print_duration(value.i, to);
    if (type.kind == TYPE_TIMESTAMP) {
        text_buf_str(to, "@");
        text_buf_put(to, room, format_timestamp(room, value.i));
    }
    if (type.kind == TYPE_F64) text_buf_put(to, room, format_f64(room, value.f));
    if (type.kind == TYPE_F32) text_buf_put(to, room, format_f32(room, (float)value.f));
    if (type.kind == TYPE_U64) text_buf_printf(to, "%llu", (unsigned long long)value.i);
    if (type_is_integer(type.kind) && type.kind != TYPE_U64)
        text_buf_printf(to, "%lld", (long long)value.i);
}

static void print_type(struct type type, struct text_buf *to) {
    char room[128];
    text_buf_str(to, type_name(type, room));
}

/* ---- expressions ---- */

static const char *op_text(enum texpr_op op) {
    switch (op) {
    case OP_NEGATE:
        return "-";
    case OP_BIT_NOT:
        return "~";
    case OP_NOT:
        return "not ";
    case OP_MULTIPLY:
        return "*";
    case OP_DIVIDE:
        return "/";
    case OP_MODULO:
        return "%";
    case OP_ADD:
        return "+";
    case OP_SUBTRACT:
        return "-";
    case OP_SHIFT_LEFT:
        return "<<";
    case OP_SHIFT_RIGHT:
        return ">>";
    case OP_BIT_AND:
        return "&";
    case OP_BIT_XOR:
        return "^";
    case OP_BIT_OR:
        return "|";
    case OP_EQUAL:
        return "==";
    case OP_NOT_EQUAL:
        return "!=";
    case OP_LESS:
        return "<";
    case OP_LESS_EQUAL:
        return "<=";
    case OP_GREATER:
        return ">";
    case OP_GREATER_EQUAL:
        return ">=";
    case OP_AND:
        return "and";
    case OP_OR:
        return "or";
    }
    return "?";
}

static void print_list(const struct texpr *e, u32 from, const struct schema *schema,
                       struct text_buf *to) {
    for (u32 i = from; i < e->arg_count; i++) {
        if (i > from) text_buf_str(to, ", ");
        texpr_print(e->args[i], schema, to);
    }
}

static void print_case(const struct texpr *e, const struct schema *schema, struct text_buf *to) {
    text_buf_str(to, "case");
    for (u32 i = 0; i + 1 < e->arg_count; i += 2) {
        text_buf_str(to, " when ");
        texpr_print(e->args[i], schema, to);
        text_buf_str(to, " then ");
        texpr_print(e->args[i + 1], schema, to);
    }
    if (e->arg_count % 2) {
        text_buf_str(to, " else ");
        texpr_print(e->args[e->arg_count - 1], schema, to);
    }
    text_buf_str(to, " end");
}

static void print_infix(const struct texpr *e, const char *op, const struct schema *schema,
                        struct text_buf *to) {
    text_buf_str(to, "(");
    texpr_print(e->args[0], schema, to);
    text_buf_printf(to, " %s ", op);
    texpr_print(e->args[1], schema, to);
    text_buf_str(to, ")");
}

/* A column that is known not to be null, though its rows may have nulls there, is marked: x! */
static void print_column(const struct texpr *e, const struct schema *schema, struct text_buf *to) {
    text_buf_str(to, schema->columns[e->column].name);
    if (schema->columns[e->column].type.nullable && !e->type.nullable) text_buf_str(to, "!");
}

void texpr_print(const struct texpr *e, const struct schema *schema, struct text_buf *to) {
    switch (e->kind) {
    case TEXPR_CONST:
        if (e->is_null)
            text_buf_str(to, "null");
        else
            print_value(e->type, e->value, to);
        return;
    case TEXPR_COLUMN:
        print_column(e, schema, to);
        return;
    case TEXPR_CALL:
        text_buf_printf(to, "%s(", e->function->name);
        print_list(e, 0, schema, to);
        text_buf_str(to, ")");
        return;
    case TEXPR_UNARY:
        text_buf_printf(to, "(%s", op_text(e->op));
        texpr_print(e->args[0], schema, to);
        text_buf_str(to, ")");
        return;
    case TEXPR_BINARY:
        print_infix(e, op_text(e->op), schema, to);
        return;
    case TEXPR_COALESCE:
        print_infix(e, "??", schema, to);
        return;
    case TEXPR_IN:
        text_buf_str(to, "(");
        texpr_print(e->args[0], schema, to);
        text_buf_str(to, e->negated ? " not in (" : " in (");
        print_list(e, 1, schema, to);
        text_buf_str(to, "))");
        return;
    case TEXPR_IS_NULL:
        text_buf_str(to, "(");
        texpr_print(e->args[0], schema, to);
        text_buf_str(to, e->negated ? " is not null)" : " is null)");
        return;
    case TEXPR_CASE:
        print_case(e, schema, to);
        return;
    case TEXPR_CAST:
        text_buf_str(to, "(");
        texpr_print(e->args[0], schema, to);
        text_buf_str(to, " as ");
        print_type(e->type, to);
        text_buf_str(to, ")");
        return;
    }
}

/* ---- parts of operators ---- */

static void print_columns(const char *word, const struct column *columns, u32 count,
                          struct text_buf *to) {
    if (!count) return;
    text_buf_printf(to, "    %s", word);
    for (u32 i = 0; i < count; i++) {
        text_buf_printf(to, "%s%s: ", i ? ", " : " ", columns[i].name);
        print_type(columns[i].type, to);
    }
    text_buf_str(to, "\n");
}

static void print_schema(const struct lop *op, struct text_buf *to) {
    u32 visible = op->schema.count - op->hidden_count;
    print_columns("columns", op->schema.columns, visible, to);
    print_columns("hidden", op->schema.columns + visible, op->hidden_count, to);
}

static void print_option(const struct connector_option *o, struct text_buf *to) {
    if (o->from == OPTION_PARAM)
        text_buf_str(to, o->ref);
    else if (o->from == OPTION_ENV)
        text_buf_printf(to, "env(\"%s\")", o->ref);
    else
        print_value(o->type, o->value, to);
}

/* With each default as if it had been written. */
static void print_call(const struct connector_call *call, u32 use, struct text_buf *to) {
    const struct connector *connector = connector_find(call->connector);
    text_buf_printf(to, "%s(", call->connector);
    const char *between = "";
    for (const struct option_def *def = connector->options; def->name; def++) {
        const struct connector_option *given = NULL;
        for (u32 i = 0; i < call->option_count; i++)
            if (!strcmp(call->options[i].name, def->name)) given = &call->options[i];
        if (!(def->use & use) || (!given && !def->fallback)) continue;
        bool quotes = !given && (def->kind == OPTION_TEXT || def->kind == OPTION_BYTE);
        text_buf_printf(to, "%s%s: ", between, def->name);
        if (given && (def->kind == OPTION_WORD || def->kind == OPTION_COLUMNS))
            text_buf_printf(to, "%s", given->value.str.at);
        else if (given)
            print_option(given, to);
        else
            text_buf_printf(to, quotes ? "\"%s\"" : "%s", def->fallback);
        between = ", ";
    }
    text_buf_str(to, ")");
}

static void print_line(const char *word, const struct texpr *e, const struct schema *schema,
                       struct text_buf *to) {
    if (!e) return;
    text_buf_printf(to, "    %s ", word);
    texpr_print(e, schema, to);
    text_buf_str(to, "\n");
}

static void print_item(const char *name, const struct texpr *e, const struct schema *schema,
                       struct text_buf *to) {
    text_buf_printf(to, "    %s: ", name);
    print_type(e->type, to);
    text_buf_str(to, " = ");
    texpr_print(e, schema, to);
    text_buf_str(to, "\n");
}

/* ---- operators ---- */

static void print_watermark(const struct twatermark *w, const struct schema *over,
                            struct text_buf *to) {
    if (w->on) {
        print_line("watermark on", w->on, over, to);
        return;
    }
    text_buf_str(to, w->kind == WATERMARK_LAG ? "    watermark lag " : "    watermark at end");
    if (w->kind == WATERMARK_LAG) print_duration(w->lag_ns, to);
    text_buf_str(to, "\n");
}

static void print_wait(const char *what, i64 ns, const char *unsaid, struct text_buf *to) {
    text_buf_printf(to, "%s ", what);
    if (ns > 0)
        print_duration(ns, to);
    else
        text_buf_str(to, ns == UNSAID ? unsaid : "never");
}

/* What is no regular file is live; that is known when it is opened. */
static void print_patience(const struct patience *p, const char *connector, struct text_buf *to) {
    const struct source_ops *ops = connector_source(connector);
    bool may_live = ops && ops->wait_fd;
    text_buf_str(to, "    ");
    print_wait("idle", p->idle_ns, may_live ? "never (a pipe: 10s)" : "never", to);
    if (p->flush) text_buf_str(to, " flush");
    print_wait(" ahead", p->ahead_ns, may_live ? "never (a pipe: 1h)" : "never", to);
    text_buf_str(to, "\n");
}

static void print_source(const struct lop *op, struct text_buf *to) {
    static const char *const malformed[] = { "fail", "skip", "into " };
    const struct tsource *s = op->source;
    text_buf_str(to, "    ");
    print_call(&s->call, USE_SOURCE, to);
    text_buf_str(to, "\n");
    print_line("time", s->time, &s->schema, to);
    if (s->wall) text_buf_str(to, "    wall time\n");
    print_watermark(&s->watermark, &s->schema, to);
    print_patience(&s->patience, s->call.connector, to);
    text_buf_printf(to, "    malformed %s%s\n", malformed[s->malformed],
                    s->malformed == MALFORMED_INTO ? s->malformed_into : "");
    if (!op->used) return;
    text_buf_str(to, "    reads");
    u32 count = 0;
    for (u32 i = 0; i < s->schema.count; i++)
        if (op->used[i])
            text_buf_printf(to, "%s%s", count++ ? ", " : " ", s->schema.columns[i].name);
    text_buf_str(to, count ? "\n" : " no column\n");
}

static void print_project(const struct lop *op, const struct schema *in, struct text_buf *to) {
    for (u32 i = 0; i < op->schema.count; i++) {
        if (i == op->schema.count - op->hidden_count) text_buf_str(to, "    hidden:\n");
        print_item(op->schema.columns[i].name, op->exprs[i], in, to);
    }
}

static void print_lookup(const struct lop *op, const struct schema *in, struct text_buf *to) {
    text_buf_printf(to, "    table %s = ", op->table->name);
    print_call(&op->table->call, USE_TABLE, to);
    text_buf_str(to, "\n");
    for (u32 i = 0; i < op->lookup_key_count; i++) {
        text_buf_printf(
            to, "    on %s == ", op->schema.columns[op->looked_first + op->table_keys[i]].name);
        texpr_print(op->lookup_keys[i], in, to);
        text_buf_str(to, "\n");
    }
    print_line("and", op->lookup_rest, &op->schema, to);
}

static void print_triggers(const char *when, const struct ttriggers *t, bool *any,
                           struct text_buf *to) {
    for (u32 i = 0; i < 2 * TRIGGER_PERIODS; i++) {
        bool wall = i >= TRIGGER_PERIODS;
        i64 ns = wall ? t->wall_ns[i - TRIGGER_PERIODS] : t->time_ns[i];
        if (!ns) continue;
        text_buf_printf(to, "%s %s every ", *any ? "," : " emit", when);
        print_duration(ns, to);
        if (wall) text_buf_str(to, " wall");
        *any = true;
    }
    if (!t->rows) return;
    text_buf_printf(to, "%s %s every ", *any ? "," : " emit", when);
    if (t->rows == 1) text_buf_str(to, "row");
    if (t->rows > 1) text_buf_printf(to, "%llu rows", (unsigned long long)t->rows);
    *any = true;
}

void panes_print(const struct twindow *w, struct text_buf *to) {
    static const char *const modes[] = { "accumulating", "discarding", "retracting" };
    bool any = false;
    print_triggers("early", &w->early, &any, to);
    print_triggers("late", &w->late, &any, to);
    text_buf_printf(to, " %s", modes[w->mode]);
}

static void print_shape(const struct twindow *w, struct text_buf *to) {
    switch (w->kind) {
    case WINDOW_GLOBAL:
        text_buf_str(to, "global");
        return;
    case WINDOW_ROWS:
        text_buf_printf(to, "rows %u", w->rows);
        if (w->every != w->rows) text_buf_printf(to, " every %u", w->every);
        return;
    case WINDOW_SESSION:
        text_buf_str(to, "session ");
        print_duration(w->size_ns, to);
        break;
    case WINDOW_TUMBLING:
    case WINDOW_SLIDING:
        text_buf_str(to, w->kind == WINDOW_TUMBLING ? "tumbling " : "sliding ");
        print_duration(w->size_ns, to);
        if (w->kind == WINDOW_SLIDING) {
            text_buf_str(to, " every ");
            print_duration(w->slide_ns, to);
        }
        text_buf_str(to, " offset ");
        print_duration(w->offset_ns, to);
        break;
    case WINDOW_CALENDAR:
        text_buf_printf(to, "tumbling %s zone \"%s\" offset ", time_unit_word(w->unit), w->zone);
        print_duration(w->offset_ns, to);
        break;
    }
    text_buf_str(to, " lateness ");
    print_duration(w->lateness_ns, to);
}

static void print_window(const struct twindow *w, struct text_buf *to) {
    text_buf_str(to, w->same ? "    window same: " : "    window ");
    print_shape(w, to);
    panes_print(w, to);
    text_buf_str(to, "\n");
}

static const char *agg_text(enum agg_kind kind) {
    switch (kind) {
    case AGG_COUNT:
        return "count";
    case AGG_SUM:
        return "sum";
    case AGG_MIN:
        return "min";
    case AGG_MAX:
        return "max";
    case AGG_AVG:
        return "avg";
    case AGG_VALUE:
        return "value";
    case AGG_RANK:
        return "rank";
    }
    return "?";
}

void rows_print(const struct trows *rows, const struct schema *in, struct text_buf *to) {
    if (rows->kind == ROWS_REDUCE) text_buf_str(to, "reduce");
    if (rows->kind != ROWS_TOP) return;
    text_buf_printf(to, "top %u%s", rows->most, rows->ties ? " with ties" : "");
    for (u32 i = 0; i < rows->by_count; i++) {
        text_buf_str(to, i ? ", " : " by ");
        texpr_print(rows->by[i].expr, in, to);
        if (rows->by[i].descending) text_buf_str(to, " desc");
    }
    text_buf_str(to, rows->latest ? ", of equals the latest" : "");
}

/* What becomes of a value, over the row so far, "acc", and the new one. */
static void print_step(const struct lop *op, const struct agg *agg, char (*names)[12],
                       struct text_buf *to) {
    struct column columns[2 * op->agg_count + 1];
    char so_far[op->agg_count + 1][20];
    for (u32 i = 0; i < op->agg_count; i++) {
        snprintf(so_far[i], sizeof so_far[i], "acc.%s", names[i]);
        columns[i] = (struct column){ so_far[i], op->aggs[i].type };
        columns[op->agg_count + i] = (struct column){ names[i], op->aggs[i].type };
    }
    struct schema schema = { columns, 2 * op->agg_count };
    text_buf_str(to, ", then ");
    texpr_print(agg->step, &schema, to);
}

/* Items are over keys, window columns and aggregates: the aggregates are numbered, #0, #1, ... */
static void print_aggregate(const struct lop *op, const struct schema *in, struct text_buf *to) {
    u32 first = op->key_count + twindow_columns(&op->window);
    struct column columns[first + op->agg_count + 1];
    char names[op->agg_count + 1][12];
    for (u32 i = 0; i < op->key_count; i++) {
        text_buf_str(to, "    key");
        struct text_buf line;
        text_buf_init(&line);
        print_item(op->schema.columns[i].name, op->keys[i], in, &line);
        text_buf_str(to, line.at + 3);
        text_buf_fini(&line);
    }
    print_window(&op->window, to);
    if (op->rows.kind != ROWS_NONE) {
        text_buf_str(to, "    rows: ");
        rows_print(&op->rows, in, to);
        text_buf_str(to, "\n");
    }
    for (u32 i = 0; i < op->agg_count; i++) snprintf(names[i], sizeof names[i], "#%u", i);
    for (u32 i = 0; i < first; i++) columns[i] = op->schema.columns[i];
    for (u32 i = 0; i < op->agg_count; i++) {
        const struct agg *agg = &op->aggs[i];
        columns[first + i] = (struct column){ names[i], agg->type };
        text_buf_printf(to, "    %s: ", names[i]);
        print_type(agg->type, to);
        text_buf_printf(to, " = %s(", agg_text(agg->kind));
        if (agg->arg) texpr_print(agg->arg, in, to);
        if (agg->where) text_buf_str(to, agg->arg ? " where " : "where ");
        if (agg->where) texpr_print(agg->where, in, to);
        text_buf_str(to, ")");
        if (agg->step) print_step(op, agg, names, to);
        text_buf_str(to, "\n");
    }
    struct schema group = { columns, first + op->agg_count };
    for (u32 i = 0; i < op->item_count; i++)
        print_item(op->schema.columns[first + i].name, op->items[i], &group, to);
    u32 hidden = op->schema.count - op->hidden_count;
    print_columns("hidden", op->schema.columns + hidden, op->hidden_count, to);
    if (op->window.kind == WINDOW_GLOBAL)
        text_buf_str(to, "    state: until the input ends\n");
    else if (op->window.kind == WINDOW_ROWS)
        text_buf_str(to, "    state: the last rows of each key; nothing is late\n");
    else
        text_buf_printf(to, "    state: bounded by the window; late rows are %s\n",
                        op->late_read ? "sent on" : "counted");
}

static void print_inputs(const struct lop *op, struct text_buf *to) {
    for (u32 i = 0; i < op->input_count; i++) {
        const struct lop *input = op->inputs[i];
        text_buf_printf(to, "%s%s", i ? ", " : " < ", input->name);
        if (op->input_ports[i])
            text_buf_str(to, input->kind == LOP_SOURCE ? " (malformed)" : " (late)");
    }
    text_buf_str(to, "\n");
}

static void print_placement(const struct lop *op, struct text_buf *to) {
    if (op->parallel) text_buf_printf(to, "    parallel %u\n", op->parallel);
    if (op->on_core >= 0) text_buf_printf(to, "    on core %d\n", op->on_core);
    if (op->on_node >= 0) text_buf_printf(to, "    on node %d\n", op->on_node);
}

static void print_op(const struct lop *op, struct text_buf *to) {
    u32 hidden;
    struct schema in = { 0 };
    if (op->input_count) in = lop_port_schema(op->inputs[0], op->input_ports[0], &hidden);
    text_buf_printf(to, "%s: %s", op->name, op->label);
    print_inputs(op, to);
    switch (op->kind) {
    case LOP_SOURCE:
        print_source(op, to);
        break;
    case LOP_WHERE:
        print_line("where", op->expr, &in, to);
        break;
    case LOP_PROJECT:
        print_project(op, &in, to);
        break;
    case LOP_EXPLODE:
        text_buf_printf(to, "    %s: string = each of ", op->schema.columns[op->column].name);
        texpr_print(op->expr, &in, to);
        text_buf_str(to, "\n");
        break;
    case LOP_LOOKUP:
        print_lookup(op, &in, to);
        break;
    case LOP_AGGREGATE:
        print_aggregate(op, &in, to);
        break;
    case LOP_HOLD:
        print_line("until", op->expr, &in, to);
        break;
    case LOP_TIME:
        text_buf_printf(to, "    follows %s\n", op->schema.columns[op->column].name);
        print_watermark(&op->watermark, &in, to);
        break;
    case LOP_UNION:
    case LOP_BREAK:
        break;
    case LOP_SINK:
        text_buf_str(to, "    ");
        print_call(&op->sink, USE_SINK, to);
        text_buf_str(to, "\n");
        break;
    }
    if (op->was && (lop_remembers(op) || op->kind == LOP_SINK))
        text_buf_printf(to, "    state was: %s\n", op->was);
    if (op->kind != LOP_PROJECT && op->kind != LOP_AGGREGATE) print_schema(op, to);
    print_placement(op, to);
}

static void print_snapshots(const struct job_snapshots *s, struct text_buf *to) {
    if (s->guarantee != JOB_GUARANTEE_UNSET)
        text_buf_printf(to, "set guarantee = \"%s\"\n", guarantee_name(s->guarantee));
    if (!s->every_ns) return;
    const struct {
        const char *name;
        i64 ns;
    } times[] = { { "every", s->every_ns },
                  { "timeout", s->timeout_ns },
                  { "pause", s->pause_ns } };
    for (u32 i = 0; i < sizeof times / sizeof *times; i++) {
        text_buf_printf(to, "set snapshot_%s = ", times[i].name);
        print_duration(times[i].ns, to);
        text_buf_str(to, "\n");
    }
    text_buf_printf(to, "set snapshot_failures = %u\nset snapshot_retain = %u\n", s->failures,
                    s->retain);
}

static void print_job(const struct logical *plan, struct text_buf *to) {
    if (plan->parallelism) text_buf_printf(to, "set parallelism = %u\n", plan->parallelism);
    if (plan->memory_bytes)
        text_buf_printf(to, "set memory = %llu\n", (unsigned long long)plan->memory_bytes);
    text_buf_printf(to, "set shards = %u\n", plan->shards);
    print_snapshots(&plan->snapshots, to);
    for (u32 i = 0; i < plan->param_count; i++) {
        const struct tparam *p = &plan->params[i];
        text_buf_printf(to, "param %s: ", p->name);
        print_type(p->type, to);
        if (p->has_default) text_buf_str(to, p->is_null ? " = null" : " = ");
        if (p->has_default && !p->is_null) print_value(p->type, p->value, to);
        text_buf_str(to, p->has_default ? "\n" : ", given at start\n");
    }
}

void typed_print(const struct logical *typed, struct text_buf *to) {
    print_job(typed, to);
    for (u32 i = 0; i < typed->op_count; i++) {
        text_buf_str(to, "\n");
        print_op(typed->ops[i], to);
        promise_print(&typed->snapshots, typed->ops[i], to);
    }
}

void logical_print(const struct logical *plan, struct text_buf *to) {
    typed_print(plan, to);
}
