// Batch normalisation: each pass reads and writes every activation once, so all passes run at memory speed.
//
// Sums over rows are computed in chunks whose number depends only on the number of rows, and added up in order: results
// do not depend on the number of threads.
#include "cresset_batchnorm.h"

#include <math.h>
#include <stddef.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "kernel.h"
#include "loops.h"
#include "typed_loops.h"

struct loops {
    cresset_loop_body statistics_rows, normalize_rows, gradient_sums_rows, gradient_rows;
    cresset_loop_body statistics_planes, normalize_planes, gradient_sums_planes, gradient_planes;
};

struct work {
    const struct loops *loops;
    cresset_batchnorm_layout layout;
    const void *x, *gradient, *part, *result, *addend;
    void *out, *addend_gradient;
    bool relu, clamps;
    double ceiling;
    // One number per channel, of the computation type.
    void *mean, *scale, *bias, *centre, *slope;
    int64_t chunk_rows, chunks;
    const double *shift;
    // Two sums for each chunk and channel.
    double *partial;
    // An activation that is no rectifier, and what makes its gradient; NULL if there is none.
    cr_inner activate, differentiate;
    double a, b;
};

/// Sixteen numbers as the type of sums over some rows.
#define PARTIAL(v) __builtin_convertvector(v, PART)
// Products of two bfloat16 numbers are exact in float32, and sums of so few rows nearly so. Others are summed in float64.
enum { rows_at_once = 16 };

static int64_t item_size(const struct work *w) { return sizes[w->layout.dtype]; }

/// The gradients of some elements before the activation, into `out`: `number` is that of a row of channels, or of a plane
/// of one channel. `scratch` has room for their normalised values.
static void differentiate(const struct work *w, int64_t number, int64_t count, void *scratch);

#define NAME f32
#define ELEMENT float
#define REAL float
#define VECTOR f32x16
#define MASK i32x16
#define PART f64x16
#include "Templates/batchnorm_loops.h"

#define NAME bf16
#define ELEMENT uint16_t
#define REAL float
#define VECTOR f32x16
#define MASK i32x16
#define PART f32x16
#include "Templates/batchnorm_loops.h"

#define NAME f64
#define ELEMENT double
#define REAL double
#define VECTOR f64x16
#define MASK i64x16
#define PART f64x16
#include "Templates/batchnorm_loops.h"

static const struct loops *loops_for(int dtype) {
    return dtype == cresset_f64 ? &loops_f64 : dtype == cresset_bf16 ? &loops_bf16 : &loops_f32;
}

static bool is_channels_last(const struct work *w) { return w->layout.plane == 1; }
/// The length of a row of channels, or of a plane.
static int64_t row_length(const struct work *w) { return is_channels_last(w) ? w->layout.channels : w->layout.plane; }

/// The number of elements that makes a fork worthwhile, and the number of those that stay in a cache.
enum { grain = 16384, cached = 8192 };

static int64_t row_grain(const struct work *w) { return grain / maximum(row_length(w), 1) + 1; }

static cresset_loop_body normalize(const struct work *w) {
    return is_channels_last(w) ? w->loops->normalize_rows : w->loops->normalize_planes;
}

static void differentiate(const struct work *w, int64_t number, int64_t count, void *scratch) {
    int64_t row = row_length(w), size = item_size(w), n = row * count, offset = number * row * size;
    int64_t channel = is_channels_last(w) ? 0 : number % w->layout.channels * (w->layout.dtype == cresset_f64 ? 8 : 4);
    struct work part = *w;
    part.x = (const char *)w->x + offset;
    part.out = scratch;
    part.mean = (char *)w->mean + channel;
    part.scale = (char *)w->scale + channel;
    part.bias = (char *)w->bias + channel;
    normalize(w)(&part, 0, count);
    char *out = (char *)w->out + offset, *gradient = (char *)w->gradient + offset;
    const long strides[3] = {size, size, size};
    if (w->part) {
        char *const sum[3] = {out, gradient, (char *)w->part + offset};
        cr_binary_kernel(CR_BINARY_add, w->layout.dtype)(n, sum, strides, 0, 0);
        gradient = out;
    }
    char *const product[3] = {out, gradient, scratch};
    w->differentiate(n, product, strides, w->a, w->b);
}

