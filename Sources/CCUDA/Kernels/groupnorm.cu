// Normalisation of groups of channels for channels-last data: sums of channels over blocks of rows, sums of those over
// groups, and a pass that applies them.
//
// ELEMENT is the type stored in memory, WEIGHT that of weights and biases, WIDTH the number of channels per thread: as
// many as fit in 16 bytes, or one.
#include "device.h"
#include "rows.h"
#include "groupnorm.h"

typedef compute<ELEMENT> Real;
typedef Vec<ELEMENT, WIDTH> Elements;

enum { block = 256, finish_block = 128 };

// A thread's example and channels, and the rows it visits: `row`, then every `step`-th one below `end`.
struct Place {
    int channel, thread_row, thread_rows, columns;
    i64 example, chunk, row, step, end;
};

DEVICE Place place_of(const cresset_gpu_groupnorm &p) {
    Place at;
    const u32 tile = blockIdx.x % (u32)p.tiles, rest = blockIdx.x / (u32)p.tiles;
    const u32 example = rest / (u32)p.chunks, chunk = rest - example * (u32)p.chunks;
    at.example = example;
    at.chunk = rest;
    at.columns = 1 << p.column_bits;
    at.thread_rows = block >> p.column_bits;
    at.thread_row = (int)threadIdx.x >> p.column_bits;
    at.channel = (int)((tile << p.column_bits) + (threadIdx.x & (u32)(at.columns - 1))) * WIDTH;
    const i64 share = (i64)at.thread_rows * (p.thread_rows ? p.thread_rows : 1);
    at.row = chunk * share + at.thread_row;
    at.step = (i64)at.thread_rows * (p.thread_rows ? 1 : p.chunks);
    at.end = p.thread_rows ? smaller(p.plane, (chunk + 1) * share) : p.plane;
    if (at.channel >= p.all) at.end = 0;
    return at;
}

DEVICE Elements elements(const void *memory, i64 offset) {
    return *(const Elements *)((const ELEMENT *)memory + offset);
}

DEVICE Real weight_of(const void *memory, int channel, Real missing) {
    return memory ? (Real)load(((const WEIGHT *)memory)[channel]) : missing;
}

// MARK: Sums of channels

// Each thread sums differences from its first element, so that no large mean swallows a small variance; threads then
// combine means and sums of squared distances. Without a mean, sums of squares are computed.
KERNEL(group_statistics, block)(cresset_gpu_groupnorm p) {
    const Place at = place_of(p);
    const i64 start = at.example * p.plane * p.all + at.channel;
    Real shift[WIDTH], sum[WIDTH], square[WIDTH];
    u32 count = 0;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        shift[j] = p.is_centred && at.row < at.end ? load(((const ELEMENT *)p.x)[start + at.row * p.all + j]) : 0;
        sum[j] = square[j] = 0;
    }
    for_each_row<4>(
        at, [&](i64 row) { return elements(p.x, start + row * p.all); },
        [&](i64, const Elements &e) {
            count++;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real d = load(e.v[j]) - shift[j];
                sum[j] += d;
                square[j] += d * d;
            }
        });
    SHARED(Real, means, [WIDTH][block]);
    SHARED(Real, squares, [WIDTH][block]);
    SHARED(Real, counts, [block]);
    const int t = (int)threadIdx.x;
    counts[t] = (Real)count;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        const Real away = p.is_centred && count ? sum[j] / (Real)count : 0;
        means[j][t] = shift[j] + away;
        squares[j][t] = square[j] - sum[j] * away;
    }
    join_statistics(at, means, squares, counts);
    if (at.thread_row || at.channel >= p.all) return;
    Real *partial = (Real *)p.partial + at.chunk * 2 * p.all + at.channel;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        partial[j] = means[j][t];
        partial[p.all + j] = squares[j][t];
    }
}
EXPORT(group_statistics)

// What a thread's channels were normalised with.
struct Channels { Real mean[WIDTH], scale[WIDTH]; };

DEVICE Channels channels_of(const cresset_gpu_groupnorm &p, const Place &at) {
    Channels c;
    const double *mean = p.mean + at.example * p.groups, *scale = p.scale + at.example * p.groups;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        const u32 group = (u32)smaller(at.channel + j, p.all - 1) / (u32)p.channels;
        c.mean[j] = (Real)mean[group];
        c.scale[j] = (Real)scale[group];
    }
    return c;
}

