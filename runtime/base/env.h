/* The world outside of the process, as one value that is passed along: clocks, sleep, threads,
   randomness, files.

   What differs between production and simulation stands behind the table (struct env_ops):
   env_real.c has the machine's clocks, futexes and threads; env_sim.h has a virtual clock and one
   thread. Files are the machine's in both: every call on a file first asks the table's `fault`, by
   which a test lets any of them fail, and afterwards tells `record` what changed, by which a test
   knows what a disk would hold when its power goes. So the same task code runs on threads and, step
   by step from a seed, in the simulator.

   Calls that can fail return -1 (or null) with an error trail that names the file. All calls are
   for any thread; one file is used by one thread at a time. */
#ifndef RUNTIME_BASE_ENV_H
#define RUNTIME_BASE_ENV_H

#include "runtime/base/base.h"

enum env_call {
    ENV_CALL_OPEN,
    ENV_CALL_INFO,
    ENV_CALL_READ,
    ENV_CALL_WRITE,
    ENV_CALL_MAP,
    ENV_CALL_PREALLOCATE,
    ENV_CALL_TRUNCATE,
    ENV_CALL_SYNC,
    ENV_CALL_RENAME,
    ENV_CALL_UNLINK,
    ENV_CALL_MKDIR,
    ENV_CALL_RMDIR,
    ENV_CALL_LIST,
    ENV_CALL_LOCK,
    ENV_CALL_POINT, /* no call: a place in the code (env_point) */
    ENV_CALL_CLOSE, /* only recorded */
};

#define ENV_FAULT_SHORT -1 /* not an errno: the read or write moves only half of its bytes */

struct env_thread {
    void (*run)(void *arg);
    void *arg;
    u64 handle;
    char name[16];
};

struct env_record;

struct env_ops {
    i64 (*wall_ns)(void *self);
    i64 (*mono_ns)(void *self);
    void (*sleep_ns)(void *self, i64 ns);
    void (*park)(void *self, _Atomic u32 *word, u32 value, i64 timeout_ns);
    void (*wake)(void *self, _Atomic u32 *word);
    int (*thread_start)(void *self, struct env_thread *thread);
    void (*thread_join)(void *self, struct env_thread *thread);
    u64 (*random)(void *self);
    int (*fault)(void *self, enum env_call call,
                 const char *name); /* 0, an errno, or ENV_FAULT_SHORT; may be null */
    void (*record)(void *self, const struct env_record *done); /* may be null */
};

struct env {
    const struct env_ops *ops;
    void *self;
};

/* The machine. */
struct env env_real(void);

/* ---- time and waiting ---- */

/* Nanoseconds since 1970. May be set back; the engine's stamps do not follow. */
ALWAYS_INLINE i64 env_wall_ns(struct env *env) {
    return env->ops->wall_ns(env->self);
}

/* Nanoseconds since some start; never falls. */
ALWAYS_INLINE i64 env_mono_ns(struct env *env) {
    return env->ops->mono_ns(env->self);
}

ALWAYS_INLINE void env_sleep_ns(struct env *env, i64 ns) {
    env->ops->sleep_ns(env->self, ns);
}

/* Sleeps while *word (a 4-byte atomic) is value, until env_wake on it or the timeout (TIME_FOREVER:
   none). May return early: the caller looks again. */
ALWAYS_INLINE void env_park(struct env *env, _Atomic u32 *word, u32 value, i64 timeout_ns) {
    env->ops->park(env->self, word, value, timeout_ns);
}

/* Wakes all who are parked on word. */
ALWAYS_INLINE void env_wake(struct env *env, _Atomic u32 *word) {
    env->ops->wake(env->self, word);
}

/* ---- threads ---- */

/* Runs run(arg) on a new thread, seen as `name` (15 bytes) by the system's tools. *thread stays the
   caller's, in place, until env_thread_join. The new thread blocks all signals that can be sent
   from outside. */
int env_thread_start(struct env *env, struct env_thread *thread, const char *name,
                     void (*run)(void *arg), void *arg);
void env_thread_join(struct env *env, struct env_thread *thread);

/* A number that nobody can foresee; in simulation, the seed's next. */
ALWAYS_INLINE u64 env_random(struct env *env) {
    return env->ops->random(env->self);
}

/* A numbered place where a test may end the process: asks `fault`, whose answer does not matter.
   `name` says in the test's report where it was. */
ALWAYS_INLINE void env_point(struct env *env, const char *name) {
    if (UNLIKELY(env->ops->fault != NULL)) env->ops->fault(env->self, ENV_CALL_POINT, name);
}

/* ---- files ---- */

enum env_open {
    ENV_OPEN_READ,
    ENV_OPEN_PLAIN,      /* for reading; refused if it is a link, and nothing is waited for */
    ENV_OPEN_CREATE,     /* for writing, emptied if it is there */
    ENV_OPEN_CREATE_NEW, /* for writing, refused if it is there */
    ENV_OPEN_APPEND,     /* for writing at the end, made if it is not there */
    ENV_OPEN_UPDATE,     /* for reading and writing, made if it is not there */
};

enum env_file_kind {
    ENV_FILE_REGULAR,
    ENV_FILE_FOLDER,
    ENV_FILE_STREAM, /* pipe, terminal, socket, device */
};

struct env_file {
    int fd;
    const char *name; /* the caller's; for messages */
};

/* What was done to a file, told to `record` when it has succeeded. Only what changes files, syncs
   them, and opens or closes them. */
