// Pools over dense channels-last activations. Every kernel gathers: a thread writes its elements of the result once,
// from everything they depend on, in one order.
//
// ELEMENT is the type stored in memory, WIDTH the number of channels per thread: as many as fit in 16 bytes, or one.
#include "device.h"
#include "pool.h"

typedef compute<ELEMENT> Real;
typedef Vec<ELEMENT, WIDTH> Elements;

enum { block = 256, blocks = sizeof(ELEMENT) == 2 ? 5 : 4 };

// a / b rounded up, for b > 0; 0 if a is negative.
DEVICE int divide_up(int a, int b) { return a <= 0 ? 0 : b == 1 ? a : (int)(((u32)a + (u32)b - 1) / (u32)b); }
// a / b rounded down, for a >= 0, using 1 / b: far fewer instructions than a 64-bit division.
DEVICE i64 quotient(i64 a, u32 b, f64 inverse) {
    const i64 q = (i64)((f64)a * inverse), rest = a - q * b;
    return rest < 0 ? q - 1 : rest >= (i64)b ? q + 1 : q;
}

// Where the i-th of `count` equal parts of a length begins, rounded down, and ends, rounded up.
DEVICE int part_begin(int i, int length, int count, f64 inverse) {
    return (int)quotient((i64)i * length, (u32)count, inverse);
}
DEVICE int part_end(int i, int length, int count, f64 inverse) {
    return (int)quotient((i64)(i + 1) * length + count - 1, (u32)count, inverse);
}

// A thread's element of the result: its channels, its example and its position in the plane.
struct Place {
    int channel;
    i64 row, example;
    int index, position[3];
    bool is_inside;
};

DEVICE Place place_of(const cresset_gpu_pool &p, const int (&lengths)[3]) {
    Place at;
    const u32 columns = 1u << p.column_bits, tile = blockIdx.x % (u32)p.tiles;
    at.channel = (int)((tile << p.column_bits) + (threadIdx.x & (columns - 1))) * WIDTH;
    at.row = (i64)(blockIdx.x / (u32)p.tiles) * (block >> p.column_bits) + (threadIdx.x >> p.column_bits);
    at.is_inside = at.channel < p.channels && at.row < p.rows;
    const u32 plane = (u32)lengths[0] * (u32)lengths[1] * (u32)lengths[2];
    at.example = at.row >> 32 ? quotient(at.row, plane, p.plane_inverse) : (i64)((u32)at.row / plane);
    const u32 index = (u32)(at.row - at.example * plane), line = index / (u32)lengths[2];
    at.index = (int)index;
    at.position[2] = (int)(index - line * (u32)lengths[2]);
    at.position[0] = (int)(line / (u32)lengths[1]);
    at.position[1] = (int)(line - (u32)at.position[0] * (u32)lengths[1]);
    return at;
}

// The taps of a window that fall on the input, axis by axis, and where tap 0 would be.
struct Span { int start[3], begin[3], end[3]; };

DEVICE Span span_of(const cresset_gpu_pool &p, const int (&window)[3]) {
    Span s;
    UNROLL for (int d = 0; d < 3; d++) {
        if (p.is_adaptive) {
            s.start[d] = part_begin(window[d], p.in[d], p.windows[d], p.windows_inverse[d]);
            s.begin[d] = 0;
            s.end[d] = part_end(window[d], p.in[d], p.windows[d], p.windows_inverse[d]) - s.start[d];
        } else {
            s.start[d] = window[d] * p.stride[d] - p.padding_before[d];
            s.begin[d] = divide_up(-s.start[d], p.dilation[d]);
            s.end[d] = smaller(p.kernel[d], divide_up(p.in[d] - s.start[d], p.dilation[d]));
        }
    }
    return s;
}

// The windows whose span contains an input position, axis by axis.
struct Cover { int begin[3], end[3]; };

DEVICE Cover windows_over(const cresset_gpu_pool &p, const int (&position)[3]) {
    Cover c;
    UNROLL for (int d = 0; d < 3; d++) {
        if (p.is_adaptive) {
            c.begin[d] = part_begin(position[d], p.windows[d], p.in[d], p.in_inverse[d]);
            c.end[d] = part_end(position[d], p.windows[d], p.in[d], p.in_inverse[d]);
        } else {
            const int padded = position[d] + p.padding_before[d];
            c.begin[d] = divide_up(padded - (p.kernel[d] - 1) * p.dilation[d], p.stride[d]);
            c.end[d] = smaller(p.windows[d], (int)((u32)padded / (u32)p.stride[d]) + 1);
        }
    }
    return c;
}

