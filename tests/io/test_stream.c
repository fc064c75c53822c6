/* Pipes as sources: whatever the pieces in which bytes arrive, the records are the same; and what a
   pipe does not hold is never waited for. */
#include "io/connector.h"
#include "runtime/base/error.h"
#include "runtime/base/prng.h"
#include "tests/support/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fifo {
    char folder[32], path[64];
    int fd; /* our writing end */
};

static void fifo_init(struct fifo *f) {
    strcpy(f->folder, "stream-test-XXXXXX");
    CHECK(mkdtemp(f->folder) != NULL);
    snprintf(f->path, sizeof f->path, "%s/fifo", f->folder);
    CHECK_EQ(mkfifo(f->path, 0600), 0);
    f->fd = open(f->path, O_RDWR | O_NONBLOCK);
}

static void fifo_fini(struct fifo *f) {
    if (f->fd >= 0) close(f->fd);
    unlink(f->path);
    rmdir(f->folder);
}

static void *open_source(struct env *env, const char *path, u64 morsel_bytes,
                         const char *record_max) {
    struct bound_option options[] = { { "path", path }, { "max_record", record_max } };
    struct source_spec spec = { .name = "s",
                                .format = "lines",
                                .options = options,
                                .option_count = 2,
                                .morsel_bytes = morsel_bytes };
    return connector_find("file")->source->open(env, &spec);
}

static void records_do_not_depend_on_how_the_bytes_arrive(void) {
    const struct source_ops *ops = connector_find("file")->source;
    for (u64 seed = 1; seed <= 50; seed++) {
        struct prng prng;
        prng_init(&prng, seed);
        struct fifo fifo;
        fifo_init(&fifo);
        struct env env = env_real();
        void *source = open_source(&env, fifo.path, 1 + prng_below(&prng, 40), "64");
        CHECK(source != NULL);
        char sent[4000], got[4000];
        u64 size = 0, taken = 0, put = 0;
        while (size < 3000)
            for (u64 n = prng_below(&prng, 30), i = 0; i <= n; i++)
                sent[size++] = i == n ? '\n' : 'a' + (char)(i % 26);
        enum source_answer answer = SOURCE_NOTHING;
        while (answer != SOURCE_LAST) {
            if (put < size) {
                u64 n = 1 + prng_below(&prng, 50);
                if (n > size - put) n = size - put;
                CHECK_EQ(write(fifo.fd, sent + put, n), n);
                put += n;
                if (put == size) {
                    close(fifo.fd);
                    fifo.fd = -1;
                }
            }
            struct extent x;
            answer = ops->extent(source, &x);
            CHECK(answer != SOURCE_FAILED);
            if (answer == SOURCE_FAILED) return;
            if (answer == SOURCE_NOTHING) continue;
            CHECK_EQ(x.offset, taken);
            CHECK(!x.size || x.at[x.size - 1] == '\n');
            memcpy(got + taken, x.at, x.size);
            taken += x.size;
            ops->release(source, &x);
        }
        CHECK_EQ(taken, size);
        CHECK(!memcmp(sent, got, size));
        ops->close(source);
        fifo_fini(&fifo);
    }
}

static void a_long_record_is_one_broken_extent_and_its_rest_is_passed_over(void) {
    const struct source_ops *ops = connector_find("file")->source;
    struct fifo fifo;
    fifo_init(&fifo);
    struct env env = env_real();
    void *source = open_source(&env, fifo.path, 16, "32");
    char line[1000];
    memset(line, 'x', sizeof line);
    CHECK_EQ(write(fifo.fd, "short\n", 6), 6);
    CHECK_EQ(write(fifo.fd, line, sizeof line), sizeof line);
    CHECK_EQ(write(fifo.fd, "\nafter\n", 7), 7);
    close(fifo.fd);
    fifo.fd = -1;
    u32 broken = 0, whole = 0;
    for (enum source_answer answer = SOURCE_EXTENT; answer != SOURCE_LAST;) {
        struct extent x;
        answer = ops->extent(source, &x);
        if (answer == SOURCE_NOTHING) continue;
        broken += x.broken != NULL;
        whole += !x.broken && x.size == 6;
        CHECK(x.size <= sizeof line + 1);
        ops->release(source, &x);
    }
    CHECK_EQ(broken, 1);
    CHECK_EQ(whole, 2);
    ops->close(source);
    fifo_fini(&fifo);
}

static void what_is_no_file_is_refused_by_name(void) {
    struct env env = env_real();
    CHECK(open_source(&env, "no/such/file", 16, "32") == NULL);
    CHECK(strstr(error_text(), "no/such/file") != NULL);
    CHECK(open_source(&env, ".", 16, "32") == NULL);
    CHECK(strstr(error_text(), "directory") != NULL);
}

static const struct test tests[] = {
    TEST(records_do_not_depend_on_how_the_bytes_arrive),
    TEST(a_long_record_is_one_broken_extent_and_its_rest_is_passed_over),
    TEST(what_is_no_file_is_refused_by_name),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("stream", tests, argc, argv);
}
