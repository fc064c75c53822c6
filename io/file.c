/* Files as sources: mapped, or, with `preload`, read into huge pages before the job starts. What is
   no regular file (a FIFO, a terminal) is read as a stream: io/stream.c. The sink: io/file_sink.c.

   A snapshot holds the position and what tells whether a file is the one that was read: hashes of
   its first bytes and of those just before the position. Path, device and inode are for messages
   alone: a copy is as good, and a file that has grown is read on. */
#include "io/connector.h"
#include "io/cut.h"
#include "io/file_sink.h"
#include "io/stream.h"

#include "runtime/base/error.h"
#include "runtime/base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats[] = { "lines", "csv", "json", "binary", NULL };

static const struct option_def file_options[] = {
    { "path", OPTION_TEXT, USE_SOURCE | USE_SINK | USE_TABLE, .required = true,
      .doc = "the file; `-` is stdin" },
    { "format", OPTION_WORD, USE_SOURCE | USE_SINK | USE_TABLE, .required = true, .constant = true,
      .words = formats,
      .doc = "lines, csv, json (one object a line) or binary (rows as C structs)" },
    { "header", OPTION_BOOL, USE_SOURCE | USE_SINK | USE_TABLE, .constant = true,
      .fallback = "false", .doc = "csv: the first record names the columns" },
    { "delimiter", OPTION_BYTE, USE_SOURCE | USE_SINK | USE_TABLE, .constant = true,
      .fallback = ",", .doc = "csv: between fields" },
    { "preload", OPTION_BOOL, USE_SOURCE, .fallback = "false",
      .doc = "read the whole file into memory first" },
    { "max_record", OPTION_SIZE, USE_SOURCE | USE_TABLE, .fallback = "1MiB",
      .doc = "a longer record is malformed" },
    { "partition", OPTION_COLUMNS, USE_SINK, .constant = true,
      .doc = "`path` is a folder: files by these columns, in folders day=.../hour=.../" },
    { "roll", OPTION_DURATION, USE_SINK,
      .doc = "`path` is a folder: a file is closed when it has been open that long" },
    { NULL },
};

struct file_source {
    struct env *env;
    const char *path, *format;
    struct stream *stream; /* not a regular file */
    struct env_map map;
    u8 *preloaded;
    u64 preloaded_bytes;
    struct budget *budget; /* counts them */
    const u8 *at;
    u64 size, next, morsel_bytes, record_max;
    u32 row_bytes; /* 0: text */
    enum cut_kind cut;
    u64 device, inode;
    u64 head_size, head_hash; /* of as much of the start as was handed out; kept once it is all */
};

#define HEAD_BYTES (64ull << 10)
#define TAIL_BYTES (4ull << 10)

#define PAD 64 /* before and after preloaded bytes: decoders read past both ends */

static int preload(struct file_source *f, struct env_file file, u64 size) {
    f->preloaded_bytes = size + 2 * PAD + ENV_MAP_AFTER;
    if (!budget_take(f->budget, BUDGET_PRELOAD, f->preloaded_bytes))
        return error_set(0,
                         "out of memory: with %s preloaded (%lu MiB) the job would pass its limit "
                         "of %lu MiB; give it more with --memory, or leave out `preload`",
                         f->path, f->preloaded_bytes >> 20, f->budget->limit >> 20);
    if (!(f->preloaded = env_huge_alloc(f->preloaded_bytes))) return -1;
    for (u64 got = 0; got < size;) {
        i64 n = env_read_at(f->env, file, f->preloaded + PAD + got, size - got, got);
        if (n < 0) return -1;
        if (!n) return error_set(0, "%s shrank while it was read", f->path);
        got += (u64)n;
    }
    f->at = f->preloaded + PAD;
    return 0;
}

static int stream_begin(struct file_source *f, const struct source_spec *spec,
                        struct env_file file) {
    struct stream_spec stream = { f->cut, f->row_bytes, spec->header, f->morsel_bytes,
                                  f->record_max };
    struct ingest *log = NULL;
    if (spec->state && !(log = ingest_open(f->env, spec->state, spec->name, INGEST_SEGMENT_BYTES)))
        return -1;
    if (!log || !spec->fresh || !ingest_skip(log))
        f->stream = stream_open(f->env, file, &stream, log);
    if (!f->stream && log) ingest_close(log);
    return f->stream ? 0 : -1;
}

