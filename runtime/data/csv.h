/* CSV as RFC 4180 has it. scan_csv finds the fields; in a piece without quotes the bytes between
   two places are the value, and generated code takes them as they are. What is here is for the
   rest: quoted fields, records that are too long for a piece or have the wrong number of fields.

   An empty field without quotes is null, `""` is the empty text. A quote inside a field that does
   not begin with one, and anything behind the closing quote, is malformed. The `\r` of `\r\n` is no
   part of the last field. */
#ifndef RUNTIME_DATA_CSV_H
#define RUNTIME_DATA_CSV_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

enum csv_kind {
    CSV_EMPTY,  /* nothing between the delimiters: null */
    CSV_PLAIN,  /* text without quotes, in place */
    CSV_QUOTED, /* text that was in quotes; never null */
    CSV_BROKEN,
};

/* The value of a quoted field: in place if no quote is doubled in it, else in the scratch. False:
 * broken. */
bool csv_unquote(const u8 *at, u64 size, struct scratch *to, struct str *out);
bool csv_has_quote(const u8 *at, u64 size);

/* One field, its bytes as they stand between delimiters (without the `\r`). */
ALWAYS_INLINE enum csv_kind csv_field(const u8 *at, u64 size, struct scratch *to, struct str *out) {
    *out = (struct str){ (const char *)at, size };
    if (size == 0) return CSV_EMPTY;
    if (*at == '"') return csv_unquote(at, size, to, out) ? CSV_QUOTED : CSV_BROKEN;
    return csv_has_quote(at, size) ? CSV_BROKEN : CSV_PLAIN;
}

/* Where the last field ends, of a record whose newline is at `newline`: before a `\r` (padded). */
ALWAYS_INLINE const u8 *csv_last_end(const u8 *newline) {
    return newline - (newline[-1] == '\r');
}

/* One record, field by field, wherever it comes from:

       struct csv_record r;
       csv_record_begin(&r, at, size, ',');      size: to the end of the extent; r.size: of the
   record, while (csv_record_next(&r, scratch, &kind, &text)) ...                    its newline
   included */
struct csv_record {
    const u8 *next, *end; /* end: without newline and `\r` */
    u64 size;
    u8 delimiter;
    bool ended;
};

void csv_record_begin(struct csv_record *r, const u8 *at, u64 size, u8 delimiter);
bool csv_record_next(struct csv_record *r, struct scratch *to, enum csv_kind *kind,
                     struct str *out);

#endif
