#include "runtime/base/env.h"
#include "runtime/base/prng.h"
#include "runtime/state/key_text.h"
#include "runtime/state/keyed.h"
#include "runtime/state/parts.h"
#include "tests/support/number_key.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys that are texts ---- */

static void texts_of_every_size_are_found_by_their_bytes_alone(void) {
    struct region r;
    CHECK_EQ(region_open(&r, NULL), 0);
    u8 *page = env_huge_alloc(2 << 20); /* also at the end of what can be read */
    for (u64 size = 0; size < 40; size++)
        for (u64 place = 0; place < 3; place++) {
            char *at = (char *)page + (place == 0   ? 100
                                       : place == 1 ? 4096 - size / 2
                                                    : (2 << 20) - size);
            for (u64 i = 0; i < size; i++) at[i] = (char)('a' + i % 26);
            struct key_probe probe = key_probe((struct str){ at, size }, 9);
            struct key_text text;
            key_text_keep(&text, &probe, &r);
            CHECK_EQ(key_text_hash(&text, 9, &r), probe.hash);
            CHECK(key_text_equal(&text, &probe, &r));
            struct str kept = key_text_str(&text, &r), probed = key_probe_str(&probe);
            CHECK(kept.size == size && probed.size == size && !memcmp(kept.at, at, size) &&
                  !memcmp(probed.at, at, size));
            if (place == 0) at[size] = 'z'; /* what lies behind is no part of it */
            if (place == 0) CHECK_EQ(key_probe((struct str){ at, size }, 9).hash, probe.hash);
            if (size) {
                at[size - 1] ^= 1;
                struct key_probe other = key_probe((struct str){ at, size }, 9),
                                 longer = key_probe((struct str){ at, size - 1 }, 9);
                CHECK(!key_text_equal(&text, &other, &r) && !key_text_equal(&text, &longer, &r));
                CHECK(other.hash != probe.hash && longer.hash != probe.hash);
            }
            key_text_drop(&text, &r);
        }
    struct key_probe none = key_probe((struct str){ NULL, 0 }, 9);
    CHECK_EQ(none.hash, key_probe((struct str){ "x", 0 }, 9).hash);
    env_huge_free(page, 2 << 20);
    region_close(&r);
}

/* ---- keyed slots ---- */

struct slot {
    u64 key, rows;
};
static u64 clustered_hash(const void *slot, u64 hash_key, const struct region *r) {
    return (*(const u64 *)slot % 128) << 57 |
           ((1ull << 57) - 1 - *(const u64 *)slot / 1000); /* all at the end of their shard */
}
static const struct keyed_ops number_ops = { 16, 8, number_equal, number_hash, number_keep, NULL };
static const struct keyed_ops clustered_ops = { 16,          8,   number_equal, clustered_hash,
                                                number_keep, NULL };

static void put(struct keyed *k, const struct keyed_ops *ops, u64 key) {
    struct slot *s = keyed_upsert(k, ops, &key, ops->key_hash(&key, k->hash_key, &k->region));
    CHECK_EQ(s->key, key);
    s->rows++;
}

static void the_order_of_slots_depends_on_the_keys_of_the_shard_alone(void) {
    static struct keyed all, one;
    CHECK_EQ(keyed_open(&all, &number_ops, 0, 128, 5, NULL), 0);
    CHECK_EQ(keyed_open(&one, &number_ops, 77, 1, 5, NULL), 0);
    for (u64 i = 0; i < 200000; i++) {
        u64 key = i * i % 50021;
        put(&all, &number_ops, key);
        if (keyed_shard(hash_u64(key, 5)) == 77) put(&one, &number_ops, key);
    }
    const struct keyed_range *a = &all.ranges[77], *b = &one.ranges[77];
    CHECK(a->used > 100 && a->used == b->used && a->shift == b->shift);
    CHECK(!memcmp(a->at, b->at, keyed_slots(a) * 16));
    keyed_close(&all);
    keyed_close(&one);
}

