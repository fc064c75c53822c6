/* The descriptor: what the engine reads of the compiled job. */
#include "dsl/emit_internal.h"

#include "runtime/data/number.h"
#include "runtime/data/timefn.h"
#include "runtime/job.h"

#include <stdio.h>
#include <string.h>

static const char *quoted(struct emitter *e, const char *s) {
    return s ? c_string(e, s, strlen(s)) : "NULL";
}

static const char *format_name(const struct format *f) {
    switch (f->kind) {
    case FORMAT_NONE:
        return NULL;
    case FORMAT_LINES:
        return "lines";
    case FORMAT_CSV:
        return "csv";
    case FORMAT_JSON:
        return "json";
    case FORMAT_BINARY:
        return "binary";
    case FORMAT_TEST:
        return "test";
    }
    return NULL;
}

/* The value of an option as its connector reads it. */
static const char *option_value(struct emitter *e, const struct connector_option *o) {
    if (o->from != OPTION_LITERAL) return quoted(e, o->ref);
    if (o->type.kind == TYPE_STRING) return c_string(e, o->value.str.at, o->value.str.size);
    if (o->type.kind == TYPE_BOOL) return o->value.i ? "\"true\"" : "\"false\"";
    if (o->type.kind == TYPE_DURATION) {
        char duration[FORMAT_ROOM];
        return text(e, "\"%.*s\"", (int)format_duration(duration, o->value.i), duration);
    }
    if (o->type.kind == TYPE_F64) return text(e, "\"%.17g\"", o->value.f);
    return text(e, "\"%lld\"", (long long)o->value.i);
}

/* The options of a connector, as an array called PREFIX_options. */
static void options(struct emitter *e, const char *prefix, const struct connector_call *call) {
    static const char *const from[] = { [OPTION_LITERAL] = "JOB_OPTION_LITERAL",
                                        [OPTION_PARAM] = "JOB_OPTION_PARAM",
                                        [OPTION_ENV] = "JOB_OPTION_ENV" };
    if (!call->option_count) return;
    line(e, "static const struct job_option %s_options[] = {", prefix);
    for (u32 i = 0; i < call->option_count; i++)
        line(e, "    { %s, %s, %s },", quoted(e, call->options[i].name),
             from[call->options[i].from], option_value(e, &call->options[i]));
    line(e, "};");
}

static u32 row_bytes(const struct schema *schema, const struct format *f) {
    u32 at = 0, most = 1;
    if (f->kind != FORMAT_BINARY) return 0;
    for (u32 i = 0; i < schema->count; i++) {
        u32 size = type_size(schema->columns[i].type);
        if (size > most) most = size;
        at = (at + size - 1) / size * size + size;
    }
    return (at + most - 1) / most * most;
}

static void connector(struct emitter *e, const char *member, const char *prefix,
                      const struct connector_call *call, const struct schema *schema,
                      const struct format *f, const char *head) {
    line(e, "    .%s = { .connector = %s,", member, quoted(e, call->connector));
    line(e, "        .format = %s,",
         quoted(e, strcmp(call->connector, "print") == 0 ? "text" : format_name(f)));
    line(e, "        .options = %s,", call->option_count ? text(e, "%s_options", prefix) : "NULL");
    line(e, "        .option_count = %u,", call->option_count);
    line(e, "        .row_bytes = %u,", row_bytes(schema, f));
    line(e, "        .header = %s,", f->header ? "true" : "false");
    line(e, "        .delimiter = %u,", (u8)f->delimiter);
    line(e, "        .head = %s },", head ? head : "NULL");
}

/* { rings, fused } of a function, or of what `*name` is, by variant. */
static void both(struct emitter *e, const char *member, const char *name, bool fused) {
    const char *ref = strcmp(member, "ops") == 0 ? "&" : "";
    line(e, "    .%s = { [JOB_RINGS] = %s%s_rings%s },", member, ref, name,
         fused ? text(e, ", [JOB_FUSED] = %sFUSED(%s_fused)", ref, name) : "");
}

static void lend(struct emitter *e, const char *name, bool fused) {
    if (fused) line(e, "LEND(%s_fused)", name);
}

static bool is_combined_from(struct emitter *e, u32 producer) {
    for (u32 i = 0; i < e->plan->edge_count; i++)
        if (e->plan->edges[i].combined && e->plan->edges[i].from == producer) return true;
    return false;
}

static void bounds(struct emitter *e, const char *name, const struct pbound *at, u32 count) {
    if (!count) return;
    line(e, "static const struct job_bound %s[] = {", name);
    for (u32 b = 0; b < count; b++)
        line(e, at[b].calendar ? "    { %lldll, %lldll, %u }," : "    { %lldll, %lldll },",
             (long long)at[b].size_ns, (long long)at[b].offset_ns, at[b].stage);
    line(e, "};");
}

