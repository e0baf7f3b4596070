// The parameters of the kernels in scaler.cu.
#pragma once

/// As many as fit in a launch's parameters, which are 4 KiB on every driver.
#define CRESSET_UNSCALE_TENSORS 128
/// The elements handled by one block.
#define CRESSET_UNSCALE_CHUNK 4096

typedef struct {
    /// Addresses and numbers of elements.
    long long tensors[CRESSET_UNSCALE_TENSORS], counts[CRESSET_UNSCALE_TENSORS];
    /// The first block of each tensor.
    int first[CRESSET_UNSCALE_TENSORS];
    int count;
    const float *scale;
    float *found;
} cresset_unscale;

typedef struct {
    float *scale;
    int *tracker;
    const float *found;
    double growth_factor, backoff_factor;
    int growth_interval;
} cresset_scale_rule;
