// The parameters of the kernels in running.cu.
#pragma once

typedef struct {
    void *mean, *variance;
    const void *batch_mean, *batch_variance;
    long long *counter;
    double share, correction;
    int channels;
} cresset_running_statistics;
