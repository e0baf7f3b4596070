#include "include/cresset_reduce.h"
#include "include/cresset_walk.h"

#include <stdint.h>
#include <string.h>

void cresset_reduce_start(
    cresset_reduction *p, int rank, const long *shape, unsigned axes, bool keeps_order, const long *x, const long *out) {
    cresset_walk *walks[2] = {&p->kept, &p->reduced};
    p->kept.rank = p->reduced.rank = 0;
    for (int i = 0; i < rank; i++) {
        bool is_reduced = axes >> i & 1;
        cresset_walk *walk = walks[is_reduced];
        cresset_axis *axis = &walk->axes[walk->rank++];
        memset(axis, 0, sizeof *axis);
        axis->length = shape[i];
        axis->strides[0] = is_reduced ? x[i] : out[i];
        axis->strides[1] = is_reduced ? 0 : x[i];
    }
    cresset_walk_finish(&p->kept, 2, 1);
    cresset_walk_finish(&p->reduced, 1, keeps_order ? -1 : 0);
}

enum { threads = 256 };

static long long magnitude(long long v) { return v < 0 ? -v : v; }
static long long ceiling(long long a, long long b) { return (a + b - 1) / b; }
static long long minimum(long long a, long long b) { return a < b ? a : b; }
static long long maximum(long long a, long long b) { return a > b ? a : b; }
static int power_of_two(long long least) {
    int power = 1;
    while (power < least) power *= 2;
    return power;
}

// Whether x can be read in vectors along the first axis of `dense`, where it is operand number `dense_x`.
static bool has_vectors(
    const cresset_walk *dense, int dense_x, const cresset_walk *other, int other_x, const void *in, int size, int vector) {
    if (vector == 1 || dense->axes[0].strides[dense_x] != 1 || dense->axes[0].length % vector != 0) return false;
    bool fits = (uintptr_t)in % (unsigned)(size * vector) == 0;
    for (int i = 1; i < dense->rank; i++) fits &= dense->axes[i].strides[dense_x] % vector == 0;
    for (int i = 0; i < other->rank; i++) fits &= other->axes[i].length == 1 || other->axes[i].strides[other_x] % vector == 0;
    return fits;
}

static void shorten(cresset_walk *walk, int operands, int vector) {
    walk->axes[0].length /= vector;
    for (int k = 0; k < operands; k++) walk->axes[0].strides[k] *= vector;
    cresset_walk_divide(walk, operands);
}

// Rows: a few threads, a warp or a block share a result.
static void plan_rows(cresset_reduction *p, cresset_reduce_plan *plan, int size, int multiprocessors) {
    int vector = 16 / size;
    if (has_vectors(&p->reduced, 0, &p->kept, 1, p->in, size, vector)) {
        plan->vector = vector;
        shorten(&p->reduced, 1, vector);
    }
    long long inputs = p->reduced.count, results = p->kept.count;
    bool are_few = results < 32ll * multiprocessors;
    p->lanes = inputs >= (are_few ? 256 : 1024) ? threads : power_of_two(minimum(32, ceiling(inputs, 4)));
    plan->blocks = (size_t)ceiling(results, threads / p->lanes);
    if (p->lanes == threads && results < 2 * multiprocessors) {
        long long parts = minimum(ceiling(8ll * multiprocessors, results), ceiling(inputs, 8 * threads));
        p->part = ceiling(ceiling(inputs, maximum(parts, 1)), threads) * threads;
    }
}

// Columns: the threads of a block cover neighbouring columns, and rows whose results are merged at the end.
static void plan_columns(cresset_reduction *p, cresset_reduce_plan *plan, int size, int multiprocessors) {
    int vector = (int)minimum(16 / size, 8);
    if (has_vectors(&p->kept, 1, &p->reduced, 0, p->in, size, vector)) {
        plan->vector = vector;
        p->step = p->kept.axes[0].strides[0];
        shorten(&p->kept, 2, vector);
    }
    long long inputs = p->reduced.count, columns = p->kept.count;
    p->lanes = power_of_two(minimum(32, columns));
    plan->blocks = (size_t)ceiling(columns, p->lanes);
    long long rows = threads / p->lanes;
    if ((long long)plan->blocks < 4 * multiprocessors) {
        long long parts = minimum(ceiling(8ll * multiprocessors, (long long)plan->blocks), ceiling(inputs, 8 * rows));
        p->part = ceiling(inputs, maximum(parts, 1));
    }
}

cresset_reduce_plan cresset_reduce_prepare(
    cresset_reduction *p, cresset_reduction *finish, int size, int multiprocessors) {
    cresset_reduce_plan plan = {.vector = 1};
    finish->kept = p->kept;
    const cresset_axis *kept = &p->kept.axes[0], *reduced = &p->reduced.axes[0];
    bool is_wide = !p->kept.is_narrow || !p->reduced.is_narrow;
    p->part = 0, p->step = 0;
    if (kept->length > 1 && reduced->length > 1 && magnitude(kept->strides[1]) < magnitude(reduced->strides[0])) {
        plan.way = 1;
        plan_columns(p, &plan, size, multiprocessors);
    } else {
        plan_rows(p, &plan, size, multiprocessors);
    }
    plan.is_wide = is_wide;
    if (p->part == 0) p->part = maximum(p->reduced.count, 1);
    p->parts = (int)minimum(maximum(ceiling(p->reduced.count, p->part), 1), 65535);
    p->part = maximum(ceiling(p->reduced.count, p->parts), 1);
    if (p->parts > 1) {
        plan.accumulators = (size_t)finish->kept.count * (size_t)p->parts * cresset_accumulator_size;
        finish->out = p->out;
        finish->part = p->parts;
        finish->parts = 1;
        finish->reduced.count = 1;
    }
    return plan;
}
