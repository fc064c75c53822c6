#include "runtime/state/granule.h"

#include "runtime/base/budget.h"
#include "runtime/base/ensure.h"

#include <stdlib.h>

void granule_chunk_free(struct granule_chunk *chunk) {
    _Atomic(struct granule_chunk *) *back = &chunk->pool->back;
    chunk->next = atomic_load_explicit(back, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(back, &chunk->next, chunk, memory_order_release,
                                                  memory_order_relaxed)) {
    }
}

static void take_back(struct granule_pool *p) {
    struct granule_chunk *chunk = atomic_exchange_explicit(&p->back, NULL, memory_order_acquire);
    while (chunk) {
        struct granule_chunk *next = chunk->next;
        chunk->next = p->spare;
        p->spare = chunk;
        p->spares++;
        chunk = next;
    }
}

static struct granule_chunk *pop_spare(struct granule_pool *p) {
    struct granule_chunk *chunk = p->spare;
    p->spare = chunk->next;
    p->spares--;
    return chunk;
}

struct granule_chunk *granule_chunk_new(struct granule_pool *p) {
    if (!p->spare) take_back(p);
    if (!p->spare) {
        if (p->budget && !budget_take(p->budget, BUDGET_SNAPSHOT, sizeof *p->spare)) {
            budget_give(p->budget, BUDGET_SNAPSHOT, sizeof *p->spare);
            return NULL;
        }
        p->spare = aligned_alloc(64, (sizeof *p->spare + 63) & ~63ull);
        ENSURE(p->spare);
        p->spare->next = NULL;
        p->spare->pool = p;
        p->made++;
        p->spares++;
    }
    struct granule_chunk *chunk = pop_spare(p);
    chunk->count = 0;
    u32 out = p->made - p->spares;
    if (out > p->most) p->most = out;
    return chunk;
}

u32 granule_pool_out(struct granule_pool *p) {
    take_back(p);
    return p->made - p->spares;
}

static void drop_spares(struct granule_pool *p, u32 keep) {
    while (p->spare && p->made > keep) {
        free(pop_spare(p));
        p->made--;
        if (p->budget) budget_give(p->budget, BUDGET_SNAPSHOT, sizeof *p->spare);
    }
}

void granule_pool_trim(struct granule_pool *p) {
    take_back(p);
    drop_spares(p, p->most);
    p->most = p->made - p->spares;
}

void granule_pool_fini(struct granule_pool *p) {
    take_back(p);
    drop_spares(p, 0);
    ENSURE(!p->made);
}
