// Depthwise convolution, sixteen channels at a time.
//
// A band of rows is first copied into buffers, one for each block of sixteen channels, with its padding: there, all
// windows are alike and neighbours are close, and memory is read in its order. From the buffer each row of a kernel is
// applied to several windows at once, so that sums and taps stay in registers. Both gradients are computed by the same
// means: that of the input is a convolution with the kernel reversed, at stride 2 four convolutions, one for each parity
// of row and column.
#include "cresset_depthwise.h"

#include <math.h>
#include <string.h>

#include "cresset_memory.h"
#include "cresset_threads.h"
#include "kernel.h"
#include "typed_loops.h"

// Sides of pictures are mostly multiples of 7.
enum { lanes = 16, windows_at_once = 7, most_passes = 4 };
// The buffers of a band should stay in the second level of caches, and have some rows at least.
enum { band_limit = 512 << 10, enough_rows = 8, fewest_blocks = 4 };

/// A convolution over part of the positions of a result, such as every other row and column.
struct pass {
    /// Taps of sixteen channels, by block of channels, row and column.
    float *taps;
    int64_t kernel[2], step[2];
    /// How many positions there are, the first one, and the distance between them.
    int64_t count[2], first[2], distance[2];
    /// The input of the first position's first tap; negative in the padding.
    int64_t start[2];
};

struct work {
    const cresset_depthwise_geometry *g;
    /// What windows slide over, and what has an element for each of them.
    const void *in;
    const void *gradient;
    void *out;
    int64_t in_size[2], out_size[2];
    struct pass passes[most_passes];
    int pass_count;
    /// What a band of the largest pass takes of a buffer, with a row of sums, for each block of channels.
    int64_t largest;
    /// With a whole number of blocks.
    const float *bias;
    float *bias_gradient;
    float lowest, highest;
    /// Blocks of channels; groups of blocks, and the blocks of one; bands of a picture, and the rows of one.
    int64_t blocks, groups, group_blocks, bands, rows;
    /// Sums of parts of the batch.
    float *partial;
    int64_t parts, partial_size;
};

/// Some blocks of channels, from `channel`; all but perhaps the last are whole, which has `rest` channels.
struct group {
    int64_t channel, blocks, whole, rest;
};

/// The columns of a buffer that holds all windows of a row.
static inline int64_t buffer_width(const struct pass *p) { return (p->count[1] - 1) * p->step[1] + p->kernel[1]; }
static inline int64_t buffer_rows(const struct pass *p, int64_t rows) { return (rows - 1) * p->step[0] + p->kernel[0]; }

/// Divides the work: as many rows and blocks as fit the caches, in `units` units at least if that is possible.
static void divide(struct work *w, int64_t streams, int64_t units) {
    const struct pass *p = w->passes;
    int64_t count = p->count[0], width = buffer_width(p) * lanes * (int64_t)sizeof(float) * streams;
    for (int i = 1; i < w->pass_count; i++) count = w->passes[i].count[0] > count ? w->passes[i].count[0] : count;
    w->blocks = divide_up(w->g->channels, lanes);
    w->group_blocks = w->blocks;
    for (;;) {
        w->rows = count;
        while (w->rows > 1 && buffer_rows(p, w->rows) * width * w->group_blocks > band_limit) w->rows--;
        w->groups = divide_up(w->blocks, w->group_blocks);
        w->bands = divide_up(count, w->rows);
        bool is_narrow = w->group_blocks <= fewest_blocks;
        bool fits = w->rows == count || w->rows >= enough_rows;
        if (is_narrow || (fits && w->g->batch * w->bands * w->groups >= units)) break;
        w->group_blocks = divide_up(w->group_blocks, 2);
    }
    w->rows = divide_up(count, w->bands);
}

static inline struct group group_of(const struct work *w, int64_t index) {
    struct group group = {.channel = index * w->group_blocks * lanes};
    int64_t channels = minimum(w->g->channels - group.channel, w->group_blocks * lanes);
    group.blocks = divide_up(channels, lanes);
    group.whole = channels / lanes;
    group.rest = channels % lanes;
    return group;
}

