#include "io/ingest.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"
#include "runtime/base/hash.h"
#include "runtime/data/number.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x31676f6c74736e69ull /* "instlog1" */
#define NAME_DIGITS 20

struct segment_head {
    u64 magic, number, offset; /* of its first byte in the log */
    u64 device, inode;         /* of the live input that it holds */
    u64 sum;                   /* of all before it */
};

struct record_head {
    u64 offset, size; /* 0 bytes: the end of the input */
    u64 sum;          /* of the bytes, keyed by what is above */
};

struct segment {
    u64 number, offset, device, inode;
};

struct ingest {
    struct env *env;
    char *folder, *parent, *state;
    u64 segment_bytes;
    /* the ticket's holder */
    struct segment *segments; /* those with a good head, by number */
    u32 segment_count, segment_room;
    u64 last_number;      /* the greatest that was ever there, with whatever head; 0: none */
    u64 offset;           /* of the next byte to be read or appended */
    u32 reading;          /* segments[reading]; segment_count: all is read */
    u64 least_end;        /* where the log must reach to, by the snapshot */
    struct env_file file; /* the segment that is read from or written to; fd -1: none */
    char *file_path;
    u64 at;          /* in the file: the next record */
    u64 record_left; /* of the record that is being read */
    u8 *record;      /* its bytes, checked */
    u64 record_size, record_room;
    bool writing;
    u64 device, inode; /* of the live input */
    /* the snapshot thread */
    u64 first, synced; /* segments before these are gone, on the disk */
    u64 named;         /* up to this one their names are on the disk */
    bool broken;       /* a sync failed: what it was to save is never trusted again */
};

static u64 head_sum(const struct segment_head *head) {
    return hash_bytes(head, offsetof(struct segment_head, sum), MAGIC);
}

static u64 record_sum(const struct record_head *head, const void *bytes) {
    u64 key = hash_bytes(head, offsetof(struct record_head, sum), MAGIC);
    return hash_bytes(bytes, head->size, key);
}

static char *segment_path(const struct ingest *l, u64 number) {
    char *path;
    ENSURE(asprintf(&path, "%s/%0*lu", l->folder, NAME_DIGITS, number) > 0);
    return path;
}

/* ---- files ---- */

static void file_close(struct ingest *l) {
    if (l->file.fd >= 0) env_close(l->env, l->file); /* its bytes are synced under another fd */
    l->file.fd = -1;
    free(l->file_path);
    l->file_path = NULL;
}

static int file_open(struct ingest *l, u64 number, enum env_open how) {
    file_close(l);
    l->file_path = segment_path(l, number);
    l->at = sizeof(struct segment_head);
    if (!env_open(l->env, l->file_path, how, &l->file)) return 0;
    l->file.fd = -1;
    return -1;
}

static void segment_add(struct ingest *l, struct segment segment) {
    l->segments = grown(l->segments, l->segment_count, &l->segment_room, sizeof *l->segments);
    l->segments[l->segment_count++] = segment;
}

/* A head that is not whole belongs to a segment that a crash kept from being begun. */
static int segment_look(struct ingest *l, u64 number) {
    struct segment_head head;
    if (file_open(l, number, ENV_OPEN_READ)) return -1;
    i64 got = env_read_at(l->env, l->file, &head, sizeof head, 0);
    if (got < 0) return -1;
    if (got == sizeof head && head.magic == MAGIC && head.number == number &&
        head.sum == head_sum(&head))
        segment_add(l, (struct segment){ number, head.offset, head.device, head.inode });
    return 0;
}

struct numbers {
    u64 *at;
    u32 count, room;
};

static void number_add(void *arg, const char *name) {
    struct numbers *n = arg;
    u64 number;
    if (strlen(name) != NAME_DIGITS || strspn(name, "0123456789") != NAME_DIGITS) return;
    number = strtoull(name, NULL, 10);
    n->at = grown(n->at, n->count, &n->room, sizeof *n->at);
    n->at[n->count++] = number;
}

