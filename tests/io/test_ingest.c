/* The ingest log: what a pipe gave is read again after a kill at any place, once, and in order. */
#include "io/connector.h"
#include "io/ingest.h"
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe that lives longer than the job, as under a supervisor; a state directory; a job's lives.
 */
struct world {
    struct env_sim sim;
    const struct source_ops *ops;
    char folder[32], fifo[64], command[128];
    int fd;   /* our end of the pipe */
    int kept; /* so that what is in it stays when nobody else has it open */
    void *source;
    u64 put; /* bytes */
    char sent[8000], got[8000];
    u64 size, taken; /* of got */
    struct pack saved;
    u64 saved_taken; /* of got, when it was saved */
    bool fresh;
    bool ended;
    u64 fault_at;
    int fault;
    bool for_good;
};

static int fault(void *arg, u64 nth, enum env_call call, const char *name) {
    struct world *w = arg;
    if (!w->fault || !strstr(name, "/ingest/")) return 0;
    return nth == w->fault_at || (w->for_good && nth > w->fault_at) ? w->fault : 0;
}

static void make_fifo(struct world *w) {
    if (w->fd >= 0) close(w->fd);
    if (w->kept >= 0) close(w->kept);
    unlink(w->fifo);
    CHECK_EQ(mkfifo(w->fifo, 0600), 0);
    w->kept = open(w->fifo, O_RDONLY | O_NONBLOCK);
    w->fd = open(w->fifo, O_RDWR | O_NONBLOCK);
}

static void world_init(struct world *w, u64 seed) {
    memset(w, 0, sizeof *w);
    env_sim_init(&w->sim, seed);
    w->sim.fault = fault;
    w->sim.fault_arg = w;
    w->ops = connector_find("file")->source;
    pack_init(&w->saved);
    strcpy(w->folder, "/dev/shm/ingest-XXXXXX");
    CHECK(mkdtemp(w->folder) != NULL);
    snprintf(w->fifo, sizeof w->fifo, "%s/fifo", w->folder);
    w->fd = w->kept = -1;
    make_fifo(w);
    struct prng prng;
    prng_init(&prng, seed);
    while (w->size < 2000) {
        w->size += (u64)sprintf(w->sent + w->size, "line %lu ", w->size);
        for (u64 n = prng_below(&prng, 30); n; n--) w->sent[w->size++] = 'x';
        w->sent[w->size++] = '\n';
    }
}

static void world_fini(struct world *w) {
    if (w->source) w->ops->close(w->source);
    if (w->fd >= 0) close(w->fd);
    close(w->kept);
    pack_fini(&w->saved);
    snprintf(w->command, sizeof w->command, "rm -rf %s", w->folder);
    CHECK_EQ(system(w->command), 0);
}

static int start(struct world *w) {
    struct bound_option options[] = { { "path", w->fifo }, { "max_record", "64" } };
    struct source_spec spec = { .name = "s",
                                .format = "lines",
                                .options = options,
                                .option_count = 2,
                                .morsel_bytes = 64,
                                .state = w->folder,
                                .fresh = w->fresh };
    int writer = open(w->fifo, O_RDWR); /* without one the open would wait */
    w->source = w->ops->open(&w->sim.env, &spec);
    if (writer >= 0) close(writer);
    if (!w->source) return -1;
    CHECK(w->ops->replays(w->source));
    struct unpack saved = unpack_of(w->saved.at, w->saved.size);
    w->taken = w->saved.size ? w->saved_taken : 0;
    return w->saved.size ? w->ops->seek(w->source, &saved) : 0;
}

static void stop(struct world *w) {
    if (w->source) w->ops->close(w->source);
    w->source = NULL;
}

static void put(struct world *w, u64 bytes) {
    if (w->fd < 0) return;
    if (bytes > w->size - w->put) bytes = w->size - w->put;
    CHECK_EQ(write(w->fd, w->sent + w->put, bytes), bytes);
    w->put += bytes;
    if (w->put < w->size) return;
    close(w->fd);
    w->fd = -1;
}

