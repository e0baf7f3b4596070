// The parameters of the kernels in check.cu.
#pragma once

typedef struct {
    const long long *indices;
    long long *out;
    long long elements;
    // Allowed values are least..<count, with negative ones counted from the end, and `ignored`, which becomes 0.
    long long least, count, ignored;
    int has_ignored;
    // The number of the rule, and where its first violation is recorded: {rule, value}, in host memory.
    long long rule;
    volatile long long *report;
} cresset_range_check;
