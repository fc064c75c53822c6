#include "io/stream.h"

#include "runtime/base/error.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
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

#define RETRY_NS 100000000 /* to write to a log that had no room */
#define WAIT_NS 5000000

struct stream {
    struct env *env;
    struct env_file file;
    struct stream_spec spec;
    struct ingest *log; /* or null */
    bool begun, header, ended;
    bool skipping;  /* the rest of a record that was too long */
    bool replaying; /* the log is read, the live input not yet */
    bool another;   /* behind what is pending another input goes on */
    bool unlogged_end;
    u64 offset;  /* of pending[0] in the stream */
    u8 *pending; /* read, not yet handed out; behind it what is not yet logged */
    u64 size, unlogged, room;
    i64 retry_at;
    _Atomic(struct chunk *)
        spare; /* pushed by whoever releases; popped under the ticket, all at once */
    struct chunk *mine;
};

struct stream *stream_open(struct env *env, struct env_file file, const struct stream_spec *spec,
                           struct ingest *log) {
    struct stream *s = calloc(1, sizeof *s);
    u64 room = (spec->morsel_bytes > spec->record_max ? spec->morsel_bytes : spec->record_max) +
               (64 << 10);
    u8 *pending = malloc(room);
    if (!s || !pending) {
        free(s);
        free(pending);
        error_set(ENOMEM, "%s", file.name);
        return NULL;
    }
    *s = (struct stream){ .env = env,
                          .file = file,
                          .spec = *spec,
                          .log = log,
                          .replaying = log != NULL,
                          .header = spec->header,
                          .offset = log ? ingest_offset(log) : 0,
                          .pending = pending,
                          .room = room };
    return s;
}

static bool has_enough(const struct stream *s) {
    return s->size + s->unlogged == s->room || s->ended || s->another ||
           (s->size >= s->spec.morsel_bytes && s->size > s->spec.record_max);
}

static int replay(struct stream *s) {
    while (s->replaying && !has_enough(s)) {
        struct env_file_info live;
        i64 n =
            ingest_read(s->log, s->pending + s->size, s->room - s->size, &s->another, &s->ended);
        if (n < 0) return -1;
        s->size += (u64)n;
        if (n || s->another || s->ended) continue;
        if (env_info(s->env, s->file, &live)) return -1;
        s->replaying = false;
        s->another = ingest_live(s->log, &live);
    }
    return 0;
}

/* Without room for the log nothing gets lost: what was read waits, and no more is read. */
static int write_log(struct stream *s) {
    i64 now = env_mono_ns(s->env);
    if (!s->log || (!s->unlogged && !s->unlogged_end)) return 0;
    if (now < s->retry_at) {
        env_sleep_ns(s->env, WAIT_NS); /* there is something to read: whoever asks would spin */
        return 0;
    }
    bool failed = (s->unlogged && ingest_append(s->log, s->pending + s->size, s->unlogged));
    if (!failed) {
        s->size += s->unlogged;
        s->unlogged = 0;
        failed = s->unlogged_end && ingest_append(s->log, NULL, 0);
    }
    if (failed) {
        s->retry_at = now + RETRY_NS;
        return error_number() == ENOSPC || error_number() == EDQUOT ? 0 : -1;
    }
    s->ended |= s->unlogged_end;
    s->unlogged_end = false;
    return 0;
}

static int read_live(struct stream *s) {
    bool at_end = false;
    while (!has_enough(s) && !at_end && env_readable(s->env, s->file, 0)) {
        u64 used = s->size + s->unlogged;
        i64 n = env_read(s->env, s->file, s->pending + used, s->room - used);
        if (n < 0) return -1;
        at_end = n == 0;
        *(s->log ? &s->unlogged : &s->size) += (u64)n;
        if (s->unlogged >= s->spec.morsel_bytes) break;
    }
    *(s->log ? &s->unlogged_end : &s->ended) |= at_end;
    return 0;
}

static int read_more(struct stream *s) {
    if (s->replaying && replay(s)) return -1;
    if (s->replaying || s->another) return 0;
    if (!s->unlogged && !s->unlogged_end && read_live(s)) return -1;
    return write_log(s);
}

static void drop(struct stream *s, u64 bytes) {
    memmove(s->pending, s->pending + bytes, s->size + s->unlogged - bytes);
    s->size -= bytes;
    s->offset += bytes;
}

static struct chunk *chunk_get(struct stream *s, u64 size) {
    if (!s->mine) s->mine = atomic_exchange_explicit(&s->spare, NULL, memory_order_acquire);
    struct chunk *c = s->mine;
    if (c) s->mine = c->next;
    if (c && c->room >= size) return c;
    free(c);
    u64 room = size > s->spec.morsel_bytes ? size : s->spec.morsel_bytes;
    if ((c = calloc(1, sizeof *c + room + 2 * PAD))) c->room = room;
    return c;
}

