#include "CHEIF.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libheif's numbers, which never change.
enum { DETAIL_END_OF_DATA = 100, COLORS_RGB = 1, ROWS_OF_RGB = 10, ROWS_OF_RGBA = 11, CHANNEL_ROWS = 10 };

// What libheif allows by itself, and the side of the square that holds Image.maximumPixelCount pixels.
enum { MOST_SIDE = 32768, SQUARE_SIDE = 13378 };

#if __has_include(<libheif/heif.h>)
#include <libheif/heif.h>
#define SAME(OURS, THEIRS) _Static_assert((long)(OURS) == (long)(THEIRS), #THEIRS);
SAME(DETAIL_END_OF_DATA, heif_suberror_End_of_data)
SAME(COLORS_RGB, heif_colorspace_RGB)
SAME(ROWS_OF_RGB, heif_chroma_interleaved_RGB)
SAME(ROWS_OF_RGBA, heif_chroma_interleaved_RGBA)
SAME(CHANNEL_ROWS, heif_channel_interleaved)
SAME(sizeof(cresset_heif_error), sizeof(struct heif_error))
#endif

const char *cresset_load_heif(void *library, cresset_heif *table) {
#define REQUIRE(RESULT, NAME, ARGUMENTS)            \
    *(void **)&table->NAME = dlsym(library, #NAME); \
    if (!*(void **)&table->NAME) return #NAME;
    CRESSET_HEIF(REQUIRE)
#define ALLOW(NAME) *(void **)&table->NAME = dlsym(library, #NAME);
    ALLOW(heif_context_set_maximum_image_size_limit)
    ALLOW(heif_context_set_max_decoding_threads)
    return NULL;
}

// A file that is being read.
typedef struct {
    const cresset_heif *heif;
    void *context;
    void *handle;
    void *image;
} heif_file;

static cresset_heif_status status_of(cresset_heif_error error, cresset_heif_info *info) {
    if (error.code == 0) return CRESSET_HEIF_OK;
    snprintf(info->message, sizeof info->message, "%s", error.message ? error.message : "unknown error");
    return error.detail == DETAIL_END_OF_DATA ? CRESSET_HEIF_TRUNCATED : CRESSET_HEIF_BROKEN;
}

static cresset_heif_status refuse(cresset_heif_info *info, const char *text) {
    snprintf(info->message, sizeof info->message, "%s", text);
    return CRESSET_HEIF_BROKEN;
}

static cresset_heif_status open_file(
    heif_file *file, const uint8_t *data, size_t size, int most_side, cresset_heif_info *info
) {
    const cresset_heif *heif = file->heif;
    file->context = heif->heif_context_alloc();
    if (!file->context) return refuse(info, "out of memory");
    if (heif->heif_context_set_maximum_image_size_limit) {
        heif->heif_context_set_maximum_image_size_limit(file->context, most_side);
    }
    // The caller has threads of its own.
    if (heif->heif_context_set_max_decoding_threads) heif->heif_context_set_max_decoding_threads(file->context, 0);
    cresset_heif_status status =
        status_of(heif->heif_context_read_from_memory_without_copy(file->context, data, size, NULL), info);
    if (status != CRESSET_HEIF_OK) return status;
    status = status_of(heif->heif_context_get_primary_image_handle(file->context, &file->handle), info);
    if (status != CRESSET_HEIF_OK) return status;
    int width = heif->heif_image_handle_get_width(file->handle);
    int height = heif->heif_image_handle_get_height(file->handle);
    if (width < 1 || height < 1) return refuse(info, "width or height is 0");
    info->width = (uint32_t)width;
    info->height = (uint32_t)height;
    return CRESSET_HEIF_OK;
}

static void close_file(heif_file *file) {
    if (file->image) file->heif->heif_image_release(file->image);
    if (file->handle) file->heif->heif_image_handle_release(file->handle);
    if (file->context) file->heif->heif_context_free(file->context);
}

cresset_heif_status cresset_heif_read_header(
    const cresset_heif *heif, const uint8_t *data, size_t size, cresset_heif_info *info
) {
    heif_file file = {.heif = heif};
    memset(info, 0, sizeof *info);
    // Allocates nothing for pixels: too many are refused by their number.
    cresset_heif_status status = open_file(&file, data, size, MOST_SIDE, info);
    close_file(&file);
    return status;
}

static cresset_heif_status read_pixels(
    heif_file *file, uint32_t width, uint32_t height, int ground, const cresset_layout *layout, cresset_heif_info *info
) {
    const cresset_heif *heif = file->heif;
    bool blends = ground >= 0 && heif->heif_image_handle_has_alpha_channel(file->handle);
    int arrangement = blends ? ROWS_OF_RGBA : ROWS_OF_RGB;
    cresset_heif_status status =
        status_of(heif->heif_decode_image(file->handle, &file->image, COLORS_RGB, arrangement, NULL), info);
    if (status != CRESSET_HEIF_OK) return status;
    if (heif->heif_image_get_width(file->image, CHANNEL_ROWS) != (int)width
        || heif->heif_image_get_height(file->image, CHANNEL_ROWS) != (int)height) {
        return refuse(info, "the picture has another size than its header says");
    }
    int stride = 0;
    const uint8_t *pixels = heif->heif_image_get_plane_readonly(file->image, CHANNEL_ROWS, &stride);
    if (!pixels || stride < (int)width * (blends ? 4 : 3)) return refuse(info, "no pixels");
    uint8_t *row = malloc((size_t)width * 3);
    if (!row) return refuse(info, "out of memory");
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *from = pixels + (size_t)y * (size_t)stride;
        if (blends) {
            cresset_pixels_lay_over(from, row, width, (uint8_t)ground);
        } else {
            memcpy(row, from, (size_t)width * 3);
        }
        cresset_pixels part = {row, (size_t)width * 3, (int32_t)width, 1, 3};
        cresset_pixels_place(&part, layout, (int32_t)y);
    }
    free(row);
    return CRESSET_HEIF_OK;
}

cresset_heif_status cresset_heif_decode(
    const cresset_heif *heif, const uint8_t *data, size_t size, uint32_t width, uint32_t height, int ground,
    const cresset_layout *layout, cresset_heif_info *info
) {
    heif_file file = {.heif = heif};
    memset(info, 0, sizeof *info);
    cresset_heif_status status = open_file(&file, data, size, SQUARE_SIDE, info);
    if (status == CRESSET_HEIF_OK && (info->width != width || info->height != height)) {
        status = refuse(info, "the size changed");
    }
    if (status == CRESSET_HEIF_OK) status = read_pixels(&file, width, height, ground, layout, info);
    close_file(&file);
    return status;
}
