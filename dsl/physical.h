/* The physical plan: how a logical plan runs. Operators without state are fused into chains behind
   their producer; what is left are stages (windows, relays, sinks), and edges between them whose
   rows have a layout. Everything that generated C depends on is decided here, and nothing is said
   about C: emit.h turns the plan into text.

   A producer is whatever a chain begins with: a source, its malformed rows, a stage, a window's
   late rows. The chain is the operators that can be reached from it without entering a stage. A
   stage takes rows of values: expressions over its input, worked out by the producer, so that a
   row on a wire holds only what the stage needs. All of it lives in the arena of the compilation.
 */
#ifndef DSL_PHYSICAL_H
#define DSL_PHYSICAL_H

#include "dsl/typed.h"
#include "runtime/base/arena.h"
#include "runtime/base/text_buf.h"

/* What a stage takes with each row. */
struct pvalue {
    const struct texpr *expr; /* over the schema of the stage's input */
    bool condition;           /* of an aggregate: only whether it is true; never null */
};

/* Accumulators of a window, beside the count of all rows. Aggregates share them. */
enum pacc_kind {
    PACC_COUNT, /* u64: rows whose value is not null and whose condition is true */
    PACC_SUM,   /* i64: wraps */
    PACC_WIDE,  /* 128 bits: the exact sum of 64-bit integers */
    PACC_FLOAT, /* f64 */
    PACC_MIN,   /* of strings: struct key_text */
    PACC_MAX,
    PACC_ROWS, /* struct kept_rows: the rows that pstage.kept tells of */
};

struct pacc {
    enum pacc_kind kind;
    struct type type; /* of the value that it takes in; COUNT: none */
    i32 value, where; /* of the stage's values; -1: none */
    i32 count;        /* the accumulator that counts what this one holds; -1: all rows */
    u32 at, size;     /* in the accumulators */
};

struct pagg {
    const struct agg *agg; /* null: nobody uses it */
    i32 acc, count;        /* the value, and how many went into it; -1: the count of all rows */
    u32 field;             /* AGG_VALUE: of the rows that are kept */
};

/* Whole rows that a window keeps, as op->rows says: their fields, and which of them order them. */
struct pkept {
    u32 *fields; /* by field: of the stage's values */
    u32 field_count;
    u32 *by; /* by number of op->rows.by: the field */
    u32 acc; /* the accumulator */
};

enum pstage_kind { PSTAGE_WINDOW, PSTAGE_HOLD, PSTAGE_RELAY, PSTAGE_SINK };

struct pstage {
    enum pstage_kind kind;
    u32 id;
    const struct lop *op;
    const char *name;
    u32 parallel; /* 0: as the job */
    i32 on_core, on_node;
    struct pvalue *values; /* a sink has none: it takes encoded text */
    u32 value_count;
    u32 *inputs; /* edges, in the order written */
    u32 input_count;
    bool *descends; /* by source: rows of it come this way */
    bool fine;      /* its W is exact at every row (fine time) */
    bool gathers;   /* fine, and rows may come to it in another order than that of their stamps */
    bool stamped;   /* it wants a stamp with each row: for itself, or for what its rows cause */

    /* PSTAGE_WINDOW: the first op->key_count values are the keys. PSTAGE_HOLD: until when, `kept`
       what is held, late and causes likewise */
    i32 time;  /* the value that holds the event time; -1: none (a global window that needs none) */
    i32 start; /* window same: the value that holds the start of the window; `time` holds its end */
    i32 *late; /* by column of the input: the value, or -1; null if nobody reads late rows */
    struct pacc *accs;
    u32 acc_count, acc_bytes;
    struct pagg *aggs;  /* by number of the logical operator's */
    struct pkept *kept; /* null: no rows */
    i32 top;            /* the accumulator that holds the greatest event time; -1: not needed */
    bool causes;        /* rows let out rows: late panes, late rows */

    /* PSTAGE_RELAY, PSTAGE_HOLD: column of the input -> value, or -1 */
    i32 *relayed;
};

enum pproducer_kind {
    PPRODUCER_SOURCE,
    PPRODUCER_MALFORMED,
    PPRODUCER_TIME, /* rows of a source behind a `time` stage: by their watermark */
    PPRODUCER_STAGE,
    PPRODUCER_LATE,
};

struct pproducer {
    enum pproducer_kind kind;
    u32 of; /* source or stage */
    const struct lop *op;
    u32 time; /* TIME: which of the source's */
};

