#include <inttypes.h>

#include "dsl/ast_print.h"

static void put_block(struct ast_printer *p, struct ast_block block);

static void put_assign(struct ast_printer *p, const struct ast_stmt *stmt) {
    static const char *const ops[] = { " = ", " += ", " -= " };
    struct text_buf *to = ast_begin(p, "");
    ast_put_name(to, stmt->assign.name.text);
    if (stmt->assign.index) {
        text_buf_str(to, "[");
        ast_put_expr(to, stmt->assign.index);
        text_buf_str(to, "]");
    }
    text_buf_str(to, ops[stmt->assign.op]);
    ast_put_expr(to, stmt->assign.value);
    ast_end(p);
}

static void put_timer(struct ast_printer *p, const struct ast_stmt *stmt) {
    struct text_buf *to = ast_begin(p, stmt->timer.at ? "timer" : "cancel timer");
    if (stmt->timer.name.text) {
        text_buf_str(to, " ");
        ast_put_name(to, stmt->timer.name.text);
    }
    if (stmt->timer.at) {
        text_buf_str(to, " at ");
        ast_put_expr(to, stmt->timer.at);
    }
    ast_end(p);
}

static void put_stmt(struct ast_printer *p, const struct ast_stmt *stmt) {
    switch (stmt->kind) {
    case AST_STMT_ASSIGN:
        put_assign(p, stmt);
        break;
    case AST_STMT_CALL:
        ast_put_name(ast_begin(p, "call "), stmt->call.name.text);
        text_buf_str(p->to, "(");
        ast_put_exprs(p->to, stmt->call.args);
        text_buf_str(p->to, ")\n");
        break;
    case AST_STMT_LET:
        ast_put_name(ast_begin(p, "let "), stmt->let.name.text);
        text_buf_str(p->to, " = ");
        ast_put_expr(p->to, stmt->let.value);
        ast_end(p);
        break;
    case AST_STMT_EMIT:
        ast_line_items(p, "emit", stmt->emit.record.items);
        p->indent++;
        ast_line_name(p, "into ", stmt->emit.into);
        p->indent--;
        break;
    case AST_STMT_TIMER:
    case AST_STMT_CANCEL:
        put_timer(p, stmt);
        break;
    case AST_STMT_IF:
        ast_line_expr(p, "if ", stmt->choice.condition);
        put_block(p, stmt->choice.then);
        if (!span_is_somewhere(stmt->choice.otherwise.span)) break;
        ast_line(p, "else");
        put_block(p, stmt->choice.otherwise);
        break;
    case AST_STMT_FOR:
        ast_put_name(ast_begin(p, "for "), stmt->loop.name.text);
        text_buf_str(p->to, " in ");
        ast_put_expr(p->to, stmt->loop.list);
        ast_end(p);
        put_block(p, stmt->loop.block);
        break;
    }
}

static void put_block(struct ast_printer *p, struct ast_block block) {
    p->indent++;
    for (u32 i = 0; i < block.count; i++) put_stmt(p, block.at[i]);
    p->indent--;
}

void ast_print_block(struct ast_printer *p, const char *word, struct ast_block block) {
    if (!span_is_somewhere(block.span)) return;
    ast_line(p, word);
    put_block(p, block);
}

void ast_print_states(struct ast_printer *p, struct ast_states states) {
    for (u32 i = 0; i < states.count; i++) {
        const struct ast_state *state = &states.at[i];
        ast_put_name(ast_begin(p, "state "), state->name.text);
        text_buf_str(p->to, ": ");
        ast_put_type(p->to, state->type);
        if (state->initial) {
            text_buf_str(p->to, " = ");
            ast_put_expr(p->to, state->initial);
        }
        ast_end(p);
        p->indent++;
        ast_line_name(p, "was ", state->was);
        ast_line_keep(p, state->keep);
        ast_line_const(p, "max ", state->max);
        p->indent--;
    }
}

void ast_print_process(struct ast_printer *p, const struct ast_process *process) {
    ast_print_states(p, process->states);
    for (u32 i = 0; i < process->handlers.count; i++) {
        const struct ast_handler *handler = &process->handlers.at[i];
        struct text_buf *to = ast_begin(p, handler->kind == AST_ON_EVENT ? "on event" : "on timer");
        if (handler->timer.text) {
            text_buf_str(to, " ");
            ast_put_name(to, handler->timer.text);
        }
        if (span_is_somewhere(handler->wall)) text_buf_str(to, " wall");
        ast_end(p);
        put_block(p, handler->block);
    }
}

static void put_step(struct ast_printer *p, const struct ast_step *step) {
    static const char *const links[] = { "step ", "then ", "next " };
    struct text_buf *to = ast_begin(p, links[step->link]);
    if (step->is_not) text_buf_str(to, "not ");
    ast_put_name(to, step->name.text);
    if (step->repeated && step->repeat_max == AST_REPEAT_OPEN)
        text_buf_printf(to, " {%" PRIu64 ",}", step->repeat_min);
    else if (step->repeated)
        text_buf_printf(to, " {%" PRIu64 ",%" PRIu64 "}", step->repeat_min, step->repeat_max);
    ast_end(p);
    p->indent++;
    ast_line_expr(p, "where ", step->where);
    p->indent--;
}

void ast_print_match(struct ast_printer *p, const struct ast_match *match) {
    for (u32 i = 0; i < match->steps.count; i++) put_step(p, &match->steps.at[i]);
    ast_line_const(p, "within ", match->within);
    switch (match->skip) {
    case AST_SKIP_DEFAULT:
        break;
    case AST_SKIP_PAST_LAST:
        ast_line(p, "skip past last");
        break;
    case AST_SKIP_TO_NEXT:
        ast_line(p, "skip to next");
        break;
    case AST_SKIP_TO_FIRST:
        ast_line_name(p, "skip to first ", match->skip_to);
        break;
    case AST_SKIP_TO_LAST:
        ast_line_name(p, "skip to last ", match->skip_to);
        break;
    }
    ast_line_name(p, "timeout into ", match->timeout_into);
    ast_line_late(p, &match->late);
    ast_line_keep(p, match->keep);
    ast_line_items(p, "select", match->items);
}
