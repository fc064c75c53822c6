/* Jobs written by hand, in the terms of design/exchange_model.py, on the real engine: random graphs
   of sources, keyed folds (a row for each row, order-sensitive), tumbling windows (the real ones),
   sessions and clocks (model_fine.c), relays and a sink, with filters and explodes on their edges.
   Every row carries a text that its reader checks. */
#ifndef TESTS_SIM_MODEL_JOB_H
#define TESTS_SIM_MODEL_JOB_H

#include "runtime/base/prng.h"
#include "runtime/base/text_buf.h"
#include "runtime/exec/engine.h"

#define MODEL_SOURCES 3u
#define MODEL_STAGES 12u
#define MODEL_EDGES 64u
#define MODEL_KEYS 16u
#define MODEL_SINKS 2u

/* A clock replaces v by W. */
enum model_op { MODEL_FOLD, MODEL_TUMBLE, MODEL_SESSION, MODEL_CLOCK, MODEL_RELAY, MODEL_SINK };
enum model_apply { APPLY_NOTHING, APPLY_FILTER, APPLY_EXPLODE, APPLY_ODD, APPLY_EVEN };
enum model_key { KEY_A, KEY_V, KEY_BOTH };

struct model_event {
    u32 a;
    i64 t, v;
};

struct model_source {
    struct model_event *rows;
    u32 count, next;
    bool tail; /* the end is found by one more, empty, morsel */
    struct model *model;
    u32 number, morsel_rows;
    u32 fails_at;     /* the extent that begins here cannot be read */
    u32 malformed_at; /* this row is malformed */
    bool endless;     /* its rows come again and again */
};

struct model_sink {
    struct text_buf bytes;
    u64 room; /* a write that would take more fails */
};

struct model_fold {
    u64 n, h;
};

/* Of one shard of a stage: parts of the time line, by key. Slots are the order in which keys came.
 */
struct model_session {
    u64 key, slot;
    i64 start, end, sum;
    bool fired;
};
struct model_sessions {
    struct model_session *at;
    u32 count, room;
    u64 slots;
};

struct model {
    struct job job; /* first: generated code's counterpart finds the model by it */
    struct job_source sources[MODEL_SOURCES];
    struct job_option source_options[MODEL_SOURCES], sink_options[MODEL_SINKS];
    char pointers[MODEL_SOURCES + MODEL_SINKS][24];
    struct job_bound bounds[MODEL_SOURCES][2 * MODEL_STAGES];
    struct job_stage stages[MODEL_STAGES];
    u32 inputs[MODEL_STAGES][MODEL_EDGES];
    struct window_spec windows[MODEL_STAGES];
    struct keeper fold_keeper;
    struct keeper session_keeper;
    struct job_edge edges[MODEL_EDGES];
    enum model_op ops[MODEL_STAGES];
    enum model_key keys[MODEL_STAGES];
    enum model_apply applies[MODEL_EDGES];
    struct model_source from[MODEL_SOURCES];
    u32 sink_count;
    bool used[MODEL_SOURCES + MODEL_STAGES]; /* has its port 0 a reader? */
    /* of one run */
    struct model_fold folds[MODEL_STAGES][SHARDS][MODEL_KEYS];
    struct model_sessions sessions[MODEL_STAGES][SHARDS];
    struct model_sink sinks[MODEL_SINKS];
    struct text_buf sequence; /* the tickets: source, from, to, last */
};

/* A random graph over one to three sources. */
struct model *model_random(u64 seed);
/* Stages in a row, which can be fused. */
struct model *model_line(u64 seed);
/* Windows in a row, whose result model_serial knows. */
struct model *model_chain(u64 seed);
/* One tumbling window over sources without rows, for tests that give them some. */
struct model *model_window(u32 sources, i64 size, i64 late);
void model_free(struct model *m);

/* Forgets what a run left. */
void model_reset(struct model *m);
/* mixed: stages get tasks of their own number. */
void model_spread(struct model *m, u64 seed, bool mixed);

const struct source_ops *model_source_ops(const char *connector);
const struct sink_ops *model_sink_ops(const char *connector);

/* ---- for its own files ---- */

/* How rows travel. */
struct model_row {
    i64 t, v, stamp;
    u32 a, text_at, text_size, position;
    u16 shard;
    u16 unused[3];
};
enum model_cause { FROM_SOURCE, CAUSED, CAME_DUE, RELAYED };

/* The chains behind a stage's port take the row. */
void model_emit(struct chain *c, u32 stage, u32 port, const struct model_row *r,
                enum model_cause cause);

/* A session stage takes a row of this key (model_fine.c); its W rose, or the morsel has ended. */
void model_session_row(struct chain *c, u32 stage, struct model_row *r, u64 key);
void model_session_watermark(struct chain *c, u32 stage, i64 w);
/* What runs left in memory is freed. */
void model_sessions_forget(struct model *m);
struct model *model_of(struct chain *c);

/* W as a clock tells it: explodes, keys and sums go by small numbers. */
static inline i64 model_told(i64 w) {
    return w < 0 ? 0 : w > 1000000 ? 1000000 : w;
}

/* All bytes of all sinks: appended to out. */
void model_bytes(const struct model *m, struct text_buf *out);

/* The lines that a chain's sink should have, sorted: every row in turn, with an exact watermark
   after it, no shards, no morsels but the order in which the sources' rows came (m->sequence of a
   run). */
void model_serial(const struct model *m, struct text_buf *out);
/* The lines of a text, sorted. */
void model_sort_lines(struct text_buf *text);

#endif
