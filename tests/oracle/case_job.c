#include "tests/oracle/case_job.h"

#include "dsl/build.h"
#include "dsl/check.h"
#include "dsl/emit.h"
#include "dsl/parse.h"
#include "dsl/physical.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <stdio.h>
#include <string.h>

static const char *last_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The text of the C program; -1 if the job is refused. */
static int translate(const char *folder, struct text_buf *text) {
    char path[CASE_PATH];
    snprintf(path, sizeof path, "%s/job.flow", folder);
    struct arena arena;
    struct parse parse;
    arena_init(&arena);
    parse_init(&parse, &arena);
    int failed = parse_file(&parse, path);
    struct logical *job = NULL;
    if (!failed && !parse.diags.error_count) job = check_job(&parse, &parse.diags, NULL, 0, &arena);
    if (job) {
        job_emit(physical_plan(&arena, job), &parse.texts, last_name(folder), text);
    } else if (!failed) {
        struct text_buf said;
        text_buf_init(&said);
        diag_print(&parse.diags, &parse.texts, DIAG_PLAIN, &said);
        failed = error_set(0, "%s is refused:\n%s", path, said.at);
        text_buf_fini(&said);
    }
    arena_fini(&arena);
    return failed;
}

bool case_job_writes(const struct case_job *c, u32 param) {
    const char *name = c->job->params[param].name;
    size_t size = strlen(name);
    return size > 4 && !strcmp(name + size - 4, "_out");
}

int case_job_open(struct case_job *c, const char *folder, const char *flags) {
    *c = (struct case_job){ .folder = folder };
    struct build build = { .flags = flags };
    struct text_buf text;
    text_buf_init(&text);
    int failed = translate(folder, &text) || build_job(text.at, text.size, &build) ||
                 loader_open(build.path, &c->loaded);
    text_buf_fini(&text);
    if (failed) return -1;
    c->job = c->loaded.job;
    ENSURE(c->job->param_count <= CASE_PARAMS);
    for (u32 i = 0; i < c->job->param_count; i++) {
        const char *name = c->job->params[i].name, *suffix = case_job_writes(c, i) ? "" : ".csv";
        snprintf(c->paths[i], CASE_PATH, "%s/%s%s", folder, name, suffix);
        c->params[i] = (struct bound_option){ name, c->paths[i] };
    }
    return 0;
}

void case_job_close(struct case_job *c) {
    loader_close(&c->loaded);
}
