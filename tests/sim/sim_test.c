/* design/exchange_model.py's checks on the real engine. Arguments: [PLANS] [SEED]. */
#include "tests/sim/model_job.h"
#include "tests/sim/sim.h"

#include "runtime/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct totals {
    u64 plans, runs, fused, serial, bytes, failed;
};

static bool fail(struct totals *n, const char *check, u64 seed, const char *what, u32 workers) {
    n->failed++;
    printf("FAILED %s, seed %lu, p = %u: %s\n", check, seed, workers, what);
    return false;
}

static struct engine_config config_for(u32 workers, u64 morsel_rows, u64 seed) {
    struct engine_config config = { .workers = workers ? workers : 2,
                                    .rings = true,
                                    .morsel_bytes = morsel_rows,
                                    .source = model_source_ops,
                                    .sink = model_sink_ops };
    sim_squeeze(&config, seed);
    return config;
}

static enum sim_answer run(struct totals *n, struct model *m, const struct engine_config *config,
                           u64 seed) {
    n->runs++;
    model_reset(m);
    return sim_run(&m->job, config, seed, NULL);
}

/* Runs at p (0: mixed) and compares with what the first run left, if there was one. */
static bool same(struct totals *n, struct model *m, u64 seed, u32 p, u64 size, bool rings,
                 struct text_buf *bytes, struct text_buf *tickets) {
    struct engine_config config = config_for(p, size, hash_u64(seed, p));
    config.rings = rings;
    model_spread(m, seed + p, p == 0);
    enum sim_answer answer = run(n, m, &config, hash_u64(seed, 100 + p));
    if (answer == SIM_DEADLOCK) return fail(n, "order", seed, "(a) deadlock", p);
    if (answer == SIM_FAILED) return fail(n, "order", seed, error_text(), p);
    struct text_buf got;
    text_buf_init(&got);
    model_bytes(m, &got);
    if (!bytes->size) {
        text_buf_put(bytes, got.at, got.size);
        text_buf_put(tickets, m->sequence.at, m->sequence.size);
        n->bytes += bytes->size;
    }
    bool same_tickets = !strcmp(tickets->at, m->sequence.at);
    bool same_bytes = !strcmp(bytes->at, got.at);
    text_buf_fini(&got);
    if (!same_tickets) return fail(n, "order", seed, "(b) another sequence", p);
    return same_bytes || fail(n, "order", seed, "(b) other bytes", p);
}

/* (a), (b), (e): every p, ring size and interleaving gives the same bytes; fused too, where it can
 * be. */
static void check_order(struct totals *n, u64 seed, struct model *m) {
    static const u32 ps[] = { 1, 2, 3, 4, 7, 0 };
    static const u64 sizes[] = { 1, 2, 3, 5, 8, 13, 100 };
    struct text_buf bytes, tickets;
    text_buf_init(&bytes);
    text_buf_init(&tickets);
    u64 size = sizes[seed % 7];
    n->plans++;
    bool good = true;
    for (u32 i = 0; good && i < sizeof ps / sizeof ps[0]; i++)
        good = same(n, m, seed, ps[i], size, true, &bytes, &tickets);
    if (good && m->job.can_fuse) {
        n->fused++;
        same(n, m, seed, 1, size, false, &bytes, &tickets);
    }
    text_buf_fini(&bytes);
    text_buf_fini(&tickets);
    model_free(m);
}

/* (d): windows in a row, late rows included, are what the serial reference says, at every size of
 * morsels. */
static void check_serial(struct totals *n, u64 seed) {
    static const u64 sizes[] = { 1, 2, 3, 7, 1000 };
    static const u32 ps[] = { 1, 2, 3, 4, 7 };
    struct model *m = model_chain(seed);
    for (u32 i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        u32 p = ps[(seed + i) % 5];
        struct engine_config config = config_for(p, sizes[i], hash_u64(seed, i));
        config.rings = p != 1;
        model_spread(m, seed, false);
        enum sim_answer answer = run(n, m, &config, hash_u64(seed, 200 + i));
        if (answer != SIM_DONE) {
            fail(n, "serial", seed, answer == SIM_DEADLOCK ? "(a) deadlock" : error_text(), p);
            break;
        }
        struct text_buf want;
        text_buf_init(&want);
        model_serial(m, &want);
        model_sort_lines(&want);
        model_sort_lines(&m->sinks[0].bytes);
        n->serial++;
        bool good = want.size == m->sinks[0].bytes.size &&
                    (!want.size || !memcmp(want.at, m->sinks[0].bytes.at, want.size));
        text_buf_fini(&want);
        if (good) continue;
        fail(n, "serial", seed, "(d) not the serial result", p);
        break;
    }
    model_free(m);
}

int main(int argc, char **argv) {
    u64 plans = argc > 1 ? strtoull(argv[1], NULL, 10) : 300;
    u64 seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct totals n = { 0 };
    for (u64 i = 0; i < plans && n.failed < 10; i++) {
        check_order(&n, seed + i, (seed + i) % 3 ? model_random(seed + i) : model_line(seed + i));
        check_serial(&n, seed + i);
    }
    printf("%lu plans, %lu runs, %lu of them fused, %lu comparisons with the serial reference, "
           "%lu bytes\n",
           n.plans, n.runs, n.fused, n.serial, n.bytes);
    printf("sim: %lu passed, %lu failed\n", 2 * n.plans - n.failed, n.failed);
    return n.failed != 0;
}
