// Normalisation of parts of examples. A part is read from memory once: it is in the cache when it is read again.
//
// Sums over parts are computed in chunks whose number depends only on the number of parts, and added up in order:
// results do not depend on the number of threads.
#include "cresset_normalization.h"

#include <math.h>
#include <stddef.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "kernel.h"
#include "typed_loops.h"

// A product and its mean over one element must cancel exactly, which a fused multiply-subtract would prevent.
#pragma STDC FP_CONTRACT OFF

struct work {
    const cresset_normalization *n;
    const void *x, *gradient;
    void *out;
    /// One number per channel of every group, of the computation type.
    const void *weight, *bias;
    double *mean, *scale;
    /// Parts per chunk, and its sums: weight gradients, then bias gradients, for every group's channels. NULL if not
    /// requested.
    int64_t chunk_parts;
    double *sums;
};

/// The number of elements that makes a fork worthwhile.
enum { grain = 8192, most_chunks = 32 };

/// 1 / sqrt(spread + epsilon) of `count` numbers from their sum and the sum of their squares; `shift` is added to the
/// mean.
static void finish(const cresset_normalization *n, double count, double shift, double sum, double square, double *mean,
                   double *scale) {
    double centre = n->is_centred ? sum / count : 0, spread = square / count - centre * centre;
    // Rounding may leave the variance of a constant part just below zero; NaN must stay NaN.
    *scale = 1 / sqrt((spread < 0 ? 0 : spread) + n->epsilon);
    *mean = n->is_centred ? shift + centre : 0;
}

static inline double add_lanes(const double *lanes) {
    double sum = 0;
    for (int i = 0; i < 16; i++) sum += lanes[i];
    return sum;
}

#define NAME f32
#define ELEMENT float
#define REAL float
#define VECTOR f32x16
#include "Templates/normalization_loops.h"

#define NAME bf16
#define ELEMENT uint16_t
#define REAL float
#define VECTOR f32x16
#include "Templates/normalization_loops.h"

#define NAME f64
#define ELEMENT double
#define REAL double
#define VECTOR f64x16
#include "Templates/normalization_loops.h"

/// Scratch memory for `count` numbers; ends the program if there is none.
static double *make_scratch(int64_t count) {
    return cresset_allocate_scratch((size_t)count * sizeof(double));
}

/// The numbers in the computation type, in memory for that many float64.
static const void *prepared(int dtype, cresset_channel_values v, int64_t count, double missing, void *memory) {
    for (int64_t i = 0; i < count; i++) {
        double value = !v.values                 ? missing
                       : v.dtype == cresset_f64  ? ((const double *)v.values)[i]
                       : v.dtype == cresset_bf16 ? cresset_widen_bf16(((const uint16_t *)v.values)[i])
                                                 : ((const float *)v.values)[i];
        if (dtype == cresset_f64)
            ((double *)memory)[i] = value;
        else
            ((float *)memory)[i] = (float)value;
    }
    return memory;
}

#define FOR_DTYPE(name)                                                                                               \
    (w->n->dtype == cresset_f64 ? name##_f64 : w->n->dtype == cresset_bf16 ? name##_bf16 : name##_f32)

/// Runs a loop over parts, or over the examples they belong to.
static void run(struct work *w, cresset_loop_body body, int64_t units, int64_t unit) {
    cresset_parallel_for(units, grain / unit + 1, body, w);
}

void cresset_normalize(
    const cresset_normalization *n, const void *x, cresset_channel_values weight, cresset_channel_values bias,
    double *mean, double *scale, void *out) {
    int64_t channels = n->groups * n->channels, part = n->channels * n->plane;
    double *scratch = make_scratch(2 * channels);
    struct work work = {
        .n = n, .x = x, .out = out, .weight = prepared(n->dtype, weight, channels, 1, scratch),
        .bias = prepared(n->dtype, bias, channels, 0, scratch + channels), .mean = mean, .scale = scale};
    struct work *w = &work;
    if (n->is_channels_last)
        run(w, FOR_DTYPE(normalize_examples), n->parts / n->groups, part * n->groups);
    else if (n->plane == 1)
        run(w, FOR_DTYPE(normalize_rows), n->parts, part);
    else
        run(w, FOR_DTYPE(normalize_planes), n->parts, part);
    cresset_free(scratch, (size_t)(2 * channels) * sizeof(double));
}

void cresset_normalize_gradient(
    const cresset_normalization *n, const void *gradient, const void *x, cresset_channel_values weight,
    const double *mean, const double *scale, void *out, double *weight_gradient, double *bias_gradient) {
    int64_t channels = n->groups * n->channels, examples = n->parts / n->groups, part = n->channels * n->plane;
    bool is_rows = n->plane == 1 && !n->is_channels_last && n->groups == 1;
    int64_t chunk = is_rows ? (n->parts + most_chunks - 1) / most_chunks : 1;
    if (is_rows && chunk < 8) chunk = 8;
    int64_t chunks = is_rows ? (n->parts + chunk - 1) / chunk : examples;
    // The other loops need their sums for other purposes.
    bool has_sums = weight_gradient || !is_rows;
    int64_t count = channels + (has_sums ? chunks * 2 * channels : 0);
    double *scratch = make_scratch(count);
    struct work work = {
        .n = n, .x = x, .gradient = gradient, .out = out, .weight = prepared(n->dtype, weight, channels, 1, scratch),
        .mean = (double *)mean, .scale = (double *)scale, .chunk_parts = chunk,
        .sums = has_sums ? scratch + channels : NULL};
    struct work *w = &work;
    if (is_rows)
        run(w, FOR_DTYPE(gradient_rows), chunks, part * chunk);
    else if (n->is_channels_last)
        run(w, FOR_DTYPE(gradient_examples), examples, part * n->groups);
    else
        run(w, FOR_DTYPE(gradient_planes), n->parts, part);
    for (int64_t c = 0; weight_gradient && c < channels; c++) {
        double product = 0, sum = 0;
        for (int64_t i = 0; i < chunks; i++) {
            product += w->sums[i * 2 * channels + c];
            sum += w->sums[i * 2 * channels + channels + c];
        }
        weight_gradient[c] = product;
        bias_gradient[c] = sum;
    }
    cresset_free(scratch, (size_t)count * sizeof(double));
}
