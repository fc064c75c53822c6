/* Reading a snapshot. Nothing that lies on the disk is believed: manifest, heads, indexes and
   granules are checked on the way, and no image is handed out before all of them were. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_GRANULES 256u /* read at once: what stays in a core's cache until it is taken */
#define IMAGE_ALIGN ((u64)2 << 20) /* so that each region begins on a huge page */

struct snapshot {
    struct manifest m;
    u8 *bytes; /* the manifest's */
    u8 *images;
    u64 images_bytes;
    u64 *image_at; /* offset of each region's */
};

/* ---- walking ---- */

int walk_start(struct walk *w, const struct manifest *m) {
    w->m = m;
    w->seen = calloc(m->region_count + 1, sizeof *w->seen);
    ENSURE(w->seen);
    for (u32 i = 0; i < m->region_count; i++) {
        w->seen[i] = calloc(m->regions[i].granules / 64 + 1, sizeof **w->seen);
        if (!w->seen[i])
            return error_set(ENOMEM, "region %u has %u granules", m->regions[i].region,
                             m->regions[i].granules);
    }
    return 0;
}

void walk_end(struct walk *w) {
    for (u32 i = 0; w->seen && i < w->m->region_count; i++) free(w->seen[i]);
    free(w->seen);
    free(w->block);
    w->seen = NULL;
    w->block = NULL;
}

/* The damage in the trail is told, or ends the walk. */
static int told(struct walk *w) {
    w->damages++;
    if (!w->damage) return -1;
    w->damage(w->arg, error_text());
    return 0;
}

/* False: the snapshot has no such region. */
static bool region_index(const struct manifest *m, u32 region, u32 *index) {
    u32 low = 0, high = m->region_count;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        if (m->regions[middle].region < region)
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return low < m->region_count && m->regions[low].region == region;
}

/* Is this the newest of a granule that the snapshot has? */
static bool is_wanted(struct walk *w, const struct data_entry *entry, u32 *index) {
    const struct manifest *m = w->m;
    if (*index >= m->region_count || m->regions[*index].region != entry->region)
        if (!region_index(m, entry->region, index)) return false;
    if (entry->granule >= m->regions[*index].granules) return false;
    u64 *word = &w->seen[*index][entry->granule / 64], bit = (u64)1 << entry->granule % 64;
    bool first = !(*word & bit);
    *word |= bit;
    return first;
}

/* A part of a file, at most a block or the longest index; good until the next call. Reading, not
   mapping: a disk that fails, or a file that is cut meanwhile, ends in a trail and not in SIGBUS.
   Null: a trail. */
static const void *part_of(struct walk *w, const struct bytes_of *from, u64 offset, u64 size,
                           const char *name) {
    ENSURE(offset + size <= from->size && size <= BLOCK_GRANULES * DATA_GRANULE_BYTES);
    if (from->at) return from->at + offset;
    if (!w->block) w->block = malloc(BLOCK_GRANULES * DATA_GRANULE_BYTES);
    ENSURE(w->block);
    i64 got = env_read_at(from->env, from->file, w->block, size, offset);
    if (got == (i64)size) return w->block;
    if (got >= 0) error_set(0, "%s is shorter than it was", name);
    error_add("offset %llu", (unsigned long long)offset);
    return NULL;
}

/* The caller's copy. */
static struct data_entry *read_index(struct walk *w, const struct data_ref *ref,
                                     const struct bytes_of *from, const char *name) {
    u64 checksum, size = ref->granules * sizeof(struct data_entry);
    if (from->size < DATA_HEAD_BYTES) {
        error_set(0, "%s, offset 0: this is not the head of a data file", name);
        return NULL;
    }
    const void *part = part_of(w, from, 0, DATA_HEAD_BYTES, name);
    if (!part || data_check_head(part, from->size, ref, &w->m->job, name, &checksum)) return NULL;
    part = part_of(w, from, data_granule_at(ref->granules), size, name);
    if (!part) return NULL;
    struct data_entry *index = malloc(size);
    ENSURE(index);
    memcpy(index, part, size);
    if (!data_check_index(index, ref->granules, checksum, name)) return index;
    free(index);
    return NULL;
}

