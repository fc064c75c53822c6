/* THE SEAM: what a compiled job is, and all that generated C may call. Generated C includes this
   header and nothing else; the engine loads the .so, checks magic, abi and sizes, and reads `const
   struct job millrace_job`.

   A job is sources, stages and edges (architecture.md 1-3). A *chain* is stateless operators fused
   into the loop of their producer. So generated code is: per source a function that decodes a whole
   morsel and runs its chain; per edge a function that takes rows; per window stage what its runtime
   module (stage/window.h) is parameterised with.

   Every such function exists in two variants, by a literal argument: FUSED (every stage has one
   task and one live input a source: an emission is an inline call of the reader) and RINGS (an
   emission is a row in an outlet). The engine picks one for the whole job when it knows -p. */
#ifndef RUNTIME_JOB_H
#define RUNTIME_JOB_H

#include "runtime/base/base.h"
#include "runtime/base/hash.h"
#include "runtime/data/arith.h"
#include "runtime/data/batch.h"
#include "runtime/data/csv.h"
#include "runtime/data/encode.h"
#include "runtime/data/json.h"
#include "runtime/data/number.h"
#include "runtime/data/regex.h"
#include "runtime/data/scan.h"
#include "runtime/data/scratch.h"
#include "runtime/data/split.h"
#include "runtime/data/strings.h"
#include "runtime/data/timefn.h"
#include "runtime/edge/outlet.h"
#include "runtime/snapshot/settings.h"
#include "runtime/stage/calm.h"
#include "runtime/stage/chain.h"
#include "runtime/stage/combine.h"
#include "runtime/stage/fine.h"
#include "runtime/stage/hold.h"
#include "runtime/stage/keeper.h"
#include "runtime/stage/rows.h"
#include "runtime/stage/session.h"
#include "runtime/stage/table.h"
#include "runtime/stage/window.h"
#include "runtime/state/kept.h"

#define JOB_MAGIC 0x6d696c6c72616365ull /* "millrace" */
#define JOB_ABI 8u

enum job_variant { JOB_RINGS, JOB_FUSED, JOB_VARIANTS };

/* Most of the time of a compilation goes into the loops. So the text is compiled in two parts side
   by side (dsl/build.c): PART_RINGS has the descriptor, PART_FUSED lends it what is fused. Compiled
   without either, it is whole. */
#define LENT(name) extern __typeof__(name) lent_##name __attribute__((visibility("hidden")
#if defined PART_FUSED
#define LEND(name) LENT(name), alias(#name)));
#define FUSED(name) lent_##name
#elif defined PART_RINGS
#define LEND(name) LENT(name)));
#define FUSED(name) lent_##name
#else
#define LEND(name)
#define FUSED(name) name
#endif

/* ---- connectors' options: bound when the job starts ---- */
enum job_option_from { JOB_OPTION_LITERAL, JOB_OPTION_PARAM, JOB_OPTION_ENV };
struct job_option {
    const char *name;
    enum job_option_from from;
    const char *text; /* the literal's text, or the param's or environment variable's name */
};
struct job_connector {
    const char *connector; /* "file", "stdin", ... */
    const char *format;    /* "lines", "csv", "json", "binary"; null where none */
    const struct job_option *options;
    u32 option_count;
    u32 row_bytes;    /* format binary: bytes of a row */
    bool header;      /* csv: the first record is a header */
    char delimiter;   /* csv */
    const char *head; /* csv sink with a header: the header line to write first; else null */
};
struct job_param {
    const char *name, *type; /* type as written: "string" */
    const char *fallback;    /* text of the default; null: must be given */
};

/* ---- the graph ---- */
/* Boundaries that a stage downstream can notice: k * size + offset; or, size 0, `offset` behind the
   starts of the calendar windows of the stage. */
struct job_bound {
    i64 size_ns, offset_ns;
    u32 stage;
};

/* A `time` stage behind a source: it makes a watermark of its own from the rows of the source's
   morsels. Edges of port JOB_TIMES_PORT + k have that of times[k]. */
struct job_time {
    bool at_end;
    i64 lag_ns;
};
#define JOB_TIMES_PORT 2u

