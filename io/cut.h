/* Where a morsel of text ends: at the end of a record, found under the ticket by a scan far faster
   than decoding (architecture.md 3, *Text*). Works on bytes in memory: a mapped file, or what a
   pipe has delivered so far. */
#ifndef IO_CUT_H
#define IO_CUT_H

#include "runtime/base/base.h"

enum cut_kind {
    CUT_LINES, /* records end at a newline: lines, json */
    CUT_CSV,   /* at a newline after an even number of quotes */
};

struct cut {
    u64 end;   /* the morsel is [from, end) */
    bool more; /* no record ends in the bytes that are there: a pipe has to read on. Only where
                  `complete` is false */
    bool long_record; /* [from, end) is one record that is longer than record_max, or the start of
                         one that a pipe has to skip */
};

/* The morsel that begins at `from`, the start of a record: as many records as fit `target` bytes,
   at least one. `complete`: the input ends at `size`, so the last record may lack its newline.
   target <= record_max. */
struct cut cut_morsel(enum cut_kind kind, const u8 *at, u64 from, u64 size, bool complete,
                      u64 target, u64 record_max);

/* The size of a record without the newline (or CR LF) at its end, if it has one. */
u64 cut_newline(const u8 *at, u64 size);

/* The end of the first record that begins at `from`: one past its newline; 0 if none of the bytes
 * ends it. */
u64 cut_record(enum cut_kind kind, const u8 *at, u64 from, u64 size);

/* Bytes of the byte order mark that some programs write before UTF-8 text: 3 or 0. */
u64 cut_byte_order_mark(const u8 *at, u64 size);

#endif
