// Chains of pointwise operators on the same elements, which stay in registers from one to the next. A unit is one
// chain, spelt out by
//   OPERANDS   OPERAND(number, type, order): what is read; an order of -1 is a single element
//   STEPS      the operators, which number their values after the operands; each is rounded to its type
//                UNARY(value, type, operand's type, function, x, number of its parameters)
//                BINARY(value, type, operands' type, function, x, y, number of its parameters)
//                SELECT(value, type, condition, x, y)
//                CONVERT(value, type, x)
//                FILL(value, type, number of its parameters)
//   RESULTS    RESULT(number, type, value): what is written
//   ORDERS     how many orders there are, at least 1
//   VECTOR     the elements of a vector; LANES: how many vectors a thread takes
//   LAYOUT     as in elementwise.h
#include "conversions.h"
#include "chain.h"
#include "operators.h"

template <class T> DEVICE T element_of_bits(double number) {
    union {
        u64 bits;
        T element;
    } both;
    both.bits = double_to_bits(number);
    return both.element;
}

// N elements of each operand.
template <int N> struct ChainLanes {
#define OPERAND(K, T, ORDER) Vec<T, N> x##K;
    OPERANDS
#undef OPERAND

    template <class At> DEVICE void read(const cresset_chain &p, const At (&at)[ORDERS]) {
#define OPERAND(K, T, ORDER) \
    x##K = fetch<T, N>(p.in[K], ORDER < 0 ? 0 : at[ORDER < 0 ? 0 : ORDER], \
                       N > 1 && (ORDER < 0 || (ORDER > 0 && p.still >> ORDER & 1)));
        OPERANDS
#undef OPERAND
    }

    DEVICE void write(const cresset_chain &p, i64 at) const {
#define RESULT(K, T, V) Vec<T, N> y##K;
        RESULTS
#undef RESULT
        UNROLL for (int k = 0; k < N; k++) {
#define OPERAND(K, T, ORDER) T v##K = x##K.v[k];
#define UNARY(V, T, S, F, X, I) \
    T v##V = F<S>(load(v##X), (compute<S>)p.a[I], (compute<S>)p.b[I], p.a[I], p.b[I]);
#define BINARY(V, T, S, F, X, Y, I) \
    T v##V = F<S>(load(v##X), load(v##Y), (compute<S>)p.a[I], (compute<S>)p.b[I], p.a[I], p.b[I]);
#define SELECT(V, T, C, X, Y) T v##V = v##C.value ? v##X : v##Y;
#define CONVERT(V, T, X) T v##V = Converted<T>::of(load(v##X));
#define FILL(V, T, I) T v##V = element_of_bits<T>(p.a[I]);
#define RESULT(K, T, V) y##K.v[k] = v##V;
            OPERANDS STEPS RESULTS
#undef OPERAND
#undef RESULT
        }
#define RESULT(K, T, V) *(Vec<T, N> *)((T *)p.out[K] + at) = y##K;
        RESULTS
#undef RESULT
    }
};

// Everything a thread reads comes before anything it writes: a result may overwrite an operand.
DEVICE void dense_chain(const cresset_chain &p) {
    const int tile = elementwise_threads * VECTOR * LANES;
    i64 base = (i64)blockIdx.x * tile;
    if (p.has_vectors && base + tile <= p.count) {
        ChainLanes<VECTOR> lanes[LANES];
        i64 first = base + threadIdx.x * VECTOR;
        UNROLL for (int s = 0; s < LANES; s++) {
            i64 at[ORDERS] = {first + s * (elementwise_threads * VECTOR)};
            lanes[s].read(p, at);
        }
        UNROLL for (int s = 0; s < LANES; s++) lanes[s].write(p, first + s * (elementwise_threads * VECTOR));
    } else {
        int count = (int)smaller((i64)tile, p.count - base);
        for (int k = threadIdx.x; k < count; k += elementwise_threads) {
            ChainLanes<1> lane;
            i64 at[ORDERS] = {base + k};
            lane.read(p, at);
            lane.write(p, base + k);
        }
    }
}

template <class I, int N> DEVICE void strided_chain(const cresset_chain &p) {
    const int steps = N > 1 ? LANES : 2 * LANES;
    ChainLanes<N> lanes[steps];
    typename offset_of<I>::type at[steps][ORDERS];
    I first = (I)blockIdx.x * (elementwise_threads * steps) + threadIdx.x, count = (I)p.count;
    UNROLL for (int s = 0; s < steps; s++) {
        I index = first + s * elementwise_threads;
        if (index >= count) continue;
        locate<ORDERS>(p.walk, index, at[s]);
        lanes[s].read(p, at[s]);
    }
    UNROLL for (int s = 0; s < steps; s++)
        if (first + s * elementwise_threads < count) lanes[s].write(p, at[s][0]);
}

KERNEL_WITH_ROOM(chain, elementwise_threads, VECTOR <= 2 ? 2 : 0)(cresset_chain p) {
#if LAYOUT == 0
    dense_chain(p);
#elif LAYOUT == 1
    strided_chain<u32, 1>(p);
#elif LAYOUT == 2
    strided_chain<u32, VECTOR>(p);
#else
    strided_chain<u64, 1>(p);
#endif
}
EXPORT(chain)
