/* Whatever happens to the bytes of a snapshot is seen before any of them is used: every bit of a
   small one, every length, every page, and files and manifests that belong elsewhere. The bytes are
   changed in memory and read by the functions that the loader reads them with; what needs a folder
   is done in one. */
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"
#include "tests/snapshot/model.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A snapshot of about 64 KiB, of two data files in two folders, and its bytes. */
struct small {
    char dir[64];
    struct env_sim sim;
    struct store *s;
    struct manifest m;
    struct model model;
    u8 *manifest, *data[2];
    u64 manifest_size, data_size[2];
};

static void give(struct store *s, struct model *m, u64 number, u32 from, u32 to) {
    for (u32 g = from; g < to; g++) {
        m->granule[0][g] = number * 1000 + g;
        m->dirty[0][g] = true;
    }
    m->regions[0] = to > m->regions[0] ? to : m->regions[0];
    m->section = number;
    CHECK_EQ(model_commit(m, s, number), 0);
}

static bool small_make(struct small *p, u64 seed) {
    *p = (struct small){ 0 };
    env_sim_init(&p->sim, seed);
    scratch_make(p->dir, sizeof p->dir);
    p->s = store_open(&p->sim.env, p->dir, true);
    if (!CHECK(p->s)) return false;
    give(p->s, &p->model, 1, 0, 9);
    give(p->s, &p->model, 2, 7, 12);
    if (!CHECK_EQ(manifest_load(p->s, 2, &p->manifest, &p->manifest_size, &p->m), 0)) return false;
    if (!CHECK_EQ(p->m.file_count, 2)) return false;
    for (u32 i = 0; i < 2; i++) {
        struct path path;
        path_of_data(p->s, p->m.files[i].number, p->m.files[i].file, &path);
        CHECK_EQ(read_file(&p->sim.env, path.text, &p->data[i], &p->data_size[i]), 0);
    }
    return true;
}

static void small_end(struct small *p) {
    manifest_fini(&p->m);
    free(p->manifest);
    free(p->data[0]);
    free(p->data[1]);
    if (p->s) store_close(p->s);
    scratch_remove(p->dir);
    error_clear();
}

static bool data_is_refused(const struct small *p, u32 i, const u8 *bytes, u64 size) {
    struct walk w = { .m = &p->m };
    struct bytes_of from = { .at = bytes, .size = size };
    return walk_file(&w, &p->m.files[i], &from, "data") != 0;
}

static bool manifest_is_refused(const u8 *bytes, u64 size) {
    struct manifest m;
    if (manifest_unpack(bytes, size, "MANIFEST", &m)) return true;
    manifest_fini(&m);
    return false;
}

static void every_bit_that_flips_is_seen(void) {
    struct small p;
    if (small_make(&p, 1)) {
        u64 missed = 0, tried = 0;
        for (u32 i = 0; i < 2; i++) {
            CHECK(!data_is_refused(&p, i, p.data[i], p.data_size[i]));
            for (u64 bit = 0; bit < 8 * p.data_size[i]; bit++, tried++) {
                p.data[i][bit / 8] ^= (u8)(1 << bit % 8);
                missed += !data_is_refused(&p, i, p.data[i], p.data_size[i]);
                p.data[i][bit / 8] ^= (u8)(1 << bit % 8);
            }
        }
        CHECK(!manifest_is_refused(p.manifest, p.manifest_size));
        for (u64 bit = 0; bit < 8 * p.manifest_size; bit++, tried++) {
            p.manifest[bit / 8] ^= (u8)(1 << bit % 8);
            missed += !manifest_is_refused(p.manifest, p.manifest_size);
            p.manifest[bit / 8] ^= (u8)(1 << bit % 8);
        }
        CHECK_EQ(missed, 0);
        CHECK(tried >= 8 * 65536);
    }
    small_end(&p);
}

static void every_length_but_the_right_one_is_seen(void) {
    struct small p;
    if (small_make(&p, 2)) {
        u64 missed = 0;
        for (u32 i = 0; i < 2; i++) {
            u8 *longer = calloc(1, p.data_size[i] + 4096);
            memcpy(longer, p.data[i], p.data_size[i]);
            for (u64 size = 0; size <= p.data_size[i] + 4096; size++)
                if (size != p.data_size[i]) missed += !data_is_refused(&p, i, longer, size);
            free(longer);
        }
        u8 *longer = calloc(1, p.manifest_size + 64);
        memcpy(longer, p.manifest, p.manifest_size);
        for (u64 size = 0; size <= p.manifest_size + 64; size++)
            if (size != p.manifest_size) missed += !manifest_is_refused(longer, size);
        free(longer);
        CHECK_EQ(missed, 0);
    }
    small_end(&p);
}

