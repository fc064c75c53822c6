/* Sessions as a section of a snapshot, and back: each of a key's is taken over by itself. When it
   is due follows from it, so the heap and the list are made anew. */
#include "runtime/stage/session_state.h"
#include "runtime/stage/slots_save.h"

#include "runtime/stage/trigger.h"

#include <string.h>

static struct slots_stage stage_of(struct sessions *s);

/* The panes that stand, as they stood in the image. */
static bool take_standing(const struct slots_stage *stage, const struct saved *v, u32 offset,
                          struct one_session *x) {
    struct sessions *s = stage->self;
    if (!offset) return true;
    const struct standing *old = (const struct standing *)saved_run(v->image, offset, sizeof *old);
    u32 size = (u32)sizeof(struct standing_pane) + v->schema->acc_size;
    if (!old || !old->count || old->size != size) return false;
    if (!saved_run(v->image, offset, sizeof *old + (u64)old->count * size)) return false;
    struct standing *p = session_standing_new(s, old->count);
    for (u32 i = 0; i < old->count; i++) {
        const struct standing_pane *from = session_standing(old, i);
        struct standing_pane *to = session_standing(p, i);
        *to = *from;
        if (!saved_acc(stage, v, (const u8 *)(from + 1), to + 1)) return false;
    }
    x->standing = region_offset(&s->keyed.region, p);
    return true;
}

/* Could it be there, behind one that ended at `before`? */
static bool is_sound(const struct sessions *s, const struct saved *v, const struct one_session *x,
                     i64 before) {
    bool sessions = s->x->spec->shape == SHAPE_SESSION;
    if (x->start > x->end || (sessions && before != TIME_NEVER && x->start <= before)) return false;
    if (time_reached(v->w, time_add(x->end, s->lateness))) return false;
    return x->over || !time_reached(v->w, x->end);
}

static bool take_session(const struct slots_stage *stage, const struct saved *v,
                         struct session_key *k, const struct one_session *old) {
    struct sorted_place p = session_find(k, old->end);
    while (session_at(k, &p)) p.nth++;
    struct one_session *x = session_put(k, &p);
    *x = *old;
    memset(x + 1, 0, stage->ops->acc_size);
    x->standing = 0;
    if (!saved_acc(stage, v, (const u8 *)(old + 1), x + 1)) return false;
    if (!take_standing(stage, v, old->standing, x)) return false;
    session_enter(k, x);
    return true;
}

static bool take_key(void *self, const struct saved *v, const u8 *old, u8 *slot, u32 shard) {
    struct sessions *s = self;
    struct slots_stage stage = stage_of(s);
    struct session_key k = session_key(s, slot, shard);
    u64 word;
    memcpy(&word, old + v->schema->acc_at, 8);
    struct sorted of = { (u32)word, SESSION_COUNT(word) };
    u32 record = (u32)sizeof(struct one_session) + v->schema->acc_size;
    const struct one_session *x = (const struct one_session *)(old + v->schema->acc_at + 8);
    if (!of.at)
        return !of.count ||
               (of.count == 1 && is_sound(s, v, x, TIME_NEVER) && take_session(&stage, v, &k, x));
    struct sorted_set pages = { (struct region *)&v->view, &of, record };
    struct sorted_place p = { 0, 0 };
    i64 before = TIME_NEVER;
    if (!sorted_is_sound(&of, record, v->image->at, v->image->bytes)) return false;
    for (; (x = (const struct one_session *)sorted_at(&pages, &p)); p.nth++) {
        if (!is_sound(s, v, x, before) || !take_session(&stage, v, &k, x)) return false;
        before = x->end;
    }
    return true;
}

/* ---- the keeper's ---- */

static struct slots_stage stage_of(struct sessions *s) {
    return (struct slots_stage){
        .keyed = &s->keyed,
        .ops = s->x->ops,
        .w = &s->w,
        .clock = &s->clock,
        .seen = s->x->seen,
        .take = take_key,
        .self = s,
    };
}

void session_save(const void *self, struct pack *to) {
    struct slots_stage stage = stage_of((struct sessions *)self);
    slots_save(&stage, to);
}

int session_restore(void *self, const void *ops, struct unpack *from, const struct image *image) {
    struct slots_stage stage = stage_of(self);
    (void)ops;
    return slots_restore(&stage, from, image);
}

int session_restored(const void *self) {
    return saved_all(((const struct sessions *)self)->x->seen);
}
