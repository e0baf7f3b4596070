// Recurrent networks. A step is a small product (32 x 256 by 256 x 1024 in a typical text model) and a little
// arithmetic on its result. The recurrent matrix is packed once for all steps, 48 or 64 columns side by side; in the
// forward pass those are all gates of 16 units, so that a tile of the product becomes new states while it is still in
// registers.
#include "cresset_recurrent.h"

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "recurrent_cells.h"

enum {
    /// The rows of a tile: fewer sequences for each thread do not fill one.
    ROWS_A_TILE = 6,
    /// The elements of a matrix whose product takes longer than a wait of the team.
    LARGE_MATRIX = 1 << 16,
};

/// The end of a tile of rows; the rows from `begin` to `end` are divided evenly.
static inline int64_t tile_end(int64_t row, int64_t end, int64_t most) {
    int64_t tiles = (end - row + most - 1) / most;
    return row + (end - row + tiles - 1) / tiles;
}

/// The number of units whose new states a tile produces.
static inline int64_t units_of(const cresset_recurrent *l) { return gates_of(l) == 1 ? 64 : 16; }

/// Waits for the threads that take other units, and returns whether there is more to do: if they are late, the first
/// thread takes all units from here on, and the others none.
static bool meet(struct walk *w, struct share *share) {
    if (share->count == 1 || cresset_meet(&w->meeting, share->index, share->count)) return true;
    bool is_first = share->index == 0;
    *share = (struct share){0, w->l->batch, 0, w->l->hidden, 0, 1};
    return is_first;
}

