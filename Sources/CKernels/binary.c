#include "loops.h"

// A kernel for one operator and one dtype: S is the stored type, C the type computed in, R the type of the result. The
// three common layouts (both dense, or either a single value) get a loop of their own that vectorises.
#define BINARY_KERNEL(NAME, T, S, C, R, LOAD, STORE, EXPR)                                              \
    CR_CLONES static void NAME##_##T(long n, char *const *p, const long *s, double da, double db) {     \
        C a = (C)da, b = (C)db;                                                                         \
        (void)a, (void)b;                                                                               \
        R *o = (R *)p[0];                                                                               \
        const S *px = (const S *)p[1], *py = (const S *)p[2];                                           \
        if (s[0] == sizeof(R) && s[1] == sizeof(S) && s[2] == sizeof(S)) {                              \
            CR_VECTOR for (long i = 0; i < n; i++) { C x = LOAD(px[i]), y = LOAD(py[i]); o[i] = STORE(EXPR); } \
        } else if (s[0] == sizeof(R) && s[1] == sizeof(S) && s[2] == 0) {                               \
            C y = LOAD(*py);                                                                            \
            CR_VECTOR for (long i = 0; i < n; i++) { C x = LOAD(px[i]); o[i] = STORE(EXPR); }           \
        } else if (s[0] == sizeof(R) && s[1] == 0 && s[2] == sizeof(S)) {                               \
            C x = LOAD(*px);                                                                            \
            CR_VECTOR for (long i = 0; i < n; i++) { C y = LOAD(py[i]); o[i] = STORE(EXPR); }           \
        } else {                                                                                        \
            for (long i = 0; i < n; i++) {                                                              \
                C x = LOAD(*(const S *)(p[1] + i * s[1])), y = LOAD(*(const S *)(p[2] + i * s[2]));     \
                *(R *)(p[0] + i * s[0]) = STORE(EXPR);                                                  \
            }                                                                                           \
        }                                                                                               \
    }
#define SAME(v) (v)
#define F32(NAME, EXPR) BINARY_KERNEL(NAME, f32, float, float, float, SAME, SAME, EXPR) \
    BINARY_KERNEL(NAME, bf16, bf16, float, bf16, cr_bf16_to_float, cr_float_to_bf16, EXPR)
#define F64(NAME, EXPR) BINARY_KERNEL(NAME, f64, double, double, double, SAME, SAME, EXPR)
#define INT1(NAME, T, EXPR) BINARY_KERNEL(NAME, T, T, T, T, SAME, (T), EXPR)
#define INT(NAME, EXPR) INT1(NAME, i64, EXPR) INT1(NAME, i32, EXPR) INT1(NAME, i16, EXPR) INT1(NAME, i8, EXPR) \
    INT1(NAME, u8, EXPR)
#define BOTH(NAME, E32, E64) F32(NAME, E32) F64(NAME, E64)
#define EVERY(NAME, E) BOTH(NAME, E, E) INT(NAME, E)

EVERY(add, x + y)
EVERY(subtract, x - y)
EVERY(multiply, x * y)
BOTH(divide, x / y, x / y)

// Python's conventions: the remainder has the divisor's sign, quotients round down. A zero integer divisor gives 0.
CR_INLINE float floor_div_f32(float x, float y) {
    if (y == 0) return x / y;
    float m = fmodf(x, y), d = (x - m) / y;
    if (m != 0 && (y < 0) != (m < 0)) d -= 1;
    if (d == 0) return copysignf(0, x / y);
    float f = floorf(d);
    return d - f > 0.5f ? f + 1 : f;
}
CR_INLINE double floor_div_f64(double x, double y) {
    if (y == 0) return x / y;
    double m = fmod(x, y), d = (x - m) / y;
    if (m != 0 && (y < 0) != (m < 0)) d -= 1;
    if (d == 0) return copysign(0, x / y);
    double f = floor(d);
    return d - f > 0.5 ? f + 1 : f;
}
CR_INLINE float py_remainder_f32(float x, float y) {
    float m = fmodf(x, y);
    return m != 0 && (y < 0) != (m < 0) ? m + y : m;
}
CR_INLINE double py_remainder_f64(double x, double y) {
    double m = fmod(x, y);
    return m != 0 && (y < 0) != (m < 0) ? m + y : m;
}
CR_INLINE i64 int_quotient(i64 x, i64 y) { return y == 0 ? 0 : y == -1 ? (i64)(0 - (uint64_t)x) : x / y; }
CR_INLINE i64 int_fmod(i64 x, i64 y) { return y == 0 || y == -1 ? 0 : x % y; }
CR_INLINE i64 int_remainder(i64 x, i64 y) {
    i64 m = int_fmod(x, y);
    return m != 0 && (y < 0) != (m < 0) ? m + y : m;
}
CR_INLINE i64 int_floor_quotient(i64 x, i64 y) {
    i64 q = int_quotient(x, y);
    return int_fmod(x, y) != 0 && (x < 0) != (y < 0) ? q - 1 : q;
}
BOTH(floor_divide, floor_div_f32(x, y), floor_div_f64(x, y))
INT(floor_divide, int_floor_quotient(x, y))
BOTH(truncate_divide, __builtin_truncf(x / y), __builtin_trunc(x / y))
INT(truncate_divide, int_quotient(x, y))
BOTH(remainder, py_remainder_f32(x, y), py_remainder_f64(x, y))
INT(remainder, int_remainder(x, y))
BOTH(fmod, fmodf(x, y), fmod(x, y))
INT(fmod, int_fmod(x, y))