static int by_number(const void *a, const void *b) {
    const u64 *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static int segments_find(struct ingest *l) {
    struct numbers numbers = { 0 };
    int status = env_list(l->env, l->folder, number_add, &numbers);
    if (numbers.count) qsort(numbers.at, numbers.count, sizeof *numbers.at, by_number);
    for (u32 i = 0; i < numbers.count && !status; i++) status = segment_look(l, numbers.at[i]);
    l->first = numbers.count ? numbers.at[0] : 1;
    l->last_number = numbers.count ? numbers.at[numbers.count - 1] : 0;
    l->synced = l->first;
    free(numbers.at);
    file_close(l);
    return status;
}

/* A source's name may hold what a path gives a meaning to. */
static char *folder_name(const char *source) {
    char *name = calloc(3 * strlen(source) + 1, 1), *to = name;
    ENSURE(name);
    for (const char *at = source; *at; at++)
        to += sprintf(to, strchr("/.%", *at) ? "%%%02X" : "%c", (u8)*at);
    return name;
}

static struct ingest *ingest_new(struct env *env, const char *state, const char *source,
                                 u64 segment_bytes) {
    struct ingest *l = calloc(1, sizeof *l);
    ENSURE(l);
    char *name = folder_name(source);
    l->env = env;
    l->segment_bytes = segment_bytes;
    l->file.fd = -1;
    ENSURE(l->state = strdup(state));
    ENSURE(asprintf(&l->parent, "%s/ingest", state) > 0);
    ENSURE(asprintf(&l->folder, "%s/%s", l->parent, name) > 0);
    free(name);
    return l;
}

struct ingest *ingest_open(struct env *env, const char *state, const char *source,
                           u64 segment_bytes) {
    struct ingest *l = ingest_new(env, state, source, segment_bytes);
    if (!env_mkdir_private(env, l->parent) && !env_mkdir_private(env, l->folder) &&
        !segments_find(l))
        return l;
    ingest_close(l);
    error_add("the ingest log in %s", state);
    return NULL;
}

void ingest_close(struct ingest *l) {
    file_close(l);
    free(l->segments);
    free(l->record);
    free(l->folder);
    free(l->parent);
    free(l->state);
    free(l);
}

/* ---- reading ---- */

/* The segment that the byte before `position` is in, so that one sees whether another input begins
   there; else the first. */
static u32 segment_of(const struct ingest *l, u64 position) {
    u32 at = l->segment_count;
    while (at > 0 && l->segments[at - 1].offset >= position) at--;
    return at ? at - 1 : 0;
}

int ingest_seek(struct ingest *l, struct unpack *from) {
    u64 position = unpack_u64(from), segment = unpack_u64(from), end = unpack_u64(from);
    unpack_u64(from);
    if (from->bad) return error_set(0, "what is saved of the ingest log is cut off");
    l->least_end = end;
    l->reading = segment_of(l, position);
    bool begins = l->segment_count && l->segments[l->reading].offset <= position;
    if (begins || (!l->segment_count && position == end)) {
        l->offset = position;
        return 0;
    }
    return error_set(0, "%s: the log does not hold byte %lu, which segment %lu had", l->folder,
                     position, segment);
}

static int damaged(struct ingest *l) {
    return error_set(0, "%s: byte %lu of the ingest log is damaged; go on without it with --fresh",
                     l->file_path, l->at);
}

enum record { RECORD_FAILED = -1, RECORD_NONE, RECORD_BEFORE, RECORD_READ };

/* The record at l->at: into l->record, unless all of it is before l->offset. */
static enum record record_read(struct ingest *l, struct record_head *head) {
    i64 got = env_read_at(l->env, l->file, head, sizeof *head, l->at);
    if (got < 0) return RECORD_FAILED;
    if (got != sizeof *head || head->size > UINT32_MAX) return RECORD_NONE;
    if (head->size && head->offset + head->size <= l->offset) return RECORD_BEFORE;
    if (l->record_room < head->size) {
        l->record_room = head->size;
        ENSURE(l->record = realloc(l->record, l->record_room));
    }
    got = env_read_at(l->env, l->file, l->record, head->size, l->at + sizeof *head);
    if (got < 0) return RECORD_FAILED;
    bool whole = (u64)got == head->size && record_sum(head, l->record) == head->sum;
    return whole && head->offset <= l->offset ? RECORD_READ : RECORD_NONE;
}

static int gone(const struct ingest *l, u64 to) {
    return error_set(0, "%s: bytes %lu to %lu of the ingest log are gone", l->folder, l->offset,
                     to);
}

/* The segment at hand is over: the next one, if it begins just here. */
static int segment_next(struct ingest *l, bool *another) {
    const struct segment *old = &l->segments[l->reading++];
    file_close(l);
    if (l->reading == l->segment_count) return 0;
    const struct segment *s = &l->segments[l->reading];
    *another = s->device != old->device || s->inode != old->inode;
    return s->offset == l->offset ? 0 : gone(l, s->offset);
}

/* Takes the next record of the segment at hand, or goes on to the next segment. */
static int record_next(struct ingest *l, bool *another, bool *ended) {
    u32 i = l->reading;
    bool last = i + 1 == l->segment_count;
    if (l->file.fd < 0 && file_open(l, l->segments[i].number, ENV_OPEN_READ)) return -1;
    if (l->segments[i].offset > l->offset) return gone(l, l->segments[i].offset);
    if (!last && l->segments[i + 1].offset <= l->offset) return segment_next(l, another);
    struct record_head head;
    switch (record_read(l, &head)) {
    case RECORD_FAILED:
        return -1;
    case RECORD_NONE:
        return last && l->offset >= l->least_end ? segment_next(l, another) : damaged(l);
    case RECORD_BEFORE:
        break;
    case RECORD_READ:
        *ended = !head.size;
        l->record_size = head.size;
        l->record_left = head.size ? head.offset + head.size - l->offset : 0;
        break;
    }
    l->at += sizeof head + head.size;
    return 0;
}

static int record_find(struct ingest *l, bool *another, bool *ended) {
    while (l->reading < l->segment_count && !l->record_left && !*another && !*ended)
        if (record_next(l, another, ended)) return -1;
    return 0;
}

i64 ingest_read(struct ingest *l, void *into, u64 room, bool *another, bool *ended) {
    *another = *ended = false;
    if (!l->record_left) {
        if (record_find(l, another, ended)) return -1;
        if (!l->record_left) return 0;
    }
    u64 size = l->record_left < room ? l->record_left : room;
    memcpy(into, l->record + l->record_size - l->record_left, size);
    l->record_left -= size;
    l->offset += size;
    return (i64)size;
}

/* To the end of the log: 1 if the input ended there. */
static int skip(struct ingest *l) {
    u8 bytes[4096];
    bool another = false, ended = false;
    int last = 0;
    if (!l->segment_count) return 0;
    l->reading = l->segment_count - 1;
    l->offset = l->segments[l->reading].offset;
    for (i64 n = 1; n || another || ended; last |= ended)
        if ((n = ingest_read(l, bytes, sizeof bytes, &another, &ended)) < 0) return -1;
    return last;
}

int ingest_skip(struct ingest *l) {
    return skip(l) < 0 ? -1 : 0;
}

int ingest_ended(struct env *env, const char *state, const char *source) {
    struct ingest *l = ingest_new(env, state, source, 0);
    int ended = segments_find(l) ? (error_number() == ENOENT ? 0 : -1) : skip(l);
    ingest_close(l);
    return ended;
}

u64 ingest_offset(const struct ingest *l) {
    return l->offset;
}

/* ---- writing ---- */

bool ingest_live(struct ingest *l, const struct env_file_info *live) {
    l->device = live->device;
    l->inode = live->inode;
    if (!l->segment_count) return false;
    const struct segment *last = &l->segments[l->segment_count - 1];
    return last->device != l->device || last->inode != l->inode;
}

static int segment_begin(struct ingest *l) {
    struct segment_head head = { .magic = MAGIC,
                                 .number = l->last_number + 1,
                                 .offset = l->offset,
                                 .device = l->device,
                                 .inode = l->inode };
    head.sum = head_sum(&head);
    if (file_open(l, head.number, ENV_OPEN_CREATE_NEW)) return -1;
    l->last_number = head.number;
    if (env_write_all(l->env, l->file, &head, sizeof head)) {
        env_unlink(l->env, l->file_path);
        file_close(l);
        return -1;
    }
    segment_add(l, (struct segment){ head.number, head.offset, head.device, head.inode });
    l->writing = true;
    return 0;
}

int ingest_append(struct ingest *l, const u8 *at, u64 size) {
    if (l->writing && l->at >= l->segment_bytes) {
        file_close(l);
        l->writing = false;
    }
    if (!l->writing && segment_begin(l)) return -1;
    struct record_head head = { .offset = l->offset, .size = size };
    head.sum = record_sum(&head, at);
    /* At its place, so that one that failed half-way is written over. */
    if (env_write_at(l->env, l->file, &head, sizeof head, l->at) ||
        env_write_at(l->env, l->file, at, size, l->at + sizeof head))
        return -1;
    l->at += sizeof head + size;
    l->offset += size;
    return 0;
}

/* ---- snapshots ---- */

void ingest_save(const struct ingest *l, u64 position, struct pack *to) {
    pack_u64(to, position);
    pack_u64(to, l->segment_count ? l->segments[segment_of(l, position)].number : 1);
    pack_u64(to, l->offset);
    pack_u64(to, l->last_number);
}

static int sync_segments(struct ingest *l, u64 last) {
    for (u64 n = l->synced; n <= last; n++) {
        char *path = segment_path(l, n);
        int failed = env_sync_path(l->env, path);
        free(path);
        if (failed && error_number() != ENOENT) return -1; /* one that was never begun is gone */
    }
    if (last > l->named && (env_sync_path(l->env, l->folder) || env_sync_path(l->env, l->parent) ||
                            env_sync_path(l->env, l->state)))
        return -1;
    if (last > l->synced) l->synced = last; /* the last one grows, and is synced again */
    l->named = last;
    return 0;
}

int ingest_prepare(struct ingest *l, struct unpack *saved) {
    unpack_u64(saved);
    unpack_u64(saved);
    unpack_u64(saved);
    u64 last = unpack_u64(saved);
    if (l->broken)
        return error_set(EIO, "%s: the ingest log could not be synced, and is not trusted again",
                         l->folder);
    if (!sync_segments(l, last)) return 0;
    l->broken = true;
    return error_add("the ingest log");
}

void ingest_retained(struct ingest *l, struct unpack *oldest) {
    unpack_u64(oldest);
    u64 keep = unpack_u64(oldest);
    unpack_u64(oldest);
    unpack_u64(oldest);
    for (; !oldest->bad && l->first < keep; l->first++) {
        char *path = segment_path(l, l->first);
        int failed = env_unlink(l->env, path);
        free(path);
        if (failed && error_number() != ENOENT) break; /* it goes the next time */
    }
}
