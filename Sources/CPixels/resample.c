// Pillow's resampler, bit for bit: the weights of each output pixel are computed in double precision, rounded to 22
// fractional bits, and summed in 32-bit integers; the result of the first pass is clipped to 8 bits before the second.
#include "CPixels.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

#define FRACTION_BITS 22
#define ROUNDING (1 << (FRACTION_BITS - 1))

static double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

static double bilinear(double x) {
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

static double hamming(double x) {
    x = fabs(x);
    if (x == 0.0) return 1.0;
    if (x >= 1.0) return 0.0;
    x *= M_PI;
    return sin(x) / x * (0.54 + 0.46 * cos(x));
}

// Keys' cubic with a = -0.5.
static double bicubic(double x) {
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

static double sinc(double x) {
    if (x == 0.0) return 1.0;
    x *= M_PI;
    return sin(x) / x;
}

static double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

static const struct {
    double (*weight)(double);
    double support;
} filters[] = {{box, 0.5}, {bilinear, 1.0}, {hamming, 1.0}, {bicubic, 2.0}, {lanczos, 3.0}};

// One axis of a picture and the part of its resized length that is computed: `count` pixels from `first`.
typedef struct {
    int input;
    int output;
    int first;
    int count;
    // The input pixel at which the memory begins.
    int origin;
    int filter;
    double scale;
    double stretch;
    double support;
} axis;

static axis make_axis(int input, int output, int first, int count, int filter) {
    axis a = {.input = input, .output = output, .first = first, .count = count, .filter = filter};
    a.scale = (double)input / output;
    a.stretch = a.scale < 1.0 ? 1.0 : a.scale;
    a.support = filters[filter].support * a.stretch;
    return a;
}

// The input pixels, from `start` to before `end`, that contribute to output pixel `first + i`.
static void find_span(const axis *a, int i, int *start, int *end) {
    double center = (a->first + i + 0.5) * a->scale;
    *start = (int)(center - a->support + 0.5);
    if (*start < 0) *start = 0;
    *end = (int)(center + a->support + 0.5);
    if (*end > a->input) *end = a->input;
}

// The input pixels that contribute to any of the output pixels.
static void find_whole_span(const axis *a, int *start, int *end) {
    int ignored;
    find_span(a, 0, start, &ignored);
    find_span(a, a->count - 1, &ignored, end);
}

// The inputs of a run of output pixels: `counts[i]` input pixels from `starts[i]`, with `weights` from i * capacity.
typedef struct {
    int capacity;
    int32_t *starts;
    int32_t *counts;
    int32_t *weights;
} window;

static int32_t fixed(double weight) {
    return (int32_t)(weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
}

static void fill_window(window *w, const axis *a, int from, int i, double *exact) {
    double center = (a->first + from + i + 0.5) * a->scale;
    double step = 1.0 / a->stretch;
    int first, end;
    find_span(a, from + i, &first, &end);
    double total = 0;
    for (int k = 0; k < end - first; k++) {
        exact[k] = filters[a->filter].weight((k + first - center + 0.5) * step);
        total += exact[k];
    }
    int32_t *weights = w->weights + (size_t)i * w->capacity;
    for (int k = 0; k < end - first; k++) weights[k] = fixed(total != 0 ? exact[k] / total : exact[k]);
    w->starts[i] = first - a->origin;
    w->counts[i] = end - first;
}

static int capacity_of(const axis *a) {
    double most = ceil(a->support) * 2 + 1;
    return most < a->input ? (int)most : a->input;
}

// The number of output pixels per window: small enough that the weights take little memory, whatever the picture's
// size.
static int run_length(const axis *a) {
    enum { WEIGHTS = 1 << 16 };
    int length = WEIGHTS / capacity_of(a);
    return length < 1 ? 1 : length < a->count ? length : a->count;
}

// Allocates the windows of `count` output pixels: one block, at `starts`.
static int make_window(window *w, const axis *a, int count) {
    w->capacity = capacity_of(a);
    size_t entries = (size_t)count * (2 + (size_t)w->capacity);
    // The exact weights of one pixel follow the rounded ones of all.
    w->starts = malloc((entries + 1) * sizeof(int32_t) + ((size_t)w->capacity + 1) * sizeof(double));
    if (!w->starts) return -1;
    w->counts = w->starts + count;
    w->weights = w->counts + count;
    return 0;
}

// Fills in the windows of the output pixels starting at `from`.
static void fill_windows(window *w, const axis *a, int from, int count) {
    size_t entries = (size_t)(w->weights - w->starts) + (size_t)count * w->capacity;
    double *exact = (double *)(w->starts + ((entries + 1) & ~(size_t)1));
    for (int i = 0; i < count; i++) fill_window(w, a, from, i, exact);
}

static inline uint8_t clip(int32_t value) { return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value; }

typedef uint8_t byte4 __attribute__((vector_size(4)));
typedef int32_t int4 __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) int4 load_pixel(const uint8_t *pixel) {
    byte4 bytes;
    memcpy(&bytes, pixel, 4);
    return __builtin_convertvector(bytes, int4);
}

// A pixel of three bytes is handled as four: the last lane is garbage that the next pixel overwrites.
VECTORISED static void narrow_row_rgb(const uint8_t *source, uint8_t *target, int width, const window *w) {
    const int4 zero = {0, 0, 0, 0}, most = {255, 255, 255, 255};
    const int4 half = {ROUNDING, ROUNDING, ROUNDING, ROUNDING};
    for (int x = 0; x < width; x++) {
        const int32_t *weights = w->weights + (size_t)x * w->capacity;
        const uint8_t *from = source + (size_t)w->starts[x] * 3;
        int count = w->counts[x];
        int4 even = half, odd = zero;
        int k = 0;
        for (; k + 1 < count; k += 2, from += 6) {
            even += load_pixel(from) * weights[k];
            odd += load_pixel(from + 3) * weights[k + 1];
        }
        if (k < count) even += load_pixel(from) * weights[k];
        int4 sum = (even + odd) >> FRACTION_BITS;
        sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, zero), most);
        byte4 bytes = __builtin_convertvector(sum, byte4);
        memcpy(target + (size_t)x * 3, &bytes, 4);
    }
}

