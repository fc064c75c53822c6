/* The typed tree: what the checker makes of the AST and all later passes read. Expressions here are
   resolved and total: every name is a column of the row that flows, functions declared with `fn`
   are inlined, params used outside connector options are constants, every implicit conversion is a
   cast that is written out, and every node knows its type and whether it may be null. The logical
   plan is a graph of operators over such expressions; it knows nothing of tasks, rings or C. All of
   it lives in the arena of the compilation.

   Two things a reader of expressions must know. A node may be shared (`x between a and b` is `x >=
   a and x <= b` with one x): trees are never changed in place. And null is in the types: where the
   checker has shown that a nullable column cannot be null (`where x is not null`), the COLUMN has
   the type without `?`, and of anything else a CAST to the same type without `?` says so; the value
   is then taken as it is, but it may be evaluated (and not looked at) where it is null after all,
   because C evaluates both sides: a null has some harmless value. */
#ifndef DSL_TYPED_H
#define DSL_TYPED_H

#include "dsl/text.h"
#include "runtime/data/timefn.h"
#include "runtime/data/type.h"
#include "runtime/snapshot/settings.h"

/* ---- expressions ---- */
enum texpr_kind {
    TEXPR_CONST,  /* value; null of any type has is_null */
    TEXPR_COLUMN, /* column: an index into the schema of the operator's input, hidden columns
                     included */
    TEXPR_CALL,  /* function: one line of functions.def; args; never null unless it `may fail` or an
                    argument is null */
    TEXPR_UNARY, /* op: - ~ not */
    TEXPR_BINARY,   /* op; both sides have the same type after casts, but for timestamp +- duration
                       (which saturates); and/or are three-valued. Of times there is besides:
                       timestamp - timestamp, duration + - / % duration */
    TEXPR_IN,       /* args[0] in args[1..] */
    TEXPR_IS_NULL,  /* args[0] is null; negated: is not null */
    TEXPR_COALESCE, /* args[0] ?? args[1] */
    TEXPR_CASE, /* args: when, then, when, then, ..., [else]; `if` is one of these; null counts as
                   false */
    TEXPR_CAST, /* args[0] as type; nullable where it may fail. Between duration and i64: the
                   nanoseconds */
};

enum texpr_op {
    OP_NEGATE,
    OP_BIT_NOT,
    OP_NOT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_ADD,
    OP_SUBTRACT, /* OP_ADD joins strings too */
    OP_SHIFT_LEFT,
    OP_SHIFT_RIGHT,
    OP_BIT_AND,
    OP_BIT_XOR,
    OP_BIT_OR,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_AND,
    OP_OR,
};

union value {
    i64 i;          /* bool, integers (u64 as its bits), timestamp, duration, enum */
    double f;       /* f32, f64 */
    struct str str; /* string; owned by the arena */
};

struct texpr {
    enum texpr_kind kind;
    struct type type;
    struct span span; /* of the user's text; of an inlined `fn`, of the call */
    union value value;
    bool is_null; /* TEXPR_CONST */
    bool negated; /* TEXPR_IS_NULL, TEXPR_IN */
    enum texpr_op op;
    u32 column;
    const struct function *function; /* TEXPR_CALL: the catalogue's entry (dsl/functions.h) */
    struct texpr **args;
    u32 arg_count;
    u32 weight; /* nodes of the tree from here down; a node that is shared counts each time. At most
                   TEXPR_WEIGHT_MAX */
    u32 depth;  /* of that tree. At most TEXPR_DEPTH_MAX */
    bool literal; /* CONST: as written, it has not met another type yet; of no meaning after the
                     checker */
};

/* What goes beyond, with all `fn` written out, is refused. */
#define TEXPR_WEIGHT_MAX 20000u
#define TEXPR_DEPTH_MAX 1000u

/* ---- the logical plan ---- */
enum lop_kind {
    LOP_SOURCE,  /* a declared source: decodes rows. Port 1: malformed rows */
    LOP_WHERE,   /* rows for which expr is true */
    LOP_TIME,    /* W behind it is made of column `column`, as `watermark` says */
    LOP_PROJECT, /* select, let, drop, rename: out[i] = exprs[i] */
    LOP_EXPLODE, /* a row for each element of expr (split or regex_split), appended or replaced as
                    column `column` */
    LOP_LOOKUP, /* the row plus the columns of the table's row, for each match (left: at least once)
                 */
    LOP_AGGREGATE, /* keys, window, aggregates. Port 1: rows too late for all of their windows, as
                      they came in */
    LOP_HOLD,  /* each row when expr is over, which is its event time then. Port 1: rows that came
                  too late for it, as they came in */
    LOP_UNION, /* all rows of all inputs */
    LOP_BREAK, /* what follows runs behind a ring */
    LOP_SINK,
};

enum agg_kind {
    AGG_COUNT,
    AGG_SUM,
    AGG_MIN,
    AGG_MAX,
    AGG_AVG,
    AGG_VALUE, /* arg of the row that is kept: see struct trows */
    AGG_RANK,  /* of that row, from 1 */
};

