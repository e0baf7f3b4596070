// The parameters of the kernels in embedding.cu.
#pragma once

// Bag b holds the indices from starts[b] up to, but not including, starts[b + 1]. Everything is row-major.
typedef struct {
    const void *table;
    void *out;
    // For maxima: the row that each element comes from, -1 in an empty bag.
    long long *places;
    const long long *numbers, *starts;
    // A factor for each index, of the table's type; null for none.
    const void *weights;
    long long bags, features;
    // The index that is ignored; negative for none.
    long long padding;
    int is_mean;
    // For the gradient: the bag of each index, and the factor for its gradient.
    unsigned *owners;
    void *factors;
} cresset_embedding_parameters;
