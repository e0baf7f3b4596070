#include "device.h"
#include "batchnorm.h"