/// Over rows or planes: normalises a few, and activates them while they are in a cache.
static void normalize_and_activate(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t row = row_length(w), size = item_size(w), step = maximum(cached / maximum(row, 1), 1);
    const long strides[2] = {size, size};
    for (int64_t first = begin; first < end; first += step) {
        int64_t last = minimum(first + step, end);
        normalize(w)(context, first, last);
        char *out = (char *)w->out + first * row * size, *const operands[2] = {out, out};
        w->activate((last - first) * row, operands, strides, w->a, w->b);
    }
}

static double read_channel(cresset_channel_values v, int64_t i, double missing) {
    if (!v.values) return missing;
    switch (v.dtype) {
        case cresset_f64: return ((const double *)v.values)[i];
        case cresset_bf16: return cresset_widen_bf16(((const uint16_t *)v.values)[i]);
        default: return ((const float *)v.values)[i];
    }
}

void cresset_store_channels(const double *x, int64_t count, int dtype, void *out) {
    for (int64_t i = 0; i < count; i++) switch (dtype) {
            case cresset_f64: ((double *)out)[i] = x[i]; break;
            case cresset_bf16: ((uint16_t *)out)[i] = cresset_narrow_bf16((float)x[i]); break;
            default: ((float *)out)[i] = (float)x[i];
        }
}

/// Stores a number of the computation type.
static void put_real(const struct work *w, void *values, int64_t i, double value) {
    if (w->layout.dtype == cresset_f64)
        ((double *)values)[i] = value;
    else
        ((float *)values)[i] = (float)value;
}

/// Splits the rows into at most 64 chunks of at least 32.
static void plan_chunks(struct work *w) {
    w->chunk_rows = (w->layout.rows + 63) / 64;
    if (w->chunk_rows < 32) w->chunk_rows = 32;
    w->chunks = is_channels_last(w) ? (w->layout.rows + w->chunk_rows - 1) / w->chunk_rows : 1;
}

/// Runs a loop that leaves partial sums, and adds them up into the first chunk's place.
static void sum(struct work *w, cresset_loop_body rows, cresset_loop_body planes) {
    int64_t channels = w->layout.channels, width = 2 * channels;
    if (is_channels_last(w)) {
        cresset_parallel_for(w->chunks, grain / (w->chunk_rows * channels) + 1, rows, w);
    } else {
        cresset_parallel_for(channels, grain / (w->layout.rows * w->layout.plane + 1) + 1, planes, w);
    }
    for (int64_t chunk = 1; chunk < w->chunks; chunk++)
        for (int64_t i = 0; i < width; i++) w->partial[i] += w->partial[chunk * width + i];
}

/// Scratch memory for `count` numbers of any type; ends the program if there is none.
static double *make_scratch(int64_t count) {
    return cresset_allocate_scratch((size_t)count * sizeof(double));
}

void cresset_batchnorm_statistics(cresset_batchnorm_layout layout, const void *x, double *mean, double *variance) {
    struct work w = {.layout = layout, .x = x};
    int64_t channels = layout.channels, scratch_count;
    if (channels == 0) return;
    plan_chunks(&w);
    scratch_count = channels * (1 + 2 * w.chunks);
    double *scratch = make_scratch(scratch_count), *shift = scratch;
    w.shift = shift;
    w.partial = scratch + channels;
    for (int64_t c = 0; c < channels; c++)
        shift[c] = layout.dtype == cresset_f64 ? ((const double *)x)[c * layout.plane] : 0;
    w.loops = loops_for(layout.dtype);
    sum(&w, w.loops->statistics_rows, w.loops->statistics_planes);
    double count = (double)layout.rows * (double)layout.plane;
    for (int64_t c = 0; c < channels; c++) {
        double shifted = w.partial[c] / count, square = w.partial[channels + c] / count - shifted * shifted;
        mean[c] = shift[c] + shifted;
        // Rounding may leave the variance of a constant channel just below zero; NaN must stay NaN.
        variance[c] = square < 0 ? 0 : square;
    }
    cresset_free(scratch, (size_t)scratch_count * sizeof(double));
}

