// Batch normalisation of rows of channels. Each pass moves every activation once: sums leave one partial result per
// block, which a second small kernel adds up in order.
//
// ELEMENT is the type stored in memory, WIDTH the number of channels per thread: as many as fit in 16 bytes, or one.
#include "device.h"
#include "rows.h"
#include "batchnorm.h"

typedef compute<ELEMENT> Real;
typedef Vec<ELEMENT, WIDTH> Elements;

enum { block = 256, finish_block = 512, finish_columns = 8, finish_rows = finish_block / finish_columns };

DEVICE float root(float x) { return sqrtf(x); }
DEVICE double root(double x) { return sqrt(x); }

// Per-channel numbers can be of any type; each thread reads its own once.
template <int N, class R>
DEVICE void read_channels(const cresset_gpu_channels &v, int channel, R missing, R (&out)[N]) {
    if (!v.values) {
        UNROLL for (int j = 0; j < N; j++) out[j] = missing;
        return;
    }
    switch (v.dtype) {
        case 1:
            UNROLL for (int j = 0; j < N; j++) out[j] = (R)((const f64 *)v.values)[channel + j];
            break;
        case 2:
            UNROLL for (int j = 0; j < N; j++) out[j] = (R)load(((const bf16 *)v.values)[channel + j]);
            break;
        case 3:
            UNROLL for (int j = 0; j < N; j++) out[j] = (R)load(((const f16 *)v.values)[channel + j]);
            break;
        default:
            UNROLL for (int j = 0; j < N; j++) out[j] = (R)((const f32 *)v.values)[channel + j];
    }
}

DEVICE void store_channel(void *values, int dtype, int channel, f64 value) {
    switch (dtype) {
        case 1: ((f64 *)values)[channel] = value; break;
        case 2: ((bf16 *)values)[channel] = store<bf16>((float)value); break;
        case 3: ((f16 *)values)[channel] = store<f16>((float)value); break;
        default: ((f32 *)values)[channel] = (float)value;
    }
}

// A thread's channels, and the rows it visits: `row`, then every `step`-th one below `end`.
struct Place {
    int channel, thread_row, thread_rows, columns, chunk;
    i64 row, step, end;
};

// Sums are computed in one wave of blocks that walk over all rows side by side, so that few partial results are left;
// other kernels have a few rows per thread.
DEVICE Place place_of(const cresset_gpu_batchnorm &p) {
    Place at;
    u32 tile = blockIdx.x % (u32)p.tiles;
    at.chunk = (int)(blockIdx.x / (u32)p.tiles);
    at.columns = 1 << p.column_bits;
    at.thread_rows = block >> p.column_bits;
    at.thread_row = (int)threadIdx.x >> p.column_bits;
    at.channel = (int)((tile << p.column_bits) + (threadIdx.x & (u32)(at.columns - 1))) * WIDTH;
    const i64 share = (i64)at.thread_rows * (p.thread_rows ? p.thread_rows : 1);
    at.row = at.chunk * share + at.thread_row;
    at.step = (i64)at.thread_rows * (p.thread_rows ? 1 : p.chunks);
    at.end = p.thread_rows ? smaller(p.rows, (at.chunk + 1) * share) : p.rows;
    if (at.channel >= p.channels) at.end = 0;
    return at;
}

// MARK: Statistics

// Each thread sums differences from its first element, so that no large mean swallows a small variance; threads and
// blocks then combine means and sums of squared distances.
KERNEL(batchnorm_statistics, block)(cresset_gpu_batchnorm p) {
    const Place at = place_of(p);
    const ELEMENT *x = (const ELEMENT *)p.x + at.channel;
    Real shift[WIDTH], sum[WIDTH], square[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) {
        shift[j] = at.row < at.end ? load(x[at.row * p.channels + j]) : 0;
        sum[j] = square[j] = 0;
    }
    u32 count = 0;
    for_each_row<4>(
        at, [&](i64 row) { return *(const Elements *)(x + row * p.channels); },
        [&](i64, const Elements &e) {
            count++;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                Real d = load(e.v[j]) - shift[j];
                sum[j] += d;
                square[j] += d * d;
            }
        });
    SHARED(Real, means, [WIDTH][block]);
    SHARED(Real, squares, [WIDTH][block]);
    SHARED(Real, counts, [block]);
    const int t = (int)threadIdx.x;
    const Real inverse = count ? 1 / (Real)count : 0;
    counts[t] = (Real)count;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        Real away = sum[j] * inverse;
        means[j][t] = shift[j] + away;
        squares[j][t] = square[j] - sum[j] * away;
    }
    join_statistics(at, means, squares, counts);
    if (at.thread_row || at.channel >= p.channels) return;
    Real *partial = (Real *)p.partial + (i64)at.chunk * 2 * p.channels + at.channel;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        partial[j] = means[j][t];
        partial[p.channels + j] = squares[j][t];
    }
}
EXPORT(batchnorm_statistics)

