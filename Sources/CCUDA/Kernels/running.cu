// Running statistics of batch normalisation, moved towards those of a batch. T is the type of all four.
#include "device.h"
#include "running.h"

KERNEL(move, 256)(cresset_running_statistics p) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i == 0 && p.counter) *p.counter += 1;
    if (i >= p.channels) return;
    T *mean = (T *)p.mean, *variance = (T *)p.variance;
    T share = (T)p.share, rest = (T)(1 - p.share);
    mean[i] = mean[i] * rest + ((const T *)p.batch_mean)[i] * share;
    variance[i] = variance[i] * rest + ((const T *)p.batch_variance)[i] * (T)p.correction * share;
}
EXPORT(move)
