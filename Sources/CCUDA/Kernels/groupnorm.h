// What the kernels of groupnorm.cu are given.
#pragma once

typedef struct {
    // Rows of all channels, `plane` of them an example.
    const void *x, *gradient;
    // A number a channel, or none.
    const void *weight, *bias;
    void *out;
    // A number a part: results of normalising, arguments of its gradient.
    double *mean, *scale;
    // Two numbers a channel of each chunk of each example, and two a part, of the type computed with.
    void *partial, *coefficients;
    double epsilon;
    long long plane, examples;
    int all, groups, channels, is_centred;
    // Threads of a block lie 2^column_bits side by side, the others below; blocks likewise: `tiles` side by side,
    // `chunks` an example.
    int column_bits, tiles, chunks;
    // Rows of each thread; 0: the chunks' threads walk over the example side by side.
    int thread_rows;
} cresset_gpu_groupnorm;
