#include "loops.h"

// A kernel `NAME_T` for one operator and one dtype: S is the stored type, C the type computed in.
#define UNARY_KERNEL(NAME, T, S, C, LOAD, STORE, EXPR)                                      \
    CR_CLONES static void NAME##_##T(long n, char *const *p, const long *s, double da, double db) { \
        C a = (C)da, b = (C)db;                                                             \
        (void)a, (void)b;                                                                   \
        if (s[0] == sizeof(S) && s[1] == sizeof(S)) {                                       \
            S *o = (S *)p[0];                                                               \
            const S *x = (const S *)p[1];                                                   \
            CR_VECTOR for (long i = 0; i < n; i++) { C v = LOAD(x[i]); o[i] = STORE(EXPR); } \
        } else {                                                                            \
            for (long i = 0; i < n; i++) {                                                  \
                C v = LOAD(*(const S *)(p[1] + i * s[1]));                                  \
                *(S *)(p[0] + i * s[0]) = STORE(EXPR);                                      \
            }                                                                               \
        }                                                                                   \
    }
#define SAME(v) (v)
#define F32(NAME, EXPR) UNARY_KERNEL(NAME, f32, float, float, SAME, SAME, EXPR) \
    UNARY_KERNEL(NAME, bf16, bf16, float, cr_bf16_to_float, cr_float_to_bf16, EXPR)
#define F64(NAME, EXPR) UNARY_KERNEL(NAME, f64, double, double, SAME, SAME, EXPR)
#define INT(NAME, EXPR)                                   \
    UNARY_KERNEL(NAME, i64, i64, i64, SAME, (i64), EXPR)  \
    UNARY_KERNEL(NAME, i32, i32, i32, SAME, (i32), EXPR)  \
    UNARY_KERNEL(NAME, i16, i16, i16, SAME, (i16), EXPR)  \
    UNARY_KERNEL(NAME, i8, i8, i8, SAME, (i8), EXPR)      \
    UNARY_KERNEL(NAME, u8, u8, u8, SAME, (u8), EXPR)
#define BOTH(NAME, E32, E64) F32(NAME, E32) F64(NAME, E64)
#define EVERY(NAME, E) BOTH(NAME, E, E) INT(NAME, E)

// Sign and rounding.
EVERY(negate, -v)
BOTH(absolute, __builtin_fabsf(v), __builtin_fabs(v))
INT(absolute, v < 0 ? -v : v)
EVERY(sign, (v > 0) - (v < 0))
EVERY(square, v *v)
BOTH(floor, __builtin_floorf(v), __builtin_floor(v))
BOTH(ceil, __builtin_ceilf(v), __builtin_ceil(v))
BOTH(round, __builtin_rintf(v), __builtin_rint(v))
BOTH(trunc, __builtin_truncf(v), __builtin_trunc(v))
INT(identity, v)

// Powers, exponentials, logarithms.
BOTH(sqrt, __builtin_elementwise_sqrt(v), __builtin_elementwise_sqrt(v))
BOTH(rsqrt, 1 / __builtin_elementwise_sqrt(v), 1 / __builtin_elementwise_sqrt(v))
BOTH(reciprocal, 1 / v, 1 / v)
BOTH(exp, cr_expf(v), exp(v))
BOTH(exp2, exp2f(v), exp2(v))
BOTH(expm1, expm1f(v), expm1(v))
BOTH(log, logf(v), log(v))
BOTH(log2, log2f(v), log2(v))
BOTH(log10, log10f(v), log10(v))
BOTH(log1p, log1pf(v), log1p(v))

// Circular and hyperbolic functions.
BOTH(sin, sinf(v), sin(v))
BOTH(cos, cosf(v), cos(v))
BOTH(tan, tanf(v), tan(v))
BOTH(asin, asinf(v), asin(v))
BOTH(acos, acosf(v), acos(v))
BOTH(atan, atanf(v), atan(v))
BOTH(sinh, sinhf(v), sinh(v))
BOTH(cosh, coshf(v), cosh(v))
BOTH(tanh, cr_tanhf(v), tanh(v))
BOTH(asinh, asinhf(v), asinh(v))
BOTH(acosh, acoshf(v), acosh(v))
BOTH(atanh, atanhf(v), atanh(v))

