#include "tests/crash/recorder.h"

#include "runtime/base/ensure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the world underneath ---- */

static struct env *under(void *self) {
    return ((struct recorder *)self)->under;
}
static i64 rec_wall_ns(void *self) {
    return env_wall_ns(under(self));
}
static i64 rec_mono_ns(void *self) {
    return env_mono_ns(under(self));
}
static void rec_sleep_ns(void *self, i64 ns) {
    env_sleep_ns(under(self), ns);
}
static void rec_park(void *self, _Atomic u32 *word, u32 value, i64 timeout_ns) {
    env_park(under(self), word, value, timeout_ns);
}
static void rec_wake(void *self, _Atomic u32 *word) {
    env_wake(under(self), word);
}
static int rec_thread_start(void *self, struct env_thread *thread) {
    return under(self)->ops->thread_start(under(self)->self, thread);
}
static void rec_thread_join(void *self, struct env_thread *thread) {
    under(self)->ops->thread_join(under(self)->self, thread);
}
static u64 rec_random(void *self) {
    return env_random(under(self));
}
static int rec_fault(void *self, enum env_call call, const char *name) {
    struct env *env = under(self);
    return env->ops->fault ? env->ops->fault(env->self, call, name) : 0;
}

/* ---- what is done ---- */

static struct op *op_new(struct recorder *r, enum op_kind kind) {
    if (r->op_count == r->op_room) {
        r->op_room = r->op_room ? 2 * r->op_room : 256;
        r->ops = realloc(r->ops, r->op_room * sizeof *r->ops);
        ENSURE(r->ops);
    }
    struct op *op = &r->ops[r->op_count++];
    *op = (struct op){ .kind = kind };
    return op;
}

/* The path below the root; null: it is elsewhere. */
static const char *below(const struct recorder *r, const char *path) {
    size_t size = strlen(r->root);
    return !strncmp(path, r->root, size) && (path[size] == '/' || !path[size]) ? path + size : NULL;
}

static u32 make(struct recorder *r, u32 folder, const char *name, bool is_folder) {
    u32 node = r->node_count++;
    r->is_folder = realloc(r->is_folder, r->node_count * sizeof *r->is_folder);
    ENSURE(r->is_folder);
    r->is_folder[node] = is_folder;
    if (folder == TREE_NONE) return node; /* the root */
    tree_put(&r->tree, folder, name, node);
    struct op *op = op_new(r, OP_MAKE);
    op->node = node;
    op->is_folder = is_folder;
    op->folder = folder;
    op->name = strdup(name);
    return node;
}

static void write_bytes(struct recorder *r, u32 node, u64 offset, const void *bytes, u64 size) {
    struct op *op = op_new(r, OP_WRITE);
    op->node = node;
    op->offset = offset;
    op->size = size;
    op->bytes = malloc(size + 1);
    ENSURE(op->bytes);
    memcpy(op->bytes, bytes, size);
}

static void set_size(struct recorder *r, u32 node, u64 size) {
    struct op *op = op_new(r, OP_SIZE);
    op->node = node;
    op->size = size;
}

static u64 size_of(const struct recorder *r, u32 node) {
    u64 size = 0;
    for (u32 i = 0; i < r->op_count; i++) {
        const struct op *op = &r->ops[i];
        if (op->node != node) continue;
        if (op->kind == OP_SIZE) size = op->size;
        if (op->kind == OP_WRITE && op->offset + op->size > size) size = op->offset + op->size;
    }
    return size;
}

static struct opened *opened_at(struct recorder *r, int fd) {
    ENSURE(fd >= 0);
    if ((u32)fd >= r->fd_room) {
        u32 room = (u32)fd + 64;
        r->fds = realloc(r->fds, room * sizeof *r->fds);
        ENSURE(r->fds);
        for (u32 i = r->fd_room; i < room; i++) r->fds[i].node = TREE_NONE;
        r->fd_room = room;
    }
    return &r->fds[fd];
}

static void on_open(struct recorder *r, const struct env_record *done) {
    struct opened *opened = opened_at(r, done->file.fd);
    *opened = (struct opened){ TREE_NONE, 0 };
    const char *path = below(r, done->file.name), *name;
    if (!path) return;
    u32 folder = tree_folder_of(&r->tree, path, &name);
    ENSURE(folder != TREE_NONE);
    u32 node = *name ? tree_find(&r->tree, folder, name) : folder;
    if (node == TREE_NONE) node = make(r, folder, name, false);
    if (done->how == ENV_OPEN_CREATE && size_of(r, node)) set_size(r, node, 0);
    *opened = (struct opened){ node, done->how == ENV_OPEN_APPEND ? size_of(r, node) : 0 };
}

static void on_sync(struct recorder *r, const struct env_record *done) {
    u32 node = opened_at(r, done->file.fd)->node;
    if (node == TREE_NONE) return;
    bool renamed = false;
    for (u32 i = r->op_count; r->is_folder[node] && i-- > 0;) {
        const struct op *op = &r->ops[i];
        bool inside = op->kind == OP_MAKE || op->kind == OP_MOVE || op->kind == OP_REMOVE;
        if (!inside || (op->folder != node && op->folder2 != node)) continue;
        renamed = op->kind == OP_MOVE;
        break;
    }
    if (r->keeps_sync && !r->keeps_sync(r->arg, done->file.name, renamed)) return;
    op_new(r, OP_SYNC)->node = node;
}

