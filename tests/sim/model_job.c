#include "tests/sim/model_job.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/task.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRIME 2305843009213693951ull

/* A sink's rows. */
struct model_line {
    u32 text_at, text_size, position;
    u16 shard, unused;
};
static const u16 row_texts[] = { offsetof(struct model_row, text_at) };
static const u16 line_texts[] = { offsetof(struct model_line, text_at) };

struct model *model_of(struct chain *c) {
    struct task *t = c->engine;
    return (struct model *)(uintptr_t)t->run->job;
}
static bool is_fused(struct chain *c) {
    struct task *t = c->engine;
    return t->run->variant == JOB_FUSED;
}

static u64 key_of(enum model_key key, const struct model_row *r) {
    switch (key) {
    case KEY_A:
        return r->a;
    case KEY_V:
        return (u64)r->v % 3;
    case KEY_BOTH:
        return (r->a + (u64)r->v) % 5;
    }
    ENSURE(!"a key");
}

static u32 text_of(const struct model_row *r, char *to) {
    u32 size = (u32)sprintf(to, "%u %" PRId64 " %" PRId64, r->a, r->t, r->v);
    for (u64 more = ((u64)r->v + (u64)r->t) % 40; more > 0; more--) to[size++] = '.';
    return size;
}

/* ---- sending ---- */

static void model_rows(struct chain *c, u32 edge, const u8 *base, const u8 *row, u32 count);

static void send_line(struct chain *c, u32 edge, struct model_row *r, enum model_cause cause) {
    struct model *m = model_of(c);
    char text[160];
    u32 size = (u32)sprintf(text, "%u %u %" PRId64 " %" PRId64 "\n", m->edges[edge].input, r->a,
                            r->t, r->v);
    struct outlet *o = &c->outlets[edge];
    if (is_fused(c) && cause != CAUSED) {
        chain_sink(c, m->edges[edge].to, (const u8 *)text, size);
        return;
    }
    bool staged = cause == CAUSED || cause == RELAYED;
    struct model_line *line =
        (struct model_line *)(staged ? outlet_caused_row(o, 0, sizeof *line, size, r->position,
                                                         r->shard)
                                     : outlet_row(o, 0, sizeof *line, size));
    struct str s = { text, size };
    *line = (struct model_line){ 0, size, r->position, r->shard, 0 };
    line->text_at = staged ? outlet_caused_text(o, 0, s) : outlet_text(o, 0, s);
}

static void send_row(struct chain *c, u32 edge, struct model_row *r, enum model_cause cause) {
    struct model *m = model_of(c);
    const struct job_edge *e = &m->edges[edge];
    char text[160];
    struct str s = { text, text_of(r, text) };
    r->text_size = (u32)s.size;
    bool gathered = is_fused(c) && m->stages[e->to].fine && cause != FROM_SOURCE;
    if (is_fused(c) && cause != CAUSED && !gathered) {
        struct {
            struct model_row row;
            char text[160];
        } inlined = { .row = *r };
        inlined.row.text_at = sizeof inlined.row;
        memcpy(inlined.text, text, s.size);
        model_rows(c, edge, (const u8 *)&inlined, (const u8 *)&inlined, 1);
        return;
    }
    struct outlet *o = &c->outlets[edge];
    bool staged = cause == CAUSED || cause == RELAYED || gathered;
    u32 reader = e->route == ROUTE_KEY
                     ? outlet_reader(o, hash_u64(key_of(m->keys[e->to], r), c->hash_key))
                     : o->reader_now;
    u8 *at = staged ? outlet_caused_row(o, reader, sizeof *r, s.size, r->position, r->shard)
                    : outlet_row(o, reader, sizeof *r, s.size);
    memcpy(at, r, sizeof *r);
    ((struct model_row *)at)->text_at =
        staged ? outlet_caused_text(o, reader, s) : outlet_text(o, reader, s);
}

