#include "runtime/stage/saved.h"

#include "runtime/base/error.h"
#include "runtime/state/key_text.h"

#include <string.h>

int saved_damaged(const char *what) {
    return error_set(0, "the saved state of a stage is damaged: %s", what);
}

const u8 *saved_run(const struct image *image, u32 offset, u64 bytes) {
    u64 from = (u64)offset * REGION_UNIT;
    bool there = offset && from <= image->bytes && bytes <= image->bytes - from;
    return there ? image->at + from : NULL;
}

/* ---- the beginning ---- */

void saved_begin(const struct state_schema *schema, u64 hash_key, i64 w, i64 clock,
                 struct pack *to) {
    schema_pack(schema, to);
    pack_u64(to, hash_key);
    pack_i64(to, w);
    pack_i64(to, clock);
}

static int fit(struct saved *v, const struct state_schema *now, struct arena *arena) {
    struct text_buf why;
    text_buf_init(&why);
    enum schema_fit fit = schema_compare(v->schema, now, &why);
    for (u64 i = 0; i + 1 < why.size; i++)
        if (why.at[i] == '\n') why.at[i] = ';';
    int result = 0;
    if (fit == SCHEMA_REFUSE)
        result = error_set(0, "the saved state does not fit: %.*s", (int)why.size - 1, why.at);
    text_buf_fini(&why);
    if (fit == SCHEMA_MIGRATE) {
        struct schema_map *map = arena_alloc(arena, sizeof *map);
        *map = schema_map_of(v->schema, now, arena);
        v->map = map;
    }
    return result;
}

int saved_open(struct saved *v, const struct image *image, const struct state_schema *now,
               struct unpack *from, struct arena *arena) {
    *v = (struct saved){ .image = image, .view = { .base = (u8 *)image->at } };
    v->schema = schema_unpack(from, arena);
    if (!v->schema || fit(v, now, arena) < 0) return -1;
    for (u32 i = 0; i < v->schema->count; i++) {
        const struct state_field *f = &v->schema->fields[i];
        v->enums |= f->type.kind == TYPE_ENUM;
        v->texts |= f->role == STATE_KEY && f->type.kind == TYPE_STRING;
    }
    v->hash_key = unpack_u64(from);
    v->w = unpack_i64(from);
    v->clock = unpack_i64(from);
    return 0;
}

int saved_shards(struct saved *v, struct unpack *from) {
    v->first = unpack_u32(from);
    v->count = unpack_u32(from);
    if (from->bad || v->first > KEYED_SHARDS || v->count > KEYED_SHARDS - v->first)
        return saved_damaged("it is not all there");
    return 0;
}

/* ---- what all tasks of a stage have in common ---- */

int saved_position(const struct saved *v, const u64 *seen, u64 hash_key, i64 *w, i64 *clock,
                   bool *first) {
    *first = true;
    for (u32 i = 0; i < KEYED_SHARDS / 64; i++) *first &= !seen[i];
    if (v->hash_key != hash_key)
        return error_set(0, "the saved state was made with another hash key");
    if (!*first && (v->w != *w || v->clock != *clock))
        return saved_damaged("its tasks were not at the same time");
    *w = v->w;
    *clock = v->clock;
    return 0;
}

int saved_see(u64 *seen, u32 shard) {
    u64 *word = &seen[shard / 64], bit = 1ull << shard % 64;
    if (*word & bit) return saved_damaged("a shard is there twice");
    *word |= bit;
    return 0;
}

int saved_all(const u64 *seen) {
    for (u32 i = 0; i < KEYED_SHARDS / 64; i++)
        if (~seen[i]) return saved_damaged("not all shards are there");
    return 0;
}

/* ---- slots ---- */

bool saved_enums_are_sound(const struct saved *v, const u8 *at, bool keys) {
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

bool saved_texts_are_sound(const struct saved *v, const u8 *slot) {
    for (u32 i = 0; i < v->schema->count; i++) {
        const struct state_field *f = &v->schema->fields[i];
        if (f->role != STATE_KEY || f->type.kind != TYPE_STRING) continue;
        struct key_text text;
        memcpy(&text, slot + f->at, sizeof text);
        if (!key_text_is_sound(&text, v->image->bytes)) return false;
    }
    return true;
}

bool saved_adopt_texts(const struct saved *v, const struct state_schema *schema, u8 *slot,
                       struct region *region) {
    for (u32 i = 0; i < schema->count; i++) {
        const struct state_field *f = &schema->fields[i];
        if (f->role != STATE_KEY || f->type.kind != TYPE_STRING) continue;
        struct key_text text;
        memcpy(&text, slot + f->at, sizeof text);
        if (!key_text_adopt(&text, v->image->at, v->image->bytes, region)) return false;
        memcpy(slot + f->at, &text, sizeof text);
    }
    return true;
}
