/* A snapshot by itself: what a manifest and the files it shares with others say, checked on the way
   and written as the first snapshot of a new folder. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct copy {
    const struct manifest *m;
    struct snapshot_writer *to;
};

static int copy_granule(void *arg, u32 index, u32 granule, const u8 *bytes) {
    struct copy *copy = arg;
    return snapshot_granule(copy->to, copy->m->regions[index].region, granule, bytes);
}

static int copy_all(struct store *s, const struct manifest *m, struct store *to) {
    struct copy copy = { m, snapshot_begin(to, m->number) };
    struct walk w = { .granule = copy_granule, .arg = &copy };
    if (!copy.to) return -1;
    writer_stamp(copy.to, m->stamp);
    for (u32 i = 0; i < m->region_count; i++)
        snapshot_region(copy.to, m->regions[i].region, m->regions[i].granules);
    for (u32 i = 0; i < m->section_count; i++) {
        char name[SECTION_NAME_MAX + 1] = { 0 };
        memcpy(name, m->sections[i].name.at, m->sections[i].name.size);
        snapshot_section(copy.to, name, m->sections[i].bytes.at, m->sections[i].bytes.size);
    }
    int failed = walk_start(&w, m);
    if (!failed) failed = walk_all(&w, s);
    walk_end(&w);
    if (!failed) return snapshot_commit(copy.to, NULL);
    snapshot_give_up(copy.to);
    return -1;
}

static void note_entry(void *arg, const char *name) {
    *(bool *)arg = true;
}

static int refuse_used(struct env *env, const char *dir) {
    bool used = false;
    if (env_list(env, dir, note_entry, &used)) return error_number() == ENOENT ? 0 : -1;
    return used ? error_set(ENOTEMPTY, "a snapshot cannot be copied into %s", dir) : 0;
}

/* What a copy that failed left, as far as it can be removed. */
static void remove_copy(struct env *env, const struct store *names, u64 number) {
    struct path path;
    path_of_folder(names, number, &path);
    env_rmdir(env, path.text);
    path_in(names, "snapshots", &path);
    env_rmdir(env, path.text);
    path_in(names, "JOB", &path);
    env_unlink(env, path.text);
    path_in(names, "LOCK", &path);
    env_unlink(env, path.text);
    env_rmdir(env, names->dir.text);
}

static int export_manifest(struct store *s, const struct manifest *m, const char *dir) {
    if (refuse_used(s->env, dir)) return -1;
    struct store *to = store_open_copy(s->env, dir, &m->job);
    if (!to) return -1;
    int failed = copy_all(s, m, to);
    if (failed) {
        struct error_trail trail;
        error_save(&trail);
        remove_copy(s->env, to, m->number);
        error_restore(&trail);
    }
    store_close(to);
    return failed;
}

int store_export(struct store *s, u64 number, const char *dir) {
    struct manifest m;
    u8 *bytes;
    u64 size;
    int failed = manifest_load(s, number, &bytes, &size, &m);
    if (!failed) {
        failed = export_manifest(s, &m, dir);
        manifest_fini(&m);
        free(bytes);
    }
    if (failed) error_add("copy of snapshot %llu", (unsigned long long)number);
    return failed;
}
