/* What the two printers of the tree share. A node is a line; what is under it stands two columns to
   the right. Types and expressions are written on one line, fully bracketed, as in a job. */
#ifndef DSL_AST_PRINT_H
#define DSL_AST_PRINT_H

#include "dsl/ast.h"
#include "runtime/base/text_buf.h"

void ast_put_type(struct text_buf *to, const struct ast_type *type);
void ast_put_expr(struct text_buf *to, const struct ast_expr *expr);
void ast_put_item(struct text_buf *to, const struct ast_item *item);
void ast_put_items(struct text_buf *to, struct ast_items items);
void ast_put_exprs(struct text_buf *to, struct ast_exprs exprs);
void ast_put_const(struct text_buf *to, const struct ast_const *value);
void ast_put_string(struct text_buf *to, struct str string);
void ast_put_time(struct text_buf *to, i64 time_ns);
/* In back-quotes if it is no plain name. */
void ast_put_name(struct text_buf *to, const char *name);

#endif
