// Embedding bags: each row of the table that is named is read once.
#include "cresset_embedding.h"

#include "cresset_threads.h"
#include "kernel.h"

struct work {
    const cresset_embedding_bags *bags;
    /// The table, or the gradient.
    const void *x;
    int64_t *places;
    void *out;
};

/// Features summed in one pass over a bag.
enum { strip = 64, grain = 16384 };


/// The number of indices of a bag that are not ignored.
static int64_t members(const cresset_embedding_bags *b, int64_t bag) {
    int64_t count = 0;
    for (int64_t at = b->starts[bag]; at < b->starts[bag + 1]; at++) count += b->numbers[at] != b->padding;
    return count;
}

#define NAME f32
#define REAL float
#include "Templates/embedding_loops.h"

#define NAME f64
#define REAL double
#include "Templates/embedding_loops.h"

void cresset_embedding_bag(const cresset_embedding_bags *b, const void *table, int64_t *places, void *out) {
    if (b->bags * b->features == 0) return;
    struct work w = {.bags = b, .x = table, .places = places, .out = out};
    int64_t elements = (b->starts[b->bags] - b->starts[0]) * b->features;
    cresset_loop_body body = b->mode == cresset_bag_max ? (b->is_double ? largest_f64 : largest_f32)
                                                        : (b->is_double ? bags_f64 : bags_f32);
    cresset_parallel_for(b->bags, grain * b->bags / maximum(elements, 1) + 1, body, &w);
}

void cresset_embedding_bag_gradient(
    const cresset_embedding_bags *b, const void *gradient, const int64_t *places, void *out) {
    struct work w = {.bags = b, .x = gradient, .places = (int64_t *)places, .out = out};
    cresset_parallel_for(b->features, 16, b->is_double ? gradient_f64 : gradient_f32, &w);
}
