#include "CTIFF.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "tags.h"

// MARK: Messages

// libtiff has one set of handlers for the whole process, and gives them the client data of every file that is open in
// it: those of the program around us go on to where they went before.
typedef void (*plain_handler)(const char *module, const char *format, va_list arguments);
static _Thread_local tiff_file *current;
static cresset_tiff_handler others_error, others_warning;
static plain_handler others_plain_error, others_plain_warning;

static void keep_message(tiff_file *file, bool is_error, const char *format, va_list arguments) {
    cresset_tiff_info *info = file->info;
    if (is_error ? !file->had_error : !info->message[0]) {
        vsnprintf(info->message, sizeof info->message, format, arguments);
    }
    if (is_error) {
        file->had_error = true;
        info->had_errors = 1;
    }
}

static void keep_error(void *context, const char *module, const char *format, va_list arguments) {
    if (current) {
        if (context == current) keep_message(current, true, format, arguments);
    } else if (others_error) {
        others_error(context, module, format, arguments);
    }
}

static void keep_warning(void *context, const char *module, const char *format, va_list arguments) {
    if (current) {
        if (context == current) keep_message(current, false, format, arguments);
    } else if (others_warning) {
        others_warning(context, module, format, arguments);
    }
}

// libtiff's own plain handlers print on the terminal.
static void pass_error(const char *module, const char *format, va_list arguments) {
    if (!current && others_plain_error) others_plain_error(module, format, arguments);
}

static void pass_warning(const char *module, const char *format, va_list arguments) {
    if (!current && others_plain_warning) others_plain_warning(module, format, arguments);
}

