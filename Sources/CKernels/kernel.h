// What the sources of the kernels share; not for Swift.
#pragma once

// One binary with the widest vectors the machine has. The compiler makes a copy of the function for each level.
#if defined(__x86_64__)
#define CRESSET_VECTOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CRESSET_VECTOR
#endif
