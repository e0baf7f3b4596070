#include "device.h"
#include "matmul.h"
