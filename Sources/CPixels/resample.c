// Pillow's resampler, to the bit: the weights of each output pixel are computed in double precision, rounded to 22
// fractional bits, and summed in 32-bit integers; the result of the first pass is clipped to 8 bits before the second.
#include "CPixels.h"

#include <math.h>
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

// What each output pixel takes: `counts[i]` input pixels from `starts[i]`, with `weights` from i * capacity.
typedef struct {
    int capacity;
    int32_t *starts;
    int32_t *counts;
    int32_t *weights;
} window;

static void free_window(window *w) {
    free(w->starts);
    w->starts = NULL;
}

static int32_t fixed(double weight) {
    return (int32_t)(weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
}

static void fill_window(window *w, int i, int input, double scale, double stretch, int filter, double *exact) {
    double support = filters[filter].support * stretch;
    double center = (i + 0.5) * scale;
    double step = 1.0 / stretch;
    int first = (int)(center - support + 0.5);
    if (first < 0) first = 0;
    int end = (int)(center + support + 0.5);
    if (end > input) end = input;
    double total = 0;
    for (int k = 0; k < end - first; k++) {
        exact[k] = filters[filter].weight((k + first - center + 0.5) * step);
        total += exact[k];
    }
    int32_t *weights = w->weights + (size_t)i * w->capacity;
    for (int k = 0; k < end - first; k++) weights[k] = fixed(total != 0 ? exact[k] / total : exact[k]);
    w->starts[i] = first;
    w->counts[i] = end - first;
}

static int make_window(window *w, int input, int output, int filter) {
    double scale = (double)input / output;
    double stretch = scale < 1.0 ? 1.0 : scale;
    double support = filters[filter].support * stretch;
    w->capacity = (int)ceil(support) * 2 + 1;
    size_t entries = (size_t)output * (2 + (size_t)w->capacity);
    // The exact weights of one pixel live behind the rounded ones of all.
    w->starts = malloc((entries + 1) * sizeof(int32_t) + ((size_t)w->capacity + 1) * sizeof(double));
    if (!w->starts) return -1;
    w->counts = w->starts + output;
    w->weights = w->counts + output;
    double *exact = (double *)(w->starts + ((entries + 1) & ~(size_t)1));
    for (int i = 0; i < output; i++) fill_window(w, i, input, scale, stretch, filter, exact);
    return 0;
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

static void narrow(const cresset_pixels *source, int first_row, const cresset_pixels *target, const window *w) {
    for (int y = 0; y < target->height; y++) {
        const uint8_t *from = source->pixels + (size_t)(first_row + y) * source->stride;
        uint8_t *to = target->pixels + (size_t)y * target->stride;
        if (source->channels != 3) {
            narrow_row(from, to, target->width, source->channels, w);
        } else if (y + 1 < target->height) {
            narrow_row_rgb(from, to, target->width, w);
        } else {
            // The last pixel of all has no next one to be overwritten: the garbage byte would land outside.
            narrow_row_rgb(from, to, target->width - 1, w);
            window last = *w;
            last.starts += target->width - 1;
            last.counts += target->width - 1;
            last.weights += (size_t)(target->width - 1) * w->capacity;
            narrow_row(from, to + (size_t)(target->width - 1) * 3, 1, 3, &last);
        }
    }
}

static void shorten(const cresset_pixels *source, int first_row, const cresset_pixels *target, const window *w) {
    size_t bytes = (size_t)target->width * target->channels;
    for (int y = 0; y < target->height; y++) {
        const uint8_t *from = source->pixels + (size_t)(w->starts[y] - first_row) * source->stride;
        merge_rows(
            from, source->stride, target->pixels + (size_t)y * target->stride, bytes,
            w->weights + (size_t)y * w->capacity, w->counts[y]);
    }
}

// Columns, then rows. Only the rows that the second pass needs are narrowed.
static int narrow_first(
    const cresset_pixels *source, const cresset_pixels *target, const window *columns, const window *rows
) {
    int first = rows->starts[0];
    int end = rows->starts[target->height - 1] + rows->counts[target->height - 1];
    cresset_pixels between = *target;
    between.height = end - first;
    between.stride = (size_t)target->width * target->channels;
    between.pixels = malloc(between.stride * (size_t)between.height + CRESSET_PIXELS_PADDING);
    if (!between.pixels) return -1;
    narrow(source, first, &between, columns);
    shorten(&between, first, target, rows);
    free(between.pixels);
    return 0;
}

// Rows, then columns.
static int shorten_first(
    const cresset_pixels *source, const cresset_pixels *target, const window *columns, const window *rows
) {
    cresset_pixels between = *source;
    between.height = target->height;
    between.stride = (size_t)source->width * source->channels;
    between.pixels = malloc(between.stride * (size_t)between.height + CRESSET_PIXELS_PADDING);
    if (!between.pixels) return -1;
    shorten(source, 0, &between, rows);
    narrow(&between, 0, target, columns);
    free(between.pixels);
    return 0;
}

// Rows are merged first only where that takes away more than twice as many of them as columns go: the rule that
// Pillow 13 follows, found by comparing thousands of sizes. The order shows in the last bit.
static int is_better_shortened_first(const cresset_pixels *source, const cresset_pixels *target) {
    int64_t rows = (int64_t)source->height - target->height, columns = (int64_t)source->width - target->width;
    return rows > 0 && rows > 2 * columns;
}

int cresset_pixels_resample(const cresset_pixels *source, const cresset_pixels *target, cresset_filter filter) {
    int narrows = source->width != target->width, shortens = source->height != target->height;
    if (!narrows && !shortens) {
        cresset_pixels_copy(source, target);
        return 0;
    }
    window columns = {0}, rows = {0};
    int status = 0;
    if (narrows) status = make_window(&columns, source->width, target->width, filter);
    if (status == 0 && shortens) status = make_window(&rows, source->height, target->height, filter);
    if (status == 0) {
        if (narrows && shortens) {
            status = is_better_shortened_first(source, target) ? shorten_first(source, target, &columns, &rows)
                                                              : narrow_first(source, target, &columns, &rows);
        } else if (narrows) {
            narrow(source, 0, target, &columns);
        } else {
            shorten(source, 0, target, &rows);
        }
    }
    free_window(&columns);
    free_window(&rows);
    return status;
}

// The input position of each output position, stepped as Pillow steps it: rounding errors add up the same way.
static void step_positions(int32_t *positions, int input, int output) {
    double step = (double)input / output;
    double position = step * 0.5;
    for (int i = 0; i < output; i++, position += step) {
        int32_t p = (int32_t)position;
        positions[i] = p < input ? p : input - 1;
    }
}

int cresset_pixels_pick_nearest(const cresset_pixels *source, const cresset_pixels *target) {
    int32_t *columns = malloc(((size_t)target->width + (size_t)target->height) * sizeof(int32_t));
    if (!columns) return -1;
    int32_t *rows = columns + target->width;
    step_positions(columns, source->width, target->width);
    step_positions(rows, source->height, target->height);
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
