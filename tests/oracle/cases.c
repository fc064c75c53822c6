/* Runs jobs in every way that must not show in what they write: fused, or with rings at -p 1, 2, 4
   and 7, with morsels from one record up, with rings of one slot, on threads and in the simulator.
   What the first run writes (the product's sizes, fused if the job can be) stays in the case's
   folder, to be compared with the expected rows; all others must write the same, byte for byte.

   Jobs of several sources may write something else at another size of morsels, since their sources
   meet in another order: --sizes lines asks only for the same lines in any order there, --sizes
   apart for nothing. At one size it is the same bytes for them too.

   cases [--flags FLAGS] [--threads all|some] [--sims COUNT] [--seed SEED]
         [--sizes bytes|lines|apart] [--spoil byte|order|line] FOLDER...

   --threads some: at all sizes but the product's one -p, from the seed. */
#include "tests/oracle/case_job.h"
#include "tests/oracle/output.h"
#include "tests/sim/sim.h"

#include "io/connector.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZES 4u
#define HANGS_NS (60 * 1000000000ll)

/* What is done to an output before it is compared, to show that the comparison would see it. */
enum spoil {
    SPOIL_NOTHING,
    SPOIL_BYTE,  /* of the last run */
    SPOIL_ORDER, /* two lines of the last run */
    SPOIL_LINE,  /* one less in the first run at the last size */
    SPOILS,
};
static const char *const spoil_words[SPOILS] = { "nothing", "byte", "order", "line" };

static const char *const threads_words[2] = { "all", "some" };

struct options {
    const char *flags;
    bool some_threads;
    u64 sims, seed;
    enum alike sizes; /* outputs at different sizes of morsels */
    enum spoil spoil;
};

struct way {
    u32 workers, size; /* of morsels, by number */
    bool rings, squeezed, simulated;
    enum spoil spoil;
    u64 seed;
};

struct oracle {
    struct options options;
    struct case_job job;
    u64 morsel_bytes[SIZES];
    struct output first[SIZES], got; /* first: of each size */
    u64 runs, sims;
    u32 passed, failed;
};

/* ---- one run ---- */

static int run_threads(const struct job *job, const struct engine_config *config,
                       struct engine_stats *stats) {
    struct env env = env_real();
    struct engine_config real = *config;
    real.env = &env;
    struct engine *e = engine_build(job, &real);
    if (!e) return -1;
    if (engine_start(e)) {
        engine_close(e);
        return -1;
    }
    i64 hangs_at = env_mono_ns(&env) + HANGS_NS;
    while (!engine_wait(e, HANGS_NS)) ENSURE(env_mono_ns(&env) < hangs_at);
    int failed = engine_finish(e);
    engine_stats(e, stats);
    engine_close(e);
    return failed;
}

static int run_way(struct oracle *o, const struct way *way, struct engine_stats *stats) {
    const struct case_job *c = &o->job;
    struct engine_config config = { .workers = way->workers,
                                    .rings = way->rings,
                                    .params = { c->params, c->job->param_count },
                                    .source = connector_source,
                                    .sink = connector_sink };
    if (way->squeezed) sim_squeeze(&config, way->seed);
    config.morsel_bytes = o->morsel_bytes[way->size];
    config.lookback = way->size % 2 ? 16 : 0; /* as those, it decides how sources meet */
    o->runs++;
    o->sims += way->simulated;
    if (!way->simulated) return run_threads(c->job, &config, stats);
    enum sim_answer answer = sim_run(c->job, &config, way->seed, stats);
    return answer == SIM_DEADLOCK ? error_set(0, "deadlock") : answer == SIM_FAILED ? -1 : 0;
}

/* False: a run does not hold, for the reason of the error trail. */
static bool tell(const struct oracle *o, const struct way *way) {
    printf("FAILED %s: %s, -p %u%s, morsels of %lu%s (seed %lu): %s\n", o->job.folder,
           way->simulated ? "simulated" : "threads", way->workers,
           way->rings ? ", rings" : ", fused", o->morsel_bytes[way->size],
           way->squeezed ? ", squeezed" : "", way->seed, error_text());
    return false;
}

/* Runs it, and compares what it wrote with what the first run at its size did, or if it is that,
   with the first run of all. */
static bool holds(struct oracle *o, const struct way *way, bool first) {
    struct engine_stats stats;
    struct output *to = first ? &o->first[way->size] : &o->got;
    int failed = run_way(o, way, &stats) || output_read(to, &o->job, &stats);
    if (!failed) {
        if (way->spoil == SPOIL_BYTE) output_spoil_byte(to);
        if (way->spoil == SPOIL_ORDER) output_spoil_order(to);
        if (way->spoil == SPOIL_LINE) output_spoil_line(to);
        failed = first ? output_compare(&o->job, &o->first[0], to, o->options.sizes)
                       : output_compare(&o->job, &o->first[way->size], to, ALIKE_BYTES);
    }
    return failed ? tell(o, way) : true;
}

