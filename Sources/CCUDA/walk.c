#include "include/cresset_walk.h"

#include <stdint.h>
#include <string.h>

static long long magnitude(long long v) { return v < 0 ? -v : v; }

void cresset_walk_start(cresset_walk *walk, int rank, const long *shape) {
    walk->rank = rank;
    for (int i = 0; i < rank; i++) {
        walk->axes[i].length = shape[i];
        memset(walk->axes[i].strides, 0, sizeof walk->axes[i].strides);
    }
}

void cresset_walk_set(cresset_walk *walk, int operand, const long *strides) {
    for (int i = 0; i < walk->rank; i++) walk->axes[i].strides[operand] = strides[i];
}

// Whether `a` should come before (be faster than) `b`, which currently follows it.
static bool is_faster(const cresset_axis *a, const cresset_axis *b, int operands, int key) {
    long long left = magnitude(a->strides[key]), right = magnitude(b->strides[key]);
    if (left == right && operands > 1) {
        int next = (key + 1) % operands;
        left = magnitude(a->strides[next]), right = magnitude(b->strides[next]);
    }
    return left < right;
}

void cresset_walk_finish(cresset_walk *walk, int operands, int key) {
    // The last axis first, so that among equals the last is the fastest; then insertion sort.
    cresset_axis axes[8];
    int count = 0;
    walk->count = 1;
    for (int i = walk->rank - 1; i >= 0; i--) {
        walk->count *= walk->axes[i].length;
        if (walk->axes[i].length == 1) continue;
        int j = count++;
        while (key >= 0 && j > 0 && is_faster(&walk->axes[i], &axes[j - 1], operands, key)) axes[j] = axes[j - 1], j--;
        axes[j] = walk->axes[i];
    }
    int rank = 0;
    for (int i = 0; i < count; i++) {
        bool merges = rank > 0;
        for (int k = 0; merges && k < operands; k++)
            merges = axes[i].strides[k] == walk->axes[rank - 1].strides[k] * walk->axes[rank - 1].length;
        if (merges) walk->axes[rank - 1].length *= axes[i].length;
        else walk->axes[rank++] = axes[i];
    }
    if (rank == 0) {
        walk->axes[rank++].length = 1;
        for (int k = 0; k < 4; k++) walk->axes[0].strides[k] = 1;
    }
    walk->rank = rank;
    cresset_walk_divide(walk, operands);
}

void cresset_prepare_division(long long divisor, unsigned *multiplier, unsigned *shift) {
    const uint64_t length = (uint64_t)divisor;
    *shift = length <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(length - 1);
    *multiplier = length == 0 ? 0 : (unsigned)((((uint64_t)1 << 32) * (((uint64_t)1 << *shift) - length)) / length + 1);
}

void cresset_walk_divide(cresset_walk *walk, int operands) {
    const long long limit = 0x7fffffff;
    long long last[4] = {0};
    walk->count = 1;
    for (int i = 0; i < walk->rank; i++) {
        cresset_axis *axis = &walk->axes[i];
        walk->count *= axis->length;
        for (int k = 0; k < operands; k++) last[k] += (axis->length - 1) * magnitude(axis->strides[k]);
    }
    walk->is_narrow = walk->count <= limit;
    for (int k = 0; k < operands; k++) walk->is_narrow &= last[k] <= limit;
    if (!walk->is_narrow) return;
    for (int i = 0; i < walk->rank; i++) {
        cresset_axis *axis = &walk->axes[i];
        cresset_prepare_division(axis->length, &axis->multiplier, &axis->shift);
    }
}

static bool is_multiple(const void *pointer, int bytes) { return (uintptr_t)pointer % (unsigned)bytes == 0; }

// Threads per block, and how many vectors and single elements each of them takes.
enum { threads = 256, vectors_a_thread = 2, elements_a_thread = 4 };

