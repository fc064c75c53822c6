/* Writing a snapshot. Granules go, in the order they come, into data files that were given their
   space before; each is finished, cut to its size and synced when it is full. They are written, not
   mapped: beside a thread that changes 68 MB at random, a snapshot of it through a mapping took
   375 ms and left the thread 0.6 of its speed (each page faults in, and is protected again by the
   sync, in the address space of the workers); by writes it takes less than 100 ms and leaves 1.0.
   The commit writes what has to be moved or zeroed, syncs, and writes the manifest. Whatever fails,
   the table of granules is what it was at the last commit, and the number is dead. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"
#include "runtime/snapshot/checksum.h"
#include "runtime/snapshot/store_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RESERVE_FIRST ((u64)1 << 20)
#define BUFFER_GRANULES 64u
#define REWRITE_LEAST 1024u /* granules a snapshot may move, or as many as it was given */

/* The data file that is being filled. */
struct filling {
    struct data_file *file; /* null: none */
    struct env_file on_disk;
    u8 (*buffer)[DATA_GRANULE_BYTES];
    u32 buffered; /* of the file's granules the last ones are still there */
    u64 reserved;
    struct path path;
};

struct snapshot_writer {
    struct store *s;
    struct manifest m; /* regions and sections as they are told */
    u32 region_room;
    struct filling filling;
    u32 data_files; /* so far */
    bool broken;
    struct snapshot_result result;
};

static void writer_free(struct snapshot_writer *w) {
    w->s->writing = false;
    for (u32 i = 0; i < w->m.section_count; i++) {
        free((void *)w->m.sections[i].name.at);
        free((void *)w->m.sections[i].bytes.at);
    }
    manifest_fini(&w->m);
    free(w);
}

struct snapshot_writer *snapshot_begin(struct store *s, u64 number) {
    struct path folder;
    ENSURE(s->locked && !s->writing && number >= s->next && number < UINT64_MAX);
    s->next = number + 1;
    path_of_folder(s, number, &folder);
    if (env_mkdir_private(s->env, folder.text)) {
        error_add("begin snapshot %llu", (unsigned long long)number);
        return NULL;
    }
    env_point(s->env, "snapshot begun");
    if (!s->table) s->table = table_make();
    struct snapshot_writer *w = calloc(1, sizeof *w);
    ENSURE(w);
    w->s = s;
    w->m = (struct manifest){
        .job = s->job, .number = number, .previous = store_newest(s), .stamp = env_wall_ns(s->env)
    };
    s->writing = true;
    return w;
}

void writer_stamp(struct snapshot_writer *w, i64 stamp) {
    w->m.stamp = stamp;
}

/* ---- data files ---- */

static void filling_drop(struct snapshot_writer *w) {
    free(w->filling.buffer);
    env_close(w->s->env, w->filling.on_disk);
    w->filling.file = NULL;
}

static int filling_start(struct snapshot_writer *w) {
    struct filling *f = &w->filling;
    struct env *env = w->s->env;
    path_of_data(w->s, w->m.number, w->data_files, &f->path);
    if (env_open(env, f->path.text, ENV_OPEN_CREATE_NEW, &f->on_disk)) return -1;
    f->reserved = 0;
    f->buffered = 0;
    f->buffer = aligned_alloc(DATA_GRANULE_BYTES, BUFFER_GRANULES * sizeof *f->buffer);
    f->file = calloc(1, sizeof *f->file);
    ENSURE(f->file && f->buffer);
    f->file->ref = (struct data_ref){ .number = w->m.number, .file = w->data_files++ };
    table_add_file(w->s->table, f->file);
    return 0;
}

/* Disk space for one granule more, with the index. */
static int filling_reserve(struct snapshot_writer *w) {
    struct filling *f = &w->filling;
    u64 needed = data_file_bytes(f->file->ref.granules + 1);
    if (LIKELY(needed <= f->reserved)) return 0;
    u64 wanted = f->reserved ? 2 * f->reserved : RESERVE_FIRST;
    if (wanted > data_file_bytes(DATA_GRANULES_MAX)) wanted = data_file_bytes(DATA_GRANULES_MAX);
    if (env_preallocate(w->s->env, f->on_disk, wanted)) return -1;
    f->reserved = wanted;
    return 0;
}

static int filling_flush(struct snapshot_writer *w) {
    struct filling *f = &w->filling;
    u64 size = f->buffered * sizeof *f->buffer;
    u64 at = data_granule_at(f->file->ref.granules - f->buffered);
    f->buffered = 0;
    return size ? env_write_at(w->s->env, f->on_disk, f->buffer, size, at) : 0;
}

