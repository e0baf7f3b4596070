#include "cresset_pool.h"

#include <math.h>
#include <stddef.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "kernel.h"
#include "typed_loops.h"

// Channels per unit of work: a batch of one picture still keeps several threads busy.
enum { strip = 64 };

struct work {
    const cresset_pool_geometry *g;
    const void *x;
    void *out, *indices;
    bool wide, counts_padding;
    int64_t divisor, strips;
    /// The divisor of each window's sum, computed once for all channels and examples.
    const int64_t *divisors;
};

/// The taps of a window that fall on the input, axis by axis, and where tap 0 would be.
struct span {
    int64_t start[3], begin[3], end[3];
};

/// The windows whose span contains an input position, axis by axis.
struct cover {
    int64_t begin[3], end[3];
};

static inline int64_t volume(const int64_t lengths[3]) { return lengths[0] * lengths[1] * lengths[2]; }

static inline void locate(int64_t index, const int64_t lengths[3], int64_t position[3]) {
    position[2] = index % lengths[2];
    position[1] = index / lengths[2] % lengths[1];
    position[0] = index / lengths[2] / lengths[1];
}

static inline struct span window_span(const cresset_pool_geometry *g, int64_t window) {
    struct span span;
    int64_t position[3];
    locate(window, g->out, position);
    for (int d = 0; d < 3; d++) {
        if (g->is_adaptive) {
            span.start[d] = position[d] * g->in[d] / g->out[d];
            span.begin[d] = 0;
            span.end[d] = divide_up((position[d] + 1) * g->in[d], g->out[d]) - span.start[d];
            continue;
        }
        span.start[d] = position[d] * g->stride[d] - g->padding_before[d];
        span.begin[d] = divide_up(-span.start[d], g->dilation[d]);
        span.end[d] = minimum(g->kernel[d], divide_up(g->in[d] - span.start[d], g->dilation[d]));
    }
    return span;
}

static inline struct cover windows_over(const cresset_pool_geometry *g, int64_t index) {
    struct cover cover;
    int64_t position[3];
    locate(index, g->in, position);
    for (int d = 0; d < 3; d++) {
        if (g->is_adaptive) {
            cover.begin[d] = position[d] * g->out[d] / g->in[d];
            cover.end[d] = divide_up((position[d] + 1) * g->out[d], g->in[d]);
            continue;
        }
        int64_t reach = (g->kernel[d] - 1) * g->dilation[d], padded = position[d] + g->padding_before[d];
        cover.begin[d] = divide_up(padded - reach, g->stride[d]);
        cover.end[d] = minimum(g->out[d], padded / g->stride[d] + 1);
    }
    return cover;
}

/// Whether one of the window's taps falls on the input position, which lies in its span.
static inline bool touches(const cresset_pool_geometry *g, int64_t index, int64_t o0, int64_t o1, int64_t o2) {
    int64_t position[3], window[3] = {o0, o1, o2};
    if (g->is_adaptive) return true;
    locate(index, g->in, position);
    for (int d = 0; d < 3; d++)
        if ((position[d] + g->padding_before[d] - window[d] * g->stride[d]) % g->dilation[d]) return false;
    return true;
}

/// The divisor of a window's sum.
static inline int64_t window_divisor(const struct work *w, int64_t window) {
    if (w->divisor) return w->divisor;
    if (w->divisors) return w->divisors[window];
    const cresset_pool_geometry *g = w->g;
    struct span span = window_span(g, window);
    int64_t count = 1;
    for (int d = 0; d < 3; d++) {
        if (w->counts_padding) {
            int64_t end = g->in[d] + g->padding_after[d];
            count *= minimum(g->kernel[d], divide_up(end - span.start[d], g->dilation[d]));
        } else {
            count *= maximum(span.end[d] - span.begin[d], 0);
        }
    }
    return count;
}

typedef int64_t i64x16_any __attribute__((vector_size(128), aligned(8), may_alias));
typedef int32_t i32x16_any __attribute__((vector_size(64), aligned(4), may_alias));
// Indices are as wide as the values compared.
typedef int32_t index_f32, index_bf16;
typedef int64_t index_f64;

#define NAME f32
#define ELEMENT float
#define REAL float
#define VECTOR f32x16
#define MASK i32x16
#include "Templates/pool_loops.h"

#define NAME bf16
#define ELEMENT uint16_t
#define REAL float
#define VECTOR f32x16
#define MASK i32x16
#include "Templates/pool_loops.h"

#define NAME f64
#define ELEMENT double
#define REAL double
#define VECTOR f64x16
#define MASK i64x16
#include "Templates/pool_loops.h"

/// Runs a loop over (batch, positions of `plane`, strips of channels).
static void run(
    struct work *w, const int64_t plane[3], cresset_loop_body f32, cresset_loop_body bf16, cresset_loop_body f64) {
    w->strips = (w->g->channels + strip - 1) / strip;
    cresset_loop_body body = w->g->dtype == cresset_f64 ? f64 : w->g->dtype == cresset_bf16 ? bf16 : f32;
    cresset_parallel_for(w->g->batch * volume(plane) * w->strips, 64, body, w);
}

void cresset_max_pool(
    const cresset_pool_geometry *g, const void *x, void *indices, bool wide_indices, void *out) {
    struct work w = {.g = g, .x = x, .out = out, .indices = indices, .wide = wide_indices};
    run(&w, g->out, max_pool_f32, max_pool_bf16, max_pool_f64);
}

void cresset_max_pool_gradient(
    const cresset_pool_geometry *g, const void *gradient, const void *indices, bool wide_indices, void *out) {
    struct work w = {.g = g, .x = gradient, .out = out, .indices = (void *)indices, .wide = wide_indices};
    run(&w, g->in, max_pool_gradient_f32, max_pool_gradient_bf16, max_pool_gradient_f64);
}

/// Runs a loop of averages with the divisors of all windows precomputed.
static void run_average(
    struct work *w, const int64_t plane[3], cresset_loop_body f32, cresset_loop_body bf16, cresset_loop_body f64) {
    int64_t windows = volume(w->g->out);
    size_t size = (size_t)windows * sizeof(int64_t);
    int64_t *divisors = cresset_allocate_scratch(size);
    for (int64_t i = 0; i < windows; i++) divisors[i] = window_divisor(w, i);
    w->divisors = divisors;
    run(w, plane, f32, bf16, f64);
    cresset_free(divisors, size);
}

void cresset_average_pool(
    const cresset_pool_geometry *g, const void *x, bool counts_padding, int64_t divisor, void *out) {
    struct work w = {.g = g, .x = x, .out = out, .counts_padding = counts_padding, .divisor = divisor};
    run_average(&w, g->out, average_pool_f32, average_pool_bf16, average_pool_f64);
}

void cresset_average_pool_gradient(
    const cresset_pool_geometry *g, const void *gradient, bool counts_padding, int64_t divisor, void *out) {
    struct work w = {.g = g, .x = gradient, .out = out, .counts_padding = counts_padding, .divisor = divisor};
    run_average(&w, g->in, average_pool_gradient_f32, average_pool_gradient_bf16, average_pool_gradient_f64);
}