/* Do its rows come straight from the loop over a source's records? */
ALWAYS_INLINE bool pproducer_is_raw(const struct pproducer *x) {
    return x->kind == PPRODUCER_SOURCE || x->kind == PPRODUCER_MALFORMED ||
           x->kind == PPRODUCER_TIME;
}

enum proute { PROUTE_ONE, PROUTE_KEY, PROUTE_MORSEL };

struct pfield {
    u32 value; /* of the reader's values */
    u32 at;    /* offset in the row */
    i32 null_bit;
};

struct pedge {
    u32 id, from; /* a producer */
    u32 to, input;
    enum proute route;
    bool combined; /* rows are partial accumulators of a key and a slice (rings only) */
    u32 row_bytes;
    struct pfield *fields; /* as they stand in the row, widest first */
    u32 field_count;
    i32 text_at;          /* a sink's: the encoded row; else -1 */
    i32 acc_at, slice_at; /* combined; else -1 */
    i32 stamp_at, position_at, shard_at, nulls_at;
    u32 nulls_bytes;
};

struct pbound {
    i64 size_ns, offset_ns;
    const struct twindow *calendar; /* offset_ns behind its starts (size_ns is 0); or null */
    u32 stage;                      /* whose calendar it is */
};

struct psource {
    const struct tsource *source;
    const struct lop *op;
    u32 producer;
    i32 malformed;  /* the producer of its malformed rows, or -1 */
    bool *used;     /* by declared column: decoded */
    bool positions; /* something behind it looks at c->position */
    bool stamps;    /* ... at c->stamp */
    struct pbound *bounds;
    u32 bound_count;
    const struct lop **times; /* the `time` stages behind it, each a producer */
    u32 time_count;
    struct pbound *ticks; /* of the clock: what somebody behind it waits for */
    u32 tick_count;
};

/* Are its windows those of runtime/stage/window.h, whose starts and ends are known without rows? */
bool is_aligned(const struct pstage *s);

/* A table as look-ups by the same columns see it. */
struct ptable {
    const struct ttable *table;
    const u32 *keys;
    u32 key_count;
    bool *used; /* by column */
};

struct preader {
    const struct lop *op;
    u32 input;
};

/* By logical operator. */
struct pop {
    bool *used;                 /* by column of its schema: somebody reads it */
    bool *side_used;            /* the same of port 1; null if it has none */
    struct preader *readers[2]; /* by port, as written */
    u32 reader_count[2];
    i32 stage; /* the stage that the operator is, or that stands before it (a relay); -1 */
    i32 hole;  /* a blackhole's number; -1 */
    i32 table; /* a look-up's; -1 */
};

struct physical {
    const struct logical *logical;
    struct pop *ops;
    struct psource *sources;
    struct pstage *stages; /* in topological order */
    struct pedge *edges;   /* by reader, then input */
    struct pproducer *producers;
    struct ptable *tables;
    u32 source_count, stage_count, edge_count, producer_count, table_count;
    const struct lop **holes;
    u32 hole_count;
    bool can_fuse; /* one task a stage and one live input for each source: no rings needed */
};

/* Never fails: what cannot be planned was refused by the checker. */
struct physical *physical_plan(struct arena *arena, const struct logical *logical);

/* A stage with state: a keeper (stage/keeper.h). */
ALWAYS_INLINE bool pstage_remembers(const struct pstage *s) {
    return s->kind == PSTAGE_WINDOW || s->kind == PSTAGE_HOLD;
}

void physical_print(const struct physical *plan, struct text_buf *to);

/* What later passes ask of a plan. */
u32 lop_visible(const struct lop *op);                           /* columns that are not hidden */
struct schema lop_input_schema(const struct lop *op, u32 input); /* of the port it reads */
struct schema pstage_schema(const struct pstage *stage);         /* what its values are over */
bool pacc_is_text(const struct pacc *a);                         /* the least or greatest string */
bool pstage_has_contents(const struct pstage *s); /* its accumulators refer to the region */
/* The column of the input that column `column` of a UNION or EXPLODE or LOOKUP is, or -1. */
i32 lop_input_column(const struct lop *op, u32 input, u32 column);
bool texpr_same(const struct texpr *a, const struct texpr *b);
/* The producer that rows are of, which one of this source's producers sent through a `time`. */
u32 physical_time(const struct physical *plan, u32 source, const struct lop *time);
/* The edge from a producer to a stage. */
const struct pedge *physical_edge(const struct physical *plan, u32 producer, u32 stage);

#endif