const char *cresset_load_tiff(void *library, cresset_tiff *table) {
#define REQUIRE(RESULT, NAME, ARGUMENTS)            \
    *(void **)&table->NAME = dlsym(library, #NAME); \
    if (!*(void **)&table->NAME) return #NAME;
    CRESSET_TIFF(REQUIRE)
    others_plain_error = (plain_handler)table->TIFFSetErrorHandler((void *)pass_error);
    others_plain_warning = (plain_handler)table->TIFFSetWarningHandler((void *)pass_warning);
    others_error = table->TIFFSetErrorHandlerExt(keep_error);
    others_warning = table->TIFFSetWarningHandlerExt(keep_warning);
    return NULL;
}

cresset_tiff_status tiff_refuse(tiff_file *file, cresset_tiff_status status, const char *text) {
    snprintf(file->info->message, sizeof file->info->message, "%s", text);
    return status;
}

// MARK: Opening

static int64_t read_bytes(void *context, void *bytes, int64_t count) {
    tiff_file *file = context;
    uint64_t left = file->position < file->size ? file->size - file->position : 0;
    if (count < 0) return -1;
    if ((uint64_t)count > left) count = (int64_t)left;
    if (count > 0) memcpy(bytes, file->data + file->position, (size_t)count);
    file->position += (uint64_t)count;
    return count;
}

static int64_t write_nothing(void *context, void *bytes, int64_t count) {
    (void)context, (void)bytes, (void)count;
    return -1;
}

static uint64_t seek_to(void *context, uint64_t offset, int whence) {
    tiff_file *file = context;
    uint64_t start = whence == SEEK_CUR ? file->position : whence == SEEK_END ? file->size : 0;
    file->position = start + offset;
    return file->position;
}

static int close_nothing(void *context) {
    (void)context;
    return 0;
}

static uint64_t size_of(void *context) { return ((tiff_file *)context)->size; }

static int map_file(void *context, void **base, uint64_t *size) {
    tiff_file *file = context;
    *base = (void *)file->data;
    *size = file->size;
    return 1;
}

static void unmap_nothing(void *context, void *base, uint64_t size) { (void)context, (void)base, (void)size; }

static bool open_file(tiff_file *file) {
    file->handle = file->tiff->TIFFClientOpen(
        "picture", "r", file, read_bytes, write_nothing, seek_to, close_nothing, size_of, map_file, unmap_nothing);
    return file->handle != NULL;
}

// MARK: The directory

static void read_alpha(tiff_file *file, int colors) {
    uint16_t count = 0, *types = NULL;
    bool states = file->tiff->TIFFGetField(file->handle, TAG_EXTRASAMPLES, &count, &types) && count > 0;
    if (file->samples_per_pixel <= colors) return;
    // A fourth sample of unstated meaning is taken for opacity, as Pillow takes it.
    file->has_alpha = states ? types[0] != 0 : file->kind == KIND_RGB;
    file->is_premultiplied = states && types[0] == ALPHA_MULTIPLIED;
}

static cresset_tiff_status choose_kind(tiff_file *file) {
    uint16_t across = 2, down = 2;
    switch (file->photometric) {
        case LIGHT_IS_ZERO:
        case DARK_IS_ZERO:
            file->kind = KIND_GREY;
            file->is_inverted = file->photometric == LIGHT_IS_ZERO;
            break;
        case COLORS_RGB: file->kind = KIND_RGB; break;
        case COLORS_PALETTE:
            file->kind = KIND_PALETTE;
            if (!file->tiff->TIFFGetField(
                    file->handle, TAG_COLORMAP, &file->palette[0], &file->palette[1], &file->palette[2])) {
                return tiff_refuse(file, CRESSET_TIFF_BROKEN, "no palette");
            }
            break;
        case COLORS_INKS: file->kind = KIND_INKS; break;
        case COLORS_YCBCR:
            file->tiff->TIFFGetFieldDefaulted(file->handle, TAG_YCBCRSUBSAMPLING, &across, &down);
            if (file->samples_per_pixel == 1) {
                file->kind = KIND_GREY;
            } else if (file->compression == COMPRESSION_IS_JPEG && !file->is_planar) {
                file->kind = KIND_RGB;
            } else if (file->compression == COMPRESSION_IS_NONE && across == 1 && down == 1) {
                file->kind = KIND_LUMINANCE;
            } else {
                file->kind = KIND_LIBTIFF;
            }
            break;
        default: {
            char text[64];
            snprintf(text, sizeof text, "TIFF with colours of kind %u", file->photometric);
            return tiff_refuse(file, CRESSET_TIFF_UNSUPPORTED, text);
        }
    }
    if (file->compression == COMPRESSION_IS_OLD_JPEG) file->kind = KIND_LIBTIFF;
    return CRESSET_TIFF_OK;
}

static bool is_depth_allowed(const tiff_file *file) {
    if (file->samples == SAMPLES_FLOAT) return file->kind == KIND_GREY && file->bits == 32;
    if (file->samples != SAMPLES_UNSIGNED && file->samples != SAMPLES_SIGNED) return false;
    switch (file->bits) {
        case 1:
        case 2:
        case 4: return (file->kind == KIND_GREY || file->kind == KIND_PALETTE) && file->samples_per_pixel == 1;
        case 8: return true;
        case 12: return file->kind == KIND_GREY && file->samples_per_pixel == 1;
        case 16: return file->kind == KIND_GREY || file->kind == KIND_RGB || file->kind == KIND_INKS;
        case 32: return file->kind == KIND_GREY && file->samples_per_pixel == 1;
        default: return false;
    }
}

static cresset_tiff_status check_samples(tiff_file *file) {
    cresset_tiff_status status = choose_kind(file);
    if (status != CRESSET_TIFF_OK) return status;
    if (!file->tiff->TIFFIsCODECConfigured(file->compression)) {
        char text[64];
        snprintf(text, sizeof text, "TIFF with compression %u", file->compression);
        return tiff_refuse(file, CRESSET_TIFF_UNSUPPORTED, text);
    }
    if (file->kind == KIND_LIBTIFF) return CRESSET_TIFF_OK;
    int colors = tiff_used_samples(file);
    if (file->samples_per_pixel < colors) return tiff_refuse(file, CRESSET_TIFF_BROKEN, "samples are missing");
    if (file->kind != KIND_INKS) read_alpha(file, colors);
    // Of a palette's indices nothing is multiplied.
    if (file->kind == KIND_PALETTE) file->is_premultiplied = false;
    if (!is_depth_allowed(file)) {
        char text[96];
        snprintf(
            text, sizeof text, "TIFF with %u samples of %u bits in format %u", file->samples_per_pixel, file->bits,
            file->samples);
        return tiff_refuse(file, CRESSET_TIFF_UNSUPPORTED, text);
    }
    return CRESSET_TIFF_OK;
}

// With fewer bytes the file cannot be complete, and nothing is allocated for it: what a byte can become at most.
static uint64_t most_expansion(const tiff_file *file) {
    switch (file->compression) {
        case COMPRESSION_IS_NONE: return 1;
        case 5: return 4096;       // LZW: an entry of the table for nine bits
        case 8:
        case 32946: return 1032;   // deflate
        case 32773: return 64;     // PackBits
        default: return 0;         // unknown
    }
}

// Whether a strip or a tile is not in the file.
static bool ends_beyond(const tiff_file *file, size_t whole_size) {
    const cresset_tiff *tiff = file->tiff;
    uint32_t count = file->is_tiled ? tiff->TIFFNumberOfTiles(file->handle) : tiff->TIFFNumberOfStrips(file->handle);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = tiff->TIFFGetStrileOffset(file->handle, i);
        uint64_t stored = tiff->TIFFGetStrileByteCount(file->handle, i);
        if (offset > whole_size || stored > whole_size - offset) return true;
    }
    return false;
}