/* What the kernel makes up (/proc) says that it is empty; only reading tells. 1, 0, or -1. */
static int is_stream(struct file_source *f, struct env_file file,
                     const struct env_file_info *info) {
    u8 byte;
    if (info->kind == ENV_FILE_STREAM || info->size) return info->kind == ENV_FILE_STREAM;
    i64 got = env_read_at(f->env, file, &byte, 1, 0);
    return got < 0 ? -1 : got > 0;
}

static int file_begin(struct file_source *f, const struct source_spec *spec, struct env_file file) {
    struct env_file_info info;
    if (env_info(f->env, file, &info)) return -1;
    if (info.kind == ENV_FILE_FOLDER) return error_set(EISDIR, "%s", f->path);
    int stream = is_stream(f, file, &info);
    if (stream) return stream < 0 ? -1 : stream_begin(f, spec, file);
    f->size = info.size;
    f->device = info.device;
    f->inode = info.inode;
    if (option_bool(file_options, spec->options, spec->option_count, "preload")) {
        if (preload(f, file, info.size)) return -1;
    } else {
        if (env_map_file(f->env, file, info.size, &f->map)) return -1;
        f->at = f->map.at;
    }
    if (!f->row_bytes) f->next = cut_byte_order_mark(f->at, f->size);
    if (spec->header && f->next < f->size)
        f->next = cut_morsel(f->cut, f->at, f->next, f->size, true, 1, f->record_max).end;
    return 0;
}

static int open_input(struct file_source *f, const struct source_spec *spec, struct env_file file) {
    bool standard_input = file.fd >= 0;
    if (!standard_input && env_open(f->env, f->path, ENV_OPEN_READ, &file)) return -1;
    int status = file_begin(f, spec, file);
    if (!f->stream && !standard_input) env_close(f->env, file);
    return status;
}

static void file_close(void *self) {
    struct file_source *f = self;
    if (f->stream)
        stream_close(f->stream);
    else if (f->preloaded)
        env_huge_free(f->preloaded, f->preloaded_bytes);
    else if (f->at)
        env_unmap(&f->map);
    if (f->preloaded_bytes) budget_give(f->budget, BUDGET_PRELOAD, f->preloaded_bytes);
    free(f);
}

static bool file_place(const struct source_spec *spec, struct env_place *out) {
    const char *path = option_text(file_options, spec->options, spec->option_count, "path");
    return env_place(strcmp(path, "-") ? path : "/dev/stdin", out);
}

static void *file_open(struct env *env, const struct source_spec *spec) {
    struct file_source *f = calloc(1, sizeof *f);
    if (!f) {
        error_set(ENOMEM, "open a file");
        return NULL;
    }
    *f = (struct file_source){
        .env = env, .format = spec->format, .row_bytes = spec->row_bytes, .budget = spec->budget
    };
    f->path = option_text(file_options, spec->options, spec->option_count, "path");
    f->cut = !strcmp(spec->format, "csv") ? CUT_CSV : CUT_LINES;
    struct env_file file = { -1, f->path };
    bool standard_input = f->path && !strcmp(f->path, "-");
    if (standard_input) f->path = "standard input";
    if (option_count(file_options, spec->options, spec->option_count, "max_record", &f->record_max))
        goto failed;
    f->morsel_bytes = spec->morsel_bytes;
    if (!f->row_bytes && f->morsel_bytes > f->record_max) f->morsel_bytes = f->record_max;
    if (f->row_bytes && f->morsel_bytes < f->row_bytes) f->morsel_bytes = f->row_bytes;
    if (standard_input) file = env_stdin();
    /* A pipe with a name is not waited for, if all that it gave is in the log. */
    int ended = spec->state && !spec->fresh ? ingest_ended(env, spec->state, spec->name) : 0;
    int status = ended ? ended : open_input(f, spec, file);
    if (ended > 0) status = stream_begin(f, spec, file);
    if (!status) return f;
failed:
    file_close(f);
    return NULL;
}

