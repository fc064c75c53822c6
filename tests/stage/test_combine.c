#include "runtime/base/hash.h"
#include "runtime/base/prng.h"
#include "runtime/stage/combine.h"
#include "runtime/state/key_text.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entry as generated code lays it out: a text key, a count and a sum; and its first position, so
   that the order of entries can be seen. */
struct entry {
    struct key_probe key;
    u64 rows;
    i64 sum;
    u64 position;
};
static bool entry_equal(const void *entry, const void *key) {
    const struct key_probe *a = entry, *b = key;
    if (a->text.high != b->text.high || a->text.low != b->text.low) return false;
    struct str s = key_probe_str(a), t = key_probe_str(b);
    return !memcmp(s.at, t.at, s.size);
}
static bool entry_keep(void *entry, const void *key, struct combine *cb) {
    struct key_probe *kept = entry;
    *kept = *(const struct key_probe *)key;
    struct str s = key_probe_str(kept);
    return s.size <= KEY_TEXT_INLINE || (kept->at = combine_text(cb, s.at, s.size));
}
static const struct combine_ops ops = { .slot_size = sizeof(struct entry),
                                        .acc_at = offsetof(struct entry, rows),
                                        entry_equal,
                                        entry_keep };

struct sums {
    u64 rows[3000];
    i64 sum[3000];
    u32 entries;
};

static void flush(struct combine *cb, struct sums *sums) {
    i64 position = -1;
    for (u32 i = 0; i < cb->count; i++) {
        const struct entry *e = combine_entry(cb, &ops, i);
        char text[64] = "";
        struct str s = key_probe_str(&e->key);
        memcpy(text, s.at, s.size);
        u32 key = (u32)strtoul(text, NULL, 10), slice = (u32)(cb->slice_start / 10);
        CHECK(cb->slice_start % 10 == 0 && slice < 3);
        CHECK_EQ(e->key.hash, key_probe(s, 5).hash);
        CHECK((i64)e->position > position); /* in the order of first rows */
        position = (i64)e->position;
        sums->rows[key * 3 + slice] += e->rows;
        sums->sum[key * 3 + slice] += e->sum;
        sums->entries++;
    }
    combine_clear(cb);
}

static const struct window_spec sliding = { .size_ns = 20, .slide_ns = 10 },
                                global = { .shape = SHAPE_GLOBAL };

static void partials_add_up_to_the_rows_whatever_the_room(void) {
    for (u32 room = 1; room <= 4096; room *= 4) {
        struct combine cb;
        static struct sums got, want;
        memset(&got, 0, sizeof got);
        memset(&want, 0, sizeof want);
        struct prng p;
        prng_init(&p, room);
        combine_open(&cb, &ops, &sliding, room);
        for (u32 i = 0; i < 20000; i++) {
            char text[64]; /* lasts for this row only */
            u32 key = (u32)prng_below(&p, 1000), slice = (u32)prng_below(&p, 20) % 3;
            int size = snprintf(text, sizeof text, key % 2 ? "%u" : "%u is a longer text", key);
            struct key_probe probe = key_probe((struct str){ text, (u64)size }, 5);
            struct entry *e;
            u64 *acc;
            while (!(acc = combine_slot(&cb, &ops, &probe, probe.hash,
                                        slice * 10 + (i64)prng_below(&p, 10), false)))
                flush(&cb, &got);
            e = (struct entry *)((u8 *)acc - offsetof(struct entry, rows));
            if (!e->rows) e->position = i;
            e->rows++;
            e->sum += key;
            want.rows[key * 3 + slice]++;
            want.sum[key * 3 + slice] += key;
            if (i % 5000 == 4999) flush(&cb, &got);
        }
        CHECK(!memcmp(got.rows, want.rows, sizeof got.rows) &&
              !memcmp(got.sum, want.sum, sizeof got.sum));
        CHECK_EQ(cb.count, 0);
        for (u32 i = 0; i <= cb.mask; i++) CHECK_EQ(((struct entry *)cb.slots)[i].rows, 0);
        combine_close(&cb);
    }
}

/* Of a slot that nobody has had, and of one whose entry has been sent. */
static void the_empty_text_is_kept_like_any_other(void) {
    struct combine cb;
    combine_open(&cb, &ops, &global, 16);
    const struct key_probe empty = key_probe((struct str){ "", 0 }, 5);
    for (u32 i = 0; i < 3; i++) {
        u64 *rows = combine_slot(&cb, &ops, &empty, empty.hash, 0, false);
        CHECK(rows && *rows == 0);
        *rows = 1;
        CHECK_EQ(cb.count, 1);
        CHECK_EQ(((const struct entry *)combine_entry(&cb, &ops, 0))->key.hash, empty.hash);
        combine_clear(&cb);
    }
    combine_close(&cb);
}

/* Keys that stay take no room: what is taken is what has rows. */
static void keys_of_earlier_morsels_give_way(void) {
    struct combine cb;
    combine_open(&cb, &ops, &global, 16);
    for (u32 i = 0; i < 1000; i++) {
        char text[16];
        struct str s = { text, (u64)snprintf(text, sizeof text, "%u", i) };
        const struct key_probe probe = key_probe(s, 5);
        u64 *rows = combine_slot(&cb, &ops, &probe, probe.hash, 0, false);
        CHECK(rows && *rows == 0);
        *rows = 1;
        if (cb.count == 16) combine_clear(&cb);
    }
    CHECK_EQ(cb.count, 1000 % 16);
    combine_close(&cb);
}

static void a_text_larger_than_the_room_for_texts_is_taken_alone(void) {
    struct combine cb;
    combine_open(&cb, &ops, &global, 16);
    char *big = malloc(3 << 20);
    memset(big, 'x', 3 << 20);
    CHECK(combine_text(&cb, big, 100) != NULL);
    CHECK(combine_text(&cb, big, 3 << 20) == NULL);
    combine_clear(&cb);
    const char *kept = combine_text(&cb, big, 3 << 20);
    CHECK(kept && kept != big && !memcmp(kept, big, 3 << 20));
    free(big);
    combine_close(&cb);
}

static const struct test tests[] = {
    TEST(partials_add_up_to_the_rows_whatever_the_room),
    TEST(the_empty_text_is_kept_like_any_other),
    TEST(keys_of_earlier_morsels_give_way),
    TEST(a_text_larger_than_the_room_for_texts_is_taken_alone),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("combine", tests, argc, argv);
}
