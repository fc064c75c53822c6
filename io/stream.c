#include "io/stream.h"

#include "runtime/base/error.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PAD 64

/* One morsel's memory, with room around it for decoders that read past both ends. Freed ones are
 * kept for reuse. */
struct chunk {
    struct chunk *next;
    u64 room;
    u8 bytes[];
};

struct stream {
    struct env *env;
    struct env_file file;
    enum cut_kind cut;
    u32 row_bytes;
    bool begun, header, ended;
    bool skipping; /* the rest of a record that was too long */
    u64 morsel_bytes, record_max;
    u64 offset;  /* of pending[0] in the stream */
    u8 *pending; /* read, not yet handed out; PAD bytes of room before it */
    u64 size, room;
    _Atomic(struct chunk *)
        spare; /* pushed by whoever releases; popped under the ticket, all at once */
    struct chunk *mine;
};

struct stream *stream_open(struct env *env, struct env_file file, enum cut_kind cut, u32 row_bytes,
                           bool header, u64 morsel_bytes, u64 record_max) {
    struct stream *s = calloc(1, sizeof *s);
    u64 room = (morsel_bytes > record_max ? morsel_bytes : record_max) + (64 << 10);
    u8 *pending = malloc(room);
    if (!s || !pending) {
        free(s);
        free(pending);
        error_set(ENOMEM, "%s", file.name);
        return NULL;
    }
    *s = (struct stream){ .env = env,
                          .file = file,
                          .cut = cut,
                          .row_bytes = row_bytes,
                          .header = header,
                          .morsel_bytes = morsel_bytes,
                          .record_max = record_max,
                          .pending = pending,
                          .room = room };
    return s;
}

static int read_more(struct stream *s) {
    while (!s->ended && s->size < s->room && env_readable(s->env, s->file, 0)) {
        i64 n = env_read(s->env, s->file, s->pending + s->size, s->room - s->size);
        if (n < 0) return -1;
        s->ended = n == 0;
        s->size += (u64)n;
        if (s->size >= s->morsel_bytes && s->size > s->record_max) break;
    }
    return 0;
}

static void drop(struct stream *s, u64 bytes) {
    memmove(s->pending, s->pending + bytes, s->size - bytes);
    s->size -= bytes;
    s->offset += bytes;
}

static struct chunk *chunk_get(struct stream *s, u64 size) {
    if (!s->mine) s->mine = atomic_exchange_explicit(&s->spare, NULL, memory_order_acquire);
    struct chunk *c = s->mine;
    if (c) s->mine = c->next;
    if (c && c->room >= size) return c;
    free(c);
    u64 room = size > s->morsel_bytes ? size : s->morsel_bytes;
    if ((c = calloc(1, sizeof *c + room + 2 * PAD))) c->room = room;
    return c;
}

/* How much of what is pending is the next morsel. */
static struct cut next_cut(struct stream *s) {
    if (!s->row_bytes)
        return cut_morsel(s->cut, s->pending, 0, s->size, s->ended, s->morsel_bytes, s->record_max);
    u64 most = s->size < s->morsel_bytes ? s->size : s->morsel_bytes,
        whole = most - most % s->row_bytes;
    if (!whole && s->ended) return (struct cut){ .end = s->size, .long_record = s->size != 0 };
    return (struct cut){ .end = whole, .more = !whole };
}

/* The end of a record that was called too long already: passed over up to its newline. False: not
 * yet there. */
static bool skip_rest(struct stream *s) {
    const u8 *newline = memchr(s->pending, '\n', s->size);
    s->skipping = !newline && !s->ended;
    drop(s, newline ? (u64)(newline - s->pending) + 1 : s->size);
    return !s->skipping;
}

/* False: whether a byte order mark stands at the start cannot be told yet. */
static bool begin(struct stream *s) {
    if (!s->ended && s->size < 3 && !memcmp(s->pending, "\xef\xbb\xbf", s->size)) return false;
    drop(s, cut_byte_order_mark(s->pending, s->size));
    s->begun = true;
    return true;
}

