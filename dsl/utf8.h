/* UTF-8, one character at a time: for source texts and messages, where speed hardly matters.
   Overlong forms, surrogates and numbers beyond U+10FFFF are not UTF-8. */
#ifndef DSL_UTF8_H
#define DSL_UTF8_H

#include "runtime/base/base.h"

/* The number of the first character and, as the answer, its length in bytes; 0 if no character
 * begins here. */
u32 utf8_decode(const char *at, size_t size, u32 *character);

/* Write a character (at most 4 bytes); the answer is its length. It must be one: not a surrogate,
 * <= U+10FFFF. */
u32 utf8_encode(u32 character, char *to);

/* How many of the bytes, from the first, are whole characters: size if all of them are. */
size_t utf8_prefix(const char *at, size_t size);

/* How many characters; a byte that is part of none counts as one. */
u32 utf8_count(const char *at, size_t size);

/* Columns a terminal gives it: 0 for marks that combine with what is before, 2 for wide East Asian
 * ones and pictures. */
u32 utf8_width(u32 character);

#endif
