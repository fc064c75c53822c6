#include "runtime/metrics/metrics.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x6d65747269637331ull /* "metrics1" */
#define LINE 128u

/* The head, then the names of all kinds one after another, then the writers' blocks. */
struct metrics {
    u64 magic; /* stored last */
    u64 catalogue;
    u64 size;
    u32 pid;
    u32 shared;
    u32 counts[METRICS_KINDS];
    u32 names_at[METRICS_KINDS];
    u32 cells_at[METRICS_KINDS]; /* in a block */
    u32 writers, block_at, block_bytes;
};

const struct metric_info metric_infos[METRICS_COUNT] = {
#define INFO(kind, type, name, fold, unit, help)                                                   \
    { #name, unit, help, METRICS_##kind, METRICS_FOLD_##fold, offsetof(struct type, name) },
#define JOB_METRIC(name, fold, unit, help) INFO(JOB, metrics_job, name, fold, unit, help)
#define SOURCE_METRIC(name, fold, unit, help) INFO(SOURCE, metrics_source, name, fold, unit, help)
#define STAGE_METRIC(name, fold, unit, help) INFO(STAGE, metrics_stage, name, fold, unit, help)
#define BLACKHOLE_METRIC(name, fold, unit, help)                                                   \
    INFO(BLACKHOLE, metrics_blackhole, name, fold, unit, help)
#include "runtime/metrics/metrics.def"
};

static const u32 cell_bytes[METRICS_KINDS] = {
    [METRICS_JOB] = sizeof(struct metrics_job),
    [METRICS_SOURCE] = sizeof(struct metrics_source),
    [METRICS_STAGE] = sizeof(struct metrics_stage),
    [METRICS_BLACKHOLE] = sizeof(struct metrics_blackhole),
};

/* Tells segments of other versions apart. */
static u64 catalogue_hash(void) {
    u64 hash = METRICS_COUNT;
    for (u32 i = 0; i < METRICS_COUNT; i++)
        hash = hash_bytes(metric_infos[i].name, strlen(metric_infos[i].name), hash);
    return hash;
}

static void segment_name(char *room, size_t size, u32 pid) {
    snprintf(room, size, "/millrace-%u", pid);
}

static u32 round_to_line(u32 size) {
    return (size + LINE - 1) / LINE * LINE;
}

/* Where everything goes, in a segment of this shape. */
static struct metrics head_of(const struct metrics_shape *shape) {
    struct metrics head = { .catalogue = catalogue_hash(),
                            .pid = (u32)getpid(),
                            .writers = shape->writers };
    u32 at = sizeof head, block = 0;
    for (u32 kind = 0; kind < METRICS_KINDS; kind++) {
        head.counts[kind] = shape->counts[kind];
        head.names_at[kind] = at;
        for (u32 i = 0; i < shape->counts[kind]; i++) at += (u32)strlen(shape->names[kind][i]) + 1;
        head.cells_at[kind] = block;
        block += shape->counts[kind] * cell_bytes[kind];
    }
    head.block_at = round_to_line(at);
    head.block_bytes = round_to_line(block);
    head.size = head.block_at + (u64)head.writers * head.block_bytes;
    return head;
}

/* Segments of processes that were killed. A segment is locked as long as it is mapped (the mapping
   holds the open file): what can be locked is nobody's, also where its pid is another namespace's.
 */
static void sweep(void) {
    DIR *folder = opendir("/dev/shm");
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[32];
        u32 pid;
        if (sscanf(entry->d_name, "millrace-%u", &pid) != 1) continue;
        segment_name(name, sizeof name, pid);
        if (strcmp(name + 1, entry->d_name) != 0) continue;
        int fd = shm_open(name, O_RDWR, 0);
        if (fd < 0) continue;
        if (!flock(fd, LOCK_EX | LOCK_NB)) shm_unlink(name);
        close(fd);
    }
    closedir(folder);
}

/* Null: not to be had. */
static struct metrics *map_shared(u64 size, u32 pid) {
    char name[32];
    segment_name(name, sizeof name, pid);
    sweep();
    shm_unlink(name); /* of a process that has our number in another namespace */
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0) return NULL;
    void *at = MAP_FAILED;
    if (flock(fd, LOCK_EX | LOCK_NB)) size = 0; /* it was swept before it was locked */
    /* Taken now: a full /dev/shm is an answer here, and SIGBUS later. */
    if (size && !posix_fallocate(fd, 0, (off_t)size))
        at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) return at;
    shm_unlink(name);
    return NULL;
}

static _Atomic i64 *cell_at(const struct metrics *m, u32 writer, enum metrics_kind kind, u32 number,
                            u32 offset) {
    return (_Atomic i64 *)((char *)m + m->block_at + (u64)writer * m->block_bytes +
                           m->cells_at[kind] + number * cell_bytes[kind] + offset);
}

