#include "runtime/exec/snapshotter.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/snapshot_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_NS 600000000000
#define FAILURES 10u
#define NO_MEMORY "the job's memory is used up; give it more with --memory"
#define RETRY_NS 100000000 /* a commit of a sink that failed, and a last snapshot */

enum state { IDLE, CUTTING, GIVEN_UP, COMMITTING, OVER };

struct snapshotter {
    struct engine *e;
    struct env *env;
    struct engine_snapshots config;
    struct mailbox mailbox;
    struct env_thread thread;
    bool threaded;
    _Atomic bool wanted; /* somebody notified: a message LOOK is on its way */
    struct message look;

    /* the thread's; `order` and `durable` are read by tasks at a barrier that was asked for later
     */
    enum state state;
    struct snapshot_order order;
    enum snapshot_kind kind;
    bool durable;
    struct snapshot_writer *writer;
    struct task_cut **cuts;
    u32 cut_count, swept_count;
    i64 began_ns, due_ns, pause_ns;
    u32 failures;
    u64 given,
        saved; /* data morsels when the snapshot under way began; when the last good one did */
    u64 bytes;
    struct snapshot_request *requests; /* oldest first */
    struct place *places;              /* oldest first */
};

/* ---- for tasks ---- */

const struct snapshot_order *snapshotter_order(const struct snapshotter *s) {
    return &s->order;
}

bool snapshotter_was_durable(const struct snapshotter *s) {
    return s->durable;
}

void snapshotter_post(struct snapshotter *s, struct message *message) {
    mailbox_post(&s->mailbox, s->env, &message->node);
}

static struct message *message_new(enum message_kind kind) {
    struct message *m = calloc(1, sizeof *m);
    ENSURE(m);
    m->kind = kind;
    return m;
}

void snapshotter_swept(struct snapshotter *s, i64 pause_ns, bool whole) {
    struct message *m = message_new(MESSAGE_SWEPT);
    m->swept.pause_ns = pause_ns;
    m->swept.whole = whole;
    snapshotter_post(s, m);
}

static void post_chunk(void *self, struct granule_chunk *chunk) {
    struct snapshotter *s = self;
    struct message *m = message_new(MESSAGE_GRANULES);
    m->chunk = chunk;
    snapshotter_post(s, m);
}

struct granule_copies snapshotter_copies(struct snapshotter *s, u32 region) {
    return (struct granule_copies){ .post = post_chunk, .self = s, .region = region };
}

void snapshotter_notify(struct snapshotter *s) {
    bool wanted = false;
    if (atomic_compare_exchange_strong(&s->wanted, &wanted, true)) snapshotter_post(s, &s->look);
}

void snapshotter_request(struct snapshotter *s, struct snapshot_request *request) {
    struct message *m = message_new(MESSAGE_REQUEST);
    m->request = request;
    snapshotter_post(s, m);
}

/* ---- what happened ---- */

static void tell(struct snapshotter *s, bool failed, const char *why) {
    struct snapshot_event event = {
        .number = s->order.number,
        .kind = s->kind,
        .failed = failed,
        .why = why,
        .bytes = s->bytes,
        .stamp = s->order.stamp,
        .took_ns = env_mono_ns(s->env) - s->began_ns,
        .pause_ns = s->pause_ns,
    };
    if (s->config.event) s->config.event(s->config.event_arg, &event);
}

static void answer(struct snapshotter *s, bool failed, const char *why) {
    struct snapshot_request *r = s->requests;
    s->requests = r->next;
    r->failed = failed;
    r->number = s->order.number;
    snprintf(r->why, sizeof r->why, "%s", why ? why : "");
    atomic_store(&r->done, 1);
    env_wake(s->env, &r->done);
}

static bool has_failed(struct snapshotter *s) {
    return failure_is_there(&s->e->run.failure);
}

/* This thread's trail ends the job. */
static void fail_job(struct snapshotter *s) {
    run_fail(&s->e->run, &s->e->run.islands[0], UINT64_MAX, POSITION_DUE);
}

static void close_sequences(struct snapshotter *s) {
    for (u32 i = 0; i < s->e->run.graph.island_count; i++)
        sequence_close(&s->e->run.islands[i].sequence);
    run_notify_all(&s->e->run);
    while (s->requests) answer(s, true, "the job has ended");
    s->state = OVER;
}

static void free_cuts(struct snapshotter *s) {
    for (u32 i = 0; i < s->cut_count; i++) task_cut_free(s->cuts[i]);
    s->cut_count = s->swept_count = 0;
}

