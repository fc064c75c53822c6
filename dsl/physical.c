#include "dsl/logical.h"
#include "dsl/physical_internal.h"

#include <string.h>

#include "dsl/functions.h"
#include "dsl/logical.h"
#include "runtime/base/ensure.h"

/* ---- operators ---- */

static struct pop *pop_of(struct planner *p, const struct lop *op) {
    return &p->plan->ops[op->id];
}

static void add_reader(struct planner *p, const struct lop *op, u32 input) {
    struct pop *from = pop_of(p, op->inputs[input]);
    u32 port = op->input_ports[input];
    from->readers[port][from->reader_count[port]++] = (struct preader){ op, input };
}

static void plan_readers(struct planner *p) {
    const struct logical *l = p->logical;
    u32 ways = 0;
    for (u32 i = 0; i < l->op_count; i++) ways += l->ops[i]->input_count;
    for (u32 i = 0; i < l->op_count; i++) {
        struct pop *own = pop_of(p, l->ops[i]);
        own->stage = own->hole = own->table = -1;
        own->used = arena_alloc(p->arena, l->ops[i]->schema.count);
        for (u32 port = 0; port < 2; port++)
            own->readers[port] = arena_alloc(p->arena, ways * sizeof *own->readers[port]);
    }
    for (u32 i = 0; i < l->op_count; i++)
        for (u32 k = 0; k < l->ops[i]->input_count; k++) add_reader(p, l->ops[i], k);
    for (u32 i = 0; i < l->op_count; i++) {
        struct pop *own = pop_of(p, l->ops[i]);
        if (!own->reader_count[1]) continue;
        const struct preader *first = &own->readers[1][0];
        own->side_used = arena_alloc(p->arena, lop_input_schema(first->op, first->input).count);
    }
}

/* ---- stages ---- */

static bool is_blackhole(const struct lop *op) {
    return op->kind == LOP_SINK && strcmp(op->sink.connector, "blackhole") == 0;
}

/* A break before a stage that sits behind rings anyway needs no relay. */
static bool break_needs_relay(struct planner *p, const struct lop *op) {
    const struct pop *own = pop_of(p, op);
    for (u32 i = 0; i < own->reader_count[0]; i++) {
        const struct lop *reader = own->readers[0][i].op;
        if ((!lop_remembers(reader) && reader->kind != LOP_SINK) || is_blackhole(reader))
            return true;
    }
    return false;
}

static bool is_placed_otherwise(const struct lop *op) {
    for (u32 i = 0; i < op->input_count; i++) {
        const struct lop *from = op->inputs[i];
        if (from->parallel != op->parallel || from->on_core != op->on_core ||
            from->on_node != op->on_node)
            return true;
    }
    return false;
}

/* A chain with `watermark()` needs a stage of fine time before it; one for the whole chain. */
static bool is_in_fine_chain(struct planner *p, const struct lop *op) {
    for (;;) {
        if (op->input_count != 1 || op->input_ports[0]) return false;
        op = op->inputs[0];
        i32 stage = pop_of(p, op)->stage;
        if (stage >= 0)
            return p->plan->stages[stage].kind == PSTAGE_RELAY && p->plan->stages[stage].fine;
    }
}

static bool needs_fine_relay(struct planner *p, const struct lop *op) {
    return lop_asks_watermark(op) && !is_in_fine_chain(p, op);
}

static bool is_stage(struct planner *p, const struct lop *op, enum pstage_kind *kind) {
    switch (op->kind) {
    case LOP_AGGREGATE:
        *kind = PSTAGE_WINDOW;
        return true;
    case LOP_HOLD:
        *kind = PSTAGE_HOLD;
        return true;
    case LOP_SINK:
        *kind = PSTAGE_SINK;
        return !is_blackhole(op);
    case LOP_BREAK:
        *kind = PSTAGE_RELAY;
        return break_needs_relay(p, op);
    case LOP_WHERE:
    case LOP_PROJECT:
    case LOP_EXPLODE:
    case LOP_LOOKUP:
    case LOP_UNION:
        *kind = PSTAGE_RELAY;
        return is_placed_otherwise(op) || needs_fine_relay(p, op);
    case LOP_SOURCE:
    case LOP_TIME:
        return false;
    }
    return false;
}

