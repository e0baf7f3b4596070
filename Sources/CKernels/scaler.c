// Scaled gradients: divided by the scale and checked in one pass.
#include <stddef.h>

#include "cresset_optimizer.h"
#include "cresset_threads.h"
#include "kernel.h"

#define UNSCALE(NAME, REAL, VECTOR)                                                                                   \
    CRESSET_VECTOR static bool unscale_##NAME(REAL *x, int64_t begin, int64_t end, REAL factor) {                     \
        /* x - x is 0 for finite numbers alone. */                                                                    \
        VECTOR all = {0};                                                                                             \
        int64_t i = begin;                                                                                            \
        for (; i + 16 <= end; i += 16) {                                                                              \
            VECTOR v = CRESSET_LOAD_##NAME(x + i);                                                                    \
            all += v - v;                                                                                             \
            CRESSET_STORE_##NAME(x + i, v * factor);                                                                  \
        }                                                                                                             \
        REAL sum = 0;                                                                                                 \
        for (int k = 0; k < 16; k++) sum += all[k];                                                                   \
        for (; i < end; i++) {                                                                                        \
            sum += x[i] - x[i];                                                                                       \
            x[i] *= factor;                                                                                           \
        }                                                                                                             \
        return !(sum == 0);                                                                                           \
    }
UNSCALE(f32, float, f32x16)
UNSCALE(f64, double, f64x16)

struct work {
    const cresset_scaled_tensor *tensors;
    int64_t tensor_count;
    float factor;
    bool found;
};

/// A part of all tensors' elements, numbered consecutively.
static void run_part(void *context, int64_t begin, int64_t end) {
    struct work *w = context;
    int64_t first = 0;
    bool found = false;
    for (int64_t i = 0; i < w->tensor_count && first < end; i++) {
        const cresset_scaled_tensor *t = &w->tensors[i];
        int64_t from = begin > first ? begin - first : 0, to = end - first < t->count ? end - first : t->count;
        if (from < to) {
            if (t->dtype == cresset_f64)
                found |= unscale_f64(t->elements, from, to, w->factor);
            else
                found |= unscale_f32(t->elements, from, to, w->factor);
        }
        first += t->count;
    }
    if (found) __atomic_store_n(&w->found, true, __ATOMIC_RELAXED);
}

bool cresset_unscale(const cresset_scaled_tensor *tensors, int64_t tensor_count, float factor) {
    struct work work = {.tensors = tensors, .tensor_count = tensor_count, .factor = factor};
    int64_t total = 0;
    for (int64_t i = 0; i < tensor_count; i++) total += tensors[i].count;
    cresset_parallel_for(total, 16384, run_part, &work);
    return work.found;
}
