#include "runtime/data/strings.h"

#include <string.h>

#include "runtime/data/number.h"
#include "runtime/data/split.h"
#include "runtime/data/timefn.h"

static bool is_space(char c) {
    return c == ' ' || (u8)(c - '\t') < 5;
}
static bool is_continuation(char c) {
    return ((u8)c & 0xc0) == 0x80;
}

static const char *find(struct str s, struct str what) {
    if (what.size == 0) return s.at;
    if (what.size > s.size) return NULL;
    return what.size == 1 ? memchr(s.at, what.at[0], s.size)
                          : memmem(s.at, s.size, what.at, what.size);
}

bool str_contains(struct str s, struct str what) {
    return what.size == 0 || find(s, what);
}

static u64 character_size(const char *at, const char *end) {
    u64 size = 1;
    while (at + size < end && is_continuation(at[size])) size++;
    return size;
}

/* Only the last `%` met has to be tried again: what an earlier one could take, it can take too. */
bool str_like(struct str s, struct str pattern) {
    const char *at = s.at, *end = at + s.size;
    const char *p = pattern.at, *p_end = p + pattern.size;
    const char *again_at = NULL, *again_p = NULL;
    while (at < end) {
        if (p < p_end && *p == '%') {
            again_p = ++p;
            again_at = at;
        } else if (p < p_end && *p == '_') {
            at += character_size(at, end);
            p++;
        } else if (p < p_end && *p == *at) {
            at++;
            p++;
        } else if (again_p) {
            again_at += character_size(again_at, end);
            at = again_at;
            p = again_p;
        } else {
            return false;
        }
    }
    while (p < p_end && *p == '%') p++;
    return p == p_end;
}

i64 str_length(struct str s) {
    u64 n = s.size;
    for (u64 i = 0; i < s.size; i++) n -= is_continuation(s.at[i]);
    return (i64)n;
}

struct str str_trim(struct str s) {
    while (s.size && is_space(s.at[0])) s.at++, s.size--;
    while (s.size && is_space(s.at[s.size - 1])) s.size--;
    return s;
}

/* What is left of s behind its first n characters. */
static struct str skip(struct str s, u64 n) {
    while (n && s.size) {
        do s.at++, s.size--;
        while (s.size && is_continuation(s.at[0]));
        n--;
    }
    return s;
}

struct str str_substring_from(struct str s, i64 from) {
    if (from < 0) {
        from += str_length(s);
        if (from < 0) return (struct str){ s.at, 0 };
    }
    return skip(s, (u64)from);
}

struct str str_substring(struct str s, i64 from, i64 n) {
    struct str rest = str_substring_from(s, from);
    if (n < 0) n = 0;
    struct str after = skip(rest, (u64)n);
    return (struct str){ rest.at, rest.size - after.size };
}

struct str str_replace(struct str s, struct str what, struct str with, struct scratch *to) {
    u64 count = 0;
    const char *found;
    struct str rest = s;
    if (what.size == 0) return s;
    while (rest.size && (found = find(rest, what))) {
        u64 gone = (u64)(found - rest.at) + what.size;
        rest = (struct str){ rest.at + gone, rest.size - gone };
        count++;
    }
    if (count == 0) return s;
    u64 size = s.size - count * what.size + count * with.size;
    char *start = (char *)scratch_take(to, size), *at = start;
    for (rest = s; count; count--) {
        found = find(rest, what);
        u64 kept = (u64)(found - rest.at), gone = kept + what.size;
        at = mempcpy(at, rest.at, kept);
        if (with.size) at = mempcpy(at, with.at, with.size);
        rest = (struct str){ rest.at + gone, rest.size - gone };
    }
    memcpy(at, rest.at, rest.size);
    return (struct str){ start, size };
}

struct str str_concat(const struct str *parts, u32 count, struct scratch *to) {
    u64 size = 0;
    for (u32 i = 0; i < count; i++) size += parts[i].size;
    char *start = (char *)scratch_take(to, size), *at = start;
    for (u32 i = 0; i < count; i++)
        if (parts[i].size) at = mempcpy(at, parts[i].at, parts[i].size);
    return (struct str){ start, size };
}

bool str_split_index(struct str s, struct str separator, i64 i, struct str *piece) {
    struct split_text it;
    if (i < 0) return false;
    split_text_begin(&it, s, separator);
    while (split_text_next(&it, piece))
        if (i-- == 0) return true;
    return false;
}

/* ---- texts of other types ---- */

static struct str formatted(struct scratch *to, u8 *at, u64 size) {
    scratch_give_back(to, at + size);
    return (struct str){ (char *)at, size };
}

struct str str_of_i64(i64 value, struct scratch *to) {
    u8 *at = scratch_take(to, FORMAT_ROOM);
    return formatted(to, at, format_i64((char *)at, value));
}
struct str str_of_u64(u64 value, struct scratch *to) {
    u8 *at = scratch_take(to, FORMAT_ROOM);
    return formatted(to, at, format_u64((char *)at, value));
}
struct str str_of_f64(double value, struct scratch *to) {
    u8 *at = scratch_take(to, FORMAT_ROOM);
    return formatted(to, at, format_f64((char *)at, value));
}
struct str str_of_f32(float value, struct scratch *to) {
    u8 *at = scratch_take(to, FORMAT_ROOM);
    return formatted(to, at, format_f32((char *)at, value));
}
struct str str_of_timestamp(i64 ns, struct scratch *to) {
    u8 *at = scratch_take(to, FORMAT_ROOM);
    return formatted(to, at, format_timestamp((char *)at, ns));
}
struct str str_of_duration(i64 ns, struct scratch *to) {
    u8 *at = scratch_take(to, FORMAT_ROOM);
    return formatted(to, at, format_duration((char *)at, ns));
}
