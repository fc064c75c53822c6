/* From a path to a loaded job: a .so is opened, a .flow is compiled first (or found in the cache).
 */
#include "cli/commands.h"

#include "dsl/build.h"
#include "dsl/emit.h"
#include "dsl/physical.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"
#include "runtime/base/text_buf.h"
#include "runtime/exec/loader.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *job_name(struct arena *arena, const char *path) {
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    const char *dot = strrchr(name, '.');
    return arena_copy(arena, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

const char *state_dir(struct arena *arena, const char *path) {
    struct stat info;
    if (!stat(path, &info) && S_ISDIR(info.st_mode)) return path;
    const char *slash = strrchr(path, '/');
    return arena_printf(arena, "%.*s.millrace/%s", slash ? (int)(slash - path) + 1 : 0, path,
                        job_name(arena, path));
}

int compile_job(const char *path, const struct param_setting *sets, u32 set_count,
                struct build *build) {
    struct compilation c;
    int status = compile_front(&c, path, sets, set_count, NULL);
    if (!status) {
        struct text_buf text;
        text_buf_init(&text);
        job_emit(physical_plan(&c.arena, c.logical), &c.parse.texts, job_name(&c.arena, path),
                 &text);
        if (build_job(text.at, text.size, build)) {
            fprintf(stderr, "millrace: %s: %s\n", path, error_text());
            status = EXIT_RUN_FAILED;
        }
        text_buf_fini(&text);
    }
    compile_fini(&c);
    return status;
}

bool is_compiled(const char *path) {
    size_t n = strlen(path);
    return n > 3 && !strcmp(path + n - 3, ".so");
}

int open_job(const char *path, const struct param_setting *sets, u32 set_count,
             struct loaded_job *out, double *seconds) {
    struct build build = { .debug = true };
    struct env env = env_real();
    i64 began_ns = env_mono_ns(&env);
    const char *object = path;
    if (!is_compiled(path)) {
        if (isatty(2)) fprintf(stderr, "millrace: compiling %s\r", path);
        int status = compile_job(path, sets, set_count, &build);
        if (isatty(2)) fprintf(stderr, "\033[K");
        if (status) return status;
        object = build.path;
    }
    int failed = loader_open(object, out);
    if (failed && build.cached) { /* it was cut off or written over: compiled once more */
        unlink(object);
        int status = compile_job(path, sets, set_count, &build);
        if (status) return status;
        failed = loader_open(object, out);
    }
    *seconds = (double)(env_mono_ns(&env) - began_ns) / 1e9;
    if (!failed) return 0;
    fprintf(stderr, "millrace: %s\n", error_text());
    return access(object, F_OK) ? EXIT_NOT_FOUND : EXIT_RUN_FAILED;
}
