#include "runtime/snapshot/format.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/checksum.h"
#include "runtime/snapshot/store.h"

#include <stdlib.h>
#include <string.h>

#define CHECKSUM_BYTES sizeof(u64)
#define DATA_REF_BYTES 24u
#define REGION_BYTES 8u
#define SECTION_BYTES_MIN 16u

_Static_assert(sizeof(struct data_entry) == 16, "an index entry is as it lies in the file");
_Static_assert(DATA_GRANULE_BYTES == SNAPSHOT_GRANULE_BYTES, "one size of granule");

static const char data_magic[8] = { 'M', 'I', 'L', 'L', 'D', 'A', 'T', 'A' };
static const char manifest_magic[8] = { 'M', 'I', 'L', 'L', 'S', 'N', 'A', 'P' };

static int damaged(const char *name, u64 offset, const char *what) {
    return error_set(0, "%s, offset %llu: %s", name, (unsigned long long)offset, what);
}

static u64 end_checksum(const u8 *bytes, u64 size) {
    u64 sum;
    memcpy(&sum, bytes + size - CHECKSUM_BYTES, sizeof sum);
    return sum;
}

static void put(struct pack *to, const void *from, u64 size) {
    memcpy(pack_room(to, size), from, size);
}

/* ---- data files ---- */

void data_head(u8 *into, struct data_ref *ref, const struct job_id *job,
               const struct data_entry *entries) {
    u64 index_bytes = ref->granules * sizeof *entries;
    struct pack head;
    pack_init(&head);
    put(&head, data_magic, sizeof data_magic);
    pack_u32(&head, FORMAT_VERSION);
    pack_u32(&head, ref->file);
    put(&head, job->bytes, sizeof job->bytes);
    pack_u64(&head, ref->number);
    pack_u64(&head, ref->granules);
    pack_u64(&head, checksum_of(entries, index_bytes));
    pack_room(&head, DATA_HEAD_BYTES - CHECKSUM_BYTES - head.size);
    ref->checksum = checksum_of(head.at, head.size);
    pack_u64(&head, ref->checksum);
    ENSURE(head.size == DATA_HEAD_BYTES);
    memcpy(into, head.at, head.size);
    pack_fini(&head);
}

int data_check_head(const u8 *head, u64 size, const struct data_ref *want, const struct job_id *job,
                    const char *name, u64 *index_checksum) {
    if (size < DATA_HEAD_BYTES || memcmp(head, data_magic, sizeof data_magic))
        return damaged(name, 0, "this is not the head of a data file");
    struct unpack from = unpack_of(head + sizeof data_magic, DATA_HEAD_BYTES - sizeof data_magic);
    u32 version = unpack_u32(&from), file = unpack_u32(&from);
    const void *owner = unpack_room(&from, sizeof job->bytes);
    u64 number = unpack_u64(&from), granules = unpack_u64(&from);
    u64 sum = end_checksum(head, DATA_HEAD_BYTES);
    *index_checksum = unpack_u64(&from);
    if (sum != checksum_of(head, DATA_HEAD_BYTES - CHECKSUM_BYTES))
        return damaged(name, 0, "the head of the file is damaged");
    if (version != FORMAT_VERSION)
        return damaged(name, sizeof data_magic, "written in a format that this millrace has not");
    if (memcmp(owner, job->bytes, sizeof job->bytes))
        return damaged(name, 16, "the file is of another job");
    if (number != want->number || file != want->file || granules != want->granules ||
        sum != want->checksum)
        return damaged(name, 0, "this is another file than the manifest names");
    if (size != data_file_bytes(want->granules))
        return damaged(name, size, "the file does not end where it should");
    return 0;
}

int data_check_index(const struct data_entry *index, u32 granules, u64 checksum, const char *name) {
    if (checksum == checksum_of(index, granules * sizeof *index)) return 0;
    return damaged(name, data_granule_at(granules), "the index is damaged");
}

int data_check_granule(const struct data_entry *entry, u32 slot, const u8 *granule,
                       const char *name) {
    if (LIKELY(checksum_of(granule, DATA_GRANULE_BYTES) == entry->checksum)) return 0;
    return error_set(0, "%s, offset %llu: granule %u of region %u is damaged", name,
                     (unsigned long long)data_granule_at(slot), entry->granule, entry->region);
}

/* ---- manifests ---- */

void manifest_pack(const struct manifest *m, struct pack *to) {
    pack_clear(to);
    put(to, manifest_magic, sizeof manifest_magic);
    pack_u32(to, FORMAT_VERSION);
    put(to, m->job.bytes, sizeof m->job.bytes);
    pack_u64(to, m->number);
    pack_i64(to, m->stamp);
    pack_u64(to, m->previous);
    pack_u32(to, m->file_count);
    for (u32 i = 0; i < m->file_count; i++) {
        pack_u64(to, m->files[i].number);
        pack_u32(to, m->files[i].file);
        pack_u32(to, m->files[i].granules);
        pack_u64(to, m->files[i].checksum);
    }
    pack_u32(to, m->region_count);
    for (u32 i = 0; i < m->region_count; i++) {
        pack_u32(to, m->regions[i].region);
        pack_u32(to, m->regions[i].granules);
    }
    pack_u32(to, m->section_count);
    for (u32 i = 0; i < m->section_count; i++) {
        pack_bytes(to, m->sections[i].name.at, m->sections[i].name.size);
        pack_bytes(to, m->sections[i].bytes.at, m->sections[i].bytes.size);
    }
    pack_u64(to, checksum_of(to->at, to->size));
}

