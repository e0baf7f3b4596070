#include "loops.h"

typedef struct {
    const cr_loop *loop;
    cr_inner inner;
    double a, b;
} cr_job;

// Elements begin ..< end of the walk in its own order.
static void cr_run_range(void *context, int64_t begin, int64_t end) {
    const cr_job *job = context;
    const cr_loop *l = job->loop;
    int inner = l->rank - 1, operands = l->operands;
    long index[8] = {0}, s[CR_MAX_OPERANDS], rest = begin;
    char *p[CR_MAX_OPERANDS];
    for (int k = 0; k < operands; k++) p[k] = l->data[k], s[k] = l->strides[k][inner];
    for (int i = inner; i >= 0; i--) {
        index[i] = rest % l->shape[i];
        rest /= l->shape[i];
        for (int k = 0; k < operands; k++) p[k] += index[i] * l->strides[k][i];
    }
    while (begin < end) {
        long n = l->shape[inner] - index[inner];
        if (n > end - begin) n = end - begin;
        job->inner(n, p, s, job->a, job->b);
        begin += n;
        if (begin >= end) return;
        for (int k = 0; k < operands; k++) p[k] -= index[inner] * s[k];
        index[inner] = 0;
        for (int i = inner - 1; i >= 0; i--) {
            for (int k = 0; k < operands; k++) p[k] += l->strides[k][i];
            if (++index[i] < l->shape[i]) break;
            for (int k = 0; k < operands; k++) p[k] -= l->shape[i] * l->strides[k][i];
            index[i] = 0;
        }
    }
}

void cr_loop_run(const cr_loop *l, cr_inner inner, double a, double b) {
    if (l->total == 0) return;
    if (l->rank == 1 && l->total <= CR_GRAIN) {
        long s[CR_MAX_OPERANDS];
        for (int k = 0; k < l->operands; k++) s[k] = l->strides[k][0];
        inner(l->total, l->data, s, a, b);
        return;
    }
    cr_job job = {l, inner, a, b};
    cresset_parallel_for(l->total, CR_GRAIN, cr_run_range, &job);
}
