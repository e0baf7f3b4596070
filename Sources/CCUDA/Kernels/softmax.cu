// Softmax along one axis, and its gradient. Short rows are held in registers, by LANES threads each of which has PER
// elements; long ones in shared memory, or they are read twice. V elements are moved at once where rows are dense and
// aligned. A unit has an ELEMENT, a VECTOR, and PER and LANES if it is one for short rows.
#include "device.h"
#include "softmax.h"

typedef ELEMENT T;
typedef compute<T> C;
enum { V = VECTOR };

#define INFINITE ((C)INFINITY_F32)

DEVICE float exponential(float v) { return expf(v); }
DEVICE double exponential(double v) { return exp(v); }
DEVICE float logarithm_of(float v) { return logf(v); }
DEVICE double logarithm_of(double v) { return log(v); }

// V elements of a row starting at number i; they are adjacent if V is more than 1.
DEVICE void read(const T *row, i64 i, i64 step, C (&v)[V]) {
    if (V > 1) {
        Vec<T, V> elements = *(const Vec<T, V> *)(row + i);
        UNROLL for (int k = 0; k < V; k++) v[k] = load<T>(elements.v[k]);
    } else {
        v[0] = load<T>(row[i * step]);
    }
}
DEVICE void write(T *row, i64 i, i64 step, const C (&v)[V]) {
    if (V > 1) {
        Vec<T, V> elements;
        UNROLL for (int k = 0; k < V; k++) elements.v[k] = store<T>(v[k]);
        *(Vec<T, V> *)(row + i) = elements;
    } else {
        row[i * step] = store<T>(v[0]);
    }
}

// What an element becomes, once the row's maximum (NaN if there is one) and the sum of exponentials are known. A row
// whose maximum is not finite has no softmax, except zeros if it is empty and zeros are requested.
struct outcome {
    C top, total, shift, instead;
    bool is_dead;

    DEVICE outcome(const cresset_softmax_parameters &p, C top, C total) : top(top), total(total) {
        shift = p.logarithm ? logarithm_of(total) : 0;
        is_dead = top - top != 0;
        instead = p.empty_is_zero && top == -INFINITE ? 0 : (C)NAN_F32;
    }
    // From an element, and from the exponential of its distance from the maximum.
    DEVICE C of(const cresset_softmax_parameters &p, C v, C e) const {
        return is_dead ? instead : p.logarithm ? v - top - shift : e / total;
    }
};

DEVICE C share_of_sum(const cresset_softmax_parameters &p, C gradient, C y) {
    return p.logarithm ? gradient : gradient * y;
}
DEVICE C gradient_of(const cresset_softmax_parameters &p, C gradient, C y, C sum) {
    return p.logarithm ? gradient - exponential(y) * sum : (gradient - sum) * y;
}

#ifdef PER

DEVICE C lanes_sum(C s) {
    UNROLL for (int d = LANES / 2; d; d >>= 1) s += __shfl_xor_sync(0xffffffffu, s, d);
    return s;
}
DEVICE C lanes_max(C s) {
    UNROLL for (int d = LANES / 2; d; d >>= 1) {
        C other = __shfl_xor_sync(0xffffffffu, s, d);
        s = s != s ? s : other != other ? other : larger(s, other);
    }
    return s;
}
DEVICE i64 own_row() { return (i64)blockIdx.x * (128 / LANES) + threadIdx.x / LANES; }
// The position in the row of this thread's elements k to k + V.
DEVICE i64 element(int k) { return (i64)(k / V * LANES + (int)threadIdx.x % LANES) * V; }

DEVICE void read_row(const T *row, i64 step, i64 count, C instead, C (&v)[PER]) {
    UNROLL for (int k = 0; k < PER; k += V) {
        C some[V];
        UNROLL for (int j = 0; j < V; j++) some[j] = instead;
        if (element(k) < count) read(row, element(k), step, some);
        UNROLL for (int j = 0; j < V; j++) v[k + j] = some[j];
    }
}
DEVICE void write_row(T *row, i64 step, i64 count, const C (&v)[PER]) {
    UNROLL for (int k = 0; k < PER; k += V) {
        C some[V];
        UNROLL for (int j = 0; j < V; j++) some[j] = v[k + j];
        if (element(k) < count) write(row, element(k), step, some);
    }
}

