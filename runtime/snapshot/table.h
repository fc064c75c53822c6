/* Which file holds a granule: what the newest snapshot's manifest says, kept in memory so that the
   next one writes only what changed. While a snapshot is written the table is ahead of the disk; a
   snapshot that fails puts it back. It counts what is alive of each file, which tells the files
   that are worth rewriting. */
#ifndef RUNTIME_SNAPSHOT_TABLE_H
#define RUNTIME_SNAPSHOT_TABLE_H

#include "runtime/snapshot/format.h"

struct data_file {
    struct data_ref ref;
    u32 alive; /* granules of it that nothing newer has replaced */
    u32 room;
    struct data_entry *entries;
};

struct place {
    struct data_file *file; /* null: none */
    u32 slot;               /* without a file, PLACE_GONE: older files may still have it */
};

#define PLACE_GONE 1u

struct table *table_make(void);
void table_free(struct table *t);

/* Files are the table's from here on. */
void table_add_file(struct table *t, struct data_file *file);
/* Those with something alive, oldest first. */
u32 table_files(const struct table *t, struct data_file *const **files);

void table_put(struct table *t, u32 region, u32 granule, struct data_file *file, u32 slot);
struct place table_get(const struct table *t, u32 region, u32 granule);

/* From here on the table remembers what it was, until table_keep or table_restore. */
void table_keep(struct table *t);    /* and files with nothing alive are dropped */
void table_restore(struct table *t); /* and files that were added are dropped */

/* The regions and sizes of the snapshot (ascending): what lies behind them is gone. Calls
   zero(arg, ...) for each granule that a region has grown over where an older file has something
   else: it has to be written. */
int table_resize(struct table *t, const struct region_size *sizes, u32 count,
                 int (*zero)(void *arg, u32 region, u32 granule), void *arg);

/* The file to rewrite next so that its space can be freed, if there is one and at most `budget`
   granules of it are alive. */
struct data_file *table_sparse_file(struct table *t, u32 budget);

#endif
