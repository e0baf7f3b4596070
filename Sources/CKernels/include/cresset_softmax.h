// Softmax, its logarithm, and their gradients, along one axis of tensors with any strides.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { cresset_softmax_axes = 8 };

/// The axis has `count` elements; `lengths` are those of the other axes. Strides are in elements, for three tensors
/// side by side; a tensor that a function does not use is ignored.
typedef struct {
    int64_t count;
    int rank;
    int64_t lengths[cresset_softmax_axes];
    /// Input (or gradient), result of the forward pass, output.
    int64_t strides[3][cresset_softmax_axes];
    int64_t steps[3];
    /// Raw value of a `DType`: float32, bfloat16 or float64.
    int dtype;
} cresset_softmax_geometry;

/// `empty_is_zero`: rows with only minus infinities give zeros, not NaN. `out` may be `x`.
void cresset_softmax(
    const cresset_softmax_geometry *geometry, const void *x, bool logarithm, bool empty_is_zero, void *out);
/// From the gradient and the result `y`.
void cresset_softmax_gradient(
    const cresset_softmax_geometry *geometry, const void *gradient, const void *y, bool logarithm, void *out);
