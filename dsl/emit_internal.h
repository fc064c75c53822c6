/* What the files of the emitter share. A value of an expression is C text: for the value, and,
   where it may be null, for a bool that says so; the value of a null is harmless, never undefined.
 */
#ifndef DSL_EMIT_INTERNAL_H
#define DSL_EMIT_INTERNAL_H

#include "dsl/emit.h"

struct val {
    const char *v;
    const char *null; /* null: never null */
};

/* The columns of a row that flows, by number; those nobody reads have no text. */
struct scope {
    struct val *columns;
    u32 count;
};

/* Where a chain runs: what its values, its blackholes and its edges need. */
struct walk {
    u32 producer;
    bool in_source; /* `run` is there: of the source's morsel */
    bool ahead;     /* only to find the slots of windows before they are needed */
};

struct emitter {
    const struct physical *plan;
    const struct texts *texts;
    const char *name;
    struct arena arena;
    struct text_buf *out, *lines; /* lines: the text proper, in which lines count */
    u32 indent;
    u32 temp;                  /* the last intermediate value */
    bool scratch, scratch_any; /* since this was cleared, or anywhere, strings are built */
    struct text_buf regexes;
    u32 regex_count;
    struct text_buf *head; /* constants that functions need: classes of bytes, names of enums */
    const struct type_enum **enums;
    u32 enum_count;
    u32 class_count;
    bool has_op;
    bool has_timing;
    u32 fine_stage; /* the relay whose chain is being emitted: it knows `watermark()` */
};

