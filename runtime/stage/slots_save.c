#include "runtime/stage/slots_save.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/state/key_text.h"

#include <string.h>

#define SLOT_WORDS 1024u /* of a key, at most */

static int damaged(const char *what) {
    return error_set(0, "the saved state of a stage is damaged: %s", what);
}

/* ---- saving ---- */

void slots_save(const struct slots_stage *s, struct pack *to) {
    const struct keyed *k = s->keyed;
    schema_pack(s->ops->schema, to);
    pack_u64(to, k->hash_key);
    pack_i64(to, *s->w);
    pack_i64(to, *s->clock);
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

const u8 *saved_run(const struct saved_slots *v, u32 offset, u64 bytes) {
    u64 from = (u64)offset * REGION_UNIT;
    bool there = offset && from <= v->image->bytes && bytes <= v->image->bytes - from;
    return there ? v->image->at + from : NULL;
}

static int read_shard(const struct saved_slots *v, struct saved_shard *o, struct unpack *from) {
    u32 at = unpack_u32(from);
    o->shift = unpack_u32(from);
    o->used = unpack_u32(from);
    o->arrivals = unpack_u64(from);
    if (from->bad || o->shift < 33 || o->shift > 61) return damaged("a shard");
    o->slots = keyed_slots(&(struct keyed_range){ .shift = o->shift });
    o->at = saved_run(v, at, (u64)o->slots * v->schema->slot_size);
    return o->at ? 0 : damaged("a shard's place");
}

static bool is_used(const struct saved_slots *v, const u8 *slot) {
    u64 word;
    memcpy(&word, slot + v->schema->acc_at, 8);
    return word & KEYED_USED;
}

/* Generated code takes the names of an enum's members by number. */
static bool enums_are_sound(const struct saved_slots *v, const u8 *at, bool keys) {
    for (u32 i = 0; v->enums && i < v->schema->count; i++) {
        const struct state_field *f = &v->schema->fields[i];
        u32 value = 0;
        if (f->type.kind != TYPE_ENUM || (f->role == STATE_KEY) != keys) continue;
        if (!keys && f->role != STATE_MIN && f->role != STATE_MAX) continue;
        memcpy(&value, at + f->at, f->size);
        if (value >= f->type.of->count && value) return false;
    }
    return true;
}

bool saved_acc(const struct slots_stage *s, const struct saved_slots *v, const u8 *old, void *acc) {
    if (!enums_are_sound(v, old, false)) return false;
    if (v->map)
        schema_move_acc(v->map, old, acc);
    else
        memcpy(acc, old, s->ops->acc_size);
    return !s->ops->adopt || s->ops->adopt(acc, v->image->at, v->image->bytes, &s->keyed->region);
}

/* ---- slots ---- */

/* The texts of a key become this region's. */
static bool adopt_texts(const struct slots_stage *s, const struct saved_slots *v, u8 *slot) {
    for (u32 i = 0; i < s->ops->schema->count; i++) {
        const struct state_field *f = &s->ops->schema->fields[i];
        if (f->role != STATE_KEY || f->type.kind != TYPE_STRING) continue;
        struct key_text text;
        memcpy(&text, slot + f->at, sizeof text);
        if (!key_text_adopt(&text, v->image->at, v->image->bytes, &s->keyed->region)) return false;
        memcpy(slot + f->at, &text, sizeof text);
    }
    return true;
}

static bool texts_are_sound(const struct saved_slots *v, const u8 *slot) {
    for (u32 i = 0; i < v->schema->count; i++) {
        const struct state_field *f = &v->schema->fields[i];
        if (f->role != STATE_KEY || f->type.kind != TYPE_STRING) continue;
        struct key_text text;
        memcpy(&text, slot + f->at, sizeof text);
        if (!key_text_is_sound(&text, v->image->bytes)) return false;
    }
    return true;
}

/* A shard as it was. */
static int adopt_shard(const struct slots_stage *s, const struct saved_slots *v,
                       const struct saved_shard *o) {
    struct keyed *k = s->keyed;
    u64 size = s->ops->keyed.slot_size, used = 0;
    u8 *slots = keyed_replace(k, &s->ops->keyed, o->number, o->shift);
    memset(slots, 0, o->slots * size);
    for (u32 i = 0; i < o->slots; i++) {
        const u8 *old = o->at + i * size;
        u8 *slot = slots + i * size;
        u64 word = KEYED_USED;
        if (!is_used(v, old)) continue;
        if (!enums_are_sound(v, old, true)) return damaged("an enum");
        memcpy(slot, old, s->ops->keyed.acc_at);
        memcpy(slot + s->ops->keyed.acc_at, &word, 8);
        if (!adopt_texts(s, v, slot)) return damaged("a text");
        u64 hash = s->ops->keyed.key_hash(slot, k->hash_key, &k->region);
        if (!used++ && keyed_shard(hash) != o->number)
            return damaged("keys are not where they belong");
        if (!s->take(s->self, v, old, slot, o->number)) return damaged("what a key holds");
    }
    if (is_used(v, o->at + (o->slots - 1) * size) || used != o->used)
        return damaged("a shard's slots");
    k->ranges[o->number].used = o->used;
    k->arrivals[o->number] = o->arrivals;
    return 0;
}

/* Keys may hash elsewhere now: each goes to the shard that it belongs to, if that is one of ours.
 */
static int migrate_shard(const struct slots_stage *s, const struct saved_slots *v,
                         const struct saved_shard *o) {
    struct keyed *k = s->keyed;
    u64 key[SLOT_WORDS];
    u8 *stored = (u8 *)key;
    ENSURE(s->ops->keyed.acc_at <= sizeof key);
    for (u32 i = 0; i < o->slots; i++) {
        const u8 *old = o->at + (u64)i * v->schema->slot_size;
        if (!is_used(v, old)) continue;
        if (!texts_are_sound(v, old) || !enums_are_sound(v, old, true)) return damaged("a key");
        schema_move_key(v->map, old, stored);
        u64 hash = s->ops->keyed.key_hash(stored, k->hash_key, &v->view);
        u32 shard = keyed_shard(hash);
        if (shard - k->first >= k->count) continue;
        adopt_texts(s, v, stored);
        u8 *slot = keyed_put(k, &s->ops->keyed, stored, hash);
        if (k->arrivals[shard] < o->arrivals) k->arrivals[shard] = o->arrivals;
        if (!s->take(s->self, v, old, slot, shard)) return damaged("what a key holds");
    }
    return 0;
}

/* ---- all of it ---- */

static int take_shard(const struct slots_stage *s, const struct saved_slots *v, u32 number,
                      struct unpack *from) {
    struct saved_shard o = { .number = number };
    u64 *seen = &s->seen[number / 64], bit = 1ull << number % 64;
    if (*seen & bit) return damaged("a shard is there twice");
    *seen |= bit;
    if (read_shard(v, &o, from) < 0) return -1;
    if (v->map) return migrate_shard(s, v, &o);
    return number - s->keyed->first < s->keyed->count ? adopt_shard(s, v, &o) : 0;
}

/* What all tasks of a stage have in common. */
static int take_position(const struct slots_stage *s, const struct saved_slots *v) {
    bool first = true;
    for (u32 i = 0; i < KEYED_SHARDS / 64; i++) first &= !s->seen[i];
    if (v->hash_key != s->keyed->hash_key)
        return error_set(0, "the saved state was made with another hash key");
    if (!first && (v->w != *s->w || v->clock != *s->clock))
        return damaged("its tasks were not at the same time");
    *s->w = v->w;
    *s->clock = v->clock;
    return 0;
}

static int fit(const struct slots_stage *s, struct saved_slots *v, struct arena *arena) {
    struct text_buf why;
    text_buf_init(&why);
    enum schema_fit fit = schema_compare(v->schema, s->ops->schema, &why);
    for (u64 i = 0; i + 1 < why.size; i++)
        if (why.at[i] == '\n') why.at[i] = ';';
    int result = 0;
    if (fit == SCHEMA_REFUSE)
        result = error_set(0, "the saved state does not fit: %.*s", (int)why.size - 1, why.at);
    text_buf_fini(&why);
    if (fit == SCHEMA_MIGRATE) {
        struct schema_map *map = arena_alloc(arena, sizeof *map);
        *map = schema_map_of(v->schema, s->ops->schema, arena);
        v->map = map;
    }
    return result;
}

static int restore(const struct slots_stage *s, struct unpack *from, struct saved_slots *v,
                   struct arena *arena) {
    v->schema = schema_unpack(from, arena);
    if (!v->schema || fit(s, v, arena) < 0) return -1;
    for (u32 i = 0; i < v->schema->count; i++)
        v->enums |= v->schema->fields[i].type.kind == TYPE_ENUM;
    v->hash_key = unpack_u64(from);
    v->w = unpack_i64(from);
    v->clock = unpack_i64(from);
    v->first = unpack_u32(from);
    v->count = unpack_u32(from);
    if (from->bad || v->first > KEYED_SHARDS || v->count > KEYED_SHARDS - v->first)
        return damaged("it is not all there");
    if (take_position(s, v) < 0) return -1;
    for (u32 i = v->first; i < v->first + v->count; i++)
        if (take_shard(s, v, i, from) < 0) return -1;
    return 0;
}

int slots_restore(const struct slots_stage *s, struct unpack *from, const struct image *image) {
    struct arena arena;
    arena_init(&arena);
    struct saved_slots v = { .image = image, .view = { .base = (u8 *)image->at } };
    int result = restore(s, from, &v, &arena);
    arena_fini(&arena);
    return result;
}

int slots_restored(const u64 *seen) {
    for (u32 i = 0; i < KEYED_SHARDS / 64; i++)
        if (~seen[i]) return damaged("not all shards are there");
    return 0;
}
