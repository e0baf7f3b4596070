// What the kernels of reduce.cu are given.
#pragma once
#include "walk.h"

// An accumulator of any operator has at most this many bytes.
enum { cresset_accumulator_size = 16 };

typedef struct {
    // Results; accumulators, a run of `parts` for each result, where there are several parts.
    void *out;
    const void *in;
    // The inputs of a result are taken in parts of this length, by blocks that stand beside each other.
    long long part;
    int parts;
    // Rows: threads that share a result, a power of two up to 32, or all 256. Columns: threads beside each other.
    int lanes;
    // Elements between neighbouring results of a thread.
    long long step;
    // The results: offsets of the result, and of x. Vectors of columns count as one.
    cresset_walk kept;
    // The inputs of a result: offsets of x, or of its vectors.
    cresset_walk reduced;
} cresset_reduction;
