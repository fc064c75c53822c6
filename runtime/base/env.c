/* Files: the system's calls, each after asking for a fault, with error trails. */
#include "runtime/base/env.h"
#include "runtime/base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fault(struct env *env, enum env_call call, const char *name) {
    return env->ops->fault ? env->ops->fault(env->self, call, name) : 0;
}

static void record(struct env *env, struct env_record done) {
    if (UNLIKELY(env->ops->record != NULL)) env->ops->record(env->self, &done);
}

static int answer(int failed, const char *what, const char *name) {
    return failed ? error_set(failed, "%s %s", what, name) : 0;
}

int env_thread_start(struct env *env, struct env_thread *thread, const char *name,
                     void (*run)(void *arg), void *arg) {
    *thread = (struct env_thread){ .run = run, .arg = arg };
    snprintf(thread->name, sizeof thread->name, "%s", name);
    return env->ops->thread_start(env->self, thread);
}

void env_thread_join(struct env *env, struct env_thread *thread) {
    env->ops->thread_join(env->self, thread);
}

static int open_flags(enum env_open how) {
    switch (how) {
    case ENV_OPEN_READ:
        return O_RDONLY;
    case ENV_OPEN_PLAIN:
        return O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
    case ENV_OPEN_CREATE:
        return O_WRONLY | O_CREAT | O_TRUNC;
    case ENV_OPEN_CREATE_NEW:
        return O_RDWR | O_CREAT | O_EXCL;
    case ENV_OPEN_APPEND:
        return O_WRONLY | O_CREAT | O_APPEND;
    case ENV_OPEN_UPDATE:
        return O_RDWR | O_CREAT;
    }
    __builtin_unreachable();
}

int env_open(struct env *env, const char *path, enum env_open how, struct env_file *out) {
    *out = (struct env_file){ .fd = -1, .name = path };
    int failed = fault(env, ENV_CALL_OPEN, path);
    if (!failed) {
        out->fd = open(path, open_flags(how) | O_CLOEXEC | O_NOCTTY, 0666);
        if (out->fd < 0) failed = errno;
    }
    if (!failed) record(env, (struct env_record){ ENV_CALL_OPEN, .file = *out, .how = how });
    return answer(failed, how <= ENV_OPEN_PLAIN ? "open" : "create", path);
}

int env_info(struct env *env, struct env_file file, struct env_file_info *out) {
    struct stat st;
    int failed = fault(env, ENV_CALL_INFO, file.name);
    if (!failed && fstat(file.fd, &st) < 0) failed = errno;
    if (failed) return answer(failed, "look at", file.name);
    *out = (struct env_file_info){
        .kind = S_ISREG(st.st_mode)   ? ENV_FILE_REGULAR
                : S_ISDIR(st.st_mode) ? ENV_FILE_FOLDER
                                      : ENV_FILE_STREAM,
        .size = S_ISREG(st.st_mode) ? (u64)st.st_size : 0,
        .device = st.st_dev,
        .inode = st.st_ino,
    };
    return 0;
}

bool env_place(const char *path, struct env_place *out) {
    struct stat st;
    char folder[PATH_MAX];
    *out = (struct env_place){ .path = path };
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode)) return false;
    } else {
        const char *slash = strrchr(path, '/');
        size_t size = slash ? (size_t)(slash + 1 - path) : 0;
        if (errno != ENOENT || size >= sizeof folder) return false;
        snprintf(folder, sizeof folder, "%.*s", (int)size, path);
        if (stat(size ? folder : ".", &st) < 0) return false;
        out->name = path + size;
    }
    out->device = st.st_dev;
    out->inode = st.st_ino;
    return true;
}

bool env_place_same(const struct env_place *a, const struct env_place *b) {
    return a->device == b->device && a->inode == b->inode && !a->name == !b->name &&
           (!a->name || !strcmp(a->name, b->name));
}

bool env_readable(struct env *env, struct env_file file, i64 timeout_ns) {
    struct pollfd one = { .fd = file.fd, .events = POLLIN };
    struct timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    return ppoll(&one, 1, timeout_ns == TIME_FOREVER ? NULL : &timeout, NULL) > 0;
}

/* offset < 0: where the file stands. */
static i64 read_some(struct env *env, struct env_file file, void *into, u64 size, i64 offset) {
    int failed = fault(env, ENV_CALL_READ, file.name);
    if (failed == ENV_FAULT_SHORT) {
        failed = 0;
        size = (size + 1) / 2;
    }
    while (!failed) {
        i64 got = offset < 0 ? read(file.fd, into, size) : pread(file.fd, into, size, offset);
        if (got >= 0) return got;
        if (errno == EAGAIN)
            poll(&(struct pollfd){ .fd = file.fd, .events = POLLIN }, 1, -1);
        else if (errno != EINTR)
            failed = errno;
    }
    return answer(failed, "read", file.name);
}

i64 env_read(struct env *env, struct env_file file, void *into, u64 size) {
    return read_some(env, file, into, size, -1);
}

i64 env_read_at(struct env *env, struct env_file file, void *into, u64 size, u64 offset) {
    u64 done = 0;
    while (done < size) {
        i64 got = read_some(env, file, (u8 *)into + done, size - done, (i64)(offset + done));
        if (got < 0) return -1;
        if (!got) break;
        done += (u64)got;
    }
    return (i64)done;
}

