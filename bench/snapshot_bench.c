/* What a snapshot costs: writing MiB of granules whole, then a tenth of them, and loading, in a
   folder of its own under DIR. snapshot_bench [MiB] [repetitions] [DIR]; 0 MiB: a little, to see
   that it runs. CPU time is that of the one thread; the rest of the time is the disk's. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct watch {
    double wall, cpu;
};

static struct watch start(void) {
    return (struct watch){ seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID) };
}

static void tell(const char *what, struct watch from, double mib) {
    double wall = seconds(CLOCK_MONOTONIC) - from.wall;
    double cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - from.cpu;
    printf("%-22s %6.1f MiB %8.1f ms CPU %8.1f ms  %8.1f ms CPU a GiB\n", what, mib, cpu * 1e3,
           wall * 1e3, cpu * 1e3 / mib * 1024);
}

static void check(bool fine) {
    if (fine) return;
    fprintf(stderr, "snapshot_bench: %s\n", error_text());
    exit(1);
}

/* Every step-th granule. */
static void write_snapshot(struct store *s, const u8 *state, u32 granules, u32 step,
                           const char *what) {
    struct watch watch = start();
    struct snapshot_writer *w = snapshot_begin(s, store_next(s));
    check(w);
    for (u32 g = 0; g < granules; g += step)
        check(!snapshot_granule(w, 0, g, state + (u64)g * SNAPSHOT_GRANULE_BYTES));
    snapshot_region(w, 0, granules);
    tell(what, watch, granules / 256.0 / step);
    struct snapshot_result result;
    check(!snapshot_commit(w, &result));
    tell("  with sync and commit", watch, (double)result.bytes / (1 << 20));
    check(!store_sweep(s));
}

static void on_damage(void *arg, const char *text) {
    fprintf(stderr, "snapshot_bench: %s\n", text);
}

static void load_snapshot(struct store *s, u32 granules) {
    struct watch watch = start();
    check(!store_check(s, store_newest(s), on_damage, NULL));
    tell("check alone", watch, (double)store_info(s, store_count(s) - 1)->bytes / (1 << 20));
    watch = start();
    struct snapshot *snapshot = snapshot_load(s, store_newest(s));
    check(snapshot);
    tell("load", watch, granules / 256.0);
    snapshot_free(snapshot);
}

int main(int argc, char **argv) {
    u32 mib = argc > 1 ? (u32)atoi(argv[1]) : 64;
    u32 granules = mib ? mib * 256 : 300;
    struct env env = env_real();
    char dir[] = "snapshot-bench-XXXXXX", path[256], command[300];
    ENSURE(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/state", dir);
    if (argc > 3) snprintf(path, sizeof path, "%s/%s", argv[3], dir);
    u8 *state = env_huge_alloc((u64)granules * SNAPSHOT_GRANULE_BYTES);
    check(state);
    for (u64 i = 0; i < (u64)granules * SNAPSHOT_GRANULE_BYTES / 8; i++)
        ((u64 *)(void *)state)[i] = i * 0x9E3779B97F4A7C15u;
    struct store *s = store_open(&env, path, true);
    check(s);
    for (int i = argc > 2 ? atoi(argv[2]) : 1; i > 0; i--) {
        write_snapshot(s, state, granules, 1, "whole");
        write_snapshot(s, state, granules, 10, "a tenth");
        load_snapshot(s, granules);
    }
    store_close(s);
    env_huge_free(state, (u64)granules * SNAPSHOT_GRANULE_BYTES);
    snprintf(command, sizeof command, "rm -r %s %s", dir, argc > 3 ? path : "");
    return system(command) ? 1 : 0;
}
