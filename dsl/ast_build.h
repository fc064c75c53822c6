/* The grammar's hands: make nodes of the tree. Nothing is checked here but what keeps the tree
   itself in shape: an expression does not get deeper than passes may recurse, and a clause is said
   once. All nodes live in the arena of the parse. */
#ifndef DSL_AST_BUILD_H
#define DSL_AST_BUILD_H

#include "dsl/parse_internal.h"

#define AST_DEPTH_MAX 1000 /* levels of one expression */

/* Append an item of so many bytes to a list {at, count} of such items. */
void ast_push(struct parser *p, void *list, const void *item, size_t size);

/* A copy that stays. */
void *ast_keep(struct parser *p, const void *node, size_t size);

/* A name written as a word of the language. */
struct ast_name ast_word(struct parser *p, struct span span);

/* Whether a clause or flag of a node, which begins all zero, has got its value. */
bool ast_is_said(const void *field, size_t size);
/* Report the second of two. */
void ast_once(struct parser *p, bool said_before, struct span span);
/* Report, once a text, that it nests too deeply. */
void ast_too_deep(struct parser *p, struct span span);

struct ast_type *ast_type(struct parser *p, enum ast_type_kind kind, struct span span);
struct ast_type *ast_plain_type(struct parser *p, struct span span, const char *name);
struct ast_type *ast_sized_type(struct parser *p, struct span span, const char *name,
                                struct span name_span, u64 precision, u64 scale);
struct ast_type *ast_list_type(struct parser *p, struct span span, struct ast_type *element);
struct ast_type *ast_map_type(struct parser *p, struct span span, struct ast_type *key,
                              struct ast_type *value);
struct ast_type *ast_record_type(struct parser *p, struct span span, struct ast_fields fields);

struct ast_expr *ast_expr(struct parser *p, enum ast_expr_kind kind, struct span span);
struct ast_expr *ast_text(struct parser *p, struct span span, struct str string);
struct ast_expr *ast_real(struct parser *p, struct span span, struct number number);
struct ast_expr *ast_field(struct parser *p, struct span span, struct ast_expr *of,
                           struct ast_name name);
struct ast_expr *ast_index(struct parser *p, struct span span, struct ast_expr *of,
                           struct ast_expr *index);
struct ast_expr *ast_unary(struct parser *p, struct span span, enum ast_unary op,
                           struct ast_expr *of);
struct ast_expr *ast_binary(struct parser *p, enum ast_binary op, struct span op_span,
                            struct ast_expr *left, struct ast_expr *right);
struct ast_expr *ast_cast(struct parser *p, struct span span, struct ast_expr *value,
                          struct ast_type *type);
struct ast_expr *ast_between(struct parser *p, bool is_not, struct ast_expr *value,
                             struct ast_expr *low, struct ast_expr *high);
struct ast_expr *ast_in(struct parser *p, struct span span, bool is_not, struct ast_expr *value,
                        struct ast_exprs list);
struct ast_expr *ast_is_null(struct parser *p, struct span span, bool is_not,
                             struct ast_expr *value);
struct ast_expr *ast_if(struct parser *p, struct span span, struct ast_expr *condition,
                        struct ast_expr *then, struct ast_expr *otherwise);
struct ast_expr *ast_case(struct parser *p, struct span span, struct ast_whens whens,
                          struct ast_expr *otherwise);
struct ast_expr *ast_list(struct parser *p, struct span span, struct ast_exprs list);
struct ast_expr *ast_record(struct parser *p, struct span span, struct ast_items items);
/* What stands in the parentheses of a call, and the call. */
struct ast_expr *ast_args(struct parser *p, struct span distinct, struct ast_exprs args,
                          struct ast_expr *where);
struct ast_expr *ast_call(struct parser *p, struct span span, struct ast_name name,
                          struct ast_expr *args);

void ast_set_clause(struct parser *p, struct ast_clauses *clauses, struct clause clause);

/* Stages: the span of the whole is set where the stage joins its pipeline. */
struct ast_stage *ast_stage(struct parser *p, enum ast_stage_kind kind, struct span word);
struct ast_stage *ast_items_stage(struct parser *p, enum ast_stage_kind kind, struct span word,
                                  struct ast_items items);
struct ast_stage *ast_explode(struct parser *p, struct span word, struct ast_name name,
                              struct ast_expr *list);
struct ast_stage *ast_time(struct parser *p, struct span word, struct ast_expr *expr,
                           struct ast_watermark *watermark);
