/* Floats from text after Eisel and Lemire ("Number parsing at a gigabyte per second", with the
   proof of Mushtak and Lemire that no fallback is needed up to 19 digits), to text after
   Giulietti's Schubfach. Both multiply by 128 bits of a power of ten, so they share one table. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/number.h"

static const struct {
    u64 high, low;
} powers[] = {
#include "runtime/data/powers.inc"
};
#define POWER_LEAST (-342)
#define POWER_GREATEST 324

/* What tells f64 and f32 apart. Passed as a literal, so that each function is compiled for both. */
struct layout {
    i32 mantissa_bits;           /* as stored */
    i32 bias;                    /* of the exponent */
    i32 exponent_max;            /* as stored: infinity and NaN */
    i32 least, greatest;         /* exponents of ten: below all is 0, above all is infinite */
    i32 tie_least, tie_greatest; /* of ten, between which a tie can be exact */
};
static const struct layout f64_layout = { 52, 1023, 0x7ff, -342, 308, -4, 23 };
static const struct layout f32_layout = { 23, 127, 0xff, -64, 38, -17, 10 };

/* ---- text to float ---- */

/* floor(log2(10^e)) */
ALWAYS_INLINE i32 log2_of_power(i32 e) {
    return (i32)(((i64)e * 1741647) >> 19);
}

/* The bits of digits * 10^e, digits exact. */
ALWAYS_INLINE u64 bits_of_decimal(u64 digits, i64 e, const struct layout l) {
    u64 infinite = (u64)l.exponent_max << l.mantissa_bits;
    if (digits == 0 || e < l.least) return 0;
    if (e > l.greatest) return infinite;
    i32 zeros = __builtin_clzll(digits);
    digits <<= zeros;
    /* The table is rounded up; for positive powers the proof wants it cut off. */
    unsigned __int128 power =
        (unsigned __int128)powers[e - POWER_LEAST].high << 64 | powers[e - POWER_LEAST].low;
    power -= e > 55;
    unsigned __int128 product = (unsigned __int128)digits * (u64)(power >> 64);
    u64 mask = ~0ull >> (l.mantissa_bits + 3);
    if (((u64)(product >> 64) & mask) == mask)
        product += (unsigned __int128)digits * (u64)power >> 64;
    u64 high = (u64)(product >> 64), low = (u64)product;
    i32 upper = (i32)(high >> 63), shift = upper + 64 - l.mantissa_bits - 3;
    u64 mantissa = high >> shift;
    i32 exponent = log2_of_power((i32)e) + 63 + upper - zeros + l.bias;
    if (exponent <= 0) { /* subnormal */
        if (1 - exponent >= 64) return 0;
        mantissa >>= 1 - exponent;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        return mantissa; /* rounded up to the least normal one, the bits are right as they are */
    }
    /* Halfway between two floats, exactly: to the even one. */
    if (low <= 1 && e >= l.tie_least && e <= l.tie_greatest && (mantissa & 3) == 1 &&
        mantissa << shift == high)
        mantissa &= ~1ull;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> (l.mantissa_bits + 1)) {
        mantissa >>= 1;
        exponent++;
    }
    if (exponent >= l.exponent_max) return infinite;
    return (u64)exponent << l.mantissa_bits | (mantissa & ((1ull << l.mantissa_bits) - 1));
}

struct decimal {
    u64 digits; /* the first 19 significant ones */
    i64 exponent;
    bool negative, cut;    /* cut: digits that are not zero follow */
    const u8 *first, *end; /* of the mantissa, from its first significant digit */
    i64 end_exponent;      /* of the last digit before `end` */
};

/* False: not a number. */
static bool read_decimal(const u8 *at, const u8 *end, struct decimal *d) {
    bool any = false, point = false;
    u32 count = 0;
    i64 exponent = 0;
    for (; at < end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        u32 digit = *at - (u32)'0';
        if (digit > 9) break;
        any = true;
        exponent -= point;
        if (count == 0 && digit == 0) continue;
        if (count == 0) d->first = at;
        if (count < 19) {
            d->digits = d->digits * 10 + digit;
            count++;
            d->exponent = exponent;
        } else {
            d->cut |= digit != 0;
            d->exponent += !point; /* a digit before the point that is not in `digits` */
        }
    }
    d->end = at;
    d->end_exponent = exponent;
    if (!any) return false;
    if (at == end) return true;
    if ((*at | 0x20) != 'e') return false;
    at++;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end) return false;
    i64 e = 0;
    for (; at < end; at++) {
        u32 digit = *at - (u32)'0';
        if (digit > 9) return false;
        if (e < 1000000000) e = e * 10 + digit;
    }
    d->exponent += negative ? -e : e;
    d->end_exponent += negative ? -e : e;
    return true;
}

