#include "CAVIF.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libavif's numbers.
enum { RESULT_OK = 0, RESULT_TRUNCATED = 20, FORMAT_RGB = 0, FORMAT_RGBA = 1, HAS_ROTATION = 4, HAS_MIRROR = 8 };
enum { MOST_SIDE = 65536, MOST_PIXELS = 16384 * 16384 };
// How far a cell of a grid may reach beyond the picture.
enum { CELL_SIDE = 512 };

// The beginning of avifImage, up to where the versions part.
typedef struct {
    uint32_t width, height, depth;
    int format, range, position;
    uint8_t *planes[3];
    uint32_t plane_strides[3];
    int owns_planes;
    uint8_t *alpha;
    uint32_t alpha_stride;
    int owns_alpha, alpha_is_multiplied;
    uint8_t *profile;
    size_t profile_size;
    uint16_t primaries, transfer, matrix;
} image_start;

typedef struct {
    uint32_t flags, aspect[2], aperture[8];
    uint8_t rotation, mirror;
} image_turns;

typedef struct {
    image_start start;
    image_turns turns;
} image_0;

typedef struct {
    image_start start;
    uint16_t light[2];
    image_turns turns;
} image_1;

// avifRGBImage up to where the versions part.
typedef struct {
    uint32_t width, height, depth;
    int format, upsampling, downsampling, avoids_libyuv, ignores_alpha, alpha_is_multiplied, is_float;
} pixels_start;

typedef struct {
    pixels_start start;
    uint8_t *pixels;
    uint32_t stride;
} pixels_0;

typedef struct {
    pixels_start start;
    int threads;
    uint8_t *pixels;
    uint32_t stride;
} pixels_1;

#if __has_include(<avif/avif.h>)
#include <avif/avif.h>
#define SAME(OURS, THEIRS) _Static_assert((OURS) == (THEIRS), #THEIRS);
SAME(RESULT_TRUNCATED, AVIF_RESULT_TRUNCATED_DATA)
SAME(FORMAT_RGBA, AVIF_RGB_FORMAT_RGBA)
SAME(HAS_ROTATION, AVIF_TRANSFORM_IROT)
SAME(HAS_MIRROR, AVIF_TRANSFORM_IMIR)
SAME(offsetof(cresset_avif_decoder, most_pixels), offsetof(avifDecoder, imageSizeLimit))
SAME(MOST_PIXELS, AVIF_DEFAULT_IMAGE_SIZE_LIMIT)
SAME(offsetof(cresset_avif_decoder, most_side), offsetof(avifDecoder, imageDimensionLimit))
SAME(offsetof(cresset_avif_decoder, image), offsetof(avifDecoder, image))
SAME(offsetof(image_start, alpha), offsetof(avifImage, alphaPlane))
SAME(offsetof(image_start, matrix), offsetof(avifImage, matrixCoefficients))
#if AVIF_VERSION_MAJOR == 0
SAME(offsetof(image_0, turns.rotation), offsetof(avifImage, irot))
SAME(offsetof(image_0, turns.mirror), offsetof(avifImage, imir))
SAME(offsetof(pixels_0, pixels), offsetof(avifRGBImage, pixels))
#else
SAME(offsetof(image_1, turns.rotation), offsetof(avifImage, irot))
SAME(offsetof(image_1, turns.mirror), offsetof(avifImage, imir))
SAME(offsetof(pixels_1, pixels), offsetof(avifRGBImage, pixels))
#endif
#endif

