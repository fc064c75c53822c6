/* JSON lines: one flat object a line (RFC 8259). Generated decoders take rows by the places of
   their quotes (scan_json) as long as keys come in the order of the schema; the comparisons they
   need are here. A row that is not of that shape, or in a piece with escapes or control bytes, is
   walked member by member: exact, in any order of keys, about as fast as a general parser. */
#ifndef RUNTIME_DATA_JSON_H
#define RUNTIME_DATA_JSON_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

/* ---- by places of quotes (padded) ---- */

/* The key between the quotes at `open` and `close` is `key`, n bytes, a literal. Reads whole words
   of the literal's size, never past the closing quote. */
ALWAYS_INLINE bool json_key_is(const u8 *at, u32 open, u32 close, const char *key, u32 n) {
    return close - open == n + 1 && __builtin_memcmp(at + open + 1, key, n) == 0;
}
/* Between a key's closing quote and a string's opening one stands `:` or `: `. */
ALWAYS_INLINE bool json_is_colon(const u8 *at, u32 close, u32 open) {
    return at[close + 1] == ':' &&
           (open - close == 2 || (open - close == 3 && at[close + 2] == ' '));
}
/* Between a string's closing quote and the next key's opening one stands `,` or `, `. */
ALWAYS_INLINE bool json_is_comma(const u8 *at, u32 close, u32 open) {
    return at[close + 1] == ',' &&
           (open - close == 2 || (open - close == 3 && at[close + 2] == ' '));
}
/* The bare value (number, true, false, null) between a key's closing quote and the next key's
   opening one: `:value,` with a blank or none behind colon and comma. False: it is something else.
 */
ALWAYS_INLINE bool json_bare(const u8 *at, u32 close, u32 open, const u8 **start, const u8 **end) {
    u32 from = close + 2 + (at[close + 2] == ' '), to = open - 1 - (at[open - 1] == ' ');
    *start = at + from;
    *end = at + to;
    return at[close + 1] == ':' && at[to] == ',' && from < to;
}
/* The same for the last member: from its key's closing quote to the `}` before the newline. */
ALWAYS_INLINE bool json_bare_last(const u8 *at, u32 close, u32 newline, const u8 **start,
                                  const u8 **end) {
    u32 from = close + 2 + (at[close + 2] == ' '), to = newline - 1;
    *start = at + from;
    *end = at + to;
    return at[close + 1] == ':' && at[to] == '}' && from < to;
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

#endif
