// The parameters of the kernels in matmul.cu.
#pragma once

// out = a b + bias, for the matrices of a batch. Strides in elements: of the batch, of rows, of columns.
typedef struct {
    const void *a, *b;
    // One element per column, or null.
    const void *bias;
    void *out;
    long long batch, m, n, k;
    long long a_strides[3], b_strides[3], out_strides[3];
    // 1: negative results become 0.
    int rectifies;
} cresset_matmul_parameters;

// out += bias + addend in place, for a dense matrix; then negative elements become 0 if requested.
typedef struct {
    void *out;
    // One element per column, or null.
    const void *bias;
    // With the layout of `out`, or null.
    const void *addend;
    long long rows, columns;
    int rectifies;
} cresset_finish_parameters;
