// The parameters of the kernels in softmax.cu.
#pragma once
#include "lines.h"

typedef struct {
    // The input, or the gradient; the result, for the gradient only; the output, which may be the memory of either.
    const void *x, *y;
    void *out;
    // The axes other than softmax's own, with the strides of x, y and out.
    cresset_lines rows;
    long long row_count;
    // The axis: its length, and the strides of x, y and out.
    long long count, steps[3];
    int logarithm, empty_is_zero;
    // Threads that share a column, a power of two; for softmax_columns.
    int parts;
} cresset_softmax_parameters;