static i64 fold_start(enum metrics_fold fold) {
    switch (fold) {
    case METRICS_FOLD_SUM:
        return 0;
    case METRICS_FOLD_LEAST:
        return TIME_FOREVER;
    case METRICS_FOLD_GREATEST:
        return TIME_NEVER;
    }
    __builtin_unreachable();
}

struct metrics *metrics_open(const struct metrics_shape *shape, bool shared) {
    ENSURE(shape->counts[METRICS_JOB] == 1 && shape->writers);
    struct metrics head = head_of(shape), *m = shared ? map_shared(head.size, head.pid) : NULL;
    head.shared = m != NULL;
    if (!m) m = mmap(NULL, head.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED) {
        error_set(errno, "allocate %llu bytes of metrics", (unsigned long long)head.size);
        return NULL;
    }
    *m = head;
    for (u32 kind = 0; kind < METRICS_KINDS; kind++) {
        char *name = (char *)m + m->names_at[kind];
        for (u32 i = 0; i < m->counts[kind]; i++) name = stpcpy(name, shape->names[kind][i]) + 1;
    }
    for (u32 i = 0; i < METRICS_COUNT; i++) {
        const struct metric_info *info = &metric_infos[i];
        for (u32 writer = 0; writer < m->writers; writer++)
            for (u32 number = 0; number < m->counts[info->kind]; number++)
                metrics_set(cell_at(m, writer, info->kind, number, info->offset),
                            fold_start(info->fold));
    }
    __atomic_store_n(&m->magic, MAGIC, __ATOMIC_RELEASE);
    return m;
}

void metrics_close(struct metrics *m) {
    char name[32];
    segment_name(name, sizeof name, m->pid);
    if (m->shared) shm_unlink(name);
    ENSURE(munmap(m, m->size) == 0);
}

static void *cells(struct metrics *m, u32 writer, enum metrics_kind kind) {
    ENSURE(writer < m->writers);
    return (void *)cell_at(m, writer, kind, 0, 0);
}

struct metrics_job *metrics_job(struct metrics *m, u32 writer) {
    return cells(m, writer, METRICS_JOB);
}

struct metrics_source *metrics_sources(struct metrics *m, u32 writer) {
    return cells(m, writer, METRICS_SOURCE);
}

struct metrics_stage *metrics_stages(struct metrics *m, u32 writer) {
    return cells(m, writer, METRICS_STAGE);
}

struct metrics_blackhole *metrics_blackholes(struct metrics *m, u32 writer) {
    return cells(m, writer, METRICS_BLACKHOLE);
}

const struct metrics *metrics_attach(u32 pid) {
    char name[32];
    segment_name(name, sizeof name, pid);
    int fd = shm_open(name, O_RDONLY, 0);
    if (fd < 0) {
        error_set(errno, "no job is watched in process %u", pid);
        return NULL;
    }
    struct stat st;
    struct metrics *m = MAP_FAILED;
    if (fstat(fd, &st) == 0 && (u64)st.st_size >= sizeof *m)
        m = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (m == MAP_FAILED) {
        error_set(0, "the metrics of process %u cannot be read yet", pid);
        return NULL;
    }
    if (__atomic_load_n(&m->magic, __ATOMIC_ACQUIRE) == MAGIC && m->catalogue == catalogue_hash() &&
        m->size == (u64)st.st_size)
        return m;
    munmap(m, (size_t)st.st_size);
    error_set(0, "the metrics of process %u are of another version of millrace", pid);
    return NULL;
}

void metrics_detach(const struct metrics *m) {
    ENSURE(munmap((void *)m, m->size) == 0);
}

u32 metrics_count(const struct metrics *m, enum metrics_kind kind) {
    return m->counts[kind];
}

const char *metrics_name(const struct metrics *m, enum metrics_kind kind, u32 number) {
    ENSURE(number < m->counts[kind]);
    const char *name = (const char *)m + m->names_at[kind];
    while (number--) name += strlen(name) + 1;
    return name;
}

i64 metrics_read(const struct metrics *m, enum metric metric, u32 number) {
    const struct metric_info *info = &metric_infos[metric];
    ENSURE(number < m->counts[info->kind]);
    i64 value = fold_start(info->fold);
    for (u32 writer = 0; writer < m->writers; writer++) {
        i64 cell = atomic_load_explicit(cell_at(m, writer, info->kind, number, info->offset),
                                        memory_order_relaxed);
        switch (info->fold) {
        case METRICS_FOLD_SUM:
            value += cell;
            break;
        case METRICS_FOLD_LEAST:
            value = cell < value ? cell : value;
            break;
        case METRICS_FOLD_GREATEST:
            value = cell > value ? cell : value;
            break;
        }
    }
    return value;
}
