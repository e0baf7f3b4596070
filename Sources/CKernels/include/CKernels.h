// The C kernels of the CPU backend. Enumerations are passed as the raw values of the Swift types they are named after.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "cresset_batchnorm.h"
#include "cresset_convolution.h"
#include "cresset_depthwise.h"
#include "cresset_matmul.h"
#include "cresset_embedding.h"
#include "cresset_enumerations.h"
#include "cresset_memory.h"
#include "cresset_normalization.h"
#include "cresset_optimizer.h"
#include "cresset_pool.h"
#include "cresset_quantize.h"
#include "cresset_quota.h"
#include "cresset_recurrent.h"
#include "cresset_softmax.h"
#include "cresset_threads.h"
#include "cresset_winograd.h"
#include "cresset_pointwise.h"
#include "cresset_release.h"
