// The transforms of F(4 x 4, 3 x 3) along one axis, with the points 0, 5/8, -5/8, 3/2, -3/2 and infinity; internal, not
// imported by Swift. Each reads vectors `s` apart, and writes them there or `os` apart.
//
// The usual points 1 and 2 save a few multiplications, but their powers differ more: root mean square errors are twice
// as large, the largest ones five times.
#pragma once
#include "kernel.h"

// Both pairs of points, their squares and cubes: all exact.
#define NEAR 0.625f
#define NEAR_2 (NEAR * NEAR)
#define NEAR_3 (NEAR * NEAR * NEAR)
#define FAR 1.5f
#define FAR_2 (FAR * FAR)
#define FAR_3 (FAR * FAR * FAR)
// The products of a point's differences from the other finite ones.
#define SPREAD_AT_0 (NEAR_2 * FAR_2)
#define SPREAD_AT_NEAR (2 * NEAR_2 * (NEAR_2 - FAR_2))
#define SPREAD_AT_FAR (2 * FAR_2 * (FAR_2 - NEAR_2))

// Six elements of an input tile, in place.
#define WINOGRAD_INPUT(d, s)                                                                                          \
    do {                                                                                                              \
        f32x16 t_even = (d)[4 * (s)] - FAR_2 * (d)[2 * (s)], t_odd = (d)[3 * (s)] - FAR_2 * (d)[s];                   \
        f32x16 t_far_even = (d)[4 * (s)] - NEAR_2 * (d)[2 * (s)], t_far_odd = (d)[3 * (s)] - NEAR_2 * (d)[s];         \
        (d)[0] = SPREAD_AT_0 * (d)[0] + ((d)[4 * (s)] - (NEAR_2 + FAR_2) * (d)[2 * (s)]);                             \
        (d)[5 * (s)] = SPREAD_AT_0 * (d)[s] + ((d)[5 * (s)] - (NEAR_2 + FAR_2) * (d)[3 * (s)]);                       \
        (d)[s] = t_even + NEAR * t_odd;                                                                               \
        (d)[2 * (s)] = t_even - NEAR * t_odd;                                                                         \
        (d)[3 * (s)] = t_far_even + FAR * t_far_odd;                                                                  \
        (d)[4 * (s)] = t_far_even - FAR * t_far_odd;                                                                  \
    } while (0)

// Six products to four elements of a result.
#define WINOGRAD_OUTPUT(m, s, out, os)                                                                                \
    do {                                                                                                              \
        f32x16 t_sum = (m)[s] + (m)[2 * (s)], t_difference = (m)[s] - (m)[2 * (s)];                                   \
        f32x16 t_far_sum = (m)[3 * (s)] + (m)[4 * (s)], t_far_difference = (m)[3 * (s)] - (m)[4 * (s)];               \
        (out)[0] = (m)[0] + t_sum + t_far_sum;                                                                        \
        (out)[os] = NEAR * t_difference + FAR * t_far_difference;                                                     \
        (out)[2 * (os)] = NEAR_2 * t_sum + FAR_2 * t_far_sum;                                                         \
        (out)[3 * (os)] = NEAR_3 * t_difference + (FAR_3 * t_far_difference + (m)[5 * (s)]);                          \
    } while (0)

// Three taps to six factors.
#define WINOGRAD_WEIGHT(g, s, out, os)                                                                                \
    do {                                                                                                              \
        f32x16 t_even = (g)[0] * (1 / SPREAD_AT_NEAR) + (g)[2 * (s)] * (NEAR_2 / SPREAD_AT_NEAR);                     \
        f32x16 t_far_even = (g)[0] * (1 / SPREAD_AT_FAR) + (g)[2 * (s)] * (FAR_2 / SPREAD_AT_FAR);                    \
        f32x16 t_odd = (g)[s] * (NEAR / SPREAD_AT_NEAR), t_far_odd = (g)[s] * (FAR / SPREAD_AT_FAR);                  \
        (out)[0] = (g)[0] * (1 / SPREAD_AT_0);                                                                        \
        (out)[os] = t_even + t_odd;                                                                                   \
        (out)[2 * (os)] = t_even - t_odd;                                                                             \
        (out)[3 * (os)] = t_far_even + t_far_odd;                                                                     \
        (out)[4 * (os)] = t_far_even - t_far_odd;                                                                     \
        (out)[5 * (os)] = (g)[2 * (s)];                                                                               \
    } while (0)

// Four elements of a result's gradient to the gradients of six products.
#define WINOGRAD_GRADIENT(y, s, out, os)                                                                              \
    do {                                                                                                              \
        f32x16 t_even = (y)[0] + NEAR_2 * (y)[2 * (s)], t_odd = NEAR * (y)[s] + NEAR_3 * (y)[3 * (s)];                \
        f32x16 t_far_even = (y)[0] + FAR_2 * (y)[2 * (s)], t_far_odd = FAR * (y)[s] + FAR_3 * (y)[3 * (s)];           \
        (out)[0] = (y)[0];                                                                                            \
        (out)[5 * (os)] = (y)[3 * (s)];                                                                               \
        (out)[os] = t_even + t_odd;                                                                                   \
        (out)[2 * (os)] = t_even - t_odd;                                                                             \
        (out)[3 * (os)] = t_far_even + t_far_odd;                                                                     \
        (out)[4 * (os)] = t_far_even - t_far_odd;                                                                     \
    } while (0)

// The gradients of six factors to those of three taps.
#define WINOGRAD_TAPS(u, s, out, os)                                                                                  \
    do {                                                                                                              \
        f32x16 t_sum = (u)[s] + (u)[2 * (s)], t_difference = (u)[s] - (u)[2 * (s)];                                   \
        f32x16 t_far_sum = (u)[3 * (s)] + (u)[4 * (s)], t_far_difference = (u)[3 * (s)] - (u)[4 * (s)];               \
        (out)[0] = (u)[0] * (1 / SPREAD_AT_0) + t_sum * (1 / SPREAD_AT_NEAR) + t_far_sum * (1 / SPREAD_AT_FAR);       \
        (out)[os] = t_difference * (NEAR / SPREAD_AT_NEAR) + t_far_difference * (FAR / SPREAD_AT_FAR);                \
        (out)[2 * (os)] = t_sum * (NEAR_2 / SPREAD_AT_NEAR) + t_far_sum * (FAR_2 / SPREAD_AT_FAR) + (u)[5 * (s)];     \
    } while (0)
