#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/engine_parts.h"
#include "runtime/exec/task.h"
#include "runtime/exec/watch.h"

#include <string.h>

static int compile_patterns(struct engine *e) {
    const struct job *job = e->run.job;
    for (u32 i = 0; i < job->regex_count; i++) {
        char why[REGEX_ERROR_ROOM];
        u64 at;
        e->run.regexes[i] = regex_compile(job->regexes[i].pattern, job->regexes[i].size, &at, why);
        if (!e->run.regexes[i]) return error_set(0, "pattern %s: %s", job->regexes[i].pattern, why);
    }
    return 0;
}

/* ---- windows: calendars ask the system's clocks ---- */

static int load_calendars(struct engine *e) {
    const struct job *job = e->run.job;
    for (u32 k = 0; k < job->stage_count; k++) {
        const struct job_stage *stage = &job->stages[k];
        if (!stage->window) continue;
        e->run.windows[k] = *stage->window;
        if (stage->window->shape != SHAPE_CALENDAR) continue;
        struct calendar *calendar = &e->run.calendars[k];
        e->run.windows[k].calendar = calendar;
        calendar->unit = stage->window->unit;
        if (strcmp(stage->window->zone, "UTC") == 0) continue;
        calendar->zone = zone_load(e->run.env, stage->window->zone);
        if (!calendar->zone) return error_add("stage `%s`", stage->name);
    }
    return 0;
}

/* ---- sources ---- */

static int open_connector(struct engine *e, const char *name, const struct job_connector *c,
                          const char *logs, struct run_source *out) {
    const struct bound_option *options = options_bind(e->run.job, c, &e->config.params, &e->arena);
    if (!options) return -1;
    const struct source_ops *ops = e->config.source(c->connector);
    if (!ops) return error_set(0, "this millrace has no connector `%s` to read from", c->connector);
    struct source_spec spec = {
        .name = name,
        .format = c->format,
        .options = options,
        .option_count = c->option_count,
        .row_bytes = c->row_bytes,
        .header = c->header,
        .delimiter = c->delimiter,
        .morsel_bytes = e->config.morsel_bytes,
        .budget = &e->run.budget,
        .state = logs,
        .fresh = e->config.snapshots.fresh,
    };
    void *self = ops->open(e->run.env, &spec);
    if (!self) return -1;
    out->ops = ops;
    out->self = self;
    return 0;
}

static void wake_workers(void *run) {
    run_notify_all(run);
}

static int open_source(struct engine *e, u32 s) {
    const struct job_source *source = &e->run.job->sources[s];
    struct run_source *out = &e->run.sources[s];
    if (open_connector(e, source->name, &source->connector, e->config.snapshots.logs, out))
        return error_add("source `%s`", source->name);
    int fd = out->ops->wait_fd ? out->ops->wait_fd(out->self) : -1;
    if (fd < 0) return 0;
    struct watch *watch = arena_alloc(&e->arena, sizeof *watch);
    *watch = (struct watch){ .env = e->run.env,
                             .file = { fd, out->ops->describe(out->self) },
                             .wake = wake_workers,
                             .arg = &e->run };
    if (watch_start(watch)) return -1;
    out->watch = watch;
    return 0;
}

/* ---- tables: read to their end before the start ---- */

static int read_table(struct engine *e, u32 i, struct task *loader, struct run_source *from) {
    const struct job_table *t = &e->run.job->tables[i];
    struct extent x;
    for (bool last = false; !last;) {
        switch (from->ops->extent(from->self, &x)) {
        case SOURCE_FAILED:
            return -1;
        case SOURCE_NOTHING: {
            int fd = from->ops->wait_fd ? from->ops->wait_fd(from->self) : -1;
            if (fd < 0)
                env_sleep_ns(e->run.env, 1000000);
            else
                env_readable(e->run.env, (struct env_file){ fd, t->name }, TIME_FOREVER);
            continue;
        }
        case SOURCE_LAST:
            last = true;
            break;
        case SOURCE_EXTENT:
            break;
        }
        loader->chain.position = 0;
        t->load(&loader->chain, &e->run.tables[i], &x);
        if (loader->broken) return -1;
        if (from->ops->release) from->ops->release(from->self, &x);
        if (atomic_load(&e->run.budget.used) > e->run.budget.limit)
            return error_set(0,
                             "out of memory: the table would pass the job's limit of %lu MiB; "
                             "give it more with --memory",
                             e->run.budget.limit >> 20);
    }
    return 0;
}

