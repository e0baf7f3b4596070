// One binary with the widest vectors of the machine: the compiler makes a copy of a function for each level, and the
// loader picks one.
#pragma once

#if !defined(__x86_64__)
#define CRESSET_VECTOR
#elif defined(CRESSET_WITHOUT_AVX512)
// As on a machine without it, to test what such machines run: swift build -Xcc -DCRESSET_WITHOUT_AVX512.
#define CRESSET_VECTOR __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CRESSET_VECTOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
