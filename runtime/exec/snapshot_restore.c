#include "runtime/exec/snapshot_restore.h"

#include "runtime/base/error.h"
#include "runtime/exec/snapshot_save.h"

#include <stdio.h>
#include <string.h>

static bool is_text(struct str text, const char *other) {
    return strlen(other) == text.size && !memcmp(text.at, other, text.size);
}

/* The part that is of `name`, behind it. */
static bool find(const struct engine *e, const char *kind, const char *name, struct unpack *out) {
    const struct snapshot *from = e->config.snapshots.from;
    u64 size = strlen(kind);
    for (u32 i = 0; i < snapshot_sections(from); i++) {
        struct str section = snapshot_section_at(from, i, out);
        if (section.size > size && !memcmp(section.at, kind, size) && section.at[size] == '/' &&
            is_text(unpack_bytes(out), name))
            return true;
    }
    return false;
}

/* The same of a stage, which may have had another name then. */
static bool find_stage(const struct engine *e, const char *kind, u32 k, struct unpack *out) {
    const struct job_stage *stage = &e->run.job->stages[k];
    return find(e, kind, stage->name, out) || (stage->was && find(e, kind, stage->was, out));
}

static int unreadable(const char *what, const char *name) {
    return error_set(0, "the snapshot's part for %s%s%s cannot be read", what, name ? " " : "",
                     name ? name : "");
}

/* ---- the job ---- */

static int read_job(const struct snapshot *from, struct snapshot_job *out, struct unpack *rest) {
    struct unpack u;
    if (!snapshot_find(from, "job", &u))
        return error_set(0, "the snapshot does not say of which job it is");
    u32 format = unpack_u32(&u);
    if (!u.bad && format != SNAPSHOT_JOB_FORMAT)
        return error_set(0, "the snapshot has format %u; this millrace reads %u", format,
                         SNAPSHOT_JOB_FORMAT);
    out->name = unpack_bytes(&u);
    out->run = unpack_bytes(&u);
    out->hash_key = unpack_u64(&u);
    out->finished = unpack_u8(&u);
    out->params = *rest = u;
    return u.bad ? unreadable("the job", NULL) : 0;
}

int snapshot_read_job(const struct snapshot *from, struct snapshot_job *out) {
    struct unpack rest;
    return read_job(from, out, &rest);
}

/* A param that changed would make one result of two inputs. */
static int check_params(const struct engine *e, struct unpack *u) {
    const struct job *job = e->run.job;
    for (u32 n = unpack_u32(u); n && !u->bad; n--) {
        struct str name = unpack_bytes(u), text = unpack_bytes(u);
        for (u32 i = 0; i < job->param_count; i++) {
            if (!is_text(name, job->params[i].name)) continue;
            const char *now = param_text(job, job->params[i].name, &e->config.params);
            if (is_text(text, now)) continue;
            return error_set(0,
                             "param `%s` was `%.*s` when the snapshot was taken and is `%s` now; "
                             "give it as it was, or start over with --fresh",
                             job->params[i].name, (int)text.size, text.at, now);
        }
    }
    return 0;
}

static bool has_stage(const struct engine *e, struct str name) {
    const struct job *job = e->run.job;
    for (u32 k = 0; k < job->stage_count; k++) {
        const struct job_stage *stage = &job->stages[k];
        if (stage->keeper &&
            (is_text(name, stage->name) || (stage->was && is_text(name, stage->was))))
            return true;
    }
    return false;
}

static bool is_dropped(const struct engine *e, struct str name) {
    const struct engine_snapshots *c = &e->config.snapshots;
    for (u32 i = 0; i < c->dropped_count; i++)
        if (is_text(name, c->dropped[i])) return true;
    return false;
}

