#include "runtime/state/key_text.h"

#include <string.h>

struct key_probe key_probe_long(struct str s, u64 hash_key) {
    u64 hash = hash_bytes(s.at, s.size, hash_key);
    return (struct key_probe){
        .text = { .low = hash & 0xFFFFFFFF00000000ull, .high = (u32)s.size | KEY_TEXT_LONG << 56 },
        .at = s.at,
        .hash = hash,
    };
}

bool key_text_equal_long(const struct key_text *stored, const struct key_probe *probe,
                         const struct region *region) {
    if (stored->high != probe->text.high || stored->low >> 32 != probe->text.low >> 32)
        return false;
    return memcmp(region_at(region, (u32)stored->low), probe->at, (u32)stored->high) == 0;
}

u64 key_text_hash(const struct key_text *stored, u64 hash_key, const struct region *region) {
    if (stored->high >> 56 != KEY_TEXT_LONG) return key_text_short_hash(*stored, hash_key);
    struct str s = key_text_str(stored, region);
    return hash_bytes(s.at, s.size, hash_key);
}

struct key_text key_text_long(struct str s, struct region *region) {
    void *run = region_alloc(region, s.size);
    memcpy(run, s.at, s.size);
    return (struct key_text){ region_offset(region, run), (u32)s.size | KEY_TEXT_LONG << 56 };
}

void key_text_keep(struct key_text *stored, const struct key_probe *probe, struct region *region) {
    *stored = probe->text;
    if (stored->high >> 56 != KEY_TEXT_LONG) return;
    stored->low |= key_text_long((struct str){ probe->at, (u32)stored->high }, region).low;
}

bool key_text_is_sound(const struct key_text *stored, u64 bytes) {
    u64 kind = stored->high >> 56;
    if (kind != KEY_TEXT_LONG) return kind <= KEY_TEXT_INLINE;
    u64 size = (u32)stored->high, from = (u64)(u32)stored->low * REGION_UNIT;
    return stored->high == (size | KEY_TEXT_LONG << 56) && size > KEY_TEXT_INLINE && from &&
           from <= bytes && size <= bytes - from;
}

bool key_text_adopt(struct key_text *stored, const u8 *image, u64 bytes, struct region *region) {
    if (!key_text_is_sound(stored, bytes)) return false;
    if (stored->high >> 56 != KEY_TEXT_LONG) return true;
    u32 size = (u32)stored->high;
    void *run = region_alloc(region, size);
    memcpy(run, image + (u64)(u32)stored->low * REGION_UNIT, size);
    stored->low = (stored->low & 0xFFFFFFFF00000000ull) | region_offset(region, run);
    return true;
}

void key_text_drop(struct key_text *stored, struct region *region) {
    if (stored->high >> 56 == KEY_TEXT_LONG)
        region_free(region, region_at(region, (u32)stored->low), (u32)stored->high);
}