/* One extent, if there is one. */
static int take(struct world *w) {
    struct extent x;
    enum source_answer answer = w->ops->extent(w->source, &x);
    if (answer == SOURCE_FAILED) return -1;
    if (answer == SOURCE_NOTHING) return 0;
    CHECK(w->taken + x.size <= sizeof w->got);
    memcpy(w->got + w->taken, x.at, x.size);
    w->taken += x.size;
    w->ops->release(w->source, &x);
    w->ended = answer == SOURCE_LAST;
    return 1;
}

/* A snapshot, and the log before it goes. */
static int save(struct world *w) {
    struct pack packed;
    pack_init(&packed);
    w->ops->save(w->source, &packed);
    struct unpack saved = unpack_of(packed.at, packed.size), oldest = saved;
    if (w->ops->prepare(w->source, &saved)) {
        pack_fini(&packed);
        return -1;
    }
    CHECK(unpack_is_done(&saved));
    pack_fini(&w->saved);
    w->saved = packed;
    w->saved_taken = w->taken;
    w->ops->retained(w->source, &oldest);
    return 0;
}

static bool right(const struct world *w) {
    return w->ended && w->taken == w->size && !memcmp(w->got, w->sent, w->size);
}

/* One life: -1 if it came to a stop. */
static int live(struct world *w, struct prng *prng, u64 steps) {
    if (start(w)) return -1;
    while (!w->ended && steps--) {
        if (prng_chance(prng, 1, 2) && w->put < w->size) put(w, 1 + prng_below(prng, 60));
        int took = take(w);
        if (took < 0) return -1;
        env_sim_advance(&w->sim, 200000000);
        if (prng_chance(prng, 1, 9) && save(w)) return -1;
    }
    return w->ended ? 0 : -1;
}

static void a_kill_at_any_call_loses_nothing_that_was_read(void) {
    for (u64 at = 0; at < 300; at++) {
        struct world w;
        struct prng prng;
        prng_init(&prng, 1);
        world_init(&w, 1);
        w.fault_at = at;
        w.fault = EIO;
        w.for_good = true;
        live(&w, &prng, 1000);
        /* The bytes that were read and could not be logged are the only ones that are lost. */
        bool logged = w.source && !w.ended;
        stop(&w);
        w.fault = 0;
        w.ended = false;
        CHECK_EQ(live(&w, &prng, 1000), 0);
        if (!logged) CHECK(right(&w));
        world_fini(&w);
    }
}

static void lives_end_anywhere_and_the_bytes_are_the_same(void) {
    for (u64 seed = 1; seed <= 60; seed++) {
        struct world w;
        struct prng prng;
        prng_init(&prng, seed);
        world_init(&w, seed);
        for (u32 i = 0; i < 6 && !w.ended; i++) {
            live(&w, &prng, prng_below(&prng, 40));
            stop(&w);
        }
        if (!w.ended) CHECK_EQ(live(&w, &prng, 10000), 0);
        CHECK(right(&w));
        world_fini(&w);
    }
}

static void a_full_disk_holds_the_input_back_and_loses_nothing(void) {
    for (u64 at = 0; at < 120; at += 3) {
        struct world w;
        struct prng prng;
        prng_init(&prng, 2);
        world_init(&w, 2);
        CHECK_EQ(start(&w), 0);
        w.fault_at = w.sim.calls + at;
        w.fault = ENOSPC;
        w.for_good = true;
        u32 waits = 0;
        while (!w.ended && waits < 1000) {
            put(&w, prng_below(&prng, 60));
            int took = take(&w);
            if (!CHECK(took >= 0)) break;
            waits += !took;
            if (waits > 100) w.fault = 0; /* there is room again */
            env_sim_advance(&w.sim, 200000000);
        }
        CHECK(right(&w));
        world_fini(&w);
    }
}

static void another_pipe_begins_with_a_record_of_its_own(void) {
    struct world w;
    world_init(&w, 1);
    CHECK_EQ(start(&w), 0);
    CHECK_EQ(write(w.fd, "one\ntw", 6), 6);
    CHECK_EQ(take(&w), 1);
    stop(&w);
    make_fifo(&w);
    CHECK_EQ(write(w.fd, "three\n", 6), 6);
    CHECK_EQ(start(&w), 0);
    CHECK_EQ(take(&w), 1);
    CHECK_EQ(take(&w), 1);
    CHECK(!memcmp(w.got, "one\nthree\n", 10));
    CHECK_EQ(w.taken, 10);
    /* And so again, when both are read from the log. */
    stop(&w);
    CHECK_EQ(start(&w), 0);
    while (take(&w)) {
    }
    CHECK(!memcmp(w.got, "one\nthree\n", 10));
    CHECK_EQ(w.taken, 10);
    world_fini(&w);
}

