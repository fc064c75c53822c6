#include "dsl/check.h"

#include "dsl/check_internal.h"
#include "dsl/logical.h"

#include <string.h>

/* ---- the order of streams: whom they read comes first ---- */

struct node {
    const struct ast_pipeline *pipeline; /* null: no stream, reads nobody */
    struct symbol *symbol;               /* null: a pipeline without a name */
    enum symbol_state state;
    u32 *reads; /* numbers of declarations */
    u32 read_count, read_room, next;
};

static void reads_operand(struct checker *c, struct node *node, const struct ast_operand *operand);

static void reads_of(struct checker *c, struct node *node, const struct ast_pipeline *pipeline) {
    reads_operand(c, node, &pipeline->head);
    for (u32 i = 0; i < pipeline->stages.count; i++) {
        const struct ast_stage *stage = pipeline->stages.at[i];
        if (stage->kind == AST_STAGE_JOIN) reads_operand(c, node, &stage->join.right);
        for (u32 k = 0; stage->kind == AST_STAGE_UNION && k < stage->with.count; k++)
            reads_operand(c, node, &stage->with.at[k]);
    }
}

static void reads_operand(struct checker *c, struct node *node, const struct ast_operand *operand) {
    if (operand->pipeline) {
        reads_of(c, node, operand->pipeline);
        return;
    }
    const struct symbol *symbol = name_find(c, operand->name.text);
    if (!symbol || (symbol->kind != SYMBOL_STREAM && symbol->kind != SYMBOL_SIDE)) return;
    node->reads =
        list_room(c->arena, node->reads, node->read_count, &node->read_room, sizeof *node->reads);
    node->reads[node->read_count++] = symbol->number;
}

static struct node *nodes_of(struct checker *c) {
    struct node *nodes = arena_alloc(c->arena, (c->decl_count + 1) * sizeof *nodes);
    u32 number = 0;
    for (u32 f = 0; f < c->parse->file_count; f++) {
        const struct ast_decls *decls = &c->parse->files[f]->decls;
        for (u32 i = 0; i < decls->count; i++, number++) {
            const struct ast_decl *d = decls->at[i];
            if (d->kind == AST_DECL_STREAM) nodes[number].pipeline = d->stream.pipeline;
            if (d->kind == AST_DECL_PIPELINE && f == 0) nodes[number].pipeline = d->pipeline;
        }
    }
    for (u32 i = 0; i < c->symbol_count; i++)
        if (c->symbols[i]->kind == SYMBOL_STREAM)
            nodes[c->symbols[i]->number].symbol = c->symbols[i];
    for (u32 i = 0; i < c->decl_count; i++)
        if (nodes[i].pipeline) reads_of(c, &nodes[i], nodes[i].pipeline);
    return nodes;
}

static const char *node_name(const struct node *node) {
    return node->symbol ? node->symbol->name.text : "a pipeline without a name";
}

/* path[from..depth) is the way round, back to its first. */
static void cycle(struct checker *c, const struct node *nodes, const u32 *path, u32 from,
                  u32 depth) {
    const struct node *first = &nodes[path[from]];
    struct text_buf text;
    text_buf_init(&text);
    for (u32 i = from; i < depth && text.size < 400; i++)
        text_buf_printf(&text, "%s reads ", node_name(&nodes[path[i]]));
    text_buf_str(&text, node_name(first));
    struct span span = first->symbol ? first->symbol->name.span : first->pipeline->span;
    struct diag *d = diag_error(c->diags, E0206, span, "`%s` depends on itself", node_name(first));
    diag_label(c->diags, d, "%s", text.at);
    for (u32 i = from + 1; i < depth && i < from + 8; i++)
        if (nodes[path[i]].symbol)
            diag_note(c->diags, d, nodes[path[i]].symbol->name.span, "on the way round");
    text_buf_fini(&text);
}

static void check_node(struct checker *c, const struct node *node) {
    stream_check(c, node->symbol, node->pipeline);
}

/* Depth first, with a path of our own: chains of streams may be long. */
static void visit(struct checker *c, struct node *nodes, u32 start, u32 *path) {
    u32 depth = 0;
    path[depth++] = start;
    nodes[start].state = SYMBOL_BUSY;
    while (depth) {
        struct node *node = &nodes[path[depth - 1]];
        if (node->next == node->read_count) {
            check_node(c, node);
            node->state = SYMBOL_DONE;
            depth--;
            continue;
        }
        u32 next = node->reads[node->next++];
        if (!nodes[next].pipeline || nodes[next].state == SYMBOL_DONE) continue;
        if (nodes[next].state == SYMBOL_BUSY) {
            u32 from = depth;
            while (path[from - 1] != next) from--;
            cycle(c, nodes, path, from - 1, depth);
            continue;
        }
        nodes[next].state = SYMBOL_BUSY;
        path[depth++] = next;
    }
}

static void streams(struct checker *c) {
    struct node *nodes = nodes_of(c);
    u32 *path = arena_alloc(c->arena, (c->decl_count + 1) * sizeof *path);
    for (u32 i = 0; i < c->decl_count; i++)
        if (nodes[i].pipeline && nodes[i].state == SYMBOL_NEW) visit(c, nodes, i, path);
}

/* ---- `stream a was b`: the state that an older job saved under b is a's ---- */

