// Walks over the axes of several tensors at once, shared by the kernels that work along one axis.
#pragma once

// The outermost axis first; there is at least one. Strides are in elements. If there are fewer than 2³¹ positions in
// all, division by a length becomes multiplication by its magic number and a shift.
typedef struct {
    long long lengths[8];
    long long strides[5][8];
    unsigned magics[8];
    unsigned shifts[8];
    int rank;
    int is_small;
} cresset_lines;

#ifdef DEVICE
// Where position `number` of a walk is in each of the first N tensors.
template <int N> DEVICE void offsets_of(const cresset_lines &walk, i64 number, i64 (&at)[N]) {
    UNROLL for (int t = 0; t < N; t++) at[t] = 0;
    if (walk.is_small) {
        u32 rest = (u32)number;
        for (int axis = walk.rank - 1; axis > 0; axis--) {
            u32 quotient = (multiply_high(rest, walk.magics[axis]) + rest) >> walk.shifts[axis];
            i64 place = rest - quotient * (u32)walk.lengths[axis];
            UNROLL for (int t = 0; t < N; t++) at[t] += place * walk.strides[t][axis];
            rest = quotient;
        }
        UNROLL for (int t = 0; t < N; t++) at[t] += (i64)rest * walk.strides[t][0];
    } else {
        for (int axis = walk.rank - 1; axis > 0; axis--) {
            i64 quotient = number / walk.lengths[axis], place = number - quotient * walk.lengths[axis];
            UNROLL for (int t = 0; t < N; t++) at[t] += place * walk.strides[t][axis];
            number = quotient;
        }
        UNROLL for (int t = 0; t < N; t++) at[t] += number * walk.strides[t][0];
    }
}
// number / divisor and the remainder, in 32 bits where they suffice.
DEVICE void divide(i64 number, i64 divisor, i64 &quotient, i64 &rest) {
    if (((u64)number | (u64)divisor) >> 32) {
        quotient = number / divisor;
        rest = number - quotient * divisor;
    } else {
        u32 q = (u32)number / (u32)divisor;
        rest = (u32)number - q * (u32)divisor;
        quotient = q;
    }
}
#endif