CR_INLINE i64 int_power(i64 x, i64 y) {
    if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
    uint64_t result = 1, base = (uint64_t)x;
    for (; y; y >>= 1, base *= base)
        if (y & 1) result *= base;
    return (i64)result;
}
BOTH(power, powf(x, y), pow(x, y))
INT(power, int_power(x, y))
// NaN wins in maximum and minimum, loses in fmax and fmin.
BOTH(maximum, x != x ? x : y != y ? y : x > y ? x : y, x != x ? x : y != y ? y : x > y ? x : y)
INT(maximum, x > y ? x : y)
BOTH(minimum, x != x ? x : y != y ? y : x < y ? x : y, x != x ? x : y != y ? y : x < y ? x : y)
INT(minimum, x < y ? x : y)
BOTH(fmax, x != x ? y : y != y ? x : x > y ? x : y, x != x ? y : y != y ? x : x > y ? x : y)
BOTH(fmin, x != x ? y : y != y ? x : x < y ? x : y, x != x ? y : y != y ? x : x < y ? x : y)
BOTH(atan2, atan2f(x, y), atan2(x, y))
BOTH(hypot, hypotf(x, y), hypot(x, y))
BOTH(copysign, __builtin_copysignf(x, y), __builtin_copysign(x, y))
BOTH(xlogy, y != y ? y : x == 0 ? 0 : x * logf(y), y != y ? y : x == 0 ? 0 : x * log(y))

#define COMPARE(NAME, EXPR)                                                                  \
    BINARY_KERNEL(NAME, f32, float, float, u8, SAME, SAME, EXPR)                             \
    BINARY_KERNEL(NAME, bf16, bf16, float, u8, cr_bf16_to_float, SAME, EXPR)                 \
    BINARY_KERNEL(NAME, f64, double, double, u8, SAME, SAME, EXPR)                           \
    BINARY_KERNEL(NAME, i64, i64, i64, u8, SAME, SAME, EXPR)                                 \
    BINARY_KERNEL(NAME, i32, i32, i32, u8, SAME, SAME, EXPR)                                 \
    BINARY_KERNEL(NAME, i16, i16, i16, u8, SAME, SAME, EXPR)                                 \
    BINARY_KERNEL(NAME, i8, i8, i8, u8, SAME, SAME, EXPR)                                    \
    BINARY_KERNEL(NAME, u8, u8, u8, u8, SAME, SAME, EXPR)
COMPARE(equal, x == y)
COMPARE(not_equal, x != y)
COMPARE(less, x < y)
COMPARE(less_or_equal, x <= y)
COMPARE(greater, x > y)
COMPARE(greater_or_equal, x >= y)
COMPARE(logical_and, (x != 0) & (y != 0))
COMPARE(logical_or, (x != 0) | (y != 0))
COMPARE(logical_xor, (x != 0) ^ (y != 0))

// Derivatives: x is the gradient that arrives; y the result of the forward operator for relu, sigmoid and tanh, its
// argument for the others.
CR_INLINE double sigmoid64(double v) { return v < 0 ? exp(v) / (1 + exp(v)) : 1 / (1 + exp(-v)); }
BOTH(relu_gradient, y <= 0 ? 0 : x, y <= 0 ? 0 : x)
BOTH(leaky_relu_gradient, y > 0 ? x : x * a, y > 0 ? x : x * a)
BOTH(sigmoid_gradient, x *y *(1 - y), x *y *(1 - y))
BOTH(tanh_gradient, x *(1 - y * y), x *(1 - y * y))
#define ROOT_HALF 0.70710678118654752440
#define INVERSE_ROOT_2PI 0.39894228040143267794
BOTH(gelu_gradient,
     x *(0.5f * (1 + erff(y * (float)ROOT_HALF)) + y * (float)INVERSE_ROOT_2PI * cr_expf(-0.5f * y * y)),
     x *(0.5 * (1 + erf(y * ROOT_HALF)) + y * INVERSE_ROOT_2PI * exp(-0.5 * y * y)))
