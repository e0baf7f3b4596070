#include "device.h"
#include "scan.h"
