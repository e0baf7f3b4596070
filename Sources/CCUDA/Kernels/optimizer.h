// What the kernels of optimizer.cu are given.
#pragma once

/// The numbers of one step, with what the rules make of them worked out (1 - beta, -lr, …). They change from step to
/// step: a captured graph reads them from memory.
typedef struct {
    double weight_decay, shrinkage;
    /// In the order in which a rule of optimizer.cu reads them.
    double values[8];
    int maximizes;
    /// What a rule does or leaves out.
    int flags[3];
} cresset_optimizer_numbers;

/// One parameter and what belongs to it, the same elements in the same order; addresses, 0 where there is nothing.
typedef struct {
    long long parameter, gradient, state[3], count;
} cresset_optimizer_tensor;

/// As many as a launch's parameters, 4 KiB on every driver, have room for.
#define CRESSET_OPTIMIZER_TENSORS 64
/// The elements that a block takes.
#define CRESSET_OPTIMIZER_CHUNK 4096

typedef struct {
    cresset_optimizer_tensor tensors[CRESSET_OPTIMIZER_TENSORS];
    /// The first block of each tensor.
    int first[CRESSET_OPTIMIZER_TENSORS];
    int count;
    cresset_optimizer_numbers numbers;
    /// The address of the numbers that count instead, or 0.
    long long slot;
} cresset_optimizer;
