/* The tree of a parsed `.flow` text: just what was written, with places, nothing worked out
   (grammar: section 16 of the language reference). One tagged union per family: types, constants,
   expressions, stages, statements, steps of tests, declarations. The parser builds it and nobody
   changes it; the checker makes its own, typed tree from it. Conventions: every node has a span;
   what was left out is a null pointer, a name without text, or, where a word alone says it, a span
   that is nowhere. Lists are {at, count}. All of it lives in the arena of the parse. */
#ifndef DSL_AST_H
#define DSL_AST_H

#include "dsl/text.h"
#include "runtime/base/base.h"

struct ast_expr;
struct ast_type;
struct ast_pipeline;
struct ast_stmt;
struct ast_stage;

/* A name: NUL-terminated, without its back-quotes; text is null if it was left out. */
struct ast_name {
    const char *text;
    struct span span;
};

struct ast_names {
    struct ast_name *at;
    u32 count;
};

/* --- types --- */

struct ast_field {
    struct ast_name name;
    struct ast_type *type;
};

struct ast_fields {
    struct ast_field *at;
    u32 count;
};

enum ast_type_kind { AST_TYPE_NAMED, AST_TYPE_LIST, AST_TYPE_MAP, AST_TYPE_RECORD };

struct ast_type {
    enum ast_type_kind kind;
    bool nullable; /* `?` follows */
    struct span span;
    union {
        struct {
            struct ast_name name;
            bool has_digits; /* (precision, scale) follow */
            u64 precision;
            u64 scale;
        } named;
        struct ast_type *element; /* LIST */
        struct {
            struct ast_type *key;
            struct ast_type *value;
        } map;
        struct ast_fields record;
    };
};

/* --- constants: the sizes and times of stages and clauses --- */

enum ast_const_kind { AST_CONST_INT, AST_CONST_DURATION, AST_CONST_SIZE, AST_CONST_NAME };

struct ast_const {
    enum ast_const_kind kind;
    struct span span;
    union {
        u64 count;
        i64 duration_ns;
        u64 size_bytes;
        const char *name; /* of a param */
    };
};

/* --- expressions --- */

enum ast_item_kind {
    AST_ITEM_EXPR,  /* [name =] expr */
    AST_ITEM_ALL,   /* * */
    AST_ITEM_SPREAD /* expr.* */
};

struct ast_item {
    enum ast_item_kind kind;
    struct span span;
    struct ast_name name;
    struct ast_expr *expr; /* null for `*` */
};

struct ast_items {
    struct ast_item *at;
    u32 count;
};

struct ast_exprs {
    struct ast_expr **at;
    u32 count;
};

struct ast_when {
    struct ast_expr *when;
    struct ast_expr *then;
};

struct ast_whens {
    struct ast_when *at;
    u32 count;
};

enum ast_unary { AST_NEGATE, AST_BIT_NOT, AST_NOT };

enum ast_binary {
    AST_OR,
    AST_AND,
    AST_EQUAL,
    AST_NOT_EQUAL,
    AST_LESS,
    AST_LESS_EQUAL,
    AST_GREATER,
    AST_GREATER_EQUAL,
    AST_ELSE, /* ?? */
    AST_BIT_OR,
    AST_BIT_XOR,
    AST_BIT_AND,
    AST_SHIFT_LEFT,
    AST_SHIFT_RIGHT,
    AST_ADD,
    AST_SUBTRACT,
    AST_MULTIPLY,
    AST_DIVIDE,
    AST_REMAINDER
};

enum ast_expr_kind {
    AST_EXPR_NULL,
    AST_EXPR_BOOL,
    AST_EXPR_INT,
    AST_EXPR_FLOAT,
    AST_EXPR_STRING,
    AST_EXPR_DURATION,
    AST_EXPR_SIZE,
    AST_EXPR_TIMESTAMP,
    AST_EXPR_DATE,
    AST_EXPR_NAME,
    AST_EXPR_FIELD, /* of.name */
    AST_EXPR_INDEX, /* of[index] */
    AST_EXPR_CALL,  /* name([distinct] args [where E]) */
    AST_EXPR_UNARY,
    AST_EXPR_BINARY,
    AST_EXPR_CAST, /* value as type */
    AST_EXPR_BETWEEN,
    AST_EXPR_IN,
    AST_EXPR_IS_NULL,
    AST_EXPR_IF, /* if(condition, then, otherwise) */
    AST_EXPR_CASE,
    AST_EXPR_LIST,
    AST_EXPR_RECORD
};

