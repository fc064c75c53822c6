#include "dsl/ast_print.h"
#include "dsl/parse.h"

static void put_patience(struct ast_printer *p, const char *word,
                         const struct ast_patience *patience) {
    if (!patience) return;
    struct text_buf *to = ast_begin(p, word);
    if (patience->after)
        ast_put_const(to, patience->after);
    else
        text_buf_str(to, "never");
    if (patience->flush) text_buf_str(to, " flush");
    ast_end(p);
}

static void put_fate(struct ast_printer *p, const char *word, const struct ast_fate *fate) {
    if (!fate) return;
    struct text_buf *to = ast_begin(p, word);
    switch (fate->kind) {
    case AST_FATE_FAIL:
        text_buf_str(to, "fail");
        break;
    case AST_FATE_SKIP:
        text_buf_str(to, "skip");
        break;
    case AST_FATE_INTO:
        text_buf_str(to, "into ");
        ast_put_name(to, fate->into.text);
        break;
    }
    ast_end(p);
}

static void put_clauses(struct ast_printer *p, const struct ast_clauses *clauses) {
    ast_line_expr(p, "time ", clauses->time);
    ast_line_flag(p, "wall time", clauses->wall_time);
    ast_line_watermark(p, clauses->watermark);
    put_patience(p, "idle ", clauses->idle);
    put_patience(p, "ahead ", clauses->ahead);
    put_fate(p, "malformed ", clauses->malformed);
    ast_line_const(p, "reload ", clauses->reload);
    ast_line_expr(p, "delete when ", clauses->delete_when);
    ast_line_flag(p, "remote", clauses->remote);
    ast_line_flag(p, "unordered", clauses->unordered);
    ast_line_const(p, "capacity ", clauses->capacity);
    ast_line_const(p, "timeout ", clauses->timeout);
    ast_line_const(p, "retry ", clauses->retry);
    ast_line_const(p, "cache ", clauses->cache);
    put_fate(p, "failed ", clauses->failed);
}

/* --- tests --- */

static void put_rows(struct ast_printer *p, const struct ast_test_step *step) {
    p->indent++;
    for (u32 i = 0; i < step->rows.count; i++) {
        ast_put_record(ast_begin(p, ""), step->rows.at[i].items);
        ast_end(p);
    }
    p->indent--;
}

static void put_test_step(struct ast_printer *p, const struct ast_test_step *step) {
    static const char *const expects[] = { "expect ", "expect ordered ", "expect final " };
    switch (step->kind) {
    case AST_TEST_GIVEN:
        ast_line_name(p, "given ", step->name);
        break;
    case AST_TEST_WATERMARK:
        ast_put_name(ast_begin(p, "watermark "), step->name.text);
        text_buf_str(p->to, " ");
        ast_put_time(p->to, step->watermark_ns);
        ast_end(p);
        break;
    case AST_TEST_ADVANCE:
        ast_line_const(p, "advance ", step->by);
        break;
    case AST_TEST_RESTART:
        ast_line(p, "restart");
        break;
    case AST_TEST_END:
        ast_line(p, "end");
        break;
    case AST_TEST_EXPECT:
        ast_line_name(p, expects[step->expect], step->name);
        break;
    }
    put_rows(p, step);
}

/* --- declarations --- */

static void put_text(struct ast_printer *p, const char *word, struct str text) {
    ast_put_string(ast_begin(p, word), text);
    ast_end(p);
}

static void put_fields(struct ast_printer *p, const char *word, struct ast_fields fields) {
    for (u32 i = 0; i < fields.count; i++) {
        ast_put_name(ast_begin(p, word), fields.at[i].name.text);
        ast_line_type(&(struct ast_printer){ .to = p->to }, ": ", fields.at[i].type);
    }
}

static void put_aggregate(struct ast_printer *p, const struct ast_aggregate *aggregate) {
    put_fields(p, "param ", aggregate->params);
    ast_line_type(p, "type ", aggregate->type);
    ast_print_states(p, aggregate->states);
    ast_print_block(p, "add", aggregate->add);
    ast_print_block(p, "merge", aggregate->merge);
    ast_print_block(p, "retract", aggregate->retract);
    ast_line_expr(p, "result ", aggregate->result);
}

