// What the kernels of softmax.cu are given.
#pragma once
#include "lines.h"

typedef struct {
    // The input, or the gradient; the result, for the gradient only; what is written, which may be either's memory.
    const void *x, *y;
    void *out;
    // The axes that softmax does not go along, with the strides of x, y and out.
    cresset_lines rows;
    long long row_count;
    // The axis: its length, and the strides of x, y and out.
    long long count, steps[3];
    int logarithm, empty_is_zero;
    // Threads that share a column, a power of two; of softmax_columns.
    int parts;
} cresset_softmax_parameters;
