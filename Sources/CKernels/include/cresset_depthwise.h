// Depthwise convolution of pictures, each channel with a kernel of its own, and its gradients: in float32, or in bfloat16
// with sums in float32.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Activations are channels-last; a kernel has the layout (channel, row, column). Dense: no dilation.
typedef struct {
    /// Of activations and kernels; that of the weight's gradient and the bias is given apart.
    int32_t dtype;
    int64_t batch, channels;
    int64_t in[2], out[2], kernel[2], stride[2], padding[2];
} cresset_depthwise_geometry;

/// Whether there are loops for kernels this wide at this stride along rows; the other axis may have any.
bool cresset_depthwise_supports(int64_t kernel_width, int64_t stride);

/// `weight` and `bias`, which may be NULL, are in float32; the result is limited to the range from `lowest` to `highest`,
/// where NaN stays NaN.
void cresset_depthwise(
    const cresset_depthwise_geometry *geometry, const void *x, const float *weight, const float *bias, float lowest,
    float highest, void *out);
void cresset_depthwise_input_gradient(
    const cresset_depthwise_geometry *geometry, const void *gradient, const float *weight, void *out);
/// `weight` and `bias`, which may be NULL, are in float32. The order of summation does not depend on the team.
void cresset_depthwise_weight_gradient(
    const cresset_depthwise_geometry *geometry, const void *gradient, const void *x, float *weight, float *bias);
