#include "device.h"
#include "pool.h"
