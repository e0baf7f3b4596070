// What the kernels of sort.cu are given.
#pragma once
#include "lines.h"

// A block of a radix sort's pass takes a tile of so many elements.
enum { cresset_sort_tile = 4096 };

// Dense arrays have the elements of one line after those of the other; places in a line have 32 bits.
typedef struct {
    const void *x;
    // Results; the index of a scatter is sorted into `keys` and `order` instead.
    void *values;
    long long *indices;
    // The axes that are not sorted along, with the strides of x, values and indices; the axis' own.
    cresset_lines lines;
    long long count, steps[3];
    // The lines that are sorted now.
    long long first_line, line_count;
    // What each element is compared by, and the place it is from; before and after a pass.
    const void *keys;
    const unsigned *order;
    void *sorted_keys;
    unsigned *sorted_order;
    // How often each digit is in each tile, (line, digit, tile); and in each line, (line, digit).
    unsigned *histogram, *totals;
    long long tiles;
    int shift;
    // A power of two not below `count`, and the elements of a block's lines of that many; of sort_block.
    int width, block_elements;
    int descending;
    // Of an index: the value that comes last and whose key is all ones.
    long long skipped;
} cresset_sort_parameters;
