// The library's functions, declared from the tables of CCUDA: a definition that differs does not compile.
#pragma once
#include "cresset_cublaslt.h"
#include "cresset_cuda_driver.h"
#include "cresset_nvrtc.h"

#define FAKE_ENTRY(NAME, ARGUMENTS) __attribute__((visibility("default"))) int NAME ARGUMENTS;
extern "C" {
CRESSET_CUDA_DRIVER_REQUIRED(FAKE_ENTRY)
CRESSET_CUDA_DRIVER_OPTIONAL(FAKE_ENTRY)
CRESSET_NVRTC(FAKE_ENTRY)
CRESSET_CUBLASLT(FAKE_ENTRY)
__attribute__((visibility("default"))) size_t cublasLtGetVersion(void);
}
