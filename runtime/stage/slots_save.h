/* A stage whose shards are nothing but slots and what hangs on them, as a section of a snapshot,
   and back. A shard is taken over slot by slot in its place, because the order of slots is the
   order of the output; where the schema has changed, keys are added one by one in that order. What
   a slot holds besides its key its stage takes over itself, from the image. */
#ifndef RUNTIME_STAGE_SLOTS_SAVE_H
#define RUNTIME_STAGE_SLOTS_SAVE_H

#include "runtime/base/pack.h"
#include "runtime/snapshot/store.h"
#include "runtime/stage/pass.h"
#include "runtime/stage/schema.h"
#include "runtime/state/keyed.h"

/* What was saved. */
struct saved_slots {
    const struct state_schema *schema;
    const struct schema_map *map; /* null: the layout is the same */
    const struct image *image;
    struct region view; /* the image, for functions that only look */
    u64 hash_key;
    i64 w, clock;
    bool enums; /* there are some in the slots */
    u32 first, count;
};

/* What a stage gives. */
struct slots_stage {
    struct keyed *keyed;
    const struct window_ops *ops;
    i64 *w, *clock;
    u64 *seen; /* a bit for each shard that was restored */
    /* `slot` has the key of `old`, and behind it nothing but the bit that it is used. Takes over
       the rest. False: it is damaged. */
    bool (*take)(void *self, const struct saved_slots *v, const u8 *old, u8 *slot, u32 shard);
    void *self;
};

void slots_save(const struct slots_stage *s, struct pack *to);

/* The contracts of struct keeper. */
int slots_restore(const struct slots_stage *s, struct unpack *from, const struct image *image);
int slots_restored(const u64 *seen);

/* ---- for take ---- */

/* A run in the image, null if it is not all there. */
const u8 *saved_run(const struct saved_slots *v, u32 offset, u64 bytes);

/* Accumulators of the old layout become those of the new one, in this region. False: damaged. */
bool saved_acc(const struct slots_stage *s, const struct saved_slots *v, const u8 *old, void *acc);

#endif