/* How many entries follow; 0 and `bad` if so many of at least `bytes` cannot be there. */
static u32 unpack_count(struct unpack *from, u64 bytes) {
    u32 count = unpack_u32(from);
    if (count > (u64)(from->end - from->at) / bytes) from->bad = true;
    return from->bad ? 0 : count;
}

static void *list_of(u32 count, u64 bytes) {
    void *list = calloc(count + 1, bytes);
    ENSURE(list);
    return list;
}

static const char *unpack_files(struct unpack *from, struct manifest *m) {
    u32 count = unpack_count(from, DATA_REF_BYTES);
    m->files = list_of(count, sizeof *m->files);
    for (; m->file_count < count; m->file_count++) {
        struct data_ref *ref = &m->files[m->file_count];
        *ref = (struct data_ref){ .number = unpack_u64(from) };
        ref->file = unpack_u32(from);
        ref->granules = unpack_u32(from);
        ref->checksum = unpack_u64(from);
        if (!ref->number || ref->number > m->number || !ref->granules ||
            ref->granules > DATA_GRANULES_MAX)
            return "no data file can be like this one";
        if (m->file_count && !data_ref_before(ref - 1, ref))
            return "the data files are not in order";
    }
    return NULL;
}

static const char *unpack_regions(struct unpack *from, struct manifest *m) {
    u32 count = unpack_count(from, REGION_BYTES);
    m->regions = list_of(count, sizeof *m->regions);
    for (; m->region_count < count; m->region_count++) {
        struct region_size *size = &m->regions[m->region_count];
        size->region = unpack_u32(from);
        size->granules = unpack_u32(from);
        if (size->region >= SNAPSHOT_REGIONS_MAX || size->granules > SNAPSHOT_GRANULES_MAX)
            return "no region can be like this one";
        if (m->region_count && size[-1].region >= size->region)
            return "the regions are not in order";
    }
    return NULL;
}

static const char *unpack_sections(struct unpack *from, struct manifest *m) {
    u32 count = unpack_count(from, SECTION_BYTES_MIN);
    m->sections = list_of(count, sizeof *m->sections);
    for (; m->section_count < count; m->section_count++) {
        struct section *section = &m->sections[m->section_count];
        section->name = unpack_bytes(from);
        section->bytes = unpack_bytes(from);
        if (from->bad) break;
        if (!section->name.size || section->name.size > SECTION_NAME_MAX ||
            memchr(section->name.at, 0, section->name.size))
            return "no section can have this name";
    }
    return NULL;
}

static int unpack_body(struct unpack *from, const u8 *bytes, const char *name, struct manifest *m) {
    m->number = unpack_u64(from);
    m->stamp = unpack_i64(from);
    m->previous = unpack_u64(from);
    const char *wrong = m->previous < m->number ? NULL : "the number before is not smaller";
    if (!wrong) wrong = unpack_files(from, m);
    if (!wrong) wrong = unpack_regions(from, m);
    if (!wrong) wrong = unpack_sections(from, m);
    if (!wrong && !unpack_is_done(from)) wrong = "it does not end where it should";
    return wrong ? damaged(name, (u64)(from->at - bytes), wrong) : 0;
}

int manifest_unpack(const u8 *bytes, u64 size, const char *name, struct manifest *out) {
    *out = (struct manifest){ 0 };
    if (size < sizeof manifest_magic + sizeof(u32) + CHECKSUM_BYTES ||
        memcmp(bytes, manifest_magic, sizeof manifest_magic))
        return damaged(name, 0, "this is not the beginning of a manifest");
    if (end_checksum(bytes, size) != checksum_of(bytes, size - CHECKSUM_BYTES))
        return damaged(name, 0, "the manifest is damaged, or not whole");
    struct unpack from =
        unpack_of(bytes + sizeof manifest_magic, size - sizeof manifest_magic - CHECKSUM_BYTES);
    if (unpack_u32(&from) != FORMAT_VERSION)
        return damaged(name, sizeof manifest_magic,
                       "written in a format that this millrace has not");
    const void *job = unpack_room(&from, sizeof out->job.bytes);
    if (job) memcpy(out->job.bytes, job, sizeof out->job.bytes);
    if (!unpack_body(&from, bytes, name, out)) return 0;
    manifest_fini(out);
    return -1;
}

void manifest_fini(struct manifest *m) {
    free(m->files);
    free(m->regions);
    free(m->sections);
    *m = (struct manifest){ 0 };
}

bool manifest_names(const struct manifest *m, u64 number, u32 file) {
    struct data_ref wanted = { .number = number, .file = file };
    u32 low = 0, high = m->file_count;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        if (data_ref_before(&m->files[middle], &wanted))
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->file_count && m->files[low].number == number && m->files[low].file == file;
}
