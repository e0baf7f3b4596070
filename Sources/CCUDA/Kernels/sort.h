// The parameters of the kernels in sort.cu.
#pragma once
#include "lines.h"

// The number of elements in the tile that a block handles in one pass of a radix sort.
enum { cresset_sort_tile = 4096 };

// Dense arrays hold one line after another; positions in a line have 32 bits.
typedef struct {
    const void *x;
    // Results; the index of a scatter is sorted into `keys` and `order` instead.
    void *values;
    long long *indices;
    // The axes other than the sorted one, with the strides of x, values and indices; and the sorted axis' own.
    cresset_lines lines;
    long long count, steps[3];
    // The lines that are sorted now.
    long long first_line, line_count;
    // What each element is compared by, and the position it comes from; before and after a pass.
    const void *keys;
    const unsigned *order;
    void *sorted_keys;
    unsigned *sorted_order;
    // How often each digit occurs in each tile, (line, digit, tile); and in each line, (line, digit).
    unsigned *histogram, *totals;
    long long tiles;
    int shift;
    // A power of two not below `count`, and the number of elements of a block's lines padded to it; for sort_block.
    int width, block_elements;
    int descending;
    // For an index: the value that is sorted last and whose key is all ones.
    long long skipped;
} cresset_sort_parameters;
