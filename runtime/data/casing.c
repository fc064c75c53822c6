#include <string.h>

#include "runtime/data/strings.h"

struct case_range {
    u32 first, last;
    i32 step, add;
};
#include "runtime/data/casing.inc"

struct mapping {
    const struct case_range *ranges;
    u32 count;
    u8 first; /* of the 26 ASCII letters that change */
};
static const struct mapping lower = { to_lower, sizeof to_lower / sizeof to_lower[0], 'A' };
static const struct mapping upper = { to_upper, sizeof to_upper / sizeof to_upper[0], 'a' };

static u32 map_character(const struct mapping *m, u32 c) {
    u32 low = 0, high = m->count; /* the range sought is in [low, high) */
    while (low < high) {
        u32 middle = (low + high) / 2;
        const struct case_range *r = &m->ranges[middle];
        if (c < r->first)
            high = middle;
        else if (c > r->last)
            low = middle + 1;
        else
            return (c - r->first) % (u32)r->step ? c : c + (u32)r->add;
    }
    return c;
}

/* A character of valid UTF-8, beyond ASCII. */
static u32 character_read(const u8 **at) {
    const u8 *p = *at;
    u32 n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2, c = p[0] & (0x7fu >> n);
    for (u32 i = 1; i < n; i++) c = c << 6 | (p[i] & 0x3f);
    *at += n;
    return c;
}

static u8 *character_write(u8 *at, u32 c) {
    if (c < 0x80) {
        *at++ = (u8)c;
        return at;
    }
    u32 n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (u32 i = n; i-- > 1; c >>= 6) at[i] = (u8)(0x80 | (c & 0x3f));
    at[0] = (u8)(0xf00u >> n | c);
    return at + n;
}

/* Changes the ASCII letters of all bytes; a letter differs from its other case by one bit. Answers
   whether all was ASCII. Compilers make vector code of the loop. */
static bool map_ascii(u8 *restrict to, const u8 *restrict from, u64 size, u8 first) {
    u8 high = 0;
    for (u64 i = 0; i < size; i++) {
        high |= from[i];
        to[i] = (u8)(from[i] ^ ((u8)(from[i] - first) < 26) << 5);
    }
    return high < 0x80;
}

static struct str str_map(const struct mapping *m, struct str s, struct scratch *scratch) {
    const u8 *from = (const u8 *)s.at, *end = from + s.size;
    u8 *start = scratch_take(scratch, s.size);
    if (LIKELY(map_ascii(start, from, s.size, m->first)))
        return (struct str){ (char *)start, s.size };
    scratch_give_back(scratch, start);
    start = scratch_take(scratch,
                         s.size / 2 * 3 + 4); /* two bytes may become three, none grow by more */
    u8 *to = start;
    while (from < end) {
        if (*from < 0x80) {
            *to++ = (u8)(*from ^ ((u8)(*from - m->first) < 26) << 5);
            from++;
        } else {
            to = character_write(to, map_character(m, character_read(&from)));
        }
    }
    scratch_give_back(scratch, to);
    return (struct str){ (char *)start, (u64)(to - start) };
}

struct str str_lower(struct str s, struct scratch *to) {
    return str_map(&lower, s, to);
}
struct str str_upper(struct str s, struct scratch *to) {
    return str_map(&upper, s, to);
}
