/* Does a stage survive? It is run step by step, saved between two steps, restored into a fresh one
   with another number of tasks, and run on: what comes out is what comes out of one that was never
   saved, byte for byte; for every place between two steps. Saving is real: regions are swept while
   the stage runs on, images are put together from what changed (tests/state/watch.h, which finds
   writes without region_touch), and now and then the restored one is the one that is saved next.

   A stage that is to be tested gives struct survivor_ops. */
#ifndef TESTS_STAGE_SURVIVE_H
#define TESTS_STAGE_SURVIVE_H

#include "runtime/base/pack.h"
#include "runtime/base/prng.h"
#include "runtime/base/text_buf.h"
#include "runtime/snapshot/store.h"
#include "runtime/state/region.h"

#define SURVIVE_TASKS 8u

struct survivor_ops {
    void *(*open)(const void *what, u32 tasks);
    void (*close)(void *self);
    /* Step n, whose output is appended: the same for any number of tasks. */
    void (*step)(void *self, u32 n, struct text_buf *out);
    struct region *(*region)(void *self, u32 task);
    void (*save)(void *self, u32 task, struct pack *to);
    /* A saved task, into all tasks of a fresh one; for each saved task in its order. */
    int (*restore)(void *self, struct unpack *from, const struct image *image);
};

struct survival {
    const struct survivor_ops *ops;
    const void *what;
    u32 steps;
    u32 every; /* it is saved before one step in so many */
    u32 ahead; /* and the restored one is compared over so many steps */
};

/* False: the step at which it was saved is in *at. */
bool survive(const struct survival *s, struct prng *p, u32 *at);

/* ---- what was saved is damaged, and no checksum told ---- */

/* A stage that was saved in the middle of its steps, by one task. */
struct wreck {
    const struct survival *s;
    struct pack saved;
    struct image image; /* bytes that may be changed */
};

void wreck_make(struct wreck *k, const struct survival *s);
void wreck_free(struct wreck *k);

/* Restores it into two tasks, and runs these to the end if they took it. */
bool wreck_try(const struct wreck *k);

/* Of so many tries, each with another bit flipped in the section or in the image, these were
   refused; the others did no harm. */
u32 wreck_flip(const struct wreck *k, u32 tries, struct prng *p);

#endif
