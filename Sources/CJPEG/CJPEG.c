#include "CJPEG.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

// One decompressor with its managers. The first members of the managers are libjpeg's own structs, so that libjpeg's
// pointers to them are pointers to ours.
typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    cresset_jpeg_info *info;
    // How often libjpeg asked for bytes after the end.
    long reads_past_end;
    // An entropy decoder ran dry and made up zeros.
    bool hit_marker;
    // What data that ends early lacks is left grey, if at least the first row of blocks is there.
    bool pads;
    bool lacks_first_row;
    bool too_many_scans;
    // A bit for each component that some scan contained.
    unsigned components_seen;
} decoder;

static decoder *decoder_of(j_common_ptr jpeg) { return (decoder *)jpeg->client_data; }

static void fail(j_common_ptr jpeg) {
    decoder *d = decoder_of(jpeg);
    jpeg->err->format_message(jpeg, d->info->message);
    longjmp(d->escape, 1);
}

static void note_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;  // a trace, not a warning
    decoder *d = decoder_of(jpeg);
    if (jpeg->err->num_warnings++ == 0) jpeg->err->format_message(jpeg, d->info->message);
    if (jpeg->err->msg_code == JWRN_HIT_MARKER && !d->hit_marker) {
        d->hit_marker = true;
        d->lacks_first_row = d->jpeg.input_scan_number <= 1 && d->jpeg.input_iMCU_row == 0;
    }
}

static void print_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void source_begin(j_decompress_ptr jpeg) { (void)jpeg; }

// The data has ended: returns an end-of-image marker, so that what came before is still decoded.
static boolean source_refill(j_decompress_ptr jpeg) {
    static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};
    decoder_of((j_common_ptr)jpeg)->reads_past_end++;
    jpeg->src->next_input_byte = end_of_image;
    jpeg->src->bytes_in_buffer = sizeof end_of_image;
    return TRUE;
}

static void source_skip(j_decompress_ptr jpeg, long count) {
    if (count <= 0) return;
    if ((size_t)count > jpeg->src->bytes_in_buffer) {
        source_refill(jpeg);
    } else {
        jpeg->src->next_input_byte += count;
        jpeg->src->bytes_in_buffer -= (size_t)count;
    }
}

static bool ran_dry(const decoder *d) { return d->reads_past_end > 0 && d->hit_marker; }

// Missing data stays missing: unless the rest is to be grey, decoding it gains nothing.
static bool gives_up(const decoder *d) { return ran_dry(d) && (!d->pads || d->lacks_first_row); }

static int most_scans(j_decompress_ptr jpeg) {
    uint64_t pixels = (uint64_t)jpeg->image_width * jpeg->image_height;
    uint64_t scans = CRESSET_JPEG_MAXIMUM_SCANNED_PIXELS / (pixels ? pixels : 1);
    if (scans < CRESSET_JPEG_USUAL_SCANS) return CRESSET_JPEG_USUAL_SCANS;
    return scans < CRESSET_JPEG_MAXIMUM_SCANS ? (int)scans : CRESSET_JPEG_MAXIMUM_SCANS;
}

// Called once per row of blocks: the place to count the scans.
static void watch_scans(j_common_ptr common) {
    decoder *d = decoder_of(common);
    j_decompress_ptr jpeg = (j_decompress_ptr)common;
    for (int i = 0; i < jpeg->comps_in_scan && i < MAX_COMPS_IN_SCAN; i++) {
        d->components_seen |= 1u << (jpeg->cur_comp_info[i]->component_index & 31);
    }
    if (gives_up(d)) longjmp(d->escape, 1);
    int most = most_scans(jpeg);
    if (jpeg->input_scan_number > most) {
        d->too_many_scans = true;
        snprintf(
            d->info->message, sizeof d->info->message, "more than %d scans of %u x %u pixels", most, jpeg->image_width,
            jpeg->image_height);
        longjmp(d->escape, 1);
    }
}

