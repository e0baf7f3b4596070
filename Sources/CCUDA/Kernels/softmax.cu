#include "device.h"
#include "softmax.h"