static void set_due(struct snapshotter *s, bool failed) {
    i64 now = env_mono_ns(s->env);
    i64 next = s->config.every_ns ? s->began_ns + s->config.every_ns : TIME_FOREVER;
    if (failed && next < now + RETRY_NS) next = now + RETRY_NS;
    if (next < now + s->config.pause_ns) next = now + s->config.pause_ns;
    s->due_ns = next;
    if (failed && s->kind == SNAPSHOT_LAST) s->due_ns = now + RETRY_NS;
}

/* The trail says why. What still comes of it is dropped. */
static void give_up(struct snapshotter *s) {
    char why[512];
    snprintf(why, sizeof why, "%s", error_text());
    if (s->writer) snapshot_give_up(s->writer);
    s->writer = NULL;
    s->durable = false;
    s->state = GIVEN_UP;
    tell(s, true, why);
    if (s->kind == SNAPSHOT_SAVEPOINT && s->requests) answer(s, true, why);
    set_due(s, true);
    if (++s->failures <= s->config.failures || has_failed(s)) return;
    error_set(0, "snapshot %lu: %s; %u in a row have failed", s->order.number, why, s->failures);
    fail_job(s);
}

/* ---- messages ---- */

static void take_chunk(struct snapshotter *s, struct granule_chunk *chunk) {
    for (u32 i = 0; i < chunk->count && s->state == CUTTING; i++) {
        s->bytes += sizeof chunk->bytes[i];
        if (snapshot_granule(s->writer, chunk->region, chunk->numbers[i], chunk->bytes[i]))
            give_up(s);
    }
    granule_chunk_free(chunk);
    run_notify_all(&s->e->run); /* a sweep may have waited for it */
}

static void take(struct snapshotter *s, struct message *m) {
    switch (m->kind) {
    case MESSAGE_CUT:
        s->cuts[s->cut_count++] = (struct task_cut *)m;
        return;
    case MESSAGE_GRANULES:
        take_chunk(s, m->chunk);
        break;
    case MESSAGE_SWEPT:
        s->swept_count++;
        if (m->swept.pause_ns > s->pause_ns) s->pause_ns = m->swept.pause_ns;
        if (m->swept.whole || s->state != CUTTING) break;
        error_set(0, "%s", NO_MEMORY);
        give_up(s);
        break;
    case MESSAGE_REQUEST: {
        struct snapshot_request **end = &s->requests;
        while (*end) end = &(*end)->next;
        m->request->next = NULL;
        *end = m->request;
        break;
    }
    case MESSAGE_LOOK:
        atomic_store(&s->wanted, false);
        return;
    }
    free(m);
}

/* ---- beginning ---- */

static bool all_ended(struct snapshotter *s, bool *finished) {
    bool ended = true;
    *finished = true;
    for (u32 i = 0; i < s->e->run.graph.island_count; i++) {
        u32 end = atomic_load(&s->e->run.islands[i].sequence.ended);
        ended &= end != SEQUENCE_GOES_ON;
        *finished &= end == SEQUENCE_FINISHED;
    }
    return ended;
}

static u64 morsels_given(struct snapshotter *s) {
    u64 given = 0;
    for (u32 i = 0; i < s->e->run.graph.island_count; i++) {
        struct sequence *from = &s->e->run.islands[i].sequence;
        given -= atomic_load(&from->barriers);
        given += atomic_load(&from->issued);
    }
    return given;
}

static void begin(struct snapshotter *s, enum snapshot_kind kind, bool close) {
    struct run *r = &s->e->run;
    s->kind = kind;
    s->began_ns = env_mono_ns(s->env);
    s->bytes = 0;
    s->pause_ns = 0;
    s->order = (struct snapshot_order){ store_next(s->config.store), env_wall_ns(s->env), close };
    s->writer = snapshot_begin(s->config.store, s->order.number);
    if (!s->writer) {
        bool durable = s->durable; /* no barrier was asked for */
        give_up(s);
        s->durable = durable;
        s->state = IDLE;
        return;
    }
    s->state = CUTTING;
    s->given = morsels_given(s);
    for (u32 i = 0; i < r->graph.island_count; i++) sequence_ask_barrier(&r->islands[i].sequence);
    run_notify_all(r);
}

static void look(struct snapshotter *s) {
    bool finished, over = all_ended(s, &finished);
    if (has_failed(s)) {
        close_sequences(s);
        return;
    }
    i64 now = env_mono_ns(s->env);
    bool waits = s->failures && now < s->due_ns, due = s->config.every_ns && now >= s->due_ns;
    u64 given = morsels_given(s);
    if (over && !waits)
        begin(s, SNAPSHOT_LAST, finished);
    else if (s->requests && !over)
        begin(s, SNAPSHOT_SAVEPOINT, true);
    else if (due && given != s->saved)
        begin(s, SNAPSHOT_PERIODIC, false);
    else if (due) /* nothing came: there is nothing to save */
        s->due_ns = now + s->config.every_ns;
}

