#include "runtime/exec/options.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <stdlib.h>
#include <string.h>

static const char *given(const struct param_values *params, const char *name) {
    for (u32 i = params->count; i-- > 0;) /* the last one counts */
        if (!strcmp(params->at[i].name, name)) return params->at[i].text;
    return NULL;
}

static const struct job_param *declared(const struct job *job, const char *name) {
    for (u32 i = 0; i < job->param_count; i++)
        if (!strcmp(job->params[i].name, name)) return &job->params[i];
    return NULL;
}

int param_values_check(const struct job *job, const struct param_values *params) {
    for (u32 i = 0; i < params->count; i++)
        if (!declared(job, params->at[i].name))
            return error_set(0, "job `%s` has no param `%s`", job->name, params->at[i].name);
    for (u32 i = 0; i < job->param_count; i++)
        if (!job->params[i].fallback && !given(params, job->params[i].name))
            return error_set(0, "param `%s` has no default: give it with --set %s=...",
                             job->params[i].name, job->params[i].name);
    return 0;
}

const char *param_text(const struct job *job, const char *name, const struct param_values *params) {
    const char *text = given(params, name);
    return text ? text : declared(job, name)->fallback;
}

const char *option_shown(const struct job *job, const struct job_option *o,
                         const struct param_values *params) {
    return o->from == JOB_OPTION_PARAM ? param_text(job, o->text, params) : o->text;
}

static const char *option_bound(const struct job *job, const struct job_option *o,
                                const struct param_values *params) {
    const char *text = NULL;
    switch (o->from) {
    case JOB_OPTION_LITERAL:
        return o->text;
    case JOB_OPTION_PARAM:
        text = param_text(job, o->text, params);
        ENSURE(text); /* param_values_check */
        return text;
    case JOB_OPTION_ENV:
        text = getenv(o->text);
        if (!text)
            error_set(0, "option `%s` comes from the environment variable %s, which is not set",
                      o->name, o->text);
        return text;
    }
    ENSURE(!"where an option comes from");
}

const struct bound_option *options_bind(const struct job *job, const struct job_connector *c,
                                        const struct param_values *params, struct arena *arena) {
    struct bound_option *bound = arena_alloc(arena, c->option_count * sizeof *bound);
    for (u32 i = 0; i < c->option_count; i++) {
        bound[i].name = c->options[i].name;
        bound[i].text = option_bound(job, &c->options[i], params);
        if (!bound[i].text) return NULL;
    }
    return bound;
}
