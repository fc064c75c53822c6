#include "tests/io/sink_model.h"
#include "io/connector.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN "0123456789abcdef"

static int fault(void *arg, u64 nth, enum env_call call, const char *name) {
    struct model *m = arg;
    bool moves = call == ENV_CALL_WRITE || call == ENV_CALL_READ;
    bool fails = m->fault && nth >= m->fault_at && (m->for_good || nth == m->fault_at) &&
                 (m->fault != ENV_FAULT_SHORT || moves);
    if (call == ENV_CALL_SYNC && strstr(name, "/.")) {
        m->trusted_again += !strcmp(name, m->distrusted);
        if (fails) snprintf(m->distrusted, sizeof m->distrusted, "%s", name);
    }
    return fails ? m->fault : 0;
}

void model_init_in(struct model *m, u64 seed, bool parts, const char *head, const char *folder) {
    *m = (struct model){ .parts = parts, .head = head };
    env_sim_init(&m->sim, seed);
    m->sim.fault = fault;
    m->sim.fault_arg = m;
    m->ops = connector_find("file")->sink;
    m->env = &m->sim.env;
    pack_init(&m->pending);
    snprintf(m->folder, sizeof m->folder, "%s", folder);
    snprintf(m->path, sizeof m->path, "%s/out", m->folder);
}

void model_init(struct model *m, u64 seed, bool parts, const char *head) {
    char folder[32];
    strcpy(folder, "/dev/shm/sink-test-XXXXXX"); /* syncs cost nothing there */
    CHECK(mkdtemp(folder) != NULL);
    model_init_in(m, seed, parts, head, folder);
}

void model_fini(struct model *m) {
    char command[64];
    pack_fini(&m->pending);
    snprintf(command, sizeof command, "rm -rf %s", m->folder);
    CHECK_EQ(system(command), 0);
}

void model_fault(struct model *m, u64 after, int error, bool for_good) {
    m->fault_at = m->sim.calls + after;
    m->fault = error;
    m->for_good = for_good;
}

int model_start(struct model *m) {
    struct bound_option options[] = { { "path", m->path }, { "partition", "p" }, { "roll", "5s" } };
    struct sink_spec spec = { .name = "s",
                              .format = "csv",
                              .options = options,
                              .option_count = m->parts ? 3 : 1,
                              .head = m->head,
                              .run = RUN };
    m->sink = m->ops->open(m->env, &spec);
    if (!m->sink) return -1;
    struct unpack pending = unpack_of(m->pending.at, m->pending.size);
    m->row = m->saved ? m->saved_row : 0;
    m->failures = 0;
    m->distrusted[0] = 0;
    return m->ops->recover(m->sink, m->saved ? &pending : NULL, false);
}

static u32 partition_of(u64 row) {
    return (u32)(row * row % 7 % PARTITIONS);
}

/* Some of them longer than a buffer. */
static void put_row(struct text_buf *to, u64 row) {
    text_buf_printf(to, "row %lu %*s\n", row, (int)(row % 20 == 5 ? 70000 : row % 50), "");
}

int model_row(struct model *m) {
    struct text_buf row;
    text_buf_init(&row);
    if (m->parts) {
        text_buf_printf(&row, "p=%u", partition_of(m->row));
        text_buf_put(&row, "", 1);
    }
    put_row(&row, m->row);
    int status = m->ops->write(m->sink, (const u8 *)row.at, row.size);
    m->row += !status;
    text_buf_fini(&row);
    return status;
}

static int bear(struct model *m) {
    return ++m->failures < 3 ? 0 : -1;
}

int model_snapshot(struct model *m, bool close) {
    struct pack pending;
    pack_init(&pending);
    m->number = ++m->used;
    env_sim_advance(&m->sim, 2000000000);
    int status = m->ops->seal(m->sink, m->number, env_wall_ns(&m->sim.env), close, &pending);
    u64 row = m->row;
    struct unpack sealed = unpack_of(pending.at, pending.size), again = sealed;
    if (!status && m->ops->prepare(m->sink, &sealed)) {
        pack_fini(&pending);
        return bear(m);
    }
    if (!status) {
        CHECK(unpack_is_done(&sealed));
        pack_fini(&m->pending);
        m->pending = pending;
        m->saved_row = row;
        m->saved = true;
        if (m->on_manifest) m->on_manifest(m, m->arg);
        if (m->ops->commit(m->sink, &again)) return bear(m);
        m->failures = 0;
        m->finished = close;
        return 0;
    }
    pack_fini(&pending);
    return -1;
}

