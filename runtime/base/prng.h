/* Seeded random numbers (splitmix64): for generators, simulation and tests; the same seed gives the
   same numbers on every machine. Not for secrets. */
#ifndef RUNTIME_BASE_PRNG_H
#define RUNTIME_BASE_PRNG_H

#include "runtime/base/base.h"

struct prng {
    u64 state;
};

ALWAYS_INLINE void prng_init(struct prng *prng, u64 seed) {
    prng->state = seed;
}

ALWAYS_INLINE u64 prng_next(struct prng *prng) {
    u64 x = prng->state += 0x9E3779B97F4A7C15ull;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    return x ^ x >> 31;
}

/* 0 to n - 1; n must not be 0. */
ALWAYS_INLINE u64 prng_below(struct prng *prng, u64 n) {
    return (u64)((unsigned __int128)prng_next(prng) * n >> 64);
}

/* True num times out of den. */
ALWAYS_INLINE bool prng_chance(struct prng *prng, u64 num, u64 den) {
    return prng_below(prng, den) < num;
}

#endif