static int filling_write_ends(struct snapshot_writer *w) {
    struct filling *f = &w->filling;
    struct data_ref *ref = &f->file->ref;
    u8 head[DATA_HEAD_BYTES];
    data_head(head, ref, &w->m.job, f->file->entries);
    if (env_write_at(w->s->env, f->on_disk, f->file->entries,
                     ref->granules * sizeof *f->file->entries, data_granule_at(ref->granules)))
        return -1;
    return env_write_at(w->s->env, f->on_disk, head, sizeof head, 0);
}

static int filling_finish(struct snapshot_writer *w) {
    struct filling *f = &w->filling;
    struct env *env = w->s->env;
    u64 size = data_file_bytes(f->file->ref.granules);
    int failed = filling_flush(w);
    if (!failed) failed = filling_write_ends(w);
    env_point(env, "data file filled");
    if (!failed) failed = env_truncate(env, f->on_disk, size);
    if (!failed) failed = env_sync(env, f->on_disk);
    free(f->buffer);
    if (env_close(env, f->on_disk)) failed = -1;
    f->file = NULL;
    w->result.bytes += size;
    env_point(env, "data file synced");
    return failed;
}

static int put_granule(struct snapshot_writer *w, u32 region, u32 granule, const u8 *bytes) {
    struct filling *f = &w->filling;
    if (w->broken) return error_set(0, "this snapshot has failed before");
    if (f->file && f->file->ref.granules == DATA_GRANULES_MAX && filling_finish(w))
        return w->broken = true, -1;
    if ((!f->file && filling_start(w)) || filling_reserve(w)) return w->broken = true, -1;
    struct data_file *file = f->file;
    u32 slot = file->ref.granules++;
    file->entries = grown(file->entries, slot, &file->room, sizeof *file->entries);
    file->entries[slot] =
        (struct data_entry){ region, granule, checksum_of(bytes, DATA_GRANULE_BYTES) };
    memcpy(f->buffer[f->buffered++], bytes, DATA_GRANULE_BYTES);
    table_put(w->s->table, region, granule, file, slot);
    if (f->buffered == BUFFER_GRANULES && filling_flush(w)) return w->broken = true, -1;
    return 0;
}

int snapshot_granule(struct snapshot_writer *w, u32 region, u32 granule, const u8 *bytes) {
    ENSURE(region < SNAPSHOT_REGIONS_MAX && granule < SNAPSHOT_GRANULES_MAX);
    if (put_granule(w, region, granule, bytes))
        return error_add("snapshot %llu", (unsigned long long)w->m.number);
    w->result.granules++;
    return 0;
}

void snapshot_region(struct snapshot_writer *w, u32 region, u32 granules) {
    ENSURE(region < SNAPSHOT_REGIONS_MAX && granules <= SNAPSHOT_GRANULES_MAX);
    struct manifest *m = &w->m;
    u32 at = m->region_count;
    m->regions = grown(m->regions, at, &w->region_room, sizeof *m->regions);
    while (at && m->regions[at - 1].region > region) at--;
    ENSURE(!at || m->regions[at - 1].region < region); /* told once */
    memmove(m->regions + at + 1, m->regions + at, (m->region_count++ - at) * sizeof *m->regions);
    m->regions[at] = (struct region_size){ region, granules };
}

static struct str copied(const void *from, u64 size) {
    char *at = malloc(size + 1);
    ENSURE(at);
    if (size) memcpy(at, from, size);
    return (struct str){ at, size };
}

void snapshot_section(struct snapshot_writer *w, const char *name, const void *bytes, u64 size) {
    struct manifest *m = &w->m;
    u64 name_size = strlen(name);
    ENSURE(name_size && name_size <= SECTION_NAME_MAX);
    m->sections = realloc(m->sections, (m->section_count + 1) * sizeof *m->sections);
    ENSURE(m->sections);
    m->sections[m->section_count++] =
        (struct section){ copied(name, name_size), copied(bytes, size) };
}

/* ---- commit ---- */

static int put_zero(void *arg, u32 region, u32 granule) {
    static const u8 zero[DATA_GRANULE_BYTES];
    return put_granule(arg, region, granule, zero);
}

