/* A string in pieces: what `explode` walks. Three ways with one shape:

       struct split_class s;
       split_class_begin(&s, line, &class);
       for (struct str piece; split_class_next(&s, &piece);) ...

   As Python's re.split and str.split with a separator: n separators make n + 1 pieces, so one at
   the start or the end gives an empty piece there, and the empty string is one empty piece. Pieces
   lie in the string. No bytes around the string are read. */
#ifndef RUNTIME_DATA_SPLIT_H
#define RUNTIME_DATA_SPLIT_H

#include "runtime/base/base.h"

/* A set of characters that treats all beyond ASCII alike: `\W`, `[\x00-\x20]`. ASCII byte b is in
   it if low[b & 15] has bit b >> 4; a byte from 0x80 on is in it if `high`. */
struct byte_class {
    u8 low[16];
    bool high;
};

ALWAYS_INLINE bool byte_class_has(const struct byte_class *c, u8 byte) {
    return byte < 0x80 ? c->low[byte & 15] >> (byte >> 4) & 1 : c->high;
}

/* The class C if the pattern (PCRE2, ASCII \w \d \s) is exactly `C+`, C one character, one of
   \w \W \s \S \d \D, or [...] of such, of ranges, escapes and POSIX names. False: it is something
   else, or C tells characters beyond ASCII apart: regex.h is the way. */
bool byte_class_from_pattern(const char *pattern, u64 size, struct byte_class *out);

/* At runs of a class. The kernel finds the edges of many pieces at once; next is two loads. */
#define SPLIT_EDGES 256u
struct split_class {
    const char *at;
    u64 size, done;                 /* bytes looked at */
    const struct byte_class *class; /* the caller's, for as long as this is used */
    u32 next, count;                /* in edges; both even */
    u32 open;                       /* start of the piece whose end is not seen yet */
    bool inside;                    /* the byte before `done` is in the class */
    bool ended;
    u32 edges[SPLIT_EDGES + 80]; /* start and end of each piece */
};

/* s.size < 4 GiB. */
void split_class_begin(struct split_class *it, struct str s, const struct byte_class *class);
bool split_class_more(struct split_class *it);

ALWAYS_INLINE bool split_class_next(struct split_class *it, struct str *piece) {
    if (UNLIKELY(it->next == it->count) && !split_class_more(it)) return false;
    u32 start = it->edges[it->next], end = it->edges[it->next + 1];
    it->next += 2;
    *piece = (struct str){ it->at + start, end - start };
    return true;
}

/* At each occurrence of a text, from the left, not overlapping. An empty separator separates
 * nothing. */
struct split_text {
    struct str rest, separator;
    bool ended;
};

ALWAYS_INLINE void split_text_begin(struct split_text *it, struct str s, struct str separator) {
    *it = (struct split_text){ .rest = s, .separator = separator };
}
bool split_text_next(struct split_text *it, struct str *piece);

#endif
