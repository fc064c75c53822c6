#include "tests/stage/survive.h"

#include "runtime/base/error.h"
#include "tests/state/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const u32 task_counts[] = { 1, 2, 3, 4, 7 };

/* A stage, and what a store would have of it. */
struct run {
    void *self;
    u32 tasks;
    struct watch watches[SURVIVE_TASKS];
    struct pack saved[SURVIVE_TASKS];
};

static void run_open(struct run *r, const struct survival *s, struct prng *p) {
    *r = (struct run){ .tasks = task_counts[prng_below(p, 5)] };
    r->self = s->ops->open(s->what, r->tasks);
    for (u32 i = 0; i < r->tasks; i++) {
        watch_open(&r->watches[i], s->ops->region(r->self, i));
        pack_init(&r->saved[i]);
    }
}

static void run_close(struct run *r, const struct survival *s) {
    for (u32 i = 0; i < r->tasks; i++) {
        watch_close(&r->watches[i]);
        pack_fini(&r->saved[i]);
    }
    s->ops->close(r->self);
}

static void barrier(struct run *r, const struct survival *s) {
    for (u32 i = 0; i < r->tasks; i++) {
        watch_barrier(&r->watches[i]);
        pack_clear(&r->saved[i]);
        s->ops->save(r->self, i, &r->saved[i]);
    }
}

static bool saved(struct run *r, bool durable) {
    bool good = true;
    for (u32 i = 0; i < r->tasks; i++) good &= watch_saved(&r->watches[i], durable);
    if (!good) printf("an image is not what the region was\n");
    return good;
}

static bool restore(struct run *from, struct run *to, const struct survival *s) {
    for (u32 i = 0; i < from->tasks; i++) {
        struct unpack u = unpack_of(from->saved[i].at, from->saved[i].size);
        struct image image = { from->watches[i].image,
                               (u64)from->watches[i].granules * GRANULE_BYTES };
        if (s->ops->restore(to->self, &u, &image) < 0) {
            printf("restore: %s\n", error_text());
            return false;
        }
    }
    return true;
}

/* The steps [from, to) against what is expected of them. */
static bool runs_on(struct run *r, const struct survival *s, u32 from, u32 to,
                    const struct text_buf *want, const u64 *ends) {
    struct text_buf out;
    text_buf_init(&out);
    for (u32 n = from; n < to; n++) s->ops->step(r->self, n, &out);
    u64 begin = from ? ends[from - 1] : 0, end = to ? ends[to - 1] : 0;
    bool good = out.size == end - begin && !memcmp(out.at, want->at + begin, out.size);
    text_buf_fini(&out);
    return good;
}

static void expect(const struct survival *s, struct text_buf *want, u64 *ends) {
    void *self = s->ops->open(s->what, 1);
    for (u32 n = 0; n < s->steps; n++) {
        s->ops->step(self, n, want);
        ends[n] = want->size;
    }
    s->ops->close(self);
}

bool survive(const struct survival *s, struct prng *p, u32 *at) {
    struct text_buf want;
    u64 *ends = calloc(s->steps + 1, sizeof *ends);
    struct run run;
    bool good = true;
    text_buf_init(&want);
    expect(s, &want, ends);
    run_open(&run, s, p);
    for (u32 n = 0; good && n < s->steps; n++) {
        bool save = n % s->every == 0;
        if (save) barrier(&run, s);
        for (u32 i = 0; i < run.tasks; i++) region_sweep(s->ops->region(run.self, i), 2);
        good = runs_on(&run, s, n, n + 1, &want, ends);
        *at = n;
        if (!save) continue;
        bool durable = !prng_chance(p, 1, 8);
        good = good && saved(&run, durable);
        if (!good || !durable) continue;
        struct run next;
        run_open(&next, s, p);
        bool stays = prng_chance(p, 1, 6);
        u32 to = stays ? n + 1 : s->steps - n < s->ahead ? s->steps : n + s->ahead;
        good = restore(&run, &next, s) && runs_on(&next, s, n, to, &want, ends);
        run_close(stays ? &run : &next, s);
        if (stays) run = next;
    }
    run_close(&run, s);
    text_buf_fini(&want);
    free(ends);
    return good;
}

/* ---- what was saved is damaged ---- */

void wreck_make(struct wreck *k, const struct survival *s) {
    void *self = s->ops->open(s->what, 1);
    struct text_buf out;
    k->s = s;
    text_buf_init(&out);
    for (u32 n = 0; n < s->steps / 2; n++) s->ops->step(self, n, &out);
    pack_init(&k->saved);
    s->ops->save(self, 0, &k->saved);
    struct region *region = s->ops->region(self, 0);
    region_barrier(region, &(struct granule_copies){ 0 });
    u64 bytes = (u64)region_granules(region) * GRANULE_BYTES;
    u8 *image = malloc(bytes);
    memcpy(image, region->base, bytes);
    k->image = (struct image){ image, bytes };
    s->ops->close(self);
    text_buf_fini(&out);
}

void wreck_free(struct wreck *k) {
    pack_fini(&k->saved);
    free((u8 *)k->image.at);
}

bool wreck_try(const struct wreck *k) {
    const struct survival *s = k->s;
    void *self = s->ops->open(s->what, 2);
    struct unpack u = unpack_of(k->saved.at, k->saved.size);
    bool took = s->ops->restore(self, &u, &k->image) == 0;
    struct text_buf out;
    text_buf_init(&out);
    for (u32 n = s->steps / 2; took && n < s->steps; n++) s->ops->step(self, n, &out);
    text_buf_fini(&out);
    s->ops->close(self);
    return took;
}

u32 wreck_flip(const struct wreck *k, u32 tries, struct prng *p) {
    u32 refused = 0;
    for (u32 i = 0; i < tries; i++) {
        u8 *byte = i % 2 ? k->saved.at + prng_below(p, k->saved.size)
                         : (u8 *)k->image.at + prng_below(p, k->image.bytes);
        u8 bit = (u8)(1 << prng_below(p, 8));
        *byte ^= bit;
        refused += !wreck_try(k);
        *byte ^= bit;
    }
    return refused;
}