/* State that nobody takes over is lost: that has to be said. */
static int check_stages(const struct engine *e, struct unpack *u) {
    for (u32 n = unpack_u32(u); n && !u->bad; n--) {
        struct str name = unpack_bytes(u);
        if (u->bad || has_stage(e, name) || is_dropped(e, name)) continue;
        return error_set(0,
                         "the snapshot holds state of stage `%.*s`, which the job has not; lose it "
                         "with --drop-state %.*s",
                         (int)name.size, name.at, (int)name.size, name.at);
    }
    return 0;
}

static void name_run(struct engine *e) {
    snprintf(e->run_name, sizeof e->run_name, "%016lx", env_random(e->run.env));
}

int engine_restore_job(struct engine *e) {
    const struct engine_snapshots *c = &e->config.snapshots;
    if (!c->store) return 0;
    if (!c->from) {
        name_run(e);
        return 0;
    }
    struct snapshot_job job = { .finished = false };
    struct unpack rest;
    if (read_job(c->from, &job, &rest)) return -1;
    if (!is_text(job.name, e->run.job->name))
        return error_set(0, "the snapshot is of job `%.*s`, this is `%s`", (int)job.name.size,
                         job.name.at, e->run.job->name);
    if (job.run.size >= sizeof e->run_name) return unreadable("the job", NULL);
    memcpy(e->run_name, job.run.at, job.run.size);
    e->run.hash_key = job.hash_key;
    if (check_params(e, &rest) || check_stages(e, &rest)) return -1;
    return unpack_is_done(&rest) ? 0 : unreadable("the job", NULL);
}

/* ---- stages ---- */

/* The watermark that came in by an input, found by who is at its other end. */
static i64 input_time(const struct job *job, u32 edge, struct unpack inputs, u32 count) {
    const struct job_edge *e = &job->edges[edge];
    const char *name = e->from_source ? job->sources[e->from].name : job->stages[e->from].name;
    while (count-- && !inputs.bad) {
        bool from_source = unpack_u8(&inputs);
        struct str from = unpack_bytes(&inputs);
        u32 port = unpack_u32(&inputs);
        i64 w = unpack_i64(&inputs);
        if (!inputs.bad && from_source == e->from_source && port == e->port && is_text(from, name))
            return w;
    }
    return TIME_NEVER;
}

static void set_times(struct task *t, u32 k, i64 w, struct unpack inputs, u32 count) {
    const struct job *job = t->run->job;
    const struct job_stage *stage = &job->stages[k];
    if (t->kind == TASK_FUSED)
        t->stage_w[k] = w;
    else
        t->inlet.w = w;
    for (u32 i = 0; i < stage->input_count; i++) {
        i64 in = input_time(job, stage->inputs[i], inputs, count);
        if (t->kind == TASK_FUSED)
            t->edge_w[stage->inputs[i]] = in;
        else
            t->inlet.inputs[i].w = in;
    }
}

/* The exact watermark, and what its sources had reached. */
static void set_fine(struct task *t, u32 k, struct unpack fine) {
    const struct job *job = t->run->job;
    t->fine[k].floor = unpack_i64(&fine);
    for (u32 n = unpack_u32(&fine); n; n--) {
        struct str name = unpack_bytes(&fine);
        i64 reached = unpack_i64(&fine);
        for (u32 s = 0; s < job->source_count; s++)
            if (is_text(name, job->sources[s].name) && reached > task_prefix(t, k)[s])
                task_prefix(t, k)[s] = reached;
    }
}

static int restore_state(struct engine *e, struct task *t, u32 k, struct unpack images, u32 count) {
    const struct job_stage *stage = &e->run.job->stages[k];
    while (count--) {
        u32 region = unpack_u32(&images);
        struct unpack saved = unpack_part(&images);
        struct image image;
        if (images.bad || !snapshot_image(e->config.snapshots.from, region, &image))
            return unreadable("stage", stage->name);
        if (stage->keeper->restore(t->states[k], stage->ops[e->run.variant], &saved, &image))
            return error_add("stage `%s`", stage->name);
    }
    return stage->keeper->restored(t->states[k]) ? error_add("stage `%s`", stage->name) : 0;
}

