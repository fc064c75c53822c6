#include "runtime/base/text_buf.h"
#include "runtime/base/ensure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_room(struct text_buf *buf, size_t more) {
    size_t need = buf->size + more + 1;
    if (need <= buf->room) return;
    buf->room = need > buf->room * 2 ? need : buf->room * 2;
    buf->at = realloc(buf->at, buf->room);
    ENSURE(buf->at);
}

void text_buf_init(struct text_buf *buf) {
    *buf = (struct text_buf){ 0 };
    make_room(buf, 63);
    buf->at[0] = 0;
}

void text_buf_fini(struct text_buf *buf) {
    free(buf->at);
    *buf = (struct text_buf){ 0 };
}

void text_buf_clear(struct text_buf *buf) {
    buf->size = 0;
    buf->at[0] = 0;
}

void text_buf_put(struct text_buf *buf, const void *from, size_t size) {
    make_room(buf, size);
    if (size) memcpy(buf->at + buf->size, from, size);
    buf->size += size;
    buf->at[buf->size] = 0;
}

void text_buf_str(struct text_buf *buf, const char *text) {
    text_buf_put(buf, text, strlen(text));
}

void text_buf_printf(struct text_buf *buf, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int size = vsnprintf(buf->at + buf->size, buf->room - buf->size, fmt, args);
    ENSURE(size >= 0);
    if ((size_t)size >= buf->room - buf->size) {
        make_room(buf, (size_t)size);
        vsnprintf(buf->at + buf->size, buf->room - buf->size, fmt, again);
    }
    buf->size += (size_t)size;
    va_end(again);
    va_end(args);
}