// Makes the decompressor; libjpeg may jump to `escape` from here on.
static void start(decoder *d, const uint8_t *data, size_t size) {
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = fail;
    d->errors.emit_message = note_message;
    d->errors.output_message = print_nothing;
    d->jpeg.client_data = d;
    jpeg_create_decompress(&d->jpeg);
    d->source.init_source = source_begin;
    d->source.fill_input_buffer = source_refill;
    d->source.skip_input_data = source_skip;
    d->source.resync_to_restart = jpeg_resync_to_restart;
    d->source.term_source = source_begin;
    d->source.next_input_byte = data;
    d->source.bytes_in_buffer = size;
    d->jpeg.src = &d->source;
    d->progress.progress_monitor = watch_scans;
    d->jpeg.progress = &d->progress;
}

static void describe(decoder *d) {
    d->info->width = d->jpeg.image_width;
    d->info->height = d->jpeg.image_height;
    d->info->components = d->jpeg.num_components;
    if (!jpeg_has_multiple_scans(&d->jpeg)) return;
    for (int i = 0; i < d->jpeg.num_components; i++) {
        jpeg_component_info *c = &d->jpeg.comp_info[i];
        d->info->working_bytes += (uint64_t)c->width_in_blocks * c->height_in_blocks * sizeof(JBLOCK);
    }
}

// A Huffman-coded block takes at least two bits, for its mean and for the end of its details; one bit if the details
// come in scans of their own. With fewer bits the file cannot be complete, and nothing is allocated for it.
static bool is_too_short(decoder *d, size_t size) {
    if (d->jpeg.arith_code) return false;
    uint64_t blocks = 0;
    for (int i = 0; i < d->jpeg.num_components; i++) {
        jpeg_component_info *c = &d->jpeg.comp_info[i];
        blocks += (uint64_t)c->width_in_blocks * c->height_in_blocks;
    }
    return blocks * (d->jpeg.progressive_mode ? 1 : 2) / 8 > size;
}

static cresset_jpeg_status status_of_failure(const decoder *d) {
    if (d->too_many_scans) return CRESSET_JPEG_TOO_MANY_SCANS;
    if (d->errors.msg_code == JERR_OUT_OF_MEMORY) return CRESSET_JPEG_NO_MEMORY;
    return d->reads_past_end > 0 ? CRESSET_JPEG_TRUNCATED : CRESSET_JPEG_BROKEN;
}

static cresset_jpeg_status check_header(decoder *d, size_t size) {
    describe(d);
    int components = d->jpeg.num_components;
    if (components != 1 && components != 3 && components != 4) {
        snprintf(d->info->message, sizeof d->info->message, "%d colour components", components);
        return CRESSET_JPEG_UNSUPPORTED;
    }
    d->info->is_too_short = is_too_short(d, size);
    return CRESSET_JPEG_OK;
}

cresset_jpeg_status cresset_jpeg_read_header(
    const uint8_t *data, size_t size, size_t whole_size, cresset_jpeg_info *info
) {
    decoder d;
    memset(&d, 0, sizeof d);
    memset(info, 0, sizeof *info);
    d.info = info;
    if (setjmp(d.escape)) {
        jpeg_destroy_decompress(&d.jpeg);
        return status_of_failure(&d);
    }
    start(&d, data, size);
    jpeg_read_header(&d.jpeg, TRUE);
    cresset_jpeg_status status = check_header(&d, whole_size);
    jpeg_destroy_decompress(&d.jpeg);
    return status;
}

// Whether a scan that the picture needs is missing.
static bool lacks_scans(decoder *d) {
    for (int i = 0; i < d->jpeg.num_components; i++) {
        if (!(d->components_seen & (1u << i))) return true;
        if (d->jpeg.progressive_mode && d->jpeg.coef_bits) {
            for (int k = 0; k < DCTSIZE2; k++) {
                if (d->jpeg.coef_bits[i][k] != 0) return true;
            }
        }
    }
    return false;
}

// Rows that are turned or mirrored are collected in a strip and then placed together.
enum { STRIP_ROWS = 32 };