/* The chain of an edge: what is fused into its producer. */
static void emit(struct chain *c, bool from_source, u32 from, u32 port, const struct model_row *r,
                 enum model_cause cause) {
    struct model *m = model_of(c);
    for (u32 i = 0; i < m->job.edge_count; i++) {
        if (!graph_edge_from(&m->edges[i], from_source, from) || m->edges[i].port != port) continue;
        u32 times = 1;
        switch (m->applies[i]) {
        case APPLY_NOTHING:
            break;
        case APPLY_FILTER:
            times = (r->a + (u64)r->v) % 3 != 0;
            break;
        case APPLY_EXPLODE:
            times = (u32)((u64)r->v % 3);
            break;
        case APPLY_ODD:
            times = r->a % 2;
            break;
        case APPLY_EVEN:
            times = r->a % 2 == 0;
            break;
        }
        for (u32 n = 0; n < times; n++) {
            struct model_row copy = *r;
            copy.v += m->applies[i] == APPLY_EXPLODE ? n : 0;
            if (m->ops[m->edges[i].to] == MODEL_SINK)
                send_line(c, i, &copy, cause);
            else
                send_row(c, i, &copy, cause);
        }
    }
}

void model_emit(struct chain *c, u32 stage, u32 port, const struct model_row *r,
                enum model_cause cause) {
    emit(c, false, stage, port, r, cause);
}

/* ---- stages ---- */

struct acc {
    u64 rows;
    i64 sum;
};
static bool key_equal(const void *slot, const void *key, const struct region *r) {
    return !memcmp(slot, key, 8);
}
static u64 key_hash(const void *slot, u64 hash_key, const struct region *r) {
    u64 key;
    memcpy(&key, slot, 8);
    return hash_u64(key, hash_key);
}
static void key_keep(void *slot, const void *key, struct region *r) {
    memcpy(slot, key, 8);
}
static void acc_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct acc *to = into;
    const struct acc *more = from;
    to->rows += more->rows;
    to->sum = (i64)((u64)to->sum + (u64)more->sum);
}
static void acc_subtract(void *from, const void *gone) {
    struct acc *of = from;
    const struct acc *less = gone;
    of->rows -= less->rows;
    of->sum = (i64)((u64)of->sum - (u64)less->sum);
}
#define MODEL_KEYED                                                                                \
    {                                                                                              \
        .slot_size = 32, .acc_at = 8, .key_equal = key_equal, .key_hash = key_hash,                \
        .key_keep = key_keep                                                                       \
    }
static void fire(struct chain *c, u32 stage, const void *key, const struct acc *acc,
                 const struct pane *p) {
    u64 k;
    memcpy(&k, key, 8);
    struct model_row r = { .t = p->event_time,
                           .v = acc->sum,
                           .stamp = p->stamp,
                           .a = (u32)k,
                           .position = p->position,
                           .shard = p->shard };
    model_emit(c, stage, 0, &r, p->caused ? CAUSED : CAME_DUE);
}

static const struct window_ops *const window_ops_of[];

static void tumble(struct chain *c, u32 stage, struct model_row *r, u64 key, u64 hash) {
    struct window *w = c->states[stage];
    struct acc one = { 1, r->v };
    if (window_elsewhere(w, r->t)) {
        if (!window_add(c, w, window_ops_of[stage], &key, hash, r->t, &one))
            model_emit(c, stage, 1, r, CAUSED);
        return;
    }
    struct acc *acc = window_slot(w, window_ops_of[stage], &key, hash);
    acc_merge(c, NULL, acc, &one);
}

static void fold(struct chain *c, u32 stage, struct model_row *r, u64 key, u64 hash) {
    struct model_fold *f = &model_of(c)->folds[stage][hash >> 57][key];
    f->h = (f->h * 31 + (u64)r->t * 7 + (u64)r->v + f->n) % PRIME;
    f->n++;
    r->v = (i64)f->h;
    model_emit(c, stage, 0, r, CAUSED);
}

static void tell_time(struct chain *c, u32 stage, struct model_row *r) {
    r->v = model_told(fine_w(&c->fine[stage], r->stamp));
    model_emit(c, stage, 0, r, CAUSED);
}

static void model_rows(struct chain *c, u32 edge, const u8 *base, const u8 *row, u32 count) {
    struct model *m = model_of(c);
    u32 stage = m->edges[edge].to;
    for (u32 i = 0; i < count; i++) {
        struct model_row r;
        memcpy(&r, row + i * sizeof r, sizeof r);
        char text[160];
        ENSURE(text_of(&r, text) == r.text_size && !memcmp(text, base + r.text_at, r.text_size));
        c->position = r.position;
        c->stamp = r.stamp;
        u64 key = key_of(m->keys[stage], &r), hash = hash_u64(key, c->hash_key);
        u16 from = r.shard;
        r.shard = (u16)(hash >> 57);
        switch (m->ops[stage]) {
        case MODEL_FOLD:
            fold(c, stage, &r, key, hash);
            break;
        case MODEL_TUMBLE:
            tumble(c, stage, &r, key, hash);
            break;
        case MODEL_SESSION:
            model_session_row(c, stage, &r, key);
            break;
        case MODEL_CLOCK:
            r.shard = from;
            tell_time(c, stage, &r);
            break;
        case MODEL_RELAY:
            r.shard = from;
            model_emit(c, stage, 0, &r, RELAYED);
            break;
        case MODEL_SINK:
            ENSURE(!"the runtime takes a sink's rows");
        }
    }
}

