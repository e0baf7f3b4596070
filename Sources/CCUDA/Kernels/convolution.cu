#include "device.h"
#include "convolution.h"
