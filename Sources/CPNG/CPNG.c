#include "CPNG.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct {
    const uint8_t *next;
    size_t left;
    bool ran_out;
    // The header of the chunk of pixels that the data ends in, and how many bytes of it there are.
    const uint8_t *cut;
    size_t cut_length;
    cresset_png_info *info;
} source;

static void fail(png_structp png, png_const_charp text) {
    source *s = png_get_error_ptr(png);
    snprintf(s->info->message, sizeof s->info->message, "%s", text);
    png_longjmp(png, 1);
}

static void note_warning(png_structp png, png_const_charp text) {
    source *s = png_get_error_ptr(png);
    if (s->info->warnings++ == 0) snprintf(s->info->message, sizeof s->info->message, "%s", text);
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
    source *s = png_get_io_ptr(png);
    if (count > s->left) {
        s->ran_out = true;
        png_error(png, "the data ends early");
    }
    memcpy(bytes, s->next, count);
    if (s->next == s->cut) {
        // libpng unpacks what the chunk is said to have, and asks for more only when a row needs it.
        for (int i = 0; i < 4; i++) bytes[i] = (png_byte)(s->cut_length >> (24 - 8 * i));
    }
    s->next += count;
    s->left -= count;
}

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// Looks for a chunk of pixels that the data ends in. Returns whether the data ends before the closing chunk.
static bool find_cut(source *s) {
    const uint8_t *chunk = s->next + 8;
    size_t left = s->left - 8;
    while (left >= 12) {
        size_t length = big_endian(chunk);
        if (length > left - 12) {
            if (memcmp(chunk + 4, "IDAT", 4) == 0) {
                s->cut = chunk;
                s->cut_length = length < left - 8 ? length : left - 8;
            }
            return true;
        }
        if (memcmp(chunk + 4, "IEND", 4) == 0) return false;
        chunk += length + 12;
        left -= length + 12;
    }
    return true;
}

static int channels_of(uint8_t color_type) {
    switch (color_type) {
        case PNG_COLOR_TYPE_GRAY:
        case PNG_COLOR_TYPE_PALETTE: return 1;
        case PNG_COLOR_TYPE_GRAY_ALPHA: return 2;
        case PNG_COLOR_TYPE_RGB: return 3;
        case PNG_COLOR_TYPE_RGB_ALPHA: return 4;
        default: return 0;
    }
}

static bool is_depth_allowed(uint8_t depth, uint8_t color_type) {
    switch (color_type) {
        case PNG_COLOR_TYPE_GRAY: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
        case PNG_COLOR_TYPE_PALETTE: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
        default: return depth == 8 || depth == 16;
    }
}

static cresset_png_status refuse(cresset_png_info *info, const char *text) {
    snprintf(info->message, sizeof info->message, "%s", text);
    return CRESSET_PNG_BROKEN;
}

// Deflate compresses at most 1,032 to one. With less data the file cannot be complete, and nothing is allocated for it.
static bool is_too_short(const cresset_png_info *info, size_t size) {
    uint64_t bits = (uint64_t)info->width * channels_of(info->color_type) * info->depth;
    uint64_t bytes = (bits + 7) / 8 * info->height;
    return bytes / 1032 > size;
}

cresset_png_status cresset_png_read_header(
    const uint8_t *data, size_t size, size_t whole_size, cresset_png_info *info
) {
    memset(info, 0, sizeof *info);
    // Signature 8, length 4, "IHDR" 4, fields 13, checksum 4.
    if (size < 33) {
        snprintf(info->message, sizeof info->message, "the data ends early");
        return CRESSET_PNG_TRUNCATED;
    }
    if (big_endian(data + 8) != 13 || memcmp(data + 12, "IHDR", 4) != 0) {
        return refuse(info, "the first chunk is not IHDR");
    }
    info->width = big_endian(data + 16);
    info->height = big_endian(data + 20);
    info->depth = data[24];
    info->color_type = data[25];
    info->interlaced = data[28];
    if (info->width == 0 || info->height == 0) return refuse(info, "width or height is 0");
    // libpng's own limit. Rows cost time even if they are one pixel wide.
    if (info->width > PNG_USER_WIDTH_MAX || info->height > PNG_USER_HEIGHT_MAX) {
        return refuse(info, "width or height is over 1,000,000");
    }
    if (channels_of(info->color_type) == 0) return refuse(info, "unknown colour type");
    if (!is_depth_allowed(info->depth, info->color_type)) return refuse(info, "bit depth not allowed");
    if (data[26] != 0 || data[27] != 0 || data[28] > 1) return refuse(info, "unknown compression or interlacing");
    info->is_too_short = is_too_short(info, whole_size);
    return CRESSET_PNG_OK;
}

