#include "runtime/metrics/metrics.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 3u

static struct metrics *open_two_sources(bool shared) {
    static const char *const job[] = { "clicks" }, *const sources[] = { "a", "bids" },
                             *const stages[] = { "panes/aggregate", "", "out" };
    struct metrics_shape shape = {
        .names = { [METRICS_JOB] = job, [METRICS_SOURCE] = sources, [METRICS_STAGE] = stages },
        .counts = { [METRICS_JOB] = 1, [METRICS_SOURCE] = 2, [METRICS_STAGE] = 3 },
        .writers = WRITERS,
    };
    return metrics_open(&shape, shared);
}

static void writers_cells_become_one_value(void) {
    struct metrics *m = open_two_sources(false);
    if (!CHECK(m)) return;
    CHECK_EQ(metrics_read(m, METRIC_SOURCE_rows_in, 1), 0);
    CHECK_EQ(metrics_read(m, METRIC_SOURCE_watermark_ns, 1), TIME_NEVER);
    CHECK_EQ(metrics_read(m, METRIC_JOB_first_row_ns, 0), TIME_FOREVER);
    for (u32 w = 0; w < WRITERS; w++) {
        metrics_add(&metrics_sources(m, w)[1].rows_in, 10);
        metrics_add(&metrics_sources(m, w)[1].rows_in, w);
        metrics_set(&metrics_sources(m, w)[1].watermark_ns, -100 + (i64)w);
        metrics_set(&metrics_job(m, w)->first_row_ns, 7 + (i64)w);
        metrics_add(&metrics_stages(m, w)[2].late, 1);
    }
    CHECK_EQ(metrics_read(m, METRIC_SOURCE_rows_in, 1), 33);
    CHECK_EQ(metrics_read(m, METRIC_SOURCE_rows_in, 0), 0);
    CHECK_EQ(metrics_read(m, METRIC_SOURCE_watermark_ns, 1), -98);
    CHECK_EQ(metrics_read(m, METRIC_JOB_first_row_ns, 0), 7);
    CHECK_EQ(metrics_read(m, METRIC_STAGE_late, 2), 3);
    CHECK_EQ(metrics_read(m, METRIC_STAGE_late, 1), 0);
    metrics_close(m);
}

static void every_cell_is_its_own(void) {
    struct metrics *m = open_two_sources(false);
    if (!CHECK(m)) return;
    i64 n = 1;
    for (u32 i = 0; i < METRICS_COUNT; i++) {
        for (u32 k = 0; k < metrics_count(m, metric_infos[i].kind); k++, n++) {
            i64 before[METRICS_COUNT][3];
            for (u32 j = 0; j < METRICS_COUNT; j++)
                for (u32 l = 0; l < metrics_count(m, metric_infos[j].kind); l++)
                    before[j][l] = metrics_read(m, (enum metric)j, l);
            char *cells[METRICS_KINDS] = { (char *)metrics_job(m, 1), (char *)metrics_sources(m, 1),
                                           (char *)metrics_stages(m, 1), NULL };
            static const size_t bytes[METRICS_KINDS] = { sizeof(struct metrics_job),
                                                         sizeof(struct metrics_source),
                                                         sizeof(struct metrics_stage) };
            u32 kind = metric_infos[i].kind;
            metrics_set((_Atomic i64 *)(cells[kind] + k * bytes[kind] + metric_infos[i].offset), n);
            for (u32 j = 0; j < METRICS_COUNT; j++)
                for (u32 l = 0; l < metrics_count(m, metric_infos[j].kind); l++)
                    CHECK_EQ(metrics_read(m, (enum metric)j, l),
                             j == i && l == k ? n : before[j][l]);
        }
    }
    metrics_close(m);
}

static void blocks_of_writers_share_no_line(void) {
    struct metrics *m = open_two_sources(false);
    if (!CHECK(m)) return;
    for (u32 w = 0; w < WRITERS; w++) CHECK_EQ((uintptr_t)metrics_job(m, w) % 128, 0);
    CHECK((char *)(metrics_stages(m, 0) + 3) <= (char *)metrics_job(m, 1));
    metrics_close(m);
}