struct Sums { f64 first, second; };

// The sums over a block's threads that share a column; the threads of the first row get them.
DEVICE Sums sum_columns(Sums s) {
    SHARED(f64, firsts, [finish_rows][finish_columns]);
    SHARED(f64, seconds, [finish_rows][finish_columns]);
    const int column = (int)threadIdx.x % finish_columns, row = (int)threadIdx.x / finish_columns;
    firsts[row][column] = s.first;
    seconds[row][column] = s.second;
    for (int half = finish_rows / 2; half; half /= 2) {
        __syncthreads();
        if (row >= half) continue;
        firsts[row][column] += firsts[row + half][column];
        seconds[row][column] += seconds[row + half][column];
    }
    Sums all = {firsts[row][column], seconds[row][column]};
    return all;
}

KERNEL(batchnorm_finish_statistics, finish_block)(cresset_gpu_batchnorm p) {
    const int channel = (int)(blockIdx.x * finish_columns + threadIdx.x % finish_columns);
    const int row = (int)threadIdx.x / finish_columns;
    const bool is_inside = channel < p.channels;
    const Real *partial = (const Real *)p.partial + channel;
    const f64 shift = is_inside && p.chunks ? partial[0] : 0;
    Sums sums = {0, 0};
    // Each chunk has the same number of whole rounds, plus its share of the last one.
    const i64 height = block >> p.column_bits, round = height * p.chunks, rounds = round ? p.rows / round : 0;
    const i64 rest = p.rows - rounds * round;
    if (is_inside)
        for (int chunk = row; chunk < p.chunks; chunk += finish_rows) {
            const Real *mine = partial + (i64)chunk * 2 * p.channels;
            const i64 rows = rounds * height + smaller(larger(rest - chunk * height, (i64)0), height);
            const f64 count = (f64)rows, away = mine[0] - shift;
            sums.first += count * away;
            sums.second += mine[p.channels] + count * away * away;
        }
    sums = sum_columns(sums);
    if (!is_inside || row) return;
    const f64 count = (f64)p.rows, away = sums.first / count, square = sums.second / count - away * away;
    store_channel(p.first_sum, p.first_dtype, channel, shift + away);
    // Rounding may leave the variance of a constant channel just below zero; NaN must stay NaN.
    store_channel(p.second_sum, p.second_dtype, channel, square < 0 ? 0 : square);
}
EXPORT(batchnorm_finish_statistics)

// MARK: Normalising

struct Channels { Real mean[WIDTH], scale[WIDTH], bias[WIDTH]; };

DEVICE Channels channels_of(const cresset_gpu_batchnorm &p, const Place &at) {
    Channels c;
    Real variance[WIDTH];
    const int channel = smaller(at.channel, p.channels - WIDTH);
    read_channels<WIDTH, Real>(p.mean, channel, 0, c.mean);
    read_channels<WIDTH, Real>(p.variance, channel, 1, variance);
    read_channels<WIDTH, Real>(p.weight, channel, 1, c.scale);
    read_channels<WIDTH, Real>(p.bias, channel, 0, c.bias);
    UNROLL for (int j = 0; j < WIDTH; j++) c.scale[j] /= root(variance[j] + (Real)p.epsilon);
    return c;
}

// Forward and backward must agree on its sign, so both use this function.
DEVICE Real preactivation(Real x, const Channels &c, int j) {
    return rounded_sum(rounded_product(x - c.mean[j], c.scale[j]), c.bias[j]);
}

