#include "io/append.h"

#include "io/hidden.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hidden file that was closed by a seal, and is not committed as far as the sink's task knows. */
struct sealed {
    u64 number, size, sum;
    u32 again; /* which try */
};

struct append {
    struct env *env;
    char *path, *folder, *prefix; /* of hidden files' paths */
    const char *name;             /* without the folder */
    const char *head;
    bool needs_head;
    struct env_file lock; /* `path`, while locked */
    bool locked;
    struct hidden hidden; /* what is written to; number: next - 1 */
    u64 next;             /* number of the next hidden file */
    u64 base;             /* bytes of `path` before the first of `sealed` */
    struct sealed *sealed;
    u32 count, room;
    u64 seal; /* the newest */
    /* Written by the snapshot thread, read in the next seal. */
    u64 committed, suspect; /* the newest snapshot that was; whose files could not be synced */
};

#define SEALED_BYTES (3 * sizeof(u64) + sizeof(u32)) /* packed */

/* What seal packs. */
struct pending {
    u64 number, base, next, total;
    u32 count;
    struct sealed *files;
};

static void pending_pack(const struct append *a, struct pack *to) {
    pack_u8(to, SEALED_FILE);
    pack_u64(to, a->seal);
    pack_u64(to, a->base);
    pack_u64(to, a->next);
    pack_u32(to, a->count);
    for (u32 i = 0; i < a->count; i++) {
        pack_u64(to, a->sealed[i].number);
        pack_u64(to, a->sealed[i].size);
        pack_u64(to, a->sealed[i].sum);
        pack_u32(to, a->sealed[i].again);
    }
}

static int cut_off(const struct append *a) {
    return error_set(0, "what is saved of the file %s cannot be read", a->path);
}

/* The caller frees p->files. */
static int pending_unpack(const struct append *a, struct unpack *from, struct pending *p) {
    *p = (struct pending){ 0 };
    if (unpack_u8(from) != SEALED_FILE) return cut_off(a);
    p->number = unpack_u64(from);
    p->base = unpack_u64(from);
    p->next = unpack_u64(from);
    p->count = unpack_u32(from);
    if (from->bad || (u64)(from->end - from->at) / SEALED_BYTES < p->count) return cut_off(a);
    ENSURE(p->files = calloc(p->count + 1, sizeof *p->files));
    for (u32 i = 0; i < p->count; i++) {
        struct sealed *f = &p->files[i];
        f->number = unpack_u64(from);
        f->size = unpack_u64(from);
        f->sum = unpack_u64(from);
        f->again = unpack_u32(from);
        p->total += f->size;
    }
    return 0;
}

void append_show(struct unpack *pending, struct text_buf *to) {
    u64 size = 0;
    unpack_u64(pending);
    u64 base = unpack_u64(pending);
    unpack_u64(pending);
    for (u32 left = unpack_u32(pending); left && !pending->bad; left--) {
        unpack_u64(pending);
        size += unpack_u64(pending);
        unpack_u64(pending);
        unpack_u32(pending);
    }
    text_buf_printf(to, "%lu bytes behind byte %lu", size, base);
}

static char *hidden_path(const struct append *a, u64 number) {
    char *path;
    ENSURE(asprintf(&path, "%s%lu", a->prefix, number) > 0);
    return path;
}

/* ---- the sink's task ---- */

void *append_open(struct env *env, const struct sink_spec *spec, const char *path) {
    struct append *a = calloc(1, sizeof *a);
    ENSURE(a);
    a->env = env;
    a->head = spec->head;
    ENSURE(a->path = strdup(path));
    a->folder = path_folder(path);
    const char *slash = strrchr(a->path, '/');
    a->name = slash ? slash + 1 : a->path;
    ENSURE(asprintf(&a->prefix, "%.*s.%s.millrace-%s-", (int)(a->name - a->path), a->path, a->name,
                    spec->run) > 0);
    a->next = 1;
    return a;
}

static int append_write(void *self, const u8 *at, u64 size) {
    struct append *a = self;
    if (!a->hidden.path) hidden_init(&a->hidden, a->env, hidden_path(a, a->next++));
    if (a->needs_head) {
        a->needs_head = false;
        if (hidden_write(&a->hidden, (const u8 *)a->head, strlen(a->head))) return -1;
    }
    return hidden_write(&a->hidden, at, size);
}

/* Nobody is to see it before it is committed. */
static int append_flush(void *self) {
    return 0;
}

