// The parameters of the kernels in recurrent.cu.
#pragma once

/// One step forward. Pointers are to that step's rows of float32, 0 if the kind has no such operand.
typedef struct {
    /// (N, gates H): the input's contribution, and the recurrent matrix's product.
    long long projected, product;
    /// (gates H).
    long long bias;
    /// (N, H): the states before and after.
    long long hidden_before, cells_before, hidden, cells;
    /// (N, 4 H), kept for the gradient; 0 if there will be none.
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
    /// (N, H): the gradients of the states after the step, then of those before it. For GRUs `product` is another part
    /// of the former, from the following step; 0 if there is none.
    long long hidden_gradient, cell_gradient, product;
    /// (N, gates H).
    long long projected_gradient, recurrent_gradient;
    int count, length;
} cresset_recurrent_back_step;
