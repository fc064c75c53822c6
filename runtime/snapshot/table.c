/* Where the granules of the newest snapshot lie. A region's granules are found in pages of 512
   places, made when first used, since a region may be wide and mostly empty. While a snapshot is
   written every change is noted, so that one that fails leaves the table as it was. */
#include "runtime/snapshot/table.h"

#include "runtime/base/ensure.h"
#include "runtime/base/grow.h"
#include "runtime/snapshot/store.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BITS 9u
#define PAGE_PLACES (1u << PAGE_BITS)

/* Past so many files, those with the fewest granules alive are merged though they are not sparse;
   as many again as the state fills by itself. */
#define FILES_MANY 64u

struct region_table {
    u32 granules; /* as of the last snapshot that committed */
    u32 page_count;
    struct place **pages;
};

struct undo {
    u32 region, granule;
    struct place before;
};

struct table {
    struct region_table *regions;
    u32 region_count;
    struct data_file **files;              /* oldest first */
    u32 file_count, file_room, kept_files; /* kept: of the last snapshot that committed */
    struct undo *undo;
    u64 undo_count, undo_room;
    struct region_size *sizes; /* those of the snapshot that is being written */
    u32 size_count;
};

struct table *table_make(void) {
    struct table *t = calloc(1, sizeof *t);
    ENSURE(t);
    return t;
}

static void data_file_free(struct data_file *file) {
    free(file->entries);
    free(file);
}

void table_free(struct table *t) {
    for (u32 r = 0; r < t->region_count; r++) {
        for (u32 p = 0; p < t->regions[r].page_count; p++) free(t->regions[r].pages[p]);
        free(t->regions[r].pages);
    }
    for (u32 i = 0; i < t->file_count; i++) data_file_free(t->files[i]);
    free(t->regions);
    free(t->files);
    free(t->undo);
    free(t->sizes);
    free(t);
}

void table_add_file(struct table *t, struct data_file *file) {
    t->files = grown(t->files, t->file_count, &t->file_room, sizeof *t->files);
    t->files[t->file_count++] = file;
}

u32 table_files(const struct table *t, struct data_file *const **files) {
    *files = t->files;
    return t->file_count;
}

static struct region_table *region_of(struct table *t, u32 region) {
    if (region >= t->region_count) {
        ENSURE(region < SNAPSHOT_REGIONS_MAX);
        t->regions = realloc(t->regions, (region + 1) * sizeof *t->regions);
        ENSURE(t->regions);
        memset(t->regions + t->region_count, 0,
               (region + 1 - t->region_count) * sizeof *t->regions);
        t->region_count = region + 1;
    }
    return &t->regions[region];
}

static struct place *place_of(struct table *t, u32 region, u32 granule) {
    struct region_table *r = region_of(t, region);
    u32 page = granule >> PAGE_BITS;
    if (page >= r->page_count) {
        ENSURE(granule < SNAPSHOT_GRANULES_MAX);
        u32 count = page + 1 > 2 * r->page_count ? page + 1 : 2 * r->page_count;
        r->pages = realloc(r->pages, count * sizeof *r->pages);
        ENSURE(r->pages);
        memset(r->pages + r->page_count, 0, (count - r->page_count) * sizeof *r->pages);
        r->page_count = count;
    }
    if (!r->pages[page]) r->pages[page] = calloc(PAGE_PLACES, sizeof **r->pages);
    ENSURE(r->pages[page]);
    return &r->pages[page][granule & (PAGE_PLACES - 1)];
}

struct place table_get(const struct table *t, u32 region, u32 granule) {
    u32 page = granule >> PAGE_BITS;
    if (region >= t->region_count || page >= t->regions[region].page_count ||
        !t->regions[region].pages[page])
        return (struct place){ 0 };
    return t->regions[region].pages[page][granule & (PAGE_PLACES - 1)];
}