static int restore_stage(struct engine *e, u32 k) {
    const struct job_stage *stage = &e->run.job->stages[k];
    struct unpack u;
    if (!find_stage(e, "stage", k, &u)) return 0; /* a new one */
    i64 w = unpack_i64(&u);
    u32 input_count = unpack_u32(&u);
    struct unpack inputs = u;
    for (u32 i = 0; i < input_count && !u.bad; i++) {
        unpack_u8(&u);
        unpack_bytes(&u);
        unpack_u32(&u);
        unpack_i64(&u);
    }
    struct unpack fine = u;
    unpack_i64(&u);
    for (u32 n = unpack_u32(&u); n && !u.bad; n--) {
        unpack_bytes(&u);
        unpack_i64(&u);
    }
    u32 image_count = unpack_u32(&u);
    struct unpack images = unpack_part(&u);
    if (!unpack_is_done(&u)) return unreadable("stage", stage->name);
    bool dropped = is_dropped(e, (struct str){ stage->name, strlen(stage->name) });
    for (u32 i = 0; i < e->task_count; i++) {
        struct task *t = e->tasks[i];
        bool has = t->kind == TASK_FUSED ? e->run.graph.stage_island[k] == t->island->number
                                         : t->kind == TASK_STAGE && t->stage == k;
        if (!has) continue;
        set_times(t, k, w, inputs, input_count);
        set_fine(t, k, fine);
        if (t->states[k] && !dropped && restore_state(e, t, k, images, image_count)) return -1;
    }
    return 0;
}

/* ---- islands, counts, sinks ---- */

static int restore_island(struct engine *e, u32 island) {
    struct sequence *s = &e->run.islands[island].sequence;
    struct unpack u;
    if (!find(e, "island", s->sources[0].name, &u))
        return error_set(0, "the snapshot has no place for source `%s`; start over with --fresh",
                         s->sources[0].name);
    if (sequence_restore(s, &u)) return -1;
    for (u32 i = 0; i < e->task_count; i++) {
        struct task *t = e->tasks[i];
        if (t->island->number != island) continue;
        if (t->kind == TASK_STAGE) t->next = atomic_load(&s->issued);
        for (u32 k = 0; k < s->source_count; k++)
            t->silence.quiet[s->sources[k].number] = s->sources[k].idle || !s->sources[k].open;
    }
    return 0;
}

static int restore_counts(struct engine *e) {
    struct unpack u;
    if (!snapshot_find(e->config.snapshots.from, "counts", &u))
        return unreadable("its counts", NULL);
    run_counts_unpack(&e->run.before, e->run.job, &u);
    return unpack_is_done(&u) ? 0 : unreadable("its counts", NULL);
}

int engine_recover_sinks(struct engine *e) {
    for (u32 k = 0; k < e->run.job->stage_count; k++) {
        const char *name = e->run.job->stages[k].name;
        struct run_sink *sink = &e->run.sinks[k];
        if (!sink->self || !sink->exact) continue;
        struct unpack pending;
        bool has = e->config.snapshots.from && find_stage(e, "sink", k, &pending) &&
                   !is_dropped(e, (struct str){ name, strlen(name) });
        if (has) pending = unpack_part(&pending);
        if (sink->ops->recover(sink->self, has ? &pending : NULL,
                               e->config.snapshots.accept_duplicates))
            return error_add("stage `%s`", name);
    }
    return 0;
}

int engine_restore(struct engine *e) {
    if (!e->config.snapshots.store) return 0;
    if (e->config.snapshots.from) {
        for (u32 k = 0; k < e->run.job->stage_count; k++)
            if (restore_stage(e, k)) return -1;
        for (u32 i = 0; i < e->run.graph.island_count; i++)
            if (restore_island(e, i)) return -1;
        if (restore_counts(e)) return -1;
    }
    return engine_recover_sinks(e);
}
