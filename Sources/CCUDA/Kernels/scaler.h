// The parameters of the kernels in scaler.cu.
#pragma once

/// As many as fit in a launch's parameters, which are 4 KiB on every driver.
#define CRESSET_GRADIENT_TENSORS 128
/// The elements handled by one block.
#define CRESSET_GRADIENT_CHUNK 4096

typedef struct {
    /// Addresses and numbers of elements.
    long long tensors[CRESSET_GRADIENT_TENSORS], counts[CRESSET_GRADIENT_TENSORS];
    /// The first block of each tensor.
    int first[CRESSET_GRADIENT_TENSORS];
    int count;
    const float *scale;
    /// Whether to multiply by the scale instead.
    int multiplies;
    /// NULL if nobody asks.
    float *found;
    /// The sums of squares of blocks and of tensors.
    double *partial;
    float *sums;
    int blocks;
} cresset_gradient_table;

typedef struct {
    float *scale;
    int *tracker;
    const float *found;
    double growth_factor, backoff_factor;
    int growth_interval;
} cresset_scale_rule;