cresset_elementwise_plan cresset_elementwise_prepare(
    cresset_elementwise *p, int inputs, int size, int size0, int size1, int size2) {
    const int sizes[4] = {size, size0, size1, size2};
    const void *pointers[4] = {p->out, p->in[0], p->in[1], p->in[2]};
    cresset_walk *walk = &p->walk;
    int largest = 1;
    for (int k = 0; k <= inputs; k++) largest = sizes[k] > largest ? sizes[k] : largest;
    int vector = 16 / largest;
    // Every operand is dense or constant along the fastest axis, and its vectors are aligned everywhere.
    bool is_plain = walk->axes[0].strides[0] == 1, has_vectors = true;
    p->still = 0;
    for (int k = 0; k <= inputs; k++) {
        long long step = walk->axes[0].strides[k];
        is_plain &= step == 0 || step == 1;
        if (step == 0 && k > 0) p->still |= 1 << (k - 1);
        if (step == 0) continue;
        has_vectors &= is_multiple(pointers[k], vector * sizes[k]);
        for (int i = 1; i < walk->rank; i++) has_vectors &= walk->axes[i].strides[k] % vector == 0;
    }
    p->count = walk->count;
    p->has_vectors = has_vectors;
    if (is_plain && walk->rank == 1) {
        long long tile = threads * vectors_a_thread * vector;
        return (cresset_elementwise_plan){0, (size_t)((p->count + tile - 1) / tile)};
    }
    if (is_plain && has_vectors && walk->is_narrow && walk->axes[0].length % vector == 0) {
        walk->axes[0].length /= vector;
        for (int k = 0; k <= inputs; k++) walk->axes[0].strides[k] *= vector;
        cresset_walk_divide(walk, inputs + 1);
        p->count = walk->count;
        long long tile = threads * vectors_a_thread;
        return (cresset_elementwise_plan){2, (size_t)((p->count + tile - 1) / tile)};
    }
    long long tile = threads * elements_a_thread;
    return (cresset_elementwise_plan){walk->is_narrow ? 1 : 3, (size_t)((p->count + tile - 1) / tile)};
}

cresset_chain_plan cresset_chain_prepare(
    cresset_chain *p, int orders, const cresset_chain_operand *operands, int count, int lanes) {
    cresset_walk *walk = &p->walk;
    cresset_walk_finish(walk, orders, 0);
    int largest = 1;
    for (int i = 0; i < count; i++) largest = operands[i].size > largest ? operands[i].size : largest;
    int vector = 16 / largest;
    bool has_vectors = true;
    p->still = 0;
    for (int k = 0; k < orders; k++) {
        if (walk->axes[0].strides[k] == 0) p->still |= 1 << k;
        else for (int i = 1; i < walk->rank; i++) has_vectors &= walk->axes[i].strides[k] % vector == 0;
    }
    for (int i = 0; i < count; i++) {
        bool is_still = operands[i].order < 0 || p->still >> operands[i].order & 1;
        has_vectors &= is_still || is_multiple(operands[i].pointer, vector * operands[i].size);
    }
    p->count = walk->count;
    p->has_vectors = has_vectors;
    int layout = walk->rank == 1 ? 0 : walk->is_narrow ? 1 : 3;
    if (layout == 1 && has_vectors && walk->axes[0].length % vector == 0) {
        layout = 2;
        walk->axes[0].length /= vector;
        for (int k = 0; k < orders; k++) walk->axes[0].strides[k] *= vector;
        cresset_walk_divide(walk, orders);
        p->count = walk->count;
    }
    long long tile = threads * lanes * (layout == 0 ? vector : layout == 2 ? 1 : 2);
    return (cresset_chain_plan){layout, vector, (size_t)((p->count + tile - 1) / tile)};
}

bool cresset_transpose_prepare(const cresset_walk *walk, cresset_transpose *p, cresset_elementwise_plan *plan) {
    // The fastest axis of the result is the column axis; x is dense along the row axis.
    int row = 0;
    for (int i = 1; i < walk->rank; i++)
        if (walk->axes[i].strides[1] == 1) row = i;
    const cresset_axis *columns = &walk->axes[0], *rows = &walk->axes[row];
    if (row == 0 || columns->strides[0] != 1 || columns->strides[1] < 2) return false;
    if (rows->length < 8 || columns->length < 8 || walk->count < 1024) return false;
    const long long tile = cresset_transpose_tile;
    p->rows = rows->length, p->columns = columns->length;
    p->out_step = rows->strides[0], p->in_step = columns->strides[1];
    cresset_walk *tiles = &p->tiles;
    tiles->rank = 2;
    tiles->axes[0] = (cresset_axis){
        .length = (p->columns + tile - 1) / tile, .strides = {tile, tile * p->in_step, 0, tile}};
    tiles->axes[1] = (cresset_axis){
        .length = (p->rows + tile - 1) / tile, .strides = {tile * p->out_step, tile, tile, 0}};
    for (int i = 1; i < walk->rank; i++) {
        if (i == row) continue;
        cresset_axis axis = walk->axes[i];
        axis.strides[2] = axis.strides[3] = 0;
        tiles->axes[tiles->rank++] = axis;
    }
    cresset_walk_divide(tiles, 4);
    plan->layout = tiles->is_narrow && walk->is_narrow ? 4 : 5;
    plan->blocks = (size_t)tiles->count;
    return true;
}