// Asks libpng for 8-bit RGB; for RGBA if alpha is to be blended; for one index per byte if colours come only from a
// palette. Returns the number of channels per row.
static int ask_for_rgb(png_structp png, png_infop header, bool keeps_alpha) {
    int color = png_get_color_type(png, header);
    if (color == PNG_COLOR_TYPE_PALETTE) {
        if (!keeps_alpha) {
            png_set_packing(png);
            return 1;
        }
        png_set_palette_to_rgb(png);
    }
    if (color == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, header) < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_bit_depth(png, header) == 16) {
        // Of colours and of grey with opacity, Pillow takes the upper byte. Of grey alone it would clip at 255, which
        // turns pictures white: it is divided by 257 and rounded.
        if (color == PNG_COLOR_TYPE_GRAY) {
            png_set_scale_16(png);
        } else {
            png_set_strip_16(png);
        }
    }
    if ((color & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
    bool has_alpha = (color & PNG_COLOR_MASK_ALPHA) != 0;
    if (keeps_alpha && png_get_valid(png, header, PNG_INFO_tRNS)) {
        png_set_tRNS_to_alpha(png);
        has_alpha = true;
    }
    if (!keeps_alpha) png_set_strip_alpha(png);
    return keeps_alpha && has_alpha ? 4 : 3;
}

// Turns indices into colours. libpng would do so without reporting bad indices.
static bool look_up(const uint8_t *indices, uint8_t *rgb, uint32_t width, const png_color *palette, int colors) {
    bool is_good = true;
    for (uint32_t x = 0; x < width; x++, rgb += 3) {
        png_color color = {0, 0, 0};
        if (indices[x] < colors) {
            color = palette[indices[x]];
        } else {
            is_good = false;
        }
        rgb[0] = color.red;
        rgb[1] = color.green;
        rgb[2] = color.blue;
    }
    return is_good;
}

// Rows that are turned or mirrored are collected in a strip and then placed together.
enum { STRIP_ROWS = 32 };

// The format of the rows that libpng returns, and where they go.
typedef struct {
    // 3; 4 if alpha is to be blended; 1 if colours are looked up.
    int channels;
    uint8_t ground;
    png_colorp palette;
    int colors;
    const cresset_layout *layout;
    // A row as libpng returns it, if that is not RGB.
    uint8_t *raw;
    // Up to STRIP_ROWS rows of RGB, if rows do not go directly to their places.
    uint8_t *strip;
} row_plan;

// Reads a row of `width` pixels as RGB.
static void read_row(png_structp png, cresset_png_info *info, const row_plan *plan, uint32_t width, uint8_t *rgb) {
    png_read_row(png, plan->channels == 3 ? rgb : plan->raw, NULL);
    if (plan->channels == 4) cresset_pixels_lay_over(plan->raw, rgb, width, plan->ground);
    if (plan->channels == 1 && !look_up(plan->raw, rgb, width, plan->palette, plan->colors)) {
        info->bad_palette_index = 1;
    }
}

// Places the rows that the strip was last filled with.
static void place_strip(const cresset_png_info *info, uint8_t *strip, const cresset_layout *layout) {
    uint32_t first = (info->rows - 1) / STRIP_ROWS * STRIP_ROWS;
    cresset_pixels part = {strip, (size_t)info->width * 3, (int32_t)info->width, (int32_t)(info->rows - first), 3};
    cresset_pixels_place(&part, layout, (int32_t)first);
}

static void read_rows(png_structp png, cresset_png_info *info, const row_plan *plan) {
    size_t stride = (size_t)info->width * 3;
    bool is_direct = plan->layout->column_step == 3;
    for (uint32_t y = 0; y < info->height; y++) {
        uint32_t place = y % STRIP_ROWS;
        uint8_t *row = is_direct ? plan->layout->origin + (ptrdiff_t)y * plan->layout->row_step
                                 : plan->strip + place * stride;
        read_row(png, info, plan, info->width, row);
        info->rows++;
        if (!is_direct && (place == STRIP_ROWS - 1 || y == info->height - 1)) place_strip(info, plan->strip, plan->layout);
    }
}

// Adam7 stores a picture as seven small ones. Each pixel goes straight to its place: no second picture is held.
static void read_interlaced_rows(png_structp png, cresset_png_info *info, const row_plan *plan) {
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
        uint32_t columns = PNG_PASS_COLS(info->width, pass), rows = PNG_PASS_ROWS(info->height, pass);
        if (columns == 0) continue;
        ptrdiff_t column_step = plan->layout->column_step * (1 << PNG_PASS_COL_SHIFT(pass));
        for (uint32_t i = 0; i < rows; i++) {
            read_row(png, info, plan, columns, plan->strip);
            ptrdiff_t y = PNG_ROW_FROM_PASS_ROW(i, pass), x = PNG_PASS_START_COL(pass);
            uint8_t *to = plan->layout->origin + y * plan->layout->row_step + x * plan->layout->column_step;
            for (uint32_t k = 0; k < columns; k++, to += column_step) memcpy(to, plan->strip + (size_t)k * 3, 3);
            info->rows++;
        }
    }
}

enum { PADDING_GREY = 128 };

