#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

int command_check(int argc, char **argv) {
    static const char *const known[] = { "--json", "--set", "--help", NULL };
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count = 0;
    bool json = false;
    int worst = EXIT_OK, files = 0;
    for (int at = 0; at < argc;) {
        if (take_flag(argv, &at, "--json")) {
            json = true;
        } else if (take_setting(argc, argv, &at, sets, &set_count)) {
            continue;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            printf("millrace check FILE... [--json] [--set NAME=VALUE]\n\nParses and checks jobs "
                   "and says everything that "
                   "is wrong with them. Status 3: a job is refused.\n\n"
                   "  --json  diagnostics as a JSON array on standard output, for editors\n");
            return EXIT_OK;
        } else if (argv[at][0] == '-' && argv[at][1]) {
            return usage_error("check", argv[at], known);
        } else {
            struct compilation c;
            int status = compile_front(&c, argv[at++], sets, set_count, json);
            compile_fini(&c);
            if (status > worst) worst = status;
            files++;
        }
    }
    if (!files) {
        fprintf(stderr, "millrace check: which file? `millrace check FILE...`\n");
        return EXIT_USAGE;
    }
    return worst;
}
