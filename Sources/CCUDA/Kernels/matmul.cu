// Matrix products that cuBLASLt does not compute (integers, empty sums, odd layouts), and the finishing pass over the
// results of those it does. ELEMENT: the type multiplied; RESULT: the type stored.
#include "device.h"
#include "matmul.h"

typedef ELEMENT T;
typedef RESULT R;

// Integers are summed unsigned, so that they wrap.
template <class X> struct sum_of { typedef compute<X> type; };
template <> struct sum_of<i8> { typedef u32 type; };
template <> struct sum_of<u8> { typedef u32 type; };
template <> struct sum_of<i16> { typedef u32 type; };
template <> struct sum_of<i32> { typedef u32 type; };
template <> struct sum_of<i64> { typedef u64 type; };
typedef sum_of<T>::type Sum;

enum { TILE = 64, DEPTH = 16, MICRO = 4, THREADS = 256 };

// Rectifies what will be stored: an integer's sign is that of the wrapped sum. NaN stays NaN.
DEVICE R result(Sum s, bool rectifies) {
    compute<R> v = (compute<R>)s;
    return store<R>(rectifies && v < (compute<R>)0 ? (compute<R>)0 : v);
}

// One block per tile of 64 by 64, each thread 4 by 4 of it.
KERNEL(cresset_matmul_tiles, THREADS)(cresset_matmul_parameters p) {
    SHARED(Sum, left, [DEPTH][TILE + 4]);
    SHARED(Sum, right, [DEPTH][TILE + 4]);
    const i64 tiles_n = (p.n + TILE - 1) / TILE;
    const i64 m0 = blockIdx.x / tiles_n * TILE, n0 = blockIdx.x % tiles_n * TILE;
    const int thread = threadIdx.x, row0 = thread / 16 * MICRO, column0 = thread % 16 * MICRO;
    // Neighbouring threads read neighbouring elements, whichever axis is dense.
    const bool a_along_depth = p.a_strides[2] == 1, b_along_depth = p.b_strides[1] == 1;
    for (i64 z = blockIdx.y; z < p.batch; z += gridDim.y) {
        const T *a = (const T *)p.a + z * p.a_strides[0], *b = (const T *)p.b + z * p.b_strides[0];
        Sum sums[MICRO][MICRO];
        UNROLL for (int i = 0; i < MICRO; i++)
            UNROLL for (int j = 0; j < MICRO; j++) sums[i][j] = 0;
        for (i64 k0 = 0; k0 < p.k; k0 += DEPTH) {
            UNROLL for (int e = thread; e < TILE * DEPTH; e += THREADS) {
                int i = a_along_depth ? e / DEPTH : e % TILE, k = a_along_depth ? e % DEPTH : e / TILE;
                left[k][i] = m0 + i < p.m && k0 + k < p.k
                                 ? (Sum)load(a[(m0 + i) * p.a_strides[1] + (k0 + k) * p.a_strides[2]]) : (Sum)0;
            }
            UNROLL for (int e = thread; e < TILE * DEPTH; e += THREADS) {
                int j = b_along_depth ? e / DEPTH : e % TILE, k = b_along_depth ? e % DEPTH : e / TILE;
                right[k][j] = n0 + j < p.n && k0 + k < p.k
                                  ? (Sum)load(b[(k0 + k) * p.b_strides[1] + (n0 + j) * p.b_strides[2]]) : (Sum)0;
            }
            __syncthreads();
            UNROLL for (int k = 0; k < DEPTH; k++) {
                Sum x[MICRO], y[MICRO];
                UNROLL for (int i = 0; i < MICRO; i++) x[i] = left[k][row0 + i];
                UNROLL for (int j = 0; j < MICRO; j++) y[j] = right[k][column0 + j];
                UNROLL for (int i = 0; i < MICRO; i++)
                    UNROLL for (int j = 0; j < MICRO; j++) sums[i][j] += x[i] * y[j];
            }
            __syncthreads();
        }
        R *out = (R *)p.out + z * p.out_strides[0];
        UNROLL for (int j = 0; j < MICRO; j++) {
            const i64 n = n0 + column0 + j;
            if (n >= p.n) continue;
            const Sum bias = p.bias ? (Sum)load(((const R *)p.bias)[n]) : (Sum)0;
            UNROLL for (int i = 0; i < MICRO; i++) {
                const i64 m = m0 + row0 + i;
                if (m < p.m) out[m * p.out_strides[1] + n * p.out_strides[2]] = result(sums[i][j] + bias, p.rectifies);
            }
        }
    }
}
EXPORT(cresset_matmul_tiles)

template <class I> DEVICE void finish(const cresset_finish_parameters &p) {
    typedef compute<R> C;
    const I count = (I)(p.rows * p.columns), columns = (I)p.columns, step = (I)gridDim.x * blockDim.x;
    R *out = (R *)p.out;
    for (I i = (I)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        C v = load(out[i]);
        if (p.bias) v += load(((const R *)p.bias)[i % columns]);
        if (p.addend) v += load(((const R *)p.addend)[i]);
        out[i] = store<R>(p.rectifies && v < (C)0 ? (C)0 : v);
    }
}

KERNEL(cresset_finish, 256)(cresset_finish_parameters p) {
    if (p.rows * p.columns < 0x40000000) finish<u32>(p);
    else finish<u64>(p);
}
EXPORT(cresset_finish)

// The same, 16 bytes at a time: `columns` is a multiple of the elements per vector, all addresses are multiples of 16.
template <class I> DEVICE void finish_vectors(const cresset_finish_parameters &p) {
    enum { N = 16 / sizeof(R) };
    typedef compute<R> C;
    typedef Vec<R, N> V;
    const I count = (I)(p.rows * p.columns / N), columns = (I)(p.columns / N), step = (I)gridDim.x * blockDim.x;
    V *out = (V *)p.out;
    for (I i = (I)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        V x = out[i];
        C v[N];
        UNROLL for (int e = 0; e < N; e++) v[e] = load(x.v[e]);
        if (p.bias) {
            V bias = ((const V *)p.bias)[i % columns];
            UNROLL for (int e = 0; e < N; e++) v[e] += load(bias.v[e]);
        }
        if (p.addend) {
            V addend = ((const V *)p.addend)[i];
            UNROLL for (int e = 0; e < N; e++) v[e] += load(addend.v[e]);
        }
        UNROLL for (int e = 0; e < N; e++) x.v[e] = store<R>(p.rectifies && v[e] < (C)0 ? (C)0 : v[e]);
        out[i] = x;
    }
}

KERNEL(cresset_finish_vectors, 256)(cresset_finish_parameters p) {
    if (p.rows * p.columns < 0x40000000) finish_vectors<u32>(p);
    else finish_vectors<u64>(p);
}
EXPORT(cresset_finish_vectors)