/* The granules [first, end) of a file: checked in their order, then taken, the last one first. */
static int walk_block(struct walk *w, const struct data_entry *index, u32 first, u32 end,
                      const u8 *granules, const char *name) {
    bool damaged[BLOCK_GRANULES] = { false };
    u32 region = 0;
    for (u32 slot = first; slot < end; slot++) {
        const u8 *granule = granules + (u64)(slot - first) * DATA_GRANULE_BYTES;
        if (!data_check_granule(&index[slot], slot, granule, name)) continue;
        damaged[slot - first] = true;
        if (told(w)) return -1;
    }
    for (u32 slot = end; w->granule && slot-- > first;) {
        const u8 *granule = granules + (u64)(slot - first) * DATA_GRANULE_BYTES;
        if (damaged[slot - first] || !is_wanted(w, &index[slot], &region)) continue;
        if (w->granule(w->arg, region, index[slot].granule, granule)) return -1;
    }
    return 0;
}

int walk_file(struct walk *w, const struct data_ref *ref, const struct bytes_of *from,
              const char *name) {
    struct data_entry *index = read_index(w, ref, from, name);
    if (!index) return told(w);
    int failed = 0;
    for (u32 end = ref->granules, first; end && !failed; end = first) {
        first = (end - 1) / BLOCK_GRANULES * BLOCK_GRANULES;
        u64 size = (u64)(end - first) * DATA_GRANULE_BYTES;
        const u8 *granules = part_of(w, from, data_granule_at(first), size, name);
        failed = granules ? walk_block(w, index, first, end, granules, name) : told(w);
    }
    free(index);
    return failed;
}

static int walk_one(struct walk *w, struct store *s, const struct data_ref *ref) {
    struct path path;
    struct bytes_of from = { .env = s->env };
    struct env_file_info info = { 0 };
    path_of_data(s, ref->number, ref->file, &path);
    if (env_open(s->env, path.text, ENV_OPEN_PLAIN, &from.file)) return told(w);
    int failed = env_info(s->env, from.file, &info);
    if (!failed && info.kind != ENV_FILE_REGULAR)
        failed = error_set(0, "%s is not a regular file", path.text);
    from.size = info.size;
    failed = failed ? told(w) : walk_file(w, ref, &from, path.text);
    env_close(s->env, from.file);
    return failed;
}

int walk_all(struct walk *w, struct store *s) {
    for (u32 i = w->m->file_count; i-- > 0;)
        if (walk_one(w, s, &w->m->files[i])) return -1;
    return 0;
}

i64 store_check(struct store *s, u64 number, void (*damage)(void *arg, const char *text),
                void *arg) {
    u8 *bytes;
    u64 size;
    struct manifest m;
    if (manifest_load(s, number, &bytes, &size, &m)) {
        if (error_number() == ENOENT) return -1;
        damage(arg, error_text());
        return 1;
    }
    struct walk w = { .damage = damage, .arg = arg };
    w.m = &m;
    walk_all(&w, s);
    walk_end(&w);
    manifest_fini(&m);
    free(bytes);
    return w.damages;
}

/* ---- loading ---- */

void snapshot_free(struct snapshot *snapshot) {
    if (snapshot->images) env_huge_free(snapshot->images, snapshot->images_bytes);
    manifest_fini(&snapshot->m);
    free(snapshot->image_at);
    free(snapshot->bytes);
    free(snapshot);
}

struct snapshot *snapshot_open(struct store *s, u64 number) {
    u64 size;
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    ENSURE(snapshot);
    if (!manifest_load(s, number, &snapshot->bytes, &size, &snapshot->m)) return snapshot;
    free(snapshot);
    return NULL;
}

