/* Bytes that come and go: a reader of pipes, terminals and FIFOs that cuts what has arrived into
   morsels, and a buffered writer for sinks. A non-empty poll is a morsel; nothing is waited for.

   With an ingest log the stream's bytes are those of the log and then those of the live input, each
   logged before it is used; while the log cannot be written to for want of room nothing more is
   read. Where another live input goes on (the job was started again behind another pipe), a record
   that had not wholly arrived is dropped: it is the sender's to send again. */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "io/cut.h"
#include "io/ingest.h"
#include "runtime/stage/sink.h"
#include "runtime/stage/source.h"

struct stream;

struct stream_spec {
    enum cut_kind cut;
    u32 row_bytes; /* 0: text, cut by `cut` */
    bool header;   /* the first record is passed over */
    u64 morsel_bytes, record_max;
};

/* The stream reads `file` from where it stands and closes it (standard input stays open; fd -1: the
   log has the end), and `log`
   (may be null) from where it stands. Null with an error trail; then both are the caller's still.
 */
struct stream *stream_open(struct env *env, struct env_file file, const struct stream_spec *spec,
                           struct ingest *log);
enum source_answer stream_extent(struct stream *s, struct extent *out);
void stream_release(struct stream *s, const struct extent *x);
int stream_fd(const struct stream *s);
bool stream_replays(const struct stream *s);
void stream_save(const struct stream *s, struct pack *to);
int stream_seek(struct stream *s, struct unpack *from);
int stream_prepare(struct stream *s, struct unpack *saved);
void stream_retained(struct stream *s, struct unpack *oldest);
void stream_show(struct unpack *saved, struct text_buf *to);
void stream_close(struct stream *s);

/* A sink's way to a file: 64 KiB at a time. The functions are those of struct sink_ops. writer_open
   writes `head` first if it is not null; null with an error trail. */
void *writer_open(struct env *env, struct env_file file, const char *head);
int writer_write(void *self, const u8 *at, u64 size);
int writer_flush(void *self);
int writer_finish(void *self);

#endif
