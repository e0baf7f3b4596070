// Normalisation of parts of examples, each contiguous in memory, with as many threads per part as its length warrants,
// from a few lanes of a warp to a whole block. A part is read from memory once; it is in the cache when it is read
// again.
//
// ELEMENT is the type stored in memory, WEIGHT that of weights and biases, WIDTH the number of elements that a thread
// moves at once: as many as fit in 16 bytes, or one.
#include "device.h"
#include "normalization.h"

typedef compute<ELEMENT> Real;
typedef Vec<ELEMENT, WIDTH> Elements;

enum { block = 512, finish_columns = 8, finish_rows = block / finish_columns, sums_block = 256 };

DEVICE float root(float x) { return sqrtf(x); }
DEVICE double root(double x) { return sqrt(x); }

// a / b rounded down, for a >= 0, using 1 / b where a is too long for a fast division.
DEVICE i64 quotient(i64 a, i64 b, f64 inverse) {
    if (!(a >> 32) && !(b >> 32)) return (i64)((u32)a / (u32)b);
    const i64 q = (i64)((f64)a * inverse), rest = a - q * b;
    return rest < 0 ? q - 1 : rest >= b ? q + 1 : q;
}

// The thread's part, and its position among the threads of that part.
struct Place {
    i64 part;
    int group;
    u32 thread;
    bool is_inside;
};

DEVICE Place place_of(const cresset_gpu_normalization &p) {
    Place at;
    at.part = (i64)blockIdx.x * (blockDim.x >> p.part_bits) + (threadIdx.x >> p.part_bits);
    at.thread = threadIdx.x & ((1u << p.part_bits) - 1);
    at.is_inside = at.part < p.parts;
    const i64 example = quotient(at.part, p.groups, p.groups_inverse);
    at.group = (int)(at.part - example * p.groups);
    return at;
}

// A few adjacent elements: where they are in memory, and their first channel.
struct Unit {
    i64 offset;
    int channel;
    bool is_inside;
};

DEVICE Unit unit_of(const cresset_gpu_normalization &p, const Place &at, u32 number) {
    Unit u;
    const u32 line = number >> p.line_bits;
    const i64 i = (i64)(number - (line << p.line_bits)) * WIDTH;
    u.is_inside = number < p.units && i < p.length;
    u.offset = (at.part * p.lines + line) * p.length + i;
    u.channel = at.group * p.channels + (int)(p.has_channel_lines ? line : i);
    return u;
}

// Calls use(unit, load(unit)) for the units of a thread, with several loads in flight at a time.
template <int AHEAD, class Load, class Use>
DEVICE void for_each_unit(const cresset_gpu_normalization &p, const Place &at, Load load, Use use) {
    for (u32 first = at.is_inside ? at.thread : p.units; first < p.units; first += (u32)AHEAD << p.part_bits) {
        Unit units[AHEAD];
        decltype(load(units[0])) kept[AHEAD];
        UNROLL for (int i = 0; i < AHEAD; i++) {
            units[i] = unit_of(p, at, first + ((u32)i << p.part_bits));
            if (units[i].is_inside) kept[i] = load(units[i]);
        }
        UNROLL for (int i = 0; i < AHEAD; i++)
            if (units[i].is_inside) use(units[i], kept[i]);
    }
}

DEVICE Elements elements(const void *memory, i64 offset) {
    return *(const Elements *)((const ELEMENT *)memory + offset);
}

struct Values { Real v[WIDTH]; };

// Weights or biases of a unit's channels.
DEVICE Values values(const cresset_gpu_normalization &p, const void *memory, int channel, Real missing) {
    Values r;
    if (!memory || p.has_channel_lines) {
        const Real one = memory ? (Real)load(((const WEIGHT *)memory)[channel]) : missing;
        UNROLL for (int j = 0; j < WIDTH; j++) r.v[j] = one;
        return r;
    }
    // Wider than 16 bytes if weights are wider than elements.
    enum { piece = WIDTH * sizeof(WEIGHT) > 16 ? 16 / sizeof(WEIGHT) : WIDTH };
    UNROLL for (int i = 0; i < WIDTH; i += piece) {
        const Vec<WEIGHT, piece> part = *(const Vec<WEIGHT, piece> *)((const WEIGHT *)memory + channel + i);
        UNROLL for (int j = 0; j < piece; j++) r.v[i + j] = (Real)load(part.v[j]);
    }
    return r;
}