static void take_forward(struct walk *w, struct share share) {
    const forward_tile tiles[] = {
        [cresset_recurrent_tanh] = plain_tile, [cresset_recurrent_relu] = plain_tile,
        [cresset_recurrent_gated] = gated_tile, [cresset_recurrent_long_short_term] = long_short_term_tile};
    int64_t most = w->l->kind == cresset_recurrent_gated ? 8 : 6;
    for (int64_t step = 0; step < w->l->steps; step++) {
        if (step > 0 && !meet(w, &share)) return;
        for (int64_t column = share.unit; column < share.end_unit; column += units_of(w->l))
            for (int64_t row = share.row, next; row < share.end_row; row = next) {
                next = tile_end(row, share.end_row, most);
                tiles[w->l->kind](w, step, column, row, next - row);
            }
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

static void take_backward(struct walk *w, struct share share) {
    const gate_gradients gates[] = {
        [cresset_recurrent_tanh] = plain_gradients, [cresset_recurrent_relu] = plain_gradients,
        [cresset_recurrent_gated] = gated_gradients,
        [cresset_recurrent_long_short_term] = long_short_term_gradients};
    for (int64_t step = w->l->steps - 1; step >= 0; step--) {
        gates[w->l->kind](w, step, &share);
        if (!meet(w, &share)) return;
        for (int64_t column = share.unit; column < share.end_unit; column += 64)
            for (int64_t row = share.row, next; row < share.end_row; row = next) {
                next = tile_end(row, share.end_row, 6);
                hidden_gradient_tile(w, step, column, row, next - row);
            }
    }
}

/// The recurrent matrix, and where it is packed.
struct packing {
    const cresset_recurrent *l;
    float *to;
};

// packed[units / 16][k][gate][16] = weight[gate, unit][k], or with one gate packed[units / 64][k][64] =
// weight[unit][k], zeros beyond the last unit. Sixteen rows are read at a time: more would not stay in the first cache
// if they are a power of two apart.
static void pack_forward(void *context, int64_t begin, int64_t end) {
    const struct packing *p = context;
    int64_t h = p->l->hidden, gates = gates_of(p->l), columns = gates == 1 ? 64 : gates * 16;
    for (int64_t block = begin; block < end; block++)
        for (int64_t column = 0; column < columns; column += 16) {
            int64_t unit = gates == 1 ? block * 64 + column : block * 16;
            const float *from = p->l->weight + ((gates == 1 ? 0 : column / 16) * h + unit) * h;
            float *to = p->to + block * columns * h + column;
            for (int64_t k = 0; k < h; k++)
                for (int64_t i = 0; i < 16; i++) to[k * columns + i] = unit < h ? from[i * h + k] : 0;
        }
}

// packed[column / 64][k][64] = weight[k][column], zeros beyond the last column.
static void pack_backward(void *context, int64_t begin, int64_t end) {
    const struct packing *p = context;
    int64_t h = p->l->hidden, depth = gates_of(p->l) * h;
    for (int64_t block = begin; block < end; block++) {
        int64_t column = block * 64, count = minimum(h - column, 64);
        for (int64_t k = 0; k < depth; k++) {
            float *to = p->to + (block * depth + k) * 64;
            memcpy(to, p->l->weight + k * h + column, (size_t)count * sizeof(float));
            memset(to + count, 0, (size_t)(64 - count) * sizeof(float));
        }
    }
}

static void take_rows(void *context, int64_t begin, int64_t end) {
    struct walk *w = context;
    w->take(w, (struct share){begin, end, 0, w->l->hidden, 0, 1});
}

static void take_units(void *context, int64_t index, int64_t count) {
    struct walk *w = context;
    int64_t h = w->l->hidden, part = divide_up(divide_up(h, w->units), count) * w->units;
    int64_t unit = minimum(index * part, h);
    w->take(w, (struct share){0, w->l->batch, unit, minimum(unit + part, h), index, count});
}

/// Takes all steps.
///
/// Sequences are independent, so threads that share them out wait for each other only at the end. Few sequences do not
/// fill the tiles of all threads, and each thread would read the whole matrix at every step: then they share out the
/// units, and wait after every step, which takes less time than reading what the others read.
static void take_all(struct walk *w) {
    const cresset_recurrent *l = w->l;
    int64_t blocks = divide_up(l->hidden, w->units), threads = cresset_thread_count();
    bool is_large = gates_of(l) * l->hidden * l->hidden >= LARGE_MATRIX;
    if (is_large && l->batch < ROWS_A_TILE * threads && blocks >= minimum(l->batch, threads))
        cresset_on_team(blocks, take_units, w);
    else
        cresset_parallel_for(l->batch, 1, take_rows, w);
}

static bool is_empty(const cresset_recurrent *l) { return l->steps * l->batch * l->hidden == 0; }

int64_t cresset_recurrent_packed_count(const cresset_recurrent *l) {
    return divide_up(l->hidden, units_of(l)) * units_of(l) * gates_of(l) * l->hidden;
}

void cresset_recurrent_pack(const cresset_recurrent *l, float *packed) {
    struct packing packing = {l, packed};
    cresset_parallel_for(divide_up(l->hidden, units_of(l)), 1, pack_forward, &packing);
}

void cresset_recurrent_forward(const cresset_recurrent *l, const float *projected, float *out) {
    if (is_empty(l)) return;
    size_t size = l->packed ? 0 : (size_t)cresset_recurrent_packed_count(l) * sizeof(float);
    float *own = size ? cresset_allocate_scratch(size) : NULL;
    if (own) cresset_recurrent_pack(l, own);
    struct walk w = {
        .l = l, .projected = projected, .out = out, .packed = own ? own : l->packed, .units = units_of(l),
        .take = take_forward};
    take_all(&w);
    cresset_free(own, size);
}

void cresset_recurrent_gradient(
    const cresset_recurrent *l, const float *out, const float *out_gradient, float *hidden_gradient,
    float *cell_gradient, float *projected_gradient, float *recurrent_gradient) {
    if (is_empty(l)) return;
    int64_t blocks = divide_up(l->hidden, 64);
    size_t size = (size_t)(blocks * 64 * gates_of(l) * l->hidden) * sizeof(float);
    struct packing packing = {l, cresset_allocate_scratch(size)};
    cresset_parallel_for(blocks, 1, pack_backward, &packing);
    struct walk w = {
        .l = l, .states = out, .out_gradient = out_gradient, .hidden_gradient = hidden_gradient,
        .cell_gradient = cell_gradient, .projected_gradient = projected_gradient,
        .recurrent_gradient = recurrent_gradient, .packed = packing.to, .units = 64, .take = take_backward};
    take_all(&w);
    cresset_free(packing.to, size);
}
