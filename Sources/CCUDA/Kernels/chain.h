// The parameters of the kernels in chain.cu.
#pragma once
#include "elementwise.h"

enum { cresset_chain_steps = 16, cresset_chain_operands = 8, cresset_chain_results = 8 };

typedef struct {
    void *out[cresset_chain_results];
    const void *in[cresset_chain_operands];
    // The operators' parameters; for a fill, the low bytes of a are the element.
    double a[cresset_chain_steps], b[cresset_chain_steps];
    // Elements, or, in layout 2, vectors.
    long long count;
    // Bit k: operands in order k have one value along the fastest axis.
    int still;
    // Whether the addresses allow access to whole vectors.
    int has_vectors;
    // The strides of up to four orders of elements; all results have the first.
    cresset_walk walk;
} cresset_chain;
