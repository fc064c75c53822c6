/* Format 1 of a snapshot's two kinds of file, in memory: whoever reads or writes the disk is
   elsewhere. Everything is little endian. What is read is taken for hostile: nothing is used
   before it has been checked, and a refusal (-1) leaves a trail with the file and the offset.

   data.<k>   a head of 4096 bytes (magic, format, k, job, number, how many granules, checksum of
              the index, zeros, checksum of the head), the granules, and an index that gives for
              each of them region, number and checksum.
   MANIFEST   magic, format, job, number, stamp, the number before; data files (number, k, granules,
              checksum of the head), oldest first; regions (number, granules), in order; sections
              (name, bytes); at the end the checksum of all before.

   So from the manifest's checksum every byte of every file is reached. */
#ifndef RUNTIME_SNAPSHOT_FORMAT_H
#define RUNTIME_SNAPSHOT_FORMAT_H

#include "runtime/base/pack.h"

#define FORMAT_VERSION 1u
#define DATA_HEAD_BYTES 4096u
#define DATA_GRANULE_BYTES 4096u
#define DATA_GRANULES_MAX 16384u /* of a file: 64 MiB */
#define SECTION_NAME_MAX 63u

struct job_id {
    u8 bytes[16];
};

/* A data file, as manifests name it. */
struct data_ref {
    u64 number; /* of the snapshot that wrote it */
    u32 file;
    u32 granules;
    u64 checksum; /* of its head */
};

/* An entry of a data file's index, as it lies there. */
struct data_entry {
    u32 region, granule;
    u64 checksum;
};

struct region_size {
    u32 region, granules;
};

struct section {
    struct str name, bytes;
};

struct manifest {
    struct job_id job;
    u64 number, previous;
    i64 stamp;
    u32 file_count, region_count, section_count;
    struct data_ref *files;
    struct region_size *regions;
    struct section *sections;
};

ALWAYS_INLINE u64 data_file_bytes(u32 granules) {
    return DATA_HEAD_BYTES + (u64)granules * (DATA_GRANULE_BYTES + sizeof(struct data_entry));
}

ALWAYS_INLINE u64 data_granule_at(u32 slot) {
    return DATA_HEAD_BYTES + (u64)slot * DATA_GRANULE_BYTES;
}

ALWAYS_INLINE bool data_ref_before(const struct data_ref *a, const struct data_ref *b) {
    return a->number < b->number || (a->number == b->number && a->file < b->file);
}

/* The head (DATA_HEAD_BYTES) of a data file with this index; sets ref->checksum. */
void data_head(u8 *into, struct data_ref *ref, const struct job_id *job,
               const struct data_entry *entries);

/* The head of a data file of `size` bytes is as the manifest wants it, and so is the size.
 *index_checksum is of the index. `name` is for the trail. */
int data_check_head(const u8 *head, u64 size, const struct data_ref *want, const struct job_id *job,
                    const char *name, u64 *index_checksum);

/* The index of a file with so many granules. */
int data_check_index(const struct data_entry *index, u32 granules, u64 checksum, const char *name);

/* The granule in a slot is what the index says; `granule` are its bytes. */
int data_check_granule(const struct data_entry *entry, u32 slot, const u8 *granule,
                       const char *name);

void manifest_pack(const struct manifest *m, struct pack *to);

/* Checks and reads. The lists are the caller's until manifest_fini; sections point into `bytes`. */
int manifest_unpack(const u8 *bytes, u64 size, const char *name, struct manifest *out);
void manifest_fini(struct manifest *m);

/* Does the manifest name this file? */
bool manifest_names(const struct manifest *m, u64 number, u32 file);

#endif
