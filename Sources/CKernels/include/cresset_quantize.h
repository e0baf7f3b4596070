// Numbers as integers of 8 bits, and what is needed to find a scale for them.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// out = x / scale, rounded to nearest (ties to even) and held to -128 … 127 if signed, otherwise to 0 … 255. NaN becomes
/// the smallest.
void cresset_quantize(const float *x, int64_t count, float scale, bool is_signed, void *out);

/// out = x * scale.
void cresset_dequantize(const void *x, int64_t count, float scale, bool is_signed, float *out);

/// Lowers `least` and raises `largest` to the extremes of x; NaN is left out.
void cresset_extremes(const float *x, int64_t count, float *least, float *largest);

/// Adds to counts[i] how many absolute values are in the i-th of `bins` equal parts of 0 … limit; larger ones count in the
/// last.
void cresset_count_magnitudes(const float *x, int64_t count, float limit, int64_t bins, int64_t *counts);
