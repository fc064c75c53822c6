#include "runtime/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TRAIL_BYTES sizeof((struct error_trail *)0)->text

static _Thread_local struct error_trail trail;

/* Moves what fits of the old trail behind the new front. */
static void put_in_front(const char *front, const char *rest) {
    char joined[TRAIL_BYTES];
    size_t size = strlen(front);
    if (size > TRAIL_BYTES - 1) size = TRAIL_BYTES - 1;
    memcpy(joined, front, size);
    for (const char *part = *rest ? ": " : ""; *part && size < TRAIL_BYTES - 1; part++)
        joined[size++] = *part;
    size_t more = strlen(rest);
    if (more > TRAIL_BYTES - 1 - size) more = TRAIL_BYTES - 1 - size;
    memcpy(joined + size, rest, more);
    joined[size + more] = 0;
    memcpy(trail.text, joined, size + more + 1);
}

int error_set(int errnum, const char *fmt, ...) {
    char front[TRAIL_BYTES], words[128];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof front, fmt, args);
    va_end(args);
    trail.number = errnum;
    put_in_front(front, errnum ? strerror_r(errnum, words, sizeof words) : "");
    return -1;
}

int error_tell(int errnum, const char *fmt, ...) {
    char front[TRAIL_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof front, fmt, args);
    va_end(args);
    trail.number = errnum;
    put_in_front(front, "");
    return -1;
}

int error_add(const char *fmt, ...) {
    char front[TRAIL_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof front, fmt, args);
    va_end(args);
    put_in_front(front, trail.text);
    return -1;
}

const char *error_text(void) {
    return trail.text;
}

int error_number(void) {
    return trail.number;
}

void error_clear(void) {
    trail.number = 0;
    trail.text[0] = 0;
}

void error_save(struct error_trail *out) {
    *out = trail;
}

void error_restore(const struct error_trail *kept) {
    trail = *kept;
}
