// Softmax. A row is copied into a buffer of the computation type (unless it already has it), processed in whole
// vectors, and stored.
#include "cresset_softmax.h"

#include <math.h>
#include <stddef.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "exponential.h"
#include "kernel.h"

struct work {
    const cresset_softmax_geometry *g;
    const void *x, *y;
    void *out;
    bool logarithm, empty_is_zero;
};

/// The offset of a row's first element.
static inline int64_t row_offset(const cresset_softmax_geometry *g, int64_t row, int tensor) {
    int64_t offset = 0;
    for (int axis = g->rank - 1; axis >= 0; axis--) {
        offset += row % g->lengths[axis] * g->strides[tensor][axis];
        row /= g->lengths[axis];
    }
    return offset;
}

#define SUM_LANES(vector, total)                                                                                      \
    do {                                                                                                              \
        double lanes[16];                                                                                             \
        f64x16 wide = __builtin_convertvector(vector, f64x16);                                                        \
        memcpy(lanes, &wide, sizeof lanes);                                                                           \
        for (int l = 0; l < 16; l++) (total) += lanes[l];                                                             \
    } while (0)

// Rows are padded to whole vectors with values that add nothing.
static inline int64_t padded(int64_t count) { return (count + 15) / 16 * 16; }

static inline void load_row(
    const void *x, int64_t offset, int64_t step, int64_t count, int dtype, float padding, float *row) {
    if (dtype == cresset_bf16) {
        const uint16_t *from = (const uint16_t *)x + offset;
        for (int64_t i = 0; i < count; i++) row[i] = cresset_widen_bf16(from[i * step]);
    } else if (step == 1) {
        memcpy(row, (const float *)x + offset, (size_t)count * sizeof(float));
    } else {
        const float *from = (const float *)x + offset;
        for (int64_t i = 0; i < count; i++) row[i] = from[i * step];
    }
    for (int64_t i = count; i < padded(count); i++) row[i] = padding;
}

static inline void store_row(const float *row, int64_t count, int dtype, void *out, int64_t offset, int64_t step) {
    if (dtype == cresset_bf16) {
        uint16_t *to = (uint16_t *)out + offset;
        for (int64_t i = 0; i < count; i++) to[i * step] = cresset_narrow_bf16(row[i]);
    } else if (step == 1) {
        memcpy((float *)out + offset, row, (size_t)count * sizeof(float));
    } else {
        float *to = (float *)out + offset;
        for (int64_t i = 0; i < count; i++) to[i * step] = row[i];
    }
}

/// Whether a row contains only minus infinities.
static bool is_empty(const float *row, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (row[i] != -INFINITY) return false;
    return true;
}

CRESSET_VECTOR static void softmax_rows(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_softmax_geometry *g = w->g;
    int64_t width = padded(g->count);
    float *row = cresset_allocate_scratch((size_t)width * sizeof(float));
    for (int64_t r = begin; r < end; r++) {
        load_row(w->x, row_offset(g, r, 0), g->steps[0], g->count, g->dtype, -INFINITY, row);
        f32x16 tops = (f32x16){0} - INFINITY;
        for (int64_t i = 0; i < width; i += 16) {
            f32x16 v = CRESSET_LOAD_f32(row + i);
            tops = (f32x16)(((i32x16)v & (v > tops)) | ((i32x16)tops & ~(v > tops)));
        }
        float top = -INFINITY;
        for (int l = 0; l < 16; l++) top = tops[l] > top ? tops[l] : top;
        if (w->empty_is_zero && top == -INFINITY && is_empty(row, g->count)) {
            memset(row, 0, (size_t)g->count * sizeof(float));
            store_row(row, g->count, g->dtype, w->out, row_offset(g, r, 2), g->steps[2]);
            continue;
        }
        f32x16 sums = {0};
        for (int64_t i = 0; i < width; i += 16) {
            f32x16 v = CRESSET_LOAD_f32(row + i) - top, e;
            EXP(e, v);
            sums += e;
            CRESSET_STORE_f32(row + i, w->logarithm ? v : e);
        }
        // If the maximum is infinite there is no softmax; padding must not hide that.
        double total = 0;
        SUM_LANES(sums, total);
        if (top - top != 0) total = NAN;
        float divisor = (float)total, shift = (float)log(total);
        for (int64_t i = 0; i < width; i += 16) {
            f32x16 v = CRESSET_LOAD_f32(row + i);
            CRESSET_STORE_f32(row + i, w->logarithm ? v - shift : v / divisor);
        }
        store_row(row, g->count, g->dtype, w->out, row_offset(g, r, 2), g->steps[2]);
    }
    cresset_free(row, (size_t)width * sizeof(float));
}

