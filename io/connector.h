/* What the compiler and the engine know of a connector: its name, its options as data (checked
   before anything runs), and its source and sink. A connector is one file that ends in a constant
   `struct connector`, and one line in io/connectors.c. An option's value reaches the connector as
   text (stage/source.h), bound when the job starts. */
#ifndef IO_CONNECTOR_H
#define IO_CONNECTOR_H

#include "runtime/stage/sink.h"
#include "runtime/data/type.h"
#include "runtime/stage/source.h"

enum option_kind {
    OPTION_TEXT, /* any string */
    OPTION_WORD, /* a bare word of `words`: `format: csv` */
    OPTION_BOOL,
    OPTION_COUNT,    /* an integer from 0 */
    OPTION_SIZE,     /* 64KiB */
    OPTION_BYTE,     /* a string of one ASCII character */
    OPTION_DURATION, /* 10m, greater than zero */
    OPTION_COLUMNS,  /* a list of columns of the rows: `[day, hour]` */
};

enum option_use { USE_SOURCE = 1, USE_SINK = 2, USE_TABLE = 4 };

struct option_def {
    const char *name;
    enum option_kind kind;
    u32 use; /* where it may stand: enum option_use, or-ed */
    bool required;
    bool constant; /* part of the compiled job (what the decoder depends on): no param, no env() */
    const char *const *words; /* OPTION_WORD: null-terminated */
    const char *fallback;     /* as written; null: none */
    const char *doc;          /* one line */
};

struct connector {
    const char *name;
    const char *doc;
    const struct option_def *options; /* ends with a null name */
    const struct source_ops *source;  /* null: is no source */
    const struct sink_ops
        *sink;     /* null: is no sink (blackhole: taken by generated code, see `inlined`) */
    bool can_sink; /* may stand after `into` */
    bool inlined;  /* a sink that every task takes by itself: no exchange, no sink_ops */
    const struct column *columns; /* the schema it has by itself (sequence), else null: `: Type` is
                                     needed, but for lines */
    u32 column_count;
};

extern const struct connector *const connectors[]; /* null-terminated */

/* Null if there is none of that name. */
const struct connector *connector_find(const char *name);
/* Its source, its sink: what an engine asks for. Null if it has none. */
const struct source_ops *connector_source(const char *name);
const struct sink_ops *connector_sink(const char *name);
const struct option_def *connector_option(const struct connector *c, const char *name);

/* The bound text of an option, or its fallback (null if it has none). */
const char *option_text(const struct option_def *defs, const struct bound_option *bound, u32 count,
                        const char *name);
bool option_bool(const struct option_def *defs, const struct bound_option *bound, u32 count,
                 const char *name);
/* An integer or a size ("64KiB"); texts were checked by the compiler or, for params, are checked
   here: -1 with an error trail that names the option. */
int option_count(const struct option_def *defs, const struct bound_option *bound, u32 count,
                 const char *name, u64 *out);

#endif