/* What became of the newest snapshot. */
static void settle(struct append *a) {
    if (!a->seal) return;
    if (a->committed == a->seal) {
        for (u32 i = 0; i < a->count; i++) a->base += a->sealed[i].size;
        a->count = 0;
    } else if (a->suspect == a->seal) {
        for (u32 i = 0; i < a->count; i++) a->sealed[i].again++;
    }
}

static int append_seal(void *self, u64 number, i64 stamp, bool close, struct pack *pending) {
    struct append *a = self;
    settle(a);
    a->seal = number;
    if (close && a->needs_head && append_write(a, (const u8 *)"", 0)) return -1;
    if (a->hidden.path) {
        if (hidden_close(&a->hidden)) return -1;
        a->sealed = grown(a->sealed, a->count, &a->room, sizeof *a->sealed);
        const struct sum *sum = &a->hidden.sum;
        a->sealed[a->count++] = (struct sealed){ a->next - 1, sum->size, sum_value(sum), 0 };
        free(a->hidden.path);
        a->hidden.path = NULL;
    }
    pending_pack(a, pending);
    return 0;
}

/* ---- the snapshot thread ---- */

static int sync_files(struct append *a, const struct pending *p) {
    for (u32 i = 0; i < p->count; i++) {
        const struct sealed *f = &p->files[i];
        char *path = hidden_path(a, f->number);
        int status = try_sync(a->env, path, f->again, f->size, f->sum);
        free(path);
        if (status) return -1;
    }
    return p->count ? env_sync_path(a->env, a->folder) : 0;
}

static int append_prepare(void *self, struct unpack *pending) {
    struct append *a = self;
    struct pending p;
    if (pending_unpack(a, pending, &p)) return -1;
    int status = sync_files(a, &p);
    if (status) a->suspect = p.number;
    free(p.files);
    return status;
}

/* One file's bytes at their place in `path`, or they are there already, and the file is gone. */
static int append_file(struct append *a, const struct sealed *f, struct env_file to, u64 offset) {
    char *hidden = hidden_path(a, f->number), *from = try_path(hidden, f->again);
    int status;
    if (path_exists(a->env, from)) {
        status = bytes_copy(a->env, from, f->size, f->sum, to, offset);
    } else {
        int found = bytes_check(a->env, a->path, offset, f->size, f->sum, NULL);
        status = found > 0 ? 0 : -1;
        if (!found)
            error_set(0,
                      "%s: bytes %lu to %lu are not those that were committed, and the file "
                      "that held them is gone",
                      a->path, offset, offset + f->size);
    }
    free(hidden);
    free(from);
    return status;
}

static int remove_files(struct append *a, const struct pending *p) {
    int status = 0;
    for (u32 i = 0; i < p->count; i++) {
        char *path = hidden_path(a, p->files[i].number);
        if (try_remove(a->env, path, p->files[i].again)) status = -1;
        free(path);
    }
    return status;
}

static int check_size(const struct append *a, const struct pending *p, u64 size) {
    if (size < p->base)
        return error_set(0, "%s has %lu bytes, and %lu of them were committed", a->path, size,
                         p->base);
    if (size > p->base + p->total)
        return error_set(0,
                         "%s has %lu bytes, and the snapshot knows of %lu: there is output in it "
                         "of a later run, or of somebody else",
                         a->path, size, p->base + p->total);
    return 0;
}

/* A new one is made at once, so that what would keep the commit from it is said at the start. */
static int look_at_path(struct append *a, bool is_new, u64 *size) {
    struct env_file file;
    struct env_file_info info;
    *size = 0;
    if (env_open(a->env, a->path, is_new ? ENV_OPEN_UPDATE : ENV_OPEN_READ, &file))
        return !is_new && error_number() == ENOENT ? 0 : -1;
    int status = env_info(a->env, file, &info);
    env_close(a->env, file);
    if (!status && info.kind != ENV_FILE_REGULAR)
        status = error_set(0, "%s is no regular file: rows in it could not be taken back", a->path);
    *size = status ? 0 : info.size;
    return status;
}

static int append_files(struct append *a, const struct pending *p) {
    struct env_file to;
    u64 size;
    if (look_at_path(a, false, &size) || check_size(a, p, size) ||
        env_open(a->env, a->path, ENV_OPEN_UPDATE, &to))
        return -1;
    int status = 0;
    u64 offset = p->base;
    for (u32 i = 0; i < p->count && !status; i++) {
        status = append_file(a, &p->files[i], to, offset);
        offset += p->files[i].size;
    }
    if (!status) status = env_sync(a->env, to);
    if (!status && !p->base) status = env_sync_path(a->env, a->folder); /* it may be new */
    env_close(a->env, to);
    return status;
}

