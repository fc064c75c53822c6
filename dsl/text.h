/* The source texts of one compilation, and places in them.
   A text is a file read whole (or bytes given by the caller) with a number, its id. A span is a
   range of bytes of one text; tokens, tree nodes and diagnostics carry spans, and only whoever
   prints one asks for lines and columns. A file is known by its device and inode, so one that is
   used twice, under whatever names, is loaded once. Everything lives in the arena given at the
   start and is freed with it. One thread. */
#ifndef DSL_TEXT_H
#define DSL_TEXT_H

#include "runtime/base/arena.h"
#include "runtime/base/base.h"

#define TEXT_BYTES_MAX (16u << 20) /* a larger job text is refused: it is data given by mistake */

/* Bytes [start, end) of text `file`. All zero: nowhere (ids count from 1). */
struct span {
    u32 file;
    u32 start;
    u32 end;
};

ALWAYS_INLINE bool span_is_somewhere(struct span span) {
    return span.file != 0;
}

/* From the start of the first to the end of the last; both of one text. */
ALWAYS_INLINE struct span span_join(struct span first, struct span last) {
    return (struct span){ first.file, first.start, last.end };
}

struct text {
    u32 id;
    const char *path; /* what messages show: as the user wrote it, beside the file that uses it */
    u64 device;       /* of the file; both 0 for a text from memory */
    u64 inode;
    const char *at; /* a NUL byte follows the last one */
    u32 size;
    u32 line_count;
    u32 *line_starts; /* byte offset of each line */
};

struct texts {
    struct arena *arena;
    struct text **at; /* text of id i is at[i - 1] */
    u32 count;
};

/* Line and column count from 1; the column is in characters (code points), not bytes. */
struct place {
    const struct text *text;
    u32 line;
    u32 column;
};

void texts_init(struct texts *texts, struct arena *arena);

/* Read the file at path, or find it if it was read before (*is_new false). -1 with the error trail:
   it cannot be read, is a directory, or is larger than TEXT_BYTES_MAX. The text belongs to the
   arena. */
int text_load(struct texts *texts, const char *path, struct text **text, bool *is_new);

/* A text from memory: bytes are copied. The path is only shown, and used files are looked for
 * beside it. */
struct text *text_add(struct texts *texts, const char *path, const char *bytes, size_t size);

/* The path that `name`, written in `from`, means: relative to the folder of `from` unless it is
 * absolute. */
const char *text_resolve(struct texts *texts, const struct text *from, const char *name);

const struct text *text_of(const struct texts *texts, u32 id);

/* Where byte `offset` of text `id` stands. An offset past the end means the end. */
struct place text_place(const struct texts *texts, u32 id, u32 offset);

/* The bytes of a line (from 1) without its line end. */
struct str text_line(const struct text *text, u32 line);

/* The source bytes of a span. */
struct str text_of_span(const struct texts *texts, struct span span);

#endif
