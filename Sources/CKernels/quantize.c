#include "cresset_quantize.h"

#include <math.h>

#include "cresset_threads.h"
#include "kernel.h"

struct work {
    const void *x;
    void *out;
    float factor;
    bool is_signed;
};

// Adding this number leaves the integer nearest to a small number in the lowest bits of the sum.
static const float shift = 12582912.0f;

CRESSET_VECTOR static void quantize_part(const float *x, int64_t count, float factor, float low, float high,
                                         uint8_t *out) {
    for (int64_t i = 0; i < count; i++) {
        float value = x[i] * factor;
        value = value > low ? value : low;
        value = (value < high ? value : high) + shift;
        uint32_t bits;
        memcpy(&bits, &value, 4);
        out[i] = (uint8_t)bits;
    }
}

static void quantize(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    const float *x = w->x;
    quantize_part(x + begin, end - begin, w->factor, w->is_signed ? -128 : 0, w->is_signed ? 127 : 255,
                  (uint8_t *)w->out + begin);
}

CRESSET_VECTOR static void widen_signed(const int8_t *x, int64_t count, float factor, float *out) {
    for (int64_t i = 0; i < count; i++) out[i] = (float)x[i] * factor;
}

CRESSET_VECTOR static void widen_unsigned(const uint8_t *x, int64_t count, float factor, float *out) {
    for (int64_t i = 0; i < count; i++) out[i] = (float)x[i] * factor;
}

static void dequantize(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    float *out = (float *)w->out + begin;
    if (w->is_signed)
        widen_signed((const int8_t *)w->x + begin, end - begin, w->factor, out);
    else
        widen_unsigned((const uint8_t *)w->x + begin, end - begin, w->factor, out);
}

enum { grain = 1 << 14 };

void cresset_quantize(const float *x, int64_t count, float scale, bool is_signed, void *out) {
    struct work w = {x, out, 1 / scale, is_signed};
    cresset_parallel_for(count, grain, quantize, &w);
}

void cresset_dequantize(const void *x, int64_t count, float scale, bool is_signed, float *out) {
    struct work w = {x, out, scale, is_signed};
    cresset_parallel_for(count, grain, dequantize, &w);
}

void cresset_extremes(const float *x, int64_t count, float *least, float *largest) {
    float low = *least, high = *largest;
    for (int64_t i = 0; i < count; i++) {
        // Comparisons with NaN are false.
        if (x[i] < low) low = x[i];
        if (x[i] > high) high = x[i];
    }
    *least = low;
    *largest = high;
}

void cresset_count_magnitudes(const float *x, int64_t count, float limit, int64_t bins, int64_t *counts) {
    float factor = limit > 0 ? (float)bins / limit : 0;
    for (int64_t i = 0; i < count; i++) {
        float place = fabsf(x[i]) * factor;
        if (place == place) counts[place < (float)(bins - 1) ? (int64_t)place : bins - 1]++;
    }
}
