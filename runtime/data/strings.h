/* Functions on strings. Arguments and results are valid UTF-8; positions and lengths count
   characters (code points) from 0 unless a name says bytes; comparison is by bytes. Built strings
   lie in the row's scratch; what can be a part of an argument is one, uncopied. */
#ifndef RUNTIME_DATA_STRINGS_H
#define RUNTIME_DATA_STRINGS_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

ALWAYS_INLINE bool str_equal(struct str a, struct str b) {
    return a.size == b.size && (a.size == 0 || __builtin_memcmp(a.at, b.at, a.size) == 0);
}
/* Negative, 0, positive; a text stands before what it begins. */
ALWAYS_INLINE int str_compare(struct str a, struct str b) {
    u64 n = a.size < b.size ? a.size : b.size;
    int order = n ? __builtin_memcmp(a.at, b.at, n) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}
ALWAYS_INLINE bool str_starts_with(struct str s, struct str with) {
    return s.size >= with.size &&
           (with.size == 0 || __builtin_memcmp(s.at, with.at, with.size) == 0);
}
ALWAYS_INLINE bool str_ends_with(struct str s, struct str with) {
    return s.size >= with.size && (with.size == 0 || __builtin_memcmp(s.at + (s.size - with.size),
                                                                      with.at, with.size) == 0);
}
bool str_contains(struct str s, struct str what); /* the empty text is in every text */

/* The whole text fits the pattern: `%` stands for any characters or none, `_` for one; all others
   for themselves. As long as both texts multiplied at the worst. */
bool str_like(struct str s, struct str pattern);

i64 str_length(struct str s);
ALWAYS_INLINE i64 str_byte_length(struct str s) {
    return (i64)s.size;
}

/* Each character by its simple mapping to one character (so the German sharp s stays as it is).
   ASCII goes by vectors. The table is made from Unicode data when the project is built. */
struct str str_lower(struct str s, struct scratch *to);
struct str str_upper(struct str s, struct scratch *to);

/* Without the blanks (ASCII \s: space, \t \n \v \f \r) at both ends. */
struct str str_trim(struct str s);

/* From character `from`, a negative one counted from the end; outside the text: the empty text. At
   most n characters, a negative n as 0. */
struct str str_substring(struct str s, i64 from, i64 n);
struct str str_substring_from(struct str s, i64 from);

/* Every `what`, from the left; an empty `what` replaces nothing. */
struct str str_replace(struct str s, struct str what, struct str with, struct scratch *to);
struct str str_concat(const struct str *parts, u32 count, struct scratch *to);

/* Piece i of s at the separator, from 0 (split.h); false if there is none. */
bool str_split_index(struct str s, struct str separator, i64 i, struct str *piece);

/* Bytes as a text: U+FFFD for each byte that begins no character. */
struct str str_of_bytes(const u8 *at, u64 size, struct scratch *to);

/* Texts of other types, as casts to string have them. */
struct str str_of_i64(i64 value, struct scratch *to);
struct str str_of_u64(u64 value, struct scratch *to);
struct str str_of_f64(double value, struct scratch *to);
struct str str_of_f32(float value, struct scratch *to);
struct str str_of_timestamp(i64 ns, struct scratch *to);
struct str str_of_duration(i64 ns, struct scratch *to);
ALWAYS_INLINE struct str str_of_bool(bool value) {
    return value ? (struct str){ "true", 4 } : (struct str){ "false", 5 };
}

#endif
