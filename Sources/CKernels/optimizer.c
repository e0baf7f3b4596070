// Optimizer steps in one pass over memory.
//
// torch makes a pass for each operation, and rounds after each: its `add(x, alpha: a)` and `lerp` are one fused
// multiply-add, its `mul`, `addcmul` and `addcdiv` round every operation. Here the same operations in the same order
// give the same bits, so the compiler must not fuse any on its own.
#include "cresset_optimizer.h"

#include <math.h>
#include <stddef.h>

#include "cresset_threads.h"
#include "kernel.h"

#pragma STDC FP_CONTRACT OFF

#define ELEMENT float
#define REAL float
#define VECTOR f32x16
#define INTEGERS i32x16
#define TYPE f32
#define STATE_TYPE f32
#include "Templates/optimizer_rules.h"

#define ELEMENT double
#define REAL double
#define VECTOR f64x16
#define INTEGERS i64x16
#define TYPE f64
#define STATE_TYPE f64
#include "Templates/optimizer_rules.h"

#define ELEMENT uint16_t
#define REAL float
#define VECTOR f32x16
#define INTEGERS i32x16
#define TYPE bf16
#define STATE_TYPE f32
#include "Templates/optimizer_rules.h"

struct work {
    const cresset_step_tensor *tensors;
    int64_t tensor_count;
    const cresset_step *step;
};

/// A part of all tensors' elements, numbered consecutively.
static void run_part(void *context, int64_t begin, int64_t end) {
    const struct work *w = context;
    int64_t first = 0;
    for (int64_t i = 0; i < w->tensor_count && first < end; i++) {
        const cresset_step_tensor *t = &w->tensors[i];
        int64_t from = begin > first ? begin - first : 0, to = end - first < t->count ? end - first : t->count;
        if (from < to) {
            if (t->dtype == cresset_f64)
                step_f64(t, w->step, from, to);
            else if (t->dtype == cresset_bf16)
                step_bf16(t, w->step, from, to);
            else
                step_f32(t, w->step, from, to);
        }
        first += t->count;
    }
}

void cresset_optimizer_step(const cresset_step_tensor *tensors, int64_t tensor_count, const cresset_step *step) {
    struct work work = {.tensors = tensors, .tensor_count = tensor_count, .step = step};
    int64_t total = 0;
    for (int64_t i = 0; i < tensor_count; i++) total += tensors[i].count;
    cresset_parallel_for(total, 16384, run_part, &work);
}
