/* Files: a source that maps its input (or, with `preload`, reads it into huge pages before the job
   starts), and a sink that writes rows to `path`. What is no regular file (a FIFO, a terminal, `-`)
   is read as a stream: io/stream.c. */
#include "io/connector.h"
#include "io/cut.h"
#include "io/stream.h"

#include "runtime/base/error.h"

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
};

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

static int file_begin(struct file_source *f, const struct source_spec *spec, struct env_file file) {
    struct env_file_info info;
    if (env_info(f->env, file, &info)) return -1;
    if (info.kind == ENV_FILE_FOLDER) return error_set(EISDIR, "%s", f->path);
    /* What the kernel makes up (/proc) says that it is empty; only reading tells. */
    if (info.kind == ENV_FILE_STREAM || !info.size) {
        f->stream = stream_open(f->env, file, f->cut, f->row_bytes, spec->header, f->morsel_bytes,
                                f->record_max);
        return f->stream ? 0 : -1;
    }
    f->size = info.size;
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
    *f = (struct file_source){ .env = env,
                               .format = spec->format,
                               .row_bytes = spec->row_bytes,
                               .budget = spec->budget };
    f->path = option_text(file_options, spec->options, spec->option_count, "path");
    f->cut = !strcmp(spec->format, "csv") ? CUT_CSV : CUT_LINES;
    struct env_file file;
    bool standard_input = f->path && !strcmp(f->path, "-");
    if (standard_input) f->path = "standard input";
    if (option_count(file_options, spec->options, spec->option_count, "max_record", &f->record_max))
        goto failed;
    f->morsel_bytes = spec->morsel_bytes < f->record_max ? spec->morsel_bytes : f->record_max;
    if (f->row_bytes && f->morsel_bytes < f->row_bytes) f->morsel_bytes = f->row_bytes;
    if (standard_input)
        file = env_stdin();
    else if (env_open(env, f->path, ENV_OPEN_READ, &file))
        goto failed;
    int status = file_begin(f, spec, file);
    if (!f->stream && !standard_input) env_close(env, file);
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
    .close = file_close,
};

/* ---- the sink ---- */
static bool file_sink_place(const struct sink_spec *spec, struct env_place *out) {
    return env_place(option_text(file_options, spec->options, spec->option_count, "path"), out);
}

static void *file_sink_open(struct env *env, const struct sink_spec *spec) {
    const char *path = option_text(file_options, spec->options, spec->option_count, "path");
    struct env_file file;
    if (env_open(env, path, ENV_OPEN_CREATE, &file)) return NULL;
    return writer_open(env, file, spec->head);
}

static const struct sink_ops file_sink_ops = {
    .name = "file",
    .place = file_sink_place,
    .open = file_sink_open,
    .write = writer_write,
    .flush = writer_flush,
    .finish = writer_finish,
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
    .close = file_close,
};

const struct connector stdin_connector = {
    .name = "stdin",
    .doc = "the process's standard input",
    .options = stdin_options,
    .source = &stdin_source_ops,
};
