#include "include/CCUDA.h"

#include <dlfcn.h>

// A symbol is stored in the table field of the same name; the compiler checks that the types match.
#define REQUIRE(NAME, ARGUMENTS)                                                                                       \
    *(void **)&table->NAME = dlsym(library, #NAME);                                                                    \
    if (!*(void **)&table->NAME) return #NAME;
#define ALLOW(NAME, ARGUMENTS) *(void **)&table->NAME = dlsym(library, #NAME);

const char *cresset_load_cuda_driver(void *library, cresset_cuda_driver *table) {
    CRESSET_CUDA_DRIVER_REQUIRED(REQUIRE)
    CRESSET_CUDA_DRIVER_OPTIONAL(ALLOW)
    return NULL;
}

const char *cresset_load_nvrtc(void *library, cresset_nvrtc *table) {
    CRESSET_NVRTC(REQUIRE)
    return NULL;
}

const char *cresset_load_cublaslt(void *library, cresset_cublaslt *table) {
    REQUIRE(cublasLtGetVersion, (void))
    CRESSET_CUBLASLT(REQUIRE)
    return NULL;
}

const char *cresset_load_cudnn(void *library, cresset_cudnn *table) {
    REQUIRE(cudnnGetVersion, (void))
    REQUIRE(cudnnGetErrorString, (int))
    REQUIRE(cudnnGetLastErrorString, (char *, size_t))
    CRESSET_CUDNN(REQUIRE)
    return NULL;
}

static _Thread_local int current_device = -1;

int cresset_current_device(void) { return current_device; }

void cresset_set_current_device(int device) { current_device = device; }
