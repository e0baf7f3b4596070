#include "device.h"
#include "optimizer.h"