CR_INLINE double gelu_tanh_slope(double y) {
    double t = tanh(0.79788456080286535588 * (y + 0.044715 * y * y * y));
    return 0.5 * (1 + t) + 0.5 * y * (1 - t * t) * 0.79788456080286535588 * (1 + 3 * 0.044715 * y * y);
}
BOTH(gelu_tanh_gradient, x *(float)gelu_tanh_slope(y), x *gelu_tanh_slope(y))
BOTH(silu_gradient, x *cr_sigmoidf(y) * (1 + y * (1 - cr_sigmoidf(y))), x *sigmoid64(y) * (1 + y * (1 - sigmoid64(y))))
BOTH(elu_gradient, y <= 0 ? x * a * expf(y) : x, y <= 0 ? x * a * exp(y) : x)
BOTH(softplus_gradient, y *a > b ? x : x * cr_sigmoidf(y * a), y *a > b ? x : x * sigmoid64(y * a))
BOTH(hardswish_gradient, y <= -3 ? 0 : y < 3 ? x * (y / 3 + 0.5f) : x, y <= -3 ? 0 : y < 3 ? x * (y / 3 + 0.5) : x)
BOTH(hardsigmoid_gradient, y > -3 && y < 3 ? x / 6 : 0, y > -3 && y < 3 ? x / 6 : 0)
CR_INLINE double mish_slope(double y) {
    double t = tanh(y > 20 ? y : log1p(exp(y)));
    return t + y * (1 - t * t) * sigmoid64(y);
}
BOTH(mish_gradient, x *(float)mish_slope(y), x *mish_slope(y))
// No slope at the bounds; an infinite bound is none.
#define IS_FREE ((y > a || a == -INFINITY) && (y < b || b == INFINITY))
BOTH(clamp_gradient, IS_FREE ? x : 0, IS_FREE ? x : 0)
CR_INLINE double log_add_exp(double x, double y) {
    if (x == y && (x == INFINITY || x == -INFINITY)) return x;
    double m = x > y ? x : y;
    return x != x || y != y ? x + y : m + log1p(exp(-fabs(x - y)));
}
BOTH(log_add_exp, (float)log_add_exp(x, y), log_add_exp(x, y))
#define LN2 0.69314718055994530942
BOTH(log_add_exp2, (float)(log_add_exp(x * LN2, y * LN2) / LN2), log_add_exp(x *LN2, y *LN2) / LN2)

// bool: addition is "or", multiplication "and", as in PyTorch.
#define FLOATS(N) {N##_f32, N##_f64, N##_bf16}
#define ALL(N) {N##_f32, N##_f64, N##_bf16, 0, N##_i64, N##_i32, N##_i16, N##_i8, N##_u8}
#define ALL_BOOL(N, B) {N##_f32, N##_f64, N##_bf16, 0, N##_i64, N##_i32, N##_i16, N##_i8, N##_u8, B##_u8}
static const cr_inner table[][10] = {
    ALL_BOOL(add, logical_or), ALL(subtract), ALL_BOOL(multiply, logical_and), FLOATS(divide), ALL(floor_divide),
    ALL(truncate_divide), ALL(remainder), ALL(fmod), ALL(power), ALL_BOOL(maximum, logical_or),
    ALL_BOOL(minimum, logical_and), FLOATS(fmax), FLOATS(fmin), FLOATS(atan2), FLOATS(hypot), FLOATS(copysign),
    FLOATS(xlogy), ALL_BOOL(equal, equal), ALL_BOOL(not_equal, not_equal), ALL_BOOL(less, less),
    ALL_BOOL(less_or_equal, less_or_equal), ALL_BOOL(greater, greater), ALL_BOOL(greater_or_equal, greater_or_equal),
    ALL_BOOL(logical_and, logical_and), ALL_BOOL(logical_or, logical_or), ALL_BOOL(logical_xor, logical_xor),
    FLOATS(relu_gradient), FLOATS(leaky_relu_gradient), FLOATS(sigmoid_gradient), FLOATS(tanh_gradient),
    FLOATS(gelu_gradient), FLOATS(gelu_tanh_gradient), FLOATS(silu_gradient), FLOATS(elu_gradient),
    FLOATS(softplus_gradient), FLOATS(hardswish_gradient), FLOATS(hardsigmoid_gradient), FLOATS(mish_gradient),
    FLOATS(clamp_gradient), FLOATS(log_add_exp), FLOATS(log_add_exp2),
};
_Static_assert(sizeof table / sizeof *table == CR_BINARY_COUNT, "a row for each BinaryOp");
static const int sizes[10] = {4, 8, 2, 2, 8, 4, 2, 1, 1, 1};

bool cresset_binary(int32_t op, int32_t dtype, int32_t result, int32_t rank, const long *shape, cresset_operand x,
                    cresset_operand y, cresset_operand out, double a, double b) {
    cr_inner inner = table[op][dtype];
    if (!inner) return false;
    const cresset_operand *ops[3] = {&out, &x, &y};
    int size[3] = {sizes[result], sizes[dtype], sizes[dtype]};
    cr_loop loop;
    cr_loop_init(&loop, 3, rank, shape, ops, size);
    cr_loop_run(&loop, inner, a, b);
    return true;
}