_Static_assert(TIMES_MAX == JOB_TIMES_MAX, "what the checker lets through has room");

static void times(struct emitter *e, const struct psource *s, u32 number) {
    if (!s->time_count) return;
    line(e, "static const struct job_time s%u_times[] = {", number);
    for (u32 i = 0; i < s->time_count; i++) {
        const struct twatermark *w = &s->times[i]->watermark;
        line(e, "    { %s, %lldll },", w->kind == WATERMARK_AT_END ? "true" : "false",
             (long long)w->lag_ns);
    }
    line(e, "};");
}

static void source_clock(struct emitter *e, const struct psource *s, u32 number) {
    const struct tsource *t = s->source;
    line(e, "    .has_time = %s,", t->time || t->wall ? "true" : "false");
    line(e, "    .at_end = %s,", t->watermark.kind == WATERMARK_AT_END ? "true" : "false");
    if (t->wall) line(e, "    .wall = true,");
    line(e, "    .lag_ns = %lldll,", (long long)t->watermark.lag_ns);
    line(e, "    .ahead_ns = %lldll,", (long long)t->patience.ahead_ns);
    line(e, "    .idle_ns = %lldll,", (long long)t->patience.idle_ns);
    if (t->patience.flush) line(e, "    .idle_flush = true,");
    if (s->time_count) {
        line(e, "    .times = s%u_times,", number);
        line(e, "    .time_count = %u,", s->time_count);
    }
    if (!s->tick_count) return;
    line(e, "    .ticks = s%u_ticks,", number);
    line(e, "    .tick_count = %u,", s->tick_count);
}

static void sources(struct emitter *e) {
    for (u32 i = 0; i < e->plan->source_count; i++) {
        const struct psource *s = &e->plan->sources[i];
        options(e, text(e, "s%u", i), &s->source->call);
        lend(e, text(e, "s%u_morsel", i), e->plan->can_fuse);
        bounds(e, text(e, "s%u_bounds", i), s->bounds, s->bound_count);
        bounds(e, text(e, "s%u_ticks", i), s->ticks, s->tick_count);
        times(e, s, i);
    }
    if (!e->plan->source_count) return;
    line(e, "static const struct job_source sources[] = {");
    for (u32 i = 0; i < e->plan->source_count; i++) {
        const struct psource *s = &e->plan->sources[i];
        line(e, "    [%u] = {", i);
        e->indent++;
        line(e, "    .name = %s,", quoted(e, s->source->name));
        connector(e, "connector", text(e, "s%u", i), &s->source->call, &s->source->schema,
                  &s->source->format, NULL);
        source_clock(e, s, i);
        line(e, "    .bounds = %s,", s->bound_count ? text(e, "s%u_bounds", i) : "NULL");
        line(e, "    .bound_count = %u,", s->bound_count);
        line(e, "    .malformed = %d,", (int)s->source->malformed);
        both(e, "morsel", text(e, "s%u_morsel", i), e->plan->can_fuse);
        if (is_combined_from(e, s->producer)) line(e, "    .flush = s%u_flush,", i);
        e->indent--;
        line(e, "    },");
    }
    line(e, "};");
    blank(e);
}

static void stage_parts(struct emitter *e, const struct pstage *s) {
    if (s->kind == PSTAGE_SINK) options(e, text(e, "k%u", s->id), &s->op->sink);
    const char *inputs = "";
    for (u32 i = 0; i < s->input_count; i++)
        inputs = text(e, "%s%s%u", inputs, i ? ", " : "", s->inputs[i]);
    line(e, "static const u32 inputs%u[] = { %s };", s->id, inputs);
    if (pstage_remembers(s)) lend(e, text(e, "w%u", s->id), e->plan->can_fuse);
}