void table_put(struct table *t, u32 region, u32 granule, struct data_file *file, u32 slot) {
    struct place *place = place_of(t, region, granule);
    if (t->undo_count == t->undo_room) {
        t->undo_room = t->undo_room ? 2 * t->undo_room : 256;
        t->undo = realloc(t->undo, t->undo_room * sizeof *t->undo);
        ENSURE(t->undo);
    }
    t->undo[t->undo_count++] = (struct undo){ region, granule, *place };
    if (place->file) place->file->alive--;
    if (file) file->alive++;
    *place = (struct place){ file, slot };
}

void table_keep(struct table *t) {
    for (u32 r = 0; r < t->region_count; r++) t->regions[r].granules = 0;
    for (u32 i = 0; i < t->size_count; i++)
        region_of(t, t->sizes[i].region)->granules = t->sizes[i].granules;
    u32 kept = 0;
    for (u32 i = 0; i < t->file_count; i++) {
        if (t->files[i]->alive)
            t->files[kept++] = t->files[i];
        else
            data_file_free(t->files[i]);
    }
    t->file_count = t->kept_files = kept;
    t->undo_count = t->size_count = 0;
}

void table_restore(struct table *t) {
    while (t->undo_count) {
        const struct undo *undo = &t->undo[--t->undo_count];
        struct place *place = place_of(t, undo->region, undo->granule);
        if (place->file) place->file->alive--;
        if (undo->before.file) undo->before.file->alive++;
        *place = undo->before;
    }
    while (t->file_count > t->kept_files) data_file_free(t->files[--t->file_count]);
    t->size_count = 0;
}

static void region_cut(struct table *t, u32 region, u32 granules) {
    u32 page_count = t->regions[region].page_count;
    for (u32 page = granules >> PAGE_BITS; page < page_count; page++) {
        if (!t->regions[region].pages[page]) continue;
        for (u32 i = 0; i < PAGE_PLACES; i++) {
            u32 granule = (page << PAGE_BITS) + i;
            if (granule >= granules && table_get(t, region, granule).file)
                table_put(t, region, granule, NULL, PLACE_GONE);
        }
    }
}

int table_resize(struct table *t, const struct region_size *sizes, u32 count,
                 int (*zero)(void *arg, u32 region, u32 granule), void *arg) {
    free(t->sizes);
    t->sizes = calloc(count + 1, sizeof *sizes);
    ENSURE(t->sizes);
    if (count) memcpy(t->sizes, sizes, count * sizeof *sizes);
    t->size_count = count;
    for (u32 r = 0, i = 0; r < t->region_count; r++) {
        while (i < count && sizes[i].region < r) i++;
        region_cut(t, r, i < count && sizes[i].region == r ? sizes[i].granules : 0);
    }
    for (u32 i = 0; i < count; i++) {
        u32 region = sizes[i].region;
        u32 before = region < t->region_count ? t->regions[region].granules : 0;
        for (u32 granule = before; granule < sizes[i].granules; granule++) {
            struct place place = table_get(t, region, granule);
            if (!place.file && place.slot == PLACE_GONE && zero(arg, region, granule)) return -1;
        }
    }
    return 0;
}

struct data_file *table_sparse_file(struct table *t, u32 budget) {
    struct data_file *best = NULL;
    u64 alive = 0;
    u32 count = 0;
    for (u32 i = 0; i < t->kept_files; i++) {
        struct data_file *file = t->files[i];
        if (!file->alive) continue;
        count++;
        alive += file->alive;
        if (!best || file->alive < best->alive) best = file;
    }
    if (!best || best->alive > budget) return NULL;
    bool many = count > FILES_MANY + 2 * alive / DATA_GRANULES_MAX;
    if (many || 3 * best->alive < best->ref.granules) return best;
    for (u32 i = 0; i < t->kept_files; i++) {
        struct data_file *file = t->files[i];
        if (file->alive && 3 * file->alive < file->ref.granules && file->alive <= budget)
            return file;
    }
    return NULL;
}
