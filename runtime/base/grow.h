/* A list that doubles its room: `list = grown(list, count, &room, sizeof *list)` before item
   `count` is put. Out of memory aborts. */
#ifndef RUNTIME_BASE_GROW_H
#define RUNTIME_BASE_GROW_H

#include "runtime/base/base.h"
#include "runtime/base/ensure.h"

#include <stdlib.h>

static inline void *grown(void *list, u32 count, u32 *room, u64 bytes) {
    if (count < *room) return list;
    *room = *room ? 2 * *room : 16;
    list = realloc(list, *room * bytes);
    ENSURE(list);
    return list;
}

#endif
