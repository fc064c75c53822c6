#include "cli/commands.h"

#include "cli/compare.h"
#include "runtime/base/error.h"
#include "runtime/exec/loader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int help(void) {
    printf(
        "millrace diff SAVEPOINT FILE [--set NAME=VALUE]\n\n"
        "    millrace diff .millrace/job job.flow\n\n"
        "What would become of a savepoint, or of the newest snapshot in a state folder, in a job "
        "that has changed since:\n\n"
        "  keep     as it is\n"
        "  migrate  carried over: another name, wider integers, new columns\n"
        "  rebuild  new: begins empty\n"
        "  drop     would be lost: `millrace run --drop-state NAME` says that it may\n"
        "  refuse   the job cannot go on from it\n\n"
        "Status: 0 nothing would be lost; 4 something would; 3 the job is refused; 5 no such "
        "job or savepoint.\n");
    return EXIT_OK;
}

static int compare(const struct snapshot *snapshot, const struct job *job,
                   const struct param_setting *sets, u32 set_count) {
    struct bound_option given[SETTINGS_MAX];
    struct param_values params = { given, set_count };
    struct comparison found;
    struct arena arena;
    arena_init(&arena);
    for (u32 i = 0; i < set_count; i++)
        given[i] = (struct bound_option){ sets[i].name, sets[i].value };
    int status = EXIT_OK;
    if (compare_job(snapshot, job, &params, &arena, &found)) {
        fprintf(stderr, "millrace diff: %s\n", error_text());
        status = EXIT_RUN_FAILED;
    }
    for (u32 i = 0; !status && i < found.count; i++) print_finding(&found.at[i], stdout);
    for (u32 i = 0; !status && i < found.count; i++)
        if (fate_is_loss(found.at[i].fate)) status = EXIT_UNSAFE;
    arena_fini(&arena);
    return status;
}

static int diff(const char *savepoint, const char *path, const struct param_setting *sets,
                u32 set_count) {
    struct env env = env_real();
    struct store *store = store_open_read(&env, savepoint);
    struct snapshot *snapshot =
        store && store_newest(store) ? snapshot_open(store, store_newest(store)) : NULL;
    struct loaded_job loaded;
    double seconds;
    int status = EXIT_OK;
    if (store && !store_newest(store)) error_set(ENOENT, "there is no snapshot in %s", savepoint);
    if (!snapshot) {
        fprintf(stderr, "millrace diff: %s\n", error_text());
        status = error_number() == ENOENT ? EXIT_NOT_FOUND : EXIT_RUN_FAILED;
    }
    if (!status) status = open_job(path, sets, set_count, &loaded, &seconds);
    if (!status) {
        status = compare(snapshot, loaded.job, sets, set_count);
        loader_close(&loaded);
    }
    if (snapshot) snapshot_free(snapshot);
    if (store) store_close(store);
    return status;
}

int command_diff(int argc, char **argv) {
    static const char *const known[] = { "--set", "--help", NULL };
    const char *words[2];
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count = 0, count = 0;
    for (int at = 0; at < argc;) {
        if (take_setting(argc, argv, &at, sets, &set_count)) continue;
        if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) return help();
        if (argv[at][0] == '-' || count == 2) return usage_error("diff", argv[at], known);
        words[count++] = argv[at++];
    }
    if (count == 2) return diff(words[0], words[1], sets, set_count);
    fprintf(stderr, "millrace diff: which savepoint with which job? `millrace diff SAVEPOINT "
                    "FILE`\n");
    return EXIT_USAGE;
}
