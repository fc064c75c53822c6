#include "dsl/build.h"

#include "dsl/build_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/error.h"
#include "runtime/base/hash.h"
#include "runtime/job.h"

extern char **environ;

static const char *const base_flags[] = { "-std=gnu11",
                                          "-O2",
                                          "-w",
                                          "-fPIC",
                                          "-fno-plt",
                                          "-fno-strict-aliasing",
                                          "-ffp-contract=off", /* products are rounded everywhere */
                                          "-fvisibility=hidden",
                                          "-fno-semantic-interposition" };
#ifdef __x86_64__
#define PORTABLE "-march=x86-64-v3"
#else
#define PORTABLE "-march=armv8-a"
#endif
static const char *const header_folders[] = { "runtime",      "runtime/base",  "runtime/data",
                                              "runtime/edge", "runtime/state", "runtime/stage" };

#define FLAGS_MAX 64

struct flags {
    const char *at[FLAGS_MAX];
    u32 count;
    char words[1024]; /* of build->flags, cut at blanks */
};

/* ---- what the object depends on ---- */

struct stamp {
    u64 low, high;
};

static void stamp_add(struct stamp *s, const void *at, size_t size) {
    s->low = hash_bytes(at, size, s->low + 1);
    s->high = hash_bytes(at, size, s->high ^ HASH_A);
}

static void stamp_file(struct stamp *s, const char *path) {
    struct stat st;
    if (stat(path, &st) != 0) return;
    i64 facts[] = { st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec };
    stamp_add(s, facts, sizeof facts);
}

/* Folders list their files in any order: the stamps of files are added up. */
static void stamp_headers(struct stamp *s, const char *root) {
    struct stamp sum = { 0, 0 };
    for (u32 i = 0; i < sizeof header_folders / sizeof *header_folders; i++) {
        char path[BUILD_PATH];
        snprintf(path, sizeof path, "%s/%s", root, header_folders[i]);
        DIR *dir = opendir(path);
        for (struct dirent *entry; dir && (entry = readdir(dir));) {
            size_t size = strlen(entry->d_name);
            if (size < 3 || strcmp(entry->d_name + size - 2, ".h") != 0) continue;
            struct stamp file = { i, i };
            snprintf(path, sizeof path, "%s/%s/%s", root, header_folders[i], entry->d_name);
            stamp_add(&file, path, strlen(path));
            stamp_file(&file, path);
            sum.low += file.low;
            sum.high += file.high;
        }
        if (dir) closedir(dir);
    }
    stamp_add(s, &sum, sizeof sum);
}

/* Where a program is that the shell would find; false: nowhere. */
static bool find_program(const char *name, char *path) {
    const char *search = getenv("PATH");
    for (const char *at = search ? search : "/usr/bin:/bin"; at;) {
        const char *end = strchr(at, ':');
        int size = end ? (int)(end - at) : (int)strlen(at);
        snprintf(path, BUILD_PATH, "%.*s/%s", size, at, name);
        if (size && access(path, X_OK) == 0) return true;
        at = end ? end + 1 : NULL;
    }
    return false;
}

static int write_text(const char *path, const char *at, size_t size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return error_set(errno, "write %s", path);
    while (size) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            int why = errno;
            close(fd);
            return error_set(why, "write %s", path);
        }
        at += n;
        size -= (size_t)n;
    }
    return close(fd) == 0 ? 0 : error_set(errno, "write %s", path);
}

/* ---- the compiler ---- */

static void flag(struct flags *f, const char *word) {
    if (f->count + 1 < FLAGS_MAX) f->at[f->count++] = word;
}

static void gather_flags(struct flags *f, const struct build *b) {
    for (u32 i = 0; i < sizeof base_flags / sizeof *base_flags; i++) flag(f, base_flags[i]);
    flag(f, b->portable ? PORTABLE : "-march=native");
    if (b->debug) flag(f, "-g1");
    snprintf(f->words, sizeof f->words, "%s", b->flags ? b->flags : "");
    for (char *save, *word = strtok_r(f->words, " ", &save); word;
         word = strtok_r(NULL, " ", &save))
        flag(f, word);
}

/* What the compiler said: its first lines. */
static const char *first_words(const char *log, char *room, size_t size) {
    FILE *file = fopen(log, "r");
    size_t n = file ? fread(room, 1, size - 1, file) : 0;
    if (file) fclose(file);
    room[n] = 0;
    return room;
}

/* One run of the compiler. */
struct child {
    pid_t pid;
    char out[BUILD_PATH + 64], log[BUILD_PATH + 64]; /* files: what it makes, what it says */
};

/* Ctrl-C is for us, not for the compiler: a terminal sends it to both. */
static int start(struct child *c, const char **argv) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, c->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int failed =
        posix_spawn(&c->pid, argv[0], &actions, &attributes, (char **)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed ? error_set(failed, "run the C compiler %s", argv[0]) : 0;
}

