// A layer of long short-term memory over all steps of a sequence, float32.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Everything is row-major. `hidden` is a multiple of 16; gates lie as i, f, g, o, `hidden` numbers each.
typedef struct {
    int64_t steps, batch, hidden;
    /// Whether the last step is the first one taken.
    bool reversed;
    /// The recurrent matrix, (4 hidden, hidden).
    const float *weight;
    /// The states before the first step taken, (batch, hidden).
    const float *first_hidden, *first_cell;
    /// The gates after their activations, (steps, batch, 4 hidden); NULL where no gradient will be asked for.
    float *gates;
    /// The cell states, (steps, batch, hidden).
    float *cells;
} cresset_lstm;

/// `projected` is what the inputs contribute to the gates, (steps, batch, 4 hidden); `out` (steps, batch, hidden).
void cresset_lstm_forward(const cresset_lstm *layer, const float *projected, float *out);

/// The gradients of `cresset_lstm_forward`. `out_gradient` is (steps, batch, hidden); `hidden_gradient` and
/// `cell_gradient` (batch, hidden) hold those of the last states, and in the end those of the first.
void cresset_lstm_gradient(
    const cresset_lstm *layer, const float *out_gradient, float *hidden_gradient, float *cell_gradient,
    float *projected_gradient);
