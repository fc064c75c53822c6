/* Memory with a page on either side that must not be touched: a text put at its end, or start,
   shows every read outside of it. */
#ifndef TESTS_DATA_GUARDED_H
#define TESTS_DATA_GUARDED_H

#include <string.h>
#include <sys/mman.h>

#include "runtime/base/base.h"
#include "runtime/base/ensure.h"

struct guarded {
    u8 *at;
    u64 size;
};

static inline struct guarded guarded_new(u64 pages) {
    u64 size = pages * 4096;
    u8 *all = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ENSURE(all != MAP_FAILED);
    ENSURE(mprotect(all + 4096, size, PROT_READ | PROT_WRITE) == 0);
    return (struct guarded){ all + 4096, size };
}
static inline void guarded_free(struct guarded *g) {
    munmap(g->at - 4096, g->size + 8192);
}

/* A copy that ends `gap` bytes before the page behind. */
static inline u8 *guarded_put(struct guarded *g, const void *text, u64 size, u64 gap) {
    u8 *at = g->at + g->size - gap - size;
    ENSURE(size + gap <= g->size);
    if (size) memcpy(at, text, size);
    return at;
}

#endif