static void on_move(struct recorder *r, const struct env_record *done) {
    const char *from = below(r, done->path), *to = below(r, done->to), *name, *name2;
    if (!from || !to) return;
    u32 folder = tree_folder_of(&r->tree, from, &name);
    u32 folder2 = tree_folder_of(&r->tree, to, &name2);
    u32 node = tree_find(&r->tree, folder, name);
    ENSURE(node != TREE_NONE);
    tree_remove(&r->tree, folder, name);
    tree_put(&r->tree, folder2, name2, node);
    struct op *op = op_new(r, OP_MOVE);
    op->folder = folder;
    op->folder2 = folder2;
    op->name = strdup(name);
    op->name2 = strdup(name2);
}

static void on_remove(struct recorder *r, const struct env_record *done) {
    const char *path = below(r, done->path), *name;
    if (!path) return;
    u32 folder = tree_folder_of(&r->tree, path, &name);
    tree_remove(&r->tree, folder, name);
    struct op *op = op_new(r, OP_REMOVE);
    op->folder = folder;
    op->name = strdup(name);
}

static void on_mkdir(struct recorder *r, const struct env_record *done) {
    const char *path = below(r, done->path), *name;
    u32 folder = path ? tree_folder_of(&r->tree, path, &name) : TREE_NONE;
    if (path) make(r, folder, name, true);
}

/* A file that is open: its node is known. */
static void on_file(struct recorder *r, const struct env_record *done) {
    struct opened *opened = opened_at(r, done->file.fd);
    u32 node = opened->node;
    if (node == TREE_NONE) return;
    if (done->call == ENV_CALL_WRITE) {
        bool here = done->offset == ENV_RECORD_HERE;
        write_bytes(r, node, here ? opened->at : done->offset, done->bytes, done->size);
        if (here) opened->at += done->size;
    } else if (done->call == ENV_CALL_TRUNCATE || done->size > size_of(r, node)) {
        set_size(r, node, done->size);
    }
}

static void rec_record(void *self, const struct env_record *done) {
    struct recorder *r = self;
    pthread_mutex_lock(&r->lock);
    if (done->call == ENV_CALL_OPEN) on_open(r, done);
    if (done->call == ENV_CALL_CLOSE) opened_at(r, done->file.fd)->node = TREE_NONE;
    if (done->call == ENV_CALL_SYNC) on_sync(r, done);
    if (done->call == ENV_CALL_RENAME) on_move(r, done);
    if (done->call == ENV_CALL_UNLINK || done->call == ENV_CALL_RMDIR) on_remove(r, done);
    if (done->call == ENV_CALL_MKDIR) on_mkdir(r, done);
    if (done->call == ENV_CALL_WRITE || done->call == ENV_CALL_TRUNCATE ||
        done->call == ENV_CALL_PREALLOCATE)
        on_file(r, done);
    pthread_mutex_unlock(&r->lock);
}

void recorder_mark(struct recorder *r, u32 mark, u64 value) {
    pthread_mutex_lock(&r->lock);
    struct op *op = op_new(r, OP_MARK);
    op->mark = mark;
    op->value = value;
    pthread_mutex_unlock(&r->lock);
}

/* ---- what is there at the beginning ---- */

static void take_file(struct recorder *r, u32 node, const char *path, u64 size) {
    u8 *bytes = malloc(size + 1);
    FILE *file = fopen(path, "rb");
    ENSURE(bytes && file && fread(bytes, 1, size, file) == size);
    fclose(file);
    write_bytes(r, node, 0, bytes, size);
    op_new(r, OP_SYNC)->node = node;
    free(bytes);
}

static void take_folder(struct recorder *r, u32 folder, const char *path);

struct taking {
    struct recorder *r;
    u32 folder;
    const char *path;
};

static void take_one(void *arg, const char *name) {
    struct taking *taking = arg;
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", taking->path, name);
    ENSURE(stat(path, &st) == 0);
    u32 node = make(taking->r, taking->folder, name, S_ISDIR(st.st_mode));
    if (S_ISDIR(st.st_mode))
        take_folder(taking->r, node, path);
    else
        take_file(taking->r, node, path, (u64)st.st_size);
}

static void take_folder(struct recorder *r, u32 folder, const char *path) {
    struct taking taking = { r, folder, path };
    struct env env = env_real();
    ENSURE(!env_list(&env, path, take_one, &taking));
    op_new(r, OP_SYNC)->node = folder;
}

void recorder_init(struct recorder *r, struct env *world, const char *root) {
    static const struct env_ops ops = {
        .wall_ns = rec_wall_ns,
        .mono_ns = rec_mono_ns,
        .sleep_ns = rec_sleep_ns,
        .park = rec_park,
        .wake = rec_wake,
        .thread_start = rec_thread_start,
        .thread_join = rec_thread_join,
        .random = rec_random,
        .fault = rec_fault,
        .record = rec_record,
    };
    *r = (struct recorder){ .env = { &ops, r }, .under = world, .root = strdup(root) };
    pthread_mutex_init(&r->lock, NULL);
    take_folder(r, make(r, TREE_NONE, "", true), root);
    r->base = r->op_count;
}

void recorder_fini(struct recorder *r) {
    for (u32 i = 0; i < r->op_count; i++) {
        free(r->ops[i].name);
        free(r->ops[i].name2);
        free(r->ops[i].bytes);
    }
    tree_fini(&r->tree);
    free(r->ops);
    free(r->is_folder);
    free(r->fds);
    free(r->root);
    pthread_mutex_destroy(&r->lock);
}
