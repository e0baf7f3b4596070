// Running sums, products, maxima and minima along an axis. A unit is one operator on one type:
//   OPERATION   0 sum, 1 product, 2 maximum, 3 minimum
//   ELEMENT     the type
//   FLOATING    whether it has fractions
//   WAY         0: one thread per line; 1: one block per part of a line; 2: the totals of parts
// float32 accumulates in float64, as on the CPU; integers wrap around; NaN is more extreme than anything.
#include "device.h"
#include "scan.h"

enum { block_threads = 256, warps = block_threads / 32, items = 4, tile = block_threads * items };

template <class E> struct running_of { typedef compute<E> type; };
template <> struct running_of<f32> { typedef f64 type; };
// Unsigned where the sum of integers may wrap around.
#if OPERATION < 2
template <> struct running_of<i64> { typedef u64 type; };
template <> struct running_of<i32> { typedef u32 type; };
#endif
typedef typename running_of<ELEMENT>::type A;

// The neutral element.
DEVICE A start() {
#if OPERATION < 2
    return OPERATION;
#elif FLOATING
    return OPERATION == 2 ? -(A)INFINITY_F32 : (A)INFINITY_F32;
#else
    return (A)(OPERATION == 2 ? (i64)1 << (sizeof(A) * 8 - 1) : ~((i64)1 << (sizeof(A) * 8 - 1)));
#endif
}
DEVICE A merge(A a, A b) {
#if OPERATION == 0
    return a + b;
#elif OPERATION == 1
    return a * b;
#else
    return a == a && (b != b || (OPERATION == 2 ? b > a : b < a)) ? b : a;
#endif
}
DEVICE A get(ELEMENT x) { return (A)load(x); }
DEVICE ELEMENT put(A a) { return store<ELEMENT>((compute<ELEMENT>)a); }

// The combined value of all threads before this one in the block; `whole` is that of all.
DEVICE A before(A mine, A &whole) {
    SHARED(A, totals, [warps]);
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    A sum = mine;
    UNROLL for (int d = 1; d < 32; d <<= 1) {
        A other = __shfl_up_sync(0xffffffffu, sum, d);
        if (lane >= d) sum = merge(other, sum);
    }
    A previous = __shfl_up_sync(0xffffffffu, sum, 1);
    __syncthreads();
    if (lane == 31) totals[warp] = sum;
    __syncthreads();
    A base = start();
    whole = start();
    UNROLL for (int w = 0; w < warps; w++) {
        if (w < warp) base = merge(base, totals[w]);
        whole = merge(whole, totals[w]);
    }
    return lane == 0 ? base : merge(base, previous);
}

// The part of a line that a block works on.
struct Part {
    const ELEMENT *in;
    ELEMENT *out;
    i64 line, begin, end;
};
DEVICE Part part_of(const cresset_scan &p) {
    Part part;
    i64 at[2];
    part.line = blockIdx.x;
    locate<2>(p.lines, (u64)part.line, at);
    part.in = (const ELEMENT *)p.in + at[1];
    part.out = (ELEMENT *)p.out + at[0];
    part.begin = p.part * blockIdx.y;
    part.end = smaller(part.begin + p.part, p.length);
    return part;
}

#if WAY == 0

KERNEL_WITH_ROOM(scan, block_threads, FLOATING && OPERATION >= 2 && sizeof(ELEMENT) == 8 ? 6 : 0)(cresset_scan p) {
    i64 line = (i64)blockIdx.x * block_threads + threadIdx.x;
    if (line >= p.lines.count) return;
    i64 at[2];
    locate<2>(p.lines, (u64)line, at);
    const ELEMENT *in = (const ELEMENT *)p.in + at[1];
    ELEMENT *out = (ELEMENT *)p.out + at[0];
    A sum = start();
    i64 i = 0;
    for (; i + items <= p.length; i += items) {
        A v[items];
        UNROLL for (int k = 0; k < items; k++) v[k] = get(in[(i + k) * p.in_step]);
        UNROLL for (int k = 0; k < items; k++) out[(i + k) * p.out_step] = put(sum = merge(sum, v[k]));
    }
    for (; i < p.length; i++) out[i * p.out_step] = put(sum = merge(sum, get(in[i * p.in_step])));
}
EXPORT(scan)

#elif WAY == 1

KERNEL(scan, block_threads)(cresset_scan p) {
    // Elements go through shared memory, so that adjacent threads read neighbours although each adds up a run. One
    // padding word for every 32 keeps the runs on different banks.
    SHARED(A, values, [tile + tile / 32]);
    Part part = part_of(p);
    A sum = start();
    // The total of the parts before this one.
    if (blockIdx.y > 0) {
        A mine = start();
        const A *totals = (const A *)p.totals + part.line * p.parts;
        int share = ((int)blockIdx.y + block_threads - 1) / block_threads;
        for (int k = 0; k < share; k++) {
            int i = threadIdx.x * share + k;
            if (i < (int)blockIdx.y) mine = merge(mine, totals[i]);
        }
        before(mine, sum);
    }
    for (i64 base = part.begin; base < part.end; base += tile) {
        UNROLL for (int k = 0; k < items; k++) {
            int i = threadIdx.x + k * block_threads;
            values[i + i / 32] = base + i < part.end ? get(part.in[(base + i) * p.in_step]) : start();
        }
        __syncthreads();
        A run[items];
        UNROLL for (int k = 0; k < items; k++) {
            int i = threadIdx.x * items + k;
            run[k] = k == 0 ? values[i + i / 32] : merge(run[k - 1], values[i + i / 32]);
        }
        A whole, first = merge(sum, before(run[items - 1], whole));
        UNROLL for (int k = 0; k < items; k++) {
            int i = threadIdx.x * items + k;
            values[i + i / 32] = merge(first, run[k]);
        }
        sum = merge(sum, whole);
        __syncthreads();
        UNROLL for (int k = 0; k < items; k++) {
            int i = threadIdx.x + k * block_threads;
            if (base + i < part.end) part.out[(base + i) * p.out_step] = put(values[i + i / 32]);
        }
    }
}
EXPORT(scan)

#else

KERNEL(totals, block_threads)(cresset_scan p) {
    Part part = part_of(p);
    i64 share = (part.end - part.begin + block_threads - 1) / block_threads;
    A sum = start();
    // Their order affects the result only by rounding: each thread takes every 256th.
    for (i64 k = 0; k < share; k++) {
        i64 i = part.begin + k * block_threads + threadIdx.x;
        if (i < part.end) sum = merge(sum, get(part.in[i * p.in_step]));
    }
    A whole;
    before(sum, whole);
    if (threadIdx.x == 0) ((A *)p.totals)[part.line * p.parts + blockIdx.y] = whole;
}
EXPORT(totals)

#endif
