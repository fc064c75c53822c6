/* `millrace status`, `savepoint`, `stop`: what is said to a job that runs (control.h). */
#include "cli/commands.h"

#include "cli/control.h"
#include "runtime/base/error.h"
#include "runtime/data/json.h"
#include "runtime/data/timefn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_NS ((i64)10 * 1000000000) /* a job that lives says something within this time */

struct question {
    const char *command, *path; /* the words of the user */
    enum control_request request;
    const char *arg;
    bool json;
    i64 timeout_ns;
    /* the answer */
    struct text_buf answer; /* its line */
    bool ok;
    bool terminal;
};

/* ---- answers ---- */

static bool is_key(struct str key, const char *name) {
    return key.size == strlen(name) && !memcmp(key.at, name, key.size);
}

/* The member of an answer; false: it has none such. */
static bool member(const struct question *q, const char *name, struct scratch *scratch,
                   struct json_value *value) {
    struct json_walk walk;
    struct str key;
    json_walk_begin(&walk, (const u8 *)q->answer.at, q->answer.size, scratch);
    while (json_walk_next(&walk, &key, value) == JSON_MEMBER)
        if (is_key(key, name)) return true;
    return false;
}

/* `name value`, a line each. */
static void print_members(const struct question *q, struct scratch *scratch, FILE *to,
                          const char *between) {
    struct json_walk walk;
    struct str key;
    struct json_value value;
    json_walk_begin(&walk, (const u8 *)q->answer.at, q->answer.size, scratch);
    while (json_walk_next(&walk, &key, &value) == JSON_MEMBER) {
        if (is_key(key, "ok") || is_key(key, "progress") || value.kind == JSON_NULL) continue;
        struct str text = value.text;
        if (value.kind == JSON_TRUE) text = (struct str){ "true", 4 };
        if (value.kind == JSON_FALSE) text = (struct str){ "false", 5 };
        fprintf(to, *between == '\n' ? "%-30.*s %.*s%s" : "%.*s %.*s%s", (int)key.size, key.at,
                (int)text.size, text.at, between);
    }
}

static bool take_line(void *self, const char *text, u64 size) {
    struct question *q = self;
    struct scratch scratch;
    struct json_value value;
    text_buf_clear(&q->answer);
    text_buf_put(&q->answer, text, size);
    scratch_init(&scratch);
    bool progress = member(q, "progress", &scratch, &value);
    if (progress && q->terminal) {
        fprintf(stderr, "\r\033[K");
        print_members(q, &scratch, stderr, "  ");
    }
    if (!progress) q->ok = member(q, "ok", &scratch, &value) && value.kind == JSON_TRUE;
    scratch_fini(&scratch);
    if (progress) text_buf_clear(&q->answer);
    return true; /* behind the answer to a stop comes the end of the job */
}

/* The job refused. */
static int tell_refusal(const struct question *q) {
    struct scratch scratch;
    struct json_value value;
    scratch_init(&scratch);
    bool why = member(q, "error", &scratch, &value) && value.kind == JSON_STRING;
    fprintf(stderr, "millrace %s: %.*s\n", q->command, why ? (int)value.text.size : 16,
            why ? value.text.at : "the job refused");
    scratch_fini(&scratch);
    return EXIT_RUN_FAILED;
}

static int tell_trouble(const struct question *q, const char *dir) {
    int error = error_number();
    if (error == ETIMEDOUT) {
        fprintf(stderr, "millrace %s: %s: no answer in time\n", q->command, q->path);
        return EXIT_TIMED_OUT;
    }
    if (access(dir, F_OK)) {
        fprintf(stderr, "millrace %s: %s: there is no such job, nor state of one in %s\n",
                q->command, q->path, dir);
        return EXIT_NOT_FOUND;
    }
    if (error == ENOENT || error == ECONNREFUSED)
        fprintf(stderr, "millrace %s: %s does not run; its state lies in %s\n", q->command, q->path,
                dir);
    else
        fprintf(stderr, "millrace %s: %s\n", q->command, error_text());
    return EXIT_NOT_REACHED;
}

static int ask(struct question *q) {
    struct arena arena;
    arena_init(&arena);
    text_buf_init(&q->answer);
    q->terminal = isatty(2) && !q->json;
    const char *dir = state_dir(&arena, q->path);
    i64 patience = q->timeout_ns ? q->timeout_ns : ANSWER_NS;
    int status = control_ask(dir, q->request, q->arg, patience, take_line, q);
    if (q->terminal) fprintf(stderr, "\r\033[K");
    if (status) {
        status = tell_trouble(q, dir);
    } else if (!q->answer.size) {
        fprintf(stderr, "millrace %s: %s ended before it answered\n", q->command, q->path);
        status = EXIT_NOT_REACHED;
    } else if (q->json) {
        printf("%s\n", q->answer.at);
        status = q->ok ? EXIT_OK : EXIT_RUN_FAILED;
    } else if (!q->ok) {
        status = tell_refusal(q);
    }
    arena_fini(&arena);
    return status;
}

static void print_answer(const struct question *q) {
    struct scratch scratch;
    scratch_init(&scratch);
    if (!q->json) print_members(q, &scratch, stdout, "\n");
    scratch_fini(&scratch);
}

/* ---- words ---- */

