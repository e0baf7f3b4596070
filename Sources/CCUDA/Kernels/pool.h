// What the kernels of pool.cu are given.
#pragma once

typedef struct {
    // Channels-last: `in` and `x` are what windows lie over, `out` has an element a window; gradients go the other way.
    const void *x;
    void *out;
    // Places in a channel's plane, or nowhere; int64 where they are wide, int32 otherwise.
    void *indices;
    // Positions of all examples in the result.
    long long rows;
    // Takes the place of the number of a window's elements where it is not 0.
    long long divisor;
    int channels;
    // Three spatial axes; missing ones have length 1.
    int in[3], windows[3], kernel[3], stride[3], dilation[3], padding_before[3], padding_after[3];
    // 1 divided by the lengths, and by that of the result's plane.
    double in_inverse[3], windows_inverse[3], plane_inverse;
    int is_adaptive, has_wide_indices, counts_padding;
    // Threads of a block lie 2^column_bits side by side over channels, and blocks `tiles` side by side.
    int column_bits, tiles;
} cresset_gpu_pool;
