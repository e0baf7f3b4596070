// Reductions over any axes. A unit is one operator on one type computed one way:
//   OPERATION   0 sum, 1 product, 2 maximum, 3 minimum, 4 any, 5 all, 6 argmax, 7 argmin
//   ELEMENT     the type of x; RESULT: that of the result
//   FLOATING    whether x has fractions
//   WAY         0: rows, where x is denser along the reduced axes; 1: columns, where it is not; 2: combining parts
//   VECTOR      elements that are read at once
//   INDEX       u32 or u64
// Sums and products are accumulated in float64 (integers: in 64 bits), though a few neighbours are added in float32
// first. The order depends only on shapes and the device.
#include "device.h"
#include "reduce.h"

typedef compute<ELEMENT> C;
enum { block_threads = 256, batch = 4 };

#if FLOATING
typedef C Extreme;
typedef f64 Total;
#else
typedef i64 Extreme;
typedef u64 Total;
#endif

// Whether `v` replaces `best`: NaN is more extreme than anything, and the first of equal values is kept.
DEVICE bool beats(Extreme v, Extreme best) {
    if (best != best) return false;
    return v != v || (OPERATION == 2 || OPERATION == 6 ? v > best : v < best);
}
DEVICE Extreme least_extreme() {
    const bool largest = OPERATION == 2 || OPERATION == 6;
#if FLOATING
    return largest ? -(Extreme)INFINITY_F32 : (Extreme)INFINITY_F32;
#else
    return largest ? -9223372036854775807ll - 1 : 9223372036854775807ll;
#endif
}

#if OPERATION <= 1
typedef Total A;
DEVICE A start() { return OPERATION; }
DEVICE A from(C v, i64) { return (A)v; }
DEVICE A merge(A a, A b) { return OPERATION == 0 ? a + b : a * b; }
// A sum of bool tells whether any is true.
template <class E> DEVICE E kept(A a) { return store<E>((compute<E>)a); }
template <> DEVICE bool8 kept<bool8>(A a) { return store<bool8>((u8)(a != 0)); }
DEVICE RESULT finished(A a) { return kept<RESULT>(a); }
#elif OPERATION <= 3
typedef Extreme A;
DEVICE A start() { return least_extreme(); }
DEVICE A from(C v, i64) { return (A)v; }
DEVICE A merge(A a, A b) { return beats(b, a) ? b : a; }
DEVICE RESULT finished(A a) { return store<RESULT>((C)a); }
#elif OPERATION <= 5
typedef u32 A;
DEVICE A start() { return OPERATION == 5; }
DEVICE A from(C v, i64) { return v != 0; }
DEVICE A merge(A a, A b) { return OPERATION == 4 ? a | b : a & b; }
DEVICE RESULT finished(A a) { return store<RESULT>((u8)a); }
#else
struct A {
    Extreme value;
    i64 index;
};
DEVICE A made(Extreme value, i64 index) {
    A a;
    a.value = value, a.index = index;
    return a;
}
DEVICE A start() { return made(least_extreme(), 9223372036854775807ll); }
DEVICE A from(C v, i64 index) { return made((Extreme)v, index); }
DEVICE A merge(A a, A b) {
    bool are_equal = a.value == b.value || (a.value != a.value && b.value != b.value);
    return (are_equal ? b.index < a.index : beats(b.value, a.value)) ? b : a;
}
DEVICE RESULT finished(A a) { return a.index; }
DEVICE A exchanged(A a, int distance) {
    return made(__shfl_xor_sync(0xffffffffu, a.value, distance), __shfl_xor_sync(0xffffffffu, a.index, distance));
}
#endif
#if OPERATION <= 5
DEVICE A exchanged(A a, int distance) { return __shfl_xor_sync(0xffffffffu, a, distance); }
#endif

// The accumulator of N inputs, whose neighbours are `step` apart.
template <int N> DEVICE A gathered(C (&v)[N], i64 first, i64 step) {
#if OPERATION == 0 && FLOATING
    UNROLL for (int d = N / 2; d; d >>= 1)
        UNROLL for (int k = 0; k < d; k++) v[k] += v[k + d];
    return (A)v[0];
#else
    A a = from(v[0], first);
    UNROLL for (int k = 1; k < N; k++) a = merge(a, from(v[k], first + k * step));
    return a;
#endif
}

DEVICE void write(const cresset_reduction &p, i64 output, i64 at, A a) {
    if (p.parts > 1) {
        ((A *)p.out)[output * p.parts + blockIdx.y] = a;
        return;
    }
    // The extreme of an empty set is 0, as on the CPU.
    RESULT none = {};
    const bool is_extreme = OPERATION == 2 || OPERATION == 3 || OPERATION > 5;
    ((RESULT *)p.out)[at] = is_extreme && p.reduced.count == 0 ? none : finished(a);
}

// Combines the values of the threads that share a result, for the first of them.
DEVICE A merge_lanes(A a, int lanes) {
    for (int d = smaller(lanes, 32) >> 1; d; d >>= 1) a = merge(a, exchanged(a, d));
    if (lanes > 32) {
        SHARED(A, warps, [block_threads / 32]);
        int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
        if (lane == 0) warps[warp] = a;
        __syncthreads();
        a = lane < block_threads / 32 ? warps[lane] : start();
        UNROLL for (int d = block_threads / 64; d; d >>= 1) a = merge(a, exchanged(a, d));
    }
    return a;
}

#if WAY == 0

