// The parameters of the kernels in pool.cu.
#pragma once

typedef struct {
    // Channels-last: windows lie over `in` and `x`, `out` has one element per window; gradients go the other way.
    const void *x;
    void *out;
    // Positions in a channel's plane, or null; int64 if wide, int32 otherwise.
    void *indices;
    // Positions of all examples in the result.
    long long rows;
    // Replaces the number of a window's elements if it is not 0.
    long long divisor;
    int channels;
    // Three spatial axes; missing ones have length 1.
    int in[3], windows[3], kernel[3], stride[3], dilation[3], padding_before[3], padding_after[3];
    // 1 divided by the lengths, and by that of the result's plane.
    double in_inverse[3], windows_inverse[3], plane_inverse;
    int is_adaptive, has_wide_indices, counts_padding;
    // The threads of a block are 2^column_bits wide over channels, and blocks are `tiles` wide.
    int column_bits, tiles;
} cresset_gpu_pool;