static void stage(struct emitter *e, const struct pstage *s) {
    static const char *const kinds[] = {
        [PSTAGE_WINDOW] = "JOB_KEEPER",
        [PSTAGE_HOLD] = "JOB_KEEPER",
        [PSTAGE_RELAY] = "JOB_RELAY",
        [PSTAGE_SINK] = "JOB_SINK",
    };
    u64 head_size = 0;
    line(e, "    [%u] = {", s->id);
    e->indent++;
    line(e, "    .name = %s,", quoted(e, s->name));
    if (s->op->was) line(e, "    .was = %s,", quoted(e, s->op->was));
    line(e, "    .kind = %s,", kinds[s->kind]);
    line(e, "    .line = %u,",
         e->texts && span_is_somewhere(s->op->span)
             ? text_place(e->texts, s->op->span.file, s->op->span.start).line
             : 0);
    line(e, "    .parallel = %u,", s->parallel);
    line(e, "    .on_core = %d,", s->on_core);
    line(e, "    .on_node = %d,", s->on_node);
    line(e, "    .inputs = inputs%u,", s->id);
    line(e, "    .input_count = %u,", s->input_count);
    if (s->fine) line(e, "    .fine = true,");
    if (pstage_remembers(s)) {
        line(e, "    .keeper = &%s,", stage_keeper(s));
        if (s->kind == PSTAGE_WINDOW) line(e, "    .window = &w%u_spec,", s->id);
        line(e, "    .schema = &w%u_schema,", s->id);
        both(e, "ops", text(e, "w%u", s->id), e->plan->can_fuse);
    }
    if (s->kind == PSTAGE_SINK) {
        char *head = csv_head(e, s->op, &head_size);
        connector(e, "sink", text(e, "k%u", s->id), &s->op->sink, &s->op->schema,
                  &s->op->sink_format, head ? c_string(e, head, head_size) : NULL);
    }
    e->indent--;
    line(e, "    },");
}

static void stages(struct emitter *e) {
    for (u32 i = 0; i < e->plan->stage_count; i++) stage_parts(e, &e->plan->stages[i]);
    if (!e->plan->stage_count) return;
    line(e, "static const struct job_stage stages[] = {");
    for (u32 i = 0; i < e->plan->stage_count; i++) stage(e, &e->plan->stages[i]);
    line(e, "};");
    blank(e);
}

static bool has_rows(struct emitter *e, const struct pedge *edge) {
    return e->plan->stages[edge->to].kind != PSTAGE_SINK;
}

/* Of its texts there are so many. */
static u32 edge_parts(struct emitter *e, const struct pedge *edge) {
    const struct pstage *s = &e->plan->stages[edge->to];
    const char *texts = edge->text_at >= 0 ? text(e, "%d", edge->text_at) : "";
    u32 count = edge->text_at >= 0;
    for (u32 i = 0; i < edge->field_count; i++) {
        const struct pvalue *v = &s->values[edge->fields[i].value];
        if (v->condition || v->expr->type.kind != TYPE_STRING) continue;
        texts = text(e, "%s%s%u", texts, count++ ? ", " : "", edge->fields[i].at);
    }
    if (count) line(e, "static const u16 e%u_texts[] = { %s };", edge->id, texts);
    if (has_rows(e, edge)) lend(e, text(e, "e%u_rows", edge->id), edge_is_handed_over(e, edge));
    return count;
}

static void edge_entry(struct emitter *e, const struct pedge *edge, u32 texts) {
    static const char *const routes[] = {
        [PROUTE_ONE] = "ROUTE_ONE", [PROUTE_KEY] = "ROUTE_KEY", [PROUTE_MORSEL] = "ROUTE_MORSEL"
    };
    const struct pproducer *from = &e->plan->producers[edge->from];
    bool raw = pproducer_is_raw(from);
    bool side = from->kind == PPRODUCER_LATE || from->kind == PPRODUCER_MALFORMED;
    line(e, "    [%u] = {", edge->id);
    e->indent++;
    line(e, "    .from_source = %s,", raw ? "true" : "false");
    line(e, "    .from = %u,", from->of);
    bool timed = from->kind == PPRODUCER_TIME;
    line(e, "    .port = %u,", timed ? JOB_TIMES_PORT + from->time : side ? 1 : 0);
    line(e, "    .to = %u,", edge->to);
    line(e, "    .input = %u,", edge->input);
    line(e, "    .route = %s,", routes[edge->route]);
    line(e, "    .row_bytes = %u,", edge->row_bytes);
    line(e, "    .texts = %s,", texts ? text(e, "e%u_texts", edge->id) : "NULL");
    line(e, "    .text_count = %u,", texts);
    line(e, "    .position_at = %d,", edge->position_at);
    line(e, "    .shard_at = %d,", edge->shard_at);
    if (edge->stamp_at >= 0) line(e, "    .stamp_at = %d,", edge->stamp_at);
    if (edge->combined) line(e, "    .combine = &w%u_combine,", edge->to);
    if (has_rows(e, edge))
        both(e, "rows", text(e, "e%u_rows", edge->id), edge_is_handed_over(e, edge));
    e->indent--;
    line(e, "    },");
}