static const char *decl_text(enum ast_decl_kind kind) {
    switch (kind) {
    case AST_DECL_USE:
        return "use ";
    case AST_DECL_SET:
        return "set ";
    case AST_DECL_PARAM:
        return "param ";
    case AST_DECL_ENUM:
        return "enum ";
    case AST_DECL_TYPE:
        return "type ";
    case AST_DECL_FN:
        return "fn ";
    case AST_DECL_EXTERN:
        return "extern fn ";
    case AST_DECL_AGGREGATE:
        return "aggregate ";
    case AST_DECL_SOURCE:
        return "source ";
    case AST_DECL_TABLE:
        return "table ";
    case AST_DECL_STREAM:
        return "stream ";
    case AST_DECL_PIPELINE:
        return "pipeline";
    case AST_DECL_TEST:
        return "test ";
    }
    return NULL;
}

static void put_fn(struct ast_printer *p, const struct ast_decl *decl) {
    put_fields(p, "param ", decl->fn.params);
    ast_line_type(p, "type ", decl->fn.result);
    ast_line_expr(p, "body ", decl->fn.body);
    if (decl->kind == AST_DECL_EXTERN) put_text(p, "from ", decl->fn.from);
}

static void put_table(struct ast_printer *p, const struct ast_decl *decl) {
    ast_line_type(p, "type ", decl->table.type);
    ast_line_names(p, "key ", decl->table.key);
    if (decl->table.call) ast_line_call(p, "call ", decl->table.call);
    if (decl->table.clauses) put_clauses(p, decl->table.clauses);
    if (decl->table.pipeline) ast_print_pipeline(p, decl->table.pipeline);
}

/* What stands under the line of a declaration. */
static void put_decl_body(struct ast_printer *p, const struct ast_decl *decl) {
    switch (decl->kind) {
    case AST_DECL_USE:
        break;
    case AST_DECL_SET:
        ast_line_expr(p, "value ", decl->set);
        break;
    case AST_DECL_PARAM:
        ast_line_type(p, "type ", decl->param.type);
        ast_line_expr(p, "value ", decl->param.initial);
        break;
    case AST_DECL_ENUM:
        ast_line_names(p, "members ", decl->members);
        break;
    case AST_DECL_TYPE:
        if (decl->type->kind == AST_TYPE_RECORD && !decl->type->nullable)
            put_fields(p, "", decl->type->record);
        else
            ast_line_type(p, "type ", decl->type);
        break;
    case AST_DECL_FN:
    case AST_DECL_EXTERN:
        put_fn(p, decl);
        break;
    case AST_DECL_AGGREGATE:
        put_aggregate(p, decl->aggregate);
        break;
    case AST_DECL_SOURCE:
        ast_line_type(p, "type ", decl->source.type);
        ast_line_call(p, "call ", decl->source.call);
        put_clauses(p, decl->source.clauses);
        break;
    case AST_DECL_TABLE:
        put_table(p, decl);
        break;
    case AST_DECL_STREAM:
        ast_line_name(p, "was ", decl->stream.was);
        ast_print_pipeline(p, decl->stream.pipeline);
        break;
    case AST_DECL_PIPELINE:
        ast_print_pipeline(p, decl->pipeline);
        break;
    case AST_DECL_TEST:
        for (u32 i = 0; i < decl->test.steps.count; i++) put_test_step(p, &decl->test.steps.at[i]);
        break;
    }
}

void ast_print(const struct ast_file *file, struct text_buf *to) {
    struct ast_printer p = { .to = to };
    for (u32 i = 0; i < file->decls.count; i++) {
        const struct ast_decl *decl = file->decls.at[i];
        ast_begin(&p, decl_text(decl->kind));
        if (decl->name.text) ast_put_name(to, decl->name.text);
        if (decl->kind == AST_DECL_USE) ast_put_string(to, decl->use.path);
        if (decl->kind == AST_DECL_TEST) ast_put_string(to, decl->test.title);
        ast_end(&p);
        p.indent++;
        put_decl_body(&p, decl);
        p.indent--;
    }
}