bool is_aligned(const struct pstage *s) {
    enum window_kind kind = s->op->window.kind;
    return kind != WINDOW_SESSION && kind != WINDOW_ROWS;
}

/* Does its W have to be exact at every row? */
static bool is_fine(const struct lop *op, enum pstage_kind kind) {
    switch (kind) {
    case PSTAGE_WINDOW:
        return lop_window_is_fine(&op->window);
    case PSTAGE_HOLD:
        return true;
    case PSTAGE_RELAY:
        return lop_asks_watermark(op);
    case PSTAGE_SINK:
        return false;
    }
    return false;
}

static void plan_stages(struct planner *p) {
    struct physical *plan = p->plan;
    plan->stages = arena_alloc(p->arena, p->logical->op_count * sizeof *plan->stages);
    plan->holes = arena_alloc(p->arena, p->logical->op_count * sizeof *plan->holes);
    for (u32 i = 0; i < p->logical->op_count; i++) {
        const struct lop *op = p->logical->ops[i];
        enum pstage_kind kind;
        if (is_blackhole(op)) {
            pop_of(p, op)->hole = (i32)plan->hole_count;
            plan->holes[plan->hole_count++] = op;
        } else if (is_stage(p, op, &kind)) {
            pop_of(p, op)->stage = (i32)plan->stage_count;
            plan->stages[plan->stage_count] = (struct pstage){
                .kind = kind,
                .id = plan->stage_count,
                .op = op,
                .name = op->name,
                .parallel = kind == PSTAGE_SINK || kind == PSTAGE_HOLD ? 1 : op->parallel,
                .on_core = op->on_core,
                .on_node = op->on_node,
                .time = -1,
                .descends = arena_alloc(p->arena, p->logical->source_count),
                .fine = is_fine(op, kind),
            };
            plan->stage_count++;
        }
    }
}

/* ---- producers ---- */

static i32 add_producer(struct planner *p, enum pproducer_kind kind, u32 of, const struct lop *op) {
    p->plan->producers[p->plan->producer_count] = (struct pproducer){ kind, of, op };
    return (i32)p->plan->producer_count++;
}

static const struct lop *source_op(struct planner *p, const struct tsource *source) {
    for (u32 i = 0; i < p->logical->op_count; i++)
        if (p->logical->ops[i]->source == source && p->logical->ops[i]->kind == LOP_SOURCE)
            return p->logical->ops[i];
    ENSURE(!"a source without an operator");
    return NULL;
}

static bool descends(const struct lop *op, const struct lop *from) {
    bool does = op == from;
    for (u32 i = 0; i < op->input_count && !does; i++) does = descends(op->inputs[i], from);
    return does;
}

static void plan_times(struct planner *p, u32 source, const struct lop *op) {
    struct psource *s = &p->plan->sources[source];
    s->times = arena_alloc(p->arena, p->logical->op_count * sizeof *s->times);
    for (u32 i = 0; i < p->logical->op_count; i++) {
        const struct lop *time = p->logical->ops[i];
        if (time->kind != LOP_TIME || !descends(time, op)) continue;
        i32 x = add_producer(p, PPRODUCER_TIME, source, time);
        p->plan->producers[x].time = s->time_count;
        s->times[s->time_count++] = time;
    }
}

static void plan_producers(struct planner *p) {
    struct physical *plan = p->plan;
    plan->source_count = p->logical->source_count;
    plan->sources = arena_alloc(p->arena, plan->source_count * sizeof *plan->sources);
    u32 most =
        2 * (plan->source_count + plan->stage_count) + plan->source_count * p->logical->op_count;
    plan->producers = arena_alloc(p->arena, most * sizeof *plan->producers);
    for (u32 i = 0; i < plan->source_count; i++) {
        const struct tsource *source = p->logical->sources[i];
        const struct lop *op = source_op(p, source);
        struct psource *s = &plan->sources[i];
        *s = (struct psource){ .source = source, .op = op, .malformed = -1 };
        s->producer = (u32)add_producer(p, PPRODUCER_SOURCE, i, op);
        if (pop_of(p, op)->reader_count[1])
            s->malformed = add_producer(p, PPRODUCER_MALFORMED, i, op);
        plan_times(p, i, op);
    }
    for (u32 i = 0; i < plan->stage_count; i++) {
        const struct pstage *s = &plan->stages[i];
        if (s->kind == PSTAGE_SINK) continue;
        add_producer(p, PPRODUCER_STAGE, i, s->op);
        if (lop_remembers(s->op) && pop_of(p, s->op)->reader_count[1])
            add_producer(p, PPRODUCER_LATE, i, s->op);
    }
}

