/* What the parts of the checker share.
     check.c            the entry: order of streams, what nobody reads
     check_settings.c   `set`
     check_names.c      the one name space; types, enums; nearest names
     check_param.c      params: defaults, --set, sizes and times of stages
     check_make.c       nodes of typed expressions; literals meet types; casts
     check_expr.c       expressions; check_path.c names and fields; check_op.c operators;
   check_call.c functions; check_narrow.c     what a condition says of null check_connector.c
   connectors and their options; check_source.c sources and tables check_stage.c      pipelines;
   check_project.c select, let, drop, rename, explode; check_window.c key, window;
                        check_aggregate.c; check_join.c lookup, union
     check_test.c, check_test_rows.c   tests
   What was refused has type TYPE_NONE, or rows that are `open`: whatever is looked for in them is
   silently of no type, so one mistake is told once. */
#ifndef DSL_CHECK_INTERNAL_H
#define DSL_CHECK_INTERNAL_H

#include "dsl/check.h"
#include "dsl/functions.h"
#include "dsl/types.h"

#define ROW_COLUMNS_MAX 1024u
#define JOB_STAGES_MAX 4096u
#define AGGREGATES_MAX 256u /* of one stage */

/* ---- names ---- */

enum symbol_kind {
    SYMBOL_PARAM,
    SYMBOL_TYPE, /* enums too */
    SYMBOL_FN,
    SYMBOL_AGGREGATE,
    SYMBOL_SOURCE,
    SYMBOL_TABLE,
    SYMBOL_STREAM,
    SYMBOL_SIDE, /* `late into`, `malformed into`: rows beside those of its owner */
};

enum symbol_state { SYMBOL_NEW, SYMBOL_BUSY, SYMBOL_DONE };

struct rows;

struct symbol {
    enum symbol_kind kind;
    enum symbol_state state; /* BUSY: being worked out, so who meets it again has found a cycle */
    bool main_file;
    bool refused; /* an error was told: users stay silent */
    struct ast_name name;
    const struct ast_decl *decl; /* of a side stream: the one that it is written in */
    u32 readers;
    u32 number; /* of the declaration that it is of */

    struct type type;     /* TYPE: what it stands for; TYPE_NONE: a record */
    struct schema record; /* TYPE: of a record, when asked for */
    struct texpr *body;   /* FN: its params are the columns of `rows` */
    struct rows *rows;    /* SOURCE, STREAM, SIDE: null until known */
    struct ttable *table;
    struct param *param;
};

struct param {
    struct symbol *symbol;
    struct type type;
    bool has_default, has_value;
    bool bound;  /* used by an option that is bound at start */
    bool missed; /* that it has no value was told */
    union value fallback, value;
    bool fallback_null, value_null;
};

/* ---- rows: what flows between two stages, as the author sees it ---- */

/* The record that a lookup adds: its fields are the columns first, first + 1, ... */
struct record {
    const char **names;
    struct type *types; /* as the table has them */
    i32 matched;        /* the hidden column that says whether there is one; -1: always */
};

struct field {
    const char *name;
    u32 first, count;
    struct record *record; /* null: a plain column */
};

struct rows {
    struct lop *op;
    u32 port;
    struct schema schema; /* visible columns, then hidden ones */
    u32 hidden_count;
    struct field *fields; /* the visible ones by name */
    u32 field_count;
    const char *alias; /* what `a.x` may be said with, until a stage makes new rows; or null */
    i32 event_time;    /* column, or -1 */
    bool has_watermark;
    const struct twindow *window; /* of which the rows are, each by its event time: behind a
                                     windowed stage and stateless ones; or null */
    bool open;                    /* behind something that was refused */
    struct span panes;   /* the window that these rows may be several panes of; else nowhere */
    struct span updates; /* the window that takes rows back; else nowhere: rows are only added.
                            With a hidden column OP_COLUMN */
};

/* ---- the checker ---- */

