#include "cresset_matmul.h"

#include <string.h>

#include "kernel.h"
#include "cresset_threads.h"

// A tile of the result, and how many steps of k are summed between two packings: both packed blocks (128 KiB of doubles
// each) stay in the second-level cache.
enum { tile_m = 64, tile_n = 64, tile_k = 256, micro_m = 4, micro_n = 16 };

struct work {
    const cresset_matmul_geometry *g;
    const void *a, *b, *bias;
    void *out;
    int relu;
};

#define MINIMUM(x, y) ((x) < (y) ? (x) : (y))

// `type` is unsigned for integers, so that overflow wraps; `signed_type` compares with 0.
#define DEFINE_MATMUL(name, type, signed_type)                                                                        \
    CRESSET_VECTOR static void name##_tiles(void *context, int64_t begin, int64_t end) {                              \
        const struct work *w = context;                                                                               \
        const cresset_matmul_geometry *g = w->g;                                                                      \
        int64_t columns = (g->n + tile_n - 1) / tile_n, rows = (g->m + tile_m - 1) / tile_m;                          \
        _Alignas(64) type a[tile_m][tile_k], b[tile_k][tile_n], c[tile_m][tile_n];                                    \
        for (int64_t tile = begin; tile < end; tile++) {                                                              \
            int64_t batch = tile / (rows * columns);                                                                  \
            int64_t m0 = tile / columns % rows * tile_m, n0 = tile % columns * tile_n;                                \
            int64_t ms = MINIMUM(g->m - m0, tile_m), ns = MINIMUM(g->n - n0, tile_n);                                 \
            const type *x = (const type *)w->a + batch * g->a_strides[0] + m0 * g->a_strides[1];                      \
            const type *y = (const type *)w->b + batch * g->b_strides[0] + n0 * g->b_strides[2];                      \
            memset(c, 0, sizeof c);                                                                                   \
            for (int64_t k0 = 0; k0 < g->k; k0 += tile_k) {                                                           \
                int64_t ks = MINIMUM(g->k - k0, tile_k);                                                              \
                int64_t full_m = (ms + micro_m - 1) / micro_m * micro_m;                                              \
                for (int64_t m = 0; m < full_m; m++)                                                                  \
                    for (int64_t k = 0; k < ks; k++)                                                                  \
                        a[m][k] = m < ms ? x[m * g->a_strides[1] + (k0 + k) * g->a_strides[2]] : 0;                   \
                for (int64_t k = 0; k < ks; k++)                                                                      \
                    for (int64_t n = 0; n < tile_n; n++)                                                              \
                        b[k][n] = n < ns ? y[(k0 + k) * g->b_strides[1] + n * g->b_strides[2]] : 0;                   \
                for (int64_t m = 0; m < full_m; m += micro_m)                                                         \
                    for (int64_t n = 0; n < ns; n += micro_n) {                                                       \
                        type sums[micro_m][micro_n];                                                                  \
                        memcpy(sums[0], &c[m][n], sizeof sums[0]);                                                    \
                        memcpy(sums[1], &c[m + 1][n], sizeof sums[0]);                                                \
                        memcpy(sums[2], &c[m + 2][n], sizeof sums[0]);                                                \
                        memcpy(sums[3], &c[m + 3][n], sizeof sums[0]);                                                \
                        for (int64_t k = 0; k < ks; k++) {                                                            \
                            type a0 = a[m][k], a1 = a[m + 1][k], a2 = a[m + 2][k], a3 = a[m + 3][k];                  \
                            for (int j = 0; j < micro_n; j++) {                                                       \
                                sums[0][j] += a0 * b[k][n + j];                                                       \
                                sums[1][j] += a1 * b[k][n + j];                                                       \
                                sums[2][j] += a2 * b[k][n + j];                                                       \
                                sums[3][j] += a3 * b[k][n + j];                                                       \
                            }                                                                                         \
                        }                                                                                             \
                        memcpy(&c[m][n], sums[0], sizeof sums[0]);                                                    \
                        memcpy(&c[m + 1][n], sums[1], sizeof sums[0]);                                                \
                        memcpy(&c[m + 2][n], sums[2], sizeof sums[0]);                                                \
                        memcpy(&c[m + 3][n], sums[3], sizeof sums[0]);                                                \
                    }                                                                                                 \
            }                                                                                                         \
            type *out = (type *)w->out + batch * g->out_strides[0] + m0 * g->out_strides[1] +                         \
                        n0 * g->out_strides[2];                                                                       \
            for (int64_t m = 0; m < ms; m++)                                                                          \
                for (int64_t n = 0; n < ns; n++) {                                                                    \
                    type value = w->bias ? c[m][n] + ((const type *)w->bias)[n0 + n] : c[m][n];                       \
                    if (w->relu && (signed_type)value < 0) value = 0;                                                 \
                    out[m * g->out_strides[1] + n * g->out_strides[2]] = value;                                       \
                }                                                                                                     \
        }                                                                                                             \
    }