/* More than 19 digits that could round either way: a decimal text that strtod reads exactly. 800
   digits decide everything; of what follows only whether it is zero. No point in it, so the locale
   does not matter. */
#define DIGITS_MAX 800u
static void long_text(const struct decimal *d, char *text) {
    u32 n = 0;
    i64 left_out = 0;
    bool sticky = false;
    for (const u8 *at = d->first; at < d->end; at++) {
        if (*at == '.') continue;
        if (n < DIGITS_MAX) {
            text[n++] = (char)*at;
        } else {
            sticky |= *at != '0';
            left_out++;
        }
    }
    i64 exponent = d->end_exponent + left_out;
    if (sticky) {
        text[n++] = '1';
        exponent--;
    }
    text[n++] = 'e';
    text[n + format_i64(text + n, exponent)] = 0;
}

static bool is_word(const u8 *at, const u8 *end, const char *word) {
    while (at < end && *word && (*at | 0x20) == *word) at++, word++;
    return at == end && !*word;
}

ALWAYS_INLINE bool parse_bits(const u8 *at, u64 size, const struct layout l, u64 *bits) {
    const u8 *end = at + size;
    bool negative = size && *at == '-';
    u64 infinite = (u64)l.exponent_max << l.mantissa_bits;
    at += negative || (size && *at == '+');
    struct decimal d = { 0 };
    if (read_decimal(at, end, &d)) {
        *bits = bits_of_decimal(d.digits, d.exponent, l);
        if (d.cut && *bits != bits_of_decimal(d.digits + 1, d.exponent, l)) {
            char text[DIGITS_MAX + 32];
            long_text(&d, text);
            if (l.mantissa_bits == 52) {
                double value = strtod(text, NULL);
                memcpy(bits, &value, sizeof value);
            } else {
                float value = strtof(text, NULL);
                u32 narrow;
                memcpy(&narrow, &value, sizeof value);
                *bits = narrow;
            }
        }
    } else if (is_word(at, end, "inf") || is_word(at, end, "infinity")) {
        *bits = infinite;
    } else if (is_word(at, end, "nan")) {
        *bits = infinite | 1ull << (l.mantissa_bits - 1);
    } else {
        return false;
    }
    *bits |= (u64)negative << (l.mantissa_bits == 52 ? 63 : 31);
    return true;
}

/* What needs no table: both factors are exact, so one multiplication or division rounds once. */
static const double exact_powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* `-?digits[.digits]` of up to 18 characters: most floats that are written down. False: something
 * else. */
static bool parse_plain(const u8 *at, u64 size, double *out) {
    if (size == 0 || size > 18) return false;
    const u8 *end = at + size, *point = NULL;
    bool negative = *at == '-';
    u64 digits = 0;
    at += negative;
    if (at == end || *at - (u32)'0' > 9) return false;
    for (; at < end; at++) {
        u32 digit = *at - (u32)'0';
        if (digit <= 9)
            digits = digits * 10 + digit;
        else if (*at == '.' && !point)
            point = at;
        else
            return false;
    }
    if (digits >> 53) return false;
    double value = (double)(i64)digits;
    if (point) value /= exact_powers[end - point - 1];
    *out = negative ? -value : value;
    return true;
}

bool parse_f64(const void *at, u64 size, double *out) {
    u64 bits;
    if (LIKELY(parse_plain(at, size, out))) return true;
    if (!parse_bits(at, size, f64_layout, &bits)) return false;
    memcpy(out, &bits, sizeof bits);
    return true;
}

bool parse_f32(const void *at, u64 size, float *out) {
    u64 bits;
    if (!parse_bits(at, size, f32_layout, &bits)) return false;
    u32 narrow = (u32)bits;
    memcpy(out, &narrow, sizeof narrow);
    return true;
}

/* ---- float to text ---- */

struct shortest {
    u64 digits;
    i32 exponent;
};

/* floor(log10(2^e)), and the same of 3/4 of it: where the float below is nearer. */
ALWAYS_INLINE i32 log10_of_binary(i32 e) {
    return (e * 1262611) >> 22;
}
ALWAYS_INLINE i32 log10_of_binary_three_quarters(i32 e) {
    return (e * 1262611 - 524031) >> 22;
}

