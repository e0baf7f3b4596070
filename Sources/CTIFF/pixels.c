// From strips and tiles to rows of RGB.
#include <stdlib.h>

#include "file.h"

// One plane of a strip or tile.
static cresset_tiff_status read_block(tiff_file *file, uint32_t x, uint32_t y, uint16_t plane, uint8_t *bytes) {
    const cresset_tiff *tiff = file->tiff;
    uint32_t rows = file->block_height, left = file->info->height - y;
    if (!file->is_tiled && rows > left) rows = left;
    int64_t count = (int64_t)(file->block_row_bytes * rows);
    uint32_t block = file->is_tiled ? tiff->TIFFComputeTile(file->handle, x, y, 0, plane)
                                    : tiff->TIFFComputeStrip(file->handle, y, plane);
    uint64_t offset = tiff->TIFFGetStrileOffset(file->handle, block);
    uint64_t stored = tiff->TIFFGetStrileByteCount(file->handle, block);
    if (offset > file->size || stored > file->size - offset) return CRESSET_TIFF_TRUNCATED;
    int64_t done = file->is_tiled ? tiff->TIFFReadEncodedTile(file->handle, block, bytes, count)
                                  : tiff->TIFFReadEncodedStrip(file->handle, block, bytes, count);
    if (done == count) return CRESSET_TIFF_OK;
    if (!file->had_error) return tiff_refuse(file, CRESSET_TIFF_BROKEN, "a strip or tile is too short");
    return CRESSET_TIFF_BROKEN;
}

// Places the rows of a block that are inside the picture.
static void place_block(
    const tiff_file *file, const uint8_t *bytes, uint32_t x, uint32_t y, int ground, uint8_t *row,
    const cresset_layout *layout
) {
    uint32_t width = file->info->width - x, height = file->info->height - y;
    if (width > file->block_width) width = file->block_width;
    if (height > file->block_height) height = file->block_height;
    size_t plane_bytes = file->block_row_bytes * file->block_height;
    cresset_layout part = *layout;
    part.origin += (ptrdiff_t)x * layout->column_step + (ptrdiff_t)y * layout->row_step;
    for (uint32_t i = 0; i < height; i++) {
        const uint8_t *planes[5];
        for (int p = 0; p < 5; p++) planes[p] = bytes + (file->is_planar ? p * plane_bytes : 0) + i * file->block_row_bytes;
        tiff_convert_row(file, planes, width, ground >= 0, row);
        if (ground >= 0 && file->has_alpha) cresset_pixels_lay_over(row, row, width, (uint8_t)ground);
        cresset_pixels line = {row, (size_t)width * 3, (int32_t)width, 1, 3};
        cresset_pixels_place(&line, &part, (int32_t)i);
    }
}

cresset_tiff_status tiff_read_blocks(tiff_file *file, int ground, const cresset_layout *layout) {
    int planes = file->is_planar ? tiff_used_samples(file) : 1;
    size_t plane_bytes = file->block_row_bytes * file->block_height;
    // A tile may be far wider than the picture.
    uint32_t width = file->block_width < file->info->width ? file->block_width : file->info->width;
    uint8_t *bytes = malloc(plane_bytes * (size_t)planes), *row = malloc((size_t)width * 4);
    cresset_tiff_status status = CRESSET_TIFF_OK;
    if (!bytes || !row) status = tiff_refuse(file, CRESSET_TIFF_BROKEN, "out of memory");
    for (uint64_t y = 0; status == CRESSET_TIFF_OK && y < file->info->height; y += file->block_height) {
        for (uint64_t x = 0; status == CRESSET_TIFF_OK && x < file->info->width; x += file->block_width) {
            for (int p = 0; status == CRESSET_TIFF_OK && p < planes; p++) {
                uint8_t *plane = bytes + (size_t)p * plane_bytes;
                status = read_block(file, (uint32_t)x, (uint32_t)y, (uint16_t)p, plane);
            }
            if (status == CRESSET_TIFF_OK) place_block(file, bytes, (uint32_t)x, (uint32_t)y, ground, row, layout);
        }
    }
    free(row);
    free(bytes);
    return status;
}

cresset_tiff_status tiff_read_by_libtiff(tiff_file *file, const cresset_layout *layout) {
    uint32_t width = file->info->width, height = file->info->height;
    uint32_t *raster = calloc((size_t)width * height, sizeof *raster);
    if (!raster) return tiff_refuse(file, CRESSET_TIFF_BROKEN, "out of memory");
    // Asked for the orientation that the file has, libtiff turns nothing.
    int orientation = file->info->orientation ? file->info->orientation : 1;
    int done = file->tiff->TIFFReadRGBAImageOriented(file->handle, width, height, raster, orientation, 1);
    for (uint32_t y = 0; done && y < height; y++) {
        uint8_t *to = layout->origin + (ptrdiff_t)y * layout->row_step;
        for (uint32_t x = 0; x < width; x++, to += layout->column_step) {
            uint32_t pixel = raster[(size_t)y * width + x];
            for (int c = 0; c < 3; c++) to[c] = (uint8_t)(pixel >> (8 * c));
        }
    }
    free(raster);
    return done ? CRESSET_TIFF_OK : CRESSET_TIFF_BROKEN;
}