/* ---- what sources may forget ---- */

/* Where the sources stood at a snapshot of this run. */
struct place {
    struct place *next; /* younger */
    u64 number;
    struct pack *islands;
};

static void place_keep(struct snapshotter *s) {
    u32 count = s->e->run.graph.island_count;
    struct place *p = calloc(1, sizeof *p), **end = &s->places;
    ENSURE(p);
    p->number = s->order.number;
    p->islands = calloc(count, sizeof *p->islands);
    ENSURE(p->islands);
    for (u32 i = 0; i < count; i++)
        sequence_positions(&s->e->run.islands[i].sequence, &p->islands[i]);
    while (*end) end = &(*end)->next;
    *end = p;
}

static void place_drop(struct snapshotter *s) {
    struct place *p = s->places;
    s->places = p->next;
    for (u32 i = 0; i < s->e->run.graph.island_count; i++) pack_fini(&p->islands[i]);
    free(p->islands);
    free(p);
}

/* Nobody goes back behind the oldest snapshot that is kept. */
static void forget_input(struct snapshotter *s) {
    u64 oldest = store_info(s->config.store, 0)->number;
    while (s->places && s->places->number < oldest) place_drop(s);
    if (!s->places || s->places->number != oldest) return;
    for (u32 i = 0; i < s->e->run.graph.island_count; i++) {
        const struct pack *p = &s->places->islands[i];
        sequence_retained(&s->e->run.islands[i].sequence, unpack_of(p->at, p->size));
    }
}

/* ---- committing ---- */

static const struct sink_ops *pending_sink(struct snapshotter *s, u32 k, struct unpack *pending) {
    const struct pack *p = snapshot_pending(s->cuts, s->cut_count, k);
    if (!p) return NULL;
    *pending = unpack_of(p->at, p->size);
    return s->e->run.sinks[k].ops;
}

/* Where logs of input are kept, they have to be on the disk up to the barrier. */
static int prepare_sources(struct snapshotter *s) {
    for (u32 i = 0; i < s->e->run.graph.island_count; i++)
        if (sequence_prepare(&s->e->run.islands[i].sequence)) return -1;
    return 0;
}

static int prepare_sinks(struct snapshotter *s) {
    struct unpack pending;
    for (u32 k = 0; k < s->e->run.job->stage_count; k++) {
        const struct sink_ops *ops = pending_sink(s, k, &pending);
        if (ops && ops->prepare(s->e->run.sinks[k].self, &pending))
            return error_add("stage `%s`", s->e->run.job->stages[k].name);
    }
    return 0;
}

static int commit_sinks(struct snapshotter *s) {
    struct unpack pending;
    for (u32 k = 0; k < s->e->run.job->stage_count; k++) {
        const struct sink_ops *ops = pending_sink(s, k, &pending);
        if (ops && ops->commit(s->e->run.sinks[k].self, &pending))
            return error_add("stage `%s`", s->e->run.job->stages[k].name);
    }
    return 0;
}

static int write_manifest(struct snapshotter *s) {
    if (prepare_sources(s) || prepare_sinks(s)) return -1;
    snapshot_save(s->e, s->kind == SNAPSHOT_LAST && s->order.close, s->cuts, s->cut_count,
                  s->writer);
    struct snapshot_result result;
    struct snapshot_writer *w = s->writer;
    s->writer = NULL; /* a commit that fails has given up */
    if (snapshot_commit(w, &result)) return -1;
    s->bytes = result.bytes;
    return 0;
}

/* The manifest is there: nothing can go wrong with the snapshot any more, and it is tried again
   until the sinks have committed. */
static void finish(struct snapshotter *s) {
    if (commit_sinks(s)) {
        char why[512];
        snprintf(why, sizeof why, "%s", error_text());
        s->due_ns = env_mono_ns(s->env) + RETRY_NS;
        tell(s, true, why);
        if (++s->failures <= s->config.failures) return;
        error_set(0, "snapshot %lu is there, but its output cannot be committed: %s",
                  s->order.number, why);
        fail_job(s);
        free_cuts(s);
        s->state = IDLE;
        return;
    }
    free_cuts(s);
    s->failures = 0;
    s->saved = s->given;
    tell(s, false, NULL);
    if (store_sweep(s->config.store)) error_clear(); /* the next one tries again */
    forget_input(s);
    s->state = IDLE;
    set_due(s, false);
    if (s->kind == SNAPSHOT_SAVEPOINT && s->requests) {
        const char *to = s->requests->folder;
        int failed = to ? store_export(s->config.store, s->order.number, to) : 0;
        answer(s, failed, failed ? error_text() : NULL);
    }
    if (s->kind == SNAPSHOT_LAST) close_sequences(s);
}