/* ---- sources ---- */

static void model_morsel(struct chain *c, u32 source, const struct extent *x) {
    const struct model_source *from = &model_of(c)->from[source];
    for (u64 i = 0; i < x->rows; i++) {
        const struct model_event *e = &from->rows[x->offset + i];
        c->position = (u32)i;
        if (x->offset + i == from->malformed_at && !chain_malformed(c, x, i, 1, "no number"))
            return;
        struct model_row r = { .t = e->t, .v = e->v, .a = e->a, .position = (u32)i };
        r.stamp = fine_stamp(c->top, model_of(c)->sources[source].lag_ns);
        emit(c, true, source, 0, &r, FROM_SOURCE);
        if (e->t > c->top) c->top = e->t;
        if (e->t >= c->mark_next) c->mark_next = chain_mark(c, e->t);
    }
    c->sources[source].rows_in += x->rows;
}

/* ---- functions by number: what a compiler would generate ---- */

#define N(n)                                                                                       \
    static void rows_##n(struct chain *c, const u8 *base, const u8 *row, u32 count) {              \
        model_rows(c, n, base, row, count);                                                        \
    }                                                                                              \
    static void morsel_##n(struct chain *c, const struct extent *x) {                              \
        model_morsel(c, n, x);                                                                     \
    }                                                                                              \
    static void fire_##n(struct chain *c, const void *key, const void *acc,                        \
                         const struct pane *p) {                                                   \
        fire(c, n, key, acc, p);                                                                   \
    }                                                                                              \
    static void pass_##n(struct chain *c, struct pass *p);                                         \
    static const struct window_ops window_##n = { .keyed = MODEL_KEYED,                            \
                                                  .acc_size = sizeof(struct acc),                  \
                                                  .merge = acc_merge,                              \
                                                  .subtract = acc_subtract,                        \
                                                  .emit = fire_##n,                                \
                                                  .pass = pass_##n };                              \
    static void pass_##n(struct chain *c, struct pass *p) {                                        \
        window_pass(c, &window_##n, p);                                                            \
    }
#include "tests/sim/numbers.def"
#undef N
#define N(n) rows_##n,
static void (*const rows_of[])(struct chain *, const u8 *, const u8 *, u32) = {
#include "tests/sim/numbers.def"
};
#undef N
#define N(n) morsel_##n,
static void (*const morsel_of[])(struct chain *, const struct extent *) = {
#include "tests/sim/numbers.def"
};
#undef N
#define N(n) &window_##n,
static const struct window_ops *const window_ops_of[] = {
#include "tests/sim/numbers.def"
};
#undef N

/* ---- connectors: rows in memory, bytes in memory ---- */

static void *source_open(struct env *env, const struct source_spec *spec) {
    void *self;
    ENSURE(sscanf(spec->options[0].text, "%p", &self) == 1);
    struct model_source *s = self;
    s->next = 0;
    s->morsel_rows = (u32)spec->morsel_bytes;
    return s;
}
static enum source_answer source_extent(void *self, struct extent *out) {
    struct model_source *s = self;
    if (s->next >= s->fails_at) {
        error_set(EIO, "read rows");
        return SOURCE_FAILED;
    }
    if (s->endless && s->next == s->count) s->next = 0;
    u32 left = s->count - s->next, rows = left < s->morsel_rows ? left : s->morsel_rows;
    *out = (struct extent){ .offset = s->next, .rows = rows };
    s->next += rows;
    bool last = s->next == s->count && (!rows || !s->tail) && !s->endless;
    text_buf_printf(&s->model->sequence, "%u %lu %lu %d\n", s->number, out->offset,
                    rows + out->offset, last);
    return last ? SOURCE_LAST : SOURCE_EXTENT;
}
static const char *describe(void *self) {
    return "memory";
}
static void source_close(void *self) {}