const char *cresset_load_avif(void *library, cresset_avif *table) {
#define REQUIRE(RESULT, NAME, ARGUMENTS)            \
    *(void **)&table->NAME = dlsym(library, #NAME); \
    if (!*(void **)&table->NAME) return #NAME;
    CRESSET_AVIF(REQUIRE)
    const char *version = table->avifVersion();
    if (strncmp(version, "0.11.", 5) == 0) {
        table->major_version = 0;
    } else if (strncmp(version, "1.", 2) == 0) {
        table->major_version = 1;
    } else {
        return "a known version";
    }
    return NULL;
}

static cresset_avif_status status_of(const cresset_avif *avif, int result, cresset_avif_info *info) {
    if (result == RESULT_OK) return CRESSET_AVIF_OK;
    snprintf(info->message, sizeof info->message, "%s", avif->avifResultToString(result));
    return result == RESULT_TRUNCATED ? CRESSET_AVIF_TRUNCATED : CRESSET_AVIF_BROKEN;
}

// First the rotation, by quarters against the clock; then the mirror, 0 for top and bottom, 1 for left and right.
static int orientation_of(const image_turns *turns) {
    static const int turned[4] = {1, 8, 3, 6};
    static const int mirrored[4][2] = {{4, 2}, {5, 7}, {2, 4}, {7, 5}};
    int quarters = turns->flags & HAS_ROTATION ? turns->rotation & 3 : 0;
    return turns->flags & HAS_MIRROR ? mirrored[quarters][turns->mirror & 1] : turned[quarters];
}

static cresset_avif_status open_file(
    const cresset_avif *avif, cresset_avif_decoder *decoder, const uint8_t *data, size_t size, uint64_t most_pixels,
    cresset_avif_info *info
) {
    decoder->threads = 1;
    decoder->ignores_exif = decoder->ignores_xmp = 1;
    // As lenient as Pillow: many writers forget a box.
    decoder->strict_flags = 0;
    decoder->most_side = MOST_SIDE;
    decoder->most_pixels = most_pixels < MOST_PIXELS ? (uint32_t)most_pixels : MOST_PIXELS;
    cresset_avif_status status = status_of(avif, avif->avifDecoderSetIOMemory(decoder, data, size), info);
    if (status == CRESSET_AVIF_OK) status = status_of(avif, avif->avifDecoderParse(decoder), info);
    if (status != CRESSET_AVIF_OK) return status;
    const image_start *image = decoder->image;
    info->width = image->width;
    info->height = image->height;
    info->depth = image->depth;
    const image_turns *turns = avif->major_version == 0 ? &((const image_0 *)decoder->image)->turns
                                                        : &((const image_1 *)decoder->image)->turns;
    info->orientation = orientation_of(turns);
    return CRESSET_AVIF_OK;
}

cresset_avif_status cresset_avif_read_header(
    const cresset_avif *avif, const uint8_t *data, size_t size, cresset_avif_info *info
) {
    memset(info, 0, sizeof *info);
    cresset_avif_decoder *decoder = avif->avifDecoderCreate();
    if (!decoder) return status_of(avif, 1, info);
    // Allocates nothing for pixels: too many are refused by their number.
    cresset_avif_status status = open_file(avif, decoder, data, size, MOST_PIXELS, info);
    avif->avifDecoderDestroy(decoder);
    return status;
}

static cresset_avif_status convert(
    const cresset_avif *avif, const image_start *image, int ground, const cresset_layout *layout,
    cresset_avif_info *info
) {
    bool has_alpha = image->alpha != NULL;
    size_t stride = (size_t)image->width * (has_alpha ? 4 : 3);
    uint8_t *pixels = malloc(stride * image->height);
    if (!pixels) {
        snprintf(info->message, sizeof info->message, "out of memory");
        return CRESSET_AVIF_BROKEN;
    }
    // Room for what later versions add.
    union {
        pixels_start start;
        pixels_0 before;
        pixels_1 after;
        uint8_t room[512];
    } rgb;
    memset(&rgb, 0, sizeof rgb);
    avif->avifRGBImageSetDefaults(&rgb, image);
    rgb.start.depth = 8;
    rgb.start.format = has_alpha ? FORMAT_RGBA : FORMAT_RGB;
    *(avif->major_version == 0 ? &rgb.before.pixels : &rgb.after.pixels) = pixels;
    *(avif->major_version == 0 ? &rgb.before.stride : &rgb.after.stride) = (uint32_t)stride;
    cresset_avif_status status = status_of(avif, avif->avifImageYUVToRGB(image, &rgb), info);
    for (uint32_t y = 0; status == CRESSET_AVIF_OK && y < image->height; y++) {
        uint8_t *row = pixels + y * stride;
        if (has_alpha && ground >= 0) cresset_pixels_lay_over(row, row, image->width, (uint8_t)ground);
        if (has_alpha && ground < 0) {
            for (uint32_t x = 0; x < image->width; x++) memmove(row + 3 * (size_t)x, row + 4 * (size_t)x, 3);
        }
        cresset_pixels part = {row, stride, (int32_t)image->width, 1, 3};
        cresset_pixels_place(&part, layout, (int32_t)y);
    }
    free(pixels);
    return status;
}

cresset_avif_status cresset_avif_decode(
    const cresset_avif *avif, const uint8_t *data, size_t size, uint32_t width, uint32_t height, int ground,
    const cresset_layout *layout, cresset_avif_info *info
) {
    memset(info, 0, sizeof *info);
    cresset_avif_decoder *decoder = avif->avifDecoderCreate();
    if (!decoder) return status_of(avif, 1, info);
    // What the codec claims may be more than the boxes say.
    uint64_t most_pixels = ((uint64_t)width + CELL_SIDE) * ((uint64_t)height + CELL_SIDE);
    cresset_avif_status status = open_file(avif, decoder, data, size, most_pixels, info);
    if (status == CRESSET_AVIF_OK) status = status_of(avif, avif->avifDecoderNextImage(decoder), info);
    if (status == CRESSET_AVIF_OK) {
        const image_start *image = decoder->image;
        if (image->width == width && image->height == height) {
            status = convert(avif, image, ground, layout, info);
        } else {
            snprintf(info->message, sizeof info->message, "the picture is %u x %u pixels", image->width, image->height);
            status = CRESSET_AVIF_BROKEN;
        }
    }
    avif->avifDecoderDestroy(decoder);
    return status;
}
