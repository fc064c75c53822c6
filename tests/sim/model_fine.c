/* Sessions as design/exchange_model.py has them, in memory: a stage of fine time that is simple
   enough to be believed. */
#include "tests/sim/model_job.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>

void model_sessions_forget(struct model *m) {
    for (u32 k = 0; k < MODEL_STAGES; k++)
        for (u32 s = 0; s < SHARDS; s++) {
            free(m->sessions[k][s].at);
            m->sessions[k][s] = (struct model_sessions){ 0 };
        }
}

static bool passed(i64 w, i64 end) {
    return w == TIME_FOREVER || w >= end;
}

/* What is due first, of one key or of all: by end, then slot. */
static struct model_session *next_due(struct model_sessions *of, const u64 *key, i64 w) {
    struct model_session *best = NULL;
    for (u32 i = 0; i < of->count; i++) {
        struct model_session *s = &of->at[i];
        if (s->fired || !passed(w, s->end) || (key && s->key != *key)) continue;
        if (!best || s->end < best->end || (s->end == best->end && s->slot < best->slot)) best = s;
    }
    return best;
}

static void let_out(struct chain *c, u32 stage, u32 shard, const u64 *key, i64 w) {
    struct model_sessions *of = &model_of(c)->sessions[stage][shard];
    u32 left = 0;
    for (struct model_session *s; (s = next_due(of, key, w));) {
        s->fired = true;
        struct model_row r = { .t = s->end - 1,
                               .v = s->sum,
                               .stamp = s->end - 1,
                               .a = (u32)s->key,
                               .position = POSITION_DUE,
                               .shard = (u16)shard };
        model_emit(c, stage, 0, &r, key ? CAUSED : CAME_DUE);
    }
    i64 lateness = model_of(c)->windows[stage].lateness_ns;
    for (u32 i = 0; i < of->count; i++)
        if ((key && of->at[i].key != *key) || !passed(w, of->at[i].end + lateness))
            of->at[left++] = of->at[i];
    of->count = left;
}

/* The sessions of the key that the row joins become one, in the slot of their key. */
static struct model_session join(struct model_sessions *of, struct model_session s) {
    u32 left = 0;
    bool known = false;
    i64 start = s.start, end = s.end;
    for (u32 i = 0; i < of->count; i++) {
        const struct model_session *other = &of->at[i];
        bool mine = other->key == s.key;
        if (mine) s.slot = other->slot;
        known |= mine;
        if (!mine || other->start >= end || start >= other->end) {
            of->at[left++] = *other;
            continue;
        }
        if (other->start < s.start) s.start = other->start;
        if (other->end > s.end) s.end = other->end;
        s.sum = (i64)((u64)s.sum + (u64)other->sum);
    }
    of->count = left;
    if (!known) s.slot = of->slots++;
    return s;
}

static bool is_too_late(const struct model_sessions *of, u64 key, i64 start, i64 end, i64 lateness,
                        i64 w) {
    i64 last = end;
    for (u32 i = 0; i < of->count; i++) {
        const struct model_session *s = &of->at[i];
        if (s->key == key && s->start < end && start < s->end && s->end > last) last = s->end;
    }
    return passed(w, last + lateness);
}

void model_session_row(struct chain *c, u32 stage, struct model_row *r, u64 key) {
    struct model *m = model_of(c);
    const struct window_spec *spec = &m->windows[stage];
    struct model_sessions *of = &m->sessions[stage][r->shard];
    i64 w = fine_w(&c->fine[stage], r->stamp), end = r->t + spec->size_ns;
    let_out(c, stage, r->shard, &key, w);
    if (is_too_late(of, key, r->t, end, spec->lateness_ns, w)) {
        model_emit(c, stage, 1, r, CAUSED);
        return;
    }
    struct model_session s =
        join(of, (struct model_session){ .key = key, .start = r->t, .end = end, .sum = r->v });
    s.fired = passed(w, s.end);
    if (of->count == of->room) {
        of->room = of->room ? 2 * of->room : 8;
        of->at = realloc(of->at, of->room * sizeof *of->at);
        ENSURE(of->at);
    }
    of->at[of->count++] = s;
    if (!s.fired) return;
    struct model_row out = { .t = s.end - 1,
                             .v = s.sum,
                             .stamp = r->stamp,
                             .a = (u32)key,
                             .position = r->position,
                             .shard = r->shard };
    model_emit(c, stage, 0, &out, CAUSED);
}

void model_session_watermark(struct chain *c, u32 stage, i64 w) {
    const struct keyed *own = &((struct window *)c->states[stage])->keyed;
    for (u32 s = own->first; s < own->first + own->count; s++) let_out(c, stage, s, NULL, w);
}
