#include "runtime/exec/snapshot_save.h"

#include <stdio.h>
#include <stdlib.h>

static void put_section(struct snapshot_writer *to, const char *kind, u32 number,
                        const struct pack *bytes) {
    char section[32];
    snprintf(section, sizeof section, "%s/%u", kind, number);
    snapshot_section(to, section, bytes->at, bytes->size);
}

/* ---- the job ---- */

static void pack_connector(const struct engine *e, const struct job_connector *c, struct pack *to) {
    pack_text(to, c->connector);
    pack_text(to, c->format);
    pack_u32(to, c->option_count);
    for (u32 i = 0; i < c->option_count; i++) {
        pack_text(to, c->options[i].name);
        pack_text(to, option_shown(e->run.job, &c->options[i], &e->config.params));
    }
}

static void pack_job(const struct engine *e, bool finished, struct pack *to) {
    const struct job *job = e->run.job;
    pack_u32(to, SNAPSHOT_JOB_FORMAT);
    pack_text(to, job->name);
    pack_text(to, e->run_name);
    pack_u64(to, e->run.hash_key);
    pack_u8(to, finished);
    pack_u32(to, job->param_count);
    for (u32 i = 0; i < job->param_count; i++) {
        pack_text(to, job->params[i].name);
        pack_text(to, param_text(job, job->params[i].name, &e->config.params));
    }
    u32 keepers = 0;
    for (u32 k = 0; k < job->stage_count; k++) keepers += job->stages[k].keeper != NULL;
    pack_u32(to, keepers);
    for (u32 k = 0; k < job->stage_count; k++)
        if (job->stages[k].keeper) pack_text(to, job->stages[k].name);
}

/* ---- islands ---- */

static void pack_island(struct engine *e, u32 island, struct task_cut *const *cuts, u32 count,
                        struct pack *to) {
    struct finished_morsel *last = calloc(count + 1, sizeof *last);
    u32 producers = 0;
    for (u32 i = 0; i < count; i++)
        if (cuts[i]->task->kind != TASK_STAGE && cuts[i]->task->island->number == island)
            last[producers++] = cuts[i]->last;
    sequence_save(&e->run.islands[island].sequence, last, producers, to);
    free(last);
}

/* ---- stages ---- */

const struct pack *snapshot_pending(struct task_cut *const *cuts, u32 count, u32 stage) {
    for (u32 i = 0; i < count; i++)
        for (u32 s = 0; s < cuts[i]->stage_count; s++)
            if (cuts[i]->stages[s].stage == stage && cuts[i]->stages[s].sink)
                return &cuts[i]->stages[s].pending;
    return NULL;
}

/* How the input of a stage is called: by who is at its other end. */
static const char *edge_from(const struct job *job, u32 edge) {
    const struct job_edge *e = &job->edges[edge];
    return e->from_source ? job->sources[e->from].name : job->stages[e->from].name;
}

static void pack_times(const struct job *job, u32 k, const struct pack *times, struct pack *to) {
    const struct job_stage *stage = &job->stages[k];
    struct unpack u = unpack_of(times->at, times->size);
    pack_i64(to, unpack_i64(&u));
    pack_u32(to, stage->input_count);
    for (u32 i = 0; i < stage->input_count; i++) {
        const struct job_edge *edge = &job->edges[stage->inputs[i]];
        pack_u8(to, edge->from_source);
        pack_text(to, edge_from(job, stage->inputs[i]));
        pack_u32(to, edge->port);
        pack_i64(to, unpack_i64(&u));
    }
    pack_i64(to, unpack_i64(&u));
    pack_u32(to, stage->fine ? job->source_count : 0);
    for (u32 i = 0; stage->fine && i < job->source_count; i++) {
        pack_text(to, job->sources[i].name);
        pack_i64(to, unpack_i64(&u));
    }
}

/* The watermarks are the same in all tasks of a stage: they have met the same marks. */
static void pack_stage(const struct job *job, u32 k, struct task_cut *const *cuts, u32 count,
                       struct snapshot_writer *writer, struct pack *to) {
    struct pack images;
    pack_init(&images);
    u32 image_count = 0;
    bool timed = false;
    for (u32 i = 0; i < count; i++)
        for (u32 s = 0; s < cuts[i]->stage_count; s++) {
            const struct stage_cut *cut = &cuts[i]->stages[s];
            if (cut->stage != k) continue;
            if (!timed) pack_times(job, k, &cut->times, to);
            timed = true;
            if (!cut->state.size) continue;
            image_count++;
            pack_u32(&images, cut->region);
            pack_bytes(&images, cut->state.at, cut->state.size);
            snapshot_region(writer, cut->region, cut->granules);
        }
    pack_u32(to, image_count);
    pack_bytes(to, images.at, images.size);
    pack_fini(&images);
}

/* ---- counts ---- */

static void pack_counts(const struct engine *e, struct task_cut *const *cuts, u32 count,
                        struct pack *to) {
    const struct job *job = e->run.job;
    struct run_counts all;
    run_counts_init(&all, job);
    run_counts_add(&all, &e->run.before, job);
    for (u32 i = 0; i < count; i++) run_counts_add(&all, &cuts[i]->counts, job);
    run_counts_pack(&all, job, to);
    run_counts_fini(&all);
}

/* ---- all of it ---- */

void snapshot_save(struct engine *e, bool finished, struct task_cut *const *cuts, u32 count,
                   struct snapshot_writer *to) {
    const struct job *job = e->run.job;
    struct pack p;
    pack_init(&p);
    pack_job(e, finished, &p);
    snapshot_section(to, "job", p.at, p.size);
    pack_clear(&p);
    pack_counts(e, cuts, count, &p);
    snapshot_section(to, "counts", p.at, p.size);
    for (u32 i = 0; i < e->run.graph.island_count; i++) {
        pack_clear(&p);
        pack_text(&p, e->run.islands[i].sequence.sources[0].name);
        pack_island(e, i, cuts, count, &p);
        put_section(to, "island", i, &p);
    }
    for (u32 i = 0; i < job->source_count; i++) {
        pack_clear(&p);
        pack_text(&p, job->sources[i].name);
        pack_connector(e, &job->sources[i].connector, &p);
        put_section(to, "source", i, &p);
    }
    for (u32 k = 0; k < job->stage_count; k++) {
        pack_clear(&p);
        pack_text(&p, job->stages[k].name);
        pack_stage(job, k, cuts, count, to, &p);
        put_section(to, "stage", k, &p);
        const struct pack *pending = snapshot_pending(cuts, count, k);
        if (!pending) continue;
        pack_clear(&p);
        pack_text(&p, job->stages[k].name);
        pack_bytes(&p, pending->at, pending->size);
        pack_connector(e, &job->stages[k].sink, &p);
        put_section(to, "sink", k, &p);
    }
    pack_fini(&p);
}
