/* Windows of rows as a section of a snapshot, and back. */
#include "runtime/stage/rows_state.h"
#include "runtime/stage/slots_save.h"

#include <string.h>

static struct slots_stage stage_of(struct rows *s);

/* The rows of the ring, the oldest first in the new one. */
static bool take_ring(const struct slots_stage *stage, const struct saved *v, u32 offset,
                      const struct rows_key *from, struct rows_key *x, u32 *at) {
    struct rows *s = stage->self;
    u64 bytes = sizeof(struct rows_entry) + v->schema->acc_size;
    const u8 *old = saved_run(v->image, offset, from->room * bytes);
    if (!old || from->room > s->size || from->head >= from->room || from->count > from->room ||
        from->front > from->count)
        return false;
    u8 *ring = region_alloc(&s->keyed.region, (u64)from->room * s->x->entry);
    x->head = 0;
    for (u32 i = 0; i < from->count; i++) {
        u64 nth = (u64)from->head + i;
        const u8 *entry = old + (nth < from->room ? nth : nth - from->room) * bytes;
        struct rows_entry *to = rows_entry(s, x, ring, i);
        memcpy(to, entry, sizeof *to);
        if (!saved_acc(stage, v, entry + sizeof *to, to + 1)) return false;
    }
    *at = region_offset(&s->keyed.region, ring);
    return true;
}

static bool take_key(void *self, const struct saved *v, const u8 *old, u8 *slot, u32 shard) {
    struct rows *s = self;
    struct slots_stage stage = stage_of(s);
    const struct rows_key *from = (const struct rows_key *)(old + v->schema->acc_at + 8);
    struct rows_key *x = rows_key(s, slot);
    u64 word;
    u32 at = 0;
    memcpy(&word, old + v->schema->acc_at, 8);
    if (ROWS_SINCE(word) >= s->every || s->x->ring != ((u32)word != 0)) return false;
    *x = *from;
    if (s->x->ring && !take_ring(&stage, v, (u32)word, from, x, &at)) return false;
    if (!saved_acc(&stage, v, (const u8 *)(from + 1), x + 1)) return false;
    *rows_word(s, slot) = KEYED_USED | (u64)ROWS_SINCE(word) << 32 | at;
    s->x->live[shard] += !s->x->ring && ROWS_SINCE(word);
    return true;
}

static struct slots_stage stage_of(struct rows *s) {
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

void rows_save(const void *self, struct pack *to) {
    struct slots_stage stage = stage_of((struct rows *)self);
    slots_save(&stage, to);
}

int rows_restore(void *self, const void *ops, struct unpack *from, const struct image *image) {
    struct slots_stage stage = stage_of(self);
    (void)ops;
    return slots_restore(&stage, from, image);
}

int rows_restored(const void *self) {
    return saved_all(((const struct rows *)self)->x->seen);
}