static int images_make(struct snapshot *snapshot) {
    const struct manifest *m = &snapshot->m;
    u64 bytes = 0;
    snapshot->image_at = calloc(m->region_count + 1, sizeof *snapshot->image_at);
    ENSURE(snapshot->image_at);
    for (u32 i = 0; i < m->region_count; i++) {
        snapshot->image_at[i] = bytes;
        bytes += ((u64)m->regions[i].granules * DATA_GRANULE_BYTES + IMAGE_ALIGN - 1) &
                 ~(IMAGE_ALIGN - 1);
    }
    snapshot->images_bytes = bytes ? bytes : IMAGE_ALIGN;
    snapshot->images = env_huge_alloc(snapshot->images_bytes);
    return snapshot->images ? 0 : -1;
}

static int take_granule(void *arg, u32 index, u32 granule, const u8 *bytes) {
    struct snapshot *snapshot = arg;
    u64 at = snapshot->image_at[index] + (u64)granule * DATA_GRANULE_BYTES;
    memcpy(snapshot->images + at, bytes, DATA_GRANULE_BYTES);
    return 0;
}

static void no_damage(void *arg, const char *text) {}

/* Puts behind the trail what can be done now. */
static void tell_the_way_on(struct store *s, u64 number) {
    struct error_trail trail;
    u64 intact = 0;
    error_save(&trail);
    for (u32 i = s->entry_count; i-- > 0 && !intact;) {
        u64 older = s->entries[i].info.number;
        if (older < number && !store_check(s, older, no_damage, NULL)) intact = older;
    }
    size_t size = strlen(trail.text), room = sizeof trail.text - size;
    if (intact)
        snprintf(trail.text + size, room,
                 "; snapshot %llu is intact: millrace run --from %llu goes on from it",
                 (unsigned long long)intact, (unsigned long long)intact);
    else
        snprintf(trail.text + size, room,
                 "; no older snapshot is intact: millrace run --fresh starts over");
    error_restore(&trail);
}

struct snapshot *snapshot_load(struct store *s, u64 number) {
    struct snapshot *snapshot = snapshot_open(s, number);
    struct walk w = { .granule = take_granule, .arg = snapshot };
    int failed = snapshot ? images_make(snapshot) : -1;
    if (!failed) failed = walk_start(&w, &snapshot->m);
    if (!failed) failed = walk_all(&w, s);
    walk_end(&w);
    if (!failed) return snapshot;
    if (snapshot) snapshot_free(snapshot);
    error_add("snapshot %llu", (unsigned long long)number);
    tell_the_way_on(s, number);
    return NULL;
}

/* ---- what is in it ---- */

u64 snapshot_number(const struct snapshot *snapshot) {
    return snapshot->m.number;
}

i64 snapshot_stamp(const struct snapshot *snapshot) {
    return snapshot->m.stamp;
}

u32 snapshot_sections(const struct snapshot *snapshot) {
    return snapshot->m.section_count;
}

struct str snapshot_section_at(const struct snapshot *snapshot, u32 i, struct unpack *out) {
    ENSURE(i < snapshot->m.section_count);
    const struct section *section = &snapshot->m.sections[i];
    *out = unpack_of(section->bytes.at, section->bytes.size);
    return section->name;
}

bool snapshot_find(const struct snapshot *snapshot, const char *name, struct unpack *out) {
    u64 size = strlen(name);
    for (u32 i = 0; i < snapshot->m.section_count; i++) {
        struct str at = snapshot_section_at(snapshot, i, out);
        if (at.size == size && !memcmp(at.at, name, size)) return true;
    }
    return false;
}

u32 snapshot_regions(const struct snapshot *snapshot) {
    return snapshot->m.region_count;
}

u32 snapshot_region_at(const struct snapshot *snapshot, u32 i, u32 *granules) {
    ENSURE(i < snapshot->m.region_count);
    *granules = snapshot->m.regions[i].granules;
    return snapshot->m.regions[i].region;
}

bool snapshot_image(const struct snapshot *snapshot, u32 region, struct image *out) {
    u32 i;
    if (!snapshot->images || !region_index(&snapshot->m, region, &i)) return false;
    *out = (struct image){ snapshot->images + snapshot->image_at[i],
                           (u64)snapshot->m.regions[i].granules * DATA_GRANULE_BYTES };
    return true;
}
