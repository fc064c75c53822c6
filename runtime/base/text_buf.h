/* A growable buffer of bytes that always ends in a NUL (not counted in size). One thread at a time.
   Out of memory aborts. `at` may move at any put. */
#ifndef RUNTIME_BASE_TEXT_BUF_H
#define RUNTIME_BASE_TEXT_BUF_H

#include <stddef.h>

struct text_buf {
    char *at;
    size_t size, room; /* room counts the NUL */
};

void text_buf_init(struct text_buf *buf);
void text_buf_fini(struct text_buf *buf);

/* Forgets the bytes, keeps the room. */
void text_buf_clear(struct text_buf *buf);

void text_buf_put(struct text_buf *buf, const void *from, size_t size);
void text_buf_str(struct text_buf *buf, const char *text);
void text_buf_printf(struct text_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