static bool skip_header(struct stream *s) {
    u64 end = cut_record(s->cut, s->pending, 0, s->size);
    if (!end && !s->ended && s->size <= s->record_max) return false;
    drop(s, end ? end : s->size);
    s->header = false;
    return true;
}

enum source_answer stream_extent(struct stream *s, struct extent *out) {
    if (read_more(s)) return SOURCE_FAILED;
    if (!s->begun && !s->row_bytes && !begin(s)) return SOURCE_NOTHING;
    if (s->skipping && !skip_rest(s)) return SOURCE_NOTHING;
    if (s->header && !skip_header(s)) return SOURCE_NOTHING;
    if (!s->size && !s->ended) return SOURCE_NOTHING;
    struct cut cut = next_cut(s);
    if (cut.more) return SOURCE_NOTHING;
    struct chunk *c = chunk_get(s, cut.end);
    if (!c) {
        error_set(ENOMEM, "reading %s", s->file.name);
        return SOURCE_FAILED;
    }
    memcpy(c->bytes + PAD, s->pending, cut.end);
    memset(c->bytes + PAD + cut.end, 0, PAD);
    *out = (struct extent){ .at = c->bytes + PAD, .size = cut.end, .offset = s->offset };
    if (cut.long_record)
        out->broken =
            s->row_bytes ? "the input ends inside a row" : "the record is longer than max_record";
    if (cut.long_record && !s->row_bytes) out->size = cut_newline(out->at, cut.end);
    s->skipping = cut.long_record && !s->row_bytes && s->pending[cut.end - 1] != '\n';
    drop(s, cut.end);
    return s->ended && !s->size ? SOURCE_LAST : SOURCE_EXTENT;
}

void stream_release(struct stream *s, const struct extent *x) {
    struct chunk *c = (struct chunk *)(x->at - PAD - offsetof(struct chunk, bytes));
    c->next = atomic_load_explicit(&s->spare, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&s->spare, &c->next, c, memory_order_release,
                                                  memory_order_relaxed)) {
    }
}

int stream_fd(const struct stream *s) {
    return s->file.fd;
}

static void chunks_free(struct chunk *c) {
    for (struct chunk *next; c; c = next) {
        next = c->next;
        free(c);
    }
}

void stream_close(struct stream *s) {
    chunks_free(s->mine);
    chunks_free(atomic_load_explicit(&s->spare, memory_order_acquire));
    if (s->file.fd != env_stdin().fd) env_close(s->env, s->file);
    free(s->pending);
    free(s);
}

/* ---- the writer ---- */
#define WRITER_ROOM (64u << 10)

struct writer {
    struct env *env;
    struct env_file file;
    u64 size;
    u8 bytes[WRITER_ROOM];
};

int writer_flush(void *self) {
    struct writer *w = self;
    u64 size = w->size;
    w->size = 0; /* also after a failure: the job stops, and the bytes must not be written twice */
    return size ? env_write_all(w->env, w->file, w->bytes, size) : 0;
}

int writer_write(void *self, const u8 *at, u64 size) {
    struct writer *w = self;
    if (w->size + size > WRITER_ROOM && writer_flush(w)) return -1;
    if (size > WRITER_ROOM) return env_write_all(w->env, w->file, at, size);
    memcpy(w->bytes + w->size, at, size);
    w->size += size;
    return 0;
}

void *writer_open(struct env *env, struct env_file file, const char *head) {
    struct writer *w = malloc(sizeof *w);
    if (!w) {
        error_set(ENOMEM, "%s", file.name);
        return NULL;
    }
    w->env = env;
    w->file = file;
    w->size = 0;
    if (head && writer_write(w, (const u8 *)head, strlen(head))) {
        free(w);
        return NULL;
    }
    return w;
}

int writer_finish(void *self) {
    struct writer *w = self;
    int status = writer_flush(w);
    if (w->file.fd != env_stdout().fd && env_close(w->env, w->file)) status = -1;
    free(w);
    return status;
}
