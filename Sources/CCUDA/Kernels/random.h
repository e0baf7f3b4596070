// The parameters of the kernel in random.cu.
#pragma once

typedef struct {
    long long out, count;
    unsigned long long seed, offset;
    /// The address of two numbers that are added to seed and offset, or 0.
    long long slot;
    /// The bounds, or mean and standard deviation, or probability and value.
    double a, b;
    /// The least integer, and how many there are.
    long long low;
    unsigned long long range;
} cresset_random;