struct agg {
    enum agg_kind kind;
    struct texpr *arg;   /* null: count() */
    struct texpr *where; /* null: all rows */
    struct texpr *step; /* AGG_VALUE of `reduce`: what becomes of it, over the aggregates of the row
                           so far, then over those of the new row; null: the new row's */
    struct type type;   /* of the result: count i64, sum i64 or f64 (nullable if arg is or with
                           where), avg f64, min/max, a kept value as arg, a rank i64 */
};

/* Whole rows that an aggregate keeps of a key and window: it gives a row for each, in their order.
   Items then are over AGG_VALUE and AGG_RANK. */
enum rows_kind {
    ROWS_NONE,
    ROWS_TOP,    /* the first `most` in the order `by`; of equals the earlier arrival, or the latest
                  */
    ROWS_REDUCE, /* one, made of all */
};

struct torder {
    struct texpr *expr; /* over the input; null below every value, NaN above */
    bool descending;
};

struct trows {
    enum rows_kind kind;
    u32 most;
    bool ties,
        latest; /* ties: and those that are equal to the last of them; their ranks are equal */
    struct torder *by;
    u32 by_count;
};

enum window_kind {
    WINDOW_TUMBLING,
    WINDOW_SLIDING,
    WINDOW_CALENDAR,
    WINDOW_GLOBAL,
    WINDOW_SESSION,
    WINDOW_ROWS
};

/* When panes come besides the one on time; 0: not said. */
#define TRIGGER_PERIODS 3

struct ttriggers {
    i64 time_ns[TRIGGER_PERIODS], wall_ns[TRIGGER_PERIODS]; /* `every D`, `every D wall` */
    u64 rows;
};

enum pane_mode { MODE_ACCUMULATING, MODE_DISCARDING, MODE_RETRACTING };

struct twindow {
    enum window_kind kind;
    i64 size_ns, slide_ns, offset_ns,
        lateness_ns;     /* tumbling: slide = size; session: size is the gap; global, rows: all 0.
                            offset reduced into [0, slide) */
    bool same;           /* that of the rows, which ends 1 ns behind their event time */
    enum time_unit unit; /* CALENDAR: its sizes are 0 */
    const char *zone;    /* CALENDAR: "UTC" if none was said; else null */
    bool wall;           /* of the clock: the time of a row is when it arrives */
    struct ttriggers early, late; /* with lateness late is never empty */
    enum pane_mode mode;          /* accumulating if only one pane of a window may come */
    u32 rows, every;              /* rows */
    bool timed;                   /* rows: they have an event time, */
    bool marked;                  /* and a watermark */
};

/* `window same` behind a session: each row has the start and end of its window. */
static inline bool twindow_is_carried(const struct twindow *w) {
    return w->kind == WINDOW_SESSION && w->same;
}

/* The columns window_start, window_end: how many. Windows of rows without an event time have none.
 */
static inline u32 twindow_columns(const struct twindow *w) {
    return w->kind == WINDOW_GLOBAL || (w->kind == WINDOW_ROWS && !w->timed) ? 0 : 2;
}

enum watermark_kind { WATERMARK_LAG, WATERMARK_AT_END }; /* ascending is lag 0, as is `on` */

#define TIMES_MAX 7u /* `time` stages behind one source */

/* How W is made of rows. */
struct twatermark {
    enum watermark_kind kind;
    i64 lag_ns;
    struct texpr *on; /* the timestamp that W follows, where it is not null; null: the event time */
};

enum malformed_kind { MALFORMED_FAIL, MALFORMED_SKIP, MALFORMED_INTO };

/* An option of a connector: a literal, or a param bound when the job starts, or env("NAME"). */
struct connector_option {
    const char *name;
    enum { OPTION_LITERAL, OPTION_PARAM, OPTION_ENV } from;
    struct type type;
    union value value; /* OPTION_LITERAL */
    const char *ref;   /* OPTION_PARAM, OPTION_ENV: its name */
    struct span span;
};

struct connector_call {
    const char *connector; /* "file", "stdin", "sequence", "print", "stdout", "blackhole" */
    struct connector_option *options;
    u32 option_count;
    struct span span;
};

enum format_kind {
    FORMAT_NONE,
    FORMAT_LINES,
    FORMAT_CSV,
    FORMAT_JSON,
    FORMAT_BINARY,
    FORMAT_TEST, /* of a test's job: a source's rows stand in the job itself, a sink's values are
                    written as in the language, a tab between */
};

/* Options of a format are typed constants of the job (not params). */
struct format {
    enum format_kind kind;
    bool header;           /* csv: the source skips it, the sink writes it */
    char delimiter;        /* csv, one ASCII byte, default ',' */
    const char *null_text; /* csv: text that means null besides an empty field; or null */
};

/* Columns of a sink's rows that name the folder, in this order, and are in no file. */
struct partition {
    u32 *columns;
    u32 count;
};

ALWAYS_INLINE bool partition_has(const struct partition *p, u32 column) {
    for (u32 i = 0; i < p->count; i++)
        if (p->columns[i] == column) return true;
    return false;
}