static void narrow_row(const uint8_t *source, uint8_t *target, int width, int channels, const window *w) {
    for (int x = 0; x < width; x++) {
        const int32_t *weights = w->weights + (size_t)x * w->capacity;
        for (int c = 0; c < channels; c++) {
            const uint8_t *from = source + (size_t)w->starts[x] * channels + c;
            int32_t sum = ROUNDING;
            for (int k = 0; k < w->counts[x]; k++) sum += from[(size_t)k * channels] * weights[k];
            target[(size_t)x * channels + c] = clip(sum >> FRACTION_BITS);
        }
    }
}

enum { BLOCK = 64 };

// One output row from `count` input rows, a block of bytes at a time so that the sums stay in registers.
VECTORISED static void merge_rows(
    const uint8_t *source, size_t stride, uint8_t *target, size_t bytes, const int32_t *weights, int count
) {
    size_t i = 0;
    for (; i + BLOCK <= bytes; i += BLOCK) {
        int32_t sums[BLOCK];
        for (int j = 0; j < BLOCK; j++) sums[j] = ROUNDING;
        for (int k = 0; k < count; k++) {
            const uint8_t *row = source + (size_t)k * stride + i;
            int32_t weight = weights[k];
            for (int j = 0; j < BLOCK; j++) sums[j] += row[j] * weight;
        }
        for (int j = 0; j < BLOCK; j++) {
            int32_t value = sums[j] >> FRACTION_BITS;
            value = value < 0 ? 0 : value;
            target[i + j] = (uint8_t)(value > 255 ? 255 : value);
        }
    }
    for (; i < bytes; i++) {
        int32_t sum = ROUNDING;
        for (int k = 0; k < count; k++) sum += source[(size_t)k * stride + i] * weights[k];
        target[i] = clip(sum >> FRACTION_BITS);
    }
}

// Columns `from` to `from + count` of all rows.
static void narrow_columns(
    const cresset_pixels *source, const cresset_pixels *target, const window *w, int from, int count
) {
    int channels = source->channels;
    bool is_last_run = from + count == target->width;
    for (int y = 0; y < target->height; y++) {
        const uint8_t *in = source->pixels + (size_t)y * source->stride;
        uint8_t *out = target->pixels + (size_t)y * target->stride + (size_t)from * channels;
        if (channels != 3) {
            narrow_row(in, out, count, channels, w);
        } else if (from == 0 && is_last_run && y + 1 < target->height) {
            narrow_row_rgb(in, out, count, w);
        } else {
            // The garbage byte after the last pixel would land outside, or in a row that is already done.
            int last = count - 1;
            narrow_row_rgb(in, out, last, w);
            window rest = *w;
            rest.starts += last;
            rest.counts += last;
            rest.weights += (size_t)last * w->capacity;
            narrow_row(in, out + (size_t)last * 3, 1, 3, &rest);
        }
    }
}

// Computes the wanted columns.
static int narrow(const cresset_pixels *source, const cresset_pixels *target, const axis *columns) {
    window w;
    int length = run_length(columns);
    if (make_window(&w, columns, length) != 0) return -1;
    for (int from = 0; from < target->width; from += length) {
        int count = target->width - from < length ? target->width - from : length;
        fill_windows(&w, columns, from, count);
        narrow_columns(source, target, &w, from, count);
    }
    free(w.starts);
    return 0;
}

// Computes the wanted rows.
static int shorten(const cresset_pixels *source, const cresset_pixels *target, const axis *rows) {
    size_t bytes = (size_t)target->width * target->channels;
    window w;
    int length = run_length(rows);
    if (make_window(&w, rows, length) != 0) return -1;
    for (int from = 0; from < target->height; from += length) {
        int count = target->height - from < length ? target->height - from : length;
        fill_windows(&w, rows, from, count);
        for (int i = 0; i < count; i++) {
            const uint8_t *in = source->pixels + (size_t)w.starts[i] * source->stride;
            uint8_t *out = target->pixels + (size_t)(from + i) * target->stride;
            merge_rows(in, source->stride, out, bytes, w.weights + (size_t)i * w.capacity, w.counts[i]);
        }
    }
    free(w.starts);
    return 0;
}

