// The exponential function of whole vectors; internal, not imported by Swift.
#pragma once
#include "kernel.h"

// e^x for sixteen floats, within 2 ulp: x = n ln 2 + r with |r| <= ln 2 / 2, and a polynomial for e^r with the
// coefficients of Cephes' expf. 2^n is applied in two factors, so that results below the normal range are rounded once.
// NaN stays NaN.
#define EXP(result, argument)                                                                                         \
    do {                                                                                                              \
        f32x16 e_x = (argument);                                                                                      \
        e_x = (f32x16)(((i32x16)e_x & ~(e_x < -105)) | ((i32x16)((f32x16){0} - 105) & (e_x < -105)));                 \
        e_x = (f32x16)(((i32x16)e_x & ~(e_x > 89)) | ((i32x16)((f32x16){0} + 89) & (e_x > 89)));                      \
        f32x16 e_n = __builtin_elementwise_roundeven(e_x * 1.44269504088896341f);                                     \
        f32x16 e_r = e_x - e_n * 0.693359375f;                                                                        \
        e_r = e_r - e_n * -2.12194440e-4f;                                                                            \
        f32x16 e_p = (f32x16){0} + 1.9875691500e-4f;                                                                  \
        e_p = e_p * e_r + 1.3981999507e-3f;                                                                           \
        e_p = e_p * e_r + 8.3334519073e-3f;                                                                           \
        e_p = e_p * e_r + 4.1665795894e-2f;                                                                           \
        e_p = e_p * e_r + 1.6666665459e-1f;                                                                           \
        e_p = e_p * e_r + 5.0000001201e-1f;                                                                           \
        e_p = e_p * (e_r * e_r) + e_r + 1;                                                                            \
        i32x16 e_whole = __builtin_convertvector(                                                                     \
            (f32x16)((i32x16)e_n & (e_n == e_n)), i32x16);                                                            \
        i32x16 e_half = e_whole >> 1;                                                                                 \
        (result) = e_p * (f32x16)((e_half + 127) << 23) * (f32x16)((e_whole - e_half + 127) << 23);                   \
    } while (0)
