/* What the printers of the tree share. A node is a line; what is under it stands two columns to the
   right. Types and expressions are written on one line, fully bracketed, as in a job. */
#ifndef DSL_AST_PRINT_H
#define DSL_AST_PRINT_H

#include "dsl/ast.h"
#include "runtime/base/text_buf.h"

struct ast_printer {
    struct text_buf *to;
    u32 indent;
};

/* --- ast_print_expr.c: within a line --- */

void ast_put_type(struct text_buf *to, const struct ast_type *type);
void ast_put_expr(struct text_buf *to, const struct ast_expr *expr);
void ast_put_item(struct text_buf *to, const struct ast_item *item);
void ast_put_record(struct text_buf *to, struct ast_items items);
void ast_put_exprs(struct text_buf *to, struct ast_exprs exprs);
void ast_put_const(struct text_buf *to, const struct ast_const *value);
void ast_put_string(struct text_buf *to, struct str string);
void ast_put_time(struct text_buf *to, i64 time_ns);
/* In back-quotes if it is no plain name. */
void ast_put_name(struct text_buf *to, const char *name);

/* --- ast_print_line.c: lines; what was left out in the job makes none --- */

/* A line begins with the word; the caller puts the rest and ends it. */
struct text_buf *ast_begin(struct ast_printer *p, const char *word);
void ast_end(struct ast_printer *p);

void ast_line(struct ast_printer *p, const char *word);
void ast_line_flag(struct ast_printer *p, const char *word, struct span span);
void ast_line_name(struct ast_printer *p, const char *word, struct ast_name name);
void ast_line_names(struct ast_printer *p, const char *word, struct ast_names names);
void ast_line_const(struct ast_printer *p, const char *word, const struct ast_const *value);
void ast_line_expr(struct ast_printer *p, const char *word, const struct ast_expr *expr);
void ast_line_type(struct ast_printer *p, const char *word, const struct ast_type *type);
void ast_line_items(struct ast_printer *p, const char *word, struct ast_items items);
void ast_line_keep(struct ast_printer *p, const struct ast_keep *keep);
void ast_line_late(struct ast_printer *p, const struct ast_late *late);
void ast_line_call(struct ast_printer *p, const char *word, const struct ast_call *call);
void ast_line_watermark(struct ast_printer *p, const struct ast_watermark *watermark);

/* --- ast_print_body.c, ast_print_stage.c --- */

void ast_print_states(struct ast_printer *p, struct ast_states states);
void ast_print_block(struct ast_printer *p, const char *word, struct ast_block block);
void ast_print_process(struct ast_printer *p, const struct ast_process *process);
void ast_print_match(struct ast_printer *p, const struct ast_match *match);
void ast_print_pipeline(struct ast_printer *p, const struct ast_pipeline *pipeline);

#endif
