#include "device.h"
#include "embedding.h"
