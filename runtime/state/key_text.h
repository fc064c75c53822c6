/* Strings as keys. A stored key_text is 16 bytes: up to 15 bytes of text in place, zeros behind
   them, the size in the last byte; a longer text lies in the region, and its key_text holds where,
   32 bits of its hash and its size. Whoever looks one up makes a key_probe of it once; then
   comparing is two words, and the hash is there. */
#ifndef RUNTIME_STATE_KEY_TEXT_H
#define RUNTIME_STATE_KEY_TEXT_H

#include "runtime/base/base.h"
#include "runtime/base/hash.h"
#include "runtime/state/region.h"

#define KEY_TEXT_INLINE 15u
#define KEY_TEXT_LONG 255ull /* the last byte of a longer one */

struct key_text {
    u64 low;  /* bytes 0 to 7; longer: offset in the region, and the hash's high half above it */
    u64 high; /* bytes 8 to 14 and the size; longer: the size, and KEY_TEXT_LONG in the last byte */
};

struct key_probe {
    struct key_text text; /* longer: offset 0, which no stored one has */
    const char *at;       /* all of the text: lent by whoever made the probe */
    u64 hash;
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "key_text counts on little endian");

/* At most 15 bytes as the two words, reading nothing outside of them. */
ALWAYS_INLINE struct key_text key_text_exact(const char *at, u64 size) {
    struct key_text text = { 0, 0 };
    if (size) __builtin_memcpy(&text, at, size);
    return text;
}

/* The same with two loads and a mask, where 16 bytes from `at` on can be read: not where they cross
   into another page, nor where a sanitizer watches. */
ALWAYS_INLINE struct key_text key_text_short(const char *at, u64 size) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (LIKELY(size && ((uintptr_t)at & 4095) <= 4096 - 16)) {
        struct key_text text;
        __builtin_memcpy(&text, at, 16);
        u64 low_bits = size < 8 ? size * 8 : 64, high_bits = size < 8 ? 0 : size * 8 - 64;
        text.low &= ~0ull >> (64 - low_bits);
        text.high &= ~(~0ull << high_bits);
        return text;
    }
#endif
    return key_text_exact(at, size);
}

ALWAYS_INLINE u64 key_text_short_hash(struct key_text text, u64 hash_key) {
    return hash_fold(hash_fold(text.low ^ HASH_A, text.high ^ hash_key) ^ hash_key, HASH_B);
}

/* Of a text over 15 bytes. */
struct key_probe key_probe_long(struct str s, u64 hash_key);

ALWAYS_INLINE struct key_probe key_probe(struct str s, u64 hash_key) {
    if (UNLIKELY(s.size > KEY_TEXT_INLINE)) return key_probe_long(s, hash_key);
    struct key_probe probe = { .text = key_text_short(s.at, s.size), .at = s.at };
    probe.text.high |= s.size << 56;
    probe.hash = key_text_short_hash(probe.text, hash_key);
    return probe;
}

/* The text of a probe: points into it or to where its text is. */
ALWAYS_INLINE struct str key_probe_str(const struct key_probe *probe) {
    u64 size = probe->text.high >> 56;
    if (LIKELY(size != KEY_TEXT_LONG)) return (struct str){ (const char *)&probe->text, size };
    return (struct str){ probe->at, (u32)probe->text.high };
}

/* Of two probes. */
ALWAYS_INLINE bool key_probe_equal(const struct key_probe *a, const struct key_probe *b) {
    if (a->text.low != b->text.low || a->text.high != b->text.high) return false;
    if (LIKELY(a->text.high >> 56 != KEY_TEXT_LONG)) return true;
    return __builtin_memcmp(a->at, b->at, (u32)a->text.high) == 0;
}

bool key_text_equal_long(const struct key_text *stored, const struct key_probe *probe,
                         const struct region *region);

ALWAYS_INLINE bool key_text_equal(const struct key_text *stored, const struct key_probe *probe,
                                  const struct region *region) {
    if (LIKELY(stored->low == probe->text.low && stored->high == probe->text.high)) return true;
    if (LIKELY(probe->text.high >> 56 != KEY_TEXT_LONG)) return false;
    return key_text_equal_long(stored, probe, region);
}

/* Of a stored one, the same as its probe's. */
u64 key_text_hash(const struct key_text *stored, u64 hash_key, const struct region *region);

/* Stores the probe's text as a new key. */
void key_text_keep(struct key_text *stored, const struct key_probe *probe, struct region *region);

/* ---- texts that nobody looks up ---- */

struct key_text key_text_long(struct str s, struct region *region);

/* s, which may lie anywhere, as a stored text. */
ALWAYS_INLINE struct key_text key_text_of(struct str s, struct region *region) {
    if (s.size > KEY_TEXT_INLINE) return key_text_long(s, region);
    struct key_text text = key_text_exact(s.at, s.size);
    text.high |= s.size << 56;
    return text;
}

/* Makes a stored one that came from elsewhere this region's: its text, if it is a longer one, is
   copied from `image`, the `bytes` of the region that it was stored in. False: it is damaged. */
bool key_text_adopt(struct key_text *stored, const u8 *image, u64 bytes, struct region *region);

/* Is it one, in an image of so many bytes? */
bool key_text_is_sound(const struct key_text *stored, u64 bytes);

/* Gives back what key_text_keep or key_text_of took; the 16 bytes are their owner's. */
void key_text_drop(struct key_text *stored, struct region *region);

/* The text of a stored one: points into it or into the region. */
ALWAYS_INLINE struct str key_text_str(const struct key_text *stored, const struct region *region) {
    u64 size = stored->high >> 56;
    if (LIKELY(size != KEY_TEXT_LONG)) return (struct str){ (const char *)stored, size };
    return (struct str){ (const char *)region_at(region, (u32)stored->low), (u32)stored->high };
}

/* The stored text becomes s, which is not part of it. */
ALWAYS_INLINE void key_text_become(struct key_text *stored, struct str s, struct region *region) {
    key_text_drop(stored, region);
    *stored = key_text_of(s, region);
}

#endif
