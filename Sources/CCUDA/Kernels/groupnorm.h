// The parameters of the kernels in groupnorm.cu.
#pragma once

typedef struct {
    // Rows of all channels, `plane` of them per example.
    const void *x, *gradient;
    // One number per channel, or none.
    const void *weight, *bias;
    void *out;
    // One number per part: results of the normalisation, arguments of its gradient.
    double *mean, *scale;
    // Two numbers per channel of each chunk of each example, and two per part, of the computation type.
    void *partial, *coefficients;
    double epsilon;
    long long plane, examples;
    int all, groups, channels, is_centred;
    // The threads of a block are 2^column_bits wide, stacked in rows; so are blocks: `tiles` wide, `chunks` per
    // example.
    int column_bits, tiles, chunks;
    // Rows per thread; 0: the threads of all chunks walk over the example side by side.
    int thread_rows;
} cresset_gpu_groupnorm;
