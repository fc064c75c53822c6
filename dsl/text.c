#include "dsl/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsl/utf8.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/text_buf.h"

void texts_init(struct texts *texts, struct arena *arena) {
    *texts = (struct texts){ .arena = arena };
}

/* The bytes stay; a mark of the byte order at their front is none of the text. */
static struct text *add(struct texts *texts, const char *path, const char *bytes, size_t size) {
    struct arena *arena = texts->arena;
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) bytes += 3, size -= 3;
    struct text *text = arena_alloc(arena, sizeof *text);
    u32 lines = 1;
    for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(bytes + size - p))); p++) lines++;
    *text = (struct text){ .id = texts->count + 1,
                           .path = arena_copy(arena, path, strlen(path)),
                           .at = bytes,
                           .size = (u32)size,
                           .line_count = lines,
                           .line_starts = arena_alloc(arena, lines * sizeof(u32)) };
    u32 line = 0;
    for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(bytes + size - p))); p++)
        text->line_starts[++line] = (u32)(p + 1 - bytes);
    struct text **at = arena_alloc(arena, (texts->count + 1) * sizeof *at);
    if (texts->count > 0) memcpy(at, texts->at, texts->count * sizeof *at);
    at[texts->count++] = text;
    texts->at = at;
    return text;
}

struct text *text_add(struct texts *texts, const char *path, const char *bytes, size_t size) {
    ENSURE(size <= TEXT_BYTES_MAX);
    return add(texts, path, arena_copy(texts->arena, bytes, size), size);
}

/* Read to the end, whatever kind of file it is: a pipe is as good as a file on disk, and one
   without end (/dev/zero) stops at the limit. */
static int read_all(int fd, const char *path, struct text_buf *to) {
    char chunk[1 << 16];
    while (true) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error_set(errno, "read %s", path);
        if (n == 0) return 0;
        text_buf_put(to, chunk, (size_t)n);
        if (to->size > TEXT_BYTES_MAX)
            return error_set(0, "%s is too large for a job: more than %u MiB", path,
                             TEXT_BYTES_MAX >> 20);
    }
}

static struct text *find(const struct texts *texts, const struct stat *stat) {
    for (u32 i = 0; i < texts->count; i++)
        if (texts->at[i]->inode == stat->st_ino && texts->at[i]->device == stat->st_dev)
            return texts->at[i];
    return NULL;
}

static int load(struct texts *texts, int fd, const char *path, struct text **text, bool *is_new) {
    struct stat stat;
    if (fstat(fd, &stat) != 0) return error_set(errno, "stat %s", path);
    if (S_ISDIR(stat.st_mode)) return error_set(0, "%s is a directory, not a job", path);
    *text = find(texts, &stat);
    *is_new = !*text;
    if (*text) return 0;
    struct text_buf bytes;
    text_buf_init(&bytes);
    int rc = read_all(fd, path, &bytes);
    if (rc == 0) {
        *text = text_add(texts, path, bytes.at, bytes.size);
        (*text)->device = stat.st_dev;
        (*text)->inode = stat.st_ino;
    }
    text_buf_fini(&bytes);
    return rc;
}

int text_load(struct texts *texts, const char *path, struct text **text, bool *is_new) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_set(errno, "open %s", path);
    int rc = load(texts, fd, path, text, is_new);
    close(fd);
    return rc;
}

const char *text_resolve(struct texts *texts, const struct text *from, const char *name) {
    const char *slash = strrchr(from->path, '/');
    if (name[0] == '/' || !slash) return name;
    return arena_printf(texts->arena, "%.*s/%s", (int)(slash - from->path), from->path, name);
}

const struct text *text_of(const struct texts *texts, u32 id) {
    ENSURE(id >= 1 && id <= texts->count);
    return texts->at[id - 1];
}

struct place text_place(const struct texts *texts, u32 id, u32 offset) {
    const struct text *text = text_of(texts, id);
    if (offset > text->size) offset = text->size;
    u32 low = 0, high = text->line_count; /* the line is in [low, high) */
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        if (text->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    u32 start = text->line_starts[low];
    u32 column = 1 + utf8_count(text->at + start, offset - start);
    return (struct place){ .text = text, .line = low + 1, .column = column };
}

struct str text_line(const struct text *text, u32 line) {
    ENSURE(line >= 1 && line <= text->line_count);
    u32 start = text->line_starts[line - 1];
    u32 end = line < text->line_count ? text->line_starts[line] - 1 : text->size;
    if (end > start && text->at[end - 1] == '\r') end--;
    return (struct str){ text->at + start, end - start };
}

struct str text_of_span(const struct texts *texts, struct span span) {
    const struct text *text = text_of(texts, span.file);
    ENSURE(span.start <= span.end && span.end <= text->size);
    return (struct str){ text->at + span.start, span.end - span.start };
}
