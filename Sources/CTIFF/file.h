// An open TIFF file and what its first directory says.
#pragma once
#include <stdbool.h>

#include "CTIFF.h"

enum { COMPRESSION_IS_NONE = 1, COMPRESSION_IS_OLD_JPEG = 6, COMPRESSION_IS_JPEG = 7 };

// How samples become colours.
typedef enum {
    KIND_GREY,
    KIND_PALETTE,
    KIND_RGB,
    KIND_INKS,
    KIND_LUMINANCE,
    // By libtiff's own conversion of the whole picture.
    KIND_LIBTIFF,
} tiff_kind;

typedef enum { SAMPLES_UNSIGNED = 1, SAMPLES_SIGNED = 2, SAMPLES_FLOAT = 3 } tiff_samples;

typedef struct {
    const cresset_tiff *tiff;
    void *handle;
    const uint8_t *data;
    size_t size;
    uint64_t position;
    cresset_tiff_info *info;
    bool had_error;

    tiff_kind kind;
    tiff_samples samples;
    uint16_t bits, samples_per_pixel, photometric, compression;
    bool is_planar, is_tiled, is_inverted;
    // Whether a sample of opacity follows the colours, and whether these are already multiplied by it.
    bool has_alpha, is_premultiplied;
    // Strips are as wide as the picture.
    uint32_t block_width, block_height;
    size_t block_row_bytes;
    uint16_t *palette[3];
} tiff_file;

// How many samples of a pixel are looked at.
int tiff_used_samples(const tiff_file *file);

// Converts `width` pixels to RGB, or to RGBA if there is opacity and `keeps_alpha`. `planes` are the rows of the planes:
// one if samples are interleaved.
void tiff_convert_row(
    const tiff_file *file, const uint8_t *const *planes, uint32_t width, bool keeps_alpha, uint8_t *pixels);

// Notes why a file cannot be read; returns `status`.
cresset_tiff_status tiff_refuse(tiff_file *file, cresset_tiff_status status, const char *text);

// Whether the first directory is not in the data, or not all of it; of the usual form with offsets of four bytes.
bool tiff_lacks_directory(const tiff_file *file);

// Decodes and places the pixels, strip by strip or tile by tile.
cresset_tiff_status tiff_read_blocks(tiff_file *file, int ground, const cresset_layout *layout);

// Lets libtiff convert the whole picture.
cresset_tiff_status tiff_read_by_libtiff(tiff_file *file, const cresset_layout *layout);
