// Moves the running statistics of batch normalisation towards those of a batch. ELEMENT is the type of all four.
#include "device.h"
#include "running.h"

KERNEL(move, 256)(cresset_running_statistics p) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i == 0 && p.counter) *p.counter += 1;
    if (i >= p.channels) return;
    ELEMENT *mean = (ELEMENT *)p.mean, *variance = (ELEMENT *)p.variance;
    ELEMENT share = (ELEMENT)p.share, rest = (ELEMENT)(1 - p.share);
    mean[i] = rounded_sum(rounded_product(mean[i], rest), rounded_product(((const ELEMENT *)p.batch_mean)[i], share));
    ELEMENT unbiased = rounded_product(((const ELEMENT *)p.batch_variance)[i], (ELEMENT)p.correction);
    variance[i] = rounded_sum(rounded_product(variance[i], rest), rounded_product(unbiased, share));
}
EXPORT(move)
