// Many gradients in one launch: divided by a loss scale and checked in one pass, or multiplied by a factor, or their
// squares added up; and the rule by which the loss scale changes. ELEMENT is the gradients' type. The arithmetic of loss
// scales is that of torch's _amp_foreach_non_finite_check_and_unscale_ and _amp_update_scale_.
#include "device.h"
#include "scaler.h"
#include "tensors.h"

typedef compute<ELEMENT> Real;

/// N elements; whether one of them is infinite or NaN.
template <int N> DEVICE bool unscale_some(ELEMENT *at, Real factor) {
    auto x = *(Vec<ELEMENT, N> *)at;
    bool is_finite = true;
    UNROLL for (int j = 0; j < N; j++) {
        Real value = load(x.v[j]);
        is_finite = is_finite && value - value == 0;
        x.v[j] = store<ELEMENT>(factor == 1 ? value : rounded_product(value, factor));
    }
    *(Vec<ELEMENT, N> *)at = x;
    return !is_finite;
}

/// The elements that a block works on.
struct Part {
    ELEMENT *elements;
    int count;

    DEVICE Part(const cresset_gradient_table &p) {
        const int tensor = tensor_at(p.first, p.count, (int)blockIdx.x);
        i64 begin = (i64)((int)blockIdx.x - p.first[tensor]) * CRESSET_GRADIENT_CHUNK;
        count = (int)smaller((i64)p.counts[tensor] - begin, (i64)CRESSET_GRADIENT_CHUNK);
        elements = (ELEMENT *)p.tensors[tensor] + begin;
    }
};

KERNEL(unscale, 256)(cresset_gradient_table p) {
    const Part part(p);
    ELEMENT *elements = part.elements;
    const Real factor = p.multiplies ? (Real)*p.scale : (Real)(float)(1 / (double)*p.scale);
    const int count = part.count;
    constexpr int N = 16 / sizeof(ELEMENT);
    int vectors = (u64)elements % 16 == 0 ? count / N : 0;
    bool found = false;
    for (int i = (int)threadIdx.x; i < vectors; i += 256) found = unscale_some<N>(elements + (i64)i * N, factor) || found;
    for (int i = vectors * N + (int)threadIdx.x; i < count; i += 256)
        found = unscale_some<1>(elements + i, factor) || found;
    // Threads that get here write the same value.
    if (found && p.found) *p.found = 1;
}
EXPORT(unscale)

/// The sum of the squares of a block's elements; always in the same order.
KERNEL(sum_squares, 256)(cresset_gradient_table p) {
    SHARED(double, sums, [8]);
    const Part part(p);
    double sum = 0;
    for (int i = (int)threadIdx.x; i < part.count; i += 256) {
        double x = (double)load(part.elements[i]);
        sum += x * x;
    }
    sum = block_sum(sum, sums);
    if (threadIdx.x == 0) p.partial[blockIdx.x] = sum;
}
EXPORT(sum_squares)

/// Adds up the blocks of each tensor.
KERNEL(add_squares, 32)(cresset_gradient_table p) {
    int tensor = (int)blockIdx.x, end = tensor + 1 < p.count ? p.first[tensor + 1] : p.blocks;
    double sum = 0;
    for (int i = p.first[tensor] + (int)threadIdx.x; i < end; i += 32) sum += p.partial[i];
    sum = warp_sum(sum);
    if (threadIdx.x == 0) p.sums[tensor] = (float)sum;
}
EXPORT(add_squares)

KERNEL(adapt_scale, 32)(cresset_scale_rule p) {
    if (threadIdx.x != 0) return;
    if (*p.found != 0) {
        *p.scale = (float)((double)*p.scale * p.backoff_factor);
        *p.tracker = 0;
        return;
    }
    int finite_steps = *p.tracker + 1;
    if (finite_steps == p.growth_interval) {
        // An infinite scale would make every gradient infinite.
        float grown = (float)((double)*p.scale * p.growth_factor);
        if (grown - grown == 0) *p.scale = grown;
        finite_steps = 0;
    }
    *p.tracker = finite_steps;
}
EXPORT(adapt_scale)
