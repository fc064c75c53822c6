#include "dsl/emit_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void put_list(struct emitter *e, const char *fmt, va_list args) {
    char room[512];
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(room, sizeof room, fmt, args);
    if ((size_t)size < sizeof room) {
        text_buf_put(e->out, room, (size_t)size);
    } else {
        char *at = arena_alloc(&e->arena, (size_t)size + 1);
        vsnprintf(at, (size_t)size + 1, fmt, again);
        text_buf_put(e->out, at, (size_t)size);
    }
    va_end(again);
}

void put(struct emitter *e, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    put_list(e, fmt, args);
    va_end(args);
}

static void put_indent(struct emitter *e) {
    for (u32 i = 0; i < e->indent; i++) text_buf_str(e->out, "    ");
}

void line(struct emitter *e, const char *fmt, ...) {
    va_list args;
    put_indent(e);
    va_start(args, fmt);
    put_list(e, fmt, args);
    va_end(args);
    text_buf_str(e->out, "\n");
}

void blank(struct emitter *e) {
    text_buf_str(e->out, "\n");
}

void open_block(struct emitter *e, const char *fmt, ...) {
    va_list args;
    put_indent(e);
    va_start(args, fmt);
    put_list(e, fmt, args);
    va_end(args);
    text_buf_str(e->out, *fmt ? " {\n" : "{\n");
    e->indent++;
}

void close_block(struct emitter *e) {
    e->indent--;
    line(e, "}");
}

char *text(struct emitter *e, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *at = arena_alloc(&e->arena, (size_t)size + 1);
    va_start(args, fmt);
    vsnprintf(at, (size_t)size + 1, fmt, args);
    va_end(args);
    return at;
}

/* Three octal digits end an escape whatever follows. Of what might end the literal or make a call
   look like one nothing is left as it is. */
const char *c_string(struct emitter *e, const char *at, u64 size) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-+.,:=/{}[]<>`'*&|!@$^~";
    char *to = arena_alloc(&e->arena, 4 * size + 3), *end = to;
    *end++ = '"';
    for (u64 i = 0; i < size; i++) {
        if (at[i] && strchr(plain, at[i]))
            *end++ = at[i];
        else if (at[i] == '"' || at[i] == '\n')
            end += sprintf(end, at[i] == '"' ? "\\\"" : "\\n");
        else
            end += sprintf(end, "\\%03o", (unsigned)(u8)at[i]);
    }
    *end++ = '"';
    *end = 0;
    return to;
}

/* Only in the text proper: what is put into a buffer by itself has no lines yet. */
static bool has_lines(const struct emitter *e) {
    return e->texts && e->out == e->lines;
}

void source_line(struct emitter *e, struct span span) {
    if (!has_lines(e) || !span_is_somewhere(span)) return;
    struct place place = text_place(e->texts, span.file, span.start);
    if (!place.text) return;
    text_buf_printf(e->out, "#line %u %s\n", place.line,
                    c_string(e, place.text->path, strlen(place.text->path)));
}

/* The number is known when all is put together (emit.c). */
void own_line(struct emitter *e) {
    if (has_lines(e)) text_buf_str(e->out, OWN_LINE);
}

struct text_buf *emit_into(struct emitter *e, struct text_buf *to) {
    struct text_buf *before = e->out;
    e->out = to;
    return before;
}

void builds_strings(struct emitter *e) {
    e->scratch = e->scratch_any = true;
}
