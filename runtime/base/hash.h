/* Keyed hashes whose every bit is good: shards take the high bits, slots the next. The key of a job
   is derived from the job, so the same job on the same input hashes alike on every machine. Not for
   secrets; `--hash-key random` makes it hard to choose colliding keys from outside. */
#ifndef RUNTIME_BASE_HASH_H
#define RUNTIME_BASE_HASH_H

#include "runtime/base/base.h"

#define HASH_A 0x9E3779B97F4A7C15ull
#define HASH_B 0xD6E8FEB86659FD93ull
#define HASH_C 0xA0761D6478BD642Full

/* The two halves of the 128-bit product, folded. The instruction itself, because gcc 12 sends an
   __int128 through the stack: 4 cycles of every row of a keyed loop. */
ALWAYS_INLINE u64 hash_fold(u64 a, u64 b) {
#if defined(__x86_64__) && defined(__BMI2__)
    u64 low, high;
    __asm__("mulx %3, %0, %1" : "=r"(low), "=r"(high) : "d"(a), "r"(b));
    return low ^ high;
#elif defined(__x86_64__)
    u64 high;
    __asm__("mulq %2" : "+a"(a), "=d"(high) : "r"(b) : "cc");
    return a ^ high;
#else
    unsigned __int128 product = (unsigned __int128)a * b;
    return (u64)product ^ (u64)(product >> 64);
#endif
}

/* One multiplication: the high bits of the low half spread neighbouring keys evenly (Fibonacci
   hashing), the high half brings in what only differs in high bits. */
ALWAYS_INLINE u64 hash_u64(u64 x, u64 key) {
    return hash_fold(x ^ key, HASH_A);
}

/* A number that looks random, of each x: two multiplications. */
ALWAYS_INLINE u64 hash_random(u64 x, u64 seed) {
    return hash_fold(hash_fold(x ^ seed, HASH_A) ^ seed, HASH_B);
}

ALWAYS_INLINE u64 hash_load64(const u8 *at) {
    u64 word;
    __builtin_memcpy(&word, at, 8);
    return word;
}

ALWAYS_INLINE u64 hash_load32(const u8 *at) {
    u32 word;
    __builtin_memcpy(&word, at, 4);
    return word;
}

/* The bytes in words, the last ones overlapping; the size goes in at the end, so that a prefix
   hashes otherwise. Reads nothing outside of them. */
ALWAYS_INLINE u64 hash_bytes(const void *from, size_t size, u64 key) {
    const u8 *at = (const u8 *)from;
    u64 state = key ^ HASH_C, low = 0, high = 0;
    if (size >= 4 && size <= 16) {
        size_t inner =
            size >> 3 << 2; /* 0 or 4 (8 at 16): four reads of 4 bytes that cover it all */
        low = hash_load32(at) << 32 | hash_load32(at + inner);
        high = hash_load32(at + size - 4) << 32 | hash_load32(at + size - 4 - inner);
    } else if (size > 16) {
        size_t left = size;
        for (; left > 16; left -= 16, at += 16)
            state = hash_fold(hash_load64(at) ^ HASH_A, hash_load64(at + 8) ^ state);
        low = hash_load64(at + left - 16);
        high = hash_load64(at + left - 8);
    } else if (size) {
        low = (u64)at[0] << 16 | (u64)at[size >> 1] << 8 | at[size - 1];
    }
    return hash_fold(hash_fold(low ^ HASH_A, high ^ state) ^ size ^ key, HASH_B);
}

#endif
