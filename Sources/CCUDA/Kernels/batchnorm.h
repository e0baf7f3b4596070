// What the kernels of batchnorm.cu are given.
#pragma once

// A number a channel: where they are, and the raw value of their DType. No pointer: they are missing.
typedef struct {
    const void *values;
    int dtype;
} cresset_gpu_channels;

typedef struct {
    // Rows of channels beside each other; whichever the kernel needs.
    const void *x, *gradient, *result, *addend;
    void *out, *addend_gradient;
    cresset_gpu_channels mean, variance, weight, bias;
    // What sums over rows give: mean and variance, or the gradients of weight and bias.
    void *first_sum, *second_sum;
    int first_dtype, second_dtype;
    // Two numbers a chunk of rows and channel, and two a channel, of the type computed with.
    void *partial, *coefficients;
    double epsilon;
    long long rows;
    int channels;
    // Threads of a block lie 2^column_bits side by side, the others below; blocks likewise, `tiles` side by side.
    int column_bits, tiles, chunks;
    // Rows of each thread; 0: the chunks' threads walk over all rows side by side.
    int thread_rows;
    int has_relu, uses_batch;
} cresset_gpu_batchnorm;
