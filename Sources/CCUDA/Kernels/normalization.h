// What the kernels of normalization.cu are given.
#pragma once

typedef struct {
    const void *x, *gradient, *weight, *bias;
    void *out;
    // A number a part: results of normalising, arguments of its gradient.
    double *mean, *scale;
    double epsilon;
    long long parts;
    // A part consists of lines of `length` elements, all beside each other.
    long long length;
    unsigned lines, line_bits;
    // Units of a part, each one thread's elements: a line has 2^line_bits of them, some of them beyond its end.
    unsigned units;
    int groups, channels, is_centred;
    double groups_inverse;
    // Whether a line has one channel; otherwise each element of a line has its own.
    int has_channel_lines;
    // 2^part_bits threads a part.
    int part_bits;
} cresset_gpu_normalization;

// Sums over examples for the gradients of weights and biases.
typedef struct {
    const void *x, *gradient;
    const double *mean, *scale;
    // Products of gradients and normal numbers, and gradients: two numbers a channel of each chunk of rows.
    void *partial;
    double *weight_gradient, *bias_gradient;
    // Rows of all channels; or examples, which have `plane` elements a channel.
    long long rows, plane;
    int all, groups, channels;
    double all_inverse;
    int column_bits, tiles, chunks;
    // 2^part_bits threads a plane.
    int part_bits;
} cresset_gpu_normalization_sums;
