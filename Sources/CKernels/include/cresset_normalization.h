// Normalisation of parts of examples: layers, groups of channels, single channels.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "cresset_batchnorm.h"

/// `parts` parts of `channels` channels of `plane` positions, each normalised independently. Part p belongs to group p
/// % `groups`, which has its own `channels` weights and biases.
typedef struct {
    int64_t parts, groups, channels, plane;
    /// Whether the channels of all groups of an example are adjacent, position by position; otherwise parts are
    /// row-major (channel, position).
    bool is_channels_last;
    /// Whether the mean is subtracted.
    bool is_centred;
    double epsilon;
    /// Raw value of a `DType`: float32, bfloat16 or float64.
    int dtype;
} cresset_normalization;

/// out = (x - mean) scale weight + bias with scale = 1 / sqrt(variance + epsilon), or 1 / sqrt(mean square + epsilon)
/// if not centred. `mean` and `scale` receive one number per part.
void cresset_normalize(
    const cresset_normalization *normalization, const void *x, cresset_channel_values weight,
    cresset_channel_values bias, double *mean, double *scale, void *out);

/// The gradients of `cresset_normalize`. `weight_gradient` and `bias_gradient`, of `groups` times `channels` numbers
/// each, may both be NULL.
void cresset_normalize_gradient(
    const cresset_normalization *normalization, const void *gradient, const void *x, cresset_channel_values weight,
    const double *mean, const double *scale, void *out, double *weight_gradient, double *bias_gradient);