void model_stop(struct model *m) {
    if (m->sink) m->ops->finish(m->sink);
    m->sink = NULL;
}

int model_run(struct model *m, u64 rows, u64 every) {
    m->finished = false;
    int status = model_start(m);
    while (!status && m->row < rows) {
        status = model_row(m);
        if (!status && m->row % every == 0) status = model_snapshot(m, false);
    }
    while (!status && !m->finished) status = model_snapshot(m, true);
    model_stop(m);
    return status;
}

/* ---- what is there ---- */

static bool file_is(const char *path, const struct text_buf *expected) {
    struct stat st;
    FILE *file = fopen(path, "r");
    if (!file) return expected->size == 0;
    fstat(fileno(file), &st);
    char *bytes = malloc((size_t)st.st_size + 1);
    u64 size = fread(bytes, 1, (size_t)st.st_size, file);
    bool same = size == expected->size && (!size || !memcmp(bytes, expected->at, size));
    fclose(file);
    free(bytes);
    return same;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static u64 number_of(const char *name) {
    const char *dash = strchr(name, '-');
    return dash ? strtoull(dash + 1, NULL, 10) : 0;
}

static int by_number(const struct dirent **a, const struct dirent **b) {
    u64 left = number_of((*a)->d_name), right = number_of((*b)->d_name);
    return (left > right) - (left < right);
}

/* The parts of a partition, one behind the other, each without its head. */
static void read_parts(struct model *m, u32 partition, struct text_buf *out) {
    char path[512];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s/p=%u", m->path, partition);
    int count = scandir(path, &entries, is_visible, by_number);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/p=%u/%s", m->path, partition, entries[i]->d_name);
        CHECK(!strncmp(entries[i]->d_name, RUN "-", 17) && strstr(entries[i]->d_name, ".csv"));
        FILE *file = fopen(path, "r");
        char *line = NULL;
        size_t room = 0;
        ssize_t size = m->head ? getline(&line, &room, file) : 0;
        CHECK(!m->head || (size > 0 && !strcmp(line, m->head)));
        while ((size = getline(&line, &room, file)) > 0) text_buf_put(out, line, (size_t)size);
        free(line);
        fclose(file);
        free(entries[i]);
    }
    if (count >= 0) free(entries);
}

static bool check_parts(struct model *m, u64 rows) {
    bool right = true;
    for (u32 p = 0; p < PARTITIONS; p++) {
        struct text_buf expected, got;
        text_buf_init(&expected);
        text_buf_init(&got);
        for (u64 i = 0; i < rows; i++)
            if (partition_of(i) == p) put_row(&expected, i);
        read_parts(m, p, &got);
        /* Before the end, what is in open parts is not there yet. */
        right &= m->finished ? got.size == expected.size : got.size <= expected.size;
        right &= !got.size || !memcmp(got.at, expected.at, got.size);
        text_buf_fini(&expected);
        text_buf_fini(&got);
    }
    return right;
}

bool model_check(struct model *m, u64 rows) {
    if (m->parts) return check_parts(m, rows);
    struct text_buf expected;
    text_buf_init(&expected);
    if (m->head && m->saved && (rows || m->finished)) text_buf_str(&expected, m->head);
    for (u64 i = 0; i < rows; i++) put_row(&expected, i);
    bool right = file_is(m->path, &expected);
    text_buf_fini(&expected);
    return right;
}

bool model_is_clean(struct model *m) {
    char command[128];
    snprintf(command, sizeof command, "test -z \"$(find %s -name '.*' -type f)\"", m->folder);
    return system(command) == 0;
}
