/* Sliding windows of aggregates that have no inverse: the order of merging that window_fold.h
   promises, what a firing costs, and windows of very many slices. */
#include "runtime/base/prng.h"
#include "runtime/stage/window_state.h"
#include "tests/stage/window_cases.h"
#include "tests/support/number_key.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* ---- a stage of floats that counts the slots its passes go over ---- */

struct sum {
    u64 rows;
    double sum;
};

struct seen {
    struct shown_list panes;
    u64 slots;
};

static void merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct sum *a = into;
    const struct sum *b = from;
    a->rows += b->rows;
    a->sum += b->sum;
}
static void emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    struct seen *seen = c->engine;
    const struct sum *a = acc;
    struct shown s = { .key = (u32) * (const u64 *)key,
                       .start = p->start,
                       .end = p->end,
                       .timing = p->timing,
                       .rows = a->rows };
    memcpy(&s.sum, &a->sum, 8);
    shown_add(&seen->panes, s);
}
static void pass(struct chain *c, struct pass *p);

static const struct window_ops ops = { .keyed = { 32, 8, number_equal, number_hash, number_keep,
                                                  NULL },
                                       .acc_size = sizeof(struct sum),
                                       .merge = merge,
                                       .emit = emit,
                                       .pass = pass };

static void pass(struct chain *c, struct pass *p) {
    struct seen *seen = c->engine;
    seen->slots += p->count;
    window_pass(c, &ops, p);
}

struct stream {
    struct window w;
    struct chain c;
    struct seen seen;
};

static void stream_open(struct stream *s, const struct window_spec *spec) {
    *s = (struct stream){ .c.hash_key = 7 };
    s->c.engine = &s->seen;
    CHECK_EQ(window_open(&s->w, spec, &ops, 0, SHARDS, s->c.hash_key, NULL), 0);
}

static void stream_close(struct stream *s) {
    window_close(&s->w);
    free(s->seen.panes.at);
}

static bool stream_row(struct stream *s, u64 key, double value, i64 t) {
    u64 hash = hash_u64(key, s->c.hash_key);
    struct sum delta = { 1, value };
    if (window_elsewhere(&s->w, t)) return window_add(&s->c, &s->w, &ops, &key, hash, t, &delta);
    merge(NULL, NULL, window_slot(&s->w, &ops, &key, hash), &delta);
    return true;
}

/* ---- the order of merging ---- */

#define KEYS 5u
#define SLICES 4096

/* What came, by slice and key, each slice in the order of its rows. */
struct content {
    struct slicing slicing;
    struct sum at[SLICES][KEYS];
};

static struct sum forwards(const struct content *o, u32 key, i64 from, i64 to) {
    struct sum sum = { 0 };
    for (i64 i = from; i < to; i++) merge(NULL, NULL, &sum, &o->at[i][key]);
    return sum;
}

/* As window_fold.h says it. */
static struct sum folded(const struct content *o, u32 key, i64 k) {
    i64 low = slicing_first(&o->slicing, k), high = slicing_behind(&o->slicing, k),
        half = (o->slicing.span + 1) / 2, end = (low / half + 1) * half,
        behind = end + half < high ? end + half : high;
    struct sum sum = { 0 };
    for (i64 i = end; i-- > low;) {
        struct sum slice = o->at[i][key];
        merge(NULL, NULL, &slice, &sum);
        sum = slice;
    }
    struct sum first = forwards(o, key, end, behind), second = forwards(o, key, behind, high);
    merge(NULL, NULL, &sum, &first);
    merge(NULL, NULL, &sum, &second);
    return sum;
}

static bool as_content_says(struct stream *s, const struct content *o) {
    bool good = true;
    for (u32 i = 0; i < s->seen.panes.count; i++) {
        const struct shown *p = &s->seen.panes.at[i];
        struct sum want = folded(o, p->key, (p->start - o->slicing.offset) / o->slicing.slide);
        good &= p->rows == want.rows && memcmp(&p->sum, &want.sum, 8) == 0;
    }
    s->seen.panes.count = 0;
    return good;
}

