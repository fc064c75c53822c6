/* Snapshots of every format there has been, kept in the tree: each must load, as it is, and the
   newest format must be what is written today, byte for byte. test_golden --make DIR writes one. */
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"
#include "tests/snapshot/model.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give(struct snapshot_writer *w, u32 region, u32 granule, u8 letter) {
    u8 bytes[SNAPSHOT_GRANULE_BYTES];
    for (u32 i = 0; i < sizeof bytes; i++) bytes[i] = (u8)(letter + i / 512);
    CHECK_EQ(snapshot_granule(w, region, granule, bytes), 0);
}

/* Two snapshots: the second needs files of both. */
static void story(const char *dir) {
    struct env_sim sim;
    env_sim_init(&sim, 1);
    struct store *s = store_open(&sim.env, dir, true);
    if (!CHECK(s)) return;
    struct snapshot_writer *w = snapshot_begin(s, 3);
    give(w, 0, 0, 'a');
    give(w, 0, 1, 'b');
    give(w, 7, 2, 'c');
    snapshot_region(w, 7, 4);
    snapshot_region(w, 0, 2);
    snapshot_section(w, "job", "first", 5);
    CHECK_EQ(snapshot_commit(w, NULL), 0);
    env_sim_advance(&sim, 1000000000);
    w = snapshot_begin(s, 4);
    give(w, 0, 1, 'd');
    snapshot_region(w, 0, 3);
    snapshot_region(w, 7, 4);
    snapshot_section(w, "job", "second", 6);
    snapshot_section(w, "counters", "", 0);
    CHECK_EQ(snapshot_commit(w, NULL), 0);
    store_close(s);
}

static bool granule_is(const struct snapshot *s, u32 region, u32 granule, u8 letter) {
    struct image image;
    if (!snapshot_image(s, region, &image)) return false;
    const u8 *at = image.at + (u64)granule * SNAPSHOT_GRANULE_BYTES;
    for (u32 i = 0; i < SNAPSHOT_GRANULE_BYTES; i++)
        if (at[i] != (letter ? (u8)(letter + i / 512) : 0)) return false;
    return true;
}

static void a_snapshot_of_format_1_is_loaded(void) {
    struct env env = env_real();
    struct store *s = store_open_read(&env, GOLDEN "/1");
    if (!CHECK(s)) return;
    CHECK_EQ(store_count(s), 2);
    CHECK_EQ(store_newest(s), 4);
    struct snapshot *old = snapshot_load(s, 3), *new = snapshot_load(s, 4);
    if (CHECK(old) && CHECK(new)) {
        struct unpack section;
        u32 granules;
        CHECK_EQ(snapshot_stamp(new) - snapshot_stamp(old), 1000000000);
        CHECK(granule_is(old, 0, 0, 'a') && granule_is(old, 0, 1, 'b'));
        CHECK(granule_is(new, 0, 0, 'a') && granule_is(new, 0, 1, 'd') && granule_is(new, 0, 2, 0));
        CHECK(granule_is(new, 7, 2, 'c') && granule_is(new, 7, 3, 0));
        CHECK_EQ(snapshot_regions(new), 2);
        CHECK_EQ(snapshot_region_at(new, 1, &granules), 7);
        CHECK_EQ(granules, 4);
        CHECK(snapshot_find(new, "job", &section) && !memcmp(section.at, "second", 6));
        CHECK(snapshot_find(new, "counters", &section) && unpack_is_done(&section));
        CHECK(!snapshot_find(new, "count", &section));
    }
    if (old) snapshot_free(old);
    if (new) snapshot_free(new);
    store_close(s);
}

static void the_same_story_is_written_in_the_same_bytes(void) {
    static const char *const files[] = {
        "JOB",
        "snapshots/00000000000000000003/data.0",
        "snapshots/00000000000000000003/MANIFEST",
        "snapshots/00000000000000000004/data.0",
        "snapshots/00000000000000000004/MANIFEST",
    };
    char dir[64], path[128];
    struct env env = env_real();
    scratch_make(dir, sizeof dir);
    story(dir);
    for (u32 i = 0; i < sizeof files / sizeof *files; i++) {
        u8 *kept = NULL, *made = NULL;
        u64 kept_size = 0, made_size = 0;
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        CHECK_EQ(read_file(&env, path, &made, &made_size), 0);
        snprintf(path, sizeof path, GOLDEN "/1/%s", files[i]);
        CHECK_EQ(read_file(&env, path, &kept, &kept_size), 0);
        CHECK_EQ(made_size, kept_size);
        CHECK(made_size == kept_size && kept && made && !memcmp(kept, made, made_size));
        free(kept);
        free(made);
    }
    scratch_remove(dir);
    error_clear();
}

static const struct test tests[] = {
    TEST(a_snapshot_of_format_1_is_loaded),
    TEST(the_same_story_is_written_in_the_same_bytes),
    { 0 },
};

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "--make")) {
        story(argv[2]);
        return 0;
    }
    return suite_run("golden", tests, argc, argv);
}