static enum source_answer file_extent(void *self, struct extent *out) {
    struct file_source *f = self;
    if (f->stream) return stream_extent(f->stream, out);
    u64 from = f->next, size;
    *out = (struct extent){ .at = f->at + from, .offset = from };
    if (f->row_bytes) {
        u64 left = f->size - from, whole = f->morsel_bytes - f->morsel_bytes % f->row_bytes;
        size = left <= whole ? left - left % f->row_bytes : whole;
        if (left && !size) {
            size = left;
            out->broken = "the file ends inside a row";
        }
    } else {
        struct cut cut =
            cut_morsel(f->cut, f->at, from, f->size, true, f->morsel_bytes, f->record_max);
        size = cut.end - from;
        if (cut.long_record) out->broken = "the record is longer than max_record";
    }
    out->size = out->broken && !f->row_bytes ? cut_newline(out->at, size) : size;
    f->next = from + size;
    return f->next == f->size ? SOURCE_LAST : SOURCE_EXTENT;
}

static void file_release(void *self, const struct extent *x) {
    struct file_source *f = self;
    if (f->stream)
        stream_release(f->stream, x);
    else if (!f->preloaded)
        env_map_done(&f->map, x->offset, x->size);
}

static u64 file_total_bytes(void *self) {
    struct file_source *f = self;
    return f->stream ? 0 : f->size;
}

static int file_wait_fd(void *self) {
    struct file_source *f = self;
    return f->stream ? stream_fd(f->stream) : -1;
}

static u64 file_line_of(void *self, u64 offset) {
    struct file_source *f = self;
    if (f->stream || f->row_bytes) return 0;
    u64 line = 1;
    for (const u8 *at = f->at, *end = f->at + offset; (at = memchr(at, '\n', (size_t)(end - at)));
         at++)
        line++;
    return line;
}

/* ---- snapshots ---- */

enum { SAVED_STREAM, SAVED_FILE };

static u64 hash_head(struct file_source *f, u64 size) {
    if (f->head_size != size || !size) {
        f->head_hash = hash_bytes(f->at, size, HASH_A);
        f->head_size = size;
    }
    return f->head_hash;
}

static u64 head_of(u64 position) {
    return position < HEAD_BYTES ? position : HEAD_BYTES;
}

static u64 hash_tail(const struct file_source *f, u64 position) {
    u64 size = position < TAIL_BYTES ? position : TAIL_BYTES;
    return hash_bytes(f->at + position - size, size, HASH_B);
}

static void file_save(void *self, struct pack *to) {
    struct file_source *f = self;
    pack_u8(to, f->stream ? SAVED_STREAM : SAVED_FILE);
    if (f->stream) {
        stream_save(f->stream, to);
        return;
    }
    pack_text(to, f->path);
    pack_u64(to, f->device);
    pack_u64(to, f->inode);
    pack_u64(to, f->next);
    pack_u64(to, hash_head(f, head_of(f->next)));
    pack_u64(to, hash_tail(f, f->next));
}

static int seek_file(struct file_source *f, struct unpack *from) {
    struct str path = unpack_bytes(from);
    u64 device = unpack_u64(from), inode = unpack_u64(from), position = unpack_u64(from);
    u64 head = unpack_u64(from), tail = unpack_u64(from);
    if (from->bad) return error_set(0, "what is saved of %s is cut off", f->path);
    bool same = device == f->device && inode == f->inode;
    const char *which = same ? "it" : "another file is there now: it";
    if (f->size < position)
        return error_set(0,
                         "%s: %s has %lu bytes, and %lu had been read when the snapshot of %.*s "
                         "was taken",
                         f->path, which, f->size, position, (int)path.size, path.at);
    if (hash_head(f, head_of(position)) != head || hash_tail(f, position) != tail)
        return error_set(0,
                         "%s: %s does not hold what had been read when the snapshot of %.*s was "
                         "taken",
                         f->path, which, (int)path.size, path.at);
    f->next = position;
    return 0;
}

