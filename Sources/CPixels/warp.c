// Affine and perspective maps as Pillow computes them, and displacements as torchvision does.
#include "CPixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "vectors.h"

// Pillow's results are those of separate multiplications and additions.
#pragma STDC FP_CONTRACT OFF

#define INLINED static inline __attribute__((always_inline))

static void fill_all(const cresset_pixels *target, const uint8_t *fill) {
    int n = target->channels;
    uint8_t *first = row_to(target, 0);
    for (int x = 0; x < target->width; x++) memcpy(first + (size_t)x * n, fill, (size_t)n);
    for (int y = 1; y < target->height; y++) memcpy(row_to(target, y), first, (size_t)target->width * n);
}

// Where the pixels of part of a row come from.
enum { RUN = 128 };
typedef struct { double x[RUN], y[RUN]; } positions;

VECTORISED static void find_affine(positions *p, const double *m, int left, int row, int count) {
    double y = row + 0.5;
    for (int i = 0; i < count; i++) {
        double x = left + i + 0.5;
        p->x[i] = m[0] * x + m[1] * y + m[2];
        p->y[i] = m[3] * x + m[4] * y + m[5];
    }
}

VECTORISED static void find_perspective(positions *p, const double *m, int left, int row, int count) {
    double y = row + 0.5;
    for (int i = 0; i < count; i++) {
        double x = left + i + 0.5;
        p->x[i] = (m[0] * x + m[1] * y + m[2]) / (m[6] * x + m[7] * y + 1);
        p->y[i] = (m[3] * x + m[4] * y + m[5]) / (m[6] * x + m[7] * y + 1);
    }
}

// False for NaN too.
INLINED int is_inside(const cresset_pixels *source, double x, double y) {
    return x >= 0 && x < source->width && y >= 0 && y < source->height;
}

INLINED void copy_pixel(const uint8_t *from, uint8_t *to, int channels) {
    for (int c = 0; c < channels; c++) to[c] = from[c];
}

INLINED int limited(int value, int count) { return value < 0 ? 0 : value < count ? value : count - 1; }

// For positions from -0.5.
INLINED int floor_of(double position) { return position < 0 ? -1 : (int)position; }

typedef double double4 __attribute__((vector_size(32)));
typedef uint8_t byte4 __attribute__((vector_size(4)));
typedef int32_t int4 __attribute__((vector_size(16)));

// All channels of a pixel; the lanes beyond them are whatever follows in memory. Vectors this wide are passed by their
// address: how they are passed by value depends on the processor.
INLINED void load_pixel(const uint8_t *pixel, double4 *value) {
    byte4 bytes;
    memcpy(&bytes, pixel, 4);
    *value = __builtin_convertvector(__builtin_convertvector(bytes, int4), double4);
}

INLINED void store_pixel(const double4 *value, uint8_t *to, int channels) {
    byte4 bytes = __builtin_convertvector(__builtin_convertvector(*value, int4), byte4);
    memcpy(to, &bytes, (size_t)channels);
}

INLINED void mix_pixels(const uint8_t *a, const uint8_t *b, double share, double4 *value) {
    double4 first, second;
    load_pixel(a, &first);
    load_pixel(b, &second);
    *value = first + (second - first) * share;
}

INLINED void sample_linear(const cresset_pixels *source, double x, double y, uint8_t *to, int channels) {
    x -= 0.5;
    y -= 0.5;
    int column = floor_of(x), row = floor_of(y);
    double dx = x - column, dy = y - row;
    size_t left = (size_t)limited(column, source->width) * channels;
    size_t right = (size_t)limited(column + 1, source->width) * channels;
    const uint8_t *here = row_of(source, limited(row, source->height));
    double4 value;
    mix_pixels(here + left, here + right, dx, &value);
    if (row + 1 < source->height) {
        const uint8_t *next = row_of(source, row + 1);
        double4 lower;
        mix_pixels(next + left, next + right, dx, &lower);
        value = value + (lower - value) * dy;
    }
    store_pixel(&value, to, channels);
}

// Keys' cubic with a = -1, through four values.
INLINED void mix_four(const double4 v[4], double share, double4 *value) {
    double4 slope = v[2] - v[0];
    double4 second = 2 * (v[0] - v[1]) + v[2] - v[3];
    double4 third = -v[0] + v[1] - v[2] + v[3];
    *value = v[1] + share * (slope + share * (second + share * third));
}