static void commit(struct snapshotter *s) {
    place_keep(s);
    if (write_manifest(s)) {
        give_up(s);
        return;
    }
    s->durable = true;
    s->state = COMMITTING;
    finish(s);
}

/* ---- steps ---- */

static bool has_all(const struct snapshotter *s) {
    return s->cut_count == s->e->task_count && s->swept_count == s->e->task_count;
}

static void check_cutting(struct snapshotter *s) {
    const struct budget *b = &s->e->run.budget;
    if (has_failed(s))
        error_set(0, "the job has failed");
    else if (env_mono_ns(s->env) - s->began_ns > s->config.timeout_ns)
        error_set(0, "it took longer than %ld ms", s->config.timeout_ns / 1000000);
    else if (atomic_load(&b->used) > b->limit)
        error_set(0, "%s", NO_MEMORY);
    else
        return;
    give_up(s);
}

static void move(struct snapshotter *s) {
    switch (s->state) {
    case IDLE:
        look(s);
        return;
    case CUTTING:
        if (has_all(s) && !has_failed(s)) /* what failed before it posted its cut is in the cut */
            commit(s);
        else
            check_cutting(s);
        return;
    case GIVEN_UP:
        if (!has_all(s) && !has_failed(s)) return;
        free_cuts(s);
        s->state = IDLE;
        return;
    case COMMITTING:
        if (env_mono_ns(s->env) >= s->due_ns) finish(s);
        return;
    case OVER:
        return;
    }
    ENSURE(!"a state");
}

bool snapshotter_step(struct snapshotter *s) {
    for (struct mailbox_node *node; (node = mailbox_take(&s->mailbox));)
        take(s, (struct message *)node);
    move(s);
    return s->state != OVER;
}

/* How long nothing happens if no message comes. */
static i64 quiet_ns(const struct snapshotter *s) {
    i64 until = TIME_FOREVER;
    switch (s->state) {
    case IDLE:
    case COMMITTING:
        until = s->due_ns;
        break;
    case CUTTING:
        until = time_add(s->began_ns, s->config.timeout_ns);
        break;
    case GIVEN_UP:
    case OVER:
        break;
    }
    if (until == TIME_FOREVER) return TIME_FOREVER;
    i64 left = until - env_mono_ns(s->env);
    return left > 0 ? left : 0;
}

static void thread_main(void *arg) {
    struct snapshotter *s = arg;
    for (enum state before = s->state; snapshotter_step(s); before = s->state)
        if (s->state == before) mailbox_wait(&s->mailbox, s->env, quiet_ns(s));
}

/* ---- life ---- */

struct snapshotter *snapshotter_open(struct engine *e) {
    struct snapshotter *s = calloc(1, sizeof *s);
    ENSURE(s);
    s->e = e;
    s->env = e->run.env;
    s->config = e->config.snapshots;
    if (!s->config.timeout_ns) s->config.timeout_ns = TIMEOUT_NS;
    if (!s->config.failures) s->config.failures = FAILURES;
    if (s->config.retained) store_retain(s->config.store, s->config.retained);
    s->cuts = calloc(e->task_count + 1, sizeof(struct task_cut *));
    ENSURE(s->cuts);
    mailbox_init(&s->mailbox);
    s->look.kind = MESSAGE_LOOK;
    s->durable = true; /* nothing was given up: there is nothing that has to be saved again */
    s->saved = morsels_given(s);
    s->began_ns = env_mono_ns(s->env);
    set_due(s, false);
    return s;
}

int snapshotter_start(struct snapshotter *s) {
    s->threaded = !env_thread_start(s->env, &s->thread, "snapshots", thread_main, s);
    return s->threaded ? 0 : -1;
}

void snapshotter_join(struct snapshotter *s) {
    snapshotter_notify(s);
    if (s->threaded) env_thread_join(s->env, &s->thread);
    s->threaded = false;
}

void snapshotter_close(struct snapshotter *s) {
    for (struct mailbox_node *node; (node = mailbox_take(&s->mailbox));)
        take(s, (struct message *)node);
    while (s->requests) answer(s, true, "the job has ended");
    if (s->writer) snapshot_give_up(s->writer);
    while (s->places) place_drop(s);
    free_cuts(s);
    free(s->cuts);
    free(s);
}
