/* The recorder misses nothing, and the model of the disk allows what it should and no more. */
#include "runtime/base/error.h"
#include "runtime/base/prng.h"
#include "tests/crash/disk.h"
#include "tests/snapshot/model.h"
#include "tests/support/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char root[64], path[8][96];
    struct env under;
    struct recorder r;
};

static void place_make(struct place *p) {
    scratch_make(p->root, sizeof p->root);
    for (u32 i = 0; i < 8; i++) snprintf(p->path[i], sizeof p->path[i], "%s/%u", p->root, i);
    p->under = env_real();
    recorder_init(&p->r, &p->under, p->root);
}

static void place_end(struct place *p) {
    recorder_fini(&p->r);
    scratch_remove(p->root);
    error_clear();
}

static void sync_path(struct env *env, const char *path) {
    struct env_file file;
    CHECK_EQ(env_open(env, path, ENV_OPEN_READ, &file), 0);
    CHECK_EQ(env_sync(env, file), 0);
    env_close(env, file);
}

static bool same_trees(const char *left, const char *right) {
    char command[256];
    snprintf(command, sizeof command, "diff -r %s %s >&2", left, right);
    return system(command) == 0;
}

/* Anything that can be done to files, at random. */
static void do_something(struct place *p, struct prng *prng) {
    struct env *env = &p->r.env;
    struct env_file file;
    u8 bytes[9000];
    u64 size = prng_below(prng, sizeof bytes);
    const char *path = p->path[prng_below(prng, 6)], *other = p->path[prng_below(prng, 6)];
    memset(bytes, (u8)prng_next(prng) | 1, sizeof bytes);
    switch (prng_below(prng, 6)) {
    case 0:
        if (env_open(env, path, ENV_OPEN_CREATE, &file)) return;
        env_write_all(env, file, bytes, size);
        env_write_all(env, file, bytes, size / 2);
        env_close(env, file);
        break;
    case 1:
        if (env_open(env, path, ENV_OPEN_APPEND, &file)) return;
        env_write_all(env, file, bytes, size);
        env_close(env, file);
        break;
    case 2:
        if (env_open(env, path, ENV_OPEN_UPDATE, &file)) return;
        env_write_at(env, file, bytes, size, prng_below(prng, 20000));
        if (prng_chance(prng, 1, 2)) env_truncate(env, file, prng_below(prng, 20000));
        env_close(env, file);
        break;
    case 3:
        if (prng_chance(prng, 1, 2))
            env_rename(env, path, other);
        else
            env_rename_new(env, path, other);
        break;
    case 4:
        env_unlink(env, path);
        break;
    case 5:
        if (env_open(env, path, ENV_OPEN_CREATE_NEW, &file)) return;
        CHECK_EQ(env_preallocate(env, file, 16384), 0);
        CHECK_EQ(env_write_at(env, file, bytes, size, 100), 0);
        CHECK_EQ(env_truncate(env, file, 100 + size), 0);
        CHECK_EQ(env_sync(env, file), 0);
        env_close(env, file);
        break;
    }
}

static void what_was_all_synced_is_what_the_machine_holds(void) {
    for (u64 seed = 1; seed <= 40; seed++) {
        struct place p;
        struct prng prng;
        char state[64];
        place_make(&p);
        prng_init(&prng, seed);
        for (u32 i = 0; i < 40; i++) do_something(&p, &prng);
        for (u32 i = 0; i < 6; i++)
            if (!access(p.path[i], F_OK)) sync_path(&p.r.env, p.path[i]);
        sync_path(&p.r.env, p.root);
        scratch_make(state, sizeof state);
        disk_make(&p.r, p.r.op_count, seed, state);
        CHECK(same_trees(p.root, state));
        scratch_remove(state);
        place_end(&p);
    }
}

/* What one file of two pages is, over many cuts: a bit for each of what was seen. */
enum { SEEN_NONE = 1, SEEN_OLD = 2, SEEN_NEW = 4, SEEN_SHORT = 8, SEEN_TORN = 16 };

