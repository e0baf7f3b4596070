// One step of each kind of recurrent network, forward and backward; internal, not imported by Swift.
#pragma once
#include <stddef.h>

#include "cresset_recurrent.h"
#include "cresset_threads.h"
#include "kernel.h"
#include "recurrent_product.h"

struct walk;
/// What a thread takes of each step: some of the sequences, or some of the units.
struct share {
    int64_t row, end_row, unit, end_unit;
    /// Which of several threads that share out the units this is: each step needs all units of the one before.
    int64_t index, count;
};
typedef void take_steps(struct walk *w, struct share share);

/// A pass over the sequence: the loops' parameters.
struct walk {
    const cresset_recurrent *l;
    const float *packed;
    // Forward.
    const float *projected;
    float *out;
    // Backward.
    const float *states, *out_gradient;
    float *hidden_gradient, *cell_gradient, *projected_gradient, *recurrent_gradient;
    // How the steps are taken, and the number of units that a block of the packed matrix is for.
    take_steps *take;
    int64_t units;
    cresset_meeting meeting;
};

static inline int gates_of(const cresset_recurrent *l) {
    return l->kind == cresset_recurrent_long_short_term ? 4 : l->kind == cresset_recurrent_gated ? 3 : 1;
}

/// The time index of step number `step`.
static inline int64_t time_of(const cresset_recurrent *l, int64_t step) {
    return l->reversed ? l->steps - 1 - step : step;
}

/// The states before that step: the initial ones, or those in `all` one step earlier.
static inline const float *states_before(
    const cresset_recurrent *l, int64_t step, const float *first, const float *all) {
    return step == 0 ? first : all + time_of(l, step - 1) * l->batch * l->hidden;
}

/// One step for the rows of a tile: new states starting at column `column`.
typedef void (*forward_tile)(const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows);
/// The gradients of one step's gates.
typedef void (*gate_gradients)(const struct walk *w, int64_t step, const struct share *share);

// MARK: Plain networks; 64 columns a tile

#define RECTIFIED(v) ((f32x16)((i32x16)(v) & ~((v) < 0)))

CRESSET_VECTOR static void plain_tile(const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, first = time_of(l, step) * l->batch + row, vectors = minimum((h - column) / 16, 4);
    const float *a = states_before(l, step, l->first_hidden, w->out) + row * h, *packed = w->packed + column * h;
    f32x16 tile[6][4];
#define PLAIN_PRODUCT(count) PRODUCT(tile, count, 4, a, h, h, packed)
    WITH_SIX_ROWS(rows, PLAIN_PRODUCT)
    for (int64_t r = 0; r < rows; r++)
        for (int64_t v = 0; v < vectors; v++) {
            int64_t at = (first + r) * h + column + v * 16;
            f32x16 state = tile[r][v] + CRESSET_LOAD_f32(w->projected + at);
            if (l->kind == cresset_recurrent_relu)
                state = RECTIFIED(state);
            else
                TANH(state, state);
            CRESSET_STORE_f32(w->out + at, state);
        }
}

CRESSET_VECTOR static void plain_gradients(const struct walk *w, int64_t step, const struct share *share) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, first = time_of(l, step) * l->batch * h;
    for (int64_t row = share->row; row < share->end_row; row++)
        for (int64_t column = share->unit; column < share->end_unit; column += 16) {
            int64_t i = row * h + column;
            f32x16 state = CRESSET_LOAD_f32(w->states + first + i);
            f32x16 dh = CRESSET_LOAD_f32(w->out_gradient + first + i) + CRESSET_LOAD_f32(w->hidden_gradient + i);
            if (l->kind == cresset_recurrent_relu)
                dh = (f32x16)((i32x16)dh & ~(state <= 0));
            else
                dh = dh * (1 - state * state);
            CRESSET_STORE_f32(w->projected_gradient + first + i, dh);
        }
}

// MARK: Gated units; the three gates of 16 units a tile

CRESSET_VECTOR static void gated_tile(const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, first = time_of(l, step) * l->batch + row;
    const float *before = states_before(l, step, l->first_hidden, w->out) + row * h;
    const float *packed = w->packed + column * 3 * h;
    f32x16 tile[8][3], bias[3] = {{0}, {0}, {0}};
    for (int gate = 0; l->bias && gate < 3; gate++) bias[gate] = CRESSET_LOAD_f32(l->bias + gate * h + column);
#define GATED_PRODUCT(count) PRODUCT(tile, count, 3, before, h, h, packed)
    WITH_EIGHT_ROWS(rows, GATED_PRODUCT)
    for (int64_t r = 0; r < rows; r++) {
        const float *x = w->projected + (first + r) * 3 * h + column;
        f32x16 reset, update, n, m = tile[r][2] + bias[2];
        SIGMOID(reset, tile[r][0] + bias[0] + CRESSET_LOAD_f32(x));
        SIGMOID(update, tile[r][1] + bias[1] + CRESSET_LOAD_f32(x + h));
        TANH(n, reset * m + CRESSET_LOAD_f32(x + 2 * h));
        if (l->gates) {
            float *gates = l->gates + (first + r) * 4 * h + column;
            CRESSET_STORE_f32(gates, reset);
            CRESSET_STORE_f32(gates + h, update);
            CRESSET_STORE_f32(gates + 2 * h, n);
            CRESSET_STORE_f32(gates + 3 * h, m);
        }
        f32x16 state = n + update * (CRESSET_LOAD_f32(before + r * h + column) - n);
        CRESSET_STORE_f32(w->out + (first + r) * h + column, state);
    }
}

