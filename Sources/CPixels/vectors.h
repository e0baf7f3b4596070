#pragma once

// One binary, with the widest vectors of the machine.
#if !defined(__x86_64__)
#define VECTORISED
#elif defined(CRESSET_WITHOUT_AVX512)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
