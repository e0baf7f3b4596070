// Convolution in float64, which oneDNN lacks: for gradient checks, so correctness comes before speed.
#pragma once
#include <stdint.h>

/// Geometry with three spatial axes; missing ones have length 1. Strides are in elements: those of activations over
/// (batch, channel, space…), those of the weight over (output channel, input channel of the group, kernel…).
typedef struct {
    int64_t batch, groups;
    /// Channels of one group.
    int64_t in_channels, out_channels;
    int64_t in[3], out[3], kernel[3];
    int64_t stride[3], dilation[3], padding[3];
    int64_t x_strides[5], out_strides[5], weight_strides[5];
} cresset_convolution_geometry;

/// `bias` (one element per channel) and `addend` (strides of `out`) may be NULL.
void cresset_convolution_f64(
    const cresset_convolution_geometry *geometry, const double *x, const double *weight, const double *bias,
    const double *addend, int relu, double *out);
void cresset_convolution_input_gradient_f64(
    const cresset_convolution_geometry *geometry, const double *gradient, const double *weight, double *out);
/// `bias` may be NULL.
void cresset_convolution_weight_gradient_f64(
    const cresset_convolution_geometry *geometry, const double *gradient, const double *x, double *weight,
    double *bias);
