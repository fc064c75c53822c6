/* Where records and fields end: the first pass over the bytes of an extent, 64 at a time, by the
   widest vectors of the machine. Generated decoders take an extent in pieces of SCAN_PIECE bytes
   that stay in the core's cache: a scan lists the places of the structural bytes of a piece, then a
   loop over that list decodes row by row, every field at a known place, nothing waiting for the
   field before it.

   A piece always begins where a record begins, so nothing is carried over: the record that a piece
   cuts is scanned again as the first of the next piece. One that is longer than a piece (nothing
   complete in the list) is walked by itself: csv.h, json.h.

   Nothing outside of at[0 .. size) is read. No function here keeps anything or fails. */
#ifndef RUNTIME_DATA_SCAN_H
#define RUNTIME_DATA_SCAN_H

#include "runtime/base/base.h"

#define SCAN_PIECE 16384u
#define SCAN_ENDS (SCAN_PIECE + 64u) /* room of a list: the kernels store whole vectors */

/* What the piece holds besides: a flag that is not set holds for all of it. */
enum {
    SCAN_QUOTE = 1,     /* csv: a quote: fields may need csv_field */
    SCAN_BACKSLASH = 2, /* json: strings may need json_string */
    SCAN_CONTROL = 4,   /* json: a byte below 0x20 that is not a newline: rows go to the walker */
    SCAN_HIGH = 8,      /* a byte of 0x80 or above: not ASCII, so UTF-8 has to be checked */
};

struct scan {
    u32 count; /* places in the list */
    u32 lines; /* of these, newlines */
    u32 flags;
};

/* Newlines. size <= SCAN_PIECE in all of these. */
struct scan scan_lines(const u8 *at, u64 size, u32 *ends);

/* Delimiters and newlines outside of quotes; the byte at a place tells which. A record of n fields
   has n places, the last of them its newline; `\r\n` counts as `\r` before a newline. */
struct scan scan_csv(const u8 *at, u64 size, u8 delimiter, u32 *ends);

/* Quotes that no backslash escapes, and all newlines. A flat object of k members, s of them
   strings, has 2k + 2s places and then its newline. */
struct scan scan_json(const u8 *at, u64 size, u32 *ends);

/* True if all of `lines` newlines are at every `stride`-th place: so nothing else is a newline,
   every record has exactly `stride` places, and the one that the piece cuts has fewer. */
ALWAYS_INLINE bool scan_is_regular(const u8 *at, const u32 *ends, struct scan scan, u32 stride) {
    u32 off = scan.count >= (scan.lines + 1) * stride;
    for (u32 i = stride - 1, n = 0; n < scan.lines; i += stride, n++) {
        if (i >= scan.count) return false;
        off |= at[ends[i]] ^ '\n';
    }
    return !off;
}

/* How many places the record that begins at place f has; 0: the piece cuts it. */
ALWAYS_INLINE u32 scan_places(const u8 *at, const u32 *f, const u32 *last) {
    for (u32 n = 0; f + n < last; n++)
        if (at[f[n]] == '\n') return n + 1;
    return 0;
}

/* The bytes of a record of `size` bytes without its newline, and the `\r` before it. */
ALWAYS_INLINE u64 scan_bare(const u8 *record, u64 size) {
    size -= size && record[size - 1] == '\n';
    return size - (size && record[size - 1] == '\r');
}

/* The bytes of all records that are whole. */
ALWAYS_INLINE u32 scan_whole(const u8 *at, const u32 *ends, struct scan scan) {
    for (u32 n = scan.count; n; n--)
        if (at[ends[n - 1]] == '\n') return ends[n - 1] + 1;
    return 0;
}

/* The place of the first `byte`; size if there is none. Any size. */
ALWAYS_INLINE u64 scan_byte(const u8 *at, u64 size, u8 byte) {
    const u8 *found = size ? __builtin_memchr(at, byte, size) : NULL;
    return found ? (u64)(found - at) : size;
}
u64 scan_count(const u8 *at, u64 size, u8 byte); /* any size */
/* Valid UTF-8: no surrogates, nothing overlong, nothing past U+10FFFF. Any size, nothing around
 * needed. */
bool utf8_valid(const u8 *at, u64 size);

#endif
