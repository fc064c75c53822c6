#include "runtime/snapshot/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

u64 checksum_of(const void *bytes, u64 size) {
    return XXH3_64bits(bytes, size);
}
