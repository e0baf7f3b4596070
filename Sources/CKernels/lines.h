// Shared by the kernels that work along one axis; internal, not imported by Swift.
#pragma once
#include "loops.h"

// The lines along `axis`: where line `index` of a tensor with these strides begins.
CR_INLINE long line_offset(int rank, const long *shape, int axis, const long *strides, long index) {
    long offset = 0;
    for (int i = rank - 1; i >= 0; i--) {
        if (i == axis) continue;
        offset += index % shape[i] * strides[i];
        index /= shape[i];
    }
    return offset;
}
CR_INLINE long line_count(int rank, const long *shape, int axis) {
    long n = 1;
    for (int i = 0; i < rank; i++)
        if (i != axis) n *= shape[i];
    return n;
}

typedef struct {
    int op, dtype, rank, axis;
    const long *shape;
    cresset_operand x, out, third;
    bool flag;
} cr_lines;
