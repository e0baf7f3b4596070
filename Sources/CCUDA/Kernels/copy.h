// The parameters of the kernels in copy.cu.
#pragma once
#include "elementwise.h"

enum { cresset_transpose_tile = 32 };

// The walk over tiles gives offsets of the result and of x, and the tile's first row and column.
typedef struct {
    void *out;
    const void *in;
    // x is dense along the rows' axis, the result along the columns'.
    long long rows, columns;
    // Elements between neighbouring rows of the result, and between columns of x.
    long long out_step, in_step;
    cresset_walk tiles;
} cresset_transpose;
