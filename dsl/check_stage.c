/* Pipelines: a head, and stages that each take the rows of the one before. */
#include "dsl/check_internal.h"

#include "dsl/logical.h"
#include "runtime/base/hash.h"
#include "io/connector.h"

#include <stdlib.h>
#include <string.h>

/* ---- operators ---- */

static bool take_name(struct checker *c, const char *name) {
    if (2 * c->op_name_size >= c->op_room) {
        const char **old = c->op_names;
        u32 old_room = c->op_room;
        c->op_room = old_room ? 2 * old_room : 256;
        c->op_names = arena_alloc(c->arena, c->op_room * sizeof *c->op_names);
        c->op_name_size = 0;
        for (u32 i = 0; i < old_room; i++)
            if (old[i]) take_name(c, old[i]);
    }
    u32 i = (u32)hash_bytes(name, strlen(name), 0) & (c->op_room - 1);
    for (; c->op_names[i]; i = (i + 1) & (c->op_room - 1))
        if (!strcmp(c->op_names[i], name)) return false;
    c->op_names[i] = name;
    c->op_name_size++;
    return true;
}

const char *op_name(struct checker *c, const char *base, const char *word) {
    const char *name = word ? arena_printf(c->arena, "%s/%s", base, word) : base;
    for (u32 n = 2; !take_name(c, name); n++)
        name = word ? arena_printf(c->arena, "%s/%s%u", base, word, n)
                    : arena_printf(c->arena, "%s%u", base, n);
    return name;
}

struct lop *op_new(struct checker *c, enum lop_kind kind, const char *name, const char *label,
                   struct span span) {
    if (c->job->op_count >= JOB_STAGES_MAX && !c->too_many) {
        diag_error(c->diags, E0413, span, "a job has at most %u stages", JOB_STAGES_MAX);
        c->too_many = true;
    }
    struct lop *op = arena_alloc(c->arena, sizeof *op);
    *op = (struct lop){ .kind = kind,
                        .name = name,
                        .label = label,
                        .span = span,
                        .event_time = -1,
                        .looked_matched = -1,
                        .on_core = -1,
                        .on_node = -1 };
    if (c->job->op_count < JOB_STAGES_MAX) {
        op->id = c->job->op_count;
        c->job->ops[c->job->op_count++] = op;
    }
    return op;
}

void op_read(struct checker *c, struct lop *op, const struct rows *rows) {
    struct lop **inputs = arena_alloc(c->arena, (op->input_count + 1) * sizeof *inputs);
    u32 *ports = arena_alloc(c->arena, (op->input_count + 1) * sizeof *ports);
    if (op->input_count) {
        memcpy(inputs, op->inputs, op->input_count * sizeof *inputs);
        memcpy(ports, op->input_ports, op->input_count * sizeof *ports);
    }
    inputs[op->input_count] = rows->op;
    ports[op->input_count] = rows->port;
    op->inputs = inputs;
    op->input_ports = ports;
    op->input_count++;
}

struct lop *pipe_op(struct pipe *p, enum lop_kind kind, const struct ast_stage *stage,
                    const char *label) {
    char word[16];
    u32 n = 0;
    while (n < sizeof word - 1 && label[n] && label[n] != ' ') {
        word[n] = label[n];
        n++;
    }
    word[n] = 0;
    struct lop *op = op_new(p->c, kind, op_name(p->c, p->base, word), label, stage->word);
    if (p->was) op->was = arena_printf(p->c->arena, "%s%s", p->was, op->name + strlen(p->base));
    op_read(p->c, op, &p->rows);
    op->parallel = p->parallel;
    op->on_core = p->on_core;
    op->on_node = p->on_node;
    return op;
}

void pipe_gives(struct pipe *p, struct lop *op, struct schema schema, u32 hidden_count) {
    op->schema = schema;
    op->hidden_count = hidden_count;
    op->event_time = p->rows.event_time;
    p->rows.op = op;
    p->rows.port = 0;
    p->rows.schema = schema;
    p->rows.hidden_count = hidden_count;
}

void rows_open(struct rows *rows) {
    rows->open = true;
}

bool rows_by_clock(const struct lop *op) {
    if (op->kind == LOP_AGGREGATE && op->window.wall) return true;
    for (u32 i = 0; i < op->input_count; i++)
        if (rows_by_clock(op->inputs[i])) return true;
    return false;
}

struct scope pipe_scope(struct pipe *p) {
    return (struct scope){ .c = p->c, .rows = &p->rows, .stateless = true };
}

/* ---- heads ---- */

static struct rows no_rows(const char *alias) {
    return (struct rows){ .open = true, .event_time = -1, .alias = alias };
}

