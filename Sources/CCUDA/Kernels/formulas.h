// What the formulas of pointwise operators, which are those of the CPU, are expanded with on a GPU.
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
// float64 is slow on most GPUs, so the slopes of float32 have formulas of their own; a bounded square keeps what is far
// outside from becoming 0 times infinity.
DEVICE float cr_gelu_tanh_slopef(float y) {
    float t = tanhf(0.79788456f * (y + 0.044715f * y * y * y));
    return 0.5f * (1 + t) + 0.5f * y * (1 - t * t) * 0.79788456f * (1 + 3 * 0.044715f * fminf(y * y, 1e30f));
}
DEVICE float cr_mish_slopef(float y) {
    float t = tanhf(y > 20 ? y : log1pf(expf(y)));
    return t + y * (1 - t * t) * cr_sigmoidf(y);
}
#include "formula_functions.h"