INLINED void sample_cubic(const cresset_pixels *source, double x, double y, uint8_t *to, int channels) {
    x -= 0.5;
    y -= 0.5;
    int column = floor_of(x), row = floor_of(y);
    double dx = x - column, dy = y - row;
    double4 rows[4], value;
    for (int i = 0; i < 4; i++) {
        // The first row is repeated at the top; at the bottom the last result is.
        int at = row - 1 + i;
        if (i > 0 && (at < 0 || at >= source->height)) {
            rows[i] = rows[i - 1];
            continue;
        }
        const uint8_t *line = row_of(source, limited(at, source->height));
        double4 v[4];
        for (int k = 0; k < 4; k++) {
            load_pixel(line + (size_t)limited(column - 1 + k, source->width) * channels, &v[k]);
        }
        mix_four(v, dx, &rows[i]);
    }
    mix_four(rows, dy, &value);
    for (int c = 0; c < channels; c++) to[c] = value[c] <= 0 ? 0 : value[c] >= 255 ? 255 : (uint8_t)value[c];
}

INLINED void sample_run(
    const cresset_pixels *source, const positions *p, int count, uint8_t *to, cresset_sampling sampling, int channels
) {
    for (int i = 0; i < count; i++, to += channels) {
        double x = p->x[i], y = p->y[i];
        if (!is_inside(source, x, y)) continue;
        switch (sampling) {
            case CRESSET_SAMPLE_NEAREST:
                copy_pixel(row_of(source, (int)y) + (size_t)(int)x * channels, to, channels);
                break;
            case CRESSET_SAMPLE_BILINEAR: sample_linear(source, x, y, to, channels); break;
            case CRESSET_SAMPLE_BICUBIC: sample_cubic(source, x, y, to, channels); break;
        }
    }
}

#define SAMPLER(name, sampling, channels) \
    VECTORISED static void name(const cresset_pixels *source, const positions *p, int count, uint8_t *to) { \
        sample_run(source, p, count, to, sampling, channels); \
    }

SAMPLER(gray_nearest, CRESSET_SAMPLE_NEAREST, 1)
SAMPLER(gray_bilinear, CRESSET_SAMPLE_BILINEAR, 1)
SAMPLER(gray_bicubic, CRESSET_SAMPLE_BICUBIC, 1)
SAMPLER(rgb_nearest, CRESSET_SAMPLE_NEAREST, 3)
SAMPLER(rgb_bilinear, CRESSET_SAMPLE_BILINEAR, 3)
SAMPLER(rgb_bicubic, CRESSET_SAMPLE_BICUBIC, 3)

typedef void sampler(const cresset_pixels *, const positions *, int, uint8_t *);
typedef void finder(positions *, const double *, int, int, int);

static void warp(
    const cresset_pixels *source, const cresset_pixels *target, finder *find, const double *m, cresset_sampling sampling
) {
    sampler *const gray[] = {gray_nearest, gray_bilinear, gray_bicubic};
    sampler *const rgb[] = {rgb_nearest, rgb_bilinear, rgb_bicubic};
    sampler *sample = source->channels == 3 ? rgb[sampling] : gray[sampling];
    positions p;
    for (int y = 0; y < target->height; y++) {
        for (int left = 0; left < target->width; left += RUN) {
            int count = target->width - left < RUN ? target->width - left : RUN;
            find(&p, m, left, y, count);
            sample(source, &p, count, row_to(target, y) + (size_t)left * target->channels);
        }
    }
}

void cresset_pixels_perspective(
    const cresset_pixels *source, const cresset_pixels *target, const double coefficients[8], cresset_sampling sampling,
    const uint8_t *fill
) {
    fill_all(target, fill);
    warp(source, target, find_perspective, coefficients, sampling);
}

// MARK: - Nearest pixels of affine maps

static int fixed16(double value) { return (int)floor(value * 65536.0 + 0.5); }

static int is_small(const double m[6], int x, int y) {
    return fabs(x * m[0] + y * m[1] + m[2]) < 32768.0 && fabs(x * m[3] + y * m[4] + m[5]) < 32768.0;
}

INLINED void pick(const cresset_pixels *source, int64_t x, int64_t y, uint8_t *to, int channels) {
    // Negative numbers are large ones here.
    if ((uint64_t)x >= (uint64_t)source->width || (uint64_t)y >= (uint64_t)source->height) return;
    copy_pixel(row_of(source, (int)y) + (size_t)x * channels, to, channels);
}

// Steps in 16.16 fixed point, as Pillow does while the coordinates fit.
INLINED void pick_fixed(const cresset_pixels *source, const cresset_pixels *target, const double m[6], int channels) {
    int32_t a = fixed16(m[0]), b = fixed16(m[1]), d = fixed16(m[3]), e = fixed16(m[4]);
    int64_t left = fixed16(m[2] + m[0] * 0.5 + m[1] * 0.5), top = fixed16(m[5] + m[3] * 0.5 + m[4] * 0.5);
    for (int y = 0; y < target->height; y++, left += b, top += e) {
        uint8_t *to = row_to(target, y);
        int64_t fx = left, fy = top;
        for (int x = 0; x < target->width; x++, fx += a, fy += d, to += channels) {
            pick(source, fx >> 16, fy >> 16, to, channels);
        }
    }
}

