#include "io/file_sink.h"

#include "io/append.h"
#include "io/connector.h"
#include "io/folder.h"
#include "io/hidden.h"
#include "io/stream.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/data/timefn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_sink {
    const struct sink_ops *ops; /* of what it is */
    void *self;
};

static const struct sink_ops plain_ops = { .write = writer_write,
                                           .flush = writer_flush,
                                           .finish = writer_finish };

/* The compiler has seen to what must be there. */
static const char *bound(const struct sink_spec *spec, const char *name) {
    for (u32 i = 0; i < spec->option_count; i++)
        if (!strcmp(spec->options[i].name, name)) return spec->options[i].text;
    return NULL;
}

static bool has_parts(const struct sink_spec *spec) {
    return bound(spec, "partition") || bound(spec, "roll");
}

/* Of a folder: of a name in it, so that two sinks do not share one. */
static bool file_sink_place(const struct sink_spec *spec, struct env_place *out) {
    const char *path = bound(spec, "path");
    if (!has_parts(spec)) return env_place(path, out);
    char *inside;
    ENSURE(asprintf(&inside, "%s/.parts", path) > 0);
    bool found = env_place(inside, out);
    free(inside);
    out->path = path;
    out->name = ".parts";
    return found;
}

static void *plain_open(struct env *env, const char *path, const char *head) {
    struct env_file file;
    if (env_open(env, path, ENV_OPEN_CREATE, &file)) return NULL;
    return writer_open(env, file, head);
}

static void *parts_open(struct env *env, const struct sink_spec *spec, const char *path) {
    const char *roll = bound(spec, "roll");
    struct folder_spec folder = {
        .path = path,
        .run = spec->run,
        .suffix = strcmp(spec->format, "binary") ? spec->format : "bin",
        .head = spec->head,
        .partition = bound(spec, "partition") != NULL,
    };
    if (roll && (!parse_duration(roll, strlen(roll), &folder.roll_ns) || folder.roll_ns <= 0)) {
        error_set(0, "option `roll: %s` is no duration greater than 0", roll);
        return NULL;
    }
    return folder_open(env, &folder);
}

static void *file_sink_open(struct env *env, const struct sink_spec *spec) {
    const char *path = bound(spec, "path");
    struct file_sink s;
    if (has_parts(spec))
        s = (struct file_sink){ &folder_ops, parts_open(env, spec, path) };
    else if (spec->run)
        s = (struct file_sink){ &append_ops, append_open(env, spec, path) };
    else
        s = (struct file_sink){ &plain_ops, plain_open(env, path, spec->head) };
    if (!s.self) return NULL;
    struct file_sink *out = malloc(sizeof *out);
    ENSURE(out);
    *out = s;
    return out;
}

static int file_sink_write(void *self, const u8 *at, u64 size) {
    struct file_sink *s = self;
    return s->ops->write(s->self, at, size);
}

static int file_sink_flush(void *self) {
    struct file_sink *s = self;
    return s->ops->flush(s->self);
}

static int file_sink_seal(void *self, u64 number, i64 stamp, bool close, struct pack *pending) {
    struct file_sink *s = self;
    return s->ops->seal(s->self, number, stamp, close, pending);
}

static int file_sink_prepare(void *self, struct unpack *pending) {
    struct file_sink *s = self;
    return s->ops->prepare(s->self, pending);
}

static int file_sink_commit(void *self, struct unpack *pending) {
    struct file_sink *s = self;
    return s->ops->commit(s->self, pending);
}

static int file_sink_recover(void *self, struct unpack *pending, bool accept) {
    struct file_sink *s = self;
    return s->ops->recover(s->self, pending, accept);
}

static void file_sink_show(struct unpack *pending, struct text_buf *to) {
    u8 of = unpack_u8(pending);
    if (of == SEALED_FILE) append_show(pending, to);
    if (of == SEALED_PARTS) folder_show(pending, to);
}

static int file_sink_finish(void *self) {
    struct file_sink *s = self;
    int status = s->ops->finish(s->self);
    free(s);
    return status;
}

const struct sink_ops file_sink_ops = {
    .name = "file",
    .place = file_sink_place,
    .open = file_sink_open,
    .write = file_sink_write,
    .flush = file_sink_flush,
    .seal = file_sink_seal,
    .prepare = file_sink_prepare,
    .commit = file_sink_commit,
    .recover = file_sink_recover,
    .show = file_sink_show,
    .finish = file_sink_finish,
};
