#include "cli/operation.h"

#include "cli/json.h"
#include "runtime/base/error.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void operation_init(struct operation *o, struct engine *e, const struct life *life,
                    struct report *report) {
    *o = (struct operation){ .e = e, .life = life, .report = report };
    if (life->dir) o->dir = realpath(life->dir, NULL);
}

void operation_fini(struct operation *o) {
    free(o->error);
    free(o->folder);
    free(o->dir);
}

void operation_end(struct operation *o, const char *error) {
    o->ended = true;
    o->error = error ? strdup(error) : NULL;
}

/* ---- savepoints ---- */

/* Where it shall lie: a path as it is; a name, or the time, among the job's own. Null with an error
   trail. */
static char *folder_of(struct operation *o, const char *arg) {
    char *folder, time[FORMAT_ROOM];
    struct env *env = o->e->run.env;
    if (strchr(arg, '/')) return strdup(arg);
    if (asprintf(&folder, "%s/savepoints", o->dir) < 0) return NULL;
    int status = env_mkdir(env, folder);
    free(folder);
    if (status) return NULL;
    time[format_timestamp(time, env_wall_ns(env) / 1000000 * 1000000)] = 0;
    if (asprintf(&folder, "%s/savepoints/%s", o->dir, *arg ? arg : time) < 0) return NULL;
    return folder;
}

static void put_savepoint(struct text_buf *to, const char *folder, u64 number) {
    text_buf_str(to, "\"savepoint\":");
    json_put_text(to, folder);
    text_buf_printf(to, ",\"number\":%llu", (unsigned long long)number);
}

static enum control_outcome savepoint_begin(struct operation *o, struct control_call *call) {
    if (o->folder) return CONTROL_UNDER_WAY; /* another one is; then this one */
    if (o->ended || o->stops) {
        error_set(ECANCELED, "the job is ending");
        return CONTROL_REFUSED;
    }
    o->folder = folder_of(o, call->arg);
    if (!o->folder) return CONTROL_REFUSED;
    o->saving = (struct snapshot_request){ .folder = o->folder };
    call->ticket = 1;
    engine_savepoint(o->e, &o->saving);
    return CONTROL_UNDER_WAY;
}

static enum control_outcome savepoint(struct operation *o, struct control_call *call) {
    if (!call->ticket) return savepoint_begin(o, call);
    if (!atomic_load(&o->saving.done)) return CONTROL_UNDER_WAY;
    enum control_outcome outcome = o->saving.failed ? CONTROL_REFUSED : CONTROL_DONE;
    if (o->saving.failed)
        error_set(0, "%s", o->saving.why);
    else
        put_savepoint(&call->answer, o->folder, o->saving.number);
    free(o->folder);
    o->folder = NULL;
    return outcome;
}

/* ---- the end ---- */

static enum control_outcome ended(struct operation *o, struct control_call *call) {
    u64 newest = store_newest(o->life->store);
    if (o->error) {
        error_set(0, "%s", o->error);
        return CONTROL_REFUSED;
    }
    if (!*call->arg) {
        text_buf_printf(&call->answer, "\"snapshot\":%llu", (unsigned long long)newest);
        return CONTROL_DONE;
    }
    char *folder = folder_of(o, call->arg);
    int status = folder ? store_export(o->life->store, newest, folder) : -1;
    if (!status) put_savepoint(&call->answer, folder, newest);
    free(folder);
    return status ? CONTROL_REFUSED : CONTROL_DONE;
}

static enum control_outcome stop(struct operation *o, struct control_call *call) {
    if (o->ended) return ended(o, call);
    if (!call->ticket) {
        call->ticket = 1;
        o->stops = true;
        if (call->request == CONTROL_DRAIN)
            engine_drain(o->e);
        else
            engine_stop(o->e);
    }
    report_put_rows(o->e, &call->answer);
    return CONTROL_UNDER_WAY;
}

/* ---- what it has done ---- */

static void status_put(struct operation *o, struct text_buf *to) {
    text_buf_str(to, "\"job\":");
    json_put_text(to, o->e->run.job->name);
    text_buf_printf(to, ",\"pid\":%d,\"state\":\"%s\",\"workers\":%u,", getpid(),
                    o->ended   ? "ended"
                    : o->stops ? "stopping"
                               : "running",
                    o->e->config.workers);
    report_put_rows(o->e, to);
    report_put_snapshots(o->report, to);
}

enum control_outcome operation_serve(void *self, struct control_call *call) {
    struct operation *o = self;
    switch (call->request) {
    case CONTROL_STATUS:
        status_put(o, &call->answer);
        return CONTROL_DONE;
    case CONTROL_SAVEPOINT:
        return savepoint(o, call);
    case CONTROL_STOP:
    case CONTROL_DRAIN:
        return stop(o, call);
    case CONTROL_REQUESTS:
        break;
    }
    error_set(EINVAL, "no such request");
    return CONTROL_REFUSED;
}