static void *sink_open(struct env *env, const struct sink_spec *spec) {
    void *self;
    ENSURE(sscanf(spec->options[0].text, "%p", &self) == 1);
    return self;
}
static int sink_write(void *self, const u8 *at, u64 size) {
    struct model_sink *sink = self;
    if (sink->bytes.size + size > sink->room) return error_set(ENOSPC, "write rows");
    text_buf_put(&sink->bytes, at, size);
    return 0;
}
static int sink_nothing(void *self) {
    return 0;
}

const struct source_ops *model_source_ops(const char *connector) {
    static const struct source_ops ops = { .name = "memory",
                                           .open = source_open,
                                           .extent = source_extent,
                                           .describe = describe,
                                           .close = source_close };
    return &ops;
}
const struct sink_ops *model_sink_ops(const char *connector) {
    static const struct sink_ops ops = { .name = "memory",
                                         .open = sink_open,
                                         .write = sink_write,
                                         .flush = sink_nothing,
                                         .finish = sink_nothing };
    return &ops;
}

/* ---- plans ---- */

static u64 pick(struct prng *p, const u64 *from, u32 count) {
    return from[prng_below(p, count)];
}

static struct model *begin(struct prng *p, u32 sources, u32 rows) {
    struct model *m = calloc(1, sizeof *m);
    ENSURE(m);
    for (u32 i = 0; i < MODEL_SINKS; i++) {
        text_buf_init(&m->sinks[i].bytes);
        m->sinks[i].room = UINT64_MAX;
    }
    text_buf_init(&m->sequence);
    m->job = (struct job){ .magic = JOB_MAGIC,
                           .abi = JOB_ABI,
                           .name = "model",
                           .sources = m->sources,
                           .stages = m->stages,
                           .edges = m->edges,
                           .source_count = sources };
    for (u32 s = 0; s < sources; s++) {
        struct model_source *from = &m->from[s];
        u32 count = (u32)pick(p, (u64[]){ 0, 1, rows, rows, rows }, 5);
        *from = (struct model_source){ .rows = calloc(count + 1, sizeof *from->rows),
                                       .count = count,
                                       .tail = prng_chance(p, 1, 2),
                                       .fails_at = UINT32_MAX,
                                       .malformed_at = UINT32_MAX,
                                       .model = m,
                                       .number = s };
        i64 t = (i64)prng_below(p, 20);
        for (u32 i = 0; i < count; i++) {
            t += (i64)pick(p, (u64[]){ 0, 0, 1, 3, 10 }, 5);
            from->rows[i] = (struct model_event){
                (u32)prng_below(p, 6),
                t - (i64)pick(p, (u64[]){ 0, 0, 0, 2, 9, 40 }, 6),
                (i64)prng_below(p, 9),
            };
        }
        sprintf(m->pointers[s], "%p", (void *)from);
        m->source_options[s] = (struct job_option){ "rows", JOB_OPTION_LITERAL, m->pointers[s] };
        m->sources[s] = (struct job_source){
            .name = "memory",
            .connector = { .connector = "memory",
                           .options = &m->source_options[s],
                           .option_count = 1 },
            .has_time = true,
            .lag_ns = (i64)pick(p, (u64[]){ 0, 1, 5 }, 3),
            .bounds = m->bounds[s],
            .morsel = { morsel_of[s], morsel_of[s] },
        };
    }
    return m;
}

static void session_rises(struct chain *c, void *state, const void *ops, i64 w, i64 clock) {
    u32 stage = 0;
    while (window_ops_of[stage] != ops) stage++;
    model_session_watermark(c, stage, w);
}

/* Nothing of a fold ever comes due. */
static void fold_stays(struct chain *c, void *state, const void *ops, i64 w, i64 clock) {
    (void)c;
    (void)state;
    (void)ops;
    (void)w;
    (void)clock;
}

static const struct keeper *keeper_of(const struct model *m, enum model_op op) {
    switch (op) {
    case MODEL_FOLD:
        return &m->fold_keeper;
    case MODEL_TUMBLE:
        return &window_keeper;
    case MODEL_SESSION:
        return &m->session_keeper;
    case MODEL_CLOCK:
    case MODEL_RELAY:
    case MODEL_SINK:
        return NULL;
    }
    return NULL;
}

