#include "device.h"
#include "pointwise.h"