// Whether one of the window's taps falls on the input position, which lies in its span.
DEVICE bool touches(const cresset_gpu_pool &p, const int (&position)[3], const int (&window)[3]) {
    if (p.is_adaptive) return true;
    bool all = true;
    UNROLL for (int d = 0; d < 3; d++)
        if (p.dilation[d] != 1)
            all = all && (position[d] + p.padding_before[d] - window[d] * p.stride[d]) % p.dilation[d] == 0;
    return all;
}

// What a window's sum is divided by.
DEVICE Real divisor_of(const cresset_gpu_pool &p, const Span &s) {
    if (p.divisor) return (Real)p.divisor;
    i64 count = 1;
    UNROLL for (int d = 0; d < 3; d++)
        count *= p.counts_padding
                     ? smaller(p.kernel[d], divide_up(p.in[d] + p.padding_after[d] - s.start[d], p.dilation[d]))
                     : larger(s.end[d] - s.begin[d], 0);
    return (Real)count;
}

DEVICE int index_of_tap(const cresset_gpu_pool &p, const Span &s, int t0, int t1, int t2) {
    return ((s.start[0] + t0 * p.dilation[0]) * p.in[1] + s.start[1] + t1 * p.dilation[1]) * p.in[2] + s.start[2] +
           t2 * p.dilation[2];
}

// Calls body(index) for every tap of a window, with its position in the input plane.
template <class F> DEVICE void for_each_tap(const cresset_gpu_pool &p, const Span &s, F body) {
    for (int t0 = s.begin[0]; t0 < s.end[0]; t0++)
        for (int t1 = s.begin[1]; t1 < s.end[1]; t1++) {
            int index = index_of_tap(p, s, t0, t1, s.begin[2]);
            for (int t2 = s.begin[2]; t2 < s.end[2]; t2++, index += p.dilation[2]) body(index);
        }
}

// Calls body(window) for every window over an input position.
template <class F> DEVICE void for_each_window(const Cover &c, F body) {
    int window[3];
    for (window[0] = c.begin[0]; window[0] < c.end[0]; window[0]++)
        for (window[1] = c.begin[1]; window[1] < c.end[1]; window[1]++)
            for (window[2] = c.begin[2]; window[2] < c.end[2]; window[2]++) body(window);
}

DEVICE i64 offset_of_window(const cresset_gpu_pool &p, const Place &at, const int (&window)[3]) {
    const i64 plane = (i64)p.windows[0] * p.windows[1] * p.windows[2];
    const i64 from = ((i64)window[0] * p.windows[1] + window[1]) * p.windows[2] + window[2];
    return (at.example * plane + from) * p.channels + at.channel;
}

// MARK: Largest elements

// One index per channel of a thread, moved in pieces of 16 bytes.
template <class I> struct Indices {
    static const int piece = WIDTH * sizeof(I) > 16 ? 16 / sizeof(I) : WIDTH;
    I v[WIDTH];

    DEVICE void read(const I *p) {
        UNROLL for (int i = 0; i < WIDTH; i += piece) {
            const Vec<I, piece> part = *(const Vec<I, piece> *)(p + i);
            UNROLL for (int j = 0; j < piece; j++) v[i + j] = part.v[j];
        }
    }
    DEVICE void write(I *p) const {
        UNROLL for (int i = 0; i < WIDTH; i += piece) {
            Vec<I, piece> part;
            UNROLL for (int j = 0; j < piece; j++) part.v[j] = v[i + j];
            *(Vec<I, piece> *)(p + i) = part;
        }
    }
};

KERNEL_WITH_ROOM(pool_max, block, blocks)(cresset_gpu_pool p) {
    const Place at = place_of(p, p.windows);
    if (!at.is_inside) return;
    const Span s = span_of(p, at.position);
    const i64 plane = (i64)p.in[0] * p.in[1] * p.in[2];
    const ELEMENT *x = (const ELEMENT *)p.x + at.example * plane * p.channels + at.channel;
    Real best[WIDTH];
    Indices<i32> found;
    // If nothing is larger than minus infinity, the first element is chosen.
    const int first = index_of_tap(p, s, s.begin[0], s.begin[1], s.begin[2]);
    UNROLL for (int j = 0; j < WIDTH; j++) {
        best[j] = (Real)-INFINITY_F32;
        found.v[j] = first;
    }
    for_each_tap(p, s, [&](int index) {
        const Elements e = *(const Elements *)(x + (i64)index * p.channels);
        UNROLL for (int j = 0; j < WIDTH; j++) {
            const Real v = load(e.v[j]);
            if (v > best[j] || v != v) {
                best[j] = v;
                found.v[j] = index;
            }
        }
    });
    const i64 offset = at.row * p.channels + at.channel;
    Elements r;
    UNROLL for (int j = 0; j < WIDTH; j++) r.v[j] = store<ELEMENT>(best[j]);
    *(Elements *)((ELEMENT *)p.out + offset) = r;
    if (!p.indices) return;
    if (!p.has_wide_indices) return found.write((i32 *)p.indices + offset);
    Indices<i64> wide;
    UNROLL for (int j = 0; j < WIDTH; j++) wide.v[j] = found.v[j];
    wide.write((i64 *)p.indices + offset);
}
EXPORT(pool_max)