static void edges(struct emitter *e) {
    u32 *texts = arena_alloc(&e->arena, e->plan->edge_count * sizeof *texts);
    for (u32 i = 0; i < e->plan->edge_count; i++) texts[i] = edge_parts(e, &e->plan->edges[i]);
    if (!e->plan->edge_count) return;
    line(e, "static const struct job_edge edges[] = {");
    for (u32 i = 0; i < e->plan->edge_count; i++) edge_entry(e, &e->plan->edges[i], texts[i]);
    line(e, "};");
    blank(e);
}

static void tables(struct emitter *e) {
    for (u32 i = 0; i < e->plan->table_count; i++)
        options(e, text(e, "t%u", i), &e->plan->tables[i].table->call);
    if (!e->plan->table_count) return;
    line(e, "static const struct job_table tables[] = {");
    for (u32 i = 0; i < e->plan->table_count; i++) {
        const struct ttable *t = e->plan->tables[i].table;
        line(e, "    [%u] = {", i);
        e->indent++;
        line(e, "    .name = %s,", quoted(e, t->name));
        connector(e, "connector", text(e, "t%u", i), &t->call, &t->schema, &t->format, NULL);
        line(e, "    .ops = &t%u_ops,", i);
        line(e, "    .load = t%u_load,", i);
        e->indent--;
        line(e, "    },");
    }
    line(e, "};");
    blank(e);
}

/* The text of a param's default, as --set would have it. */
static const char *fallback(struct emitter *e, const struct tparam *p) {
    if (!p->has_default || p->is_null) return "NULL";
    struct connector_option o = { .from = OPTION_LITERAL, .type = p->type, .value = p->value };
    return option_value(e, &o);
}

static void params(struct emitter *e) {
    char room[128];
    const struct logical *l = e->plan->logical;
    if (!l->param_count) return;
    line(e, "static const struct job_param params[] = {");
    for (u32 i = 0; i < l->param_count; i++)
        line(e, "    { %s, %s, %s },", quoted(e, l->params[i].name),
             quoted(e, type_name(l->params[i].type, room)), fallback(e, &l->params[i]));
    line(e, "};");
    blank(e);
}

static void list(struct emitter *e, const char *member, const char *count_member, u32 count) {
    if (count) line(e, "    .%s = %s,", member, member);
    line(e, "    .%s = %u,", count_member, count);
}

static void snapshots(struct emitter *e, const struct job_snapshots *s) {
    static const char *const names[] = { [JOB_GUARANTEE_UNSET] = "JOB_GUARANTEE_UNSET",
                                         [JOB_AT_LEAST_ONCE] = "JOB_AT_LEAST_ONCE",
                                         [JOB_EXACTLY_ONCE] = "JOB_EXACTLY_ONCE" };
    line(e, "    .snapshots = { %lldll, %s, %lldll, %lldll, %uu, %uu },", (long long)s->every_ns,
         names[s->guarantee], (long long)s->timeout_ns, (long long)s->pause_ns, s->failures,
         s->retain);
}

void emit_job(struct emitter *e) {
    const struct physical *p = e->plan;
    const struct logical *l = p->logical;
    sources(e);
    stages(e);
    edges(e);
    tables(e);
    params(e);
    if (e->regex_count)
        put(e, "static const struct job_regex regexes[] = {\n%s};\n\n", e->regexes.at);
    if (p->hole_count) {
        line(e, "static const char *const blackholes[] = {");
        for (u32 i = 0; i < p->hole_count; i++) line(e, "    %s,", quoted(e, p->holes[i]->name));
        line(e, "};");
        blank(e);
    }
    line(e, "#ifndef PART_FUSED");
    line(e, "__attribute__((visibility(\"default\"))) const struct job millrace_job = {");
    line(e, "    .magic = JOB_MAGIC,");
    line(e, "    .abi = JOB_ABI,");
    line(e, "    .chain_bytes = sizeof(struct chain),");
    line(e, "    .outlet_bytes = sizeof(struct outlet),");
    line(e, "    .window_bytes = sizeof(struct window),");
    line(e, "    .name = %s,", quoted(e, e->name));
    list(e, "params", "param_count", l->param_count);
    list(e, "sources", "source_count", p->source_count);
    list(e, "stages", "stage_count", p->stage_count);
    list(e, "edges", "edge_count", p->edge_count);
    list(e, "tables", "table_count", p->table_count);
    list(e, "regexes", "regex_count", e->regex_count);
    list(e, "blackholes", "blackhole_count", p->hole_count);
    line(e, "    .can_fuse = %s,", p->can_fuse ? "true" : "false");
    line(e, "    .parallelism = %u,", l->parallelism);
    line(e, "    .memory_bytes = %lluull,", (unsigned long long)l->memory_bytes);
    snapshots(e, &l->snapshots);
    line(e, "};");
    line(e, "#endif");
}
