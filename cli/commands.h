/* The subcommands of `millrace`, one file each. A command gets the words after its name and returns
 * the exit status. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "dsl/check.h"
#include "dsl/parse.h"
#include "runtime/base/arena.h"

/* Exit statuses (README, *Exit codes*). */
enum exit_status {
    EXIT_OK = 0,
    EXIT_RUN_FAILED = 1, /* the job failed at run time */
    EXIT_USAGE = 2,
    EXIT_INVALID = 3, /* the program is refused */
    EXIT_UNSAFE = 4,  /* refused: something would be lost */
    EXIT_NOT_FOUND = 5,
    EXIT_NOT_REACHED = 6, /* the job does not run */
    EXIT_TIMED_OUT = 7,
};

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_build(int argc, char **argv);
int command_test(int argc, char **argv);
int command_functions(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_snapshot(int argc, char **argv);
int command_status(int argc, char **argv);
int command_savepoint(int argc, char **argv);
int command_stop(int argc, char **argv);

/* ---- what they share: cli/common.c ---- */
/* `--name value` or `--name=value` at argv[*at]: true, *value set and *at moved past it. Ends the
   process with EXIT_USAGE if the value is missing. */
bool take_option(int argc, char **argv, int *at, const char *name, const char **value);
/* `--name` at argv[*at]: true, and *at moved past it. */
bool take_flag(char **argv, int *at, const char *name);
#define SETTINGS_MAX 64
/* `--set name=value` at argv[*at]: true, and *at moved past it. Ends the process with EXIT_USAGE if
 * it is no setting. */
bool take_setting(int argc, char **argv, int *at, struct param_setting *sets, u32 *count);

/* Says what is wrong with the usage of a command, with the nearest known option. Returns
 * EXIT_USAGE. */
int usage_error(const char *command, const char *word, const char *const *known);

/* A job on its way through the compiler. */
struct compilation {
    struct arena arena;
    struct parse parse;
    const struct logical *typed; /* null if refused */
    struct logical *logical;
};

/* The steps of compile_front: parses; then, when the checker is through, prints what it had to say.
 */
/* Parses and checks a job. 0: logical is set; else the exit status. Diagnostics, warnings too, go
   to standard error, or, if `json` is not null, into the one array in it. */
int compile_parse(struct compilation *c, const char *path, struct text_buf *json);
int compile_said(const struct compilation *c, const struct logical *checked, struct text_buf *json);
int compile_front(struct compilation *c, const char *path, const struct param_setting *sets,
                  u32 set_count, struct text_buf *json);
void compile_fini(struct compilation *c);

/* The .flow file's name without folder and suffix. */
const char *job_name(struct arena *arena, const char *path);

/* Where the state of a job lies: `.millrace/<job>` beside its .flow or .so; of a folder, there. */
const char *state_dir(struct arena *arena, const char *path);

struct build;
struct loaded_job;
struct physical;

/* Compiles a job: build->path is the object in the cache. 0, or the exit status after saying why.
 */
int compile_job(const char *path, const struct param_setting *sets, u32 set_count,
                struct build *build);
/* Opens a job, compiled already (.so) or not: the caller's until loader_close. 0, or the exit
 * status after saying why. */
bool is_compiled(const char *path); /* a .so */
int open_job(const char *path, const struct param_setting *sets, u32 set_count,
             struct loaded_job *out, double *seconds);

/* explain --show placement. workers 0: as the job says, else one a core. 0, or the exit status
 * after saying why. */
int show_placement(const struct physical *plan, u32 workers, const char *topology,
                   struct text_buf *to);

/* A size such as 64KiB or 16GiB. False: not one. */
bool parse_count(const char *text, u64 *count);

#endif
