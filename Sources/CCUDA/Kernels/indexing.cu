#include "device.h"
#include "indexing.h"
