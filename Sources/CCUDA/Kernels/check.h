// What the kernels of check.cu are given.
#pragma once

typedef struct {
    const long long *indices;
    long long *out;
    long long elements;
    // Allowed are least..<count, those below 0 counted from the end, and `ignored`, which becomes 0.
    long long least, count, ignored;
    int has_ignored;
    // The number of the rule, and where the first that is broken is noted: {rule, value}, in the host's memory.
    long long rule;
    volatile long long *report;
} cresset_range_check;
