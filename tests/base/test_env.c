#include "runtime/base/env.h"
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder for one test, removed with what the tests make in it. */
struct folder {
    char at[64];
    char path[4][96];
};

static void folder_make(struct folder *folder) {
    strcpy(folder->at, P_tmpdir "/millrace-test-XXXXXX");
    CHECK(mkdtemp(folder->at));
    for (int i = 0; i < 4; i++)
        snprintf(folder->path[i], sizeof folder->path[i], "%s/file%d", folder->at, i);
}

static void folder_remove(struct folder *folder) {
    for (int i = 0; i < 4; i++) unlink(folder->path[i]);
    CHECK_EQ(rmdir(folder->at), 0);
}

static void write_file(struct env *env, const char *path, const void *from, u64 size) {
    struct env_file file;
    CHECK_EQ(env_open(env, path, ENV_OPEN_CREATE, &file), 0);
    CHECK_EQ(env_write_all(env, file, from, size), 0);
    CHECK_EQ(env_close(env, file), 0);
}

static void what_is_written_is_read_again(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    write_file(&env, folder.path[0], "hello, ", 7);
    struct env_file file;
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_APPEND, &file), 0);
    CHECK_EQ(env_write_all(&env, file, "world", 5), 0);
    CHECK_EQ(env_sync(&env, file), 0);
    CHECK_EQ(env_close(&env, file), 0);
    CHECK_EQ(env_rename(&env, folder.path[0], folder.path[1]), 0);
    CHECK_EQ(env_open(&env, folder.path[1], ENV_OPEN_READ, &file), 0);
    struct env_file_info info;
    CHECK_EQ(env_info(&env, file, &info), 0);
    CHECK_EQ(info.kind, ENV_FILE_REGULAR);
    CHECK_EQ(info.size, 12);
    char text[32] = { 0 };
    CHECK_EQ(env_read(&env, file, text, 5), 5);
    CHECK_STR(text, "hello");
    CHECK_EQ(env_read_at(&env, file, text, sizeof text, 7), 5);
    CHECK(!memcmp(text, "world", 5));
    CHECK_EQ(env_close(&env, file), 0);
    CHECK_EQ(env_unlink(&env, folder.path[1]), 0);
    folder_remove(&folder);
}

static void files_are_made_grown_cut_and_never_replaced_by_mistake(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    struct env_file file;
    struct env_file_info info;
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_CREATE_NEW, &file), 0);
    CHECK_EQ(env_preallocate(&env, file, 10000), 0);
    CHECK_EQ(env_info(&env, file, &info), 0);
    CHECK_EQ(info.size, 10000);
    CHECK_EQ(env_truncate(&env, file, 10), 0);
    CHECK_EQ(env_info(&env, file, &info), 0);
    CHECK_EQ(info.size, 10);
    CHECK_EQ(env_close(&env, file), 0);
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_CREATE_NEW, &file), -1);
    CHECK_EQ(error_number(), EEXIST);
    write_file(&env, folder.path[1], "x", 1);
    CHECK_EQ(env_rename_new(&env, folder.path[1], folder.path[0]), -1);
    CHECK_EQ(error_number(), EEXIST);
    CHECK_EQ(env_mkdir(&env, folder.path[2]), 0);
    CHECK_EQ(env_mkdir(&env, folder.path[2]), 0);
    CHECK_EQ(env_mkdir(&env, folder.path[0]), -1);
    CHECK_EQ(env_open(&env, folder.path[2], ENV_OPEN_READ, &file), 0);
    CHECK_EQ(env_info(&env, file, &info), 0);
    CHECK_EQ(info.kind, ENV_FILE_FOLDER);
    CHECK_EQ(env_sync(&env, file), 0);
    CHECK_EQ(env_close(&env, file), 0);
    rmdir(folder.path[2]);
    folder_remove(&folder);
    error_clear();
}

static void a_failure_names_the_file(void) {
    struct env env = env_real();
    struct env_file file;
    CHECK_EQ(env_open(&env, "/no/such/file", ENV_OPEN_READ, &file), -1);
    CHECK_STR(error_text(), "open /no/such/file: No such file or directory");
    CHECK_EQ(env_open(&env, "/", ENV_OPEN_CREATE, &file), -1);
    CHECK_STR(error_text(), "create /: Is a directory");
    error_clear();
}

static void a_full_disk_is_an_error(void) {
    struct env env = env_real();
    struct env_file file;
    CHECK_EQ(env_open(&env, "/dev/full", ENV_OPEN_APPEND, &file), 0);
    CHECK_EQ(env_write_all(&env, file, "x", 1), -1);
    CHECK_STR(error_text(), "write /dev/full: No space left on device");
    CHECK_EQ(env_close(&env, file), 0);
    error_clear();
}

