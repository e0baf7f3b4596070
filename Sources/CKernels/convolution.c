#include "cresset_convolution.h"

#include <string.h>

#include "kernel.h"
#include "cresset_threads.h"

typedef const cresset_convolution_geometry *geometry;

struct work {
    geometry g;
    const double *x, *weight, *bias, *addend, *gradient;
    double *out, *out_bias;
    int relu;
};

/// The position with number `index`, over the lengths of three axes.
static inline void locate(int64_t index, const int64_t lengths[3], int64_t position[3]) {
    position[2] = index % lengths[2];
    position[1] = index / lengths[2] % lengths[1];
    position[0] = index / lengths[2] / lengths[1];
}

/// The offset of the input element that a tap of the window at `out` touches; -1 in the padding.
static inline int64_t input_offset(geometry g, const int64_t out[3], const int64_t tap[3]) {
    int64_t offset = 0;
    for (int d = 0; d < 3; d++) {
        int64_t i = out[d] * g->stride[d] - g->padding[d] + tap[d] * g->dilation[d];
        if (i < 0 || i >= g->in[d]) return -1;
        offset += i * g->x_strides[2 + d];
    }
    return offset;
}

/// The offset of the output element whose window touches `in` with a tap; -1 if there is none.
static inline int64_t output_offset(geometry g, const int64_t in[3], const int64_t tap[3]) {
    int64_t offset = 0;
    for (int d = 0; d < 3; d++) {
        int64_t i = in[d] + g->padding[d] - tap[d] * g->dilation[d];
        if (i < 0 || i % g->stride[d] || i / g->stride[d] >= g->out[d]) return -1;
        offset += i / g->stride[d] * g->out_strides[2 + d];
    }
    return offset;
}

static inline int64_t volume(const int64_t lengths[3]) { return lengths[0] * lengths[1] * lengths[2]; }

static inline int64_t tap_offset(geometry g, const int64_t tap[3]) {
    return tap[0] * g->weight_strides[2] + tap[1] * g->weight_strides[3] + tap[2] * g->weight_strides[4];
}

/// out[position, channels] over rows (batch, group, position).
CRESSET_VECTOR static void forward_rows(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    geometry g = w->g;
    int64_t positions = volume(g->out), taps = volume(g->kernel), channel_step = g->out_strides[1];
    for (int64_t row = begin; row < end; row++) {
        int64_t n = row / positions / g->groups, group = row / positions % g->groups, out[3], tap[3];
        locate(row % positions, g->out, out);
        int64_t offset = n * g->out_strides[0] + group * g->out_channels * channel_step;
        for (int d = 0; d < 3; d++) offset += out[d] * g->out_strides[2 + d];
        const double *x = w->x + n * g->x_strides[0] + group * g->in_channels * g->x_strides[1];
        const double *weight = w->weight + group * g->out_channels * g->weight_strides[0];
        for (int64_t o = 0; o < g->out_channels; o++) {
            double sum = w->bias ? w->bias[group * g->out_channels + o] : 0;
            for (int64_t t = 0; t < taps; t++) {
                locate(t, g->kernel, tap);
                int64_t from = input_offset(g, out, tap);
                if (from < 0) continue;
                const double *a = x + from, *b = weight + o * g->weight_strides[0] + tap_offset(g, tap);
                for (int64_t i = 0; i < g->in_channels; i++)
                    sum += a[i * g->x_strides[1]] * b[i * g->weight_strides[1]];
            }
            if (w->addend) sum += w->addend[offset + o * channel_step];
            if (w->relu && sum <= 0) sum = 0;
            w->out[offset + o * channel_step] = sum;
        }
    }
}

void cresset_convolution_f64(
    geometry g, const double *x, const double *weight, const double *bias, const double *addend, int relu,
    double *out) {
    struct work work = {.g = g, .x = x, .weight = weight, .bias = bias, .addend = addend, .relu = relu, .out = out};
    cresset_parallel_for(g->batch * g->groups * volume(g->out), 8, forward_rows, &work);
}

