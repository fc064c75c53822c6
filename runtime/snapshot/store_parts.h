/* What the store's files share. Nobody else includes this. */
#ifndef RUNTIME_SNAPSHOT_STORE_PARTS_H
#define RUNTIME_SNAPSHOT_STORE_PARTS_H

#include "runtime/snapshot/format.h"
#include "runtime/snapshot/store.h"
#include "runtime/snapshot/table.h"

#include <limits.h>

struct path {
    char text[PATH_MAX];
};

/* A snapshot that is there. */
struct entry {
    struct snapshot_info info;
    char *why;         /* info.why */
    struct manifest m; /* its sections are gone; empty if it cannot be read */
};

struct store {
    struct env *env;
    struct path dir;
    struct job_id job;
    bool job_given; /* before the folder was opened: a copy's */
    char job_text[2 * sizeof(struct job_id) + 1];
    bool locked; /* else for reading alone */
    struct path lock_path;
    struct env_file lock;
    struct entry *entries; /* by number */
    u32 entry_count;
    u64 next, dead; /* dead: the number of the empty folder that stands for those that failed; 0 */
    u32 retained;
    bool writing;
    struct table *table; /* where the granules of the newest snapshot lie; null: none yet */
};

/* ---- store.c: the folder ---- */

void path_of_folder(const struct store *s, u64 number, struct path *out);
void path_of_data(const struct store *s, u64 number, u32 file, struct path *out);
void path_of_manifest(const struct store *s, u64 number, const char *suffix, struct path *out);
void path_in(const struct store *s, const char *name, struct path *out);

/* Opens a new folder for a copy of another one's snapshots. */
struct store *store_open_copy(struct env *env, const char *dir, const struct job_id *job);

/* The whole file; the caller frees *bytes. */
int read_file(struct env *env, const char *path, u8 **bytes, u64 *size);

/* Reads a manifest and checks that it is this job's and this number's. */
int manifest_load(struct store *s, u64 number, u8 **bytes, u64 *size, struct manifest *out);

struct entry *entry_of(const struct store *s, u64 number);
/* Takes over the lists of *m. */
void entry_add(struct store *s, const struct manifest *m, u64 manifest_bytes);
void entry_remove(struct store *s, struct entry *entry);

/* ---- sweep.c ---- */

/* The numbers of the folders that are there, ascending; the caller frees *numbers. */
int folders_of(struct store *s, u64 **numbers, u32 *count);

/* Removes what a snapshot left that did not commit, as far as it can be done, but for its empty
   folder: that stays, as the only one of its kind, until a later snapshot is there, so that a
   restart does not use the number again. */
void sweep_dead(struct store *s, u64 number);

/* Sweeps without giving up any snapshot. */
int sweep_unnamed(struct store *s);

/* ---- writer.c ---- */

/* The snapshot is a copy of one of another time. */
void writer_stamp(struct snapshot_writer *w, i64 stamp);

/* ---- loader.c ---- */

/* Goes over the data files of a manifest, newest first, and over the granules of each, last first,
   checking all. */
struct walk {
    const struct manifest *m;
    u64 **seen; /* a bit a granule, for each of the manifest's regions */
    /* Null: only checks. Called once for each granule of the snapshot, with its newest bytes; of
       the manifest's region number `index`. -1 ends the walk. */
    int (*granule)(void *arg, u32 index, u32 granule, const u8 *bytes);
    /* Null: the first damage ends the walk. */
    void (*damage)(void *arg, const char *text);
    void *arg;
    i64 damages;
    u8 *block; /* what was read last; the walk's */
};

int walk_start(struct walk *w, const struct manifest *m);
void walk_end(struct walk *w);

/* A file, on the disk or in memory. */
struct bytes_of {
    u64 size;
    const u8 *at; /* null: on the disk */
    struct env *env;
    struct env_file file;
};

/* One data file; `name` is for trails. */
int walk_file(struct walk *w, const struct data_ref *ref, const struct bytes_of *from,
              const char *name);
int walk_all(struct walk *w, struct store *s);

#endif
