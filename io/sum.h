/* A checksum of bytes that come in pieces: the same however they were cut. */
#ifndef IO_SUM_H
#define IO_SUM_H

#include "runtime/base/hash.h"

struct sum {
    u64 size, state, word; /* word: the last size % 8 bytes */
};

ALWAYS_INLINE void sum_word(struct sum *s, u64 word) {
    s->state = hash_fold(s->state ^ word ^ HASH_C, HASH_A) + word;
}

ALWAYS_INLINE void sum_byte(struct sum *s, u8 byte) {
    s->word |= (u64)byte << (s->size % 8 * 8);
    if (++s->size % 8) return;
    sum_word(s, s->word);
    s->word = 0;
}

ALWAYS_INLINE void sum_add(struct sum *s, const u8 *at, u64 size) {
    for (; size && s->size % 8; size--) sum_byte(s, *at++);
    for (; size >= 8; size -= 8, at += 8, s->size += 8) sum_word(s, hash_load64(at));
    for (; size; size--) sum_byte(s, *at++);
}

ALWAYS_INLINE u64 sum_value(const struct sum *s) {
    return hash_random(s->state ^ s->word, s->size ^ HASH_B);
}

#endif
