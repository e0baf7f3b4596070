// The parameters of the kernels in convolution.cu.
#pragma once

// Missing spatial axes have length 1. Strides in elements: of the batch, of channels, of the three axes.
typedef struct {
    int batch, groups;
    // Of one group.
    int in_channels, out_channels;
    int in[3], out[3], kernel[3], stride[3], dilation[3], padding[3];
    long long x_strides[5], out_strides[5];
} cresset_convolution_shape;

typedef struct {
    cresset_convolution_shape shape;
    // The result and, in the gradients' kernels, its gradient.
    void *out;
    // The input, or its gradient where that is computed.
    void *x;
    // Dense: (taps, input channels of a group, all output channels); for the input's gradient the last two are swapped.
    const void *weight;
    // One element per output channel, or null.
    const void *bias;
    // With the layout of `out`, or null.
    const void *addend;
    int rectifies;
} cresset_convolution_parameters;

// The sums of each slice of rows (positions of all pictures), to be added up afterwards.
typedef struct {
    cresset_convolution_shape shape;
    const void *gradient;
    const void *x;
    // (slices, taps, input channels of a group, all output channels), or (slices, all output channels) for the bias.
    void *sums;
    long long rows_per_slice;
} cresset_convolution_slices;

typedef struct {
    const void *sums;
    void *out;
    int slices;
    // (taps…, input channels, output channels) of a slice, and the result's strides: output channels, input channels,
    // taps….
    int kernel[3], in_channels, out_channels;
    long long strides[5];
} cresset_convolution_slice_sum;
