/* A window as the engine sees it. */
#include "runtime/stage/window.h"

static int keep_open(void *state, const struct window_spec *spec, const void *ops, u32 first,
                     u32 count, u64 hash_key, struct budget *budget) {
    return window_open(state, spec, ops, first, count, hash_key, budget);
}

static void keep_close(void *state) {
    window_close(state);
}

static void keep_watermark(struct chain *c, void *state, const void *ops, i64 w, i64 clock) {
    (void)ops;
    window_watermark(c, state, w);
    window_clock(c, state, clock);
}

static struct region *keep_region(void *state) {
    return &((struct window *)state)->keyed.region;
}

static void keep_save(const void *state, struct pack *to) {
    window_save(state, to);
}

static int keep_restore(void *state, const void *ops, struct unpack *from,
                        const struct image *image) {
    return window_restore(state, ops, from, image);
}

static int keep_restored(const void *state) {
    return window_restored(state);
}

static u64 keep_open_rows(const void *state) {
    return window_open_rows(state);
}

const struct keeper window_keeper = {
    .bytes = sizeof(struct window),
    .open = keep_open,
    .close = keep_close,
    .watermark = keep_watermark,
    .region = keep_region,
    .save = keep_save,
    .restore = keep_restore,
    .restored = keep_restored,
    .open_rows = keep_open_rows,
};