static cresset_tiff_status check_blocks(tiff_file *file, size_t whole_size) {
    const cresset_tiff *tiff = file->tiff;
    cresset_tiff_info *info = file->info;
    file->is_tiled = tiff->TIFFIsTiled(file->handle) != 0;
    if (file->is_tiled) {
        tiff->TIFFGetField(file->handle, TAG_TILEWIDTH, &file->block_width);
        tiff->TIFFGetField(file->handle, TAG_TILELENGTH, &file->block_height);
    } else {
        file->block_width = info->width;
        tiff->TIFFGetFieldDefaulted(file->handle, TAG_ROWSPERSTRIP, &file->block_height);
        if (file->block_height > info->height) file->block_height = info->height;
    }
    if (file->block_width == 0 || file->block_height == 0) return tiff_refuse(file, CRESSET_TIFF_BROKEN, "empty tiles");
    bool is_own = file->kind != KIND_LIBTIFF;
    int64_t row = file->is_tiled ? tiff->TIFFTileRowSize(file->handle) : tiff->TIFFScanlineSize(file->handle);
    unsigned stored = file->is_planar ? 1 : file->samples_per_pixel;
    uint64_t expected = ((uint64_t)file->block_width * stored * file->bits + 7) / 8;
    if (row <= 0 || (is_own && (uint64_t)row < expected)) return tiff_refuse(file, CRESSET_TIFF_BROKEN, "rows are too short");
    file->block_row_bytes = (size_t)row;
    uint64_t block = (uint64_t)row * file->block_height;
    if ((uint64_t)row > CRESSET_TIFF_MAXIMUM_BLOCK_BYTES || block > CRESSET_TIFF_MAXIMUM_BLOCK_BYTES) {
        snprintf(
            info->message, sizeof info->message, "tiles of %u x %u pixels", file->block_width, file->block_height);
        return CRESSET_TIFF_BROKEN;
    }
    unsigned planes = !file->is_planar ? 1 : is_own ? (unsigned)tiff_used_samples(file) : file->samples_per_pixel;
    info->working_bytes = block * planes + (uint64_t)info->width * 4 * (is_own ? 1 : info->height);
    // Of colours that libtiff converts, only the luminance is stored for every pixel.
    unsigned samples = is_own ? file->samples_per_pixel : 1;
    uint64_t least = ((uint64_t)info->width * samples * file->bits + 7) / 8 * info->height;
    // A tile is stored whole, even if it is larger than the picture.
    if (is_own && least < block) least = block;
    uint64_t expansion = most_expansion(file);
    info->is_too_short = (expansion > 0 && least / expansion > whole_size) || ends_beyond(file, whole_size);
    return CRESSET_TIFF_OK;
}