static int load_table(struct engine *e, u32 i) {
    const struct job_table *t = &e->run.job->tables[i];
    struct run_source from = { 0 };
    if (open_connector(e, t->name, &t->connector, NULL, &from))
        return error_add("table `%s`", t->name);
    struct task loader = { .run = &e->run, .table_source = &from };
    task_open_chain(e, &loader);
    table_open(&e->run.tables[i], t->ops, e->run.hash_key, &e->run.budget);
    e->run.table_list[i] = &e->run.tables[i];
    int failed = read_table(e, i, &loader, &from);
    task_close_chain(e, &loader);
    from.ops->close(from.self);
    return failed ? error_add("table `%s`", t->name) : 0;
}

/* ---- sinks ---- */

static int open_sink(struct engine *e, u32 k) {
    const struct job_stage *stage = &e->run.job->stages[k];
    const struct job_connector *c = &stage->sink;
    struct run_sink *out = &e->run.sinks[k];
    const struct bound_option *options = options_bind(e->run.job, c, &e->config.params, &e->arena);
    if (!options) return error_add("stage `%s`", stage->name);
    const struct sink_ops *ops = e->config.sink(c->connector);
    if (!ops) return error_set(0, "this millrace has no connector `%s` to write to", c->connector);
    out->exact = e->config.snapshots.store && ops->seal;
    struct sink_spec spec = { .name = stage->name,
                              .format = c->format,
                              .options = options,
                              .option_count = c->option_count,
                              .head = c->head,
                              .run = out->exact ? e->run_name : NULL };
    out->self = ops->open(e->run.env, &spec);
    if (!out->self) return error_add("stage `%s`", stage->name);
    out->ops = ops;
    return 0;
}

int engine_open_sinks(struct engine *e) {
    const struct job *job = e->run.job;
    e->run.sinks = arena_alloc(&e->arena, job->stage_count * sizeof *e->run.sinks);
    for (u32 i = 0; i < job->stage_count; i++)
        if (job->stages[i].kind == JOB_SINK && open_sink(e, i)) return -1;
    return 0;
}

/* ---- all of it ---- */

/* Inputs first: a job whose input is missing leaves its output alone. */
int engine_open_world(struct engine *e) {
    const struct job *job = e->run.job;
    struct run *r = &e->run;
    r->regexes = arena_alloc(&e->arena, job->regex_count * sizeof *r->regexes);
    r->sources = arena_alloc(&e->arena, job->source_count * sizeof *r->sources);
    r->tables = arena_alloc(&e->arena, job->table_count * sizeof *r->tables);
    r->table_list = arena_alloc(&e->arena, job->table_count * sizeof *r->table_list);
    r->windows = arena_alloc(&e->arena, job->stage_count * sizeof *r->windows);
    r->calendars = arena_alloc(&e->arena, job->stage_count * sizeof *r->calendars);
    if (param_values_check(job, &e->config.params) || compile_patterns(e) || load_calendars(e) ||
        engine_check_places(e))
        return -1;
    for (u32 i = 0; i < job->source_count; i++)
        if (open_source(e, i)) return -1;
    for (u32 i = 0; i < job->table_count; i++)
        if (load_table(e, i)) return -1;
    return engine_open_sinks(e);
}

void engine_close_world(struct engine *e) {
    const struct job *job = e->run.job;
    struct run *r = &e->run;
    for (u32 i = 0; r->sources && i < job->source_count; i++) {
        if (r->sources[i].watch) watch_stop(r->sources[i].watch);
        if (r->sources[i].self) r->sources[i].ops->close(r->sources[i].self);
    }
    for (u32 i = 0; r->sinks && i < job->stage_count; i++) {
        if (r->sinks[i].self) r->sinks[i].ops->finish(r->sinks[i].self);
        r->sinks[i].self = NULL;
    }
    for (u32 i = 0; r->table_list && i < job->table_count; i++)
        if (r->table_list[i]) table_close(&r->tables[i]);
    for (u32 i = 0; r->regexes && i < job->regex_count; i++)
        if (r->regexes[i]) regex_free(r->regexes[i]);
    for (u32 i = 0; r->calendars && i < job->stage_count; i++) zone_free(r->calendars[i].zone);
}
