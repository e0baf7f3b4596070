// libavif, opened at the first AVIF picture: version 0.11 (Debian 12) or 1.x.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stddef.h>
#include <stdint.h>

#include "CPixels.h"

/// The beginning of libavif's avifDecoder, the same in both versions.
typedef struct {
    int codec, threads, source, allows_progressive, allows_incremental, ignores_exif, ignores_xmp;
    uint32_t most_pixels, most_side, most_images;
    uint32_t strict_flags;
    void *_Nullable image;
} cresset_avif_decoder;

#define CRESSET_AVIF(X)                                                                              \
    X(const char *, avifVersion, (void))                                                             \
    X(const char *, avifResultToString, (int result))                                                \
    X(cresset_avif_decoder *, avifDecoderCreate, (void))                                             \
    X(void, avifDecoderDestroy, (cresset_avif_decoder * decoder))                                    \
    X(int, avifDecoderSetIOMemory, (cresset_avif_decoder * decoder, const uint8_t *data, size_t size)) \
    X(int, avifDecoderParse, (cresset_avif_decoder * decoder))                                       \
    X(int, avifDecoderNextImage, (cresset_avif_decoder * decoder))                                   \
    X(void, avifRGBImageSetDefaults, (void *rgb, const void *image))                                 \
    X(int, avifImageYUVToRGB, (const void *image, void *rgb))

#define CRESSET_AVIF_FIELD(RESULT, NAME, ARGUMENTS) RESULT(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_AVIF(CRESSET_AVIF_FIELD)
    /// 0 or 1: the structures' layout.
    int major_version;
} cresset_avif;

/// Fills `table`. Returns what the library lacks, or NULL.
const char *_Nullable cresset_load_avif(void *_Nonnull library, cresset_avif *_Nonnull table);

typedef enum {
    CRESSET_AVIF_OK = 0,
    /// The data ends before the picture does.
    CRESSET_AVIF_TRUNCATED = 1,
    /// libavif gave up; `message` says why.
    CRESSET_AVIF_BROKEN = 2,
} cresset_avif_status;

typedef struct {
    uint32_t width;
    uint32_t height;
    /// Bits per sample.
    uint32_t depth;
    /// In EXIF's numbering.
    int32_t orientation;
    char message[256];
} cresset_avif_info;

/// Reads the boxes before the pixels, of a whole file or its first `size` bytes.
cresset_avif_status cresset_avif_read_header(
    const cresset_avif *_Nonnull avif, const uint8_t *_Nonnull data, size_t size, cresset_avif_info *_Nonnull info);

/// Decodes the first picture to 8-bit RGB, placed according to `layout`; `width` and `height` as
/// cresset_avif_read_header reported them. `ground` is the grey that shows through transparent places, or -1 to use
/// colours as they are.
cresset_avif_status cresset_avif_decode(
    const cresset_avif *_Nonnull avif, const uint8_t *_Nonnull data, size_t size, uint32_t width, uint32_t height,
    int ground, const cresset_layout *_Nonnull layout, cresset_avif_info *_Nonnull info);
#pragma clang diagnostic pop
