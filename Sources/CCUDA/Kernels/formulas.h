// The GPU macros with which the formulas of pointwise operators, shared with the CPU, are expanded.
#pragma once
#define CR_INLINE DEVICE
#define CR_FUNCTION DEVICE
#define CR_INFINITY INFINITY_F32
#define CR_NAN NAN_F32
#define CR_REAL float
#define cr_sqrtf sqrtf
#define cr_sqrt sqrt
#define cr_expf expf
#define cr_tanhf tanhf
DEVICE float cr_sigmoidf(float x) {
    float e = expf(x < 0 ? x : -x);
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}
// float64 is slow on most GPUs, so the float32 derivatives have formulas of their own, without the cancellation that
// float32 could not afford.
//
// With e = exp(-2 |u|), (1 + tanh u) / 2 is 1 / (1 + e) or e / (1 + e), and 1 - tanh(u)^2 is 4 e / (1 + e)^2. The bound
// keeps values far outside from becoming 0 times infinity.
DEVICE float cr_gelu_tanh_slopef(float y) {
    float u = 0.79788456f * (y + 0.044715f * y * y * y), e = expf(-2 * fabsf(u)), s = 1 / (1 + e);
    return (u < 0 ? e * s : s) + y * (2 * e * s * s) * 0.79788456f * (1 + 0.134145f * fminf(y * y, 1e30f));
}
// tanh(log(1 + w)) is n / (n + 2) with n = w^2 + 2 w.
DEVICE float cr_mish_slopef(float y) {
    if (y > 20) return 1 + y * 0;
    float w = expf(y), n = w * (w + 2), r = 1 / (n + 2);
    return n * r + y * (4 * (n + 1) * r * r) * cr_sigmoidf(y);
}
#include "formula_functions.h"
