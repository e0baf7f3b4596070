// Matrix products for the types that oneDNN lacks: float64 and integers.
#pragma once
#include <stdint.h>

/// out[batch, m, n] = sum over k of a[batch, m, k] b[batch, k, n]; arbitrary strides, in elements, over those axes.
typedef struct {
    int64_t batch, m, n, k;
    int64_t a_strides[3], b_strides[3], out_strides[3];
} cresset_matmul_geometry;

/// `dtype` is the raw value of a `DType`: float64 or an integer. `bias` (n elements) may be NULL. Integers wrap.
void cresset_matmul(
    const cresset_matmul_geometry *geometry, int dtype, const void *a, const void *b, const void *bias, int relu,
    void *out);

/// bfloat16 to float32 and back, contiguous.
void cresset_widen_all(const void *x, int64_t count, float *out);
void cresset_narrow_all(const float *x, int64_t count, void *out);

/// Copies a tensor with any strides (of `rank` axes, at least 1) to a row-major one.
void cresset_make_dense(
    const void *x, int rank, const int64_t *lengths, const int64_t *strides, int item_size, void *out);
/// The reverse: from a row-major tensor to one with any strides.
void cresset_spread(
    const void *x, int rank, const int64_t *lengths, const int64_t *strides, int item_size, void *out);
