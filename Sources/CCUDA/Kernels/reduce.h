// The parameters of the kernels in reduce.cu.
#pragma once
#include "walk.h"

// An accumulator of any operator has at most this many bytes.
enum { cresset_accumulator_size = 16 };

typedef struct {
    // Results; accumulators, a run of `parts` for each result, if there are several parts.
    void *out;
    const void *in;
    // The inputs of a result are split into parts of this length, handled by different blocks.
    long long part;
    int parts;
    // Rows: threads that share a result, a power of two up to 32, or all 256. Columns: adjacent threads.
    int lanes;
    // Elements between adjacent results of a thread.
    long long step;
    // The results: offsets of the result, and of x. A vector of columns counts as one.
    cresset_walk kept;
    // The inputs of a result: offsets of x, or of its vectors.
    cresset_walk reduced;
} cresset_reduction;
