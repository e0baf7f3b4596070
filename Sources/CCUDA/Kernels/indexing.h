// The parameters of the kernels in indexing.cu.
#pragma once
#include "lines.h"

typedef struct {
    const void *x;
    const long long *index;
    void *out;
    // 1 + the greatest position along the axis among those that name a target, 0 if none does; for assignments only.
    unsigned *winners;
    // All positions of the index, with strides of x, index, out, winners, and of the position along the axis itself.
    // The tensor that the index points into has stride 0 there along the axis; its real stride is `step`.
    cresset_lines places;
    long long count;
    long long step;
} cresset_indexing_parameters;

// Consecutive positions that a thread of the segment kernels goes through.
enum { cresset_segment_chunk = 32 };

// Elements are written to `out` in the order of the indices that name their targets.
typedef struct {
    const void *x;
    void *out;
    // Sorted indices, and the position each comes from, for each line; all ones: ignored.
    const unsigned *keys, *order;
    // If given, the position in x that a position of the index stands for (all ones: none), and a factor of the
    // computation type.
    const unsigned *sources;
    const void *factors;
    // What chunks found of the segments that extend into them and out of them, (line, chunk, column).
    void *heads, *tails;
    // The axes along which the index differs, and those along which it does not, with strides of index, x and out.
    cresset_lines lines, columns;
    long long line_count, column_count, count, chunks;
    // Along the axis.
    long long x_step, out_step;
} cresset_segment_parameters;