/* Parentheses leave no node; the span of what they enclose includes them. */
struct ast_expr {
    enum ast_expr_kind kind;
    u32 depth; /* levels below and with this one: bounded, so passes may recurse */
    struct span span;
    union {
        bool boolean;
        u64 integer; /* without sign: `-` is an operator */
        struct {
            const char *digits; /* as written, without `_`: exact for a decimal */
            double value;
        } real;
        struct str string; /* decoded, valid UTF-8, may hold NUL; a NUL follows */
        i64 duration_ns;
        u64 size_bytes;
        i64 timestamp_ns; /* since 1970 UTC */
        i32 date_days;    /* since 1970-01-01 */
        const char *name;
        struct {
            struct ast_expr *of;
            struct ast_name name;
        } field;
        struct {
            struct ast_expr *of;
            struct ast_expr *index;
        } index;
        struct {
            struct ast_name name;
            struct ast_exprs args;
            struct span distinct;
            struct ast_expr *where;
        } call;
        struct {
            enum ast_unary op;
            struct ast_expr *of;
        } unary;
        struct {
            enum ast_binary op;
            struct span op_span;
            struct ast_expr *left;
            struct ast_expr *right;
        } binary;
        struct {
            struct ast_expr *value;
            struct ast_type *type;
        } cast;
        struct {
            bool is_not;
            struct ast_expr *value;
            struct ast_expr *low;
            struct ast_expr *high;
        } between;
        struct {
            bool is_not;
            struct ast_expr *value;
            struct ast_exprs list;
        } in;
        struct {
            bool is_not;
            struct ast_expr *value;
        } is_null;
        struct {
            struct ast_expr *condition;
            struct ast_expr *then;
            struct ast_expr *otherwise;
        } choice; /* IF */
        struct {
            struct ast_whens whens;
            struct ast_expr *otherwise;
        } cases;
        struct ast_exprs list;
        struct ast_items record;
    };
};

struct ast_order {
    struct ast_expr *expr;
    bool descending;
};

struct ast_orders {
    struct ast_order *at;
    u32 count;
};

/* { items }, as `emit` and the rows of tests have it */
struct ast_record {
    struct ast_items items;
    struct span span;
};

struct ast_records {
    struct ast_record *at;
    u32 count;
};

/* --- connectors and clauses --- */

struct ast_option {
    struct ast_name name;
    struct ast_expr *value;
};

struct ast_options {
    struct ast_option *at;
    u32 count;
};

struct ast_call {
    struct ast_name name;
    struct ast_options options;
    struct span span;
};

enum ast_watermark_kind {
    AST_WATERMARK_LAG,
    AST_WATERMARK_ASCENDING,
    AST_WATERMARK_ON,
    AST_WATERMARK_AT_END
};

struct ast_watermark {
    enum ast_watermark_kind kind;
    struct span span;
    union {
        struct ast_const *lag;
        struct ast_expr *on;
    };
};

/* `idle D [flush]`, `ahead D`; `after` is null for `never` */
struct ast_patience {
    struct span span;
    struct ast_const *after;
    bool flush;
};

enum ast_fate_kind { AST_FATE_FAIL, AST_FATE_SKIP, AST_FATE_INTO };

/* what becomes of `malformed` rows and `failed` questions */
struct ast_fate {
    enum ast_fate_kind kind;
    struct span span;
    struct ast_name into;
};

struct ast_keep {
    struct span span;
    struct ast_const *time; /* null: forever */
    bool wall;
};

/* late into left[, right]: without text if the clause was left out */
struct ast_late {
    struct span span;
    struct ast_name into;
    struct ast_name into_right;
};

/* What may follow the connector of a source; the second half only that of a table. */
struct ast_clauses {
    struct ast_expr *time;
    struct span wall_time;
    struct ast_watermark *watermark;
    struct ast_patience *idle;
    struct ast_patience *ahead;
    struct ast_fate *malformed;

    struct ast_const *reload;
    struct ast_expr *delete_when;
    struct span remote;
    struct span unordered;
    struct ast_const *capacity;
    struct ast_const *timeout;
    struct ast_const *retry;
    struct ast_const *cache;
    struct ast_fate *failed;
};

