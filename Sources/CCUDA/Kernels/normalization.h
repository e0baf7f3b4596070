// The parameters of the kernels in normalization.cu.
#pragma once

typedef struct {
    const void *x, *gradient, *weight, *bias;
    void *out;
    // One number per part: results of the normalisation, arguments of its gradient.
    double *mean, *scale;
    double epsilon;
    long long parts;
    // A part consists of lines of `length` elements, all contiguous.
    long long length;
    unsigned lines, line_bits;
    // Units per part, each handled by one thread: a line has 2^line_bits of them, some of them beyond its end.
    unsigned units;
    int groups, channels, is_centred;
    double groups_inverse;
    // Whether a line has one channel; otherwise each element of a line has its own.
    int has_channel_lines;
    // 2^part_bits threads per part.
    int part_bits;
} cresset_gpu_normalization;

// Sums over examples for the gradients of weights and biases.
typedef struct {
    const void *x, *gradient;
    const double *mean, *scale;
    // Products of gradients and normalised values, and gradients: two numbers per channel of each chunk of rows.
    void *partial;
    double *weight_gradient, *bias_gradient;
    // Rows of all channels; or examples, which have `plane` elements per channel.
    long long rows, plane;
    int all, groups, channels;
    double all_inverse;
    int column_bits, tiles, chunks;
    // 2^part_bits threads per plane.
    int part_bits;
} cresset_gpu_normalization_sums;
