#include "io/hidden.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hidden_init(struct hidden *h, struct env *env, char *path) {
    *h = (struct hidden){ .env = env, .path = path };
}

void hidden_resume(struct hidden *h, struct env *env, char *path, const struct sum *sum) {
    *h = (struct hidden){ .env = env, .path = path, .sum = *sum };
}

bool hidden_is_open(const struct hidden *h) {
    return h->buffer;
}

/* One that holds nothing is new: whatever is there under its name is none of ours. */
static int open_file(struct hidden *h) {
    bool is_new = h->sum.size == 0;
    if (env_open(h->env, h->path, is_new ? ENV_OPEN_CREATE_NEW : ENV_OPEN_APPEND, &h->file))
        return -1;
    h->buffer = malloc(HIDDEN_BUFFER);
    ENSURE(h->buffer);
    return 0;
}

int hidden_flush(struct hidden *h) {
    u64 held = h->held;
    h->held = 0;
    return held ? env_write_all(h->env, h->file, h->buffer, held) : 0;
}

int hidden_write(struct hidden *h, const u8 *at, u64 size) {
    if (!h->buffer && open_file(h)) return -1;
    if (h->held + size > HIDDEN_BUFFER && hidden_flush(h)) return -1;
    sum_add(&h->sum, at, size);
    if (size > HIDDEN_BUFFER) return env_write_all(h->env, h->file, at, size);
    memcpy(h->buffer + h->held, at, size);
    h->held += size;
    return 0;
}

void hidden_drop(struct hidden *h) {
    if (!h->buffer) return;
    free(h->buffer);
    h->buffer = NULL;
    h->held = 0;
    env_close(h->env, h->file);
}

int hidden_close(struct hidden *h) {
    int failed = h->buffer ? hidden_flush(h) : 0;
    hidden_drop(h);
    return failed;
}

int output_lock(struct env *env, const char *path, enum env_open how, struct env_file *lock) {
    if (env_open(env, path, how, lock)) return -1;
    if (!env_lock(env, *lock)) return 0;
    if (error_number() == EAGAIN)
        error_set(0, "another job that is running writes to %s: stop it, or name another path",
                  path);
    env_close(env, *lock);
    return -1;
}

/* ---- bytes that were sealed ---- */

struct reader {
    struct env *env;
    struct env_file file;
    u64 offset, end;
    struct sum sum;
    u8 bytes[64 << 10];
};

/* The next piece: its size, 0 at the end of the range or of the file, -1. */
static i64 reader_next(struct reader *r) {
    u64 left = r->end - r->offset;
    i64 got = env_read_at(r->env, r->file, r->bytes,
                          left < sizeof r->bytes ? left : sizeof r->bytes, r->offset);
    if (got <= 0) return got;
    sum_add(&r->sum, r->bytes, (u64)got);
    r->offset += (u64)got;
    return got;
}

static struct reader *reader_open(struct env *env, const char *path, u64 offset, u64 size) {
    struct reader *r = malloc(sizeof *r);
    ENSURE(r);
    r->env = env;
    r->offset = offset;
    r->end = offset + size;
    r->sum = (struct sum){ 0 };
    if (!env_open(env, path, ENV_OPEN_READ, &r->file)) return r;
    free(r);
    return NULL;
}

static void reader_close(struct reader *r) {
    env_close(r->env, r->file);
    free(r);
}

int bytes_check(struct env *env, const char *path, u64 offset, u64 size, u64 sum, struct sum *out) {
    struct reader *r = reader_open(env, path, offset, size);
    i64 got;
    if (!r) return error_number() == ENOENT ? 0 : -1;
    while ((got = reader_next(r)) > 0) {
    }
    if (out) *out = r->sum;
    int answer = got < 0 ? -1 : r->sum.size == size && sum_value(&r->sum) == sum;
    reader_close(r);
    return answer;
}

int bytes_copy(struct env *env, const char *from, u64 size, u64 sum, struct env_file to,
               u64 offset) {
    struct reader *r = reader_open(env, from, 0, size);
    i64 got;
    int status = 0;
    if (!r) return -1;
    while (!status && (got = reader_next(r))) {
        status = got < 0 ? -1 : env_write_at(env, to, r->bytes, (u64)got, offset);
        offset += got > 0 ? (u64)got : 0;
    }
    if (!status && (r->sum.size != size || sum_value(&r->sum) != sum))
        status = error_set(0, "%s does not hold the rows that were written to it", from);
    reader_close(r);
    return status;
}

/* ---- tries ---- */

char *try_path(const char *path, u32 again) {
    char *out;
    ENSURE((again ? asprintf(&out, "%s~%u", path, again) : asprintf(&out, "%s", path)) > 0);
    return out;
}

/* The newest try up to `again` that holds the bytes: 1 and *out, the caller frees; 0; -1. */
static int try_find(struct env *env, const char *path, u32 again, u64 size, u64 sum, char **out) {
    for (u32 i = again + 1; i-- > 0;) {
        char *at = try_path(path, i);
        int found = bytes_check(env, at, 0, size, sum, NULL);
        *out = at;
        if (found > 0) return 1;
        free(at);
        if (found < 0) return -1;
    }
    return 0;
}

static int make_try(struct env *env, const char *path, u32 again, u64 size, u64 sum) {
    char *from, *to = try_path(path, again);
    struct env_file file;
    int found = try_find(env, path, again - 1, size, sum, &from), status = -1;
    if (!found) error_set(0, "the rows in %s, which could not be synced, are lost", path);
    if (found > 0) {
        if (!(status = env_open(env, to, ENV_OPEN_CREATE, &file))) {
            status = bytes_copy(env, from, size, sum, file, 0);
            env_close(env, file);
        }
        free(from);
    }
    free(to);
    return status;
}

int try_sync(struct env *env, const char *path, u32 again, u64 size, u64 sum) {
    char *to = try_path(path, again);
    int status = again ? bytes_check(env, to, 0, size, sum, NULL) : 1;
    if (!status) status = make_try(env, path, again, size, sum) ? -1 : 1;
    if (status > 0) status = env_sync_path(env, to);
    free(to);
    return status;
}

int try_remove(struct env *env, const char *path, u32 again) {
    int status = 0;
    for (u32 i = 0; i <= again; i++) {
        char *at = try_path(path, i);
        if (env_unlink(env, at) && error_number() != ENOENT) status = -1;
        free(at);
    }
    return status;
}

/* ---- paths ---- */

char *path_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash == path ? strdup("/")
                   : slash       ? strndup(path, (size_t)(slash - path))
                                 : strdup(".");
    ENSURE(folder);
    return folder;
}

bool path_exists(struct env *env, const char *path) {
    struct env_file file;
    if (env_open(env, path, ENV_OPEN_READ, &file)) return false;
    env_close(env, file);
    return true;
}