KERNEL(reduce, block_threads)(cresset_reduction p) {
    typedef typename offset_of<INDEX>::type Offset;
    INDEX output = (INDEX)blockIdx.x * (block_threads / p.lanes) + threadIdx.x / p.lanes;
    int lane = threadIdx.x & (p.lanes - 1);
    bool is_there = output < (INDEX)p.kept.count;
    A a = start();
    Offset at[2] = {0, 0};
    if (is_there) {
        locate<2>(p.kept, output, at);
        const ELEMENT *x = (const ELEMENT *)p.in + at[1];
        INDEX i = (INDEX)blockIdx.y * (INDEX)p.part + lane, step = p.lanes;
        INDEX end = (INDEX)smaller(p.part * (blockIdx.y + 1), p.reduced.count);
        for (; i + (batch - 1) * step < end; i += batch * step) {
            Vec<ELEMENT, VECTOR> v[batch];
            UNROLL for (int j = 0; j < batch; j++) {
                Offset from_x[1];
                locate<1>(p.reduced, i + j * step, from_x);
                v[j] = *(const Vec<ELEMENT, VECTOR> *)(x + from_x[0]);
            }
#if VECTOR == 1
            C values[batch];
            UNROLL for (int j = 0; j < batch; j++) values[j] = load(v[j].v[0]);
            a = merge(a, gathered(values, i, step));
#else
            UNROLL for (int j = 0; j < batch; j++) {
                C values[VECTOR];
                UNROLL for (int k = 0; k < VECTOR; k++) values[k] = load(v[j].v[k]);
                a = merge(a, gathered(values, (i64)(i + j * step) * VECTOR, 1));
            }
#endif
        }
        for (; i < end; i += step) {
            Offset from_x[1];
            locate<1>(p.reduced, i, from_x);
            Vec<ELEMENT, VECTOR> v = *(const Vec<ELEMENT, VECTOR> *)(x + from_x[0]);
            C values[VECTOR];
            UNROLL for (int k = 0; k < VECTOR; k++) values[k] = load(v.v[k]);
            a = merge(a, gathered(values, (i64)i * VECTOR, 1));
        }
    }
    a = merge_lanes(a, p.lanes);
    if (is_there && lane == 0) write(p, output, at[0], a);
}
EXPORT(reduce)

#elif WAY == 1

KERNEL(reduce, block_threads)(cresset_reduction p) {
    typedef typename offset_of<INDEX>::type Offset;
    int lane = threadIdx.x & (p.lanes - 1), row = threadIdx.x / p.lanes, rows = block_threads / p.lanes;
    INDEX column = (INDEX)blockIdx.x * p.lanes + lane;
    bool is_there = column < (INDEX)p.kept.count;
    A a[VECTOR];
    UNROLL for (int k = 0; k < VECTOR; k++) a[k] = start();
    Offset at[2] = {0, 0};
    if (is_there) {
        locate<2>(p.kept, column, at);
        const ELEMENT *x = (const ELEMENT *)p.in + at[1];
        INDEX i = (INDEX)blockIdx.y * (INDEX)p.part + row, step = rows;
        INDEX end = (INDEX)smaller(p.part * (blockIdx.y + 1), p.reduced.count);
        for (; i + (batch - 1) * step < end; i += batch * step) {
            Vec<ELEMENT, VECTOR> v[batch];
            UNROLL for (int j = 0; j < batch; j++) {
                Offset from_x[1];
                locate<1>(p.reduced, i + j * step, from_x);
                v[j] = *(const Vec<ELEMENT, VECTOR> *)(x + from_x[0]);
            }
            UNROLL for (int k = 0; k < VECTOR; k++) {
                C values[batch];
                UNROLL for (int j = 0; j < batch; j++) values[j] = load(v[j].v[k]);
                a[k] = merge(a[k], gathered(values, i, step));
            }
        }
        for (; i < end; i += step) {
            Offset from_x[1];
            locate<1>(p.reduced, i, from_x);
            Vec<ELEMENT, VECTOR> v = *(const Vec<ELEMENT, VECTOR> *)(x + from_x[0]);
            UNROLL for (int k = 0; k < VECTOR; k++) a[k] = merge(a[k], from(load(v.v[k]), i));
        }
    }
    // The upper half of the rows passes its accumulators to the lower half, until there is one row.
    SHARED(A, sums, [VECTOR][block_threads]);
    for (int half = rows >> 1; half; half >>= 1) {
        __syncthreads();
        if (row >= half && row < 2 * half)
            UNROLL for (int k = 0; k < VECTOR; k++) sums[k][threadIdx.x] = a[k];
        __syncthreads();
        if (row < half)
            UNROLL for (int k = 0; k < VECTOR; k++) a[k] = merge(a[k], sums[k][threadIdx.x + half * p.lanes]);
    }
    if (is_there && row == 0)
        UNROLL for (int k = 0; k < VECTOR; k++) write(p, (i64)column * VECTOR + k, at[0] + k * p.step, a[k]);
}
EXPORT(reduce)

#else

// One warp per result.
KERNEL(finish, block_threads)(cresset_reduction p) {
    typedef typename offset_of<INDEX>::type Offset;
    INDEX output = (INDEX)blockIdx.x * (block_threads / 32) + threadIdx.x / 32;
    int lane = threadIdx.x % 32;
    bool is_there = output < (INDEX)p.kept.count;
    A a = start();
    if (is_there)
        for (i64 i = lane; i < p.part; i += 32) a = merge(a, ((const A *)p.in)[(i64)output * p.part + i]);
    a = merge_lanes(a, 32);
    if (!is_there || lane != 0) return;
    Offset at[1];
    locate<1>(p.kept, output, at);
    write(p, output, at[0], a);
}
EXPORT(finish)

#endif
