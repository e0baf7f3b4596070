#include "device.h"
#include "normalization.h"