static u32 add_stage(struct model *m, enum model_op op, enum model_key key, i64 size, i64 late) {
    u32 k = m->job.stage_count++;
    ENSURE(k < MODEL_STAGES);
    static const char *const names[] = { "fold", "tumble", "session", "clock", "relay", "sink" };
    static const enum job_stage_kind kinds[] = { JOB_KEEPER, JOB_KEEPER, JOB_KEEPER,
                                                 JOB_RELAY,  JOB_RELAY,  JOB_SINK };
    m->ops[k] = op;
    m->fold_keeper = window_keeper;
    m->fold_keeper.watermark = fold_stays;
    m->session_keeper = window_keeper;
    m->session_keeper.watermark = session_rises;
    m->keys[k] = key;
    m->windows[k] = (struct window_spec){ .size_ns = size, .slide_ns = size, .lateness_ns = late };
    m->stages[k] = (struct job_stage){ .name = names[op],
                                       .kind = kinds[op],
                                       .on_core = -1,
                                       .on_node = -1,
                                       .inputs = m->inputs[k],
                                       .keeper = keeper_of(m, op),
                                       .fine = op == MODEL_SESSION || op == MODEL_CLOCK,
                                       .window = &m->windows[k],
                                       .ops = { window_ops_of[k], window_ops_of[k] } };
    if (op == MODEL_SINK) {
        u32 n = m->sink_count++;
        ENSURE(n < MODEL_SINKS);
        char *pointer = m->pointers[MODEL_SOURCES + n];
        sprintf(pointer, "%p", (void *)&m->sinks[n]);
        m->sink_options[n] = (struct job_option){ "bytes", JOB_OPTION_LITERAL, pointer };
        m->stages[k].sink = (struct job_connector){ .connector = "memory",
                                                    .options = &m->sink_options[n],
                                                    .option_count = 1 };
    }
    return k;
}

/* `origin`: a source's number, or MODEL_SOURCES + the stage's. */
static void add_edge(struct model *m, u32 to, u32 origin, u32 port, enum model_apply apply) {
    static const enum job_route routes[] = { ROUTE_KEY,    ROUTE_KEY,    ROUTE_KEY,
                                             ROUTE_MORSEL, ROUTE_MORSEL, ROUTE_ONE };
    u32 i = m->job.edge_count++;
    ENSURE(i < MODEL_EDGES);
    bool sink = m->ops[to] == MODEL_SINK, raw = origin < MODEL_SOURCES;
    m->applies[i] = apply;
    if (!port) m->used[origin] = true;
    m->edges[i] = (struct job_edge){
        .from_source = raw,
        .from = raw ? origin : origin - MODEL_SOURCES,
        .port = port,
        .to = to,
        .input = m->stages[to].input_count,
        .route = routes[m->ops[to]],
        .row_bytes = sink ? sizeof(struct model_line) : sizeof(struct model_row),
        .texts = sink ? line_texts : row_texts,
        .text_count = 1,
        .position_at =
            sink ? offsetof(struct model_line, position) : offsetof(struct model_row, position),
        .shard_at = sink ? offsetof(struct model_line, shard) : offsetof(struct model_row, shard),
        .stamp_at = offsetof(struct model_row, stamp),
        .rows = { sink ? NULL : rows_of[i], sink ? NULL : rows_of[i] },
    };
    m->inputs[to][m->stages[to].input_count++] = i;
}

/* What depends on the whole graph: boundaries by source, and whether it can be fused. */
static void finish(struct model *m) {
    struct arena arena;
    arena_init(&arena);
    struct graph g;
    graph_init(&g, &m->job, &arena);
    m->job.can_fuse = true;
    for (u32 k = 0; k < m->job.stage_count; k++)
        for (u32 s = 0; s < m->job.source_count; s++) {
            if (m->ops[k] == MODEL_TUMBLE && graph_stage_descends(&g, k, s)) {
                const struct window_spec *w = &m->windows[k];
                m->bounds[s][m->sources[s].bound_count++] = (struct job_bound){ w->size_ns, 0 };
                m->bounds[s][m->sources[s].bound_count++] =
                    (struct job_bound){ w->size_ns, w->lateness_ns };
            }
            u32 live = 0;
            for (u32 i = 0; i < m->stages[k].input_count; i++)
                live += g.edge_descends[m->inputs[k][i] * m->job.source_count + s];
            if (live > 1) m->job.can_fuse = false;
        }
    arena_fini(&arena);
}

