// What the kernels of recurrent.cu are given.
#pragma once

/// One step forward. Pointers are to that step's rows of float32, 0 where the kind knows no such thing.
typedef struct {
    /// (N, gates H): what the input contributes, and the recurrent matrix's product.
    long long projected, product;
    /// (gates H).
    long long bias;
    /// (N, H): the states before and after.
    long long hidden_before, cells_before, hidden, cells;
    /// (N, 4 H), kept for the gradient; 0 where there will be none.
    long long gates;
    /// N H, and H.
    int count, length;
} cresset_recurrent_step;

/// One step backward.
typedef struct {
    /// (N, H): the gradient of that step's result; the states before and after.
    long long gradient, hidden_before, cells_before, hidden, cells;
    /// (N, 4 H).
    long long gates;
    /// (N, H): the gradients of the states that the step gave, then of those that it began with. For gated units
    /// `product` is another part of the former, from the step after it; 0 where there is none.
    long long hidden_gradient, cell_gradient, product;
    /// (N, gates H).
    long long projected_gradient, recurrent_gradient;
    int count, length;
} cresset_recurrent_back_step;