static u32 find_producer(struct planner *p, const struct lop *op, bool side) {
    for (u32 i = 0; i < p->plan->producer_count; i++) {
        const struct pproducer *x = &p->plan->producers[i];
        bool is_side = x->kind == PPRODUCER_MALFORMED || x->kind == PPRODUCER_LATE;
        if (x->op == op && is_side == side) return i;
    }
    ENSURE(!"rows that nobody produces");
    return 0;
}

/* ---- tables ---- */

static bool is_same_table(const struct ptable *t, const struct lop *op) {
    return t->table == op->table && t->key_count == op->lookup_key_count &&
           memcmp(t->keys, op->table_keys, t->key_count * sizeof *t->keys) == 0;
}

static void plan_tables(struct planner *p) {
    struct physical *plan = p->plan;
    plan->tables = arena_alloc(p->arena, p->logical->op_count * sizeof *plan->tables);
    for (u32 i = 0; i < p->logical->op_count; i++) {
        const struct lop *op = p->logical->ops[i];
        if (op->kind != LOP_LOOKUP) continue;
        u32 t = 0;
        while (t < plan->table_count && !is_same_table(&plan->tables[t], op)) t++;
        pop_of(p, op)->table = (i32)t;
        if (t < plan->table_count) continue;
        plan->tables[plan->table_count++] =
            (struct ptable){ .table = op->table,
                             .keys = op->table_keys,
                             .key_count = op->lookup_key_count,
                             .used = arena_alloc(p->arena, op->table->schema.count) };
    }
}

/* ---- edges ---- */

static void add_edge(struct planner *p, struct pstage *s, u32 producer) {
    struct physical *plan = p->plan;
    for (u32 i = 0; i < s->input_count; i++)
        if (plan->edges[s->inputs[i]].from == producer)
            return; /* two ways of one chain are one edge */
    const struct pproducer *from = &plan->producers[producer];
    bool raw = pproducer_is_raw(from);
    for (u32 i = 0; i < plan->source_count; i++)
        s->descends[i] |= raw ? from->of == i : plan->stages[from->of].descends[i];
    plan->edges[plan->edge_count] = (struct pedge){
        .id = plan->edge_count,
        .from = producer,
        .to = s->id,
        .input = s->input_count,
        .route = s->kind == PSTAGE_WINDOW  ? PROUTE_KEY
                 : s->kind == PSTAGE_RELAY ? PROUTE_MORSEL
                                           : PROUTE_ONE,
    };
    s->inputs[s->input_count++] = plan->edge_count++;
}

/* The producers of what an input reads, in the order written: a union is the list of its inputs.
   `time` is the last one that rows come through. */
static void add_edges(struct planner *p, struct pstage *s, const struct lop *from, u32 port,
                      const struct lop *time) {
    if (port == 1 || from->kind == LOP_SOURCE || lop_remembers(from) ||
        pop_of(p, from)->stage >= 0) {
        u32 producer = find_producer(p, from, port == 1);
        add_edge(p, s,
                 time ? physical_time(p->plan, p->plan->producers[producer].of, time) : producer);
        return;
    }
    if (from->kind == LOP_TIME && !time) time = from;
    for (u32 i = 0; i < from->input_count; i++)
        add_edges(p, s, from->inputs[i], from->input_ports[i], time);
}

u32 physical_time(const struct physical *plan, u32 source, const struct lop *time) {
    u32 i = 0;
    while (plan->producers[i].kind != PPRODUCER_TIME || plan->producers[i].of != source ||
           plan->producers[i].op != time)
        i++;
    return i;
}

static void plan_edges(struct planner *p) {
    struct physical *plan = p->plan;
    plan->edges =
        arena_alloc(p->arena, plan->stage_count * plan->producer_count * sizeof *plan->edges);
    for (u32 i = 0; i < plan->stage_count; i++) {
        struct pstage *s = &plan->stages[i];
        s->inputs = arena_alloc(p->arena, plan->producer_count * sizeof *s->inputs);
        for (u32 k = 0; k < s->op->input_count; k++)
            add_edges(p, s, s->op->inputs[k], s->op->input_ports[k], NULL);
        plan_values(p, s);
    }
}