/// The loops, and each channel's mean, factor and addend, in five arrays in `scratch`.
static void prepare(
    struct work *w, double *scratch, cresset_channel_values mean, cresset_channel_values variance,
    cresset_channel_values weight, cresset_channel_values bias, double epsilon) {
    int64_t channels = w->layout.channels;
    w->loops = loops_for(w->layout.dtype);
    w->mean = scratch;
    w->scale = scratch + channels;
    w->bias = scratch + 2 * channels;
    w->centre = scratch + 3 * channels;
    w->slope = scratch + 4 * channels;
    for (int64_t c = 0; c < channels; c++) {
        put_real(w, w->mean, c, read_channel(mean, c, 0));
        put_real(w, w->scale, c, read_channel(weight, c, 1) / sqrt(read_channel(variance, c, 1) + epsilon));
        put_real(w, w->bias, c, read_channel(bias, c, 0));
    }
}

static void set_activation(struct work *w, cresset_batchnorm_activation activation) {
    w->relu = activation.rectifies;
    w->clamps = activation.rectifies && activation.ceiling == activation.ceiling;
    w->ceiling = activation.ceiling;
    w->a = activation.a;
    w->b = activation.b;
    if (activation.op < 0) return;
    w->activate = cr_unary_kernel(activation.op, w->layout.dtype);
    w->differentiate = cr_binary_kernel(activation.gradient, w->layout.dtype);
}

void cresset_batchnorm_normalize(
    cresset_batchnorm_layout layout, const void *x, cresset_channel_values mean, cresset_channel_values variance,
    cresset_channel_values weight, cresset_channel_values bias, double epsilon, const void *addend,
    cresset_batchnorm_activation activation, void *out) {
    struct work w = {.layout = layout, .x = x, .addend = addend, .out = out};
    set_activation(&w, activation);
    double *scratch = make_scratch(layout.channels * 5);
    prepare(&w, scratch, mean, variance, weight, bias, epsilon);
    int64_t count = is_channels_last(&w) ? layout.rows : layout.rows * layout.channels;
    cresset_parallel_for(count, row_grain(&w), w.activate ? normalize_and_activate : normalize(&w), &w);
    cresset_free(scratch, (size_t)(layout.channels * 5) * sizeof(double));
}

void cresset_batchnorm_gradient(
    cresset_batchnorm_layout layout, const void *gradient, const void *part, const void *x, const void *result,
    cresset_channel_values mean, cresset_channel_values variance, cresset_channel_values weight,
    cresset_channel_values bias, double epsilon, bool uses_batch, cresset_batchnorm_activation activation, void *out,
    double *weight_gradient, double *bias_gradient, void *addend_gradient) {
    struct work w = {
        .layout = layout, .x = x, .gradient = gradient, .part = part, .result = activation.rectifies ? result : NULL,
        .out = out, .addend_gradient = addend_gradient};
    set_activation(&w, activation);
    int64_t channels = layout.channels;
    if (channels == 0) return;
    plan_chunks(&w);
    int64_t scratch_count = channels * (5 + 2 * w.chunks);
    double *scratch = make_scratch(scratch_count);
    prepare(&w, scratch, mean, variance, weight, bias, epsilon);
    w.partial = scratch + channels * 5;
    size_t size = (size_t)(layout.rows * channels * layout.plane * item_size(&w));
    bool is_kept_apart = w.differentiate && !out;
    if (is_kept_apart) w.out = cresset_allocate_scratch(size);
    sum(&w, w.loops->gradient_sums_rows, w.loops->gradient_sums_planes);
    double count = (double)layout.rows * (double)layout.plane;
    for (int64_t c = 0; c < channels; c++) {
        double spread = read_channel(variance, c, 1) + epsilon;
        double total = w.partial[c], product = w.partial[channels + c];
        bias_gradient[c] = total;
        weight_gradient[c] = product / sqrt(spread);
        put_real(&w, w.centre, c, uses_batch ? total / count : 0);
        put_real(&w, w.slope, c, uses_batch ? product / count / spread : 0);
    }
    if (addend_gradient || w.differentiate) {
        // It is the gradient before the activation: the second pass takes it from there.
        w.gradient = addend_gradient ? addend_gradient : w.out;
        w.part = w.result = NULL;
        w.relu = w.clamps = false;
    }
    if (out) {
        if (is_channels_last(&w))
            cresset_parallel_for(layout.rows, row_grain(&w), w.loops->gradient_rows, &w);
        else
            cresset_parallel_for(layout.rows * channels, row_grain(&w), w.loops->gradient_planes, &w);
    }
    if (is_kept_apart) cresset_free(w.out, size);
    cresset_free(scratch, (size_t)scratch_count * sizeof(double));
}
