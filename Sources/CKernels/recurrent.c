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
    int64_t time;
    // Forward.
    const float *projected, *hidden, *cell;
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

static inline int64_t row_tiles(const cresset_lstm *l) { return (l->batch + tile_rows - 1) / tile_rows; }

/// The first row of a tile, with the rows shared out evenly.
static inline int64_t first_row(const cresset_lstm *l, int64_t tile) { return tile * l->batch / row_tiles(l); }

// One step forward for the tiles from `begin` on; tiles of the same columns follow each other.
CRESSET_VECTOR static void forward_tiles(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    const cresset_lstm *l = w->l;
    int64_t h = l->hidden, tiles = row_tiles(l);
    for (int64_t item = begin; item < end; item++) {
        int64_t column = item / tiles * 16, row = first_row(l, item % tiles);
        int64_t rows = first_row(l, item % tiles + 1) - row;
        const float *a = w->hidden + row * h, *packed = w->packed + column * 4 * h;
        f32x16 tile[tile_rows][4];
#define FORWARD_PRODUCT(count) PRODUCT(tile, count, a, h, h, packed)
        WITH_ROWS(rows, FORWARD_PRODUCT)
        for (int64_t r = 0; r < rows; r++) {
            int64_t gate = ((w->time * l->batch + row + r) * 4) * h + column, state = (row + r) * h + column;
            const float *x = w->projected + gate;
            f32x16 i, f, g, o, squashed;
            SIGMOID(i, tile[r][0] + CRESSET_LOAD_f32(x));
            SIGMOID(f, tile[r][1] + CRESSET_LOAD_f32(x + h));
            TANH(g, tile[r][2] + CRESSET_LOAD_f32(x + 2 * h));
            SIGMOID(o, tile[r][3] + CRESSET_LOAD_f32(x + 3 * h));
            f32x16 c = f * CRESSET_LOAD_f32(w->cell + state) + i * g;
            TANH(squashed, c);
            if (l->gates) {
                CRESSET_STORE_f32(l->gates + gate, i);
                CRESSET_STORE_f32(l->gates + gate + h, f);
                CRESSET_STORE_f32(l->gates + gate + 2 * h, g);
                CRESSET_STORE_f32(l->gates + gate + 3 * h, o);
            }
            CRESSET_STORE_f32(l->cells + w->time * l->batch * h + state, c);
            CRESSET_STORE_f32(w->out + w->time * l->batch * h + state, o * squashed);
        }
    }
}

// The gradients of one step's gates, for the rows from `begin` on.
CRESSET_VECTOR static void gate_gradients(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    const cresset_lstm *l = w->l;
    int64_t h = l->hidden;
    for (int64_t row = begin; row < end; row++) {
        for (int64_t column = 0; column < h; column += 16) {
            int64_t gate = ((w->time * l->batch + row) * 4) * h + column, state = row * h + column;
            int64_t now = w->time * l->batch * h + state;
            const float *gates = l->gates + gate;
            float *out = w->gate_gradient + gate;
            f32x16 i = CRESSET_LOAD_f32(gates), f = CRESSET_LOAD_f32(gates + h);
            f32x16 g = CRESSET_LOAD_f32(gates + 2 * h), o = CRESSET_LOAD_f32(gates + 3 * h), squashed;
            TANH(squashed, CRESSET_LOAD_f32(l->cells + now));
            f32x16 dh = CRESSET_LOAD_f32(w->out_gradient + now) + CRESSET_LOAD_f32(w->hidden_gradient + state);
            f32x16 dc = CRESSET_LOAD_f32(w->cell_gradient + state) + dh * o * (1 - squashed * squashed);
            CRESSET_STORE_f32(out, dc * g * i * (1 - i));
            CRESSET_STORE_f32(out + h, dc * CRESSET_LOAD_f32(w->cell + state) * f * (1 - f));
            CRESSET_STORE_f32(out + 2 * h, dc * i * (1 - g * g));
            CRESSET_STORE_f32(out + 3 * h, dh * squashed * o * (1 - o));
            CRESSET_STORE_f32(w->cell_gradient + state, dc * f);
        }
    }
}

// What a step's gates hand back to the hidden state before, tile by tile.
CRESSET_VECTOR static void hidden_gradients(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    const cresset_lstm *l = w->l;
    int64_t h = l->hidden, depth = 4 * h, tiles = row_tiles(l);
    for (int64_t item = begin; item < end; item++) {
        int64_t column = item / tiles * tile_columns, row = first_row(l, item % tiles);
        int64_t rows = first_row(l, item % tiles + 1) - row;
        const float *a = w->gate_gradient + (w->time * l->batch + row) * depth, *packed = w->packed + column * depth;
        f32x16 tile[tile_rows][4];
#define BACKWARD_PRODUCT(count) PRODUCT(tile, count, a, depth, depth, packed)
        WITH_ROWS(rows, BACKWARD_PRODUCT)
        int64_t vectors = (h - column) / 16 < 4 ? (h - column) / 16 : 4;
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < vectors; c++)
                CRESSET_STORE_f32(w->hidden_gradient + (row + r) * h + column + c * 16, tile[r][c]);
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
    int64_t h = l->hidden, blocks = h / 16, state = l->batch * h;
    if (l->steps * state == 0) return;
    size_t size = (size_t)(4 * h * h) * sizeof(float);
    float *packed = cresset_allocate(size);
    if (!packed) __builtin_trap();
    struct walk w = {.l = l, .packed = packed, .projected = projected, .out = out};
    cresset_parallel_for(blocks, 1, pack_forward, &w);
    w.hidden = l->first_hidden;
    w.cell = l->first_cell;
    for (int64_t step = 0; step < l->steps; step++) {
        w.time = l->reversed ? l->steps - 1 - step : step;
        cresset_parallel_for(blocks * row_tiles(l), 1, forward_tiles, &w);
        w.hidden = out + w.time * state;
        w.cell = l->cells + w.time * state;
    }
    cresset_free(packed, size);
}

void cresset_lstm_gradient(
    const cresset_lstm *l, const float *out_gradient, float *hidden_gradient, float *cell_gradient,
    float *projected_gradient) {
    int64_t h = l->hidden, blocks = (h + tile_columns - 1) / tile_columns, state = l->batch * h;
    if (l->steps * state == 0) return;
    size_t size = (size_t)(blocks * tile_columns * 4 * h) * sizeof(float);
    float *packed = cresset_allocate(size);
    if (!packed) __builtin_trap();
    struct walk w = {
        .l = l, .packed = packed, .out_gradient = out_gradient, .hidden_gradient = hidden_gradient,
        .cell_gradient = cell_gradient, .gate_gradient = projected_gradient};
    cresset_parallel_for(blocks, 1, pack_backward, &w);
    for (int64_t step = l->steps - 1; step >= 0; step--) {
        w.time = l->reversed ? l->steps - 1 - step : step;
        int64_t before = l->reversed ? w.time + 1 : w.time - 1;
        w.cell = step == 0 ? l->first_cell : l->cells + before * state;
        cresset_parallel_for(l->batch, 1024 / h + 1, gate_gradients, &w);
        cresset_parallel_for(blocks * row_tiles(l), 1, hidden_gradients, &w);
    }
    cresset_free(packed, size);
}
