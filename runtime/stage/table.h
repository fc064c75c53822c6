/* A look-up table: rows read once before the start, found by the columns that `lookup` compares
   with ==. Read-only while the job runs, shared by all workers. Several rows may have one key; they
   are found in the order of the file. */
#ifndef RUNTIME_STAGE_TABLE_H
#define RUNTIME_STAGE_TABLE_H

#include "runtime/base/base.h"

struct budget;

struct table_ops {
    u32 row_size; /* the row in register form: strings are struct str, their bytes kept by the
                     table; a multiple of 8 */
    u64 (*row_hash)(const void *row, u64 hash_key);
};

struct table_slot {
    u32 tag, row;
}; /* tag: high half of the hash, never 0; row: number; 0,0 is empty */

struct table {
    const struct table_ops *ops;
    struct table_slot *slots; /* open addressing, at most a quarter full, linear; equal keys in
                                 order of the file */
    u64 mask;
    u8 *rows;
    u32 count;
    bool repeats; /* two rows have one hash: maybe one key. Else a look-up is over at its first
                     match */
    u64 hash_key;
    struct table_store *store; /* growing, strings, the budget: table.c */
};

/* Loading is done by one thread; budget may be null. */
void table_open(struct table *t, const struct table_ops *ops, u64 hash_key, struct budget *budget);
void table_close(struct table *t);

/* Adds a row while the table is loaded; strings are copied. texts: offsets of its struct str
   fields. False: the job is over its memory limit now (the row was added all the same). */
bool table_add(struct table *t, const void *row, const u16 *texts, u32 text_count);

/* Walks the candidates of a hash; the caller compares:
       for (u64 at = table_home(t, h); (row = table_next(t, row_size, h, &at)); ) if (equal(row))
   ...   */
ALWAYS_INLINE u64 table_home(const struct table *t, u64 hash) {
    return hash & t->mask;
}
ALWAYS_INLINE const void *table_next(const struct table *t, u32 row_size, u64 hash, u64 *at) {
    for (u32 tag = (u32)(hash >> 32) | 1;; *at = (*at + 1) & t->mask) {
        struct table_slot s = t->slots[*at];
        if (!s.tag) return NULL;
        if (s.tag == tag) {
            *at = (*at + 1) & t->mask;
            return t->rows + (u64)s.row * row_size;
        }
    }
}

/* Its bytes of memory. */
u64 table_bytes(const struct table *t);

#endif
