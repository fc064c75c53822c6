#include "io/folder.h"

#include "io/folder_parts.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX                                                                                  \
    128 /* that are open at once; other open parts are opened again when rows come                 \
         */
#define PARTS_MAX                                                                                  \
    8192 /* open parts: beyond, the one that has waited longest for rows is closed                 \
          */
#define BUCKETS 8192
#define RUN_DIGITS 16

struct part {
    struct part *newer, *older; /* by their last row */
    struct part *next;          /* in its bucket; or of the closed ones */
    char *folder, *path;
    u64 folder_size, number;
    struct hidden hidden;
    u32 again;
    bool written; /* since the last seal */
    u64 changed;  /* the first seal that has all its bytes */
    i64 opened;
};

struct folder {
    struct part_place place;
    char *path;
    char run[RUN_DIGITS + 1];
    const char *head, *suffix;
    bool partition, exactly_once;
    struct env_file lock; /* the folder, while locked */
    bool locked;
    i64 roll_ns;
    struct part *buckets[BUCKETS];
    struct part *newest, *oldest; /* the open ones, by their last row */
    struct part *closed, **closed_end;
    u32 open_count, file_count, closed_count;
    u64 next;          /* number of the next part */
    u64 seal;          /* the newest */
    u32 sealed_closed; /* closed parts in it */
    /* Written by the snapshot thread, read in the next seal. */
    u64 prepared, committed, suspect;
};

/* ---- parts ---- */

static struct part **bucket_of(struct folder *f, const char *folder, u64 size) {
    return &f->buckets[hash_bytes(folder, size, HASH_A) % BUCKETS];
}

static void list_add(struct folder *f, struct part *p) {
    p->newer = NULL;
    p->older = f->newest;
    *(f->newest ? &f->newest->newer : &f->oldest) = p;
    f->newest = p;
}

static void list_remove(struct folder *f, struct part *p) {
    *(p->newer ? &p->newer->older : &f->newest) = p->older;
    *(p->older ? &p->older->newer : &f->oldest) = p->newer;
}

static struct str folder_of(const struct part *p) {
    return (struct str){ p->folder, p->folder_size };
}

static struct part *part_add(struct folder *f, struct str folder, u64 number, i64 opened) {
    struct part *p = calloc(1, sizeof *p), **bucket = bucket_of(f, folder.at, folder.size);
    ENSURE(p);
    ENSURE(p->folder = strndup(folder.at, folder.size));
    p->folder_size = folder.size;
    p->number = number;
    p->opened = opened;
    p->path = part_hidden(&f->place, folder, number);
    hidden_init(&p->hidden, f->place.env, p->path);
    p->next = *bucket;
    *bucket = p;
    list_add(f, p);
    f->open_count++;
    return p;
}

static void part_free(struct part *p) {
    hidden_drop(&p->hidden);
    free(p->folder);
    free(p->path);
    free(p);
}

static int part_rest(struct folder *f, struct part *p) {
    f->file_count -= hidden_is_open(&p->hidden);
    return hidden_close(&p->hidden);
}

static struct part_seal seal_of(const struct part *p, bool changed) {
    return (struct part_seal){ .folder = folder_of(p),
                               .number = p->number,
                               .size = p->hidden.sum.size,
                               .sum = sum_value(&p->hidden.sum),
                               .again = p->again,
                               .changed = changed,
                               .opened = p->opened };
}

/* No more rows for this part. */
static int part_close(struct folder *f, struct part *p) {
    struct part **at = bucket_of(f, p->folder, p->folder_size);
    while (*at != p) at = &(*at)->next;
    *at = p->next;
    list_remove(f, p);
    f->open_count--;
    p->next = NULL;
    *f->closed_end = p;
    f->closed_end = &p->next;
    f->closed_count++;
    return part_rest(f, p);
}

static void closed_drop(struct folder *f, u32 count) {
    for (; count; count--, f->closed_count--) {
        struct part *p = f->closed;
        f->closed = p->next;
        part_free(p);
    }
    if (!f->closed) f->closed_end = &f->closed;
}