DEFINE_MATMUL(f64, double, double)
DEFINE_MATMUL(i64, uint64_t, int64_t)
DEFINE_MATMUL(i32, uint32_t, int32_t)
DEFINE_MATMUL(i16, uint16_t, int16_t)
DEFINE_MATMUL(i8, uint8_t, int8_t)
DEFINE_MATMUL(u8, uint8_t, uint8_t)

void cresset_matmul(
    const cresset_matmul_geometry *g, int dtype, const void *a, const void *b, const void *bias, int relu,
    void *out) {
    struct work work = {.g = g, .a = a, .b = b, .bias = bias, .out = out, .relu = relu};
    int64_t tiles = g->batch * ((g->m + tile_m - 1) / tile_m) * ((g->n + tile_n - 1) / tile_n);
    cresset_loop_body body = dtype == 1   ? f64_tiles
                             : dtype == 4 ? i64_tiles
                             : dtype == 5 ? i32_tiles
                             : dtype == 6 ? i16_tiles
                             : dtype == 7 ? i8_tiles
                                          : u8_tiles;
    cresset_parallel_for(tiles, 1, body, &work);
}

// MARK: bfloat16

struct conversion {
    const void *x;
    void *out;
};

CRESSET_VECTOR static void widen(void *context, int64_t begin, int64_t end) {
    const struct conversion *c = context;
    const uint16_t *x = c->x;
    float *out = c->out;
    for (int64_t i = begin; i < end; i++) out[i] = cresset_widen_bf16(x[i]);
}

CRESSET_VECTOR static void narrow(void *context, int64_t begin, int64_t end) {
    const struct conversion *c = context;
    const float *x = c->x;
    uint16_t *out = c->out;
    for (int64_t i = begin; i < end; i++) out[i] = cresset_narrow_bf16(x[i]);
}

void cresset_widen_all(const void *x, int64_t count, float *out) {
    cresset_parallel_for(count, 16384, widen, &(struct conversion){x, out});
}

void cresset_narrow_all(const float *x, int64_t count, void *out) {
    cresset_parallel_for(count, 16384, narrow, &(struct conversion){x, out});
}

// MARK: Layouts

struct layout {
    const char *x;
    char *out;
    int rank, item_size;
    const int64_t *lengths, *strides;
    int spreads;
};

static inline void copy_row(
    const char *from, int64_t from_step, char *to, int64_t to_step, int64_t count, int item_size) {
    for (int64_t i = 0; i < count; i++)
        // Constant sizes compile to single moves.
        switch (item_size) {
            case 2: memcpy(to + i * to_step, from + i * from_step, 2); break;
            case 4: memcpy(to + i * to_step, from + i * from_step, 4); break;
            default: memcpy(to + i * to_step, from + i * from_step, (size_t)item_size);
        }
}

static void copy_rows(void *context, int64_t begin, int64_t end) {
    const struct layout *l = context;
    int64_t last = l->lengths[l->rank - 1], step = l->strides[l->rank - 1] * l->item_size;
    for (int64_t row = begin; row < end; row++) {
        int64_t offset = 0, rest = row;
        for (int axis = l->rank - 2; axis >= 0; axis--) {
            offset += rest % l->lengths[axis] * l->strides[axis];
            rest /= l->lengths[axis];
        }
        int64_t dense = row * last * l->item_size;
        offset *= l->item_size;
        if (l->spreads)
            copy_row(l->x + dense, l->item_size, l->out + offset, step, last, l->item_size);
        else
            copy_row(l->x + offset, step, l->out + dense, l->item_size, last, l->item_size);
    }
}

static void copy_layout(struct layout layout) {
    int64_t rows = 1;
    for (int axis = 0; axis < layout.rank - 1; axis++) rows *= layout.lengths[axis];
    int64_t last = layout.lengths[layout.rank - 1];
    if (rows * last == 0) return;
    cresset_parallel_for(rows, 16384 / last + 1, copy_rows, &layout);
}

void cresset_make_dense(
    const void *x, int rank, const int64_t *lengths, const int64_t *strides, int item_size, void *out) {
    copy_layout((struct layout){x, out, rank, item_size, lengths, strides, 0});
}

void cresset_spread(
    const void *x, int rank, const int64_t *lengths, const int64_t *strides, int item_size, void *out) {
    copy_layout((struct layout){x, out, rank, item_size, lengths, strides, 1});
}
