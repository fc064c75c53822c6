/* A morsel's input: what a source hands to whoever took the ticket. */
#ifndef RUNTIME_STAGE_EXTENT_H
#define RUNTIME_STAGE_EXTENT_H

#include "runtime/base/base.h"

/* Whole records. at[-64 .. size + 64) can be read. */
struct extent {
    const u8 *at; /* bytes; null for generators */
    u64 size;
    u64 offset; /* of at[0] in the input, for messages; for generators the first row's number */
    u64 rows;   /* generators only */
    bool utf8_checked; /* the whole extent is valid UTF-8 */
    /* The extent is one record longer than max_record, or the part of a binary row at the end of
       its file (without a newline): generated code calls it malformed, for this reason, and decodes
       nothing. Else null.
     */
    const char *broken;
    /* Behind its rows, if any, the source says that W is raise_to or more (tests do). */
    bool raises;
    i64 raise_to;
};

#endif