static enum model_apply random_apply(struct prng *p) {
    return (enum model_apply)pick(
        p, (u64[]){ APPLY_NOTHING, APPLY_NOTHING, APPLY_FILTER, APPLY_EXPLODE }, 4);
}

static u32 add_random(struct model *m, struct prng *p) {
    enum model_op op =
        (enum model_op)pick(p,
                            (u64[]){ MODEL_FOLD, MODEL_FOLD, MODEL_TUMBLE, MODEL_TUMBLE,
                                     MODEL_SESSION, MODEL_SESSION, MODEL_CLOCK, MODEL_RELAY },
                            8);
    i64 size = (i64)pick(p, (u64[]){ 2, 3, 5, 8, 10 }, 5),
        late = (i64)pick(p, (u64[]){ 0, 0, 3, 7 }, 4);
    return add_stage(m, op, (enum model_key)prng_below(p, 3), size, late);
}

static void random_stage(struct model *m, struct prng *p) {
    u32 stages = m->job.stage_count, inputs = (u32)pick(p, (u64[]){ 1, 1, 2, 3 }, 4);
    u32 k = add_random(m, p);
    u64 taken = 0; /* an origin and port at most once */
    for (u32 i = 0; i < inputs; i++) {
        bool raw = !stages || prng_chance(p, 1, 3);
        u32 origin = raw ? (u32)prng_below(p, m->job.source_count)
                         : MODEL_SOURCES + (u32)prng_below(p, stages);
        u32 port = !raw && prng_chance(p, 1, 4);
        u64 bit = 1ull << (2 * origin + port);
        if (!(taken & bit)) add_edge(m, k, origin, port, random_apply(p));
        taken |= bit;
    }
}

static void random_sink(struct model *m, struct prng *p) {
    u32 stages = m->job.stage_count, k = add_stage(m, MODEL_SINK, KEY_A, 0, 0);
    for (u32 i = 0; i < MODEL_SOURCES + stages; i++) {
        if (i >= m->job.source_count && i < MODEL_SOURCES) continue;
        if (!m->used[i] || prng_chance(p, 3, 10)) add_edge(m, k, i, 0, APPLY_NOTHING);
        if (i >= MODEL_SOURCES && prng_chance(p, 1, 2)) add_edge(m, k, i, 1, APPLY_NOTHING);
    }
}

struct model *model_random(u64 seed) {
    struct prng prng, *p = &prng;
    prng_init(p, seed);
    struct model *m = begin(p, (u32)pick(p, (u64[]){ 1, 2, 2, 3 }, 4), 5 + (u32)prng_below(p, 45));
    u32 shape = (u32)prng_below(p, 4), first = MODEL_SOURCES;
    if (shape == 0) { /* union(s1, window(union(s1, s2))) */
        u32 w = add_stage(m, MODEL_TUMBLE, (enum model_key)prng_below(p, 3), 5, 3);
        add_edge(m, w, 0, 0, random_apply(p));
        add_edge(m, w, m->job.source_count - 1, 0, random_apply(p));
        u32 k = add_random(m, p);
        add_edge(m, k, 0, 0, random_apply(p));
        add_edge(m, k, first, 0, random_apply(p));
    } else if (shape == 1) { /* a diamond */
        add_edge(m, add_random(m, p), 0, 0, random_apply(p));
        add_edge(m, add_random(m, p), first, 0, random_apply(p));
        u32 c = add_random(m, p);
        add_edge(m, c, first, 0, random_apply(p));
        add_edge(m, c, first, 1, random_apply(p));
        u32 d = add_random(m, p);
        add_edge(m, d, first + 1, 0, random_apply(p));
        add_edge(m, d, first + 2, 0, random_apply(p));
    }
    for (u64 more = 1 + prng_below(p, 3); more > 0; more--) random_stage(m, p);
    random_sink(m, p);
    finish(m);
    return m;
}