// Reads the rows up to before `bottom` to where `layout` has them.
static void read_rows(decoder *d, uint32_t bottom, const cresset_layout *layout) {
    uint32_t width = d->jpeg.output_width;
    j_common_ptr common = (j_common_ptr)&d->jpeg;
    uint8_t *strip = NULL, *inks = NULL;
    size_t stride = (size_t)width * 3;
    bool is_direct = layout->column_step == 3;
    if (!is_direct) strip = (*d->jpeg.mem->alloc_large)(common, JPOOL_IMAGE, stride * STRIP_ROWS);
    if (d->info->components == 4) inks = (*d->jpeg.mem->alloc_large)(common, JPOOL_IMAGE, (size_t)width * 4);
    uint32_t placed = d->jpeg.output_scanline;
    while (d->jpeg.output_scanline < bottom && !gives_up(d)) {
        uint32_t first = d->jpeg.output_scanline;
        // Several rows per call: libjpeg then upsamples straight into them.
        JSAMPROW rows[8];
        uint32_t count = bottom - first;
        if (count > 8) count = 8;
        if (!is_direct && count > placed + STRIP_ROWS - first) count = placed + STRIP_ROWS - first;
        if (inks) count = 1;
        for (uint32_t i = 0; i < count; i++) {
            rows[i] = is_direct ? layout->origin + (ptrdiff_t)(first + i) * layout->row_step
                                : strip + (first + i - placed) * stride;
        }
        uint8_t *row = rows[0];
        if (inks) rows[0] = inks;
        uint32_t done = jpeg_read_scanlines(&d->jpeg, rows, count);
        if (inks && done == 1) cresset_pixels_from_inks(inks, row, width, 0);
        uint32_t end = first + done;
        if (!is_direct && (end == bottom || end == placed + STRIP_ROWS)) {
            cresset_pixels part = {strip, stride, (int32_t)width, (int32_t)(end - placed), 3};
            cresset_pixels_place(&part, layout, (int32_t)placed);
            placed = end;
        }
    }
}

// Unpacks rows without making pixels of them, up to before `bottom`: the start of a row of blocks.
static void skip_rows(decoder *d, uint32_t bottom) {
    if (d->jpeg.output_scanline < bottom && !gives_up(d)) jpeg_skip_scanlines(&d->jpeg, bottom - d->jpeg.output_scanline);
}

// Of a file with one scan, blocks outside the part are unpacked, since only so the next ones and any damage are found,
// but not turned into pixels.
static void read_part(decoder *d, const cresset_jpeg_part *part, cresset_layout layout) {
    j_decompress_ptr jpeg = &d->jpeg;
    uint32_t height = jpeg->output_height;
    if (jpeg->scale_denom != 1 || jpeg->arith_code || jpeg_has_multiple_scans(jpeg)) {
        read_rows(d, height, &layout);
        return;
    }
    // One more block on each side: colours are blended with their neighbours', and at a border with their own.
    uint32_t wide = (uint32_t)jpeg->max_h_samp_factor * DCTSIZE, high = (uint32_t)jpeg->max_v_samp_factor * DCTSIZE;
    uint32_t left = part->left / wide, top = part->top / high;
    uint32_t right = (part->right + wide - 1) / wide + 1, bottom = (part->bottom + high - 1) / high;
    JDIMENSION first = left > 0 ? (left - 1) * wide : 0;
    JDIMENSION width = (right * wide < jpeg->output_width ? right * wide : jpeg->output_width) - first;
    if (width < jpeg->output_width) jpeg_crop_scanline(jpeg, &first, &width);
    layout.origin += (ptrdiff_t)first * layout.column_step;
    if (top > 1) skip_rows(d, (top - 1) * high);
    read_rows(d, bottom * high < height ? bottom * high : height, &layout);
    // jpeg_skip_scanlines ignores the rest of the file if it may skip to the last row, which is therefore read.
    skip_rows(d, (height - 1) / high * high);
    read_rows(d, height, &layout);
}

