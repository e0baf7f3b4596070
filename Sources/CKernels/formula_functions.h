// What the formulas of pointwise operators need besides the C library. The kernels of the CPU and those of a GPU
// (CCUDA/Kernels) expand the same text. The includer defines
//   CR_INLINE       declares a function that is always inlined
//   CR_FUNCTION     declares one that may be called
//   i64, u64        64-bit integers
//   cr_expf, cr_sigmoidf, cr_tanhf, cr_sqrtf, cr_sqrt
//   cr_gelu_tanh_slopef, cr_mish_slopef: the derivatives for float32, where it may use a faster way than float64
#pragma once

CR_INLINE double cr_sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }

// Giles' approximation as the starting point, then two Newton steps on erf.
CR_FUNCTION double cr_erfinv(double y) {
    if (!(y > -1 && y < 1)) return y == 1 ? CR_INFINITY : y == -1 ? -CR_INFINITY : CR_NAN;
    double w = -log((1 - y) * (1 + y)), p;
    if (w < 5) {
        w -= 2.5;
        p = 2.81022636e-08;
        p = 3.43273939e-07 + p * w, p = -3.5233877e-06 + p * w, p = -4.39150654e-06 + p * w;
        p = 0.00021858087 + p * w, p = -0.00125372503 + p * w, p = -0.00417768164 + p * w;
        p = 0.246640727 + p * w, p = 1.50140941 + p * w;
    } else {
        w = sqrt(w) - 3;
        p = -0.000200214257;
        p = 0.000100950558 + p * w, p = 0.00134934322 + p * w, p = -0.00367342844 + p * w;
        p = 0.00573950773 + p * w, p = -0.0076224613 + p * w, p = 0.00943887047 + p * w;
        p = 1.00167406 + p * w, p = 2.83297682 + p * w;
    }
    double x = p * y;
    for (int i = 0; i < 2; i++) x -= (erf(x) - y) / (1.1283791670955126 * exp(-x * x));
    return x;
}

// The recurrence up to 10, then the asymptotic series; x > 0.
CR_FUNCTION double cr_digamma_above_zero(double x) {
    double result = 0;
    while (x < 10) result -= 1 / x, x += 1;
    double z = 1 / (x * x);
    double series = z * (8.33333333333333333333E-2 - z * (8.33333333333333333333E-3 - z * (3.96825396825396825397E-3 -
        z * (4.16666666666666666667E-3 - z * (7.57575757575757575758E-3 - z * (2.10927960927960927961E-2 -
        z * 8.33333333333333333333E-2))))));
    return result + log(x) - 0.5 / x - series;
}
// The reflection formula below zero.
CR_FUNCTION double cr_digamma(double x) {
    if (x == 0) return copysign((double)CR_INFINITY, -x);
    if (!(x < 0)) return cr_digamma_above_zero(x);
    if (x == floor(x)) return CR_NAN;
    return cr_digamma_above_zero(1 - x) - 3.14159265358979323846 / tan(3.14159265358979323846 * (x - trunc(x)));
}

// A bound beyond the range of 64-bit integers is never reached.
CR_INLINE i64 cr_clamp_bound(double bound) {
    return bound >= 9223372036854775808.0 ? 9223372036854775807ll
         : bound < -9223372036854775808.0 ? -9223372036854775807ll - 1 : (i64)bound;
}

// Python's conventions: the remainder has the divisor's sign, quotients round down. A zero integer divisor,
// which the operators refuse or report, gives 0.
CR_INLINE float cr_floor_dividef(float x, float y) {
    if (y == 0) return x / y;
    float m = fmodf(x, y), d = (x - m) / y;
    if (m != 0 && (y < 0) != (m < 0)) d -= 1;
    if (d == 0) return copysignf(0.0f, x / y);
    float f = floorf(d);
    return d - f > 0.5f ? f + 1 : f;
}
CR_INLINE double cr_floor_divide(double x, double y) {
    if (y == 0) return x / y;
    double m = fmod(x, y), d = (x - m) / y;
    if (m != 0 && (y < 0) != (m < 0)) d -= 1;
    if (d == 0) return copysign(0.0, x / y);
    double f = floor(d);
    return d - f > 0.5 ? f + 1 : f;
}
CR_INLINE float cr_remainderf(float x, float y) {
    float m = fmodf(x, y);
    return m != 0 && (y < 0) != (m < 0) ? m + y : m;
}
CR_INLINE double cr_remainder(double x, double y) {
    double m = fmod(x, y);
    return m != 0 && (y < 0) != (m < 0) ? m + y : m;
}
CR_INLINE i64 cr_int_quotient(i64 x, i64 y) { return y == 0 ? 0 : y == -1 ? (i64)(0 - (u64)x) : x / y; }
CR_INLINE i64 cr_int_fmod(i64 x, i64 y) { return y == 0 || y == -1 ? 0 : x % y; }
CR_INLINE i64 cr_int_remainder(i64 x, i64 y) {
    i64 m = cr_int_fmod(x, y);
    return m != 0 && (y < 0) != (m < 0) ? m + y : m;
}
CR_INLINE i64 cr_int_floor_quotient(i64 x, i64 y) {
    i64 q = cr_int_quotient(x, y);
    return cr_int_fmod(x, y) != 0 && (x < 0) != (y < 0) ? q - 1 : q;
}
CR_INLINE i64 cr_int_power(i64 x, i64 y) {
    if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
    u64 result = 1, base = (u64)x;
    for (; y; y >>= 1, base *= base)
        if (y & 1) result *= base;
    return (i64)result;
}

CR_INLINE double cr_gelu_tanh_slope(double y) {
    double t = tanh(0.79788456080286535588 * (y + 0.044715 * y * y * y));
    return 0.5 * (1 + t) + 0.5 * y * (1 - t * t) * 0.79788456080286535588 * (1 + 3 * 0.044715 * y * y);
}
CR_INLINE double cr_mish_slope(double y) {
    double t = tanh(y > 20 ? y : log1p(exp(y)));
    return t + y * (1 - t * t) * cr_sigmoid(y);
}
CR_INLINE double cr_log_add_exp(double x, double y) {
    if (x == y && (x == CR_INFINITY || x == -CR_INFINITY)) return x;
    double m = x > y ? x : y;
    return x != x || y != y ? x + y : m + log1p(exp(-fabs(x - y)));
}