static void a_pipe_tells_when_it_can_be_read(void) {
    struct env env = env_real();
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    struct env_file from = { ends[0], "pipe" }, to = { ends[1], "pipe" };
    struct env_file_info info;
    CHECK_EQ(env_info(&env, from, &info), 0);
    CHECK_EQ(info.kind, ENV_FILE_STREAM);
    CHECK(!env_readable(&env, from, 0));
    CHECK(!env_readable(&env, from, 1000000));
    CHECK_EQ(env_write_all(&env, to, "ab", 2), 0);
    CHECK(env_readable(&env, from, TIME_FOREVER));
    char two[8];
    CHECK_EQ(env_read(&env, from, two, sizeof two), 2);
    CHECK_EQ(env_close(&env, to), 0);
    CHECK(env_readable(&env, from, 0));
    CHECK_EQ(env_read(&env, from, two, sizeof two), 0);
    CHECK_EQ(env_close(&env, from), 0);
}

/* Every read and write moves half, but the one of number 12 fails. */
static int short_and_broken(void *arg, u64 nth, enum env_call call, const char *name) {
    if (call == ENV_CALL_WRITE || call == ENV_CALL_READ) return nth == 12 ? EIO : ENV_FAULT_SHORT;
    return 0;
}

static void short_writes_go_on_and_faults_are_told(void) {
    struct env_sim sim;
    env_sim_init(&sim, 1);
    sim.fault = short_and_broken;
    struct folder folder;
    folder_make(&folder);
    write_file(&sim.env, folder.path[0], "0123456789", 10); /* calls 0, then 1 to 4: 5, 3, 1, 1 */
    CHECK_EQ(sim.calls, 5);
    struct env_file file;
    char text[16] = { 0 };
    CHECK_EQ(env_open(&sim.env, folder.path[0], ENV_OPEN_READ, &file), 0);
    CHECK_EQ(env_read(&sim.env, file, text, 10), 5);
    CHECK_EQ(env_read_at(&sim.env, file, text, 10, 0), 10);
    CHECK_STR(text, "0123456789");
    CHECK_EQ(sim.calls, 11);
    CHECK_EQ(env_read(&sim.env, file, text, 1), 1);
    CHECK_EQ(env_read(&sim.env, file, text, 1), -1);
    CHECK(strstr(error_text(), "Input/output error"));
    CHECK_EQ(env_close(&sim.env, file), 0);
    folder_remove(&folder);
    error_clear();
}

static void a_mapping_has_zeros_around(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    static u8 bytes[3 * 4096];
    memset(bytes, 'x', sizeof bytes);
    const u64 sizes[] = { 0, 1, 4095, 4096, 4097, sizeof bytes };
    for (u32 i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        write_file(&env, folder.path[0], bytes, sizes[i]);
        struct env_file file;
        struct env_map map;
        CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_READ, &file), 0);
        CHECK_EQ(env_map_file(&env, file, sizes[i], &map), 0);
        CHECK_EQ(env_close(&env, file), 0);
        u64 x = 0, other = 0;
        for (i64 k = -ENV_MAP_BEFORE; k < (i64)sizes[i] + ENV_MAP_AFTER; k++) {
            x += map.at[k] == 'x' && k >= 0 && k < (i64)sizes[i];
            other += map.at[k] == 0;
        }
        CHECK_EQ(x, sizes[i]);
        CHECK_EQ(other, ENV_MAP_BEFORE + ENV_MAP_AFTER);
        env_map_done(&map, 0, sizes[i]);
        if (sizes[i]) CHECK_EQ(map.at[sizes[i] - 1], 'x');
        env_unmap(&map);
    }
    folder_remove(&folder);
}

/* Runs `child` in a process of its own: its exit status as of wait, and what it said on stderr. */
static int in_a_child(void (*child)(const char *path), const char *path, char *said, size_t room) {
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        child(path);
        _exit(77);
    }
    close(ends[1]);
    size_t size = 0;
    for (ssize_t got; (got = read(ends[0], said + size, room - 1 - size)) > 0;) size += (size_t)got;
    said[size] = 0;
    close(ends[0]);
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return status;
}

static void read_after_shrinking(const char *path) {
    struct env env = env_real();
    struct env_file file;
    struct env_map map;
    if (env_open(&env, path, ENV_OPEN_READ, &file) < 0) _exit(78);
    if (env_map_file(&env, file, 8192, &map) < 0) _exit(79);
    if (truncate(path, 10) < 0) _exit(80);
    _exit(((volatile const u8 *)map.at)[5000] ? 81 : 82);
}

