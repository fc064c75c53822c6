#include "cli/run_request.h"

#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

#include <stdio.h>
#include <string.h>

#define WORKERS_MAX 128u
#define EVERY_LEAST_NS 1000000

static int help(void) {
    printf("millrace run FILE [-p N] [--cores LIST] [--memory SIZE] [--set NAME=VALUE] [--stats "
           "FILE|-]\n"
           "             [--hash-key random]\n"
           "             [--snapshot-every D] [--state DIR] [--guarantee G] [--events FILE] "
           "[--from SAVEPOINT]\n"
           "             [--fresh] [--accept-duplicates] [--drop-state NAME]\n\n"
           "    millrace run jobs/word_count.flow\n"
           "    millrace run job.flow -p 2 --cores 0,1 --set input=other.csv --stats stats.json\n"
           "    millrace run job.flow --snapshot-every 1s\n"
           "    millrace run job.so                     what `millrace build` made: needs no "
           "compiler\n\n"
           "Runs a job until its input ends. The first Ctrl-C stops reading, finishes the rows "
           "that are in and\n"
           "fires no open window; the second ends it at once.\n\n"
           "  -p N              workers; a result does not depend on it (as many as cores, unless "
           "told)\n"
           "  --cores LIST      the cores to pin them to: 0,2-5\n"
           "  --memory SIZE     what the job may take, such as 4GiB (three quarters of the "
           "machine's)\n"
           "  --set NAME=VALUE  a param of the job\n"
           "  --stats FILE      figures of the run as JSON; `-`: on standard output\n"
           "  --hash-key random spreads keys as nobody can foresee, where somebody may choose them "
           "to collide; rows\n"
           "                    of different keys then come in another order each time\n\n"
           "With snapshots the job goes on from the newest one after a crash or a stop:\n\n"
           "  --snapshot-every D   takes one so often, `off`: none (set snapshot_every)\n"
           "  --state DIR          keeps them there (.millrace/<job> beside the job)\n"
           "  --guarantee G        exactly_once or at_least_once (set guarantee)\n"
           "  --events FILE        a JSON line for each snapshot, taken or failed; `-`: on "
           "standard output\n"
           "  --from SAVEPOINT     begins with a savepoint, or with an older snapshot by its "
           "number\n"
           "  --fresh              begins anew, whatever snapshots there are\n"
           "  --accept-duplicates  also where rows that are out already come again\n"
           "  --drop-state NAME    without the saved state of this stage, source or sink; may be "
           "repeated\n\n"
           "Status: 0 done; 1 the job failed; 2 wrong usage; 3 the job is refused; 4 something "
           "would be lost;\n"
           "5 no such job; 128+n signal n.\n");
    return -1;
}

static int bad_value(const char *option, const char *value, const char *wanted) {
    fprintf(stderr, "millrace run: `%s %s`: %s\n", option, value, wanted);
    return EXIT_USAGE;
}

/* The options of take_life and take_usual: 0 not this one; 1 taken; -1: *status is what was wrong.
 */
static int take_life(int argc, char **argv, int *at, struct run_request *r, int *status) {
    const char *value;
    if (take_option(argc, argv, at, "--snapshot-every", &value)) {
        r->no_snapshots = !strcmp(value, "off");
        if (!r->no_snapshots &&
            (!parse_duration(value, strlen(value), &r->every_ns) || r->every_ns < EVERY_LEAST_NS))
            *status = bad_value("--snapshot-every", value, "a duration of at least 1ms, or `off`");
    } else if (take_option(argc, argv, at, "--guarantee", &value)) {
        if (!guarantee_find(value, strlen(value), &r->guarantee))
            *status = bad_value("--guarantee", value, "exactly_once or at_least_once");
    } else if (take_option(argc, argv, at, "--drop-state", &value)) {
        if (r->drop_count == DROPS_MAX)
            *status = bad_value("--drop-state", value, "there are 64 already");
        else
            r->drops[r->drop_count++] = value;
    } else if (take_flag(argv, at, "--fresh")) {
        r->fresh = true;
    } else if (take_flag(argv, at, "--accept-duplicates")) {
        r->accept_duplicates = true;
    } else if (!take_option(argc, argv, at, "--state", &r->state) &&
               !take_option(argc, argv, at, "--from", &r->from) &&
               !take_option(argc, argv, at, "--events", &r->events)) {
        return 0;
    }
    return *status ? -1 : 1;
}

static int take_usual(int argc, char **argv, int *at, struct run_request *r, int *status) {
    const char *value;
    if (take_option(argc, argv, at, "-p", &value)) {
        if (!parse_count(value, &r->workers) || !r->workers || r->workers > WORKERS_MAX)
            *status = bad_value("-p", value, "a number of workers from 1 to 128");
    } else if (take_option(argc, argv, at, "--memory", &value)) {
        if (!parse_size(value, strlen(value), &r->memory_bytes) || !r->memory_bytes)
            *status = bad_value("--memory", value, "a size such as 512MiB or 4GiB");
    } else if (take_option(argc, argv, at, "--hash-key", &value)) {
        r->random_hash_key = true;
        if (strcmp(value, "random") != 0)
            *status = bad_value("--hash-key", value, "there is only `random`");
    } else if (!take_option(argc, argv, at, "--cores", &r->cores) &&
               !take_option(argc, argv, at, "--stats", &r->stats) &&
               !take_setting(argc, argv, at, r->sets, &r->set_count)) {
        return 0;
    }
    return *status ? -1 : 1;
}

static int contradiction(const struct run_request *r) {
    const char *state = r->state       ? "--state"
                        : r->from      ? "--from"
                        : r->guarantee ? "--guarantee"
                        : r->events    ? "--events"
                                       : NULL;
    if (r->no_snapshots && state) {
        fprintf(stderr, "millrace run: `%s` is about snapshots, and they are off\n", state);
        return EXIT_USAGE;
    }
    return 0;
}

int run_request_read(int argc, char **argv, struct run_request *r) {
    static const char *const known[] = { "-p",          "--cores",          "--memory",
                                         "--set",       "--stats",          "--help",
                                         "--state",     "--snapshot-every", "--from",
                                         "--guarantee", "--fresh",          "--accept-duplicates",
                                         "--events",    "--drop-state",     "--hash-key",
                                         NULL };
    for (int at = 0, status = 0; at < argc;) {
        if (take_usual(argc, argv, &at, r, &status) || take_life(argc, argv, &at, r, &status)) {
            if (status) return status;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            return help();
        } else if (argv[at][0] == '-' && argv[at][1]) {
            return usage_error("run", argv[at], known);
        } else if (r->path) {
            fprintf(stderr, "millrace run: one job at a time: `%s` or `%s`?\n", r->path, argv[at]);
            return EXIT_USAGE;
        } else {
            r->path = argv[at++];
        }
    }
    if (r->path) return contradiction(r);
    fprintf(stderr, "millrace run: which job? `millrace run FILE`\n");
    return EXIT_USAGE;
}