/* The high part of power * c, its last bit set if anything was cut off. */
ALWAYS_INLINE u64 times_power(u64 high, u64 low, u64 c) {
    unsigned __int128 x = (unsigned __int128)low * c;
    unsigned __int128 y = (unsigned __int128)high * c + (u64)(x >> 64);
    return (u64)(y >> 64) | ((u64)y > 1);
}

/* The shortest decimal within the interval that rounds to the float c * 2^q, of these the nearest.
   All values are taken times four, so that the bounds, halfway to the neighbours, are integers. */
ALWAYS_INLINE struct shortest shortest_of(u64 c, i32 q, bool lower_is_closer) {
    bool even = !(c & 1);
    i32 k = lower_is_closer ? log10_of_binary_three_quarters(q) : log10_of_binary(q);
    i32 h = q + log2_of_power(-k) + 1;
    u64 high = powers[-k - POWER_LEAST].high, low = powers[-k - POWER_LEAST].low;
    u64 lower = times_power(high, low, (4 * c - 2 + lower_is_closer) << h) + !even;
    u64 middle = times_power(high, low, 4 * c << h);
    u64 upper = times_power(high, low, (4 * c + 2) << h) - !even;
    u64 s = middle / 4;
    if (s >= 10) {
        u64 tenth = s / 10;
        bool down = lower <= 40 * tenth, up = 40 * tenth + 40 <= upper;
        if (down != up) return (struct shortest){ tenth + up, k + 1 };
    }
    bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
    if (down != up) return (struct shortest){ s + up, k };
    bool round = middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1));
    return (struct shortest){ s + round, k };
}

static u64 put_digits(char *to, u64 digits, i32 exponent) {
    char text[FORMAT_ROOM];
    while (digits % 100 == 0 && digits) digits /= 100, exponent += 2;
    if (digits % 10 == 0 && digits) digits /= 10, exponent++;
    i32 n = (i32)format_u64(text, digits), point = n + exponent; /* digits before the point */
    char *at = to;
    if (point > -4 && point <= 16) {
        if (point <= 0) {
            memcpy(at, "0.000", 5);
            at += 2 - point;
            memcpy(at, text, (size_t)n);
            return (u64)(at + n - to);
        }
        i32 whole = n < point ? n : point;
        memcpy(at, text, (size_t)whole);
        memset(at + whole, '0', (size_t)(point - whole));
        at += point;
        *at++ = '.';
        if (n <= point) {
            *at++ = '0';
        } else {
            memcpy(at, text + point, (size_t)(n - point));
            at += n - point;
        }
        return (u64)(at - to);
    }
    *at++ = text[0];
    if (n > 1) {
        *at++ = '.';
        memcpy(at, text + 1, (size_t)(n - 1));
        at += n - 1;
    }
    i32 e = point - 1;
    *at++ = 'e';
    *at++ = e < 0 ? '-' : '+';
    e = e < 0 ? -e : e;
    if (e < 10) *at++ = '0';
    at += format_u64(at, (u64)e);
    return (u64)(at - to);
}

ALWAYS_INLINE u64 format_bits(char *to, u64 bits, const struct layout l) {
    u64 fraction = bits & ((1ull << l.mantissa_bits) - 1);
    i32 exponent = (i32)(bits >> l.mantissa_bits) & l.exponent_max;
    bool negative = bits >> (l.mantissa_bits == 52 ? 63 : 31);
    if (exponent == l.exponent_max && fraction) {
        memcpy(to, "nan", 3);
        return 3;
    }
    *to = '-';
    to += negative;
    if (exponent == l.exponent_max) {
        memcpy(to, "inf", 3);
        return 3u + negative;
    }
    if (exponent == 0 && fraction == 0) {
        memcpy(to, "0.0", 3);
        return 3u + negative;
    }
    u64 c = exponent ? fraction | 1ull << l.mantissa_bits : fraction;
    i32 q = (exponent ? exponent : 1) - l.bias - l.mantissa_bits;
    if (q <= 0 && q > -l.mantissa_bits - 1 && (c & ((1ull << -q) - 1)) == 0)
        return negative + put_digits(to, c >> -q, 0); /* an integer, exactly */
    struct shortest s = shortest_of(c, q, fraction == 0 && exponent > 1);
    return negative + put_digits(to, s.digits, s.exponent);
}

u64 format_f64(char *to, double value) {
    u64 bits;
    memcpy(&bits, &value, sizeof bits);
    return format_bits(to, bits, f64_layout);
}

u64 format_f32(char *to, float value) {
    u32 bits;
    memcpy(&bits, &value, sizeof bits);
    return format_bits(to, bits, f32_layout);
}