static int finish(const struct child *c, const char *cc) {
    int status;
    while (waitpid(c->pid, &status, 0) < 0)
        if (errno != EINTR) return error_set(errno, "wait for the C compiler");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    if (WIFSIGNALED(status))
        return error_set(0, "the C compiler %s was ended by signal %d", cc, WTERMSIG(status));
    char said[2000];
    return error_set(0,
                     "the C compiler %s failed on generated code, which is a bug of millrace:\n%s",
                     cc, first_words(c->log, said, sizeof said));
}

/* cc, the flags and more words. */
static int start_with(struct child *c, const char *cc, const struct flags *f,
                      const char *const *words) {
    const char *argv[FLAGS_MAX + 16];
    u32 count = 0;
    argv[count++] = cc;
    for (u32 i = 0; i < f->count; i++) argv[count++] = f->at[i];
    while (*words) argv[count++] = *words++;
    argv[count++] = "-o";
    argv[count++] = c->out;
    argv[count] = NULL;
    return start(c, argv);
}

/* The two parts of the text (runtime/job.h) side by side, then both into one object. */
static int compile(const char *cc, const struct flags *f, const char *root, const char *source,
                   struct child parts[2], struct child *whole) {
    static const char *const define[2] = { "-DPART_RINGS", "-DPART_FUSED" };
    char include[BUILD_PATH + 2];
    int started, failed = 0;
    snprintf(include, sizeof include, "-I%s", root);
    for (started = 0; started < 2 && !failed; started += !failed)
        failed = start_with(&parts[started], cc, f,
                            (const char *[]){ include, "-c", define[started], source, NULL });
    for (int i = 0; i < started; i++)
        if (finish(&parts[i], cc)) failed = -1;
    if (failed) return -1;
    failed =
        start_with(whole, cc, f, (const char *[]){ "-shared", parts[0].out, parts[1].out, NULL });
    return failed ? -1 : finish(whole, cc);
}

static double now_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void name_files(struct child *c, const char *path, const char *suffix) {
    snprintf(c->out, sizeof c->out, "%s%s", path, suffix);
    snprintf(c->log, sizeof c->log, "%s%s.log", path, suffix);
}

/* Under names of its own, then in one step under the one that others look for. */
static int compile_into(const char *folder, const char *hash, const char *text, size_t size,
                        const char *cc, const struct flags *f, const char *root, struct build *b) {
    char own[BUILD_PATH], source[BUILD_PATH + 64];
    struct child parts[2], whole;
    snprintf(own, sizeof own, "%s/%s.%d", folder, hash, (int)getpid());
    snprintf(source, sizeof source, "%s.c", own);
    name_files(&parts[0], own, ".rings.o");
    name_files(&parts[1], own, ".fused.o");
    name_files(&whole, own, ".so");
    int failed = write_text(source, text, size);
    if (!failed) failed = compile(cc, f, root, source, parts, &whole);
    if (!failed && rename(whole.out, b->path) != 0)
        failed = error_set(errno, "put the compiled job at %s", b->path);
    const struct child *all[] = { &parts[0], &parts[1], &whole };
    for (u32 i = 0; i < 3; i++) {
        unlink(all[i]->out);
        unlink(all[i]->log);
    }
    unlink(source);
    return failed;
}

int build_job(const char *text, size_t size, struct build *b) {
    const char *root = b->include_root ? b->include_root : MILLRACE_INCLUDE_ROOT;
    char cc[BUILD_PATH], folder[BUILD_PATH - 64], hash[40], header[BUILD_PATH];
    struct flags f = { 0 };
    struct stamp stamp = { JOB_ABI, 0 };
    double start = now_seconds();
    bool has_compiler = find_program("cc", cc);
    gather_flags(&f, b);
    stamp_add(&stamp, text, size);
    for (u32 i = 0; i < f.count; i++) stamp_add(&stamp, f.at[i], strlen(f.at[i]) + 1);
    if (has_compiler) stamp_file(&stamp, cc);
    stamp_headers(&stamp, root);
    snprintf(hash, sizeof hash, "%016llx%016llx", (unsigned long long)stamp.high,
             (unsigned long long)stamp.low);
    if (cache_folder(folder, sizeof folder) != 0) return -1;
    snprintf(b->path, sizeof b->path, "%s/%s.so", folder, hash);
    b->cached = cache_has(b->path);
    if (!b->cached) {
        snprintf(header, sizeof header, "%s/runtime/job.h", root);
        if (!has_compiler)
            return error_set(
                ENOENT,
                "there is no C compiler (`cc`) to compile the job with; install gcc, or run a "
                "job that `millrace build` made elsewhere");
        if (access(header, R_OK) != 0)
            return error_set(errno, "find millrace's headers: %s", header);
        if (compile_into(folder, hash, text, size, cc, &f, root, b) != 0) return -1;
        cache_sweep(folder);
    }
    b->seconds = now_seconds() - start;
    return 0;
}