static void was_twice(struct checker *c, const struct symbol *symbol, struct ast_name was) {
    for (u32 i = 0; c->symbols[i] != symbol; i++) {
        const struct symbol *other = c->symbols[i];
        if (other->kind != SYMBOL_STREAM || !other->decl->stream.was.text ||
            strcmp(other->decl->stream.was.text, was.text))
            continue;
        struct diag *d = diag_error(c->diags, E0211, was.span, "`%s` was `%s` already",
                                    other->name.text, was.text);
        diag_note(c->diags, d, other->decl->stream.was.span, "here");
        diag_help(c->diags, d, "the state of a stream goes on in one stream only");
        return;
    }
}

static void was_check(struct checker *c, const struct symbol *symbol) {
    struct ast_name was = symbol->decl->stream.was;
    const struct symbol *there = name_find(c, was.text);
    if (there == symbol) {
        diag_error(c->diags, E0211, was.span, "`%s` is called so now", was.text);
    } else if (there && (there->kind == SYMBOL_STREAM || there->kind == SYMBOL_SOURCE ||
                         there->kind == SYMBOL_SIDE)) {
        struct diag *d =
            diag_error(c->diags, E0211, was.span, "`%s` is still a stream of this job", was.text);
        diag_note(c->diags, d, there->name.span, "its state is its own");
        diag_help(c->diags, d, "`was` gives the state of a name that is no longer there");
    } else {
        was_twice(c, symbol, was);
    }
}

/* A pipeline without a name is no symbol; its stages may have the old names. */
static void was_stages_check(struct checker *c) {
    const struct logical *job = c->job;
    for (u32 i = 0; i < job->op_count; i++) {
        if (!job->ops[i]->was || !lop_remembers(job->ops[i])) continue;
        for (u32 k = 0; k < job->op_count; k++) {
            if (!lop_remembers(job->ops[k]) || strcmp(job->ops[k]->name, job->ops[i]->was))
                continue;
            struct diag *d = diag_error(c->diags, E0211, job->ops[i]->span,
                                        "`%s` is still a stage of this job", job->ops[i]->was);
            diag_note(c->diags, d, job->ops[k]->span, "its state is its own");
            break;
        }
    }
}

static void renames(struct checker *c) {
    for (u32 i = 0; i < c->symbol_count; i++)
        if (c->symbols[i]->kind == SYMBOL_STREAM && c->symbols[i]->decl->stream.was.text)
            was_check(c, c->symbols[i]);
    if (!c->diags->error_count) was_stages_check(c);
}

/* ---- the rest ---- */

static void unread(struct checker *c) {
    for (u32 i = 0; i < c->symbol_count; i++) {
        const struct symbol *s = c->symbols[i];
        if (s->readers || !s->main_file || (s->kind != SYMBOL_STREAM && s->kind != SYMBOL_SIDE))
            continue;
        struct diag *d =
            diag_warning(c->diags, W0001, s->name.span, "nobody reads `%s`", s->name.text);
        diag_label(c->diags, d,
                   s->kind == SYMBOL_SIDE ? "its rows are only counted" : "it does not run");
        diag_help(c->diags, d, "give it a sink: `%s |> into print();`", s->name.text);
    }
}

static void declarations(struct checker *c, const struct param_setting *sets, u32 count) {
    params_check(c, sets, count);
    for (u32 i = 0; i < c->symbol_count; i++) {
        struct symbol *s = c->symbols[i];
        struct schema ignored;
        if (s->kind == SYMBOL_TYPE && s->decl->kind == AST_DECL_TYPE &&
            s->decl->type->kind == AST_TYPE_RECORD) {
            struct ast_type named = { .kind = AST_TYPE_NAMED,
                                      .span = s->name.span,
                                      .named.name = s->name };
            type_columns(c, &named, &ignored);
        } else if (s->kind == SYMBOL_TYPE) {
            struct ast_type named = { .kind = AST_TYPE_NAMED,
                                      .span = s->name.span,
                                      .named.name = s->name };
            type_resolve(c, &named);
        }
        if (s->kind == SYMBOL_FN) fn_check(c, s);
        if (s->kind == SYMBOL_SOURCE) source_check(c, s);
        if (s->kind == SYMBOL_TABLE) table_check(c, s);
    }
}

static void bound_params(struct checker *c) {
    struct logical *job = c->job;
    job->params = arena_alloc(c->arena, (c->symbol_count + 1) * sizeof *job->params);
    for (u32 i = 0; i < c->symbol_count; i++) {
        const struct symbol *s = c->symbols[i];
        if (s->kind != SYMBOL_PARAM || !s->param->bound) continue;
        job->params[job->param_count++] =
            (struct tparam){ s->name.text, s->param->type, s->param->has_default,
                             s->param->fallback, s->param->fallback_null };
    }
}

struct logical *check_typed(struct parse *parse, struct diags *diags,
                            const struct param_setting *sets, u32 count, struct arena *arena) {
    struct checker c = { .arena = arena, .diags = diags, .parse = parse };
    c.job = arena_alloc(arena, sizeof *c.job);
    c.job->ops = arena_alloc(arena, JOB_STAGES_MAX * sizeof(struct lop *));
    names_collect(&c);
    settings_check(&c);
    declarations(&c, sets, count);
    streams(&c);
    renames(&c);
    tests_check(&c);
    times_check(&c);
    if (diags->error_count) return NULL;
    unread(&c);
    bound_params(&c);
    logical_declared(c.job, arena);
    return c.job;
}

struct logical *check_job(struct parse *parse, struct diags *diags,
                          const struct param_setting *sets, u32 count, struct arena *arena) {
    const struct logical *typed = check_typed(parse, diags, sets, count, arena);
    return typed ? logical_plan(typed, arena) : NULL;
}
