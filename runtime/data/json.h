/* JSON lines: one flat object a line (RFC 8259). Generated decoders take rows by the places of
   their quotes (scan_json) as long as keys come in the order of the schema; the comparisons they
   need are here. A row that is not of that shape, or in a piece with escapes or control bytes, is
   walked member by member: exact, in any order of keys, about as fast as a general parser. */
#ifndef RUNTIME_DATA_JSON_H
#define RUNTIME_DATA_JSON_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

/* ---- by places of quotes (padded) ---- */

/* Between the values of a row whose keys come in the schema's order stands the same text in every
   row, its glue:
       {"id":   ,"name":"   ","price":   }\n
   Comparing it, each piece found from one of its quotes, checks the row and proves the places of
   the other quotes: in a piece without SCAN_BACKSLASH and SCAN_CONTROL, and with 2k + 2s + 1 places
   from one newline to the next, what is between the glue is the values. Generated code tries the
   two usual spellings: tight, and with a blank behind colons and commas. Answers 0 if glue stands
   at `at`: rows gather what is not 0, and look once. n is a literal. */
ALWAYS_INLINE u64 json_glue(const u8 *at, const char *glue, u32 n) {
    u64 off = 0, text, want;
    for (u32 i = 0; i + 8 <= n; i += 8) {
        __builtin_memcpy(&text, at + i, 8);
        __builtin_memcpy(&want, glue + i, 8);
        off |= text ^ want;
    }
    if (n % 8 == 0) return off;
    if (n > 8) { /* the last eight bytes, some of them for the second time */
        __builtin_memcpy(&text, at + n - 8, 8);
        __builtin_memcpy(&want, glue + n - 8, 8);
        return off | (text ^ want);
    }
    text = want = 0;
    __builtin_memcpy(&text, at, n);
    __builtin_memcpy(&want, glue, n);
    return text ^ want;
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
