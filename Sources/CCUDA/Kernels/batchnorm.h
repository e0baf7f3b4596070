// The parameters of the kernels in batchnorm.cu.
#pragma once

// One number per channel: the address, and the raw value of the DType. A null pointer means none.
typedef struct {
    const void *values;
    int dtype;
} cresset_gpu_channels;

typedef struct {
    // Rows of adjacent channels; whichever the kernel needs.
    const void *x, *gradient, *result, *addend;
    // A second gradient, to be added to the first; where the masked sum of both is stored.
    const void *gradient_part;
    void *out, *masked;
    // A byte for each vector of a thread: which elements of the result the rectifier let through.
    unsigned char *mask;
    cresset_gpu_channels mean, variance, weight, bias;
    // The results of sums over rows: mean and variance, or the gradients of weight and bias.
    void *first_sum, *second_sum;
    int first_dtype, second_dtype;
    // Two numbers per chunk of rows and channel, and two per channel, of the computation type.
    void *partial, *coefficients;
    double epsilon;
    long long rows;
    int channels;
    // The threads of a block are 2^column_bits wide, stacked in rows; so are blocks, `tiles` wide.
    int column_bits, tiles, chunks;
    // Rows per thread; 0: the threads of all chunks walk over all rows side by side.
    int thread_rows;
    int has_relu, uses_batch;
} cresset_gpu_batchnorm;