static float *allocate_floats(int64_t count) { return cresset_allocate_scratch((size_t)count * sizeof(float)); }

/// out[i] += sum over (row, column) of taps * in[i * step + column], for `count` windows of a row.
INLINE void apply(
    const float *in, int64_t in_row, const float *taps, int64_t rows, const int columns, const int step,
    const int count, float *out
) {
    f32x16 sums[windows_at_once];
    CRESSET_UNROLLED for (int i = 0; i < count; i++) sums[i] = CRESSET_LOAD_f32(out + i * lanes);
    for (int64_t k = 0; k < rows; k++, in += in_row, taps += columns * lanes) {
        CRESSET_UNROLLED for (int j = 0; j < columns; j++) {
            f32x16 tap = CRESSET_LOAD_f32(taps + j * lanes);
            CRESSET_UNROLLED for (int i = 0; i < count; i++)
                sums[i] += tap * CRESSET_LOAD_f32(in + (i * step + j) * lanes);
        }
    }
    CRESSET_UNROLLED for (int i = 0; i < count; i++) CRESSET_STORE_f32(out + i * lanes, sums[i]);
}

/// A whole row of windows.
INLINE void apply_row(
    const float *in, int64_t in_row, const float *taps, int64_t rows, const int columns, const int step, int64_t count,
    float *out
) {
    int64_t i = 0;
    for (; i + windows_at_once <= count; i += windows_at_once)
        apply(in + i * step * lanes, in_row, taps, rows, columns, step, windows_at_once, out + i * lanes);
    for (; i + 2 <= count; i += 2)
        apply(in + i * step * lanes, in_row, taps, rows, columns, step, 2, out + i * lanes);
    for (; i < count; i++) apply(in + i * step * lanes, in_row, taps, rows, columns, step, 1, out + i * lanes);
}

/// sums[column] += sum over windows of a band of gradient * in[window * step + column], for one row of the kernel.
INLINE void correlate(
    const float *in, int64_t in_row, const float *gradient, int64_t rows, int64_t count, const int columns,
    const int step, float *sums
) {
    // Two sums for each tap: one alone would wait for itself.
    f32x16 even[7], odd[7];
    CRESSET_UNROLLED for (int j = 0; j < columns; j++) even[j] = odd[j] = (f32x16){0};
    for (int64_t y = 0; y < rows; y++, in += in_row, gradient += count * lanes) {
        int64_t i = 0;
        for (; i + 2 <= count; i += 2) {
            f32x16 a = CRESSET_LOAD_f32(gradient + i * lanes), b = CRESSET_LOAD_f32(gradient + (i + 1) * lanes);
            CRESSET_UNROLLED for (int j = 0; j < columns; j++) {
                even[j] += a * CRESSET_LOAD_f32(in + (i * step + j) * lanes);
                odd[j] += b * CRESSET_LOAD_f32(in + ((i + 1) * step + j) * lanes);
            }
        }
        if (i < count) {
            f32x16 a = CRESSET_LOAD_f32(gradient + i * lanes);
            CRESSET_UNROLLED for (int j = 0; j < columns; j++)
                even[j] += a * CRESSET_LOAD_f32(in + (i * step + j) * lanes);
        }
    }
    CRESSET_UNROLLED for (int j = 0; j < columns; j++)
        CRESSET_STORE_f32(sums + j * lanes, CRESSET_LOAD_f32(sums + j * lanes) + (even[j] + odd[j]));
}

// Calls `body` with the width and the step of a kernel's rows as constants.
#define WITH_CONSTANTS(columns, step, body)                                                                           \
    switch ((columns) * 10 + (step)) {                                                                                \
    case 11: body(1, 1) break;                                                                                        \
    case 21: body(2, 1) break;                                                                                        \
    case 31: body(3, 1) break;                                                                                        \
    case 32: body(3, 2) break;                                                                                        \
    case 51: body(5, 1) break;                                                                                        \
    case 52: body(5, 2) break;                                                                                        \
    case 71: body(7, 1) break;                                                                                        \
    }

