#include "runtime/data/arith.h"

#include <math.h>

bool mod_f64(double a, double b, double *out) {
    if (b == 0) return false;
    *out = fmod(a, b);
    return true;
}
bool sqrt_f64(double a, double *out) {
    if (a < 0) return false;
    *out = sqrt(a);
    return true;
}
bool log_f64(double a, double *out) {
    if (a <= 0) return false;
    *out = log(a);
    return true;
}
bool log_base_f64(double a, double base, double *out) {
    if (a <= 0 || base <= 0 || base == 1) return false;
    /* Exact where people expect it: log(1000, 10) is 3. */
    *out = base == 10 ? log10(a) : base == 2 ? log2(a) : log(a) / log(base);
    return true;
}
double exp_f64(double a) {
    return exp(a);
}
double pow_f64(double a, double b) {
    return pow(a, b);
}
double floor_f64(double a) {
    return floor(a);
}
double ceil_f64(double a) {
    return ceil(a);
}
double round_f64(double a) {
    return round(a);
}

double round_digits_f64(double a, i64 digits) {
    if (!isfinite(a) || digits > 308) return a;
    if (digits < -308) return copysign(0, a);
    double scale = pow(10, (double)(digits < 0 ? -digits : digits));
    double scaled = digits < 0 ? a / scale : a * scale;
    if (!isfinite(scaled)) return a; /* it has no digits there */
    return digits < 0 ? round(scaled) * scale : round(scaled) / scale;
}