// MARK: Sums over a part's threads

// The number of elements, their mean, and the sum of their squared distances from it.
struct Moments {
    Real count, mean, square;
    DEVICE Moments of_lane(int mask) const {
        Moments m = {
            __shfl_xor_sync(0xffffffffu, count, mask), __shfl_xor_sync(0xffffffffu, mean, mask),
            __shfl_xor_sync(0xffffffffu, square, mask)};
        return m;
    }
    static DEVICE Moments join(const Moments &a, const Moments &b) {
        if (b.count == 0) return a;
        const Real part = b.count / (a.count + b.count), apart = b.mean - a.mean;
        Moments m = {
            a.count + b.count, a.mean + apart * part, a.square + b.square + apart * apart * a.count * part};
        return m;
    }
};

struct Pair {
    Real sum, product;
    DEVICE Pair of_lane(int mask) const {
        Pair r = {__shfl_xor_sync(0xffffffffu, sum, mask), __shfl_xor_sync(0xffffffffu, product, mask)};
        return r;
    }
    static DEVICE Pair join(const Pair &a, const Pair &b) {
        Pair r = {a.sum + b.sum, a.product + b.product};
        return r;
    }
};

template <class S> DEVICE S join_lanes(S s, int lanes) {
    const int lane = (int)threadIdx.x & 31;
    for (int mask = 1; mask < lanes; mask *= 2) {
        const S other = s.of_lane(mask);
        // All lanes combine in the same order, so that all have the same result.
        s = lane & mask ? S::join(other, s) : S::join(s, other);
    }
    return s;
}

// Combines the values of the threads of each part; all of them get the result. All threads of the block must take part.
template <class S> DEVICE S join_part(S s, int part_bits) {
    s = join_lanes(s, part_bits < 5 ? 1 << part_bits : 32);
    if (part_bits <= 5) return s;
    SHARED(S, warps, [block / 32]);
    const int warp = (int)threadIdx.x >> 5, lane = (int)threadIdx.x & 31, count = 1 << (part_bits - 5);
    __syncthreads();
    if (lane == 0) warps[warp] = s;
    __syncthreads();
    return join_lanes(warps[(warp & ~(count - 1)) + (lane & (count - 1))], count);
}

// MARK: Normalising

KERNEL(normalize, block)(cresset_gpu_normalization p) {
    const Place at = place_of(p);
    // Differences from the thread's first element, so that no large mean swallows a small variance.
    Real shift = 0, sum = 0, square = 0;
    u32 count = 0;
    for_each_unit<4>(
        p, at, [&](const Unit &u) { return elements(p.x, u.offset); },
        [&](const Unit &, const Elements &e) {
            if (count == 0 && p.is_centred) shift = load(e.v[0]);
            count += WIDTH;
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real d = load(e.v[j]) - shift;
                sum += d;
                square += d * d;
            }
        });
    const Real away = count ? sum / (Real)count : 0;
    Moments mine = {(Real)count, shift + away, square - sum * away};
    // Without a mean, the sum of squares is what is needed.
    if (!p.is_centred) {
        mine.mean = 0;
        mine.square = square;
    }
    const Moments all = join_part(mine, p.part_bits);
    const Real spread = all.square / all.count, mean = all.mean;
    // Rounding may leave the variance of a constant part just below zero; NaN must stay NaN.
    const Real scale = 1 / root((spread < 0 ? 0 : spread) + (Real)p.epsilon);
    if (at.is_inside && at.thread == 0) {
        p.mean[at.part] = mean;
        p.scale[at.part] = scale;
    }
    for_each_unit<4>(
        p, at, [&](const Unit &u) { return elements(p.x, u.offset); },
        [&](const Unit &u, const Elements &e) {
            const Values weight = values(p, p.weight, u.channel, 1), bias = values(p, p.bias, u.channel, 0);
            Elements r;
            UNROLL for (int j = 0; j < WIDTH; j++)
                r.v[j] = store<ELEMENT>((load(e.v[j]) - mean) * scale * weight.v[j] + bias.v[j]);
            *(Elements *)((ELEMENT *)p.out + u.offset) = r;
        });
}
EXPORT(normalize)

