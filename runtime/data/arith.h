/* What C leaves undefined, made total as the language has it: integers wrap, what has no answer is
   null (false here; *out is then untouched). Narrower types compute in 64 bits and wrap by a cast.
 */
#ifndef RUNTIME_DATA_ARITH_H
#define RUNTIME_DATA_ARITH_H

#include "runtime/base/base.h"

/* ---- integers ---- */

ALWAYS_INLINE i64 add_i64(i64 a, i64 b) {
    return (i64)((u64)a + (u64)b);
}
ALWAYS_INLINE i64 sub_i64(i64 a, i64 b) {
    return (i64)((u64)a - (u64)b);
}
ALWAYS_INLINE i64 mul_i64(i64 a, i64 b) {
    return (i64)((u64)a * (u64)b);
}
ALWAYS_INLINE i64 neg_i64(i64 a) {
    return (i64)(0 - (u64)a);
}
ALWAYS_INLINE i64 abs_i64(i64 a) {
    return a < 0 ? neg_i64(a) : a;
} /* of the least: itself */

/* By a divisor that is not 0: towards zero, remainder with the dividend's sign; INT64_MIN / -1
 * wraps. */
ALWAYS_INLINE i64 div_nonzero_i64(i64 a, i64 b) {
    return b == -1 ? neg_i64(a) : a / b;
}
ALWAYS_INLINE i64 mod_nonzero_i64(i64 a, i64 b) {
    return b == -1 ? 0 : a % b;
}

ALWAYS_INLINE bool div_i64(i64 a, i64 b, i64 *out) {
    if (b == 0) return false;
    *out = div_nonzero_i64(a, b);
    return true;
}
ALWAYS_INLINE bool mod_i64(i64 a, i64 b, i64 *out) {
    if (b == 0) return false;
    *out = mod_nonzero_i64(a, b);
    return true;
}
ALWAYS_INLINE bool div_u64(u64 a, u64 b, u64 *out) {
    if (b == 0) return false;
    *out = a / b;
    return true;
}
ALWAYS_INLINE bool mod_u64(u64 a, u64 b, u64 *out) {
    if (b == 0) return false;
    *out = a % b;
    return true;
}

/* Of a value of `bits` bits: by a negative count, or by the width or more, 0. */
ALWAYS_INLINE u64 shift_left(u64 a, i64 by, u32 bits) {
    return (u64)by < bits ? a << by : 0;
}
ALWAYS_INLINE u64 shift_right_u64(u64 a, i64 by, u32 bits) {
    return (u64)by < bits ? a >> by : 0;
}
ALWAYS_INLINE i64 shift_right_i64(i64 a, i64 by, u32 bits) {
    return (u64)by < bits ? a >> by : 0;
}

/* ---- casts that may fail ---- */

ALWAYS_INLINE bool narrow_i64(i64 a, i64 low, i64 high, i64 *out) {
    if (a < low || a > high) return false;
    *out = a;
    return true;
}
ALWAYS_INLINE bool narrow_u64(u64 a, u64 high, u64 *out) {
    if (a > high) return false;
    *out = a;
    return true;
}
/* Truncates; NaN and what is out of range have no answer. */
ALWAYS_INLINE bool f64_to_i64(double a, i64 *out) {
    if (!(a >= -0x1p63 && a < 0x1p63)) return false;
    *out = (i64)a;
    return true;
}
ALWAYS_INLINE bool f64_to_u64(double a, u64 *out) {
    if (!(a > -1.0 && a < 0x1p64)) return false;
    *out = (u64)a;
    return true;
}
/* Rounds; a finite value too big for f32 has no answer. */
ALWAYS_INLINE bool f64_to_f32(double a, float *out) {
    float f = (float)a;
    if (__builtin_isinf(f) && !__builtin_isinf(a)) return false;
    *out = f;
    return true;
}

/* ---- floats ---- */

ALWAYS_INLINE bool div_f64(double a, double b, double *out) {
    if (b == 0) return false;
    *out = a / b;
    return true;
}
bool mod_f64(double a, double b, double *out);         /* remainder with the dividend's sign */
bool sqrt_f64(double a, double *out);                  /* not of a negative number */
bool log_f64(double a, double *out);                   /* natural; only of a positive number */
bool log_base_f64(double a, double base, double *out); /* base positive and not 1 */
double exp_f64(double a);
double pow_f64(double a, double b);
double floor_f64(double a);
double ceil_f64(double a);
double round_f64(double a);                    /* half away from zero */
double round_digits_f64(double a, i64 digits); /* after the point; negative: before it */

/* Order as `by`, min and max have it: NaN above all and equal to itself, -0.0 equal to 0.0. */
ALWAYS_INLINE int compare_f64(double a, double b) {
    return a < b ? -1 : a > b ? 1 : a == b ? 0 : (a != a) - (b != b);
}

/* The bits as a key: one NaN, one zero. */
ALWAYS_INLINE u64 key_of_f64(double a) {
    u64 bits;
    if (a == 0) a = 0;
    if (a != a) a = __builtin_nan("");
    __builtin_memcpy(&bits, &a, 8);
    return bits;
}
ALWAYS_INLINE double f64_of_key(u64 bits) {
    double a;
    __builtin_memcpy(&a, &bits, 8);
    return a;
}

#endif
