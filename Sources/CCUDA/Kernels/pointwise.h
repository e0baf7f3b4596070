// The parameters of the kernels in pointwise.cu.
#pragma once
#include "elementwise.h"
