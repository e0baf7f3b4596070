// NVIDIA's libraries as tables of functions that are found when the program runs, and the sources of the kernels.
//
// Nothing of NVIDIA's is linked or included: declarations are our own, held to NVIDIA's headers by a test where those
// are installed.
#pragma once
#include "cresset_cuda_driver.h"
#include "cresset_cublaslt.h"
#include "cresset_cudnn.h"
#include "cresset_kernel_sources.h"
#include "cresset_nvrtc.h"
#include "cresset_operators.h"
#include "cresset_reduce.h"
// What the kernels are given, a header a family.
#include "../Kernels/parameters.h"
#include "cresset_walk.h"