/* Those of a declared name. Streams have been checked in an order in which that was possible. */
static struct rows named_rows(struct pipe *p, const struct ast_operand *operand) {
    struct checker *c = p->c;
    struct symbol *symbol = name_find(c, operand->name.text);
    bool flows = symbol && (symbol->kind == SYMBOL_SOURCE || symbol->kind == SYMBOL_STREAM ||
                            symbol->kind == SYMBOL_SIDE);
    if (!flows) {
        name_unknown(c, operand->name, "a stream or a source",
                     1u << SYMBOL_SOURCE | 1u << SYMBOL_STREAM | 1u << SYMBOL_SIDE);
        return no_rows(operand->name.text);
    }
    symbol->readers++;
    if (!symbol->rows) return no_rows(operand->name.text);
    struct rows rows = *symbol->rows;
    rows.alias = symbol->name.text;
    return rows;
}

static void pipeline_check(struct pipe *p, const struct ast_pipeline *pipeline);
static void pipe_end(struct pipe *p, struct span span);

struct rows operand_rows(struct pipe *p, const struct ast_operand *operand) {
    struct rows rows;
    if (operand->pipeline) {
        struct pipe inner = {
            .c = p->c, .base = p->base, .was = p->was, .named = true, .on_core = -1, .on_node = -1
        };
        pipeline_check(&inner, operand->pipeline);
        pipe_end(&inner, operand->span);
        p->holds_state = p->holds_state || inner.holds_state;
        rows = inner.rows;
        rows.alias = NULL;
    } else {
        rows = named_rows(p, operand);
    }
    if (operand->alias.text) rows.alias = operand->alias.text;
    return rows;
}

/* ---- stages that are not there yet ---- */

static void stage_later(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    struct str word = text_of_span(&c->parse->texts, stage->word);
    not_yet(c, stage->word, "the stage `%.*s`", (int)(word.size > 60 ? 60 : word.size), word.at);
    rows_open(&p->rows);
    p->rows.panes = (struct span){ 0 };
    if (stage->kind == AST_STAGE_CHANGES) return;
    p->key_span = p->window_span = (struct span){ 0 };
    p->window = NULL;
    p->rows.field_count = p->rows.hidden_count = 0;
}

static void stage_joined(struct pipe *p, const struct ast_stage *stage) {
    operand_rows(p, &stage->join.right);
    stage_later(p, stage);
}

/* ---- the scope rule: only `where`, `let` and placement stand between key or window and their
 * stage ---- */

static const char *scope_word(const struct pipe *p) {
    return span_is_somewhere(p->key_span) ? "key by" : "window";
}

static bool has_scope(const struct pipe *p) {
    return span_is_somewhere(p->key_span) || span_is_somewhere(p->window_span);
}

static void drop_scope(struct pipe *p) {
    p->key_span = p->window_span = (struct span){ 0 };
    p->window = NULL;
}

static bool may_stand_between(enum ast_stage_kind kind) {
    return kind == AST_STAGE_WHERE || kind == AST_STAGE_LET || kind == AST_STAGE_PARALLEL ||
           kind == AST_STAGE_ON || kind == AST_STAGE_BREAK || kind == AST_STAGE_KEY ||
           kind == AST_STAGE_WINDOW;
}

static bool takes_key(enum ast_stage_kind kind) {
    return kind == AST_STAGE_AGGREGATE || kind == AST_STAGE_REDUCE || kind == AST_STAGE_TOP ||
           kind == AST_STAGE_FIRST || kind == AST_STAGE_LAST || kind == AST_STAGE_DISTINCT ||
           kind == AST_STAGE_OVER || kind == AST_STAGE_PROCESS || kind == AST_STAGE_MATCH ||
           kind == AST_STAGE_INTO;
}

static bool takes_window(const struct ast_stage *stage) {
    enum ast_stage_kind kind = stage->kind;
    if (kind == AST_STAGE_JOIN) return span_is_somewhere(stage->join.same_window);
    return kind == AST_STAGE_AGGREGATE || kind == AST_STAGE_REDUCE || kind == AST_STAGE_TOP ||
           kind == AST_STAGE_FIRST || kind == AST_STAGE_LAST || kind == AST_STAGE_DISTINCT;
}

static void keep_scope(struct pipe *p, const struct ast_stage *stage) {
    if (!has_scope(p) || may_stand_between(stage->kind)) return;
    bool key_ends = span_is_somewhere(p->key_span) && !takes_key(stage->kind);
    bool window_ends = span_is_somewhere(p->window_span) && !takes_window(stage);
    if (!key_ends && !window_ends) return;
    struct span span = key_ends ? p->key_span : p->window_span;
    struct str word = text_of_span(&p->c->parse->texts, stage->word);
    struct diag *d =
        diag_error(p->c->diags, E0403, stage->word, "`%.*s` comes between `%s` and its stage",
                   (int)(word.size > 60 ? 60 : word.size), word.at, key_ends ? "key by" : "window");
    diag_note(p->c->diags, d, span, "acts on the next stage that uses it");
    if (stage->kind == AST_STAGE_SELECT)
        diag_help(p->c->diags, d, "use `let`, or `select` before the `%s`",
                  key_ends ? "key by" : "window");
    else
        diag_help(p->c->diags, d, "only `where`, `let` and placement may stand there");
    drop_scope(p);
}

