/* Bytes that come and go: a reader of pipes, terminals and FIFOs that cuts what has arrived into
   morsels, and a buffered writer for sinks. A non-empty poll is a morsel; nothing is waited for. */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "io/cut.h"
#include "runtime/stage/sink.h"
#include "runtime/stage/source.h"

struct stream;

/* The stream reads `file` from where it stands and closes it (standard input stays open). row_bytes
   0: text, cut by `cut`. header: the first record is passed over. Null with an error trail. */
struct stream *stream_open(struct env *env, struct env_file file, enum cut_kind cut, u32 row_bytes,
                           bool header, u64 morsel_bytes, u64 record_max);
enum source_answer stream_extent(struct stream *s, struct extent *out);
void stream_release(struct stream *s, const struct extent *x);
int stream_fd(const struct stream *s);
void stream_close(struct stream *s);

/* A sink's way to a file: 64 KiB at a time. The functions are those of struct sink_ops. writer_open
   writes `head` first if it is not null; null with an error trail. */
void *writer_open(struct env *env, struct env_file file, const char *head);
int writer_write(void *self, const u8 *at, u64 size);
int writer_flush(void *self);
int writer_finish(void *self);

#endif
