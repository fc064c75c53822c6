/* Before anything is opened for writing: a file that the job writes is neither read nor written by
   anybody else in it. Which file an option means, only its connector knows. */
#include "runtime/base/error.h"
#include "runtime/exec/engine_parts.h"

struct user {
    const char *what, *name;
    struct env_place place;
    bool shares; /* with others that do */
};

static int find_input(struct engine *e, const char *name, const struct job_connector *c,
                      struct user *user, bool *found) {
    const struct source_ops *ops = e->config.source(c->connector);
    const struct bound_option *options = options_bind(e->run.job, c, &e->config.params, &e->arena);
    if (!options) return error_add("%s `%s`", user->what, name);
    struct source_spec spec = { .name = name, .options = options, .option_count = c->option_count };
    user->name = name;
    *found = ops && ops->place && ops->place(&spec, &user->place);
    return 0;
}

static int find_output(struct engine *e, const struct job_stage *stage, struct user *user,
                       bool *found) {
    const struct job_connector *c = &stage->sink;
    const struct sink_ops *ops = e->config.sink(c->connector);
    const struct bound_option *options = options_bind(e->run.job, c, &e->config.params, &e->arena);
    if (!options) return error_add("stage `%s`", stage->name);
    struct sink_spec spec = { .name = stage->name,
                              .options = options,
                              .option_count = c->option_count };
    *user = (struct user){ .what = "sink", .name = stage->name, .shares = ops && ops->shares };
    *found = ops && ops->place && ops->place(&spec, &user->place);
    return 0;
}

static int refuse_shared(const struct user *users, u32 inputs, u32 count) {
    const struct user *sink = &users[count];
    for (u32 i = 0; i < count; i++)
        if (env_place_same(&users[i].place, &sink->place) && !(users[i].shares && sink->shares))
            return error_set(0, "%s: %s `%s` %s it and sink `%s` writes it: not in one job",
                             sink->place.path, users[i].what, users[i].name,
                             i < inputs ? "reads" : "writes", sink->name);
    return 0;
}

int engine_check_places(struct engine *e) {
    const struct job *job = e->run.job;
    u32 most = job->source_count + job->table_count + job->stage_count, count = 0;
    struct user *users = arena_alloc(&e->arena, most * sizeof *users);
    bool found = false;
    for (u32 i = 0; i < job->source_count; i++, count += found) {
        users[count].what = "source";
        const struct job_source *s = &job->sources[i];
        if (find_input(e, s->name, &s->connector, &users[count], &found)) return -1;
    }
    for (u32 i = 0; i < job->table_count; i++, count += found) {
        users[count].what = "table";
        const struct job_table *t = &job->tables[i];
        if (find_input(e, t->name, &t->connector, &users[count], &found)) return -1;
    }
    for (u32 i = 0, inputs = count; i < job->stage_count; i++) {
        if (job->stages[i].kind != JOB_SINK) continue;
        if (find_output(e, &job->stages[i], &users[count], &found)) return -1;
        if (found && refuse_shared(users, inputs, count)) return -1;
        count += found;
    }
    return 0;
}