struct job_source {
    const char *name;
    struct job_connector connector;
    bool has_time; /* rows have an event time */
    bool at_end;   /* watermark at end: no mark before the end, exact is TIME_NEVER */
    bool wall;     /* rows have the clock's time, and W is the clock less the lag, rows or not */
    i64 lag_ns;
    i64 ahead_ns;    /* rows that are more than this ahead of the clock do not raise W; 0: all do */
    i64 idle_ns;     /* with nothing to read for so long it holds W back no longer; 0: always */
    bool idle_flush; /* and then W moves past the greatest time that it had */
    /* Boundaries of the clock that somebody downstream waits for: where there are some, each morsel
       ends with a mark at which the clock rises, and empty morsels come when one is passed. */
    const struct job_bound *ticks;
    u32 tick_count;
    const struct job_time *times;
    u32 time_count;
    const struct job_bound *bounds; /* of all stages downstream */
    u32 bound_count;
    u8 malformed; /* 0 fail, 1 skip, 2 into */
    /* Decodes all records of the extent and runs the chain; ends with chain->top set. Called for
       one morsel at a time on the taker's worker. Never blocks; sending cannot fail (R3). */
    void (*morsel[JOB_VARIANTS])(struct chain *c, const struct extent *x);
    /* Rings only, or null: sends what pre-combining holds back; the runtime calls it before each
     * mark and END. */
    void (*flush)(struct chain *c);
};

enum job_stage_kind { JOB_KEEPER, JOB_RELAY, JOB_SINK };

struct job_stage {
    const char *name; /* "panes/aggregate": how its state is found again */
    const char *was;  /* the name under which an older job saved it (`stream a was b`); or null */
    enum job_stage_kind kind;
    u32 line;             /* in the .flow file, for messages */
    u32 parallel;         /* 0: as the job. A sink is always 1 */
    i32 on_core, on_node; /* -1: anywhere */
    const u32 *inputs;    /* edges, in the order written */
    u32 input_count;
    bool fine; /* its W is exact at every row (stage/fine.h); its edges carry stamps */
    const struct keeper *keeper; /* JOB_KEEPER: what remembers; else null */
    const struct window_spec *window;
    const struct state_schema *schema; /* of what is remembered */
    const void *ops[JOB_VARIANTS];
    struct job_connector sink; /* JOB_SINK */
};

enum job_route {
    ROUTE_ONE,    /* the reader has one task (sinks) */
    ROUTE_KEY,    /* by shard: the high bits of the key's hash */
    ROUTE_MORSEL, /* relay: task morsel % tasks takes all rows of the morsel */
};

struct job_edge {
    bool from_source;
    u32 from, port; /* source or stage, and its port (1: malformed, late; more: job_time) */
    u32 to, input;  /* stage, and which of its inputs */
    enum job_route route;
    u32 row_bytes;    /* of the row as it travels */
    const u16 *texts; /* offsets in the row of its strings: (u32 offset in the batch, u32 size) */
    u32 text_count;
    i32 position_at; /* offset of u32 position; -1: rows of this edge carry none (raw, one live
                        input, reader emits nothing caused) */
    i32 shard_at;    /* offset of u16 shard; -1: as above, or raw (then 0) */
    i32 stamp_at; /* offset of i64 stamp; only where the reader is fine, or leads to one that is */
    const struct combine_ops
        *combine; /* rings: rows are partials, pre-combined by the source; else null */
    /* Takes `count` rows that stand one after another from `row`; strings are relative to `base`.
       Runs the reader: a window adds them, a relay runs its chain. Null for sinks: the runtime
       takes their one string. */
    void (*rows[JOB_VARIANTS])(struct chain *c, const u8 *base, const u8 *row, u32 count);
};

struct job_table {
    const char *name;
    struct job_connector connector;
    const struct table_ops *ops;
    /* Decodes all records of the extent into the table. */
    void (*load)(struct chain *c, struct table *t, const struct extent *x);
};

/* A pattern that chain->regexes[i] is compiled from. The compiler has tried it. */
struct job_regex {
    const char *pattern;
    u64 size;
};

struct job {
    u64 magic;
    u32 abi;
    u32 chain_bytes, outlet_bytes, window_bytes; /* sizeof, as the generated code saw them */
    const char
        *name; /* the .flow file's name without folder and suffix; the hash key is made of it */
    const struct job_param *params;
    const struct job_source *sources;
    const struct job_stage *stages; /* in topological order */
    const struct job_edge *edges;   /* numbered; outlets of a chain are indexed by these */
    const struct job_table *tables;
    u32 param_count, source_count, stage_count, edge_count, table_count;
    u32 regex_count;
    const struct job_regex
        *regexes;    /* patterns that are not table scans; compiled at load, by chain */
    bool can_fuse;   /* every stage has one live input for each source */
    u32 parallelism; /* `set parallelism`; 0: not set */
    u64 memory_bytes;
    struct job_snapshots snapshots;
    u32 blackhole_count;           /* chains count rows of these in chain->blackholes[i] */
    const char *const *blackholes; /* their names */
};

#endif
