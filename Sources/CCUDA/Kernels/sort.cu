#include "device.h"
#include "sort.h"