CRESSET_VECTOR static void gated_gradients(const struct walk *w, int64_t step, const struct share *share) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, first = time_of(l, step) * l->batch;
    const float *before = states_before(l, step, l->first_hidden, w->states);
    for (int64_t row = share->row; row < share->end_row; row++)
        for (int64_t column = share->unit; column < share->end_unit; column += 16) {
            int64_t gate = (first + row) * 4 * h + column, input = (first + row) * 3 * h + column;
            int64_t state = row * h + column;
            f32x16 reset = CRESSET_LOAD_f32(l->gates + gate), update = CRESSET_LOAD_f32(l->gates + gate + h);
            f32x16 n = CRESSET_LOAD_f32(l->gates + gate + 2 * h), m = CRESSET_LOAD_f32(l->gates + gate + 3 * h);
            f32x16 dh = CRESSET_LOAD_f32(w->out_gradient + first * h + state) +
                        CRESSET_LOAD_f32(w->hidden_gradient + state);
            f32x16 dn = dh * (1 - update) * (1 - n * n), dr = dn * m * reset * (1 - reset);
            f32x16 dz = dh * (CRESSET_LOAD_f32(before + state) - n) * update * (1 - update);
            CRESSET_STORE_f32(w->projected_gradient + input, dr);
            CRESSET_STORE_f32(w->projected_gradient + input + h, dz);
            CRESSET_STORE_f32(w->projected_gradient + input + 2 * h, dn);
            CRESSET_STORE_f32(w->recurrent_gradient + input, dr);
            CRESSET_STORE_f32(w->recurrent_gradient + input + h, dz);
            CRESSET_STORE_f32(w->recurrent_gradient + input + 2 * h, dn * reset);
            // The part that bypasses the gates; the product adds the rest.
            CRESSET_STORE_f32(w->hidden_gradient + state, dh * update);
        }
}

// MARK: Long short-term memory; the four gates of 16 cells a tile

CRESSET_VECTOR static void long_short_term_tile(
    const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, time = time_of(l, step);
    const float *a = states_before(l, step, l->first_hidden, w->out) + row * h, *packed = w->packed + column * 4 * h;
    const float *cells = states_before(l, step, l->first_cell, l->cells);
    f32x16 tile[6][4];
#define LONG_SHORT_TERM_PRODUCT(count) PRODUCT(tile, count, 4, a, h, h, packed)
    WITH_SIX_ROWS(rows, LONG_SHORT_TERM_PRODUCT)
    for (int64_t r = 0; r < rows; r++) {
        int64_t gate = (time * l->batch + row + r) * 4 * h + column, state = (row + r) * h + column;
        const float *x = w->projected + gate;
        f32x16 i, f, g, o, squashed;
        SIGMOID(i, tile[r][0] + CRESSET_LOAD_f32(x));
        SIGMOID(f, tile[r][1] + CRESSET_LOAD_f32(x + h));
        TANH(g, tile[r][2] + CRESSET_LOAD_f32(x + 2 * h));
        SIGMOID(o, tile[r][3] + CRESSET_LOAD_f32(x + 3 * h));
        f32x16 c = f * CRESSET_LOAD_f32(cells + state) + i * g;
        TANH(squashed, c);
        if (l->gates) {
            CRESSET_STORE_f32(l->gates + gate, i);
            CRESSET_STORE_f32(l->gates + gate + h, f);
            CRESSET_STORE_f32(l->gates + gate + 2 * h, g);
            CRESSET_STORE_f32(l->gates + gate + 3 * h, o);
        }
        CRESSET_STORE_f32(l->cells + time * l->batch * h + state, c);
        CRESSET_STORE_f32(w->out + time * l->batch * h + state, o * squashed);
    }
}

CRESSET_VECTOR static void long_short_term_gradients(const struct walk *w, int64_t step, const struct share *share) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, time = time_of(l, step);
    const float *cells = states_before(l, step, l->first_cell, l->cells);
    for (int64_t row = share->row; row < share->end_row; row++) {
        for (int64_t column = share->unit; column < share->end_unit; column += 16) {
            int64_t gate = (time * l->batch + row) * 4 * h + column, state = row * h + column;
            int64_t now = time * l->batch * h + state;
            const float *gates = l->gates + gate;
            float *out = w->projected_gradient + gate;
            f32x16 i = CRESSET_LOAD_f32(gates), f = CRESSET_LOAD_f32(gates + h);
            f32x16 g = CRESSET_LOAD_f32(gates + 2 * h), o = CRESSET_LOAD_f32(gates + 3 * h), squashed;
            TANH(squashed, CRESSET_LOAD_f32(l->cells + now));
            f32x16 dh = CRESSET_LOAD_f32(w->out_gradient + now) + CRESSET_LOAD_f32(w->hidden_gradient + state);
            f32x16 dc = CRESSET_LOAD_f32(w->cell_gradient + state) + dh * o * (1 - squashed * squashed);
            CRESSET_STORE_f32(out, dc * g * i * (1 - i));
            CRESSET_STORE_f32(out + h, dc * CRESSET_LOAD_f32(cells + state) * f * (1 - f));
            CRESSET_STORE_f32(out + 2 * h, dc * i * (1 - g * g));
            CRESSET_STORE_f32(out + 3 * h, dh * squashed * o * (1 - o));
            CRESSET_STORE_f32(w->cell_gradient + state, dc * f);
        }
    }
}