/* --- windows --- */

enum ast_window_kind {
    AST_WINDOW_TUMBLING,
    AST_WINDOW_CALENDAR, /* tumbling day, week, month, year */
    AST_WINDOW_SLIDING,
    AST_WINDOW_SESSION,
    AST_WINDOW_GLOBAL,
    AST_WINDOW_SAME,
    AST_WINDOW_ROWS
};

enum ast_calendar { AST_DAY, AST_WEEK, AST_MONTH, AST_YEAR };

enum ast_window_mode { AST_MODE_DEFAULT, AST_ACCUMULATING, AST_DISCARDING, AST_RETRACTING };

enum ast_trigger_unit {
    AST_EVERY_TIME, /* every D */
    AST_EVERY_WALL, /* every D wall */
    AST_EVERY_ROWS, /* every N rows */
    AST_EVERY_ROW   /* every row */
};

struct ast_trigger {
    struct span span;
    bool late; /* else early */
    enum ast_trigger_unit unit;
    struct ast_const *every; /* null for EVERY_ROW */
};

struct ast_triggers {
    struct ast_trigger *at;
    u32 count;
};

struct ast_window {
    enum ast_window_kind kind;
    struct span span;        /* of the shape, `sliding 10s every 2s` */
    struct ast_const *size;  /* TUMBLING, SLIDING, SESSION (the gap), ROWS */
    struct ast_const *every; /* SLIDING, ROWS if said */
    enum ast_calendar unit;  /* CALENDAR */
    struct ast_expr *zone;   /* CALENDAR: a string, or null */
    struct span wall;
    struct ast_const *offset;
    struct ast_const *lateness;
    struct ast_late late;
    struct span emit; /* of `emit` and its triggers */
    struct ast_triggers triggers;
    enum ast_window_mode mode;
    struct span mode_span;
};

/* --- process and match --- */

/* of `process`, and (without was, keep, max) of an own aggregate */
struct ast_state {
    struct span span;
    struct ast_name name;
    struct ast_name was;
    struct ast_type *type;
    struct ast_expr *initial; /* null: left out */
    struct ast_keep *keep;
    struct ast_const *max;
};

struct ast_states {
    struct ast_state *at;
    u32 count;
};

struct ast_block {
    struct ast_stmt **at;
    u32 count;
    struct span span;
};

enum ast_handler_kind { AST_ON_EVENT, AST_ON_TIMER };

struct ast_handler {
    enum ast_handler_kind kind;
    struct span span; /* of `on timer report wall` */
    struct ast_name timer;
    struct span wall;
    struct ast_block block;
};

struct ast_handlers {
    struct ast_handler *at;
    u32 count;
};

struct ast_process {
    struct ast_states states;
    struct ast_handlers handlers;
};

enum ast_stmt_kind {
    AST_STMT_ASSIGN, /* name [ "[" index "]" ] = += -= value */
    AST_STMT_CALL,
    AST_STMT_LET,
    AST_STMT_EMIT,
    AST_STMT_TIMER,
    AST_STMT_CANCEL,
    AST_STMT_IF,
    AST_STMT_FOR
};

enum ast_assign { AST_ASSIGN_SET, AST_ASSIGN_ADD, AST_ASSIGN_SUBTRACT };

struct ast_stmt {
    enum ast_stmt_kind kind;
    struct span span;
    union {
        struct {
            struct ast_name name;
            struct ast_expr *index;
            enum ast_assign op;
            struct ast_expr *value;
        } assign;
        struct {
            struct ast_name name;
            struct ast_exprs args;
        } call;
        struct {
            struct ast_name name;
            struct ast_expr *value;
        } let;
        struct {
            struct ast_record record;
            struct ast_name into;
        } emit;
        struct {
            struct ast_name name;
            struct ast_expr *at; /* null: cancel */
        } timer;                 /* TIMER and CANCEL */
        struct {
            struct ast_expr *condition;
            struct ast_block then;
            struct ast_block
                otherwise; /* `else if`: a block of just that; span nowhere if there is no else */
        } choice;          /* IF */
        struct {
            struct ast_name name;
            struct ast_expr *list;
            struct ast_block block;
        } loop; /* FOR */
    };
};