// Rows are taken from last to first: what the sums read last may still be in the cache.
template <bool HAS_ADDEND> DEVICE void normalize(const cresset_gpu_batchnorm &p) {
    const Place at = place_of(p);
    if (at.row >= at.end) return;
    const Channels c = channels_of(p, at);
    const ELEMENT *x = (const ELEMENT *)p.x + at.channel, *addend = (const ELEMENT *)p.addend + at.channel;
    ELEMENT *out = (ELEMENT *)p.out + at.channel;
    struct Operands { Elements x, addend; };
    for_each_row<4>(
        at,
        [&](i64 row) {
            const i64 offset = (p.rows - 1 - row) * p.channels;
            Operands o;
            o.x = *(const Elements *)(x + offset);
            if (HAS_ADDEND) o.addend = *(const Elements *)(addend + offset);
            return o;
        },
        [&](i64 row, const Operands &o) {
            Elements r;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                Real v = preactivation(load(o.x.v[j]), c, j);
                if (HAS_ADDEND) v += load(o.addend.v[j]);
                r.v[j] = store<ELEMENT>(p.has_relu && v < 0 ? 0 : v);
            }
            const i64 offset = (p.rows - 1 - row) * p.channels;
            *(Elements *)(out + offset) = r;
            if (HAS_ADDEND && p.mask) {
                u8 bits = 0;
                UNROLL for (int j = 0; j < WIDTH; j++) bits |= (u8)(!(load(r.v[j]) <= 0) << j);
                p.mask[(offset + at.channel) / WIDTH] = bits;
            }
        });
}

KERNEL(batchnorm_normalize, block)(cresset_gpu_batchnorm p) { normalize<false>(p); }
EXPORT(batchnorm_normalize)
KERNEL_WITH_ROOM(batchnorm_normalize_add, block, WIDTH == 1 && sizeof(ELEMENT) < 8 ? 5 : 0)(cresset_gpu_batchnorm p) { normalize<true>(p); }
EXPORT(batchnorm_normalize_add)

// MARK: Gradients

// What the rectifier's mask is derived from; `mask_of_bits` is what `normalize` recorded, a byte for each vector.
enum { no_mask, mask_of_result, mask_of_bits, mask_of_x };

struct Saved {
    Elements x, gradient, part, result;
    u8 bits;
};

template <int MASK, bool HAS_PART> DEVICE Saved load_saved(const cresset_gpu_batchnorm &p, i64 offset) {
    Saved s;
    s.x = *(const Elements *)((const ELEMENT *)p.x + offset);
    s.gradient = *(const Elements *)((const ELEMENT *)p.gradient + offset);
    if (HAS_PART) s.part = *(const Elements *)((const ELEMENT *)p.gradient_part + offset);
    if (MASK == mask_of_result) s.result = *(const Elements *)((const ELEMENT *)p.result + offset);
    if (MASK == mask_of_bits) s.bits = p.mask[offset / WIDTH];
    return s;
}

// Rounded as a sum that was stored would be.
template <int MASK, bool HAS_PART> DEVICE Real masked_gradient(const Saved &s, const Channels &c, int j) {
    Real g = load(s.gradient.v[j]);
    if (HAS_PART) g = load(store<ELEMENT>(g + load(s.part.v[j])));
    if (MASK == mask_of_result) return load(s.result.v[j]) <= 0 ? 0 : g;
    if (MASK == mask_of_bits) return s.bits >> j & 1 ? g : 0;
    if (MASK == mask_of_x) return preactivation(load(s.x.v[j]), c, j) <= 0 ? 0 : g;
    return g;
}

// Sums of the masked gradient, and of it times (x - mean). If STORES, the masked gradient is kept for the second pass,
// which then reads neither the gradient's parts nor what the mask is derived from.
template <int MASK, bool HAS_PART, bool STORES> DEVICE void gradient_sums(const cresset_gpu_batchnorm &p) {
    const Place at = place_of(p);
    const Channels c = channels_of(p, at);
    Real sum[WIDTH], product[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) sum[j] = product[j] = 0;
    for_each_row<2>(
        at, [&](i64 row) { return load_saved<MASK, HAS_PART>(p, row * p.channels + at.channel); },
        [&](i64 row, const Saved &s) {
            Elements masked;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real g = masked_gradient<MASK, HAS_PART>(s, c, j);
                sum[j] += g;
                product[j] += g * (load(s.x.v[j]) - c.mean[j]);
                if (STORES) masked.v[j] = store<ELEMENT>(g);
            }
            if (STORES && p.masked) *(Elements *)((ELEMENT *)p.masked + row * p.channels + at.channel) = masked;
        });
    SHARED(Real, sums, [WIDTH][block]);
    SHARED(Real, products, [WIDTH][block]);
    const int t = (int)threadIdx.x;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        sums[j][t] = sum[j];
        products[j][t] = product[j];
    }
    for (int half = at.thread_rows / 2; half; half /= 2) {
        __syncthreads();
        if (at.thread_row >= half) continue;
        UNROLL for (int j = 0; j < WIDTH; j++) {
            sums[j][t] += sums[j][t + half * at.columns];
            products[j][t] += products[j][t + half * at.columns];
        }
    }
    if (at.thread_row || at.channel >= p.channels) return;
    Real *partial = (Real *)p.partial + (i64)at.chunk * 2 * p.channels + at.channel;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        partial[j] = sums[j][t];
        partial[p.channels + j] = products[j][t];
    }
}

