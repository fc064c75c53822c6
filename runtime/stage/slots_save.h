/* A stage whose shards are nothing but slots and what hangs on them, as a section of a snapshot,
   and back. A shard is taken over slot by slot in its place, because the order of slots is the
   order of the output; where the schema has changed, keys are added one by one in that order. What
   a slot holds besides its key its stage takes over itself, from the image. */
#ifndef RUNTIME_STAGE_SLOTS_SAVE_H
#define RUNTIME_STAGE_SLOTS_SAVE_H

#include "runtime/stage/pass.h"
#include "runtime/stage/saved.h"

/* What a stage gives. */
struct slots_stage {
    struct keyed *keyed;
    const struct window_ops *ops;
    i64 *w, *clock;
    u64 *seen; /* a bit for each shard that was restored */
    /* `slot` has the key of `old`, and behind it nothing but the bit that it is used. Takes over
       the rest. False: it is damaged. */
    bool (*take)(void *self, const struct saved *v, const u8 *old, u8 *slot, u32 shard);
    void *self;
};

void slots_save(const struct slots_stage *s, struct pack *to);

/* The contract of struct keeper; whether all shards were there, saved_all says. */
int slots_restore(const struct slots_stage *s, struct unpack *from, const struct image *image);

/* ---- for take ---- */

/* Accumulators of the old layout become those of the new one, in this region. False: damaged. */
bool saved_acc(const struct slots_stage *s, const struct saved *v, const u8 *old, void *acc);

#endif