static void a_file_that_shrinks_while_it_is_read_stops_the_process_by_name(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    static u8 bytes[8192];
    write_file(&env, folder.path[0], bytes, sizeof bytes);
    char said[512], wanted[256];
    int status = in_a_child(read_after_shrinking, folder.path[0], said, sizeof said);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 1);
    snprintf(wanted, sizeof wanted,
             "millrace: %s shrank while it was read; run again when nobody writes to it\n",
             folder.path[0]);
    CHECK_STR(said, wanted);
    folder_remove(&folder);
}

static void bus_error_elsewhere(const char *path) {
    struct env env = env_real();
    struct env_file file;
    struct env_map map;
    if (env_open(&env, path, ENV_OPEN_READ, &file) < 0) _exit(78);
    if (env_map_file(&env, file, 8192, &map) < 0) _exit(79);
    env_unmap(&map);
    raise(SIGBUS);
    _exit(83);
}

static void a_bus_error_elsewhere_is_not_hidden(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    static u8 bytes[8192];
    write_file(&env, folder.path[0], bytes, sizeof bytes);
    char said[512];
    int status = in_a_child(bus_error_elsewhere, folder.path[0], said, sizeof said);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    folder_remove(&folder);
}

static void big_memory_is_aligned_and_zero(void) {
    const u64 sizes[] = { 1, 2 << 20, (2 << 20) + 1 };
    for (u32 i = 0; i < 3; i++) {
        u8 *at = env_huge_alloc(sizes[i]);
        if (!CHECK(at)) return;
        CHECK_EQ((uintptr_t)at % (2 << 20), 0);
        CHECK_EQ(at[0] | at[sizes[i] - 1], 0);
        at[sizes[i] - 1] = 1;
        env_huge_free(at, sizes[i]);
    }
    u64 wide = (u64)64 << 30; /* more than the machine has */
    u8 *at = env_reserve(wide);
    if (!CHECK(at)) return;
    at[0] = at[wide - 1] = 1;
    CHECK_EQ(at[wide / 2], 0);
    env_unreserve(at, wide);
    CHECK(!env_huge_alloc((u64)1 << 60));
    CHECK_EQ(error_number(), ENOMEM);
    error_clear();
}

struct handshake {
    struct env *env;
    _Atomic u32 word;
    u64 seen;
};

static void wait_for_the_word(void *arg) {
    struct handshake *hand = arg;
    while (!hand->word) env_park(hand->env, &hand->word, 0, TIME_FOREVER);
    hand->seen = hand->word;
}

static void a_parked_thread_is_woken(void) {
    struct env env = env_real();
    struct handshake hand = { .env = &env };
    struct env_thread thread;
    CHECK_EQ(env_thread_start(&env, &thread, "sleeper-with-a-long-name", wait_for_the_word, &hand),
             0);
    CHECK_STR(thread.name, "sleeper-with-a-");
    env_sleep_ns(&env, 2000000);
    hand.word = 5;
    env_wake(&env, &hand.word);
    env_thread_join(&env, &thread);
    CHECK_EQ(hand.seen, 5);
}

static void parking_ends_at_the_timeout(void) {
    struct env env = env_real();
    _Atomic u32 word = 0;
    i64 before = env_mono_ns(&env);
    env_park(&env, &word, 0, 3000000);
    CHECK(env_mono_ns(&env) - before >= 2900000);
    env_park(&env, &word, 1, TIME_FOREVER); /* the word has changed already */
    CHECK(env_wall_ns(&env) > (i64)1700000000 * 1000000000);
    CHECK(env_random(&env) != env_random(&env));
}

static void simulated_time_passes_only_when_told(void) {
    struct env_sim sim;
    env_sim_init(&sim, 7);
    struct env *env = &sim.env;
    CHECK_EQ(env_mono_ns(env), 0);
    i64 wall = env_wall_ns(env);
    env_sleep_ns(env, 10);
    env_sim_advance(&sim, 5);
    _Atomic u32 word = 0;
    env_park(env, &word, 0, 100);
    env_park(env, &word, 1, 1000);
    env_park(env, &word, 0, TIME_FOREVER);
    env_wake(env, &word);
    CHECK_EQ(env_mono_ns(env), 115);
    CHECK_EQ(env_wall_ns(env) - wall, 115);
    struct env_sim same;
    env_sim_init(&same, 7);
    CHECK_EQ(env_random(env), env_random(&same.env));
    struct env_thread thread;
    CHECK_EQ(env_thread_start(env, &thread, "t", wait_for_the_word, NULL), -1);
    error_clear();
}

