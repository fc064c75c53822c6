/* What a job would remember, small enough to be compared whole: a few regions whose granules are
   each made from a number (0: zeros). It changes at random from a seed, is written as a snapshot of
   what changed, and knows whether a snapshot that was loaded is it. */
#ifndef TESTS_SNAPSHOT_MODEL_H
#define TESTS_SNAPSHOT_MODEL_H

#include "runtime/base/prng.h"
#include "runtime/snapshot/store.h"

#define MODEL_REGIONS 4u
#define MODEL_GRANULES 48u

struct model {
    u32 regions[MODEL_REGIONS]; /* granules; 0: the region is not there */
    u64 granule[MODEL_REGIONS][MODEL_GRANULES];
    bool dirty[MODEL_REGIONS][MODEL_GRANULES]; /* has to be in the next snapshot */
    u64 section;
};

/* The bytes of a granule. */
void model_fill(u64 from, u8 *bytes);

/* Changes about `changes` granules; now and then regions grow, shrink, go and come. */
void model_change(struct model *m, struct prng *prng, u32 changes);

/* All granules have to be given: the store was opened anew. */
void model_dirty_all(struct model *m);

/* Gives a writer all that is dirty, the regions and the section. -1 as snapshot_granule. */
int model_give(const struct model *m, struct snapshot_writer *to);

/* Writes what is dirty as a snapshot. 0: then nothing is dirty any more; -1: all of it still is. */
int model_commit(struct model *m, struct store *s, u64 number);

bool model_is(const struct model *m, const struct snapshot *snapshot);

/* Loads and compares; a trail if it is not so. */
int model_check(const struct model *m, struct store *s, u64 number);

/* ---- folders for tests ---- */

/* A new folder in memory if the machine has such, else in the place for temporary files. */
void scratch_make(char *path, u64 room);
/* It and all in it. */
void scratch_remove(const char *path);

#endif
