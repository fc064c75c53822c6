#include "dsl/tests.h"

#include "dsl/check.h"
#include "dsl/types.h"

#include <string.h>

struct builder {
    struct arena *arena;
    const struct logical *typed;
    const struct ttest *test;
    struct logical *plan;
    struct lop **copies;    /* by typed operator */
    struct lop **inputs;    /* by input of the test: of a stream that is cut */
    struct ttable **tables; /* by table of the job */
    const struct given *nothing;
};

static struct lop *add_op(struct builder *b, enum lop_kind kind, const char *name) {
    struct lop *op = arena_alloc(b->arena, sizeof *op);
    *op = (struct lop){ .kind = kind,
                        .name = name,
                        .label = name,
                        .event_time = -1,
                        .looked_matched = -1,
                        .on_core = -1,
                        .on_node = -1 };
    op->id = b->plan->op_count;
    b->plan->ops[b->plan->op_count++] = op;
    return op;
}

static void read_op(struct builder *b, struct lop *op, struct lop *from, u32 port) {
    op->inputs = arena_alloc(b->arena, sizeof *op->inputs);
    op->input_ports = arena_alloc(b->arena, sizeof *op->input_ports);
    op->inputs[0] = from;
    op->input_ports[0] = port;
    op->input_count = 1;
}

static struct texpr *column_expr(struct builder *b, u32 column, struct type type) {
    struct texpr *e = arena_alloc(b->arena, sizeof *e);
    *e = (struct texpr){
        .kind = TEXPR_COLUMN, .type = type, .column = column, .weight = 1, .depth = 1
    };
    return e;
}

/* ---- what is given ---- */

static struct tsource *source_new(struct builder *b, const char *name, struct schema schema,
                                  const struct given *given) {
    struct tsource *source = arena_alloc(b->arena, sizeof *source);
    *source = (struct tsource){ .name = name,
                                .call = { .connector = "given" },
                                .format = { .kind = FORMAT_TEST },
                                .schema = schema,
                                .watermark = { .kind = WATERMARK_AT_END },
                                .malformed = MALFORMED_FAIL,
                                .given = given };
    return source;
}

/* A stream that is cut: all of its columns are those of the source, hidden ones too. Nothing but
   the test moves its watermark. */
static struct lop *cut(struct builder *b, const struct test_input *input) {
    struct tsource *source = source_new(b, input->name, input->schema, &input->given);
    struct lop *op = add_op(b, LOP_SOURCE, input->name);
    if (input->event_time >= 0)
        source->time = column_expr(b, (u32)input->event_time, type_of(TYPE_TIMESTAMP));
    op->source = source;
    op->schema = input->schema;
    op->hidden_count = input->hidden_count;
    op->event_time = input->event_time;
    return op;
}

static const struct given *given_of(const struct builder *b, const struct lop *source) {
    for (u32 i = 0; i < b->test->input_count; i++)
        if (b->test->inputs[i].op == source && b->test->inputs[i].port == 0)
            return &b->test->inputs[i].given;
    return b->nothing;
}

static void replace_source(struct builder *b, struct lop *op, const struct lop *typed) {
    struct tsource *source = arena_alloc(b->arena, sizeof *source);
    *source = *typed->source;
    source->call = (struct connector_call){ .connector = "given", .span = source->call.span };
    source->format = (struct format){ .kind = FORMAT_TEST };
    source->given = given_of(b, typed);
    op->source = source;
}

/* By the job's tables, as `typed` lists them. */
static void replace_tables(struct builder *b) {
    b->tables = arena_alloc(b->arena, (b->typed->table_count + 1) * sizeof *b->tables);
    for (u32 t = 0; t < b->typed->table_count; t++) {
        const struct ttable *typed = b->typed->tables[t];
        struct ttable *table = arena_alloc(b->arena, sizeof *table);
        *table = *typed;
        table->call = (struct connector_call){ .connector = "given", .span = typed->call.span };
        table->format = (struct format){ .kind = FORMAT_TEST };
        table->given = b->nothing;
        for (u32 i = 0; i < b->test->input_count; i++)
            if (b->test->inputs[i].table == typed) table->given = &b->test->inputs[i].given;
        b->tables[t] = table;
    }
}

static const struct ttable *replaced_table(const struct builder *b, const struct ttable *typed) {
    u32 t = 0;
    while (b->typed->tables[t] != typed) t++;
    return b->tables[t];
}

/* ---- the job's own operators ---- */

