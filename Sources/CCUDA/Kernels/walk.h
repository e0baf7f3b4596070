// The axes of operands that are walked together, and how an index becomes an offset for each.
#pragma once

typedef struct {
    long long length;
    // For indices below 2^31: index / length is (the high word of index * multiplier, plus index) >> shift.
    unsigned int multiplier, shift;
    // In elements, operand by operand.
    long long strides[4];
} cresset_axis;

// Made by cresset_walk.h's functions: neighbouring axes are merged, and the fastest comes first.
typedef struct {
    // At least 1.
    int rank;
    // Whether indices and offsets stay below 2^31.
    int is_narrow;
    long long count;
    cresset_axis axes[8];
} cresset_walk;

#ifdef __cplusplus
template <class I> struct offset_of;
template <> struct offset_of<u32> { typedef i32 type; };
template <> struct offset_of<u64> { typedef i64 type; };

DEVICE u32 quotient(const cresset_axis &axis, u32 index) {
    return (multiply_high(index, axis.multiplier) + index) >> axis.shift;
}
DEVICE u64 quotient(const cresset_axis &axis, u64 index) { return index / (u64)axis.length; }

// The offsets of the first N operands at an index. I is u32 for narrow walks, u64 for others.
template <int N, class I> DEVICE void locate(const cresset_walk &walk, I index, typename offset_of<I>::type (&at)[N]) {
    I sums[N] = {};
    int last = walk.rank - 1;
    for (int i = 0; i < last; i++) {
        I whole = quotient(walk.axes[i], index), rest = index - whole * (I)walk.axes[i].length;
        UNROLL for (int k = 0; k < N; k++) sums[k] += rest * (I)walk.axes[i].strides[k];
        index = whole;
    }
    UNROLL for (int k = 0; k < N; k++) at[k] = (typename offset_of<I>::type)(sums[k] + index * (I)walk.axes[last].strides[k]);
}
#endif
