#include "cresset_pool.h"

#include <math.h>
#include <stddef.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "kernel.h"
#include "typed_loops.h"

// Channels per unit of work: a batch of one picture still keeps several threads busy.
enum { strip = 64 };

/// Of a window, along one axis: where tap 0 would be, and which taps fall on the input. Of an input position: which windows'
/// spans contain it.
struct range {
    int64_t start, begin, end;
};

struct work {
    const cresset_pool_geometry *g;
    const void *x;
    void *out, *indices;
    bool wide, counts_padding;
    int64_t divisor, strips;
    /// The ranges of all positions along each axis, and the divisor of each window's sum: computed once for all channels and
    /// examples.
    const struct range *ranges[3];
    const int64_t *divisors;
};

static inline int64_t volume(const int64_t lengths[3]) { return lengths[0] * lengths[1] * lengths[2]; }

/// A strip of channels at one position of one example. Positions are counted up, because divisions would take as long as a
/// small window.
struct cursor {
    /// Numbers over all strips, and over all positions of all examples.
    int64_t unit, row;
    int64_t example, strip;
    /// In the plane: along each axis, and in all.
    int64_t position[3], place;
};

static inline struct cursor cursor_at(const struct work *w, const int64_t lengths[3], int64_t unit) {
    struct cursor at = {.unit = unit, .row = unit / w->strips, .strip = unit % w->strips};
    at.example = at.row / volume(lengths);
    at.place = at.row % volume(lengths);
    at.position[2] = at.place % lengths[2];
    at.position[1] = at.place / lengths[2] % lengths[1];
    at.position[0] = at.place / lengths[2] / lengths[1];
    return at;
}

static inline void advance(struct cursor *at, const struct work *w, const int64_t lengths[3]) {
    at->unit++;
    if (++at->strip < w->strips) return;
    at->strip = 0;
    at->row++;
    at->place++;
    if (++at->position[2] < lengths[2]) return;
    at->position[2] = 0;
    if (++at->position[1] < lengths[1]) return;
    at->position[1] = 0;
    if (++at->position[0] < lengths[0]) return;
    at->position[0] = at->place = 0;
    at->example++;
}

static inline void find_ranges(const struct work *w, const struct cursor *at, struct range ranges[3]) {
    for (int d = 0; d < 3; d++) ranges[d] = w->ranges[d][at->position[d]];
}

static struct range window_range(const cresset_pool_geometry *g, int d, int64_t position) {
    struct range range;
    if (g->is_adaptive) {
        range.start = position * g->in[d] / g->out[d];
        range.begin = 0;
        range.end = divide_up((position + 1) * g->in[d], g->out[d]) - range.start;
    } else {
        range.start = position * g->stride[d] - g->padding_before[d];
        range.begin = divide_up(-range.start, g->dilation[d]);
        range.end = minimum(g->kernel[d], divide_up(g->in[d] - range.start, g->dilation[d]));
    }
    return range;
}

static struct range cover_range(const cresset_pool_geometry *g, int d, int64_t position) {
    struct range range = {0};
    if (g->is_adaptive) {
        range.begin = position * g->out[d] / g->in[d];
        range.end = divide_up((position + 1) * g->out[d], g->in[d]);
    } else {
        int64_t reach = (g->kernel[d] - 1) * g->dilation[d], padded = position + g->padding_before[d];
        range.begin = divide_up(padded - reach, g->stride[d]);
        range.end = minimum(g->out[d], padded / g->stride[d] + 1);
    }
    return range;
}

/// Whether one of the window's taps falls on the input position, which lies in its span.
static inline bool touches(
    const cresset_pool_geometry *g, const int64_t position[3], int64_t o0, int64_t o1, int64_t o2) {
    int64_t window[3] = {o0, o1, o2};
    if (g->is_adaptive) return true;
    for (int d = 0; d < 3; d++)
        if (g->dilation[d] > 1 &&
            (position[d] + g->padding_before[d] - window[d] * g->stride[d]) % g->dilation[d]) return false;
    return true;
}

