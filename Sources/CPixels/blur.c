// Blurs by the outer product of two kernels, mirrored at the borders.
#include "CPixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "vectors.h"

// The same on every processor.
#pragma STDC FP_CONTRACT OFF

static int mirrored(int i, int count) {
    if (count == 1) return 0;
    int period = 2 * (count - 1);
    i = i < 0 ? -i % period : i % period;
    return i < count ? i : period - i;
}

VECTORISED static void add_bytes(float *sums, const uint8_t *row, float weight, size_t count) {
    for (size_t i = 0; i < count; i++) sums[i] += weight * row[i];
}

VECTORISED static void add_floats(float *sums, const float *row, float weight, size_t count) {
    for (size_t i = 0; i < count; i++) sums[i] += weight * row[i];
}

VECTORISED static void round_row(const float *sums, uint8_t *to, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float value = rintf(sums[i]);
        to[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

// A row with `margin` mirrored pixels before and after it.
typedef struct { float *values, *sums; int width, channels, margin; } line;

static int make_line(line *l, int width, int channels, int margin) {
    size_t whole = ((size_t)width + 2 * (size_t)margin) * channels, count = (size_t)width * channels;
    *l = (line){malloc((whole + count) * sizeof(float)), NULL, width, channels, margin};
    l->sums = l->values + whole;
    return l->values ? 0 : -1;
}

static float *middle(const line *l) { return l->values + (size_t)l->margin * l->channels; }

static void mirror_ends(const line *l) {
    float *row = middle(l);
    int n = l->channels;
    for (int i = 1; i <= l->margin; i++) {
        int before = mirrored(-i, l->width), after = mirrored(l->width - 1 + i, l->width);
        for (int c = 0; c < n; c++) {
            row[-(ptrdiff_t)i * n + c] = row[(size_t)before * n + c];
            row[((size_t)l->width - 1 + i) * n + c] = row[(size_t)after * n + c];
        }
    }
}

static void average_along(const line *l, const float *kernel, int count) {
    size_t values = (size_t)l->width * l->channels;
    memset(l->sums, 0, values * sizeof(float));
    for (int k = 0; k < count; k++) add_floats(l->sums, l->values + (size_t)k * l->channels, kernel[k], values);
}

int cresset_pixels_blur(
    const cresset_pixels *source, const cresset_pixels *target, const float *row_kernel, int row_count,
    const float *column_kernel, int column_count
) {
    line l;
    if (make_line(&l, source->width, source->channels, row_count / 2) != 0) return -1;
    size_t count = (size_t)source->width * source->channels;
    for (int y = 0; y < source->height; y++) {
        memset(middle(&l), 0, count * sizeof(float));
        for (int k = 0; k < column_count; k++) {
            const uint8_t *row = row_of(source, mirrored(y + k - column_count / 2, source->height));
            add_bytes(middle(&l), row, column_kernel[k], count);
        }
        mirror_ends(&l);
        average_along(&l, row_kernel, row_count);
        round_row(l.sums, row_to(target, y), count);
    }
    free(l.values);
    return 0;
}

int cresset_plane_blur(
    const float *source, float *target, int width, int height, const float *row_kernel, int row_count,
    const float *column_kernel, int column_count
) {
    line l;
    if (make_line(&l, width, 1, row_count / 2) != 0) return -1;
    for (int y = 0; y < height; y++) {
        memset(middle(&l), 0, (size_t)width * sizeof(float));
        for (int k = 0; k < column_count; k++) {
            const float *row = source + (size_t)mirrored(y + k - column_count / 2, height) * width;
            add_floats(middle(&l), row, column_kernel[k], (size_t)width);
        }
        mirror_ends(&l);
        average_along(&l, row_kernel, row_count);
        memcpy(target + (size_t)y * width, l.sums, (size_t)width * sizeof(float));
    }
    free(l.values);
    return 0;
}
