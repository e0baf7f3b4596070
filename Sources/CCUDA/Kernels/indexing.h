// What the kernels of indexing.cu are given.
#pragma once
#include "lines.h"

typedef struct {
    const void *x;
    const long long *index;
    void *out;
    // 1 + the greatest place along the axis of those that name a target, 0 where none does; of assignments only.
    unsigned *winners;
    // All places of the index, with strides of x, index, out, winners, and of the place along the axis itself. The
    // tensor that the index points into has stride 0 along the axis…
    cresset_lines places;
    long long count;
    // …and this one.
    long long step;
} cresset_indexing_parameters;

// Consecutive places that a thread of segments goes through.
enum { cresset_segment_chunk = 32 };

// Elements are put to `out` in the order of the numbers that name their targets.
typedef struct {
    const void *x;
    void *out;
    // Numbers in order, and what place each is from, for each line; all ones: takes no part.
    const unsigned *keys, *order;
    // Where given, the place of x that a place of the index stands for (all ones: none), and a factor of the type
    // computed with.
    const unsigned *sources;
    const void *factors;
    // What chunks found of the segments that reach into them and out of them, (line, chunk, column).
    void *heads, *tails;
    // The axes along which the index differs, and those along which it does not, with strides of index, x and out.
    cresset_lines lines, columns;
    long long line_count, column_count, count, chunks;
    // Along the axis.
    long long x_step, out_step;
} cresset_segment_parameters;