/// The part of a window's divisor that comes from one axis.
static int64_t divisor_factor(const struct work *w, int d, int64_t position) {
    const cresset_pool_geometry *g = w->g;
    struct range range = window_range(g, d, position);
    if (!w->counts_padding) return maximum(range.end - range.begin, 0);
    int64_t end = g->in[d] + g->padding_after[d];
    return minimum(g->kernel[d], divide_up(end - range.start, g->dilation[d]));
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

struct loops {
    cresset_loop_body f32, bf16, f64;
};

/// Runs a loop over (batch, positions of `plane`, strips of channels), with the ranges that `range` gives for them.
static void run(
    struct work *w, const int64_t plane[3], struct range (*range)(const cresset_pool_geometry *, int, int64_t),
    struct loops loops) {
    w->strips = (w->g->channels + strip - 1) / strip;
    size_t size = (size_t)(plane[0] + plane[1] + plane[2]) * sizeof(struct range);
    struct range *ranges = cresset_allocate_scratch(size), *next = ranges;
    for (int d = 0; d < 3; d++) {
        w->ranges[d] = next;
        for (int64_t i = 0; i < plane[d]; i++) *next++ = range(w->g, d, i);
    }
    cresset_loop_body body =
        w->g->dtype == cresset_f64 ? loops.f64 : w->g->dtype == cresset_bf16 ? loops.bf16 : loops.f32;
    cresset_parallel_for(w->g->batch * volume(plane) * w->strips, 64, body, w);
    cresset_free(ranges, size);
}

void cresset_max_pool(
    const cresset_pool_geometry *g, const void *x, void *indices, bool wide_indices, void *out) {
    struct work w = {.g = g, .x = x, .out = out, .indices = indices, .wide = wide_indices};
    run(&w, g->out, window_range, (struct loops){max_pool_f32, max_pool_bf16, max_pool_f64});
}

void cresset_max_pool_gradient(
    const cresset_pool_geometry *g, const void *gradient, const void *indices, bool wide_indices, void *out) {
    struct work w = {.g = g, .x = gradient, .out = out, .indices = (void *)indices, .wide = wide_indices};
    run(&w, g->in, cover_range,
        (struct loops){max_pool_gradient_f32, max_pool_gradient_bf16, max_pool_gradient_f64});
}

/// Runs a loop of averages with the divisors of all windows.
static void run_average(
    struct work *w, const int64_t plane[3], struct range (*range)(const cresset_pool_geometry *, int, int64_t),
    struct loops loops) {
    const int64_t *out = w->g->out;
    size_t size = (size_t)volume(out) * sizeof(int64_t);
    int64_t *divisors = cresset_allocate_scratch(size), *next = divisors;
    for (int64_t i = 0; i < out[0]; i++)
        for (int64_t j = 0; j < out[1]; j++)
            for (int64_t k = 0; k < out[2]; k++)
                *next++ = w->divisor
                    ? w->divisor : divisor_factor(w, 0, i) * divisor_factor(w, 1, j) * divisor_factor(w, 2, k);
    w->divisors = divisors;
    run(w, plane, range, loops);
    cresset_free(divisors, size);
}

void cresset_average_pool(
    const cresset_pool_geometry *g, const void *x, bool counts_padding, int64_t divisor, void *out) {
    struct work w = {.g = g, .x = x, .out = out, .counts_padding = counts_padding, .divisor = divisor};
    run_average(&w, g->out, window_range, (struct loops){average_pool_f32, average_pool_bf16, average_pool_f64});
}

void cresset_average_pool_gradient(
    const cresset_pool_geometry *g, const void *gradient, bool counts_padding, int64_t divisor, void *out) {
    struct work w = {.g = g, .x = gradient, .out = out, .counts_padding = counts_padding, .divisor = divisor};
    run_average(
        &w, g->in, cover_range,
        (struct loops){average_pool_gradient_f32, average_pool_gradient_bf16, average_pool_gradient_f64});
}