/// Gathers, so that every element has one writer and one order of summation.
CRESSET_VECTOR static void input_gradient_rows(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    geometry g = w->g;
    int64_t positions = volume(g->in), taps = volume(g->kernel);
    for (int64_t row = begin; row < end; row++) {
        int64_t n = row / positions / g->groups, group = row / positions % g->groups, in[3], tap[3];
        locate(row % positions, g->in, in);
        double *out = w->out + n * g->x_strides[0] + group * g->in_channels * g->x_strides[1];
        for (int d = 0; d < 3; d++) out += in[d] * g->x_strides[2 + d];
        for (int64_t i = 0; i < g->in_channels; i++) out[i * g->x_strides[1]] = 0;
        const double *gradient = w->gradient + n * g->out_strides[0] + group * g->out_channels * g->out_strides[1];
        const double *weight = w->weight + group * g->out_channels * g->weight_strides[0];
        for (int64_t t = 0; t < taps; t++) {
            locate(t, g->kernel, tap);
            int64_t from = output_offset(g, in, tap);
            if (from < 0) continue;
            for (int64_t o = 0; o < g->out_channels; o++) {
                double slope = gradient[from + o * g->out_strides[1]];
                const double *b = weight + o * g->weight_strides[0] + tap_offset(g, tap);
                for (int64_t i = 0; i < g->in_channels; i++)
                    out[i * g->x_strides[1]] += slope * b[i * g->weight_strides[1]];
            }
        }
    }
}

void cresset_convolution_input_gradient_f64(
    geometry g, const double *gradient, const double *weight, double *out) {
    struct work work = {.g = g, .gradient = gradient, .weight = weight, .out = out};
    cresset_parallel_for(g->batch * g->groups * volume(g->in), 8, input_gradient_rows, &work);
}

/// weight[output channel, :, tap] over rows (output channel of all groups, tap).
CRESSET_VECTOR static void weight_gradient_rows(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    geometry g = w->g;
    int64_t taps = volume(g->kernel), positions = volume(g->out);
    for (int64_t row = begin; row < end; row++) {
        int64_t channel = row / taps, group = channel / g->out_channels, out[3], tap[3];
        locate(row % taps, g->kernel, tap);
        double *sums = w->out + channel * g->weight_strides[0] + tap_offset(g, tap);
        for (int64_t i = 0; i < g->in_channels; i++) sums[i * g->weight_strides[1]] = 0;
        for (int64_t n = 0; n < g->batch; n++) {
            const double *x = w->x + n * g->x_strides[0] + group * g->in_channels * g->x_strides[1];
            const double *gradient = w->gradient + n * g->out_strides[0] + channel * g->out_strides[1];
            for (int64_t p = 0; p < positions; p++) {
                locate(p, g->out, out);
                int64_t from = input_offset(g, out, tap);
                if (from < 0) continue;
                double slope = gradient
                    [out[0] * g->out_strides[2] + out[1] * g->out_strides[3] + out[2] * g->out_strides[4]];
                for (int64_t i = 0; i < g->in_channels; i++)
                    sums[i * g->weight_strides[1]] += slope * x[from + i * g->x_strides[1]];
            }
        }
    }
}

static void bias_gradient_rows(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    geometry g = w->g;
    int64_t out[3], positions = volume(g->out);
    for (int64_t channel = begin; channel < end; channel++) {
        double sum = 0;
        for (int64_t n = 0; n < g->batch; n++)
            for (int64_t p = 0; p < positions; p++) {
                locate(p, g->out, out);
                sum += w->gradient
                           [n * g->out_strides[0] + channel * g->out_strides[1] + out[0] * g->out_strides[2] +
                            out[1] * g->out_strides[3] + out[2] * g->out_strides[4]];
            }
        w->out_bias[channel] = sum;
    }
}

void cresset_convolution_weight_gradient_f64(
    geometry g, const double *gradient, const double *x, double *weight, double *bias) {
    struct work work = {.g = g, .gradient = gradient, .x = x, .out = weight, .out_bias = bias};
    int64_t channels = g->groups * g->out_channels;
    cresset_parallel_for(channels * volume(g->kernel), 1, weight_gradient_rows, &work);
    if (bias) cresset_parallel_for(channels, 1, bias_gradient_rows, &work);
}