struct env_record {
    enum env_call call;
    struct env_file file; /* OPEN, WRITE, PREALLOCATE, TRUNCATE, SYNC, CLOSE */
    enum env_open how;    /* OPEN */
    const char *path;     /* RENAME, UNLINK, MKDIR, RMDIR */
    const char *to;       /* RENAME */
    const void *bytes;    /* WRITE */
    u64 size;             /* WRITE, PREALLOCATE, TRUNCATE */
    u64 offset;           /* WRITE; ENV_RECORD_HERE: where the file stands */
};

#define ENV_RECORD_HERE UINT64_MAX

struct env_file_info {
    enum env_file_kind kind;
    u64 size;          /* regular files */
    u64 device, inode; /* which file it is, which pipe: as long as it lives */
};

/* What tells whether two paths lead to one file: the file, or, if it is not there yet, its folder
   and its name. */
struct env_place {
    const char *path; /* the caller's */
    u64 device, inode;
    const char *name; /* in the folder; null: the file is there */
};

/* False: it is no file that writing would change for others (a pipe, a device), or nobody can tell,
   as when its folder is not there. */
bool env_place(const char *path, struct env_place *out);
bool env_place_same(const struct env_place *a, const struct env_place *b);

/* `path` must live as long as the file is used. */
int env_open(struct env *env, const char *path, enum env_open how, struct env_file *out);
ALWAYS_INLINE struct env_file env_stdin(void) {
    return (struct env_file){ .fd = 0, .name = "stdin" };
}
ALWAYS_INLINE struct env_file env_stdout(void) {
    return (struct env_file){ .fd = 1, .name = "stdout" };
}
int env_info(struct env *env, struct env_file file, struct env_file_info *out);

/* Is there something to read, or the end, within the timeout (0: now; TIME_FOREVER)? Also true
   where only a read can tell. False too when a signal came. */
bool env_readable(struct env *env, struct env_file file, i64 timeout_ns);

/* Up to size bytes from where the file stands: how many, 0 at the end, -1. Waits for a stream's
   first byte. */
i64 env_read(struct env *env, struct env_file file, void *into, u64 size);

/* Up to size bytes from an offset of a regular file; fewer only at its end, or -1. */
i64 env_read_at(struct env *env, struct env_file file, void *into, u64 size, u64 offset);

/* All of the bytes, or -1 and nobody knows how many. Waits. A closed pipe is an error (EPIPE) if
   SIGPIPE is ignored. */
int env_write_all(struct env *env, struct env_file file, const void *from, u64 size);

/* All of the bytes from an offset of a regular file on, or -1 and nobody knows how many. */
int env_write_at(struct env *env, struct env_file file, const void *from, u64 size, u64 offset);

/* Disk space for [0, size): afterwards a write there cannot fail for want of room. The size becomes
   at least `size`. */
int env_preallocate(struct env *env, struct env_file file, u64 size);
int env_truncate(struct env *env, struct env_file file, u64 size);

/* The file's bytes are on the disk, or -1: then never trust this file again. Folders too (opened
   with ENV_OPEN_READ): their entries. */
int env_sync(struct env *env, struct env_file file);
int env_sync_path(struct env *env, const char *path); /* the same of a file or folder by name */

/* -1: what was written may be lost. The file is gone in any case. */
int env_close(struct env *env, struct env_file file);

int env_rename(struct env *env, const char *from, const char *to); /* replaces */
int env_rename_new(struct env *env, const char *from,
                   const char *to); /* refused if `to` is there */
int env_unlink(struct env *env, const char *path);
int env_mkdir(struct env *env, const char *path);         /* fine if it is a folder already */
int env_mkdir_private(struct env *env, const char *path); /* the same; for its owner alone */
int env_rmdir(struct env *env, const char *path);         /* refused if something is in it */

/* Calls each(arg, name) for every entry of a folder but `.` and `..`, in no order. */
int env_list(struct env *env, const char *path, void (*each)(void *arg, const char *name),
             void *arg);

/* Locks a file opened with ENV_OPEN_UPDATE, or a folder with ENV_OPEN_READ, for this process until
   it is closed, also by the process's end. -1 if another one has it (EAGAIN). The lock is the open
   file's (OFD): another open and close of the file in this process does not lose it. */
int env_lock(struct env *env, struct env_file file);

/* ---- mapped files ---- */

#define ENV_MAP_BEFORE 64  /* bytes that can be read before the first, all zero */
#define ENV_MAP_AFTER 4096 /* and after the last, all zero */

struct env_map {
    const u8 *at; /* at[-ENV_MAP_BEFORE .. size + ENV_MAP_AFTER) can be read */
    u64 size;
    u8 *reserved;
    u64 reserved_bytes;
    u32 guard;
};

/* Maps the first `size` bytes (maybe 0) of a regular file for reading; the file may be closed
   afterwards. If the file shrinks while it is mapped, a reader would get SIGBUS: the process then
   ends with exit code 1 and a message that names the file. */
int env_map_file(struct env *env, struct env_file file, u64 size, struct env_map *out);
void env_unmap(struct env_map *map);

/* The bytes [from, from + size) have been read for the last time: their pages need not stay in
   memory. */
void env_map_done(const struct env_map *map, u64 from, u64 size);

/* ---- big memory: the same in simulation ---- */

/* Zeroed, on huge pages where the machine has them, aligned to 2 MiB; null with an error trail. */
void *env_huge_alloc(u64 size);
void env_huge_free(void *at, u64 size);

/* Addresses for `size` bytes: zeroed memory that is taken from the machine page by page when first
   touched. */
void *env_reserve(u64 size);
void env_unreserve(void *at, u64 size);

#endif
