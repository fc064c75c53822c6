/* Reading a snapshot. Nothing that lies on the disk is believed: manifest, heads, indexes and
   granules are checked on the way, and no image is handed out before all of them were. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    w->seen = NULL;
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

int walk_file(struct walk *w, const struct data_ref *ref, const u8 *at, u64 size,
              const char *name) {
    const struct data_entry *entries;
    u32 index = 0;
    if (data_check_head(at, size, ref, &w->m->job, name, &entries)) return told(w);
    for (u32 slot = ref->granules; slot-- > 0;) {
        const u8 *granule = at + data_granule_at(slot);
        if (data_check_granule(&entries[slot], slot, granule, name)) {
            if (told(w)) return -1;
        } else if (w->granule && is_wanted(w, &entries[slot], &index)) {
            if (w->granule(w->arg, index, entries[slot].granule, granule)) return -1;
        }
    }
    return 0;
}

static int walk_one(struct walk *w, struct store *s, const struct data_ref *ref) {
    struct path path;
    struct env_file file;
    struct env_file_info info = { 0 };
    struct env_map map;
    path_of_data(s, ref->number, ref->file, &path);
    if (env_open(s->env, path.text, ENV_OPEN_PLAIN, &file)) return told(w);
    int failed = env_info(s->env, file, &info);
    if (!failed && info.kind != ENV_FILE_REGULAR)
        failed = error_set(0, "%s is not a regular file", path.text);
    if (!failed) failed = env_map_file(s->env, file, info.size, &map);
    env_close(s->env, file);
    if (failed) return told(w);
    failed = walk_file(w, ref, map.at, map.size, path.text);
    env_unmap(&map);
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