/* ---- all runs of a case ---- */

static bool hold_at_size(struct oracle *o, u32 size, struct prng *prng) {
    static const u32 ps[] = { 1, 2, 4, 7 };
    bool spoiled = size == SIZES - 1 && o->options.spoil == SPOIL_LINE;
    struct way way = { .workers = 1,
                       .size = size,
                       .rings = !o->job.job->can_fuse,
                       .spoil = spoiled ? SPOIL_LINE : SPOIL_NOTHING };
    if (!holds(o, &way, true)) return false;
    if (!size && output_keep(&o->job)) return tell(o, &way);
    u32 only = (u32)prng_below(prng, 4);
    for (u32 i = 0; i < 4; i++) {
        if (size && o->options.some_threads && i != only) continue;
        way = (struct way){ .workers = ps[i], .size = size, .rings = true };
        /* With few records a morsel and few rows a slot, more threads than cores would wait for
           the system's scheduler at every row: that is for the simulator. */
        way.squeezed = (size == SIZES - 1 || (size && ps[i] < 4)) && prng_chance(prng, 1, 2);
        way.seed = prng_next(prng);
        if (!holds(o, &way, false)) return false;
    }
    return true;
}

static bool hold_simulated(struct oracle *o, struct prng *prng) {
    for (u64 left = o->options.sims; left--;) {
        struct way way = { .rings = true, .squeezed = true, .simulated = true };
        way.workers = 1 + (u32)prng_below(prng, 7);
        way.size = (u32)prng_below(prng, SIZES);
        way.seed = prng_next(prng);
        if (!left && o->options.spoil != SPOIL_LINE) way.spoil = o->options.spoil;
        if (!holds(o, &way, false)) return false;
    }
    return true;
}

static bool hold(struct oracle *o) {
    struct prng prng;
    prng_init(&prng, hash_bytes(o->job.job->name, strlen(o->job.job->name), o->options.seed));
    o->morsel_bytes[0] = 1 << 20; /* as the product's */
    o->morsel_bytes[1] = 1;       /* a record */
    o->morsel_bytes[2] = 64 + prng_below(&prng, 1000);
    o->morsel_bytes[3] = 1000 + prng_below(&prng, 30000);
    for (u32 size = 0; size < SIZES; size++)
        if (!hold_at_size(o, size, &prng)) return false;
    return hold_simulated(o, &prng);
}

static void run_case(struct oracle *o, const char *folder) {
    bool good = false;
    if (case_job_open(&o->job, folder, o->options.flags)) {
        printf("FAILED %s: %s\n", folder, error_text());
    } else {
        for (u32 i = 0; i < SIZES; i++) output_init(&o->first[i]);
        output_init(&o->got);
        good = hold(o);
        if (good) printf("ok %s\n", folder);
        for (u32 i = 0; i < SIZES; i++) output_fini(&o->first[i]);
        output_fini(&o->got);
        case_job_close(&o->job);
    }
    o->passed += good;
    o->failed += !good;
}

/* ---- the command line ---- */

static int find_word(const char *word, const char *const *words, u32 count) {
    for (u32 i = 0; i < count; i++)
        if (!strcmp(word, words[i])) return (int)i;
    fprintf(stderr, "cases: what is `%s`?\n", word);
    exit(2);
}

/* How many words it took. */
static int read_options(struct options *options, int argc, char **argv) {
    int at = 1;
    for (; at + 1 < argc && !strncmp(argv[at], "--", 2); at += 2) {
        const char *value = argv[at + 1];
        if (!strcmp(argv[at], "--flags"))
            options->flags = value;
        else if (!strcmp(argv[at], "--threads"))
            options->some_threads = find_word(value, threads_words, 2);
        else if (!strcmp(argv[at], "--sims"))
            options->sims = strtoull(value, NULL, 10);
        else if (!strcmp(argv[at], "--seed"))
            options->seed = strtoull(value, NULL, 10);
        else if (!strcmp(argv[at], "--sizes"))
            options->sizes = (enum alike)find_word(value, alike_words, ALIKES);
        else if (!strcmp(argv[at], "--spoil"))
            options->spoil = (enum spoil)find_word(value, spoil_words, SPOILS);
        else
            find_word(argv[at], NULL, 0);
    }
    return at;
}

int main(int argc, char **argv) {
    struct oracle *o = calloc(1, sizeof *o);
    ENSURE(o);
    setvbuf(stdout, NULL, _IOLBF, 0);
    int at = read_options(&o->options, argc, argv);
    for (; at < argc; at++) run_case(o, argv[at]);
    printf("%lu runs, %lu of them simulated\n", o->runs, o->sims);
    printf("cases: %u passed, %u failed\n", o->passed, o->failed);
    int status = o->failed || !o->passed;
    free(o);
    return status;
}
