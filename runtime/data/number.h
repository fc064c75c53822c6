/* Text to values and back. Parsers take the whole text or refuse: no blanks around it, no sign but
   one
   `-` or `+`, no thousands. They read nothing outside the text, except where `padded` is in the
   name: these are for fields of an extent (64 readable bytes before and after). Formatters write to
   the caller's room and return the size; they write no NUL. */
#ifndef RUNTIME_DATA_NUMBER_H
#define RUNTIME_DATA_NUMBER_H

#include "runtime/base/base.h"

/* ---- the fast path of decoders ---- */

/* The number in the n digits that end at `end`, padded. With anything but 1 to 16 digits *bad
   becomes non-zero and the answer means nothing; a row's fields share one `bad`, looked at once,
   and a bad row is decoded again with the parsers below. */
ALWAYS_INLINE u64 digits_padded(const u8 *end, u64 n, u64 *bad);

/* ---- parsers: false if the text is not exactly such a value, or it is out of range ---- */

bool parse_i64(const void *at, u64 size, i64 *out);
bool parse_u64(const void *at, u64 size, u64 *out);
bool parse_i8(const void *at, u64 size, i8 *out);
bool parse_i16(const void *at, u64 size, i16 *out);
bool parse_i32(const void *at, u64 size, i32 *out);
bool parse_u8(const void *at, u64 size, u8 *out);
bool parse_u16(const void *at, u64 size, u16 *out);
bool parse_u32(const void *at, u64 size, u32 *out);

/* The nearest value, ties to even. `12`, `-1.5`, `.5`, `5.`, `1e-7`, and `nan`, `inf`, `infinity`
   in any case. Too big is infinite, as strtod has it; JSON's stricter grammar is json.h's business.
 */
bool parse_f64(const void *at, u64 size, double *out);
bool parse_f32(const void *at, u64 size, float *out);

/* true, false, in any case; 1, 0. */
bool parse_bool(const void *at, u64 size, bool *out);

/* Bytes: 64KiB, 1GiB, 512 (B, KiB, MiB, GiB, TiB; none is bytes). */
bool parse_size(const void *at, u64 size, u64 *out);

/* ---- formatters: `to` has room for FORMAT_ROOM bytes ---- */
#define FORMAT_ROOM 40u

u64 format_i64(char *to, i64 value);
u64 format_u64(char *to, u64 value);
/* The shortest digits that read back as the same value, of these the nearest: `20.0`, `0.1`,
   `1e+16`, `1e-05`, `nan`, `inf`, as Python writes them. */
u64 format_f64(char *to, double value);
u64 format_f32(char *to, float value);
u64 format_bool(char *to, bool value);

/* ---- digits_padded ---- */

/* Eight digits in the order of memory, each 0 to 9. */
ALWAYS_INLINE u64 digits_join8(u64 v) {
    v = v * 10 + (v >> 8);
    return ((v & 0x000000ff000000ffull) * 0x000f424000000064ull +
            (v >> 16 & 0x000000ff000000ffull) * 0x0000271000000001ull) >>
           32;
}

#if defined(__SSE4_1__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
ALWAYS_INLINE u64 digits_padded(const u8 *end, u64 n, u64 *bad) {
    typedef unsigned char v16 __attribute__((vector_size(16)));
    typedef char v16c __attribute__((vector_size(16)));
    typedef short v8 __attribute__((vector_size(16)));
    typedef int v4 __attribute__((vector_size(16)));
    typedef long long v2 __attribute__((vector_size(16)));
    typedef v16 v16u __attribute__((aligned(1), may_alias));
    const v16 lanes = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    const v16c tens = { 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1 };
    const v8 hundreds = { 100, 1, 100, 1, 100, 1, 100, 1 };
    const v8 myriads = { 10000, 1, 10000, 1, 10000, 1, 10000, 1 };
    v16 v = *(const v16u *)(end - 16) - (u8)'0';
    v &= (v16)(lanes + (u8)n > 15);
    *bad |= (n - 1 > 15) | (u64)__builtin_ia32_pmovmskb128((v16c)(v > 9));
    v8 pairs = __builtin_ia32_pmaddubsw128((v16c)v, tens);
    v4 quads = __builtin_ia32_pmaddwd128(pairs, hundreds);
    v8 packed = __builtin_ia32_packusdw128(quads, quads);
    u64 halves = (u64)((v2)__builtin_ia32_pmaddwd128(packed, myriads))[0];
    return (halves & 0xffffffffu) * 100000000u + (halves >> 32);
}
#else
/* The bytes at `at` as the first is lowest, whatever the machine. */
ALWAYS_INLINE u64 digits_load8(const u8 *at) {
    u64 v;
    __builtin_memcpy(&v, at, 8);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}
ALWAYS_INLINE u64 digits_padded(const u8 *end, u64 n, u64 *bad) {
    const u64 ones = 0x0101010101010101ull;
    u64 low = digits_load8(end - 8) ^ '0' * ones, high = digits_load8(end - 16) ^ '0' * ones;
    low &= n >= 8 ? ~0ull : ~0ull << (64 - 8 * (n & 7)) % 64 & -(u64)(n > 0);
    high &= n >= 16 ? ~0ull : n <= 8 ? 0 : ~0ull << (64 - 8 * (n & 7)) % 64;
    *bad |=
        (n - 1 > 15) | (((low + 0x76 * ones) | low | (high + 0x76 * ones) | high) & (0x80 * ones));
    return digits_join8(high) * 100000000u + digits_join8(low);
}
#endif

#endif