/* Without snapshots a part is there when it is closed. */
static int closed_show(struct folder *f) {
    int status = 0;
    for (struct part *p = f->closed; p && !status; p = p->next) {
        struct part_seal sealed = seal_of(p, false);
        struct folder_pending one = { .closed_count = 1, .closed = &sealed };
        status = folder_pending_rename(&f->place, &one, false);
    }
    closed_drop(f, f->closed_count);
    return status;
}

static int close_due(struct folder *f, i64 now, bool all) {
    for (struct part *p = f->oldest, *newer; p; p = newer) {
        newer = p->newer;
        bool due = f->roll_ns && now - p->opened >= f->roll_ns;
        if ((all || due) && part_close(f, p)) return -1;
    }
    return f->exactly_once ? 0 : closed_show(f);
}

/* ---- rows ---- */

static int part_begin(struct folder *f, struct part *p) {
    if (part_folders(&f->place, folder_of(p))) return -1;
    return f->head ? hidden_write(&p->hidden, (const u8 *)f->head, strlen(f->head)) : 0;
}

/* Files are open for the newest parts: the oldest of these gives up its own for that of `p`. */
static int make_room(struct folder *f, struct part *p) {
    struct part *rests = p->older;
    if (f->file_count < FILES_MAX) return 0;
    while (rests->older && hidden_is_open(&rests->older->hidden)) rests = rests->older;
    return part_rest(f, rests);
}

static int part_of(struct folder *f, struct str folder, struct part **out) {
    struct part *p = *bucket_of(f, folder.at, folder.size);
    while (p && (p->folder_size != folder.size || memcmp(p->folder, folder.at, folder.size)))
        p = p->next;
    if (!p) {
        if (f->open_count == PARTS_MAX &&
            (part_close(f, f->oldest) || (!f->exactly_once && closed_show(f))))
            return -1;
        p = part_add(f, folder, f->next++, env_wall_ns(f->place.env));
    }
    *out = p;
    return 0;
}

static int folder_write(void *self, const u8 *at, u64 size) {
    struct folder *f = self;
    struct str folder = { "", 0 };
    struct part *p = f->newest;
    if (f->partition) {
        const u8 *row = memchr(at, 0, size);
        ENSURE(row);
        folder = (struct str){ (const char *)at, (u64)(row - at) };
        size -= folder.size + 1;
        at = row + 1;
    }
    if (!p || p->folder_size != folder.size || memcmp(p->folder, folder.at, folder.size)) {
        if (part_of(f, folder, &p)) return -1;
        list_remove(f, p);
        list_add(f, p);
    }
    p->written = true;
    if (hidden_is_open(&p->hidden)) return hidden_write(&p->hidden, at, size);
    if (make_room(f, p) || (!p->hidden.sum.size && part_begin(f, p))) return -1;
    int status = hidden_write(&p->hidden, at, size);
    f->file_count += hidden_is_open(&p->hidden);
    return status;
}

static int folder_flush(void *self) {
    struct folder *f = self;
    return f->exactly_once || !f->roll_ns ? 0 : close_due(f, env_wall_ns(f->place.env), false);
}

/* ---- exactly once: the sink's task ---- */

/* Of what the newest snapshot was to bring to the disk nobody knows whether it is there: its files
   are copied, so nothing more may be written to them. */
static int distrust(struct folder *f) {
    for (struct part *p = f->oldest, *newer; p; p = newer) {
        newer = p->newer;
        if (p->changed > f->prepared && part_close(f, p)) return -1;
    }
    for (struct part *p = f->closed; p; p = p->next) p->again += p->changed > f->prepared;
    return 0;
}

static int settle(struct folder *f) {
    if (!f->seal) return 0;
    if (f->committed == f->seal) {
        closed_drop(f, f->sealed_closed);
        f->sealed_closed = 0;
    }
    return f->suspect == f->seal ? distrust(f) : 0;
}