static void pipe_end(struct pipe *p, struct span span) {
    if (!has_scope(p) || p->rows.open) return;
    struct span from = span_is_somewhere(p->key_span) ? p->key_span : p->window_span;
    struct diag *d =
        diag_error(p->c->diags, E0403, from, "`%s` has no stage to act on", scope_word(p));
    diag_help(p->c->diags, d, "a stage such as `aggregate n = count()` follows it");
    drop_scope(p);
}

/* ---- placement ---- */

static void stage_parallel(struct pipe *p, const struct ast_stage *stage) {
    u64 n;
    if (!const_count(p->c, stage->parallel, "`parallel`", p->c->job->shards, &n)) return;
    if (!n) diag_error(p->c->diags, E0404, stage->parallel->span, "`parallel` is at least 1");
    p->parallel = (u32)n;
}

static void stage_on(struct pipe *p, const struct ast_stage *stage) {
    u64 n;
    bool core = stage->on.place == AST_PLACE_CORE;
    if (!const_count(p->c, stage->on.number, core ? "the number of a core" : "the number of a node",
                     65535, &n))
        return;
    p->on_core = core ? (i32)n : -1;
    p->on_node = core ? -1 : (i32)n;
}

static void stage_break(struct pipe *p, const struct ast_stage *stage) {
    struct lop *op = pipe_op(p, LOP_BREAK, stage, "break");
    pipe_gives(p, op, p->rows.schema, p->rows.hidden_count);
}

/* ---- into ---- */

static void tell_promise(struct checker *c, const struct connector_call *call) {
    if (c->job->snapshots.guarantee != JOB_EXACTLY_ONCE || sink_is_exact(call->connector)) return;
    struct diag *d =
        diag_warning(c->diags, W0007, call->span, "`%s` is at least once", call->connector);
    diag_label(c->diags, d, "after a crash rows since the last snapshot come again");
    diag_help(c->diags, d, "`file` is exactly once");
}

static void sink_op(struct pipe *p, const struct ast_stage *stage,
                    const struct connector_call *call, const struct format *format) {
    struct checker *c = p->c;
    if (format->kind == FORMAT_LINES) {
        diag_error(c->diags, E0506, call->span, "`format: lines` is only read");
        return;
    }
    rows_flatten(p, stage, format);
    if (!rows_show_op(p, stage, call, format)) return;
    struct schema schema = { p->rows.schema.columns, p->rows.schema.count - p->rows.hidden_count };
    struct partition partition = { 0 };
    if (!p->rows.open && (!partition_check(c, stage->into, &schema, &partition) ||
                          !format_carries(c, format, &schema, &partition, call->span)))
        return;
    const char *name = op_name(c, p->head, stage->into->name.text);
    struct lop *op = op_new(c, LOP_SINK, name, "into", stage->span);
    const struct symbol *head = name_find(c, p->head);
    if (head && head->kind == SYMBOL_STREAM && head->decl->stream.was.text)
        op->was =
            arena_printf(c->arena, "%s%s", head->decl->stream.was.text, name + strlen(p->head));
    op_read(c, op, &p->rows);
    op->schema = schema;
    op->sink = *call;
    tell_promise(c, call);
    op->sink_format = *format;
    op->partition = partition;
    op->parallel = p->parallel;
    op->on_core = p->on_core;
    op->on_node = p->on_node;
}

void stage_into(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    p->ended = true;
    if (p->named) {
        struct diag *d =
            diag_error(c->diags, E0411, stage->word, "a stream with a name ends in no sink");
        diag_help(c->diags, d, "write the sink apart: `%s |> into ...;`", p->base);
    }
    struct connector_call call;
    struct format format;
    bool right = connector_check(c, stage->into, USE_SINK, &call, &format);
    if (span_is_somewhere(p->key_span) && right) {
        struct diag *d = diag_warning(c->diags, W0005, p->key_span, "`key by` has no effect here");
        diag_label(c->diags, d, "`%s` does not write by key", call.connector);
    }
    drop_scope(p);
    if (right && !p->named) sink_op(p, stage, &call, &format);
}

/* ---- pipelines ---- */

