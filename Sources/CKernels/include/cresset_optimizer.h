// Optimizer steps over all tensors of a group at once.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// One parameter: `count` elements in the same order in each array.
typedef struct {
    /// float32, float64 or bfloat16; so is the gradient.
    void *parameter;
    const void *gradient;
    /// The rule's state, of the parameter's type, except that bfloat16 has float32 state; NULL for unused entries.
    void *state[3];
    int64_t count;
    /// Raw value of a `DType`.
    int dtype;
} cresset_step_tensor;

typedef enum {
    cresset_rule_sgd,
    cresset_rule_adadelta,
    cresset_rule_adagrad,
    cresset_rule_adam,
    cresset_rule_adamax,
    cresset_rule_nadam,
    cresset_rule_radam,
    cresset_rule_rmsprop,
    cresset_rule_rprop,
    cresset_rule_asgd,
    cresset_rule_average
} cresset_rule;

typedef struct {
    double lr, momentum, dampening;
    bool has_momentum, nesterov;
    /// The momentum is new: it is set to the gradient.
    bool is_first;
} cresset_sgd;

typedef struct {
    double lr, rho, epsilon;
} cresset_adadelta;

typedef struct {
    double lr, epsilon;
} cresset_adagrad;

typedef struct {
    double lr, beta1, beta2, epsilon;
    /// The divisor of the second moment's root.
    double correction;
    bool amsgrad;
} cresset_adam;

typedef struct {
    double lr, beta1, beta2, epsilon;
} cresset_adamax;

typedef struct {
    /// Factors of the gradient and of the first moment.
    double gradient_lr, moment_lr;
    double beta1, beta2, epsilon;
    /// The divisor of the second moment.
    double correction;
} cresset_nadam;

typedef struct {
    double lr, beta1, beta2, epsilon;
    /// The divisor of the first moment.
    double correction;
    /// Factor of the step over the root of the second moment; if not rectified, the step is the first moment.
    double root, rectification;
    bool is_rectified;
} cresset_radam;

typedef struct {
    double lr, alpha, epsilon, momentum;
    bool has_momentum, centered;
} cresset_rmsprop;

typedef struct {
    double eta_minus, eta_plus, minimum, maximum;
} cresset_rprop;

typedef struct {
    double eta, mu;
} cresset_asgd;

typedef struct {
    double weight;
} cresset_average;

typedef union {
    cresset_sgd sgd;
    cresset_adadelta adadelta;
    cresset_adagrad adagrad;
    cresset_adam adam;
    cresset_adamax adamax;
    cresset_nadam nadam;
    cresset_radam radam;
    cresset_rmsprop rmsprop;
    cresset_rprop rprop;
    cresset_asgd asgd;
    cresset_average average;
} cresset_rule_numbers;

typedef struct {
    cresset_rule rule;
    bool maximize;
    /// The share of the parameter that is added to its gradient.
    double weight_decay;
    /// The parameter is first multiplied by this.
    double shrinkage;
    cresset_rule_numbers numbers;
} cresset_step;

/// One step, with every operation rounded as torch.optim rounds it.
void cresset_optimizer_step(const cresset_step_tensor *tensors, int64_t tensor_count, const cresset_step *step);

/// A gradient of float32 or float64 numbers, without gaps.
typedef struct {
    void *elements;
    int64_t count;
    /// Raw value of a `DType`.
    int dtype;
} cresset_scaled_tensor;

/// The sum of the squares of each of a few float32 gradients, the same for any number of threads.
void cresset_sum_squares(const cresset_scaled_tensor *tensors, int64_t tensor_count, double *sums);

/// Multiplies gradients by `factor`; returns whether one of them was infinite or NaN before.
bool cresset_unscale(const cresset_scaled_tensor *tensors, int64_t tensor_count, float factor);
