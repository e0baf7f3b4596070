// Passes over many gradients: divided by a scale and checked, and their squares added up.
#include <stddef.h>

#include "cresset_memory.h"
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

struct squares {
    const cresset_scaled_tensor *tensors;
    /// The chunks that each tensor begins with, and after the last how many there are.
    const int64_t *first;
    int64_t tensor_count;
    double *partial;
};

static const int64_t square_chunk = 16384;

CRESSET_VECTOR static double square_sum(const float *x, int64_t count) {
    f64x16 sums = {0};
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        f64x16 v = __builtin_convertvector(CRESSET_LOAD_f32(x + i), f64x16);
        sums += v * v;
    }
    double sum = 0;
    for (int k = 0; k < 16; k++) sum += sums[k];
    for (; i < count; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

static void sum_chunks(void *context, int64_t begin, int64_t end) {
    struct squares *w = context;
    int64_t tensor = 0;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        while (w->first[tensor + 1] <= chunk) tensor++;
        int64_t from = (chunk - w->first[tensor]) * square_chunk, rest = w->tensors[tensor].count - from;
        const float *x = (const float *)w->tensors[tensor].elements + from;
        w->partial[chunk] = square_sum(x, rest < square_chunk ? rest : square_chunk);
    }
}

void cresset_sum_squares(const cresset_scaled_tensor *tensors, int64_t tensor_count, double *sums) {
    size_t size = (size_t)(tensor_count + 1) * sizeof(int64_t);
    int64_t *first = cresset_allocate_scratch(size);
    first[0] = 0;
    for (int64_t i = 0; i < tensor_count; i++)
        first[i + 1] = first[i] + (tensors[i].count + square_chunk - 1) / square_chunk;
    size_t partial_size = (size_t)(first[tensor_count] + 1) * sizeof(double);
    double *partial = cresset_allocate_scratch(partial_size);
    struct squares work = {.tensors = tensors, .first = first, .tensor_count = tensor_count, .partial = partial};
    cresset_parallel_for(first[tensor_count], 1, sum_chunks, &work);
    for (int64_t i = 0; i < tensor_count; i++) {
        sums[i] = 0;
        for (int64_t chunk = first[i]; chunk < first[i + 1]; chunk++) sums[i] += partial[chunk];
    }
    cresset_free(partial, partial_size);
    cresset_free(first, size);
}
