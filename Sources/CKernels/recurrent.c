// Long short-term memory. A step is a small product (32 x 256 by 256 x 1024 in a typical text model) and a little
// arithmetic on its result. The recurrent matrix is packed once for all steps, 64 columns side by side; forward those
// are the four gates of 16 cells, so that a tile of the product becomes new states while it is still in registers.
#include "cresset_recurrent.h"

#include <stddef.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "exponential.h"
#include "kernel.h"

enum { tile_rows = 6, tile_columns = 64 };

/// A pass over the sequence: what the loops are told.
struct walk {
    const cresset_lstm *l;
    const float *packed;
    // Forward.
    const float *projected;
    float *out;
    // Backward.
    const float *out_gradient;
    float *hidden_gradient, *cell_gradient, *gate_gradient;
};

#define SIGMOID(result, argument)                                                                                     \
    do {                                                                                                              \
        f32x16 s_e;                                                                                                   \
        EXP(s_e, -(argument));                                                                                        \
        (result) = 1 / (1 + s_e);                                                                                     \
    } while (0)

// 1 - 2 / (1 + e^2x): exact to a rounding of 1, which is what a state is added to.
#define TANH(result, argument)                                                                                        \
    do {                                                                                                              \
        f32x16 t_e;                                                                                                   \
        EXP(t_e, 2 * (argument));                                                                                     \
        (result) = 1 - 2 / (1 + t_e);                                                                                 \
    } while (0)

// tile[rows][4] = a[rows, depth] packed[depth, 64], for a constant number of rows. The sums are kept apart from the
// tile, whose rows are later found by a variable: so they stay in registers, which halves the time.
#define PRODUCT(tile, rows, a, stride, depth, packed)                                                                 \
    do {                                                                                                              \
        f32x16 p_sum[rows][4];                                                                                        \
        _Pragma("clang loop unroll(full)") for (int p_r = 0; p_r < (rows); p_r++)                                     \
            p_sum[p_r][0] = p_sum[p_r][1] = p_sum[p_r][2] = p_sum[p_r][3] = (f32x16){0};                              \
        for (int64_t p_k = 0; p_k < (depth); p_k++) {                                                                 \
            const float *p_b = (packed) + p_k * tile_columns;                                                         \
            f32x16 p_0 = CRESSET_LOAD_f32(p_b), p_1 = CRESSET_LOAD_f32(p_b + 16);                                     \
            f32x16 p_2 = CRESSET_LOAD_f32(p_b + 32), p_3 = CRESSET_LOAD_f32(p_b + 48);                                \
            _Pragma("clang loop unroll(full)") for (int p_r = 0; p_r < (rows); p_r++) {                               \
                float p_a = (a)[p_r * (stride) + p_k];                                                                \
                p_sum[p_r][0] += p_a * p_0;                                                                           \
                p_sum[p_r][1] += p_a * p_1;                                                                           \
                p_sum[p_r][2] += p_a * p_2;                                                                           \
                p_sum[p_r][3] += p_a * p_3;                                                                           \
            }                                                                                                         \
        }                                                                                                             \
        _Pragma("clang loop unroll(full)") for (int p_r = 0; p_r < (rows); p_r++) {                                   \
            (tile)[p_r][0] = p_sum[p_r][0];                                                                           \
            (tile)[p_r][1] = p_sum[p_r][1];                                                                           \
            (tile)[p_r][2] = p_sum[p_r][2];                                                                           \
            (tile)[p_r][3] = p_sum[p_r][3];                                                                           \
        }                                                                                                             \
    } while (0)

// Calls `body` with the number of rows as a constant.
#define WITH_ROWS(rows, body)                                                                                         \
    switch (rows) {                                                                                                   \
    case 1: body(1); break;                                                                                           \
    case 2: body(2); break;                                                                                           \
    case 3: body(3); break;                                                                                           \
    case 4: body(4); break;                                                                                           \
    case 5: body(5); break;                                                                                           \
    default: body(6); break;                                                                                          \
    }

/// The step taken as number `step`.
static inline int64_t time_of(const cresset_lstm *l, int64_t step) { return l->reversed ? l->steps - 1 - step : step; }

/// The states before that step: the first ones, or those of `all` a step earlier.
static inline const float *states_before(const cresset_lstm *l, int64_t step, const float *first, const float *all) {
    return step == 0 ? first : all + time_of(l, step - 1) * l->batch * l->hidden;
}

/// The row after a tile's last; the rows from `begin` to `end` are shared out evenly.
static inline int64_t tile_end(int64_t row, int64_t end) {
    int64_t tiles = (end - row + tile_rows - 1) / tile_rows;
    return row + (end - row + tiles - 1) / tiles;
}

