// A layer of a recurrent network over all steps of a sequence, float32.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Raw values of `RecurrentKind`.
enum cresset_recurrent_kind {
    /// h' = activation(x + U h)
    cresset_recurrent_tanh, cresset_recurrent_relu,
    /// h' = n + z (h - n) with n = tanh(x + r (U h + b)), from the gates r, z, n.
    cresset_recurrent_gated,
    /// c' = f c + i g and h' = o tanh(c'), from the gates i, f, g, o.
    cresset_recurrent_long_short_term
};

/// Everything is row-major. `hidden` is a multiple of 16; a layer has 1, 3 or 4 gates of `hidden` numbers each.
typedef struct {
    /// A `cresset_recurrent_kind`.
    int kind;
    int64_t steps, batch, hidden;
    /// Whether the steps are taken from last to first.
    bool reversed;
    /// The recurrent matrix, (gates hidden, hidden).
    const float *weight;
    /// The bias added to its product, (gates hidden), if the gated kind needs it separately; NULL for none.
    const float *bias;
    /// The states before the first step taken, (batch, hidden); cells for LSTMs only.
    const float *first_hidden, *first_cell;
    /// (steps, batch, 4 hidden): the gates after their activations, and for the gated kind, as the fourth, U h + b of
    /// the third. NULL if no gradient will be needed, and for the plain kinds.
    float *gates;
    /// The cell states, (steps, batch, hidden), for LSTMs.
    float *cells;
    /// What `cresset_recurrent_pack` made of the matrix, for the forward pass; NULL to pack it during the call.
    const float *packed;
} cresset_recurrent;

/// The number of elements of a packed matrix.
int64_t cresset_recurrent_packed_count(const cresset_recurrent *layer);

/// The layer's matrix in the order in which the forward pass reads it.
void cresset_recurrent_pack(const cresset_recurrent *layer, float *packed);

/// `projected` is the inputs' contribution to the gates, (steps, batch, gates hidden); `out` (steps, batch, hidden).
void cresset_recurrent_forward(const cresset_recurrent *layer, const float *projected, float *out);

/// The gradients of `cresset_recurrent_forward`, whose result is `out`.
///
/// `out_gradient` is (steps, batch, hidden); `hidden_gradient` and `cell_gradient` (batch, hidden) hold those of the
/// last states, and on return those of the first. `recurrent_gradient` receives the gradient of U h + b, which for the
/// gated kind differs from that of `projected`; for the others it is `projected_gradient`.
void cresset_recurrent_gradient(
    const cresset_recurrent *layer, const float *out, const float *out_gradient, float *hidden_gradient,
    float *cell_gradient, float *projected_gradient, float *recurrent_gradient);
