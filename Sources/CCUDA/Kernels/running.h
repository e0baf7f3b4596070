// What the kernels of running.cu are given.
#pragma once

typedef struct {
    void *mean, *variance;
    const void *batch_mean, *batch_variance;
    long long *counter;
    double share, correction;
    int channels;
} cresset_running_statistics;