/* How much of what is pending is the next morsel. */
static struct cut next_cut(struct stream *s) {
    if (!s->spec.row_bytes)
        return cut_morsel(s->spec.cut, s->pending, 0, s->size, s->ended, s->spec.morsel_bytes,
                          s->spec.record_max);
    u64 most = s->size < s->spec.morsel_bytes ? s->size : s->spec.morsel_bytes,
        whole = most - most % s->spec.row_bytes;
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
    u64 end = cut_record(s->spec.cut, s->pending, 0, s->size);
    if (!end && !s->ended && s->size <= s->spec.record_max) return false;
    drop(s, end ? end : s->size);
    s->header = false;
    return true;
}

/* The next morsel of what is there, or that it is not enough. */
static bool find_morsel(struct stream *s, struct cut *out) {
    if (!s->begun && !s->spec.row_bytes && !begin(s)) return false;
    if (s->skipping && !skip_rest(s)) return false;
    if (s->header && !skip_header(s)) return false;
    if (!s->size && !s->ended) return false;
    *out = next_cut(s);
    return !out->more;
}

/* Nothing of the old input is left but the start of a record: the new one begins as a first does.
 */
static void begin_another(struct stream *s) {
    drop(s, s->size);
    s->another = s->begun = s->skipping = false;
    s->header = s->spec.header;
}

enum source_answer stream_extent(struct stream *s, struct extent *out) {
    struct cut cut;
    if (read_more(s)) return SOURCE_FAILED;
    while (!find_morsel(s, &cut)) {
        if (!s->another) return SOURCE_NOTHING;
        begin_another(s);
        if (read_more(s)) return SOURCE_FAILED;
    }
    struct chunk *c = chunk_get(s, cut.end);
    if (!c) {
        error_set(ENOMEM, "reading %s", s->file.name);
        return SOURCE_FAILED;
    }
    memcpy(c->bytes + PAD, s->pending, cut.end);
    memset(c->bytes + PAD + cut.end, 0, PAD);
    *out = (struct extent){ .at = c->bytes + PAD, .size = cut.end, .offset = s->offset };
    if (cut.long_record)
        out->broken = s->spec.row_bytes ? "the input ends inside a row"
                                        : "the record is longer than max_record";
    if (cut.long_record && !s->spec.row_bytes) out->size = cut_newline(out->at, cut.end);
    s->skipping = cut.long_record && !s->spec.row_bytes && s->pending[cut.end - 1] != '\n';
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

/* ---- snapshots ---- */

bool stream_replays(const struct stream *s) {
    return s->log != NULL;
}

void stream_save(const struct stream *s, struct pack *to) {
    pack_u8(to, s->begun);
    pack_u8(to, s->header);
    pack_u8(to, s->skipping);
    pack_u8(to, s->log != NULL);
    if (s->log) ingest_save(s->log, s->offset, to);
}

struct stream_saved {
    bool begun, header, skipping, logged;
};

static struct stream_saved stream_saved(struct unpack *from) {
    struct stream_saved saved;
    saved.begun = unpack_u8(from);
    saved.header = unpack_u8(from);
    saved.skipping = unpack_u8(from);
    saved.logged = unpack_u8(from);
    return saved;
}

int stream_seek(struct stream *s, struct unpack *from) {
    struct stream_saved saved = stream_saved(from);
    if (!saved.logged && !from->bad) return 0; /* what comes is a new input */
    if (!s->log)
        return error_set(0, "%s: the snapshot goes on from an ingest log, and there is to be none",
                         s->file.name);
    struct unpack position = *from;
    if (ingest_seek(s->log, from)) return -1;
    s->offset = unpack_u64(&position);
    s->begun = saved.begun;
    s->header = saved.header;
    s->skipping = saved.skipping;
    return 0;
}

int stream_prepare(struct stream *s, struct unpack *saved) {
    return stream_saved(saved).logged ? ingest_prepare(s->log, saved) : 0;
}

void stream_retained(struct stream *s, struct unpack *oldest) {
    if (stream_saved(oldest).logged && s->log) ingest_retained(s->log, oldest);
}

void stream_show(struct unpack *saved, struct text_buf *to) {
    if (stream_saved(saved).logged)
        text_buf_printf(to, "byte %lu of its ingest log", unpack_u64(saved));
    else
        text_buf_str(to, "a pipe without a log");
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
    if (s->file.fd > env_stdin().fd) env_close(s->env, s->file);
    if (s->log) ingest_close(s->log);
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

/* Several sinks of a job may stand before standard output, and a pipe takes what is large in
   pieces: the lock of the C library's stdout keeps rows whole. */
static int put(struct writer *w, const u8 *at, u64 size) {
    bool shared = w->file.fd == env_stdout().fd;
    if (shared) flockfile(stdout);
    int status = env_write_all(w->env, w->file, at, size);
    if (shared) funlockfile(stdout);
    return status;
}

int writer_flush(void *self) {
    struct writer *w = self;
    u64 size = w->size;
    w->size = 0; /* also after a failure: the job stops, and the bytes must not be written twice */
    return size ? put(w, w->bytes, size) : 0;
}

int writer_write(void *self, const u8 *at, u64 size) {
    struct writer *w = self;
    if (w->size + size > WRITER_ROOM && writer_flush(w)) return -1;
    if (size > WRITER_ROOM) return put(w, at, size);
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
