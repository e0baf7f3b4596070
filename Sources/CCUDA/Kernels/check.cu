// Checks indices and labels against a rule without waiting: the first violation is recorded, and 0 takes its place.
#include "device.h"
#include "check.h"

KERNEL(check_range, 256)(cresset_range_check p) {
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < p.elements; i += step) {
        long long x = p.indices[i];
        bool is_allowed = x >= p.least && x < p.count;
        if (!is_allowed && !(p.has_ignored && x == p.ignored)) record_fault(p.report, x);
        if (p.has_ignored && x == p.ignored) is_allowed = false;
        p.out[i] = !is_allowed ? 0 : x < 0 ? x + p.count : x;
    }
}
EXPORT(check_range)