static void every_page_of_zeros_is_seen(void) {
    struct small p;
    if (small_make(&p, 3)) {
        u64 missed = 0;
        for (u32 i = 0; i < 2; i++) {
            for (u64 page = 0; page < p.data_size[i]; page += 512) { /* sectors, too */
                u8 kept[4096];
                u64 size = p.data_size[i] - page < 4096 ? p.data_size[i] - page : 4096;
                memcpy(kept, p.data[i] + page, size);
                memset(p.data[i] + page, 0, size);
                missed += !data_is_refused(&p, i, p.data[i], p.data_size[i]);
                memcpy(p.data[i] + page, kept, size);
            }
        }
        memset(p.manifest, 0, p.manifest_size);
        missed += !manifest_is_refused(p.manifest, p.manifest_size);
        CHECK_EQ(missed, 0);
    }
    small_end(&p);
}

/* ---- in the folder ---- */

static void file_put(struct path *path, const u8 *bytes, u64 size) {
    int fd = open(path->text, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

/* The newest snapshot is refused in these words, it says what still can be done, and `intact` is
   loaded. */
static void is_refused(struct small *p, const char *file, const char *reason, bool intact) {
    struct snapshot *snapshot = snapshot_load(p->s, 2);
    CHECK(!snapshot);
    if (snapshot) snapshot_free(snapshot);
    if (!CHECK(strstr(error_text(), file)) || !CHECK(strstr(error_text(), reason)) ||
        !CHECK(strstr(error_text(), intact ? "; snapshot 1 is intact: millrace run --from 1"
                                           : "; no older snapshot is intact")))
        fprintf(stderr, "%s\n", error_text());
    snapshot = snapshot_load(p->s, 1);
    CHECK_EQ(snapshot != NULL, intact);
    if (snapshot) snapshot_free(snapshot);
}

static void swapped_and_stale_files_are_seen(void) {
    struct small p;
    if (small_make(&p, 4)) {
        struct path old, new, manifest;
        path_of_data(p.s, 1, 0, &old);
        path_of_data(p.s, 2, 0, &new);
        path_of_manifest(p.s, 2, "", &manifest);
        file_put(&new, p.data[0], p.data_size[0]); /* the older one in the place of the newer */
        is_refused(&p, new.text, "another file than the manifest names", true);
        file_put(&new, p.data[1], p.data_size[1]);
        file_put(&old, p.data[1], p.data_size[1]);
        is_refused(&p, old.text, "another file than the manifest names", false);
        file_put(&old, p.data[0], p.data_size[0]);
        unlink(new.text);
        is_refused(&p, new.text, "No such file", true);
        file_put(&new, p.data[1], p.data_size[1]);
        p.data[1][DATA_HEAD_BYTES + 4096 + 17] ^= 4;
        file_put(&new, p.data[1], p.data_size[1]);
        is_refused(&p, new.text, "offset 8192: granule 8 of region 0 is damaged", true);
        p.data[1][DATA_HEAD_BYTES + 4096 + 17] ^= 4;
        file_put(&new, p.data[1], p.data_size[1]);
        file_put(&manifest, p.manifest, p.manifest_size - 1);
        is_refused(&p, manifest.text, "the manifest is damaged, or not whole", true);
        file_put(&manifest, p.manifest, p.manifest_size);
        CHECK_EQ(model_check(&p.model, p.s, 2), 0);
    }
    small_end(&p);
}

static void what_is_no_plain_file_is_refused_and_not_waited_for(void) {
    struct small p;
    if (small_make(&p, 10)) {
        struct path data, manifest, moved;
        path_of_data(p.s, 2, 0, &data);
        path_of_manifest(p.s, 2, "", &manifest);
        path_in(p.s, "moved", &moved);
        CHECK_EQ(rename(data.text, moved.text), 0);
        CHECK_EQ(symlink(moved.text, data.text), 0);
        is_refused(&p, data.text, "symbolic links", true);
        CHECK_EQ(unlink(data.text), 0);
        CHECK_EQ(mkfifo(data.text, 0600), 0);
        is_refused(&p, data.text, "is not a regular file", true);
        CHECK_EQ(unlink(data.text), 0);
        CHECK_EQ(rename(moved.text, data.text), 0);
        CHECK_EQ(unlink(manifest.text), 0);
        CHECK_EQ(mkfifo(manifest.text, 0600), 0);
        is_refused(&p, manifest.text, "is not a regular file", true);
        struct store *reader = store_open_read(&p.sim.env, p.dir);
        CHECK(reader && store_newest(reader) == 2 && store_info(reader, 1)->why);
        if (reader) store_close(reader);
    }
    small_end(&p);
}

static void files_of_another_job_are_seen(void) {
    struct small p, other;
    if (small_make(&p, 5) & small_make(&other, 6)) {
        struct path data, manifest, job;
        path_of_data(p.s, 2, 0, &data);
        path_of_manifest(p.s, 2, "", &manifest);
        path_in(p.s, "JOB", &job);
        CHECK(strcmp(store_job(p.s), store_job(other.s)));
        file_put(&manifest, other.manifest, other.manifest_size);
        is_refused(&p, manifest.text, "offset 12: the manifest is of another job", true);
        file_put(&manifest, p.manifest, p.manifest_size);
        file_put(&data, other.data[1], other.data_size[1]);
        is_refused(&p, data.text, "offset 16: the file is of another job", true);
        file_put(&data, p.data[1], p.data_size[1]);
        path_of_manifest(p.s, 1, "", &manifest); /* one's own in a wrong place */
        file_put(&manifest, p.manifest, p.manifest_size);
        struct snapshot *snapshot = snapshot_load(p.s, 1);
        CHECK(!snapshot && strstr(error_text(), "the manifest is of another snapshot"));
    }
    small_end(&p);
    small_end(&other);
}

static void count_damage(void *arg, const char *text) {
    CHECK(strstr(text, "offset"));
    ++*(u32 *)arg;
}

static void a_check_tells_every_damage_and_a_list_what_can_be_seen_at_a_glance(void) {
    struct small p;
    if (small_make(&p, 7)) {
        struct path data, manifest;
        u32 told = 0;
        CHECK_EQ(store_check(p.s, 2, count_damage, &told), 0);
        CHECK_EQ(store_check(p.s, 3, count_damage, &told), -1);
        path_of_data(p.s, 2, 0, &data);
        path_of_manifest(p.s, 2, "", &manifest);
        p.data[1][5000] ^= 1;
        p.data[1][9000] ^= 1;
        file_put(&data, p.data[1], p.data_size[1]);
        CHECK_EQ(store_check(p.s, 2, count_damage, &told), 2);
        CHECK_EQ(told, 2);
        struct store *reader = store_open_read(&p.sim.env, p.dir);
        if (!CHECK(reader)) return;
        CHECK(!store_info(reader, 1)->why); /* the size is right */
        store_close(reader);
        file_put(&data, p.data[1], 100);
        reader = store_open_read(&p.sim.env, p.dir);
        CHECK(strstr(store_info(reader, 1)->why, "offset 100: the file should end at"));
        store_close(reader);
        file_put(&manifest, p.manifest, 10);
        reader = store_open_read(&p.sim.env, p.dir);
        CHECK_EQ(store_newest(reader), 2); /* not passed over in silence */
        CHECK(store_info(reader, 1)->why);
        CHECK(!store_info(reader, 0)->why);
        CHECK_EQ(store_check(reader, 2, count_damage, &told), 1);
        store_close(reader);
    }
    small_end(&p);
}

static void what_an_unreadable_manifest_may_name_is_kept(void) {
    struct small p;
    if (small_make(&p, 8)) {
        struct path manifest, data;
        path_of_manifest(p.s, 2, "", &manifest);
        path_of_data(p.s, 2, 0, &data);
        file_put(&manifest, p.manifest, 10);
        store_close(p.s);
        p.s = store_open(&p.sim.env, p.dir, false);
        if (!CHECK(p.s)) return;
        CHECK_EQ(access(data.text, F_OK), 0);
        for (u64 number = 3; number <= 5; number++) {
            model_dirty_all(&p.model);
            CHECK_EQ(model_commit(&p.model, p.s, number), 0);
            CHECK_EQ(store_sweep(p.s), 0);
            CHECK_EQ(access(data.text, F_OK),
                     number < 5 ? 0 : -1); /* until 3 good ones are newer */
        }
        CHECK_EQ(store_count(p.s), 3);
    }
    small_end(&p);
}

/* A file that the folder has in mind shrinks: the snapshot that would move its granules fails. */
static void damage_under_a_snapshot_that_moves_old_granules_fails_it(void) {
    struct small p;
    if (small_make(&p, 9)) {
        struct path old;
        path_of_data(p.s, 1, 0, &old);
        p.data[0][DATA_HEAD_BYTES + 4096 + 5] ^= 1; /* granule 1 */
        file_put(&old, p.data[0], p.data_size[0]);
        struct snapshot_writer *w = snapshot_begin(p.s, 3);
        u8 bytes[SNAPSHOT_GRANULE_BYTES];
        for (u32 g = 2; g < 9; g++) { /* leaves 0 and 1 alive: less than a third */
            model_fill(g, bytes);
            CHECK_EQ(snapshot_granule(w, 0, g, bytes), 0);
        }
        snapshot_region(w, 0, 12);
        CHECK_EQ(snapshot_commit(w, NULL), -1);
        CHECK(strstr(error_text(), old.text));
        CHECK(strstr(error_text(), "granule 1 of region 0 is damaged"));
        CHECK_EQ(store_newest(p.s), 2);
    }
    small_end(&p);
}

static const struct test tests[] = {
    TEST(every_bit_that_flips_is_seen),
    TEST(every_length_but_the_right_one_is_seen),
    TEST(every_page_of_zeros_is_seen),
    TEST(swapped_and_stale_files_are_seen),
    TEST(what_is_no_plain_file_is_refused_and_not_waited_for),
    TEST(files_of_another_job_are_seen),
    TEST(a_check_tells_every_damage_and_a_list_what_can_be_seen_at_a_glance),
    TEST(what_an_unreadable_manifest_may_name_is_kept),
    TEST(damage_under_a_snapshot_that_moves_old_granules_fails_it),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("damage", tests, argc, argv);
}
