/* The one program: `millrace COMMAND ...`. Data goes to standard output, everything else to
 * standard error. */
#include "cli/commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *doc;
};

static const struct command commands[] = {
    { "run", command_run, "compile a job and run it" },
    { "check", command_check, "say what is wrong with jobs, without running them" },
    { "explain", command_explain,
      "show what the compiler makes of a job, or explain a diagnostic's code" },
    { "build", command_build, "compile a job into a .so that runs without a compiler" },
    { "status", command_status, "what a running job has done" },
    { "savepoint", command_savepoint, "have a running job write a snapshot that stands by itself" },
    { "stop", command_stop, "end a running job so that it can go on later" },
    { "snapshot", command_snapshot, "show and check what a job has saved" },
    { "diff", command_diff, "say what becomes of saved state in a job that has changed" },
    { "test", command_test, "run the tests of jobs" },
    { "functions", command_functions, "list the functions and aggregates of the language" },
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void help(FILE *to) {
    fprintf(to, "millrace: stream processing on one server\n\n"
                "    millrace run jobs/word_count.flow\n"
                "    millrace run job.flow -p 2 --set input=other.csv --stats -\n"
                "    millrace explain job.flow --show physical\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].doc);
    fprintf(to, "\n`millrace COMMAND --help` says more of each.\n");
}

/* A closed standard stream would give its number to the next file that is opened. One that fails
 * stands in for it. */
static void standard_streams_init(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

static int run_command(int argc, char **argv) {
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        help(stdout);
        return EXIT_OK;
    }
    if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
        printf("millrace " MILLRACE_VERSION "\n");
        return EXIT_OK;
    }
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(argv[1], commands[i].name)) return commands[i].run(argc - 2, argv + 2);
    const char *names[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i].name;
    const char *near = diag_nearest(argv[1], names, COMMAND_COUNT);
    fprintf(stderr, "millrace: there is no command `%s`%s%s%s\n", argv[1],
            near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    standard_streams_init();
    int status = run_command(argc, argv);
    if (!fflush(stdout) && !ferror(stdout)) return status;
    fprintf(stderr, "millrace: standard output cannot be written\n");
    return status ? status : EXIT_RUN_FAILED;
}