static void a_lock_is_for_one(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    struct env_file first, second;
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_UPDATE, &first), 0);
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_UPDATE, &second), 0);
    CHECK_EQ(env_lock(&env, first), 0);
    CHECK_EQ(env_lock(&env, second), -1);
    CHECK_EQ(error_number(), EAGAIN);
    CHECK_EQ(env_close(&env, second), 0);
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_UPDATE, &second), 0);
    CHECK_EQ(env_lock(&env, second), -1); /* closing another open of the file did not lose it */
    CHECK_EQ(env_close(&env, first), 0);
    CHECK_EQ(env_lock(&env, second), 0);
    CHECK_EQ(env_close(&env, second), 0);
    folder_remove(&folder);
    error_clear();
}

static void count_name(void *arg, const char *name) {
    u32 *seen = arg;
    seen[0]++;
    seen[1] += !strcmp(name, "file1") || !strcmp(name, "file2");
}

static void a_folder_tells_what_is_in_it(void) {
    struct env env = env_real();
    struct folder folder;
    folder_make(&folder);
    write_file(&env, folder.path[1], "x", 1);
    CHECK_EQ(env_mkdir_private(&env, folder.path[2]), 0);
    u32 seen[2] = { 0 };
    CHECK_EQ(env_list(&env, folder.at, count_name, seen), 0);
    CHECK_EQ(seen[0], 2);
    CHECK_EQ(seen[1], 2);
    CHECK_EQ(env_rmdir(&env, folder.at), -1);
    CHECK_EQ(env_rmdir(&env, folder.path[2]), 0);
    CHECK_EQ(env_list(&env, folder.path[2], count_name, seen), -1);
    CHECK_EQ(error_number(), ENOENT);
    folder_remove(&folder);
    error_clear();
}

/* Calls as letters: what is asked before, in lower case, what is told afterwards, in upper case. */
struct diary {
    char text[64];
    u32 size;
};

static int diary_ask(void *self, enum env_call call, const char *name) {
    struct diary *diary = self;
    diary->text[diary->size++] = (char)('a' + call);
    return call == ENV_CALL_UNLINK ? EIO : 0;
}

static void diary_note(void *self, const struct env_record *done) {
    struct diary *diary = self;
    diary->text[diary->size++] = (char)('A' + done->call);
    if (done->call == ENV_CALL_WRITE) {
        CHECK_EQ(done->size, 3);
        CHECK(!memcmp(done->bytes, "abc", 3));
        CHECK(done->offset == 0 || done->offset == ENV_RECORD_HERE);
    }
}

static void a_recorder_is_told_what_has_been_done_with_the_bytes(void) {
    struct folder folder;
    folder_make(&folder);
    const struct env_ops ops = { .fault = diary_ask, .record = diary_note };
    struct diary diary = { 0 };
    struct env env = { &ops, &diary };
    struct env_file file;
    CHECK_EQ(env_open(&env, folder.path[0], ENV_OPEN_CREATE_NEW, &file), 0);
    CHECK_EQ(env_write_all(&env, file, "abc", 3), 0);
    CHECK_EQ(env_write_at(&env, file, "abc", 3, 0), 0);
    CHECK_EQ(env_sync(&env, file), 0);
    CHECK_EQ(env_close(&env, file), 0);
    CHECK_EQ(env_unlink(&env, folder.path[0]), -1); /* refused: nothing was done */
    env_point(&env, "here");
    CHECK_STR(diary.text, "aAdDdDhHPjo");
    folder_remove(&folder);
    error_clear();
}

static const struct test tests[] = {
    TEST(a_lock_is_for_one),
    TEST(a_folder_tells_what_is_in_it),
    TEST(a_recorder_is_told_what_has_been_done_with_the_bytes),
    TEST(what_is_written_is_read_again),
    TEST(files_are_made_grown_cut_and_never_replaced_by_mistake),
    TEST(a_failure_names_the_file),
    TEST(a_full_disk_is_an_error),
    TEST(a_pipe_tells_when_it_can_be_read),
    TEST(short_writes_go_on_and_faults_are_told),
    TEST(a_mapping_has_zeros_around),
    TEST(a_file_that_shrinks_while_it_is_read_stops_the_process_by_name),
    TEST(a_bus_error_elsewhere_is_not_hidden),
    TEST(big_memory_is_aligned_and_zero),
    TEST(a_parked_thread_is_woken),
    TEST(parking_ends_at_the_timeout),
    TEST(simulated_time_passes_only_when_told),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("env", tests, argc, argv);
}