struct Saved { Elements x, gradient; };

DEVICE Saved saved(const cresset_gpu_groupnorm &p, i64 offset) {
    Saved s = {elements(p.x, offset), elements(p.gradient, offset)};
    return s;
}

// Sums of the gradient times the normalised values, and of the gradient.
KERNEL_WITH_ROOM(group_gradient_sums, block, 3)(cresset_gpu_groupnorm p) {
    const Place at = place_of(p);
    const Channels c = channels_of(p, at);
    const i64 start = at.example * p.plane * p.all + at.channel;
    Real sum[WIDTH], product[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) sum[j] = product[j] = 0;
    for_each_row<2>(
        at, [&](i64 row) { return saved(p, start + row * p.all); },
        [&](i64, const Saved &s) {
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real g = load(s.gradient.v[j]);
                sum[j] += g;
                product[j] += g * (load(s.x.v[j]) - c.mean[j]);
            }
        });
    SHARED(Real, sums, [WIDTH][block]);
    SHARED(Real, products, [WIDTH][block]);
    const int t = (int)threadIdx.x;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        sums[j][t] = sum[j];
        products[j][t] = product[j] * c.scale[j];
    }
    for (int half = at.thread_rows / 2; half; half /= 2) {
        __syncthreads();
        if (at.thread_row >= half) continue;
        UNROLL for (int j = 0; j < WIDTH; j++) {
            sums[j][t] += sums[j][t + half * at.columns];
            products[j][t] += products[j][t + half * at.columns];
        }
    }
    if (at.thread_row || at.channel >= p.all) return;
    Real *partial = (Real *)p.partial + at.chunk * 2 * p.all + at.channel;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        partial[j] = products[j][t];
        partial[p.all + j] = sums[j][t];
    }
}
EXPORT(group_gradient_sums)

// MARK: Sums of groups: one block per part

// Calls body(chunk, channel, partial) for a thread's share of a part's partial sums.
template <class F> DEVICE void for_each_partial(const cresset_gpu_groupnorm &p, F body) {
    const u32 example = blockIdx.x / (u32)p.groups, first = (blockIdx.x - example * (u32)p.groups) * (u32)p.channels;
    const Real *partial = (const Real *)p.partial + (i64)example * p.chunks * 2 * p.all;
    for (u32 i = threadIdx.x; i < (u32)p.chunks * (u32)p.channels; i += finish_block) {
        const u32 chunk = i / (u32)p.channels, channel = first + i - chunk * (u32)p.channels;
        body((int)chunk, (int)channel, partial + (i64)chunk * 2 * p.all + channel);
    }
}

struct Sums { f64 first, second; };

// The sums of a block's threads.
DEVICE Sums block_sums(Sums s) {
    SHARED(Sums, warps, [finish_block / 32]);
    s.first = warp_sum(s.first);
    s.second = warp_sum(s.second);
    if ((threadIdx.x & 31) == 0) warps[threadIdx.x >> 5] = s;
    __syncthreads();
    s = warps[0];
    UNROLL for (int i = 1; i < finish_block / 32; i++) {
        s.first += warps[i].first;
        s.second += warps[i].second;
    }
    return s;
}

KERNEL(group_finish_statistics, finish_block)(cresset_gpu_groupnorm p) {
    const u32 part = blockIdx.x, example = part / (u32)p.groups, group = part - example * (u32)p.groups;
    // Each chunk has the same number of whole rounds, plus its share of the last one.
    const u32 height = block >> p.column_bits, round = height * (u32)p.chunks, rounds = (u32)p.plane / round;
    const i64 rest = (i64)((u32)p.plane - rounds * round);
    // A value close to the mean: that of the first channel and chunk.
    const f64 shift = ((const Real *)p.partial)[(i64)example * p.chunks * 2 * p.all + (i64)group * p.channels];
    Sums sums = {0, 0};
    for_each_partial(p, [&](int chunk, int, const Real *partial) {
        const i64 rows = (i64)rounds * height + smaller(larger(rest - chunk * (i64)height, (i64)0), (i64)height);
        const f64 count = (f64)rows, away = partial[0] - shift;
        sums.first += count * away;
        sums.second += partial[p.all] + count * away * away;
    });
    sums = block_sums(sums);
    if (threadIdx.x) return;
    const f64 count = (f64)p.plane * p.channels, away = p.is_centred ? sums.first / count : 0;
    const f64 spread = sums.second / count - away * away;
    // Rounding may leave the variance of a constant part just below zero; NaN must stay NaN.
    p.scale[part] = 1 / sqrt((spread < 0 ? 0 : spread) + p.epsilon);
    p.mean[part] = p.is_centred ? shift + away : 0;
}
EXPORT(group_finish_statistics)

