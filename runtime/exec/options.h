/* Connectors' options get their texts when the job starts: from the job, from a param, or from the
 * environment. */
#ifndef RUNTIME_EXEC_OPTIONS_H
#define RUNTIME_EXEC_OPTIONS_H

#include "runtime/base/arena.h"
#include "runtime/job.h"
#include "runtime/stage/sink.h"
#include "runtime/stage/source.h"

/* The params that were given: --set name=value. */
struct param_values {
    const struct bound_option *at;
    u32 count;
};

/* Null with an error trail that names the param or the variable that is missing. */
const struct bound_option *options_bind(const struct job *job, const struct job_connector *c,
                                        const struct param_values *params, struct arena *arena);

/* The text that a param has: given, or its fallback. */
const char *param_text(const struct job *job, const char *name, const struct param_values *params);

/* What an option is bound to, for others to read: of an environment variable, which may be a
   secret, no more than its name. */
const char *option_shown(const struct job *job, const struct job_option *o,
                         const struct param_values *params);

/* Every given param is one of the job's, and every one without a fallback is given. */
int param_values_check(const struct job *job, const struct param_values *params);

#endif