// Special functions.
CR_INLINE double cr_sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
// Giles' approximation as a start, then two Newton steps on erf.
static double cr_erfinv(double y) {
    if (!(y > -1 && y < 1)) return y == 1 ? INFINITY : y == -1 ? -INFINITY : NAN;
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
// The reflection formula below zero, the recurrence up to 10, then the asymptotic series.
static double cr_digamma(double x) {
    if (x == 0) return copysign(INFINITY, -x);
    double result = 0;
    if (x < 0) {
        if (x == floor(x)) return NAN;
        double whole;
        return cr_digamma(1 - x) - M_PI / tan(M_PI * modf(x, &whole));
    }
    while (x < 10) result -= 1 / x, x += 1;
    double z = 1 / (x * x);
    double series = z * (8.33333333333333333333E-2 - z * (8.33333333333333333333E-3 - z * (3.96825396825396825397E-3 -
        z * (4.16666666666666666667E-3 - z * (7.57575757575757575758E-3 - z * (2.10927960927960927961E-2 -
        z * 8.33333333333333333333E-2))))));
    return result + log(x) - 0.5 / x - series;
}
BOTH(sigmoid, cr_sigmoidf(v), cr_sigmoid(v))
BOTH(erf, erff(v), erf(v))
BOTH(erfc, erfcf(v), erfc(v))
BOTH(erfinv, (float)cr_erfinv(v), cr_erfinv(v))
BOTH(lgamma, (float)lgamma(v), lgamma(v))
BOTH(digamma, (float)cr_digamma(v), cr_digamma(v))
BOTH(log_sigmoid, (v < 0 ? v : 0) - log1pf(cr_expf(-__builtin_fabsf(v))), (v < 0 ? v : 0) - log1p(exp(-__builtin_fabs(v))))

// Activations. NaN passes through relu and clamp, as in PyTorch.
EVERY(relu, v < 0 ? 0 : v)
BOTH(leaky_relu, v > 0 ? v : v * a, v > 0 ? v : v * a)
BOTH(elu, v > 0 ? v : a * expm1f(v), v > 0 ? v : a * expm1(v))
BOTH(gelu, 0.5f * v * (1 + erff(v * 0.70710678118654752f)), 0.5 * v * (1 + erf(v * 0.70710678118654752440)))
#define GELU_ARGUMENT(v) (0.79788456080286535588 * ((v) + 0.044715 * (v) * (v) * (v)))
BOTH(gelu_tanh, 0.5f * v * (1 + cr_tanhf((float)GELU_ARGUMENT(v))), 0.5 * v * (1 + tanh(GELU_ARGUMENT(v))))
BOTH(silu, v *cr_sigmoidf(v), v *cr_sigmoid(v))
BOTH(softplus, v *a > b ? v : log1pf(expf(v * a)) / a, v *a > b ? v : log1p(exp(v * a)) / a)
#define CLAMP01(v, zero, one) ((v) < (zero) ? (zero) : (v) > (one) ? (one) : (v))
BOTH(hardswish, v *CLAMP01(v + 3, 0.0f, 6.0f) / 6, v *CLAMP01(v + 3, 0.0, 6.0) / 6)
BOTH(hardsigmoid, CLAMP01(v + 3, 0.0f, 6.0f) / 6, CLAMP01(v + 3, 0.0, 6.0) / 6)
BOTH(mish, v *cr_tanhf(v > 20 ? v : log1pf(expf(v))), v *tanh(v > 20 ? v : log1p(exp(v))))
#define SELU_ALPHA 1.6732632423543772848170429916717
#define SELU_SCALE 1.0507009873554804934193349852946
BOTH(selu, v > 0 ? (float)SELU_SCALE * v : (float)(SELU_SCALE * SELU_ALPHA) * expm1f(v),
     v > 0 ? SELU_SCALE * v : SELU_SCALE *SELU_ALPHA *expm1(v))
BOTH(clamp, v != v ? v : (v < a ? a : v) > b ? b : (v < a ? a : v), v != v ? v : (v < a ? a : v) > b ? b : (v < a ? a : v))
// What lies between the bounds stays exact; a bound beyond the integers of 64 bits is never reached.
CR_INLINE i64 clamp_i64_bound(double bound) {
    return bound >= 0x1p63 ? INT64_MAX : bound < -0x1p63 ? INT64_MIN : (i64)bound;
}
INT(clamp, (double)v > db ? clamp_i64_bound(db) : (double)v < da ? clamp_i64_bound(da < db ? da : db) : (i64)v)

// Questions: the result is one byte.
#define QUESTION(NAME, T, S, C, LOAD, EXPR)                                                  \
    CR_CLONES static void NAME##_##T(long n, char *const *p, const long *s, double da, double db) { \
        (void)da, (void)db;                                                                  \
        for (long i = 0; i < n; i++) {                                                       \
            C v = LOAD(*(const S *)(p[1] + i * s[1]));                                       \
            (void)v;                                                                         \
            *(u8 *)(p[0] + i * s[0]) = (EXPR);                                               \
        }                                                                                    \
    }
