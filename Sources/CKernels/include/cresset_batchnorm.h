// Batch normalisation.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// The layout of activations. Channels-last: (rows, channels), and `plane` is 1. Otherwise (rows, channels, plane),
/// with the last axis contiguous.
typedef struct {
    int64_t rows, channels, plane;
    /// Raw value of a `DType`: float32, bfloat16 or float64.
    int dtype;
} cresset_batchnorm_layout;

/// One number per channel: `values` of type `dtype`, contiguous; NULL if there are none.
typedef struct {
    const void *values;
    int dtype;
} cresset_channel_values;

/// What is applied to normalised values: if it `rectifies`, negative ones become 0, and those above `ceiling` become
/// that, unless it is NaN. Or the pointwise operator `op`, none if it is negative; `gradient` is the operator that makes its
/// gradient of that of its result and its operand. `a` and `b` are the numbers of both.
typedef struct {
    bool rectifies;
    double ceiling;
    int32_t op, gradient;
    double a, b;
} cresset_batchnorm_activation;

/// Mean and biased variance of each channel, as float64.
void cresset_batchnorm_statistics(
    cresset_batchnorm_layout layout, const void *x, double *mean, double *variance);

/// out = activation((x - mean) / sqrt(variance + epsilon) * weight + bias + addend).
void cresset_batchnorm_normalize(
    cresset_batchnorm_layout layout, const void *x, cresset_channel_values mean, cresset_channel_values variance,
    cresset_channel_values weight, cresset_channel_values bias, double epsilon, const void *addend,
    cresset_batchnorm_activation activation, void *out);

/// The gradients of `cresset_batchnorm_normalize`.
///
/// The rectifier's mask is taken from `result` if given, and otherwise recomputed from `x`, which is correct if there
/// was no addend; other activations take no addend. `part`, if there is one, is added to `gradient`. `out` and `addend_gradient` may be NULL; `out` may be the
/// memory of `gradient` or `part`, and `addend_gradient` too, but not the same as `out`. `uses_batch`: mean and variance
/// were those of `x`.
void cresset_batchnorm_gradient(
    cresset_batchnorm_layout layout, const void *gradient, const void *part, const void *x, const void *result,
    cresset_channel_values mean, cresset_channel_values variance, cresset_channel_values weight,
    cresset_channel_values bias, double epsilon, bool uses_batch, cresset_batchnorm_activation activation,
    void *out, double *weight_gradient, double *bias_gradient, void *addend_gradient);

/// Stores float64 numbers as type `dtype`.
void cresset_store_channels(const double *x, int64_t count, int dtype, void *out);
