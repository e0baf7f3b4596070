#include "device.h"
#include "random.h"