KERNEL(softmax_short, 128)(cresset_softmax_parameters p) {
    // Threads without a row take part too, for the exchange between lanes.
    i64 row = own_row(), count = row < p.row_count ? p.count : 0, at[3];
    offsets_of(p.rows, row < p.row_count ? row : 0, at);
    C v[PER], e[PER], top = -INFINITE, total = 0;
    read_row((const T *)p.x + at[0], p.steps[0], count, -INFINITE, v);
    UNROLL for (int k = 0; k < PER; k++) top = top != top ? top : v[k] != v[k] ? v[k] : larger(top, v[k]);
    top = lanes_max(top);
    UNROLL for (int k = 0; k < PER; k++) {
        e[k] = exponential(v[k] - top);
        total += e[k];
    }
    outcome result(p, top, lanes_sum(total));
    UNROLL for (int k = 0; k < PER; k++) v[k] = result.of(p, v[k], e[k]);
    write_row((T *)p.out + at[2], p.steps[2], count, v);
}
EXPORT(softmax_short)

KERNEL(softmax_short_gradient, 128)(cresset_softmax_parameters p) {
    i64 row = own_row(), count = row < p.row_count ? p.count : 0, at[3];
    offsets_of(p.rows, row < p.row_count ? row : 0, at);
    C v[PER], y[PER], sum = 0;
    read_row((const T *)p.x + at[0], p.steps[0], count, 0, v);
    read_row((const T *)p.y + at[1], p.steps[1], count, 0, y);
    UNROLL for (int k = 0; k < PER; k++) sum += share_of_sum(p, v[k], y[k]);
    sum = lanes_sum(sum);
    UNROLL for (int k = 0; k < PER; k++) v[k] = gradient_of(p, v[k], y[k], sum);
    write_row((T *)p.out + at[2], p.steps[2], count, v);
}
EXPORT(softmax_short_gradient)

#else

// Largest element so far (NaN aside) and the sum of exponentials of the distances from it, which is NaN after a NaN.
struct running {
    C top, total;

    DEVICE void take(C v) {
        if (v > top) {
            total = total * exponential(top - v) + 1;
            top = v;
        } else if (v != -INFINITE) {
            total += exponential(v - top);
        }
    }
    DEVICE void take(running other) {
        C most = larger(top, other.top);
        C mine = top == -INFINITE ? total : total * exponential(top - most);
        C its = other.top == -INFINITE ? other.total : other.total * exponential(other.top - most);
        top = most;
        total = mine + its;
    }
    // If the sum is empty, minus infinities still have to be told from NaN.
    DEVICE outcome result(const cresset_softmax_parameters &p) {
        return outcome(p, top == -INFINITE && total != 0 ? (C)NAN_F32 : top, total);
    }
};

// Rows that fit in shared memory.
KERNEL(softmax_block, 1024)(cresset_softmax_parameters p) {
    DYNAMIC_SHARED(C, row);
    SHARED(C, tops, [32]);
    SHARED(C, sums, [32]);
    i64 at[3];
    offsets_of(p.rows, blockIdx.x, at);
    const T *x = (const T *)p.x + at[0];
    T *out = (T *)p.out + at[2];
    C top = -INFINITE, total = 0;
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        C v[V];
        read(x, i, p.steps[0], v);
        UNROLL for (int k = 0; k < V; k++) {
            row[i + k] = v[k];
            top = top != top ? top : v[k] != v[k] ? v[k] : larger(top, v[k]);
        }
    }
    top = warp_max(top);
    if (threadIdx.x % 32 == 0) tops[threadIdx.x / 32] = top;
    __syncthreads();
    top = warp_max(threadIdx.x % 32 < blockDim.x / 32 ? tops[threadIdx.x % 32] : -INFINITE);
    // Each thread goes over its own elements.
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        UNROLL for (int k = 0; k < V; k++) {
            C v = row[i + k], e = exponential(v - top);
            total += e;
            if (!p.logarithm) row[i + k] = e;
        }
    }
    outcome result(p, top, block_sum(total, sums));
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        C v[V];
        UNROLL for (int k = 0; k < V; k++) v[k] = result.of(p, row[i + k], row[i + k]);
        write(out, i, p.steps[2], v);
    }
}
EXPORT(softmax_block)

