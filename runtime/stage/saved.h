/* The state of a stage as a snapshot has it, and what every stage does that takes it over: is its
   schema ours, and are its places, texts and enums such that they can be used? Whatever comes from
   the disk is looked at here before it is. */
#ifndef RUNTIME_STAGE_SAVED_H
#define RUNTIME_STAGE_SAVED_H

#include "runtime/base/pack.h"
#include "runtime/snapshot/store.h"
#include "runtime/stage/schema.h"
#include "runtime/state/keyed.h"

struct saved {
    const struct state_schema *schema;
    const struct schema_map *map; /* null: the layout is the same */
    const struct image *image;
    struct region view; /* the image, for functions that only look */
    bool texts, enums;  /* there are some: texts in keys, enums in slots */
    u64 hash_key;
    i64 w, clock;
    u32 first, count; /* shards */
};

/* "the saved state of a stage is damaged: ...": -1. */
int saved_damaged(const char *what);

/* A run in an image, null if it is not all there. */
const u8 *saved_run(const struct image *image, u32 offset, u64 bytes);

/* What stands before all else, and is read into *v: the schema, the hash key, W and the clock. -1
   with an error trail: it is damaged, or of another shape than `now`. What v then refers to is in
   the arena. */
void saved_begin(const struct state_schema *schema, u64 hash_key, i64 w, i64 clock,
                 struct pack *to);
int saved_open(struct saved *v, const struct image *image, const struct state_schema *now,
               struct unpack *from, struct arena *arena);

/* Which shards it is of, behind that. */
int saved_shards(struct saved *v, struct unpack *from);

/* ---- what all tasks of a stage have in common ---- */

/* `seen`: a bit for each shard that was taken. The first saved task says where the stage stands;
   the others stand there too. *first: it was the first. -1 with an error trail. */
int saved_position(const struct saved *v, const u64 *seen, u64 hash_key, i64 *w, i64 *clock,
                   bool *first);
int saved_see(u64 *seen, u32 shard); /* -1 with an error trail: it was there before */
int saved_all(const u64 *seen);      /* -1 with an error trail: some shard never was */

/* ---- slots ---- */

ALWAYS_INLINE bool saved_is_used(const struct saved *v, const u8 *slot) {
    u64 word;
    __builtin_memcpy(&word, slot + v->schema->acc_at, 8);
    return word & KEYED_USED;
}

/* Generated code takes the names of an enum's members by number. Of a slot its keys, or of
   accumulators. */
bool saved_enums_are_sound(const struct saved *v, const u8 *at, bool keys);

bool saved_texts_are_sound(const struct saved *v, const u8 *slot);

/* The texts of a key of `schema` become this region's. False: they are damaged. */
bool saved_adopt_texts(const struct saved *v, const struct state_schema *schema, u8 *slot,
                       struct region *region);

#endif
