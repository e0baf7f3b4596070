// Copies, mirrors and look-up tables.
#include "CPixels.h"

#include <string.h>

#include "rows.h"
#include "vectors.h"

void cresset_pixels_copy(const cresset_pixels *source, const cresset_pixels *target) {
    size_t bytes = (size_t)source->width * source->channels;
    for (int y = 0; y < source->height; y++) memcpy(row_to(target, y), row_of(source, y), bytes);
}

static inline __attribute__((always_inline)) void mirror_row(
    const uint8_t *from, uint8_t *to, int width, int channels
) {
    for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) to[x * channels + c] = from[(width - 1 - x) * channels + c];
    }
}

VECTORISED static void mirror_rgb(const uint8_t *from, uint8_t *to, int width) { mirror_row(from, to, width, 3); }

void cresset_pixels_flip_horizontally(const cresset_pixels *source, const cresset_pixels *target) {
    for (int y = 0; y < source->height; y++) {
        if (source->channels == 3) {
            mirror_rgb(row_of(source, y), row_to(target, y), source->width);
        } else {
            mirror_row(row_of(source, y), row_to(target, y), source->width, source->channels);
        }
    }
}

void cresset_pixels_flip_vertically(const cresset_pixels *source, const cresset_pixels *target) {
    size_t bytes = (size_t)source->width * source->channels;
    int height = source->height;
    for (int y = 0; y < height; y++) memcpy(row_to(target, height - 1 - y), row_of(source, y), bytes);
}

static inline __attribute__((always_inline)) void place_square(
    const cresset_pixels *source, const cresset_layout *layout, int first_row, int left, int right, int top, int bottom,
    int channels
) {
    for (int x = left; x < right; x++) {
        const uint8_t *from = row_of(source, top) + (size_t)x * channels;
        uint8_t *to = layout->origin + x * layout->column_step + (first_row + top) * layout->row_step;
        for (int y = top; y < bottom; y++, from += source->stride, to += layout->row_step) {
            for (int c = 0; c < channels; c++) to[c] = from[c];
        }
    }
}

// In squares that fit in the first-level cache: writing a column of a large picture touches a page per pixel.
void cresset_pixels_place(const cresset_pixels *source, const cresset_layout *layout, int32_t first_row) {
    enum { SIDE = 32 };
    int width = source->width, height = source->height;
    for (int top = 0; top < height; top += SIDE) {
        int bottom = top + SIDE < height ? top + SIDE : height;
        for (int left = 0; left < width; left += SIDE) {
            int right = left + SIDE < width ? left + SIDE : width;
            if (source->channels == 3) {
                place_square(source, layout, first_row, left, right, top, bottom, 3);
            } else {
                place_square(source, layout, first_row, left, right, top, bottom, source->channels);
            }
        }
    }
}

void cresset_pixels_pick(
    const cresset_pixels *source, const cresset_pixels *target, const int32_t *columns, const int32_t *rows,
    const uint8_t *fill
) {
    size_t n = (size_t)source->channels;
    for (int y = 0; y < target->height; y++) {
        uint8_t *to = row_to(target, y);
        const uint8_t *row = rows[y] < 0 ? NULL : row_of(source, rows[y]);
        for (int x = 0; x < target->width; x++, to += n) {
            const uint8_t *from = row && columns[x] >= 0 ? row + (size_t)columns[x] * n : fill;
            for (size_t c = 0; c < n; c++) to[c] = from[c];
        }
    }
}

void cresset_pixels_map(const cresset_pixels *source, const cresset_pixels *target, const uint8_t *tables) {
    int channels = source->channels;
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        uint8_t *to = row_to(target, y);
        for (int x = 0; x < source->width; x++) {
            for (int c = 0; c < channels; c++) to[x * channels + c] = tables[c * 256 + from[x * channels + c]];
        }
    }
}

void cresset_pixels_to_floats(const cresset_pixels *source, const float *tables, float *values) {
    int channels = source->channels;
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        if (channels == 3) {
            for (int x = 0; x < source->width; x++, from += 3, values += 3) {
                values[0] = tables[from[0]];
                values[1] = tables[256 + from[1]];
                values[2] = tables[512 + from[2]];
            }
        } else {
            for (int x = 0; x < source->width; x++) {
                for (int c = 0; c < channels; c++) *values++ = tables[c * 256 + *from++];
            }
        }
    }
}

void cresset_pixels_to_planes(const cresset_pixels *source, const cresset_steps *steps, uint8_t *values) {
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        for (int c = 0; c < source->channels; c++) {
            uint8_t *to = values + y * steps->row + c * steps->channel;
            for (int x = 0; x < source->width; x++) to[x * steps->column] = from[x * source->channels + c];
        }
    }
}

void cresset_pixels_to_float_planes(
    const cresset_pixels *source, const float *tables, const cresset_steps *steps, float *values
) {
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        for (int c = 0; c < source->channels; c++) {
            float *to = values + y * steps->row + c * steps->channel;
            for (int x = 0; x < source->width; x++) {
                to[x * steps->column] = tables[c * 256 + from[x * source->channels + c]];
            }
        }
    }
}

void cresset_floats_patch(float *values, const cresset_steps *steps, const cresset_patch *patch) {
    for (int y = 0; y < patch->height; y++) {
        float *row = values + (patch->top + y) * steps->row + patch->left * steps->column;
        for (int c = 0; c < patch->channels; c++) {
            size_t line = ((size_t)c * patch->height + y) * patch->width;
            const float *from = patch->values + (patch->is_constant ? (size_t)c : line);
            float *to = row + c * steps->channel;
            for (int x = 0; x < patch->width; x++) to[x * steps->column] = from[patch->is_constant ? 0 : x];
        }
    }
}

void cresset_pixels_count(const cresset_pixels *source, int64_t *counts) {
    int channels = source->channels;
    for (int y = 0; y < source->height; y++) {
        const uint8_t *from = row_of(source, y);
        for (int x = 0; x < source->width; x++) {
            for (int c = 0; c < channels; c++) counts[c * 256 + from[x * channels + c]]++;
        }
    }
}