bool cresset_depthwise_supports(int64_t kernel_width, int64_t stride) {
    return stride == 1 ? kernel_width == 3 || kernel_width == 5 || kernel_width == 7
                       : stride == 2 && (kernel_width == 3 || kernel_width == 5);
}

#define NAME f32
#define ELEMENT float
#include "Templates/depthwise_loops.h"

#define NAME bf16
#define ELEMENT uint16_t
#include "Templates/depthwise_loops.h"

/// Fills in the taps of a pass: every `distance`-th row and column of the kernel from `first`, perhaps reversed.
static void fill_taps(
    struct pass *p, const cresset_depthwise_geometry *g, const float *weight, const int64_t first[2],
    const int64_t distance[2], bool reversed
) {
    int64_t rows = p->kernel[0], columns = p->kernel[1], blocks = divide_up(g->channels, lanes);
    p->taps = allocate_floats(blocks * rows * columns * lanes);
    for (int64_t c = 0; c < blocks * lanes; c++) {
        for (int64_t y = 0; y < rows; y++)
            for (int64_t x = 0; x < columns; x++) {
                int64_t row = first[0] + (reversed ? rows - 1 - y : y) * distance[0];
                int64_t column = first[1] + (reversed ? columns - 1 - x : x) * distance[1];
                p->taps[((c / lanes * rows + y) * columns + x) * lanes + c % lanes] =
                    c < g->channels ? weight[(c * g->kernel[0] + row) * g->kernel[1] + column] : 0;
            }
    }
}

static void free_taps(const struct pass *p, int64_t channels) {
    int64_t blocks = divide_up(channels, lanes);
    cresset_free(p->taps, (size_t)(blocks * p->kernel[0] * p->kernel[1] * lanes) * sizeof(float));
}

static void run(struct work *w) {
    const cresset_depthwise_geometry *g = w->g;
    divide(w, 1, 4 * cresset_thread_count());
    for (int i = 0; i < w->pass_count; i++) {
        const struct pass *p = &w->passes[i];
        int64_t floats = (buffer_rows(p, w->rows) * buffer_width(p) + p->count[1]) * lanes;
        if (floats > w->largest) w->largest = floats;
    }
    int64_t units = g->batch * w->bands * w->groups;
    cresset_parallel_for(units, 1, g->dtype == cresset_bf16 ? convolve_bf16 : convolve_f32, w);
    for (int i = 0; i < w->pass_count; i++) free_taps(&w->passes[i], g->channels);
}

/// `bias`, or zeros, with a whole number of blocks.
static float *padded_bias(const float *bias, int64_t channels) {
    int64_t count = divide_up(channels, lanes) * lanes;
    float *padded = allocate_floats(count);
    for (int64_t c = 0; c < count; c++) padded[c] = bias && c < channels ? bias[c] : 0;
    return padded;
}

static void free_bias(float *bias, int64_t channels) {
    cresset_free(bias, (size_t)(divide_up(channels, lanes) * lanes) * sizeof(float));
}

static void set_sizes(struct work *w, const int64_t in[2], const int64_t out[2]) {
    memcpy(w->in_size, in, sizeof w->in_size);
    memcpy(w->out_size, out, sizeof w->out_size);
}

static struct pass forward_pass(const cresset_depthwise_geometry *g) {
    struct pass p;
    for (int d = 0; d < 2; d++) {
        p.kernel[d] = g->kernel[d];
        p.step[d] = g->stride[d];
        p.count[d] = g->out[d];
        p.first[d] = 0;
        p.distance[d] = 1;
        p.start[d] = -g->padding[d];
    }
    return p;
}