// MARK: Gradients

struct Saved { Elements x, gradient; };

// dx = scale (dn - mean of dn - n mean of dn n), where n are the normalised values and dn = gradient weight. A product
// and its mean over one element must cancel exactly, so products are rounded.
KERNEL(normalize_gradient, block)(cresset_gpu_normalization p) {
    const Place at = place_of(p);
    const Real mean = at.is_inside ? (Real)p.mean[at.part] : 0, scale = at.is_inside ? (Real)p.scale[at.part] : 0;
    auto load_saved = [&](const Unit &u) {
        Saved s = {elements(p.x, u.offset), elements(p.gradient, u.offset)};
        return s;
    };
    Pair sums = {0, 0};
    for_each_unit<2>(p, at, load_saved, [&](const Unit &u, const Saved &s) {
        const Values weight = values(p, p.weight, u.channel, 1);
        UNROLL for (int j = 0; j < WIDTH; j++) {
            const Real dn = rounded_product(load(s.gradient.v[j]), weight.v[j]);
            sums.sum += dn;
            sums.product = rounded_sum(sums.product, rounded_product(dn, (load(s.x.v[j]) - mean) * scale));
        }
    });
    sums = join_part(sums, p.part_bits);
    const Real count = (Real)p.length * (Real)p.lines;
    const Real centre = p.is_centred ? sums.sum / count : 0, slope = sums.product / count;
    for_each_unit<2>(p, at, load_saved, [&](const Unit &u, const Saved &s) {
        const Values weight = values(p, p.weight, u.channel, 1);
        Elements r;
        UNROLL for (int j = 0; j < WIDTH; j++) {
            const Real dn = rounded_product(load(s.gradient.v[j]), weight.v[j]);
            const Real n = (load(s.x.v[j]) - mean) * scale;
            r.v[j] = store<ELEMENT>((dn - centre - rounded_product(n, slope)) * scale);
        }
        *(Elements *)((ELEMENT *)p.out + u.offset) = r;
    });
}
EXPORT(normalize_gradient)

// MARK: Gradients of weights and biases

// Parts without positions: sums over a block's rows.
KERNEL(normalize_row_sums, sums_block)(cresset_gpu_normalization_sums p) {
    const u32 columns = 1u << p.column_bits, tile = blockIdx.x % (u32)p.tiles;
    const int chunk = (int)(blockIdx.x / (u32)p.tiles), t = (int)threadIdx.x;
    const int thread_row = t >> p.column_bits, height = sums_block >> p.column_bits;
    const int channel = (int)((tile << p.column_bits) + ((u32)t & (columns - 1))) * WIDTH;
    const bool is_inside = channel < p.all;
    const int group = channel / p.channels;
    Real sum[WIDTH], product[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) sum[j] = product[j] = 0;
    struct Row { Elements x, gradient; Real mean, scale; };
    // From last row to first: what was read last may still be in the cache.
    auto load_row = [&](i64 number) {
        const i64 row = p.rows - 1 - number, part = row * p.groups + group, offset = row * p.all + channel;
        Row r = {
            elements(p.x, offset), elements(p.gradient, offset), (Real)p.mean[part], (Real)p.scale[part]};
        return r;
    };
    auto use = [&](const Row &r) {
        UNROLL for (int j = 0; j < WIDTH; j++) {
            const Real g = load(r.gradient.v[j]);
            sum[j] += g;
            product[j] += g * ((load(r.x.v[j]) - r.mean) * r.scale);
        }
    };
    const i64 step = (i64)p.chunks * height;
    i64 row = (i64)chunk * height + thread_row;
    if (is_inside) {
        for (; row + step < p.rows; row += 2 * step) {
            const Row a = load_row(row), b = load_row(row + step);
            use(a);
            use(b);
        }
        if (row < p.rows) use(load_row(row));
    }
    SHARED(Real, sums, [WIDTH][sums_block]);
    SHARED(Real, products, [WIDTH][sums_block]);
    UNROLL for (int j = 0; j < WIDTH; j++) {
        sums[j][t] = sum[j];
        products[j][t] = product[j];
    }
    for (int half = height / 2; half; half /= 2) {
        __syncthreads();
        if (thread_row >= half) continue;
        UNROLL for (int j = 0; j < WIDTH; j++) {
            sums[j][t] += sums[j][t + half * (int)columns];
            products[j][t] += products[j][t + half * (int)columns];
        }
    }
    if (thread_row || !is_inside) return;
    Real *partial = (Real *)p.partial + (i64)chunk * 2 * p.all + channel;
    UNROLL for (int j = 0; j < WIDTH; j++) {
        partial[j] = products[j][t];
        partial[p.all + j] = sums[j][t];
    }
}
EXPORT(normalize_row_sums)