enum ast_link { AST_STEP_FIRST, AST_STEP_THEN, AST_STEP_NEXT };

#define AST_REPEAT_OPEN UINT64_MAX

struct ast_step {
    struct span span;
    enum ast_link link; /* the word before it */
    bool is_not;
    struct ast_name name;
    bool repeated; /* + * ? or {...} follows */
    u64 repeat_min;
    u64 repeat_max; /* AST_REPEAT_OPEN: no limit */
    struct ast_expr *where;
};

struct ast_steps {
    struct ast_step *at;
    u32 count;
};

enum ast_skip {
    AST_SKIP_DEFAULT,
    AST_SKIP_PAST_LAST,
    AST_SKIP_TO_NEXT,
    AST_SKIP_TO_FIRST,
    AST_SKIP_TO_LAST
};

struct ast_match {
    struct ast_steps steps;
    struct ast_const *within;
    enum ast_skip skip;
    struct span skip_span;
    struct ast_name skip_to; /* TO_FIRST, TO_LAST */
    struct ast_name timeout_into;
    struct ast_late late;
    struct ast_keep *keep;
    struct ast_items items;
};

/* --- pipelines --- */

/* name or ( pipeline ), [as alias] */
struct ast_operand {
    struct span span;
    struct ast_name name;          /* without text if it is a pipeline */
    struct ast_pipeline *pipeline; /* or null */
    struct ast_name alias;
};

struct ast_operands {
    struct ast_operand *at;
    u32 count;
};

struct ast_stages {
    struct ast_stage **at;
    u32 count;
};

struct ast_pipeline {
    struct span span;
    struct ast_operand head;
    struct ast_stages stages;
};

enum ast_join_kind {
    AST_JOIN_INNER,
    AST_JOIN_LEFT,
    AST_JOIN_RIGHT,
    AST_JOIN_FULL,
    AST_JOIN_SEMI,
    AST_JOIN_ANTI,
    AST_JOIN_ASOF,
    AST_JOIN_LEFT_ASOF
};

enum ast_over_kind { AST_OVER_ROWS, AST_OVER_TIME, AST_OVER_ALL };

enum ast_place { AST_PLACE_CORE, AST_PLACE_NODE };

enum ast_stage_kind {
    AST_STAGE_WHERE,
    AST_STAGE_SELECT,
    AST_STAGE_LET,
    AST_STAGE_RENAME,
    AST_STAGE_DROP,
    AST_STAGE_EXPLODE,
    AST_STAGE_TIME,
    AST_STAGE_KEY,
    AST_STAGE_WINDOW,
    AST_STAGE_AGGREGATE,
    AST_STAGE_REDUCE,
    AST_STAGE_DISTINCT,
    AST_STAGE_TOP,
    AST_STAGE_FIRST,
    AST_STAGE_LAST,
    AST_STAGE_OVER,
    AST_STAGE_UNION,
    AST_STAGE_HOLD,
    AST_STAGE_CHANGES,
    AST_STAGE_JOIN,
    AST_STAGE_LOOKUP,
    AST_STAGE_PROCESS,
    AST_STAGE_MATCH,
    AST_STAGE_PARALLEL,
    AST_STAGE_ON,
    AST_STAGE_BREAK,
    AST_STAGE_INTO
};

