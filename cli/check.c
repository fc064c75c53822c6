#include "cli/commands.h"

#include "runtime/base/text_buf.h"

#include <stdio.h>
#include <string.h>

struct request {
    char **paths; /* at the front of argv, when its options are read */
    int path_count;
    bool json;
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count;
};

static int help(void) {
    printf("millrace check FILE... [--json] [--set NAME=VALUE]\n\n"
           "Parses and checks jobs and says everything that is wrong with them. Status 3: a job is "
           "refused.\n\n"
           "  --json  diagnostics as a JSON array on standard output, for editors\n");
    return EXIT_OK;
}

static int check_files(const struct request *r) {
    struct text_buf json;
    text_buf_init(&json);
    int worst = EXIT_OK;
    for (int i = 0; i < r->path_count; i++) {
        struct compilation c;
        int status = compile_front(&c, r->paths[i], r->sets, r->set_count, r->json ? &json : NULL);
        compile_fini(&c);
        if (status > worst) worst = status;
    }
    if (r->json && !json.size) text_buf_str(&json, "[]\n"); /* no file could be read */
    fwrite(json.at, 1, json.size, stdout);
    text_buf_fini(&json);
    return worst;
}

int command_check(int argc, char **argv) {
    static const char *const known[] = { "--json", "--set", "--help", NULL };
    struct request r = { .paths = argv };
    for (int at = 0; at < argc;) {
        if (take_flag(argv, &at, "--json")) {
            r.json = true;
        } else if (take_setting(argc, argv, &at, r.sets, &r.set_count)) {
            continue;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            return help();
        } else if (argv[at][0] == '-' && argv[at][1]) {
            return usage_error("check", argv[at], known);
        } else {
            argv[r.path_count++] = argv[at++];
        }
    }
    if (r.path_count) return check_files(&r);
    fprintf(stderr, "millrace check: which file? `millrace check FILE...`\n");
    return EXIT_USAGE;
}
