// Kernels on 8-bit pixels: rows of `channels` interleaved bytes, rows `stride` bytes apart.
//
// A picture's memory must be readable CRESSET_PIXELS_PADDING bytes past its last pixel: the kernels load whole vectors.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CRESSET_PIXELS_PADDING 64

typedef struct {
    uint8_t *pixels;
    size_t stride;
    int32_t width;
    int32_t height;
    int32_t channels;
} cresset_pixels;

typedef enum {
    CRESSET_FILTER_BOX = 0,
    CRESSET_FILTER_BILINEAR = 1,
    CRESSET_FILTER_HAMMING = 2,
    CRESSET_FILTER_BICUBIC = 3,
    CRESSET_FILTER_LANCZOS = 4,
} cresset_filter;

/// A part of a picture that is computed without the rest: where it begins in the whole.
typedef struct {
    int32_t whole_width;
    int32_t whole_height;
    int32_t left;
    int32_t top;
} cresset_part;

/// Resizes `source` to the whole of `part` as Pillow does (antialiased, in two passes of 8-bit fixed point), but
/// computes only the area of `target`, which must be inside. Returns 0, or -1 if memory runs out.
int cresset_pixels_resample(
    const cresset_pixels *source, const cresset_pixels *target, const cresset_part *part, cresset_filter filter);

/// The pixels, from `*start` to before `*end` of `input` ones along an axis, that contribute to `count` ones from `first`
/// of `output`.
void cresset_pixels_find_sources(
    int32_t input, int32_t output, int32_t first, int32_t count, cresset_filter filter, int32_t *start, int32_t *end);

/// Resizes by picking the nearest pixel, as Pillow does. Returns 0, or -1 if memory runs out.
int cresset_pixels_pick_nearest(
    const cresset_pixels *source, const cresset_pixels *target, const cresset_part *part);

/// Where the pixels of a picture are written when it is turned or mirrored on the way: the pixel in column x of row y
/// goes to origin + x * column_step + y * row_step.
typedef struct {
    uint8_t *origin;
    ptrdiff_t column_step;
    ptrdiff_t row_step;
} cresset_layout;

/// Copies the rows of `source`, the first of which is row `first_row` of the whole picture, to their places.
void cresset_pixels_place(const cresset_pixels *source, const cresset_layout *layout, int32_t first_row);

/// Lays a row of `width` pixels with opacity over a grey of `ground`. Both rows may be the same memory.
void cresset_pixels_lay_over(const uint8_t *rgba, uint8_t *rgb, uint32_t width, uint8_t ground);

/// Converts a row of four inks to the light that they and black let through, as Pillow does. `full` is the byte that
/// stands for all of an ink: 255, or 0 as Adobe stores them.
void cresset_pixels_from_inks(const uint8_t *inks, uint8_t *rgb, uint32_t width, uint8_t full);

void cresset_pixels_copy(const cresset_pixels *source, const cresset_pixels *target);
void cresset_pixels_flip_horizontally(const cresset_pixels *source, const cresset_pixels *target);
void cresset_pixels_flip_vertically(const cresset_pixels *source, const cresset_pixels *target);

/// Replaces each byte with its channel's entry in `tables`, 256 bytes per channel.
void cresset_pixels_map(const cresset_pixels *source, const cresset_pixels *target, const uint8_t *tables);

/// Writes each byte as its channel's entry in `tables`, 256 floats per channel, in (height, width, channel) order.
void cresset_pixels_to_floats(const cresset_pixels *source, const float *tables, float *values);

/// Elements from one pixel, row and channel to the next.
typedef struct {
    ptrdiff_t column;
    ptrdiff_t row;
    ptrdiff_t channel;
} cresset_steps;

/// Writes each byte where `steps` says.
void cresset_pixels_to_planes(const cresset_pixels *source, const cresset_steps *steps, uint8_t *values);

/// Writes each byte as its channel's entry in `tables`, 256 floats per channel, where `steps` says.
void cresset_pixels_to_float_planes(
    const cresset_pixels *source, const float *tables, const cresset_steps *steps, float *values);

