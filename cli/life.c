#include "cli/life.h"

#include "cli/compare.h"
#include "cli/report.h"
#include "runtime/base/error.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"
#include "runtime/exec/snapshot_restore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_DEFAULT_NS ((i64)10 * 1000000000) /* where snapshots are meant but not how often */

/* `--state`, `--from` and a guarantee ask for snapshots too. */
static struct job_snapshots settings_of(const struct job *job, const struct run_request *r) {
    struct job_snapshots s = job->snapshots;
    if (r->guarantee != JOB_GUARANTEE_UNSET) s.guarantee = r->guarantee;
    if (r->every_ns) s.every_ns = r->every_ns;
    if (!s.every_ns && (r->state || r->from || s.guarantee != JOB_GUARANTEE_UNSET))
        s.every_ns = EVERY_DEFAULT_NS;
    if (r->no_snapshots) s.every_ns = 0;
    return s;
}

static int refuse(const char *job, int status) {
    fprintf(stderr, "millrace: %s: %s\n", job, error_text());
    return status;
}

/* ---- with what to begin ---- */

/* "snapshot 12 of 2026-03-01T10:00:00Z". */
static const char *named(struct life *l, u64 number, i64 stamp) {
    char time[FORMAT_ROOM];
    time[format_timestamp(time, stamp / 1000000000 * 1000000000)] = 0;
    return arena_printf(&l->arena, "snapshot %llu of %s", (unsigned long long)number, time);
}

static const struct snapshot_info *info_of(const struct store *s, u64 number) {
    for (u32 i = 0; i < store_count(s); i++)
        if (store_info(s, i)->number == number) return store_info(s, i);
    return NULL;
}

/* `--fresh`: what there is stays where it is until newer snapshots have taken its place. */
static void tell_fresh(struct life *l, const char *job) {
    u64 newest = store_newest(l->store);
    const struct snapshot_info *info = newest ? info_of(l->store, newest) : NULL;
    char bytes[32];
    if (info)
        fprintf(stderr, "millrace: %s: begins anew; %s (%s in %s) is left behind\n", job,
                named(l, newest, info->stamp), bytes_text(info->bytes, bytes), l->dir);
}

static int load(struct life *l, const char *job, struct store *store, u64 number) {
    l->from = snapshot_load(store, number);
    if (!l->from) {
        refuse(job, 0);
        fprintf(stderr,
                "help: `millrace snapshot list %s` shows others: `--from NUMBER` begins with one "
                "of them, `--fresh` with none\n",
                l->dir);
        return EXIT_RUN_FAILED;
    }
    struct snapshot_job saved;
    if (snapshot_read_job(l->from, &saved)) return refuse(job, EXIT_RUN_FAILED);
    l->finished = saved.finished;
    return 0;
}

static int load_older(struct life *l, const char *job, u64 number) {
    if (info_of(l->store, number)) return load(l, job, l->store, number);
    fprintf(stderr, "millrace: %s: there is no snapshot %llu in %s\n", job,
            (unsigned long long)number, l->dir);
    return EXIT_NOT_FOUND;
}

static int load_savepoint(struct life *l, struct env *env, const char *job,
                          const struct run_request *r) {
    u64 newest = store_newest(l->store), number;
    struct stat there;
    if (stat(r->from, &there) && parse_count(r->from, &number)) return load_older(l, job, number);
    l->savepoint = store_open_read(env, r->from);
    if (!l->savepoint) return refuse(job, EXIT_NOT_FOUND);
    number = store_newest(l->savepoint);
    if (!number) {
        fprintf(stderr, "millrace: %s: there is no snapshot in %s\n", job, r->from);
        return EXIT_NOT_FOUND;
    }
    if (newest && !r->fresh) {
        fprintf(stderr,
                "millrace: %s: %s has snapshots of its own, up to %llu; `--from %s` would leave "
                "them behind\n"
                "help: without `--from` the job goes on from there; `--fresh` too says that they "
                "may be left\n",
                job, l->dir, (unsigned long long)newest, r->from);
        return EXIT_UNSAFE;
    }
    return load(l, job, l->savepoint, number);
}

static int begin(struct life *l, struct env *env, const char *job, const struct run_request *r) {
    if (r->fresh) tell_fresh(l, job);
    if (r->from) return load_savepoint(l, env, job, r);
    u64 newest = store_newest(l->store);
    return newest && !r->fresh ? load(l, job, l->store, newest) : 0;
}