static void floats_are_merged_in_the_order_that_is_told(void) {
    struct content *o = malloc(sizeof *o);
    CHECK(o != NULL);
    u64 panes = 0;
    for (u32 seed = 0; seed < 200; seed++) {
        struct prng p;
        prng_init(&p, seed);
        struct window_spec spec = { .slide_ns = 2 + (i64)prng_below(&p, 9) };
        spec.size_ns = spec.slide_ns + 1 + (i64)prng_below(&p, seed % 2 ? 30 : 200);
        spec.lateness_ns = seed % 3 ? (i64)prng_below(&p, 60) : 0;
        u32 back = 1 + (u32)prng_below(&p, 60), marks = 1 + (u32)prng_below(&p, 20);
        memset(o, 0, sizeof *o);
        o->slicing = slicing_of(&spec);
        struct stream s;
        stream_open(&s, &spec);
        for (u32 i = 0; i < 900; i++) {
            i64 t = 400 + (i64)i - (i64)prng_below(&p, back);
            u32 key = (u32)prng_below(&p, KEYS);
            double value = (double)prng_below(&p, 1000) / 7;
            struct sum one = { 1, value }, *slice = &o->at[slicing_slice(&o->slicing, t)][key];
            struct sum before = *slice;
            merge(NULL, NULL, slice, &one);
            if (!stream_row(&s, key, value, t)) *slice = before;
            panes += s.seen.panes.count;
            CHECK(as_content_says(&s, o));
            if (prng_chance(&p, 1, marks)) window_watermark(&s.c, &s.w, 400 + i - 15);
            panes += s.seen.panes.count;
            CHECK(as_content_says(&s, o));
        }
        window_watermark(&s.c, &s.w, TIME_FOREVER);
        CHECK(as_content_says(&s, o));
        stream_close(&s);
    }
    CHECK(panes > 100000);
    free(o);
}

/* ---- what a firing costs ---- */

/* Slots gone over in a firing, as multiples of all slots: on the average and at most. */
static void cost_of(u32 slices, double *mean, double *most) {
    struct stream s;
    stream_open(&s, &(struct window_spec){ .size_ns = (i64)slices * 10, .slide_ns = 10 });
    u64 all = 0, peak = 0, firings = 0;
    for (i64 slide = 0; slide < 3 * slices; slide++) {
        for (u64 key = 0; key < 500; key++) stream_row(&s, key, 1, slide * 10 + 3);
        u64 before = s.seen.slots;
        window_watermark(&s.c, &s.w, slide * 10 + 10);
        s.seen.panes.count = 0;
        if (slide < 2 * slices) continue;
        u64 cost = s.seen.slots - before;
        all += cost;
        peak = cost > peak ? cost : peak;
        firings++;
    }
    u64 slots = s.w.keyed.bytes / ops.keyed.slot_size;
    *mean = (double)all / (double)firings / (double)slots;
    *most = (double)peak / (double)slots;
    stream_close(&s);
}

static void a_firing_costs_the_same_however_many_slices_a_window_has(void) {
    static const u32 slices[] = { 2, 3, 7, 64, 999, 1000 };
    for (u32 i = 0; i < sizeof slices / sizeof *slices; i++) {
        double mean, most;
        cost_of(slices[i], &mean, &most);
        CHECK(mean <= 3.0); /* the filling slice, the panes, the next block's stack */
        CHECK(most <= 4.0);
    }
}

static void windows_of_millions_of_slides_keep_only_slices_that_have_rows(void) {
    struct stream s;
    stream_open(&s, &(struct window_spec){ .size_ns = 10000000000, .slide_ns = 4000 });
    for (i64 i = 0; i < 3; i++) CHECK(stream_row(&s, 1, 1, i * 4000000000));
    struct shard *sh = &s.w.slices->shards[keyed_shard(hash_u64(1, s.c.hash_key))];
    u64 panes = 0;
    for (i64 w = 0; w < 20000000000; w += 1000000) {
        window_watermark(&s.c, &s.w, w);
        panes += s.seen.panes.count;
        s.seen.panes.count = 0;
        CHECK(sh->closed.count <= 3);
    }
    CHECK_EQ(panes, 4500000);
    CHECK(window_bytes(&s.w) < 1 << 20);
    CHECK_EQ(sh->closed.count, 0);
    CHECK(!sh->fold.any);
    stream_close(&s);
}

static void a_jump_in_time_leaves_nothing_and_steps_through_nothing(void) {
    struct stream s;
    stream_open(&s, &(struct window_spec){ .size_ns = 1000, .slide_ns = 100 });
    for (i64 i = 0; i < 1000; i++) {
        i64 t = i * 3000000000000;
        for (i64 n = 0; n < 3; n++) CHECK(stream_row(&s, 1, 1, t + n * 150));
        window_watermark(&s.c, &s.w, t);
    }
    window_watermark(&s.c, &s.w, TIME_FOREVER);
    CHECK_EQ(s.seen.panes.count, 13000);
    stream_close(&s);
}

static const struct test tests[] = {
    TEST(floats_are_merged_in_the_order_that_is_told),
    TEST(a_firing_costs_the_same_however_many_slices_a_window_has),
    TEST(windows_of_millions_of_slides_keep_only_slices_that_have_rows),
    TEST(a_jump_in_time_leaves_nothing_and_steps_through_nothing),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("window_fold", tests, argc, argv);
}
