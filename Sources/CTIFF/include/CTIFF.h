// libtiff, opened at the first TIFF picture.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "CPixels.h"

typedef void (*cresset_tiff_handler)(void *context, const char *module, const char *format, va_list arguments);
typedef int64_t (*cresset_tiff_transfer)(void *context, void *bytes, int64_t count);
typedef uint64_t (*cresset_tiff_seek)(void *context, uint64_t offset, int whence);
typedef int (*cresset_tiff_close)(void *context);
typedef uint64_t (*cresset_tiff_size)(void *context);
typedef int (*cresset_tiff_map)(void *context, void **base, uint64_t *size);
typedef void (*cresset_tiff_unmap)(void *context, void *base, uint64_t size);

#define CRESSET_TIFF(X)                                                                                       \
    X(void *, TIFFClientOpen,                                                                                 \
      (const char *name, const char *mode, void *context, cresset_tiff_transfer read,                         \
       cresset_tiff_transfer write, cresset_tiff_seek seek, cresset_tiff_close close, cresset_tiff_size size, \
       cresset_tiff_map map, cresset_tiff_unmap unmap))                                                       \
    X(void, TIFFClose, (void *tiff))                                                                          \
    X(int, TIFFGetField, (void *tiff, uint32_t tag, ...))                                                     \
    X(int, TIFFGetFieldDefaulted, (void *tiff, uint32_t tag, ...))                                            \
    X(int, TIFFSetField, (void *tiff, uint32_t tag, ...))                                                     \
    X(int, TIFFIsTiled, (void *tiff))                                                                         \
    X(int64_t, TIFFScanlineSize, (void *tiff))                                                                \
    X(int64_t, TIFFTileRowSize, (void *tiff))                                                                 \
    X(uint32_t, TIFFComputeTile, (void *tiff, uint32_t x, uint32_t y, uint32_t z, uint16_t sample))           \
    X(uint32_t, TIFFComputeStrip, (void *tiff, uint32_t row, uint16_t sample))                                \
    X(uint32_t, TIFFNumberOfTiles, (void *tiff))                                                              \
    X(uint32_t, TIFFNumberOfStrips, (void *tiff))                                                             \
    X(uint64_t, TIFFGetStrileOffset, (void *tiff, uint32_t block))                                            \
    X(uint64_t, TIFFGetStrileByteCount, (void *tiff, uint32_t block))                                         \
    X(int64_t, TIFFReadEncodedStrip, (void *tiff, uint32_t strip, void *bytes, int64_t count))                \
    X(int64_t, TIFFReadEncodedTile, (void *tiff, uint32_t tile, void *bytes, int64_t count))                  \
    X(int, TIFFReadRGBAImageOriented,                                                                         \
      (void *tiff, uint32_t width, uint32_t height, uint32_t *raster, int orientation, int stops))            \
    X(int, TIFFIsCODECConfigured, (uint16_t scheme))                                                          \
    X(void *, TIFFSetErrorHandler, (void *handler))                                                           \
    X(void *, TIFFSetWarningHandler, (void *handler))                                                         \
    X(cresset_tiff_handler, TIFFSetErrorHandlerExt, (cresset_tiff_handler handler))                           \
    X(cresset_tiff_handler, TIFFSetWarningHandlerExt, (cresset_tiff_handler handler))

#define CRESSET_TIFF_FIELD(RESULT, NAME, ARGUMENTS) RESULT(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_TIFF(CRESSET_TIFF_FIELD)
} cresset_tiff;

/// Fills `table` and redirects the library's messages about files opened here; those about others go where they went.
/// Returns the name of a function that the library lacks, or NULL.
const char *_Nullable cresset_load_tiff(void *_Nonnull library, cresset_tiff *_Nonnull table);

typedef enum {
    CRESSET_TIFF_OK = 0,
    /// The data ends before the picture does.
    CRESSET_TIFF_TRUNCATED = 1,
    /// libtiff gave up; `message` says why.
    CRESSET_TIFF_BROKEN = 2,
    /// A kind of picture that cannot become RGB, or that this libtiff cannot decompress; `message` says which.
    CRESSET_TIFF_UNSUPPORTED = 3,
} cresset_tiff_status;

/// The most bytes that a strip or a tile may take when it is decompressed: a gibibyte.
#define CRESSET_TIFF_MAXIMUM_BLOCK_BYTES (1 << 30)

typedef struct {
    uint32_t width;
    uint32_t height;
    /// The TIFF tag's number; 0 if it is missing.
    uint16_t orientation;
    /// The bits of a sample, and what samples mean, by the TIFF tag's number.
    uint16_t bits, photometric;
    /// Whether a sample of opacity follows the colours.
    int32_t has_alpha;
    /// There is less data than any picture of this size needs: it must be rejected before memory is allocated for it.
    int32_t is_too_short;
    /// What decoding allocates: for a row of tiles or for a strip, of every plane.
    uint64_t working_bytes;
    /// Whether libtiff complained, even if it went on.
    int32_t had_errors;
    /// Whether grey samples are taken as they are, cut at 0 and 255, and the least and the most of them.
    int32_t is_unscaled;
    double least_sample, most_sample;
    /// libtiff's first error, or else its first warning.
    char message[256];
} cresset_tiff_info;

/// Reads only the first directory, from a whole file or from the first `size` bytes of a file of `whole_size`;
/// allocates nothing that depends on the picture's size.
cresset_tiff_status cresset_tiff_read_header(
    const cresset_tiff *_Nonnull tiff, const uint8_t *_Nonnull data, size_t size, size_t whole_size,
    cresset_tiff_info *_Nonnull info);

/// Decodes to 8-bit RGB, placed according to `layout`; `width` and `height` as cresset_tiff_read_header reported them.
/// `ground` is the grey that shows through transparent places, or -1 to use colours as they are.
cresset_tiff_status cresset_tiff_decode(
    const cresset_tiff *_Nonnull tiff, const uint8_t *_Nonnull data, size_t size, uint32_t width, uint32_t height,
    int ground, const cresset_layout *_Nonnull layout, cresset_tiff_info *_Nonnull info);
#pragma clang diagnostic pop
