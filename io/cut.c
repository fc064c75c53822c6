#include "io/cut.h"

#include "runtime/data/scan.h"

#include <string.h>

u64 cut_record(enum cut_kind kind, const u8 *at, u64 from, u64 size) {
    for (u64 i = from, quotes = 0; i < size;) {
        const u8 *newline = memchr(at + i, '\n', size - i);
        if (!newline) return 0;
        u64 end = (u64)(newline - at) + 1;
        if (kind == CUT_LINES) return end;
        quotes += scan_count(at + i, end - i, '\"');
        if (quotes % 2 == 0) return end;
        i = end;
    }
    return 0;
}

/* The end of the last record that ends in (from, to]; `from` if none does. */
static u64 last_record_end(enum cut_kind kind, const u8 *at, u64 from, u64 to) {
    u64 quotes = kind == CUT_CSV ? scan_count(at + from, to - from, '\"')
                                 : 0; /* before `to`, parity at the place looked at */
    for (u64 end = to; end > from;) {
        const u8 *newline = memrchr(at + from, '\n', end - from);
        if (!newline) return from;
        u64 after = (u64)(newline - at) + 1;
        if (kind == CUT_LINES) return after;
        quotes -= scan_count(at + after, end - after, '\"');
        if (quotes % 2 == 0) return after;
        end = after - 1;
    }
    return from;
}

struct cut cut_morsel(enum cut_kind kind, const u8 *at, u64 from, u64 size, bool complete,
                      u64 target, u64 record_max) {
    if (complete && size - from <= target) return (struct cut){ .end = size };
    u64 to = from + target < size ? from + target : size;
    u64 end = last_record_end(kind, at, from, to);
    if (end > from) return (struct cut){ .end = end };
    /* The first record is longer than the target. */
    u64 limit = from + record_max < size ? from + record_max : size;
    end = cut_record(kind, at, from, limit);
    if (end) return (struct cut){ .end = end };
    if (limit == size && complete) return (struct cut){ .end = size };
    if (limit == size) return (struct cut){ .end = from, .more = true };
    /* Longer than a record may be: it ends at the next newline at all, so that a quote never closed
     * costs one record. */
    const u8 *newline = memchr(at + limit, '\n', size - limit);
    return (struct cut){ .end = newline ? (u64)(newline - at) + 1 : size, .long_record = true };
}

u64 cut_newline(const u8 *at, u64 size) {
    if (!size || at[size - 1] != '\n') return size;
    return size > 1 && at[size - 2] == '\r' ? size - 2 : size - 1;
}

u64 cut_byte_order_mark(const u8 *at, u64 size) {
    return size >= 3 && !memcmp(at, "\xef\xbb\xbf", 3) ? 3 : 0;
}
