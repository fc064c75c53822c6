#include "runtime/exec/failure.h"

#include "runtime/base/error.h"

#include <stdio.h>

static bool is_before(const struct failure *f, u32 island, u64 morsel, u32 position) {
    if (morsel != f->morsel) return morsel < f->morsel;
    if (position != f->position) return position < f->position;
    return island < f->island;
}

void failure_keep(struct failure *f, u32 island, u64 morsel, u32 position) {
    while (atomic_exchange_explicit(&f->lock, 1, memory_order_acquire)) {
    }
    if (!atomic_load_explicit(&f->failed, memory_order_relaxed) ||
        is_before(f, island, morsel, position)) {
        f->morsel = morsel;
        f->position = position;
        f->island = island;
        snprintf(f->text, sizeof f->text, "%s", error_text());
    }
    atomic_store_explicit(&f->failed, true, memory_order_release);
    atomic_store_explicit(&f->lock, 0, memory_order_release);
}

int failure_tell(struct failure *f) {
    return failure_is_there(f) ? error_set(0, "%s", f->text) : 0;
}
