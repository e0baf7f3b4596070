// The parameters of the kernels in check.cu.
#pragma once
#include "fault.h"

typedef struct {
    const long long *indices;
    long long *out;
    long long elements;
    // Allowed values are least..<count, with negative ones counted from the end, and `ignored`, which becomes 0.
    long long least, count, ignored;
    int has_ignored;
    cresset_fault_report report;
} cresset_range_check;