/* offset ENV_RECORD_HERE: where the file stands. */
static int write_all(struct env *env, struct env_file file, const void *from, u64 size,
                     u64 offset) {
    bool here = offset == ENV_RECORD_HERE;
    const u8 *at = from;
    while (size) {
        int failed = fault(env, ENV_CALL_WRITE, file.name);
        u64 part = failed == ENV_FAULT_SHORT ? (size + 1) / 2 : size;
        if (failed > 0) return answer(failed, "write", file.name);
        i64 put = here ? write(file.fd, at, part) : pwrite(file.fd, at, part, (off_t)offset);
        if (put >= 0) {
            record(env, (struct env_record){ ENV_CALL_WRITE, .file = file, .bytes = at,
                                             .size = (u64)put, .offset = offset });
            at += put;
            size -= (u64)put;
            if (!here) offset += (u64)put;
        } else if (errno == EAGAIN) {
            /* A terminal that another process left non-blocking. */
            poll(&(struct pollfd){ .fd = file.fd, .events = POLLOUT }, 1, -1);
        } else if (errno != EINTR) {
            return answer(errno, "write", file.name);
        }
    }
    return 0;
}

int env_write_all(struct env *env, struct env_file file, const void *from, u64 size) {
    return write_all(env, file, from, size, ENV_RECORD_HERE);
}

int env_write_at(struct env *env, struct env_file file, const void *from, u64 size, u64 offset) {
    return write_all(env, file, from, size, offset);
}

int env_preallocate(struct env *env, struct env_file file, u64 size) {
    int failed = fault(env, ENV_CALL_PREALLOCATE, file.name);
    if (!failed) failed = posix_fallocate(file.fd, 0, (off_t)size);
    if (!failed)
        record(env, (struct env_record){ ENV_CALL_PREALLOCATE, .file = file, .size = size });
    return answer(failed, "reserve disk space for", file.name);
}

int env_truncate(struct env *env, struct env_file file, u64 size) {
    int failed = fault(env, ENV_CALL_TRUNCATE, file.name);
    if (!failed && ftruncate(file.fd, (off_t)size) < 0) failed = errno;
    if (!failed) record(env, (struct env_record){ ENV_CALL_TRUNCATE, .file = file, .size = size });
    return answer(failed, "set the size of", file.name);
}

int env_sync(struct env *env, struct env_file file) {
    int failed = fault(env, ENV_CALL_SYNC, file.name);
    if (!failed && fsync(file.fd) < 0) failed = errno;
    if (!failed) record(env, (struct env_record){ ENV_CALL_SYNC, .file = file });
    return answer(failed, "sync", file.name);
}

int env_sync_path(struct env *env, const char *path) {
    struct env_file file;
    if (env_open(env, path, ENV_OPEN_READ, &file)) return -1;
    int failed = env_sync(env, file);
    return env_close(env, file) || failed ? -1 : 0;
}

int env_close(struct env *env, struct env_file file) {
    record(env, (struct env_record){ ENV_CALL_CLOSE, .file = file });
    return answer(close(file.fd) < 0 ? errno : 0, "close", file.name);
}

/* EBADF: it is open for reading alone, as folders are, which fcntl does not lock. */
int env_lock(struct env *env, struct env_file file) {
    struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int failed = fault(env, ENV_CALL_LOCK, file.name);
    if (!failed && fcntl(file.fd, F_OFD_SETLK, &all) < 0) failed = errno;
    if (failed == EBADF) failed = flock(file.fd, LOCK_EX | LOCK_NB) < 0 ? errno : 0;
    return answer(failed == EACCES ? EAGAIN : failed, "lock", file.name);
}

static int rename_as(struct env *env, const char *from, const char *to, unsigned flags) {
    int failed = fault(env, ENV_CALL_RENAME, from);
    if (!failed && renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) < 0) failed = errno;
    if (failed) return error_set(failed, "rename %s to %s", from, to);
    record(env, (struct env_record){ ENV_CALL_RENAME, .path = from, .to = to });
    return 0;
}

int env_rename(struct env *env, const char *from, const char *to) {
    return rename_as(env, from, to, 0);
}

int env_rename_new(struct env *env, const char *from, const char *to) {
    return rename_as(env, from, to, RENAME_NOREPLACE);
}

int env_unlink(struct env *env, const char *path) {
    int failed = fault(env, ENV_CALL_UNLINK, path);
    if (!failed && unlink(path) < 0) failed = errno;
    if (!failed) record(env, (struct env_record){ ENV_CALL_UNLINK, .path = path });
    return answer(failed, "remove", path);
}

static int make_folder(struct env *env, const char *path, mode_t mode) {
    struct stat st;
    int failed = fault(env, ENV_CALL_MKDIR, path);
    if (!failed && mkdir(path, mode) < 0) failed = errno;
    if (!failed) record(env, (struct env_record){ ENV_CALL_MKDIR, .path = path });
    if (failed == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) failed = 0;
    return answer(failed, "make folder", path);
}

int env_mkdir(struct env *env, const char *path) {
    return make_folder(env, path, 0777);
}

int env_mkdir_private(struct env *env, const char *path) {
    return make_folder(env, path, 0700);
}

int env_rmdir(struct env *env, const char *path) {
    int failed = fault(env, ENV_CALL_RMDIR, path);
    if (!failed && rmdir(path) < 0) failed = errno;
    if (!failed) record(env, (struct env_record){ ENV_CALL_RMDIR, .path = path });
    return answer(failed, "remove folder", path);
}

int env_list(struct env *env, const char *path, void (*each)(void *arg, const char *name),
             void *arg) {
    int failed = fault(env, ENV_CALL_LIST, path);
    DIR *folder = failed ? NULL : opendir(path);
    if (!failed && !folder) failed = errno;
    while (!failed) {
        errno = 0;
        struct dirent *entry = readdir(folder);
        failed = entry ? 0 : errno;
        if (!entry) break;
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) each(arg, entry->d_name);
    }
    if (folder) closedir(folder);
    return answer(failed, "list", path);
}
