/* A compiled job in simulation: its own sources, its sinks' bytes kept in memory, tiny rings,
   morsels from one record up. For each size of morsels every seed, at every p, must give the bytes
   that the job gives at -p 1.

       sim_job JOB.so [--seeds N] [--first SEED] [--set name=value]... */
#include "tests/sim/sim.h"

#include "io/connector.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/text_buf.h"
#include "runtime/exec/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SINKS_MAX 64u

struct kept {
    char name[100];
    struct text_buf bytes;
};
struct outputs {
    struct kept sinks[SINKS_MAX];
    u32 count;
};

static struct outputs *now; /* of the run at hand */

static void *kept_open(struct env *env, const struct sink_spec *spec) {
    ENSURE(now->count < SINKS_MAX);
    struct kept *k = &now->sinks[now->count++];
    snprintf(k->name, sizeof k->name, "%s", spec->name);
    text_buf_init(&k->bytes);
    return k;
}
static int kept_write(void *self, const u8 *at, u64 size) {
    text_buf_put(&((struct kept *)self)->bytes, at, size);
    return 0;
}
static int nothing(void *self) {
    return 0;
}
static const struct sink_ops *keep(const char *connector) {
    static const struct sink_ops ops = { .name = "memory",
                                         .open = kept_open,
                                         .write = kept_write,
                                         .flush = nothing,
                                         .finish = nothing };
    return &ops;
}
static void forget(struct outputs *o) {
    for (u32 i = 0; i < o->count; i++) text_buf_fini(&o->sinks[i].bytes);
    o->count = 0;
}

/* The sinks are opened in the order of stages. Null: the same. */
static const char *differs(const struct outputs *a, const struct outputs *b) {
    for (u32 i = 0; i < a->count; i++) {
        const struct text_buf *x = &a->sinks[i].bytes, *y = &b->sinks[i].bytes;
        if (x->size != y->size || (x->size && memcmp(x->at, y->at, x->size)))
            return a->sinks[i].name;
    }
    return NULL;
}

static const char *const answers[] = { "", "deadlock" };

static bool run(const struct job *job, const struct engine_config *config, u64 seed,
                struct outputs *out) {
    now = out;
    enum sim_answer answer = sim_run(job, config, seed, NULL);
    if (answer == SIM_DONE) return true;
    printf("FAILED seed %lu, p = %u, morsels of %lu bytes: %s\n", seed, config->workers,
           config->morsel_bytes, answer == SIM_FAILED ? error_text() : answers[answer]);
    return false;
}

static bool check_seed(const struct job *job, struct engine_config config, u64 seed,
                       const struct outputs *want) {
    static const u32 ps[] = { 1, 2, 3, 4, 7 };
    struct outputs got = { .count = 0 };
    config.workers = ps[seed % 5];
    config.rings = true;
    sim_squeeze(&config, seed);
    bool good = run(job, &config, seed, &got);
    const char *sink = good ? differs(want, &got) : NULL;
    if (sink)
        printf("FAILED seed %lu, p = %u, morsels of %lu bytes: other bytes at `%s`\n", seed,
               config.workers, config.morsel_bytes, sink);
    forget(&got);
    return good && !sink;
}

static u32 check_size(const struct job *job, struct engine_config config, u64 first, u64 seeds,
                      u64 *bytes) {
    struct outputs want = { .count = 0 };
    config.lookback = 4; /* as sim_squeeze: the choice of sources depends on it */
    u32 failed = !run(job, &config, first, &want);
    for (u64 i = 0; i < seeds && failed < 5; i++)
        failed += !check_seed(job, config, first + i, &want);
    for (u32 i = 0; i < want.count; i++) *bytes += want.sinks[i].bytes.size;
    forget(&want);
    return failed;
}

int main(int argc, char **argv) {
    struct sim_words words;
    struct engine_config config = { .workers = 1, .source = connector_source, .sink = keep };
    struct loaded_job loaded;
    if (argc < 2 || !sim_read_words(&words, argc, argv, 2) || loader_open(argv[1], &loaded)) {
        printf("sim_job: %s\n", argc < 2 ? "which job?" : error_text());
        return 2;
    }
    config.params = (struct param_values){ words.params, words.param_count };
    static const u64 sizes[] = { 1, 60, 1000 };
    u32 failed = 0;
    u64 bytes = 0;
    for (u32 i = 0; i < 3; i++) {
        config.morsel_bytes = sizes[i];
        failed += check_size(loaded.job, config, words.first, words.seeds, &bytes);
    }
    printf("%s in simulation, %lu bytes: %lu passed, %u failed\n", loaded.job->name, bytes,
           3 * words.seeds - failed, failed);
    loader_close(&loaded);
    return failed != 0;
}
