// From samples of any depth to 8-bit RGB, as Pillow converts them.
#include <string.h>

#include "file.h"

int tiff_used_samples(const tiff_file *file) {
    int colors = file->kind == KIND_INKS ? 4 : file->kind == KIND_RGB || file->kind == KIND_LUMINANCE ? 3 : 1;
    return colors + (file->has_alpha ? 1 : 0);
}

static uint32_t sample_of(const uint8_t *row, size_t index, unsigned bits) {
    if (bits == 8) return row[index];
    if (bits == 16) {
        uint16_t value;
        memcpy(&value, row + 2 * index, 2);
        return value;
    }
    if (bits == 32) {
        uint32_t value;
        memcpy(&value, row + 4 * index, 4);
        return value;
    }
    if (bits == 12) {
        const uint8_t *pair = row + index / 2 * 3;
        return index % 2 == 0 ? (uint32_t)pair[0] << 4 | pair[1] >> 4 : (uint32_t)(pair[1] & 15) << 8 | pair[2];
    }
    size_t bit = index * bits;
    return (uint32_t)(row[bit / 8] >> (8 - bits - bit % 8)) & ((1u << bits) - 1);
}

static uint8_t clipped(int32_t value) { return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value; }

// What is cut off is worth a word: mostly such samples were meant to be scaled.
static void note_range(cresset_tiff_info *info, double value) {
    if (!info->is_unscaled || value < info->least_sample) info->least_sample = value;
    if (!info->is_unscaled || value > info->most_sample) info->most_sample = value;
    info->is_unscaled = 1;
}

static uint8_t clipped_float(const tiff_file *file, uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    if (value == value) note_range(file->info, value);
    // Not a number becomes black.
    return value >= 255 ? 255 : value > 0 ? (uint8_t)value : 0;
}

static uint8_t grey_of(const tiff_file *file, uint32_t value) {
    if (file->samples == SAMPLES_FLOAT) return clipped_float(file, value);
    if (file->bits == 32 || (file->bits == 16 && file->samples == SAMPLES_SIGNED)) {
        // Pillow takes unsigned samples for signed ones; what they were is said as it was.
        int32_t number = file->bits == 16 ? (int16_t)value : (int32_t)value;
        note_range(file->info, file->samples == SAMPLES_SIGNED ? (double)number : (double)value);
        return clipped(number);
    }
    uint32_t full = (1u << file->bits) - 1;
    uint8_t grey = (uint8_t)((value * 255 + full / 2) / full);
    return file->is_inverted ? 255 - grey : grey;
}

static uint8_t undone(uint8_t color, uint8_t alpha) {
    if (alpha == 0) return 0;
    unsigned value = color * 255u / alpha;
    return value > 255 ? 255 : (uint8_t)value;
}

// With six bits after the point; halves are rounded up, and what remains is cut off.
static int share(double factor, int chroma) { return (int)(factor * 64 * chroma + 0.5); }

static void from_luminance(const uint8_t *samples, uint8_t *rgb) {
    int y = samples[0], blue = samples[1] - 128, red = samples[2] - 128;
    rgb[0] = clipped(y + (share(1.402, red) >> 6));
    rgb[1] = clipped(y + ((share(-0.34414, blue) + share(-0.71414, red)) >> 6));
    rgb[2] = clipped(y + (share(1.772, blue) >> 6));
}

static void convert_pixel(const tiff_file *file, const uint32_t *samples, uint8_t *rgb) {
    uint8_t bytes[5];
    int count = tiff_used_samples(file);
    switch (file->kind) {
        case KIND_GREY: memset(rgb, grey_of(file, samples[0]), 3); break;
        case KIND_PALETTE:
            for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(file->palette[c][samples[0]] >> 8);
            break;
        default:
            for (int i = 0; i < count; i++) bytes[i] = (uint8_t)(file->bits == 16 ? samples[i] >> 8 : samples[i]);
            if (file->kind == KIND_RGB) memcpy(rgb, bytes, 3);
            if (file->kind == KIND_INKS) cresset_pixels_from_inks(bytes, rgb, 1, 255);
            if (file->kind == KIND_LUMINANCE) from_luminance(bytes, rgb);
    }
}

void tiff_convert_row(
    const tiff_file *file, const uint8_t *const *planes, uint32_t width, bool keeps_alpha, uint8_t *pixels
) {
    int count = tiff_used_samples(file), step = keeps_alpha && file->has_alpha ? 4 : 3;
    if (file->kind == KIND_RGB && file->bits == 8 && !file->is_planar && count == 3 && file->samples_per_pixel == 3) {
        memcpy(pixels, planes[0], (size_t)width * 3);
        return;
    }
    for (uint32_t x = 0; x < width; x++, pixels += step) {
        uint32_t samples[5];
        for (int i = 0; i < count; i++) {
            samples[i] = file->is_planar ? sample_of(planes[i], x, file->bits)
                                         : sample_of(planes[0], (size_t)x * file->samples_per_pixel + i, file->bits);
        }
        convert_pixel(file, samples, pixels);
        if (!file->has_alpha) continue;
        uint8_t alpha = (uint8_t)(file->bits == 16 ? samples[count - 1] >> 8 : samples[count - 1]);
        if (file->is_premultiplied) {
            for (int c = 0; c < 3; c++) pixels[c] = undone(pixels[c], alpha);
        }
        if (step == 4) pixels[3] = alpha;
    }
}