static cresset_jpeg_status decode(
    const uint8_t *data, size_t size, uint32_t width, uint32_t height, int reduction, bool pads,
    const cresset_jpeg_part *part, const cresset_layout *layout, cresset_jpeg_info *info
) {
    decoder d;
    memset(&d, 0, sizeof d);
    memset(info, 0, sizeof *info);
    d.info = info;
    d.pads = pads;
    if (setjmp(d.escape)) {
        jpeg_destroy_decompress(&d.jpeg);
        return status_of_failure(&d);
    }
    start(&d, data, size);
    jpeg_read_header(&d.jpeg, TRUE);
    cresset_jpeg_status status = check_header(&d, size);
    d.jpeg.scale_num = 1;
    d.jpeg.scale_denom = (unsigned)reduction;
    jpeg_calc_output_dimensions(&d.jpeg);
    if (d.jpeg.output_width != width || d.jpeg.output_height != height) status = CRESSET_JPEG_BROKEN;
    if (status == CRESSET_JPEG_OK && info->is_too_short) status = CRESSET_JPEG_TRUNCATED;
    if (status != CRESSET_JPEG_OK) {
        jpeg_destroy_decompress(&d.jpeg);
        return status;
    }
    d.jpeg.out_color_space = info->components == 4 ? JCS_CMYK : JCS_RGB;
    d.jpeg.dct_method = JDCT_ISLOW;
    d.jpeg.do_fancy_upsampling = TRUE;
    jpeg_start_decompress(&d.jpeg);
    read_part(&d, part, *layout);
    watch_scans((j_common_ptr)&d.jpeg);
    bool truncated = d.reads_past_end > 0 && (d.hit_marker || lacks_scans(&d));
    // In a file with one scan, the closing marker is looked for only now.
    if (!truncated) jpeg_finish_decompress(&d.jpeg);
    info->warnings = d.errors.num_warnings;
    info->missing_end = d.reads_past_end > 0;
    info->padded = truncated && pads;
    jpeg_destroy_decompress(&d.jpeg);
    return truncated && !pads ? CRESSET_JPEG_TRUNCATED : CRESSET_JPEG_OK;
}

// Where the last marker is, but for those within a scan; 0 if there is none.
static size_t last_marker(const uint8_t *data, size_t size) {
    for (size_t i = size < 2 ? 0 : size - 2; i > 0; i--) {
        uint8_t code = data[i + 1];
        bool is_inside = code == 0 || code == 0xFF || (code >= JPEG_RST0 && code <= JPEG_RST0 + 7);
        if (data[i] == 0xFF && !is_inside) return i;
    }
    return 0;
}

cresset_jpeg_status cresset_jpeg_decode(
    const uint8_t *data, size_t size, uint32_t width, uint32_t height, int reduction, bool pads,
    const cresset_jpeg_part *part, const cresset_layout *layout, cresset_jpeg_info *info
) {
    cresset_jpeg_status status = decode(data, size, width, height, reduction, pads, part, layout, info);
    if (!pads || status != CRESSET_JPEG_TRUNCATED) return status;
    // Between two scans, the data may end within a table, which libjpeg then rejects: the scans before are still there.
    size_t end = last_marker(data, size);
    return end > 0 ? decode(data, end, width, height, reduction, pads, part, layout, info) : status;
}

typedef struct {
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    char *message;
} encoder_errors;

static void fail_encoding(j_common_ptr jpeg) {
    encoder_errors *e = (encoder_errors *)jpeg->client_data;
    jpeg->err->format_message(jpeg, e->message);
    longjmp(e->escape, 1);
}

cresset_jpeg_status cresset_jpeg_encode(
    const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height, int channels, int quality,
    uint8_t **encoded, size_t *size, char message[256]
) {
    struct jpeg_compress_struct jpeg;
    encoder_errors e;
    unsigned char *bytes = NULL;
    unsigned long count = 0;
    memset(&jpeg, 0, sizeof jpeg);
    *encoded = NULL;
    *size = 0;
    e.message = message;
    jpeg.err = jpeg_std_error(&e.errors);
    e.errors.error_exit = fail_encoding;
    e.errors.output_message = print_nothing;
    jpeg.client_data = &e;
    if (setjmp(e.escape)) {
        // `bytes` may be a buffer that libjpeg has already replaced and freed: better leaked than freed twice.
        jpeg_destroy_compress(&jpeg);
        return CRESSET_JPEG_BROKEN;
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &count);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)jpeg.next_scanline * stride);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    *encoded = bytes;
    *size = count;
    return CRESSET_JPEG_OK;
}

void cresset_jpeg_free(uint8_t *encoded) { free(encoded); }
