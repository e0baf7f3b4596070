// JPEG files through libjpeg-turbo's classic interface.
//
// libjpeg reports an error by a long jump; every jump starts and lands inside one function of CJPEG.c, so that none
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
    CRESSET_JPEG_OK = 0,
    /// The data ends before the picture does.
    CRESSET_JPEG_TRUNCATED = 1,
    /// libjpeg gave up; `message` says why.
    CRESSET_JPEG_BROKEN = 2,
    /// More scans than are allowed for this number of pixels.
    CRESSET_JPEG_TOO_MANY_SCANS = 3,
    /// A number of components other than 1, 3 and 4.
    CRESSET_JPEG_UNSUPPORTED = 4,
    /// There is not enough memory to decode it.
    CRESSET_JPEG_NO_MEMORY = 5,
} cresset_jpeg_status;

/// A progressive file with more scans than this is rejected: each costs a pass over all coefficients.
#define CRESSET_JPEG_MAXIMUM_SCANS 500
/// Scans times pixels are also limited: to about a second of work.
#define CRESSET_JPEG_MAXIMUM_SCANNED_PIXELS 1000000000
/// Even large pictures may have this many scans; encoders write about ten.
#define CRESSET_JPEG_USUAL_SCANS 24

typedef struct {
    uint32_t width;
    uint32_t height;
    int32_t components;
    /// There is less data than any picture of this size needs: it must be rejected before memory is allocated for it.
    int32_t is_too_short;
    /// The memory libjpeg allocates to decode: for all coefficients at once if there are several scans.
    uint64_t working_bytes;
    /// Corrupt places that libjpeg skipped.
    int64_t warnings;
    /// The file has no end-of-image marker, but nothing else is missing.
    int32_t missing_end;
    /// The data ends before the picture does, and the rest is grey.
    int32_t padded;
    /// libjpeg's last error, or else its first warning.
    char message[256];
} cresset_jpeg_info;

/// Reads only the header, from a whole file or from the first `size` bytes of a file of `whole_size`; allocates nothing
/// that depends on the picture's size.
cresset_jpeg_status cresset_jpeg_read_header(
    const uint8_t *data, size_t size, size_t whole_size, cresset_jpeg_info *info);

/// Columns from `left` to before `right` of the rows from `top` to before `bottom`.
typedef struct {
    uint32_t left, top, right, bottom;
} cresset_jpeg_part;

/// Decodes to 8-bit RGB, placed according to `layout`, with sides divided by `reduction`: 1, 2, 4 or 8. `width` and
/// `height` are what cresset_jpeg_read_header reported, divided by that and rounded up. Pixels outside `part`, which must
/// lie within the picture, may be left as they were; those inside do not depend on it, and neither does the status.
///
/// With `pads`, data that ends early is no failure if the first row of blocks is there: what is missing is grey, as
/// libjpeg leaves it.
cresset_jpeg_status cresset_jpeg_decode(
    const uint8_t *data, size_t size, uint32_t width, uint32_t height, int reduction, bool pads,
    const cresset_jpeg_part *part, const cresset_layout *layout, cresset_jpeg_info *info);

/// Encodes rows of 1 or 3 channels. `*encoded` must be passed to cresset_jpeg_free.
cresset_jpeg_status cresset_jpeg_encode(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int quality,
    uint8_t **encoded, size_t *size, char message[256]);

void cresset_jpeg_free(uint8_t *encoded);

#ifdef __cplusplus
}
#endif