// A window that skips the position (dilation) has another index, so all windows whose span contains it are checked.
template <class I> DEVICE void max_gradient(const cresset_gpu_pool &p) {
    const Place at = place_of(p, p.in);
    if (!at.is_inside) return;
    Real sum[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) sum[j] = 0;
    const auto add = [&](const Indices<I> &indices, const Elements &e) {
        UNROLL for (int j = 0; j < WIDTH; j++)
            if (indices.v[j] == (I)at.index) sum[j] += load(e.v[j]);
    };
    const Cover c = windows_over(p, at.position);
    const int lines = c.end[1] - c.begin[1], columns = c.end[2] - c.begin[2];
    if (c.end[0] - c.begin[0] == 1 && (lines == 1 || lines == 2) && (columns == 1 || columns == 2)) {
        // At most two windows along an axis, as in most networks: all are loaded before the first is used.
        Indices<I> indices[4];
        Elements e[4];
        UNROLL for (int i = 0; i < 4; i++) {
            const int window[3] = {
                c.begin[0], c.begin[1] + smaller(i / 2, lines - 1), c.begin[2] + smaller(i % 2, columns - 1)};
            const i64 offset = offset_of_window(p, at, window);
            indices[i].read((const I *)p.indices + offset);
            e[i] = *(const Elements *)((const ELEMENT *)p.x + offset);
        }
        UNROLL for (int i = 0; i < 4; i++)
            if (i / 2 < lines && i % 2 < columns) add(indices[i], e[i]);
    } else {
        for_each_window(c, [&](const int (&window)[3]) {
            const i64 offset = offset_of_window(p, at, window);
            Indices<I> indices;
            indices.read((const I *)p.indices + offset);
            add(indices, *(const Elements *)((const ELEMENT *)p.x + offset));
        });
    }
    Elements r;
    UNROLL for (int j = 0; j < WIDTH; j++) r.v[j] = store<ELEMENT>(sum[j]);
    *(Elements *)((ELEMENT *)p.out + at.row * p.channels + at.channel) = r;
}

KERNEL_WITH_ROOM(pool_max_gradient, block, 4)(cresset_gpu_pool p) { max_gradient<i32>(p); }
EXPORT(pool_max_gradient)
KERNEL_WITH_ROOM(pool_max_gradient_wide, block, WIDTH > 4 ? 2 : 3)(cresset_gpu_pool p) { max_gradient<i64>(p); }
EXPORT(pool_max_gradient_wide)

// MARK: Means

KERNEL_WITH_ROOM(pool_average, block, blocks)(cresset_gpu_pool p) {
    const Place at = place_of(p, p.windows);
    if (!at.is_inside) return;
    const Span s = span_of(p, at.position);
    const i64 plane = (i64)p.in[0] * p.in[1] * p.in[2];
    const ELEMENT *x = (const ELEMENT *)p.x + at.example * plane * p.channels + at.channel;
    Real sum[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) sum[j] = 0;
    for_each_tap(p, s, [&](int index) {
        const Elements e = *(const Elements *)(x + (i64)index * p.channels);
        UNROLL for (int j = 0; j < WIDTH; j++) sum[j] += load(e.v[j]);
    });
    const Real divisor = divisor_of(p, s);
    Elements r;
    UNROLL for (int j = 0; j < WIDTH; j++) r.v[j] = store<ELEMENT>(sum[j] / divisor);
    *(Elements *)((ELEMENT *)p.out + at.row * p.channels + at.channel) = r;
}
EXPORT(pool_average)

KERNEL_WITH_ROOM(pool_average_gradient, block, 4)(cresset_gpu_pool p) {
    const Place at = place_of(p, p.in);
    if (!at.is_inside) return;
    Real sum[WIDTH];
    UNROLL for (int j = 0; j < WIDTH; j++) sum[j] = 0;
    for_each_window(windows_over(p, at.position), [&](const int (&window)[3]) {
        if (!touches(p, at.position, window)) return;
        const Real divisor = divisor_of(p, span_of(p, window));
        const Elements e = *(const Elements *)((const ELEMENT *)p.x + offset_of_window(p, at, window));
        UNROLL for (int j = 0; j < WIDTH; j++) sum[j] += load(e.v[j]) / divisor;
    });
    Elements r;
    UNROLL for (int j = 0; j < WIDTH; j++) r.v[j] = store<ELEMENT>(sum[j]);
    *(Elements *)((ELEMENT *)p.out + at.row * p.channels + at.channel) = r;
}
EXPORT(pool_average_gradient)