#define GRADIENT_SUMS(NAME, MASK, HAS_PART, STORES) \
    KERNEL_WITH_ROOM(NAME, block, WIDTH == 1 && sizeof(ELEMENT) < 8 ? 5 : MASK == mask_of_x && HAS_PART ? 2 : 0) \
    (cresset_gpu_batchnorm p) { gradient_sums<MASK, HAS_PART, STORES>(p); } \
    EXPORT(NAME)
GRADIENT_SUMS(batchnorm_gradient_sums, no_mask, false, false)
GRADIENT_SUMS(batchnorm_gradient_sums_x, mask_of_x, false, false)
GRADIENT_SUMS(batchnorm_gradient_sums_result, mask_of_result, false, true)
GRADIENT_SUMS(batchnorm_gradient_sums_bits, mask_of_bits, false, true)
GRADIENT_SUMS(batchnorm_gradient_sums_parts, no_mask, true, true)
GRADIENT_SUMS(batchnorm_gradient_sums_parts_x, mask_of_x, true, true)
GRADIENT_SUMS(batchnorm_gradient_sums_parts_result, mask_of_result, true, true)
GRADIENT_SUMS(batchnorm_gradient_sums_parts_bits, mask_of_bits, true, true)

KERNEL(batchnorm_finish_gradient, finish_block)(cresset_gpu_batchnorm p) {
    const int channel = (int)(blockIdx.x * finish_columns + threadIdx.x % finish_columns);
    const int row = (int)threadIdx.x / finish_columns;
    const Real *partial = (const Real *)p.partial + channel;
    Sums sums = {0, 0};
    if (channel < p.channels)
        for (int chunk = row; chunk < p.chunks; chunk += finish_rows) {
            sums.first += partial[(i64)chunk * 2 * p.channels];
            sums.second += partial[(i64)chunk * 2 * p.channels + p.channels];
        }
    sums = sum_columns(sums);
    if (channel >= p.channels || row) return;
    f64 variance[1];
    read_channels<1, f64>(p.variance, channel, 1, variance);
    const f64 spread = variance[0] + p.epsilon, count = (f64)p.rows;
    store_channel(p.first_sum, p.first_dtype, channel, sums.second / root(spread));
    store_channel(p.second_sum, p.second_dtype, channel, sums.first);
    Real *coefficients = (Real *)p.coefficients;
    coefficients[channel] = (Real)(p.uses_batch ? sums.first / count : 0);
    coefficients[p.channels + channel] = (Real)(p.uses_batch ? sums.second / count / spread : 0);
}
EXPORT(batchnorm_finish_gradient)

template <int MASK> DEVICE void gradient(const cresset_gpu_batchnorm &p) {
    const Place at = place_of(p);
    if (at.row >= at.end) return;
    const Channels c = channels_of(p, at);
    const Real *coefficients = (const Real *)p.coefficients + at.channel;
    Real centre[WIDTH], slope[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) {
        centre[j] = coefficients[j];
        slope[j] = coefficients[p.channels + j];
    }
    for_each_row<2>(
        at, [&](i64 row) { return load_saved<MASK, false>(p, (p.rows - 1 - row) * p.channels + at.channel); },
        [&](i64 row, const Saved &s) {
            Elements r;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real g = masked_gradient<MASK, false>(s, c, j);
                r.v[j] = store<ELEMENT>((g - centre[j] - (load(s.x.v[j]) - c.mean[j]) * slope[j]) * c.scale[j]);
            }
            *(Elements *)((ELEMENT *)p.out + (p.rows - 1 - row) * p.channels + at.channel) = r;
        });
}

KERNEL(batchnorm_gradient, block)(cresset_gpu_batchnorm p) { gradient<no_mask>(p); }
EXPORT(batchnorm_gradient)
KERNEL(batchnorm_gradient_x, block)(cresset_gpu_batchnorm p) { gradient<mask_of_x>(p); }
EXPORT(batchnorm_gradient_x)
