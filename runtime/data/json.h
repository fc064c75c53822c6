/* JSON lines: one flat object a line (RFC 8259). Generated decoders take rows by the places of
   their quotes (scan_json) as long as keys come in the order of the schema; the comparisons they
   need are here. A row that is not of that shape, or in a piece with escapes or control bytes, is
   walked member by member: exact, in any order of keys, about as fast as a general parser. */
#ifndef RUNTIME_DATA_JSON_H
#define RUNTIME_DATA_JSON_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

/* ---- by places of quotes (padded) ---- */

/* In a piece without SCAN_BACKSLASH and SCAN_CONTROL a row whose keys come in the schema's order
   has each quote at a known number in the list of places; what is left to check is what stands
   between them. Nothing here branches: a row gathers what is wrong and looks once. */

/* The bits in which size bytes differ; size is a literal 1, 2, 4 or 8. */
ALWAYS_INLINE u64 json_differ(const u8 *at, const char *text, u32 size) {
    u64 a8, b8;
    u32 a4, b4;
    u16 a2, b2;
    if (size == 1) return at[0] ^ (u8)text[0];
    if (size == 2) {
        __builtin_memcpy(&a2, at, 2);
        __builtin_memcpy(&b2, text, 2);
        return (u64)(a2 ^ b2);
    }
    if (size == 4) {
        __builtin_memcpy(&a4, at, 4);
        __builtin_memcpy(&b4, text, 4);
        return a4 ^ b4;
    }
    __builtin_memcpy(&a8, at, 8);
    __builtin_memcpy(&b8, text, 8);
    return a8 ^ b8;
}

#define JSON_GLUE_MAX 60u

/* 0 if `text`, n bytes (up to JSON_GLUE_MAX), a literal, stands at `at`: by whole words, the last
   of them perhaps over some bytes again. A key may be compared with its quotes and what stands
   around them, which proves the places of these: `","price":`. */
ALWAYS_INLINE u64 json_glue(const u8 *at, const char *text, u32 n) {
    u32 word = n >= 8 ? 8 : n >= 4 ? 4 : n >= 2 ? 2 : 1;
    u64 off = 0;
    for (u32 i = 0; i + word <= n; i += word) off |= json_differ(at + i, text + i, word);
    return n % word ? off | json_differ(at + n - word, text + n - word, word) : off;
}

/* The key between the quotes at `open` and `close` is `key`, n bytes, a literal. A long one is
   looked at only if it is there: what can be read behind the extent has an end. */
ALWAYS_INLINE bool json_key_is(const u8 *at, u32 open, u32 close, const char *key, u32 n) {
    if (n > JSON_GLUE_MAX && close - open != n + 1) return false;
    return (((close - open) ^ (n + 1)) | json_glue(at + open + 1, key, n)) == 0;
}

/* From a closing quote to an opening one stands just `byte`, perhaps with a blank behind it. */
ALWAYS_INLINE bool json_is_between(const u8 *at, u32 close, u32 open, u8 byte) {
    u32 blank = at[close + 2] == ' ';
    return (at[close + 1] == byte) & (open == close + 2 + blank);
}
/* Between a key and a string, and between a string and the next key. */
ALWAYS_INLINE bool json_is_colon(const u8 *at, u32 close, u32 open) {
    return json_is_between(at, close, open, ':');
}
ALWAYS_INLINE bool json_is_comma(const u8 *at, u32 close, u32 open) {
    return json_is_between(at, close, open, ',');
}

/* The bare value (number, true, false, null) between a key's closing quote and the next key's
   opening one: `:value,` with a blank or none behind colon and comma. False: it is something else;
   start and end are then of no use, but near. */
ALWAYS_INLINE bool json_bare(const u8 *at, u32 close, u32 open, const u8 **start, const u8 **end) {
    u32 from = close + 2 + (at[close + 2] == ' '), to = open - 1 - (at[open - 1] == ' ');
    *start = at + from;
    *end = at + to;
    return (at[close + 1] == ':') & (at[to] == ',') & (from < to);
}
/* The same for the last member: from its key's closing quote to the `}` before the newline. */
ALWAYS_INLINE bool json_bare_last(const u8 *at, u32 close, u32 newline, const u8 **start,
                                  const u8 **end) {
    u32 from = close + 2 + (at[close + 2] == ' '), to = newline - 1;
    *start = at + from;
    *end = at + to;
    return (at[close + 1] == ':') & (at[to] == '}') & (from < to);
}
ALWAYS_INLINE bool json_is_null(const u8 *start, const u8 *end) {
    return end - start == 4 && __builtin_memcmp(start, "null", 4) == 0;
}

/* ---- values ---- */

/* The text of a string, given the bytes between its quotes: in place if nothing is escaped, else in
   the scratch. False: a wrong escape, a lone surrogate, a control byte. UTF-8 is the caller's to
   check. */
bool json_string(const u8 *at, u64 size, struct scratch *to, struct str *out);
/* A number as JSON writes it: no leading zeros or plus, digits on both sides of the point. */
bool json_is_number(const u8 *at, u64 size);

/* ---- the walker ---- */

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_NESTED };

struct json_value {
    enum json_kind kind;
    struct str text; /* number, or nested value: as written; string: unescaped */
};

enum json_step {
    JSON_MEMBER, /* key and value are set */
    JSON_END,    /* the object is over, and nothing but blanks follows */
    JSON_BROKEN,
};

#define JSON_DEPTH 64u /* nested values deeper than this are refused */

struct json_walk {
    const u8 *at, *end;
    struct scratch *scratch;
    bool begun;
};

/* The line at[0 .. size), with or without its newline; keys and strings may come to lie in the
   scratch. A key that comes twice is given twice: the last one counts. */
ALWAYS_INLINE void json_walk_begin(struct json_walk *w, const u8 *at, u64 size,
                                   struct scratch *scratch) {
    *w = (struct json_walk){ .at = at, .end = at + size, .scratch = scratch };
}
enum json_step json_walk_next(struct json_walk *w, struct str *key, struct json_value *value);
/* Nothing but blanks: no record at all. */
bool json_is_blank(const u8 *at, u64 size);

/* ---- a part of a text ---- */

/* The value at a path, `a.b[0]` or `[2].c`: a string's text, of any other value how it is written.
   Keys are as in the text but for `.` and `[`; of a key that comes twice the first counts. False:
   null, nothing is there, or the text up to there is no JSON; what stands behind is not read. The
   value may come to lie in the scratch. */
bool json_get(struct str s, struct str path, struct scratch *scratch, struct str *out);

#endif
