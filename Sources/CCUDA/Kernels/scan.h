// The parameters of the kernels in scan.cu.
#pragma once
#include "walk.h"

// A running value of any operator has at most this many bytes.
enum { cresset_running_size = 8 };

typedef struct {
    void *out;
    const void *in;
    // The axis: its length, and the elements from one index to the next in the result and in x.
    long long length, out_step, in_step;
    // A line is scanned in parts of this length, by different blocks.
    long long part;
    int parts;
    // The total of each part of each line, a run of `parts` for each line.
    void *totals;
    // The lines: offsets of the result and of x.
    cresset_walk lines;
} cresset_scan;