/* Everything taken is in the files, and sealed. */
static int seal_open(struct folder *f, u64 number) {
    for (struct part *p = f->newest; p; p = p->older) {
        if (hidden_is_open(&p->hidden) && hidden_flush(&p->hidden)) return -1;
        if (p->written) p->changed = number;
        p->written = false;
    }
    return 0;
}

static int folder_seal(void *self, u64 number, i64 stamp, bool close, struct pack *pending) {
    struct folder *f = self;
    if (settle(f)) return -1;
    f->seal = number;
    if (seal_open(f, number) || close_due(f, stamp, close)) return -1;
    for (struct part *p = f->closed; p; p = p->next) {
        if (p->written) p->changed = number; /* closed to make room */
        p->written = false;
    }
    f->sealed_closed = f->closed_count;
    pack_u8(pending, SEALED_PARTS);
    pack_u64(pending, number);
    pack_u64(pending, f->next);
    pack_u32(pending, f->closed_count);
    for (struct part *p = f->closed; p; p = p->next) {
        struct part_seal sealed = seal_of(p, p->changed > f->prepared);
        part_pack(&sealed, pending);
    }
    pack_u32(pending, f->open_count);
    for (struct part *p = f->oldest; p; p = p->newer) {
        struct part_seal sealed = seal_of(p, p->changed > f->prepared);
        part_pack(&sealed, pending);
    }
    return 0;
}

/* ---- exactly once: the snapshot thread ---- */

static int folder_prepare(void *self, struct unpack *pending) {
    struct folder *f = self;
    struct folder_pending p;
    if (folder_pending_unpack(pending, &p)) return -1;
    int status = folder_pending_sync(&f->place, &p);
    *(status ? &f->suspect : &f->prepared) = p.number;
    folder_pending_free(&p);
    return status;
}

static int folder_commit(void *self, struct unpack *pending) {
    struct folder *f = self;
    struct folder_pending p;
    if (folder_pending_unpack(pending, &p)) return -1;
    int status = folder_pending_rename(&f->place, &p, false);
    if (!status) f->committed = p.number;
    folder_pending_free(&p);
    return status;
}

/* ---- exactly once: before the first row ---- */