CRESSET_VECTOR static void softmax_gradient_rows(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_softmax_geometry *g = w->g;
    int64_t width = padded(g->count);
    float *row = cresset_allocate_scratch((size_t)width * 2 * sizeof(float)), *y = row + width;
    for (int64_t r = begin; r < end; r++) {
        load_row(w->x, row_offset(g, r, 0), g->steps[0], g->count, g->dtype, 0, row);
        load_row(w->y, row_offset(g, r, 1), g->steps[1], g->count, g->dtype, 0, y);
        f32x16 sums = {0};
        for (int64_t i = 0; i < width; i += 16) {
            f32x16 v = CRESSET_LOAD_f32(row + i);
            sums += w->logarithm ? v : v * CRESSET_LOAD_f32(y + i);
        }
        double total = 0;
        SUM_LANES(sums, total);
        float sum = (float)total;
        for (int64_t i = 0; i < width; i += 16) {
            f32x16 v = CRESSET_LOAD_f32(row + i), p = CRESSET_LOAD_f32(y + i);
            if (w->logarithm) {
                f32x16 e;
                EXP(e, p);
                v = v - e * sum;
            } else {
                v = (v - sum) * p;
            }
            CRESSET_STORE_f32(row + i, v);
        }
        store_row(row, g->count, g->dtype, w->out, row_offset(g, r, 2), g->steps[2]);
    }
    cresset_free(row, (size_t)width * 2 * sizeof(float));
}

// float64 is for checks: it uses the C library's functions, one element at a time.

static void softmax_rows_f64(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_softmax_geometry *g = w->g;
    for (int64_t r = begin; r < end; r++) {
        const double *x = (const double *)w->x + row_offset(g, r, 0);
        double *out = (double *)w->out + row_offset(g, r, 2), top = -INFINITY, sum = 0;
        for (int64_t i = 0; i < g->count; i++) top = x[i * g->steps[0]] > top ? x[i * g->steps[0]] : top;
        for (int64_t i = 0; i < g->count; i++) sum += exp(x[i * g->steps[0]] - top);
        double shift = log(sum);
        bool is_empty = w->empty_is_zero && top == -INFINITY;
        for (int64_t i = 0; is_empty && i < g->count; i++) is_empty = x[i * g->steps[0]] == -INFINITY;
        for (int64_t i = 0; i < g->count; i++) {
            if (is_empty) {
                out[i * g->steps[2]] = 0;
                continue;
            }
            double v = x[i * g->steps[0]] - top;
            out[i * g->steps[2]] = w->logarithm ? v - shift : exp(v) / sum;
        }
    }
}

static void softmax_gradient_rows_f64(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_softmax_geometry *g = w->g;
    for (int64_t r = begin; r < end; r++) {
        const double *x = (const double *)w->x + row_offset(g, r, 0);
        const double *y = (const double *)w->y + row_offset(g, r, 1);
        double *out = (double *)w->out + row_offset(g, r, 2), sum = 0;
        for (int64_t i = 0; i < g->count; i++) {
            double v = x[i * g->steps[0]];
            sum += w->logarithm ? v : v * y[i * g->steps[1]];
        }
        for (int64_t i = 0; i < g->count; i++) {
            double v = x[i * g->steps[0]], p = y[i * g->steps[1]];
            out[i * g->steps[2]] = w->logarithm ? v - exp(p) * sum : (v - sum) * p;
        }
    }
}

static void run(struct work *w, cresset_loop_body f32, cresset_loop_body f64) {
    int64_t rows = 1;
    for (int axis = 0; axis < w->g->rank; axis++) rows *= w->g->lengths[axis];
    if (rows * w->g->count == 0) return;
    cresset_parallel_for(rows, 4096 / w->g->count + 1, w->g->dtype == cresset_f64 ? f64 : f32, w);
}

void cresset_softmax(
    const cresset_softmax_geometry *g, const void *x, bool logarithm, bool empty_is_zero, void *out) {
    run(&(struct work){.g = g, .x = x, .out = out, .logarithm = logarithm, .empty_is_zero = empty_is_zero},
        softmax_rows, softmax_rows_f64);
}

void cresset_softmax_gradient(
    const cresset_softmax_geometry *g, const void *gradient, const void *y, bool logarithm, void *out) {
    run(&(struct work){.g = g, .x = gradient, .y = y, .out = out, .logarithm = logarithm}, softmax_gradient_rows,
        softmax_gradient_rows_f64);
}
