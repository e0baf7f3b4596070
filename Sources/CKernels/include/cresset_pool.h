// Pools over dense channels-last activations.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Three spatial axes; missing ones have length 1.
typedef struct {
    int64_t batch, channels;
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], padding_before[3], padding_after[3];
    /// Whether the windows are instead `out` equal parts of each axis, where neighbours may share an element; kernel,
    /// stride and padding are then ignored, and the dilation is 1.
    bool is_adaptive;
    /// Raw value of a `DType`: float32, bfloat16 or float64.
    int dtype;
} cresset_pool_geometry;

/// The largest element of each window; NaN is larger than any number. `indices` are positions in a channel's plane,
/// int32 or int64, with the layout of `out`; NULL if not needed.
void cresset_max_pool(
    const cresset_pool_geometry *geometry, const void *x, void *indices, bool wide_indices, void *out);
/// `out` has the input's shape; every element is written.
void cresset_max_pool_gradient(
    const cresset_pool_geometry *geometry, const void *gradient, const void *indices, bool wide_indices, void *out);

/// The mean of each window. `divisor` replaces the number of elements if it is not 0.
///
/// A window may extend beyond the padding after the input (PyTorch's ceil mode); that part is never counted.
void cresset_average_pool(
    const cresset_pool_geometry *geometry, const void *x, bool counts_padding, int64_t divisor, void *out);
void cresset_average_pool_gradient(
    const cresset_pool_geometry *geometry, const void *gradient, bool counts_padding, int64_t divisor, void *out);
