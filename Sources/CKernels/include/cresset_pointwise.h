// Pointwise, copying, reducing and indexing kernels. A tensor is given by its data and its strides in elements; all
// share `shape`, of `rank` at most 8. Any strides are allowed, including 0 (broadcast) and orders other than row-major.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "cresset_enumerations.h"

typedef struct {
    const void *_Nonnull data;
    const long *_Nonnull strides;
} cresset_operand;

// Each returns false if the operator does not exist for that dtype: the caller should have promoted. `result` is the
// dtype of out: that of the arguments, or bool for predicates and comparisons.
bool cresset_unary(int32_t op, int32_t dtype, int32_t result, int32_t rank, const long *_Nonnull shape,
                   cresset_operand x, cresset_operand out, double a, double b);
bool cresset_binary(int32_t op, int32_t dtype, int32_t result, int32_t rank, const long *_Nonnull shape,
                    cresset_operand x, cresset_operand y, cresset_operand out, double a, double b);
// The same for `count` elements that lie side by side in all three.
bool cresset_binary_in_order(int32_t op, int32_t dtype, int32_t result, long count, const void *_Nonnull x,
                             const void *_Nonnull y, void *_Nonnull out, double a, double b);
// out = condition ? x : y; `size` is the element size of x, y and out in bytes.
void cresset_select(int32_t size, int32_t rank, const long *_Nonnull shape, cresset_operand condition,
                    cresset_operand x, cresset_operand y, cresset_operand out);
void cresset_fill(int32_t dtype, int32_t rank, const long *_Nonnull shape, cresset_operand out, double value,
                  int64_t integer);
void cresset_copy(int32_t from, int32_t to, int32_t rank, const long *_Nonnull shape, cresset_operand x,
                  cresset_operand out);

// Reduces every axis marked by `reduced`; out has stride 0 there.
bool cresset_reduce(int32_t op, int32_t dtype, int32_t rank, const long *_Nonnull shape,
                    const bool *_Nonnull reduced, cresset_operand x, cresset_operand out);
// Running reduction (sum, product, maximum, minimum) along `axis`.
bool cresset_scan(int32_t op, int32_t dtype, int32_t rank, const long *_Nonnull shape, int32_t axis,
                  cresset_operand x, cresset_operand out);
// Stable order along `axis`, NaN last (first when descending).
bool cresset_sort(int32_t dtype, int32_t rank, const long *_Nonnull shape, int32_t axis, bool descending,
                  cresset_operand x, cresset_operand values, cresset_operand indices);
// out[i][j][k] = x[i][index[i][j][k]][k] over the shape of index, along `axis` with the stride `axis_stride` of x.
void cresset_gather(int32_t size, int32_t rank, const long *_Nonnull shape, int32_t axis, cresset_operand x,
                    cresset_operand index, cresset_operand out);
// out[i][index[i][j][k]][k] = op(out[i][index[i][j][k]][k], x[i][j][k]) over the shape of index; `op` is a `ScatterOp`.
bool cresset_scatter(int32_t op, int32_t dtype, int32_t rank, const long *_Nonnull shape, int32_t axis,
                     cresset_operand x, cresset_operand index, cresset_operand out);