/* ---- text: emit_text.c ---- */
void put(struct emitter *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))); /* as it is */
void line(struct emitter *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))); /* indented */
void blank(struct emitter *e);
void open_block(struct emitter *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void close_block(struct emitter *e);
char *text(struct emitter *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A C string literal of these bytes. */
const char *c_string(struct emitter *e, const char *at, u64 size);
void source_line(struct emitter *e, struct span span); /* #line of the .flow file */
void own_line(struct emitter *e);                      /* and back to the generated text */
#define OWN_LINE "#line own\n"

void builds_strings(struct emitter *e);

/* From here on text goes to `to`; returns where it went before. */
struct text_buf *emit_into(struct emitter *e, struct text_buf *to);

/* ---- types: emit_type.c ---- */
const char *c_type(struct type type);
const char *c_zero(struct type type);
struct val c_const(struct emitter *e, const struct texpr *expr);
i64 type_low(enum type_kind kind); /* the least and greatest value of an integer type */
u64 type_high(enum type_kind kind);
u32 enum_number(struct emitter *e, const struct type_enum *of);
void emit_enum(struct emitter *e, const struct type_enum *of); /* n0_text, n0_parse */

/* ---- expressions: emit_expr.c, emit_cast.c, emit_call.c ---- */
struct val expr_value(struct emitter *e, const struct texpr *expr, const struct scope *scope);
/* C text that is true if the expression is true, and false if it is false or null. */
const char *expr_true(struct emitter *e, const struct texpr *expr, const struct scope *scope);
/* Gives a value a name, unless it has one. */
struct val name_value(struct emitter *e, struct type type, struct val value);
void declare_value(struct emitter *e, struct type type, const char *name, struct val value);
struct val cast_value(struct emitter *e, struct type from, struct type to, struct val value);
struct val call_value(struct emitter *e, const struct texpr *expr, const struct scope *scope);
const char *parse_call(struct emitter *e, struct type to, const char *v); /* lacks `, &out)` */
const char *compare_text(struct emitter *e, enum texpr_op op, struct type type, const char *a,
                         const char *b);
bool texpr_is_cheap(const struct texpr *expr); /* no calls, nothing that may fail */

/* ---- chains: emit_chain.c ---- */
struct scope scope_new(struct emitter *e, u32 count);
/* The operators behind a producer's port, for a row in `scope`. */
void emit_readers(struct emitter *e, const struct walk *w, const struct lop *op, u32 port,
                  const struct scope *scope);
/* What a relay does with a row: its operator, if that is not just a break or a union, and what is
 * behind it. */
void emit_behind_relay(struct emitter *e, const struct walk *w, const struct lop *op,
                       const struct scope *scope);
void emit_op(struct emitter *e, const struct walk *w, const struct preader *reader,
             const struct scope *scope);
void emit_explode(struct emitter *e, const struct walk *w, const struct lop *op,
                  const struct scope *in);
void emit_lookup(struct emitter *e, const struct walk *w, const struct lop *op,
                 const struct scope *in);
u32 regex_number(struct emitter *e, struct str pattern);
u32 class_number(struct emitter *e, struct str pattern, bool *is_class);

/* ---- sinks: emit_sink.c ---- */
void emit_hole(struct emitter *e, u32 hole);               /* h0_take */
void emit_sink(struct emitter *e, const struct pstage *s); /* k0_encode */
void emit_sink_encode(struct emitter *e, const struct pstage *s,
                      const struct scope *scope); /* a call of it */
void emit_hole_take(struct emitter *e, const struct walk *w, const struct lop *op,
                    const struct scope *in);
char *csv_head(struct emitter *e, const struct lop *sink, u64 *size);

/* ---- edges: emit_edge.c ---- */
void emit_edge_row(struct emitter *e, const struct pedge *edge);   /* struct e0_row */
void emit_edge_send(struct emitter *e, const struct pedge *edge);  /* e0_send */
void emit_edge_rows(struct emitter *e, const struct pedge *edge);  /* e0_rows and its variants */
void emit_edge_flush(struct emitter *e, const struct pedge *edge); /* e0_flush */
void emit_send(struct emitter *e, const struct walk *w, u32 stage, const struct scope *scope);
/* Parameters or arguments for values [first, end) of a stage, each behind a comma. */
void put_params(struct emitter *e, const struct pstage *s, u32 first);
void put_args(struct emitter *e, const struct pstage *s, u32 first);
bool edge_is_handed_over(struct emitter *e, const struct pedge *edge);
const char *value_type(const struct pvalue *v);
bool value_is_nullable(const struct pvalue *v);

/* ---- windows and relays: emit_window.c, emit_row_window.c, emit_key.c, emit_schema.c ---- */
void emit_key(struct emitter *e,
              const struct pstage *s); /* struct w0_key, w0_slot, their functions */
void emit_accs(struct emitter *e,
               const struct pstage *s); /* struct w0_acc, update, merge, subtract */
/* Rows that are kept, emit_rows.c: struct w0_row and its functions; what an update and a merge of
   accumulators do for them; the head of a loop over those of a pane: `row`, `rank`. */
void emit_rows(struct emitter *e, const struct pstage *s);
void emit_rows_update(struct emitter *e, const struct pstage *s);
void emit_kept_row(struct emitter *e, const struct pstage *s);    /* the row alone, for `hold` */
const char *kept_args(struct emitter *e, const struct pstage *s); /* what w0_fill takes */
const char *kept_drop_name(struct emitter *e, const struct pstage *s);
const char *kept_adopt_name(struct emitter *e, const struct pstage *s);
void emit_rows_merge(struct emitter *e, const struct pstage *s);
void emit_rows_each(struct emitter *e, const struct pstage *s);
struct val kept_value(struct emitter *e, const struct pstage *s, u32 field, const char *row,
                      const char *region);
/* w0_update( ... ): of a row with number `arrival`, where the stage counts them. */
void put_update(struct emitter *e, const struct pstage *s, const char *acc);
void emit_schema(struct emitter *e, const struct pstage *s);        /* w0_schema, w0_spec */
void emit_window(struct emitter *e, const struct pstage *s);        /* w0_emit, ops, w0_add */
const char *window_time(struct emitter *e, const struct pstage *s); /* of the row at hand */
void emit_row_window(struct emitter *e,
                     const struct pstage *s); /* w0_add, of windows that rows make */
void emit_late(struct emitter *e,
               const struct pstage *s); /* what becomes of a row that came too late */
const char *stage_keeper(const struct pstage *s);
const char *state_type(const struct pstage *s); /* the struct of what it remembers */
const char *variant_name(u32 fused);
void emit_relay(struct emitter *e, const struct pstage *s); /* r0_row */
void emit_hold(struct emitter *e, const struct pstage *s);  /* w0_emit, ops, w0_add */
void emit_hold_schema(struct emitter *e, const struct pstage *s);
u32 producer_of(struct emitter *e, const struct pstage *s, enum pproducer_kind kind);
/* What becomes of the rows that `row` gives: made before the head of its function, which goes by
   what it turned out to need (e->scratch). The caller frees body. */
void emit_passed_on(struct emitter *e, const struct pstage *s,
                    struct scope (*row)(struct emitter *e, const struct pstage *s),
                    struct text_buf *body);
/* A value as the u64 that its hash is made of: equal values of whatever type have equal ones. */
const char *hash_part(struct emitter *e, struct type type, const char *v);
/* Declares `key` and `hash` from the parameters; `hash_key` is C text. */
void put_key_of_args(struct emitter *e, const struct pstage *s, const char *hash_key);
const char *key_args(struct emitter *e, const struct pstage *s);
const char *key_drop_name(struct emitter *e, const struct pstage *s);
/* Key number `key` of `key`, a struct w0_stored, or a w0_key. */
struct val key_value(struct emitter *e, const struct pstage *s, u32 key, bool stored);
void emit_combine(struct emitter *e, const struct pstage *s); /* w0_entry, w0_combine */

/* ---- decoders and sources: emit_source.c, emit_record.c, emit_csv.c, emit_json.c, emit_binary.c,
   emit_given.c ---- */

/* Rows of an extent, decoded, one after the other given to PREFIX_row. */
struct decoder {
    const char *prefix; /* "s0" or "t0": of all that belongs to it */
    const struct schema *schema;
    const bool *used;
    const struct format *format;
    i32 source;     /* number, or -1: a table */
    bool positions; /* c->position is looked at */
    bool stamps;    /* c->stamp is, and the watermark rises with rows */
    i64 lag_ns;
    bool stamped; /* rows raise the watermark */
    bool calm;    /* binary: most do not at all, which one comparison tells (stage/calm.h) */
    bool scratch; /* rows build strings */
    bool broken;  /* extents may be (chain.h) */
    const struct pstage *far_stage; /* binary: whose slots are asked for ahead */
    i64 seed;                       /* sequence */
    const struct given *given;      /* a test's rows */
};

void emit_source_run(struct emitter *e, u32 source); /* struct s0_run */
void emit_source(struct emitter *e, const struct psource *s);
void source_flush(struct emitter *e, const struct psource *s, u32 number);
void emit_table_row(struct emitter *e, u32 table);
void emit_table(struct emitter *e, u32 table);
void put_columns(struct emitter *e, const struct decoder *d, bool types);
void emit_begin(struct emitter *e,
                const struct decoder *d); /* of a morsel: `run`, and what a broken extent is */
void emit_end(struct emitter *e, const struct decoder *d);
void emit_stamp(struct emitter *e, const struct decoder *d, const char *top);
i64 option_literal(const struct connector_call *call, const char *name);
void emit_csv(struct emitter *e, const struct decoder *d); /* and lines */
void emit_json(struct emitter *e, const struct decoder *d);
void emit_binary(struct emitter *e, const struct decoder *d);
void emit_sequence(struct emitter *e, const struct decoder *d);
void emit_given(struct emitter *e, const struct decoder *d);

/* A text to a value of a column, emit_record.c: fast ones tell by `bad`, exact ones why. */
void fast_value(struct emitter *e, const struct decoder *d, u32 column, const char *start,
                const char *end);
void declare_columns(struct emitter *e, const struct decoder *d);
void exact_value(struct emitter *e, const struct decoder *d, u32 column, const char *s);
const char *reason(struct emitter *e, const struct decoder *d, u32 column, const char *what);
void emit_pieces(struct emitter *e, const struct decoder *d, const char *scan, u32 stride,
                 const char *odd);
void fast_head(struct emitter *e, const struct decoder *d);
void fast_tail(struct emitter *e, const struct decoder *d);
void exact_head(struct emitter *e, const struct decoder *d);
void exact_tail(struct emitter *e, const struct decoder *d);

/* ---- the descriptor: emit_job.c ---- */
void emit_job(struct emitter *e);

#endif
