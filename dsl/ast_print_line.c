#include "dsl/ast_print.h"

/* A line begins; the writer puts what is on it and ends it. */
struct text_buf *ast_begin(struct ast_printer *p, const char *word) {
    for (u32 i = 0; i < p->indent; i++) text_buf_str(p->to, "  ");
    text_buf_str(p->to, word);
    return p->to;
}

void ast_end(struct ast_printer *p) {
    text_buf_str(p->to, "\n");
}

void ast_line(struct ast_printer *p, const char *word) {
    ast_begin(p, word);
    ast_end(p);
}

/* What may be left out is no line then. */
void ast_line_name(struct ast_printer *p, const char *word, struct ast_name name) {
    if (!name.text) return;
    ast_put_name(ast_begin(p, word), name.text);
    ast_end(p);
}

void ast_line_const(struct ast_printer *p, const char *word, const struct ast_const *value) {
    if (!value) return;
    ast_put_const(ast_begin(p, word), value);
    ast_end(p);
}

void ast_line_expr(struct ast_printer *p, const char *word, const struct ast_expr *expr) {
    if (!expr) return;
    ast_put_expr(ast_begin(p, word), expr);
    ast_end(p);
}

void ast_line_type(struct ast_printer *p, const char *word, const struct ast_type *type) {
    if (!type) return;
    ast_put_type(ast_begin(p, word), type);
    ast_end(p);
}

void ast_line_flag(struct ast_printer *p, const char *word, struct span span) {
    if (span_is_somewhere(span)) ast_line(p, word);
}

void ast_line_items(struct ast_printer *p, const char *word, struct ast_items items) {
    ast_line(p, word);
    p->indent++;
    for (u32 i = 0; i < items.count; i++) {
        ast_put_item(ast_begin(p, ""), &items.at[i]);
        ast_end(p);
    }
    p->indent--;
}

void ast_line_names(struct ast_printer *p, const char *word, struct ast_names names) {
    struct text_buf *to = ast_begin(p, word);
    for (u32 i = 0; i < names.count; i++) {
        if (i > 0) text_buf_str(to, ", ");
        ast_put_name(to, names.at[i].text);
    }
    ast_end(p);
}

/* --- clauses --- */

void ast_line_keep(struct ast_printer *p, const struct ast_keep *keep) {
    if (!keep) return;
    struct text_buf *to = ast_begin(p, "keep ");
    if (keep->time)
        ast_put_const(to, keep->time);
    else
        text_buf_str(to, "forever");
    if (keep->wall) text_buf_str(to, " wall");
    ast_end(p);
}

void ast_line_late(struct ast_printer *p, const struct ast_late *late) {
    if (!late->into.text) return;
    ast_put_name(ast_begin(p, "late into "), late->into.text);
    if (late->into_right.text) {
        text_buf_str(p->to, ", ");
        ast_put_name(p->to, late->into_right.text);
    }
    ast_end(p);
}

void ast_line_call(struct ast_printer *p, const char *word, const struct ast_call *call) {
    ast_line_name(p, word, call->name);
    p->indent++;
    for (u32 i = 0; i < call->options.count; i++) {
        const struct ast_option *option = &call->options.at[i];
        struct text_buf *to = ast_begin(p, "");
        if (option->name.text) {
            ast_put_name(to, option->name.text);
            text_buf_str(to, ": ");
        }
        ast_put_expr(to, option->value);
        ast_end(p);
    }
    p->indent--;
}

void ast_line_watermark(struct ast_printer *p, const struct ast_watermark *watermark) {
    if (!watermark) return;
    switch (watermark->kind) {
    case AST_WATERMARK_LAG:
        ast_line_const(p, "watermark lag ", watermark->lag);
        break;
    case AST_WATERMARK_ASCENDING:
        ast_line(p, "watermark ascending");
        break;
    case AST_WATERMARK_ON:
        ast_line_expr(p, "watermark on ", watermark->on);
        break;
    case AST_WATERMARK_AT_END:
        ast_line(p, "watermark at end");
        break;
    }
}