struct ast_stage {
    enum ast_stage_kind kind;
    struct span span; /* all of it, without `|>` */
    struct span word; /* the words that name it: `aggregate`, `left asof join`, `key by` */
    union {
        struct ast_expr *where;
        struct ast_items items; /* SELECT, LET, RENAME, KEY */
        struct ast_names drop;
        struct {
            struct ast_name name;
            struct ast_expr *list;
        } explode;
        struct {
            struct ast_expr *expr;
            struct ast_watermark *watermark;
        } time;
        struct ast_window *window;
        struct {
            struct ast_items items; /* none: `distinct` of the whole row */
            struct ast_keep *keep;
        } aggregate; /* AGGREGATE, REDUCE, DISTINCT */
        struct {
            struct ast_const *count;
            struct span with_ties;
            struct ast_name rank;
            struct ast_orders by;
            struct ast_keep *keep;
        } top;
        struct {
            struct ast_orders by;         /* none: in order of arrival */
            struct ast_expr *delete_when; /* LAST only */
            struct ast_keep *keep;
        } pick; /* FIRST, LAST */
        struct {
            enum ast_over_kind
                kind; /* a bare INT or name without `rows` is OVER_TIME: the checker tells */
            struct ast_const *size; /* null for OVER_ALL */
            struct ast_items items;
            struct ast_keep *keep;
            struct ast_late late;
        } over;
        struct ast_operands with; /* UNION */
        struct {
            struct ast_expr *until;
            struct ast_late late;
        } hold;
        struct {
            enum ast_join_kind kind;
            struct ast_operand right;
            struct ast_expr *on; /* null: left out */
            struct span same_window;
            struct ast_keep *keep;
            struct ast_late late;
        } join;
        struct {
            bool left;
            struct ast_name table;
            struct ast_name alias;
            struct ast_expr *on;
        } lookup;
        struct ast_process *process;
        struct ast_match *match;
        struct ast_const *parallel;
        struct {
            enum ast_place place;
            struct ast_const *number;
        } on;
        struct ast_call *into;
    };
};

/* --- tests --- */

enum ast_test_step_kind {
    AST_TEST_GIVEN,
    AST_TEST_WATERMARK,
    AST_TEST_ADVANCE,
    AST_TEST_RESTART,
    AST_TEST_END,
    AST_TEST_EXPECT
};

enum ast_expect { AST_EXPECT_ANY_ORDER, AST_EXPECT_ORDERED, AST_EXPECT_FINAL };

struct ast_test_step {
    enum ast_test_step_kind kind;
    struct span span;
    struct ast_name name;    /* GIVEN, WATERMARK, EXPECT */
    struct ast_records rows; /* GIVEN, EXPECT */
    i64 watermark_ns;        /* WATERMARK */
    struct ast_const *by;    /* ADVANCE */
    enum ast_expect expect;  /* EXPECT */
};

struct ast_test_steps {
    struct ast_test_step *at;
    u32 count;
};

/* --- declarations --- */

/* an own aggregate; a block whose span is nowhere was left out */
struct ast_aggregate {
    struct ast_fields params;
    struct ast_type *type;
    struct ast_states states;
    struct ast_block add;
    struct ast_block merge;
    struct ast_block retract;
    struct ast_expr *result; /* null: left out */
};

enum ast_decl_kind {
    AST_DECL_USE,
    AST_DECL_SET,
    AST_DECL_PARAM,
    AST_DECL_ENUM,
    AST_DECL_TYPE,
    AST_DECL_FN,
    AST_DECL_EXTERN,
    AST_DECL_AGGREGATE,
    AST_DECL_SOURCE,
    AST_DECL_TABLE,
    AST_DECL_STREAM,
    AST_DECL_PIPELINE, /* without a name */
    AST_DECL_TEST
};

struct ast_decl {
    enum ast_decl_kind kind;
    struct span span;
    struct ast_name name; /* what it declares or sets; without text for USE, PIPELINE, TEST */
    union {
        struct {
            struct str path;
            struct span span;
        } use;
        struct ast_expr *set; /* a literal */
        struct {
            struct ast_type *type;
            struct ast_expr *initial; /* null: must be given */
        } param;
        struct ast_names members; /* ENUM */
        struct ast_type *type;    /* TYPE */
        struct {
            struct ast_fields params;
            struct ast_type *result;
            struct ast_expr *body; /* FN */
            struct str from;       /* EXTERN */
            struct span from_span;
        } fn;
        struct ast_aggregate *aggregate;
        struct {
            struct ast_type *type; /* null: the connector has the schema */
            struct ast_call *call;
            struct ast_clauses *clauses;
        } source;
        struct {
            struct ast_type *type;
            struct ast_names key;
            struct ast_call *call; /* one of these two */
            struct ast_pipeline *pipeline;
            struct ast_clauses *clauses; /* null with a pipeline */
        } table;
        struct {
            struct ast_name was;
            struct ast_pipeline *pipeline;
        } stream;
        struct ast_pipeline *pipeline;
        struct {
            struct str title;
            struct ast_test_steps steps;
        } test;
    };
};

struct ast_decls {
    struct ast_decl **at;
    u32 count;
};

/* The declarations of one text, in order. */
struct ast_file {
    u32 text;
    struct ast_decls decls;
};

#endif