/* `JOB`, `--json`, `--timeout D`. True: taken; *status is not 0 if it was wrong. */
static bool take_common(int argc, char **argv, int *at, struct question *q, int *status) {
    const char *value;
    if (take_flag(argv, at, "--json")) {
        q->json = true;
    } else if (take_option(argc, argv, at, "--timeout", &value)) {
        if (!parse_duration(value, strlen(value), &q->timeout_ns) || q->timeout_ns <= 0) {
            fprintf(stderr, "millrace %s: `--timeout %s`: a duration such as 30s\n", q->command,
                    value);
            *status = EXIT_USAGE;
        }
    } else if (argv[*at][0] != '-' && !q->path) {
        q->path = argv[(*at)++];
    } else {
        return false;
    }
    return true;
}

static bool is_help(const char *word) {
    return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int no_job(const char *command) {
    fprintf(stderr, "millrace %s: which job? `millrace %s JOB`, a .flow or a state folder\n",
            command, command);
    return EXIT_USAGE;
}

/* The job has its own working folder: a path is sent whole. A name alone goes to its savepoints. */
static const char *whole_path(struct arena *arena, const char *path) {
    if (*path == '/' || !strchr(path, '/')) return path;
    char *here = getcwd(NULL, 0);
    const char *whole = here ? arena_printf(arena, "%s/%s", here, path) : path;
    free(here);
    return whole;
}

static int finish(struct question *q, struct arena *arena) {
    int status = q->path ? ask(q) : no_job(q->command);
    if (!status) print_answer(q);
    text_buf_fini(&q->answer);
    arena_fini(arena);
    return status;
}

/* ---- the commands ---- */

int command_status(int argc, char **argv) {
    static const char *const known[] = { "--json", "--timeout", "--help", NULL };
    struct question q = { .command = "status", .request = CONTROL_STATUS, .arg = "" };
    struct arena arena;
    arena_init(&arena);
    for (int at = 0, status = 0; at < argc;) {
        if (is_help(argv[at])) {
            printf("millrace status JOB [--json]\n\n"
                   "    millrace status jobs/word_count.flow\n\n"
                   "What a running job has done. JOB is its .flow (its state lies beside it, in "
                   ".millrace) or its state folder.\n\n"
                   "  --json       as one JSON object\n"
                   "  --timeout D  how long to wait for an answer (10s)\n\n"
                   "Status: 0 it runs; 5 no such job; 6 it does not run; 7 no answer in time.\n");
            return EXIT_OK;
        }
        if (!take_common(argc, argv, &at, &q, &status))
            return usage_error("status", argv[at], known);
        if (status) return status;
    }
    return finish(&q, &arena);
}

int command_savepoint(int argc, char **argv) {
    static const char *const known[] = { "--to", "--json", "--timeout", "--help", NULL };
    struct question q = { .command = "savepoint", .request = CONTROL_SAVEPOINT, .arg = "" };
    struct arena arena;
    arena_init(&arena);
    for (int at = 0, status = 0; at < argc;) {
        if (take_option(argc, argv, &at, "--to", &q.arg)) {
            q.arg = whole_path(&arena, q.arg);
        } else if (is_help(argv[at])) {
            printf("millrace savepoint JOB [--to PATH]\n\n"
                   "    millrace savepoint job.flow --to before_upgrade\n"
                   "    millrace run job.flow --from .millrace/job/savepoints/before_upgrade\n\n"
                   "Has a running job write a snapshot that stands by itself, and prints its "
                   "path. The job goes on.\n\n"
                   "  --to PATH    a new folder, or a name among the savepoints in its state "
                   "folder (its number)\n"
                   "  --json       as one JSON object\n"
                   "  --timeout D  how long to wait for a sign of progress (10s)\n\n"
                   "Status: 0 it is written; 1 it failed; 5 no such job; 6 it does not run; 7 no "
                   "answer in time.\n");
            return EXIT_OK;
        } else if (!take_common(argc, argv, &at, &q, &status)) {
            return usage_error("savepoint", argv[at], known);
        } else if (status) {
            return status;
        }
    }
    return finish(&q, &arena);
}

int command_stop(int argc, char **argv) {
    static const char *const known[] = { "--drain",   "--savepoint", "--json",
                                         "--timeout", "--help",      NULL };
    struct question q = { .command = "stop", .request = CONTROL_STOP, .arg = "" };
    struct arena arena;
    arena_init(&arena);
    for (int at = 0, status = 0; at < argc;) {
        if (take_flag(argv, &at, "--drain")) {
            q.request = CONTROL_DRAIN;
        } else if (take_option(argc, argv, &at, "--savepoint", &q.arg)) {
            q.arg = whole_path(&arena, q.arg);
        } else if (is_help(argv[at])) {
            printf("millrace stop JOB [--drain] [--savepoint PATH]\n\n"
                   "    millrace stop job.flow && millrace run job.flow -p 4\n\n"
                   "Stops a running job as Ctrl-C does: reading ends, a last snapshot is taken, "
                   "no open window fires, and\n"
                   "`millrace run` goes on from there. Waits until the job has ended.\n\n"
                   "  --drain           the input ends here: open windows fire, and the job is "
                   "finished\n"
                   "  --savepoint PATH  the last snapshot also as one that stands by itself: a "
                   "new folder, or a name\n"
                   "  --json            as one JSON object\n"
                   "  --timeout D       how long to wait for a sign of progress (10s)\n\n"
                   "Status: 0 it has stopped; 1 it failed; 5 no such job; 6 it does not run; 7 no "
                   "answer in time.\n");
            return EXIT_OK;
        } else if (!take_common(argc, argv, &at, &q, &status)) {
            return usage_error("stop", argv[at], known);
        } else if (status) {
            return status;
        }
    }
    return finish(&q, &arena);
}
