// The walk over elements shared by all pointwise kernels: axes sorted by the result's strides, neighbours merged, the
// innermost run passed to a typed kernel, runs divided among the threads.
#pragma once
#include "clones.h"
#include "include/cresset_pointwise.h"
#include "include/cresset_threads.h"
#include <math.h>
#include <string.h>

#define CR_CLONES CRESSET_VECTOR
#define CR_INLINE static inline __attribute__((always_inline))
// Kernels that work in place write where they read, index by index, so iterations never depend on each other.
#define CR_VECTOR _Pragma("clang loop vectorize(assume_safety)")
// Loops that call the C library stay scalar; a warning about it is not useful.
#pragma clang diagnostic ignored "-Wpass-failed"

#define CR_MAX_OPERANDS 4
#define CR_GRAIN 32768  // minimum number of elements per thread

// Bytes of an element.
static const int sizes[CR_DTYPE_COUNT] = {
    [CR_F32] = 4, [CR_F64] = 8, [CR_BF16] = 2, [CR_F16] = 2, [CR_I64] = 8,
    [CR_I32] = 4, [CR_I16] = 2, [CR_I8] = 1,   [CR_U8] = 1,  [CR_BOOL] = 1};

typedef struct {
    int rank, operands;
    long shape[8];
    long strides[CR_MAX_OPERANDS][8];  // bytes
    char *data[CR_MAX_OPERANDS];
    long total;
} cr_loop;

// n elements; p and s are the operands' pointers and byte strides.
typedef void (*cr_inner)(long n, char *const *p, const long *s, double a, double b);

// Operand 0 is the result and determines the order of the walk.
CR_INLINE void cr_loop_init(cr_loop *l, int operands, int rank, const long *shape, const cresset_operand *const *ops,
                            const int *sizes) {
    l->operands = operands;
    l->total = 1;
    int order[8], n = 0;
    for (int i = 0; i < rank; i++) {
        l->total *= shape[i];
        if (shape[i] != 1) order[n++] = i;
    }
    for (int i = 1; i < n; i++) {  // insertion sort, largest result stride first, stable
        int axis = order[i], j = i;
        while (j > 0) {
            long left = ops[0]->strides[order[j - 1]], right = ops[0]->strides[axis];
            if (left < 0) left = -left;
            if (right < 0) right = -right;
            if (left == right && operands > 1) {
                left = ops[1]->strides[order[j - 1]], right = ops[1]->strides[axis];
            }
            if (left >= right) break;
            order[j] = order[j - 1], j--;
        }
        order[j] = axis;
    }
    int r = 0;
    for (int i = 0; i < n; i++) {
        int axis = order[i];
        bool merges = r > 0;
        for (int k = 0; merges && k < operands; k++)
            merges = l->strides[k][r - 1] == ops[k]->strides[axis] * sizes[k] * shape[axis];
        if (merges) {
            l->shape[r - 1] *= shape[axis];
            for (int k = 0; k < operands; k++) l->strides[k][r - 1] = ops[k]->strides[axis] * sizes[k];
        } else {
            l->shape[r] = shape[axis];
            for (int k = 0; k < operands; k++) l->strides[k][r] = ops[k]->strides[axis] * sizes[k];
            r++;
        }
    }
    if (r == 0) {
        l->shape[0] = 1;
        for (int k = 0; k < operands; k++) l->strides[k][0] = sizes[k];
        r = 1;
    }
    l->rank = r;
    for (int k = 0; k < operands; k++) l->data[k] = (char *)ops[k]->data;
}

void cr_loop_run(const cr_loop *l, cr_inner inner, double a, double b);

/// The kernels of operators on operands of type `dtype`; NULL if `op` is negative.
cr_inner cr_unary_kernel(int32_t op, int32_t dtype);
cr_inner cr_binary_kernel(int32_t op, int32_t dtype);

typedef uint16_t bf16;
typedef uint16_t f16;
typedef int64_t i64;
typedef int32_t i32;
typedef int16_t i16;
typedef int8_t i8;
typedef uint8_t u8;

CR_INLINE float cr_bf16_to_float(bf16 v) {
    uint32_t u = (uint32_t)v << 16;
    float f;
    memcpy(&f, &u, 4);
    return f;
}
CR_INLINE bf16 cr_float_to_bf16(float f) {
    uint32_t u;
    memcpy(&u, &f, 4);
    uint32_t rounded = (u + 0x7FFF + ((u >> 16) & 1)) >> 16;
    return f != f ? (bf16)((u >> 16) | 0x40) : (bf16)rounded;
}

// e^x to 1 ulp: 2^k from the rounded quotient, a polynomial for the rest; vectorises.
CR_INLINE float cr_expf(float x) {
    float c = x > 88.72284f ? 88.72284f : x < -103.97284f ? -103.97284f : x;
    float k = __builtin_rintf(c * 1.44269504088896341f);
    float r = __builtin_fmaf(k, -0.693359375f, c);
    r = __builtin_fmaf(k, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = __builtin_fmaf(p, r, 1.3981999507e-3f);
    p = __builtin_fmaf(p, r, 8.3334519073e-3f);
    p = __builtin_fmaf(p, r, 4.1665795894e-2f);
    p = __builtin_fmaf(p, r, 1.6666665459e-1f);
    p = __builtin_fmaf(p, r, 5.0000001201e-1f);
    float e = __builtin_fmaf(p, r * r, r) + 1.0f;
    // Two scaling steps reach subnormal results.
    int32_t n = (int32_t)k, h = n >> 1, t = n - h;
    uint32_t u1 = (uint32_t)(h + 127) << 23, u2 = (uint32_t)(t + 127) << 23;
    float s1, s2;
    memcpy(&s1, &u1, 4);
    memcpy(&s2, &u2, 4);
    float y = e * s1 * s2;
    y = x > 88.72284f ? INFINITY : y;
    return x != x ? x : y;
}
CR_INLINE float cr_sigmoidf(float x) {
    float e = cr_expf(x < 0 ? x : -x);
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}
CR_INLINE float cr_tanhf(float x) {
    float m = __builtin_fabsf(x), x2 = x * x;
    float e = cr_expf(-2.0f * m), big = (1.0f - e) / (1.0f + e);
    big = x < 0 ? -big : big;
    float p = __builtin_fmaf(x2, -5.70498872745e-3f, 2.06390887954e-2f);
    p = __builtin_fmaf(p, x2, -5.37397155531e-2f);
    p = __builtin_fmaf(p, x2, 1.33314422036e-1f);
    p = __builtin_fmaf(p, x2, -3.33332819422e-1f);
    float small = __builtin_fmaf(p * x2, x, x);
    return x != x ? x : m < 0.625f ? small : big;
}
