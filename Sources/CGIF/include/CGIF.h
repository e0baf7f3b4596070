// giflib, opened at the first GIF picture.
#pragma once
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CPixels.h"

/// giflib's GifImageDesc.
typedef struct {
    int left, top, width, height;
    bool interlaced;
    void *_Nullable colors;
} cresset_gif_description;

/// giflib's GifFileType, the same since version 5.0.
typedef struct {
    int width, height, resolution, background;
    uint8_t aspect;
    void *_Nullable colors;
    int image_count;
    cresset_gif_description image;
    void *_Nullable saved_images;
    int extension_count;
    void *_Nullable extensions;
    int error;
    void *_Nullable context;
    void *_Nullable private_part;
} cresset_gif_file;

typedef int (*cresset_gif_source)(cresset_gif_file *_Nonnull file, uint8_t *_Nonnull bytes, int count);

#define CRESSET_GIF(X)                                                                      \
    X(cresset_gif_file *, DGifOpen, (void *context, cresset_gif_source source, int *error)) \
    X(int, DGifGetRecordType, (cresset_gif_file * file, int *type))                         \
    X(int, DGifGetImageDesc, (cresset_gif_file * file))                                     \
    X(int, DGifGetExtension, (cresset_gif_file * file, int *code, uint8_t **extension))     \
    X(int, DGifGetExtensionNext, (cresset_gif_file * file, uint8_t **extension))            \
    X(int, DGifGetLine, (cresset_gif_file * file, uint8_t *line, int count))                \
    X(int, DGifCloseFile, (cresset_gif_file * file, int *error))                            \
    X(const char *, GifErrorString, (int error))

#define CRESSET_GIF_FIELD(RESULT, NAME, ARGUMENTS) RESULT(*_Nonnull NAME) ARGUMENTS;
typedef struct {
    CRESSET_GIF(CRESSET_GIF_FIELD)
} cresset_gif;

/// Fills `table`. Returns the name of a function that the library lacks, or NULL.
const char *_Nullable cresset_load_gif(void *_Nonnull library, cresset_gif *_Nonnull table);

typedef enum {
    CRESSET_GIF_OK = 0,
    /// The data ends before the picture does.
    CRESSET_GIF_TRUNCATED = 1,
    /// giflib gave up; `message` says why.
    CRESSET_GIF_BROKEN = 2,
} cresset_gif_status;

/// The first frame, as its descriptor in the file says, and the colours of its indices.
typedef struct {
    int32_t left, top, width, height;
    uint8_t palette[768];
} cresset_gif_frame;

typedef struct {
    /// All pixels are there, but the file ends right after them.
    int32_t missing_end;
    char message[256];
} cresset_gif_info;

/// Decodes the first frame to RGB, placed according to the `layout` of the whole screen.
cresset_gif_status cresset_gif_decode(
    const cresset_gif *_Nonnull gif, const uint8_t *_Nonnull data, size_t size, const cresset_gif_frame *_Nonnull frame,
    const cresset_layout *_Nonnull layout, cresset_gif_info *_Nonnull info);
#pragma clang diagnostic pop
