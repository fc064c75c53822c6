#include "runtime/data/number.h"

#include <string.h>

#include "runtime/data/swar.h"

/* ---- integers ---- */

/* The digits at[0 .. size), size > 0; false if anything else stands there or 64 bits do not hold
 * it. */
static bool parse_digits(const u8 *at, u64 size, u64 *out) {
    while (size > 19 && *at == '0') at++, size--;
    if (size == 0 || size > 20) return false;
    u64 value = 0;
    for (; size >= 8 && size != 20; at += 8, size -= 8) {
        u64 digits;
        if (!swar_digits(swar_load(at), &digits)) return false;
        value = value * 100000000 + digits_join8(digits);
    }
    for (; size; at++, size--) {
        u32 digit = *at - (u32)'0';
        if (digit > 9) return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

bool parse_u64(const void *at, u64 size, u64 *out) {
    const u8 *p = at;
    bool sign = size && *p == '+';
    return parse_digits(p + sign, size - sign, out);
}

bool parse_i64(const void *at, u64 size, i64 *out) {
    const u8 *p = at;
    bool negative = size && *p == '-', sign = negative || (size && *p == '+');
    u64 value;
    if (!parse_digits(p + sign, size - sign, &value)) return false;
    if (value > (u64)INT64_MAX + negative) return false;
    *out = negative ? (i64)(0 - value) : (i64)value;
    return true;
}

static bool parse_signed(const void *at, u64 size, i64 low, i64 high, i64 *out) {
    return parse_i64(at, size, out) && *out >= low && *out <= high;
}
static bool parse_unsigned(const void *at, u64 size, u64 high, u64 *out) {
    return parse_u64(at, size, out) && *out <= high;
}

bool parse_i8(const void *at, u64 size, i8 *out) {
    i64 value;
    bool ok = parse_signed(at, size, INT8_MIN, INT8_MAX, &value);
    if (ok) *out = (i8)value;
    return ok;
}
bool parse_i16(const void *at, u64 size, i16 *out) {
    i64 value;
    bool ok = parse_signed(at, size, INT16_MIN, INT16_MAX, &value);
    if (ok) *out = (i16)value;
    return ok;
}
bool parse_i32(const void *at, u64 size, i32 *out) {
    i64 value;
    bool ok = parse_signed(at, size, INT32_MIN, INT32_MAX, &value);
    if (ok) *out = (i32)value;
    return ok;
}
bool parse_u8(const void *at, u64 size, u8 *out) {
    u64 value;
    bool ok = parse_unsigned(at, size, UINT8_MAX, &value);
    if (ok) *out = (u8)value;
    return ok;
}
bool parse_u16(const void *at, u64 size, u16 *out) {
    u64 value;
    bool ok = parse_unsigned(at, size, UINT16_MAX, &value);
    if (ok) *out = (u16)value;
    return ok;
}
bool parse_u32(const void *at, u64 size, u32 *out) {
    u64 value;
    bool ok = parse_unsigned(at, size, UINT32_MAX, &value);
    if (ok) *out = (u32)value;
    return ok;
}

/* Two digits at once. */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static const u64 tens[] = { 1ull,
                            10ull,
                            100ull,
                            1000ull,
                            10000ull,
                            100000ull,
                            1000000ull,
                            10000000ull,
                            100000000ull,
                            1000000000ull,
                            10000000000ull,
                            100000000000ull,
                            1000000000000ull,
                            10000000000000ull,
                            100000000000000ull,
                            1000000000000000ull,
                            10000000000000000ull,
                            100000000000000000ull,
                            1000000000000000000ull,
                            10000000000000000000ull };

/* By the number of bits, times log10(2); one too many is seen by comparing. */
static u32 digit_count(u64 value) {
    u32 n = (64u - (u32)__builtin_clzll(value | 1)) * 1233 >> 12;
    return n + (value >= tens[n]) + (value == 0);
}

u64 format_u64(char *to, u64 value) {
    u64 size = digit_count(value);
    char *at = to + size;
    for (; value >= 100; value /= 100) memcpy(at -= 2, pairs + value % 100 * 2, 2);
    if (value >= 10)
        memcpy(at - 2, pairs + value * 2, 2);
    else
        at[-1] = (char)('0' + value);
    return size;
}

u64 format_i64(char *to, i64 value) {
    if (value >= 0) return format_u64(to, (u64)value);
    *to = '-';
    return 1 + format_u64(to + 1, 0 - (u64)value);
}

/* ---- bool ---- */

static bool is_word(const u8 *at, u64 size, const char *word) {
    u64 i = 0;
    while (i < size && word[i] && (at[i] | 0x20) == word[i]) i++;
    return i == size && !word[i];
}

bool parse_bool(const void *at, u64 size, bool *out) {
    const u8 *p = at;
    bool one = size == 1 && *p == '1', zero = size == 1 && *p == '0';
    if (one || is_word(p, size, "true"))
        *out = true;
    else if (zero || is_word(p, size, "false"))
        *out = false;
    else
        return false;
    return true;
}

bool parse_size(const void *at, u64 size, u64 *out) {
    static const struct {
        const char *suffix;
        u32 shift;
    } units[] = {
        { "", 0 }, { "B", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 }, { "TiB", 40 },
    };
    const u8 *p = at;
    u64 digits = 0, value;
    while (digits < size && p[digits] >= '0' && p[digits] <= '9') digits++;
    if (!parse_digits(p, digits, &value)) return false;
    for (u32 i = 0; i < sizeof units / sizeof *units; i++) {
        bool meant = strlen(units[i].suffix) == size - digits &&
                     !memcmp(units[i].suffix, p + digits, size - digits);
        if (!meant || value > UINT64_MAX >> units[i].shift) continue;
        *out = value << units[i].shift;
        return true;
    }
    return false;
}

u64 format_bool(char *to, bool value) {
    memcpy(to, value ? "true" : "false", value ? 4 : 5);
    return value ? 4 : 5;
}
