#include "cli/commands.h"

#include "dsl/build.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"

#include <stdio.h>
#include <string.h>

/* The cache's file stays where it is; the user gets a copy, complete or not at all. */
static int copy_out(struct env *env, const char *from, const char *to) {
    struct env_file in, out;
    struct env_file_info info;
    struct env_map map;
    char partial[BUILD_PATH + 16];
    snprintf(partial, sizeof partial, "%s.partial", to);
    if (env_open(env, from, ENV_OPEN_READ, &in)) return -1;
    int status = env_info(env, in, &info) || env_map_file(env, in, info.size, &map);
    env_close(env, in);
    if (status) return -1;
    status = env_open(env, partial, ENV_OPEN_CREATE, &out);
    if (!status) {
        status = env_write_all(env, out, map.at, map.size);
        if (env_close(env, out)) status = -1;
        if (!status) status = env_rename(env, partial, to);
    }
    env_unmap(&map);
    return status;
}

static int help(void) {
    printf("millrace build FILE -o JOB.so [--set NAME=VALUE] [--native]\n\n"
           "Compiles a job into a .so that `millrace run JOB.so` runs on a machine without a "
           "compiler, at any -p\n"
           "and with any value for params that only connectors' options use.\n\n"
           "  --native  for processors like this one only; else for x86-64-v3 (2013 and later)\n");
    return EXIT_OK;
}

int command_build(int argc, char **argv) {
    static const char *const known[] = { "-o", "--set", "--native", "--help", NULL };
    const char *path = NULL, *output = NULL;
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count = 0;
    struct build build = { .portable = true, .debug = true };
    for (int at = 0; at < argc;) {
        if (take_option(argc, argv, &at, "-o", &output)) continue;
        if (take_setting(argc, argv, &at, sets, &set_count)) continue;
        if (take_flag(argv, &at, "--native")) {
            build.portable = false;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            return help();
        } else if (argv[at][0] == '-' || path) {
            return usage_error("build", argv[at], known);
        } else {
            path = argv[at++];
        }
    }
    if (!path || !output) {
        fprintf(stderr,
                "millrace build: from which job to which file? `millrace build FILE -o JOB.so`\n");
        return EXIT_USAGE;
    }
    if (!is_compiled(output)) { /* such as the job itself, by a slip */
        fprintf(stderr, "millrace build: `-o %s`: a name that ends in .so\n", output);
        return EXIT_USAGE;
    }
    int status = compile_job(path, sets, set_count, &build);
    if (status) return status;
    struct env env = env_real();
    if (!copy_out(&env, build.path, output)) return EXIT_OK;
    fprintf(stderr, "millrace build: %s\n", error_text());
    return EXIT_RUN_FAILED;
}