/* Moves what is alive of an older file into this snapshot, from the disk: it is checked first. */
static int rewrite(struct snapshot_writer *w, const struct data_file *old) {
    struct store *s = w->s;
    struct path path;
    struct env_file file;
    u8 bytes[DATA_GRANULE_BYTES];
    path_of_data(s, old->ref.number, old->ref.file, &path);
    if (env_open(s->env, path.text, ENV_OPEN_PLAIN, &file)) return -1;
    int failed = 0;
    for (u32 slot = 0; slot < old->ref.granules && !failed; slot++) {
        const struct data_entry *entry = &old->entries[slot];
        struct place place = table_get(s->table, entry->region, entry->granule);
        if (place.file != old || place.slot != slot) continue;
        i64 got = env_read_at(s->env, file, bytes, sizeof bytes, data_granule_at(slot));
        if (got == sizeof bytes)
            failed = data_check_granule(entry, slot, bytes, path.text);
        else
            failed = got < 0 ? -1 : error_set(0, "%s is shorter than it was", path.text);
        if (!failed) failed = put_granule(w, entry->region, entry->granule, bytes);
        w->result.rewritten++;
    }
    env_close(s->env, file);
    return failed;
}

static int rewrite_sparse(struct snapshot_writer *w) {
    u32 most = w->result.granules > REWRITE_LEAST ? w->result.granules : REWRITE_LEAST;
    struct data_file *old;
    while ((old = table_sparse_file(w->s->table, most - w->result.rewritten)))
        if (rewrite(w, old)) return -1;
    return 0;
}

static void list_files(struct snapshot_writer *w) {
    struct data_file *const *files;
    u32 count = table_files(w->s->table, &files);
    w->m.files = calloc(count + 1, sizeof *w->m.files);
    ENSURE(w->m.files);
    for (u32 i = 0; i < count; i++)
        if (files[i]->alive) w->m.files[w->m.file_count++] = files[i]->ref;
}

/* Under another name, synced. */
static int write_manifest(struct snapshot_writer *w, const struct pack *bytes) {
    struct env *env = w->s->env;
    struct path path;
    struct env_file file;
    path_of_manifest(w->s, w->m.number, ".new", &path);
    if (env_open(env, path.text, ENV_OPEN_CREATE_NEW, &file)) return -1;
    int failed = env_write_all(env, file, bytes->at, bytes->size);
    if (!failed) failed = env_sync(env, file);
    if (env_close(env, file)) failed = -1;
    return failed;
}

/* The last sync is the commit. */
static int name_manifest(struct snapshot_writer *w) {
    struct env *env = w->s->env;
    struct path folder, snapshots, early, path;
    path_in(w->s, "snapshots", &snapshots);
    path_of_folder(w->s, w->m.number, &folder);
    path_of_manifest(w->s, w->m.number, ".new", &early);
    path_of_manifest(w->s, w->m.number, "", &path);
    struct pack bytes;
    pack_init(&bytes);
    manifest_pack(&w->m, &bytes);
    u64 size = bytes.size;
    int failed = env_sync_path(env, folder.text);
    if (!failed) failed = env_sync_path(env, snapshots.text);
    env_point(env, "before the manifest");
    if (!failed) failed = write_manifest(w, &bytes);
    pack_fini(&bytes);
    env_point(env, "manifest written");
    if (failed || env_rename_new(env, early.text, path.text)) return -1;
    env_point(env, "manifest named");
    if (env_sync_path(env, folder.text)) return -1;
    env_point(env, "snapshot committed");
    w->result.bytes += size;
    w->result.files = w->m.file_count;
    struct manifest kept = w->m;
    kept.sections = NULL;
    kept.section_count = 0;
    w->m.files = NULL;
    w->m.regions = NULL;
    entry_add(w->s, &kept, size);
    return 0;
}

static int write_all(struct snapshot_writer *w) {
    if (w->broken) return error_set(0, "it has failed before");
    if (table_resize(w->s->table, w->m.regions, w->m.region_count, put_zero, w)) return -1;
    if (rewrite_sparse(w)) return -1;
    if (w->filling.file && filling_finish(w)) return -1;
    list_files(w);
    return name_manifest(w);
}

int snapshot_commit(struct snapshot_writer *w, struct snapshot_result *out) {
    if (write_all(w)) {
        error_add("snapshot %llu", (unsigned long long)w->m.number);
        snapshot_give_up(w);
        return -1;
    }
    table_keep(w->s->table);
    if (out) *out = w->result;
    writer_free(w);
    return 0;
}

void snapshot_give_up(struct snapshot_writer *w) {
    struct store *s = w->s;
    struct error_trail trail;
    error_save(&trail);
    if (w->filling.file) filling_drop(w);
    table_restore(s->table);
    sweep_dead(s, w->m.number);
    error_restore(&trail);
    writer_free(w);
}