static int make_between(cresset_pixels *between, int width, int height, int channels) {
    *between = (cresset_pixels){NULL, (size_t)width * channels, width, height, channels};
    between->pixels = malloc(between->stride * (size_t)height + CRESSET_PIXELS_PADDING);
    return between->pixels ? 0 : -1;
}

// Columns, then rows. Only the rows that the second pass needs are narrowed.
static int narrow_first(const cresset_pixels *source, const cresset_pixels *target, const axis *columns, axis *rows) {
    int end;
    find_whole_span(rows, &rows->origin, &end);
    cresset_pixels between, needed = *source;
    if (make_between(&between, target->width, end - rows->origin, target->channels) != 0) return -1;
    needed.pixels += (size_t)rows->origin * source->stride;
    int status = narrow(&needed, &between, columns);
    if (status == 0) status = shorten(&between, target, rows);
    free(between.pixels);
    return status;
}

// Rows, then columns. Only the columns that the second pass needs are shortened.
static int shorten_first(const cresset_pixels *source, const cresset_pixels *target, axis *columns, const axis *rows) {
    int end;
    find_whole_span(columns, &columns->origin, &end);
    cresset_pixels between, needed = *source;
    if (make_between(&between, end - columns->origin, target->height, target->channels) != 0) return -1;
    needed.pixels += (size_t)columns->origin * source->channels;
    int status = shorten(&needed, &between, rows);
    if (status == 0) status = narrow(&between, target, columns);
    free(between.pixels);
    return status;
}

// Rows are merged first only if that reduces them more than twice as much as the columns are reduced: the rule that
// Pillow 13 follows, found by comparing thousands of sizes. The order shows in the last bit.
static bool is_better_shortened_first(const axis *columns, const axis *rows) {
    int64_t fewer_rows = (int64_t)rows->input - rows->output;
    int64_t fewer_columns = (int64_t)columns->input - columns->output;
    return fewer_rows > 0 && fewer_rows > 2 * fewer_columns;
}

void cresset_pixels_find_sources(
    int32_t input, int32_t output, int32_t first, int32_t count, cresset_filter filter, int32_t *start, int32_t *end
) {
    axis a = make_axis(input, output, first, count, filter);
    find_whole_span(&a, start, end);
}

int cresset_pixels_resample(
    const cresset_pixels *source, const cresset_pixels *target, const cresset_part *part, cresset_filter filter
) {
    axis columns = make_axis(source->width, part->whole_width, part->left, target->width, filter);
    axis rows = make_axis(source->height, part->whole_height, part->top, target->height, filter);
    bool narrows = columns.input != columns.output, shortens = rows.input != rows.output;
    cresset_pixels needed = *source;
    if (!narrows) {
        needed.pixels += (size_t)part->left * source->channels;
        needed.width = target->width;
    }
    if (!shortens) {
        needed.pixels += (size_t)part->top * source->stride;
        needed.height = target->height;
    }
    if (narrows && shortens) {
        return is_better_shortened_first(&columns, &rows) ? shorten_first(source, target, &columns, &rows)
                                                          : narrow_first(source, target, &columns, &rows);
    }
    if (narrows) return narrow(&needed, target, &columns);
    if (shortens) return shorten(&needed, target, &rows);
    cresset_pixels_copy(&needed, target);
    return 0;
}

// The input position of each output position, computed in Pillow's steps: rounding errors accumulate the same way.
static void step_positions(int32_t *positions, int input, int output, int first, int count) {
    double step = (double)input / output;
    double position = step * 0.5;
    for (int i = 0; i < first; i++) position += step;
    for (int i = 0; i < count; i++, position += step) {
        int32_t p = (int32_t)position;
        positions[i] = p < input ? p : input - 1;
    }
}

int cresset_pixels_pick_nearest(
    const cresset_pixels *source, const cresset_pixels *target, const cresset_part *part
) {
    int32_t *columns = malloc(((size_t)target->width + (size_t)target->height) * sizeof(int32_t));
    if (!columns) return -1;
    int32_t *rows = columns + target->width;
    step_positions(columns, source->width, part->whole_width, part->left, target->width);
    step_positions(rows, source->height, part->whole_height, part->top, target->height);
    int channels = source->channels;
    for (int y = 0; y < target->height; y++) {
        const uint8_t *from = source->pixels + (size_t)rows[y] * source->stride;
        uint8_t *to = target->pixels + (size_t)y * target->stride;
        for (int x = 0; x < target->width; x++) {
            for (int c = 0; c < channels; c++) to[(size_t)x * channels + c] = from[(size_t)columns[x] * channels + c];
        }
    }
    free(columns);
    return 0;
}