// The index of a pixel, or -1 for what is far outside.
static int64_t index_of(double position, int count) {
    return position >= 0 && position < count ? (int64_t)position : -1;
}

// Adds up steps, as Pillow does: rounding errors accumulate the same way.
static void pick_stepwise(const cresset_pixels *source, const cresset_pixels *target, const double m[6]) {
    double left = m[2] + m[1] * 0.5 + m[0] * 0.5, top = m[5] + m[4] * 0.5 + m[3] * 0.5;
    for (int y = 0; y < target->height; y++, left += m[1], top += m[4]) {
        uint8_t *to = row_to(target, y);
        double sx = left, sy = top;
        for (int x = 0; x < target->width; x++, sx += m[0], sy += m[3], to += target->channels) {
            pick(source, index_of(sx, source->width), index_of(sy, source->height), to, target->channels);
        }
    }
}

void cresset_pixels_affine(
    const cresset_pixels *source, const cresset_pixels *target, const double matrix[6], cresset_sampling sampling,
    const uint8_t *fill
) {
    fill_all(target, fill);
    int w = target->width, h = target->height;
    int fits = is_small(matrix, 0, 0) && is_small(matrix, w, h) && is_small(matrix, 0, h) && is_small(matrix, w, 0);
    // Steps have 16 bits before the point, even those that a picture of one column or row never takes.
    for (int i = 0; i < 6; i++) fits = fits && (i % 3 == 2 || fabs(matrix[i]) < 32768);
    int only_scales = matrix[1] == 0 && matrix[3] == 0;
    if (sampling != CRESSET_SAMPLE_NEAREST) {
        warp(source, target, find_affine, matrix, sampling);
    } else if (fits && !only_scales && source->channels == 3) {
        pick_fixed(source, target, matrix, 3);
    } else if (fits && !only_scales) {
        pick_fixed(source, target, matrix, source->channels);
    } else {
        pick_stepwise(source, target, matrix);
    }
}

// MARK: - Displacements

// Half a picture in positions from -1 to 1, where the outermost pixels' outer edges are.
static float position_of(int index, int count, float displacement) {
    float first = (float)(1 - count) / count, last = (float)(count - 1) / count;
    float step = count > 1 ? (last - first) / (count - 1) : 0;
    // From both ends, as torch.linspace counts.
    float identity = index < count / 2 ? first + step * index : last - step * (count - 1 - index);
    return ((identity + displacement + 1) * count - 1) / 2;
}

INLINED void add_corner(const cresset_pixels *source, float x, float y, float weight, float *sums, float *cover) {
    if (!(x >= 0 && x < source->width && y >= 0 && y < source->height)) return;
    const uint8_t *from = row_of(source, (int)y) + (size_t)(int)x * source->channels;
    for (int c = 0; c < source->channels; c++) sums[c] += from[c] * weight;
    *cover += weight;
}

static void displace_linear(const cresset_pixels *source, float x, float y, uint8_t *to, const uint8_t *fill) {
    float left = floorf(x), top = floorf(y), right = left + 1, bottom = top + 1;
    float sums[3] = {0, 0, 0}, cover = 0;
    add_corner(source, left, top, (right - x) * (bottom - y), sums, &cover);
    add_corner(source, right, top, (x - left) * (bottom - y), sums, &cover);
    add_corner(source, left, bottom, (right - x) * (y - top), sums, &cover);
    add_corner(source, right, bottom, (x - left) * (y - top), sums, &cover);
    for (int c = 0; c < source->channels; c++) {
        // torchvision weights what is partly covered a second time.
        float value = fill ? sums[c] * cover + (1 - cover) * fill[c] : sums[c];
        to[c] = (uint8_t)fminf(fmaxf(rintf(value), 0), 255);
    }
}

void cresset_pixels_displace(
    const cresset_pixels *source, const cresset_pixels *target, const float *displacements, cresset_sampling sampling,
    const uint8_t *fill
) {
    const uint8_t black[3] = {0, 0, 0};
    fill_all(target, fill ? fill : black);
    for (int y = 0; y < target->height; y++) {
        uint8_t *to = row_to(target, y);
        for (int x = 0; x < target->width; x++, displacements += 2, to += target->channels) {
            float sx = position_of(x, target->width, displacements[0]);
            float sy = position_of(y, target->height, displacements[1]);
            if (sampling == CRESSET_SAMPLE_NEAREST) {
                sx = rintf(sx);
                sy = rintf(sy);
                if (is_inside(source, sx, sy)) pick(source, (int64_t)sx, (int64_t)sy, to, source->channels);
            } else {
                displace_linear(source, sx, sy, to, fill);
            }
        }
    }
}
