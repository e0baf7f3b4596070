// Gathering and scattering along one axis. A unit has an ELEMENT, which is any type of the right size if elements are
// only moved, and an OPERATION if elements are combined.
#include "device.h"
#include "indexing.h"

typedef ELEMENT T;

#ifndef OPERATION

KERNEL(gather, 256)(cresset_indexing_parameters p) {
    i64 width = (i64)gridDim.x * 256;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < p.count; i += width) {
        i64 at[3];
        offsets_of(p.places, i, at);
        ((T *)p.out)[at[2]] = ((const T *)p.x)[at[0] + p.index[at[1]] * p.step];
    }
}
EXPORT(gather)

// Of the elements that name a target, the last one wins.
KERNEL(scatter_mark, 256)(cresset_indexing_parameters p) {
    i64 width = (i64)gridDim.x * 256;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < p.count; i += width) {
        i64 at[5];
        offsets_of(p.places, i, at);
        atomicMax(p.winners + at[3] + p.index[at[1]], (u32)at[4] + 1);
    }
}
EXPORT(scatter_mark)

KERNEL(scatter_assign, 256)(cresset_indexing_parameters p) {
    i64 width = (i64)gridDim.x * 256;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < p.count; i += width) {
        i64 at[5];
        offsets_of(p.places, i, at);
        i64 target = p.index[at[1]];
        if (p.winners && p.winners[at[3] + target] != (u32)at[4] + 1) continue;
        ((T *)p.out)[at[2] + target * p.step] = ((const T *)p.x)[at[0]];
    }
}
EXPORT(scatter_assign)

#else

enum { ADD = 1, MULTIPLY, MAXIMUM, MINIMUM };

// Integers wrap around; sums and products of bool are "or" and "and"; NaN is more extreme than anything.
template <class E> DEVICE E wrapped_sum(E a, E b) { return (E)((u64)a + (u64)b); }
DEVICE float wrapped_sum(float a, float b) { return a + b; }
DEVICE double wrapped_sum(double a, double b) { return a + b; }
template <class E> DEVICE E wrapped_product(E a, E b) { return (E)((u64)a * (u64)b); }
DEVICE float wrapped_product(float a, float b) { return a * b; }
DEVICE double wrapped_product(double a, double b) { return a * b; }

template <class E> DEVICE E combined(E old, E v) {
    auto a = load<E>(old), b = load<E>(v);
    if (OPERATION == ADD) return store<E>(wrapped_sum(a, b));
    if (OPERATION == MULTIPLY) return store<E>(wrapped_product(a, b));
    return (OPERATION == MAXIMUM ? b > a : b < a) || b != b ? v : old;
}
template <> DEVICE bool8 combined<bool8>(bool8 old, bool8 v) {
    bool is_and = OPERATION == MULTIPLY || OPERATION == MINIMUM;
    return {(u8)(is_and ? old.value & v.value : old.value | v.value)};
}

// An element within a word of its own size or of 32 bits.
template <class E, class W> union alike {
    W word;
    E element;
};
template <class E, class W> DEVICE void exchange(W *word, E v) {
    alike<E, W> old, wanted;
    old.word = *word;
    for (;;) {
        wanted.element = combined(old.element, v);
        W found = atomicCAS(word, old.word, wanted.word);
        if (found == old.word) return;
        old.word = found;
    }
}
template <class E> DEVICE void exchange_part(E *target, E v) {
    u32 *word = (u32 *)((u64)target & ~3ull), shift = (u32)((u64)target & 3) * 8;
    const u32 mask = (1u << 8 * sizeof(E)) - 1;
    u32 old = *word;
    for (;;) {
        alike<E, u32> part;
        part.word = old >> shift & mask;
        part.element = combined(part.element, v);
        u32 found = atomicCAS(word, old, (old & ~(mask << shift)) | (part.word & mask) << shift);
        if (found == old) return;
        old = found;
    }
}

template <int SIZE> struct atomic_of {
    template <class E> DEVICE static void put(E *target, E v) { exchange_part(target, v); }
};
template <> struct atomic_of<4> {
    template <class E> DEVICE static void put(E *target, E v) { exchange((u32 *)target, v); }
};
template <> struct atomic_of<8> {
    template <class E> DEVICE static void put(E *target, E v) { exchange((u64 *)target, v); }
};
template <class E> DEVICE void put_atomically(E *target, E v) { atomic_of<sizeof(E)>::put(target, v); }
// Sums that the hardware supports.
#define SUMS(E, W)                                              \
    template <> DEVICE void put_atomically<E>(E * target, E v) { \
        if (OPERATION == ADD)                                   \
            atomicAdd((W *)target, (W)v);                       \
        else                                                    \
            atomic_of<sizeof(E)>::put(target, v);               \
    }
SUMS(float, float)
SUMS(double, double)
SUMS(i32, u32)
SUMS(i64, u64)

