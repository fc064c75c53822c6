/* Eight bytes in a register: for texts too short to be worth a vector. The first byte in memory is
   the lowest, whatever the machine. Private to runtime/data. */
#ifndef RUNTIME_DATA_SWAR_H
#define RUNTIME_DATA_SWAR_H

#include "runtime/base/base.h"

#define SWAR_ONES 0x0101010101010101ull
#define SWAR_TOPS 0x8080808080808080ull

ALWAYS_INLINE u64 swar_load(const void *at) {
    u64 v;
    __builtin_memcpy(&v, at, 8);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}
/* The answers have the top bit set of each byte asked for, and nothing else. */
ALWAYS_INLINE u64 swar_zero(u64 v) {
    return ~(((v & ~SWAR_TOPS) + ~SWAR_TOPS) | v) & SWAR_TOPS;
}
ALWAYS_INLINE u64 swar_equal(u64 v, u8 byte) {
    return swar_zero(v ^ byte * SWAR_ONES);
}
ALWAYS_INLINE u64 swar_control(u64 v) { /* below 0x20 */
    return ~((v | SWAR_TOPS) - 0x20 * SWAR_ONES) & ~v & SWAR_TOPS;
}
/* Of eight digits '0' to '9': false if one is none, else their values, 0 to 9 a byte. */
ALWAYS_INLINE bool swar_digits(u64 v, u64 *values) {
    *values = v ^ '0' * SWAR_ONES;
    return !(((*values + 0x76 * SWAR_ONES) | *values) & SWAR_TOPS);
}

#endif