#define QUESTIONS(NAME, FLOAT, INTEGER)                               \
    QUESTION(NAME, f32, float, float, SAME, FLOAT)                    \
    QUESTION(NAME, bf16, bf16, float, cr_bf16_to_float, FLOAT)        \
    QUESTION(NAME, f64, double, double, SAME, FLOAT)                  \
    QUESTION(NAME, i64, i64, i64, SAME, INTEGER)                      \
    QUESTION(NAME, i32, i32, i32, SAME, INTEGER)                      \
    QUESTION(NAME, i16, i16, i16, SAME, INTEGER)                      \
    QUESTION(NAME, i8, i8, i8, SAME, INTEGER)                         \
    QUESTION(NAME, u8, u8, u8, SAME, INTEGER)
QUESTIONS(logical_not, v == 0, v == 0)
QUESTIONS(is_nan, v != v, 0)
QUESTIONS(is_infinite, v == INFINITY || v == -INFINITY, 0)
QUESTIONS(is_finite, v == v && v != INFINITY && v != -INFINITY, 1)

// One row an operator, in the order of UnaryOp; a column a dtype, in the order of DType.
#define FLOATS(N) {N##_f32, N##_f64, N##_bf16}
#define ALL(N) {N##_f32, N##_f64, N##_bf16, 0, N##_i64, N##_i32, N##_i16, N##_i8, N##_u8}
#define ALL_BOOL(N) {N##_f32, N##_f64, N##_bf16, 0, N##_i64, N##_i32, N##_i16, N##_i8, N##_u8, N##_u8}
#define ROUNDING(N) {N##_f32, N##_f64, N##_bf16, 0, identity_i64, identity_i32, identity_i16, identity_i8, identity_u8}
static const cr_inner table[][10] = {
    ALL(negate), ALL(absolute), ALL_BOOL(sign), ALL(square), ROUNDING(floor), ROUNDING(ceil), ROUNDING(round),
    ROUNDING(trunc), FLOATS(sqrt), FLOATS(rsqrt), FLOATS(reciprocal), FLOATS(exp), FLOATS(exp2), FLOATS(expm1),
    FLOATS(log), FLOATS(log2), FLOATS(log10), FLOATS(log1p), FLOATS(sin), FLOATS(cos), FLOATS(tan), FLOATS(asin),
    FLOATS(acos), FLOATS(atan), FLOATS(sinh), FLOATS(cosh), FLOATS(tanh), FLOATS(asinh), FLOATS(acosh), FLOATS(atanh),
    FLOATS(sigmoid), FLOATS(erf), FLOATS(erfc), FLOATS(erfinv), FLOATS(lgamma), FLOATS(digamma), FLOATS(log_sigmoid),
    ALL(relu), FLOATS(leaky_relu), FLOATS(elu), FLOATS(gelu), FLOATS(gelu_tanh), FLOATS(silu), FLOATS(softplus),
    FLOATS(hardswish), FLOATS(hardsigmoid), FLOATS(mish), FLOATS(selu), ALL(clamp), ALL_BOOL(logical_not),
    ALL_BOOL(is_nan), ALL_BOOL(is_infinite), ALL_BOOL(is_finite),
};
_Static_assert(sizeof table / sizeof *table == CR_UNARY_COUNT, "a row for each UnaryOp");
static const int sizes[10] = {4, 8, 2, 2, 8, 4, 2, 1, 1, 1};

bool cresset_unary(int32_t op, int32_t dtype, int32_t result, int32_t rank, const long *shape, cresset_operand x,
                   cresset_operand out, double a, double b) {
    cr_inner inner = table[op][dtype];
    if (!inner) return false;
    const cresset_operand *ops[2] = {&out, &x};
    int size[2] = {sizes[result], sizes[dtype]};
    cr_loop loop;
    cr_loop_init(&loop, 2, rank, shape, ops, size);
    cr_loop_run(&loop, inner, a, b);
    return true;
}