/* ---- the folder ---- */

/* Said once, where a person looks on. */
static void tell_none(const struct life *l, const struct job *job, const struct run_request *r) {
    const char *dir = state_dir((struct arena *)&l->arena, r->path);
    if (!access(dir, F_OK))
        fprintf(stderr, "millrace: %s: no snapshots now; what lies in %s is not looked at\n",
                job->name, dir);
    else if (isatty(2))
        fprintf(stderr,
                "millrace: %s: no snapshots: if it ends early it starts anew (--snapshot-every "
                "1s)\n",
                job->name);
}

int life_open(struct life *l, struct env *env, const struct job *job, const struct run_request *r) {
    *l = (struct life){ .settings = settings_of(job, r) };
    arena_init(&l->arena);
    if (!l->settings.every_ns) {
        tell_none(l, job, r);
        return 0;
    }
    l->warned = l->settings.guarantee == JOB_AT_LEAST_ONCE ||
                (job->snapshots.guarantee == JOB_EXACTLY_ONCE && !is_compiled(r->path));
    l->dir = r->state ? r->state : state_dir(&l->arena, r->path);
    l->store = store_open(env, l->dir, true);
    if (!l->store)
        return refuse(job->name, error_number() == EAGAIN ? EXIT_UNSAFE : EXIT_RUN_FAILED);
    store_retain(l->store, l->settings.retain);
    return begin(l, env, job->name, r);
}

/* ---- in a job that has changed ---- */

static bool may_drop(const struct run_request *r, const char *name) {
    for (u32 i = 0; i < r->drop_count; i++)
        if (!strcmp(r->drops[i], name)) return true;
    return false;
}

int life_check(struct life *l, const struct job *job, const struct param_values *params,
               const struct run_request *r) {
    struct comparison found;
    if (!l->from) return 0;
    if (compare_job(l->from, job, params, &l->arena, &found)) return refuse(job->name, 1);
    u32 losses = 0, refusals = 0;
    for (u32 i = 0; i < found.count; i++) {
        const struct finding *f = &found.at[i];
        if (f->fate == FATE_KEEP || f->fate == FATE_REBUILD) continue;
        if (f->fate == FATE_DROP && may_drop(r, f->name)) continue;
        print_finding(f, stderr);
        losses += f->fate == FATE_DROP;
        refusals += f->fate == FATE_REFUSE;
    }
    if (!losses && !refusals) {
        fprintf(stderr, "millrace: %s: goes on from %s\n", job->name,
                named(l, snapshot_number(l->from), snapshot_stamp(l->from)));
        return 0;
    }
    fprintf(stderr, "millrace: %s: %s; nothing was begun\n", job->name,
            losses ? "saved state would be lost" : "the job cannot go on from what is saved");
    if (losses) fprintf(stderr, "help: --drop-state NAME, for each, says that it may be lost\n");
    if (refusals) fprintf(stderr, "help: make it as it was, or begin anew with --fresh\n");
    return EXIT_UNSAFE;
}

void life_tell_finished(struct life *l, const struct job *job) {
    fprintf(stderr,
            "millrace: %s: finished with %s; there is nothing to do (--fresh begins anew)\n",
            job->name, named(l, snapshot_number(l->from), snapshot_stamp(l->from)));
}

void life_tell_promises(const struct life *l, struct engine *e) {
    const struct job *job = e->run.job;
    if (!l->store) return;
    for (u32 k = 0; k < job->stage_count && !l->warned; k++)
        if (e->run.sinks[k].self && !e->run.sinks[k].exact)
            fprintf(stderr,
                    "  `%s` is at least once: after a crash rows since the last snapshot come "
                    "again\n",
                    job->stages[k].name);
    for (u32 i = 0; i < job->source_count; i++) {
        const struct run_source *s = &e->run.sources[i];
        if (!s->ops->save || (s->ops->replays && !s->ops->replays(s->self)))
            fprintf(stderr,
                    "  `%s` cannot be read again: a crash loses what no snapshot holds "
                    "(--guarantee at_least_once keeps a log)\n",
                    job->sources[i].name);
    }
}

void life_close(struct life *l) {
    if (l->from) snapshot_free(l->from);
    if (l->savepoint) store_close(l->savepoint);
    if (l->store) store_close(l->store);
    arena_fini(&l->arena);
}