static void fill_grey(const cresset_png_info *info, const cresset_layout *layout) {
    for (uint32_t y = 0; y < info->height; y++) {
        uint8_t *pixel = layout->origin + (ptrdiff_t)y * layout->row_step;
        for (uint32_t x = 0; x < info->width; x++, pixel += layout->column_step) memset(pixel, PADDING_GREY, 3);
    }
}

// Reads what follows the pixels. Returns false for damage other than a missing end.
static bool read_end(png_structp png, source *s) {
    if (setjmp(png_jmpbuf(png))) {
        if (!s->ran_out) return false;
        s->info->missing_end = 1;
        s->info->message[0] = 0;
        return true;
    }
    png_read_end(png, NULL);
    return true;
}

static png_structp start(source *s, png_infop *header) {
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, fail, note_warning);
    if (!png) return NULL;
    *header = png_create_info_struct(png);
    if (!*header) {
        png_destroy_read_struct(&png, NULL, NULL);
        return NULL;
    }
    return png;
}

cresset_png_status cresset_png_decode(
    const uint8_t *data, size_t size, uint32_t width, uint32_t height, cresset_png_alpha alpha, bool pads,
    const cresset_layout *layout, cresset_png_info *info
) {
    cresset_png_status status = cresset_png_read_header(data, size, size, info);
    if (status != CRESSET_PNG_OK) return status;
    if (info->width != width || info->height != height) return refuse(info, "the size changed");
    if (info->is_too_short) return CRESSET_PNG_TRUNCATED;
    source s = {.next = data, .left = size, .info = info};
    if (pads && find_cut(&s)) fill_grey(info, layout);
    png_infop header = NULL;
    png_structp png = start(&s, &header);
    if (!png) return refuse(info, "out of memory");
    uint8_t *volatile rows = NULL;
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &header, NULL);
        info->padded = pads && s.ran_out && info->rows > 0;
        bool is_direct = info->interlaced || layout->column_step == 3;
        if (info->padded && !is_direct) place_strip(info, rows + (size_t)width * 4, layout);
        free(rows);
        if (info->padded) return CRESSET_PNG_OK;
        return s.ran_out ? CRESSET_PNG_TRUNCATED : CRESSET_PNG_BROKEN;
    }
    png_set_read_fn(png, &s, read_bytes);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, header);
    int channels = ask_for_rgb(png, header, alpha != CRESSET_PNG_DROP_ALPHA);
    png_read_update_info(png, header);
    if (png_get_rowbytes(png, header) != (size_t)width * channels) png_error(png, "unexpected row length");
    size_t raw_bytes = (size_t)width * 4, strip_rows = height < STRIP_ROWS ? height : STRIP_ROWS;
    if (info->interlaced) {
        strip_rows = 1;
    } else if (layout->column_step == 3) {
        strip_rows = 0;
    }
    rows = malloc(raw_bytes + (size_t)width * 3 * strip_rows);
    if (!rows) png_error(png, "out of memory");
    row_plan plan = {.channels = channels, .ground = alpha == CRESSET_PNG_OVER_WHITE ? 255 : 0, .layout = layout};
    plan.raw = rows;
    plan.strip = rows + raw_bytes;
    png_get_PLTE(png, header, &plan.palette, &plan.colors);
    if (info->interlaced) {
        read_interlaced_rows(png, info, &plan);
    } else {
        read_rows(png, info, &plan);
    }
    bool whole = read_end(png, &s);
    png_destroy_read_struct(&png, &header, NULL);
    free(rows);
    return whole ? CRESSET_PNG_OK : CRESSET_PNG_BROKEN;
}

typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    char *message;
} sink;

static void fail_encoding(png_structp png, png_const_charp text) {
    sink *s = png_get_error_ptr(png);
    snprintf(s->message, 256, "%s", text);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
    sink *s = png_get_io_ptr(png);
    if (s->count + count > s->capacity) {
        size_t capacity = (s->count + count) * 2;
        uint8_t *grown = realloc(s->bytes, capacity);
        if (!grown) png_error(png, "out of memory");
        s->bytes = grown;
        s->capacity = capacity;
    }
    memcpy(s->bytes + s->count, bytes, count);
    s->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

cresset_png_status cresset_png_encode(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, uint8_t **encoded,
    size_t *size, char message[256]
) {
    sink s = {NULL, 0, 0, message};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, fail_encoding, ignore_warning);
    png_infop header = png ? png_create_info_struct(png) : NULL;
    if (!header || setjmp(png_jmpbuf(png))) {
        if (!header) snprintf(message, 256, "out of memory");
        png_destroy_write_struct(&png, &header);
        free(s.bytes);
        return CRESSET_PNG_BROKEN;
    }
    png_set_write_fn(png, &s, write_bytes, flush_nothing);
    int color = channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
    png_set_IHDR(
        png, header, width, height, 8, color, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, header);
    for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + (size_t)y * stride);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &header);
    *encoded = s.bytes;
    *size = s.count;
    return CRESSET_PNG_OK;
}

void cresset_png_free(uint8_t *encoded) { free(encoded); }