struct ast_stage *ast_grouping(struct parser *p, enum ast_stage_kind kind, struct span word,
                               struct ast_items items, struct ast_keep *keep);
struct ast_stage *ast_pick(struct parser *p, enum ast_stage_kind kind, struct span word,
                           struct ast_orders by, struct ast_expr *delete_when,
                           struct ast_keep *keep);
enum ast_over_kind ast_over_unit(struct span rows);
struct ast_stage *ast_over(struct parser *p, struct span word, enum ast_over_kind kind,
                           struct ast_const *size, struct ast_items items);
struct ast_stage *ast_hold(struct parser *p, struct span word, struct ast_expr *until,
                           struct ast_late late);
struct ast_stage *ast_join(struct parser *p, struct span word, enum ast_join_kind kind,
                           struct ast_operand right, struct ast_expr *on);
struct ast_stage *ast_lookup(struct parser *p, struct span word, bool left, struct ast_name table,
                             struct ast_name alias, struct ast_expr *on);
struct ast_stage *ast_match_stage(struct parser *p, struct span word, struct ast_match *match,
                                  struct ast_steps steps, struct ast_items items);
struct ast_stage *ast_on(struct parser *p, struct span word, enum ast_place place,
                         struct ast_const *number);

struct ast_step ast_repeat(u64 min, u64 max);
struct ast_step ast_not_step(struct span span, struct ast_name name, struct ast_expr *where);
struct ast_handler ast_handler(enum ast_handler_kind kind, struct span span, struct ast_name timer,
                               struct ast_block block);

struct ast_block ast_block_of(struct parser *p, struct ast_stmt *stmt);
struct ast_stmt *ast_assign(struct parser *p, struct span span, struct ast_name name,
                            struct ast_expr *index, enum ast_assign op, struct ast_expr *value);
struct ast_stmt *ast_call_stmt(struct parser *p, struct span span, struct ast_name name,
                               struct ast_exprs args);
struct ast_stmt *ast_let_stmt(struct parser *p, struct span span, struct ast_name name,
                              struct ast_expr *value);
struct ast_stmt *ast_emit(struct parser *p, struct span span, struct ast_record record,
                          struct ast_name into);
/* `timer NAME at E`, or without a time `cancel timer NAME` */
struct ast_stmt *ast_timer(struct parser *p, struct span span, struct ast_name name,
                           struct ast_expr *at);
struct ast_stmt *ast_if_stmt(struct parser *p, struct span span, struct ast_expr *condition,
                             struct ast_block then, struct ast_block otherwise);
struct ast_stmt *ast_for(struct parser *p, struct span span, struct ast_name name,
                         struct ast_expr *list, struct ast_block block);

struct ast_decl *ast_use(struct parser *p, struct span span, struct str path,
                         struct span path_span);
struct ast_decl *ast_set(struct parser *p, struct span span, struct ast_name name,
                         struct ast_expr *literal);
struct ast_decl *ast_param(struct parser *p, struct span span, struct ast_name name,
                           struct ast_type *type, struct ast_expr *initial);
struct ast_decl *ast_enum(struct parser *p, struct span span, struct ast_name name,
                          struct ast_names members);
struct ast_decl *ast_named_type(struct parser *p, struct span span, struct ast_name name,
                                struct ast_type *type);
struct ast_decl *ast_fn(struct parser *p, struct span span, struct ast_name name,
                        struct ast_fields params, struct ast_type *result, struct ast_expr *body);
struct ast_decl *ast_extern(struct parser *p, struct span span, struct ast_name name,
                            struct ast_fields params, struct ast_type *result, struct str from,
                            struct span from_span);
struct ast_decl *ast_own_aggregate(struct parser *p, struct span span, struct ast_name name,
                                   struct ast_fields params, struct ast_type *type,
                                   struct ast_aggregate *aggregate);
struct ast_decl *ast_source(struct parser *p, struct span span, struct ast_name name,
                            struct ast_type *type, struct ast_call *call,
                            struct ast_clauses *clauses);
struct ast_decl *ast_table(struct parser *p, struct span span, struct ast_name name,
                           struct ast_type *type, struct ast_names key, struct ast_call *call,
                           struct ast_clauses *clauses, struct ast_pipeline *pipeline);
struct ast_decl *ast_stream(struct parser *p, struct span span, struct ast_name name,
                            struct ast_name was, struct ast_pipeline *pipeline);
struct ast_decl *ast_unnamed(struct parser *p, struct span span, struct ast_pipeline *pipeline);
struct ast_decl *ast_test(struct parser *p, struct span span, struct str title,
                          struct ast_test_steps steps);

#endif
