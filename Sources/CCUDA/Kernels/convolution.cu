// Convolutions for which cuDNN has no plan (float64) or cuDNN is missing: one thread per result, sums in a fixed order.
#include "device.h"
#include "convolution.h"

typedef ELEMENT T;
typedef compute<T> C;
typedef cresset_convolution_shape Shape;

DEVICE int volume(const int (&lengths)[3]) { return lengths[0] * lengths[1] * lengths[2]; }

// The position with number `index`, over the lengths of three axes.
DEVICE void locate(int index, const int (&lengths)[3], int (&position)[3]) {
    position[2] = index % lengths[2];
    index /= lengths[2];
    position[1] = index % lengths[1];
    position[0] = index / lengths[1];
}

// The input position, along one axis, that a tap of the window at `out` touches; false in the padding.
DEVICE bool touched(const Shape &s, int axis, int out, int tap, int &in) {
    in = out * s.stride[axis] - s.padding[axis] + tap * s.dilation[axis];
    return in >= 0 && in < s.in[axis];
}

// The window that touches the input position with this tap; false if there is none.
DEVICE bool touching(const Shape &s, int axis, int in, int tap, int &out) {
    int place = in + s.padding[axis] - tap * s.dilation[axis];
    out = place / s.stride[axis];
    return place >= 0 && place == out * s.stride[axis] && out < s.out[axis];
}

// Neighbouring threads have neighbouring output channels: they read the same inputs, and adjacent weights.
KERNEL_WITH_ROOM(cresset_convolution, 256, 5)(cresset_convolution_parameters p) {
    const Shape &s = p.shape;
    const int channels = s.groups * s.out_channels, positions = volume(s.out);
    const i64 index = (i64)blockIdx.x * blockDim.x + threadIdx.x, row = index / channels;
    if (row >= (i64)s.batch * positions) return;
    const int channel = (int)(index - row * channels), n = (int)(row / positions);
    int at[3];
    locate((int)(row - (i64)n * positions), s.out, at);
    const T *x = (const T *)p.x + n * s.x_strides[0] + channel / s.out_channels * s.in_channels * s.x_strides[1];
    const T *weight = (const T *)p.weight + channel;
    C sum = 0;
    for (int a = 0; a < s.kernel[0]; a++)
        for (int b = 0; b < s.kernel[1]; b++)
            for (int c = 0; c < s.kernel[2]; c++) {
                const T *w = weight + (i64)((a * s.kernel[1] + b) * s.kernel[2] + c) * s.in_channels * channels;
                int i, j, k;
                if (!touched(s, 0, at[0], a, i) || !touched(s, 1, at[1], b, j) || !touched(s, 2, at[2], c, k)) continue;
                const T *from = x + i * s.x_strides[2] + j * s.x_strides[3] + k * s.x_strides[4];
                for (int e = 0; e < s.in_channels; e++) sum += load(from[e * s.x_strides[1]]) * load(w[(i64)e * channels]);
            }
    const i64 place = n * s.out_strides[0] + channel * s.out_strides[1] + at[0] * s.out_strides[2] +
                      at[1] * s.out_strides[3] + at[2] * s.out_strides[4];
    if (p.bias) sum += load(((const T *)p.bias)[channel]);
    if (p.addend) sum += load(((const T *)p.addend)[place]);
    ((T *)p.out)[place] = store<T>(p.rectifies && sum < (C)0 ? (C)0 : sum);
}
EXPORT(cresset_convolution)

// Gathers, so that every element has one writer. Neighbouring threads have neighbouring input channels.
KERNEL_WITH_ROOM(cresset_convolution_input_gradient, 256, 5)(cresset_convolution_parameters p) {
    const Shape &s = p.shape;
    const int channels = s.groups * s.in_channels, positions = volume(s.in);
    const i64 index = (i64)blockIdx.x * blockDim.x + threadIdx.x, row = index / channels;
    if (row >= (i64)s.batch * positions) return;
    const int channel = (int)(index - row * channels), n = (int)(row / positions);
    int at[3];
    locate((int)(row - (i64)n * positions), s.in, at);
    const i64 first = channel / s.in_channels * s.out_channels;
    const T *gradient = (const T *)p.out + n * s.out_strides[0] + first * s.out_strides[1];
    const T *weight = (const T *)p.weight + first * s.in_channels + channel % s.in_channels;
    C sum = 0;
    for (int a = 0; a < s.kernel[0]; a++)
        for (int b = 0; b < s.kernel[1]; b++)
            for (int c = 0; c < s.kernel[2]; c++) {
                const T *w = weight + (i64)((a * s.kernel[1] + b) * s.kernel[2] + c) * s.out_channels * channels;
                int i, j, k;
                if (!touching(s, 0, at[0], a, i) || !touching(s, 1, at[1], b, j) || !touching(s, 2, at[2], c, k)) continue;
                const T *from = gradient + i * s.out_strides[2] + j * s.out_strides[3] + k * s.out_strides[4];
                for (int e = 0; e < s.out_channels; e++)
                    sum += load(from[e * s.out_strides[1]]) * load(w[(i64)e * s.in_channels]);
            }
    ((T *)p.x)[n * s.x_strides[0] + channel * s.x_strides[1] + at[0] * s.x_strides[2] + at[1] * s.x_strides[3] +
               at[2] * s.x_strides[4]] = store<T>(sum);
}
EXPORT(cresset_convolution_input_gradient)