static void stage_check(struct pipe *p, const struct ast_stage *stage) {
    switch (stage->kind) {
    case AST_STAGE_WHERE:
        stage_where(p, stage);
        return;
    case AST_STAGE_SELECT:
        stage_select(p, stage);
        return;
    case AST_STAGE_LET:
        stage_let(p, stage);
        return;
    case AST_STAGE_RENAME:
        stage_rename(p, stage);
        return;
    case AST_STAGE_DROP:
        stage_drop(p, stage);
        return;
    case AST_STAGE_EXPLODE:
        stage_explode(p, stage);
        return;
    case AST_STAGE_KEY:
        stage_key(p, stage);
        return;
    case AST_STAGE_WINDOW:
        stage_window(p, stage);
        return;
    case AST_STAGE_AGGREGATE:
        stage_aggregate(p, stage);
        return;
    case AST_STAGE_UNION:
        stage_union(p, stage);
        return;
    case AST_STAGE_LOOKUP:
        stage_lookup(p, stage);
        return;
    case AST_STAGE_PARALLEL:
        stage_parallel(p, stage);
        return;
    case AST_STAGE_ON:
        stage_on(p, stage);
        return;
    case AST_STAGE_BREAK:
        stage_break(p, stage);
        return;
    case AST_STAGE_HOLD:
        stage_hold(p, stage);
        return;
    case AST_STAGE_INTO:
        stage_into(p, stage);
        return;
    case AST_STAGE_JOIN:
        stage_joined(p, stage);
        return;
    case AST_STAGE_REDUCE:
    case AST_STAGE_DISTINCT:
    case AST_STAGE_TOP:
    case AST_STAGE_FIRST:
    case AST_STAGE_LAST:
        stage_rows(p, stage);
        return;
    case AST_STAGE_TIME:
        stage_time(p, stage);
        return;
    case AST_STAGE_OVER:
    case AST_STAGE_CHANGES:
    case AST_STAGE_PROCESS:
    case AST_STAGE_MATCH:
        stage_later(p, stage);
    }
}

static void pipeline_check(struct pipe *p, const struct ast_pipeline *pipeline) {
    struct checker *c = p->c;
    p->rows = operand_rows(p, &pipeline->head);
    for (u32 i = 0; i < pipeline->stages.count && !c->too_many; i++) {
        const struct ast_stage *stage = pipeline->stages.at[i];
        if (p->ended) {
            diag_error(c->diags, E0411, stage->word, "nothing comes after `into`");
            return;
        }
        keep_scope(p, stage);
        bool fits = updates_may_go(p, stage);
        if (fits || stage->kind == AST_STAGE_WINDOW)
            stage_check(p, stage);
        else
            drop_scope(p);
    }
}

/* An unnamed pipeline is named by its sink. */
static const char *sink_name(struct checker *c, const struct ast_pipeline *pipeline) {
    const struct ast_stages *stages = &pipeline->stages;
    const struct ast_stage *last = stages->count ? stages->at[stages->count - 1] : NULL;
    const char *base = last && last->kind == AST_STAGE_INTO ? last->into->name.text : "pipeline";
    const char *name = op_name(c, base, NULL);
    for (u32 n = 2; name_find(c, name); n++)
        name = op_name(c, arena_printf(c->arena, "%s%u", base, n), NULL);
    return name;
}

/* The stream or source that a pipeline begins with. */
static const char *head_name(const struct ast_pipeline *pipeline) {
    while (pipeline->head.pipeline) pipeline = pipeline->head.pipeline;
    return pipeline->head.name.text;
}

void stream_check(struct checker *c, struct symbol *symbol, const struct ast_pipeline *pipeline) {
    struct pipe p = { .c = c, .named = symbol != NULL, .on_core = -1, .on_node = -1 };
    p.base = symbol ? symbol->name.text : sink_name(c, pipeline);
    p.was = symbol ? symbol->decl->stream.was.text : NULL;
    p.head = head_name(pipeline);
    pipeline_check(&p, pipeline);
    pipe_end(&p, pipeline->span);
    if (symbol) {
        symbol->rows = arena_alloc(c->arena, sizeof *symbol->rows);
        *symbol->rows = p.rows;
        return;
    }
    if (!p.ended && !c->too_many) {
        struct diag *d = diag_error(c->diags, E0411, pipeline->span, "these rows go nowhere");
        diag_help(c->diags, d,
                  "end the pipeline in a sink, `|> into print()`, or name it, `stream x = ...`");
    } else if (p.holds_state) {
        struct diag *d =
            diag_warning(c->diags, W0004, pipeline->span, "a pipeline that remembers has no name");
        diag_label(c->diags, d, "its state is found again as `%s`", p.base);
        diag_help(
            c->diags, d,
            "name it, `stream x = ...; x |> into ...;`, so that it is found again after changes");
    }
}
