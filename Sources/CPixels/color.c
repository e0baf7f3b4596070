// Colour adjustments, as Pillow's enhancers compute them.
#include "CPixels.h"

#include <math.h>
#include <string.h>

#include "rows.h"
#include "vectors.h"

// Pillow's results are those of separate multiplications and additions.
#pragma STDC FP_CONTRACT OFF

static inline uint8_t clip(int value) { return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value; }

// ITU-R 601 in 16 fractional bits.
static inline uint8_t gray_of(const uint8_t *rgb) {
    return (uint8_t)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

VECTORISED static void gray_row(const uint8_t *from, uint8_t *to, size_t width) {
    for (size_t x = 0; x < width; x++) to[x] = gray_of(from + x * 3);
}

void cresset_pixels_to_gray(const cresset_pixels *source, const cresset_pixels *target) {
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        uint8_t *to = row_to(target, y);
        if (source->channels == 3 && target->channels == 1) {
            gray_row(from, to, (size_t)source->width);
            continue;
        }
        for (int x = 0; x < source->width; x++, from += source->channels) {
            uint8_t gray = source->channels < 3 ? from[0] : gray_of(from);
            for (int c = 0; c < target->channels; c++) *to++ = gray;
        }
    }
}

VECTORISED static void blend_row(const uint8_t *a, const uint8_t *b, uint8_t *to, size_t count, float factor) {
    for (size_t i = 0; i < count; i++) {
        float value = (float)a[i] + factor * (float)(b[i] - a[i]);
        value = value < 0.0f ? 0.0f : value > 255.0f ? 255.0f : value;
        to[i] = (uint8_t)value;
    }
}

void cresset_pixels_blend(
    const cresset_pixels *first, const cresset_pixels *second, const cresset_pixels *target, float factor
) {
    size_t bytes = (size_t)target->width * target->channels;
    for (int y = 0; y < target->height; y++) {
        blend_row(row_of(first, y), row_of(second, y), row_to(target, y), bytes, factor);
    }
}

VECTORISED static void blend_row_with(int a, const uint8_t *b, uint8_t *to, size_t count, float factor) {
    for (size_t i = 0; i < count; i++) {
        float value = (float)a + factor * (float)(b[i] - a);
        value = value < 0.0f ? 0.0f : value > 255.0f ? 255.0f : value;
        to[i] = (uint8_t)value;
    }
}

void cresset_pixels_blend_with(
    uint8_t first, const cresset_pixels *second, const cresset_pixels *target, float factor
) {
    size_t bytes = (size_t)target->width * target->channels;
    for (int y = 0; y < target->height; y++) {
        blend_row_with(first, row_of(second, y), row_to(target, y), bytes, factor);
    }
}

VECTORISED static void saturate_row(const uint8_t *from, uint8_t *to, size_t width, float factor) {
    for (size_t x = 0; x < width; x++) {
        int gray = gray_of(from + x * 3);
        for (int c = 0; c < 3; c++) {
            float value = (float)gray + factor * (float)(from[x * 3 + c] - gray);
            value = value < 0.0f ? 0.0f : value > 255.0f ? 255.0f : value;
            to[x * 3 + c] = (uint8_t)value;
        }
    }
}

void cresset_pixels_saturate(const cresset_pixels *source, const cresset_pixels *target, float factor) {
    for (int y = 0; y < source->height; y++) {
        saturate_row(row_of(source, y), row_to(target, y), (size_t)source->width, factor);
    }
}

void cresset_pixels_accumulate(const cresset_pixels *source, float weight, float *sums) {
    size_t count = (size_t)source->width * source->channels;
    for (int y = 0; y < source->height; y++, sums += count) {
        const uint8_t *row = row_of(source, y);
        for (size_t i = 0; i < count; i++) sums[i] += weight * row[i];
    }
}

void cresset_pixels_truncate(const float *sums, const cresset_pixels *target) {
    size_t count = (size_t)target->width * target->channels;
    for (int y = 0; y < target->height; y++, sums += count) {
        uint8_t *row = row_to(target, y);
        for (size_t i = 0; i < count; i++) row[i] = (uint8_t)(sums[i] > 255 ? 255 : sums[i]);
    }
}

void cresset_pixels_smooth(const cresset_pixels *source, const cresset_pixels *target) {
    const float side = 1.0f / 13.0f, middle = 5.0f / 13.0f;
    int n = source->channels;
    for (int y = 0; y < source->height; y++) {
        const uint8_t *row = row_of(source, y);
        uint8_t *to = row_to(target, y);
        memcpy(to, row, (size_t)source->width * n);
        if (y == 0 || y == source->height - 1) continue;
        const uint8_t *above = row_of(source, y - 1), *below = row_of(source, y + 1);
        for (int i = n; i < (source->width - 1) * n; i++) {
            float sum = 0.5f;
            sum += below[i - n] * side + below[i] * side + below[i + n] * side;
            sum += row[i - n] * side + row[i] * middle + row[i + n] * side;
            sum += above[i - n] * side + above[i] * side + above[i + n] * side;
            to[i] = clip((int)sum);
        }
    }
}

typedef struct { uint8_t hue, saturation, value; } hsv;

static hsv to_hsv(const uint8_t *rgb) {
    uint8_t r = rgb[0], g = rgb[1], b = rgb[2];
    uint8_t most = r > g ? (r > b ? r : b) : (g > b ? g : b);
    uint8_t least = r < g ? (r < b ? r : b) : (g < b ? g : b);
    if (most == least) return (hsv){0, 0, most};
    float range = (float)(most - least);
    float saturation = range / (float)most;
    float red = (float)(most - r) / range, green = (float)(most - g) / range, blue = (float)(most - b) / range;
    float hue;
    if (r == most) {
        hue = blue - green;
    } else if (g == most) {
        hue = (float)(2.0 + red - blue);
    } else {
        hue = (float)(4.0 + green - red);
    }
    // From above 0 to below 2, so that the difference is exact.
    double turn = hue / 6.0 + 1.0;
    hue = (float)(turn - (int)turn);
    return (hsv){clip((int)(hue * 255.0)), clip((int)(saturation * 255.0)), most};
}

// Halves go up. Like round() for all that occurs, and without a call.
static inline uint8_t rounded(double value) { return clip((int)(value + 0.5)); }

static void to_rgb(hsv color, uint8_t *rgb) {
    float v = (float)color.value;
    if (color.saturation == 0) {
        rgb[0] = rgb[1] = rgb[2] = color.value;
        return;
    }
    float turn = (float)((float)color.hue * 6.0 / 255.0);
    int sixth = (int)turn;
    float rest = turn - (float)sixth;
    float saturation = (float)(color.saturation / 255.0);
    uint8_t p = rounded(v * (1.0 - saturation));
    uint8_t q = rounded(v * (1.0 - saturation * rest));
    uint8_t t = rounded(v * (1.0 - saturation * (1.0 - rest)));
    uint8_t full = color.value;
    const uint8_t table[6][3] = {{full, t, p}, {q, full, p}, {p, full, t}, {p, q, full}, {t, p, full}, {full, p, q}};
    memcpy(rgb, table[sixth % 6], 3);
}

void cresset_pixels_shift_hue(const cresset_pixels *source, const cresset_pixels *target, uint8_t shift) {
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        uint8_t *to = row_to(target, y);
        for (int x = 0; x < source->width; x++, from += 3, to += 3) {
            hsv color = to_hsv(from);
            color.hue = (uint8_t)(color.hue + shift);
            to_rgb(color, to);
        }
    }
}
