// Softmax, its logarithm, and their gradients, along one axis of tensors of any strides.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { cresset_softmax_axes = 8 };

/// The axis has `count` elements; `lengths` are those of the other axes. Strides are in elements, those of three
/// tensors beside each other; a tensor that a function does not have is not looked at.
typedef struct {
    int64_t count;
    int rank;
    int64_t lengths[cresset_softmax_axes];
    /// Input (or gradient), result of the forward pass, what is written.
    int64_t strides[3][cresset_softmax_axes];
    int64_t steps[3];
    /// Raw value of a `DType`: float32, bfloat16 or float64.
    int dtype;
} cresset_softmax_geometry;

/// `empty_is_zero`: what has nothing but minus infinities gives zeros, not NaN. `out` may be `x`.
void cresset_softmax(
    const cresset_softmax_geometry *geometry, const void *x, bool logarithm, bool empty_is_zero, void *out);
/// From the gradient and the result `y`.
void cresset_softmax_gradient(
    const cresset_softmax_geometry *geometry, const void *gradient, const void *y, bool logarithm, void *out);