static void keys_that_all_end_in_one_place_make_the_shard_grow_and_are_all_there(void) {
    static struct keyed k;
    CHECK_EQ(keyed_open(&k, &clustered_ops, 0, 128, 5, NULL), 0);
    for (u64 key = 0; key < 6000; key++) put(&k, &clustered_ops, key);
    for (u64 key = 0; key < 6000; key++) put(&k, &clustered_ops, key);
    u64 rows = 0, used = 0;
    for (u32 s = 0; s < 128; s++) {
        used += k.ranges[s].used;
        for (u32 i = 0; i < keyed_slots(&k.ranges[s]); i++)
            rows += ((struct slot *)k.ranges[s].at)[i].rows & ~KEYED_USED;
    }
    CHECK_EQ(used, 6000);
    CHECK_EQ(rows, 12000);
    keyed_close(&k);
}

static void a_small_job_has_all_its_shards_in_l1(void) {
    static struct keyed k;
    CHECK_EQ(keyed_open(&k, &number_ops, 0, 128, 5, NULL), 0);
    CHECK(k.region.used <= 32 << 10);
    keyed_close(&k);
}

/* ---- parts ---- */

/* Random adds and moves in two forms and a plain array: the same sums, in order. */
static void parts_hold_the_same_whichever_form_they_have(void) {
    struct region r;
    struct prng p;
    prng_init(&p, 3);
    CHECK_EQ(region_open(&r, NULL), 0);
    for (u32 round = 0; round < 60; round++) {
        struct parts parts;
        parts_init(&parts, &r, 24);
        u32 slots = 16u << prng_below(&p, 7), busy = 1 + (u32)prng_below(&p, slots);
        u64 *plain = calloc(2048, 8);
        for (u32 i = 0; i < 800; i++) {
            u32 slot = (u32)prng_below(&p, busy);
            struct part *part = parts_put(&parts, -5);
            parts_put(&parts, (i64)(i % 7) - 9 + (i % 7 == 4)); /* neighbours */
            part = parts_find(&parts, -5);
            u64 *acc = (u64 *)part_acc(&parts, part, slots, slot);
            acc[0]++;
            part->rows++;
            acc[2] += i;
            plain[slot] += i + 1;
            if (i == 500 && slots < 1024) { /* doubled and turned round */
                u32 to[2048];
                u64 *moved = calloc(2048, 8);
                for (u32 n = 0; n < slots; n++) moved[to[n] = slots * 2 - 1 - n] = plain[n];
                parts_moved(&parts, to, slots, slots * 2);
                free(plain);
                plain = moved;
                slots *= 2;
                busy = slots;
            }
        }
        struct part *part = parts_find(&parts, -5);
        CHECK_EQ(part->rows, 800);
        for (u32 n = 0; n < slots; n++) {
            const u64 *acc = (const u64 *)part_look(&parts, part, n);
            CHECK_EQ(acc ? acc[0] + acc[2] : 0, plain[n]);
        }
        if (!part->array) {
            const u8 *list = part_list(&parts, part);
            for (u32 n = 1; n < part->count; n++)
                CHECK(*(const u64 *)(list + n * 32) > *(const u64 *)(list + n * 32 - 32));
        }
        parts_drop(&parts, 0, parts.count);
        parts_fini(&parts);
        free(plain);
    }
    region_close(&r);
}

static const struct test tests[] = {
    TEST(texts_of_every_size_are_found_by_their_bytes_alone),
    TEST(the_order_of_slots_depends_on_the_keys_of_the_shard_alone),
    TEST(keys_that_all_end_in_one_place_make_the_shard_grow_and_are_all_there),
    TEST(a_small_job_has_all_its_shards_in_l1),
    TEST(parts_hold_the_same_whichever_form_they_have),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("state", tests, argc, argv);
}