/* Readers of what is cut read what is given in its place. */
static void redirect(struct builder *b, struct lop *op, const struct lop *typed) {
    op->inputs = arena_alloc(b->arena, (typed->input_count + 1) * sizeof *op->inputs);
    op->input_ports = arena_alloc(b->arena, (typed->input_count + 1) * sizeof *op->input_ports);
    for (u32 k = 0; k < typed->input_count; k++) {
        op->inputs[k] = b->copies[typed->inputs[k]->id];
        op->input_ports[k] = typed->input_ports[k];
        for (u32 i = 0; i < b->test->input_count; i++) {
            const struct test_input *input = &b->test->inputs[i];
            if (!b->inputs[i] || input->op != typed->inputs[k] ||
                input->port != typed->input_ports[k])
                continue;
            op->inputs[k] = b->inputs[i];
            op->input_ports[k] = 0;
        }
    }
}

/* A test's job runs anywhere: cores and nodes are not there. Sinks stay out. */
static void copy_ops(struct builder *b) {
    for (u32 i = 0; i < b->typed->op_count; i++) {
        const struct lop *typed = b->typed->ops[i];
        if (typed->kind == LOP_SINK) continue;
        struct lop *op = add_op(b, typed->kind, typed->name);
        u32 id = op->id;
        *op = *typed;
        op->id = id;
        op->on_core = op->on_node = -1;
        redirect(b, op, typed);
        if (op->kind == LOP_SOURCE) replace_source(b, op, typed);
        if (op->kind == LOP_LOOKUP) op->table = replaced_table(b, typed->table);
        b->copies[i] = op;
    }
}

/* ---- what is expected ---- */

static void add_sink(struct builder *b, const char *name, struct lop *from, struct schema schema) {
    struct lop *op = add_op(b, LOP_SINK, name);
    read_op(b, op, from, 0);
    op->schema = schema;
    op->sink.connector = "shelf";
    op->sink_format.kind = FORMAT_TEST;
}

static struct schema output_schema(struct builder *b, const struct test_output *o, bool nullable) {
    struct schema schema = { arena_alloc(b->arena, (o->column_count + 1) * sizeof(struct column)),
                             o->column_count };
    for (u32 i = 0; i < o->column_count; i++) {
        schema.columns[i] = (struct column){ o->columns[i].name, o->columns[i].type };
        if (nullable) schema.columns[i].type.nullable = true;
    }
    return schema;
}

static void got(struct builder *b, const struct test_output *o, u32 number) {
    const char *name = arena_printf(b->arena, "got %u", number);
    struct lop *project = add_op(b, LOP_PROJECT, name);
    project->inputs = arena_alloc(b->arena, sizeof *project->inputs);
    struct lop reads = { .inputs = (struct lop *[]){ (struct lop *)(uintptr_t)o->op },
                         .input_ports = (u32[]){ o->port },
                         .input_count = 1 };
    redirect(b, project, &reads);
    project->input_count = 1;
    project->schema = output_schema(b, o, false);
    project->exprs = arena_alloc(b->arena, (o->column_count + 1) * sizeof *project->exprs);
    for (u32 i = 0; i < o->column_count; i++)
        project->exprs[i] = column_expr(b, o->columns[i].column, o->columns[i].type);
    add_sink(b, name, project, project->schema);
}

static void want(struct builder *b, const struct test_output *o, u32 number) {
    const char *name = arena_printf(b->arena, "want %u", number);
    struct lop *op = add_op(b, LOP_SOURCE, name);
    op->schema = output_schema(b, o, true);
    op->source = source_new(b, name, op->schema, &o->expected);
    add_sink(b, name, op, op->schema);
}

struct logical *test_plan(const struct logical *typed, const struct ttest *test,
                          struct arena *arena) {
    struct given *nothing = arena_alloc(arena, sizeof *nothing);
    struct logical *plan = arena_alloc(arena, sizeof *plan);
    struct builder b = { arena, typed, test, plan, .nothing = nothing };
    *plan = *typed;
    plan->op_count = plan->param_count = 0;
    plan->ops = arena_alloc(arena, (typed->op_count + test->input_count + 4 * test->output_count) *
                                       sizeof *plan->ops);
    b.copies = arena_alloc(arena, (typed->op_count + 1) * sizeof *b.copies);
    b.inputs = arena_alloc(arena, (test->input_count + 1) * sizeof *b.inputs);
    replace_tables(&b);
    for (u32 i = 0; i < test->input_count; i++) {
        const struct test_input *input = &test->inputs[i];
        bool declared = !input->table && input->op->kind == LOP_SOURCE && !input->port;
        if (!declared && !input->table) b.inputs[i] = cut(&b, input);
    }
    copy_ops(&b);
    for (u32 i = 0; i < test->output_count; i++) {
        got(&b, &test->outputs[i], i);
        want(&b, &test->outputs[i], i);
    }
    return logical_plan(plan, arena);
}
