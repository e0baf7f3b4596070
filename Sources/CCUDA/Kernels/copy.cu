#include "device.h"
#include "copy.h"