/* Rows that stand in the job: those of a test. */
struct given_row {
    struct texpr **values; /* by column, without columns of their own; null: not named */
    u32 count;             /* columns behind these are not named */
    struct span span;
};
struct given {
    struct given_row *at;
    u32 count, room;
};

/* How long a source is waited for, and how far ahead of the clock its rows may be. */
#define UNSAID (-1) /* as it is for what it reads: see runtime/job.h */
struct patience {
    i64 idle_ns, ahead_ns; /* 0: never */
    bool flush;
};

struct tsource {
    const char *name;
    struct connector_call call;
    struct format format;
    struct schema schema; /* the declared columns, in file order */
    struct texpr *time;   /* over the declared columns; null: rows have no event time, or: */
    bool wall;            /* that of the clock when they arrive; W is the clock less the lag */
    struct twatermark watermark;
    struct patience patience;
    enum malformed_kind malformed;
    const char *malformed_into; /* the side stream's name */
    const struct given *given;  /* FORMAT_TEST */
    struct span span;
};

struct ttable {
    const char *name;
    struct connector_call call;
    struct format format;
    struct schema schema;
    const struct given *given; /* FORMAT_TEST */
    struct span span;
};

/* The output schema of an operator holds its visible columns first, then `hidden_count` hidden
   ones. Hidden columns that exist: event_time (TYPE_TIMESTAMP), and after a windowed stage pane
   (i64) and timing (string: early, on_time, late); where rows update, op (string: +I, -U, +U, -D),
   which no expression names. The checker appends them to every schema of rows
   that have them; passes after it drop what nobody reads. */
struct lop {
    enum lop_kind kind;
    u32 id;            /* index into logical.ops; inputs come before readers */
    const char *name;  /* "stream/stage", as state is named: "panes/aggregate", "panes/aggregate2";
                          sources: theirs; sinks: "panes/file", by what they take */
    const char *was;   /* the name that its state was saved under (`stream a was b`), or null */
    const char *label; /* the stage's word for people: "where", "select", ... */
    struct span span;
    struct lop **inputs;
    u32 *input_ports; /* 0, or 1 for the side stream of a source or an aggregate */
    u32 input_count;
    struct schema schema;
    u32 hidden_count;
    i32 event_time; /* the column that holds the event time of this operator's rows, or -1 */

    struct texpr *expr;   /* WHERE: predicate. EXPLODE: the list. HOLD: until when */
    struct texpr **exprs; /* PROJECT: one for each column of schema, hidden ones included */
    u32 column; /* EXPLODE: index of the element's column in schema. TIME: of what W follows */
    struct twatermark watermark; /* TIME: of the rows behind it; `on` is a column */

    const struct tsource *source;
    bool *used; /* SOURCE: by declared column: somebody reads it, its `time` included (rules.h) */
    const struct ttable *table; /* LOOKUP: columns of the table follow those of the input in schema
                                   (hidden ones last) */
    bool left;                  /* LOOKUP: unmatched rows come too, with null columns */
    u32 looked_first;           /* LOOKUP: index in schema of the table's first column */
    i32 looked_matched; /* LOOKUP left: index in schema of a hidden bool column that is true when
                           there was a match, for `s is null`; else -1 */
    u32 *table_keys;    /* LOOKUP: columns of the table compared by == ... */
    struct texpr **lookup_keys; /* ... with these expressions over the input, of the same types */
    u32 lookup_key_count;
    struct texpr *lookup_rest; /* LOOKUP: the rest of the condition over schema (input and table
                                  columns), or null */

    /* AGGREGATE: schema is keys, [window_start, window_end], items..., hidden */
    struct texpr **keys; /* over the input */
    u32 key_count;
    struct twindow window;
    struct texpr *same[2]; /* twindow_is_carried: start and end of the window that a row carries */
    struct agg *aggs;      /* AGGREGATE: the distinct aggregates that items use */
    u32 agg_count;
    struct texpr **items; /* AGGREGATE: expressions over the row (keys, [window_start, window_end],
                             aggs in order) */
    u32 item_count;
    struct trows rows; /* AGGREGATE */
    bool late_read;    /* AGGREGATE, HOLD: port 1 has a reader (`late into` that somebody reads) */

    struct connector_call sink; /* SINK */
    struct format sink_format;
    struct partition partition; /* SINK */

    u32 parallel;         /* 0: as the job; else `parallel N` for this operator's chain */
    i32 on_core, on_node; /* -1: anywhere */
};

/* A param that connector options are bound to at start. */
struct tparam {
    const char *name;
    struct type type;
    bool has_default;
    union value value;
    bool is_null;
};

struct ttest;

struct logical {
    struct lop **ops; /* in topological order: inputs first; of equals as written */
    u32 op_count;
    struct tparam *params; /* only those that connector options use */
    u32 param_count;
    const struct tsource **sources; /* only those that run, as written */
    u32 source_count;
    const struct ttable **tables;
    u32 table_count;
    u32 parallelism;  /* `set parallelism`, 0: not set */
    u64 memory_bytes; /* `set memory`, 0: not set */
    u32 shards;       /* `set shards`, default 128 */
    struct job_snapshots snapshots;
    struct ttest *tests; /* tests.h */
    u32 test_count;
};

#endif
