// SGD in one pass over memory.
//
// torch makes a pass for each operation, and rounds after each: its `add(x, alpha: a)` is one fused multiply-add, its
// `mul` a multiplication. The same operations in the same order give the same bits here.
#include "cresset_optimizer.h"

#include <math.h>
#include <stddef.h>

#include "cresset_threads.h"
#include "kernel.h"

struct work {
    const cresset_sgd_tensor *tensors;
    int64_t tensor_count;
    const cresset_sgd_options *options;
};

#define ROUND_f32(v) (v)
#define ROUND_f64(v) (v)
// Through memory's format and back.
#define ROUND_bf16(v)                                                                                                 \
    ({                                                                                                                \
        uint16_t cresset_narrow[16];                                                                                  \
        CRESSET_STORE_bf16(cresset_narrow, v);                                                                        \
        CRESSET_LOAD_bf16(cresset_narrow);                                                                            \
    })

#define DEFINE_SGD(name, element, real, vector)                                                                       \
    /* Elements `begin` to before `end` of a tensor; the last few are copied to a whole vector. */                    \
    CRESSET_VECTOR static void sgd_##name(                                                                            \
        const cresset_sgd_tensor *t, const cresset_sgd_options *o, int64_t begin, int64_t end) {                      \
        element *parameter = t->parameter, *momentum = t->momentum, tail[3][16] = {{0}};                              \
        const element *gradient = t->gradient;                                                                        \
        const vector decay = (vector){0} + (real)o->weight_decay, factor = (vector){0} + (real)o->momentum;           \
        const vector share = (vector){0} + (real)(1 - o->dampening), step = (vector){0} + (real)-o->lr;               \
        for (int64_t i = begin; i < end; i += 16) {                                                                   \
            element *pp = parameter + i, *mp = momentum + i;                                                          \
            const element *gp = gradient + i;                                                                         \
            size_t rest = end - i < 16 ? (size_t)(end - i) * sizeof(element) : 0;                                     \
            if (rest) {                                                                                               \
                memcpy(tail[0], pp, rest);                                                                            \
                memcpy(tail[1], gp, rest);                                                                            \
                if (momentum) memcpy(tail[2], mp, rest);                                                              \
                pp = tail[0], gp = tail[1], mp = tail[2];                                                             \
            }                                                                                                         \
            vector p = CRESSET_LOAD_##name(pp), g = CRESSET_LOAD_##name(gp);                                          \
            if (o->maximize) g = -g;                                                                                  \
            if (o->weight_decay != 0) g = ROUND_##name(__builtin_elementwise_fma(p, decay, g));                       \
            if (momentum) {                                                                                           \
                vector m = g;                                                                                         \
                if (!o->is_first) {                                                                                   \
                    m = ROUND_##name(CRESSET_LOAD_##name(mp) * factor);                                               \
                    m = ROUND_##name(__builtin_elementwise_fma(g, share, m));                                         \
                }                                                                                                     \
                CRESSET_STORE_##name(mp, m);                                                                          \
                g = o->nesterov ? ROUND_##name(__builtin_elementwise_fma(m, factor, g)) : m;                          \
            }                                                                                                         \
            CRESSET_STORE_##name(pp, __builtin_elementwise_fma(g, step, p));                                          \
            if (rest) {                                                                                               \
                memcpy(parameter + i, tail[0], rest);                                                                 \
                if (momentum) memcpy(momentum + i, tail[2], rest);                                                    \
            }                                                                                                         \
        }                                                                                                             \
    }

DEFINE_SGD(f32, float, float, f32x16)
DEFINE_SGD(f64, double, double, f64x16)
DEFINE_SGD(bf16, uint16_t, float, f32x16)

/// A part of all tensors' elements, numbered through.
static void run_part(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t first = 0;
    for (int64_t i = 0; i < w->tensor_count && first < end; i++) {
        const cresset_sgd_tensor *t = &w->tensors[i];
        int64_t from = begin > first ? begin - first : 0, to = end - first < t->count ? end - first : t->count;
        if (from < to) {
            if (t->dtype == cresset_f64)
                sgd_f64(t, w->options, from, to);
            else if (t->dtype == cresset_bf16)
                sgd_bf16(t, w->options, from, to);
            else
                sgd_f32(t, w->options, from, to);
        }
        first += t->count;
    }
}

void cresset_sgd(const cresset_sgd_tensor *tensors, int64_t tensor_count, const cresset_sgd_options *options) {
    struct work work = {.tensors = tensors, .tensor_count = tensor_count, .options = options};
    int64_t total = 0;
    for (int64_t i = 0; i < tensor_count; i++) total += tensors[i].count;
    cresset_parallel_for(total, 16384, run_part, &work);
}
