// What the kernels of embedding.cu are given.
#pragma once

// Bag number b holds the numbers from starts[b] to before starts[b + 1]. All is row-major.
typedef struct {
    const void *table;
    void *out;
    // For maxima: the row that each element is from, -1 in an empty bag.
    long long *places;
    const long long *numbers, *starts;
    // A factor for each number, of the table's type; null for none.
    const void *weights;
    long long bags, features;
    // The number that takes no part; negative for none.
    long long padding;
    int is_mean;
    // For the gradient: the bag of each number, and what its gradient is multiplied by.
    unsigned *owners;
    void *factors;
} cresset_embedding_parameters;