static int file_seek(void *self, struct unpack *from) {
    struct file_source *f = self;
    u8 saved = unpack_u8(from);
    if (saved == SAVED_FILE && !f->stream) return seek_file(f, from);
    if (saved == SAVED_STREAM && f->stream) return stream_seek(f->stream, from);
    return error_set(0,
                     f->stream ? "%s is no regular file, as it was when the snapshot was taken"
                               : "%s is a regular file, and was none when the snapshot was taken",
                     f->path);
}

static bool file_replays(void *self) {
    struct file_source *f = self;
    return !f->stream || stream_replays(f->stream);
}

static int file_prepare(void *self, struct unpack *saved) {
    struct file_source *f = self;
    return f->stream && unpack_u8(saved) == SAVED_STREAM ? stream_prepare(f->stream, saved) : 0;
}

static void file_retained(void *self, struct unpack *oldest) {
    struct file_source *f = self;
    if (f->stream && unpack_u8(oldest) == SAVED_STREAM) stream_retained(f->stream, oldest);
}

static void file_show(struct unpack *saved, struct text_buf *to) {
    if (unpack_u8(saved) == SAVED_STREAM) {
        stream_show(saved, to);
        return;
    }
    struct str path = unpack_bytes(saved);
    unpack_u64(saved);
    unpack_u64(saved);
    text_buf_printf(to, "byte %lu of %.*s", unpack_u64(saved), (int)path.size, path.at);
}

static const char *file_describe(void *self) {
    return ((struct file_source *)self)->path;
}

static const struct source_ops file_source_ops = {
    .name = "file",
    .place = file_place,
    .open = file_open,
    .extent = file_extent,
    .release = file_release,
    .total_bytes = file_total_bytes,
    .wait_fd = file_wait_fd,
    .line_of = file_line_of,
    .describe = file_describe,
    .save = file_save,
    .seek = file_seek,
    .replays = file_replays,
    .prepare = file_prepare,
    .retained = file_retained,
    .show = file_show,
    .close = file_close,
};

const struct connector file_connector = {
    .name = "file",
    .doc = "a file, read from its start to its end, or written",
    .options = file_options,
    .source = &file_source_ops,
    .sink = &file_sink_ops,
    .can_sink = true,
};

/* ---- standard input: the same, with another path ---- */
static const struct option_def stdin_options[] = {
    { "format", OPTION_WORD, USE_SOURCE, .required = true, .constant = true, .words = formats,
      .doc = "lines, csv, json (one object a line) or binary (rows as C structs)" },
    { "header", OPTION_BOOL, USE_SOURCE, .constant = true, .fallback = "false",
      .doc = "csv: the first record names the columns" },
    { "delimiter", OPTION_BYTE, USE_SOURCE, .constant = true, .fallback = ",",
      .doc = "csv: between fields" },
    { "max_record", OPTION_SIZE, USE_SOURCE, .fallback = "1MiB",
      .doc = "a longer record is malformed" },
    { NULL },
};

static void *stdin_open(struct env *env, const struct source_spec *spec) {
    struct bound_option options[2] = { { "path", "-" } };
    u32 count = 1;
    for (u32 i = 0; i < spec->option_count; i++)
        if (!strcmp(spec->options[i].name, "max_record")) options[count++] = spec->options[i];
    struct source_spec as_file = *spec;
    as_file.options = options;
    as_file.option_count = count;
    return file_open(env, &as_file);
}

static bool stdin_place(const struct source_spec *spec, struct env_place *out) {
    return env_place("/dev/stdin", out);
}

static const struct source_ops stdin_source_ops = {
    .name = "stdin",
    .place = stdin_place,
    .open = stdin_open,
    .extent = file_extent,
    .release = file_release,
    .total_bytes = file_total_bytes,
    .wait_fd = file_wait_fd,
    .line_of = file_line_of,
    .describe = file_describe,
    .save = file_save,
    .seek = file_seek,
    .replays = file_replays,
    .prepare = file_prepare,
    .retained = file_retained,
    .show = file_show,
    .close = file_close,
};

const struct connector stdin_connector = {
    .name = "stdin",
    .doc = "the process's standard input",
    .options = stdin_options,
    .source = &stdin_source_ops,
};