void cresset_depthwise(
    const cresset_depthwise_geometry *g, const void *x, const float *weight, const float *bias, float lowest,
    float highest, void *out
) {
    const int64_t first[2] = {0, 0}, distance[2] = {1, 1};
    float *padded = padded_bias(bias, g->channels);
    struct work w = {.g = g, .in = x, .out = out, .bias = padded, .lowest = lowest, .highest = highest};
    set_sizes(&w, g->in, g->out);
    w.passes[0] = forward_pass(g);
    w.pass_count = 1;
    fill_taps(w.passes, g, weight, first, distance, false);
    run(&w);
    free_bias(padded, g->channels);
}

/// The positions along an axis that taps `phase`, `phase + stride`… reach. False if there are none.
static bool set_phase(struct pass *p, const cresset_depthwise_geometry *g, int d, int64_t phase) {
    int64_t stride = g->stride[d], padding = g->padding[d];
    p->kernel[d] = g->kernel[d] > phase ? (g->kernel[d] - phase + stride - 1) / stride : 0;
    p->step[d] = 1;
    p->distance[d] = stride;
    p->first[d] = ((phase - padding) % stride + stride) % stride;
    p->count[d] = p->first[d] < g->in[d] ? (g->in[d] - p->first[d] + stride - 1) / stride : 0;
    // The window of the result that tap `phase` of the first position belongs to; the last tap comes first.
    p->start[d] = (p->first[d] + padding - phase) / stride - (p->kernel[d] - 1);
    return p->count[d] > 0;
}

void cresset_depthwise_input_gradient(
    const cresset_depthwise_geometry *g, const void *gradient, const float *weight, void *out
) {
    float *zeros = padded_bias(NULL, g->channels);
    struct work w = {.g = g, .in = gradient, .out = out, .bias = zeros, .lowest = -INFINITY, .highest = INFINITY};
    set_sizes(&w, g->out, g->in);
    for (int64_t y = 0; y < g->stride[0]; y++)
        for (int64_t x = 0; x < g->stride[1]; x++) {
            struct pass *p = &w.passes[w.pass_count];
            if (!set_phase(p, g, 0, y) || !set_phase(p, g, 1, x)) continue;
            const int64_t first[2] = {y, x};
            fill_taps(p, g, weight, first, g->stride, true);
            w.pass_count++;
        }
    run(&w);
    free_bias(zeros, g->channels);
}

/// Adds up the parts' sums, tap by tap.
static void add_parts(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const cresset_depthwise_geometry *g = w->g;
    int64_t taps = g->kernel[0] * g->kernel[1];
    float *weight = w->out, *bias = w->bias_gradient;
    for (int64_t c = begin; c < end; c++)
        for (int64_t t = 0; t <= taps; t++) {
            float sum = 0;
            const float *from = w->partial + (c / lanes * (taps + 1) + t) * lanes + c % lanes;
            for (int64_t part = 0; part < w->parts; part++) sum += from[part * w->partial_size];
            if (t < taps)
                weight[c * taps + t] = sum;
            else if (bias)
                bias[c] = sum;
        }
}

void cresset_depthwise_weight_gradient(
    const cresset_depthwise_geometry *g, const void *gradient, const void *x, float *weight, float *bias
) {
    enum { most_parts = 16 };
    struct work w = {.g = g, .in = x, .gradient = gradient, .out = weight, .bias_gradient = bias};
    set_sizes(&w, g->in, g->out);
    w.passes[0] = forward_pass(g);
    w.pass_count = 1;
    divide(&w, 2, 1);
    w.parts = minimum(g->batch * w.bands, most_parts);
    // The last row of sums is the bias's.
    w.partial_size = w.blocks * (g->kernel[0] * g->kernel[1] + 1) * lanes;
    size_t size = (size_t)(w.parts * w.partial_size) * sizeof(float);
    w.partial = allocate_floats(w.parts * w.partial_size);
    cresset_parallel_for(
        w.parts, 1, g->dtype == cresset_bf16 ? sum_gradients_bf16 : sum_gradients_f32, &w);
    cresset_parallel_for(g->channels, 64, add_parts, &w);
    cresset_free(w.partial, size);
}
