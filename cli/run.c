/* `millrace run`: compile (or open) a job, run it here, tell how it went. */
#include "cli/commands.h"
#include "cli/report.h"

#include "io/connector.h"
#include "runtime/base/error.h"
#include "runtime/data/number.h"
#include "runtime/exec/engine.h"
#include "runtime/exec/loader.h"
#include "runtime/exec/placement.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS_MAX 128u
#define PROGRESS_NS 250000000

/* ---- signals: the first asks to stop, the second ends the process ---- */
static volatile sig_atomic_t signals_seen; /* a signal handler can reach nothing else */

static void on_signal(int number) {
    if (signals_seen++) _exit(128 + number);
}

static void signals_init(void) {
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of its sink, with a name */
}

/* Overflow between tasks comes and goes in chunks: kept by the process, not given back to the
   system and faulted in again, which was a tenth of the time of a job that sends much. */
static void memory_init(void) {
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
}

/* ---- what was asked for ---- */
struct request {
    const char *path, *cores, *stats;
    u64 workers, memory_bytes;
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count;
};

static int help(void) {
    printf("millrace run FILE [-p N] [--cores LIST] [--memory SIZE] [--set NAME=VALUE] [--stats "
           "FILE|-]\n\n"
           "    millrace run jobs/word_count.flow\n"
           "    millrace run job.flow -p 2 --cores 0,1 --set input=other.csv --stats stats.json\n"
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
           "  --stats FILE      figures of the run as JSON; `-`: on standard output\n\n"
           "Status: 0 done; 1 the job failed; 2 wrong usage; 3 the job is refused; 5 no such job; "
           "128+n signal n.\n");
    return EXIT_OK;
}

static int bad_value(const char *option, const char *value, const char *wanted) {
    fprintf(stderr, "millrace run: `%s %s`: %s\n", option, value, wanted);
    return EXIT_USAGE;
}

/* 0; -1: help was shown; else the exit status. */
static int read_request(int argc, char **argv, struct request *r) {
    static const char *const known[] = { "-p",      "--cores", "--memory", "--set",
                                         "--stats", "--help",  NULL };
    for (int at = 0; at < argc;) {
        const char *value;
        if (take_option(argc, argv, &at, "-p", &value)) {
            if (!parse_count(value, &r->workers) || !r->workers || r->workers > WORKERS_MAX)
                return bad_value("-p", value, "a number of workers from 1 to 128");
        } else if (take_option(argc, argv, &at, "--memory", &value)) {
            if (!parse_size(value, strlen(value), &r->memory_bytes) || !r->memory_bytes)
                return bad_value("--memory", value, "a size such as 512MiB or 4GiB");
        } else if (take_option(argc, argv, &at, "--cores", &r->cores)) {
            continue;
        } else if (take_option(argc, argv, &at, "--stats", &r->stats)) {
            continue;
        } else if (take_setting(argc, argv, &at, r->sets, &r->set_count)) {
            continue;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            return help() - 1;
        } else if (argv[at][0] == '-' && argv[at][1]) {
            return usage_error("run", argv[at], known);
        } else if (r->path) {
            fprintf(stderr, "millrace run: one job at a time: `%s` or `%s`?\n", r->path, argv[at]);
            return EXIT_USAGE;
        } else {
            r->path = argv[at++];
        }
    }
    if (r->path) return 0;
    fprintf(stderr, "millrace run: which job? `millrace run FILE`\n");
    return EXIT_USAGE;
}

/* ---- the run ---- */
static void follow(struct engine *e, struct report *report) {
    for (bool told = false; !engine_wait(e, PROGRESS_NS);) {
        if (signals_seen && !told) {
            told = true;
            engine_stop(e);
        }
        report_progress(report, e);
    }
}

/* The other params of a .flow are constants of what was compiled just now, or used by nothing: the
   checker knew them. A .so does not say which constants were params. */
static bool is_bound(const struct job *job, const char *name) {
    for (u32 i = 0; i < job->param_count; i++)
        if (!strcmp(job->params[i].name, name)) return true;
    return false;
}

/* Tells every setting of a compiled job that is none of its params. */
static bool sets_others(const struct job *job, const struct request *r) {
    bool others = false;
    for (u32 i = 0; i < r->set_count; i++) {
        if (is_bound(job, r->sets[i].name)) continue;
        fprintf(
            stderr,
            "millrace run: job `%s` has no param `%s` that can be set at start; params that are "
            "part of the compiled job are set by `millrace build --set`\n",
            job->name, r->sets[i].name);
        others = true;
    }
    return others;
}

/* Tells every param that has no default and was not given. */
static bool lacks_params(const struct job *job, const struct request *r) {
    bool lacks = false;
    for (u32 i = 0; i < job->param_count; i++) {
        const char *name = job->params[i].name;
        bool known = job->params[i].fallback;
        for (u32 s = 0; s < r->set_count && !known; s++) known = !strcmp(r->sets[s].name, name);
        if (known) continue;
        fprintf(stderr, "millrace run: param `%s` has no default: give it with --set %s=...\n",
                name, name);
        lacks = true;
    }
    return lacks;
}

static int run_job(const struct job *job, const struct request *r, struct report *report) {
    if (lacks_params(job, r) || (is_compiled(r->path) && sets_others(job, r))) return EXIT_USAGE;
    struct env env = env_real();
    struct bound_option params[SETTINGS_MAX];
    u32 param_count = 0;
    for (u32 i = 0; i < r->set_count; i++)
        if (is_bound(job, r->sets[i].name))
            params[param_count++] = (struct bound_option){ r->sets[i].name, r->sets[i].value };
    struct placement placement;
    if (placement_init(&placement, NULL, r->cores,
                       r->workers ? (u32)r->workers : job->parallelism)) {
        fprintf(stderr, "millrace run: %s\n", error_text());
        return EXIT_USAGE;
    }
    struct engine_config config = {
        .env = &env,
        .workers = placement.worker_count,
        .placement = &placement,
        .watched = true,
        .memory_bytes = r->memory_bytes     ? r->memory_bytes
                        : job->memory_bytes ? job->memory_bytes
                                            : default_memory(),
        .params = { params, param_count },
        .source = connector_source,
        .sink = connector_sink,
    };
    struct engine *e = engine_build(job, &config);
    if (!e || engine_start(e)) {
        fprintf(stderr, "millrace: %s\n", error_text());
        if (e) engine_close(e);
        placement_fini(&placement);
        return EXIT_RUN_FAILED;
    }
    report_begin(report, e);
    follow(e, report);
    int status = engine_finish(e) ? EXIT_RUN_FAILED : EXIT_OK;
    report_end(report, e, status ? error_text() : NULL, signals_seen != 0);
    engine_close(e);
    placement_fini(&placement);
    return status;
}

int command_run(int argc, char **argv) {
    struct request r = { 0 };
    int status = read_request(argc, argv, &r);
    if (status) return status < 0 ? EXIT_OK : status;
    memory_init();
    signals_init();
    struct report report;
    report_init(&report, r.stats);
    struct loaded_job loaded;
    status = open_job(r.path, r.sets, r.set_count, &loaded, &report.compile_seconds);
    if (status) return status;
    status = run_job(loaded.job, &r, &report);
    loader_close(&loaded);
    if (report_fini(&report) && status == EXIT_OK) status = EXIT_RUN_FAILED;
    return status;
}
