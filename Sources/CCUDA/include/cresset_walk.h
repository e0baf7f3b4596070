// How operands are walked together: axes sorted and merged, and the layout of elementwise.h that is fastest for them.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "../Kernels/elementwise.h"
#include "../Kernels/copy.h"
#include "../Kernels/chain.h"

/// Starts a walk over axes of these lengths; strides are 0 until `cresset_walk_set` gives them.
void cresset_walk_start(cresset_walk *_Nonnull walk, int rank, const long *_Nonnull shape);
/// Sets the strides of operand number `operand`, in elements.
void cresset_walk_set(cresset_walk *_Nonnull walk, int operand, const long *_Nonnull strides);
/// Drops axes of length 1, puts the axis with the smallest stride of operand `key` first (ties are broken by the next
/// operand), merges neighbours, and prepares divisions. A `key` below 0 leaves the axes in their order, the last one
/// first.
void cresset_walk_finish(cresset_walk *_Nonnull walk, int operands, int key);
/// What makes (the high word of n * multiplier, plus n) >> shift the quotient n / divisor, for all n below 2^31.
void cresset_prepare_division(long long divisor, unsigned *_Nonnull multiplier, unsigned *_Nonnull shift);
/// Prepares divisions again, after lengths have changed.
void cresset_walk_divide(cresset_walk *_Nonnull walk, int operands);

/// What a launch of an elementwise kernel needs besides its parameters.
typedef struct {
    /// As in elementwise.h.
    int layout;
    size_t blocks;
} cresset_elementwise_plan;

/// Chooses the layout for a finished walk; `sizes` are the bytes per element, the result first. There must be elements.
cresset_elementwise_plan cresset_elementwise_prepare(
    cresset_elementwise *_Nonnull parameters, int inputs, int size, int size0, int size1, int size2);

/// What a chain reads or writes.
typedef struct {
    const void *_Nonnull pointer;
    /// Bytes per element.
    int size;
    /// The number of its order of elements in the walk; -1: a single element.
    int order;
} cresset_chain_operand;

/// What a launch of a chain needs besides its parameters.
typedef struct {
    /// As in elementwise.h.
    int layout;
    /// The elements of a vector.
    int vector;
    size_t blocks;
} cresset_chain_plan;

/// Finishes the walk over `orders` orders of elements and chooses the layout. The first order is that of the results,
/// which are dense; along their fastest axis the others have stride 0 or 1. `lanes`: how many vectors a thread takes.
cresset_chain_plan cresset_chain_prepare(
    cresset_chain *_Nonnull parameters, int orders, const cresset_chain_operand *_Nonnull operands, int count,
    int lanes);

/// Whether a copy with this walk is best made tile by tile, and how: `layout` 4 or 5 of copy.cu.
bool cresset_transpose_prepare(
    const cresset_walk *_Nonnull walk, cresset_transpose *_Nonnull parameters,
    cresset_elementwise_plan *_Nonnull plan);