static char *segment_name(const struct world *w, u32 number) {
    static _Thread_local char path[128];
    snprintf(path, sizeof path, "%s/ingest/s/%020u", w->folder, number);
    return path;
}

/* A log of one segment, cut at every length: whole records are read, from the start, and no more.
 */
static void a_torn_end_is_dropped(void) {
    struct stat st = { .st_size = 1 };
    for (u64 size = 0; size <= (u64)st.st_size; size++) {
        struct world w;
        world_init(&w, 1);
        CHECK_EQ(start(&w), 0);
        for (u32 i = 0; i < 4; i++) {
            put(&w, 60);
            take(&w);
        }
        stop(&w);
        CHECK_EQ(stat(segment_name(&w, 1), &st), 0);
        CHECK_EQ(truncate(segment_name(&w, 1), (off_t)size), 0);
        u64 before = w.taken;
        CHECK_EQ(start(&w), 0);
        int took;
        while ((took = take(&w)) > 0) {
        }
        CHECK_EQ(took, 0);
        CHECK(w.taken <= before && !memcmp(w.got, w.sent, w.taken));
        CHECK(size < (u64)st.st_size || w.taken == before);
        world_fini(&w);
    }
}

/* What a snapshot needs and was damaged is found out before it is used. */
static void what_a_snapshot_needs_is_not_guessed(void) {
    struct world w;
    struct stat st;
    world_init(&w, 1);
    CHECK_EQ(start(&w), 0);
    put(&w, 60);
    CHECK_EQ(take(&w), 1);
    CHECK_EQ(save(&w), 0);
    for (u32 i = 0; i < 4; i++) {
        put(&w, 60);
        take(&w);
    }
    /* Saved as of the first morsel, and synced up to the last. */
    struct pack late;
    pack_init(&late);
    w.ops->save(w.source, &late);
    memcpy(w.saved.at + 5 + 16, late.at + 5 + 16, 8);
    stop(&w);
    CHECK_EQ(stat(segment_name(&w, 1), &st), 0);
    u32 refused = 0;
    for (off_t at = 0; at < st.st_size; at++) {
        int fd = open(segment_name(&w, 1), O_RDWR);
        u8 byte;
        CHECK_EQ(pread(fd, &byte, 1, at), 1);
        byte ^= 16;
        CHECK_EQ(pwrite(fd, &byte, 1, at), 1);
        int took = start(&w) ? -1 : 1;
        while (took > 0) took = take(&w);
        refused += took < 0;
        CHECK(took < 0 || w.taken >= 200);
        CHECK(!memcmp(w.got, w.sent, w.taken));
        stop(&w);
        byte ^= 16;
        CHECK_EQ(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        /* Where the log was read to its end in spite of it, a segment of the live input began. */
        unlink(segment_name(&w, 2));
    }
    CHECK(refused > 200);
    pack_fini(&late);
    world_fini(&w);
}

static u32 segments(const struct world *w) {
    u32 count = 0;
    for (u32 n = 1; n < 1000; n++) count += access(segment_name(w, n), F_OK) == 0;
    return count;
}

static void the_log_is_cut_at_the_oldest_snapshot(void) {
    struct world w;
    world_init(&w, 1);
    struct ingest *l = ingest_open(&w.sim.env, w.folder, "s", 100);
    CHECK(l);
    struct env_file_info live = { .inode = 1 };
    bool another, ended;
    CHECK_EQ(ingest_read(l, w.got, 10, &another, &ended), 0);
    CHECK(!ingest_live(l, &live));
    for (u64 i = 0; i < 40; i++) CHECK_EQ(ingest_append(l, (const u8 *)w.sent + 50 * i, 50), 0);
    u32 all = segments(&w);
    CHECK(all > 10);
    struct pack saved[3];
    for (u32 i = 0; i < 3; i++) {
        pack_init(&saved[i]);
        ingest_save(l, 700 * i, &saved[i]);
    }
    for (u32 i = 0; i < 3; i++) {
        struct unpack at = unpack_of(saved[i].at, saved[i].size), oldest = at;
        CHECK_EQ(ingest_prepare(l, &at), 0);
        ingest_retained(l, &oldest);
    }
    CHECK(segments(&w) < all / 2);
    ingest_close(l);
    for (u32 i = 0; i < 3; i++) {
        l = ingest_open(&w.sim.env, w.folder, "s", 100);
        struct unpack at = unpack_of(saved[i].at, saved[i].size);
        u64 got = 700 * i;
        CHECK_EQ(ingest_seek(l, &at), i < 2 ? -1 : 0);
        for (i64 n = 1; i == 2 && n > 0; got += (u64)n)
            n = ingest_read(l, w.got + got, 33, &another, &ended);
        CHECK(i < 2 || (got == 2000 && !memcmp(w.got + 1400, w.sent + 1400, 600)));
        ingest_close(l);
        pack_fini(&saved[i]);
    }
    world_fini(&w);
}

static void a_log_that_could_not_be_synced_is_not_trusted_again(void) {
    struct world w;
    world_init(&w, 1);
    CHECK_EQ(start(&w), 0);
    put(&w, 200);
    CHECK_EQ(take(&w), 1);
    w.fault_at = w.sim.calls + 1; /* the segment's sync, behind its open */
    w.fault = EIO;
    CHECK_EQ(save(&w), -1);
    CHECK_EQ(save(&w), -1);
    CHECK(strstr(error_text(), "not trusted"));
    world_fini(&w);
}

static void a_fresh_start_leaves_the_log_to_those_who_go_back(void) {
    struct world w;
    world_init(&w, 1);
    CHECK_EQ(start(&w), 0);
    CHECK_EQ(save(&w), 0); /* of the start */
    CHECK_EQ(write(w.fd, "one\ntwo\n", 8), 8);
    CHECK_EQ(take(&w), 1);
    stop(&w);
    struct pack old = w.saved;
    pack_init(&w.saved);
    w.fresh = true;
    CHECK_EQ(start(&w), 0);
    CHECK_EQ(take(&w), 0);
    CHECK_EQ(write(w.fd, "three\n", 6), 6);
    CHECK_EQ(take(&w), 1);
    CHECK(w.taken == 6 && !memcmp(w.got, "three\n", 6));
    stop(&w);
    w.fresh = false;
    w.saved = old;
    CHECK_EQ(start(&w), 0);
    while (take(&w) > 0) {
    }
    CHECK(w.taken == 14 && !memcmp(w.got, "one\ntwo\nthree\n", 14));
    world_fini(&w);
}

/* The writer is gone for good, and to open the pipe would mean to wait for another one. */
static void an_input_that_ended_is_not_opened_again(void) {
    struct world w;
    world_init(&w, 1);
    CHECK_EQ(start(&w), 0);
    CHECK_EQ(save(&w), 0);
    put(&w, w.size);
    while (!w.ended) CHECK(take(&w) >= 0);
    stop(&w);
    unlink(w.fifo);
    w.ended = false;
    CHECK_EQ(start(&w), 0);
    while (!w.ended && take(&w) >= 0) {
    }
    CHECK(right(&w));
    world_fini(&w);
}

static const struct test tests[] = {
    TEST(a_kill_at_any_call_loses_nothing_that_was_read),
    TEST(lives_end_anywhere_and_the_bytes_are_the_same),
    TEST(a_full_disk_holds_the_input_back_and_loses_nothing),
    TEST(another_pipe_begins_with_a_record_of_its_own),
    TEST(a_torn_end_is_dropped),
    TEST(what_a_snapshot_needs_is_not_guessed),
    TEST(the_log_is_cut_at_the_oldest_snapshot),
    TEST(a_log_that_could_not_be_synced_is_not_trusted_again),
    TEST(an_input_that_ended_is_not_opened_again),
    TEST(a_fresh_start_leaves_the_log_to_those_who_go_back),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("ingest", tests, argc, argv);
}
