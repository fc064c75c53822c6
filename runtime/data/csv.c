#include "runtime/data/csv.h"

#include <string.h>

#include "runtime/data/scan.h"

bool csv_has_quote(const u8 *at, u64 size) {
    return memchr(at, '"', size) != NULL;
}

bool csv_unquote(const u8 *at, u64 size, struct scratch *scratch, struct str *out) {
    if (size < 2 || at[size - 1] != '"') return false;
    const u8 *from = at + 1, *end = at + size - 1;
    const u8 *quote = memchr(from, '"', (u64)(end - from));
    if (!quote) {
        *out = (struct str){ (const char *)from, (u64)(end - from) };
        return true;
    }
    u8 *start = scratch_take(scratch, size), *to = start;
    for (; quote; quote = memchr(from, '"', (u64)(end - from))) {
        if (quote + 1 == end || quote[1] != '"') return false;
        to = mempcpy(to, from, (u64)(quote + 1 - from));
        from = quote + 2;
    }
    to = mempcpy(to, from, (u64)(end - from));
    scratch_give_back(scratch, to);
    *out = (struct str){ (char *)start, (u64)(to - start) };
    return true;
}

/* One past the newline that follows an even number of quotes; size if there is none. */
static u64 record_size(const u8 *at, u64 size) {
    for (u64 from = 0, quotes = 0; from < size;) {
        const u8 *newline = memchr(at + from, '\n', size - from);
        if (!newline) return size;
        u64 end = (u64)(newline - at) + 1;
        quotes += scan_count(at + from, end - from, '"');
        if (quotes % 2 == 0) return end;
        from = end;
    }
    return size;
}

void csv_record_begin(struct csv_record *r, const u8 *at, u64 size, u8 delimiter) {
    size = record_size(at, size);
    const u8 *end = at + size;
    if (end > at && end[-1] == '\n') end--;
    if (end > at && end[-1] == '\r') end--;
    *r = (struct csv_record){ .next = at, .end = end, .size = size, .delimiter = delimiter };
}

bool csv_record_next(struct csv_record *r, struct scratch *to, enum csv_kind *kind,
                     struct str *out) {
    if (r->ended) return false;
    const u8 *start = r->next, *at = start;
    for (bool inside = false; at < r->end && (inside || *at != r->delimiter); at++)
        inside ^= *at == '"';
    *kind = csv_field(start, (u64)(at - start), to, out);
    r->ended = at == r->end;
    r->next = at + 1;
    return true;
}
