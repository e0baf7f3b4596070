// PNG files through libpng's classic row interface.
//
// libpng reports an error by a long jump; every jump starts and lands inside one function of CPNG.c, so that none
// crosses a Swift frame. No function keeps state between calls.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CPixels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CRESSET_PNG_OK = 0,
    /// The data ends before the picture does.
    CRESSET_PNG_TRUNCATED = 1,
    /// libpng gave up; `message` says why.
    CRESSET_PNG_BROKEN = 2,
} cresset_png_status;

/// What happens to an alpha channel.
typedef enum {
    CRESSET_PNG_DROP_ALPHA = 0,
    CRESSET_PNG_OVER_BLACK = 1,
    CRESSET_PNG_OVER_WHITE = 2,
} cresset_png_alpha;

typedef struct {
    uint32_t width;
    uint32_t height;
    uint8_t depth;
    uint8_t color_type;
    uint8_t interlaced;
    /// There is less data than any picture of this size needs: it must be rejected before memory is allocated for it.
    int32_t is_too_short;
    /// Broken places that libpng skipped.
    int64_t warnings;
    /// Some pixel refers to a colour that the palette lacks; it is black.
    int32_t bad_palette_index;
    /// The file has no closing chunk, but the picture is complete.
    int32_t missing_end;
    /// The data ends before the picture does, and the rest is grey.
    int32_t padded;
    /// The rows that were decoded; of an interlaced picture, those of its passes.
    uint32_t rows;
    /// libpng's error, or else its first warning.
    char message[256];
} cresset_png_info;

/// Reads only the first chunk, from a whole file or from the first `size` bytes of a file of `whole_size`, and checks
/// it against the format; allocates nothing.
cresset_png_status cresset_png_read_header(
    const uint8_t *data, size_t size, size_t whole_size, cresset_png_info *info);

/// Decodes to 8-bit RGB, placed according to `layout`; `width` and `height` as cresset_png_read_header reported them.
///
/// Chunks that the pixels do not need (text, colour profiles, animation) are checksummed, never inflated.
///
/// With `pads`, data that ends early is no failure if a row is there: what is missing is grey.
cresset_png_status cresset_png_decode(
    const uint8_t *data, size_t size, uint32_t width, uint32_t height, cresset_png_alpha alpha, bool pads,
    const cresset_layout *layout, cresset_png_info *info);

/// Encodes rows of 1 or 3 channels. `*encoded` must be passed to cresset_png_free.
cresset_png_status cresset_png_encode(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, uint8_t **encoded,
    size_t *size, char message[256]);

void cresset_png_free(uint8_t *encoded);

#ifdef __cplusplus
}
#endif
