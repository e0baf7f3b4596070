// NVIDIA's libraries as tables of functions that are found at run time, and the sources of the kernels.
//
// Nothing of NVIDIA's is linked or included: the declarations are our own, compared with NVIDIA's headers by a test
// where those are installed.
#pragma once
#include "cresset_cuda_driver.h"
#include "cresset_cublaslt.h"
#include "cresset_cudnn.h"
#include "cresset_kernel_sources.h"
#include "cresset_nvrtc.h"
#include "cresset_operators.h"
#include "cresset_reduce.h"
// The kernels' parameters, one header per family.
#include "../Kernels/parameters.h"
#include "cresset_walk.h"
