/* `millrace run`: compile (or open) a job, run it here, tell how it went. */
#include "cli/commands.h"
#include "cli/control.h"
#include "cli/life.h"
#include "cli/operation.h"
#include "cli/report.h"
#include "cli/run_request.h"

#include "io/connector.h"
#include "runtime/base/error.h"
#include "runtime/exec/engine.h"
#include "runtime/exec/loader.h"
#include "runtime/exec/placement.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_NS 250000000
#define ASKED_NS 20000000 /* how soon a question is answered */

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

/* ---- the run ---- */
struct job_run {
    struct engine *e;
    struct report report;
    struct operation operation; /* what is asked through the control socket */
    struct control *control;    /* null: nobody can ask */
};

static void follow(struct job_run *r) {
    bool told = false;
    for (i64 next = 0; !engine_wait(r->e, r->control ? ASKED_NS : PROGRESS_NS);) {
        if (signals_seen && !told) {
            told = true;
            engine_stop(r->e);
        }
        if (r->control) control_poll(r->control);
        if (env_mono_ns(r->e->run.env) < next) continue;
        next = env_mono_ns(r->e->run.env) + PROGRESS_NS;
        report_progress(&r->report, r->e);
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
static bool sets_others(const struct job *job, const struct run_request *r) {
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
static bool lacks_params(const struct job *job, const struct run_request *r) {
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

static void on_event(void *arg, const struct snapshot_event *event) {
    struct job_run *r = arg;
    report_event(&r->report, r->e->run.job->name, event);
}

static struct engine_snapshots snapshots_of(const struct life *l, const struct run_request *r,
                                            struct job_run *run) {
    return (struct engine_snapshots){
        .store = l->store,
        .from = l->from,
        .every_ns = l->settings.every_ns,
        .timeout_ns = l->settings.timeout_ns,
        .pause_ns = l->settings.pause_ns,
        .failures = l->settings.failures,
        .retained = l->settings.retain,
        .accept_duplicates = r->accept_duplicates,
        .fresh = r->fresh && !l->from,
        .logs = l->settings.guarantee != JOB_GUARANTEE_UNSET ? l->dir : NULL,
        .dropped = r->drops,
        .dropped_count = r->drop_count,
        .event = on_event,
        .event_arg = run,
    };
}

/* From the first row to the last. */
static int run_engine(struct job_run *r, const struct job *job, const struct engine_config *config,
                      const struct life *life) {
    r->e = engine_build(job, config);
    if (!r->e || engine_start(r->e)) {
        fprintf(stderr, "millrace: %s: %s\n", job->name, error_text());
        if (r->e) engine_close(r->e);
        return EXIT_RUN_FAILED;
    }
    report_begin(&r->report, r->e);
    life_tell_promises(life, r->e);
    operation_init(&r->operation, r->e, life, &r->report);
    if (life->store) {
        struct control_ops ops = { operation_serve, &r->operation };
        r->control = control_open(config->env, life->dir, &ops);
        if (!r->control) fprintf(stderr, "millrace: %s: %s\n", job->name, error_text());
    }
    follow(r);
    int status = engine_finish(r->e) ? EXIT_RUN_FAILED : EXIT_OK;
    operation_end(&r->operation, status ? error_text() : NULL);
    report_end(&r->report, r->e, r->operation.error, signals_seen != 0 || r->operation.stops);
    control_end(r->control);
    operation_fini(&r->operation);
    engine_close(r->e);
    return status;
}

static u64 memory_of(const struct job *job, const struct run_request *r) {
    if (r->memory_bytes) return r->memory_bytes;
    return job->memory_bytes ? job->memory_bytes : default_memory();
}

/* Its sinks may not have committed all of it when the process ended. */
static int finished_before(const struct job *job, const struct engine_config *config,
                           struct life *life) {
    life_tell_finished(life, job);
    if (!engine_recover(job, config)) return EXIT_OK;
    fprintf(stderr, "millrace: %s: %s\n", job->name, error_text());
    return EXIT_RUN_FAILED;
}

static int run_life(struct job_run *run, const struct job *job, const struct run_request *r,
                    struct env *env, struct life *life) {
    struct bound_option params[SETTINGS_MAX];
    u32 param_count = 0;
    for (u32 i = 0; i < r->set_count; i++)
        if (is_bound(job, r->sets[i].name))
            params[param_count++] = (struct bound_option){ r->sets[i].name, r->sets[i].value };
    struct param_values given = { params, param_count };
    int status = life->finished ? 0 : life_check(life, job, &given, r);
    if (status) return status;
    struct placement placement;
    if (placement_init(&placement, NULL, r->cores,
                       r->workers ? (u32)r->workers : job->parallelism)) {
        fprintf(stderr, "millrace run: %s\n", error_text());
        return EXIT_USAGE;
    }
    struct engine_config config = {
        .env = env,
        .workers = placement.worker_count,
        .placement = &placement,
        .watched = true,
        .hash_key = r->random_hash_key ? env_random(env) | 1 : 0,
        .memory_bytes = memory_of(job, r),
        .params = given,
        .source = connector_source,
        .sink = connector_sink,
        .snapshots = snapshots_of(life, r, run),
    };
    status =
        life->finished ? finished_before(job, &config, life) : run_engine(run, job, &config, life);
    placement_fini(&placement);
    return status;
}

static int run_job(struct job_run *run, const struct job *job, const struct run_request *r) {
    if (lacks_params(job, r) || (is_compiled(r->path) && sets_others(job, r))) return EXIT_USAGE;
    struct env env = env_real();
    struct life life;
    int status = life_open(&life, &env, job, r);
    if (!status) status = run_life(run, job, r, &env, &life);
    life_close(&life);
    control_close(run->control);
    return status;
}

int command_run(int argc, char **argv) {
    struct run_request r = { 0 };
    int status = run_request_read(argc, argv, &r);
    if (status) return status < 0 ? EXIT_OK : status;
    memory_init();
    signals_init();
    struct job_run run = { 0 };
    if (report_init(&run.report, r.stats, r.events)) return EXIT_RUN_FAILED;
    struct loaded_job loaded;
    status = open_job(r.path, r.sets, r.set_count, &loaded, &run.report.compile_seconds);
    if (!status) {
        status = run_job(&run, loaded.job, &r);
        loader_close(&loaded);
    }
    if (report_fini(&run.report) && status == EXIT_OK) status = EXIT_RUN_FAILED;
    return status;
}