struct checker {
    struct arena *arena;
    struct diags *diags;
    const struct parse *parse;
    struct logical *job;
    struct symbol **symbols; /* as declared */
    u32 symbol_count, symbol_room;
    u32 decl_count;        /* declarations are numbered through all files */
    struct symbol **table; /* open addressing by name */
    u32 table_size;
    const char **op_names; /* names of operators that are taken, open addressing too */
    u32 op_room, op_name_size;
    u32 depth; /* of the expression, with the bodies of the functions that it calls */
    u32 alias_depth;
    u32 made;       /* nodes made for the expression being checked */
    bool too_large; /* told for this expression */
    bool too_many;  /* stages: told */
};

/* "`what` is not supported yet": one code for all that later versions do. */
struct diag *not_yet(struct checker *c, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A growing list in an arena: room for one more behind `count` items. */
void *list_room(struct arena *arena, void *at, u32 count, u32 *room, size_t size);

/* ---- check_names.c ---- */

void names_collect(struct checker *c);
struct symbol *name_find(const struct checker *c, const char *name);
/* "type", "stream", ... with its article. */
const char *symbol_kind_words(enum symbol_kind kind);
bool worth_a_hint(const struct checker *c);
/* The nearest declared name of one of these kinds (bits 1 << kind), or null. */
const char *name_nearest(struct checker *c, const char *name, u32 kinds);
/* The name is unknown, or of another kind than `wanted` says ("a stream"). */
void name_unknown(struct checker *c, struct ast_name name, const char *wanted, u32 kinds);

/* The type; of kind TYPE_NONE if it was refused. */
struct type type_resolve(struct checker *c, const struct ast_type *type);
/* The columns that a record type, named or in place, stands for. False: told. */
bool type_columns(struct checker *c, const struct ast_type *type, struct schema *schema);

/* ---- check_param.c ---- */

void params_check(struct checker *c, const struct param_setting *sets, u32 count);
struct texpr *param_constant(struct checker *c, struct symbol *symbol, struct span span);
/* A duration, count or size of a stage or clause, a param's value included. False: told. */
bool const_duration(struct checker *c, const struct ast_const *value, const char *what, i64 *ns);
bool const_count(struct checker *c, const struct ast_const *value, const char *what, u64 max,
                 u64 *count);
/* A literal, or a negated one, of this type. Null: told. */
struct texpr *literal_of_type(struct checker *c, const struct ast_expr *e, struct type type,
                              const char *what);

/* ---- check_make.c ---- */

/* `format(template, value, ...)` with a constant template: a concat of texts. */
struct texpr *check_format(struct checker *c, struct texpr **args, u32 count, struct span span);

struct texpr *make_none(struct checker *c, struct span span);
struct texpr *make_column(struct checker *c, u32 column, struct type type, struct span span);
struct texpr *make_const(struct checker *c, struct type type, union value value, struct span span);
struct texpr *make_null(struct checker *c, struct type type, struct span span);
struct texpr *make_bool(struct checker *c, bool value, struct span span);
struct texpr *make_node(struct checker *c, enum texpr_kind kind, struct type type, struct span span,
                        u32 arg_count, struct texpr *const *args);
struct texpr *make_unary(struct checker *c, enum texpr_op op, struct type type, struct texpr *of,
                         struct span span);
struct texpr *make_binary(struct checker *c, enum texpr_op op, struct type type, struct texpr *left,
                          struct texpr *right, struct span span);
struct texpr *make_cast(struct checker *c, struct texpr *of, struct type type, struct span span);
/* The same value, of a type without `?`. */
struct texpr *make_not_null(struct checker *c, struct texpr *e);

/* Tells that the expression is too large, once. */
struct texpr *too_large(struct checker *c, struct span span);

bool is_refused(const struct texpr *e); /* TYPE_NONE */
bool is_null_literal(const struct texpr *e);

/* An f32 has no value near numbers beyond its range. */
bool float_holds(struct type type, double value);

/* e as a value of `type` (its nullability follows e's): a literal takes the type, others widen.
 *Null if that cannot be, told if a diagnostic says why already. */
struct texpr *make_fit(struct checker *c, struct texpr *e, struct type type, bool *told);
/* All of one type. False if there is none; *told as above. */
bool make_meet(struct checker *c, struct texpr **at, u32 count, bool *told);

const char *name_type(struct checker *c, struct type type);

/* ---- expressions ---- */

/* Columns that are known not to be null here. */
struct known {
    const struct known *outer;
    const bool *columns; /* by column of the rows */
};

struct aggregation;

struct scope {
    struct checker *c;
    const struct rows *rows; /* null: no columns here */
    const struct known *known;
    struct aggregation *aggregation; /* the items of `aggregate` */
    bool in_aggregate;               /* an argument of an aggregate */
    bool stateless;                  /* of a stage that remembers nothing: has `watermark()` */
    const char *place;               /* "`fn f`": whose names these are; null: a row's */
};

/* check_expr.c. Never null; TYPE_NONE if something was told. check_whole is for the top of an
 * expression. */
struct texpr *check_expr(struct scope *s, const struct ast_expr *e);
struct texpr *check_whole(struct scope *s, const struct ast_expr *e);
/* Of type bool, or NONE; `word` is what it stands behind. */
struct texpr *check_condition(struct scope *s, const struct ast_expr *e, const char *word);

/* check_path.c */
enum path_kind { PATH_NOTHING, PATH_REFUSED, PATH_COLUMN, PATH_RECORD, PATH_ROW };
struct path {
    enum path_kind kind;
    u32 column;                /* COLUMN */
    const struct field *field; /* RECORD */
};
/* What `a`, `a.b`, `a.b.c` mean among the columns; NOTHING is not told. */
struct path path_find(struct scope *s, const struct ast_expr *e);
struct texpr *check_name(struct scope *s, const struct ast_expr *e);
struct texpr *check_field(struct scope *s, const struct ast_expr *e);
struct texpr *column_of(struct scope *s, u32 column, struct span span);
const struct field *field_find(const struct rows *rows, const char *name);
void column_unknown(struct scope *s, const char *name, struct span span);

/* check_op.c */
struct texpr *check_unary(struct scope *s, const struct ast_expr *e);
struct texpr *check_binary(struct scope *s, const struct ast_expr *e);
struct texpr *check_between(struct scope *s, const struct ast_expr *e);
struct texpr *check_in(struct scope *s, const struct ast_expr *e);
/* left op right, both checked and not refused. */
struct texpr *arithmetic(struct scope *s, enum texpr_op op, struct texpr *left, struct texpr *right,
                         struct span span);
struct texpr *compare(struct scope *s, enum texpr_op op, struct texpr *left, struct texpr *right,
                      struct span span);

/* check_call.c */
struct texpr *check_call(struct scope *s, const struct ast_expr *e);
void fn_check(struct checker *c, struct symbol *fn);

/* check_narrow.c: `*columns` (one for each column of rows) becomes true where the column cannot be
 * null if e is true. */
void narrow(const struct rows *rows, const struct texpr *e, bool *columns);
/* The scope in which e is known to be true; `room` is for its notes. */
struct scope scope_where(const struct scope *s, const struct texpr *e, struct known *room);

/* ---- aggregates ---- */

struct aggregation {
    struct scope input; /* of the arguments: the rows that come in */
    struct agg *aggs;
    u32 count;
    u32 first; /* the column of aggs[0] among (keys, window columns, aggregates) */
};
/* A call of an aggregate among the items. */
struct texpr *check_aggregate_call(struct scope *s, const struct ast_expr *e,
                                   const struct aggregate_def *def);

bool texpr_equal(const struct texpr *a, const struct texpr *b);

/* ---- connectors ---- */

/* use: enum option_use of io/connector.h. False: told. */
bool connector_check(struct checker *c, const struct ast_call *call, u32 use,
                     struct connector_call *out, struct format *format);
/* The columns that the connector has by itself, or null. */
const struct column *connector_columns(const char *connector, const struct format *format,
                                       u32 *count);
/* The columns that `partition` names, if the call has it. False: told. */
bool partition_check(struct checker *c, const struct ast_call *call, const struct schema *rows,
                     struct partition *out);
/* These columns, but for those of `apart`, can travel in this format. False: told at `span`. */
bool format_carries(struct checker *c, const struct format *format, const struct schema *schema,
                    const struct partition *apart, struct span span);

/* ---- settings, sources, streams ---- */

/* ---- check_source.c: of sources and of `time` stages, over their rows ---- */

/* Null: told. */
struct texpr *event_time_check(struct scope *rows, const struct ast_expr *time);
bool watermark_check(struct scope *rows, const struct ast_watermark *w, struct twatermark *out);

void settings_check(struct checker *c);
void source_check(struct checker *c, struct symbol *symbol);
void table_check(struct checker *c, struct symbol *symbol);
void tests_check(struct checker *c);
/* A stream, or (symbol null) a pipeline without a name. */
void stream_check(struct checker *c, struct symbol *symbol, const struct ast_pipeline *pipeline);

/* ---- windows ---- */

#define WINDOW_NS_MAX                                                                              \
    (36500ll * 24 * 3600 * 1000000000) /* a hundred years: sums of two stay in range */

/* At least `least` (0 or 1) ns. False: told. */
bool window_duration(struct checker *c, const struct ast_const *value, const char *what, i64 least,
                     i64 *ns);

/* check_emit.c: the triggers and the mode of a window whose shape and lateness are known. False:
   told. */
struct pipe;
struct ast_stage;
bool window_emit(struct pipe *p, const struct ast_window *w, struct twindow *shape);
bool triggers_say(const struct ttriggers *t);
bool window_may_repeat(const struct twindow *w); /* several panes of one window may come */

/* ---- streams that update ---- */

#define OP_COLUMN "op"

bool rows_update(const struct rows *rows);
u32 rows_op(const struct rows *rows); /* its column, where they do */
/* Can the stage have them? False: told. */
bool updates_may_go(struct pipe *p, const struct ast_stage *stage);
/* Before a sink: what a row does is its first column. False: told. */
bool rows_show_op(struct pipe *p, const struct ast_stage *stage, const struct connector_call *call,
                  const struct format *format);

/* ---- stages ---- */

struct pending_key {
    struct texpr *expr;
    const char *name;
    struct span span;
};

struct pipe {
    struct checker *c;
    const char *base; /* operators are called base/word */
    const char *was;  /* what base was in an older job, or null */
    const char *head; /* the stream or source that it begins with: its sink is called by it */
    bool named;       /* else a sink ends it */
    struct rows rows;
    struct span key_span; /* `key by` that waits for its stage; nowhere: none */
    struct pending_key *keys;
    u32 key_count;
    const struct ast_window *window; /* waits for its stage */
    struct span window_span;
    struct twindow shape;
    u32 parallel;
    i32 on_core, on_node;
    bool ended; /* `into` was there */
    bool holds_state;
};

/* A new operator at the end of the pipe, reading its rows; input_count 0: a source. */
struct lop *pipe_op(struct pipe *p, enum lop_kind kind, const struct ast_stage *stage,
                    const char *label);
/* The pipe's rows are now what `op` gives, with this schema. */
void pipe_gives(struct pipe *p, struct lop *op, struct schema schema, u32 hidden_count);
struct lop *op_new(struct checker *c, enum lop_kind kind, const char *name, const char *label,
                   struct span span);
void op_read(struct checker *c, struct lop *op, const struct rows *rows);
/* "stream/word", numbered if it is taken. */
const char *op_name(struct checker *c, const char *base, const char *word);
/* Is the watermark of what comes from here the clock? */
bool rows_by_clock(const struct lop *op);
void rows_open(struct rows *rows); /* something was refused: anything may be in them */
struct scope pipe_scope(struct pipe *p);

/* Columns of a row under construction; a name that is there already is told. */
struct row_builder {
    struct pipe *p;
    struct texpr **exprs;
    struct column *columns;
    struct field *fields;
    struct span *spans; /* by field */
    u32 column_count, field_count, column_room, field_room;
    struct texpr *time, *on; /* `time`: the new event time, and what W follows if that is not it */
    bool refused;
};
void row_begin(struct row_builder *b, struct pipe *p);
void row_column(struct row_builder *b, const char *name, struct texpr *expr, struct span span);
void row_field(struct row_builder *b, const char *name, const struct field *field,
               struct span span);
bool row_is_free(struct row_builder *b, const char *name, struct span span);
/* PROJECT: these columns, and the hidden ones behind them. */
void row_end(struct row_builder *b, const struct ast_stage *stage, const char *label);

/* A value that can be a column: of a type, and no list. */
struct texpr *check_column_value(struct scope *s, const struct ast_expr *e);
/* What an item is called: its name, or c of `a.b.c`; null if it has none. */
const char *item_name(const struct ast_item *item);
/* Over other columns: column i is now to[i]. */
struct texpr *texpr_moved(struct checker *c, const struct texpr *e, const u32 *to);

void stage_where(struct pipe *p, const struct ast_stage *stage);
void stage_select(struct pipe *p, const struct ast_stage *stage);
void stage_let(struct pipe *p, const struct ast_stage *stage);
void stage_drop(struct pipe *p, const struct ast_stage *stage);
void stage_rename(struct pipe *p, const struct ast_stage *stage);
void stage_explode(struct pipe *p, const struct ast_stage *stage);
void stage_time(struct pipe *p, const struct ast_stage *stage);
/* To a stage of fine time (stage/fine.h) rows of a source come by one time only. */
void times_check(struct checker *c);
void stage_key(struct pipe *p, const struct ast_stage *stage);
/* The source, windowed stage or union that the column is of, unchanged on the way; of none: op is
   null. */
struct origin {
    const struct lop *op;
    u32 column;
};
struct origin origin_of(const struct lop *op, u32 port, u32 column);

/* `window same` behind a session: do the rows tell of which session they are; and by which columns,
   as they come to the stage (check_same.c). */
bool session_is_carried(struct pipe *p);
void session_columns(struct pipe *p, struct lop *op);
void stage_window(struct pipe *p, const struct ast_stage *stage);
/* check_aggregate.c: what all stages of a key and window have in common. */
void group_needs_window(struct pipe *p, const struct ast_stage *stage, const char *label);
void group_counts_again(struct pipe *p, const struct ast_stage *stage);
void group_keeps(struct pipe *p, const struct ast_keep *keep); /* there is nothing to keep */
bool group_is_windowed(const struct pipe *p);                  /* it adds window columns */
/* AGGREGATE of the pipe's keys and window. */
struct lop *group_op(struct pipe *p, const struct ast_stage *stage, const char *label);
/* The pipe's rows are these columns (keys, window columns, items) and the hidden ones of a window;
   fields are up to the caller. */
void group_gives(struct pipe *p, struct lop *op, const struct column *visible, u32 count);
void group_ends(struct pipe *p); /* key and window have had their stage */

/* check_rows.c: top, first, last, distinct, reduce */
void stage_rows(struct pipe *p, const struct ast_stage *stage);

void stage_aggregate(struct pipe *p, const struct ast_stage *stage);
void stage_lookup(struct pipe *p, const struct ast_stage *stage);
void stage_hold(struct pipe *p, const struct ast_stage *stage);
void stage_union(struct pipe *p, const struct ast_stage *stage);
void stage_into(struct pipe *p, const struct ast_stage *stage);
/* The rows of an operand: a stream's, or those of a pipeline in parentheses. */
struct rows operand_rows(struct pipe *p, const struct ast_operand *operand);
/* The flat schema of rows for a sink: a record column p gives p_x. */
void rows_flatten(struct pipe *p, const struct ast_stage *stage, const struct format *format);

#endif