static int append_commit(void *self, struct unpack *pending) {
    struct append *a = self;
    struct pending p;
    if (pending_unpack(a, pending, &p)) return -1;
    int status = p.count ? append_files(a, &p) : 0;
    if (!status) status = remove_files(a, &p);
    if (!status) a->committed = p.number;
    free(p.files);
    return status;
}

/* ---- before the first write ---- */

struct names {
    struct append *a;
    char **at;
    u32 count, room;
};

/* `.NAME.millrace-...`, of whatever run: its rows were never committed, or are in `path` by now. */
static void name_add(void *arg, const char *name) {
    struct names *n = arg;
    size_t size = strlen(n->a->name);
    if (name[0] != '.' || strncmp(name + 1, n->a->name, size) ||
        strncmp(name + 1 + size, ".millrace-", 10))
        return;
    n->at = grown(n->at, n->count, &n->room, sizeof *n->at);
    ENSURE(asprintf(&n->at[n->count++], "%s/%s", n->a->folder, name) > 0);
}

static int remove_hidden(struct append *a) {
    struct names names = { .a = a };
    int status = env_list(a->env, a->folder, name_add, &names);
    for (u32 i = 0; i < names.count; i++) {
        if (!status) status = env_unlink(a->env, names.at[i]);
        free(names.at[i]);
    }
    free(names.at);
    return status;
}

static int start_over(struct append *a, u64 size, bool accept) {
    if (size && !accept)
        return error_set(0,
                         "%s has %lu bytes of output already, and there is no snapshot to go on "
                         "from: name another path, or let rows come twice with "
                         "--accept-duplicates",
                         a->path, size);
    a->base = size;
    return 0;
}

/* With duplicates accepted, what is there of a later run stays, and this snapshot's rows are in it.
 */
static int go_behind(struct append *a, const struct pending *p, u64 size) {
    u64 offset = p->base;
    for (u32 i = 0; i < p->count; i++) {
        const struct sealed *f = &p->files[i];
        int found = bytes_check(a->env, a->path, offset, f->size, f->sum, NULL);
        if (found <= 0) return found ? -1 : check_size(a, p, size);
        offset += f->size;
    }
    a->base = size;
    return 0;
}

static int go_on(struct append *a, struct unpack *pending, u64 size, bool accept) {
    struct pending p;
    struct unpack again = *pending;
    if (pending_unpack(a, pending, &p)) return -1;
    int status;
    if (accept && size > p.base + p.total) {
        status = go_behind(a, &p, size);
    } else {
        status = check_size(a, &p, size);
        if (!status) status = append_commit(a, &again);
        a->base = p.base + p.total;
    }
    if (status && size > p.base + p.total) error_add("give --accept-duplicates to write behind it");
    a->next = p.next;
    free(p.files);
    return status;
}

static int lock_path(struct append *a) {
    if (!a->locked && output_lock(a->env, a->path, ENV_OPEN_UPDATE, &a->lock)) return -1;
    a->locked = true;
    return 0;
}

/* A file that went is not made again before it was seen that it may be. */
static int append_recover(void *self, struct unpack *pending, bool accept) {
    struct append *a = self;
    u64 size;
    if (path_exists(a->env, a->path) && lock_path(a)) return -1;
    if (look_at_path(a, !pending, &size)) return -1;
    if (pending ? go_on(a, pending, size, accept) : start_over(a, size, accept)) return -1;
    if (lock_path(a)) return -1;
    a->needs_head = a->head && a->base == 0;
    return remove_hidden(a);
}

/* What was not sealed comes again, with the snapshot before it. */
static int append_finish(void *self) {
    struct append *a = self;
    if (a->hidden.path && hidden_is_open(&a->hidden)) {
        hidden_drop(&a->hidden);
        env_unlink(a->env, a->hidden.path);
    }
    if (a->locked) env_close(a->env, a->lock);
    free(a->hidden.path);
    free(a->sealed);
    free(a->prefix);
    free(a->folder);
    free(a->path);
    free(a);
    return 0;
}

const struct sink_ops append_ops = {
    .write = append_write,
    .flush = append_flush,
    .seal = append_seal,
    .prepare = append_prepare,
    .commit = append_commit,
    .recover = append_recover,
    .finish = append_finish,
};