// Rows of any length, read twice.
KERNEL(softmax_long, 1024)(cresset_softmax_parameters p) {
    SHARED(C, tops, [32]);
    SHARED(C, totals, [32]);
    i64 at[3];
    offsets_of(p.rows, blockIdx.x, at);
    const T *x = (const T *)p.x + at[0];
    T *out = (T *)p.out + at[2];
    running sum = {-INFINITE, 0};
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        C v[V];
        read(x, i, p.steps[0], v);
        UNROLL for (int k = 0; k < V; k++) sum.take(v[k]);
    }
    UNROLL for (int d = 16; d; d >>= 1) {
        running other = {__shfl_xor_sync(0xffffffffu, sum.top, d), __shfl_xor_sync(0xffffffffu, sum.total, d)};
        sum.take(other);
    }
    if (threadIdx.x % 32 == 0) {
        tops[threadIdx.x / 32] = sum.top;
        totals[threadIdx.x / 32] = sum.total;
    }
    __syncthreads();
    sum.top = -INFINITE;
    sum.total = 0;
    for (int warp = 0; warp < (int)blockDim.x / 32; warp++) {
        running other = {tops[warp], totals[warp]};
        sum.take(other);
    }
    outcome result = sum.result(p);
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        C v[V];
        read(x, i, p.steps[0], v);
        UNROLL for (int k = 0; k < V; k++) v[k] = result.of(p, v[k], exponential(v[k] - sum.top));
        write(out, i, p.steps[2], v);
    }
}
EXPORT(softmax_long)

KERNEL(softmax_long_gradient, 1024)(cresset_softmax_parameters p) {
    SHARED(C, sums, [32]);
    i64 at[3];
    offsets_of(p.rows, blockIdx.x, at);
    const T *x = (const T *)p.x + at[0], *y = (const T *)p.y + at[1];
    T *out = (T *)p.out + at[2];
    C sum = 0;
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        C v[V], w[V];
        read(x, i, p.steps[0], v);
        read(y, i, p.steps[1], w);
        UNROLL for (int k = 0; k < V; k++) sum += share_of_sum(p, v[k], w[k]);
    }
    sum = block_sum(sum, sums);
    for (i64 i = threadIdx.x * V; i < p.count; i += blockDim.x * V) {
        C v[V], w[V];
        read(x, i, p.steps[0], v);
        read(y, i, p.steps[1], w);
        UNROLL for (int k = 0; k < V; k++) v[k] = gradient_of(p, v[k], w[k], sum);
        write(out, i, p.steps[2], v);
    }
}
EXPORT(softmax_long_gradient)

// Adjacent rows: one thread per column, or `parts` threads of a block, which are far from each other so that
// neighbouring threads read neighbouring elements. V is 1.
KERNEL(softmax_columns, 256)(cresset_softmax_parameters p) {
    SHARED(C, tops, [256]);
    SHARED(C, totals, [256]);
    int width = 256 / p.parts, part = threadIdx.x / width;
    i64 column = (i64)blockIdx.x * width + threadIdx.x % width, count = column < p.row_count ? p.count : 0, at[3];
    offsets_of(p.rows, column < p.row_count ? column : 0, at);
    const T *x = (const T *)p.x + at[0];
    T *out = (T *)p.out + at[2];
    running sum = {-INFINITE, 0};
    for (i64 i = part; i < count; i += p.parts) sum.take(load<T>(x[i * p.steps[0]]));
    if (p.parts > 1) {
        tops[threadIdx.x] = sum.top;
        totals[threadIdx.x] = sum.total;
        __syncthreads();
        sum.top = -INFINITE;
        sum.total = 0;
        for (int other = threadIdx.x % width; other < 256; other += width) {
            running its = {tops[other], totals[other]};
            sum.take(its);
        }
    }
    outcome result = sum.result(p);
    for (i64 i = part; i < count; i += p.parts) {
        C v = load<T>(x[i * p.steps[0]]);
        out[i * p.steps[2]] = store<T>(result.of(p, v, exponential(v - sum.top)));
    }
}
EXPORT(softmax_columns)

KERNEL(softmax_columns_gradient, 256)(cresset_softmax_parameters p) {
    SHARED(C, sums, [256]);
    int width = 256 / p.parts, part = threadIdx.x / width;
    i64 column = (i64)blockIdx.x * width + threadIdx.x % width, count = column < p.row_count ? p.count : 0, at[3];
    offsets_of(p.rows, column < p.row_count ? column : 0, at);
    const T *x = (const T *)p.x + at[0], *y = (const T *)p.y + at[1];
    T *out = (T *)p.out + at[2];
    C sum = 0;
    for (i64 i = part; i < count; i += p.parts)
        sum += share_of_sum(p, load<T>(x[i * p.steps[0]]), load<T>(y[i * p.steps[1]]));
    if (p.parts > 1) {
        sums[threadIdx.x] = sum;
        __syncthreads();
        sum = 0;
        for (int other = threadIdx.x % width; other < 256; other += width) sum += sums[other];
    }
    for (i64 i = part; i < count; i += p.parts) {
        C v = load<T>(x[i * p.steps[0]]), w = load<T>(y[i * p.steps[1]]);
        out[i * p.steps[2]] = store<T>(gradient_of(p, v, w, sum));
    }
}
EXPORT(softmax_columns_gradient)

#endif