KERNEL(scatter_atomic, 256)(cresset_indexing_parameters p) {
    i64 width = (i64)gridDim.x * 256;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < p.count; i += width) {
        i64 at[3];
        offsets_of(p.places, i, at);
        put_atomically((T *)p.out + at[2] + p.index[at[1]] * p.step, ((const T *)p.x)[at[0]]);
    }
}
EXPORT(scatter_atomic)

#ifdef SEGMENTS

// A segment is a run of equal indices: everything that goes to one target. A thread goes through a chunk of a column in
// order; a second kernel combines what chunks have of the same segment, also in order, so that results are
// reproducible.
typedef compute<T> C;

#define NOBODY 0xffffffffu
#define NEUTRAL ((C)(OPERATION == MULTIPLY ? 1 : 0))

DEVICE C joined(C a, C b) { return OPERATION == MULTIPLY ? a * b : a + b; }

// What a thread owns: a chunk of a line, and a column of it.
struct own_part {
    i64 slot, begin, end;
    const u32 *keys;
    i64 chunk, line, x, out;
    bool is_there;

    DEVICE own_part(const cresset_segment_parameters &p) {
        slot = (i64)blockIdx.x * 256 + threadIdx.x;
        i64 column, rest;
        divide(slot, p.column_count, rest, column);
        divide(rest, p.chunks, line, chunk);
        is_there = line < p.line_count;
        if (!is_there) line = 0;
        i64 of_line[3], of_column[3];
        offsets_of(p.lines, line, of_line);
        offsets_of(p.columns, column, of_column);
        x = of_line[1] + of_column[1];
        out = of_line[2] + of_column[2];
        keys = p.keys + line * p.count;
        begin = chunk * cresset_segment_chunk;
        end = smaller(begin + cresset_segment_chunk, p.count);
    }
    // Whether the segment at a chunk boundary lies on both sides of it.
    DEVICE bool crosses(i64 place, i64 count) const {
        return place > 0 && place < count && keys[place - 1] == keys[place];
    }
};

KERNEL(segment_sums, 256)(cresset_segment_parameters p) {
    own_part own(p);
    if (!own.is_there) return;
    const u32 *order = p.order + own.line * p.count;
    const T *x = (const T *)p.x + own.x;
    T *out = (T *)p.out + own.out;
    u32 key = own.keys[own.begin];
    bool continues = own.crosses(own.begin, p.count);
    C sum = continues || key == NOBODY ? NEUTRAL : load<T>(out[key * p.out_step]);
    for (i64 first = own.begin; first < own.end; first += 4) {
        // Four are read before any is written.
        u32 keys[4];
        C values[4];
        UNROLL for (int k = 0; k < 4; k++) {
            bool is_there = first + k < own.end;
            keys[k] = is_there ? own.keys[first + k] : NOBODY;
            values[k] = NEUTRAL;
            if (keys[k] == NOBODY) continue;
            u32 from = order[first + k], source = p.sources ? p.sources[from] : from;
            if (source == NOBODY) continue;
            values[k] = load<T>(x[source * p.x_step]);
            if (p.factors) values[k] *= ((const C *)p.factors)[from];
        }
        UNROLL for (int k = 0; k < 4; k++) {
            if (first + k >= own.end) break;
            if (keys[k] != key) {
                if (continues) {
                    ((C *)p.heads)[own.slot] = sum;
                } else if (key != NOBODY) {
                    out[key * p.out_step] = store<T>(sum);
                }
                continues = false;
                key = keys[k];
                sum = key == NOBODY ? NEUTRAL : load<T>(out[key * p.out_step]);
            }
            sum = joined(sum, values[k]);
        }
    }
    if (continues) {
        ((C *)p.heads)[own.slot] = sum;
    } else if (own.crosses(own.end, p.count)) {
        ((C *)p.tails)[own.slot] = sum;
    } else if (key != NOBODY) {
        out[key * p.out_step] = store<T>(sum);
    }
}
EXPORT(segment_sums)

KERNEL(segment_joins, 256)(cresset_segment_parameters p) {
    own_part own(p);
    if (!own.is_there || !own.crosses(own.end, p.count)) return;
    // A segment belongs to the chunk in which it begins.
    u32 key = own.keys[own.end - 1];
    if (key == NOBODY || (own.crosses(own.begin, p.count) && own.keys[own.begin] == key)) return;
    C sum = ((const C *)p.tails)[own.slot];
    i64 slot = own.slot, end = own.end;
    do {
        slot += p.column_count;
        end = smaller(end + cresset_segment_chunk, p.count);
        sum = joined(sum, ((const C *)p.heads)[slot]);
    } while (own.keys[end - 1] == key && own.crosses(end, p.count));
    ((T *)p.out)[own.out + key * p.out_step] = store<T>(sum);
}
EXPORT(segment_joins)

#endif
#endif
