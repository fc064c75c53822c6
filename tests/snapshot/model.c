#include "tests/snapshot/model.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void model_fill(u64 from, u8 *bytes) {
    memset(bytes, 0, SNAPSHOT_GRANULE_BYTES);
    if (!from) return;
    struct prng prng;
    prng_init(&prng, from);
    for (u32 i = 0; i < SNAPSHOT_GRANULE_BYTES; i += 8) {
        u64 word = prng_next(&prng);
        memcpy(bytes + i, &word, sizeof word);
    }
}

static void resize(struct model *m, u32 region, u32 granules) {
    for (u32 g = granules; g < MODEL_GRANULES; g++) {
        m->granule[region][g] = 0;
        m->dirty[region][g] = false;
    }
    m->regions[region] = granules;
}

void model_change(struct model *m, struct prng *prng, u32 changes) {
    u32 region = (u32)prng_below(prng, MODEL_REGIONS);
    if (!m->regions[0]) resize(m, 0, MODEL_GRANULES / 2);
    if (prng_chance(prng, 1, 3))
        resize(m, region, region ? (u32)prng_below(prng, MODEL_GRANULES + 1) : MODEL_GRANULES);
    m->section = prng_next(prng);
    while (changes--) {
        region = (u32)prng_below(prng, MODEL_REGIONS);
        if (!m->regions[region]) continue;
        u32 granule = (u32)prng_below(prng, m->regions[region]);
        if (prng_chance(prng, 2, 3)) granule /= 4; /* some are changed more often */
        m->granule[region][granule] = prng_chance(prng, 1, 20) ? 0 : prng_next(prng);
        m->dirty[region][granule] = true;
    }
}

void model_dirty_all(struct model *m) {
    for (u32 r = 0; r < MODEL_REGIONS; r++)
        for (u32 g = 0; g < m->regions[r]; g++)
            if (m->granule[r][g]) m->dirty[r][g] = true;
}

int model_give(const struct model *m, struct snapshot_writer *to) {
    u8 bytes[SNAPSHOT_GRANULE_BYTES];
    for (u32 r = 0; r < MODEL_REGIONS; r++) {
        for (u32 g = 0; g < m->regions[r]; g++) {
            if (!m->dirty[r][g]) continue;
            model_fill(m->granule[r][g], bytes);
            if (snapshot_granule(to, r, g, bytes)) return -1;
        }
        if (m->regions[r]) snapshot_region(to, r, m->regions[r]);
    }
    snapshot_section(to, "model", &m->section, sizeof m->section);
    return 0;
}

int model_commit(struct model *m, struct store *s, u64 number) {
    struct snapshot_writer *writer = snapshot_begin(s, number);
    if (!writer) return -1;
    if (model_give(m, writer)) {
        snapshot_give_up(writer);
        return -1;
    }
    if (snapshot_commit(writer, NULL)) return -1;
    memset(m->dirty, 0, sizeof m->dirty);
    return 0;
}

static bool region_is(const struct model *m, u32 region, const struct snapshot *snapshot) {
    struct image image;
    u8 bytes[SNAPSHOT_GRANULE_BYTES];
    if (!snapshot_image(snapshot, region, &image)) return m->regions[region] == 0;
    if (image.bytes != (u64)m->regions[region] * SNAPSHOT_GRANULE_BYTES) return false;
    for (u32 g = 0; g < m->regions[region]; g++) {
        model_fill(m->granule[region][g], bytes);
        if (memcmp(image.at + (u64)g * sizeof bytes, bytes, sizeof bytes)) return false;
    }
    return true;
}

bool model_is(const struct model *m, const struct snapshot *snapshot) {
    struct unpack section;
    if (!snapshot_find(snapshot, "model", &section) || unpack_u64(&section) != m->section ||
        !unpack_is_done(&section))
        return false;
    for (u32 r = 0; r < MODEL_REGIONS; r++)
        if (!region_is(m, r, snapshot)) return false;
    return true;
}

int model_check(const struct model *m, struct store *s, u64 number) {
    struct snapshot *snapshot = snapshot_load(s, number);
    if (!snapshot) return -1;
    bool same = model_is(m, snapshot);
    snapshot_free(snapshot);
    return same ? 0
                : error_set(0, "snapshot %llu holds something else", (unsigned long long)number);
}

void scratch_make(char *path, u64 room) {
    const char *memory = "/dev/shm";
    snprintf(path, room, "%s/millrace-snapshot-XXXXXX", access(memory, W_OK) ? P_tmpdir : memory);
    ENSURE(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    return remove(path);
}

void scratch_remove(const char *path) {
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
