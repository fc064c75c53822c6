#include "tests/fuzz/mutate.h"

#define PIECE_MAX 1500

static const char *const tokens[] = {
    "|>",   ";",        "(",      ")",        "[",      "]",     "{",    "}",       ",",
    "=",    "\"",       "'",      "`",        "/*",     "*/",    "//",   "\n",      "@",
    "0x",   "1h",       "\\",     ">>",       "<",      "list<", "as",   "not",     "in",
    "case", "end",      "select", "process",  "stream", "type",  "use",  "test",    "over",
    "rows", "\xC3\xA9", "\xFF",   "on event", "if (",   "emit",  "join", "match (", "keep"
};

/* What is put in the place of [start, end). */
static void put_change(struct prng *prng, const char *piece, size_t size, size_t start, size_t end,
                       struct text_buf *to) {
    u8 byte = (u8)prng_next(prng);
    switch (prng_below(prng, 5)) {
    case 0: /* lost */
        break;
    case 1: /* doubled */
        text_buf_put(to, piece + start, end - start);
        text_buf_put(to, piece + start, end - start);
        break;
    case 2:
        text_buf_put(to, &byte, 1);
        break;
    case 3:
        text_buf_str(to, tokens[prng_below(prng, sizeof tokens / sizeof *tokens)]);
        break;
    case 4: /* something from elsewhere */
        start = prng_below(prng, size);
        text_buf_put(to, piece + start, prng_below(prng, size - start) % 40);
        break;
    }
}

void mutate(struct prng *prng, const char *from, size_t size, struct text_buf *to) {
    text_buf_clear(to);
    size_t start = prng_below(prng, size), left = size - start;
    const char *piece = from + start;
    size_t length = 1 + prng_below(prng, left < PIECE_MAX ? left : PIECE_MAX);
    for (size_t at = 0; at < length;) {
        size_t kept = prng_below(prng, 200), lost = prng_below(prng, 12);
        if (kept > length - at) kept = length - at;
        text_buf_put(to, piece + at, kept);
        at += kept;
        size_t end = at + lost < length ? at + lost : length;
        put_change(prng, piece, length, at, end, to);
        at = end;
    }
}
