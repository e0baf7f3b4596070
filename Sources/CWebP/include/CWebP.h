// libwebp, opened at the first WebP picture.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stddef.h>
#include <stdint.h>

#include "CPixels.h"

#define CRESSET_WEBP(X)                                                                                       \
    X(int, WebPGetInfo, (const uint8_t *data, size_t size, int *width, int *height))                          \
    X(uint8_t *, WebPDecodeRGBInto, (const uint8_t *data, size_t size, uint8_t *out, size_t room, int stride)) \
    X(uint8_t *, WebPDecodeRGBAInto, (const uint8_t *data, size_t size, uint8_t *out, size_t room, int stride))

#define CRESSET_WEBP_FIELD(RESULT, NAME, ARGUMENTS) RESULT(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_WEBP(CRESSET_WEBP_FIELD)
} cresset_webp;

/// Fills `table`. Returns the name of a function that the library lacks, or NULL.
const char *_Nullable cresset_load_webp(void *_Nonnull library, cresset_webp *_Nonnull table);

typedef enum {
    CRESSET_WEBP_OK = 0,
    /// libwebp cannot decode the data; it does not say why.
    CRESSET_WEBP_BROKEN = 1,
    /// The picture in the data has another size than the container says.
    CRESSET_WEBP_OTHER_SIZE = 2,
    CRESSET_WEBP_NO_MEMORY = 3,
} cresset_webp_status;

/// Decodes one still picture of `width` by `height` pixels, placed according to `layout`.
///
/// `data` is a whole file, or a frame of an animation: its chunk with transparency, if there is one, and its pixels.
/// `ground` is the grey that shows through transparent places, or -1 to use colours as they are.
cresset_webp_status cresset_webp_decode(
    const cresset_webp *_Nonnull webp, const uint8_t *_Nonnull data, size_t size, uint32_t width, uint32_t height,
    int ground, const cresset_layout *_Nonnull layout);
#pragma clang diagnostic pop