// New states of 16 cells for the rows of a tile.
CRESSET_VECTOR static void forward_tile(
    const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows) {
    const cresset_lstm *l = w->l;
    int64_t h = l->hidden, time = time_of(l, step);
    const float *a = states_before(l, step, l->first_hidden, w->out) + row * h, *packed = w->packed + column * 4 * h;
    const float *cells = states_before(l, step, l->first_cell, l->cells);
    f32x16 tile[tile_rows][4];
#define FORWARD_PRODUCT(count) PRODUCT(tile, count, a, h, h, packed)
    WITH_ROWS(rows, FORWARD_PRODUCT)
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

// All steps of the sequences from `begin` on. Sequences do not see each other, so threads meet only at the end.
static void forward_rows(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    for (int64_t step = 0; step < w->l->steps; step++)
        for (int64_t column = 0; column < w->l->hidden; column += 16)
            for (int64_t row = begin, next; row < end; row = next) {
                next = tile_end(row, end);
                forward_tile(w, step, column, row, next - row);
            }
}

// The gradients of one step's gates.
CRESSET_VECTOR static void gate_gradients(const struct walk *w, int64_t step, int64_t begin, int64_t end) {
    const cresset_lstm *l = w->l;
    int64_t h = l->hidden, time = time_of(l, step);
    const float *cells = states_before(l, step, l->first_cell, l->cells);
    for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < h; column += 16) {
            int64_t gate = (time * l->batch + row) * 4 * h + column, state = row * h + column;
            int64_t now = time * l->batch * h + state;
            const float *gates = l->gates + gate;
            float *out = w->gate_gradient + gate;
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

// What a step's gates hand back to 64 columns of the hidden state before, for the rows of a tile.
CRESSET_VECTOR static void hidden_gradient_tile(
    const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows) {
    const cresset_lstm *l = w->l;
    int64_t h = l->hidden, depth = 4 * h;
    const float *a = w->gate_gradient + (time_of(l, step) * l->batch + row) * depth;
    const float *packed = w->packed + column * depth;
    f32x16 tile[tile_rows][4];
#define BACKWARD_PRODUCT(count) PRODUCT(tile, count, a, depth, depth, packed)
    WITH_ROWS(rows, BACKWARD_PRODUCT)
    int64_t vectors = (h - column) / 16 < 4 ? (h - column) / 16 : 4;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < vectors; c++)
            CRESSET_STORE_f32(w->hidden_gradient + (row + r) * h + column + c * 16, tile[r][c]);
}

static void gradient_rows(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    for (int64_t step = w->l->steps - 1; step >= 0; step--) {
        gate_gradients(w, step, begin, end);
        for (int64_t column = 0; column < w->l->hidden; column += tile_columns)
            for (int64_t row = begin, next; row < end; row = next) {
                next = tile_end(row, end);
                hidden_gradient_tile(w, step, column, row, next - row);
            }
    }
}

// packed[cells / 16][k][gate][16] = weight[gate, cell][k]
static void pack_forward(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    int64_t h = w->l->hidden;
    float *packed = (float *)w->packed;
    for (int64_t block = begin; block < end; block++)
        for (int64_t gate = 0; gate < 4; gate++)
            for (int64_t cell = 0; cell < 16; cell++) {
                const float *from = w->l->weight + (gate * h + block * 16 + cell) * h;
                float *to = packed + block * tile_columns * h + gate * 16 + cell;
                for (int64_t k = 0; k < h; k++) to[k * tile_columns] = from[k];
            }
}

// packed[column / 64][k][64] = weight[k][column], zeros beyond the last column.
static void pack_backward(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    int64_t h = w->l->hidden, depth = 4 * h;
    float *packed = (float *)w->packed;
    for (int64_t block = begin; block < end; block++) {
        int64_t column = block * tile_columns, count = h - column < tile_columns ? h - column : tile_columns;
        for (int64_t k = 0; k < depth; k++) {
            float *to = packed + (block * depth + k) * tile_columns;
            memcpy(to, w->l->weight + k * h + column, (size_t)count * sizeof(float));
            memset(to + count, 0, (size_t)(tile_columns - count) * sizeof(float));
        }
    }
}

void cresset_lstm_forward(const cresset_lstm *l, const float *projected, float *out) {
    int64_t h = l->hidden, blocks = h / 16;
    if (l->steps * l->batch * h == 0) return;
    size_t size = (size_t)(4 * h * h) * sizeof(float);
    float *packed = cresset_allocate(size);
    if (!packed) __builtin_trap();
    struct walk w = {.l = l, .packed = packed, .projected = projected, .out = out};
    cresset_parallel_for(blocks, 1, pack_forward, &w);
    cresset_parallel_for(l->batch, 1, forward_rows, &w);
    cresset_free(packed, size);
}

void cresset_lstm_gradient(
    const cresset_lstm *l, const float *out_gradient, float *hidden_gradient, float *cell_gradient,
    float *projected_gradient) {
    int64_t h = l->hidden, blocks = (h + tile_columns - 1) / tile_columns;
    if (l->steps * l->batch * h == 0) return;
    size_t size = (size_t)(blocks * tile_columns * 4 * h) * sizeof(float);
    float *packed = cresset_allocate(size);
    if (!packed) __builtin_trap();
    struct walk w = {
        .l = l, .packed = packed, .out_gradient = out_gradient, .hidden_gradient = hidden_gradient,
        .cell_gradient = cell_gradient, .gate_gradient = projected_gradient};
    cresset_parallel_for(blocks, 1, pack_backward, &w);
    cresset_parallel_for(l->batch, 1, gradient_rows, &w);
    cresset_free(packed, size);
}