static cresset_tiff_status read_directory(tiff_file *file, size_t whole_size) {
    const cresset_tiff *tiff = file->tiff;
    cresset_tiff_info *info = file->info;
    uint16_t planar = 1, samples = SAMPLES_UNSIGNED;
    if (!tiff->TIFFGetField(file->handle, TAG_IMAGEWIDTH, &info->width)
        || !tiff->TIFFGetField(file->handle, TAG_IMAGELENGTH, &info->height)) {
        return tiff_refuse(file, CRESSET_TIFF_BROKEN, "no size");
    }
    if (info->width == 0 || info->height == 0) return tiff_refuse(file, CRESSET_TIFF_BROKEN, "width or height is 0");
    tiff->TIFFGetFieldDefaulted(file->handle, TAG_BITSPERSAMPLE, &file->bits);
    tiff->TIFFGetFieldDefaulted(file->handle, TAG_SAMPLESPERPIXEL, &file->samples_per_pixel);
    tiff->TIFFGetFieldDefaulted(file->handle, TAG_COMPRESSION, &file->compression);
    tiff->TIFFGetFieldDefaulted(file->handle, TAG_PLANARCONFIG, &planar);
    tiff->TIFFGetFieldDefaulted(file->handle, TAG_SAMPLEFORMAT, &samples);
    file->photometric = LIGHT_IS_ZERO;
    tiff->TIFFGetField(file->handle, TAG_PHOTOMETRIC, &file->photometric);
    tiff->TIFFGetField(file->handle, TAG_ORIENTATION, &info->orientation);
    file->is_planar = planar == PLANES_APART && file->samples_per_pixel > 1;
    file->samples = samples;
    cresset_tiff_status status = check_samples(file);
    if (status != CRESSET_TIFF_OK) return status;
    info->bits = file->bits;
    info->photometric = file->photometric;
    info->has_alpha = file->has_alpha;
    if (file->photometric == COLORS_YCBCR && file->kind == KIND_RGB) {
        tiff->TIFFSetField(file->handle, TAG_JPEGCOLORMODE, JPEG_TO_RGB);
    }
    return check_blocks(file, whole_size);
}

static cresset_tiff_status open_directory(tiff_file *file, size_t whole_size) {
    cresset_tiff_status status = CRESSET_TIFF_BROKEN;
    if (tiff_lacks_directory(file)) return CRESSET_TIFF_TRUNCATED;
    if (open_file(file)) status = read_directory(file, whole_size);
    // Of a beginning, anything missing may be in the rest.
    if (file->size < whole_size && file->info->message[0]) return CRESSET_TIFF_TRUNCATED;
    return status;
}

static void close_file(tiff_file *file) {
    if (file->handle) file->tiff->TIFFClose(file->handle);
    current = NULL;
}

cresset_tiff_status cresset_tiff_read_header(
    const cresset_tiff *tiff, const uint8_t *data, size_t size, size_t whole_size, cresset_tiff_info *info
) {
    tiff_file file = {.tiff = tiff, .data = data, .size = size, .info = info};
    memset(info, 0, sizeof *info);
    current = &file;
    cresset_tiff_status status = open_directory(&file, whole_size);
    close_file(&file);
    return status;
}

cresset_tiff_status cresset_tiff_decode(
    const cresset_tiff *tiff, const uint8_t *data, size_t size, uint32_t width, uint32_t height, int ground,
    const cresset_layout *layout, cresset_tiff_info *info
) {
    tiff_file file = {.tiff = tiff, .data = data, .size = size, .info = info};
    memset(info, 0, sizeof *info);
    current = &file;
    cresset_tiff_status status = open_directory(&file, size);
    if (status == CRESSET_TIFF_OK && (info->width != width || info->height != height)) {
        status = tiff_refuse(&file, CRESSET_TIFF_BROKEN, "the size changed");
    }
    if (status == CRESSET_TIFF_OK && info->is_too_short) status = CRESSET_TIFF_TRUNCATED;
    if (status == CRESSET_TIFF_OK) {
        status = file.kind == KIND_LIBTIFF ? tiff_read_by_libtiff(&file, layout) : tiff_read_blocks(&file, ground, layout);
    }
    close_file(&file);
    return status;
}
