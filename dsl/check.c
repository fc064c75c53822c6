#include "dsl/check.h"

#include "dsl/check_internal.h"
#include "dsl/logical.h"

#include <string.h>

/* ---- settings ---- */

static void set_unknown(struct checker *c, const struct ast_decl *d) {
    static const char *const known[] = { "parallelism", "memory", "shards" };
    static const char *const later[] = { "snapshot_every", "guarantee" };
    for (u32 i = 0; i < sizeof later / sizeof *later; i++)
        if (!strcmp(d->name.text, later[i])) {
            not_yet(c, d->name.span, "`set %s`", later[i]);
            return;
        }
    struct diag *diag = diag_error(c->diags, E0210, d->name.span, "no setting `%s`", d->name.text);
    const char *near = diag_nearest(d->name.text, known, 3);
    if (near)
        diag_help(c->diags, diag, "did you mean `%s`?", near);
    else
        diag_help(c->diags, diag, "there are parallelism, memory, shards");
}

static void set_wrong(struct checker *c, const struct ast_decl *d, const char *takes) {
    diag_error(c->diags, E0210, d->set->span, "`%s` takes %s", d->name.text, takes);
}

static void set_check(struct checker *c, const struct ast_decl *d) {
    struct logical *job = c->job;
    const struct ast_expr *e = d->set;
    bool integer = e->kind == AST_EXPR_INT;
    if (!strcmp(d->name.text, "parallelism")) {
        if (!integer || e->integer < 1 || e->integer > job->shards)
            set_wrong(c, d, "a number from 1 to 128");
        else
            job->parallelism = (u32)e->integer;
    } else if (!strcmp(d->name.text, "memory")) {
        if (e->kind != AST_EXPR_SIZE || e->size_bytes < 1 << 20)
            set_wrong(c, d, "a size of at least 1MiB, as in 4GiB");
        else
            job->memory_bytes = e->size_bytes;
    } else if (!strcmp(d->name.text, "shards")) {
        if (!integer)
            set_wrong(c, d, "a number");
        else if (e->integer != job->shards)
            not_yet(c, e->span, "another number of shards than %u", job->shards);
    } else {
        set_unknown(c, d);
    }
}

static void settings(struct checker *c) {
    const struct ast_decls *decls = &c->parse->files[0]->decls;
    c->job->shards = 128;
    for (u32 i = 0; i < decls->count; i++) {
        const struct ast_decl *d = decls->at[i];
        if (d->kind == AST_DECL_TEST) {
            struct diag *diag = diag_warning(c->diags, W0002, d->span,
                                             "`test` is not supported yet: it is left out");
            diag_label(c->diags, diag, "not looked at");
        }
        if (d->kind != AST_DECL_SET) continue;
        for (u32 k = 0; k < i; k++) {
            if (decls->at[k]->kind != AST_DECL_SET || strcmp(decls->at[k]->name.text, d->name.text))
                continue;
            struct diag *diag =
                diag_error(c->diags, E0202, d->name.span, "`%s` is set twice", d->name.text);
            diag_note(c->diags, diag, decls->at[k]->name.span, "here is the first");
            break;
        }
        set_check(c, d);
    }
}

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
    if (node->symbol && node->symbol->decl->stream.was.text)
        not_yet(c, node->symbol->decl->stream.was.span, "`was`");
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
    settings(&c);
    declarations(&c, sets, count);
    streams(&c);
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
