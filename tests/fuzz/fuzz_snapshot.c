/* libFuzzer: any bytes as a manifest and a data file, each under checksums that are right, so that
   what lies behind them is reached too. The first two bytes say where the manifest ends. After
   meson setup build-fuzz -Dfuzz=true with CC=clang: build-fuzz/tests/fuzz/fuzz_snapshot CORPUS */
#include "runtime/snapshot/checksum.h"
#include "runtime/snapshot/store_parts.h"

#include <stdlib.h>
#include <string.h>

#define GRANULES_TRIED (1u << 20) /* a manifest may promise more than a fuzzer has memory for */

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);

static void seal(u8 *bytes, u64 size) {
    u64 sum = size >= sizeof sum ? checksum_of(bytes, size - sizeof sum) : 0;
    if (size >= sizeof sum) memcpy(bytes + size - sizeof sum, &sum, sizeof sum);
}

/* Index and head of the file as it would be if it were what the manifest names. */
static void seal_data(u8 *file, u64 size, struct data_ref *ref) {
    u64 index = data_granule_at(ref->granules), sum;
    if (size < DATA_HEAD_BYTES) return;
    if (size > index) {
        sum = checksum_of(file + index, size - index);
        memcpy(file + 48, &sum, sizeof sum);
    }
    seal(file, DATA_HEAD_BYTES);
    memcpy(&ref->checksum, file + DATA_HEAD_BYTES - sizeof ref->checksum, sizeof ref->checksum);
}

static int touch(void *arg, u32 index, u32 granule, const u8 *bytes) {
    const struct manifest *m = arg;
    if (granule >= m->regions[index].granules) abort();
    u8 sum = 0;
    for (u32 i = 0; i < DATA_GRANULE_BYTES; i++) sum ^= bytes[i];
    return sum == 77;
}

static void note_damage(void *arg, const char *text) {}

static void walk(struct manifest *m, u8 *file, u64 size) {
    struct walk w = { .granule = touch, .damage = note_damage, .arg = m };
    u64 granules = 0;
    for (u32 i = 0; i < m->region_count; i++) granules += m->regions[i].granules;
    if (granules > GRANULES_TRIED || !m->file_count) return;
    if (!walk_start(&w, m)) {
        seal_data(file, size, &m->files[0]);
        struct bytes_of from = { .at = file, .size = size };
        walk_file(&w, &m->files[0], &from, "data");
    }
    walk_end(&w);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size) {
    if (size < 2) return 0;
    u64 at = (u64)bytes[0] << 8 | bytes[1], rest = size - 2;
    u64 manifest_size = at < rest ? at : rest, data_size = rest - manifest_size;
    u8 *manifest = malloc(manifest_size + 1), *data = malloc(data_size + 1);
    memcpy(manifest, bytes + 2, manifest_size);
    memcpy(data, bytes + 2 + manifest_size, data_size);
    seal(manifest, manifest_size);
    struct manifest m;
    if (!manifest_unpack(manifest, manifest_size, "MANIFEST", &m)) {
        walk(&m, data, data_size);
        manifest_fini(&m);
    }
    free(manifest);
    free(data);
    return 0;
}
