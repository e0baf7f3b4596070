// libheif, opened at the first HEIC picture.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stddef.h>
#include <stdint.h>

#include "CPixels.h"

/// libheif's heif_error.
typedef struct {
    int code;
    int detail;
    const char *_Nullable message;
} cresset_heif_error;

#define CRESSET_HEIF(X)                                                                             \
    X(void *, heif_context_alloc, (void))                                                           \
    X(void, heif_context_free, (void *context))                                                     \
    X(cresset_heif_error, heif_context_read_from_memory_without_copy,                               \
      (void *context, const void *data, size_t size, const void *options))                          \
    X(cresset_heif_error, heif_context_get_primary_image_handle, (void *context, void **handle))    \
    X(void, heif_image_handle_release, (const void *handle))                                        \
    X(int, heif_image_handle_get_width, (const void *handle))                                       \
    X(int, heif_image_handle_get_height, (const void *handle))                                      \
    X(int, heif_image_handle_has_alpha_channel, (const void *handle))                               \
    X(cresset_heif_error, heif_decode_image,                                                        \
      (const void *handle, void **image, int colors, int arrangement, const void *options))         \
    X(void, heif_image_release, (const void *image))                                                \
    X(int, heif_image_get_width, (const void *image, int channel))                                  \
    X(int, heif_image_get_height, (const void *image, int channel))                                 \
    X(const uint8_t *, heif_image_get_plane_readonly, (const void *image, int channel, int *stride))

#define CRESSET_HEIF_FIELD(RESULT, NAME, ARGUMENTS) RESULT(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_HEIF(CRESSET_HEIF_FIELD)
    /// Of later versions; NULL if the library lacks it.
    void (*_Nullable heif_context_set_maximum_image_size_limit)(void *_Nonnull context, int side);
    /// Of version 1.13 and later; NULL if the library lacks it.
    void (*_Nullable heif_context_set_max_decoding_threads)(void *_Nonnull context, int count);
} cresset_heif;

/// Fills `table`. Returns the name of a function that the library lacks, or NULL.
const char *_Nullable cresset_load_heif(void *_Nonnull library, cresset_heif *_Nonnull table);

typedef enum {
    CRESSET_HEIF_OK = 0,
    /// The data ends before the picture does.
    CRESSET_HEIF_TRUNCATED = 1,
    /// libheif gave up; `message` says why.
    CRESSET_HEIF_BROKEN = 2,
} cresset_heif_status;

typedef struct {
    /// The size after the file's own rotation, mirror and crop, which libheif applies.
    uint32_t width;
    uint32_t height;
    char message[256];
} cresset_heif_info;

/// Reads the boxes before the pixels, of a whole file or its first `size` bytes.
cresset_heif_status cresset_heif_read_header(
    const cresset_heif *_Nonnull heif, const uint8_t *_Nonnull data, size_t size, cresset_heif_info *_Nonnull info);

/// Decodes the primary picture to 8-bit RGB, placed according to `layout`; `width` and `height` as
/// cresset_heif_read_header reported them. `ground` is the grey that shows through transparent places, or -1 to use
/// colours as they are.
cresset_heif_status cresset_heif_decode(
    const cresset_heif *_Nonnull heif, const uint8_t *_Nonnull data, size_t size, uint32_t width, uint32_t height,
    int ground, const cresset_layout *_Nonnull layout, cresset_heif_info *_Nonnull info);
#pragma clang diagnostic pop