/* An open part of the snapshot goes on from where it was sealed. */
static int part_resume(struct folder *f, const struct part_seal *sealed, bool accept) {
    struct env *env = f->place.env;
    char *path = part_hidden(&f->place, sealed->folder, sealed->number);
    char *final = part_final(&f->place, sealed->folder, sealed->number);
    struct sum sum;
    struct env_file file;
    int found = bytes_check(env, path, 0, sealed->size, sealed->sum, &sum), status = -1;
    if (!found && accept && path_exists(env, final)) {
        status = 0; /* a later snapshot closed it */
    } else if (!found) {
        error_set(0, "%s is not there as it was when the snapshot was taken", path);
    } else if (found > 0 && !env_open(env, path, ENV_OPEN_UPDATE, &file)) {
        status = env_truncate(env, file, sealed->size) || env_sync(env, file) ? -1 : 0;
        env_close(env, file);
        struct part *p = part_add(f, sealed->folder, sealed->number, sealed->opened);
        hidden_resume(&p->hidden, env, p->path, &sum);
    }
    free(path);
    free(final);
    return status;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What was never committed, of whatever run, but for the open parts. */
static int remove_hidden(struct folder *f) {
    struct folder_found found;
    char **kept = calloc(f->open_count + 1, sizeof *kept);
    u32 count = 0;
    ENSURE(kept);
    for (struct part *p = f->newest; p; p = p->older) kept[count++] = p->path;
    qsort(kept, count, sizeof *kept, by_bytes);
    int status = folder_look(&f->place, &found);
    for (u32 i = 0; i < found.hidden_count && !status; i++)
        if (!bsearch(&found.hidden[i], kept, count, sizeof *kept, by_bytes))
            status = env_unlink(f->place.env, found.hidden[i]);
    folder_found_free(&found);
    free(kept);
    return status;
}

static int check_found(const struct folder *f, const struct folder_found *found,
                       const struct folder_pending *p, bool accept) {
    if (accept) return 0;
    if (!p && found->visible)
        return error_set(0,
                         "%s holds parts already, such as %s: name another folder, or, in a job "
                         "with snapshots, let rows come twice with --accept-duplicates",
                         f->path, found->example);
    if (p && found->last >= p->next)
        return error_set(0,
                         "%s holds part %lu of this run, and the snapshot knows of none from %lu "
                         "on: give --accept-duplicates to go back behind it",
                         f->path, found->last, p->next);
    return 0;
}

static int go_on(struct folder *f, const struct folder_pending *p, bool accept) {
    if (folder_pending_rename(&f->place, p, true)) return -1;
    for (u32 i = 0; i < p->open_count; i++)
        if (part_resume(f, &p->open[i], accept)) return -1;
    f->seal = f->prepared = f->committed = p->number;
    for (struct part *part = f->oldest; part; part = part->newer) part->changed = p->number;
    return 0;
}

static int folder_recover(void *self, struct unpack *pending, bool accept) {
    struct folder *f = self;
    if (!f->locked && output_lock(f->place.env, f->path, ENV_OPEN_READ, &f->lock)) return -1;
    f->locked = true;
    struct folder_pending p = { 0 };
    struct folder_found found = { 0 };
    if (pending && folder_pending_unpack(pending, &p)) return -1;
    int status = folder_look(&f->place, &found);
    if (!status) status = check_found(f, &found, pending ? &p : NULL, accept);
    if (!status && pending) status = go_on(f, &p, accept);
    if (!status) status = remove_hidden(f);
    if (pending) f->next = p.next;
    if (found.last >= f->next) f->next = found.last + 1;
    folder_found_free(&found);
    folder_pending_free(&p);
    return status;
}

void folder_show(struct unpack *pending, struct text_buf *to) {
    struct unpack all = unpack_of(pending->at - 1, (u64)(pending->end - pending->at) + 1);
    struct folder_pending p;
    if (folder_pending_unpack(&all, &p)) return;
    text_buf_printf(to, "%u parts to be named, %u open", p.closed_count, p.open_count);
    folder_pending_free(&p);
}

/* ---- the life ---- */

static void folder_free(struct folder *f) {
    while (f->newest) {
        struct part *p = f->newest;
        list_remove(f, p);
        part_free(p);
    }
    closed_drop(f, f->closed_count);
    if (f->locked) env_close(f->place.env, f->lock);
    free(f->path);
    free(f);
}

void *folder_open(struct env *env, const struct folder_spec *spec) {
    struct folder *f = calloc(1, sizeof *f);
    ENSURE(f);
    size_t size = strlen(spec->path);
    while (size > 1 && spec->path[size - 1] == '/') size--;
    ENSURE(f->path = strndup(spec->path, size));
    if (spec->run)
        snprintf(f->run, sizeof f->run, "%s", spec->run);
    else
        snprintf(f->run, sizeof f->run, "%016lx", env_random(env));
    f->place = (struct part_place){ env, f->path, f->run, spec->suffix };
    f->head = spec->head;
    f->partition = spec->partition;
    f->exactly_once = spec->run;
    f->roll_ns = spec->roll_ns;
    f->closed_end = &f->closed;
    f->next = 1;
    if (!env_mkdir(env, f->path) && (f->exactly_once || !folder_recover(f, NULL, false))) return f;
    folder_free(f);
    return NULL;
}

/* Exactly once: what was not committed is found again, or is taken away, by the next start. */
static int folder_finish(void *self) {
    struct folder *f = self;
    int status = f->exactly_once ? 0 : close_due(f, 0, true);
    folder_free(f);
    return status;
}

const struct sink_ops folder_ops = {
    .write = folder_write,
    .flush = folder_flush,
    .seal = folder_seal,
    .prepare = folder_prepare,
    .commit = folder_commit,
    .recover = folder_recover,
    .finish = folder_finish,
};
