// Convolution with 3 x 3 kernels, stride 1, in float32 by Winograd's algorithm F(4 x 4, 3 x 3): a quarter of the
// multiplications of the direct sum. Activations are dense and channels-last.
#pragma once
#include <stdint.h>

typedef struct {
    int64_t batch, in_channels, out_channels;
    /// Heights and widths.
    int64_t in[2], out[2];
    /// Rows and columns of zeros before the first; negative ones crop.
    int64_t padding[2];
} cresset_winograd_geometry;

/// What happens to a result before it is stored: `bias` (one element per channel) and `addend` (in the layout of the
/// result, which it may be) are added, either may be NULL; then the pointwise operator `op` is applied, or none if it
/// is negative.
typedef struct {
    const float *bias, *addend;
    int32_t op;
    double a, b;
} cresset_winograd_epilogue;

/// The number of elements of a packed weight.
int64_t cresset_winograd_packed_count(int64_t in_channels, int64_t out_channels);

/// Transforms a weight, whose strides are over (output channel, input channel, row, column).
///
/// The input's gradient is a convolution too: with the strides of the channels exchanged, and from the last tap
/// backwards.
void cresset_winograd_pack(
    const float *weight, const int64_t strides[4], int64_t in_channels, int64_t out_channels, float *packed);

/// With a packed weight or, if `packed` is NULL, with one as it is stored.
void cresset_winograd_convolution(
    const cresset_winograd_geometry *geometry, const float *x, const float *packed, const float *weight,
    const int64_t strides[4], const cresset_winograd_epilogue *epilogue, float *out);

/// The gradient of a weight with these strides, over (output channel, input channel, row, column).
void cresset_winograd_weight_gradient(
    const cresset_winograd_geometry *geometry, const float *gradient, const float *x, const int64_t strides[4],
    float *weight);
