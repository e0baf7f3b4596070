// Building blocks of the recurrent kernels: products of a few rows with a packed matrix, and squashing functions;
// internal, not imported by Swift.
#pragma once
#include "exponential.h"
#include "kernel.h"

#define SIGMOID(result, argument)                                                                                     \
    do {                                                                                                              \
        f32x16 s_e;                                                                                                   \
        EXP(s_e, -(argument));                                                                                        \
        (result) = 1 / (1 + s_e);                                                                                     \
    } while (0)

// 1 - 2 / (1 + e^2x): exact to one rounding of 1, which is the magnitude of the states it is added to.
#define TANH(result, argument)                                                                                        \
    do {                                                                                                              \
        f32x16 t_e;                                                                                                   \
        EXP(t_e, 2 * (argument));                                                                                     \
        (result) = 1 - 2 / (1 + t_e);                                                                                 \
    } while (0)

// tile[rows][vectors] = a[rows, depth] packed[depth, 16 vectors], for constant numbers of rows and vectors. The sums
// are separate from the tile, whose rows are later addressed by a variable: that keeps them in registers, which halves
// the time.
#define PRODUCT(tile, rows, vectors, a, stride, depth, packed)                                                        \
    do {                                                                                                              \
        f32x16 p_sum[rows][vectors], p_b[vectors];                                                                    \
        _Pragma("clang loop unroll(full)") for (int p_r = 0; p_r < (rows); p_r++)                                     \
            _Pragma("clang loop unroll(full)") for (int p_v = 0; p_v < (vectors); p_v++)                              \
                p_sum[p_r][p_v] = (f32x16){0};                                                                        \
        for (int64_t p_k = 0; p_k < (depth); p_k++) {                                                                 \
            _Pragma("clang loop unroll(full)") for (int p_v = 0; p_v < (vectors); p_v++)                              \
                p_b[p_v] = CRESSET_LOAD_f32((packed) + (p_k * (vectors) + p_v) * 16);                                 \
            _Pragma("clang loop unroll(full)") for (int p_r = 0; p_r < (rows); p_r++) {                               \
                float p_a = (a)[p_r * (stride) + p_k];                                                                \
                _Pragma("clang loop unroll(full)") for (int p_v = 0; p_v < (vectors); p_v++)                          \
                    p_sum[p_r][p_v] += p_a * p_b[p_v];                                                                \
            }                                                                                                         \
        }                                                                                                             \
        _Pragma("clang loop unroll(full)") for (int p_r = 0; p_r < (rows); p_r++)                                     \
            _Pragma("clang loop unroll(full)") for (int p_v = 0; p_v < (vectors); p_v++)                              \
                (tile)[p_r][p_v] = p_sum[p_r][p_v];                                                                   \
    } while (0)

// Calls `body` with the number of rows, up to 6 or 8, as a constant.
#define WITH_SIX_ROWS(rows, body)                                                                                     \
    switch (rows) {                                                                                                   \
    case 1: body(1); break;                                                                                           \
    case 2: body(2); break;                                                                                           \
    case 3: body(3); break;                                                                                           \
    case 4: body(4); break;                                                                                           \
    case 5: body(5); break;                                                                                           \
    default: body(6); break;                                                                                          \
    }
#define WITH_EIGHT_ROWS(rows, body)                                                                                   \
    switch (rows) {                                                                                                   \
    case 8: body(8); break;                                                                                           \
    case 7: body(7); break;                                                                                           \
    default: WITH_SIX_ROWS(rows, body)                                                                                \
    }
