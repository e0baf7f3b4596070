// What the kernels of pointwise.cu are given.
#pragma once
#include "elementwise.h"
