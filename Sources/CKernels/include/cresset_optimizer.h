// Optimizer steps over all tensors of a group at once.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// One parameter: `count` elements of one type (float32, float64 or bfloat16), in the same order in each array.
typedef struct {
    void *parameter;
    const void *gradient;
    /// NULL where the rule has no momentum.
    void *momentum;
    int64_t count;
    /// Raw value of a `DType`.
    int dtype;
} cresset_sgd_tensor;

typedef struct {
    double lr, momentum, dampening, weight_decay;
    bool nesterov, maximize;
    /// Momentum buffers are new: they are set to the gradient.
    bool is_first;
} cresset_sgd_options;

/// torch.optim.SGD's rule, operation by operation as torch rounds it.
void cresset_sgd(const cresset_sgd_tensor *tensors, int64_t tensor_count, const cresset_sgd_options *options);
