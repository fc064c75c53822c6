/* How a job survives: a folder with its snapshots.

       DIR/LOCK                            locked while a process has the folder; its pid
       DIR/JOB                             whose state it is
       DIR/snapshots/<number>/data.<k>     granules (pages of 4 KiB of the job's regions)
       DIR/snapshots/<number>/MANIFEST     all that belongs to the snapshot; written last

   A snapshot is there when its MANIFEST is. It comes into being under another name and is renamed
   once everything that it names is on the disk, so a process or a machine that stops at any point
   leaves a snapshot whole or not at all. A file is never changed once it has been synced. A
   snapshot writes only the granules it is given; its manifest names the data files of older
   snapshots that hold the others, and a granule is what the newest of these files says. Whatever
   is read is checked first: every byte lies under a checksum that the manifest leads to.

   A number that failed is dead: it is never used again, here or after a restart. One thread at a
   time. Everything that fails leaves a trail that names the file. */
#ifndef RUNTIME_SNAPSHOT_STORE_H
#define RUNTIME_SNAPSHOT_STORE_H

#include "runtime/base/env.h"
#include "runtime/base/pack.h"

#define SNAPSHOT_GRANULE_BYTES 4096u
#define SNAPSHOT_REGIONS_MAX (1u << 20)  /* regions are numbered below this */
#define SNAPSHOT_GRANULES_MAX (1u << 28) /* granules of a region: 1 TiB */
#define SNAPSHOT_RETAINED 3u             /* snapshots kept, unless store_retain says otherwise */

struct store;
struct snapshot_writer;
struct snapshot;

/* ---- the folder ---- */

/* Opens and locks the folder, makes it where `create` says so (and the folders above it), and
   removes what an interrupted snapshot left. Null: it is not there (ENOENT), a process has it
   (EAGAIN, the trail names its pid), it is no state folder, or the machine says no. A damaged
   snapshot does not keep it from opening: store_list tells. */
struct store *store_open(struct env *env, const char *dir, bool create);

/* Opens it for reading alone: no lock, nothing is made, changed or removed. A process may be
   writing in it meanwhile; what is listed was there when it was opened. */
struct store *store_open_read(struct env *env, const char *dir);

/* No snapshot may be under way. Those that were loaded stay good. */
void store_close(struct store *s);

/* The job's uuid, 32 hexadecimal digits, the same as long as the folder lives; the store's. */
const char *store_job(const struct store *s);

struct snapshot_info {
    u64 number;
    i64 stamp;       /* wall clock at its begin, ns since 1970 */
    u64 bytes;       /* of its manifest and all data files it needs */
    u64 own_bytes;   /* of those that lie in its own folder */
    const char *why; /* null, or what is wrong: then all but the number may be 0 */
};

/* The snapshots that are there, oldest first; an info is good until the next call that changes the
   store. Looked at: the manifests, and that all files are there in their right size. What is in
   them is looked at by snapshot_load and store_check. */
u32 store_count(const struct store *s);
const struct snapshot_info *store_info(const struct store *s, u32 i);

/* The greatest number that has a manifest, damaged or not; 0: none. Whether to go on from an older
   one when it is damaged is not for the store to decide. */
u64 store_newest(const struct store *s);

/* The smallest number that the next snapshot may have. */
u64 store_next(const struct store *s);

/* How many snapshots store_sweep keeps, the newest ones; at least 1. */
void store_retain(struct store *s, u32 count);

/* Removes the snapshots that are not to be kept, and then every file that no manifest names. If a
   manifest cannot be read, whatever may belong to it stays until enough newer ones are there. -1:
   something could not be removed; the next sweep tries again. */
int store_sweep(struct store *s);

/* ---- writing ---- */

/* Begins a snapshot; it ends with snapshot_commit or snapshot_give_up. The first one of an opened
   store must be given all granules, every later one those that changed since the last that
   committed. One at a time; number >= store_next. Null: failed, and the number is dead. */
struct snapshot_writer *snapshot_begin(struct store *s, u64 number);

/* A granule as it shall be read again; copied. -1: the snapshot can only be given up. */
int snapshot_granule(struct snapshot_writer *w, u32 region, u32 granule, const u8 *bytes);

/* The region has so many granules now: those behind it are gone, those that were never given are
   zero. A region that is not named in a snapshot is gone. */
void snapshot_region(struct snapshot_writer *w, u32 region, u32 granules);

/* A small piece under a name of its own (at most 63 bytes), kept in the manifest; copied. */
void snapshot_section(struct snapshot_writer *w, const char *name, const void *bytes, u64 size);

struct snapshot_result {
    u64 bytes;     /* written */
    u32 granules;  /* of those that were given */
    u32 rewritten; /* granules moved out of older files that were mostly dead */
    u32 files;     /* data files that the snapshot needs, older ones too */
};

/* Ends the writing. 0: the snapshot is on the disk, all of it. -1: it is not, the number is dead,
   and its granules have to be given to a later snapshot again. If only the last sync of all failed,
   the machine's power might go and the snapshot be there all the same when it comes back, whole and
   right: so what it would need (files of sinks) must not be undone before a later one is committed.
   `out` may be null. */
int snapshot_commit(struct snapshot_writer *w, struct snapshot_result *out);

/* Ends the writing without a snapshot, as if it had failed. */
void snapshot_give_up(struct snapshot_writer *w);

/* ---- reading ---- */

struct image {
    const u8 *at;
    u64 bytes; /* whole granules; those that were never written are zero */
};

/* Checks every checksum, then has all regions in memory. Null: the trail names the file, the place
   in it and the way on. */
struct snapshot *snapshot_load(struct store *s, u64 number);

/* Only the manifest: sections and sizes, no images. */
struct snapshot *snapshot_open(struct store *s, u64 number);

void snapshot_free(struct snapshot *snapshot);

u64 snapshot_number(const struct snapshot *snapshot);
i64 snapshot_stamp(const struct snapshot *snapshot);

/* False: no section of this name. What *out points into is the snapshot's. */
bool snapshot_find(const struct snapshot *snapshot, const char *name, struct unpack *out);

u32 snapshot_sections(const struct snapshot *snapshot);
struct str snapshot_section_at(const struct snapshot *snapshot, u32 i,
                               struct unpack *out); /* name */

/* Regions in the order of their numbers. The number is region_at's answer. */
u32 snapshot_regions(const struct snapshot *snapshot);
u32 snapshot_region_at(const struct snapshot *snapshot, u32 i, u32 *granules);

/* False: no region of this number, or no images (snapshot_open). */
bool snapshot_image(const struct snapshot *snapshot, u32 region, struct image *out);

/* Looks at every byte of a snapshot and tells each damage (a text that names file and offset). How
   many there were; -1 if there is no such snapshot. */
i64 store_check(struct store *s, u64 number, void (*damage)(void *arg, const char *text),
                void *arg);

/* Copies a snapshot, whole and by itself, into a new folder `dir`, which can be opened as any
   other; refused where something is already. The number stays. 0: it is on the disk. */
int store_export(struct store *s, u64 number, const char *dir);

#endif