KERNEL(group_finish_gradient, finish_block)(cresset_gpu_groupnorm p) {
    Sums sums = {0, 0};
    for_each_partial(p, [&](int, int channel, const Real *partial) {
        const f64 weight = weight_of(p.weight, channel, 1);
        sums.first += partial[0] * weight;
        sums.second += partial[p.all] * weight;
    });
    sums = block_sums(sums);
    if (threadIdx.x) return;
    const f64 count = (f64)p.plane * p.channels;
    Real *coefficients = (Real *)p.coefficients;
    coefficients[blockIdx.x] = (Real)(p.is_centred ? sums.second / count : 0);
    coefficients[p.examples * p.groups + blockIdx.x] = (Real)(sums.first / count);
}
EXPORT(group_finish_gradient)

// MARK: Applying them, from the last row to the first: what was summed last may still be in the cache

DEVICE Place place_from_last(const cresset_gpu_groupnorm &p) {
    Place at = place_of(p);
    at.example = p.examples - 1 - at.example;
    return at;
}

DEVICE i64 offset_from_last(const cresset_gpu_groupnorm &p, const Place &at, i64 row) {
    return ((at.example + 1) * p.plane - 1 - row) * p.all + at.channel;
}

KERNEL(group_normalize, block)(cresset_gpu_groupnorm p) {
    const Place at = place_from_last(p);
    if (at.row >= at.end) return;
    Channels c = channels_of(p, at);
    Real bias[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) {
        c.scale[j] *= weight_of(p.weight, at.channel + j, 1);
        bias[j] = weight_of(p.bias, at.channel + j, 0);
    }
    for_each_row<4>(
        at, [&](i64 row) { return elements(p.x, offset_from_last(p, at, row)); },
        [&](i64 row, const Elements &e) {
            Elements r;
            UNROLL for (int j = 0; j < WIDTH; j++)
                r.v[j] = store<ELEMENT>((load(e.v[j]) - c.mean[j]) * c.scale[j] + bias[j]);
            *(Elements *)((ELEMENT *)p.out + offset_from_last(p, at, row)) = r;
        });
}
EXPORT(group_normalize)

// dx = scale (dn - mean of dn - n mean of dn n), where n are the normalised values and dn = gradient weight.
KERNEL_WITH_ROOM(group_gradient, block, 3)(cresset_gpu_groupnorm p) {
    const Place at = place_from_last(p);
    if (at.row >= at.end) return;
    const Channels c = channels_of(p, at);
    const Real *coefficients = (const Real *)p.coefficients + at.example * p.groups;
    Real weight[WIDTH], centre[WIDTH], slope[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) {
        const u32 group = (u32)(at.channel + j) / (u32)p.channels;
        weight[j] = weight_of(p.weight, at.channel + j, 1);
        centre[j] = coefficients[group];
        slope[j] = coefficients[p.examples * p.groups + group] * c.scale[j];
    }
    for_each_row<2>(
        at, [&](i64 row) { return saved(p, offset_from_last(p, at, row)); },
        [&](i64 row, const Saved &s) {
            Elements r;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real dn = rounded_product(load(s.gradient.v[j]), weight[j]);
                const Real away = rounded_product(load(s.x.v[j]) - c.mean[j], slope[j]);
                r.v[j] = store<ELEMENT>((dn - centre[j] - away) * c.scale[j]);
            }
            *(Elements *)((ELEMENT *)p.out + offset_from_last(p, at, row)) = r;
        });
}
EXPORT(group_gradient)