/// A rectangle with values of its own: one per channel, or in (channel, height, width) order.
typedef struct {
    const float *values;
    int32_t left;
    int32_t top;
    int32_t width;
    int32_t height;
    int32_t channels;
    int32_t is_constant;
} cresset_patch;

/// Overwrites the rectangle in `values`, which `steps` describes.
void cresset_floats_patch(float *values, const cresset_steps *steps, const cresset_patch *patch);

/// Counts how often each byte occurs: 256 counts per channel, added to `counts`.
void cresset_pixels_count(const cresset_pixels *source, int64_t *counts);

/// The luminance of each RGB pixel with Pillow's weights, written to every channel of `target`.
void cresset_pixels_to_gray(const cresset_pixels *source, const cresset_pixels *target);

/// first + factor * (second - first), clipped; equal to Pillow's blend.
void cresset_pixels_blend(
    const cresset_pixels *first, const cresset_pixels *second, const cresset_pixels *target, float factor);

/// The same from a picture whose bytes are all `first`.
void cresset_pixels_blend_with(
    uint8_t first, const cresset_pixels *second, const cresset_pixels *target, float factor);

/// The same from the luminance of each RGB pixel.
void cresset_pixels_saturate(const cresset_pixels *source, const cresset_pixels *target, float factor);

/// Adds the bytes times `weight` to `sums`, which follow each other row by row.
void cresset_pixels_accumulate(const cresset_pixels *source, float weight, float *sums);

/// The sums as bytes, rounded down.
void cresset_pixels_truncate(const float *sums, const cresset_pixels *target);

/// Pillow's 3 x 3 smoothing filter; the outermost pixels are copied.
void cresset_pixels_smooth(const cresset_pixels *source, const cresset_pixels *target);

/// Rotates the hue of each RGB pixel by `shift` / 255 of the circle, through Pillow's 8-bit HSV.
void cresset_pixels_shift_hue(const cresset_pixels *source, const cresset_pixels *target, uint8_t shift);

/// How values between pixels are found.
typedef enum {
    CRESSET_SAMPLE_NEAREST = 0,
    CRESSET_SAMPLE_BILINEAR = 1,
    CRESSET_SAMPLE_BICUBIC = 2,
} cresset_sampling;

/// Fills `target` from the positions in `source` given by the matrix (a, b, c; d, e, f); pixels from outside become
/// `fill`, a byte per channel. Equal to Pillow's affine transform.
void cresset_pixels_affine(
    const cresset_pixels *source, const cresset_pixels *target, const double matrix[6], cresset_sampling sampling,
    const uint8_t *fill);

/// Fills `target` from the positions ((ax + by + c) / (gx + hy + 1), (dx + ey + f) / (gx + hy + 1)). Equal to Pillow's
/// perspective transform.
void cresset_pixels_perspective(
    const cresset_pixels *source, const cresset_pixels *target, const double coefficients[8], cresset_sampling sampling,
    const uint8_t *fill);

/// Takes each pixel from as far away as `displacements` says: x and y for each pixel, where 2 is the picture's width or
/// height. Outside is black, or `fill` unless it is NULL. Nearest or bilinear, as torchvision's elastic transform.
void cresset_pixels_displace(
    const cresset_pixels *source, const cresset_pixels *target, const float *displacements, cresset_sampling sampling,
    const uint8_t *fill);

/// Blurs by the outer product of two odd kernels, mirrored at the borders, as torchvision does. Returns 0, or -1 if
/// memory runs out.
int cresset_pixels_blur(
    const cresset_pixels *source, const cresset_pixels *target, const float *row_kernel, int row_count,
    const float *column_kernel, int column_count);

/// The same for `width` by `height` floats.
int cresset_plane_blur(
    const float *source, float *target, int width, int height, const float *row_kernel, int row_count,
    const float *column_kernel, int column_count);

/// Fills `target` with the pixels of the given columns and rows of `source`; -1 stands for `fill`, a byte per channel.
void cresset_pixels_pick(
    const cresset_pixels *source, const cresset_pixels *target, const int32_t *columns, const int32_t *rows,
    const uint8_t *fill);

#ifdef __cplusplus
}
#endif
