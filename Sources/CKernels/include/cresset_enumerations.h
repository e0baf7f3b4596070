// The raw values of CressetBackend's enumerations. Tables of kernels name their rows by them, and a test compares the
// names with Swift's.
#pragma once
#include <stdint.h>

/// `DType`.
enum {
    CR_F32 = 0, CR_F64 = 1, CR_BF16 = 2, CR_F16 = 3, CR_I64 = 4, CR_I32 = 5, CR_I16 = 6, CR_I8 = 7, CR_U8 = 8, CR_BOOL = 9,
    CR_DTYPE_COUNT
};

/// `UnaryOp`: the cases by name, and their values.
#define CR_UNARY_OPS(CASE) \
    CASE(negate) CASE(absolute) CASE(sign) CASE(square) CASE(floor) CASE(ceil) CASE(round) CASE(trunc) \
    CASE(squareRoot) CASE(reciprocalSquareRoot) CASE(reciprocal) CASE(exp) CASE(exp2) CASE(expm1) CASE(log) \
    CASE(log2) CASE(log10) CASE(log1p) CASE(sin) CASE(cos) CASE(tan) CASE(asin) CASE(acos) CASE(atan) CASE(sinh) \
    CASE(cosh) CASE(tanh) CASE(asinh) CASE(acosh) CASE(atanh) CASE(sigmoid) CASE(erf) CASE(erfc) CASE(erfinv) \
    CASE(lgamma) CASE(digamma) CASE(logSigmoid) CASE(relu) CASE(leakyReLU) CASE(elu) CASE(gelu) CASE(geluTanh) \
    CASE(silu) CASE(softplus) CASE(hardswish) CASE(hardsigmoid) CASE(mish) CASE(selu) CASE(clamp) CASE(logicalNot) \
    CASE(isNaN) CASE(isInfinite) CASE(isFinite)
#define CASE(NAME) CR_UNARY_##NAME,
enum { CR_UNARY_OPS(CASE) CR_UNARY_COUNT };
#undef CASE

/// `BinaryOp`: the cases by name, and their values.
#define CR_BINARY_OPS(CASE) \
    CASE(add) CASE(subtract) CASE(multiply) CASE(divide) CASE(floorDivide) CASE(truncateDivide) CASE(remainder) \
    CASE(fmod) CASE(power) CASE(maximum) CASE(minimum) CASE(fmax) CASE(fmin) CASE(atan2) CASE(hypot) CASE(copysign) \
    CASE(xlogy) CASE(equal) CASE(notEqual) CASE(less) CASE(lessOrEqual) CASE(greater) CASE(greaterOrEqual) \
    CASE(logicalAnd) CASE(logicalOr) CASE(logicalXor) CASE(reluGradient) CASE(leakyReLUGradient) \
    CASE(sigmoidGradient) CASE(tanhGradient) CASE(geluGradient) CASE(geluTanhGradient) CASE(siluGradient) \
    CASE(eluGradient) CASE(softplusGradient) CASE(hardswishGradient) CASE(hardsigmoidGradient) CASE(mishGradient) \
    CASE(clampGradient) CASE(logAddExp) CASE(logAddExp2)
#define CASE(NAME) CR_BINARY_##NAME,
enum { CR_BINARY_OPS(CASE) CR_BINARY_COUNT };
#undef CASE

/// `ReduceOp`: the cases by name, and their values.
#define CR_REDUCE_OPS(CASE) \
    CASE(sum) CASE(product) CASE(maximum) CASE(minimum) CASE(any) CASE(all) CASE(argmax) CASE(argmin)
#define CASE(NAME) CR_REDUCE_##NAME,
enum { CR_REDUCE_OPS(CASE) CR_REDUCE_COUNT };
#undef CASE

/// `ScatterOp`: the cases by name, and their values.
#define CR_SCATTER_OPS(CASE) \
    CASE(assign) CASE(add) CASE(multiply) CASE(maximum) CASE(minimum)
#define CASE(NAME) CR_SCATTER_##NAME,
enum { CR_SCATTER_OPS(CASE) CR_SCATTER_COUNT };
#undef CASE

/// The enumerations above.
enum { CR_DTYPES, CR_UNARY, CR_BINARY, CR_REDUCE, CR_SCATTER };
/// The name of a case as Swift has it; NULL after the last.
const char *_Nullable cresset_case_name(int32_t enumeration, int32_t value);
