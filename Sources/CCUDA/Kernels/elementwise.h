// The loops of kernels that compute each element of a result from the elements of up to three operands at the same
// position.
//
// The computation is an Op: `inputs`, the types In0, In1, In2 and Out, and an operator () with that many elements.
// Results may overwrite operands: a thread reads everything it needs before it writes.
#pragma once
#include "walk.h"
#include "fault.h"

typedef struct {
    void *out;
    const void *in[3];
    // The operator's parameters.
    double a, b;
    // What a fill writes, in the low bytes.
    unsigned long long bits;
    // Elements, or, in layout 2, vectors.
    long long count;
    // Bit k: operand k has one value for all elements, or, in layout 2, along the fastest axis.
    int still;
    // Whether the addresses allow access to whole vectors.
    int has_vectors;
    // For operators that divide integers.
    cresset_fault_report report;
    cresset_walk walk;
} cresset_elementwise;

#ifdef __cplusplus
enum { elementwise_threads = 256 };

// Vectors with as many elements of the largest type as fit in 16 bytes.
constexpr int larger_size(int a, int b) { return a > b ? a : b; }
template <class Op> struct vector_of {
    static constexpr int x = Op::inputs > 0 ? sizeof(typename Op::In0) : 1;
    static constexpr int y = Op::inputs > 1 ? sizeof(typename Op::In1) : 1;
    static constexpr int z = Op::inputs > 2 ? sizeof(typename Op::In2) : 1;
    static constexpr int length = 16 / larger_size(larger_size(sizeof(typename Op::Out), x), larger_size(y, z));
};

template <class E, int N> DEVICE Vec<E, N> fetch(const void *base, i64 at, bool is_still) {
    const E *p = (const E *)base + at;
    if (!is_still) return *(const Vec<E, N> *)p;
    Vec<E, N> r;
    E v = *p;
    UNROLL for (int k = 0; k < N; k++) r.v[k] = v;
    return r;
}

// N elements of each operand.
template <class Op, int N> struct Lanes {
    Vec<typename Op::In0, N> x;
    Vec<typename Op::In1, N> y;
    Vec<typename Op::In2, N> z;

    DEVICE void read(const cresset_elementwise &p, i64 at0, i64 at1, i64 at2) {
        if (Op::inputs > 0) x = fetch<typename Op::In0, N>(p.in[0], at0, N > 1 && p.still & 1);
        if (Op::inputs > 1) y = fetch<typename Op::In1, N>(p.in[1], at1, N > 1 && p.still & 2);
        if (Op::inputs > 2) z = fetch<typename Op::In2, N>(p.in[2], at2, N > 1 && p.still & 4);
    }
    DEVICE void read_dense(const cresset_elementwise &p, i64 at) {
        read(p, p.still & 1 ? 0 : at, p.still & 2 ? 0 : at, p.still & 4 ? 0 : at);
    }
    DEVICE void write(const cresset_elementwise &p, i64 at, const Op &op) const {
        Vec<typename Op::Out, N> r;
        UNROLL for (int k = 0; k < N; k++) r.v[k] = op(x.v[k], y.v[k], z.v[k]);
        *(Vec<typename Op::Out, N> *)((typename Op::Out *)p.out + at) = r;
    }
};

// Layout 0: all operands are in the result's order without gaps.
template <class Op> DEVICE void walk_dense(const cresset_elementwise &p, const Op &op) {
    const int N = vector_of<Op>::length, steps = 2, tile = elementwise_threads * N * steps;
    i64 base = (i64)blockIdx.x * tile;
    if (p.has_vectors && base + tile <= p.count) {
        Lanes<Op, N> lanes[steps];
        i64 first = base + threadIdx.x * N;
        UNROLL for (int s = 0; s < steps; s++) lanes[s].read_dense(p, first + s * (elementwise_threads * N));
        UNROLL for (int s = 0; s < steps; s++) lanes[s].write(p, first + s * (elementwise_threads * N), op);
    } else {
        int count = (int)smaller((i64)tile, p.count - base);
        for (int k = threadIdx.x; k < count; k += elementwise_threads) {
            Lanes<Op, 1> lane;
            lane.read_dense(p, base + k);
            lane.write(p, base + k, op);
        }
    }
}

// Layouts 1 and 3: any strides; 2: the fastest axis is dense, or has stride 0, and is taken in vectors.
template <class I, int N, class Op> DEVICE void walk_strided(const cresset_elementwise &p, const Op &op) {
    const int steps = N > 1 ? 2 : 4;
    Lanes<Op, N> lanes[steps];
    typename offset_of<I>::type at[steps][Op::inputs + 1];
    I first = (I)blockIdx.x * (elementwise_threads * steps) + threadIdx.x, count = (I)p.count;
    UNROLL for (int s = 0; s < steps; s++) {
        I index = first + s * elementwise_threads;
        if (index >= count) continue;
        locate<Op::inputs + 1>(p.walk, index, at[s]);
        lanes[s].read(p, at[s][Op::inputs > 0], at[s][Op::inputs > 1 ? 2 : 0], at[s][Op::inputs > 2 ? 3 : 0]);
    }
    UNROLL for (int s = 0; s < steps; s++)
        if (first + s * elementwise_threads < count) lanes[s].write(p, at[s][0], op);
}

template <int layout, class Op> DEVICE void walk_elements(const cresset_elementwise &p, const Op &op) {
    if (layout == 0) walk_dense(p, op);
    if (layout == 1) walk_strided<u32, 1>(p, op);
    if (layout == 2) walk_strided<u32, vector_of<Op>::length>(p, op);
    if (layout == 3) walk_strided<u64, 1>(p, op);
}
#endif