static u32 look(const char *path) {
    u8 bytes[8192];
    int fd = open(path, O_RDONLY);
    if (fd < 0) return SEEN_NONE;
    ssize_t size = read(fd, bytes, sizeof bytes);
    close(fd);
    if (size < (ssize_t)sizeof bytes) return SEEN_SHORT;
    u32 old = 0, new = 0;
    for (u32 i = 0; i < sizeof bytes; i++) {
        old += bytes[i] == 'o';
        new += bytes[i] == 'n';
    }
    return old == sizeof bytes ? SEEN_OLD : new == sizeof bytes ? SEEN_NEW : SEEN_TORN;
}

static u32 all_seen(struct place *p, u32 ops) {
    u32 seen = 0;
    for (u64 seed = 1; seed <= 200; seed++) {
        char state[64], path[96];
        scratch_make(state, sizeof state);
        disk_make(&p->r, ops, seed, state);
        snprintf(path, sizeof path, "%s/0", state);
        seen |= look(path);
        scratch_remove(state);
    }
    return seen;
}

static void what_was_not_synced_may_be_missing_old_or_torn(void) {
    struct place p;
    struct env_file file;
    u8 old[8192], new[8192];
    memset(old, 'o', sizeof old);
    memset(new, 'n', sizeof new);
    place_make(&p);
    struct env *env = &p.r.env;
    CHECK_EQ(env_open(env, p.path[0], ENV_OPEN_CREATE_NEW, &file), 0);
    CHECK_EQ(env_write_all(env, file, old, sizeof old), 0);
    u32 unsynced = p.r.op_count;
    CHECK_EQ(env_sync(env, file), 0);
    u32 nameless = p.r.op_count;
    sync_path(env, p.root);
    u32 named = p.r.op_count;
    CHECK_EQ(env_write_at(env, file, new, sizeof new, 0), 0);
    u32 overwritten = p.r.op_count;
    CHECK_EQ(env_sync(env, file), 0);
    CHECK_EQ(env_close(env, file), 0);
    CHECK_EQ(all_seen(&p, unsynced), SEEN_NONE | SEEN_OLD | SEEN_SHORT | SEEN_TORN);
    CHECK_EQ(all_seen(&p, nameless), SEEN_NONE | SEEN_OLD);
    CHECK_EQ(all_seen(&p, named), SEEN_OLD);
    CHECK_EQ(all_seen(&p, overwritten), SEEN_OLD | SEEN_NEW | SEEN_TORN);
    CHECK_EQ(all_seen(&p, p.r.op_count), SEEN_NEW);
    place_end(&p);
}

static void a_move_between_folders_is_in_both_or_in_neither(void) {
    struct place p;
    struct env_file file;
    char to[128], state[64], path[128];
    place_make(&p);
    struct env *env = &p.r.env;
    CHECK_EQ(env_mkdir(env, p.path[1]), 0);
    sync_path(env, p.root);
    CHECK_EQ(env_open(env, p.path[0], ENV_OPEN_CREATE_NEW, &file), 0);
    env_close(env, file);
    sync_path(env, p.root);
    snprintf(to, sizeof to, "%s/x", p.path[1]);
    CHECK_EQ(env_rename(env, p.path[0], to), 0);
    u32 here = 0, there = 0;
    for (u64 seed = 1; seed <= 100; seed++) {
        struct stat st;
        scratch_make(state, sizeof state);
        disk_make(&p.r, p.r.op_count, seed, state);
        snprintf(path, sizeof path, "%s/0", state);
        bool is_here = !stat(path, &st);
        snprintf(path, sizeof path, "%s/1/x", state);
        bool is_there = !stat(path, &st);
        CHECK(is_here != is_there);
        here += is_here;
        there += is_there;
        scratch_remove(state);
    }
    CHECK(here && there);
    place_end(&p);
}

static const struct test tests[] = {
    TEST(what_was_all_synced_is_what_the_machine_holds),
    TEST(what_was_not_synced_may_be_missing_old_or_torn),
    TEST(a_move_between_folders_is_in_both_or_in_neither),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("disk", tests, argc, argv);
}
