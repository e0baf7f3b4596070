// How a reduction is divided among blocks and threads.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "../Kernels/reduce.h"

/// What a launch of reduce.cu needs besides its parameters.
typedef struct {
    /// 0: rows, 1: columns.
    int way;
    /// Elements that a thread reads at once.
    int vector;
    bool is_wide;
    size_t blocks;
    /// The total size of the accumulators of all parts in bytes; 0 if there is only one part.
    size_t accumulators;
} cresset_reduce_plan;

/// Divides the axes into kept and reduced ones; bit i of `axes` stands for axis i. If `keeps_order` is set, inputs are
/// counted in row-major order. `out` and `in` must be set already. There are results, though maybe no inputs.
void cresset_reduce_start(
    cresset_reduction *_Nonnull parameters, int rank, const long *_Nonnull shape, unsigned axes, bool keeps_order,
    const long *_Nonnull x, const long *_Nonnull out);

/// Chooses vectors, threads and parts for elements of `size` bytes, and prepares the launch that combines the parts.
cresset_reduce_plan cresset_reduce_prepare(
    cresset_reduction *_Nonnull parameters, cresset_reduction *_Nonnull finish, int size, int multiprocessors);
