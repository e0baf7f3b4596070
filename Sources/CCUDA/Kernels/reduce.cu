#include "device.h"
#include "reduce.h"