/* Partials before the exchange: only where the reader cannot tell the difference. */
static bool may_combine(const struct physical *plan, const struct pedge *e) {
    const struct pstage *s = &plan->stages[e->to];
    if (s->kind != PSTAGE_WINDOW || s->causes || s->input_count > 1) return false;
    if (s->op->window.wall) return false;
    if (plan->producers[e->from].kind != PPRODUCER_SOURCE) return false;
    for (u32 i = 0; i < s->acc_count; i++)
        if (s->accs[i].kind == PACC_FLOAT) return false;
    return !pstage_has_contents(s);
}

/* Does something that this stage sends come to one that wants stamps? */
static bool feeds_stamped(const struct physical *plan, const struct pstage *s) {
    for (u32 i = 0; i < plan->edge_count; i++) {
        const struct pproducer *from = &plan->producers[plan->edges[i].from];
        bool own =
            (from->kind == PPRODUCER_STAGE || from->kind == PPRODUCER_LATE) && from->of == s->id;
        if (own && plan->stages[plan->edges[i].to].stamped) return true;
    }
    return false;
}

/* Who wants stamps: from the last stage to the first. What comes due has one of its own. */
static void plan_fine(struct planner *p) {
    struct physical *plan = p->plan;
    for (u32 i = plan->stage_count; i-- > 0;) {
        struct pstage *s = &plan->stages[i];
        bool passes_on = s->kind == PSTAGE_RELAY || s->causes;
        s->stamped = s->fine || (passes_on && feeds_stamped(plan, s));
        s->gathers = s->fine && pstage_merges(plan, s);
        for (u32 k = 0; s->fine && k < s->input_count; k++) {
            enum pproducer_kind from = plan->producers[plan->edges[s->inputs[k]].from].kind;
            s->gathers |= from == PPRODUCER_STAGE || from == PPRODUCER_LATE;
        }
    }
}

static void plan_rows(struct planner *p) {
    struct physical *plan = p->plan;
    for (u32 i = 0; i < plan->edge_count; i++) {
        struct pedge *e = &plan->edges[i];
        const struct pproducer *from = &plan->producers[e->from];
        e->combined = may_combine(plan, e);
        plan_row(p, e);
        bool raw = pproducer_is_raw(from);
        if (!raw) continue;
        plan->sources[from->of].positions |= e->position_at >= 0;
        plan->sources[from->of].stamps |= e->stamp_at >= 0;
    }
}

const struct pedge *physical_edge(const struct physical *plan, u32 producer, u32 stage) {
    const struct pstage *s = &plan->stages[stage];
    for (u32 i = 0; i < s->input_count; i++)
        if (plan->edges[s->inputs[i]].from == producer) return &plan->edges[s->inputs[i]];
    ENSURE(!"no such edge");
    return NULL;
}

/* A break or a placement asks for rings; a stage that two ways lead to has to merge them. */
static bool can_fuse(struct planner *p) {
    for (u32 i = 0; i < p->logical->op_count; i++) {
        const struct lop *op = p->logical->ops[i];
        if (op->kind == LOP_BREAK || op->parallel > 1 || op->on_core >= 0 || op->on_node >= 0)
            return false;
    }
    for (u32 i = 0; i < p->plan->stage_count; i++)
        if (p->plan->stages[i].kind == PSTAGE_RELAY || pstage_merges(p->plan, &p->plan->stages[i]))
            return false;
    return true;
}

struct physical *physical_plan(struct arena *arena, const struct logical *logical) {
    struct physical *plan = arena_alloc(arena, sizeof *plan);
    struct planner p = { arena, logical, plan };
    plan->logical = logical;
    plan->ops = arena_alloc(arena, logical->op_count * sizeof *plan->ops);
    plan_readers(&p);
    plan_stages(&p);
    plan_producers(&p);
    plan_tables(&p);
    plan_used(&p);
    plan_edges(&p);
    plan_fine(&p);
    plan_rows(&p);
    for (u32 i = 0; i < plan->source_count; i++) plan_bounds(&p, &plan->sources[i]);
    plan->can_fuse = can_fuse(&p);
    return plan;
}
