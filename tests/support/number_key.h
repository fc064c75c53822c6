/* Keys of tests and benchmarks: a u64 that is stored as it is. */
#ifndef TESTS_SUPPORT_NUMBER_KEY_H
#define TESTS_SUPPORT_NUMBER_KEY_H

#include "runtime/base/hash.h"
#include "runtime/state/region.h"

static inline bool number_equal(const void *slot, const void *key, const struct region *r) {
    return *(const u64 *)slot == *(const u64 *)key;
}

static inline u64 number_hash(const void *slot, u64 hash_key, const struct region *r) {
    return hash_u64(*(const u64 *)slot, hash_key);
}

static inline void number_keep(void *slot, const void *key, struct region *r) {
    *(u64 *)slot = *(const u64 *)key;
}

#endif