struct model *model_line(u64 seed) {
    struct prng prng, *p = &prng;
    prng_init(p, seed);
    struct model *m = begin(p, (u32)pick(p, (u64[]){ 1, 1, 2 }, 3), 5 + (u32)prng_below(p, 45));
    u32 stages = 1 + (u32)prng_below(p, 4), tumbles[4], tumble_count = 0;
    for (u32 k = 0; k < stages; k++) {
        add_random(m, p);
        if (m->ops[k] == MODEL_TUMBLE) tumbles[tumble_count++] = k;
        if (k) add_edge(m, k, MODEL_SOURCES + k - 1, 0, random_apply(p));
        for (u32 s = 0; !k && s < m->job.source_count; s++) add_edge(m, 0, s, 0, random_apply(p));
    }
    u32 sink = add_stage(m, MODEL_SINK, KEY_A, 0, 0);
    add_edge(m, sink, MODEL_SOURCES + stages - 1, 0, APPLY_NOTHING);
    if (tumble_count) {
        u32 late = add_stage(m, MODEL_SINK, KEY_A, 0, 0);
        add_edge(m, late, MODEL_SOURCES + tumbles[prng_below(p, tumble_count)], 1, APPLY_NOTHING);
    }
    finish(m);
    ENSURE(m->job.can_fuse);
    return m;
}

struct model *model_chain(u64 seed) {
    struct prng prng, *p = &prng;
    prng_init(p, seed);
    struct model *m = begin(p, (u32)pick(p, (u64[]){ 1, 1, 2, 3 }, 4), 5 + (u32)prng_below(p, 35));
    u32 windows = (u32)pick(p, (u64[]){ 1, 1, 2, 3 }, 4);
    bool split = prng_chance(p, 1, 2);
    for (u32 k = 0; k < windows; k++) {
        i64 size = (i64)pick(p, (u64[]){ 2, 3, 5, 8 }, 4);
        i64 late = (i64)pick(p, (u64[]){ 0, 0, 3, 12 }, 4);
        enum model_op op = (enum model_op)pick(
            p, (u64[]){ MODEL_TUMBLE, MODEL_TUMBLE, MODEL_SESSION, MODEL_SESSION, MODEL_CLOCK }, 5);
        add_stage(m, op, (enum model_key)prng_below(p, 3), size, late);
        if (k) add_edge(m, k, MODEL_SOURCES + k - 1, 0, APPLY_NOTHING);
        for (u32 s = 0; !k && s < m->job.source_count; s++) {
            add_edge(m, 0, s, 0, split ? APPLY_ODD : APPLY_NOTHING);
            if (split) add_edge(m, 0, s, 0, APPLY_EVEN);
        }
    }
    u32 sink = add_stage(m, MODEL_SINK, KEY_A, 0, 0);
    add_edge(m, sink, MODEL_SOURCES + windows - 1, 0, APPLY_NOTHING);
    for (u32 k = 0; k < windows; k++) add_edge(m, sink, MODEL_SOURCES + k, 1, APPLY_NOTHING);
    finish(m);
    return m;
}

struct model *model_window(u32 sources, i64 size, i64 late) {
    struct prng prng;
    prng_init(&prng, 0);
    struct model *m = begin(&prng, sources, 0);
    add_stage(m, MODEL_TUMBLE, KEY_A, size, late);
    u32 sink = add_stage(m, MODEL_SINK, KEY_A, 0, 0);
    for (u32 s = 0; s < sources; s++) {
        m->sources[s].lag_ns = 0;
        add_edge(m, 0, s, 0, APPLY_NOTHING);
    }
    add_edge(m, sink, MODEL_SOURCES, 0, APPLY_NOTHING);
    add_edge(m, sink, MODEL_SOURCES, 1, APPLY_NOTHING);
    finish(m);
    return m;
}

void model_free(struct model *m) {
    model_sessions_forget(m);
    for (u32 s = 0; s < m->job.source_count; s++) free(m->from[s].rows);
    for (u32 i = 0; i < MODEL_SINKS; i++) text_buf_fini(&m->sinks[i].bytes);
    text_buf_fini(&m->sequence);
    free(m);
}

void model_reset(struct model *m) {
    model_sessions_forget(m);
    memset(m->folds, 0, sizeof m->folds);
    for (u32 i = 0; i < MODEL_SINKS; i++) text_buf_clear(&m->sinks[i].bytes);
    text_buf_clear(&m->sequence);
}

void model_bytes(const struct model *m, struct text_buf *out) {
    for (u32 i = 0; i < MODEL_SINKS; i++) {
        text_buf_put(out, m->sinks[i].bytes.at, m->sinks[i].bytes.size);
        text_buf_str(out, "--\n");
    }
}

void model_spread(struct model *m, u64 seed, bool mixed) {
    struct prng prng;
    prng_init(&prng, seed);
    for (u32 k = 0; k < m->job.stage_count; k++)
        m->stages[k].parallel = mixed ? (u32)pick(&prng, (u64[]){ 1, 2, 3, 5 }, 4) : 0;
}