// The positions of a channel are adjacent: sums over an example's plane.
KERNEL(normalize_plane_sums, block)(cresset_gpu_normalization_sums p) {
    const i64 number = (i64)blockIdx.x * (blockDim.x >> p.part_bits) + (threadIdx.x >> p.part_bits);
    const bool is_inside = number < p.rows * p.all;
    const i64 example = quotient(number, p.all, p.all_inverse);
    const int channel = (int)(number - example * p.all);
    const i64 part = example * p.groups + channel / p.channels;
    const i64 threads = 1ll << p.part_bits, vectors = p.plane / WIDTH;
    Pair sums = {0, 0};
    if (is_inside) {
        const Real mean = (Real)p.mean[part], scale = (Real)p.scale[part];
        for (i64 i = threadIdx.x & (threads - 1); i < vectors; i += threads) {
            const i64 offset = number * p.plane + i * WIDTH;
            const Elements x = elements(p.x, offset), gradient = elements(p.gradient, offset);
            UNROLL for (int j = 0; j < WIDTH; j++) {
                const Real g = load(gradient.v[j]);
                sums.sum += g;
                sums.product += g * ((load(x.v[j]) - mean) * scale);
            }
        }
    }
    sums = join_part(sums, p.part_bits);
    if (!is_inside || (threadIdx.x & (threads - 1))) return;
    Real *partial = (Real *)p.partial + example * 2 * p.all + channel;
    partial[0] = sums.product;
    partial[p.all] = sums.sum;
}
EXPORT(normalize_plane_sums)

// Adds up the partial sums of a few channels, in order.
KERNEL(normalize_finish_sums, block)(cresset_gpu_normalization_sums p) {
    SHARED(f64, products, [finish_rows][finish_columns]);
    SHARED(f64, sums, [finish_rows][finish_columns]);
    const int column = (int)threadIdx.x % finish_columns, row = (int)threadIdx.x / finish_columns;
    const int channel = (int)blockIdx.x * finish_columns + column;
    f64 product = 0, sum = 0;
    if (channel < p.all)
        for (int chunk = row; chunk < p.chunks; chunk += finish_rows) {
            const Real *partial = (const Real *)p.partial + (i64)chunk * 2 * p.all + channel;
            product += partial[0];
            sum += partial[p.all];
        }
    products[row][column] = product;
    sums[row][column] = sum;
    for (int half = finish_rows / 2; half; half /= 2) {
        __syncthreads();
        if (row >= half) continue;
        products[row][column] += products[row + half][column];
        sums[row][column] += sums[row + half][column];
    }
    if (row || channel >= p.all) return;
    p.weight_gradient[channel] = products[0][column];
    p.bias_gradient[channel] = sums[0][column];
}
EXPORT(normalize_finish_sums)
