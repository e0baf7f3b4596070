// Affine maps and blurs.
#include "CPixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

static const uint8_t *row_of(const cresset_pixels *p, int y) { return p->pixels + (size_t)y * p->stride; }
static uint8_t *row_to(const cresset_pixels *p, int y) { return p->pixels + (size_t)y * p->stride; }

static int fixed16(double value) { return (int)floor(value * 65536.0 + 0.5); }

static int is_small(const double m[6], int x, int y) {
    return fabs(x * m[0] + y * m[1] + m[2]) < 32768.0 && fabs(x * m[3] + y * m[4] + m[5]) < 32768.0;
}

static void copy_pixel(const cresset_pixels *source, int x, int y, uint8_t *to) {
    const uint8_t *from = row_of(source, y) + (size_t)x * source->channels;
    for (int c = 0; c < source->channels; c++) to[c] = from[c];
}

// Steps in 16.16 fixed point, as Pillow does while the coordinates fit.
static void pick_fixed(const cresset_pixels *source, const cresset_pixels *target, const double m[6]) {
    int32_t a = fixed16(m[0]), b = fixed16(m[1]), d = fixed16(m[3]), e = fixed16(m[4]);
    int64_t left = fixed16(m[2] + m[0] * 0.5 + m[1] * 0.5), top = fixed16(m[5] + m[3] * 0.5 + m[4] * 0.5);
    for (int y = 0; y < target->height; y++, left += b, top += e) {
        uint8_t *to = row_to(target, y);
        int64_t fx = left, fy = top;
        for (int x = 0; x < target->width; x++, fx += a, fy += d, to += target->channels) {
            int64_t sx = fx >> 16, sy = fy >> 16;
            if (sx >= 0 && sx < source->width && sy >= 0 && sy < source->height) {
                copy_pixel(source, (int)sx, (int)sy, to);
            }
        }
    }
}

static void pick_float(const cresset_pixels *source, const cresset_pixels *target, const double m[6]) {
    for (int y = 0; y < target->height; y++) {
        uint8_t *to = row_to(target, y);
        for (int x = 0; x < target->width; x++, to += target->channels) {
            double sx = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2];
            double sy = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
            if (sx >= 0 && sx < source->width && sy >= 0 && sy < source->height) {
                copy_pixel(source, (int)sx, (int)sy, to);
            }
        }
    }
}

static int limited(int value, int count) { return value < 0 ? 0 : value < count ? value : count - 1; }

static void interpolate(const cresset_pixels *source, double sx, double sy, uint8_t *to) {
    sx -= 0.5;
    sy -= 0.5;
    int x = (int)floor(sx), y = (int)floor(sy), n = source->channels;
    double dx = sx - x, dy = sy - y;
    int left = limited(x, source->width) * n, right = limited(x + 1, source->width) * n;
    const uint8_t *row = row_of(source, limited(y, source->height));
    const uint8_t *next = y + 1 >= 0 && y + 1 < source->height ? row_of(source, y + 1) : NULL;
    for (int c = 0; c < n; c++) {
        double upper = row[left + c] + (row[right + c] - row[left + c]) * dx;
        double lower = next ? next[left + c] + (next[right + c] - next[left + c]) * dx : upper;
        to[c] = (uint8_t)(upper + (lower - upper) * dy);
    }
}

static void interpolate_all(const cresset_pixels *source, const cresset_pixels *target, const double m[6]) {
    for (int y = 0; y < target->height; y++) {
        uint8_t *to = row_to(target, y);
        for (int x = 0; x < target->width; x++, to += target->channels) {
            double sx = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2];
            double sy = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
            if (sx >= 0 && sx < source->width && sy >= 0 && sy < source->height) interpolate(source, sx, sy, to);
        }
    }
}

void cresset_pixels_transform(
    const cresset_pixels *source, const cresset_pixels *target, const double matrix[6], int is_bilinear, uint8_t fill
) {
    for (int y = 0; y < target->height; y++) {
        memset(row_to(target, y), fill, (size_t)target->width * target->channels);
    }
    int w = target->width, h = target->height;
    if (is_bilinear) {
        interpolate_all(source, target, matrix);
    } else if (is_small(matrix, 0, 0) && is_small(matrix, w, h) && is_small(matrix, 0, h) && is_small(matrix, w, 0)) {
        pick_fixed(source, target, matrix);
    } else {
        pick_float(source, target, matrix);
    }
}

static int mirrored(int i, int count) {
    if (count == 1) return 0;
    int period = 2 * (count - 1);
    i = i < 0 ? -i % period : i % period;
    return i < count ? i : period - i;
}

// The rows around y, weighted, as floats; then the columns.
int cresset_pixels_blur(
    const cresset_pixels *source, const cresset_pixels *target, const float *row_kernel, int row_count,
    const float *column_kernel, int column_count
) {
    int n = source->channels, width = source->width;
    float *sums = malloc((size_t)width * n * sizeof(float));
    if (!sums) return -1;
    for (int y = 0; y < source->height; y++) {
        memset(sums, 0, (size_t)width * n * sizeof(float));
        for (int k = 0; k < column_count; k++) {
            const uint8_t *row = row_of(source, mirrored(y + k - column_count / 2, source->height));
            for (int i = 0; i < width * n; i++) sums[i] += column_kernel[k] * row[i];
        }
        uint8_t *to = row_to(target, y);
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < n; c++) {
                float sum = 0;
                for (int k = 0; k < row_count; k++) {
                    sum += row_kernel[k] * sums[mirrored(x + k - row_count / 2, width) * n + c];
                }
                to[x * n + c] = (uint8_t)fminf(fmaxf(rintf(sum), 0.0f), 255.0f);
            }
        }
    }
    free(sums);
    return 0;
}