static void another_process_reads_along(void) {
    struct metrics *m = open_two_sources(true);
    if (!CHECK(m)) return;
    metrics_add(&metrics_stages(m, 2)[2].rows_out, 42);
    u32 pid = (u32)getpid();
    pid_t child = fork();
    if (child == 0) {
        const struct metrics *seen = metrics_attach(pid);
        if (!seen) _exit(1);
        bool right = metrics_count(seen, METRICS_SOURCE) == 2 &&
                     metrics_count(seen, METRICS_BLACKHOLE) == 0 &&
                     !strcmp(metrics_name(seen, METRICS_JOB, 0), "clicks") &&
                     !strcmp(metrics_name(seen, METRICS_SOURCE, 1), "bids") &&
                     !strcmp(metrics_name(seen, METRICS_STAGE, 1), "") &&
                     !strcmp(metrics_name(seen, METRICS_STAGE, 2), "out") &&
                     metrics_read(seen, METRIC_STAGE_rows_out, 2) == 42;
        metrics_detach(seen);
        _exit(right ? 0 : 2);
    }
    int status = -1;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    metrics_close(m);
    CHECK(!metrics_attach(pid));
    CHECK(strstr(error_text(), "No such file"));
    error_clear();
}

/* A child that ends without a word leaves its segment; the next one who opens one sweeps it, but
   none of who is alive. */
static void what_a_killed_process_left_is_swept(void) {
    struct metrics *mine = open_two_sources(true);
    pid_t child = fork();
    if (!child) _exit(open_two_sources(true) ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    const struct metrics *left = metrics_attach((u32)child);
    if (CHECK(left)) metrics_detach(left);
    child = fork();
    if (!child) _exit(open_two_sources(true) ? 0 : 1);
    u32 second = (u32)child;
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    const struct metrics *alive = metrics_attach((u32)getpid());
    if (CHECK(alive)) metrics_detach(alive);
    metrics_close(mine);
    mine = open_two_sources(true);
    CHECK(!metrics_attach(second));
    metrics_close(mine);
}

static void a_segment_that_is_none_is_refused(void) {
    char name[32];
    snprintf(name, sizeof name, "/millrace-%u", (u32)getpid());
    for (u32 size = 0; size <= 8192; size += 4096) {
        int fd = shm_open(name, O_RDWR | O_CREAT, 0600);
        CHECK(fd >= 0 && ftruncate(fd, size) == 0);
        close(fd);
        CHECK(!metrics_attach((u32)getpid()));
    }
    /* What a killed process left is replaced. */
    struct metrics *m = open_two_sources(true);
    if (!CHECK(m)) return;
    const struct metrics *seen = metrics_attach((u32)getpid());
    if (CHECK(seen)) metrics_detach(seen);
    metrics_close(m);
    error_clear();
}

struct counting {
    struct metrics *m;
    u32 writer;
};

static void count_rows(void *arg) {
    struct counting *c = arg;
    for (u32 i = 0; i < 10000; i++) metrics_add(&metrics_stages(c->m, c->writer)[0].rows_in, 1);
}

static void counts_are_exact_when_all_have_written(void) {
    struct env env = env_real();
    struct counting counting[WRITERS];
    struct env_thread threads[WRITERS];
    struct metrics *m = open_two_sources(false);
    if (!CHECK(m)) return;
    for (u32 w = 0; w < WRITERS; w++) {
        counting[w] = (struct counting){ m, w };
        CHECK_EQ(env_thread_start(&env, &threads[w], "count", count_rows, &counting[w]), 0);
    }
    i64 last = 0;
    for (u32 i = 0; i < 100; i++) {
        i64 now = metrics_read(m, METRIC_STAGE_rows_in, 0);
        CHECK(now >= last);
        last = now;
    }
    for (u32 w = 0; w < WRITERS; w++) env_thread_join(&env, &threads[w]);
    CHECK_EQ(metrics_read(m, METRIC_STAGE_rows_in, 0), 10000 * WRITERS);
    metrics_close(m);
}

static void every_metric_says_what_it_is(void) {
    for (u32 i = 0; i < METRICS_COUNT; i++)
        CHECK(metric_infos[i].name[0] && metric_infos[i].unit[0] && metric_infos[i].help[0]);
    CHECK_STR(metric_infos[METRIC_STAGE_late].name, "late");
}

static const struct test tests[] = {
    TEST(writers_cells_become_one_value),
    TEST(every_cell_is_its_own),
    TEST(blocks_of_writers_share_no_line),
    TEST(another_process_reads_along),
    TEST(what_a_killed_process_left_is_swept),
    TEST(a_segment_that_is_none_is_refused),
    TEST(counts_are_exact_when_all_have_written),
    TEST(every_metric_says_what_it_is),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("metrics", tests, argc, argv);
}
