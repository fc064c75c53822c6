#include "runtime/stage/slots_save.h"

#include "runtime/base/ensure.h"

#include <string.h>

#define SLOT_WORDS 1024u /* of a key, at most */

/* ---- saving ---- */

void slots_save(const struct slots_stage *s, struct pack *to) {
    const struct keyed *k = s->keyed;
    saved_begin(s->ops->schema, k->hash_key, *s->w, *s->clock, to);
    pack_u32(to, k->first);
    pack_u32(to, k->count);
    for (u32 i = k->first; i < k->first + k->count; i++) {
        pack_u32(to, region_offset(&k->region, k->ranges[i].at));
        pack_u32(to, k->ranges[i].shift);
        pack_u32(to, k->ranges[i].used);
        pack_u64(to, k->arrivals[i]);
    }
}

/* ---- what was saved ---- */

struct saved_shard {
    u32 number, slots, shift, used;
    u64 arrivals;
    const u8 *at;
};

static int read_shard(const struct saved *v, struct saved_shard *o, struct unpack *from) {
    u32 at = unpack_u32(from);
    o->shift = unpack_u32(from);
    o->used = unpack_u32(from);
    o->arrivals = unpack_u64(from);
    if (from->bad || o->shift < 33 || o->shift > 61) return saved_damaged("a shard");
    o->slots = keyed_slots(&(struct keyed_range){ .shift = o->shift });
    o->at = saved_run(v->image, at, (u64)o->slots * v->schema->slot_size);
    return o->at ? 0 : saved_damaged("a shard's place");
}

bool saved_acc(const struct slots_stage *s, const struct saved *v, const u8 *old, void *acc) {
    if (!saved_enums_are_sound(v, old, false)) return false;
    if (v->map)
        schema_move_acc(v->map, old, acc);
    else
        memcpy(acc, old, s->ops->acc_size);
    return !s->ops->adopt || s->ops->adopt(acc, v->image->at, v->image->bytes, &s->keyed->region);
}

/* ---- slots ---- */

/* A shard as it was. */
static int adopt_shard(const struct slots_stage *s, const struct saved *v,
                       const struct saved_shard *o) {
    struct keyed *k = s->keyed;
    u64 size = s->ops->keyed.slot_size, used = 0;
    u8 *slots = keyed_replace(k, &s->ops->keyed, o->number, o->shift);
    memset(slots, 0, o->slots * size);
    for (u32 i = 0; i < o->slots; i++) {
        const u8 *old = o->at + i * size;
        u8 *slot = slots + i * size;
        u64 word = KEYED_USED;
        if (!saved_is_used(v, old)) continue;
        if (!saved_enums_are_sound(v, old, true)) return saved_damaged("an enum");
        memcpy(slot, old, s->ops->keyed.acc_at);
        memcpy(slot + s->ops->keyed.acc_at, &word, 8);
        if (!saved_adopt_texts(v, v->schema, slot, &k->region)) return saved_damaged("a text");
        u64 hash = s->ops->keyed.key_hash(slot, k->hash_key, &k->region);
        if (!used++ && keyed_shard(hash) != o->number)
            return saved_damaged("keys are not where they belong");
        if (!s->take(s->self, v, old, slot, o->number)) return saved_damaged("what a key holds");
    }
    if (saved_is_used(v, o->at + (o->slots - 1) * size) || used != o->used)
        return saved_damaged("a shard's slots");
    k->ranges[o->number].used = o->used;
    k->arrivals[o->number] = o->arrivals;
    return 0;
}

/* Keys may hash elsewhere now: each goes to the shard that it belongs to, if that is one of ours.
 */
static int migrate_shard(const struct slots_stage *s, const struct saved *v,
                         const struct saved_shard *o) {
    struct keyed *k = s->keyed;
    u64 key[SLOT_WORDS];
    u8 *stored = (u8 *)key;
    ENSURE(s->ops->keyed.acc_at <= sizeof key);
    for (u32 i = 0; i < o->slots; i++) {
        const u8 *old = o->at + (u64)i * v->schema->slot_size;
        if (!saved_is_used(v, old)) continue;
        if (!saved_texts_are_sound(v, old) || !saved_enums_are_sound(v, old, true))
            return saved_damaged("a key");
        schema_move_key(v->map, old, stored);
        u64 hash = s->ops->keyed.key_hash(stored, k->hash_key, &v->view);
        u32 shard = keyed_shard(hash);
        if (shard - k->first >= k->count) continue;
        saved_adopt_texts(v, s->ops->schema, stored, &k->region);
        u8 *slot = keyed_put(k, &s->ops->keyed, stored, hash);
        if (k->arrivals[shard] < o->arrivals) k->arrivals[shard] = o->arrivals;
        if (!s->take(s->self, v, old, slot, shard)) return saved_damaged("what a key holds");
    }
    return 0;
}

/* ---- all of it ---- */

static int take_shard(const struct slots_stage *s, const struct saved *v, u32 number,
                      struct unpack *from) {
    struct saved_shard o = { .number = number };
    if (saved_see(s->seen, number) < 0 || read_shard(v, &o, from) < 0) return -1;
    if (v->map) return migrate_shard(s, v, &o);
    return number - s->keyed->first < s->keyed->count ? adopt_shard(s, v, &o) : 0;
}

static int restore(const struct slots_stage *s, struct unpack *from, const struct image *image,
                   struct arena *arena) {
    struct saved v;
    bool first;
    if (saved_open(&v, image, s->ops->schema, from, arena) < 0 || saved_shards(&v, from) < 0 ||
        saved_position(&v, s->seen, s->keyed->hash_key, s->w, s->clock, &first) < 0)
        return -1;
    for (u32 i = v.first; i < v.first + v.count; i++)
        if (take_shard(s, &v, i, from) < 0) return -1;
    return 0;
}

int slots_restore(const struct slots_stage *s, struct unpack *from, const struct image *image) {
    struct arena arena;
    arena_init(&arena);
    int result = restore(s, from, image, &arena);
    arena_fini(&arena);
    return result;
}
