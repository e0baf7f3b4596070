// The parameters of the kernels in optimizer.cu.
#pragma once

/// The numbers of one step, with everything the rules derive from them already computed (1 - beta, -lr, …). They change
/// from step to step: a captured graph reads them from memory.
typedef struct {
    double weight_decay, shrinkage;
    /// In the order in which a rule in optimizer.cu reads them.
    double values[8];
    int maximizes;
    /// Switches of a rule.
    int flags[3];
} cresset_optimizer_numbers;

/// The most numbers among which a device chooses.
#define CRESSET_OPTIMIZER_CHOICES 16

/// Numbers in memory: those of the step to be made if `base` steps have been skipped so far, if one more has, and so on.
typedef struct {
    long long base;
    cresset_optimizer_numbers numbers[CRESSET_OPTIMIZER_CHOICES];
} cresset_optimizer_choices;

/// One parameter and its state and gradient, the same elements in the same order; addresses, 0 if there is none.
typedef struct {
    long long parameter, gradient, state[3], count;
} cresset_optimizer_tensor;

/// As many as fit in a launch's parameters, which are 4 KiB on every driver.
#define CRESSET_OPTIMIZER_TENSORS 64
/// The elements handled by one block.
#define CRESSET_OPTIMIZER_CHUNK 4096

typedef struct {
    cresset_optimizer_tensor tensors[CRESSET_OPTIMIZER_TENSORS];
    /// The first block of each tensor.
    int first[CRESSET_OPTIMIZER_TENSORS];
    int count;
    cresset_optimizer_numbers numbers;
    /// The address of the choices to use instead, or 0.
    long long slot;
    /// Whether to skip the step, and how many have been skipped so far; null if it is always made.
    const float *flag, *skips;
} cresset_optimizer;
