// Recurrent networks. A step is a small product (32 x 256 by 256 x 1024 in a typical text model) and a little
// arithmetic on its result. The recurrent matrix is packed once for all steps, 48 or 64 columns side by side; in the
// forward pass those are all gates of 16 units, so that a tile of the product becomes new states while it is still in
// registers.
#include "cresset_recurrent.h"

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "recurrent_cells.h"

/// The end of a tile of rows; the rows from `begin` to `end` are divided evenly.
static inline int64_t tile_end(int64_t row, int64_t end, int64_t most) {
    int64_t tiles = (end - row + most - 1) / most;
    return row + (end - row + tiles - 1) / tiles;
}

/// The number of units whose new states a tile produces.
static inline int64_t units_of(const cresset_recurrent *l) { return gates_of(l) == 1 ? 64 : 16; }

// All steps of the sequences from `begin` on. Sequences are independent, so threads synchronise only at the end.
static void forward_rows(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    const forward_tile tiles[] = {
        [cresset_recurrent_tanh] = plain_tile, [cresset_recurrent_relu] = plain_tile,
        [cresset_recurrent_gated] = gated_tile, [cresset_recurrent_long_short_term] = long_short_term_tile};
    int64_t most = w->l->kind == cresset_recurrent_gated ? 8 : 6;
    for (int64_t step = 0; step < w->l->steps; step++)
        for (int64_t column = 0; column < w->l->hidden; column += units_of(w->l))
            for (int64_t row = begin, next; row < end; row = next) {
                next = tile_end(row, end, most);
                tiles[w->l->kind](w, step, column, row, next - row);
            }
}

// The gradient that a step's gates pass to 64 columns of the previous hidden state, for the rows of a tile.
CRESSET_VECTOR static void hidden_gradient_tile(
    const struct walk *w, int64_t step, int64_t column, int64_t row, int64_t rows) {
    const cresset_recurrent *l = w->l;
    int64_t h = l->hidden, depth = gates_of(l) * h, vectors = minimum((h - column) / 16, 4);
    const float *a = w->recurrent_gradient + (time_of(l, step) * l->batch + row) * depth;
    const float *packed = w->packed + column * depth;
    f32x16 tile[6][4];
#define BACKWARD_PRODUCT(count) PRODUCT(tile, count, 4, a, depth, depth, packed)
    WITH_SIX_ROWS(rows, BACKWARD_PRODUCT)
    for (int64_t r = 0; r < rows; r++)
        for (int64_t v = 0; v < vectors; v++) {
            float *out = w->hidden_gradient + (row + r) * h + column + v * 16;
            f32x16 sum = tile[r][v];
            if (l->kind == cresset_recurrent_gated) sum += CRESSET_LOAD_f32(out);
            CRESSET_STORE_f32(out, sum);
        }
}

static void gradient_rows(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    const gate_gradients gates[] = {
        [cresset_recurrent_tanh] = plain_gradients, [cresset_recurrent_relu] = plain_gradients,
        [cresset_recurrent_gated] = gated_gradients,
        [cresset_recurrent_long_short_term] = long_short_term_gradients};
    for (int64_t step = w->l->steps - 1; step >= 0; step--) {
        gates[w->l->kind](w, step, begin, end);
        for (int64_t column = 0; column < w->l->hidden; column += 64)
            for (int64_t row = begin, next; row < end; row = next) {
                next = tile_end(row, end, 6);
                hidden_gradient_tile(w, step, column, row, next - row);
            }
    }
}

// packed[units / 16][k][gate][16] = weight[gate, unit][k], or with one gate packed[units / 64][k][64] =
// weight[unit][k], zeros beyond the last unit.
static void pack_forward(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    int64_t h = w->l->hidden, gates = gates_of(w->l), columns = gates == 1 ? 64 : gates * 16;
    float *packed = (float *)w->packed;
    for (int64_t block = begin; block < end; block++)
        for (int64_t column = 0; column < columns; column++) {
            int64_t unit = gates == 1 ? block * 64 + column : block * 16 + column % 16;
            int64_t gate = gates == 1 ? 0 : column / 16;
            float *to = packed + block * columns * h + column;
            if (unit < h)
                for (int64_t k = 0; k < h; k++) to[k * columns] = w->l->weight[(gate * h + unit) * h + k];
            else
                for (int64_t k = 0; k < h; k++) to[k * columns] = 0;
        }
}

// packed[column / 64][k][64] = weight[k][column], zeros beyond the last column.
static void pack_backward(void *context, int64_t begin, int64_t end) {
    const struct walk *w = context;
    int64_t h = w->l->hidden, depth = gates_of(w->l) * h;
    float *packed = (float *)w->packed;
    for (int64_t block = begin; block < end; block++) {
        int64_t column = block * 64, count = minimum(h - column, 64);
        for (int64_t k = 0; k < depth; k++) {
            float *to = packed + (block * depth + k) * 64;
            memcpy(to, w->l->weight + k * h + column, (size_t)count * sizeof(float));
            memset(to + count, 0, (size_t)(64 - count) * sizeof(float));
        }
    }
}

/// Packs the matrix in blocks, then takes all steps, with sequences divided among threads.
static void run(
    struct walk *w, int64_t blocks, int64_t block_size, cresset_loop_body pack, cresset_loop_body rows) {
    if (w->l->steps * w->l->batch * w->l->hidden == 0) return;
    size_t size = (size_t)(blocks * block_size) * sizeof(float);
    float *packed = cresset_allocate_scratch(size);
    w->packed = packed;
    cresset_parallel_for(blocks, 1, pack, w);
    cresset_parallel_for(w->l->batch, 1, rows, w);
    cresset_free(packed, size);
}

void cresset_recurrent_forward(const cresset_recurrent *l, const float *projected, float *out) {
    int64_t units = units_of(l);
    struct walk w = {.l = l, .projected = projected, .out = out};
    run(&w, (l->hidden + units - 1) / units, units * gates_of(l) * l->hidden, pack_forward, forward_rows);
}

void cresset_recurrent_gradient(
    const cresset_recurrent *l, const float *out, const float *out_gradient, float *hidden_gradient,
    float *cell_gradient, float *projected_gradient, float *recurrent_gradient) {
    struct walk w = {
        .l = l, .states = out, .out_gradient = out_gradient, .hidden_gradient = hidden_gradient,
        .cell_gradient = cell_gradient, .projected_gradient = projected_gradient,
        .recurrent_gradient = recurrent_gradient};
    run(&w, (l->hidden + 63) / 64, 64 * gates_of(l) * l->hidden, pack_backward, gradient_rows);
}