// One thread per weight and slice of rows: neighbours read adjacent gradients.
KERNEL(cresset_convolution_weight_gradient, 256)(cresset_convolution_slices p) {
    const Shape &s = p.shape;
    const int channels = s.groups * s.out_channels, weights = volume(s.kernel) * s.in_channels * channels;
    const int index = blockIdx.x * blockDim.x + threadIdx.x;
    if (index >= weights) return;
    const int channel = index % channels, e = index / channels % s.in_channels;
    int tap[3], at[3];
    locate(index / channels / s.in_channels, s.kernel, tap);
    const int positions = volume(s.out);
    const i64 rows = (i64)s.batch * positions;
    i64 row = blockIdx.y * p.rows_per_slice;
    const i64 end = smaller(row + p.rows_per_slice, rows);
    const T *x = (const T *)p.x + (channel / s.out_channels * s.in_channels + e) * s.x_strides[1];
    const T *gradient = (const T *)p.gradient + channel * s.out_strides[1];
    C sum = 0;
    while (row < end) {
        const int n = (int)(row / positions);
        locate((int)(row - (i64)n * positions), s.out, at);
        // The rest of this line of positions.
        const int stop = (int)smaller((i64)s.out[2], at[2] + end - row);
        row += stop - at[2];
        int i, j, k;
        if (!touched(s, 0, at[0], tap[0], i) || !touched(s, 1, at[1], tap[1], j)) continue;
        const T *from = x + n * s.x_strides[0] + i * s.x_strides[2] + j * s.x_strides[3];
        const T *slope = gradient + n * s.out_strides[0] + at[0] * s.out_strides[2] + at[1] * s.out_strides[3];
        for (int l = at[2]; l < stop; l++)
            if (touched(s, 2, l, tap[2], k)) sum += load(slope[l * s.out_strides[4]]) * load(from[k * s.x_strides[4]]);
    }
    ((C *)p.sums)[(i64)blockIdx.y * weights + index] = sum;
}
EXPORT(cresset_convolution_weight_gradient)

KERNEL(cresset_convolution_bias_gradient, 256)(cresset_convolution_slices p) {
    const Shape &s = p.shape;
    const int channels = s.groups * s.out_channels, channel = blockIdx.x * blockDim.x + threadIdx.x;
    if (channel >= channels) return;
    const int positions = volume(s.out);
    const i64 rows = (i64)s.batch * positions;
    const i64 begin = blockIdx.y * p.rows_per_slice, end = smaller(begin + p.rows_per_slice, rows);
    C sum = 0;
    for (i64 row = begin; row < end; row++) {
        int at[3];
        locate((int)(row % positions), s.out, at);
        sum += load(((const T *)p.gradient)[row / positions * s.out_strides[0] + channel * s.out_strides[1] +
                                            at[0] * s.out_strides[2] + at[1] * s.out_strides[3] + at[2] * s.out_strides[4]]);
    }
    ((C *)p.sums)[(i64)blockIdx.y * channels + channel] = sum;
}
EXPORT(cresset_convolution_bias_gradient)

// Adds up the slices, in their order.
KERNEL(cresset_convolution_slice_sums, 256)(cresset_convolution_slice_sum p) {
    const int count = volume(p.kernel) * p.in_channels * p.out_channels;
    const int index = blockIdx.x * blockDim.x + threadIdx.x;
    if (index >= count) return;
    C sum = 0;
    for (int slice = 0; slice < p.slices; slice++) sum += ((const C *)p.sums)[(i64)slice * count + index];
    int tap[3];
    locate(index / p.out_channels / p.in_channels, p.kernel, tap);
    ((T *)p.out)[index % p.out_channels * p.strides[0] + index / p.out_channels % p.in_channels * p.strides[1] +
                 tap[0] * p.strides[2] + tap[1] * p.strides[3] + tap[2] * p.strides[4]] = store<T>(sum);
}
EXPORT(cresset_convolution_slice_sums)
